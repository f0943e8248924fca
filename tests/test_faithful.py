"""The faithful modes, for photos and results that nobody would choose."""

import numpy as np
import pytest
from conftest import made_up
from PIL import Image

import sr_models
from sr_models.compression import BAND, find_meaning
from sr_models.figures.quality import box_reduce
from sr_models.figures.report import examine_enlargement
from sr_models.reading import recompress
from sr_models.stages.faithful import LEVELS, make_faithful

SCALES = (2, 3, 4, 5, 6)


def photos(side_a: int, side_b: int, random: np.random.Generator) -> list[np.ndarray]:
    """Made-up, black, white, a check of single pixels, noise, extreme noise; uint8 (side_a, side_b, 3)."""
    shape = (side_a, side_b, 3)
    check = np.indices(shape[:2]).sum(0)[:, :, None] % 2 * np.full(3, 255)
    plain = [np.zeros(shape), np.full(shape, 255), check, random.integers(0, 256, shape), random.integers(0, 2, shape) * 255]
    return [made_up(side_a, side_b), *(photo.astype(np.uint8) for photo in plain)]


def results(photo: np.ndarray, scale: int, random: np.random.Generator) -> list[np.ndarray]:
    """Noise, extreme noise, and the photo itself enlarged with a cast, as uint8."""
    shape = (photo.shape[0] * scale, photo.shape[1] * scale, photo.shape[2])
    cast = photo.repeat(scale, 0).repeat(scale, 1) * 0.9 + 7
    return [r.astype(np.uint8) for r in (random.integers(0, 256, shape), random.integers(0, 2, shape) * 255, cast)]


def pillow(result: np.ndarray, scale: int) -> np.ndarray:
    return np.asarray(Image.fromarray(result).reduce(scale))


def cases(scale: int):
    random = np.random.default_rng(scale)
    for sides in ((1, 1), (7, 5), (33, 150)):
        for photo in photos(*sides, random):
            for result in results(photo, scale, random):
                yield photo, result


@pytest.mark.parametrize("scale", SCALES)
def test_an_exact_result_reduced_by_pillow_is_the_photo_byte_for_byte(scale):
    for photo, result in cases(scale):
        make_faithful(result, photo, "exact")
        assert np.array_equal(pillow(result, scale), photo)


@pytest.mark.parametrize("scale", SCALES)
def test_without_a_faithful_mode_it_is_not(scale):
    differing = 0
    for photo, result in cases(scale):
        before = result.copy()
        make_faithful(result, photo, "off")
        assert np.array_equal(result, before)
        differing += not np.array_equal(pillow(result, scale), photo)
    assert differing > 30


@pytest.mark.parametrize("scale", SCALES)
def test_the_colour_lock_leaves_no_pixel_further_off_than_a_level_and_white_white(scale):
    for photo, result in cases(scale):
        make_faithful(result, photo, "colour")
        again = pillow(result, scale)
        assert np.abs(again.astype(int) - photo).max() <= 1
        white = (photo == 255).all(2)
        assert (again[white] == 255).all()


@pytest.mark.parametrize("scale", SCALES)
def test_the_colour_lock_leaves_a_compressed_photo_within_a_level_of_what_its_file_can_mean(scale):
    random = np.random.default_rng(scale)
    for sides in ((16, 24), (33, 50), (2 * BAND + 9, 7)):
        photo = recompress(sr_models.Photo(made_up(*sides)), 70)
        for result in results(photo.rgb, scale, random):
            like = find_meaning(photo, pillow(result, scale))
            make_faithful(result, photo.rgb, "colour", photo.quantisation)
            assert np.abs(pillow(result, scale) - like.astype(int)).max() <= 1
            assert np.abs(like - photo.rgb.astype(int)).max() > 1


def test_what_compression_drove_to_white_on_a_bright_ground_becomes_no_white_square():
    original = np.full((64, 96, 3), 249, np.uint8)
    original[20:44, 30:66] = (30, 20, 40)
    photo = recompress(sr_models.Photo(original), 50)
    alone = (photo.rgb == 255).all(2) & (original == 249).all(2)
    assert alone.any()
    result = original.repeat(4, 0).repeat(4, 1)
    make_faithful(result, photo.rgb, "colour", photo.quantisation)
    squares = result.reshape(64, 4, 96, 4, 3).transpose(0, 2, 1, 3, 4)[alone]
    assert squares.max() < 254
    report = examine_enlargement(photo, sr_models.Photo(result), "colour")
    assert (report.white_kept, report.reasons) == (1, [])


