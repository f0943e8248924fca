"""From an order to what is delivered. Bicubic stands for a network where it does not matter which."""

import io
import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from conftest import made_up
from PIL import Image

from sr_models import CATALOG, ModelError, Order, Photo, PhotoError, carry_out, catalog, examine, upscale, weights
from sr_models.nets import DetailNetwork, has_dial
from sr_models.order import check
from sr_models.photo import Note
from sr_models.reading import decode
from sr_models.shop.presets import preset
from sr_models.stages import steps
from sr_models.stages.fit import NOT_ENLARGED
from sr_models.wishes import WISHES

PHOTO = Photo(made_up(16, 20))
PLAIN = Order(scale=2, model="bicubic")


def product() -> Photo:
    """A dark square in the middle of pure white."""
    rgb = np.full((100, 100, 3), 255, np.uint8)
    rgb[15:85, 15:85] = 60
    return Photo(rgb)


def test_a_plain_order_gives_the_pixels_of_upscale_in_a_file_that_reads_back_equal():
    done, expected = carry_out(PHOTO, PLAIN), upscale(PHOTO, scale=2, model="bicubic")
    assert np.array_equal(done.picture.rgb, expected.photo.rgb)
    assert done.file.suffix == ".png"
    assert np.array_equal(decode(done.file.data, "result").rgb, expected.photo.rgb)
    assert (done.ids, done.rules, done.notes) == ((expected.entry.id,), (), ())


EXACT = replace(PLAIN, faithful="exact")


@pytest.mark.parametrize(
    ("order", "holds"),
    [
        (EXACT, True),
        (replace(EXACT, format="webp-lossless"), True),
        (replace(EXACT, before="denoise"), True),
        (replace(EXACT, size=60), True),
        (replace(EXACT, size=55), False),
        (replace(EXACT, size="60x60", how="pad"), False),
        (replace(EXACT, after="sharpen"), False),
        (replace(EXACT, format="jpeg"), False),
        (replace(EXACT, format="webp"), False),
    ],
)
def test_the_promise_of_exactness_holds_where_the_file_itself_reduces_to_the_photo(order, holds):
    done = carry_out(PHOTO, order)
    assert done.promise_holds == done.as_json()["promise_holds"] == holds
    if holds:
        reduced = Image.open(io.BytesIO(done.file.data)).reduce(done.enlarged.scale)
        assert np.array_equal(np.asarray(reduced), done.enlarged.source.rgb)
    else:
        assert done.notes


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (replace(PLAIN, before="crop=0.9 denoise=0.3"), "Before the network: crop=0.9, denoise=0.3."),
        (replace(PLAIN, after="sharpen=0.5"), "After the network: sharpen=0.5."),
        (replace(PLAIN, size=30), "The enlargement of 40 × 32 pixels was brought to 30 × 24."),
        (replace(EXACT, format="jpeg"), "only PNG, TIFF and lossless WebP keep an exact result exact"),
        (replace(PLAIN, format="jpeg", max_kb=2), "Saved as JPEG of quality"),
    ],
)
def test_what_changes_the_meaning_of_the_figures_or_the_file_is_said(order, words):
    done = carry_out(PHOTO, order)
    assert [note for note in map(str, done.notes) if words in note]
    assert str(done.as_json()["notes"]).count(words) == 1


def test_what_was_noted_while_reading_comes_first():
    said = Note("It came as {name}.", {"name": "CMYK"})
    notes = carry_out(replace(PHOTO, notes=(said,)), replace(PLAIN, size=30)).notes
    assert notes[0] == said
    assert len(notes) == 2


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        (weights.FROM_HUB, "from owner/name on the Hub"),
        (weights.FROM_HUB_AS_INT8, "stored as int8, from owner/name on the Hub"),
        (weights.INSTEAD, "because owner/name on the Hub did not serve them: it slept"),
        (weights.EMBEDDED, None),
        (weights.FORMULA, None),
    ],
)
def test_that_weights_came_from_the_hub_or_were_to_come_from_there_is_said_of_the_result(sentence, words, monkeypatch):
    (id,) = carry_out(PHOTO, PLAIN).ids  # loaded from now on
    origin = weights.Origin(sentence, {"id": id, "repo": "owner/name", "reason": "it slept"})
    monkeypatch.setitem(weights.origins, id, origin)
    notes = [str(note) for note in carry_out(PHOTO, PLAIN).notes]
    assert notes == ([str(origin)] if words else [])
    assert words is None or words in notes[0]


