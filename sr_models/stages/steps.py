"""The classic steps before and after the network: one list, each a pure function of a photo and an amount. All are off unless chosen.

They work on the values as the file encodes them and keep size (but for the crop), transparency, profile and all else that the photo
says of itself. What transparency hides neither counts nor changes, and pure white among pure white stays pure white.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from sr_models.compression import USUAL_NOISE
from sr_models.errors import PhotoError
from sr_models.photo import Photo
from sr_models.shop.backdrop import backdrop
from sr_models.stages.alpha import bled
from sr_models.stages.crisp import context, sharpened
from sr_models.stages.faithful import background
from sr_models.tiles import spans

BAND = 256  # rows worked on at once, so that a step needs little memory; a multiple of BLOCK
TILE = 512  # pixels: side of what is worked on at once where a step needs much memory for each of them
BLOCK = 8  # pixels: side of a block of the cosine transform, as in JPEG
EVERY = 2  # pixels from one position of the blocks to the next: with 1, four times the time for 0.07 dB
KEPT = 2.7  # standard deviations: a coefficient below is taken for noise
GRAIN = 25.0  # levels: the noise that a whole denoise is for
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
SMOOTHNESS = 0.01  # of the Wiener filter: the weight of the second derivative beside the error, times the square of the radius
SHARPENED = 1.5  # pixels: radius of the unsharp mask
TILES = 8  # along each side, for the local histograms
CLIPPED = 3.0  # of the mean of a histogram: what is higher is spread over all levels
NORM = 6  # of the mean that finds the colour of the light

When = Literal["before", "after"]


@dataclass(frozen=True)
class Step:
    name: str
    when: When
    """Before or after the network."""
    meaning: str
    """What the amount says: the key to a translation."""
    unit: str
    lowest: float
    highest: float
    default: float
    """Where a slider stands when the step is switched on. An amount of 0 changes nothing."""
    function: Callable[[Photo, float], Photo]


@dataclass(frozen=True)
class Active:
    """A step that was chosen, with its amount."""

    step: Step
    amount: float

    def __str__(self) -> str:
        """As `parse` reads it."""
        return f"{self.step.name}={self.amount:g}"


def parse(text: str, when: When | None = None) -> Active:
    """“denoise=0.3” or, with the default amount, “denoise”; only steps of `when` if given. Raises PhotoError, which lists the steps."""
    name, _, number = (part.strip() for part in text.partition("="))
    offered = [step for step in STEPS if when in (None, step.when)]
    found = [step for step in offered if step.name == name]
    if not found:
        raise PhotoError("There is no step “{name}” here. Choose from {steps}.", name=name, steps=", ".join(step.name for step in offered))
    step = found[0]
    try:
        amount = float(number) if number else step.default
    except ValueError:
        amount = math.nan
    if not step.lowest <= amount <= step.highest:
        raise PhotoError(
            "“{name}” takes a number from {lowest:g} to {highest:g}, not “{number}”. For example: {name}={default:g}.",
            name=name,
            lowest=step.lowest,
            highest=step.highest,
            number=number,
            default=step.default,
        )
    return Active(step, amount)


def applied(photo: Photo, actives: Iterable[Active]) -> Photo:
    """The photo after all steps, in the order of STEPS, in which each helps the next."""
    for active in sorted(actives, key=lambda active: STEPS.index(active.step)):
        if active.amount:
            photo = active.step.function(photo, active.amount)
    return photo


def crop(photo: Photo, fill: float) -> Photo:
    """Cut down, alike on all sides, until the product's longer side fills this share of the frame; never beyond the photo.

    The first row and column stay on the photo's grid of 8, so that a crop does not hide the blocks from `deblock`.
    A scene, which has no backdrop, stays whole.
    """
    left, top, right, bottom = backdrop(photo).box
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
    places = [place for place in positions() if place != (0, 0)]
    return painted(photo, shrunk(bled(photo), amount * (photo.noise or USUAL_NOISE), places))


def denoise(photo: Photo, amount: float) -> Photo:
    """Grain out, by thresholds in overlapping blocks (Yu & Sapiro, "DCT image denoising", IPOL 2011)."""
    return painted(photo, shrunk(bled(photo), amount * GRAIN, positions()))


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

    return painted(photo, relit(bled(photo), reach, sharper))


def crisp(photo: Photo, width: float) -> Photo:
    """Edges that are soft over `width` pixels made steep in brightness, by a shock filter: no halo, no grain."""
    rgb = bled(photo)
    result = np.empty_like(rgb)
    rows, columns = (list(spans(length, TILE, context(width))) for length in rgb.shape[:2])
    for down, across in product(rows, columns):
        part = torch.tensor(rgb[down.first : down.last, across.first : across.last]).permute(2, 0, 1)[None] / 255
        steep = sharpened(part, width)[0, :, slice(*down.inner), slice(*across.inner)]
        result[down.start : down.stop, across.start : across.stop] = within(255 * steep, 0)
    return painted(photo, result)


def sharpen(photo: Photo, amount: float) -> Photo:
    """An unsharp mask on brightness: `amount` times what a Gaussian blur takes away is added."""
    reach = math.ceil(4 * SHARPENED)
    axis = torch.arange(-reach, reach + 1)
    window = torch.exp(-(axis**2) / (2 * SHARPENED**2))
    window = window / window.sum()

    def sharper(luma: Tensor) -> Tensor:
        blurred = F.conv2d(F.conv2d(luma[None, None], window[None, None, :, None]), window[None, None, None, :])[0, 0]
        return luma + amount * (luma - F.pad(blurred, (reach,) * 4))

    return painted(photo, relit(bled(photo), reach, sharper))


def equalise(photo: Photo, amount: float) -> Photo:
    """Brightness moved by `amount` of the way to locally equal histograms, limited in contrast (Zuiderveld, CLAHE, 1994)."""
    rgb = bled(photo)
    grey = np.concatenate([np.rint(rgb[rows] @ LUMA).astype(np.uint8) for rows in bands(rgb)])
    seen = None if photo.alpha is None else photo.alpha > 0
    height, width = grey.shape
    shift = amount * (curves(grey, seen) - np.arange(256, dtype=np.float32))
    (top, below, low), (left, right, across) = (between(length) for length in (height, width))
    result = np.empty_like(rgb)
    for rows in bands(rgb):
        r0, r1, y = top[rows, None], below[rows, None], low[rows, None]
        level = grey[rows]
        upper = shift[r0, left, level] * (1 - across) + shift[r0, right, level] * across
        lower = shift[r1, left, level] * (1 - across) + shift[r1, right, level] * across
        result[rows] = np.rint(rgb[rows] + (upper * (1 - y) + lower * y)[:, :, None]).clip(0, 255)
    return painted(photo, result)


def curves(grey: np.ndarray, seen: np.ndarray | None) -> np.ndarray:
    """uint8 (H, W), bool (H, W) or all → float32 (TILES, TILES, 256): where each tile's histogram of what is seen would move a level."""
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


