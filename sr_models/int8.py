"""EDSR's blocks with 8-bit arithmetic, for processors that multiply bytes faster than floating-point numbers.

Weights are rounded symmetrically for each output channel, what a convolution reads for all channels alike, within ranges that were measured
before: see Nagel et al., “A White Paper on Neural Network Quantization”, 2021. The sum to which the blocks add, the first and the last
convolution stay float32: only a block's own answer is rounded, never what came before it.
"""

import time
from collections.abc import Sequence
from functools import cache, partial
from statistics import median
from typing import cast

import torch
from torch import Tensor, nn

from sr_models.nets.edsr import Block, Body, fold_modulation

SIDE = 64  # pixels; what the packed weights are laid out for, and what is timed
ROUNDS = 5
WORTH = 1.3
"""How many times as fast as float32 it has to be: below, rounding is not worth it."""


class Conv:
    """A 3×3 convolution of bytes: value v in the range of `scale` is the byte round(v / scale) + zero."""

    def __init__(self, weight: Tensor, bias: Tensor, scale: float, zero: int):
        self.scale, self.zero, self.bias = scale, zero, bias
        self.steps = weight.abs().amax((1, 2, 3)).clamp_min(1e-8) / 127
        rounded = (weight / self.steps[:, None, None, None]).round().to(torch.int8)
        self.zeros = torch.zeros(len(weight), dtype=torch.int32)
        shape = [1, weight.shape[1], SIDE, SIDE]
        self.packed = torch.ops.onednn.qconv_prepack(rounded, self.steps, scale, zero, [1, 1], [1, 1], [1, 1], 1, shape)

    def read(self, x: Tensor) -> Tensor:
        """float32 → bytes; what lies outside of the range becomes its end."""
        return x.mul(1 / self.scale).add_(self.zero + 0.5).clamp_(0, 255).to(torch.uint8)

    def __call__(self, x: Tensor) -> Tensor:
        return self.answer(self.read(x))

    def answer(self, read: Tensor, scale: float = 1.0, dtype: torch.dtype = torch.float32, activation: str = "none") -> Tensor:
        """Of bytes, in float32; or, for another convolution, as its bytes, of its `scale`."""
        return torch.ops.onednn.qconv2d_pointwise(
            *(read, self.scale, self.zero, self.packed, self.steps, self.zeros, self.bias),
            *([1, 1], [1, 1], [1, 1], 1, scale, 0, dtype, activation, [], ""),
        )


class Int8Block(nn.Module):
    """A `Block`; `ranges`: the largest magnitude that either of its convolutions reads."""

    def __init__(self, block: Block, ranges: Sequence[float]):
        super().__init__()
        self.block = block
        of_sum, of_rectified = ranges
        self.make = partial(Conv, scale=of_sum / 127, zero=128), partial(Conv, scale=of_rectified / 255, zero=0)
        pairs = zip(self.make, (block.conv1, block.conv2), strict=True)
        self.conv1, self.conv2 = (make(conv.weight, cast(Tensor, conv.bias)) for make, conv in pairs)

    modulated = Block.modulated

    def forward(self, f: Tensor) -> Tensor:
        return self.add(f, self.conv1, self.conv2)

    def add(self, f: Tensor, first: Conv, second: Conv) -> Tensor:
        return f + second.answer(first.answer(first.read(f), second.scale, torch.uint8, "relu"))

    def folded(self, f: Tensor, gain: Tensor, shift: Tensor, detail: float) -> Tensor:
        """As `Block.folded`."""
        pairs = zip(self.make, (self.block.conv1, self.block.conv2), gain, shift, strict=True)
        return self.add(f, *(make(*fold_modulation(conv, louder, added, detail)) for make, conv, louder, added in pairs))


def quantise(net: Body, ranges: Sequence[Sequence[float]]) -> None:
    """Let the first blocks of a float32 network on the CPU multiply bytes; `ranges`: those of each, as training/ranges.py measures them."""
    rounded = [Int8Block(cast(Block, block), of_block) for block, of_block in zip(net.blocks, ranges, strict=False)]
    net.blocks = nn.ModuleList([*rounded, *list(net.blocks)[len(rounded) :]])


@cache
def is_worth_it() -> bool:
    """Whether a block is so much faster in 8 bits, timed here and now: what a processor is called does not tell."""
    return hasattr(torch.ops.onednn, "qconv2d_pointwise") and measure_speedup() >= WORTH


@torch.inference_mode()
def measure_speedup() -> float:
    """Seconds of a block in float32 over those of the same block in 8 bits; 0 where this build of PyTorch cannot do it."""
    block = Block(96).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    f = torch.rand(1, 96, SIDE, SIDE).contiguous(memory_format=torch.channels_last)
    try:
        ways = block, Int8Block(block, (1.0, 1.0))
        spent = [[seconds(way, f) for way in ways] for _ in range(ROUNDS + 1)][1:]
    except (RuntimeError, NotImplementedError):
        return 0.0
    slow, fast = (median(column) for column in zip(*spent, strict=True))
    return slow / fast


def seconds(way: nn.Module, f: Tensor) -> float:
    began = time.perf_counter()
    way(f)
    return time.perf_counter() - began
