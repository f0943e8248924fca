"""`python -m sr_models.training.shots --data FOLDER --scale 4`: what several shots bring, with a simulated camera."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sr_models import SCALES, Photo, photo_files, read, upscale
from sr_models.figures.burst import EDGE, render_burst
from sr_models.figures.quality import STUDIO_LUMA, psnr
from sr_models.stages.faithful import LEVELS

COUNTS = (1, 2, 4, 8)  # shots in all
SIDE = 512  # pixels: of a photo, so much of the middle is the scene
NOISE = 2.4  # levels of 255: what a JPEG of quality 90 leaves (`Photo.noise`)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of sharp photos")
    parser.add_argument("--scale", type=int, choices=SCALES, default=4)
    parser.add_argument("--model", default="cnn")
    parser.add_argument("--faithful", choices=LEVELS, default="off")
    parser.add_argument("--mean", action="store_true", help="no network adds to the mean of the shots")
    parser.add_argument("--every", type=int, default=1, help="only one photo of so many")
    options = parser.parse_args(arguments)
    rows = []
    for row in measure(options.data, options.scale, options.model, options.faithful, options.every, not options.mean):
        rows.append(row)
        print(*(f"{value:6.2f}" for value in row), flush=True)
    print("mean of", len(rows), "photos:", *(f"{value:.2f}" for value in np.mean(rows, 0)))


def measure(folder: Path, scale: int, model: str, faithful: str, every: int = 1, fuse: bool = True) -> Iterator[list[float]]:
    """For each photo the PSNR-Y in dB with so many shots as COUNTS says, without the border that not all of them show."""
    for number, file in enumerate(photo_files(folder)[::every]):
        rgb = read(file).rgb
        side = min(SIDE, *(length // 16 * 16 for length in rgb.shape[:2]))
        top, left = ((length - side) // 2 for length in rgb.shape[:2])
        burst = render_burst(rgb[top : top + side, left : left + side], scale, max(COUNTS), np.random.default_rng(number))
        first, *others = (Photo(shot, noise=NOISE) for shot in burst.shots)
        inner = slice(EDGE * scale, -EDGE * scale)
        original = (burst.original @ STUDIO_LUMA)[inner, inner]
        found = (
            upscale(first, others[: count - 1], scale=scale, model=model, faithful=faithful, input="web", fuse=fuse) for count in COUNTS
        )
        yield [psnr((result.photo.rgb @ STUDIO_LUMA)[inner, inner], original) for result in found]


if __name__ == "__main__":
    main()
