"""Back-projection of several shots, beside the mean that it starts from."""

import numpy as np
import pytest
from conftest import ROOT

from sr_models import Photo, read, upscale
from sr_models.figures.burst import EDGE, Burst, render_burst
from sr_models.figures.quality import box_reduce, luma, psnr, shave
from sr_models.stages import back_projection
from sr_models.stages.align import Aligned, align
from sr_models.stages.back_projection import back_project

NAMES = ("vase", "tea", "sweater")
SCENES = [read(ROOT / "examples" / f"{name}.jpg").rgb[:320, :320] for name in NAMES]


def put_together(burst: Burst, model: str) -> tuple[np.ndarray, tuple[Aligned, ...]]:
    """(the mean of what a model makes of the shots; the others as they lie on the first)."""
    first, *others = (Photo(shot) for shot in burst.shots)
    result = upscale(first, others, scale=2, model=model, faithful="off", input="web")
    assert result.shots is not None
    assert len(result.shots.used) == len(others)
    return result.photo.rgb, result.shots.used


def likeness(rgb: np.ndarray, burst: Burst) -> float:
    """PSNR of the brightness, dB, where all shots show the scene."""
    return psnr(*(shave(luma(picture), 2 * EDGE) for picture in (rgb, burst.original)))


@pytest.mark.parametrize("scene", SCENES, ids=NAMES)
def test_of_shots_without_noise_between_whose_pixels_it_sees_it_makes_a_soft_start_sharper_and_closer_to_the_original(scene):
    first, *others = (box_reduce(scene[down : down + 300, right : right + 300], 2) for down, right in ((0, 0), (1, 0), (0, 1), (1, 1)))
    used = tuple(shot for shot in align(first, others) if isinstance(shot, Aligned))
    start = upscale(Photo(first), [Photo(shot) for shot in others], scale=2, model="bicubic", faithful="off").photo.rgb
    before, found = (
        psnr(*(shave(luma(picture), 2 * EDGE) for picture in (rgb, scene[:300, :300]))) for rgb in (start, back_project(start, first, used))
    )
    assert len(used) == 3
    assert found > before + 0.8


@pytest.mark.parametrize("scene", SCENES, ids=NAMES)
def test_of_noisy_shots_it_stops_before_it_explains_the_noise_and_without_the_estimate_does_not(scene, monkeypatch):
    burst = render_burst(scene, 2, 4, np.random.default_rng(0), noise=6)
    mean, others = put_together(burst, "cnn-fast")
    stopped = likeness(back_project(mean, burst.shots[0], others), burst)
    monkeypatch.setattr(back_projection, "measure_noise", lambda *shots: 0.0)
    unstopped = likeness(back_project(mean, burst.shots[0], others), burst)
    assert stopped > likeness(mean, burst) - 0.1
    assert unstopped < likeness(mean, burst) - 0.4


def test_of_one_shot_alone_nothing_tells_the_noise_and_nothing_is_changed():
    burst = render_burst(SCENES[0], 2, 1, np.random.default_rng(0))
    start = upscale(Photo(burst.shots[0]), scale=2, model="bicubic", faithful="off").photo.rgb
    assert np.array_equal(back_project(start, burst.shots[0], ()), start)
