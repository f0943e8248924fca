import numpy as np
import pytest
from conftest import made_up
from PIL import Image

from sr_models.photo import Photo
from sr_models.shop.backdrop import (
    border_pixels,
    find_backdrop,
    find_darkest,
    is_paper,
    map_whitening,
    number_pieces,
    off_white,
    snap_to_white,
)
from sr_models.stages.size import WHITE
from sr_models.windows import erode


def snap(rgb: np.ndarray, large: np.ndarray | None = None) -> np.ndarray:
    """`rgb`, or what it was enlarged to, with its backdrop made white."""
    found = find_backdrop(Photo(rgb))
    places = map_whitening(Photo(rgb), found.mask, find_darkest(found.colour))
    return snap_to_white(rgb if large is None else large, places, found.colour)


def blobs(height: int, width: int, random: np.random.Generator) -> np.ndarray:
    """bool (height, width): a few overlapping discs well inside."""
    y, x = np.mgrid[0:height, 0:width]
    found = np.zeros((height, width), bool)
    for _ in range(4):
        radius = random.uniform(6, 14)
        centre = random.uniform(24, height - 24), random.uniform(24, width - 24)
        found |= (y - centre[0]) ** 2 + (x - centre[1]) ** 2 < radius**2
    return found


def grown(mask: np.ndarray, pixels: int) -> np.ndarray:
    """`mask` and what lies within `pixels` of it."""
    for _ in range(pixels):
        mask = ~erode(~mask)
    return mask


def flooded(mask: np.ndarray) -> np.ndarray:
    """int (H, W): connected pieces, one pixel after another."""
    labels = np.zeros(mask.shape, int)
    for start in zip(*np.nonzero(mask), strict=True):
        if labels[start]:
            continue
        label, waiting = labels.max() + 1, [start]
        while waiting:
            y, x = waiting.pop()
            if 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1] and mask[y, x] and not labels[y, x]:
                labels[y, x] = label
                waiting += [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)]
    return labels


def spiral(side: int) -> np.ndarray:
    """bool (side, side): one path of a pixel's width, wound inwards."""
    mask = np.zeros((side, side), bool)
    y, x, dy, dx = 0, 0, 0, 1
    mask[0, 0] = True
    for length in [side - 1, *(n for n in range(side - 1, 1, -2) for _ in (0, 1))]:
        for _ in range(length):
            y, x = y + dy, x + dx
            mask[y, x] = True
        dy, dx = dx, -dy
    return mask


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 0.6, 0.8, 1.0])
@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (30, 1), (23, 31)])
def test_pieces_are_what_a_flood_pixel_by_pixel_finds(shape, share):
    mask = np.random.default_rng(7).random(shape) < share
    found, expected = number_pieces(mask), flooded(mask)
    assert found.shape == shape
    assert found.max() == expected.max()
    assert np.array_equal(found > 0, mask)
    assert len(set(zip(found[mask].tolist(), expected[mask].tolist(), strict=True))) == expected.max()


def test_a_spiral_is_one_piece_and_in_two_halves_two():
    mask = spiral(41)
    assert number_pieces(mask).max() == flooded(mask).max() == 1
    mask[0, 20] = False
    assert number_pieces(mask).max() == 2


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("line", ["dark", "step"])
def test_snapping_never_changes_a_near_white_product_behind_an_edge(seed, line):
    """White and near-white inside an outline of a pixel, or one step of 9 levels below the backdrop, with white holes in it."""
    random = np.random.default_rng(seed)
    product = blobs(90, 110, random)
    rgb = np.full((90, 110, 3), 252, np.uint8)
    inside = grown(~product, 1) & product
    rgb[product] = 243
    if line == "dark":
        rgb[product] = random.integers(240, 256, (int(product.sum()), 3))
        rgb[inside] = 200
    else:
        holes = product & ~grown(~product, 5)
        rgb[holes] = 255
    found = find_backdrop(Photo(rgb))
    after = snap(rgb)
    assert np.array_equal(after[product], rgb[product])
    assert (after[~grown(product, 3)] == 255).all()
    assert not (found.mask & product).any()


def test_without_an_edge_it_would_change_it():
    rgb = np.full((60, 60, 3), 252, np.uint8)
    rgb[20:40, 20:40] = 250
    assert (snap(rgb) == 255).all()


