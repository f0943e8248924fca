"""Other shots of the same thing on the grid of the first photo, the reference."""

import torch
import torch.nn.functional as F
from torch import Tensor

from sr_models.windows import mean_around, smallest

PLACES = ((0.0, 0.0), (0.0, 0.5), (0.5, 0.0), (0.5, 0.5))
"""(y, x) in pixels, from the centre of each pixel of the reference: where a shot is sampled, so that its own grid is not lost."""
AROUND = 5  # pixels: side of the window over which shot and reference are compared: noise and aliasing cancel in it
CALM, EDGE = 1.5 / 255, 0.1  # σ of that comparison: this much, and this share of the contrast of the window


def sample(shot: Tensor, warp: Tensor, size: tuple[int, int]) -> Tensor:
    """shot (N, 3, h, w) → (N, 12, H, W): at the four PLACES of each pixel of a reference of `size` (H, W), cubic interpolation.

    warp (N, 3, 3) leads from (x, y, 1) of the reference to those of the shot, in pixels from the centre of either picture.
    """
    height, width = size
    y, x = (torch.arange(length, device=shot.device, dtype=torch.float32) - (length - 1) / 2 for length in size)
    grid = torch.stack(torch.meshgrid(y, x, indexing="ij")[::-1], -1)
    half = torch.tensor([shot.shape[3], shot.shape[2]], device=shot.device) / 2
    found = []
    for down, right in PLACES:
        points = F.pad(grid + torch.tensor([right, down], device=shot.device), (0, 1), value=1.0).reshape(-1, 3)
        there = points @ warp.mT
        there = there[..., :2] / there[..., 2:]
        there = (there / half).reshape(len(shot), height, width, 2)
        found.append(F.grid_sample(shot, there, "bicubic", "border", align_corners=False))
    return torch.cat(found, 1)


def measure_agreement(shot: Tensor, reference: Tensor) -> Tensor:
    """Both (N, 3, H, W), aligned → (N, 1, H, W): 1 / (1 + (e / 3σ)²), the least of the surroundings.

    e is the largest difference of the channels in the mean of a window, σ what noise and sampling explain of it.
    """
    error = mean_around(shot - reference, AROUND).abs().amax(1, keepdim=True)
    grey = reference.mean(1, keepdim=True)
    contrast = (mean_around(grey.square(), AROUND) - mean_around(grey, AROUND).square()).clamp_min(0).sqrt()
    return smallest(1 / (1 + (error / (3 * (CALM + EDGE * contrast))).square()), AROUND)


def tell_news(shot: Tensor, reference: Tensor, inside: Tensor) -> Tensor:
    """shot, reference (N, 12, H, W) from `sample`, inside (N, 1, H, W): 1 where the shot shows the place → (N, 13, H, W).

    As `nets.RecurrentNetwork` takes it.
    """
    believed = inside * measure_agreement(shot[:, :3], reference[:, :3])
    return torch.cat([believed * (shot - reference), believed], 1)
