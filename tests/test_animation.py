"""Before and after as a GIF."""

import numpy as np
import pytest
from conftest import made_up
from PIL import Image

from sr_models import Photo
from ui.parts.animation import AFTER, BEFORE, SIDE, STEPS, save_animation


def read_frames(file) -> tuple[list[np.ndarray], list[int]]:
    """(RGB of each frame, its milliseconds)."""
    with Image.open(file) as film:
        frames = []
        for number in range(getattr(film, "n_frames", 1)):
            film.seek(number)
            frames.append((np.asarray(film.convert("RGB")).astype(int), film.info["duration"]))
    pictures, times = zip(*frames, strict=True)
    return list(pictures), list(times)


@pytest.mark.parametrize("size", [(40, 60), (2, 3), (SIDE + 40, SIDE)])
def test_it_shows_before_then_after_and_between_them_a_part_of_each(tmp_path, size):
    before, after = (Photo(np.full((*size, 3), colour, np.uint8)) for colour in ((200, 40, 40), (40, 40, 200)))
    save_animation(before, after, tmp_path / "mug.gif")
    frames, times = read_frames(tmp_path / "mug.gif")
    first, middle = frames[0], frames[times.index(AFTER)]
    assert times[0] == BEFORE
    assert len(first) == min(size[0], SIDE)
    assert np.abs(first - before.rgb[0, 0]).max() <= 4
    assert np.abs(middle - after.rgb[0, 0]).max() <= 4
    if size[1] > STEPS:
        between = frames[STEPS // 2]
        assert np.abs(between[:, 2] - before.rgb[0, 0]).max() <= 4
        assert np.abs(between[:, -2] - after.rgb[0, 0]).max() <= 4


def test_of_a_large_result_the_busiest_part_is_shown_as_it_is_and_not_reduced(tmp_path):
    after = np.full((900, 1400, 3), 250, np.uint8)
    after[240:720, 720:1200] = made_up(480, 480) // 64 * 64
    save_animation(Photo(np.full_like(after, 250)), Photo(after), tmp_path / "mug.gif")
    frames, times = read_frames(tmp_path / "mug.gif")
    assert np.abs(frames[times.index(AFTER)] - after[240:720, 720:1200]).mean() <= 8