def test_what_is_dark_stays_and_so_does_all_that_the_backdrop_does_not_reach():
    rgb = np.full((60, 60, 3), 252, np.uint8)
    rgb[20:40, 20:40] = 252 - 48
    rgb[25:35, 25:35] = 253
    after = snap(rgb)
    assert np.array_equal(after[20:40, 20:40], rgb[20:40, 20:40])
    assert (after[:18] == 255).all()


def shadow(side: int = 120, ground: int = 250, depth: float = 90.0) -> np.ndarray:
    """uint8 (side, side, 3): a soft dark spot on an even ground."""
    y, x = np.mgrid[:side, :side] - side / 2
    return np.rint(ground - depth * np.exp(-(x**2 + y**2) / (2 * (side / 8) ** 2)))[:, :, None].repeat(3, 2).astype(np.uint8)


def steepest(rgb: np.ndarray) -> int:
    """Levels between neighbours, where they differ most."""
    grey = rgb[:, :, 0].astype(int)
    return max(int(np.abs(np.diff(grey, axis=axis)).max()) for axis in (0, 1))


@pytest.mark.parametrize("times", [1, 4, 9])
def test_a_soft_shadow_fades_into_white_without_a_step(times):
    rgb = shadow()
    large = np.asarray(Image.fromarray(rgb).resize((120 * times, 120 * times), Image.Resampling.BICUBIC))
    after = snap(rgb, large)
    assert (after[:10] == 255).all()
    assert (after >= large).all()
    assert after.min() == large.min()  # the shadow itself stays
    assert steepest(after) <= 3 * steepest(large) + 1


def test_cut_at_a_level_it_would_be_torn():
    rgb = shadow()
    cut = np.where(find_backdrop(Photo(rgb)).mask[:, :, None], 255, rgb).astype(np.uint8)
    large = np.asarray(Image.fromarray(rgb).resize((480, 480), Image.Resampling.BICUBIC))
    assert steepest(cut.repeat(4, 0).repeat(4, 1)) > 10
    assert steepest(large) <= 2


@pytest.mark.parametrize("colour", [WHITE, (248, 249, 247), (210, 214, 200), (20, 20, 24)])
def test_the_box_is_the_products_whatever_even_colour_is_behind_it(colour):
    rgb = np.full((120, 150, 3), colour, np.int16) + np.random.default_rng(0).integers(-1, 2, (120, 150, 1))
    rgb[30:80, 40:115] = made_up(50, 75)
    rgb[30:80, [40, 114]] = rgb[[30, 79], 40:115] = (120, 40, 90)
    rgb[5, 5] = rgb[110, 140] = 90  # dust
    found = find_backdrop(Photo(rgb.clip(0, 255).astype(np.uint8)))
    assert found.box == (40, 30, 115, 80)
    assert np.abs(np.subtract(found.colour, colour)).max() <= 1
    assert found.is_white == (min(colour) > 240)
    assert found.cut == 0
    assert not found.is_scene


def test_small_parts_of_a_product_of_many_parts_count_for_its_box():
    rgb = np.full((300, 300, 3), 255, np.uint8)
    for place in range(30, 270, 40):
        rgb[place : place + 4, place : place + 2] = 30
    assert find_backdrop(Photo(rgb)).box == (30, 30, 232, 234)


def test_what_is_transparent_is_the_backdrop_and_white():
    alpha = np.zeros((50, 60), np.uint8)
    alpha[10:40, 20:30] = 255
    found = find_backdrop(Photo(np.full((50, 60, 3), 7, np.uint8), alpha))
    assert found.box == (20, 10, 30, 40)
    assert found.is_white
    assert np.array_equal(found.mask, alpha == 0)


def test_a_scene_has_no_backdrop_and_is_its_own_box():
    for rgb in (made_up(70, 90), np.dstack([np.tile(np.linspace(30, 250, 90), (70, 1))] * 3).astype(np.uint8)):
        found = find_backdrop(Photo(rgb))
        assert found.is_scene
        assert not found.is_white
        assert found.box == (0, 0, 90, 70)


def test_a_coloured_backdrop_that_the_product_leaves_by_the_side_is_a_scene_but_a_white_one_says_how_much_is_cut():
    for level, scene in ((200, True), (255, False)):
        rgb = np.full((100, 100, 3), level, np.uint8)
        rgb[60:, 20:80] = 40
        found = find_backdrop(Photo(rgb))
        assert found.is_scene == scene
        assert found.cut == (1 if scene else pytest.approx(60 / 396))


