"""Who can reach this server: this machine only, or others too; and by which names it may be called."""

import os
from collections.abc import Iterable
from dataclasses import dataclass

from gradio.utils import get_space

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
"""Names of this machine for itself, as they stand in an address."""


@dataclass
class Audience:
    public: bool = False
    """Whether people whom nobody here knows can reach the page: what one of them may ask for is bounded then."""
    names: frozenset[str] | None = None
    """The names by which the server may be called, in small letters and without a port; None for any.

    A page of another site can let its own name mean 127.0.0.1, and a browser would let it read this server's answers: but the browser
    says which name it asked for, and that is not one of these.
    """

    def open_to(self, host: str | None, shared: bool, names: Iterable[str] = ()) -> None:
        """The server listens on `host`, through a public address too if `shared`; `names` are others by which it may be called."""
        host = (host or os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1").lower().strip("[]")
        own = f"[{host}]" if ":" in host else host
        named = {name.lower() for name in names}
        here = own in LOOPBACK or host.startswith("127.")
        self.public = shared or not here
        self.names = frozenset({*LOOPBACK, own, *named}) if (here or named) and not shared and not get_space() else None

    def is_public(self) -> bool:
        return self.public or bool(get_space())

    def knows(self, host: str) -> bool:
        """Whether a Host header names this server."""
        return self.names is None or without_port(host.lower()) in self.names

    def serves(self, origin: str, host: str) -> bool:
        """Whether a page of `origin`, as "localhost:7860", is of this server, which was asked for as `host`.

        Another port of this machine is another server, and perhaps another person's. A name that was added may stand in front of a proxy.
        """
        return self.names is None or origin.lower() == host.lower() or without_port(origin.lower()) in self.names.difference(LOOPBACK)


def without_port(host: str) -> str:
    """ "shop.example:8080" → "shop.example", "[::1]:8080" → "[::1]"."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() and (not name.count(":") or name.endswith("]")) else host


here = Audience()
"""Of this page; set when it is launched."""
