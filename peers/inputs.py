"""The photos that are enlarged: parts of sharp originals, made small in four ways."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from sr_models.figures.evaluate import shrink_as_matlab
from sr_models.folders import photo_files
from sr_models.photo import Photo
from sr_models.reading import read, recompress
from sr_models.training.crops import find_busiest_crop

LEAST = 48  # pixels of the small photo: photos that are smaller are not used
PHONE_NOISE = 3.0  # levels of 255


@dataclass(frozen=True)
class Case:
    """What every system gets."""

    photos: str
    """The name of the set of photos."""
    name: str
    """Of the photo."""
    input: str
    """How it was made small: a name of INPUTS."""
    scale: int
    original: np.ndarray
    """uint8 (side·scale, side·scale, 3)."""
    small: Photo


def resize(rgb: np.ndarray, side: int, how: Image.Resampling) -> np.ndarray:
    return np.asarray(Image.fromarray(rgb).resize((side, side), how))


def make_clean(rgb: np.ndarray, scale: int) -> Photo:
    return Photo(shrink_as_matlab(rgb, scale))


def make_jpeg(rgb: np.ndarray, scale: int) -> Photo:
    return recompress(make_clean(rgb, scale), 75)


def make_shop(rgb: np.ndarray, scale: int) -> Photo:
    """Saved by the maker at one and a half times the size, then resized and saved by the shop."""
    side = rgb.shape[0] // scale
    first = recompress(Photo(resize(rgb, side * 3 // 2, Image.Resampling.BICUBIC)), 85)
    return recompress(Photo(resize(first.rgb, side, Image.Resampling.LANCZOS)), 80)


def make_phone(rgb: np.ndarray, scale: int) -> Photo:
    """Out of focus by nearly a pixel of the small photo, with the noise of a small sensor, saved at quality 90."""
    soft = np.asarray(Image.fromarray(rgb).filter(ImageFilter.GaussianBlur(0.8 * scale)))
    small = shrink_as_matlab(soft, scale)
    noise = np.random.default_rng(0).normal(0, PHONE_NOISE, small.shape)
    return recompress(Photo((small + noise).round().clip(0, 255).astype(np.uint8)), 90)


INPUTS: dict[str, Callable[[np.ndarray, int], Photo]] = {"clean": make_clean, "jpeg": make_jpeg, "shop": make_shop, "phone": make_phone}
"""Name → from an original, uint8 (side·scale, side·scale, 3), to the small photo."""


def choose_photos(folder: Path, count: int, seed: int) -> list[Path]:
    """`count` of the photos of a folder, or all there are: the same for the same seed."""
    found = sorted(photo_files(folder))
    return sorted(random.Random(seed).sample(found, min(count, len(found))))


def cut_cases(photos: str, files: list[Path], inputs: tuple[str, ...], scale: int, side: int) -> Iterator[Case]:
    """The busiest square of each photo whose small one has `side` pixels, or as many as the photo allows, made small in each way."""
    for file in files:
        rgb = read(file).rgb
        used = min(side, *(length // scale for length in rgb.shape[:2]))
        if used < LEAST:
            continue
        top, left = find_busiest_crop(rgb, used * scale, 16)
        original = np.ascontiguousarray(rgb[top : top + used * scale, left : left + used * scale])
        for input in inputs:
            yield Case(photos, file.stem, input, scale, original, INPUTS[input](original, scale))
