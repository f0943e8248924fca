"""What measures the GAN's dial: crops that fit their small photos, a judge, and the table."""

import numpy as np
import pytest
from conftest import made_up, shared

from sr_models import Photo, find, write
from sr_models.figures.crispness import block_steps
from sr_models.figures.quality import box_reduce, lr_psnr
from sr_models.training import dial
from sr_models.training.crops import cut_crops, find_busiest_crop
from sr_models.weights import load_on_cpu


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_crop_its_small_photo_and_its_place_in_an_enlargement_belong_together(scale):
    for crop in cut_crops(shared("product-val"), 128, 10, scale, 100):
        side = 128 // scale
        assert crop.original.shape == (side * scale, side * scale, 3)
        assert crop.small.shape == (side, side, 3)
        assert lr_psnr(crop.small, box_reduce(crop.original, scale)) > 28  # bicubic against the plain mean
        repeated = crop.around.rgb.repeat(scale, axis=0).repeat(scale, axis=1)
        assert np.array_equal(box_reduce(crop.within(repeated, scale), scale), crop.small)


def test_a_crop_knows_where_jpegs_blocks_are():
    found = list(cut_crops(shared("product-val"), 256, 6, 2, 30))
    there = np.mean([block_steps(crop.small, crop.corner) for crop in found])
    elsewhere = np.mean([block_steps(crop.small, (crop.corner[0] + 4, crop.corner[1] + 4)) for crop in found])
    assert elsewhere < 1.1 < there


def test_the_busiest_place_is_found_on_the_grid():
    rgb = np.full((100, 140, 3), 90, np.uint8)
    rgb[50:70, 90:120] = made_up(20, 30)
    top, left = find_busiest_crop(rgb, 32, 8)
    assert (top % 8, left % 8) == (0, 0)
    assert top <= 50 < 70 <= top + 32
    assert left <= 90 < 120 <= left + 32
    assert find_busiest_crop(rgb, 200, 8) == (0, 0)


def test_what_the_gan_makes_is_measured_at_each_detail_and_its_table_written(tmp_path):
    write(Photo(made_up(300, 260)), tmp_path / "a.png")
    gan = load_on_cpu(find("gan", 4))
    columns = {name: dial.wrap_network(gan, detail) for name, detail in (("GAN 0", 0.0), ("GAN 1", 1.0))}
    head, _, *lines = dial.format_table({4: dial.measure_columns(tmp_path, 256, 4, columns, labels=False)}).splitlines()
    assert head == "| | GAN 0 | GAN 1 | original |"
    rows = {name.strip(): [cell.strip() for cell in cells] for _, name, *cells, _ in (line.split("|") for line in lines)}
    assert {"4× PSNR-Y, dB", "4× edges", "4× overshoot", "4× block steps", "4× LR-PSNR, dB"} <= set(rows)
    assert float(rows["4× PSNR-Y, dB"][0]) > float(rows["4× PSNR-Y, dB"][1])
    assert rows["4× PSNR-Y, dB"][2] == ""


def test_a_figure_is_the_mean_of_those_that_are_known_and_what_nobody_measured_is_left_out():
    assert dial.mean_of_known([1.0, float("nan"), 2.0]) == 1.5
    text = dial.format_table({2: {"CNN": {"edges": 0.5, "calm": float("nan")}, "original": {"NIQE": 4.321}}})
    assert text.splitlines() == ["| | CNN | original |", "|---|---|---|", "| 2× edges | 0.500 |  |", "| 2× NIQE |  | 4.32 |"]
