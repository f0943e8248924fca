"""The report card: an untouched result passes, a tampered one does not."""

import copy
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import made_up, shared
from PIL import Image, ImageDraw

import sr_models
from sr_models import Photo, Result, WeightsError, examine, run, upscale, weights
from sr_models.device import choose
from sr_models.figures.quality import box_reduce, find_busiest
from sr_models.figures.report import Report, examine_enlargement, limits
from sr_models.photo import Quantisation
from sr_models.run import load_network_on
from sr_models.stages.faithful import Faithful, make_faithful

SCALE = 3
ROOT = Path(__file__).parents[1]


def product() -> np.ndarray:
    """uint8 (100, 120, 3): a patterned thing on pure white."""
    rgb = np.full((100, 120, 3), 255, np.uint8)
    rgb[10:90, 10:110] = made_up(80, 100) // 2 + 50
    return rgb


def photo(quality: int | None, folder) -> Photo:
    if quality is None:
        return Photo(product())
    Image.fromarray(product()).save(folder / "photo.jpg", quality=quality)
    return sr_models.read(folder / "photo.jpg")


def tampered(result: Result, change) -> Result:
    return replace(result, photo=replace(result.photo, rgb=np.ascontiguousarray(change(result.photo.rgb.copy()))))


def with_cast(rgb: np.ndarray, *, cast=(3, 0, 0)) -> np.ndarray:
    return (rgb.astype(np.int16) + np.array(cast)).clip(0, 255).astype(np.uint8)


def bluer(rgb: np.ndarray) -> np.ndarray:
    return with_cast(rgb, cast=(0, 0, 3))


def darker(rgb: np.ndarray) -> np.ndarray:
    return with_cast(rgb, cast=(-3, -3, -3))


def moved(rgb: np.ndarray) -> np.ndarray:
    return np.roll(rgb, SCALE, axis=1)


