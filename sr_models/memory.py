"""The memory of a program that enlarges photos: soon taken again, bounded whatever sizes they have, and given back after a run."""

import ctypes
import os

KERNELS = "64"
"""How many convolutions, one for each size of a tile, stay prepared. PyTorch's library would keep 1024, up to some MB each."""
LARGE, SMALLER = 100_000_000, 2**25
"""From so many bytes on C's library takes a piece from the system, which clears each page of it; the most that glibc allowed before 2.35.
By itself it does so from 32 MB on, and in threads gives smaller pieces back at once: a twentieth of a network's time on small photos, a
fifth on large ones."""
KEPT = 256_000_000
"""Bytes that it keeps of what is freed, for all threads in the same place."""
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
    if set_option is None or any(name.startswith("MALLOC_") for name in os.environ):  # whoever runs it chose
        return
    if set_option(M_MMAP_THRESHOLD, LARGE) or set_option(M_MMAP_THRESHOLD, SMALLER):
        set_option(M_TRIM_THRESHOLD, KEPT)
        set_option(M_ARENA_MAX, 1)


def give_back() -> None:
    """To be called after a run: what it no longer uses goes back to the system, also what lies between pieces that are still in use."""
    if trim is not None:
        trim(0)