@pytest.mark.parametrize("level", ["colour", "exact"])
def test_only_exact_brings_the_noise_of_compression_back(level):
    original = np.asarray(Image.fromarray(made_up(64, 96)).resize((96, 64), box=(20, 20, 60, 50)))
    photo = recompress(sr_models.Photo(original), 50)
    result = original.repeat(3, 0).repeat(3, 1)
    make_faithful(result, photo.rgb, level, photo.quantisation)
    error, noise = (np.abs(rgb.astype(int) - original).mean() for rgb in (pillow(result, 3), photo.rgb))
    assert error == noise if level == "exact" else error < noise / 4


def test_the_colour_of_a_compressed_photo_does_not_drift():
    photo = recompress(sr_models.Photo(np.full((128, 128, 3), (40, 60, 160), np.uint8)), 50)
    for cast in (3, -6, np.array([0, 0, 12])):
        result = (photo.rgb.repeat(2, 0).repeat(2, 1) + np.asarray(cast, np.int16)).astype(np.uint8)
        make_faithful(result, photo.rgb, "colour", photo.quantisation)
        assert np.abs(pillow(result, 2) - photo.rgb.astype(float)).max() <= 1


def test_what_already_agrees_is_not_touched():
    photo = made_up(20, 30)
    result = photo.repeat(3, 0).repeat(3, 1)
    for level in LEVELS:
        again = result.copy()
        make_faithful(again, photo, level)
        assert np.array_equal(again, result)


def test_blocks_are_moved_as_little_as_it_takes():
    photo = np.full((4, 4, 3), 100, np.uint8)
    result = np.full((16, 16, 3), 104, np.uint8)
    make_faithful(result, photo, "colour")
    assert set(np.unique(result)) == {101, 102}
    assert result.mean() == pytest.approx(101 + 7 / 16)  # the largest mean that is rounded to 101


@pytest.mark.parametrize("level", ["colour", "exact"])
def test_a_white_background_is_white_in_every_pixel(level):
    photo = np.full((40, 30, 3), 255, np.uint8)
    photo[15:25, 10:20] = 90
    result = np.random.default_rng(0).integers(250, 256, (120, 90, 3)).astype(np.uint8)
    make_faithful(result, photo, level)
    assert (result[: 14 * 3] == 255).all()
    assert (result[26 * 3 :] == 255).all()
    assert (result[:, : 9 * 3] == 255).all()
    assert (result[:, 21 * 3 :] == 255).all()


@pytest.mark.parametrize("model", ["gan", "bicubic"])
def test_an_exact_result_keeps_each_channel_of_a_transparent_photo(model):
    alpha = np.zeros((24, 20), np.uint8)
    alpha[4:20, 5:15] = 255
    alpha[4] = 128
    photo = sr_models.Photo(made_up(24, 20), alpha)
    result = sr_models.upscale(photo, scale=4, model=model, faithful="exact").photo
    assert result.alpha is not None
    assert np.array_equal(pillow(result.rgb, 4), photo.rgb)
    assert np.array_equal(pillow(result.alpha, 4), alpha)
    whole, original = np.dstack([result.rgb, result.alpha]), np.dstack([photo.rgb, alpha])
    assert np.array_equal(pillow(whole, 4)[alpha == 255], original[alpha == 255])


def test_the_colour_lock_holds_what_can_be_seen_of_a_transparent_photo():
    alpha = np.zeros((24, 20), np.uint8)
    alpha[4:20, 5:15] = 255
    photo = sr_models.Photo(made_up(24, 20), alpha)
    result = sr_models.upscale(photo, scale=3, model="gan").photo
    assert np.abs(pillow(result.rgb, 3).astype(int) - photo.rgb)[alpha > 0].max() <= 1


@pytest.mark.parametrize("scale", SCALES)
def test_our_reduction_is_pillows(scale):
    for photo, result in cases(scale):
        assert np.array_equal(box_reduce(result, scale), pillow(result, scale))
        assert box_reduce(result, scale).shape == photo.shape


def test_a_mode_that_is_none_is_refused_in_words():
    with pytest.raises(sr_models.ModelError, match="“loosely” is no faithful mode"):
        sr_models.upscale(sr_models.Photo(made_up(4, 4)), faithful="loosely")
