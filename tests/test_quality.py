import math

import numpy as np
import pytest
from conftest import made_up
from skimage.color import rgb2ycbcr
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from sr_models.quality import luma, psnr, shaved, ssim

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
    assert np.array_equal(shaved(A, 3), A[3:-3, 3:-3])
    assert np.array_equal(shaved(A, 0), A)
