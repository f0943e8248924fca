"""Cuts a picture into tiles with context, or a length into bands without."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product


@dataclass(frozen=True)
class Span:
    """One tile along one axis, in pixels: it delivers [start, stop) and reads [first, last), which is more by the context."""

    start: int
    stop: int
    first: int
    last: int

    @property
    def read(self) -> int:
        return self.last - self.first

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


def tiles(height: int, width: int, tile: int, halo: int) -> list[tuple[Span, Span]]:
    """(rows, columns) of tiles that cover a picture once, each with its context.

    Of those that read at most what a square of `tile` pixels a side with all its context does, the ones that read least in all: where
    they overlap, the network sees pixels twice.
    """
    most, found = (tile + 2 * halo + 1) ** 2, []
    for count in range(1, -(-height // tile) + 1):
        rows = list(spans(height, -(-height // count), halo))
        for number in range(1, -(-width // tile) + 1):
            columns = list(spans(width, -(-width // number), halo))
            if max(span.read for span in rows) * max(span.read for span in columns) <= most:
                found.append((sum(span.read for span in rows) * sum(span.read for span in columns), rows, columns))
                break
    return list(product(*min(found, key=lambda cut: cut[0])[1:]))
