"""The busiest crop of each of some photos, and the small photo that shows it, as compression left it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sr_models.figures.evaluate import make_trial
from sr_models.folders import photo_files
from sr_models.photo import Photo
from sr_models.reading import read

AROUND = 16  # pixels of the small photo that a network sees beyond the crop, where the photo has them
STEP = 4  # pixels of the small photo from one crop that is tried to the next


@dataclass(frozen=True)
class Crop:
    original: np.ndarray
    """uint8 (side, side, 3); smaller where the photo is."""
    around: Photo
    """The small photo, with AROUND pixels more on each side."""
    corner: tuple[int, int]
    """(row, column) of the crop in the small photo."""
    inset: tuple[int, int]
    """(row, column) of the crop in `around`."""
    scale: int

    @property
    def small(self) -> np.ndarray:
        """The crop in the small photo, uint8 (side / scale, side / scale, 3)."""
        return self.within(self.around.rgb, 1)

    def within(self, rgb: np.ndarray, scale: int) -> np.ndarray:
        """The crop in an enlargement of `around` by `scale`."""
        top, left = (start * scale for start in self.inset)
        height, width = (length * scale // self.scale for length in self.original.shape[:2])
        return np.ascontiguousarray(rgb[top : top + height, left : left + width])


def cut_crops(folder: Path, side: int, every: int, scale: int, quality: int) -> Iterator[Crop]:
    """Of every `every`-th photo of a folder: `side` pixels of the original, or as many as the scale divides; `quality`: of the JPEG."""
    side -= side % scale
    for file in photo_files(folder)[::every]:
        trial = make_trial(file.name, read(file), scale, "jpeg", quality)
        corner = find_busiest_crop(trial.original, side, STEP * scale)
        rows, columns = (slice(start // scale, (start + side) // scale) for start in corner)
        first = [max(0, place.start - AROUND) for place in (rows, columns)]
        around = trial.small.rgb[first[0] : rows.stop + AROUND, first[1] : columns.stop + AROUND]
        yield Crop(
            trial.original[corner[0] : corner[0] + side, corner[1] : corner[1] + side],
            Photo(np.ascontiguousarray(around), noise=trial.small.noise),
            (rows.start, columns.start),
            (rows.start - first[0], columns.start - first[1]),
            scale,
        )


def find_busiest_crop(rgb: np.ndarray, side: int, step: int) -> tuple[int, int]:
    """(top, left) of the window whose mean of the channels changes most along the rows, of those at multiples of `step`."""
    change = np.abs(np.diff(rgb.mean(2), axis=1))[1:]
    total = np.pad(change.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    tops, lefts = (np.arange(0, max(1, length - side), step) for length in rgb.shape[:2])
    bottoms, rights = (np.minimum(first + side - 1, length) for first, length in zip((tops, lefts), change.shape, strict=True))
    inside = total[np.ix_(bottoms, rights)] - total[np.ix_(tops, rights)] - total[np.ix_(bottoms, lefts)] + total[np.ix_(tops, lefts)]
    row, column = np.unravel_index(inside.argmax(), inside.shape)
    return int(tops[row]), int(lefts[column])
