"""Writing stays legible: labels are read by Tesseract after the GAN at full detail as well as after the CNN."""

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import sr_models
from sr_models import Photo
from sr_models.photo import recompressed

LINES = ("Organic whole milk 500 ml", "Best before 24.08.2027", "Batch 4817 Keep cool", "Wash at 30 degrees, do not bleach")
DEJAVU = Path("/usr/share/fonts/truetype/dejavu")
FONTS = [None, *(str(DEJAVU / name) for name in ("DejaVuSerif.ttf", "DejaVuSans-Bold.ttf") if (DEJAVU / name).exists())]
COLOURS = [((20, 20, 20), (250, 250, 250)), ((240, 240, 235), (30, 60, 110))]

pytestmark = pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract (Debian: tesseract-ocr) is not installed")


def label(font: str | None, size: int, ink: tuple[int, int, int], ground: tuple[int, int, int]) -> Photo:
    """The lines on a label, `size` pixels high, shrunk 4 times and saved as a JPEG of quality 80."""
    chosen = ImageFont.load_default(size) if font is None else ImageFont.truetype(font, size)
    image = Image.new("RGB", (size * 22 // 4 * 4, size * 8 // 4 * 4), ground)
    for row, line in enumerate(LINES):
        ImageDraw.Draw(image).text((size, size * (0.8 + 1.7 * row)), line, ink, chosen)
    small = image.resize((image.width // 4, image.height // 4), Image.Resampling.BICUBIC)
    return recompressed(Photo(np.asarray(small)), 80)


def read_aloud(photo: Photo) -> str:
    data = io.BytesIO()
    Image.fromarray(photo.rgb).save(data, "PNG")
    done = subprocess.run(["tesseract", "-", "-", "--psm", "6"], input=data.getvalue(), capture_output=True, check=True)
    return " ".join(done.stdout.decode("utf-8", "replace").split())


def error_rate(photo: Photo) -> float:
    """Character error rate: insertions, deletions and substitutions over the number of characters (Levenshtein, 1966)."""
    wanted = " ".join(LINES)
    distances = range(len(wanted) + 1)
    for count, read in enumerate(read_aloud(photo), 1):
        row = [count]
        for column, character in enumerate(wanted):
            row.append(min(row[-1] + 1, distances[column + 1] + 1, distances[column] + (character != read)))
        distances = row
    return distances[-1] / len(wanted)


def test_the_gan_at_full_detail_leaves_labels_as_legible_as_the_cnn():
    wrong = {"cnn": 0.0, "gan": 0.0, "bicubic": 0.0}
    for font in FONTS:
        for size in (24, 30):
            for ink, ground in COLOURS:
                photo = label(font, size, ink, ground)
                for model in wrong:
                    detail = 1.0 if model == "gan" else None
                    result = sr_models.upscale(photo, scale=4, model=model, detail=detail, input="web" if model == "cnn" else "auto")
                    wrong[model] += error_rate(result.photo) / (len(FONTS) * 2 * len(COLOURS))
    assert wrong["gan"] <= wrong["cnn"], wrong
    assert wrong["cnn"] < 0.2, wrong


def test_the_reading_notices_what_is_illegible():
    photo = label(None, 36, *COLOURS[0])
    tiny = sr_models.resized(sr_models.resized(photo, (photo.size[0] // 3, photo.size[1] // 3)), photo.size)
    assert error_rate(tiny) > 0.5
