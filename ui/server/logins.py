"""Logins: what can be had without one, and a pause for who tries passwords."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable

OPEN = ("/assets/", "/static/", "/svelte/", "/favicon.ico", "/theme.css", "/manifest.json", "/pwa_icon", "/robots.txt", "/login", "/logout")
"""What the login page needs; also with gradio's prefix before it."""
OPEN_TO_READ = ("", "/startup-events", "/login_check", "/user")
"""The page itself, which without a login is the login page; what gradio asks itself when it starts; whether somebody is logged in."""
FREE = 3
"""Wrong logins in a row that cost no pause: fingers slip."""
LONGEST = 300.0
"""Seconds that a pause lasts at most."""
REMEMBERED = 10_000
"""Addresses, the last ones."""


def is_open(method: str, path: str) -> bool:
    """Whether a request is answered without a login."""
    path = path.removeprefix("/gradio_api")
    return path.startswith(OPEN) or (method in ("GET", "HEAD") and path.rstrip("/") in OPEN_TO_READ)


class Pauses:
    """For each address: how often in a row it was wrong, and until when it waits. To be called on one thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self.clock = clock
        self.wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def left(self, address: str) -> int:
        """Seconds, rounded up, before the address may try again."""
        return max(0, math.ceil(self.wrong.get(address, (0, 0.0))[1] - self.clock()))

    def failed(self, address: str) -> None:
        count = self.wrong.pop(address, (0, 0.0))[0] + 1
        pause = min(LONGEST, 2.0 ** min(count - FREE, 30)) if count > FREE else 0.0
        self.wrong[address] = count, self.clock() + pause
        while len(self.wrong) > REMEMBERED:
            self.wrong.popitem(last=False)

    def succeeded(self, address: str) -> None:
        self.wrong.pop(address, None)
