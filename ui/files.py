"""Files on their way from a visitor and back: uploads, and a folder of its own for each result."""

import uuid
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder

from sr_models import ModelError, Photo, PhotoError

EXAMPLES = Path(__file__).parent.parent / "examples"
MAX_SHOWN = 2400
"""Longest side in pixels of a picture on the page: a phone's browser holds several."""


def examples() -> list[Path]:
    return sorted(EXAMPLES.glob("*.jpg"))


def uploaded(photo: Any) -> tuple[Path, str]:
    """Path and name of an upload as gradio hands it over, {"path": …, "orig_name": …}: never another file of this machine."""
    path = photo.get("path") if isinstance(photo, dict) else None
    if not isinstance(path, str) or not Path(path).resolve().is_relative_to(Path(get_upload_folder()).resolve()):
        raise PhotoError("Upload a photo first.")
    name = photo.get("orig_name")
    return Path(path), name if isinstance(name, str) and name else Path(path).name


def new_folder() -> Path:
    """A folder of its own for each result, where gradio serves files from and deletes old ones."""
    folder = Path(get_upload_folder()) / uuid.uuid4().hex
    folder.mkdir(parents=True)
    return folder


def whole(scale: Any) -> int:
    """A scale as JSON and radios give it (4, 4.0, "4")."""
    try:
        return int(str(scale).removesuffix(".0"))
    except ValueError as failure:
        raise ModelError("The scale {scale} is not offered. Choose one of {scales}.", scale=scale, scales="2, 3, 4") from failure


def shown_size(photo: Photo) -> tuple[int, int]:
    share = min(1, MAX_SHOWN / max(photo.size))
    return max(1, round(photo.size[0] * share)), max(1, round(photo.size[1] * share))
