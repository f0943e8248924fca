"""Sliding windows: maximum, minimum and mean of the pixels around each; the weights of a Gaussian; and a linear ramp."""

from functools import reduce

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor


def largest(x: Tensor, side: int) -> Tensor:
    """(N, C, H, W) → the same shape: the largest of the `side` × `side` values around each, `side` odd."""
    return F.max_pool2d(F.max_pool2d(x, (side, 1), 1, (side // 2, 0)), (1, side), 1, (0, side // 2))


def smallest(x: Tensor, side: int) -> Tensor:
    """As `largest`, for the smallest value."""
    return -largest(-x, side)


def mean_around(x: Tensor, side: int) -> Tensor:
    """As `largest`, for the mean; at the border, of the pixels that exist."""
    return F.avg_pool2d(x, side, 1, side // 2, count_include_pad=False)


def gaussian(sigma: float, reach: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """(2·reach + 1,): the weights of a Gaussian of standard deviation `sigma` in pixels; they add up to 1."""
    line = torch.exp(-torch.arange(-reach, reach + 1, dtype=dtype).square() / (2 * sigma**2))
    return line / line.sum()


def ramp(x: Tensor, low: float, high: float) -> Tensor:
    """0 up to `low`, 1 from `high` on, and a straight line between."""
    return ((x - low) / (high - low)).clamp(0, 1)


def neighbours(values: np.ndarray) -> list[np.ndarray]:
    """(H, W) → nine arrays (H, W): each pixel's 3 × 3 neighbours; outside of the picture, its border is repeated."""
    height, width = values.shape
    padded = np.pad(values, 1, mode="edge")
    return [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)]


def erode(mask: np.ndarray) -> np.ndarray:
    """bool (H, W) → bool (H, W): true where all pixels of the 3 × 3 around that exist are true."""
    return reduce(np.logical_and, neighbours(mask))