def test_a_wholly_white_photo_has_a_box_too():
    found = find_backdrop(Photo(np.full((9, 12, 3), 255, np.uint8)))
    assert found.box == (0, 0, 12, 9)
    assert found.is_white


def test_the_inner_part_of_a_mask_touches_nothing_else_but_reaches_the_border():
    mask = np.ones((6, 9), bool)
    mask[3, 4] = False
    expected = mask.copy()
    expected[2:5, 3:6] = False
    assert np.array_equal(erode(mask), expected)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (2, 2), (4, 7)])
def test_the_border_holds_each_outermost_pixel_once(shape):
    numbers = np.arange(shape[0] * shape[1]).reshape(shape)
    outer = [n for (y, x), n in np.ndenumerate(numbers) if y in (0, shape[0] - 1) or x in (0, shape[1] - 1)]
    assert sorted(border_pixels(numbers)) == outer
    assert find_backdrop(Photo(np.full((*shape, 3), 255, np.uint8))).mask.all()


def test_off_white_counts_what_is_behind_the_product_and_outside_of_its_box():
    rgb = np.full((10, 10, 3), 255, np.uint8)
    rgb[3:7, 3:7] = 0
    mask = np.ones((10, 10), bool)
    mask[3:7, 3:7] = False
    assert off_white(rgb, mask, (3, 3, 7, 7)) == 0
    rgb[0, :3, 1] = 254
    assert off_white(rgb, mask, (3, 3, 7, 7)) == pytest.approx(3 / 84)
    mask[0] = False  # as a speck, it is outside of the box all the same
    assert off_white(rgb, mask, (3, 3, 7, 7)) == pytest.approx(3 / 84)
    assert off_white(rgb, np.zeros_like(mask), (0, 0, 10, 10)) == 0


def on(level: int, side: int = 100) -> np.ndarray:
    """uint8 (side, side, 3), even."""
    return np.full((side, side, 3), level, np.uint8)


def inwards() -> np.ndarray:
    """int (100, 100): how many pixels lie between each and the border."""
    along = np.minimum(np.arange(100), np.arange(100)[::-1])
    return np.minimum.outer(along, along)


@pytest.mark.parametrize(("level", "near"), [(239, True), (238, False)])
def test_up_to_16_levels_below_white_is_nearly_white(level, near):
    assert find_backdrop(Photo(on(level))).is_white == near


@pytest.mark.parametrize(("level", "white"), [(234, True), (233, False)])
def test_up_to_16_levels_below_the_backdrops_colour_become_pure_white_and_darker_ones_partly(level, white):
    after = snap_to_white(on(level), np.ones((100, 100), np.float32), (250, 250, 252))
    assert (after == 255).all() == white
    assert after.min() > level


@pytest.mark.parametrize(("level", "stays"), [(202, True), (204, False)])
def test_48_levels_below_the_backdrops_colour_nothing_changes(level, stays):
    assert (snap_to_white(on(level), np.ones((100, 100), np.float32), (250, 250, 252)) == level).all() == stays


def test_where_nothing_may_become_white_nothing_does():
    assert (snap_to_white(on(250), np.zeros((20, 20), np.float32), WHITE) == 250).all()


def test_a_fade_reaches_seven_pixels_beyond_the_backdrop_and_never_over_an_edge():
    deep = inwards().clip(20, 40) - 20  # from the 21st row and column on, a level darker with each pixel
    rgb = on(200) - deep.astype(np.uint8)[:, :, None]
    behind = deep == 0
    places = map_whitening(Photo(rgb), behind, 100)
    assert (places[behind] == 1).all()
    assert (places[50, 20:28] > 0).all()
    assert (np.diff(places[50, 20:30]) <= 0).all()
    assert (places[deep > 7] == 0).all()
    rgb[deep > 0] -= 9
    assert np.array_equal(map_whitening(Photo(rgb), behind, 100) > 0, behind)


