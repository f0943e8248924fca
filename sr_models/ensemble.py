"""Self-ensemble (Timofte, Rothe and Van Gool, CVPR 2016): what a network makes of a picture and of that picture turned, averaged.

A network errs a little differently in each orientation, and the mean of the errors is smaller than most of them.
"""

from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from sr_models.catalog import Entry, NoWeights, find_recurrent
from sr_models.errors import ModelError
from sr_models.nets import Enlarger, Network


class Orientation(NamedTuple):
    """One of the eight ways in which a picture can lie on the grid of pixels: mirrored along these axes, then transposed or not."""

    mirrored: tuple[int, ...]
    transposed: bool

    def turn(self, x: Tensor) -> Tensor:
        """(N, C, H, W) → (N, C, H, W), or (N, C, W, H) where it is transposed."""
        x = x.flip(self.mirrored)
        return x.mT if self.transposed else x

    def turn_back(self, x: Tensor) -> Tensor:
        """`turn` undone."""
        x = x.mT if self.transposed else x
        return x.flip(self.mirrored)


ORIENTATIONS = (
    Orientation((), transposed=False),
    Orientation((), transposed=True),
    Orientation((2, 3), transposed=False),
    Orientation((2, 3), transposed=True),
    Orientation((3,), transposed=False),
    Orientation((2,), transposed=False),
    Orientation((3,), transposed=True),
    Orientation((2,), transposed=True),
)
"""As it is, transposed, turned by 180°, transposed along the other diagonal; then mirrored, and turned by 90° either way.

In this order, since four of which two are transposed bring a little more than the four that are only mirrored.
"""


MOST_STEPS = len(ORIENTATIONS)
"""How often a network looks at a photo, at most."""


def check_steps(steps: float) -> int:
    """The number of steps. Raises ModelError where there are not so many."""
    if steps not in range(1, MOST_STEPS + 1):
        raise ModelError("{steps} steps are not offered. Give a whole number from 1 to {most}.", steps=steps, most=MOST_STEPS)
    return int(steps)


def gains_by_steps(entry: Entry) -> bool:
    """Whether the mean of several orientations is closer: not of what is invented, and a formula makes the same of each."""
    return not (entry.generative or isinstance(entry.source, NoWeights))


def check_repeated(steps: int, entry: Entry) -> None:
    """Raises ModelError where more than one step brings nothing."""
    if steps > 1 and not gains_by_steps(entry):
        raise ModelError(
            "“{model}” gains nothing by looking again: it invents texture, or is a formula. Choose cnn or cnn-fast, or one step.",
            model=entry.id,
        )


def share_steps(entry: Entry, steps: int) -> tuple[Entry, int]:
    """(the entry that makes so many looks, in how many orientations): where one is trained for it, it makes them all in one."""
    recurrent = find_recurrent(entry) if steps > 1 else None
    if recurrent is None:
        return entry, steps
    return replace(recurrent, net=replace(recurrent.net, steps=steps)), 1  # pyright: ignore[reportArgumentType] - a RecurrentConfig


class SelfEnsemble(Network):
    """What `net` makes of a picture in the first `steps` ORIENTATIONS, each turned back, averaged: with one, what it makes of it."""

    def __init__(self, net: Enlarger, steps: int):
        super().__init__()
        self.net = net
        self.steps = steps

    def forward(self, rgb: Tensor) -> Tensor:
        total = self.net(rgb)
        for orientation in ORIENTATIONS[1 : self.steps]:  # added up one by one, so that memory does not grow with them
            turned = orientation.turn(rgb).contiguous(memory_format=torch.channels_last)  # for speed
            total = total + orientation.turn_back(self.net(turned))
        return total / self.steps
