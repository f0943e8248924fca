"""What lossy compression left open: a coefficient of its cosine transform is known to the quantisation interval that it was rounded in.

JPEG (ITU-T T.81) keeps a picture as multiples of a step for each frequency of 8 × 8 pixels, in Y, Cb and Cr, the colours often at half
the size. So a file can mean many pictures. The one that it decodes to is the middle of them, with all noise and blocks.
"""

import math

import numpy as np

from sr_models.photo import BLOCK, LUMA, Photo, Quantisation
from sr_models.tiles import split_into_bands
from sr_models.windows import erode

BAND = 128  # rows worked on at once, so that a large picture needs little memory: a multiple of every unit
GROUP = 8  # blocks along each side, whose mean is known better than that of one
USUAL_NOISE = 3.5
"""Levels of 255: a JPEG or WebP of quality 75 to 80, where the file does not tell."""
CERTAIN = 2  # standard errors of this mean
TIMES = 3  # at most: projections onto the intervals and onto what can be shown, in turn: then the two agree to within a level or two

FROM_RGB = np.array([LUMA, [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32)
"""R, G, B to Y, Cb, Cr of JFIF (BT.601, full range), for differences: without the offset of 128."""
TO_RGB = np.linalg.inv(FROM_RGB)
COSINES = np.array(
    [[math.sqrt((2 if k else 1) / BLOCK) * math.cos(math.pi * k * (2 * n + 1) / (2 * BLOCK)) for n in range(BLOCK)] for k in range(BLOCK)],
    np.float32,
)
"""The orthonormal cosine transform of 8 values, a frequency in each row."""


def find_meaning(photo: Photo, picture: np.ndarray) -> np.ndarray:
    """Of all that the file of `photo` can mean, what is nearest to `picture`, uint8 (H, W, 3): its pixels where nothing was lost."""
    return photo.rgb if photo.quantisation is None else project_onto_file(photo.quantisation, picture, photo.rgb)


def find_background(photo: np.ndarray) -> np.ndarray:
    """(H, W, C) → (H, W) bool: pure white among pure white, so without the bright rim that shrinking leaves beside an edge, and
    without the single pixels that compression drives to white on a bright ground."""
    return erode((photo == 255).all(2))


def project_onto_file(quantisation: Quantisation, picture: np.ndarray, photo: np.ndarray, white: np.ndarray | None = None) -> np.ndarray:
    """What is nearest to `picture` of all that the file of `photo` can mean, up to rounding; all three uint8 (H, W, 3).

    Nearest in Y, Cb and Cr, by alternating projections. What the file does not hold, colours finer than `sampling`, is the picture's
    own; and what is certainly white, bool (H, W), means white: by itself the photo's `find_background`.
    """
    white = find_background(photo) if white is None else white
    result = np.empty_like(photo)
    for rows in split_into_bands(len(photo), BAND, quantisation.corner[0]):
        here, known = quantisation.moved(rows.start, 0), photo[rows].astype(np.float32)
        certain = white[rows, :, None]
        nearest = np.where(certain, 255, picture[rows])
        for _ in range(TIMES):
            excess = find_unexplained(here, nearest - known)
            if np.abs(excess).max() < 0.5:
                break
            nearest = np.where(certain, 255, nearest - excess).clip(0, 255)
        result[rows] = np.rint(nearest)
    return result


def find_unexplained(quantisation: Quantisation, difference: np.ndarray) -> np.ndarray:
    """What of a difference to the photo, float32 (H, W, 3), no rounding explains; the same shape."""
    (height, width), (row, column), (tall, wide) = difference.shape[:2], quantisation.corner, quantisation.unit
    around = (row, -(row + height) % tall), (column, -(column + width) % wide)
    planes = np.moveaxis(np.pad(difference, (*around, (0, 0)), mode="edge") @ FROM_RGB.T, 2, 0)  # encoders too repeat the border
    down, across = quantisation.sampling
    found = np.empty_like(planes)
    found[0] = find_excess(planes[0], quantisation.steps[0])
    for plane in (1, 2):
        shared = planes[plane].reshape(planes.shape[1] // down, down, -1, across).mean((1, 3))
        found[plane] = find_excess(shared, quantisation.steps[plane]).repeat(down, 0).repeat(across, 1)
    return np.moveaxis(found[:, row : row + height, column : column + width], 0, 2) @ TO_RGB.T


def find_excess(plane: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """What of the coefficients of a plane, float32 (H, W) in whole blocks, is more than rounding to `steps`, (8, 8); as a plane again."""
    found = COSINES @ plane.reshape(-1, BLOCK, plane.shape[1])
    found = found.reshape(len(found), BLOCK, -1, BLOCK) @ COSINES.T
    half = steps[:, None] / 2
    known = found.clip(-half, half)
    known[:, 0, :, 0] = limit_group_means(known[:, 0, :, 0], float(steps[0, 0]))
    found -= known
    return (COSINES.T @ (found @ COSINES).reshape(len(found), BLOCK, -1)).reshape(plane.shape)


def limit_group_means(means: np.ndarray, step: float) -> np.ndarray:
    """Mean coefficients of blocks, (H, W), each within half a step, moved so far that their means over GROUP × GROUP are credible too.

    Errors of rounding are independent: their mean over n blocks has a standard error of step/√(12·n), and a cast does not pass for it.
    """
    rows, columns = (np.arange(0, length, GROUP) for length in means.shape)
    counts = np.outer(np.diff(rows, append=means.shape[0]), np.diff(columns, append=means.shape[1]))
    mean = np.add.reduceat(np.add.reduceat(means, rows, 0), columns, 1) / counts
    limit = CERTAIN * step / np.sqrt(12 * counts)
    excess = (mean - mean.clip(-limit, limit)).repeat(GROUP, 0).repeat(GROUP, 1)
    return (means - excess[: len(means), : means.shape[1]]).clip(-step / 2, step / 2)