@pytest.mark.parametrize(("off", "backdrops"), [(16, True), (17, False)])
def test_up_to_16_levels_off_the_borders_colour_is_the_backdrops(off, backdrops):
    gradient = np.minimum(inwards() // 2, off)  # no edge in it
    found = find_backdrop(Photo(on(128) + gradient.astype(np.uint8)[:, :, None]))
    assert found.mask[50, 50] == backdrops
    assert found.mask[20, 50]


@pytest.mark.parametrize(("step", "edge"), [(8, True), (6, False)])
def test_a_step_of_8_levels_is_an_edge_and_one_of_6_is_none(step, edge):
    rgb = on(250)
    rgb[30:70, 30:70] -= step
    assert find_backdrop(Photo(rgb)).mask[30:70, 30:70].any() != edge


def test_grain_of_2_levels_is_no_edge():
    grain = np.random.default_rng(0).normal(0, 2, (100, 100, 1)).round()
    assert find_backdrop(Photo((245 + grain).repeat(3, 2).astype(np.uint8))).mask.mean() > 0.98


def test_the_backdrop_reaches_up_to_a_products_outline_to_the_pixel():
    rgb = on(255)
    rgb[30:70, 20:80] = 40
    assert np.array_equal(find_backdrop(Photo(rgb)).mask, (rgb == 255).all(2))


def test_of_a_soft_outline_the_backdrop_takes_two_pixels():
    deep = inwards().clip(29, 34) - 29  # from the 31st row and column on, in steps of 3 levels
    found = find_backdrop(Photo(on(255) - 3 * deep.astype(np.uint8)[:, :, None]))
    assert np.array_equal(found.mask, deep <= 2)


@pytest.mark.parametrize(("first", "scene"), [(70, False), (69, True)])
def test_a_backdrop_takes_three_fifths_of_the_border_or_there_is_none(first, scene):
    rgb = on(255)
    rgb[first:] = 40  # from row 70 on, 158 of the border's 396 pixels; from 69 on, 160
    assert find_backdrop(Photo(rgb)).is_scene == scene


@pytest.mark.parametrize(("pixels", "scene"), [(19, False), (20, True)])
def test_a_product_may_meet_a_twentieth_of_the_border_in_front_of_colour(pixels, scene):
    rgb = on(180)
    rgb[60:, 40 : 40 + pixels] = 40
    assert find_backdrop(Photo(rgb)).is_scene == scene


def cut_off(level: int = 180, rises: int = 0) -> Photo:
    """A product that meets a tenth of the border, on a ground that gets so many levels lighter towards the right, without an edge."""
    rgb = on(level) + (np.arange(100) - 99 + rises).clip(0)[None, :, None].astype(np.uint8)
    rgb[60:, 30:70] = 40
    return Photo(rgb)


def test_where_it_is_asked_for_a_product_may_meet_the_border_in_front_of_paper():
    found = find_backdrop(cut_off(), cut=True)
    assert np.array_equal(found.mask, (cut_off().rgb == 180).all(2))
    assert found.cut == pytest.approx(40 / 396)
    assert find_backdrop(cut_off()).is_scene
    assert find_backdrop(Photo(made_up(60, 60)), cut=True).is_scene


@pytest.mark.parametrize(("level", "scene"), [(128, False), (127, True)])
def test_paper_is_light(level, scene):
    assert find_backdrop(cut_off(level), cut=True).is_scene == scene


@pytest.mark.parametrize(("rises", "scene"), [(8, False), (9, True)])
def test_paper_is_even_within_8_levels(rises, scene):
    assert find_backdrop(cut_off(rises=rises), cut=True).is_scene == scene


@pytest.mark.parametrize(("others", "paper"), [(4, True), (5, False)])
def test_a_hundredth_of_the_border_may_be_less_even(others, paper):
    border = np.full((400, 3), 180, np.uint8)
    border[:others] = 170
    assert is_paper(border, (180, 180, 180)) == paper


@pytest.mark.parametrize(
    ("whole", "part", "counts"), [((60, 60), (2, 5), True), ((60, 60), (3, 3), False), ((6, 10), (2, 3), True), ((6, 10), (1, 5), False)]
)
def test_a_piece_counts_from_a_ten_thousandth_of_the_picture_on_or_from_a_tenth_of_a_small_product(whole, part, counts):
    """Of 310 × 310 pixels, 10 beside a product of 3600; beside one of 60, already 6."""
    rgb = on(255, 310)
    rgb[100 : 100 + whole[0], 100 : 100 + whole[1]] = rgb[20 : 20 + part[0], 20 : 20 + part[1]] = 40
    assert (find_backdrop(Photo(rgb)).box[:2] == (20, 20)) == counts


def test_what_is_less_than_a_sixteenth_opaque_is_no_part_of_the_product():
    alpha = np.full((50, 60), 255, np.uint8)
    alpha[:10], alpha[10:20] = 15, 16
    assert np.array_equal(find_backdrop(Photo(made_up(50, 60), alpha)).mask, alpha == 15)
