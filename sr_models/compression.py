"""Which pictures a lossily compressed file can stand for, and which of them is nearest to a given one.

JPEG (ITU-T T.81) keeps a picture as multiples of a step for each frequency of 8 × 8 pixels, in Y, Cb and Cr, the colours often at half
the size. All pictures whose coefficients round to the same multiples give the same file. It decodes to the one in their middle.
"""

import numpy as np

from sr_models.photo import BLOCK, LUMA, Photo, Quantisation, white_of
from sr_models.tiles import split_into_bands
from sr_models.windows import erode

BAND = 128  # rows worked on at once, so that a large picture needs little memory: a multiple of every unit
GROUP = 8  # blocks along each side, whose mean is known better than that of one
USUAL_NOISE = 3.5
"""Levels of 255: a JPEG or WebP of quality 75 to 80, where the file does not tell."""
CERTAIN = 2  # standard errors of the mean over such a group
TIMES = 3  # rounds of projection onto the rounding intervals and onto 0 … 255, at most: the two then agree to within a level or two

FROM_RGB = np.array([LUMA, [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32)
"""R, G, B to Y, Cb, Cr of JFIF (BT.601, full range), for differences: without the offset of 128."""
TO_RGB = np.linalg.inv(FROM_RGB)


def cosine_transform(length: int) -> np.ndarray:
    """float32 (length, length): the orthonormal cosine transform, a frequency in each row."""
    k, n = np.arange(length)[:, None], np.arange(length)
    return (np.sqrt(np.where(k == 0, 1, 2) / length) * np.cos(np.pi * k * (2 * n + 1) / (2 * length))).astype(np.float32)


COSINES = cosine_transform(BLOCK)


def find_meaning(photo: Photo, picture: np.ndarray) -> np.ndarray:
    """Of all pictures that the photo's file can stand for, the one nearest to `picture`, both uint8 (H, W, 3); a lossless photo itself."""
    return photo.rgb if photo.quantisation is None else project_onto_file(photo.quantisation, picture, photo.rgb)


def find_background(photo: np.ndarray) -> np.ndarray:
    """(H, W, C), uint8 or uint16 → (H, W) bool: the pure white pixels whose eight neighbours are pure white too.

    That leaves out the bright rim of a shrunk edge, and single pixels that compression drove to white.
    """
    return erode((photo == white_of(photo)).all(2))


def project_onto_file(quantisation: Quantisation, picture: np.ndarray, photo: np.ndarray, white: np.ndarray | None = None) -> np.ndarray:
    """As `find_meaning`, for a photo of this quantisation, up to rounding; all uint8 (H, W, 3).

    By alternating projections in Y, Cb and Cr. Colours finer than `sampling`, which no file holds, are those of `picture`. The result is
    white where `white`, bool (H, W), says so; without it, in the photo's background.
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
    """The part of a difference to the photo, float32 (H, W, 3), that is too large to come from rounding; the same shape."""
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
    """As `find_unexplained`, for one plane, float32 (H, W) in whole blocks, whose coefficients were rounded to `steps`, (8, 8)."""
    found = COSINES @ plane.reshape(-1, BLOCK, plane.shape[1])
    found = found.reshape(len(found), BLOCK, -1, BLOCK) @ COSINES.T
    half = steps[:, None] / 2
    known = found.clip(-half, half)
    known[:, 0, :, 0] = limit_group_means(known[:, 0, :, 0], float(steps[0, 0]))
    found -= known
    return (COSINES.T @ (found @ COSINES).reshape(len(found), BLOCK, -1)).reshape(plane.shape)


def limit_group_means(means: np.ndarray, step: float) -> np.ndarray:
    """The blocks' mean coefficients, (H, W), each within half a step, corrected where a group of GROUP × GROUP blocks is off together.

    Rounding errors are independent: their mean over n blocks has a standard error of step/√(12·n). So a colour cast is no rounding.
    """
    rows, columns = (np.arange(0, length, GROUP) for length in means.shape)
    counts = np.outer(np.diff(rows, append=means.shape[0]), np.diff(columns, append=means.shape[1]))
    mean = np.add.reduceat(np.add.reduceat(means, rows, 0), columns, 1) / counts
    limit = CERTAIN * step / np.sqrt(12 * counts)
    excess = (mean - mean.clip(-limit, limit)).repeat(GROUP, 0).repeat(GROUP, 1)
    return (means - excess[: len(means), : means.shape[1]]).clip(-step / 2, step / 2)
