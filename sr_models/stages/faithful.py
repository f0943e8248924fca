"""Makes a result agree with the photo it came from, whatever network made it, by correcting blocks of pixels as little as possible.

D is the s×s box mean, rounded as `PIL.Image.reduce(s)` rounds it (`quality.box_reduce`). "off" leaves the network's own output. With
"colour", D(result) is nowhere further than one level of 255 from the photo; from a compressed one, than that from what its file can mean
(compression.py), as near to it as the network came. Pure white stays pure white; in a compressed photo, where it is among pure white:
alone, it can be an error of the compression, on any bright ground. With "exact", D(result) is the photo, byte for byte, noise and blocks of
compression included. In both, white backgrounds are 255 throughout.

With 16 bits a channel all of this holds for values up to 65535: "exact" to the last of the 16 bits, "colour" within 257 of them, which is
one level of 255, and what 8 bits show as pure white is kept exactly.
"""

from typing import Literal, get_args

import numpy as np

from sr_models.compression import BAND, find_background, project_onto_file
from sr_models.errors import ModelError
from sr_models.figures.quality import box_reduce
from sr_models.photo import Quantisation, narrow, white_of
from sr_models.tiles import split_into_bands

Faithful = Literal["off", "colour", "exact"]
LEVELS: tuple[Faithful, ...] = get_args(Faithful)


def check_faithful(level: str) -> Faithful:
    """`level` if it is one of LEVELS. Raises ModelError."""
    if level not in LEVELS:
        raise ModelError("“{level}” is no faithful mode. Choose off, colour or exact.", level=level)
    return level


def make_faithful(result: np.ndarray, photo: np.ndarray, level: Faithful, quantisation: Quantisation | None = None) -> None:
    """Correct `result`, (H·s, W·s, C), in place, so that it agrees with `photo`, (H, W, C); both uint8, or both uint16.

    `quantisation` is what compression did to the photo (`Photo.quantisation`), for which "colour" allows.
    """
    if level == "off":
        return
    scale, white = len(result) // len(photo), white_of(photo)
    for rows in split_into_bands(len(photo), BAND, 0 if quantisation is None else quantisation.corner[0]):
        small, band = photo[rows], result[rows.start * scale : rows.stop * scale]
        above = max(0, rows.start - 1)
        inside = find_background(photo[above : rows.stop + 1])[rows.start - above : rows.stop - above]
        if level == "exact":
            move_blocks(band, small, small)
        else:
            meant, certain = small, (narrow(small) == 255).all(2, keepdims=True)  # pure white; of an alpha channel, opaque
            if quantisation is not None:
                certain = inside[:, :, None]
                meant = project_onto_file(quantisation.moved(rows.start, 0), box_reduce(band, scale), small, inside)
            allowed = np.where(certain, 0, white // 255)
            move_blocks(band, (meant - allowed).clip(0, white), (meant + allowed).clip(0, white))
        down, across = np.nonzero(inside)
        band.reshape(len(small), scale, -1, scale, photo.shape[2])[down, :, across] = white


def move_blocks(result: np.ndarray, lowest: np.ndarray, highest: np.ndarray) -> None:
    """Correct `result`, uint8 or uint16 (H·s, W·s, C), in place, so that D of each block is from `lowest` to `highest`, (H, W, C)."""
    height, width, channels = lowest.shape
    scale = len(result) // height
    blocks = result.reshape(height, scale, width, scale, channels)
    sums = np.zeros(lowest.shape, np.int32)
    for y in range(scale):
        for x in range(scale):
            sums += blocks[:, y, :, x]
    first = smallest_sums(scale * scale, white_of(result))
    totals = sums.clip(first[:-1][lowest], first[1:][highest] - 1)
    rows, columns, planes = np.nonzero(totals != sums)
    values = blocks[rows, :, columns, :, planes].reshape(-1, scale * scale)
    blocks[rows, :, columns, :, planes] = shift_to_sums(values, totals[rows, columns, planes]).reshape(-1, scale, scale)


def smallest_sums(count: int, white: int) -> np.ndarray:
    """(white + 2,) int32: the smallest sum of `count` levels that D takes for each level, and one past the largest sum of all."""
    values = np.arange(white + 2, dtype=np.int64)
    first = (-(-values * 2**24 // (2**24 // count)) if white == 255 else values * count) - count // 2
    return first.clip(0, white * count + 1).astype(np.int32)


def shift_to_sums(values: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """values uint8 or uint16 (N, K) → the same whose rows sum to `totals`, (N,): shifted, or mixed where that would clip."""
    count, white = values.shape[1], white_of(values)
    signed = np.int16 if white == 255 else np.int32
    each, more = np.divmod(totals - values.sum(1, dtype=np.int32), count)
    each, more = each.astype(signed), more.astype(signed)
    spread = np.argsort(np.argsort(np.arange(count) * 0.618 % 1)).astype(signed)  # so that the odd levels do not pile up in one corner
    result = values + each[:, None] + (spread < more[:, None])
    outside = (result.min(1) < 0) | (result.max(1) > white)
    result[outside] = mix_to_sums(values[outside], totals[outside])
    return result.astype(values.dtype)


def mix_to_sums(values: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """What `shift_to_sums` does, by mixing with black or white, which never clips; rounded by largest remainder; int32 (N, K)."""
    count, white = values.shape[1], white_of(values)
    before, after = values.astype(np.float64), totals[:, None].astype(np.float64)
    sums = before.sum(1, keepdims=True)
    darker = before * (after / np.maximum(sums, 1))
    lighter = white - (white - before) * ((white * count - after) / np.maximum(white * count - sums, 1))
    real = np.where(after < sums, darker, lighter)
    whole = np.floor(real + 1e-7)
    ranks = np.argsort(np.argsort(whole - real, 1), 1)
    return (whole + (ranks < after - whole.sum(1, keepdims=True))).astype(np.int32)
