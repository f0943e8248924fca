"""Turns at something that one has at a time: whoever asked first has it first."""

import threading
from collections import deque
from collections.abc import Callable

LOOK = 0.1
"""Seconds: how often it is asked whether somebody who waits has gone."""


class Turns:
    """A lock that is fair: threading.Lock may be taken again at once by the thread that released it, and so never by others."""

    def __init__(self) -> None:
        self.asked: deque[object] = deque()
        """The first one has its turn."""
        self.moved = threading.Condition()

    def acquire(self, gone: Callable[[], bool] = lambda: False) -> bool:
        """Waits for a turn. → whether it came, before `gone()` was true."""
        mine = object()
        with self.moved:
            self.asked.append(mine)
            try:
                while self.asked[0] is not mine and not gone():
                    self.moved.wait(LOOK)
            finally:
                if not (come := self.asked[0] is mine):
                    self.asked.remove(mine)
        return come

    def release(self) -> None:
        """The turn is over; any thread may say so."""
        with self.moved:
            self.asked.popleft()
            self.moved.notify_all()
