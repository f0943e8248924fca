"""`python -m sr_models.training.pictures --data FOLDER`: make the READMEs' pictures again, with the weights that are shipped.

FOLDER holds product-val and train. Writes before-after.png and gallery.png in examples/, and the picture that stands for the page's link.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sr_models.figures.evaluate import make_trial
from sr_models.photo import Photo
from sr_models.reading import read
from sr_models.stages.enlarge import DETAIL, upscale

EXAMPLES = Path(__file__).parents[2] / "examples"
PREVIEW = Path(__file__).parents[2] / "ui" / "server" / "preview.jpg"
GAP, HEADING = 8, 22  # pixels
# (file, scale, top, left): what is shown of a photo, in pixels of the result.
BEFORE_AFTER = (("jar.jpg", 4, 590, 430), ("clothes/shoes.jpg", 4, 700, 360), ("clothes/blouse.jpg", 4, 112, 388))
GALLERY = (
    ("val_18_abo_844a1cce.webp", 4, 330, 330),
    ("val_17_abo_dcace9b5.webp", 4, 860, 340),
    ("val_19_abo_7e487bec.webp", 4, 100, 20),
    ("clothes/shoes.jpg", 2, 190, 80),
    ("clothes/trousers.jpg", 2, 10, 90),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sr_models.training.pictures", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    draw_before_after().save(EXAMPLES / "before-after.png", optimize=True)
    draw_gallery((EXAMPLES, data / "product-val", data / "train")).save(EXAMPLES / "gallery.png", optimize=True)
    draw_preview().save(PREVIEW, quality=85)


def draw_preview() -> Image.Image:
    """The middle of the jar, enlarged 4×: bicubic on the left, the CNN on the right; 1200 × 630, as links are shown."""
    photo = read(EXAMPLES / "jar.jpg")
    before, after = (crop_image(enlarge_photo(photo, 4, model, None), 420, 80, 630, 1200) for model in ("bicubic", "cnn"))
    before.paste(after.crop((600, 0, 1200, 630)), (600, 0))
    ImageDraw.Draw(before).line((600, 0, 600, 630), fill="white", width=4)
    return before


def draw_before_after() -> Image.Image:
    """The example photos themselves, enlarged."""
    models = {"bicubic": ("bicubic", None), "CNN": ("cnn", None), "GAN, detail 1": ("gan", 1.0)}
    rows = []
    for file, scale, top, left in BEFORE_AFTER:
        photo = read(EXAMPLES / file)
        rows.append([crop_image(enlarge_photo(photo, scale, *model), top, left, 210, 272) for model in models.values()])
    return draw_sheet(tuple(models), rows)


def draw_gallery(folders: tuple[Path, ...]) -> Image.Image:
    """Photos made small and saved as JPEG of quality 75, enlarged again, beside the originals."""
    models = {"bicubic": ("bicubic", None), "GAN, detail 0": ("gan", 0.0), f"detail {DETAIL}": ("gan", DETAIL), "detail 1": ("gan", 1.0)}
    rows = []
    for file, scale, top, left in GALLERY:
        trial = make_trial(file, read(next(folder / file for folder in folders if (folder / file).exists())), scale, "jpeg", 75)
        results = [*(enlarge_photo(trial.small, scale, *model) for model in models.values()), trial.original]
        rows.append([crop_image(result, top, left, 160, 164) for result in results])
    return draw_sheet((*models, "original"), rows)


def enlarge_photo(photo: Photo, scale: int, model: str, detail: float | None) -> np.ndarray:
    return upscale(photo, scale=scale, model=model, faithful="off", detail=detail).photo.rgb


def crop_image(rgb: np.ndarray, top: int, left: int, height: int, width: int) -> Image.Image:
    return Image.fromarray(rgb[top : top + height, left : left + width])


def draw_sheet(headings: tuple[str, ...], rows: list[list[Image.Image]]) -> Image.Image:
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
