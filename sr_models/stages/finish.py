"""The classic steps after the network: each a pure function of a photo and an amount."""

import math
from itertools import product

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from sr_models.photo import LUMA, Photo
from sr_models.stages.alpha import bleed
from sr_models.stages.crisp import steepen_edges, steepening_reach
from sr_models.stages.painting import BAND, change_brightness, cut_context, map_levels, repaint
from sr_models.tiles import spans, split_into_bands
from sr_models.windows import gaussian

TILE = 512  # pixels: side of what is worked on at once where a step needs much memory for each of them
SHARPENED = 1.5  # pixels: radius of the unsharp mask


def crisp(photo: Photo, width: float) -> Photo:
    """Edges that are soft over `width` pixels made steep in brightness, by a shock filter: no halo, no grain."""
    rgb = bleed(photo)
    result = np.empty_like(rgb)
    rows, columns = (list(spans(length, TILE, steepening_reach(width))) for length in rgb.shape[:2])
    for down, across in product(rows, columns):
        part = torch.tensor(rgb[down.source, across.source]).permute(2, 0, 1)[None] / 255
        steep = steepen_edges(part, width)[0, :, down.inner(), across.inner()]
        result[down.outer(), across.outer()] = cut_context(255 * steep, 0)
    return repaint(photo, result)


def sharpen(photo: Photo, amount: float) -> Photo:
    """An unsharp mask on brightness: `amount` times what a Gaussian blur takes away is added."""
    reach = math.ceil(4 * SHARPENED)
    window = gaussian(SHARPENED, reach)

    def sharper(luma: Tensor) -> Tensor:
        blurred = F.conv2d(F.conv2d(luma[None, None], window[None, None, :, None]), window[None, None, None, :])[0, 0]
        return luma + amount * (luma - F.pad(blurred, (reach,) * 4))

    return repaint(photo, change_brightness(bleed(photo), reach, sharper))


def contrast(photo: Photo, amount: float) -> Photo:
    """Each channel `amount` of the way to 3v² − 2v³: dark darker, bright brighter, black and white as they were."""
    v = np.linspace(0, 1, 256)
    return repaint(photo, map_levels(photo.rgb, np.tile(255 * (v + amount * (3 * v**2 - 2 * v**3 - v)), (3, 1))))


def colour(photo: Photo, amount: float) -> Photo:
    """The distance from grey made larger by `amount` of itself, or smaller; −1 is grey. Greys, white among them, stay."""
    result = np.empty_like(photo.rgb)
    for rows in split_into_bands(len(result), BAND):
        rgb = photo.rgb[rows].astype(np.float32)
        grey = (rgb @ LUMA)[:, :, None]
        result[rows] = np.rint(rgb + amount * (rgb - grey)).clip(0, 255)
    return repaint(photo, result)
