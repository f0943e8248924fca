import re

import pytest

from sr_models import MAX_OUTPUT_PIXELS, PhotoError
from sr_models.shop.presets import PRESETS, preset


def test_every_place_that_is_promised_has_one_row():
    ids = [row.id for row in PRESETS]
    assert ids == ["amazon", "walmart", "google", "ebay", "shopify", "etsy", "tiktok", "taobao", "jd", "pinduoduo"]
    assert len({row.name for row in PRESETS}) == len(ids)
    for id in ids:
        assert preset(id).id == id


@pytest.mark.parametrize("row", PRESETS, ids=lambda row: row.id)
def test_every_row_names_its_source_and_a_year(row):
    assert len(row.source) > 10
    assert re.search(r"20\d\d", row.date)
    assert row.strength in ("official", "seller help", "third-party", "weak")
    assert row.against_enlarging is None or row.against_enlarging.endswith(".")


@pytest.mark.parametrize("row", PRESETS, ids=lambda row: row.id)
def test_what_is_made_keeps_the_rows_own_rules(row):
    assert row.smallest <= row.side <= row.largest
    assert row.side**2 <= MAX_OUTPUT_PIXELS
    assert row.side**2 <= (row.max_megapixels or 1000) * 1_000_000
    assert row.share_from < row.share < row.share_to
    assert row.product < row.share * row.side
    assert row.min_kb * 1.024 < (row.max_kb or float("inf"))
    assert row.format == row.formats[0] == "jpeg"
    assert not row.exact or row.smallest == row.largest == row.side


RULES = {
    "amazon": {"side": 2000, "smallest": 1000, "share_from": 0.85, "white": True, "max_kb": 10_000},
    "walmart": {"side": 2200, "smallest": 1500, "white": True, "max_kb": 5_000},
    "google": {"side": 1500, "smallest": 500, "share_from": 0.75, "share_to": 0.9, "max_kb": 16_000, "max_megapixels": 64},
    "ebay": {"side": 1600, "smallest": 500, "quality": 90, "max_kb": 12_000},
    "shopify": {"side": 2048, "smallest": 800, "largest": 5000, "max_kb": 20_000, "max_megapixels": 25},
    "tiktok": {"side": 1200, "smallest": 600, "largest": 6000, "white": True, "max_kb": 5_000},
    "taobao": {"side": 800, "smallest": 800, "largest": 800, "exact": True, "product": 300, "white": True, "min_kb": 38, "max_kb": 300},
    "pinduoduo": {"side": 800, "smallest": 480, "white": True, "max_kb": 1_000},
}
"""What the places publish, as the sources of the rows have it; the two weak rows have none."""
UNSTATED = {
    "exact": False,
    "largest": 10_000,
    "share_from": 0,
    "share_to": 1,
    "product": 0,
    "white": False,
    "quality": 0,
    "min_kb": 0,
    "max_megapixels": None,
}


def test_the_numbers_of_a_row_are_those_that_the_place_publishes():
    assert set(RULES) == {row.id for row in PRESETS if row.strength != "weak"}
    for id, rules in RULES.items():
        expected = UNSTATED | rules
        assert {name: getattr(preset(id), name) for name in expected} == expected


def test_the_places_that_do_not_want_enlarged_pictures_say_so():
    assert {row.id for row in PRESETS if row.against_enlarging} == {"walmart", "google"}


def test_an_unknown_place_is_refused_in_words():
    with pytest.raises(PhotoError, match=r"There is no preset “souk”. Choose one of amazon, walmart"):
        preset("souk")
