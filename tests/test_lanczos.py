import numpy as np
import pytest
from conftest import made_up
from PIL import Image

from sr_models.figures.quality import luma, psnr
from sr_models.photo import Photo
from sr_models.stages.resampling import resample_photo


@pytest.mark.parametrize("size", [(40, 30), (31, 17), (1, 1), (39, 30), (40, 29)])
def test_a_photo_has_exactly_the_size_it_is_reduced_to(size):
    photo = Photo(made_up(30, 40), made_up(30, 40, 1)[:, :, 0], b"profile", 2.0)
    result = resample_photo(photo, size)
    assert result.size == size
    assert result.alpha is not None
    assert result.alpha.shape == (size[1], size[0])
    assert (result.icc, result.noise) == (b"profile", 2.0)


def test_a_photo_that_has_the_size_is_not_touched():
    photo = Photo(made_up(30, 40))
    assert resample_photo(photo, (40, 30)) is photo


@pytest.mark.parametrize("level", [0, 1, 127, 254, 255])
def test_a_flat_photo_stays_flat_in_every_size(level):
    photo = Photo(np.full((57, 43, 3), level, np.uint8), np.full((57, 43), 255, np.uint8))
    for size in ((42, 57), (20, 33), (7, 5)):
        result = resample_photo(photo, size)
        assert (result.rgb == level).all()
        assert (result.alpha == 255).all()


def cut_out(under: int) -> Photo:
    """Grey on the right; transparent on the left, where the file hides `under`."""
    alpha = np.zeros((60, 60), np.uint8)
    alpha[:, 25:] = 255
    rgb = np.full((60, 60, 3), under, np.uint8)
    rgb[:, 25:] = 90
    return Photo(rgb, alpha)


@pytest.mark.parametrize("under", [0, 255])
def test_a_hard_outline_gets_no_rim_whatever_is_hidden_beside_it(under):
    result = resample_photo(cut_out(under), (37, 37))
    assert (result.rgb[result.alpha > 0] == 90).all()


def test_weighing_by_alpha_does_give_it_one():
    photo = cut_out(255)
    assert photo.alpha is not None
    weighed = np.asarray(Image.fromarray(np.dstack([photo.rgb, photo.alpha])).resize((37, 37), Image.Resampling.LANCZOS))
    assert weighed[weighed[:, :, 3] > 200][:, 0].max() > 95


def test_it_comes_closer_to_the_original_than_taking_the_nearest_pixel():
    def scene(side: int) -> np.ndarray:
        y, x = (np.mgrid[0:side, 0:side] + 0.5) / side
        return np.repeat((127 + 100 * np.sin(40 * x + 9 * y) * np.cos(25 * y))[:, :, None], 3, axis=2).round().astype(np.uint8)

    large, small = scene(96), scene(60)
    nearest = np.asarray(Image.fromarray(large).resize((60, 60), Image.Resampling.NEAREST))
    assert psnr(luma(resample_photo(Photo(large), (60, 60)).rgb), luma(small)) > psnr(luma(nearest), luma(small)) + 6
