"""The room that repositories take which people have typed: where it is full, what was not used for longest goes.

The cache belongs to the Hub's client, and other programs keep their files there: only folders that were made here are counted and removed.
"""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MARK = ".product-sr"
"""A file in a folder that was made here; it was last changed when the folder was last used."""
MOST_BYTES = 2_000_000_000
"""Of all such folders together: a visitor can type one name after the other."""

tidying = threading.Lock()


def folder_of(cache: Path, repo: str) -> Path:
    """Where the Hub's client keeps a repository."""
    return cache / f"models--{repo.replace('/', '--')}"


@contextmanager
def counted(cache: Path, repo: str) -> Iterator[None]:
    """Around the use of a typed repository: its folder counts if it is made here, also by a download that fails. Then what there is no
    room for is removed."""
    folder = folder_of(cache, repo)
    is_new = not folder.exists()
    try:
        yield
    finally:
        with tidying, suppress(OSError):  # a cache that cannot be written does not grow
            if folder.exists() and (is_new or (folder / MARK).exists()):
                (folder / MARK).touch()
            tidy(cache, folder)


def tidy(cache: Path, kept: Path) -> None:
    """Removes the folders that were not used for longest until MOST_BYTES suffice; never `kept`, which is in use."""
    marks = sorted(cache.glob(f"models--*/{MARK}"), key=lambda mark: mark.stat().st_mtime)
    sizes = {mark.parent: sum(file.lstat().st_size for file in mark.parent.rglob("*") if not file.is_dir()) for mark in marks}
    total = sum(sizes.values())
    for folder, size in sizes.items():
        if total <= MOST_BYTES:
            return
        if folder != kept:
            shutil.rmtree(folder, ignore_errors=True)
            total -= size
