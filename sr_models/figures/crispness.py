"""Measures how crisp a result is, and its side effects: grain on calm ground, overshoot at edges, and JPEG's blocks.

The first three functions compare a result with its original, both uint8 (H, W, 3), or several at once, (N, 3, H, W) in levels of 255 on
the CPU; on the mean of the channels. They return NaN where the original has no edges or no calm ground.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from sr_models.figures.quality import luma
from sr_models.photo import BLOCK
from sr_models.windows import largest

STEEPEST = 0.95  # quantile of the original's slopes, above which they are edges
SIDE = 9  # pixels: of the surroundings that count as calm or not, and that a result may overshoot
CALM = 16.0  # levels between the brightest and the darkest pixel of calm surroundings
LEAST = 0.01  # share of the original that must be calm
FARTHEST = 0.99  # quantile of the overshoot beside edges: the very worst pixel is chance
LAPLACIAN = torch.tensor([[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]])[None, None]
STRONG = 8.0  # levels: a larger step is an edge of the picture, not of a block


Pictures = np.ndarray | Tensor


def edge_steepness(result: Pictures, original: Pictures) -> float:
    """The mean slope of the result over that of the original, where the original is steepest: 1 is as crisp."""
    after, before = gradient_length(mean_of_channels(result)), gradient_length(mean_of_channels(original))
    steep = find_steepest(before)
    return (after[steep].mean() / before[steep].mean()).item()


def calm_roughness(result: Pictures, original: Pictures) -> float:
    """The mean |Laplacian| of the result over that of the original, where the original is calm: 1 is as much grain."""
    y, o = mean_of_channels(result), mean_of_channels(original)
    quiet = (largest(o, SIDE) + largest(-o, SIDE) < CALM)[:, :, 1:-1, 1:-1]
    if quiet.float().mean() <= LEAST:
        return math.nan
    return (absolute_laplacian(y)[quiet].mean() / absolute_laplacian(o)[quiet].mean()).item()


def edge_overshoot(result: Pictures, original: Pictures) -> float:
    """Levels by which the result beside edges exceeds the original's range in the SIDE × SIDE around, 99th percentile; 0 is no halo."""
    y, o = mean_of_channels(result), mean_of_channels(original)
    beside = largest(find_steepest(gradient_length(o)).float(), SIDE) > 0
    beyond = (y - largest(o, SIDE)).clamp_min(0) + (-y - largest(-o, SIDE)).clamp_min(0)
    return float(np.quantile(beyond[:, :, :-1, :-1][beside].numpy(), FARTHEST)) if beside.any() else math.nan


def block_steps(rgb: np.ndarray, corner: tuple[int, int] = (0, 0)) -> float:
    """Mean step of luma between neighbours across JPEG's block borders, over that between other neighbours: 1 is free of blocks.

    `rgb` uint8 (H, W, 3) is a photo, or an enlargement reduced to its grid; `corner` is where it lies in the JPEG, (row, column).
    Steps of STRONG levels and more are edges, and do not count. NaN where there are no others.
    """
    y = luma(rgb)
    across, elsewhere = [], []
    for axis, first in enumerate(corner):
        step = np.abs(np.diff(np.moveaxis(y, axis, 0), axis=0))
        border = (first + 1 + np.arange(len(step))) % BLOCK == 0
        across.append(step[border])
        elsewhere.append(step[~border])
    here, there = (np.concatenate([step[step < STRONG] for step in steps]) for steps in (across, elsewhere))
    return float(here.mean() / there.mean()) if len(here) and there.any() else math.nan


def mean_of_channels(rgb: Pictures) -> Tensor:
    channels = rgb if isinstance(rgb, Tensor) else torch.tensor(rgb).permute(2, 0, 1)[None].float()
    return channels.mean(1, keepdim=True)


def gradient_length(y: Tensor) -> Tensor:
    """(1, 1, H, W) → (1, 1, H − 1, W − 1): length of the gradient, in levels a pixel."""
    return (y.diff(dim=2)[..., :-1].square() + y.diff(dim=3)[:, :, :-1].square()).sqrt()


def find_steepest(slopes: Tensor) -> Tensor:
    return slopes > float(np.quantile(slopes.numpy(), STEEPEST))


def absolute_laplacian(y: Tensor) -> Tensor:
    """(1, 1, H, W) → (1, 1, H − 2, W − 2): |Laplacian|."""
    return F.conv2d(y, LAPLACIAN).abs()
