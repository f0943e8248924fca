"""A network that looks at a photo again: h_t = f(x_t, h_{t-1}), with one f for all looks (Kim et al., DRCN, CVPR 2016).

The first look is a whole `EDSR` of its own. In each further one, f is told what the photo has that the enlargement so far, reduced again,
has not (Irani and Peleg, iterative back-projection, 1991), and says what is to be added to the enlargement of the first look.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sr_models.nets.edsr import Block, Body, EDSRConfig, make_heads

LOUDER = 2.0  # the residual is small beside the levels of the photo


@dataclass(frozen=True)
class RecurrentConfig(EDSRConfig):
    """features, blocks: of the first look. Each further one has so many `again_blocks` of `again_features` channels."""

    again_features: int = 64
    again_blocks: int = 3

    def build(self) -> "Recurrent":  # pyright: ignore[reportIncompatibleMethodOverride] - looks more than once
        return Recurrent(self)


class Recurrent(Body):
    config: RecurrentConfig  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, config: RecurrentConfig):
        super().__init__(config)
        width = config.again_features
        self.lift = nn.Conv2d(config.features, width, 3, padding=1)
        self.see = nn.Conv2d(6, width, 3, padding=1, bias=False)
        self.again = nn.ModuleList(Block(width) for _ in range(config.again_blocks))
        self.head = make_heads(width)
        for value in self.head.parameters():
            nn.init.zeros_(value)

    def looks(self, x: Tensor) -> Iterator[Tensor]:
        """The enlargement after the first look, the second, and so on, without end."""
        scale = self.config.scale
        dtype = self.first.weight.dtype
        first = f = self.first(x.to(dtype))
        for block in self.blocks:
            f = block(f)
        f = f + first
        begun = self.joined(x, self.last[self.head_name](f.float()))
        yield begun
        h = self.lift(f)
        estimate = begun
        while True:
            seen = torch.cat([x, LOUDER * (x - reduce(estimate, scale))], 1)
            g = h + self.see(seen.to(h.dtype))
            for block in self.again:
                g = block(g)
            h = g
            estimate = begun + F.pixel_shuffle(self.head[self.head_name](h.float()), scale)
            yield estimate


def reduce(large: Tensor, scale: int) -> Tensor:
    """large (N, 3, H·scale, W·scale) → (N, 3, H, W), by an antialiased cubic."""
    kernel = reducing_kernel(scale).to(large)
    side = kernel.shape[-1]
    margin = (side - scale) // 2
    return F.conv2d(F.pad(large, (margin,) * 4, mode="replicate"), kernel, stride=scale, groups=3)


@cache
@torch.inference_mode(False)
def reducing_kernel(scale: int) -> Tensor:
    """(3, 1, K, K)."""
    side = 4 * scale if scale % 2 == 0 else 4 * scale - 1
    d = (torch.arange(side) - (side - 1) / 2).abs() / scale
    a = -0.5
    line = torch.where(d <= 1, (a + 2) * d**3 - (a + 3) * d**2 + 1, torch.where(d < 2, a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a, 0.0))
    line = line / line.sum()
    return torch.outer(line, line).repeat(3, 1, 1, 1)
