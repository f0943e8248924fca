"""Cuts a length into tiles with context, or into bands without."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Span:
    """One tile along one axis, in pixels: it delivers [start, stop) and reads [first, last), which is more by the context."""

    start: int
    stop: int
    first: int
    last: int

    @property
    def inner(self) -> tuple[int, int]:
        """[start, stop) relative to `first`: what to keep of a tile that was read."""
        return self.start - self.first, self.stop - self.first


def split_into_bands(length: int, size: int, offset: int = 0) -> Iterator[slice]:
    """[0, length) in slices of at most `size`; with an `offset` below `size`, the first is shorter by as much."""
    return (slice(start, stop) for start, stop in pairwise([0, *range(size - offset, length, size), length]))


def spans(length: int, tile: int, halo: int) -> Iterator[Span]:
    """Spans of at most `tile` pixels that cover [0, length) once, nearly equal in size, each with up to `halo` pixels of context.

    They read from even pixels on, one more of context if need be: a network that takes pixels in pairs pairs them alike everywhere.
    """
    count = -(-length // tile)
    for i in range(count):
        start, stop = length * i // count, length * (i + 1) // count
        yield Span(start, stop, max(0, start - halo) // 2 * 2, min(length, stop + halo))
