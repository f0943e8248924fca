"""EDSR's body (Lim et al., CVPRW 2017) over a bilinear enlargement: one trunk for all scales, each with its own last convolution."""

import copy
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Self, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sr_models.nets import DetailNetwork, Enlarger, Network

SCALES = (2, 3, 4)


@dataclass(frozen=True)
class EDSRConfig:
    """So many blocks of so many channels. It enlarges by `scale`; its weights have a last convolution for each of SCALES."""

    features: int
    blocks: int
    scale: int

    @property
    def halo(self) -> int:
        return 2 * self.blocks + 2

    def build(self) -> "EDSR":
        return EDSR(self)


@dataclass(frozen=True)
class DialledEDSRConfig(EDSRConfig):
    def build(self) -> "DialledEDSR":  # pyright: ignore[reportIncompatibleMethodOverride] - the other contract
        return DialledEDSR(self)


class Block(nn.Module):
    """f + conv2(ReLU(conv1(f)))."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1, self.conv2 = (nn.Conv2d(width, width, 3, padding=1) for _ in range(2))

    def forward(self, f: Tensor) -> Tensor:
        return f + self.conv2(F.relu_(self.conv1(f)))

    def modulated(self, f: Tensor, gain: Tensor, shift: Tensor, detail: Tensor) -> Tensor:
        """Each convolution's answer a becomes a + detail · (gain · a + shift) (Perez et al., FiLM, AAAI 2018).

        gain, shift (2, C, 1, 1): one of each for either convolution; detail (N, 1, H, W).
        """
        a = self.conv1(f)
        a = F.relu(torch.addcmul(a, detail, a * gain[0] + shift[0]))
        a = self.conv2(a)
        return f + torch.addcmul(a, detail, a * gain[1] + shift[1])

    def folded(self, f: Tensor, gain: Tensor, shift: Tensor, detail: float) -> Tensor:
        """As `modulated`, where the detail is the same everywhere: gain and shift become part of the convolutions, and cost nothing."""
        a = F.relu_(F.conv2d(f, *fold_modulation(self.conv1, gain[0], shift[0], detail), padding=1))
        return f + F.conv2d(a, *fold_modulation(self.conv2, gain[1], shift[1], detail), padding=1)


def fold_modulation(conv: nn.Conv2d, gain: Tensor, shift: Tensor, detail: float) -> tuple[Tensor, Tensor]:
    """(weight, bias) of the convolution that answers a + detail · (gain · a + shift) where `conv` answers a; gain and shift (C, 1, 1)."""
    weight, bias = conv.weight, cast(Tensor, conv.bias)
    louder, added = 1 + detail * gain.float(), detail * shift.float()
    return (weight.float() * louder[..., None]).to(weight), (bias.float() * louder.flatten() + added.flatten()).to(bias)


class ManyScales(Enlarger):
    """A trunk with a last convolution for each of SCALES, which adds to a bilinear enlargement."""

    config: Any
    """Its `scale` is the one that the network enlarges by."""

    def with_config(self, config: Any) -> Self:
        """The same network, the same weights in the same memory, for a config that builds as many."""
        other = copy.copy(self)
        other.config = config
        return other

    def at(self, scale: int) -> Self:
        """The same for another of SCALES."""
        return self.with_config(replace(self.config, scale=scale))

    @property
    def head_name(self) -> str:
        return f"x{self.config.scale}"

    def joined(self, x: Tensor, detail: Tensor) -> Tensor:
        """The bilinear enlargement of x (N, 3, H, W) plus the last convolution's answer, (N, 3·scale², H, W)."""
        scale = self.config.scale
        around = F.pad(x, (1, 1, 1, 1), mode="replicate")
        with torch.autocast(x.device.type, enabled=False):  # else training would round the picture to bfloat16
            return F.pixel_shuffle(detail.float() + F.conv2d(around, bilinear_kernel(scale).to(x), groups=3), scale)


