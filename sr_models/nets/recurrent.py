"""A network that looks again at what a smaller one has enlarged: h_t = f(h_0, x_t, h_{t-1}), with one f for all looks.

As in a feedback network (Li et al., SRFBN, CVPR 2019) each look begins at the same features h_0, and is told what the one before came to.
It also sees x_t, what the photo has that the enlargement so far, reduced again, has not (Irani and Peleg, 1991).
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sr_models.nets import Network
from sr_models.nets.edsr import Block, EDSRConfig, ManyScales, make_heads

EVERY = 2  # of the states of the first look's trunk, one of so many is read
LOUDER = 8.0  # what is missing is small beside the levels of the photo


@dataclass(frozen=True)
class RecurrentConfig:
    """The first look is an `EDSR`; each further one has so many blocks of so many channels. It looks `steps` times."""

    features: int
    blocks: int
    first_features: int
    first_blocks: int
    scale: int
    steps: int = 2

    @property
    def first(self) -> EDSRConfig:
        return EDSRConfig(self.first_features, self.first_blocks, self.scale)

    @property
    def halo(self) -> int:
        """A look sees as far beyond the one before as its blocks do, what is missing, and the last convolution."""
        return self.first.halo + (2 * self.blocks + 2) * (self.steps - 1)

    def build(self) -> "Recurrent":
        return Recurrent(self)


class Recurrent(ManyScales, Network):
    config: RecurrentConfig

    def __init__(self, config: RecurrentConfig):
        super().__init__()
        self.config = config
        width = config.features
        read = config.first_features * len(range(0, config.first_blocks + 1, EVERY))
        self.first_look = config.first.build()
        self.skip = nn.Conv2d(3, width, 3, padding=1)
        self.see = nn.Conv2d(3, width, 3, padding=1, bias=False)
        self.lift = nn.Conv2d(3 + read, width, 3, padding=1)
        self.mix = nn.Conv2d(width, width, 1, bias=False)
        self.blocks = nn.ModuleList(Block(width) for _ in range(config.blocks))
        self.last = make_heads(width)
        for part in (self.see, self.mix):  # starts without feedback
            nn.init.zeros_(part.weight)

    def looking(self, steps: int) -> Self:
        """The same network, the same weights in the same memory, with another number of looks."""
        return self.with_config(replace(self.config, steps=steps))

    def lower_precision(self, dtype: torch.dtype) -> None:
        self.first_look.lower_precision(dtype)
        for part in (self.skip, self.see, self.lift, self.mix, self.blocks):
            part.to(dtype)

    def read(self, x: Tensor, states: list[Tensor]) -> Tensor:
        """The photo and every second of the states of the first look's trunk."""
        return torch.cat([each.to(self.skip.weight.dtype) for each in (x, *states[::EVERY])], 1)

    def looks(self, x: Tensor) -> Iterator[Tensor]:
        """x (N, 3, H, W) → the enlargement after the first look, after the second, and so on: `steps` of them."""
        first = self.first_look.at(self.config.scale)
        states = list(first.states(x))
        enlarged = first.finish(x, states[0], states[-1])
        yield enlarged
        begin, skip, h = self.lift(self.read(x, states)), self.skip(x.to(self.skip.weight.dtype)), None
        del states  # as much memory as the photo's features, several times
        for _ in range(self.config.steps - 1):
            missing = LOUDER * (x - F.avg_pool2d(enlarged, self.config.scale))
            f = begin + self.see(missing.to(begin.dtype))
            if h is not None:
                f = f + self.mix(h)
            for block in self.blocks:
                f = block(f)
            h = f
            enlarged = self.joined(x, self.last[self.head_name]((h + skip).float()))
            yield enlarged

    def forward(self, x: Tensor) -> Tensor:
        return deque(self.looks(x), maxlen=1).pop()  # no enlargement before it is kept
