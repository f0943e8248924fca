"""Back-projection of several shots (Irani & Peleg, CVGIP 1991): the classic way to put them together, which their average is compared with.

A result is changed until it explains every shot: moved there and reduced, it is to be that shot. To explain the noise of the shots too is
worse than to average it, so this stops where no more is left to explain than noise, of which the differences between the shots tell.
"""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from sr_models.stages.align import Aligned, as_tensor, centred, sample
from sr_models.stages.register import move

ROUNDS = 10  # at most
PACE = 0.7  # of what is missing, added in each round


@torch.inference_mode()
def back_project(start: np.ndarray, photo: np.ndarray, others: Sequence[Aligned]) -> np.ndarray:
    """start uint8 (H·scale, W·scale, 3), an enlargement of photo, uint8 (H, W, 3) → the same, changed until it explains all shots."""
    first, result = as_tensor(photo), as_tensor(start)
    scale = start.shape[0] // photo.shape[0]
    grid, fine = centred(*photo.shape[:2]), centred(*start.shape[:2]) / scale
    believed = [torch.ones_like(first[:, :1]), *(shot.believe(first, grid) for shot in others)]
    noise = measure_noise(first, others, believed[1:])
    for _ in range(ROUNDS):
        change, weight, left = torch.zeros_like(result), torch.zeros_like(result[:, :1]), 0.0
        for shot, trust in zip((Aligned(photo), *others), believed, strict=True):
            missing = shot.expose(as_tensor(shot.rgb)) - show(result, shot, scale)
            left += weigh(sample(missing, shot.place(grid)), trust) / len(believed)
            back = sample(F.interpolate(missing, scale_factor=scale, mode="bicubic"), shot.place(fine) * scale)
            counted = F.interpolate(trust, scale_factor=scale, mode="bilinear")
            change, weight = change + counted * back, weight + counted
        if left <= noise:
            break
        result += PACE * change / weight
    return result.mul(255).round_().clamp_(0, 255).byte()[0].permute(1, 2, 0).contiguous().numpy()


def show(result: Tensor, shot: Aligned, scale: int) -> Tensor:
    """result (1, 3, H·scale, W·scale) → (1, 3, h, w): how the shot would show it, each pixel the mean of what lies on it."""
    height, width = shot.rgb.shape[:2]
    there = move(centred(height * scale, width * scale) / scale, torch.linalg.inv(shot.warp))
    return F.avg_pool2d(sample(result, there * scale), scale)


def measure_noise(first: Tensor, others: Sequence[Aligned], believed: Sequence[Tensor]) -> float:
    """Mean square of the noise of a shot: half of that by which the others differ from the first, (1, 3, H, W), where they are believed.

    Infinite without others. What changes from pixel to pixel of one shot would not tell: a camera smooths its noise when it makes colours
    of its mosaic.
    """
    grid = centred(*first.shape[2:])
    differences = [weigh(shot.see(grid)[0] - first, trust) / 2 for shot, trust in zip(others, believed, strict=True)]
    return sum(differences) / len(differences) if differences else float("inf")


def weigh(error: Tensor, trust: Tensor) -> float:
    """Mean square of an error (1, 3, H, W), each pixel counted as far as it is trusted, (1, 1, H, W)."""
    return ((error.square() * trust).sum() / (3 * trust.sum()).clamp_min(1)).item()
