"""Each preset's result is checked again by plain arithmetic here, which knows nothing of how it was made."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from conftest import made_up

from sr_models import Order, Photo, PhotoError
from sr_models.shop.marketplace import Listing, centre, checklist, file_checklist, plan_canvas, stretch_mask
from sr_models.shop.presets import PRESETS, Preset, preset
from sr_models.stages.fit import fit
from sr_models.stages.passes import enlarge
from sr_models.stages.resampling import lay_on
from sr_models.stages.size import WHITE

QUICK: dict[str, Any] = {"model": "bicubic", "faithful": "off"}
AMAZON = replace(preset("amazon"), side=400, smallest=200)
GOOGLE = replace(preset("google"), side=400)


def product(height: int, width: int, backdrop: int = 255) -> np.ndarray:
    """uint8 (height, width, 3): something red, 0.6 of the sides, not in the middle."""
    rgb = np.full((height, width, 3), backdrop, np.uint8)
    rows, columns = slice(height // 10, height * 7 // 10), slice(width * 3 // 10, width * 9 // 10)
    rgb[rows, columns] = made_up(height, width)[rows, columns] // 2 + np.array([100, 0, 20], np.uint8)
    return rgb


def listed(photo: Photo, row: Preset, snap: bool = False, **wishes) -> Listing:
    """A photo on the canvas of a preset, by the stages that an order goes."""
    to = plan_canvas(photo, row, snap)
    enlarged = enlarge(to.photo, to.content, Order(**wishes))
    return Listing(fit(enlarged, to).picture, to, bool(enlarged.passes))


def seen(rgb: np.ndarray) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of all that is clearly not white."""
    rows, columns = (np.flatnonzero((rgb < 200).any((2, axis))) for axis in (1, 0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def verdicts(rules) -> dict[str, bool]:
    return {rule.name: rule.ok for rule in rules}


@pytest.mark.parametrize("row", PRESETS, ids=lambda row: row.id)
def test_what_the_checklist_says_is_so(row):
    listing = listed(Photo(product(500, 500)), row, snap=True, **QUICK)
    rgb = listing.photo.rgb
    assert rgb.shape == (row.side, row.side, 3)
    assert listing.photo.alpha is None
    left, top, right, bottom = seen(rgb)
    there = listing.canvas.place.product
    assert np.abs(np.subtract((left, top, right, bottom), there)).max() <= 8  # the outline is as soft as bicubic makes it
    assert abs((left + right) - row.side) <= 8
    assert abs((top + bottom) - row.side) <= 8
    share = max(right - left, bottom - top) / row.side
    assert row.share_from <= share <= row.share_to
    assert min(right - left, bottom - top) > row.product
    outside = np.ones(rgb.shape[:2], bool)
    outside[max(0, top - 16) : bottom + 16, max(0, left - 16) : right + 16] = False
    assert (rgb[outside] == 255).all()
    found = verdicts(checklist(listing))
    assert found.pop("enlarging", None) == (False if row.against_enlarging else None)
    assert all(found.values())
    assert {"size", "whole"} <= set(found)
    assert ("background" in found) == row.white
    assert ("product" in found) == (row.id in ("amazon", "google"))


def test_a_photo_that_is_large_enough_is_not_enlarged_and_google_is_content():
    listing = listed(Photo(product(700, 640)), GOOGLE, **QUICK)
    assert not listing.enlarged
    assert listing.canvas.factor <= 1
    found = verdicts(checklist(listing))
    assert found.pop("size") is False  # 400 is less than 500
    assert all(found.values())
    small = listed(Photo(product(100, 100)), GOOGLE, **QUICK)
    rule = next(rule for rule in checklist(small) if rule.name == "enlarging")
    assert not rule.ok
    assert "don't scale up an image" in str(rule)
    assert small.canvas.factor == pytest.approx(0.85 * 400 / 60, rel=0.01)


def test_snapping_makes_a_nearly_white_background_white_and_nothing_else():
    rgb = product(200, 200, 250)
    rgb[60:80, 100:130] = 253  # nearly white, but the product's
    plain, snapped = (listed(Photo(rgb), preset("taobao"), snap=snap, **QUICK) for snap in (False, True))
    assert not verdicts(checklist(plain))["background"]
    assert plain.off_white > 0.4
    assert "is not pure white" in str(checklist(plain)[-1])
    assert verdicts(checklist(snapped))["background"]
    assert snapped.off_white == 0
    left, top, right, bottom = snapped.canvas.place.product
    inside = np.s_[top + 12 : bottom - 12, left + 12 : right - 12]
    assert np.array_equal(plain.photo.rgb[inside], snapped.photo.rgb[inside])
    assert (plain.photo.rgb[inside] > 250).all(2).any()


def test_the_sentence_of_the_background_never_advises_what_is_on():
    for snap in (False, True):
        listing = listed(Photo(product(200, 200)), AMAZON, snap=snap, **QUICK)
        rgb = listing.photo.rgb.copy()
        rgb[:20] = 230
        rule = next(rule for rule in checklist(replace(listing, photo=Photo(rgb))) if rule.name == "background")
        assert not rule.ok
        assert ("Make the background pure white" in str(rule)) != snap
        assert ("too dark to be made pure white" in str(rule)) == snap


def test_a_product_on_a_soft_shadow_is_never_torn():
    rgb = product(150, 150, 250)
    y, x = np.mgrid[:150, :150]
    dark = 60 * np.exp(-(((y - 105) / 10) ** 2) - ((x - 90) / 40) ** 2)
    below = (np.arange(150) >= 105)[:, None]
    rgb = np.where(below[:, :, None], rgb - dark[:, :, None], rgb).clip(0, 255).round().astype(np.uint8)
    listing = listed(Photo(rgb), AMAZON, snap=True, **QUICK)
    left, _, right, bottom = listing.canvas.place.product
    column = listing.photo.rgb[bottom - 60 :, (left + right) // 2, 1].astype(int)
    outskirts = column[column > 215]
    assert outskirts[-1] == 255
    assert np.abs(np.diff(outskirts)).max() <= 8  # cut off at a level, it would leap by 16


@pytest.mark.parametrize("snap", [False, True])
def test_a_background_that_is_not_white_is_kept_continued_and_said(snap):
    listing = listed(Photo(product(200, 150, 180)), AMAZON, snap=snap, **QUICK)
    for corner in listing.photo.rgb[[0, 0, -1, -1], [0, -1, 0, -1]]:
        assert (corner == 180).all()
    found = verdicts(checklist(listing))
    assert not found["background"]
    assert found["product"]
    rule = next(rule for rule in checklist(listing) if rule.name == "background")
    assert str(rule).startswith("The background is not white but about 180, 180, 180.")
    assert "background" not in verdicts(checklist(listed(Photo(product(200, 150, 180)), preset("ebay"), **QUICK)))


def test_a_scene_is_put_in_whole_on_white_and_said():
    listing = listed(Photo(made_up(90, 120)), AMAZON, **QUICK)
    assert listing.canvas.place.product == (0, 50, 400, 350)
    assert (listing.photo.rgb[:48] == 255).all()
    found = verdicts(checklist(listing))
    assert (found["size"], found["product"], found["background"]) == (True, False, False)


def test_a_product_that_is_cut_off_is_said():
    rgb = np.full((200, 200, 3), 255, np.uint8)
    rgb[100:, 50:150] = 60
    rules = checklist(listed(Photo(rgb), AMAZON, **QUICK))
    assert not verdicts(rules)["whole"]
    assert "along 13% of it" in str(next(rule for rule in rules if rule.name == "whole"))


@pytest.mark.parametrize(("pixels", "whole"), [(5, True), (6, False)])
def test_a_product_may_meet_up_to_half_a_percent_of_the_edge(pixels, whole):
    rgb = product(300, 300)
    rgb[200:, 150 : 150 + pixels] = 60  # down to the border, which has 1196 pixels
    assert verdicts(checklist(listed(Photo(rgb), AMAZON, **QUICK)))["whole"] == whole


@pytest.mark.parametrize(("share", "white"), [(0.0009, True), (0.0011, False)])
def test_up_to_a_thousandth_of_the_background_may_miss_pure_white(share, white):
    listing = listed(Photo(product(500, 500)), AMAZON, snap=True, **QUICK)
    left, top, right, bottom = listing.canvas.place.product
    spoiled = listing.photo.rgb.copy()
    spoiled[0, : round(share * (400**2 - (right - left) * (bottom - top)))] = 254
    rule = next(rule for rule in checklist(replace(listing, photo=Photo(spoiled))) if rule.name == "background")
    assert rule.values["share"] == pytest.approx(share, rel=0.05)
    assert rule.ok == white


def test_a_cut_out_comes_on_white_whatever_is_hidden_and_white_products_count():
    alpha = np.zeros((100, 100), np.uint8)
    alpha[20:60, 30:90] = 255
    rgb = np.zeros((100, 100, 3), np.uint8)
    rgb[20:60, 30:90] = 250
    listing = listed(Photo(rgb, alpha), preset("jd"), snap=True, **QUICK)
    assert (listing.photo.rgb[:150] == 255).all()
    assert (listing.photo.rgb > 245).all()
    left, top, right, bottom = listing.canvas.place.product
    assert (left, right) == (48, 752)
    assert (listing.photo.rgb[top + 20 : bottom - 20, left + 20 : right - 20] == 250).all()
    assert all(verdicts(checklist(listing)).values())


def test_a_product_too_small_for_the_canvas_is_refused_in_words():
    rgb = np.full((400, 400, 3), 255, np.uint8)
    rgb[200:240, 200:240] = 10
    with pytest.raises(PhotoError, match="up to 16 times"):
        listed(Photo(rgb), preset("amazon"), **QUICK)


def test_a_written_file_read_again_is_checked_itself():
    listing = listed(Photo(product(300, 300)), preset("taobao"), snap=True, **QUICK)
    spoiled = listing.photo.rgb.copy()
    spoiled[:100] = 254
    again = replace(listing, photo=replace(listing.photo, rgb=spoiled))
    assert verdicts(checklist(listing))["background"]
    assert not verdicts(checklist(again))["background"]
    canvas = replace(listing.canvas, preset=replace(listing.canvas.preset, side=700, exact=False))
    smaller = replace(listing, photo=Photo(spoiled[:700, :700]), canvas=canvas)
    assert not verdicts(checklist(smaller))["size"]


def test_protected_places_are_cut_like_the_photo():
    photo = Photo(product(200, 300))
    to = plan_canvas(photo, preset("jd"))
    places = photo.rgb[:, :, 0] < 200
    assert to.photo.size != photo.size
    assert np.array_equal(to.cut(places), to.photo.rgb[:, :, 0] < 200)


@pytest.mark.parametrize("row", PRESETS, ids=lambda row: row.id)
def test_the_files_rules_are_those_of_the_table(row):
    assert verdicts(file_checklist(row, "jpeg", 200_000, 95)) == {
        "format": True,
        **({"weight": True} if row.max_kb else {}),
        **({"quality": True} if row.quality else {}),
    }
    assert not verdicts(file_checklist(row, "avif", 200_000))["format"]
    assert verdicts(file_checklist(row, "webp", 200_000))["format"] == ("webp" in row.formats)
    if row.max_kb:
        assert not verdicts(file_checklist(row, "jpeg", row.max_kb * 1000 + 1))["weight"]
        assert verdicts(file_checklist(row, "jpeg", row.max_kb * 1000))["weight"]


def test_weight_and_quality_are_said_in_figures():
    light = file_checklist(preset("taobao"), "jpeg", 38 * 1024)
    assert [str(rule) for rule in light if not rule.ok] == ["The file has 39 KB; from 38 to 300 are accepted."]
    poor = file_checklist(preset("ebay"), "jpeg", 200_000, 80)
    assert [str(rule) for rule in poor if not rule.ok] == ["The JPEG has quality 80; 90 or more is asked for."]
    assert "quality" not in verdicts(file_checklist(preset("ebay"), "png", 200_000))


@pytest.mark.parametrize("seed", range(8))
def test_any_box_comes_to_the_middle_with_its_share(seed):
    random = np.random.default_rng(seed)
    width, height = (int(side) for side in random.integers(50, 900, 2))
    left, top = int(random.integers(0, width - 20)), int(random.integers(0, height - 20))
    right, bottom = int(random.integers(left + 10, width + 1)), int(random.integers(top + 10, height + 1))
    place = centre((width, height), (left, top, right, bottom), 1000, 0.88)
    a, b, c, d = place.product
    assert max(c - a, d - b) == pytest.approx(880, abs=1)
    assert abs(a + c - 1000) <= 1
    assert abs(b + d - 1000) <= 1
    first, above, last, below = place.part
    assert 0 <= first <= left < right <= last <= width
    assert 0 <= above <= top < bottom <= below <= height
    factor = 880 / max(right - left, bottom - top)
    assert place.corner[0] + (left - first) * factor == pytest.approx(a, abs=2)
    assert place.corner[1] + (top - above) * factor == pytest.approx(b, abs=2)
    if first > 0:
        assert place.corner[0] <= 0  # no gap where the photo goes on
    if last < width:
        assert place.corner[0] + place.size[0] >= 999


def test_a_mask_is_stretched_to_any_size():
    mask = np.array([[True, False], [False, True]])
    assert np.array_equal(stretch_mask(mask, (6, 4)), mask.repeat(2, 0).repeat(3, 1))
    assert stretch_mask(mask, (1, 1)).tolist() == [[True]]


def test_transparency_on_white():
    rgb, alpha = np.full((1, 3, 3), 55, np.uint8), np.array([[0, 51, 255]], np.uint8)
    assert lay_on(Photo(rgb, alpha), WHITE).rgb[0, :, 0].tolist() == [255, 215, 55]
    photo = Photo(rgb)
    assert lay_on(photo, WHITE) is photo
