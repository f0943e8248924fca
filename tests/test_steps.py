"""The steps before and after the network: what each does, and what none of them may touch."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import made_up, shared
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import maximum_filter, minimum_filter
from skimage.exposure import equalize_adapthist
from skimage.filters import gaussian, unsharp_mask
from skimage.restoration import wiener

from sr_models import Photo, PhotoError, photo_files, read
from sr_models.figures.matlab import shrink
from sr_models.figures.quality import psnr
from sr_models.photo import BLOCK, LUMA
from sr_models.reading import recompress
from sr_models.stages import finish, painting, prepare
from sr_models.stages.prepare import SMOOTHNESS
from sr_models.stages.steps import STEPS, Active, apply, parse

by_name = {step.name: step for step in STEPS}
each_step = pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)


def product(height: int = 70, width: int = 90) -> Photo:
    """A reddish product on pure white, as a slightly compressed file."""
    rgb = np.full((height, width, 3), 255, np.uint8)
    rgb[20:50, 30:70] = made_up(30, 40) // 2 + np.array([60, 20, 10], np.uint8)
    return Photo(rgb, icc=b"profile", noise=2.0)


def cut_out(under: int) -> Photo:
    photo = product()
    alpha = np.zeros(photo.rgb.shape[:2], np.uint8)
    alpha[20:50, 30:70] = 255
    alpha[20, 30:70] = 128
    rgb = np.where(alpha[:, :, None] > 0, photo.rgb, under).astype(np.uint8)
    return replace(photo, rgb=rgb, alpha=alpha)


def crops() -> list[np.ndarray]:
    """uint8 (128, 128, 3): the middles of product photos, at half their size."""
    found = []
    for file in photo_files(shared("product-val"))[::6]:
        rgb = read(file).rgb
        top, left = (rgb.shape[0] - 256) // 2, (rgb.shape[1] - 256) // 2
        x = np.ascontiguousarray(rgb[top : top + 256, left : left + 256].transpose(2, 0, 1))
        found.append(shrink(prepare.torch.from_numpy(x).double(), 2).numpy().transpose(1, 2, 0).astype(np.uint8))
    return found


def gain(name: str, amount: float, degraded: list[Photo], originals: list[np.ndarray]) -> float:
    """What a step brings in PSNR, on average, dB."""
    function = by_name[name].function
    pairs = zip(degraded, originals, strict=True)
    return float(np.mean([psnr(function(photo, amount).rgb, original) - psnr(photo.rgb, original) for photo, original in pairs]))


def test_the_list_is_sound():
    assert len(by_name) == len(STEPS)
    for step in STEPS:
        assert step.lowest <= 0 < step.default <= step.highest
    moments = [step.when for step in STEPS]
    assert moments == sorted(moments, key=["before", "after"].index)


@each_step
def test_an_amount_of_zero_changes_nothing_and_a_tiny_one_next_to_nothing(step):
    for photo in (product(), cut_out(7)):
        assert apply(photo, [Active(step, 0)]) is photo
        assert np.abs(step.function(photo, 1e-6).rgb.astype(int) - photo.rgb).max() <= 1


@each_step
def test_a_step_does_something_by_default_and_leaves_its_photo_alone(step):
    photo = replace(product(), rgb=np.minimum(product().rgb, (220, 210, 200)).astype(np.uint8))
    before = photo.rgb.copy()
    assert not np.array_equal(apply(photo, [Active(step, step.default)]).rgb, photo.rgb)
    assert np.array_equal(photo.rgb, before)


@each_step
def test_all_but_the_colours_is_kept(step):
    photo = cut_out(7)
    result = step.function(photo, step.highest)
    assert (result.icc, result.noise, result.rgb.dtype) == (photo.icc, photo.noise, np.uint8)
    if step.name != "crop":
        assert result.alpha is not None
        assert photo.alpha is not None
        assert np.array_equal(result.alpha, photo.alpha)
        assert result.size == photo.size


@each_step
def test_a_white_backdrop_stays_pure_white(step):
    photo = product()
    backdrop = np.ones(photo.rgb.shape[:2], bool)
    backdrop[19:51, 29:71] = False
    for amount in (step.lowest or step.default, step.highest):
        result = step.function(photo, amount).rgb
        assert step.name == "crop" or (result[backdrop] == 255).all()


@each_step
def test_what_is_hidden_neither_counts_nor_changes(step):
    black, bright = (step.function(cut_out(under), step.highest) for under in (0, 200))
    assert np.array_equal(black.rgb[black.alpha > 0], bright.rgb[bright.alpha > 0])
    assert (black.rgb[black.alpha == 0] == 0).all()
    assert (bright.rgb[bright.alpha == 0] == 200).all()


@pytest.mark.parametrize("name", ["deblock", "denoise", "deblur", "sharpen"])
def test_without_bleeding_it_would_count(name, monkeypatch):
    for module in (prepare, finish):
        monkeypatch.setattr(module, "bleed", lambda photo: photo.rgb)
    black, bright = (by_name[name].function(cut_out(under), by_name[name].highest) for under in (0, 200))
    assert not np.array_equal(black.rgb[black.alpha > 0], bright.rgb[bright.alpha > 0])


@each_step
def test_bands_leave_no_seam(step, monkeypatch):
    photo = replace(product(), rgb=made_up(150, 60))
    whole = step.function(photo, step.default).rgb
    monkeypatch.setattr(painting, "BAND", 4 * BLOCK)
    assert np.abs(step.function(photo, step.default).rgb.astype(int) - whole).max() <= 1


@each_step
@pytest.mark.parametrize("sides", [(1, 1), (1, 30), (9, 2)])
def test_the_smallest_pictures_pass(step, sides):
    for alpha in (None, np.zeros(sides, np.uint8), np.full(sides, 255, np.uint8)):
        result = step.function(Photo(made_up(*sides), alpha), step.highest)
        assert result.rgb.ndim == 3
        assert result.rgb.size


@each_step
def test_a_step_is_read_back_as_it_is_written(step):
    assert parse(step.name) == Active(step, step.default)
    assert parse(f" {step.name} = 0.25 ", step.when) == Active(step, 0.25)
    assert parse(str(Active(step, 0.3))) == Active(step, 0.3)


@pytest.mark.parametrize(
    ("text", "when", "said"),
    [
        ("polish=1", "after", "no step “polish” here. Choose from crisp, sharpen, contrast, colour"),
        ("sharpen=1", "before", "no step “sharpen” here. Choose from crop, deblock, denoise, deblur"),
        ("denoise=2", None, "from 0 to 1, not “2”. For example: denoise=0.2"),
        ("denoise=much", None, "not “much”"),
        ("denoise=nan", None, "not “nan”"),
        ("", None, "no step “”"),
    ],
)
def test_what_is_no_step_is_refused_in_words(text, when, said):
    with pytest.raises(PhotoError, match=said):
        parse(text, when)


def test_steps_are_applied_in_the_order_of_the_list_whatever_order_they_are_given_in():
    photo = product()
    chosen = [Active(by_name[name], by_name[name].default) for name in ("crop", "denoise", "balance", "sharpen", "colour")]
    forth, back = apply(photo, chosen), apply(photo, chosen[::-1])
    assert np.array_equal(forth.rgb, back.rgb)
    one_by_one = photo
    for active in chosen:
        one_by_one = active.step.function(one_by_one, active.amount)
    assert np.array_equal(forth.rgb, one_by_one.rgb)


def test_a_crop_lets_the_product_fill_the_share_of_the_frame_and_keeps_the_grid_of_jpeg():
    rgb = np.full((400, 500, 3), 255, np.uint8)
    rgb[150:250, 120:320] = 90
    for fill in (0.6, 0.85, 1):
        result = prepare.crop(Photo(rgb), fill).rgb
        assert fill * 0.9 <= 200 / result.shape[1] <= fill * 1.01
        top, left = (np.flatnonzero((result < 200).any(axis))[0] for axis in ((1, 2), (0, 2)))
        assert (150 - top) % BLOCK == (120 - left) % BLOCK == 0


def test_a_crop_never_goes_beyond_the_photo_and_leaves_a_scene_whole():
    assert prepare.crop(product(), 0.1).size == product().size
    scene = Photo(made_up(60, 80))
    assert np.array_equal(prepare.crop(scene, 1).rgb, scene.rgb)


@pytest.mark.parametrize(("noise", "amount", "least"), [(5, 0.2, 1), (10, 0.3, 2), (20, 0.7, 4)])
def test_denoise_brings_photos_with_grain_closer_to_what_they_were(noise, amount, least):
    originals, random = crops(), np.random.default_rng(0)
    grainy = [Photo((rgb + random.normal(0, noise, rgb.shape)).round().clip(0, 255).astype(np.uint8)) for rgb in originals]
    assert gain("denoise", amount, grainy, originals) > least


def test_grain_is_best_removed_by_as_much_as_there_is_in_parts_of_25_levels():
    sharp = lettering(1)[0][:64, :128]
    grainy = [Photo((sharp + np.random.default_rng(0).normal(0, 10, sharp.shape)).round().clip(0, 255).astype(np.uint8))]
    less, right, more = (gain("denoise", amount, grainy, [sharp]) for amount in (0.3, 0.4, 0.6))
    assert right > 1 + max(less, more)
    assert "noise of 25 levels" in by_name["denoise"].meaning


@pytest.mark.parametrize("quality", [30, 60, 85])
def test_deblock_brings_compressed_photos_closer_to_what_they_were(quality):
    originals = crops()
    assert gain("deblock", 1, [recompress(Photo(rgb), quality) for rgb in originals], originals) > 0.2


def test_deblock_lowers_the_steps_between_blocks_more_than_those_within():
    y, x = np.mgrid[:128, :128]
    smooth = np.repeat((127 + 60 * np.sin(x / 40) * np.cos(y / 33))[:, :, None], 3, axis=2).astype(np.uint8)
    photo = recompress(Photo(smooth), 15)

    def blockiness(rgb: np.ndarray) -> float:
        jumps = np.abs(np.diff(rgb[:, :, 1].astype(float), axis=1)).mean(0)
        return jumps[7::8].mean() / jumps[3::8].mean()

    assert blockiness(prepare.deblock(photo, 1).rgb) < 0.5 * blockiness(photo.rgb)


@pytest.mark.parametrize("radius", [0.7, 1.0])
def test_deblur_brings_blurred_photos_closer_to_what_they_were(radius):
    originals = crops()
    blurred = [Photo(np.rint(gaussian(rgb.astype(float), radius, channel_axis=2)).astype(np.uint8)) for rgb in originals]
    assert gain("deblur", radius, blurred, originals) > 2
    assert gain("deblur", 2.5 * radius, blurred, originals) < 0  # the wrong radius does harm


def test_deblur_makes_letters_sharper_and_grain_no_stronger():
    sharp, soft = (rgb[:64, :128] for rgb in lettering(1))
    assert gain("deblur", 1, [Photo(soft)], [sharp]) > 2
    grain = (128 + np.random.default_rng(0).normal(0, 4, (64, 64, 1)).round()).repeat(3, 2).astype(np.uint8)
    assert prepare.deblur(Photo(grain), 1).rgb.std() < 1.2 * grain.std()


def grey_crop() -> np.ndarray:
    """uint8 (128, 128, 3), grey."""
    return np.repeat(np.rint(crops()[0] @ LUMA).astype(np.uint8)[:, :, None], 3, axis=2)


def test_deblur_is_the_wiener_filter_of_scikit_image():
    rgb, radius = grey_crop(), 1.2
    axis = np.arange(-7, 8)
    psf = np.exp(-(axis[:, None] ** 2 + axis**2) / (2 * radius**2))
    expected = np.asarray(wiener(rgb[:, :, 0] / 255.0, psf / psf.sum(), SMOOTHNESS * radius**2, clip=False)) * 255
    inner = slice(24, -24), slice(24, -24)  # theirs wraps around
    result = prepare.deblur(Photo(rgb), radius).rgb[:, :, 0]
    assert np.abs(result[inner] - expected.clip(0, 255)[inner]).max() <= 1.5


def test_sharpen_is_the_unsharp_mask_of_scikit_image_with_the_blur_that_its_meaning_tells():
    rgb = made_up(60, 70)[:, :, :1].repeat(3, 2) // 2 + 60
    assert "a blur of 1.5 pixels" in by_name["sharpen"].meaning
    expected = (unsharp_mask(rgb[:, :, 0] / 255.0, 1.5, 0.8) * 255).clip(0, 255)
    assert np.abs(finish.sharpen(Photo(rgb), 0.8).rgb[:, :, 0] - expected).max() <= 1


def lettering(softness: float) -> tuple[np.ndarray, np.ndarray]:
    """(sharp, soft), uint8 (120, 300, 3): dark letters on bright ground, and the same after a Gaussian blur."""
    image = Image.new("RGB", (300, 120), (225, 215, 200))
    ImageDraw.Draw(image).text((10, 5), "Rag 8&\nknot", (40, 50, 90), ImageFont.load_default(48))
    sharp = np.asarray(image)
    return sharp, np.rint(gaussian(sharp.astype(float), softness, channel_axis=2)).astype(np.uint8)


def steepness(rgb: np.ndarray) -> float:
    """Mean of the steepest twentieth of the steps between neighbours along the rows."""
    found = np.sort(np.abs(np.diff(rgb @ LUMA, axis=1)).ravel())
    return float(found[-len(found) // 20 :].mean())


def overshot(before: np.ndarray, after: np.ndarray) -> float:
    """Levels by which the brightness leaves what there was within two pixels."""
    y, again = (rgb @ LUMA for rgb in (before, after))
    return max((again - maximum_filter(y, 5)).max(), (minimum_filter(y, 5) - again).max())


@pytest.mark.parametrize(("softness", "width"), [(0.6, 0.7), (0.8, 0.7), (1.2, 1.2)])
def test_crisp_makes_letters_steep_and_closer_to_sharp_ones_without_a_halo(softness, width):
    sharp, soft = lettering(softness)
    result, masked = finish.crisp(Photo(soft), width).rgb, finish.sharpen(Photo(soft), 3).rgb
    assert steepness(result) > 1.25 * steepness(soft)
    assert psnr(result, sharp) > psnr(soft, sharp) + 2
    assert overshot(soft, result) <= 1
    assert overshot(soft, masked) > 10


def test_crisp_makes_edges_of_photos_steep_without_a_halo():
    for rgb in crops():
        soft = np.rint(gaussian(rgb.astype(float), 1.2, channel_axis=2)).astype(np.uint8)
        result = finish.crisp(Photo(soft), 1.2).rgb
        assert steepness(result) > 1.1 * steepness(soft)
        assert overshot(soft, result) <= 1


def test_crisp_leaves_flat_ground_gradients_and_grain_as_they_are():
    flat = np.full((60, 60, 3), (90, 120, 30), np.uint8)
    assert np.array_equal(finish.crisp(Photo(flat), 2).rgb, flat)
    gradient = np.repeat(np.arange(60, 180, dtype=np.uint8)[None, :, None], 60, axis=0).repeat(3, axis=2)
    assert np.abs(finish.crisp(Photo(gradient), 1.2).rgb.astype(int) - gradient)[:, 10:-10].max() <= 1
    grainy = (128 + np.random.default_rng(0).normal(0, 4, (120, 120, 1)).round()).clip(0, 255).repeat(3, axis=2).astype(np.uint8)
    assert finish.crisp(Photo(grainy), 1.2).rgb.std() <= 1.02 * grainy.std()
    assert finish.sharpen(Photo(grainy), 0.5).rgb.std() > 1.2 * grainy.std()


@pytest.mark.parametrize("width", [0.4, 1.2, 2])
def test_crisp_is_the_same_in_tiles_of_any_size_since_they_know_how_far_it_looks(width, monkeypatch):
    photo = Photo(made_up(140, 230))
    whole = finish.crisp(photo, width).rgb
    monkeypatch.setattr(finish, "TILE", 70)
    assert np.array_equal(finish.crisp(photo, width).rgb, whole)
    monkeypatch.setattr(finish, "steepening_reach", lambda width: 4)
    assert not np.array_equal(finish.crisp(photo, width).rgb, whole)


def test_equalise_is_close_to_that_of_scikit_image():
    """Theirs stretches its result to the full range, and spreads what it clips in another order."""
    rgb = read(photo_files(shared("product-val"))[0]).rgb[:512, :512]
    rgb = np.repeat(np.rint(rgb @ LUMA).astype(np.uint8)[:, :, None], 3, axis=2)
    expected = equalize_adapthist(rgb[:, :, 0], 512 // prepare.TILES, prepare.CLIPPED / 256) * 255
    result = prepare.equalise(Photo(rgb), 1).rgb[:, :, 0].astype(float)
    assert np.corrcoef(result.ravel(), expected.ravel())[0, 1] > 0.99
    assert np.abs(result - expected).mean() < 6 < np.abs(rgb[:, :, 0] - expected).mean()


def test_equalise_spreads_a_dull_photo_and_balance_takes_a_cast_out():
    dull = Photo((made_up(80, 80) // 4 + 100).astype(np.uint8))
    assert prepare.equalise(dull, 1).rgb.std() > 1.3 * dull.rgb.std()
    grey = np.repeat(made_up(60, 60)[:, :, :1], 3, axis=2) * 0.8
    cast = Photo((grey * np.array([1, 0.9, 0.75])).astype(np.uint8))
    spread = [np.ptp(photo.rgb.reshape(-1, 3).mean(0)) for photo in (cast, prepare.balance(cast, 1))]
    assert spread[1] < 0.1 * spread[0]


def test_equalise_makes_no_contrast_more_than_four_times_as_strong():
    """Three times what an even histogram would give, and what is cut off, spread over all levels, once more."""
    dull = (120 + np.indices((64, 64)).sum(0) % 8)[:, :, None].repeat(3, 2).astype(np.uint8)
    assert 3.5 * np.ptp(dull) < np.ptp(prepare.equalise(Photo(dull), 1).rgb) <= 4 * np.ptp(dull)


def test_balance_goes_by_bright_surfaces_and_neither_by_a_dark_product_nor_by_glints():
    product = np.full((40, 50, 3), (120, 40, 40), np.uint8)
    product[:8] = 240
    assert np.abs(prepare.balance(Photo(product), 1).rgb.astype(int) - product).max() <= 3
    surface = np.full((40, 50, 3), (180, 150, 120), np.uint8)
    surface[3, 3:9] = 255
    assert np.ptp(prepare.balance(Photo(surface), 1).rgb[20, 20]) < 10


def test_balance_leaves_a_photo_on_pure_white_nearly_as_it_is():
    assert np.abs(prepare.balance(product(), 1).rgb.astype(int) - product().rgb).max() <= 12


def test_contrast_and_colour_keep_greys_grey_and_their_ends():
    ramp = Photo(np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2))
    for name in ("contrast", "colour"):
        result = by_name[name].function(ramp, 1).rgb
        assert (result == result[:, :, :1]).all()
        assert (result[0, [0, 255]] == [[0] * 3, [255] * 3]).all()
        assert (np.diff(result[0, :, 0].astype(int)) >= 0).all()
    assert np.array_equal(finish.colour(ramp, 1).rgb, ramp.rgb)
    without = finish.colour(Photo(made_up(20, 20)), -1).rgb
    assert np.ptp(without.astype(int), axis=2).max() <= 1
