"""The classic steps before the network: each a pure function of a photo and an amount."""

import math

import numpy as np
import torch
from torch import Tensor

from sr_models.compression import USUAL_NOISE, cosine_transform
from sr_models.photo import BLOCK, LUMA, Photo
from sr_models.shop.backdrop import find_backdrop
from sr_models.stages.alpha import bleed
from sr_models.stages.painting import BAND, change_brightness, cut_context, map_levels, read_with_context, repaint
from sr_models.tiles import split_into_bands

EVERY = 2  # pixels from one position of the blocks to the next: with 1, four times the time for 0.07 dB
CORNERS = [(y, x) for y in range(0, BLOCK, EVERY) for x in range(0, BLOCK, EVERY)]  # (row, column) where a division into blocks begins
KEPT = 2.7  # standard deviations: a coefficient below is taken for noise
GRAIN = 25.0  # levels: the noise that a whole denoise is for
SMOOTHNESS = 0.01  # of the Wiener filter: the weight of the second derivative beside the error, times the square of the radius
TILES = 8  # along each side, for the local histograms
CLIPPED = 3.0  # of the mean of a histogram: what is higher is spread over all levels
NORM = 6  # of the mean that finds the colour of the light


def crop(photo: Photo, fill: float) -> Photo:
    """Cut down, alike on all sides, until the product's longer side fills this share of the frame; never beyond the photo.

    The first row and column stay on the photo's grid of 8, so that a crop does not hide the blocks from `deblock`.
    A scene, which has no backdrop, stays whole.
    """
    left, top, right, bottom = find_backdrop(photo).box
    margin = max(right - left, bottom - top) * (1 / fill - 1) / 2
    width, height = photo.size
    first_row, first_column = (max(0, math.floor(start - margin)) // BLOCK * BLOCK for start in (top, left))
    rows = slice(first_row, min(height, math.ceil(bottom + margin)))
    columns = slice(first_column, min(width, math.ceil(right + margin)))
    return photo.part(rows, columns)


def deblock(photo: Photo, amount: float) -> Photo:
    """Compression noise out, by thresholds in blocks that lie everywhere but on JPEG's own grid (Nosratinia, ICIP 2002).

    The grid is taken to start at the photo's corner, as in any JPEG that was neither cropped nor turned since. Noise is what the
    file says, or that of a usual JPEG where it does not.
    """
    return repaint(photo, threshold_blocks(bleed(photo), amount * (photo.noise or USUAL_NOISE), CORNERS[1:]))


def denoise(photo: Photo, amount: float) -> Photo:
    """Grain out, by thresholds in overlapping blocks (Yu & Sapiro, "DCT image denoising", IPOL 2011)."""
    return repaint(photo, threshold_blocks(bleed(photo), amount * GRAIN, CORNERS))


def threshold_blocks(rgb: np.ndarray, noise: float, places: list[tuple[int, int]]) -> np.ndarray:
    """rgb without the small cosine coefficients, averaged over divisions into blocks from each corner in `places`.

    Blocks with fewer coefficients left count more. `noise` is the standard error to remove, in levels.
    """
    along, colours = (torch.from_numpy(cosine_transform(length)) for length in (BLOCK, 3))
    result = np.empty_like(rgb)
    for rows in split_into_bands(len(rgb), BAND):
        x = torch.einsum("kc,chw->khw", colours, read_with_context(rgb, rows, BLOCK))
        total, weight = torch.zeros_like(x), torch.zeros(x.shape[1:])
        for top, left in places:
            down, across = (x.shape[1] - top) // BLOCK, (x.shape[2] - left) // BLOCK
            place = slice(top, top + down * BLOCK), slice(left, left + across * BLOCK)
            blocks = x[:, *place].reshape(3, down, BLOCK, across, BLOCK)
            found = torch.einsum("ai,cyixj,bj->cyaxb", along, blocks, along)
            large = found.abs() > KEPT * noise
            large[:, :, 0, :, 0] = True
            worth = 1 / large.sum((0, 2, 4))
            back = torch.einsum("ai,cyaxb,bj->cyixj", along, found * large, along) * worth[:, None, :, None]
            total[:, *place] += back.reshape(3, down * BLOCK, across * BLOCK)
            weight[place] += worth.repeat_interleave(BLOCK, 0).repeat_interleave(BLOCK, 1)
        result[rows] = cut_context(torch.einsum("kc,khw->chw", colours, total / weight.clamp_min(1e-9)), BLOCK)
    return result


def deblur(photo: Photo, radius: float) -> Photo:
    """A Gaussian blur of `radius` undone in brightness, by the Wiener filter with a Laplacian as regularisation (Hunt, 1973)."""
    reach = BLOCK * math.ceil(radius + 1)

    def sharper(luma: Tensor) -> Tensor:
        size = [length // 2 * 2 + 2 for length in luma.shape]
        rows, columns = torch.fft.fftfreq(size[0])[:, None], torch.fft.rfftfreq(size[1])[None]
        blur = torch.exp(-2 * (math.pi * radius) ** 2 * (rows**2 + columns**2))
        laplacian = 4 - 2 * torch.cos(2 * math.pi * rows) - 2 * torch.cos(2 * math.pi * columns)
        wiener = blur / (blur**2 + SMOOTHNESS * radius**2 * laplacian**2)
        return torch.fft.irfft2(torch.fft.rfft2(luma, s=size) * wiener, s=size)[: luma.shape[0], : luma.shape[1]]

    return repaint(photo, change_brightness(bleed(photo), reach, sharper))


def balance(photo: Photo, amount: float) -> Photo:
    """`amount` of the light's colour taken out, as found by a mean in which bright pixels count most (Finlayson & Trezzi, 2004).

    Channels are only raised, to the strongest, so that white stays white: a photo with a pure white backdrop hardly changes.
    """
    seen = photo.rgb.reshape(-1, 3) if photo.alpha is None else photo.rgb[photo.alpha > 0]
    levels = np.arange(256.0)
    light = np.array([np.bincount(channel, minlength=256) @ levels**NORM for channel in seen.T]).clip(1e-9) ** (1 / NORM)
    return repaint(photo, map_levels(photo.rgb, np.outer((light.max() / light) ** amount, levels)))


def equalise(photo: Photo, amount: float) -> Photo:
    """Brightness moved by `amount` of the way to locally equal histograms, limited in contrast (Zuiderveld, CLAHE, 1994)."""
    rgb = bleed(photo)
    grey = np.concatenate([np.rint(rgb[rows] @ LUMA).astype(np.uint8) for rows in split_into_bands(len(rgb), BAND)])
    seen = None if photo.alpha is None else photo.alpha > 0
    height, width = grey.shape
    shift = amount * (equalising_curves(grey, seen) - np.arange(256, dtype=np.float32))
    (top, below, low), (left, right, across) = (interpolate_tiles(length) for length in (height, width))
    result = np.empty_like(rgb)
    for rows in split_into_bands(len(rgb), BAND):
        r0, r1, y = top[rows, None], below[rows, None], low[rows, None]
        level = grey[rows]
        upper = shift[r0, left, level] * (1 - across) + shift[r0, right, level] * across
        lower = shift[r1, left, level] * (1 - across) + shift[r1, right, level] * across
        result[rows] = np.rint(rgb[rows] + (upper * (1 - y) + lower * y)[:, :, None]).clip(0, 255)
    return repaint(photo, result)


def equalising_curves(grey: np.ndarray, seen: np.ndarray | None) -> np.ndarray:
    """grey uint8 (H, W) → float32 (TILES, TILES, 256): for each tile, the level that each level becomes; only pixels `seen` are counted."""
    edges = [np.arange(TILES + 1) * length // TILES for length in grey.shape]
    result = np.empty((TILES, TILES, 256), np.float32)
    for y in range(TILES):
        for x in range(TILES):
            place = slice(edges[0][y], edges[0][y + 1]), slice(edges[1][x], edges[1][x + 1])
            values = grey[place].ravel() if seen is None else grey[place][seen[place]]
            counts = np.bincount(values, minlength=256).astype(np.float64) if len(values) else np.ones(256)
            most = CLIPPED * counts.mean()
            counts = counts.clip(max=most) + (counts - most).clip(0).sum() / 256
            result[y, x] = 255 * np.cumsum(counts) / counts.sum()
    return result


def interpolate_tiles(length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each pixel along a side: the tiles whose centres lie before and after it, and how far it is from the one to the other."""
    place = ((np.arange(length, dtype=np.float32) + 0.5) * TILES / length - 0.5).clip(0, TILES - 1)
    before = place.astype(np.intp)
    return before, np.minimum(before + 1, TILES - 1), place - before
