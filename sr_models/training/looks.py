"""`python -m sr_models.training.looks --data FOLDER`: how much of known casts the studio look takes out of photos that it never saw.

Of each white-ground photo, casts of known lights are made; what is then left of them is the mean ΔE00 to the photo itself.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from sr_models.figures.quality import delta_e
from sr_models.photo import Photo
from sr_models.reading import photo_files, read
from sr_models.shop.backdrop import find_backdrop
from sr_models.stages.look import look
from sr_models.stages.prepare import balance
from sr_models.stages.resampling import resized
from sr_models.stages.size import Aim, limit_longest_side, times
from sr_models.training.thumbnails import WHITE, cast_light
from sr_models.wishes import Order

CASTS = 8  # of each photo
SIDE = 384  # pixels: longer side of what is measured
ALL = Order(look="studio", look_product=1)
RANDOM = 7


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sr_models.training.looks", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="with photos that were not trained on")
    photos = list(white_photos(parser.parse_args().data))
    figures = np.array([row for photo in photos for row in measure_casts(photo)])
    names = ("cast", "white balance 0.5", "white balance 1", "background's median", "studio", "studio, background", "studio, product")
    for name, mean in zip(names, figures.mean(0), strict=True):
        print(f"{name:<22}{mean:.2f}")
    same = np.concatenate([delta_e(photo.rgb, take(photo).rgb).ravel() for photo in photos])
    print(f"{'photos as they were':<22}{same.mean():.2f}, 95th percentile {np.percentile(same, 95):.2f} ({len(photos)} photos)")


def white_photos(folder: Path) -> Iterator[Photo]:
    """Those of a folder that have a white ground, without transparency, small."""
    for file in photo_files(folder):
        photo = read(file)
        small = replace(resized(photo, limit_longest_side(photo.size, SIDE)), noise=0.0)
        backdrop = find_backdrop(small)
        if photo.alpha is None and not backdrop.is_scene and min(backdrop.colour) >= WHITE:
            yield small


def measure_casts(photo: Photo) -> Iterator[list[float]]:
    """For each cast, mean ΔE00 to the photo: of the cast, of the classic ways, and of the look, in all, in backdrop and in product."""
    random = np.random.default_rng(RANDOM)
    behind = find_backdrop(photo).mask
    for _ in range(CASTS):
        lit = cast_light(torch.from_numpy(photo.rgb.copy()).permute(2, 0, 1)[None] / 255, random)
        cast = Photo(np.rint(255 * lit[0].permute(1, 2, 0).numpy()).astype(np.uint8))
        results = [cast, balance(cast, 0.5), balance(cast, 1), divide_by_backdrop(cast, behind), take(cast)]
        left = [delta_e(photo.rgb, result.rgb) for result in results]
        yield [*(float(found.mean()) for found in left), float(left[-1][behind].mean()), float(left[-1][~behind].mean())]


def take(photo: Photo) -> Photo:
    """The photo with all of the studio look, on its product too."""
    return look(photo, photo, Aim(photo, times(photo.size, 1)), ALL).picture


def divide_by_backdrop(photo: Photo, behind: np.ndarray) -> Photo:
    """The classic way for one even light and a white ground: each channel, in linear light, divided by the backdrop's median."""
    levels = np.arange(256) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    planes = []
    for plane in np.moveaxis(photo.rgb, 2, 0):
        lit = np.minimum(linear[plane] / linear[int(np.median(plane[behind]))], 1)
        planes.append(np.where(lit <= 0.0031308, 12.92 * lit, 1.055 * lit ** (1 / 2.4) - 0.055))
    return replace(photo, rgb=np.rint(255 * np.stack(planes, 2)).astype(np.uint8))


if __name__ == "__main__":
    main()
