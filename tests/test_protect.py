"""Where the detail dial is held at 0: writing; and that texture is left free."""

import numpy as np
import pytest
import torch
from conftest import made_up
from PIL import Image, ImageDraw, ImageFont

from sr_models import weights
from sr_models.catalog import find
from sr_models.nets import DetailNetwork
from sr_models.nets.edsr import DialledEDSR
from sr_models.photo import Photo
from sr_models.reading import read, recompress
from sr_models.runners import enlarge_guarded
from sr_models.stages.protect import CONTEXT, find_writing
from sr_models.training.pictures import EXAMPLES


def label(ink: int, ground: int, size: float = 12) -> np.ndarray:
    """Two lines of writing, grey levels."""
    image = Image.new("L", (220, 60), ground)
    draw = ImageDraw.Draw(image)
    for line, words in enumerate(("Ingredients: water, sugar", "Best before: see the lid")):
        draw.text((10, 8 + 22 * line), words, ink, ImageFont.load_default(size))
    return np.repeat(np.asarray(image)[:, :, None], 3, axis=2)


@pytest.mark.parametrize(("ink", "ground"), [(0, 255), (255, 0), (40, 150), (200, 90)])
@pytest.mark.parametrize("size", [9, 12, 18])
def test_writing_is_protected_whether_dark_or_light_also_in_a_jpeg(ink, ground, size):
    page = label(ink, ground, size)
    strokes = np.abs(page[:, :, 0].astype(int) - ground) > 60
    for rgb in (page, recompress(Photo(page), 80).rgb):
        assert (find_writing(rgb)[strokes] > 0.9).mean() > 0.95


def test_texture_is_left_free():
    random = np.random.default_rng(0)
    weave = np.clip(120 + 25 * random.standard_normal((96, 96, 1)), 0, 255).repeat(3, 2).astype(np.uint8)
    assert find_writing(weave).mean() < 0.2
    assert find_writing(made_up(96, 96)).mean() < 0.5


def test_a_few_lines_of_a_checked_cloth_that_lie_on_even_ground_are_not_taken_for_letters():
    shirt = read(EXAMPLES / "clothes" / "shirt.jpg").rgb
    assert find_writing(shirt)[110:230, 110:190].mean() < 0.2


def test_a_place_is_decided_by_what_lies_within_the_context():
    page = label(0, 230)
    whole = find_writing(page)
    left, right = 40, 90
    part = find_writing(page[:, left - CONTEXT : right + CONTEXT])
    assert np.array_equal(part[:, CONTEXT:-CONTEXT], whole[:, left:right])
    narrow = find_writing(page[:, left:right])
    assert not np.array_equal(narrow, whole[:, left:right])


@pytest.mark.parametrize("size", [(1, 1), (1, 30), (3, 2)])
def test_any_size_has_its_map(size):
    assert find_writing(np.zeros((*size, 3), np.uint8)).shape == size


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_where_no_detail_is_asked_for_the_result_is_to_the_byte_the_one_without(scale, precision):
    net = weights.load_network(find("gan", scale), "cpu", precision)
    assert isinstance(net, DialledEDSR)
    rgb = torch.from_numpy(made_up(30, 150)).permute(2, 0, 1)[None] / 255
    detail = torch.ones(1, 1, 30, 150)
    detail[..., 110:] = 0
    detail[:, :, 10:20, 100:103] = 0  # narrower than the network looks
    seen = Widths(net)
    mixed = enlarge_guarded(seen, net.config.halo, rgb, detail, 1.0)
    assert len(seen.widths) == 2
    assert min(seen.widths) < 150  # without detail it runs only where that is needed
    without, full = (enlarge_guarded(net, net.config.halo, rgb, torch.full_like(detail, end), 1.0) for end in (0.0, 1.0))
    protected = (detail == 0).repeat_interleave(scale, 2).repeat_interleave(scale, 3).expand_as(mixed)
    assert torch.equal(mixed[protected], without[protected])
    assert (net(rgb, detail) - without)[protected].abs().max() > 1 / 255  # by itself the network reaches in
    assert torch.equal(mixed[..., : 60 * scale], full[..., : 60 * scale])


