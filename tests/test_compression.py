"""What a compressed file can mean: the original that it was made from, within the intervals of its tables, wherever its grid lies."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import encoded, made_up
from PIL import Image, ImageFilter

from sr_models import upscale
from sr_models.compression import BAND, COSINES, FROM_RGB, find_background, find_meaning, find_unexplained, project_onto_file
from sr_models.photo import Photo, Quantisation, flat_quantisation
from sr_models.reading import TURNS, decode
from sr_models.stages import prepare
from sr_models.stages.resampling import resample_photo
from sr_models.tiles import split_into_bands

TURNED = range(1, 9)
ENOUGH = 2.0  # levels: closest pictures agree to this where they were rounded on different ways


def scene(height: int, width: int) -> np.ndarray:
    """uint8 (height, width, 3): brightness with edges and gradients, colours that change slowly, no value near 0 or 255."""
    image = Image.fromarray(made_up(height, width))
    grey, colour = (np.asarray(image.filter(ImageFilter.GaussianBlur(radius)).convert(mode)) for radius, mode in ((1, "L"), (6, "RGB")))
    return (50 + 0.5 * grey[:, :, None] + 0.3 * colour).astype(np.uint8)


def jpeg(rgb: np.ndarray, quality: int = 75, **options) -> Photo:
    data = encoded(rgb, "JPEG", quality=quality, **options)
    return decode(data, "photo.jpg")


def known(photo: Photo) -> Quantisation:
    assert photo.coded is not None
    return photo.coded


def off(a: np.ndarray, b: np.ndarray) -> int:
    """The largest difference, levels."""
    return int(np.abs(a.astype(int) - b).max())


def rms(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sqrt(np.square(a.astype(float) - b).mean()))


@pytest.mark.parametrize("quality", [50, 75, 90, 95, 100])
def test_the_original_is_among_what_its_file_can_mean(quality):
    original = scene(96, 120)
    photo = jpeg(original, quality, subsampling=0)
    assert rms(find_meaning(photo, original), original) < 0.4
    assert off(find_meaning(photo, original), original) <= ENOUGH


@pytest.mark.parametrize("quality", [50, 75, 90])
def test_and_is_not_with_steps_half_as_wide_or_on_another_grid(quality):
    original = scene(96, 120)
    photo = jpeg(original, quality, subsampling=0)
    q = known(photo)
    for wrong in (replace(q, steps=q.steps / 2), q.moved(4, 3)):
        assert rms(project_onto_file(wrong, original, photo.rgb), original) > 1.4 * rms(find_meaning(photo, original), original)


@pytest.mark.parametrize("subsampling", [1, 2])
def test_also_where_colours_have_half_the_size(subsampling):
    original = scene(96, 120)
    photo = jpeg(original, 75, subsampling=subsampling)
    assert known(photo).sampling == {1: (1, 2), 2: (2, 2)}[subsampling]
    assert rms(find_meaning(photo, original), original) < 0.4
    whole = replace(known(photo), sampling=(1, 1))
    assert rms(project_onto_file(whole, original, photo.rgb), original) > 1.5 * rms(find_meaning(photo, original), original)


@pytest.mark.parametrize("options", [{}, {"subsampling": 0}, {"progressive": True}, {"optimize": True}])
def test_what_is_nearest_to_the_photo_is_the_photo(options):
    photo = jpeg(made_up(50, 61), 60, **options)
    assert np.array_equal(find_meaning(photo, photo.rgb), photo.rgb)


@pytest.mark.parametrize("size", [(96, 128), (13, 7), (1, 1), (8, 30)])
def test_what_is_nearest_to_anything_is_what_the_file_can_mean(size):
    original = scene(*size)
    photo = jpeg(original, 75)
    other = (original + np.random.default_rng(0).normal(0, 12, original.shape)).clip(0, 255).astype(np.uint8)
    closest = find_meaning(photo, other)
    assert rms(closest, other) > 3
    assert rms(find_meaning(photo, closest), closest) < 0.5
    assert off(find_meaning(photo, closest), closest) <= 4


def test_it_is_nearer_to_the_original_than_what_it_is_nearest_to():
    original = scene(96, 128)
    photo = jpeg(original, 60)
    stripes = np.where(np.arange(128) % 7 < 3, 12, -6)[:, None]
    for change, least in ((np.random.default_rng(0).normal(0, 8, original.shape), 0.1), (5, 3), (stripes, 3)):
        other = (original + change).clip(0, 255).astype(np.uint8)
        assert rms(find_meaning(photo, other), original) < rms(other, original) - least


def test_only_what_no_rounding_explains_is_taken_back():
    photo = Photo(np.full((64, 64, 3), 120, np.uint8), noise=1, coded=Quantisation(np.full((3, 8, 8), 40, np.float32)))
    wave = np.outer(np.ones(64), np.tile(COSINES[3], 8))[:, :, None]  # one coefficient of each block, √8 a unit, of Y alone
    for size, kept in ((19.0, 19.0), (60.0, 20.0)):
        closest = find_meaning(photo, np.rint(120 + size / np.sqrt(8) * wave).astype(np.uint8).repeat(3, 2))
        assert (closest[0, :, 1] - 120.0) @ wave[0, :, 0] / 8 * np.sqrt(8) == pytest.approx(kept, abs=1)


def test_a_cast_hides_in_one_block_but_not_in_many():
    q = Quantisation(np.full((3, 8, 8), 32, np.float32))  # ± 2 levels of a block's mean
    for side, left in ((8, 2), (64, 0)):
        photo = np.full((side, side, 3), 120, np.uint8)
        assert off(project_onto_file(q, photo + 2, photo), photo) == left


def test_a_cast_of_64_pixels_is_taken_back_to_what_one_in_twenty_shows_by_chance():
    """Two standard errors of the mean of 64 blocks: 2/√(12·64) of a step of 100 levels; a cast of 10 would hide in 4 × 4 or in 16 × 16."""
    q = Quantisation(np.full((3, 8, 8), 800, np.float32))
    photo = np.full((128, 128, 3), 120, np.uint8)
    other = photo.copy()
    other[:64, :64] += 10
    closest = project_onto_file(q, other, photo)
    assert (closest[:64, :64] == 127).all()
    assert (closest[64:] == 120).all()
    assert (closest[:, 64:] == 120).all()


def test_even_the_picture_that_lies_farthest_from_the_photo_is_brought_close_to_what_the_file_can_mean():
    photo = jpeg(made_up(64, 64), 50, subsampling=0)
    noise = np.random.default_rng(1).integers(0, 256, photo.rgb.shape).astype(np.uint8)
    closest = find_meaning(photo, noise)
    assert np.abs(find_unexplained(known(photo), noise - photo.rgb.astype(np.float32))).max() > 100
    assert np.abs(find_unexplained(known(photo), closest - photo.rgb.astype(np.float32))).max() < 5


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_a_file_that_does_not_tell_is_taken_for_a_jpeg_of_quality_75_or_so(kind):
    data = encoded(scene(40, 48), kind)
    assert jpeg(scene(40, 48), 80).noise < decode(data, "photo").noise < jpeg(scene(40, 48), 70).noise


def test_without_an_interval_only_the_photo_is_meant():
    photo, other = made_up(40, 50), made_up(40, 50, 1)
    assert np.array_equal(project_onto_file(Quantisation(np.zeros((3, 8, 8), np.float32)), other, photo), photo)
    assert find_meaning(Photo(photo), other) is photo
    assert not np.array_equal(project_onto_file(flat_quantisation(2), other, photo), photo)


def test_what_is_white_means_white():
    rgb = np.full((40, 40, 3), 255, np.uint8)
    rgb[10:30, 10:30] = 90
    photo = jpeg(rgb, 50)
    closest = find_meaning(photo, (photo.rgb * 0.98).astype(np.uint8))
    white = find_background(photo.rgb)
    assert white.mean() > 0.4
    assert (closest[white] == 255).all()
    assert (find_meaning(photo, photo.rgb - white[:, :, None])[white] == 255).all()


@pytest.mark.parametrize("top", [0, 5])
def test_bands_are_the_whole(top, monkeypatch):
    photo, other = (scene(3 * BAND - 21, 24) for _ in range(2))
    other = np.roll(other, 3, 0)
    q = replace(known(jpeg(photo, 70)), corner=(top, 0))
    banded = project_onto_file(q, other, photo)
    assert [rows.stop - rows.start for rows in split_into_bands(len(photo), BAND, top)] == [BAND - top, BAND, BAND - 21 + top]
    monkeypatch.setattr("sr_models.compression.BAND", 8 * BAND)
    assert off(project_onto_file(q, other, photo), banded) <= 1
    assert rms(project_onto_file(q, other, photo), banded) < 0.05


def test_a_part_keeps_the_grid_of_the_whole():
    photo, other = jpeg(scene(150, 160), 60), np.roll(scene(150, 160), 2, 1)
    whole = find_meaning(photo, other)
    rows, columns = slice(37, 141), slice(21, 150)
    inner = slice(16, -16), slice(16, -16)
    part, parts = photo.part(rows, columns), other[rows, columns]
    assert rms(find_meaning(part, parts)[inner], whole[rows, columns][inner]) < 0.3
    assert rms(find_meaning(replace(part, coded=photo.coded), parts)[inner], whole[rows, columns][inner]) > 1


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("orientation", TURNED)
def test_a_turned_photo_means_what_it_meant_before(orientation, subsampling):
    rgb, other = scene(45, 70), np.roll(scene(45, 70), 2, 1)
    exif = Image.Exif()
    exif[0x0112] = orientation
    plain, turned = jpeg(rgb, 60, subsampling=subsampling), jpeg(rgb, 60, subsampling=subsampling, exif=exif)
    turn = TURNS.get(orientation, np.asarray)
    assert np.array_equal(turned.rgb, turn(plain.rgb))
    wanted = turn(find_meaning(plain, other))
    assert rms(find_meaning(turned, turn(other)), wanted) < 0.2
    if orientation > 1:
        assert rms(find_meaning(replace(turned, coded=plain.coded), turn(other)), wanted) > 0.4


def test_a_grey_file_means_grey():
    data = encoded(Image.fromarray(scene(40, 40)).convert("L"), "JPEG", quality=60)
    photo = decode(data, "grey.jpg")
    tinted = photo.rgb.copy()
    tinted[:, :, 2] -= 9
    closest = find_meaning(photo, tinted)
    assert (np.ptp(closest, 2) <= 1).all()
    assert off(closest, photo.rgb) <= 2


@pytest.mark.parametrize(("kind", "options"), [("WEBP", {"quality": 75}), ("AVIF", {"quality": 65})])
def test_other_formats_are_judged_by_their_usual_noise(kind, options):
    original = scene(96, 120)
    data = encoded(original, kind, **options)
    photo = decode(data, "photo")
    assert photo.coded is None
    assert photo.quantisation is not None
    assert rms(find_meaning(photo, original), original) < 1 < rms(photo.rgb, original)
    assert off(find_meaning(photo, np.roll(original, 1, 1)), np.roll(original, 1, 1)) > 20


@pytest.mark.parametrize("options", [{"mode": "CMYK"}, {"mode": "RGB", "keep_rgb": True}])
def test_other_colours_than_luma_and_chroma_too(options):
    mode = options.pop("mode")
    data = encoded(Image.fromarray(scene(40, 48)).convert(mode), "JPEG", **options)
    photo = decode(data, "photo.jpg")
    assert photo.lossy
    assert photo.coded is None
    assert photo.quantisation is not None


def test_the_same_pixels_from_a_lossless_file_mean_themselves():
    data = encoded(Image.fromarray(jpeg(scene(40, 48), 50).rgb))
    photo = decode(data, "saved_again.png")
    assert photo.quantisation is None


@pytest.mark.parametrize("table", [[1] * 64, [300] * 64, [17, *[255] * 63]])
def test_tables_of_strange_programs_are_taken_at_their_word(table):
    data = encoded(scene(40, 48), "JPEG", qtables=[table, table])
    photo = decode(data, "photo.jpg")
    assert known(photo).steps[0].ravel().tolist() == [min(step, 255) for step in table] or table[0] > 255
    assert off(find_meaning(photo, photo.rgb), photo.rgb) == 0
    assert rms(find_meaning(photo, scene(40, 48)), scene(40, 48)) < 0.6


def test_colours_are_those_of_pillow():
    rgb = scene(30, 40)
    ours = rgb @ FROM_RGB.T + np.array([0, 128, 128])
    assert off(np.rint(ours), np.asarray(Image.fromarray(rgb).convert("YCbCr"))) <= 1


def test_a_photo_whose_pixels_changed_no_longer_knows_its_tables():
    photo = jpeg(scene(40, 48), 60)
    assert replace(photo, noise=0.0).quantisation is None
    assert prepare.denoise(photo, 0.2).coded is None
    assert resample_photo(photo, (24, 20)).coded is None
    assert upscale(photo, scale=2, model="bicubic").photo.quantisation is None
    assert prepare.denoise(photo, 0.2).quantisation is not None
