import math

import numpy as np
import pytest
import torch
from conftest import made_up, shared
from PIL import Image, ImageFilter
from skimage.color import deltaE_ciede2000, rgb2lab, rgb2ycbcr
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from sr_models.figures import detail, quality
from sr_models.figures.detail import Detail, Repeats, colour_noise, grain, measure_detail, new_detail
from sr_models.figures.overlay import map_new_detail
from sr_models.figures.quality import (
    box_reduce,
    ciede2000,
    delta_e,
    find_white,
    lab,
    lr_psnr,
    luma,
    psnr,
    shave,
    shift,
    ssim,
    white_kept,
)
from sr_models.folders import photo_files
from sr_models.nets.resample import Kernel, ResampleConfig
from sr_models.reading import read

A, B = made_up(40, 50, 1), made_up(40, 50, 2)


def test_luma_agrees_with_scikit_image():
    assert np.abs(luma(A) - rgb2ycbcr(A)[:, :, 0]).max() < 1e-3


def test_psnr_agrees_with_scikit_image_and_equal_pictures_are_infinitely_close():
    assert psnr(A, B) == pytest.approx(peak_signal_noise_ratio(A, B, data_range=255))
    assert psnr(A, A) == math.inf


def test_ssim_agrees_with_scikit_image():
    a, b = luma(A), luma(B)
    # scikit-image averages over all but 5 pixels at the border, which are our valid positions
    theirs = structural_similarity(a, b, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)
    assert ssim(a, b) == pytest.approx(theirs, abs=1e-6)
    assert ssim(a, a) == pytest.approx(1)


def test_shaving_takes_the_same_from_each_side():
    assert np.array_equal(shave(A, 3), A[3:-3, 3:-3])
    assert np.array_equal(shave(A, 0), A)


@pytest.mark.parametrize("scale", [2, 3, 4, 5, 6])
def test_reducing_is_pillows_reduce_bit_for_bit(scale):
    rgb = np.random.default_rng(scale).integers(0, 256, (70 * scale, 50 * scale, 3), dtype=np.uint8)
    assert np.array_equal(box_reduce(rgb, scale), np.asarray(Image.fromarray(rgb).reduce(scale)))
    assert np.array_equal(box_reduce(rgb[:, :, :1], scale), box_reduce(rgb, scale)[:, :, :1])


def test_pillows_reduce_is_not_the_mean_rounded_to_the_nearest_level():
    rgb = np.zeros((3, 3, 3), np.uint8)
    rgb[0] = 1
    rgb[1, :2] = 1
    assert rgb.mean() > 0.55
    assert (box_reduce(rgb, 3) == 0).all()


def test_lr_psnr_agrees_with_scikit_image_and_equal_photos_are_infinitely_close():
    assert lr_psnr(A, B) == pytest.approx(peak_signal_noise_ratio(A, B, data_range=255))
    assert lr_psnr(A, A) == math.inf


def test_lab_agrees_with_scikit_image_up_to_its_white_point_and_greys_are_neutral():
    assert np.abs(lab(A) - rgb2lab(A)).max() < 0.02
    greys = lab(np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1))
    assert np.abs(greys[:, 1:]).max() < 1e-4
    assert greys[0] == pytest.approx([0, 0, 0], abs=1e-4)
    assert greys[255] == pytest.approx([100, 0, 0], abs=1e-4)


SHARMA = """
50 2.6772 -79.7751 50 0 -82.7485 2.0425
50 3.1571 -77.2803 50 0 -82.7485 2.8615
50 2.8361 -74.0200 50 0 -82.7485 3.4412
50 -1.3802 -84.2814 50 0 -82.7485 1.0000
50 0 0 50 -1 2 2.3669
50 2.4900 -0.0010 50 -2.4900 0.0009 7.1792
50 2.4900 -0.0010 50 -2.4900 0.0011 7.2195
50 -0.0010 2.4900 50 0.0009 -2.4900 4.8045
50 2.5000 0 50 0 -2.5000 4.3065
50 2.5000 0 73 25 -18 27.1492
50 2.5000 0 61 -5 29 22.8977
50 2.5000 0 56 -27 -3 31.9030
50 2.5000 0 58 24 15 19.4535
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
"""
"""Pairs and differences of table 1 of Sharma, Wu, Dalal, 2005."""


