"""Transparent photos: what is hidden is not seen, and cut-outs have no rim."""

import sys

import numpy as np
import pytest
from conftest import made_up
from PIL import Image

from sr_models import Photo, choose, find, read, upscale
from sr_models.catalog import CATALOG, CLASSICS, SCALES
from sr_models.stages import alpha
from sr_models.stages.alpha import BLEED, FAINT, bleed, find_undecided
from sr_models.stages.enlarge import enlarge_alpha
from sr_models.windows import neighbours

SIDE = 144
ORANGE = (210, 90, 40)
RIM = 12  # levels
QUIET = {"cancelled": lambda: False}


def product(side: int = SIDE) -> np.ndarray:
    """uint8 (side, side), antialiased: a tilted box with a round hole, as the alpha of a cut-out."""
    fine = 4
    y, x = (np.mgrid[: side * fine, : side * fine] + 0.5) / fine - side / 2
    u, v = 0.9 * x + 0.4 * y, 0.9 * y - 0.4 * x
    inside = (np.abs(u) < side * 0.38) & (np.abs(v) < side * 0.28) & (np.hypot(x, y) > side * 0.12)
    return np.rint(inside.reshape(side, fine, side, fine).mean((1, 3)) * 255).astype(np.uint8)


def cut_out(colour: tuple[int, int, int], under: int) -> Photo:
    """The product in one colour, with the colour `under` hidden around it."""
    opacity = product()
    rgb = np.where(opacity[:, :, None] > 0, np.array(colour), under).astype(np.uint8)
    return Photo(rgb, opacity)


def shrunk(photo: Photo, scale: int, under: int) -> Photo:
    """By Pillow, which weighs colours by their opacity; then again with the colour `under` where nothing is seen."""
    side = photo.rgb.shape[0] // scale
    assert photo.alpha is not None
    small = np.asarray(Image.fromarray(np.dstack([photo.rgb, photo.alpha])).resize((side, side), Image.Resampling.BOX))
    opacity = small[:, :, 3].copy()
    return Photo(np.where(opacity[:, :, None] > 0, small[:, :, :3], under).astype(np.uint8), opacity)


def on(ground: int, photo: Photo) -> np.ndarray:
    assert photo.alpha is not None
    opacity = photo.alpha[:, :, None] / 255.0
    return photo.rgb * opacity + ground * (1 - opacity)


def edge_error(result: Photo, original: Photo, small: Photo) -> float:
    """Root mean square difference of the composites on white and on black, along the edge, levels."""
    assert small.alpha is not None
    scale = original.rgb.shape[0] // small.rgb.shape[0]
    edge = np.kron(find_undecided(small.alpha), np.ones((scale, scale), int)) > 0
    return float(np.sqrt(np.mean([np.square(on(ground, result) - on(ground, original))[edge] for ground in (0, 255)])))


def rim(result: Photo, colour: tuple[int, int, int]) -> float:
    """How far the colour that is seen is off anywhere, weighted by how much of it is seen, levels."""
    return float((np.abs(result.rgb - np.array(colour, float)) * (result.alpha[:, :, None] / 255.0)).max())


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("model", ["cnn", "gan"])
@pytest.mark.parametrize("faithful", ["off", "colour", "exact"])
def test_a_cut_out_on_white_and_on_black_has_far_less_edge_error_than_bicubic(scale, model, faithful):
    """Of bicubic with colours weighed by opacity, which is Pillow's."""
    original = cut_out(ORANGE, 0)
    small = shrunk(original, scale, under=0)
    assert small.alpha is not None
    again = np.asarray(Image.fromarray(np.dstack([small.rgb, small.alpha])).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    plain = Photo(again[:, :, :3], again[:, :, 3])
    result = upscale(small, scale=scale, model=model, faithful=faithful).photo
    assert edge_error(result, original, small) < 0.6 * edge_error(plain, original, small)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("model", ["cnn", "gan", "bicubic"])
@pytest.mark.parametrize("under", [0, 255])
def test_a_cut_out_has_no_rim_of_another_colour(scale, model, under):
    small = shrunk(cut_out(ORANGE, under), scale, under)
    assert rim(upscale(small, scale=scale, model=model).photo, ORANGE) <= RIM


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("model", ["cnn", "gan", "bicubic"])
@pytest.mark.parametrize("under", [0, 255])
def test_without_bleeding_it_has_one(scale, model, under, monkeypatch):
    monkeypatch.setattr(sys.modules["sr_models.stages.enlarge"], "bleed_deep", lambda photo: photo.rgb)
    small = shrunk(cut_out(ORANGE, under), scale, under)
    assert rim(upscale(small, scale=scale, model=model).photo, ORANGE) > 2.5 * RIM


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry.id)
def test_colours_are_bled_further_than_any_network_looks(entry):
    assert entry.net.halo + 1 <= BLEED


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry.id)
def test_pixels_like_all_their_neighbours_stay_exactly_as_they_are(entry):
    """Clear, opaque and half-clear areas, against each other and at the border."""
    opacity = np.zeros((40, 50), np.uint8)
    opacity[:20, :30] = 255
    opacity[20:, 20:] = 77
    opacity[4, 4] = 254
    result = enlarge_alpha(opacity, entry, choose("cpu"), **QUIET)
    scale = entry.net.scale
    blocks = result.reshape(40, scale, 50, scale).transpose(0, 2, 1, 3)
    alike = ~find_undecided(opacity)
    assert (blocks[alike] == opacity[alike][:, None, None]).all()
    assert not (blocks == opacity[:, :, None, None]).all()


