"""Estimates how long a photo will take on this machine: from one tile of each network, timed once, and the fastest run of it since."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf, isinf, isqrt

import numpy as np

from sr_models import MODELS, Photo, choose, upscale
from sr_models.catalog import find
from sr_models.ensemble import share_steps
from sr_models.figures.report import OTHER_FAMILY, SAMPLE
from sr_models.nets import NetConfig, has_dial
from sr_models.tiles import tiles
from ui.server.gpu import count_operations

RUNS_WITH_DIAL = 1.5
"""How often a network with a dial runs over a photo: twice around what is protected, once elsewhere."""
TILE, SCALE = 128, 4
"""Pixels of the side of the tile that is timed, and how many times it is enlarged."""


@dataclass
class Pace:
    operations: dict[str, float] = field(default_factory=dict)
    """Family → floating-point operations of its network in a second; nothing as long as nothing was seen."""
    rest: float = inf
    """Seconds for a pixel of a result, for everything but the networks: report card and files."""

    def saw(self, model: str, scale: int, pixels: int, network: float, whole: float) -> None:
        """A photo of so many pixels took a network so many seconds, and so many on the whole; it ran over each pixel once at least."""
        self.timed(model, scale, pixels, network)
        self.rest = min(self.rest, max(0.0, whole - network - self.second_opinion(model, scale, pixels)) / (pixels * scale**2))

    def timed(self, model: str, scale: int, pixels: int, seconds: float) -> None:
        """A network took so many seconds for so many pixels of a photo."""
        entry = find(model, scale)
        reached = add_context(entry.net, pixels) * count_operations(entry.net) / seconds
        self.operations[entry.family] = max(self.operations.get(entry.family, 0.0), reached)

    def expected(
        self, model: str, scale: int, pixels: int, second_opinion: bool = True, steps: int = 1, input: str = "auto"
    ) -> float | None:
        """Seconds for a photo of so many pixels, at which the network looks so many times; None as long as nothing was seen. Families that
        were not seen are like the fastest."""
        if not self.operations or isinf(self.rest):
            return None
        seconds = self.network(model, scale, pixels, steps, input) + pixels * scale**2 * self.rest
        return seconds + self.second_opinion(model, scale, pixels) if second_opinion else seconds

    def network(self, model: str, scale: int, pixels: int, steps: int = 1, input: str = "auto") -> float:
        """Of `expected`, the seconds of the network alone."""
        entry, turns = share_steps(find(model, scale, input), steps)
        reached = self.operations.get(entry.family) or max(self.operations.values())
        runs = RUNS_WITH_DIAL if has_dial(entry.net) else turns
        return runs * add_context(entry.net, pixels) * count_operations(entry.net) / reached

    def second_opinion(self, model: str, scale: int, pixels: int) -> float:
        """Of `expected`, the seconds in which the other family's network enlarges a part for the report card: much of a small photo's."""
        family = OTHER_FAMILY.get(find(model, scale).family)
        return 0.0 if family is None else self.network(family, scale, min(pixels, SAMPLE**2))


def add_context(net: NetConfig, pixels: int) -> float:
    """Pixels that a network runs over for a photo of so many, about square: its tiles overlap."""
    side = isqrt(pixels)
    return pixels * sum(rows.read * columns.read for rows, columns in tiles(side, side, choose().tile, net.halo)) / side**2


def time_tiles(cancelled: Callable[[], bool]) -> None:
    """Lets each of the page's models enlarge one tile twice, of which the second, warm, counts. Raises Cancelled."""
    tile = Photo(np.full((TILE, TILE, 3), 128, np.uint8))
    for model in MODELS:
        _, warm = (upscale(tile, scale=SCALE, model=model, faithful="off", cancelled=cancelled) for _ in range(2))
        here.timed(model, SCALE, TILE**2, warm.seconds)


here = Pace()
"""Of this machine."""