def test_the_published_pairs_have_the_published_difference():
    pairs = np.array(SHARMA.split(), float).reshape(-1, 7)
    assert np.abs(ciede2000(pairs[:, :3], pairs[:, 3:6]) - pairs[:, 6]).max() < 1e-4
    assert np.abs(ciede2000(pairs[:, 3:6], pairs[:, :3]) - pairs[:, 6]).max() < 1e-4


def test_the_colour_difference_agrees_with_scikit_image_at_every_pixel_that_differs_and_is_zero_elsewhere():
    again = B.copy()
    again[:, :20] = A[:, :20]
    found = delta_e(A, again)
    assert np.abs(found - deltaE_ciede2000(lab(A).astype(float), lab(again).astype(float))).max() < 1e-3
    assert (found[:, :20] == 0).all()
    assert found[:, 20:].min() > 0


def test_white_is_counted_where_all_three_channels_are_255():
    photo = np.full((4, 4, 3), 255, np.uint8)
    photo[0, 0, 1] = 254
    again = photo.copy()
    again[2:, 2:] = 254
    assert find_white(photo).sum() == 15
    assert white_kept(photo, photo) == 1
    assert white_kept(photo, again) == pytest.approx(11 / 15)
    assert white_kept(photo // 2, photo) == 1


def moved(rgb: np.ndarray, dy: float, dx: float) -> np.ndarray:
    """The picture moved around its borders by a fraction of a pixel: a turn of phases."""
    turn = np.exp(-2j * np.pi * np.add.outer(dy * np.fft.fftfreq(rgb.shape[0]), dx * np.fft.fftfreq(rgb.shape[1])))
    return np.fft.ifft2(np.fft.fft2(rgb, axes=(0, 1)) * turn[:, :, None], axes=(0, 1)).real.round().clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("by", [(0.3, -0.4), (1.25, 0.1), (-0.5, 0.5), (4.2, -3.7)])
def test_a_shift_by_a_fraction_of_a_pixel_is_measured(by):
    photo = made_up(120, 101)
    assert shift(photo, moved(photo, *by)) == pytest.approx(by, abs=0.05)


def test_the_shift_of_real_photos_is_measured():
    for file in photo_files(shared("product-val"))[::3]:
        photo = read(file).rgb
        height, width = (side // 4 * 4 - 16 for side in photo.shape[:2])
        small, again = (box_reduce(photo[y : y + height, x : x + width], 4) for y, x in ((8, 8), (7, 11)))
        assert shift(small, again) == pytest.approx((0.25, -0.75), abs=0.05), file.name


def test_a_sharpened_photo_has_not_moved():
    for file in photo_files(shared("product-val"))[1::3]:
        photo = read(file).rgb
        sharpened = np.asarray(Image.fromarray(photo).filter(ImageFilter.UnsharpMask(1, 80, 0)))
        assert shift(photo, photo) == (0, 0)
        assert shift(photo, sharpened) == pytest.approx((0, 0), abs=0.03), file.name


@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (1, 40), (40, 1), (60, 70)])
def test_where_nothing_tells_the_shift_is_zero(shape):
    flat = np.full((*shape, 3), 255, np.uint8)
    stripes = np.repeat(made_up(1, shape[1]), shape[0], axis=0)
    assert shift(flat, flat) == (0, 0)
    assert shift(flat, flat - 1) == (0, 0)
    assert shift(stripes, stripes) == (0, 0)