def test_what_is_skipped_because_nothing_is_undecided_there_changes_nothing():
    """Tiles of the outline alone, and the whole picture in one piece, to a rounding."""
    opacity = product()
    pieces = [enlarge_alpha(opacity, find("cnn", 2), choose("cpu"), **QUIET)]
    for size in (24, 1000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys.modules["sr_models.stages.enlarge"], "ALPHA_TILE", size)
            pieces.append(enlarge_alpha(opacity, find("cnn", 2), choose("cpu"), **QUIET))
    assert all(np.abs(pieces[0].astype(int) - piece).max() <= 2 for piece in pieces)


@pytest.mark.parametrize("scale", SCALES)
def test_the_network_finds_the_edge_better_than_bicubic_and_a_gan_run_has_the_same_alpha(scale):
    original = product()
    small = shrunk(cut_out(ORANGE, 0), scale, 0)
    found = {model: upscale(small, scale=scale, model=model).photo.alpha.astype(int) for model in ("cnn", "gan", "bicubic")}
    error = {model: np.square(a - original).mean() for model, a in found.items()}
    assert np.array_equal(found["cnn"], found["gan"])
    assert error["cnn"] < 0.5 * error["bicubic"]


def test_a_soft_shadow_stays_soft():
    y, x = np.mgrid[:60, :60]
    shadow = np.rint(150 * np.exp(-((x - 30) ** 2 + (y - 30) ** 2) / 400)).astype(np.uint8)
    cnn, bicubic = (enlarge_alpha(shadow, find(model, 2), choose("cpu"), **QUIET).astype(int) for model in ("cnn", "bicubic"))
    assert np.abs(cnn - bicubic).max() <= 4


@pytest.mark.parametrize("model", sorted({entry.family for entry in CATALOG} - set(CLASSICS)))
def test_the_steps_of_a_hard_cut_out_are_rounded_off_rather_than_sharpened(model):
    hard = np.where(product() > 127, 255, 0).astype(np.uint8)
    result, bicubic = (enlarge_alpha(hard, find(name, 3), choose("cpu"), **QUIET) for name in (model, "bicubic"))
    assert np.array_equal(result, bicubic)


@pytest.mark.parametrize("format", ["PNG", "GIF"])
def test_a_transparent_palette_comes_through_files(format, tmp_path):
    """A product of two colours on a transparent index whose own colour is loud."""
    indices = np.zeros((30, 40), np.uint8)
    indices[8:22, 10:30] = 1
    indices[12:18, 14:20] = 2
    image = Image.fromarray(indices, "P")
    image.putpalette([255, 0, 255, *ORANGE, 20, 20, 20])
    file = tmp_path / f"product.{format.lower()}"
    image.save(file, transparency=0)
    result = upscale(read(file), scale=2, faithful="off").photo
    assert (result.alpha[:12] == 0).all()
    assert (result.alpha[20:40, 24:56] == 255).all()
    seen = result.alpha > 0
    assert result.rgb[seen][:, 2].max() < ORANGE[2] + 40  # nothing of the loud colour
    assert np.abs(result.rgb[30:34, 46:54].astype(int) - ORANGE).max() <= 4


def test_bleeding_changes_no_visible_pixel_and_does_not_depend_on_hidden_ones():
    opacity = product()
    rgb = made_up(SIDE, SIDE)
    other = np.where(opacity[:, :, None] > 0, rgb, 255 - rgb)
    result = bleed(Photo(rgb, opacity))
    assert np.array_equal(result[opacity >= FAINT], rgb[opacity >= FAINT])
    assert np.array_equal(result, bleed(Photo(other, opacity)))
    assert bleed(Photo(rgb)) is rgb


def test_bleeding_reaches_so_many_pixels_and_leaves_white_beyond():
    opacity = np.zeros((3, 100), np.uint8)
    opacity[:, :2] = 255
    result = bleed(Photo(np.full((3, 100, 3), ORANGE, np.uint8), opacity))
    assert (result[:, : 2 + BLEED] == ORANGE).all()
    assert (result[:, 2 + BLEED :] == 255).all()


def test_faint_colours_give_way_to_those_beside_them_and_stay_where_there_are_none():
    """The tail of a soft shadow is faint far and wide."""
    opacity = np.full((3, 100), FAINT - 1, np.uint8)
    opacity[:, :2] = FAINT
    rgb = np.full((3, 100, 3), ORANGE, np.uint8)
    rgb[:, 2:] = 10
    result = bleed(Photo(rgb, opacity))
    assert (result[:, : 2 + BLEED] == ORANGE).all()
    assert (result[:, 2 + BLEED :] == 10).all()


def test_in_parts_the_bleeding_is_the_same(monkeypatch):
    random = np.random.default_rng(0)
    photo = Photo(made_up(40, 50), (random.random((40, 50)) < 0.1).astype(np.uint8) * 255)
    whole = bleed(photo)
    monkeypatch.setattr(alpha, "AT_ONCE", 7)
    assert np.array_equal(bleed(photo), whole)


@pytest.mark.parametrize("sides", [(1, 1), (1, 9), (5, 2)])
@pytest.mark.parametrize("value", [0, 1, 255])
def test_the_smallest_pictures_and_wholly_hidden_ones_pass(sides, value):
    photo = Photo(made_up(*sides), np.full(sides, value, np.uint8))
    result = upscale(photo, scale=2).photo
    assert (result.alpha == value).all()
    assert value or (bleed(photo) == 255).all()


def test_neighbours_are_those_that_exist():
    values = np.array([[5, 1, 9], [3, 7, 2]])
    around = np.stack(neighbours(values))
    assert around.min(0).tolist() == [[1, 1, 1], [1, 1, 1]]
    assert around.max(0).tolist() == [[7, 9, 9], [7, 9, 9]]
