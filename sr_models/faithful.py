"""Makes a result agree with the photo it came from: the reduced result, D(result), is moved towards the photo.

D is the s×s box mean, rounded as `PIL.Image.reduce(s)` rounds it. "off" leaves the network's own output. "colour" moves the mean
colour of every neighbourhood, and keeps a pure-white background. "exact" goes on until D(result) = photo, byte for byte. The idea is
back-projection (Irani & Peleg, CVGIP 1991). Everything works on bytes and in bands of rows, after and for any network.
"""

from typing import Literal, get_args

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from sr_models.errors import ModelError
from sr_models.quality import reduced

Faithful = Literal["off", "colour", "exact"]
LEVELS: tuple[Faithful, ...] = get_args(Faithful)

BAND = 128  # rows of the photo that are corrected at once
NEIGHBOURHOOD = 3.0  # pixels of the photo: standard deviation of the window in which brightness is kept at edges
RADIUS = 9
CONTEXT = 2 * RADIUS + 4  # rows of the photo that decide about a row's correction, on each side
EDGE = 96.0  # levels of contrast around a pixel at which half of the brightness correction is left to the neighbourhood
GREY = (0.299, 0.587, 0.114)


def checked(level: str) -> Faithful:
    """`level` if it is one. Raises ModelError."""
    if level not in LEVELS:
        raise ModelError("“{level}” is no faithful mode. Choose off, colour or exact.", level=level)
    return level


def keep(result: np.ndarray, photo: np.ndarray, level: Faithful, noise: float = 0.0) -> None:
    """Correct `result`, uint8 (H·s, W·s, C), in place, so that it agrees with `photo`, uint8 (H, W, C); C is 3, or 1 for alpha.

    `noise`: levels of 255 that compression left in the photo. "colour" leaves smaller differences to the network, or
    JPEG's blocks would come back.
    """
    height, scale = len(photo), len(result) // len(photo)
    if level == "colour":
        again = reduced(result, scale)
        for start in range(0, height, BAND):
            stop = min(start + BAND, height)
            rows = slice(max(0, start - CONTEXT), min(stop + CONTEXT, height))
            inner = slice(start - rows.start, stop - rows.start)
            band = result[start * scale : stop * scale]
            add(band, correction(again[rows], photo[rows], scale, noise), inner, scale)
            settle(band, photo[start:stop], scale, background(photo[rows])[inner])
    elif level == "exact":
        for start in range(0, height, BAND):
            settle(result[start * scale : (start + BAND) * scale], photo[start : start + BAND], scale)


def correction(again: np.ndarray, photo: np.ndarray, scale: int, noise: float) -> Tensor:
    """again, photo uint8 (H, W, 3) → (1, 3, H, W), levels of 255: what to add to the result, on the photo's grid.

    Colour follows the photo in every pixel. Brightness does so where the photo is smooth; at edges, where D and whatever
    shrank the photo disagree, only the neighbourhood's mean does, and the edge stays the network's.
    """
    error = torch.from_numpy(photo.astype(np.float32) - again).permute(2, 0, 1)[None]
    weights = torch.tensor(GREY)[:, None, None]
    grey = (torch.from_numpy(photo.astype(np.float32)).permute(2, 0, 1)[None] * weights).sum(1, keepdim=True)
    contrast = F.max_pool2d(grey, 3, 1, 1) + F.max_pool2d(-grey, 3, 1, 1)
    smooth = 1 / (1 + (contrast / EDGE).square())
    total = torch.zeros_like(error)
    for _ in range(2):
        left = error - filtered(total, enlarged_and_reduced(scale))
        brightness = (left * weights).sum(1, keepdim=True)
        around = filtered(brightness, gaussian())
        fine = left - brightness + smooth * (brightness - around)
        total += around + fine.sign() * (fine.abs() - noise).clamp_min(0)
    return total


def filtered(x: Tensor, taps: Tensor) -> Tensor:
    """x (1, C, H, W) → the same shape, filtered along both axes with the odd, symmetric `taps`; the rim is repeated outwards."""
    channels, radius = x.shape[1], len(taps) // 2
    kernel = taps.repeat(channels, 1, 1)
    x = F.pad(x, (radius, radius, radius, radius), mode="replicate")
    return F.conv2d(F.conv2d(x, kernel[:, :, None], groups=channels), kernel[:, :, :, None], groups=channels)


