"""What a look learns from: thumbnails of photos with a backdrop, white as in a studio or another one (snapshots); and known casts."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sr_models.photo import Photo
from sr_models.shop.backdrop import border_pixels, is_near, reach_from_border
from sr_models.stages.look import THUMBNAIL
from sr_models.stages.resampling import resized
from sr_models.training.photos import Photos

WHITE = 248  # levels: a backdrop with no channel below is a studio's
DARK, COLOURFUL = 110, 60  # levels: a backdrop that is darker, or whose channels differ by more, is meant to be so
NEAR, EDGE = 44, 8.0  # levels: snapshots have less even backdrops than those that backdrop.py looks for
LEAST, MOST = 0.08, 0.95  # share of the picture that is backdrop
EVEN = 0.5  # share of the border that has about the backdrop's colour
WARM, GREEN, DARKER = 0.12, 0.05, 0.25  # stops: how far casts and exposures go


class Thumbnails(NamedTuple):
    rgb: Tensor
    """float32 (N, 3, THUMBNAIL, THUMBNAIL) in [0, 1]."""
    backdrop: Tensor
    """float32 (N, 1, THUMBNAIL, THUMBNAIL): 1 in the backdrop, 0 in the product."""


def sort_by_backdrop(photos: Photos) -> tuple[Thumbnails, Thumbnails]:
    """(snapshots, studio photos) by the backdrop's colour; photos without one, or with a dark or colourful one, are left out."""
    snapshots, studio = [], []
    for rgb in photos.pictures():
        thumbnail = resized(Photo(rgb), (THUMBNAIL, THUMBNAIL)).rgb
        red, green, blue = (int(level) for level in np.median(border_pixels(thumbnail), axis=0))
        if is_near(border_pixels(thumbnail), (red, green, blue), NEAR).mean() < EVEN:
            continue
        mask = reach_from_border(thumbnail, (red, green, blue), near=NEAR, edge=EDGE)
        darkest, spread = min(red, green, blue), max(red, green, blue) - min(red, green, blue)
        if LEAST <= mask.mean() <= MOST and darkest >= DARK and spread <= COLOURFUL:
            (studio if darkest >= WHITE else snapshots).append((thumbnail, mask))
    return collect(snapshots), collect(studio)


def collect(found: list[tuple[np.ndarray, np.ndarray]]) -> Thumbnails:
    """Raises ValueError where there are none."""
    if not found:
        raise ValueError("A look learns from photos with a white backdrop and from photos with another one: give both.")
    rgb, masks = (torch.from_numpy(np.stack(parts)).float() for parts in zip(*found, strict=True))
    return Thumbnails(rgb.permute(0, 3, 1, 2) / 255, masks[:, None])


def cast_light(rgb: Tensor, random: np.random.Generator) -> Tensor:
    """(N, 3, H, W) in [0, 1] → each under a light of another colour, and darker: gains of linear light below 1, so that nothing clips."""
    warm, green, darker = (torch.from_numpy(random.uniform(low, high, len(rgb))).float() for low, high in LIGHTS)
    gains = torch.stack([warm, green, -warm], 1).to(rgb.device)
    gains = 2 ** (gains - gains.amax(1, keepdim=True) - darker[:, None].to(rgb.device))
    linear = torch.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) * gains[:, :, None, None]
    return torch.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055).clamp(0, 1)


LIGHTS = (-WARM, WARM), (-GREEN, GREEN), (0.0, DARKER)
