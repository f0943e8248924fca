"""MATLAB's `imresize(photo, 1/s, 'bicubic')`, bit for bit: how every published benchmark makes its small pictures."""

from functools import lru_cache

import torch
from torch import Tensor

from sr_models.nets.resample import kernel_value


@lru_cache(maxsize=16)
def shrinking_matrix(length: int, scale: int) -> Tensor:
    """(length / scale, length) float64: the cubic kernel (a = −0.5) widened by `scale`, the border mirrored edge-inclusively."""
    if length % scale:
        raise ValueError(f"The length {length} is no multiple of the scale {scale}: crop it first.")
    small = length // scale
    matrix = torch.zeros(small, length, dtype=torch.float64)
    for row in range(small):
        centre = (row + 0.5) * scale - 0.5
        for tap in range(int(centre - 2 * scale), int(centre + 2 * scale) + 2):
            folded = tap % (2 * length)
            column = folded if folded < length else 2 * length - 1 - folded
            matrix[row, column] += kernel_value("bicubic", (tap - centre) / scale)
    return matrix / matrix.sum(1, keepdim=True)


def round_half_up(x: Tensor) -> Tensor:
    return (x + 0.5).floor()


def shrink(x: Tensor, scale: int) -> Tensor:
    """x (…, H, W) whole numbers 0 … 255 as float, H and W multiples of scale → (…, H/scale, W/scale), whole numbers again.

    Rows first and rounded, then columns and rounded: MATLAB's order for uint8.
    """
    rows = shrinking_matrix(x.shape[-2], scale).to(x)
    columns = shrinking_matrix(x.shape[-1], scale).to(x)
    tall = round_half_up(rows @ x).clamp(0, 255)
    return round_half_up(tall @ columns.T).clamp(0, 255)