def gaussian() -> Tensor:
    taps = torch.exp(-0.5 * (torch.arange(-RADIUS, RADIUS + 1) / NEIGHBOURHOOD).square())
    return taps / taps.sum()


def enlarged_and_reduced(scale: int) -> Tensor:
    """The taps of D after a bilinear enlargement: so a second step needs no second look at the large picture."""
    side = ((torch.arange(scale) + 0.5) / scale - 0.5).clamp_min(0).mean()
    return torch.stack([side, 1 - 2 * side, side])


def add(band: np.ndarray, wanted: Tensor, inner: slice, scale: int) -> None:
    """Add the rows `inner` of `wanted`, (1, 3, H, W), enlarged bilinearly, to `band`, uint8 (rows·scale, W·scale, 3), in place."""
    around = slice(max(0, inner.start - 1), inner.stop + 1)
    enlarged = F.interpolate(wanted[:, :, around], scale_factor=scale, mode="bilinear", align_corners=False)
    skipped = (inner.start - around.start) * scale
    pixels = torch.from_numpy(band)
    pixels.copy_(enlarged[0, :, skipped : skipped + len(band)].permute(1, 2, 0).add(pixels).round_().clamp_(0, 255))


def background(photo: np.ndarray) -> np.ndarray:
    """(H, W, 1) bool: pure white among pure white, so without the bright rim that sharpening leaves beside an edge."""
    other = torch.from_numpy((photo < 255).any(2)).float()[None]
    return (F.max_pool2d(other, 3, 1, 1) == 0)[0, :, :, None].numpy()


def settle(result: np.ndarray, photo: np.ndarray, scale: int, where: np.ndarray | bool = True) -> None:
    """Move blocks of `result`, uint8 (H·s, W·s, C), in place, each as little as it takes until D(block) = the pixel of `photo`."""
    height, width, channels = photo.shape
    count = scale * scale
    blocks = result.reshape(height, scale, width, scale, channels)
    sums = np.zeros(photo.shape, np.int32)
    for y in range(scale):
        for x in range(scale):
            sums += blocks[:, y, :, x]
    first = first_sums(count)
    wanted = sums.clip(first[photo], first[photo.astype(np.int32) + 1] - 1)
    rows, columns, planes = np.nonzero((wanted != sums) & where)
    values = blocks[rows, :, columns, :, planes].reshape(-1, count)
    blocks[rows, :, columns, :, planes] = moved(values, wanted[rows, columns, planes]).reshape(-1, scale, scale)


def first_sums(count: int) -> np.ndarray:
    """(257,) int32: the smallest sum of `count` bytes that D takes for each value (`quality.reduced`), and one past the largest of all."""
    values = np.arange(257, dtype=np.int64)
    first = -(-values * 2**24 // (2**24 // count)) - count // 2
    return first.clip(0, 255 * count + 1).astype(np.int32)


def moved(values: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """values uint8 (N, K) → uint8 (N, K) whose rows sum to `totals`, (N,) in [0, 255·K].

    A row is shifted; where that would leave [0, 255], it is mixed with black or white instead. Then it is rounded by largest remainder.
    """
    count = values.shape[1]
    before, after = values.astype(np.float64), totals[:, None].astype(np.float64)
    sums = before.sum(1, keepdims=True)
    shifted = before + (after - sums) / count
    darker = before * (after / np.maximum(sums, 1))
    lighter = 255 - (255 - before) * ((255 * count - after) / np.maximum(255 * count - sums, 1))
    outside = (shifted.min(1, keepdims=True) < 0) | (shifted.max(1, keepdims=True) > 255)
    real = np.where(outside, np.where(after < sums, darker, lighter), shifted)
    whole = np.floor(real + 1e-7)
    remainders = real - whole
    tie = np.arange(count) * 0.618 % 1 * 1e-3  # equal remainders: spread over the block instead of piled up in a corner
    ranks = np.argsort(np.argsort(-np.where(remainders > 1e-6, remainders + tie, -1), 1), 1)
    return (whole + (ranks < after - whole.sum(1, keepdims=True))).astype(np.uint8)
