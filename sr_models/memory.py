"""The memory of a program that enlarges photos: soon taken again, bounded whatever sizes they have, and given back after a run."""

import ctypes
import os

KERNELS = "64"
"""How many convolutions, one for each size of a tile, stay prepared. PyTorch's library would keep 1024, up to some MB each."""
KEPT = 1_000_000_000
"""Bytes that C's library keeps of what is freed; pieces up to this size come from there, for all threads from the same place. By itself it
would take large results of convolutions from the system one by one, which clears each page of them: a twentieth of a network's time on
small photos, a fifth on large ones."""
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # malloc.h

try:
    libc = ctypes.CDLL(None)
except (TypeError, OSError):  # Windows
    libc = None
# Neither macOS has them, nor every Linux.
trim, set_option = getattr(libc, "malloc_trim", None), getattr(libc, "mallopt", None)


def prepare() -> None:
    """To be called before the first network runs, by a program that is its process's own: it is for all that the process does."""
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", KERNELS)
    if set_option is not None:
        for option, value in ((M_MMAP_THRESHOLD, KEPT), (M_TRIM_THRESHOLD, KEPT), (M_ARENA_MAX, 1)):
            set_option(option, value)


def give_back() -> None:
    """To be called after a run: what it no longer uses goes back to the system, also what lies between pieces that are still in use."""
    if trim is not None:
        trim(0)
