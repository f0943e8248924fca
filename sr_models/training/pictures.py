"""`python -m sr_models.training.pictures --data FOLDER`: make the README's pictures again, with the weights that are shipped.

FOLDER holds product-val. Writes examples/before-after.png and examples/gallery.png.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sr_models.evaluate import made
from sr_models.photo import Photo, read
from sr_models.upscale import upscale

EXAMPLES = Path(__file__).parents[2] / "examples"
SCALE = 4
GAP, HEADING = 8, 22  # pixels

Crop = tuple[str, int, int]
"""File, top and left in pixels of the enlarged photo."""
BEFORE_AFTER: tuple[Crop, ...] = (("blouse.jpg", 150, 330), ("shirt.jpg", 250, 560), ("dress.jpg", 600, 420))
GALLERY: tuple[Crop, ...] = (
    ("blouse.jpg", 20, 60),
    ("shirt.jpg", 60, 130),
    ("dress.jpg", 150, 100),
    ("trousers.jpg", 150, 100),
    ("val_18_abo_844a1cce.webp", 480, 340),
    ("val_19_abo_7e487bec.webp", 60, 20),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sr_models.training.pictures", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    before_after().save(EXAMPLES / "before-after.png", optimize=True)
    gallery(options.data / "product-val").save(EXAMPLES / "gallery.png", optimize=True)


def before_after() -> Image.Image:
    """The example photos themselves, enlarged."""
    rows = [
        [cut(enlarged(read(EXAMPLES / file), model, detail), top, left, 210, 272) for model, detail in (("bicubic", None), ("cnn", None), ("gan", 1.0))]
        for file, top, left in BEFORE_AFTER
    ]
    return sheet(("bicubic", "CNN", "GAN, detail 1"), rows)


def gallery(product_val: Path) -> Image.Image:
    """Photos made small and saved as JPEG of quality 75, enlarged again, beside the originals."""
    rows = []
    for file, top, left in GALLERY:
        path = EXAMPLES / file
        trial = made(file, read(path if path.exists() else product_val / file), SCALE, "jpeg", 75)
        results = [enlarged(trial.small, "bicubic", None), *(enlarged(trial.small, "gan", detail) for detail in (0.0, 0.6, 1.0)), trial.original]
        rows.append([cut(result, top, left, 160, 200) for result in results])
    return sheet(("bicubic", "GAN, detail 0", "detail 0.6", "detail 1", "original"), rows)


def enlarged(photo: Photo, model: str, detail: float | None) -> np.ndarray:
    return upscale(photo, scale=SCALE, model=model, faithful="off", detail=detail).photo.rgb


def cut(rgb: np.ndarray, top: int, left: int, height: int, width: int) -> Image.Image:
    return Image.fromarray(rgb[top : top + height, left : left + width])


def sheet(headings: tuple[str, ...], rows: list[list[Image.Image]]) -> Image.Image:
    """A table of pictures of one size, on white."""
    width, height = (side + GAP for side in rows[0][0].size)
    table = Image.new("RGB", (len(headings) * width - GAP, HEADING + len(rows) * height - GAP), "white")
    draw, font = ImageDraw.Draw(table), ImageFont.load_default(15)
    for column, heading in enumerate(headings):
        draw.text((column * width + 2, 3), heading, fill="#333", font=font)
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            table.paste(picture, (x * width, HEADING + y * height))
    return table


if __name__ == "__main__":
    main()
