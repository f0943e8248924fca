"""How results are named: their formats and the suffixes of these, and a file after its upload."""

import os
import unicodedata
from collections.abc import Container
from difflib import get_close_matches
from itertools import chain, count
from pathlib import Path, PurePath, PurePosixPath
from typing import Literal, TypeVar, get_args

from sr_models.errors import PhotoError
from sr_models.reading import SUFFIXES

FreePath = TypeVar("FreePath", bound=PurePath)
Format = Literal["png", "webp", "webp-lossless", "jpeg", "avif", "tiff"]
FORMATS: tuple[Format, ...] = get_args(Format)
NAMES: dict[Format, str] = {"png": "PNG", "webp": "WebP", "webp-lossless": "lossless WebP", "jpeg": "JPEG", "avif": "AVIF", "tiff": "TIFF"}
SUFFIX: dict[Format, str] = {"png": ".png", "webp": ".webp", "webp-lossless": ".webp", "jpeg": ".jpg", "avif": ".avif", "tiff": ".tif"}
LONGEST_NAME = 150  # bytes of an upload's name that are kept: file systems allow 255 for all of it
NOT_WRITTEN = (*SUFFIXES, ".jp2", ".jxl", ".psd", ".pdf", ".svg", ".ico", ".dng", ".nef", ".cr2", ".cr3", ".arw", ".raf", ".orf", ".rw2")
"""Suffixes of pictures; of those that are no format for results, nobody means a folder."""


def format_of(name: str | os.PathLike[str]) -> Format | None:
    """The format that a file's name asks for; None for a folder that is there, and for a name without a photo's suffix.

    Raises PhotoError for formats that are read and not written. “.webp” is lossy: lossless WebP is asked for by its format.
    """
    if is_folder(Path(name)):
        return None
    suffix = PurePosixPath(os.fspath(name)).suffix.lower()
    formats: dict[str, Format] = {".png": "png", ".webp": "webp", ".jpg": "jpeg", ".jpeg": "jpeg", ".avif": "avif"}
    formats |= {".jpe": "jpeg", ".jfif": "jpeg", ".tif": "tiff", ".tiff": "tiff"}
    if suffix in NOT_WRITTEN and suffix not in formats:
        offered = ", ".join(dict.fromkeys(SUFFIX.values()))
        raise PhotoError("Results are not written as “{suffix}”. Give a name that ends in {suffixes}.", suffix=suffix, suffixes=offered)
    if suffix not in formats and (meant := get_close_matches(suffix, SUFFIXES, 1, 0.8)):
        raise PhotoError("“{suffix}” is no suffix of a photo. Did you mean {meant}?", suffix=suffix, meant=meant[0])
    return formats.get(suffix)


def is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # no name that this system allows
        return False


def name_file(upload: str, size: str, model: str, suffix: str) -> str:
    """The name of a result's file after that of the upload: ("shoe.jpg", "4x", "cnn", ".png") → "shoe_4x_cnn.png".

    A name only, on every system: no folders, no control or direction characters, not too long; any language.
    """
    last = unicodedata.normalize("NFC", upload).replace("\\", "/").rstrip("/").rpartition("/")[2]
    stem, dot, ending = last.rpartition(".")
    known = f".{ending.lower()}" in NOT_WRITTEN
    name = strip_unsafe(stem if dot and known else last)
    short = name.encode()[:LONGEST_NAME].decode(errors="ignore").rstrip(" .")
    return f"{short or 'photo'}_{strip_unsafe(size)}_{strip_unsafe(model)}{suffix}"


def choose_free(usual: FreePath, taken: Container[str]) -> FreePath:
    """`usual`, or “mug_4x_cnn_2.png” and so on where something of that name, as `fold` gives it, is `taken`."""
    numbered = (usual.with_stem(f"{usual.stem}_{number}") for number in count(2))
    return next(path for path in chain((usual,), numbered) if fold(path) not in taken)


def fold(path: PurePath) -> str:
    """What two paths have in common that some file system, as that of Windows or macOS, takes for one."""
    return unicodedata.normalize("NFC", str(path)).casefold()


def strip_unsafe(text: str) -> str:
    """`text` without the characters that some file system or shell does not allow in a name."""
    kept = (letter for letter in text if unicodedata.category(letter)[0] != "C" and letter not in '<>:"/\\|?*\u2028\u2029')
    return " ".join("".join(kept).split()).strip(" .")
