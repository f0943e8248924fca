"""Draws a tint over a result where it has detail that its photo did not hold."""

import numpy as np
import torch
import torch.nn.functional as F

from sr_models.photo import Photo

TINT = np.array([255, 0, 128], np.float32)
DIMMED = 0.6  # of the picture's brightness, so that the tint stands out
FULL = 32.0**2  # levels²: added local variance that is drawn in full


def overlay(picture: Photo, added: np.ndarray) -> Photo:
    """`picture`, the result at any size, in grey, tinted by `added`, float32 (H, W) as `detail.measure_detail` gives it."""
    share = map_new_detail(added, picture.rgb.shape[:2])[:, :, None]
    grey = DIMMED * picture.rgb.mean(2, keepdims=True, dtype=np.float32)
    return Photo(np.rint(grey + share * (TINT - grey)).astype(np.uint8), picture.alpha)


def map_new_detail(new: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Where detail was added, float32 of `size` = (height, width) in [0, 1] from `new` of `measure_detail`: 0 for Lanczos, 1 for noise.

    (new / FULL)^0.3, at most 1: a power of 0.6 of the amplitude, so that fine texture shows too; bilinear between the photo's pixels.
    """
    strength = (torch.from_numpy(new)[None, None] / FULL).clamp_max(1) ** 0.3
    return F.interpolate(strength, size=size, mode="bilinear")[0, 0].numpy()
