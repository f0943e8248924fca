"""How a small photo comes about: from a large crop to the pair (small, large) that a network learns from."""

import io
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import Tensor

from sr_models.resize import shrink

Degradation = Literal["clean", "web"]
WEB_SHARE = 0.75  # of the "web" pairs; the others are clean
WHITE_SHARE = 0.1  # of the "web" crops, put on white
MARGIN = 4  # small pixels that a crop has more on each side, and that are cut off after shrinking: no border effect is learnt
NOISE = 4  # levels of 255: largest standard deviation
RESAMPLERS = (Image.Resampling.BOX, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)


def pair(crops: Tensor, scale: int, degradation: Degradation, random: np.random.Generator) -> tuple[Tensor, Tensor]:
    """crops uint8 (N, S, S, 3), S = (patch + 2·MARGIN)·scale → small (N, 3, patch, patch), large (N, 3, patch·scale, patch·scale).

    Both float32 in [0, 1], on the device of `crops`, channels last in memory. "clean" is the benchmarks' bicubic; "web" is
    what shops have, a quarter of it clean: mixed resamplers, a light blur, a little noise, JPEG or WebP, sometimes twice; and
    sometimes on white.
    """
    if degradation == "web":
        crops = torch.stack([on_white(crop, random) if random.random() < WHITE_SHARE else crop for crop in crops])
    large = crops.permute(0, 3, 1, 2).float()  # a view of channels-last memory
    small = shrink(large, scale)
    if degradation == "web":
        degraded = [i for i in range(len(crops)) if random.random() < WEB_SHARE]
        streams = [np.random.default_rng(random.integers(2**63)) for _ in degraded]
        with ThreadPoolExecutor(os.cpu_count() if crops.is_cuda else 1) as pool:  # Pillow's codecs let other threads run
            photos = pool.map(lambda i, stream: web(crops[i].cpu().numpy(), scale, stream), degraded, streams)
            for i, photo in zip(degraded, photos, strict=True):
                small[i] = torch.from_numpy(photo).permute(2, 0, 1)
    edge = MARGIN * scale
    small = small[:, :, MARGIN:-MARGIN, MARGIN:-MARGIN]
    large = large[:, :, edge:-edge, edge:-edge]
    return (small / 255).contiguous(memory_format=torch.channels_last), (large / 255).contiguous(memory_format=torch.channels_last)


def on_white(crop: Tensor, random: np.random.Generator) -> Tensor:
    """crop uint8 (S, S, 3) → as if cut out with a round outline, its edge a pixel wide, and laid on pure white."""
    side = crop.shape[0]
    y, x = random.uniform(0, side, 2)
    radius = random.uniform(0.3, 0.9) * side
    place = torch.arange(side, device=crop.device)
    distance = ((place[:, None] - y).square() + (place - x).square()).sqrt()
    covered = (radius + 0.5 - distance).clamp(0, 1)[:, :, None]
    return (255 - covered * (255 - crop.float())).round().byte()


def web(crop: np.ndarray, scale: int, random: np.random.Generator) -> np.ndarray:
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
        image = recompressed(image, random)
    return np.array(image)


def recompressed(image: Image.Image, random: np.random.Generator) -> Image.Image:
    """Through JPEG (quality 55 to 95, 4:2:0 or 4:4:4) or WebP (60 to 95)."""
    buffer = io.BytesIO()
    if random.random() < 0.3:
        image.save(buffer, "WEBP", quality=int(random.integers(60, 96)), method=2)
    else:
        image.save(buffer, "JPEG", quality=int(random.integers(55, 96)), subsampling=2 if random.random() < 0.7 else 0)
    return Image.open(buffer).convert("RGB")
