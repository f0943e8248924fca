"""The part of a photo that is shown before anything is enlarged, and which model it speaks for."""

import asyncio
import base64
import io

import gradio as gr
import numpy as np
import pytest
from conftest import as_upload, made_up
from PIL import Image
from visitor import Request

import sr_models
from sr_models import Photo, upscale
from sr_models.reading import recompress
from ui.parts import advice, sample
from ui.parts.advice import Facts, advise
from ui.server import runs
from ui.words.texts import label


@pytest.fixture
def mug(uploads):
    Image.fromarray(made_up(120, 150)).save(uploads / "mug.png")
    return as_upload(uploads / "mug.png")


def picture(tile: dict) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(tile["picture"].partition("base64,")[2]))).convert("RGB"))


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_three_tiles_show_the_same_part_in_the_size_of_the_scale_and_weigh_little(mug, scale):
    shown = sample.on_sample(mug, str(scale), "gan", Request())
    side = sample.SIDES[scale] * scale
    assert [tile["model"] for tile in shown["tiles"]] == ["bicubic", "cnn", "gan"]
    assert [picture(tile).shape for tile in shown["tiles"]] == [(side, side, 3)] * 3
    assert sum(len(tile["picture"]) for tile in shown["tiles"]) < 200_000  # noise all over: a photo's weigh a tenth
    assert shown["chosen"] == "gan"
    assert [bool(tile["suits"]) for tile in shown["tiles"]].count(True) == 1


def test_away_from_its_border_the_part_is_what_the_whole_photo_becomes(mug):
    photo = sr_models.read(mug["path"])
    rows, columns = sample.find_part(photo, sample.SIDES[4])
    _, made = sample.make(photo, 4, lambda: False)
    whole = upscale(photo, scale=4, model="cnn").photo.rgb[rows.start * 4 : rows.stop * 4, columns.start * 4 : columns.stop * 4]
    difference = np.abs(made["cnn"].rgb.astype(int) - whole)[32:-32, 32:-32]
    assert difference.mean() < 0.5


def test_the_part_is_the_busiest_one_in_small_and_in_large_photos(monkeypatch):
    calm = np.full((400, 600, 3), 200, np.uint8)
    calm[250:330, 400:480] = made_up(80, 80)
    for searched in (sample.SEARCHED, 200):  # every third pixel is looked at
        monkeypatch.setattr(sample, "SEARCHED", searched)
        rows, columns = sample.find_part(Photo(calm), 64)
        assert 218 <= rows.start <= 298
        assert 368 <= columns.start <= 448


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (5, 7)])
def test_a_photo_smaller_than_the_part_is_shown_whole(size):
    photo = Photo(made_up(*size))
    part, made = sample.make(photo, 4, lambda: False)
    assert all(min(part.size) == min(size) for _ in made)
    assert made["gan"].size == tuple(4 * side for side in part.size)
    assert advice.measure(part, made["cnn"], made["gan"])


def test_transparency_is_shown_on_white(tmp_path):
    alpha = np.zeros((100, 100), np.uint8)
    alpha[40:60, 40:60] = 255
    _, made = sample.make(Photo(made_up(100, 100), alpha), 2, lambda: False)
    assert all(large.alpha is None and (large.rgb == 255).all(2).mean() > 0.5 for large in made.values())


def test_without_a_readable_photo_nothing_is_shown(mug, tmp_path):
    (tmp_path / "letter.png").write_bytes(b"Dear Sir")
    for nothing in (None, {"path": "elsewhere.png"}, {"path": str(tmp_path / "letter.png")}):
        assert sample.on_sample(nothing, "4", "cnn", Request()) is None
    assert sample.under_way == {}


@pytest.mark.parametrize(
    ("facts", "family", "sentence"),
    [
        (Facts(0.6, 1.0, 0.6, 5.0), "cnn", advice.WRITING),
        (Facts(0.1, 5.0, 0.6, 5.0), "cnn", advice.COMPRESSED),
        (Facts(0.1, 1.0, 0.6, 5.0), "gan", advice.TEXTURE),
        (Facts(0.1, 1.0, 0.1, 0.5), "cnn", advice.SAME),
        (Facts(0.1, 1.0, 0.1, 5.0), "cnn", advice.CALM),
    ],
)
def test_each_reason_speaks_for_one_model(facts, family, sentence):
    assert advise(facts) == (family, sentence)
    for language in ("en", "zh-CN"):
        assert label(language, family) in advice.explain(language, facts)[1]


def speaks_for(photo: Photo) -> str:
    part, made = sample.make(photo, 4, lambda: False)
    return advise(advice.measure(part, made["cnn"], made["gan"]))[1]


def test_a_label_a_texture_a_calm_surface_and_a_worn_file_are_told_apart():
    root = sample.__file__.rpartition("/ui/")[0]
    jar, tea = (sr_models.read(f"{root}/examples/{name}.jpg") for name in ("jar", "tea"))
    assert speaks_for(jar) == advice.WRITING
    assert speaks_for(tea) == advice.TEXTURE
    assert speaks_for(recompress(Photo(tea.rgb), 30)) in (advice.COMPRESSED, advice.WRITING)
    slope = np.tile(np.linspace(90, 160, 100, dtype=np.uint8)[:, None, None], (1, 100, 3))
    assert speaks_for(Photo(slope)) == advice.SAME


def test_another_photo_ends_the_sample_that_is_under_way_and_enlarge_does_too():
    for asked, ended in (({"path": "mug.png"}, False), ({"path": "other.png"}, True), (None, True)):
        mine = sample.under_way["abc"] = runs.Asked("mug.png")
        asyncio.run(sample.on_other_photo(asked, Request()))
        assert mine.stop.is_set() == ended
    mine = sample.under_way["abc"] = runs.Asked("mug.png")
    asyncio.run(sample.make_way(Request()))
    assert mine.stop.is_set()
    del sample.under_way["abc"]


def test_a_sample_that_is_ended_changes_nothing(mug, monkeypatch):
    def interrupted(photo, scale, cancelled):
        asyncio.run(sample.make_way(Request()))
        assert cancelled()
        raise sr_models.Cancelled()

    monkeypatch.setattr(sample, "make", interrupted)
    assert sample.on_sample(mug, "4", "cnn", Request()) == gr.skip()
    assert sample.under_way == {}
