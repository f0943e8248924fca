"""The report card: an untouched result passes, a tampered one does not."""

import json
from dataclasses import replace

import numpy as np
import pytest
from conftest import made_up, shared
from PIL import Image, ImageDraw

import sr_models
from sr_models import Photo, Result, examine
from sr_models.quality import busiest
from sr_models.report import compared

SCALE = 3


def product() -> np.ndarray:
    """uint8 (100, 120, 3): a patterned thing on pure white."""
    rgb = np.full((100, 120, 3), 255, np.uint8)
    rgb[20:80, 25:95] = made_up(60, 70) // 2 + 50
    return rgb


def photo(quality: int | None, folder) -> Photo:
    if quality is None:
        return Photo(product())
    Image.fromarray(product()).save(folder / "photo.jpg", quality=quality)
    return sr_models.read(folder / "photo.jpg")


def tampered(result: Result, change) -> Result:
    return replace(result, photo=replace(result.photo, rgb=np.ascontiguousarray(change(result.photo.rgb.copy()))))


def with_cast(rgb: np.ndarray) -> np.ndarray:
    return (rgb.astype(np.int16) + np.array([4, 0, 0])).clip(0, 255).astype(np.uint8)


def darker(rgb: np.ndarray) -> np.ndarray:
    return (rgb.astype(np.int16) - 4).clip(0, 255).astype(np.uint8)


def moved(rgb: np.ndarray) -> np.ndarray:
    return np.roll(rgb, 1, axis=1)


