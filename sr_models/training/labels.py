"""Labels with small writing, and how much of it Tesseract reads wrongly after an enlargement."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sr_models.output import encode
from sr_models.photo import Photo
from sr_models.reading import recompress

DEJAVU = Path("/usr/share/fonts/truetype/dejavu")
COLOURS = [((20, 20, 20), (250, 250, 250)), ((240, 240, 235), (30, 60, 110))]
TESSERACT = shutil.which("tesseract")


class Writing(NamedTuple):
    lines: Sequence[str]
    """Up to four."""
    fonts: Sequence[tuple[str | None, int]]
    """File and place in it; None is the font that Pillow brings."""
    sizes: Sequence[int]
    """Pixels of a character before the label is made small."""


LATIN = Writing(
    ("Organic whole milk 500 ml", "Best before 24.08.2027", "Batch 4817 Keep cool", "Wash at 30 degrees, do not bleach"),
    [(None, 0), *((str(file), 0) for name in ("DejaVuSerif.ttf", "DejaVuSans-Bold.ttf") if (file := DEJAVU / name).exists())],
    (24, 30),
)


def draw_labels(writing: Writing = LATIN, scale: int = 4, quality: int = 80) -> Iterator[Photo]:
    """A label of each font, size and pair of colours, shrunk `scale` times and saved as a JPEG of this quality."""
    for (file, place), size, (ink, ground) in product(writing.fonts, writing.sizes, COLOURS):
        font = ImageFont.load_default(size) if file is None else ImageFont.truetype(file, size, place)
        width, height = size * 22 // scale, size * 8 // scale
        image = Image.new("RGB", (width * scale, height * scale), ground)
        for row, line in enumerate(writing.lines):
            ImageDraw.Draw(image).text((size, size * (0.8 + 1.7 * row)), line, ink, font)
        yield recompress(Photo(np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))), quality)


def error_rate(photo: Photo) -> float:
    """Share of the characters of LATIN that Tesseract reads wrongly."""
    return share_wrong(read_aloud(photo), " ".join(LATIN.lines))


def share_wrong(read: str, wanted: str) -> float:
    """Character error rate: insertions, deletions and substitutions over the number of characters (Levenshtein, 1966)."""
    distances = range(len(wanted) + 1)
    for count, found in enumerate(read, 1):
        row = [count]
        for column, character in enumerate(wanted):
            row.append(min(row[-1] + 1, distances[column + 1] + 1, distances[column] + (character != found)))
        distances = row
    return distances[-1] / len(wanted)


def read_aloud(photo: Photo) -> str:
    """What Tesseract reads."""
    done = subprocess.run([TESSERACT or "tesseract", "-", "-", "--psm", "6"], input=encode(photo).data, capture_output=True, check=True)
    return " ".join(done.stdout.decode("utf-8", "replace").split())
