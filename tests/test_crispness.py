"""Edges, calm, overshoot and block steps: each tells known pictures apart, and only by what it is meant to see."""

import math
from functools import cache

import numpy as np
import pytest
from conftest import shared
from PIL import Image, ImageFilter

from sr_models import Photo, choose, find, photo_files, read, upscale
from sr_models.figures.crispness import block_steps, calm_roughness, edge_overshoot, edge_steepness
from sr_models.figures.evaluate import make_trial
from sr_models.figures.quality import box_reduce
from sr_models.reading import recompress

SCALE = 4


@cache
def originals() -> list[np.ndarray]:
    """uint8 (256, 256, 3): the middles of product photos."""
    found = [read(file).rgb for file in photo_files(shared("product-val"))[::6]]
    return [rgb[rgb.shape[0] // 2 - 128 :, rgb.shape[1] // 2 - 128 :][:256, :256] for rgb in found]


@cache
def enlarged(model: str) -> list[np.ndarray]:
    """The originals, made small, as a JPEG of quality 75, and enlarged again."""
    entry, found = find(model, SCALE, "web"), []
    for original in originals():
        small = make_trial("", Photo(original), SCALE, "jpeg", 75).small
        found.append(upscale(small, scale=SCALE, model=entry.id, faithful="off", device=choose("cpu")).photo.rgb)
    return found


def mean(measure, results: list[np.ndarray]) -> float:
    return float(np.nanmean([measure(result, original) for result, original in zip(results, originals(), strict=True)]))


def grainy(pictures: list[np.ndarray], levels: float) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [(rgb + random.normal(0, levels, rgb.shape[:2])[:, :, None]).round().clip(0, 255).astype(np.uint8) for rgb in pictures]


def filtered(pictures: list[np.ndarray], how: ImageFilter.Filter) -> list[np.ndarray]:
    return [np.asarray(Image.fromarray(rgb).filter(how)) for rgb in pictures]


def test_an_original_is_as_crisp_as_itself_and_has_no_halo():
    assert (mean(edge_steepness, originals()), mean(calm_roughness, originals()), mean(edge_overshoot, originals())) == (1, 1, 0)


def test_a_networks_edges_are_steeper_than_bicubics_and_a_blur_makes_them_soft():
    soft = filtered(originals(), ImageFilter.GaussianBlur(1))
    assert mean(edge_steepness, enlarged("bicubic")) < mean(edge_steepness, enlarged("cnn")) < 1
    assert mean(edge_steepness, soft) < 0.8


def test_added_grain_raises_calm_by_its_amount_and_hardly_the_edges():
    bicubic = enlarged("bicubic")
    quiet, some, more = (mean(calm_roughness, pictures) for pictures in (bicubic, grainy(bicubic, 2), grainy(bicubic, 4)))
    assert quiet < 1 < some < more
    assert mean(edge_steepness, grainy(bicubic, 2)) == pytest.approx(mean(edge_steepness, bicubic), abs=0.05)


def test_an_unsharp_mask_overshoots_and_steepens_and_a_blur_does_neither():
    sharp, soft = (filtered(originals(), how) for how in (ImageFilter.UnsharpMask(2, 150, 0), ImageFilter.GaussianBlur(2)))
    assert mean(edge_overshoot, sharp) > 10
    assert mean(edge_steepness, sharp) > 1.2
    assert mean(edge_overshoot, soft) < 1


@pytest.mark.parametrize("corner", [(0, 0), (3, 5)])
def test_strong_compression_leaves_larger_steps_at_its_blocks_and_none_elsewhere(corner):
    top, left = corner
    photos = [box_reduce(rgb, 2) for rgb in originals()]

    def steps(quality: int | None, told: tuple[int, int]) -> float:
        pictures = photos if quality is None else [recompress(Photo(rgb), quality).rgb for rgb in photos]
        return float(np.mean([block_steps(rgb[top:, left:], told) for rgb in pictures]))

    assert steps(30, corner) > 1.3
    assert steps(95, corner) < 1.1
    assert steps(None, corner) == pytest.approx(1, abs=0.1)
    assert steps(30, (top + 4, left + 4)) < 1.1  # they are looked for where the blocks are


def test_bicubic_passes_blocks_on_and_a_network_for_the_web_takes_most_out():
    bicubic, cnn = (np.mean([block_steps(box_reduce(rgb, SCALE)) for rgb in enlarged(model)]) for model in ("bicubic", "cnn"))
    assert bicubic > 1.1
    assert cnn - 1 < (bicubic - 1) / 2


def test_where_there_is_nothing_to_measure_there_is_no_figure():
    flat, noise = np.full((40, 40, 3), 90, np.uint8), np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    assert math.isnan(edge_steepness(flat, flat))
    assert math.isnan(edge_overshoot(flat, flat))
    assert math.isnan(calm_roughness(noise, noise))
    assert math.isnan(calm_roughness(flat, flat))
    assert math.isnan(block_steps(flat))
