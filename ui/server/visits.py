"""Which files belong to which visit, and their end: photos and results are gone soon after their visitor."""

import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

AWAY_SECONDS = 120
"""How long a visitor may be away: a phone that is locked, or shows another page, closes the connection too."""
KEPT_SECONDS = 3600
"""How long what nobody uses is kept at most, for callers without a page, who never leave, and for pages that stay open."""

MOST_ALONE, MOST_ALONE_BYTES = 1000, 2_000_000_000
"""Photos and results of callers without a page that are kept at most, the last ones, and what their photos may weigh together: so nobody
fills the disk for an hour."""


@dataclass
class Kept:
    used: float
    """When it was last uploaded, made or asked for, on the clock of `Visits`."""
    size: int = 0
    """Bytes of a file; 0 of a folder, which cost a run."""
    sessions: set[str] = field(default_factory=set)
    """The visits that it belongs to: visitors who upload the same photo share the file."""


class Visits:
    """Files and folders are kept until every visit that they belong to is over, and never unused for KEPT_SECONDS. Any thread may call."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self.clock = clock
        self.kept: dict[Path, Kept] = {}
        self.here: Counter[str] = Counter()
        self.left: dict[str, float] = {}
        self.lock = threading.Lock()

    def own(self, session: str | None, paths: Iterable[Path]) -> None:
        """Remembers that these files belong to the visit `session`, or to a caller without a page (None), and were used now."""
        with self.lock:
            for path in paths:
                kept = self.kept.setdefault(path, Kept(0))
                kept.used, kept.size = self.clock(), path.stat().st_size if path.is_file() else 0
                kept.sessions |= {session} if session else set()
            alone = [(path, kept) for path, kept in self.kept.items() if kept.sessions.isdisjoint((*self.here, *self.left))]
            total = 0
            for number, (path, kept) in enumerate(sorted(alone, key=lambda one: one[1].used, reverse=True)):
                total += kept.size
                if number >= MOST_ALONE or (number and total > MOST_ALONE_BYTES):
                    del self.kept[path]
                    delete_path(path)

    def arrive(self, session: str) -> None:
        """A page is open: to be called for each of its connections."""
        with self.lock:
            self.here[session] += 1
            self.left.pop(session, None)

    def leave(self, session: str) -> None:
        """One of its connections has ended."""
        with self.lock:
            self.here[session] -= 1
            if self.here[session] <= 0:
                del self.here[session]
                self.left[session] = self.clock()

    def drop(self, path: Path) -> None:
        """Delete this now: nobody was given it."""
        with self.lock:
            self.kept.pop(path, None)
            delete_path(path)

    def sweep(self) -> None:
        """Delete all files whose visits are over, and those unused for KEPT_SECONDS."""
        with self.lock:
            now = self.clock()
            over = {session for session, since in self.left.items() if now - since >= AWAY_SECONDS}
            for path, kept in list(self.kept.items()):
                if now - kept.used >= KEPT_SECONDS or (kept.sessions and kept.sessions <= over):
                    del self.kept[path]
                    delete_path(path)
                kept.sessions -= over
            for session in over:
                del self.left[session]


def delete_path(path: Path) -> None:
    """Delete a folder; or a file, and its folder if that is then empty."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
        return
    path.unlink(missing_ok=True)
    with suppress(OSError):
        path.parent.rmdir()


visits = Visits()
"""Of this page."""
