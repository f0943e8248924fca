"""RRDBNet (Wang et al., "ESRGAN", ECCVW 2018, and "Real-ESRGAN", ICCVW 2021): dense blocks in residual blocks, enlarged at the end."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sr_models.nets import Network

HALO = 24  # pixels of the grid that the blocks work on; the authors' own program tiles with 10 of the photo


@dataclass(frozen=True)
class RRDBConfig:
    """`unshuffle` packs squares of that side into channels first, so that the blocks work on a grid that much smaller.

    `scale` times `unshuffle` is a power of two. As published: 64 features, 23 blocks, growth 32, unshuffle 1 at 4×, 2 at 2×.
    """

    features: int
    blocks: int
    growth: int
    scale: int
    unshuffle: int = 1

    @property
    def doublings(self) -> int:
        return (self.scale * self.unshuffle).bit_length() - 1

    @property
    def reach(self) -> int:
        """15 convolutions a block, one before and one after them, and those at the end, which see two more pixels."""
        return self.unshuffle * (15 * self.blocks + 5) - 1

    @property
    def halo(self) -> int:
        """A compromise for deep networks: 23 blocks reach 349 pixels, but what lies beyond HALO does not change the picture visibly."""
        return min(self.reach, HALO * self.unshuffle)

    def build(self) -> "RRDBNet":
        return RRDBNet(self)


def leaky(x: Tensor) -> Tensor:
    return F.leaky_relu(x, 0.2)


class DenseBlock(nn.Module):
    """Five convolutions, each of which sees the outputs of all before it."""

    def __init__(self, features: int, growth: int):
        super().__init__()
        for i in range(5):
            self.add_module(f"conv{i + 1}", nn.Conv2d(features + i * growth, features if i == 4 else growth, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        *inner, last = self.children()
        seen = x
        for conv in inner:
            seen = torch.cat([seen, leaky(conv(seen))], dim=1)
        return x + 0.2 * last(seen)


class Block(nn.Module):
    """Sums in the precision of its input: in bfloat16, the roundings of 23 sums in a row would show."""

    def __init__(self, features: int, growth: int):
        super().__init__()
        self.rdb1, self.rdb2, self.rdb3 = (DenseBlock(features, growth) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        inner = x.to(next(self.parameters()).dtype)
        return x + 0.2 * self.rdb3(self.rdb2(self.rdb1(inner))).to(x.dtype)


class RRDBNet(Network):
    """The modules have the names that Real-ESRGAN publishes; `hub.recognise` renames those of other layouts."""

    def __init__(self, config: RRDBConfig):
        super().__init__()
        self.config = config
        width = config.features
        self.conv_first = nn.Conv2d(3 * config.unshuffle**2, width, 3, padding=1)
        self.body = nn.Sequential(*(Block(width, config.growth) for _ in range(config.blocks)))
        self.conv_body = nn.Conv2d(width, width, 3, padding=1)
        for i in range(config.doublings):
            self.add_module(f"conv_up{i + 1}", nn.Conv2d(width, width, 3, padding=1))
        self.conv_hr = nn.Conv2d(width, width, 3, padding=1)
        self.conv_last = nn.Conv2d(width, 3, 3, padding=1)

    def lower_precision(self, dtype: torch.dtype) -> None:
        """The blocks only: without a skip around the network, the rounding of everything else reaches the picture."""
        self.body.to(dtype)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        first = self.conv_first(self.packed(x))
        features = first + self.conv_body(self.body(first))
        for i in range(self.config.doublings):
            features = leaky(self.get_submodule(f"conv_up{i + 1}")(F.interpolate(features, scale_factor=2, mode="nearest")))
        result = self.conv_last(leaky(self.conv_hr(features)))
        return result[:, :, : height * self.config.scale, : width * self.config.scale]

    def packed(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) → (N, 3·u², ⌈H/u⌉, ⌈W/u⌉), mirrored at the right and below where u does not divide a side."""
        side = self.config.unshuffle
        missing = tuple(-length % side for length in x.shape[2:])
        mirrored = all(more < length for more, length in zip(missing, x.shape[2:], strict=True))
        x = F.pad(x, (0, missing[1], 0, missing[0]), mode="reflect" if mirrored else "replicate")
        return F.pixel_unshuffle(x, side)
