"""Makes a result agree with the photo it came from, whatever network made it, by correcting blocks of pixels as little as possible.

D is the s×s box mean, rounded as `PIL.Image.reduce(s)` rounds it (`quality.box_reduce`). "off" leaves the network's own output. With
"colour", D(result) is nowhere further than one level of 255 from the photo; from a compressed one, than that from what its file can mean
(compression.py), as near to it as the network came. Pure white stays pure white; in a compressed photo, where it is among pure white:
alone, it can be an error of the compression, on any bright ground. With "exact", D(result) is the photo, byte for byte, noise and blocks of
compression included. In both, white backgrounds are 255 throughout.
"""

from typing import Literal, get_args

import numpy as np

from sr_models.compression import BAND, find_background, project_onto_file
from sr_models.errors import ModelError
from sr_models.figures.quality import box_reduce
from sr_models.photo import Quantisation
from sr_models.tiles import split_into_bands

Faithful = Literal["off", "colour", "exact"]
LEVELS: tuple[Faithful, ...] = get_args(Faithful)


def check_faithful(level: str) -> Faithful:
    """`level` if it is one of LEVELS. Raises ModelError."""
    if level not in LEVELS:
        raise ModelError("“{level}” is no faithful mode. Choose off, colour or exact.", level=level)
    return level


def make_faithful(result: np.ndarray, photo: np.ndarray, level: Faithful, quantisation: Quantisation | None = None) -> None:
    """Correct `result`, uint8 (H·s, W·s, C), in place, so that it agrees with `photo`, uint8 (H, W, C).

    `quantisation` is what compression did to the photo (`Photo.quantisation`), for which "colour" allows.
    """
    if level == "off":
        return
    scale = len(result) // len(photo)
    for rows in split_into_bands(len(photo), BAND, 0 if quantisation is None else quantisation.corner[0]):
        small, band = photo[rows], result[rows.start * scale : rows.stop * scale]
        above = max(0, rows.start - 1)
        inside = find_background(photo[above : rows.stop + 1])[rows.start - above : rows.stop - above]
        if level == "exact":
            move_blocks(band, small, small)
        else:
            meant, certain = small, (small == 255).all(2, keepdims=True)  # pure white; of an alpha channel, opaque
            if quantisation is not None:
                certain = inside[:, :, None]
                meant = project_onto_file(quantisation.moved(rows.start, 0), box_reduce(band, scale), small, inside)
            allowed = np.where(certain, 0, 1)
            move_blocks(band, (meant - allowed).clip(0, 255), (meant + allowed).clip(0, 255))
        down, across = np.nonzero(inside)
        band.reshape(len(small), scale, -1, scale, photo.shape[2])[down, :, across] = 255


def move_blocks(result: np.ndarray, lowest: np.ndarray, highest: np.ndarray) -> None:
    """Correct `result`, uint8 (H·s, W·s, C), in place, so that D of each block is from `lowest` to `highest`, (H, W, C) in 0…255."""
    height, width, channels = lowest.shape
    scale = len(result) // height
    blocks = result.reshape(height, scale, width, scale, channels)
    sums = np.zeros(lowest.shape, np.int32)
    for y in range(scale):
        for x in range(scale):
            sums += blocks[:, y, :, x]
    first = smallest_sums(scale * scale)
    totals = sums.clip(first[:-1][lowest], first[1:][highest] - 1)
    rows, columns, planes = np.nonzero(totals != sums)
    values = blocks[rows, :, columns, :, planes].reshape(-1, scale * scale)
    blocks[rows, :, columns, :, planes] = shift_to_sums(values, totals[rows, columns, planes]).reshape(-1, scale, scale)


def smallest_sums(count: int) -> np.ndarray:
    """(257,) int32: the smallest sum of `count` bytes that D takes for each value, and one past the largest sum of all."""
    values = np.arange(257, dtype=np.int64)
    first = -(-values * 2**24 // (2**24 // count)) - count // 2
    return first.clip(0, 255 * count + 1).astype(np.int32)


def shift_to_sums(values: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """values uint8 (N, K) → uint8 (N, K) whose rows sum to `totals`, (N,) in [0, 255·K]: shifted, or mixed where that would clip."""
    count = values.shape[1]
    each, more = np.divmod(totals - values.sum(1, dtype=np.int32), count)
    each, more = each.astype(np.int16), more.astype(np.int16)
    spread = np.argsort(np.argsort(np.arange(count) * 0.618 % 1)).astype(np.int16)  # so that the odd levels do not pile up in one corner
    result = values + each[:, None] + (spread < more[:, None])
    outside = (result.min(1) < 0) | (result.max(1) > 255)
    result[outside] = mix_to_sums(values[outside], totals[outside])
    return result.astype(np.uint8)


def mix_to_sums(values: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """As `shift_to_sums`, by a mix with black or with white, which never leaves [0, 255]; rounded by largest remainder."""
    count = values.shape[1]
    before, after = values.astype(np.float64), totals[:, None].astype(np.float64)
    sums = before.sum(1, keepdims=True)
    darker = before * (after / np.maximum(sums, 1))
    lighter = 255 - (255 - before) * ((255 * count - after) / np.maximum(255 * count - sums, 1))
    real = np.where(after < sums, darker, lighter)
    whole = np.floor(real + 1e-7)
    ranks = np.argsort(np.argsort(whole - real, 1), 1)
    return (whole + (ranks < after - whole.sum(1, keepdims=True))).astype(np.int32)