class Body(ManyScales):
    """What `EDSR` and `DialledEDSR` share: first convolution, blocks, last convolutions."""

    config: EDSRConfig

    def __init__(self, config: EDSRConfig):
        super().__init__()
        self.config = config
        width = config.features
        self.first = nn.Conv2d(3, width, 3, padding=1)
        self.blocks = nn.ModuleList(Block(width) for _ in range(config.blocks))
        self.last = make_heads(width)
        with torch.no_grad():  # starts near the identity, and near the bilinear enlargement
            for name, value in self.named_parameters():
                if name.endswith("conv2.weight") or name.startswith("last"):
                    value.mul_(0.1)

    def lower_precision(self, dtype: torch.dtype) -> None:
        self.first.to(dtype)
        self.blocks.to(dtype)


@cache
@torch.inference_mode(False)  # whoever asks first: training can use no tensor of inference mode
def bilinear_kernel(scale: int) -> Tensor:
    """(3·scale², 1, 3, 3): the convolution that, with a pixel-shuffle, enlarges bilinearly.

    Unlike `F.interpolate`, which computes positions in float32, it gives a pixel the same value wherever its tile begins.
    """
    place = (torch.arange(scale) + 0.5) / scale - 0.5
    line = torch.stack([(-place).clamp_min(0), 1 - place.abs(), place.clamp_min(0)], 1)
    return torch.einsum("iy,jx->ijyx", line, line).reshape(-1, 1, 3, 3).repeat(3, 1, 1, 1)


def make_heads(width: int) -> nn.ModuleDict:
    return nn.ModuleDict({f"x{scale}": nn.Conv2d(width, 3 * scale**2, 3, padding=1) for scale in SCALES})


class EDSR(Body, Network):
    def states(self, x: Tensor) -> Iterator[Tensor]:
        """What the trunk holds after the first convolution and after each block, (N, features, H, W)."""
        f = self.first(x.to(self.first.weight.dtype))
        yield f
        for block in self.blocks:
            f = block(f)
            yield f

    def finish(self, x: Tensor, first: Tensor, last: Tensor) -> Tensor:
        """The enlargement, from the first and the last of the `states`."""
        return self.joined(x, self.last[self.head_name]((last + first).float()))

    def forward(self, x: Tensor) -> Tensor:
        states = self.states(x)
        first = next(states)
        return self.finish(x, first, *deque(states, maxlen=1))


class DialledEDSR(Body, DetailNetwork):
    """Without detail it is an `EDSR`, weight for weight. All that the dial does to a layer is linear in the detail."""

    def __init__(self, config: DialledEDSRConfig):
        super().__init__(config)
        self.head = make_heads(config.features)
        for value in self.head.parameters():
            nn.init.zeros_(value)
        self.gain = nn.Parameter(torch.zeros(config.blocks, 2, config.features))
        self.shift = nn.Parameter(torch.zeros(config.blocks, 2, config.features))

    def lower_precision(self, dtype: torch.dtype) -> None:
        super().lower_precision(dtype)
        self.gain.data, self.shift.data = self.gain.data.to(dtype), self.shift.data.to(dtype)

    def forward(self, x: Tensor, detail: Tensor) -> Tensor:
        gains, shifts = self.gain[..., None, None], self.shift[..., None, None]
        last, head = (cast(nn.Conv2d, part[self.head_name]) for part in (self.last, self.head))
        first = f = self.first(x.to(self.gain.dtype))
        lowest, highest = detail.aminmax()
        if lowest == highest:
            everywhere = highest.item()
            for block, gain, shift in zip(self.blocks, gains, shifts, strict=True):
                f = cast(Block, block).folded(f, gain, shift, everywhere)
            weight, bias = (torch.add(a, b, alpha=everywhere) for a, b in zip(last.parameters(), head.parameters(), strict=True))
            return self.joined(x, F.conv2d((f + first).float(), weight, bias, padding=1))
        asked = detail.to(self.gain.dtype)
        for block, gain, shift in zip(self.blocks, gains, shifts, strict=True):
            f = cast(Block, block).modulated(f, gain, shift, asked)
        f = (f + first).float()
        return self.joined(x, last(f) + detail * head(f))
