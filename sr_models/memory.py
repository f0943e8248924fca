"""The memory of a program that runs for weeks: bounded, whatever sizes the photos have."""

import ctypes
import os

KERNELS = "64"
"""How many convolutions, one for each size of a tile, stay prepared. PyTorch's library would keep 1024, up to some MB each."""

try:
    trim = ctypes.CDLL(None).malloc_trim
except (TypeError, AttributeError, OSError):  # neither Windows nor macOS has it, nor every Linux
    trim = None


def bound() -> None:
    """To be called before the first network runs, which reads it."""
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", KERNELS)


def give_back() -> None:
    """To be called after a run: what it no longer uses goes back to the system, also what lies between pieces that are still in use."""
    if trim is not None:
        trim(0)
