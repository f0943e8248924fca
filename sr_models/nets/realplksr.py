"""RealPLKSR: partial large kernels (Lee et al., "PLKSR", 2024), normed as neosr trains them; DySample (Liu et al., ICCV 2023)."""

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sr_models.nets import Network

HALO = 32  # input pixels
GROUPS = 4  # of the group norm


@dataclass(frozen=True)
class RealPLKSRConfig:
    """`large` of the `features` go through the convolution of side `kernel`, odd.

    As published: 64 features, 28 blocks, kernel 17, 16 large, attention, group norm, enlarged by pixel-shuffle.
    """

    features: int
    blocks: int
    kernel: int
    large: int
    scale: int
    attention: bool = True
    norm: Literal["group", "layer"] = "group"
    enlarge: Literal["shuffle", "dysample"] = "shuffle"

    @property
    def reach(self) -> int:
        """How far the convolutions look: two 3×3, the large one and the attention's 3×3 in each block, the first and the last."""
        return self.blocks * (2 + self.kernel // 2 + self.attention) + 2

    @property
    def halo(self) -> int:
        """A compromise: what lies beyond HALO hardly changes the picture. A group norm besides takes mean and spread of the whole tile."""
        return min(self.reach, HALO)

    def build(self) -> "RealPLKSR":
        return RealPLKSR(self)


class LayerNorm(nn.Module):
    """Over the features of each pixel."""

    def __init__(self, features: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features))

    def forward(self, x: Tensor) -> Tensor:
        return F.layer_norm(x.permute(0, 2, 3, 1), self.weight.shape, self.weight, self.bias, eps=1e-6).permute(0, 3, 1, 2)


class LargeKernel(nn.Module):
    def __init__(self, large: int, kernel: int):
        super().__init__()
        self.conv = nn.Conv2d(large, large, kernel, padding=kernel // 2)

    def forward(self, x: Tensor) -> Tensor:
        large = self.conv.in_channels
        return torch.cat([self.conv(x[:, :large]), x[:, large:]], dim=1)


class Attention(nn.Module):
    def __init__(self, features: int):
        super().__init__()
        self.f = nn.Sequential(nn.Conv2d(features, features, 3, padding=1), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        return x * self.f(x)


class Block(nn.Module):
    def __init__(self, config: RealPLKSRConfig):
        super().__init__()
        width = config.features
        layered = config.norm == "layer"
        self.layer_norm = LayerNorm(width) if layered else nn.Identity()
        self.channel_mixer = nn.Sequential(nn.Conv2d(width, 2 * width, 3, padding=1), nn.Mish(), nn.Conv2d(2 * width, width, 3, padding=1))
        self.lk = LargeKernel(config.large, config.kernel)
        self.attn = Attention(width) if config.attention else nn.Identity()
        self.refine = nn.Conv2d(width, width, 1)
        self.norm = nn.Identity() if layered else nn.GroupNorm(GROUPS, width)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.layer_norm(x).to(self.lk.conv.weight.dtype)
        mixed = self.lk(self.channel_mixer(inner)).to(x.dtype)
        return x + self.norm(self.refine(self.attn(mixed)))


class DySample(nn.Module):
    """Enlarges by looking each pixel up at a place that the features choose, a group of channels at a time."""

    def __init__(self, scale: int):
        super().__init__()
        channels = 3 * scale**2
        self.scale = scale
        self.groups = 3 if scale % 2 else 4
        self.end_conv = nn.Conv2d(channels, 3, 1)
        self.offset = nn.Conv2d(channels, 2 * self.groups * scale**2, 1)
        self.scope = nn.Conv2d(channels, 2 * self.groups * scale**2, 1, bias=False)
        inside = (torch.arange(scale) - (scale - 1) / 2) / scale
        y, x = torch.meshgrid(inside, inside, indexing="ij")
        self.register_buffer("init_pos", torch.stack([x, y])[:, None].repeat(1, self.groups, 1, 1).reshape(1, -1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        n, _, height, width = x.shape
        moved = self.offset(x) * self.scope(x).sigmoid() * 0.5 + self.init_pos  # (N, 2·groups·s², H, W) in pixels, first along x
        moved = F.pixel_shuffle(moved, self.scale).view(n, 2, self.groups, height * self.scale, width * self.scale)
        own = torch.stack(
            torch.meshgrid(torch.arange(width, device=x.device), torch.arange(height, device=x.device), indexing="xy")
        ).repeat_interleave(self.scale, 1)
        own = own.repeat_interleave(self.scale, 2)[None, :, None] + 0.5
        sides = torch.tensor([width, height], device=x.device).view(1, 2, 1, 1, 1)
        places = (2 * (own + moved) / sides - 1).permute(0, 2, 3, 4, 1).flatten(0, 1)
        parts = x.reshape(n * self.groups, -1, height, width)
        found = F.grid_sample(parts, places, mode="bilinear", align_corners=False, padding_mode="border")
        return self.end_conv(found.view(n, -1, height * self.scale, width * self.scale))


class RealPLKSR(Network):
    """The modules have the names of the published files, where a dropout stands before the last convolution."""

    def __init__(self, config: RealPLKSRConfig):
        super().__init__()
        self.config = config
        width, shuffled = config.features, 3 * config.scale**2
        first, last = nn.Conv2d(3, width, 3, padding=1), nn.Conv2d(width, shuffled, 3, padding=1)
        self.feats = nn.Sequential(first, *(Block(config) for _ in range(config.blocks)), nn.Identity(), last)
        self.to_img = DySample(config.scale) if config.enlarge == "dysample" else nn.PixelShuffle(config.scale)

    def lower_precision(self, dtype: torch.dtype) -> None:
        """Where the work is: the mixers and the large kernels, whose rounding is as large as that to whole levels of 255.

        That of all the block is three times as large. Not in float16 with group norms: what they norm can overflow.
        """
        if dtype == torch.float16 and self.config.norm == "group":
            return
        for block in self.feats:
            if isinstance(block, Block):
                block.channel_mixer.to(dtype)
                block.lk.to(dtype)

    def forward(self, x: Tensor) -> Tensor:
        return self.to_img(self.feats(x) + x.repeat_interleave(self.config.scale**2, dim=1))
