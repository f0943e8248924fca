"""The README's pictures, against what the shipped weights make."""

from pathlib import Path

import numpy as np
import pytest
from conftest import shared
from PIL import Image

from sr_models.training import pictures
from sr_models.training.pictures import (
    EXAMPLES,
    PREVIEW,
    crop_image,
    draw_before_after,
    draw_gallery,
    draw_preview,
    draw_sheet,
    enlarge_photo,
)
from sr_models.training.screenshot import HEIGHT, SHOTS, WIDTH

AROUND = 40
"""Pixels of a photo that are enlarged with what is shown of it: no network looks further."""


@pytest.fixture
def only_what_is_shown(monkeypatch):
    """Enlarged alone, a sixth of the photos or less."""

    def cut_out(asked, top, left, height, width):
        if isinstance(asked, np.ndarray):
            return crop_image(asked, top, left, height, width)
        photo, scale, *model = asked
        y, x = (max(0, place // scale - AROUND) // 8 * 8 for place in (top, left))
        part = photo.part(slice(y, (top + height) // scale + AROUND), slice(x, (left + width) // scale + AROUND))
        return crop_image(enlarge_photo(part, scale, *model), top - y * scale, left - x * scale, height, width)

    monkeypatch.setattr(pictures, "enlarge_photo", lambda *asked: asked)
    monkeypatch.setattr(pictures, "crop_image", cut_out)


def assert_same(made: Image.Image, file: Path, most: float = 0.5) -> None:
    """Up to the rounding of another processor, and compression: `most` levels on average."""
    with Image.open(file) as kept:
        assert kept.size == made.size
        difference = np.abs(np.asarray(kept.convert("RGB"), np.int16) - np.asarray(made, np.int16))
    assert difference.mean() < most, f"make {file.name} again: python -m sr_models.training.pictures"


def test_the_picture_on_the_front_page_is_what_the_shipped_weights_make(only_what_is_shown):
    assert_same(draw_before_after(), EXAMPLES / "before-after.png")


def test_the_gallery_is_what_the_shipped_weights_make(only_what_is_shown):
    assert_same(draw_gallery((EXAMPLES, shared("product-val"), shared("train"))), EXAMPLES / "gallery.png")


def test_the_picture_of_a_shared_link_is_what_the_shipped_weights_make(only_what_is_shown):
    assert_same(draw_preview(), PREVIEW, most=1.5)


@pytest.mark.parametrize("file", SHOTS.values(), ids=lambda file: file.name)
def test_the_picture_of_the_page_loads_at_once(file):
    with Image.open(file) as picture:
        assert picture.size == (WIDTH, HEIGHT), "take it again: python -m sr_models.training.screenshot"
    assert file.stat().st_size <= 150_000


def test_a_sheet_shows_every_picture_in_its_row_and_column():
    colours = [[(50 * x, 100 * y, 7) for x in range(3)] for y in range(2)]
    made = draw_sheet(("a", "b", "c"), [[Image.new("RGB", (30, 20), colour) for colour in row] for row in colours])
    assert made.size == (3 * 38 - 8, 22 + 2 * 28 - 8)
    for y, row in enumerate(colours):
        for x, colour in enumerate(row):
            assert made.getpixel((x * 38 + 29, 22 + y * 28 + 19)) == colour
