"""What the classic steps share: they work in bands of rows to save memory, and never change hidden pixels or a pure white background."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from sr_models.compression import find_background
from sr_models.photo import LUMA, Photo
from sr_models.tiles import split_into_bands

BAND = 256  # rows worked on at once; a multiple of JPEG's blocks


def repaint(photo: Photo, rgb: np.ndarray) -> Photo:
    """The photo in the colours `rgb`, except for hidden pixels and a pure white background, which stay as they were.

    How a JPEG's coefficients were rounded no longer tells what the new colours can mean: only `noise` is kept.
    """
    white = find_background(photo.rgb)
    fixed = white if photo.alpha is None else white | (photo.alpha == 0)
    return replace(photo, rgb=np.where(fixed[:, :, None], photo.rgb, rgb), coded=None)


def map_levels(rgb: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) with each value replaced as the curve of its channel, (3, 256), says."""
    table = np.rint(levels).clip(0, 255).astype(np.uint8)
    return np.stack([table[channel][rgb[:, :, channel]] for channel in range(3)], axis=2)


def read_with_context(rgb: np.ndarray, rows: slice, reach: int) -> Tensor:
    """The `rows` of uint8 (H, W, 3) with `reach` pixels around → float32 (3, rows + 2·reach, W + 2·reach), mirrored at the border."""
    first, last = max(0, rows.start - reach), min(len(rgb), rows.stop + reach)
    missing = (reach - (rows.start - first), reach - (last - rows.stop))
    part = np.pad(rgb[first:last], (missing, (reach, reach), (0, 0)), mode="symmetric")
    return torch.from_numpy(part).permute(2, 0, 1).float()


def cut_context(x: Tensor, reach: int) -> np.ndarray:
    """(C, H + 2·reach, W + 2·reach) → uint8 (H, W, C): rounded, and without the `reach` pixels around."""
    inner = x[:, reach : x.shape[1] - reach, reach : x.shape[2] - reach]
    return inner.round().clamp(0, 255).byte().permute(1, 2, 0).numpy()


def change_brightness(rgb: np.ndarray, reach: int, function: Callable[[Tensor], Tensor]) -> np.ndarray:
    """rgb whose brightness is what `function`, (h, w) → (h, w), makes of it: each channel changes by the same amount.

    The function looks at most `reach` pixels around each place.
    """
    result = np.empty_like(rgb)
    for rows in split_into_bands(len(rgb), BAND):
        part = read_with_context(rgb, rows, reach)
        luma = torch.einsum("c,chw->hw", torch.from_numpy(LUMA), part)
        result[rows] = cut_context(part + (function(luma) - luma), reach)
    return result
