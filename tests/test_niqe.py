import numpy as np
import pytest
import torch
from conftest import made_up, shared
from PIL import Image, ImageFilter
from safetensors.numpy import load_file

from sr_models.figures.matlab import shrinking_matrix
from sr_models.figures.niqe import NATURAL, WINDOW, halve, niqe
from sr_models.figures.quality import shave
from sr_models.folders import photo_files
from sr_models.reading import read


@pytest.mark.parametrize(("border", "published"), [(0, 5.72957), (6, 6.10074)])
def test_baboon_has_the_value_that_the_tests_of_mmagic_state(border, published):
    # open-mmlab/mmagic, tests/test_evaluation/test_metrics/test_niqe.py, convert_to='y'
    assert niqe(shave(read(shared("benchmarks/Set14/HR/baboon.webp")).rgb, border)) == pytest.approx(published, abs=2e-5)


@pytest.mark.parametrize(("name", "theirs"), [("flowers", 2.8857), ("man", 3.6622), ("comic", 4.1388), ("pepper", 7.0635)])
def test_photos_have_the_value_that_pyiqa_finds(name, theirs):
    # measured once with pyiqa 0.1.16, color_space='ycbcr', float64
    assert niqe(read(shared(f"benchmarks/Set14/HR/{name}.webp")).rgb) == pytest.approx(theirs, abs=1e-4)


def test_noise_and_blur_are_less_natural_than_the_photo():
    photo = read(photo_files(shared("product-val"))[0]).rgb
    noisy = np.clip(photo + np.random.default_rng(0).normal(0, 20, photo.shape), 0, 255).astype(np.uint8)
    blurred = np.asarray(Image.fromarray(photo).filter(ImageFilter.GaussianBlur(2)))
    assert niqe(photo) + 1 < min(niqe(noisy), niqe(blurred))


def test_what_natural_photos_are_like_is_taken_over_unchanged():
    ours, theirs = load_file(NATURAL), load_file(shared("reference-weights/niqe_pris_params.safetensors"))
    assert np.array_equal(ours["mu_prisparam"], theirs["mu_pris_param"])
    assert np.array_equal(ours["cov_prisparam"], theirs["cov_pris_param"])
    assert np.abs(np.outer(WINDOW, WINDOW) - theirs["gaussian_window"]).max() < 1e-15


def test_the_second_size_is_matlabs_bicubic_half_without_rounding():
    y = np.random.default_rng(0).integers(0, 256, (192, 288)).astype(np.float32)
    theirs = shrinking_matrix(192, 2) @ torch.from_numpy(y).double() @ shrinking_matrix(288, 2).T
    assert np.abs(halve(y) - theirs.numpy()).max() < 1e-4


def test_rows_and_columns_past_the_last_patch_do_not_count():
    photo = made_up(300, 200)
    assert niqe(photo) == niqe(photo[:288, :192]) != niqe(photo[1:289, :192])


@pytest.mark.parametrize("photo", [made_up(95, 300), made_up(96, 191), np.full((400, 400, 3), 255, np.uint8)], ids=["low", "one", "flat"])
def test_a_picture_without_two_patches_of_texture_is_refused(photo):
    with pytest.raises(ValueError, match="two patches"):
        niqe(photo)


def test_a_white_background_is_no_obstacle():
    photo = np.full((480, 480, 3), 255, np.uint8)
    photo[100:350, 100:350] = made_up(250, 250)
    assert 0 < niqe(photo) < 100