def enlarged(small: np.ndarray, kernel: Kernel, scale: int) -> np.ndarray:
    x = torch.tensor(small).permute(2, 0, 1)[None] / 255
    return (ResampleConfig(kernel, scale).build()(x) * 255).round().clamp(0, 255).byte()[0].permute(1, 2, 0).numpy()


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_lanczos_adds_no_detail_and_bicubic_adds_little(scale):
    detail = measure_detail(enlarged(A, "lanczos", scale), A, scale)
    assert (detail.new == 0).all()
    assert (detail.new_colour == 0).all()
    assert new_detail(detail) == 0
    assert (map_new_detail(detail.new, (40 * scale, 50 * scale)) == 0).all()
    detail = measure_detail(enlarged(A, "bicubic", scale), A, scale)
    assert 0 < new_detail(detail) < 0.1
    assert map_new_detail(detail.new, (40 * scale, 50 * scale)).max() > 0.1


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_noise_is_new_detail_everywhere(scale):
    noise = np.random.default_rng(0).integers(0, 256, (40 * scale, 50 * scale, 3), dtype=np.uint8)
    drawn = map_new_detail(measure_detail(noise, A, scale).new, noise.shape[:2])
    assert drawn.shape == noise.shape[:2]
    assert drawn.dtype == np.float32
    assert (drawn > 0.99).mean() > 0.98
    assert new_detail(measure_detail(noise, A // 16 + 120, scale)) > 0.9


def test_the_share_of_new_detail_grows_with_what_is_added():
    lanczos = enlarged(A, "lanczos", 4).astype(float)
    noise = np.random.default_rng(0).normal(0, 1, (*lanczos.shape[:2], 1))
    shares = [new_detail(measure_detail((lanczos + amount * noise).clip(0, 255).astype(np.uint8), A, 4)) for amount in (2, 8, 32, 128)]
    assert 0 < shares[0] < shares[1] < shares[2] < shares[3] < 1


def test_detail_is_seen_where_it_was_added_and_brightness_is_none():
    photo = A // 2 + 50
    result = enlarged(photo, "lanczos", 4) + 10
    result[80:, 100:] = enlarged(photo[20:, 25:], "bicubic", 4)[::-1]
    drawn = map_new_detail(measure_detail(result, photo, 4).new, result.shape[:2])
    assert (drawn[:72, :92] == 0).all()
    assert (drawn[88:, 108:] > 0.1).mean() > 0.95


def test_bands_and_tiles_leave_no_seam(monkeypatch):
    result = enlarged(A, "bicubic", 3)

    def measured() -> np.ndarray:
        found = measure_detail(result, A, 3)
        return np.array([found.new, found.held, found.new_colour, found.held_colour])

    whole, small = measured(), box_reduce(result, 3)
    monkeypatch.setattr(quality, "BAND", 7)
    monkeypatch.setattr(detail, "TILE", 9)
    assert np.array_equal(box_reduce(result, 3), small)
    assert np.abs(measured() - whole).max() < 0.05
    monkeypatch.setattr(detail, "RADIUS", {"lanczos": 1})
    assert np.abs(measured() - whole).max() > 1


@pytest.mark.parametrize(("levels", "found"), [(1.5, 0), (2.5, 0.7)])
def test_of_noise_of_20_levels_chance_leaves_two_levels_of_a_pattern_of_two_pixels(levels, found):
    repeats, noise = Repeats(range(2, 3)), 20 * torch.randn(3, 128, 128)
    repeats.add(noise + levels * torch.tensor([1, -1]).repeat(64), 0, 0)
    assert repeats.measure() == pytest.approx(found, abs=0.4 if found else 0)


def even_detail(shape: tuple[int, int], held: np.ndarray | float) -> Detail:
    """What adds 3 levels everywhere, of luma and of colour, to a photo that holds a variance of `held` levels²."""
    new, none = np.full(shape, 9, np.float32), np.zeros(shape, np.float32)
    return Detail(new, none + np.float32(held), new, none, np.zeros((3, 4, 4)), repeated=0.0)


@pytest.mark.parametrize(("held", "found"), [(15, 3), (17, 0)])
def test_where_a_photo_holds_a_variance_of_less_than_16_levels_it_is_calm(held, found):
    assert grain(even_detail((16, 16), held), np.ones((16, 16), bool)) == pytest.approx(found)


@pytest.mark.parametrize(("away", "found"), [(2, 0), (3, 3)])
def test_within_two_pixels_of_what_is_busy_nothing_is_calm(away, found):
    columns = np.tile(np.arange(17), (64, 1))
    assert grain(even_detail((64, 17), 100.0 * (columns == 8)), columns == 8 + away) == pytest.approx(found)


@pytest.mark.parametrize(("pixels", "found"), [(63, 0), (64, 3)])
def test_fewer_than_64_pixels_tell_nothing_of_grain_and_coloured_noise(pixels, found):
    counted = (np.arange(256) < pixels).reshape(16, 16)
    assert grain(even_detail((16, 16), 0), counted) == pytest.approx(found)
    assert colour_noise(even_detail((16, 16), 0), counted) == pytest.approx(found)


def test_a_photo_of_one_pixel_has_a_report_too():
    photo, result = made_up(1, 1), made_up(4, 4)
    again = box_reduce(result, 4)
    assert again.shape == (*delta_e(photo, again).shape, 3) == photo.shape
    assert 0 <= new_detail(measure_detail(result, photo, 4)) <= 1
