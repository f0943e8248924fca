"""What libtiff complains of while Pillow decodes a TIFF, collected.

It would write it to stderr, and Pillow says nothing of most of it."""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from PIL import Image

Handler = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p)
"""libtiff's TIFFErrorHandler: the function that complains, the format of the complaint, its values."""

heard = threading.local()
"""`heard.complaints`, as long as this thread listens: the formats of what it was told."""


@Handler
def hear(module: bytes | None, complaint: bytes | None, values: int | None) -> None:
    complaints = getattr(heard, "complaints", None)
    if complaints is not None:
        complaints.append((complaint or b"").decode("utf-8", "replace"))


@contextmanager
def listen() -> Iterator[list[str]]:
    """Gives the list in which complaints of libtiff are collected. Where Pillow holds libtiff in another way, it stays empty."""
    heard.complaints = []
    with suppress(AttributeError, OSError):
        ctypes.CDLL(Image.core.__file__).TIFFSetErrorHandler(hear)
    try:
        yield heard.complaints
    finally:
        heard.complaints = None
