"""Cuts a picture into tiles with context, or a length into bands without."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from typing import NamedTuple

THIN = 32
"""Pixels: some networks pad what they are given, so that a thin tile needs the memory of a thicker one."""


@dataclass(frozen=True)
class Span:
    """One tile along one axis, in pixels: it delivers [start, stop) and reads [first, last), which is more by the context."""

    start: int
    stop: int
    first: int
    last: int

    @property
    def read(self) -> int:
        """How many pixels it reads."""
        return self.last - self.first

    @property
    def source(self) -> slice:
        """What it reads."""
        return slice(self.first, self.last)

    def inner(self, scale: int = 1) -> slice:
        """Where what it delivers lies in what was made of the source, `scale` times as large."""
        return slice((self.start - self.first) * scale, (self.stop - self.first) * scale)

    def outer(self, scale: int = 1) -> slice:
        """Where that lies in the whole, `scale` times as large."""
        return slice(self.start * scale, self.stop * scale)


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


class Cut(NamedTuple):
    """A length that is cut into spans, how many pixels the longest one reads, and how many all of them read together."""

    spans: list[Span]
    longest: int
    read: int


def cut(length: int, count: int, halo: int) -> Cut:
    """A length cut into `count` spans, each with up to `halo` pixels of context."""
    found = list(spans(length, -(-length // count), halo))
    return Cut(found, max(span.read for span in found), sum(span.read for span in found))


def tiles(height: int, width: int, tile: int, halo: int) -> list[tuple[Span, Span]]:
    """(rows, columns) of tiles that cover a picture once, each with its context.

    No tile reads more pixels than a square of `tile` a side with its context. Of the grids that keep to this it is the one that reads
    least in all: where tiles overlap, a network sees pixels twice. One that is thinner than THIN counts as so thick.
    """
    side = tile + 2 * halo + 1
    least, found = min(THIN, side), []
    across = [cut(width, count, halo) for count in range(1, -(-width // tile) + 1)]
    for count in range(1, -(-height // tile) + 1):
        rows = cut(height, count, halo)
        fitting = (columns for columns in across if max(rows.longest, least) * max(columns.longest, least) <= side**2)
        if columns := next(fitting, None):
            found.append((rows.read * columns.read, rows.spans, columns.spans))
    _, rows, columns = min(found, key=lambda grid: grid[0])
    return list(product(rows, columns))
