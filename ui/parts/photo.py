"""Where a photo is dropped, pasted or chosen."""

from collections.abc import Callable
from typing import Any

import gradio as gr


def build(text: Callable[[str], Any], id: str, label: str = "photo", drop: str = "drop", height: int = 280) -> gr.Image:
    """A component for one photo, which hands over the uploaded file unopened: `sr_models.read` checks it."""
    return gr.Image(
        label=text(label),
        placeholder=text(drop),
        type="filepath",
        image_mode=None,
        sources=["upload", "clipboard"],
        height=height,
        elem_id=id,
    )


def build_examples(text: Callable[[str], Any], files: list[str], photo: gr.Image) -> None:
    """Photos to try."""
    gr.Examples([[file] for file in files], [photo], cache_examples=False, label=text("examples"), api_visibility="private")
