"""How a small photo comes about: from a large crop to the pair (small, large) that a network learns from."""

import io
from typing import Literal

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import Tensor

from sr_models.figures.matlab import shrink

Degradation = Literal["clean", "web"]
WEB_SHARE = 0.75  # of the "web" pairs; the others are clean
WHITE_SHARE = 0.1  # of the "web" crops, put on white
MARGIN = 4  # small pixels that a crop has more on each side, and that are cut off after shrinking: no border effect is learnt
NOISE = 4  # levels of 255: largest standard deviation
RESAMPLERS = (Image.Resampling.BOX, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)


def make_pairs(crops: Tensor, scale: int, degradation: Degradation, random: np.random.Generator) -> tuple[Tensor, Tensor]:
    """crops uint8 (N, S, S, 3), S = (patch + 2·MARGIN)·scale → small (N, 3, patch, patch), large (N, 3, patch·scale, patch·scale).

    Both float32 in [0, 1], on the device of `crops`, channels last in memory. "clean" is the benchmarks' bicubic; "web" is
    what shops have, a quarter of it clean: mixed resamplers, a light blur, a little noise, JPEG or WebP, sometimes twice; and
    sometimes on white.
    """
    if degradation == "web":
        crops = lay_circles_on_white(crops, draw_circles(random, len(crops), crops.shape[1]))
    small = shrink_crops(crops, scale, degradation, random)
    edge = MARGIN * scale
    return as_pictures(small[:, MARGIN:-MARGIN, MARGIN:-MARGIN]), as_pictures(crops[:, edge:-edge, edge:-edge])


def as_pictures(crops: Tensor) -> Tensor:
    """uint8 (N, H, W, 3) → float32 (N, 3, H, W) in [0, 1], channels last in memory."""
    return crops.permute(0, 3, 1, 2).float().div(255).contiguous(memory_format=torch.channels_last)


def shrink_crops(crops: Tensor, scale: int, degradation: Degradation, random: np.random.Generator) -> Tensor:
    """crops uint8 (N, S, S, 3) → their small pictures, uint8 (N, S/scale, S/scale, 3), on the same device."""
    small = shrink(crops.permute(0, 3, 1, 2).float(), scale).byte().permute(0, 2, 3, 1)
    if degradation == "web":
        for crop, photo in zip(crops, small, strict=True):
            if random.random() < WEB_SHARE:
                photo.copy_(torch.from_numpy(degrade_as_web(crop.cpu().numpy(), scale, random)))
    return small


def draw_circles(random: np.random.Generator, count: int, side: int) -> Tensor:
    """(count, 3): row, column and radius in pixels of the round outline that a crop is cut out with; mostly all of it stays."""
    drawn = random.random((count, 4))
    whole = np.where(drawn[:, 3] < WHITE_SHARE, 0.3 + 0.6 * drawn[:, 2], 2)
    return torch.from_numpy(side * np.stack([drawn[:, 0], drawn[:, 1], whole], axis=1)).float()


def lay_circles_on_white(crops: Tensor, circles: Tensor, margin: int = 0) -> Tensor:
    """crops uint8 (N, S, S, 3) → as if cut out with these round outlines, their edge a pixel wide, and laid on pure white.

    `margin`: so many pixels of the crops that the circles are meant for are cut off already, on each side.
    """
    y, x, radius = (part[:, None, None] for part in circles.to(crops.device).unbind(1))
    place = torch.arange(margin, margin + crops.shape[1], device=crops.device)
    covered = (radius + 0.5 - torch.hypot(place[:, None] - y, place - x)).clamp(0, 1)[..., None]
    return (255 - covered * (255 - crops.float())).round().byte()


def degrade_as_web(crop: np.ndarray, scale: int, random: np.random.Generator) -> np.ndarray:
    """crop uint8 (S, S, 3) → uint8 (S/scale, S/scale, 3) as a shop would have made it, with real codecs."""
    image = Image.fromarray(crop)
    side = crop.shape[0] // scale
    if random.random() < 0.35:
        image = image.filter(ImageFilter.GaussianBlur(random.uniform(0.2, 0.8) * scale / 2))
    image = image.resize((side, side), RESAMPLERS[random.integers(len(RESAMPLERS))])
    if random.random() < 0.1:
        image = image.filter(ImageFilter.UnsharpMask(radius=1, percent=int(random.uniform(30, 100)), threshold=0))
    if random.random() < 0.15:
        noise = random.normal(0, random.uniform(0, NOISE), (side, side, 3))
        image = Image.fromarray((np.asarray(image) + noise).round().clip(0, 255).astype(np.uint8))
    for _ in range(1 + (random.random() < 0.3)):
        image = recompress_at_random(image, random)
    return np.array(image)


def recompress_at_random(image: Image.Image, random: np.random.Generator) -> Image.Image:
    """Through JPEG (quality 55 to 95, 4:2:0 or 4:4:4) or WebP (60 to 95)."""
    buffer = io.BytesIO()
    if random.random() < 0.3:
        image.save(buffer, "WEBP", quality=int(random.integers(60, 96)), method=2)
    else:
        image.save(buffer, "JPEG", quality=int(random.integers(55, 96)), subsampling=2 if random.random() < 0.7 else 0)
    return Image.open(buffer).convert("RGB")