@pytest.mark.parametrize(
    ("wishes", "size"),
    [
        ({"size": 47}, (47, 38)),
        ({"size": "97"}, (97, 78)),
        ({"size": "33x33", "how": "fit"}, (33, 26)),
        ({"size": "33x33", "how": "fill"}, (33, 33)),
        ({"size": "50x31", "how": "pad"}, (50, 31)),
    ],
)
def test_an_order_gives_exactly_the_size_asked_for(wishes, size):
    done = carry_out(PHOTO, replace(PLAIN, **wishes))
    assert done.picture.size == decode(done.file.data, "result").size == size
    assert done.as_json()["file"] == {"format": "png", "quality": None, "bytes": len(done.file.data), "size": list(size)}


@pytest.mark.parametrize("place", ["taobao", "pinduoduo"])
def test_a_preset_gives_its_canvas_its_format_and_a_checklist(place):
    order = replace(EXACT, preset=place)
    done = carry_out(product(), order)
    written = Image.open(io.BytesIO(done.file.data))
    assert written.size == (preset(place).side,) * 2
    assert written.format == preset(place).format.upper()
    kept = {rule.name: rule.ok for rule in done.rules}
    assert kept["size"]
    assert kept["background"]
    assert kept["format"]
    assert order.name == place
    assert not done.promise_holds
    assert json.loads(json.dumps(done.as_json()))["rules"] == [{"rule": rule.name, "ok": rule.ok, "text": str(rule)} for rule in done.rules]


def test_what_is_asked_of_the_file_goes_before_what_the_preset_asks_and_the_checklist_sees_it():
    done = carry_out(product(), replace(PLAIN, preset="taobao", format="png"))
    assert done.file.suffix == ".png"
    assert [rule.ok for rule in done.rules if rule.name == "format"] == [False]


def test_snapping_makes_what_is_nearly_white_pure_white():
    grey = product()
    grey.rgb[grey.rgb == 255] = 252
    backgrounds = {
        snap: next(rule.ok for rule in carry_out(grey, replace(PLAIN, preset="jd", snap=snap)).rules if rule.name == "background")
        for snap in (True, False)
    }
    assert backgrounds == {True: True, False: False}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"size": 50, "preset": "jd"}, "A size and a marketplace"),
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
        ({"quality": 80}, PhotoError, "has no quality"),
        ({"max_kb": 1}, PhotoError, "at most 1 KB"),
        ({"size": 20_000}, PhotoError, "times as large"),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused_in_words(changes, refusal, words):
    with pytest.raises(refusal, match=words):
        carry_out(PHOTO, replace(PLAIN, **changes))


@pytest.mark.parametrize(
    "order",
    [
        Order(),
        Order(3, "gan", "web", "exact", 0.5, size="1600x1200", how="pad", before="denoise=0.3 crop", background="#0080ff"),
        Order(preset="amazon", snap=True, after="crisp sharpen=0.2", format="jpeg", quality=80, max_kb=300),
    ],
)
def test_an_order_can_be_written_down_as_json_and_read_again(order):
    assert Order(**json.loads(json.dumps(asdict(order)))) == order


def none(name: str) -> dict[str, Any]:
    return {name: None}


def test_every_wish_is_read_however_forms_and_calls_write_it():
    said = Order(scale="2", detail="0.5", size=" 60 × 40 ", before="crop", quality="", background="FF8000")  # pyright: ignore[reportArgumentType]
    assert said == Order(scale=2, detail=0.5, size="60x40", before="crop=0.85", background="#ff8000")
    assert all(getattr(Order(**none(name)), name) == getattr(Order(), name) for name in WISHES if name not in ("scale", "snap"))


def test_a_model_of_one_scale_serves_any_size_that_it_reaches():
    done = carry_out(PHOTO, Order(model="bicubic-x2", size="35"))
    assert (done.ids, done.picture.size) == (("bicubic-x2",), (35, 28))


def test_a_size_asks_for_any_scale_that_a_model_has_for_the_kind_of_photo(monkeypatch):
    only = [replace(entry, family="one-off") for entry in CATALOG if entry.id in ("cnn-fast-x2-web-v1", "cnn-fast-x4-v1")]
    monkeypatch.setattr(catalog, "CATALOG", (*CATALOG, *only))
    monkeypatch.setattr(weights, "CATALOG", (*CATALOG, *only))
    check(Order(model="one-off", input="web", size="35"))
    with pytest.raises(ModelError, match="no weights for web photos at 4×"):
        check(Order(4, "one-off", "web"))


