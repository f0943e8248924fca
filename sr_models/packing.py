"""Weights stored as int8, half the size of float16, and read back into floating point: what a network computes in stays as it is.

Each output channel of a convolution has a scale of its own, and 0 stays 0 (Krishnamoorthi, "Quantizing deep convolutional networks for
efficient inference: A whitepaper", 2018).
"""

from collections.abc import Mapping

import torch
from torch import Tensor

SCALES = ".scales"
"""What follows the name of a tensor in the name of its scales."""
LARGEST = 127


def pack(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a network as they are stored.

    Weights of convolutions (out, in, height, width) become int8 from -127 to 127 beside float32 scales (out,): weight ≈ int8 · scale.
    Biases and all else become float16.
    """
    stored: dict[str, Tensor] = {}
    for name, value in state.items():
        if value.dim() != 4:
            stored[name] = value.half()
            continue
        largest = value.float().abs().amax((1, 2, 3))
        scales = torch.where(largest > 0, largest, 1.0) / LARGEST
        stored[name] = (value.float() / scales[:, None, None, None]).round_().to(torch.int8)
        stored[name + SCALES] = scales
    return stored


def unpack(stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What `pack` was given, as float32 where it was int8; tensors of a file without int8 as they are.

    Raises ValueError where the scales of a tensor are missing, too few or no positive numbers.
    """
    state = dict(stored)
    for name, value in stored.items():
        if value.dtype != torch.int8:
            continue
        scales = state.pop(name + SCALES, torch.empty(0))
        count = len(value) if value.dim() else 1
        if scales.shape != (count,) or not scales.is_floating_point() or not (scales.isfinite() & (scales > 0)).all():
            raise ValueError(f"the scales of what is stored as int8 are not {count} positive numbers: {name}")
        state[name] = value.float() * scales.float().reshape(-1, *[1] * (value.dim() - 1))
    return state