def between(length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each pixel along a side: the tiles whose centres lie before and after it, and how far it is from the one to the other."""
    place = ((np.arange(length, dtype=np.float32) + 0.5) * TILES / length - 0.5).clip(0, TILES - 1)
    before = place.astype(np.intp)
    return before, np.minimum(before + 1, TILES - 1), place - before


def balance(photo: Photo, amount: float) -> Photo:
    """`amount` of the light's colour taken out, as found by a mean in which bright pixels count most (Finlayson & Trezzi, 2004).

    Channels are only raised, to the strongest, so that white stays white: a photo with a pure white backdrop hardly changes.
    """
    seen = photo.rgb.reshape(-1, 3) if photo.alpha is None else photo.rgb[photo.alpha > 0]
    levels = np.arange(256.0)
    light = np.array([np.bincount(channel, minlength=256) @ levels**NORM for channel in seen.T]).clip(1e-9) ** (1 / NORM)
    return painted(photo, moved(photo.rgb, np.outer((light.max() / light) ** amount, levels)))


def contrast(photo: Photo, amount: float) -> Photo:
    """Each channel `amount` of the way to 3v² − 2v³: dark darker, bright brighter, black and white as they were."""
    v = np.linspace(0, 1, 256)
    return painted(photo, moved(photo.rgb, np.tile(255 * (v + amount * (3 * v**2 - 2 * v**3 - v)), (3, 1))))


def colour(photo: Photo, amount: float) -> Photo:
    """The distance from grey made larger by `amount` of itself, or smaller; −1 is grey. Greys, white among them, stay."""
    result = np.empty_like(photo.rgb)
    for rows in bands(result):
        rgb = photo.rgb[rows].astype(np.float32)
        grey = (rgb @ LUMA)[:, :, None]
        result[rows] = np.rint(rgb + amount * (rgb - grey)).clip(0, 255)
    return painted(photo, result)


STEPS: tuple[Step, ...] = (
    Step("crop", "before", "the share of the frame that the product's longer side should fill", "share", 0, 1, 0.85, crop),
    Step("deblock", "before", "the compression noise to remove, of what the file says it has", "share", 0, 2, 1, deblock),
    Step("denoise", "before", "the grain to remove, 1 for noise of 25 levels of 255", "share", 0, 1, 0.2, denoise),
    Step("deblur", "before", "the radius of the blur to undo", "pixels", 0, 3, 0.5, deblur),
    Step("balance", "before", "how much of the light's colour to take out", "share", 0, 1, 0.5, balance),
    Step("equalise", "before", "how far brightness moves to locally equal histograms", "share", 0, 1, 0.3, equalise),
    Step("crisp", "after", "the width of the soft edges to make steep, in pixels of the result", "pixels", 0, 2, 1.2, crisp),
    Step("sharpen", "after", "how much of what a blur of 1.5 pixels would take away is added", "share", 0, 3, 0.5, sharpen),
    Step("contrast", "after", "how far dark and bright move apart", "share", 0, 1, 0.2, contrast),
    Step("colour", "after", "how much stronger colours become; below 0, weaker", "share", -1, 1, 0.15, colour),
)


def painted(photo: Photo, rgb: np.ndarray) -> Photo:
    """The photo in new colours; but what is hidden, and pure white among pure white, stay as they were.

    How a JPEG's coefficients were rounded no longer tells what the new colours can mean: only `noise` is kept.
    """
    white = background(photo.rgb)
    fixed = white if photo.alpha is None else white | (photo.alpha == 0)
    return replace(photo, rgb=np.where(fixed[:, :, None], photo.rgb, rgb), coded=None)


def moved(rgb: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Each value of uint8 (H, W, 3) as `levels`, (3, 256), says for its channel."""
    table = np.rint(levels).clip(0, 255).astype(np.uint8)
    return np.stack([table[channel][rgb[:, :, channel]] for channel in range(3)], axis=2)


def bands(rgb: np.ndarray) -> list[slice]:
    return [slice(start, min(start + BAND, len(rgb))) for start in range(0, len(rgb), BAND)]


def around(rgb: np.ndarray, rows: slice, reach: int) -> Tensor:
    """uint8 (H, W, 3) → float32 (3, rows + 2·reach, W + 2·reach): with the context of these rows, mirrored at the picture's border."""
    first, last = max(0, rows.start - reach), min(len(rgb), rows.stop + reach)
    missing = (reach - (rows.start - first), reach - (last - rows.stop))
    part = np.pad(rgb[first:last], (missing, (reach, reach), (0, 0)), mode="symmetric")
    return torch.from_numpy(part).permute(2, 0, 1).float()


def within(x: Tensor, reach: int) -> np.ndarray:
    """(C, H + 2·reach, W + 2·reach) → uint8 (H, W, C), rounded."""
    inner = x[:, reach : x.shape[1] - reach, reach : x.shape[2] - reach]
    return inner.round().clamp(0, 255).byte().permute(1, 2, 0).numpy()


def relit(rgb: np.ndarray, reach: int, function: Callable[[Tensor], Tensor]) -> np.ndarray:
    """`function` of the brightness, (h, w) → (h, w), which looks no further than `reach`; what it adds is added to each channel."""
    result = np.empty_like(rgb)
    for rows in bands(rgb):
        part = around(rgb, rows, reach)
        luma = torch.einsum("c,chw->hw", torch.from_numpy(LUMA), part)
        result[rows] = within(part + (function(luma) - luma), reach)
    return result


def cosines(length: int) -> Tensor:
    """(length, length): the orthonormal cosine transform, a frequency in each row."""
    k, n = torch.arange(length)[:, None], torch.arange(length)[None]
    return torch.cos(math.pi * k * (2 * n + 1) / (2 * length)) * torch.where(k == 0, 1 / length, 2 / length).sqrt()


def positions() -> list[tuple[int, int]]:
    """Where the blocks of the transform may begin, in pixels from the grid."""
    return [(y, x) for y in range(0, BLOCK, EVERY) for x in range(0, BLOCK, EVERY)]


def shrunk(rgb: np.ndarray, noise: float, places: list[tuple[int, int]]) -> np.ndarray:
    """Without the small coefficients of the blocks at each of the `places`, averaged: blocks with few coefficients left count most."""
    along, colours = cosines(BLOCK), cosines(3)
    result = np.empty_like(rgb)
    for rows in bands(rgb):
        x = torch.einsum("kc,chw->khw", colours, around(rgb, rows, BLOCK))
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
        result[rows] = within(torch.einsum("kc,khw->chw", colours, total / weight.clamp_min(1e-9)), BLOCK)
    return result
