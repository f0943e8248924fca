"""The memory of a program that enlarges photos: soon taken again, bounded whatever sizes they have, and given back after a run."""

import ctypes
import os

KERNELS = "64"
"""How many convolutions, one for each size of a tile, stay prepared. PyTorch's library would keep 1024, up to some MB each."""
KEPT = 1_000_000_000
"""Bytes that C's library keeps of what is freed, and pieces smaller than this come from there. By itself it would take the results of
convolutions from the system, one by one, and the system clear each page of them: a fifth of a network's time on a virtual machine."""
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3

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
        set_option(M_MMAP_THRESHOLD, KEPT)
        set_option(M_TRIM_THRESHOLD, KEPT)


def give_back() -> None:
    """To be called after a run: what it no longer uses goes back to the system, also what lies between pieces that are still in use."""
    if trim is not None:
        trim(0)
