"""The places that a person paints over, so that no detail is invented there."""

from collections.abc import Callable
from typing import Any

import gradio as gr
import numpy as np

import sr_models
from sr_models import Photo, UpscaleError, resized
from sr_models.shop.marketplace import stretch_mask
from sr_models.stages.size import limit_longest_side
from ui.parts.events import AT_ONCE
from ui.server.files import new_folder, take_upload

SIDE = 720  # pixels: the longer side of the photo while it is painted on


def build(text: Callable[[str], Any], photo: Any) -> tuple[Any, Any]:
    """→ (accordion, editor); the accordion is shown where the model has a detail dial."""
    with gr.Accordion(text("protect_title"), open=False, visible=False, elem_id="protect-choices") as accordion:
        gr.Markdown(text("protect"))
        editor = gr.ImageEditor(
            label=text("protect_title"),
            show_label=False,
            type="filepath",
            image_mode="RGBA",
            sources=(),
            transforms=(),
            layers=False,
            brush=gr.Brush(default_size=12, colors=[("#ff0080", 0.6)], color_mode="fixed"),
            height=420,
            elem_id="protect",
        )
    accordion.expand(on_open, [photo], [editor], preprocess=False, **AT_ONCE)
    shut = "() => [{open: false, __type__: 'update'}, null]"  # in the browser: at once, so that it shuts nothing opened meanwhile
    photo.change(None, None, [accordion, editor], js=shut, **AT_ONCE)
    return accordion, editor


def on_open(photo: Any) -> Any:
    """→ the editor's value: the photo at most SIDE pixels long; None where it cannot be read, which the run then reports."""
    try:
        path, name = take_upload(photo)
        shown = sr_models.read(path, name)
    except UpscaleError:
        return None
    small = resized(shown, limit_longest_side(shown.size, SIDE))
    file = new_folder() / "photo.png"
    sr_models.write(small, file)
    return {"background": str(file), "layers": [], "composite": None}


def read_mask(value: Any, photo: Photo) -> np.ndarray | None:
    """The editor's value → bool (H, W), the photo's pixels that were painted over; None where nothing was."""
    layers = (value.get("layers") or []) if isinstance(value, dict) else []
    found = np.zeros(photo.rgb.shape[:2], bool)
    for layer in layers:
        alpha = sr_models.read(*take_upload(layer)).alpha
        if alpha is not None:
            found |= stretch_mask(alpha > 0, photo.size)
    return found if found.any() else None
