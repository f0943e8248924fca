"""A photo from the web, for a table on the command line: http and https, from public addresses only, bounded in size and time."""

import ipaddress
import socket
import time
from urllib.parse import unquote, urlsplit

import httpx2

from sr_models.errors import PhotoError
from sr_models.reading import MAX_BYTES

TRIES = 3
PAUSE = 1.0
"""Seconds before the second try, and twice as many before the third."""
SECONDS = 120.0
"""That a photo may take; a server that says nothing for a quarter of that is given up."""
REDIRECTS = 5


PRIVATE = "its address is not a public one"


class GiveUpError(Exception):
    """What another try would not change."""


def fetch(url: str) -> bytes:
    """The content at a URL. Raises PhotoError."""
    for left in reversed(range(TRIES)):
        try:
            return fetch_once(url)
        except (GiveUpError, httpx2.HTTPError, OSError, ValueError) as failure:
            if not left or isinstance(failure, GiveUpError):
                raise PhotoError("“{url}” could not be fetched ({reason}).", url=url, reason=failure) from failure
        time.sleep(PAUSE * (TRIES - left))
    raise AssertionError


def fetch_once(url: str) -> bytes:
    end = time.monotonic() + SECONDS
    with httpx2.Client(timeout=SECONDS / 4, trust_env=False) as client:
        for _ in range(REDIRECTS + 1):
            if urlsplit(url).scheme not in ("http", "https"):
                raise GiveUpError("only http and https are fetched")
            if not all(is_allowed(str(address[0])) for *_, address in socket.getaddrinfo(urlsplit(url).hostname or "", None)):
                raise GiveUpError(PRIVATE)  # before anything is sent
            with client.stream("GET", url) as answer:
                reached = answer.extensions["network_stream"].get_extra_info("server_addr")[0]
                if not is_allowed(reached):  # a name may lead elsewhere than a moment ago
                    raise GiveUpError(PRIVATE)
                if answer.has_redirect_location:
                    url = str(answer.url.join(answer.headers["location"]))
                    continue
                if 400 <= answer.status_code < 500 and answer.status_code != 429:
                    raise GiveUpError(f"the server says {answer.status_code}")
                answer.raise_for_status()
                return read_bounded(answer, end)
    raise GiveUpError(f"more than {REDIRECTS} redirects")


def is_allowed(address: str) -> bool:
    """Whether it is a public address: no other program of this machine or network is asked on behalf of a table."""
    return ipaddress.ip_address(address.partition("%")[0]).is_global


def read_bounded(answer: httpx2.Response, end: float) -> bytes:
    """The body, which a server may send as slowly, and as long, as it likes."""
    data = bytearray()
    for part in answer.iter_bytes():
        data += part
        if len(data) > MAX_BYTES:
            raise GiveUpError(f"more than {MAX_BYTES // 1_000_000} megabytes")
        if time.monotonic() > end:
            raise GiveUpError(f"it took longer than {SECONDS:g} seconds")
    if not data:
        raise GiveUpError("it is empty")
    return bytes(data)


def name_of(url: str) -> str:
    """What a file at a URL is called: the last part of its path."""
    return unquote(urlsplit(url).path.rpartition("/")[2]) or "photo"
