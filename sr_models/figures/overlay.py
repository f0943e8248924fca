"""Draws a tint over a result where it has detail that its photo did not hold."""

import numpy as np
import torch
import torch.nn.functional as F

from sr_models.figures.quality import map_new_detail
from sr_models.photo import Photo

TINT = np.array([255, 0, 128], np.float32)
DIMMED = 0.6  # of the picture's brightness, so that the tint stands out


def overlay(picture: Photo, added: np.ndarray) -> Photo:
    """`picture`, the result at any size, in grey, tinted by `added`, float32 (H, W) as `quality.measure_detail` gives it.

    Calibrated: a Lanczos enlargement shows no tint, random noise the full one (`quality.map_new_detail`).
    """
    width, height = picture.size
    strength = torch.from_numpy(map_new_detail(added, 1))[None, None]
    share = F.interpolate(strength, size=(height, width), mode="bilinear")[0, 0, :, :, None].numpy()
    grey = DIMMED * picture.rgb.mean(2, keepdims=True, dtype=np.float32)
    return Photo(np.rint(grey + share * (TINT - grey)).astype(np.uint8), picture.alpha)
