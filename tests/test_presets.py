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


def test_the_places_that_do_not_want_enlarged_pictures_say_so():
    assert {row.id for row in PRESETS if row.against_enlarging} == {"walmart", "google"}


def test_an_unknown_place_is_refused_in_words():
    with pytest.raises(PhotoError, match=r"There is no preset “souk”. Choose one of amazon, walmart"):
        preset("souk")
