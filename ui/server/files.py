"""Files on their way from a visitor and back: uploads, and a folder of its own for each result."""

import base64
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from gradio.context import LocalContext
from gradio.utils import get_upload_folder

from sr_models import Photo, PhotoError, resized
from sr_models.stages.enlarge import check_shots
from sr_models.stages.size import limit_longest_side
from ui.server import disk
from ui.server.visits import visits

INSTALLED = Path(__file__).parents[1] / "examples"
EXAMPLES = INSTALLED if INSTALLED.is_dir() else Path(__file__).parents[2] / "examples"
"""The photos to try: examples/ in the project's folder; inside of the package, where setup.py puts them, once it is installed."""
MAX_BYTES = 50_000_000
"""Of an uploaded file."""
MAX_INLINE_BYTES = 10_000_000
"""Of a photo inside of a call: it is held in memory several times."""
LONGEST_NAME = 255
"""Bytes of a file's name: no disk here stores more."""
UPLOAD_FIRST = "Upload a photo first."
MAX_SHOWN = 1600
"""Longest side in pixels of a picture that fits the page."""
MAX_WHOLE = 3072
"""Longest side in pixels of a picture at 100 %, which is fetched when it is asked for: a phone's browser holds two."""


def list_examples() -> list[Path]:
    return sorted(EXAMPLES.glob("*.jpg"))


def take_upload(photo: Any) -> tuple[Path, str]:
    """Path and name of a photo as gradio hands it over, {"path": …, "orig_name": …}: never another file of this machine.

    As text it is the path or address of an upload to this server, or the photo itself, in base64 or as a data URL.
    """
    if isinstance(photo, str):
        photo = {"path": path_of_upload(photo) or str(save_inline(photo))}
    path = photo.get("path") if isinstance(photo, dict) else None
    if not isinstance(path, str) or not is_ours(path):
        raise PhotoError(UPLOAD_FIRST)
    name = photo.get("orig_name")
    name = name if isinstance(name, str) and name else Path(path).name
    if not Path(path).is_file():
        raise PhotoError("“{name}” is not here any more: photos are deleted when a visit is over. Please upload it again.", name=name)
    return Path(path), name


def take_shots(others: Any) -> list[tuple[Path, str]]:
    """Path and name of each of some other shots, as gradio hands them over. Raises PhotoError, also where they are too many."""
    if others is not None and not isinstance(others, list):
        raise PhotoError(UPLOAD_FIRST)
    check_shots(len(others or ()))
    return [take_upload(other) for other in others or ()]


def path_of(photo: Any) -> str | None:
    """Where an upload lies, as the page says it: only to be compared."""
    return photo.get("path") if isinstance(photo, dict) else None


def is_ours(path: str) -> bool:
    """Whether a file lies where gradio keeps uploads and results, or would lie there; no folder is one."""
    try:
        inside = Path(path).resolve().is_relative_to(Path(get_upload_folder()).resolve())
        return inside and max(map(len, os.fsencode(path).split(b"/"))) <= LONGEST_NAME and not Path(path).is_dir()
    except (OSError, ValueError):  # too long, or with a zero byte: no path at all
        return False


def path_of_upload(text: str) -> str | None:
    """The path of an upload, given as path or as URL on this server; None for anything else."""
    path = unquote(text.partition("/gradio_api/file=")[2]) or text
    return path if path.startswith("/") and is_ours(path) else None


def save_inline(text: str) -> Path:
    """Write a photo, given in base64 or as a data URL, into a file. Raises PhotoError for other text, or too much of it."""
    if text.lower().startswith(("http:", "https:")):
        raise PhotoError("Photos are not fetched from other addresses. Upload the photo to this server, or write it as a data URL.")
    if len(text) > MAX_INLINE_BYTES * 4 // 3 + 100:
        raise PhotoError("A photo in a call may have up to {limit} megabytes. Upload it instead.", limit=MAX_INLINE_BYTES // 1_000_000)
    kind, _, data = text.partition(";base64,") if text.startswith("data:") else ("", "", text)
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
    except ValueError as failure:  # binascii's own among them
        raise PhotoError("That is neither an upload of this server nor a photo in base64. Upload a photo first.") from failure
    suffix = kind.removeprefix("data:image/")
    file = new_folder() / (f"photo.{suffix}" if suffix.isalnum() and suffix.isascii() and len(suffix) < 10 else "photo")
    with into(file.parent):
        file.write_bytes(content)
    return file


def new_folder() -> Path:
    """A folder of its own for each result, where gradio serves files from; deleted when the visit that it is made for is over."""
    folder = Path(get_upload_folder()) / uuid.uuid4().hex
    with disk.refuse_when_full():
        folder.mkdir(parents=True)
    keep(folder)
    return folder


def keep(path: Path) -> None:
    """A file or folder of whoever is served now is in use, and not to be deleted as something that nobody asked for in an hour."""
    request = LocalContext.request.get(None)
    visits.own(request.session_hash if request else None, [path])


@contextmanager
def into(folder: Path) -> Iterator[None]:
    """Around what writes into a folder of its own: where that fails, the folder goes, and a full disk is said in words."""
    try:
        with disk.refuse_when_full():
            yield
    except BaseException:
        visits.drop(folder)
        raise


def size_on_page(photo: Photo) -> tuple[int, int]:
    """(width, height) in which a picture is shown on the page at 100 %."""
    return limit_longest_side(photo.size, MAX_WHOLE)


def limit_to_page(photo: Photo) -> Photo:
    """The picture as it fits the page."""
    return resized(photo, limit_longest_side(photo.size, MAX_SHOWN))
