"""Finds writing, where invented detail would do harm, by looking for strokes; without a network."""

import numpy as np
import torch
from torch import Tensor

from sr_models.photo import LUMA
from sr_models.windows import largest, mean_around, ramp, smallest

STROKE = 9  # pixels: what is thinner than this can be a stroke of a letter
CONTRAST = (24.0, 48.0)  # levels between stroke and ground: from none to full protection
UNEVEN = (8.0, 16.0)  # levels: standard deviation of the ground around writing, from full protection to none
GROUND = (0.36, 0.5)  # share of pixels around that lie within a quarter of the contrast to their ground: from none to full protection
AROUND = 17  # pixels: side of the window in which the ground is judged
AGREED = (0.2, 0.35)  # share of the strokes around that look like writing: from none to full protection
NEIGHBOURS = 25  # pixels: side of the window in which they are asked
REACH = 4  # pixels that protection is carried outwards: the network looks around a place
SOFT = 5  # pixels: side of the mean that softens its edge
CONTEXT = 2 * (STROKE // 2) + AROUND // 2 + NEIGHBOURS // 2 + REACH + SOFT // 2
"""Pixels: how far from a place the decision about it looks."""


def find_writing(rgb: np.ndarray) -> np.ndarray:
    """rgb uint8 (H, W, 3) → float32 (H, W) in [0, 1]: 1 on writing, 0 where texture may be drawn.

    Strokes are the thin shapes that a morphological closing (dark ones) or opening (light ones) removes; what it leaves is their ground.
    Strokes are writing where this ground is even and much of it shows, unlike in woven or grained surfaces, and where most of the strokes
    around are writing too: else a few places in a texture would look different from the rest.
    """
    luma = torch.from_numpy(rgb @ LUMA)[None, None]
    found = torch.maximum(find_strokes(luma), find_strokes(255 - luma))
    return mean_around(largest(found, 2 * REACH + 1), SOFT)[0, 0].numpy()


def find_strokes(luma: Tensor) -> Tensor:
    """(1, 1, H, W) levels → the same shape in [0, 1]: how much a place looks like a dark stroke on an even, lighter ground."""
    ground = smallest(largest(luma, STROKE), STROKE)
    depth = ground - luma
    mean, square = (mean_around(x, AROUND) for x in (ground, ground.square()))
    uneven = (square - mean.square()).clamp_min(0).sqrt()
    plain = mean_around((depth < largest(depth, AROUND) / 4).float(), AROUND)
    stroke = ramp(depth, *CONTRAST)
    writing = stroke * (1 - ramp(uneven, *UNEVEN)) * ramp(plain, *GROUND)
    agreed = mean_around(writing, NEIGHBOURS) / mean_around(stroke, NEIGHBOURS).clamp_min(1e-6)
    return writing * ramp(agreed, *AGREED)
