"""The judges put known pictures in the order of the eye; where one does not, another figure that stands beside it does."""

import sys
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from conftest import made_up
from PIL import Image, ImageFilter
from test_crispness import enlarged, grainy, mean, originals

from sr_models import Photo
from sr_models.figures.crispness import calm_roughness
from sr_models.figures.likeness import NEEDLESS, load_ssimulacra2, load_st_lpips, replace_modules
from sr_models.reading import recompress


@cache
def judge(name: str) -> Callable[[np.ndarray, np.ndarray], float]:
    """A measure of unlikeness: less is more alike."""
    found = load_st_lpips() if name == "ST-LPIPS" else load_ssimulacra2()
    if found is None:
        pytest.skip(f"{name} is not installed (pip install '.[measure]')")
    return found if name == "ST-LPIPS" else lambda result, original: 100 - found(result, original)


both = pytest.mark.parametrize("name", ["ST-LPIPS", "SSIMULACRA 2"])


def dotted(pictures: list[np.ndarray], levels: int = 12) -> list[np.ndarray]:
    """Every 25th pixel brighter or darker."""
    random = np.random.default_rng(0)
    dots = [random.choice([-levels, levels], rgb.shape[:2]) * (random.random(rgb.shape[:2]) < 0.04) for rgb in pictures]
    return [(rgb + dot[:, :, None]).clip(0, 255).astype(np.uint8) for rgb, dot in zip(pictures, dots, strict=True)]


@both
def test_equals_are_equal_and_a_stronger_blur_is_less_alike(name):
    rgb = made_up(64, 64)
    weak, strong = (np.asarray(Image.fromarray(rgb).filter(ImageFilter.GaussianBlur(radius))) for radius in (0.5, 2))
    assert judge(name)(rgb, rgb) == pytest.approx(0, abs=1e-6)
    assert 0 < judge(name)(weak, rgb) < judge(name)(strong, rgb)


@both
def test_the_more_a_photo_is_compressed_the_less_it_is_alike(name):
    found = [mean(judge(name), [recompress(Photo(rgb), quality).rgb for rgb in originals()]) for quality in (95, 75, 40, 15)]
    assert found == sorted(found)
    assert found[-1] > 2 * found[1]


@both
def test_bicubic_is_less_alike_than_the_cnn_and_the_cnn_no_more_than_the_gan(name):
    bicubic, cnn, gan = (mean(judge(name), enlarged(model)) for model in ("bicubic", "cnn", "gan"))
    assert bicubic > cnn >= gan
    assert bicubic - cnn > 4 * (cnn - gan)


@pytest.mark.parametrize("spoilt", [lambda pictures: grainy(pictures, 3), dotted], ids=["grain", "dots"])
def test_what_is_clean_is_preferred_to_the_same_with_grain_or_dots_by_all_but_st_lpips(spoilt):
    clean = enlarged("gan")
    assert mean(calm_roughness, clean) < 1 < mean(calm_roughness, spoilt(clean))
    assert mean(judge("SSIMULACRA 2"), clean) < mean(judge("SSIMULACRA 2"), spoilt(clean))
    assert mean(judge("ST-LPIPS"), clean) > mean(judge("ST-LPIPS"), spoilt(clean))  # the reason why it never stands alone


def test_what_the_package_needlessly_imports_is_as_it_was_afterwards():
    before = {name: sys.modules.get(name) for name in NEEDLESS}
    with replace_modules(NEEDLESS):
        from torchsummary import summary  # pyright: ignore[reportMissingImports]

        assert summary is None
    assert {name: sys.modules.get(name) for name in NEEDLESS} == before
