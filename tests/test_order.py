"""From an order to what is delivered. Bicubic stands for a network where it does not matter which."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from conftest import made_up
from PIL import Image

from sr_models import ModelError, Photo, PhotoError, examine, upscale, weights
from sr_models.nets import DetailNetwork
from sr_models.order import NOT_ENLARGED, Order, carried_out
from sr_models.output import Output
from sr_models.photo import Note
from sr_models.reading import decoded
from sr_models.shop.presets import preset
from sr_models.stages.size import Wish, long_side
from sr_models.stages.steps import parse

PHOTO = Photo(made_up(16, 20))
PLAIN = Order(scale=2, model="bicubic")


def product() -> Photo:
    """A dark square in the middle of pure white."""
    rgb = np.full((100, 100, 3), 255, np.uint8)
    rgb[15:85, 15:85] = 60
    return Photo(rgb)


def test_a_plain_order_gives_the_pixels_of_upscale_in_a_file_that_reads_back_equal():
    done, expected = carried_out(PHOTO, PLAIN), upscale(PHOTO, scale=2, model="bicubic")
    assert np.array_equal(done.picture.rgb, expected.photo.rgb)
    assert done.file.suffix == ".png"
    assert np.array_equal(decoded(done.file.data, "result").rgb, expected.photo.rgb)
    assert (done.ids, done.rules, done.notes) == ((expected.entry.id,), (), ())


EXACT = replace(PLAIN, faithful="exact")


@pytest.mark.parametrize(
    ("order", "holds"),
    [
        (EXACT, True),
        (replace(EXACT, output=Output("webp-lossless")), True),
        (replace(EXACT, before=(parse("denoise"),)), True),
        (replace(EXACT, wish=long_side(60)), True),
        (replace(EXACT, wish=long_side(55)), False),
        (replace(EXACT, wish=Wish(60, 60, "pad")), False),
        (replace(EXACT, after=(parse("sharpen"),)), False),
        (replace(EXACT, output=Output("jpeg")), False),
        (replace(EXACT, output=Output("webp")), False),
    ],
)
def test_the_promise_of_exactness_holds_where_the_file_itself_reduces_to_the_photo(order, holds):
    done = carried_out(PHOTO, order)
    assert done.promise_holds == holds
    if holds:
        reduced = Image.open(io.BytesIO(done.file.data)).reduce(done.sized.scale)
        assert np.array_equal(np.asarray(reduced), done.sized.source.rgb)
    else:
        assert done.notes


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (replace(PLAIN, before=(parse("crop=0.9"), parse("denoise=0.3"))), "Before the network: crop=0.9, denoise=0.3."),
        (replace(PLAIN, after=(parse("sharpen=0.5"),)), "After the network: sharpen=0.5."),
        (replace(PLAIN, wish=long_side(30)), "The enlargement of 40 × 32 pixels was brought to 30 × 24."),
        (replace(EXACT, output=Output("jpeg")), "only PNG and lossless WebP keep an exact result exact"),
        (replace(PLAIN, output=Output("jpeg", max_kb=2)), "Saved as JPEG of quality"),
    ],
)
def test_what_changes_the_meaning_of_the_figures_or_the_file_is_said(order, words):
    done = carried_out(PHOTO, order)
    assert [note for note in map(str, done.notes) if words in note]
    assert str(done.as_json()["notes"]).count(words) == 1


def test_what_was_noted_while_reading_comes_first():
    said = Note("It came as {name}.", {"name": "CMYK"})
    notes = carried_out(replace(PHOTO, notes=(said,)), replace(PLAIN, wish=long_side(30))).notes
    assert notes[0] == said
    assert len(notes) == 2


@pytest.mark.parametrize(
    ("wish", "size"),
    [
        (long_side(47), (47, 38)),
        (long_side(97), (97, 78)),
        (Wish(33, 33, "fit"), (33, 26)),
        (Wish(33, 33, "fill"), (33, 33)),
        (Wish(50, 31, "pad"), (50, 31)),
    ],
)
def test_a_wish_gives_exactly_the_size_asked_for(wish, size):
    done = carried_out(PHOTO, replace(PLAIN, wish=wish))
    assert done.picture.size == decoded(done.file.data, "result").size == size
    assert done.as_json()["file"] == {"format": "png", "quality": None, "bytes": len(done.file.data), "size": list(size)}


@pytest.mark.parametrize("place", ["taobao", "pinduoduo"])
def test_a_preset_gives_its_canvas_its_format_and_a_checklist(place):
    order = replace(EXACT, preset=preset(place), output=None)
    done = carried_out(product(), order)
    written = Image.open(io.BytesIO(done.file.data))
    assert written.size == (preset(place).side,) * 2
    assert written.format == preset(place).format.upper()
    kept = {rule.name: rule.ok for rule in done.rules}
    assert kept["size"]
    assert kept["background"]
    assert kept["format"]
    assert order.size == place
    assert not done.promise_holds
    assert json.loads(json.dumps(done.as_json()))["rules"] == [{"rule": rule.name, "ok": rule.ok, "text": str(rule)} for rule in done.rules]


def test_what_is_asked_of_the_file_goes_before_what_the_preset_asks_and_the_checklist_sees_it():
    done = carried_out(product(), replace(PLAIN, preset=preset("taobao"), output=Output("png")))
    assert done.file.suffix == ".png"
    assert [rule.ok for rule in done.rules if rule.name == "format"] == [False]


def test_snapping_makes_what_is_nearly_white_pure_white():
    grey = product()
    grey.rgb[grey.rgb == 255] = 252
    backgrounds = {
        snap: next(rule.ok for rule in carried_out(grey, replace(PLAIN, preset=preset("jd"), snap=snap)).rules if rule.name == "background")
        for snap in (True, False)
    }
    assert backgrounds == {True: True, False: False}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"wish": long_side(50), "preset": preset("jd")}, "A size and a marketplace"),
        ({"snap": True}, "for a marketplace only"),
    ],
)
def test_an_order_that_contradicts_itself_is_refused_in_words(changes, words):
    with pytest.raises(PhotoError, match=words):
        replace(PLAIN, **changes)


@pytest.mark.parametrize(
    ("changes", "refusal", "words"),
    [
        ({"model": "esrgan"}, ModelError, "There is no model"),
        ({"detail": 0.5}, ModelError, "has no detail dial"),
        ({"faithful": "very"}, Exception, "no faithful mode"),
        ({"output": Output("png", quality=80)}, PhotoError, "has no quality"),
        ({"output": Output("png", max_kb=1)}, PhotoError, "at most 1 KB"),
        ({"wish": long_side(20_000)}, PhotoError, "times as large"),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused_in_words(changes, refusal, words):
    with pytest.raises(refusal, match=words):
        carried_out(PHOTO, replace(PLAIN, **changes))


def test_places_that_were_marked_and_a_crop_exclude_each_other():
    with pytest.raises(PhotoError, match="Places were marked"):
        carried_out(PHOTO, replace(PLAIN, before=(parse("crop"),)), protect=np.ones((16, 20), bool))


def test_a_photo_that_is_large_enough_is_not_enlarged_and_has_no_report():
    done = carried_out(PHOTO, replace(PLAIN, wish=long_side(10)))
    assert done.picture.size == (10, 8)
    assert (done.ids, done.report, done.as_json()["verdict"]) == ((), None, None)
    assert [note.sentence for note in done.notes] == [NOT_ENLARGED]


@pytest.mark.parametrize(("side", "scale"), [(50, 3), (100, 6)])
def test_the_report_is_of_the_enlargement_of_both_passes_before_it_was_brought_to_size(side, scale):
    done = carried_out(PHOTO, replace(PLAIN, wish=long_side(side), after=(parse("contrast=1"),)))
    assert done.report
    assert (done.report.scale, done.report.size) == (scale, (20 * scale, 16 * scale))
    assert done.report.verdict == "PASS"


def test_the_report_of_a_plain_order_is_that_of_upscale():
    done, expected = carried_out(PHOTO, PLAIN), examine(PHOTO, upscale(PHOTO, scale=2, model="bicubic"))
    assert done.report
    assert replace(done.report, seconds=0) == replace(expected, seconds=0)


def test_the_file_says_generated_only_where_detail_was_asked_for(monkeypatch):
    monkeypatch.setattr(weights, "network", lambda entry, device, precision: Dialled(entry.net.scale))
    for detail, source in ((0.0, b"algorithmicallyEnhanced"), (0.5, b"compositeWithTrainedAlgorithmicMedia")):
        assert source in carried_out(PHOTO, Order(2, "gan", detail=detail)).file.data


class Dialled(DetailNetwork):
    """Draws a checkerboard as strong as the detail that is asked for."""

    def __init__(self, scale: int):
        super().__init__()
        self.scale = scale

    def forward(self, x, detail):
        x, detail = (F.interpolate(y, scale_factor=self.scale) for y in (x, detail))
        rows, columns = (torch.arange(side) for side in x.shape[2:])
        return x + 0.2 * detail * ((rows[:, None] + columns) % 2 * 2 - 1)


@pytest.mark.parametrize("wish", [None, long_side(160)])
def test_nothing_is_drawn_into_places_that_were_marked(monkeypatch, wish):
    monkeypatch.setattr(weights, "network", lambda entry, device, precision: Dialled(entry.net.scale))
    flat = Photo(np.full((16, 20, 3), 128, np.uint8))
    marked = np.zeros((16, 20), bool)
    marked[:, :8] = True
    rgb = carried_out(flat, Order(4, "gan", faithful="off", detail=1, wish=wish), protect=marked).picture.rgb
    edge = rgb.shape[1] * 8 // 20
    assert (rgb[:, :edge] == 128).all()
    assert (rgb[:, edge:] != 128).mean() > 0.4  # the boards of two passes cancel in places