class Widths(DetailNetwork):
    """Notes how wide the pictures are that it enlarges."""

    def __init__(self, net: DetailNetwork):
        super().__init__()
        self.net, self.widths = net, []

    def forward(self, rgb, detail):
        self.widths.append(rgb.shape[3])
        return self.net(rgb, detail)


def test_a_part_that_asks_for_less_than_the_rest_of_the_photo_is_drawn_as_in_the_whole():
    part = torch.full((1, 1, 4, 6), 0.25)
    assert torch.allclose(enlarge_guarded(Offset(), 19, torch.zeros(1, 3, 4, 6), part, 0.5), torch.full((1, 3, 4, 6), 0.25))


def test_the_result_goes_over_into_a_protected_place_without_a_step():
    """On a photo whose detail is a constant offset, its share falls over some pixels and not at once."""
    detail = torch.ones(1, 1, 1, 40)
    detail[..., 20:] = 0
    row = enlarge_guarded(Offset(), 19, torch.zeros(1, 3, 1, 40), detail, 1.0)[0, 0, 0]
    assert row[:15].min() == 1
    assert row[20:].max() == 0
    assert row.diff().abs().max() < 0.5


class Offset(DetailNetwork):
    """Adds 1 wherever any detail is asked for within 19 pixels."""

    def forward(self, rgb, detail):
        return rgb + torch.nn.functional.max_pool2d(detail, (1, 39), 1, (0, 19))


def page(columns: list[int], ground, height: int = 90) -> np.ndarray:
    """uint8 (height, 119, 3): the same columns over and over, so many levels darker than the `ground`."""
    darker = np.tile(columns, 119)[:119]
    return (ground - np.broadcast_to(darker, (height, 119)))[:, :, None].repeat(3, 2).astype(np.uint8)


def amid(rgb: np.ndarray) -> float:
    """How much is protected in the middle, from where no border is seen: everywhere the same."""
    found = find_writing(rgb)[CONTEXT:-CONTEXT, CONTEXT:-CONTEXT]
    assert np.ptp(found) < 1e-3
    return float(found.mean())


def lines(contrast: int) -> list[int]:
    """Strokes of 2 pixels with 6 between them."""
    return [contrast] * 2 + [0] * 6


@pytest.mark.parametrize(("contrast", "share"), [(24, 0), (36, 0.5), (48, 1)])
def test_strokes_of_24_levels_of_contrast_are_not_protected_and_of_48_wholly(contrast, share):
    assert amid(page(lines(contrast), 200)) == pytest.approx(share, abs=1e-3)


@pytest.mark.parametrize(("levels", "share"), [(8, 1), (12, 0.5), (13, 0.375), (15, 0), (16, 0)])
def test_ground_that_varies_by_8_levels_is_even_and_by_16_is_none_and_a_fifth_of_writing_is_no_writing(levels, share):
    """At 13 levels, three eighths of each stroke look like writing, and the strokes around agree; at 15, an eighth, and they do not."""
    uneven = 150 + levels * np.where(np.arange(90) // 9 % 2, 1, -1)[:, None]
    assert amid(page(lines(60), uneven)) == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize(
    ("columns", "share"),
    [
        ([0] * 5 + [60] * 2 + [120] * 3 + [0] * 4 + [60] * 1 + [120] * 2, 1),
        ([0] * 4 + [60] * 3 + [120] * 2 + [0] * 3 + [60] * 2 + [120] * 3, (7 / 17 - 0.36) / 0.14),
        ([0] * 3 + [60] * 2 + [120] * 3 + [0] * 3 + [60] * 3 + [120] * 3, 0),
    ],
)
def test_writing_shows_half_of_its_ground_and_what_shows_a_third_is_texture(columns, share):
    """9, 7 and 6 of 17 columns are the ground; of the others, none lies close to it, or to the darkest, in so many."""
    assert amid(page(columns, 200)) == pytest.approx(share, abs=0.01)


def test_protection_reaches_4_pixels_beyond_a_stroke_and_fades_within_5():
    rgb = page(lines(60), 200)
    rgb[:, 66:] = 200
    assert find_writing(rgb)[45, 66:74] == pytest.approx([1, 1, 0.8, 0.6, 0.4, 0.2, 0, 0], abs=1e-3)
