"""SPAN (Wan et al., "Swift Parameter-free Attention Network for Efficient Super-Resolution", CVPRW 2024; NTIRE 2024 winner)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sr_models.nets import Network

MEAN = (0.4488, 0.4371, 0.4040)  # of the photos of DIV2K, rgb in [0, 1]


@dataclass(frozen=True)
class SPANConfig:
    """The folded form, which is shipped and run. `build_for_training()` gives the re-parameterised form of the same network.

    With `centred`, the picture enters less the mean colour and in levels of 255, as in most published files.
    """

    features: int
    blocks: int
    scale: int
    centred: bool = False

    @property
    def halo(self) -> int:
        """One 3×3 convolution in front, three a block, one behind the blocks and the last."""
        return 3 * self.blocks + 3

    def build(self) -> "SPAN":
        return SPAN(self)

    def build_for_training(self) -> "SPAN":
        return SPAN(self, Conv3XC)


class Conv3XC(nn.Module):
    """Three convolutions (1×1 to twice the channels, 3×3, 1×1) beside a 1×1 skip: one 3×3 convolution in training form.

    The weights are folded before the convolution (Bhardwaj et al., SESR, MLSys 2022), so that a step costs one 3×3 convolution.
    The picture is padded with zeros before the first 1×1, whose bias therefore acts on the border too: folding is exact there.
    """

    def __init__(self, c_in: int, c_out: int):
        super().__init__()
        self.skip = nn.Conv2d(c_in, c_out, 1)
        self.widen = nn.Conv2d(c_in, 2 * c_in, 1)
        self.middle = nn.Conv2d(2 * c_in, 2 * c_out, 3)
        self.narrow = nn.Conv2d(2 * c_out, c_out, 1)

    def folded(self) -> tuple[Tensor, Tensor]:
        """Weight (c_out, c_in, 3, 3) and bias (c_out) of the one convolution that this block is."""
        widen, middle, narrow = self.widen.weight[:, :, 0, 0], self.middle.weight, self.narrow.weight[:, :, 0, 0]
        weight = torch.einsum("om,mnyx,ni->oiyx", narrow, middle, widen) + F.pad(self.skip.weight, (1, 1, 1, 1))
        first, second, third = (cast(Tensor, part.bias) for part in (self.widen, self.middle, self.narrow))
        bias = narrow @ (torch.einsum("mnyx,n->m", middle, first) + second) + third + cast(Tensor, self.skip.bias)
        return weight, bias

    def forward(self, x: Tensor) -> Tensor:
        weight, bias = self.folded()
        return F.conv2d(x, weight, bias, padding=1)


class Block(nn.Module):
    """Three convolutions whose own last output, through a point-symmetric sigmoid, is the attention: no parameters for it."""

    def __init__(self, width: int, conv: Callable[[int, int], nn.Module]):
        super().__init__()
        self.conv1, self.conv2, self.conv3 = conv(width, width), conv(width, width), conv(width, width)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """→ (block output, output of the first convolution after its activation, as the published code passes it on)."""
        first = F.silu(self.conv1(x))
        third = self.conv3(F.silu(self.conv2(first)))
        return (third + x) * (torch.sigmoid(third) - 0.5), first


plain_conv = partial(nn.Conv2d, kernel_size=3, padding=1)
"""What takes the place of a folded Conv3XC."""


class SPAN(Network):
    def __init__(self, config: SPANConfig, conv: Callable[[int, int], nn.Module] = plain_conv):
        super().__init__()
        self.config = config
        width = config.features
        self.head = conv(3, width)
        self.blocks = nn.ModuleList(Block(width, conv) for _ in range(config.blocks))
        self.tail = conv(width, width)
        self.join = nn.Conv2d(width * 4, width, 1)
        self.last = nn.Conv2d(width, 3 * config.scale**2, 3, padding=1)

    def lower_precision(self, dtype: torch.dtype) -> None:
        """Not this one: without a skip, the rounding of every activation reaches the picture (1.3 levels rms in bfloat16, up to 12)."""

    def forward(self, x: Tensor) -> Tensor:
        if self.config.centred:
            x = (x - x.new_tensor(MEAN)[:, None, None]) * 255
        head = self.head(x)
        features, after_first, first = head, head, head
        for i, block in enumerate(self.blocks):
            features, first = block(features)
            if i == 0:
                after_first = features
        joined = self.join(torch.cat([head, self.tail(features), after_first, first], dim=1))
        return F.pixel_shuffle(self.last(joined), self.config.scale)


def fold_span(trained: SPAN) -> SPAN:
    """The folded form of a network in training form."""
    folded = trained.config.build()
    state = {name: value for name, value in trained.state_dict().items() if name.startswith(("join.", "last."))}
    for name, module in trained.named_modules():
        if isinstance(module, Conv3XC):
            state[f"{name}.weight"], state[f"{name}.bias"] = module.folded()
    folded.load_state_dict(state)
    return folded
