"""Labels with small writing, and how much of it Tesseract reads wrongly after an enlargement."""

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import fmean

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sr_models.output import encode
from sr_models.photo import Photo
from sr_models.reading import recompress

LINES = ("Organic whole milk 500 ml", "Best before 24.08.2027", "Batch 4817 Keep cool", "Wash at 30 degrees, do not bleach")
DEJAVU = Path("/usr/share/fonts/truetype/dejavu")
FONTS = [None, *(str(DEJAVU / name) for name in ("DejaVuSerif.ttf", "DejaVuSans-Bold.ttf") if (DEJAVU / name).exists())]
COLOURS = [((20, 20, 20), (250, 250, 250)), ((240, 240, 235), (30, 60, 110))]
SIZES = (24, 30)
TESSERACT = shutil.which("tesseract")
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def draw_label(font: str | None, size: int, ink: tuple[int, int, int], ground: tuple[int, int, int], scale: int = 4) -> Photo:
    """The lines on a label, `size` pixels high, shrunk `scale` times and saved as a JPEG of quality 80."""
    chosen = ImageFont.load_default(size) if font is None else ImageFont.truetype(font, size)
    return draw_lines(LINES, chosen, size, ink, ground, scale, 80)


def draw_lines(
    lines: Sequence[str], font: Font, size: int, ink: tuple[int, int, int], ground: tuple[int, int, int], scale: int, quality: int
) -> Photo:
    """Up to four lines on a label, `size` pixels high, shrunk `scale` times and saved as a JPEG of a quality."""
    width, height = size * 22 // scale, size * 8 // scale
    image = Image.new("RGB", (width * scale, height * scale), ground)
    for row, line in enumerate(lines):
        ImageDraw.Draw(image).text((size, size * (0.8 + 1.7 * row)), line, ink, font)
    return recompress(Photo(np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))), quality)


def draw_labels(scale: int = 4) -> Iterator[Photo]:
    """One of each font, size and pair of colours."""
    for font in FONTS:
        for size in SIZES:
            for ink, ground in COLOURS:
                yield draw_label(font, size, ink, ground, scale)


def mean_error_rate(enlarged: Callable[[Photo], Photo], scale: int = 4) -> float:
    """Over all labels, after `enlarged`."""
    return fmean(error_rate(enlarged(photo)) for photo in draw_labels(scale))


def error_rate(photo: Photo) -> float:
    """Share of the characters of LINES that Tesseract reads wrongly."""
    return share_wrong(read_aloud(photo), " ".join(LINES))


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
