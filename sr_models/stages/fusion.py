"""Several shots without a network that was made for them: what such a network has to beat."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from sr_models.nets.recurrent import reduce
from sr_models.stages.align import Aligned, as_tensor, centred, measure_agreement, move_grid
from sr_models.windows import smallest

ROUNDS = 30  # of back-projection, at most
GRADED = 0.5 - 10 / 255  # farthest from mid-grey
PACE = 0.7  # of what is missing, added in each round


def average(results: Sequence[Tensor], shots: Sequence[Aligned], scale: int) -> Tensor:
    """The enlargements (1, 3, h·scale, w·scale) of the reference and of each other shot, in its own frame → their mean on the reference.

    `shots` are the others. A shot counts where, and as far as, it agrees with the reference.
    """
    first = results[0]
    small = reduce(first, scale)
    total, weight = first.clone(), torch.ones_like(first[:, :1])
    for result, shot in zip(results[1:], shots, strict=True):
        seen = at_places(result, magnified(shot.warp, scale), *first.shape[2:])
        seen = seen * shot.gain[:, None, None] + shot.offset[:, None, None]
        believed = F.interpolate(believe(shot, small), scale_factor=scale, mode="bilinear")
        total, weight = total + believed * seen, weight + believed
    return total / weight


def back_project(start: Tensor, reference: Aligned, shots: Sequence[Aligned], scale: int) -> Tensor:
    """Changes an enlargement until it explains all shots as well as their noise allows (Irani & Peleg, CVGIP 1991).

    start (1, 3, H·scale, W·scale) → the same shape. Without the stop it would go on to explain the noise.
    """
    first = as_tensor(reference.rgb)
    everything = [(reference, torch.ones_like(first[:, :1])), *((shot, believe(shot, first)) for shot in shots)]
    pictures = [as_tensor(shot.rgb) * shot.gain[:, None, None] + shot.offset[:, None, None] for shot, _ in everything]
    noise = sum(measure_noise(picture, find_graded(picture)) ** 2 for picture in pictures) / len(pictures)
    result, best = start, float("inf")
    for _ in range(ROUNDS):
        change, weight, left = torch.zeros_like(result), torch.zeros_like(result[:, :1]), 0.0
        for (shot, believed), picture in zip(everything, pictures, strict=True):
            height, width = picture.shape[2:]
            shown = at_places(result, magnified(torch.linalg.inv(shot.warp), scale), height * scale, width * scale)
            missing = picture - reduce(shown, scale)
            back = at_places(F.interpolate(missing, scale_factor=scale, mode="bicubic"), magnified(shot.warp, scale), *result.shape[2:])
            counted = F.interpolate(believed, scale_factor=scale, mode="bilinear")
            change, weight = change + counted * back, weight + counted
            left += (at_places(missing, shot.warp, *first.shape[2:]).square() * believed).mean().item() / len(everything)
        if left <= noise or left >= best:
            break
        result, best = result + PACE * change / weight, left
    return result


def believe(shot: Aligned, first: Tensor) -> Tensor:
    """(1, 1, H, W): how far the shot agrees with the reference, `first` (1, 3, H, W); 0 where it does not show the place."""
    seen, inside = shot.at(centred(*first.shape[2:]))
    return inside * measure_agreement(seen[:, :3], first)


def magnified(warp: Tensor, scale: int) -> Tensor:
    """The same map between pictures `scale` times as large."""
    return torch.diag(torch.tensor([scale, scale, 1.0])) @ warp @ torch.diag(torch.tensor([1 / scale, 1 / scale, 1.0]))


def at_places(picture: Tensor, warp: Tensor, height: int, width: int) -> Tensor:
    """picture (1, 3, h, w) → (1, 3, height, width): where `warp` leads from there, cubic interpolation."""
    half = torch.tensor([picture.shape[3], picture.shape[2]]) / 2
    there = move_grid(centred(height, width), warp[None]) / half
    return F.grid_sample(picture, there, "bicubic", "border", align_corners=False)


def find_graded(rgb: Tensor) -> Tensor:
    """(1, 3, H, W) → (1, 1, H, W): 1 where no channel is near black or white, which would cut its noise off."""
    return ((rgb - 0.5).abs().amax(1, keepdim=True) < GRADED).float()


def measure_noise(rgb: Tensor, where: Tensor) -> float:
    """(1, C, H, W) → standard deviation of what changes from pixel to pixel on calm grounds (Immerkær, CVIU 1996; its median).

    Only pixels count around which `where` (1, 1, H, W) is 1.
    """
    kernel = torch.tensor([[1.0, -2, 1], [-2, 4, -2], [1, -2, 1]])[None, None] / 6
    counted = (smallest(where, 3) > 0)[0, 0, 1:-1, 1:-1]
    changes = F.conv2d(rgb.transpose(0, 1), kernel)[:, 0][:, counted].abs()
    return 1.4826 * changes.median().item() if changes.numel() else 0.0
