"""Self-ensemble (Timofte, Rothe and Van Gool, CVPR 2016): what a network makes of a picture and of that picture turned, averaged.

A network errs a little differently in each orientation, and the mean of the errors is smaller than most of them.
"""

from typing import NamedTuple

import torch
from torch import Tensor

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