def test_a_step_that_is_off_is_neither_named_nor_breaks_the_promise():
    done = carry_out(PHOTO, replace(EXACT, after="sharpen=0", before="denoise=0"))
    assert done.promise_holds
    assert done.notes == ()


def test_whatever_changes_a_pixel_after_the_enlargement_breaks_the_promise(monkeypatch):
    def spoil(photo: Photo, amount: float) -> Photo:
        rgb = photo.rgb.copy()
        rgb[0, 0, 0] ^= 1
        return replace(photo, rgb=rgb)

    new = steps.Step("spoil", "after", "", "share", 0, 1, 1, spoil)
    monkeypatch.setattr(steps, "STEPS", (*steps.STEPS, new, replace(new, name="idle", function=lambda photo, amount: replace(photo))))
    assert not carry_out(PHOTO, replace(EXACT, after="spoil")).promise_holds
    assert carry_out(PHOTO, replace(EXACT, after="idle")).promise_holds


def test_places_that_were_marked_and_a_crop_exclude_each_other():
    with pytest.raises(PhotoError, match="Places were marked"):
        carry_out(PHOTO, replace(PLAIN, before="crop"), protect=np.ones((16, 20), bool))


def test_a_photo_that_is_large_enough_is_not_enlarged_and_has_no_report():
    done = carry_out(PHOTO, replace(PLAIN, size=10))
    assert done.picture.size == (10, 8)
    assert (done.ids, done.report, done.as_json()["verdict"]) == ((), None, None)
    assert [note.sentence for note in done.notes] == [NOT_ENLARGED]


@pytest.mark.parametrize(("side", "scale"), [(50, 3), (100, 6)])
def test_the_report_is_of_the_enlargement_of_both_passes_before_it_was_brought_to_size(side, scale):
    done = carry_out(PHOTO, replace(PLAIN, size=side, after="contrast=1"))
    assert done.report
    assert (done.report.scale, done.report.size) == (scale, (20 * scale, 16 * scale))
    assert done.report.verdict == "PASS"


def test_the_report_of_a_plain_order_is_that_of_upscale():
    done, expected = carry_out(PHOTO, PLAIN), examine(PHOTO, upscale(PHOTO, scale=2, model="bicubic"))
    assert done.report
    assert replace(done.report, seconds=0) == replace(expected, seconds=0)


def test_the_file_says_generated_only_where_detail_was_asked_for(monkeypatch):
    monkeypatch.setattr(weights, "load_network", dialled)
    for detail, source in ((0.0, b"algorithmicallyEnhanced"), (0.5, b"compositeWithTrainedAlgorithmicMedia")):
        assert source in carry_out(PHOTO, Order(2, "gan", detail=detail)).file.data


LOADED = weights.load_network


def dialled(entry, device, precision):
    """In the place of every network with a dial."""
    return Dialled(entry.net.scale) if has_dial(entry.net) else LOADED(entry, device, precision)


class Dialled(DetailNetwork):
    """Draws a checkerboard as strong as the detail that is asked for."""

    def __init__(self, scale: int):
        super().__init__()
        self.scale = scale

    def forward(self, x, detail):
        x, detail = (F.interpolate(y, scale_factor=self.scale) for y in (x, detail))
        rows, columns = (torch.arange(side) for side in x.shape[2:])
        return x + 0.2 * detail * ((rows[:, None] + columns) % 2 * 2 - 1)


@pytest.mark.parametrize("size", ["", 160])
def test_nothing_is_drawn_into_places_that_were_marked(monkeypatch, size):
    monkeypatch.setattr(weights, "load_network", dialled)
    flat = Photo(np.full((16, 20, 3), 128, np.uint8))
    marked = np.zeros((16, 20), bool)
    marked[:, :8] = True
    rgb = carry_out(flat, Order(4, "gan", faithful="off", detail=1, size=size), protect=marked).picture.rgb
    edge = rgb.shape[1] * 8 // 20
    assert (rgb[:, :edge] == 128).all()
    assert (rgb[:, edge:] != 128).mean() > 0.4  # the boards of two passes cancel in places


def test_steps_that_a_model_gains_nothing_by_are_refused_before_the_first_photo():
    check(Order(model="cnn", steps=4))
    for order in (Order(model="gan", steps=2), Order(model="bicubic", steps=2), Order(model="gan", steps=2, size="800")):
        with pytest.raises(ModelError, match="gains nothing by looking again"):
            check(order)