def with_a_part_that_is_darker(rgb: np.ndarray) -> np.ndarray:
    rgb[: rgb.shape[0] // 2] = darker(rgb[: rgb.shape[0] // 2])
    return rgb


def with_a_stroke(rgb: np.ndarray) -> np.ndarray:
    """One of 3 × 8 pixels of the photo, as of a letter that was painted again, and 32 levels lighter."""
    stroke = rgb[42 * SCALE : 50 * SCALE, 50 * SCALE : 53 * SCALE]
    stroke[:] = with_cast(stroke, cast=(32, 32, 32))
    return rgb


TAMPERINGS = [with_cast, bluer, darker, with_a_part_that_is_darker, moved, with_a_stroke]


@pytest.mark.parametrize("quality", [None, 90, 75, 55])
@pytest.mark.parametrize(("model", "faithful"), [("cnn", "colour"), ("gan", "colour"), ("cnn-fast", "exact")])
def test_an_untouched_result_passes(model, faithful, quality, tmp_path):
    source = photo(quality, tmp_path)
    report = examine(source, sr_models.upscale(source, scale=SCALE, model=model, faithful=faithful), False)
    assert report.reasons == []
    assert report.verdict == "PASS"
    assert report.exact == (faithful == "exact")


@pytest.mark.parametrize("quality", [None, 95, 75, 50])
@pytest.mark.parametrize("faithful", ["colour", "off"])
def test_a_tampered_result_is_to_be_reviewed(faithful, quality, tmp_path):
    source = photo(quality, tmp_path)
    result = sr_models.upscale(source, scale=SCALE, model="cnn-fast", faithful=faithful)
    for change in TAMPERINGS:
        report = examine_enlargement(source, tampered(result, change).photo, faithful)
        assert report.verdict == "REVIEW", change
        assert all(str(reason) for reason in report.reasons)


@pytest.mark.parametrize("quality", [95, 75, 50])
def test_each_limit_lies_between_the_untouched_and_the_tampered(quality, tmp_path):
    source = photo(quality, tmp_path)
    result = sr_models.upscale(source, scale=SCALE, model="cnn-fast")

    def found(change) -> Report:
        return examine_enlargement(source, change(result.photo) if change is untouched else tampered(result, change).photo, "colour")

    def untouched(photo: Photo) -> Photo:
        return photo

    limit = limits("colour", lossy=True)
    clean = found(untouched)
    assert clean.lr_psnr > limit["lr_psnr"] + 5
    assert found(darker).lr_psnr < limit["lr_psnr"] - 2
    assert clean.largest <= limit["largest"] - 2
    assert found(with_a_stroke).largest > 2 * limit["largest"]
    assert clean.delta_e < limit["delta_e"] / 2
    assert clean.cast < limit["cast"] - 0.4
    assert min(found(change).cast for change in (with_cast, bluer, darker, with_a_part_that_is_darker)) > limit["cast"] + 0.2
    assert clean.shift < limit["shift"] / 2
    assert found(moved).shift > 5 * limit["shift"]


def test_a_compressed_photo_is_judged_by_what_its_file_can_mean_and_not_by_its_noise(tmp_path):
    original = photo(None, tmp_path)
    source = photo(50, tmp_path)
    sharp = Photo(original.rgb.repeat(2, 0).repeat(2, 1))
    assert examine_enlargement(source, sharp).verdict == "PASS"
    assert examine_enlargement(source, sharp).pixels_lr_psnr < 40 < examine_enlargement(source, sharp).lr_psnr
    assert examine_enlargement(replace(source, noise=0.0), sharp).verdict == "REVIEW"


def test_a_plain_blue_shirt_passes():
    source = sr_models.read(ROOT / "examples" / "clothes" / "shirt.jpg").part(slice(80, 200), slice(100, 220))
    for model in ("cnn", "gan"):
        assert examine(source, sr_models.upscale(source, scale=2, model=model), False).reasons == []


def test_each_tampering_is_called_by_its_name():
    rgb = product()
    rgb[40:60, 40:80] = (180, 90, 40)
    source = Photo(rgb)
    result = sr_models.upscale(source, scale=SCALE)
    named = {change: {r.figure for r in examine(source, tampered(result, change), False).reasons} for change in (with_cast, darker, moved)}
    assert "cast" in named[with_cast]
    assert {"cast", "white_kept"} <= named[darker]
    assert "shift" in named[moved]


def test_an_exact_result_agrees_in_every_figure():
    source = Photo(product())
    report = examine(source, sr_models.upscale(source, scale=SCALE, model="gan", faithful="exact"), False)
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
    assert examine(source, sr_models.upscale(source, scale=SCALE), False).verdict == "PASS"


@pytest.mark.parametrize("faithful", ["colour", "exact"])
def test_tampered_transparency_is_to_be_reviewed(faithful):
    alpha = np.zeros((100, 120), np.uint8)
    alpha[20:80, 25:95] = 255
    source = Photo(product(), alpha)
    result = sr_models.upscale(source, scale=SCALE, model="cnn-fast", faithful=faithful)
    assert examine_enlargement(source, result.photo, faithful).verdict == "PASS"
    whole = result.photo.alpha
    assert whole is not None
    for other in (
        None,
        np.full_like(whole, 255),
        np.roll(whole, 8, axis=1),
        np.where(np.arange(whole.shape[1]) < 180, whole, 0).astype(np.uint8),
    ):
        report = examine_enlargement(source, replace(result.photo, alpha=other), faithful)
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


@pytest.mark.parametrize(("fill", "quality"), [("black", None), ("grey", 90), ("black", 75), ("grey", 50)])
def test_untouched_text_on_white_passes(fill, quality, tmp_path):
    image = Image.new("RGB", (160, 110), "white")
    for line, words in enumerate(("SIZE  S  M  L", "chest 88 92 98", "100% cotton")):
        ImageDraw.Draw(image).text((8, 10 + 32 * line), words, fill=fill, font_size=10 + 6 * line)
    image.save(tmp_path / "label.png")
    if quality:
        image.save(tmp_path / "label.png", "JPEG", quality=quality)
    source = sr_models.read(tmp_path / "label.png")
    for model in ("cnn", "gan"):
        assert examine(source, sr_models.upscale(source, scale=SCALE, model=model), False).reasons == []


@pytest.mark.parametrize(("quality", "first"), [(None, 0), (90, 9), (75, 0), (50, 9)])
def test_untouched_results_of_real_photos_pass(quality, first, tmp_path):
    for file in sr_models.photo_files(shared("product-val"))[first::18]:
        part = Image.fromarray(sr_models.read(file).rgb).reduce(4).crop((0, 0, 120, 120))
        part.save(tmp_path / "photo", "JPEG" if quality else "PNG", **({"quality": quality} if quality else {}))
        source = sr_models.read(tmp_path / "photo")
        assert examine(source, sr_models.upscale(source, scale=2), False).reasons == [], file.name


def test_a_picture_from_elsewhere_can_be_compared_and_a_wrong_size_is_said():
    source = Photo(product())
    enlarged = Photo(product().repeat(2, 0).repeat(2, 1))
    report = examine_enlargement(source, enlarged)
    assert (report.exact, report.verdict, report.model, report.scale) == (True, "PASS", None, 2)
    with pytest.raises(sr_models.PhotoError, match="whole multiple"):
        examine_enlargement(source, Photo(enlarged.rgb[:-1]))


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
    assert report["sha256"] == result.entry.sha256
    assert report["verdict"] == "PASS"
    assert report["limits"]["largest"] == 1


def test_the_busiest_place_is_where_the_pattern_is():
    rgb = np.full((200, 300, 3), 128, np.uint8)
    rgb[100:196, 150:246] = made_up(96, 96)
    top, left = find_busiest(rgb, 96)
    assert abs(top - 100) <= 48
    assert abs(left - 150) <= 48


def test_without_the_other_family_a_result_still_has_its_card(monkeypatch):
    network = weights.load_network

    def damaged(entry, *where):
        if entry.family == "gan":
            raise WeightsError("The weights {id} are damaged.", id=entry.id)
        return network(entry, *where)

    photo = Photo(made_up(24, 24))
    result = upscale(photo, scale=2, model="cnn-fast")
    assert examine(photo, result).disagreement > 0
    monkeypatch.setattr(weights, "load_network", damaged)
    assert examine(photo, result).disagreement is None


FLAT = np.full((64, 64, 3), 128, np.int16)
CHECK = np.where(np.indices((64, 64)).sum(0) % 2, 1, -1)[:, :, None]
"""(64, 64, 1): as many places brighter as darker, so no cast."""
STANDING_FOR_ITSELF = Quantisation(np.zeros((3, 8, 8), np.float32))
"""Of a compressed file that can mean nothing but its pixels."""


def card(before: np.ndarray, after: np.ndarray, faithful: str = "off", **changes) -> Report:
    """Of `after`, each pixel of it enlarged to four, as an enlargement of `before`; both in levels, (H, W, 3)."""
    small, again = (np.asarray(levels).astype(np.uint8) for levels in (before, after))
    return examine_enlargement(Photo(small, **changes), Photo(again.repeat(2, 0).repeat(2, 1)), faithful)


def some(share: float) -> np.ndarray:
    """bool (64, 64, 1): this share of the places, spread evenly."""
    return (np.arange(64 * 64) * 0.6180339887 % 1 < share).reshape(64, 64, 1)


def dotted(levels: int) -> np.ndarray:
    """FLAT with one value that is so many levels off."""
    rgb = FLAT.copy()
    rgb[20, 30, 1] += levels
    return rgb


def drifted(pixels: float) -> np.ndarray:
    """(80, 80, 3): many slow waves, moved to the right."""
    random = np.random.default_rng(4)
    waves, phases = random.uniform(-0.1, 0.1, (40, 2)), random.uniform(0, 2 * np.pi, 40)
    y, x = np.mgrid[:80, :80]
    total = sum(np.sin(2 * np.pi * (down * y + across * (x - pixels)) + phase) for (down, across), phase in zip(waves, phases, strict=True))
    return np.rint(128 + 6 * total).clip(0, 255)[:, :, None].repeat(3, 2)


def coloured(sixteenths: int) -> np.ndarray:
    """FLAT with a red cast of 1 level and so many sixteenths."""
    tile = (np.arange(16) * 7 % 16 < sixteenths).reshape(4, 4)  # spread, so that each part of the picture has as much
    return FLAT + (1 + np.tile(tile, (16, 16)))[:, :, None] * np.array([1, 0, 0])


@pytest.mark.parametrize(
    ("figure", "before", "inside", "outside", "found"),
    [
        ("lr_psnr", FLAT, FLAT + 2 * CHECK * some(0.5), FLAT + 2 * CHECK * some(0.53), (45.1, 44.9)),
        ("largest", FLAT, dotted(25), dotted(26), (25, 26)),
        ("delta_e", FLAT, FLAT + CHECK * some(0.53) * [1, -1, 1], FLAT + CHECK * some(0.56) * [1, -1, 1], (0.97, 1.03)),
        ("cast", FLAT, coloured(11), coloured(12), (1 + 11 / 16, 1 + 12 / 16)),
        ("white_kept", FLAT + 127, FLAT + 127, dotted(-1) + 127, (1, 1 - 1 / 64**2)),
        ("shift", drifted(0), drifted(0.09), drifted(0.112), (0.09, 0.11)),
    ],
)
def test_a_figure_passes_up_to_its_limit_and_is_to_be_reviewed_beyond_it(figure, before, inside, outside, found):
    within, beyond = card(before, inside), card(before, outside)
    assert (getattr(within, figure), getattr(beyond, figure)) == pytest.approx(found, rel=0.01)
    assert (within.verdict, within.reasons) == ("PASS", [])
    assert (beyond.verdict, [reason.figure for reason in beyond.reasons]) == ("REVIEW", [figure])


@pytest.mark.parametrize(
    ("faithful", "noise", "most"), [("exact", 0, 0), ("exact", 1, 0), ("colour", 0, 1), ("colour", 1, 6), ("off", 1, 25)]
)
def test_a_single_value_may_be_off_by_as_much_as_the_promise_leaves_open(faithful, noise, most):
    file = {"noise": noise, "coded": STANDING_FOR_ITSELF if noise else None}
    assert card(FLAT, dotted(most), faithful, **file).verdict == "PASS"
    assert [reason.figure for reason in card(FLAT, dotted(most + 1), faithful, **file).reasons] == ["largest"]


@pytest.mark.parametrize(("faithful", "most"), [("exact", 0), ("colour", 64), ("off", 64)])
def test_transparency_may_be_off_by_a_quarter_in_a_place_and_in_an_exact_result_nowhere(faithful, most):
    alpha = np.full((64, 64), 200, np.uint8)
    photo = Photo(FLAT.astype(np.uint8), alpha)

    def reasons(levels: int) -> list[str]:
        other = alpha.copy()
        other[20, 30] -= levels
        return [reason.figure for reason in examine_enlargement(photo, replace(photo, alpha=other), faithful).reasons]

    assert (reasons(most), reasons(most + 1)) == ([], ["alpha"])


def made_exact(photo: Photo, own: np.ndarray, faithful: Faithful = "exact") -> Report:
    """The card of a network that made `own`, uint8 (H·s, W·s, 3), once a faithful mode corrected it."""
    scale = len(own) // len(photo.rgb)
    result = own.copy()
    make_faithful(result, photo.rgb, faithful, photo.quantisation)
    return examine_enlargement(photo, replace(photo, rgb=result, noise=0.0, coded=None), faithful, box_reduce(own, scale))


def enlarge_well(photo: Photo) -> np.ndarray:
    """What a good network makes of it."""
    return sr_models.upscale(photo, scale=SCALE, model="cnn-fast", faithful="off").photo.rgb


def harmed(good: np.ndarray, change) -> np.ndarray:
    """What a network makes that first enlarges well, and then does harm."""
    return change(good.astype(np.float32)).clip(0, 255).round().astype(np.uint8)


def noisy(rgb: np.ndarray) -> np.ndarray:
    return rgb + np.random.default_rng(0).normal(0, 20, rgb.shape)


def striped(rgb: np.ndarray) -> np.ndarray:
    return rgb + np.where(np.arange(rgb.shape[1]) % 2, 25, -25)[:, None]


def nothing_but_stripes(rgb: np.ndarray) -> np.ndarray:
    return np.zeros_like(rgb) + np.where(np.arange(rgb.shape[1]) // 2 % 2, 220, 20)[:, None]


def moved_by_a_pixel(rgb: np.ndarray) -> np.ndarray:
    return np.roll(rgb, 1, axis=1)


def redder(rgb: np.ndarray) -> np.ndarray:
    return rgb + np.array([10, 0, 0])


GARBAGE = [noisy, striped, nothing_but_stripes, moved_by_a_pixel, redder]


def on_calm_ground(quality: int | None, folder) -> Photo:
    """A pattern on grey that is not white, as a file of this quality."""
    rgb = np.full((100, 120, 3), 190, np.uint8)
    rgb[25:75, 30:90] = made_up(50, 60) // 2 + 50
    if quality is None:
        return Photo(rgb)
    Image.fromarray(rgb).save(folder / "ground.jpg", quality=quality)
    return sr_models.read(folder / "ground.jpg")


@pytest.mark.parametrize("quality", [None, 95, 75, 50])
@pytest.mark.parametrize("faithful", ["exact", "colour"])
def test_garbage_that_was_made_faithful_is_to_be_reviewed_and_a_good_result_is_not(faithful, quality, tmp_path):
    source = on_calm_ground(quality, tmp_path)
    good = enlarge_well(source)
    assert made_exact(source, good, faithful).reasons == []
    for change in GARBAGE:
        report = made_exact(source, harmed(good, change), faithful)
        assert report.verdict == "REVIEW", change


@pytest.mark.parametrize("faithful", ["exact", "colour"])
@pytest.mark.parametrize("model", ["cnn-fast", "cnn", "gan"])
@pytest.mark.parametrize("harm", ["tripled", "random", "huge"])
def test_a_network_of_spoiled_weights_is_to_be_reviewed(harm, model, faithful, monkeypatch):
    entry = sr_models.find(model, SCALE)
    spoiled = copy.deepcopy(load_network_on(entry, choose()))
    with torch.no_grad():
        for value in spoiled.parameters():
            drawn = torch.randn(value.shape) * value.float().std(correction=0)
            value.copy_({"tripled": 3 * value, "random": drawn, "huge": 100 * drawn}[harm].to(value.dtype))
    monkeypatch.setattr(run, "load_network_on", lambda entry, device: spoiled)
    source = Photo(product()[:64, :64])
    result = sr_models.upscale(source, scale=SCALE, model=model, faithful=faithful)
    report = examine_enlargement(source, result.photo, faithful, result.own)
    assert report.verdict == "REVIEW"
    assert "another picture" in str(report.reasons[-1])


def test_the_networks_own_output_is_known_where_something_corrects_it():
    source = on_calm_ground(None, None)
    off, colour, plain = (
        sr_models.upscale(source, scale=2, model=model, faithful=faithful)
        for model, faithful in (("cnn-fast", "off"), ("cnn-fast", "colour"), ("lanczos", "colour"))
    )
    assert off.own is plain.own is None
    assert colour.own is not None
    assert np.array_equal(colour.own, box_reduce(off.photo.rgb, 2))
    report = examine(source, colour)
    assert report.own_lr_psnr == pytest.approx(examine_enlargement(source, off.photo).lr_psnr)
    assert examine(source, off).own_lr_psnr is None
    assert report.as_json()["own_shift"] == pytest.approx(report.own_shift, abs=1e-4)


@pytest.mark.parametrize(("levels", "ok"), [(4, True), (6, False)])
def test_a_cast_of_the_network_itself_may_be_5_levels(levels, ok):
    report = own_card(FLAT, FLAT + np.array([levels, 0, 0]))
    assert report.own_cast == pytest.approx(levels)
    assert ("own_cast" not in {reason.figure for reason in report.reasons}) == ok


@pytest.mark.parametrize(("levels", "ok"), [(4, True), (6, False)])
def test_the_network_itself_may_darken_pure_white_by_5_levels(levels, ok):
    report = own_card(FLAT + 127, FLAT + 127 - levels)
    assert report.own_cast == pytest.approx(levels)
    assert (report.reasons == []) == ok


@pytest.mark.parametrize(("levels", "ok"), [(20, True), (21, False)])
def test_the_network_itself_agrees_to_22_decibels(levels, ok):
    report = own_card(FLAT, FLAT + levels * CHECK)
    assert report.own_lr_psnr == pytest.approx(20 * np.log10(255 / levels))
    assert ("own_lr_psnr" not in {reason.figure for reason in report.reasons}) == ok


@pytest.mark.parametrize(("pixels", "ok"), [(0.08, True), (0.12, False)])
def test_the_network_itself_may_lie_a_tenth_of_a_pixel_beside_the_photo(pixels, ok):
    report = own_card(drifted(0), drifted(pixels))
    assert report.own_shift == pytest.approx(pixels, abs=0.011)
    assert (report.reasons == []) == ok


@pytest.mark.parametrize(("levels", "ok"), [(2, True), (3, False)])
def test_the_network_itself_may_be_off_by_a_delta_e_of_4(levels, ok):
    report = own_card(FLAT, FLAT + levels * CHECK * [1, -1, 1])
    assert ("own_delta_e" not in {reason.figure for reason in report.reasons}) == ok
    assert report.own_delta_e is not None
    assert 3.0 < report.own_delta_e < 6.0
    assert (report.own_delta_e <= 4) == ok


def own_card(before: np.ndarray, own: np.ndarray) -> Report:
    """Of a result that agrees with `before` in all, by a network that made `own`; both in levels, (H, W, 3)."""
    small, other = (np.asarray(levels).astype(np.uint8) for levels in (before, own))
    return examine_enlargement(Photo(small), Photo(small.repeat(2, 0).repeat(2, 1)), "colour", other)


def reordered(rgb: np.ndarray, order: str) -> np.ndarray:
    """The picture with the pixels of each block of SCALE in another order."""
    height, width = rgb.shape[0] // SCALE, rgb.shape[1] // SCALE
    blocks = rgb.reshape(height, SCALE, width, SCALE, 3).transpose(0, 2, 1, 3, 4)
    drawn = blocks.reshape(height, width, SCALE**2, 3)[:, :, [4, 0, 8, 2, 6, 1, 7, 3, 5]].reshape(blocks.shape)
    changed = {
        "as it is": blocks,
        "transposed": blocks.swapaxes(2, 3),
        "reversed": blocks[:, :, ::-1, ::-1],
        "upside down": blocks[:, :, ::-1],
        "mirrored": blocks[:, :, :, ::-1],
        "drawn": drawn,
    }
    return np.ascontiguousarray(changed[order].transpose(0, 2, 1, 3, 4)).reshape(rgb.shape)


@pytest.mark.parametrize("quality", [None, 75])
@pytest.mark.parametrize("model", ["cnn-fast", "cnn", "gan"])
@pytest.mark.parametrize("faithful", ["exact", "colour"])
def test_the_pixels_of_each_block_stand_in_the_order_of_the_photo(faithful, model, quality, tmp_path):
    source = photo(quality, tmp_path)
    result = sr_models.upscale(source, scale=SCALE, model=model, faithful=faithful)
    for order in ("as it is", "transposed", "reversed", "upside down", "mirrored", "drawn"):
        report = examine_enlargement(source, tampered(result, lambda rgb, order=order: reordered(rgb, order)).photo, faithful, result.own)
        assert ("pixel_order" in {reason.figure for reason in report.reasons}) == (order != "as it is"), order


@pytest.mark.parametrize("cell", [1, 2, 4])
def test_pixel_art_stands_in_order(cell):
    random = np.random.default_rng(cell)
    art = random.integers(0, 256, (6, 3), dtype=np.uint8)[random.integers(0, 6, (64 // cell, 64 // cell))].repeat(cell, 0).repeat(cell, 1)
    for scale in (2, 4):
        assert examine(Photo(art), sr_models.upscale(Photo(art), scale=scale), False).pixel_order > 0.8


def test_of_a_blank_picture_no_order_is_told():
    assert card(FLAT, FLAT).pixel_order == pytest.approx(1)
    nearly = Photo((FLAT + CHECK * some(0.1)).astype(np.uint8))
    assert examine(nearly, sr_models.upscale(nearly, scale=2, model="cnn-fast"), False).pixel_order > 0.8
    dot = Photo(dotted(2).astype(np.uint8))
    assert examine(dot, sr_models.upscale(dot, scale=2, model="cnn-fast"), False).pair_order > 0.95


@pytest.mark.parametrize("faithful", ["exact", "colour"])
def test_stripes_of_colour_alone_are_found_where_the_photo_is_calm(faithful):
    def red_and_green(rgb: np.ndarray) -> np.ndarray:
        return rgb + np.where(np.arange(rgb.shape[1]) % 2, 1, -1)[:, None] * np.array([25, -25 * 65.481 / 128.553, 0])

    source = on_calm_ground(None, None)
    report = made_exact(source, harmed(enlarge_well(source), red_and_green), faithful)
    assert "grain" in {reason.figure for reason in report.reasons}
    assert made_exact(source, enlarge_well(source), faithful).grain < 1


def grainy(levels: float) -> Report:
    """Of flat grey with a checkerboard of so many levels, of pixels of the result, that no reduction shows."""
    board = np.where(np.indices((128, 128)).sum(0) % 2, 1, -1)[:, :, None] * levels
    return examine_enlargement(Photo(FLAT.astype(np.uint8)), Photo(np.rint(128 + board).repeat(3, 2).astype(np.uint8)))


def test_grain_on_calm_ground_may_have_2_levels():
    assert grainy(2).grain < 2
    assert "grain" not in {reason.figure for reason in grainy(2).reasons}
    assert grainy(3).grain > 2
    assert {reason.figure for reason in grainy(3).reasons} >= {"grain"}


def test_of_what_is_seen_three_fifths_may_be_new_unless_it_is_hardly_seen():
    y, x = np.mgrid[:64, :64]
    small = np.rint(128 + 60 * np.sin(x / 4 + y / 9))[:, :, None].repeat(3, 2).astype(np.uint8)
    board = np.where(np.indices((128, 128)).sum(0) % 2, 1, -1)[:, :, None]

    def found(levels: int) -> Report:
        smooth = sr_models.upscale(Photo(small), scale=2, model="lanczos", faithful="off").photo.rgb
        return examine_enlargement(Photo(small), Photo((smooth.astype(np.int16) + levels * board).clip(0, 255).astype(np.uint8)))

    for levels in (4, 10, 12, 18, 24, 50):
        report = found(levels)
        assert ("new_detail" in {reason.figure for reason in report.reasons}) == (report.new_detail > 0.6)
    assert found(4).new_detail < 0.6 < found(50).new_detail
    assert "new_detail" not in {reason.figure for reason in grainy(2).reasons}


def test_without_pure_white_there_was_none_to_keep():
    assert card(FLAT, FLAT).pure_white == 0
    assert card(FLAT + 127, FLAT + 127).pure_white == 1


def busy(size: int = 72) -> Photo:
    """A photo that is nowhere calm, of waves in all directions."""
    rgb = np.stack([drifted(shift)[:size, :size, 0] for shift in (0, 0.7, 1.9)], axis=2)
    return Photo((128 + 4 * (rgb - 128)).clip(0, 255).astype(np.uint8))


STRIPES = {
    "red and green of equal luma": (25, -25 * 65.481 / 128.553, 0),
    "blue and yellow": (-8, -8, 62),
    "light and dark": (12, 12, 12),
}


@pytest.mark.parametrize("colour", STRIPES.values(), ids=STRIPES)
@pytest.mark.parametrize("faithful", ["exact", "colour"])
def test_stripes_and_grids_are_found_on_a_photo_that_is_nowhere_calm(faithful, colour):
    source = busy()
    good = enlarge_well(source)
    assert made_exact(source, good, faithful).reasons == []
    for period in (2, 3, 5, 7, 8):
        for name, place in (("upright", (0, 1)), ("flat", (1, 0)), ("diagonal", (1, 1))):

            def striped(rgb: np.ndarray, period=period, place=place) -> np.ndarray:
                down, across = np.indices(rgb.shape[:2])
                phase = (place[0] * down + place[1] * across) % period
                return rgb + np.where(2 * phase < period, 1, -1)[:, :, None] * np.array(colour)

            report = made_exact(source, harmed(good, striped), faithful)
            assert "repeated" in {reason.figure for reason in report.reasons}, (period, name)


@pytest.mark.parametrize("colour", [(10, -10 * 65.481 / 128.553, 0), (-3.2, -3.2, 24.8)])
@pytest.mark.parametrize("period", [2.5, 3, 5.5, 7, 11])
def test_weak_stripes_of_any_period_are_found_on_a_photo_that_is_nowhere_calm(period, colour):
    source = busy()

    def striped(rgb: np.ndarray) -> np.ndarray:
        return rgb + np.where(np.indices(rgb.shape[:2]).sum(0) % period < period / 2, 1, -1)[:, :, None] * np.array(colour)

    assert "repeated" in {reason.figure for reason in made_exact(source, harmed(enlarge_well(source), striped), "colour").reasons}


def without_colours(photo: Photo) -> Photo:
    return Photo(photo.rgb[:, :, 1:2].repeat(3, 2))


def noisy_colours(rgb: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, 10, rgb.shape)
    return rgb + noise - (noise @ [65.481, 128.553, 24.966] / 219)[:, :, None]


def transposed(rgb: np.ndarray) -> np.ndarray:
    return reordered(rgb, "transposed")


def swapped(rgb: np.ndarray) -> np.ndarray:
    """The first two pixels of each block in each other's place."""
    rgb = rgb.copy()
    rgb[::SCALE, ::SCALE], rgb[::SCALE, 1::SCALE] = rgb[::SCALE, 1::SCALE].copy(), rgb[::SCALE, ::SCALE].copy()
    return rgb


@pytest.mark.parametrize(
    ("figure", "source", "change", "inside", "outside"),
    [
        ("pixel_order", busy, transposed, 0.55, 0.6),
        ("pair_order", busy, swapped, 0.34, 0.38),
        ("colour_noise", lambda: without_colours(busy()), noisy_colours, 0.39, 0.42),
    ],
)
def test_a_little_disorder_or_coloured_noise_passes_and_a_little_more_is_to_be_reviewed(figure, source, change, inside, outside):
    photo, limit = source(), limits("off", lossy=False)[figure]
    good = sr_models.upscale(photo, scale=SCALE, model="cnn-fast").photo.rgb.astype(float)
    for share, ok in ((inside, True), (outside, False)):
        mixed = np.rint(good + share * (change(good) - good)).clip(0, 255).astype(np.uint8)
        report = examine_enlargement(photo, Photo(mixed))
        assert getattr(report, figure) == pytest.approx(limit, rel=0.2)
        assert (figure not in {reason.figure for reason in report.reasons}) == ok


@pytest.mark.parametrize("faithful", ["exact", "colour"])
def test_noise_of_colour_alone_is_found_on_a_photo_that_is_nowhere_calm(faithful):
    source = without_colours(busy())
    found = made_exact(source, harmed(enlarge_well(source), noisy_colours), faithful)
    assert [reason.figure for reason in found.reasons] == ["colour_noise"]
    assert made_exact(source, enlarge_well(source), faithful).colour_noise < 1


@pytest.mark.parametrize(("levels", "ok"), [(1, True), (2, False)])
def test_a_pattern_over_all_of_a_picture_may_have_one_level(levels, ok):
    report = grainy(levels)
    assert report.repeated == pytest.approx(levels * 0.86, abs=0.35)
    assert ("repeated" not in {reason.figure for reason in report.reasons}) == ok


def test_what_the_photo_itself_repeats_is_no_added_pattern():
    across = np.arange(64)
    for width in (2, 3, 4):
        stripes = Photo(np.where((across // width % 2)[None, :, None], (220, 30, 30), (250, 250, 250)).repeat(64, 0).astype(np.uint8))
        assert examine(stripes, sr_models.upscale(stripes, scale=3), False).repeated < 0.5


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("model", ["cnn", "gan"])
def test_two_swapped_pixels_in_each_block_are_found(model, scale):
    source = busy()
    result = sr_models.upscale(source, scale=scale, model=model)
    assert examine(source, result, False).reasons == []
    last = scale**2 - 1
    for first, second in ((0, 1), (0, scale), (0, last), (1, last), (last - 1, last)):
        blocks = result.photo.rgb.reshape(72, scale, 72, scale, 3).transpose(0, 2, 1, 3, 4).reshape(72, 72, scale**2, 3).copy()
        blocks[:, :, [first, second]] = blocks[:, :, [second, first]]
        rgb = blocks.reshape(72, 72, scale, scale, 3).transpose(0, 2, 1, 3, 4).reshape(result.photo.rgb.shape)
        report = examine_enlargement(source, replace(result.photo, rgb=np.ascontiguousarray(rgb)), "colour", result.own)
        assert "pair_order" in {reason.figure for reason in report.reasons}, (first, second)
        assert report.pair_order < 0.4


def test_small_photos_are_not_asked_for_swapped_pixels():
    for side in (47, 48):
        source = busy(side)
        assert (examine(source, sr_models.upscale(source, scale=2), False).pair_order is None) == (side < 48)


def test_of_photos_of_less_than_32_pixels_a_side_the_networks_own_output_tells_nothing():
    for side in (31, 32):
        assert (own_card(FLAT[:side], FLAT[:side] + 20).own_cast is None) == (side < 32)