def with_a_part_that_is_darker(rgb: np.ndarray) -> np.ndarray:
    rgb[: rgb.shape[0] // 2] = darker(rgb[: rgb.shape[0] // 2])
    return rgb


def with_a_letter(rgb: np.ndarray) -> np.ndarray:
    image = Image.fromarray(rgb)
    colour = tuple(int(value) for value in rgb[148, 156] ^ 32)
    ImageDraw.Draw(image).text((150, 140), "B", fill=colour, font_size=24)
    return np.asarray(image)


@pytest.mark.parametrize("quality", [None, 90, 75, 55])
@pytest.mark.parametrize("model", ["cnn", "gan"])
@pytest.mark.parametrize("faithful", ["colour", "exact"])
def test_an_untouched_result_passes(model, faithful, quality, tmp_path):
    source = photo(quality, tmp_path)
    report = examine(source, sr_models.upscale(source, scale=SCALE, model=model, faithful=faithful))
    assert report.reasons == []
    assert report.verdict == "PASS"
    assert report.exact == (faithful == "exact")


@pytest.mark.parametrize("quality", [None, 75])
@pytest.mark.parametrize("change", [with_cast, darker, with_a_part_that_is_darker, moved, with_a_letter])
def test_a_tampered_result_is_to_be_reviewed(change, quality, tmp_path):
    source = photo(quality, tmp_path)
    report = examine(source, tampered(sr_models.upscale(source, scale=SCALE), change))
    assert report.verdict == "REVIEW"
    assert all(str(reason) for reason in report.reasons)


@pytest.mark.parametrize("change", [with_cast, darker, moved, with_a_letter])
def test_tampering_is_also_found_where_no_mode_was_promised(change, tmp_path):
    source = photo(75, tmp_path)
    report = examine(source, tampered(sr_models.upscale(source, scale=SCALE, faithful="off"), change))
    assert report.verdict == "REVIEW"


def test_each_tampering_is_called_by_its_name():
    rgb = product()
    rgb[40:60, 40:80] = (180, 90, 40)
    source = Photo(rgb)
    result = sr_models.upscale(source, scale=SCALE)
    named = {change: {r.figure for r in examine(source, tampered(result, change)).reasons} for change in (with_cast, darker, moved)}
    assert "cast" in named[with_cast]
    assert {"cast", "white_kept"} <= named[darker]
    assert "shift" in named[moved]


def test_an_exact_result_agrees_in_every_figure():
    source = Photo(product())
    report = examine(source, sr_models.upscale(source, scale=SCALE, model="gan", faithful="exact"))
    assert (report.largest, report.mean, report.delta_e, report.delta_e_95, report.cast, report.white_kept, report.shift) == (
        0,
        0,
        0,
        0,
        0,
        1,
        0,
    )
    assert report.lr_psnr == float("inf")
    assert report.as_json()["lr_psnr"] is None


def test_what_nobody_can_see_does_not_count():
    alpha = np.full((100, 120), 255, np.uint8)
    alpha[:15] = 0
    rgb = product()
    rgb[:15] = 7
    source = Photo(rgb, alpha)
    assert examine(source, sr_models.upscale(source, scale=SCALE)).verdict == "PASS"


@pytest.mark.parametrize("faithful", ["colour", "exact"])
def test_tampered_transparency_is_to_be_reviewed(faithful):
    alpha = np.zeros((100, 120), np.uint8)
    alpha[20:80, 25:95] = 255
    source = Photo(product(), alpha)
    result = sr_models.upscale(source, scale=SCALE, faithful=faithful)
    assert examine(source, result).verdict == "PASS"
    whole = result.photo.alpha
    for other in (
        None,
        np.full_like(whole, 255),
        np.roll(whole, 8, axis=1),
        np.where(np.arange(whole.shape[1]) < 180, whole, 0).astype(np.uint8),
    ):
        report = examine(source, replace(result, photo=replace(result.photo, alpha=other)))
        assert "alpha" in {reason.figure for reason in report.reasons}
        assert not report.exact


def test_what_hides_under_transparency_is_no_detail():
    alpha = np.full((100, 120), 255, np.uint8)
    alpha[:50] = 0
    noisy = product()
    noisy[:50] = np.random.default_rng(0).integers(0, 256, (50, 120, 3))
    plain, hidden = (Photo(rgb, alpha) for rgb in (np.where(alpha[:, :, None] > 0, noisy, 128).astype(np.uint8), noisy))
    a, b = (examine(source, sr_models.upscale(source, scale=2, faithful="exact")) for source in (plain, hidden))
    assert b.new_detail == pytest.approx(a.new_detail, abs=0.01)
    assert b.disagreement == pytest.approx(a.disagreement, abs=0.5)


@pytest.mark.parametrize("fill", ["black", "grey"])
@pytest.mark.parametrize("quality", [None, 90, 75, 50])
def test_untouched_text_on_white_passes(fill, quality, tmp_path):
    image = Image.new("RGB", (160, 110), "white")
    for line, words in enumerate(("SIZE  S  M  L", "chest 88 92 98", "100% cotton")):
        ImageDraw.Draw(image).text((8, 10 + 32 * line), words, fill=fill, font_size=10 + 6 * line)
    image.save(tmp_path / "label.png")
    if quality:
        image.save(tmp_path / "label.png", "JPEG", quality=quality)
    source = sr_models.read(tmp_path / "label.png")
    for model in ("cnn", "gan"):
        assert examine(source, sr_models.upscale(source, scale=SCALE, model=model)).reasons == []


@pytest.mark.parametrize("quality", [None, 90, 75, 50])
def test_untouched_results_of_real_photos_pass(quality, tmp_path):
    for file in sr_models.photo_files(shared("product-val"))[::9]:
        part = Image.fromarray(sr_models.read(file).rgb).reduce(4).crop((0, 0, 120, 120))
        part.save(tmp_path / "photo", "JPEG" if quality else "PNG", **({"quality": quality} if quality else {}))
        source = sr_models.read(tmp_path / "photo")
        assert examine(source, sr_models.upscale(source, scale=2)).reasons == [], file.name


def test_a_picture_from_elsewhere_can_be_compared_and_a_wrong_size_is_said():
    source = Photo(product())
    enlarged = Photo(product().repeat(2, 0).repeat(2, 1))
    report = compared(source, enlarged)
    assert (report.exact, report.verdict, report.model, report.scale) == (True, "PASS", None, 2)
    with pytest.raises(sr_models.PhotoError, match="whole multiple"):
        compared(source, Photo(enlarged.rgb[:-1]))


def test_new_detail_and_disagreement_tell_the_gan_from_lanczos():
    source = Photo(made_up(100, 120))
    gan, lanczos = (examine(source, sr_models.upscale(source, scale=2, model=model, faithful="off")) for model in ("gan", "lanczos"))
    assert lanczos.new_detail == 0
    assert gan.new_detail > 0.01
    assert lanczos.disagreement is None
    assert gan.disagreement is not None
    assert gan.disagreement > 0


def test_a_report_is_json_with_the_figures_of_the_result():
    source = Photo(made_up(1, 2))
    result = sr_models.upscale(source, scale=4)
    report = json.loads(json.dumps(examine(source, result).as_json(), allow_nan=False))
    assert report["model"] == result.entry.id
    assert report["size"] == [8, 4]
    assert report["sha256"] == result.entry.source.sha256
    assert report["verdict"] == "PASS"
    assert report["limits"]["largest"] == 1


def test_the_busiest_place_is_where_the_pattern_is():
    rgb = np.full((200, 300, 3), 128, np.uint8)
    rgb[100:196, 150:246] = made_up(96, 96)
    top, left = busiest(rgb, 96)
    assert abs(top - 100) <= 48
    assert abs(left - 150) <= 48
