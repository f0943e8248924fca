"""What a result shows that its photo does not: new detail, grain, coloured noise, patterns, and pixels in another order."""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
import torch.nn.functional as F

from sr_models.figures.quality import STUDIO_LUMA
from sr_models.nets.resample import RADIUS, interpolate
from sr_models.tiles import split_into_bands
from sr_models.windows import largest

STUDIO_YCC = np.array([STUDIO_LUMA * 255, [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]]) / 255
"""Weights of R, G, B in Y, Cb, Cr of BT.601 studio range."""
TILE = 128  # pixels of the photo worked on at once, so that the arithmetic stays in the processor's cache, and little memory is needed
UNSEEN = 1.0  # levels²: local variance of luma that nobody sees; rounding R, G and B to whole levels causes at most 0.43²
CALM = 16.0  # levels²: where a photo holds no more than that, nor within two pixels, it is calm
CALM_PIXELS = 64  # fewer tell nothing
NEARLY_ALL = 0.75  # of a photo's pixels
PERIODS = range(2, 17)  # pixels of the result, or of the photo; so also 5.5, twice of which is 11
CHANCE = 6  # standard errors
NO_SLOPE = 0.1  # levels²: products of less than that tell nothing of an order
STEEP = 4.0  # levels²: slopes of more variance within a block count alike
FEW_SLOPES = 30.0  # as many blocks with slopes tell nothing of two pixels


@dataclass(frozen=True)
class Detail:
    """A result beside the Lanczos enlargement of its photo. Variances are float32 (H, W), in levels², and UNSEEN is taken off those of what
    is new, so that rounding adds nothing."""

    new: np.ndarray
    """Local variance of the luma that the result adds, within a tent-shaped window of about two photo pixels around each of them."""
    held: np.ndarray
    """Likewise of the luma that the enlargement holds."""
    new_colour: np.ndarray
    """Variance of what the result adds to Cb and Cr, within the scale × scale pixels of each pixel of the photo."""
    held_colour: np.ndarray
    """Likewise of Cb and Cr of the enlargement."""
    products: np.ndarray
    """float64 (3, scale², scale²): of the luma of a block's pixels without their mean, row by row, the mean product of the result's at i
    and of the enlargement's at j; the same where every slope counts alike, so that one long edge decides nothing; and so of the
    enlargement's at i and at j."""
    repeated: float
    """What the result adds again and again, levels of luma, Cb or Cr: the root mean square of the mean over all cells of n × n of its
    pixels, beyond what chance leaves in such a mean, of the n in PERIODS with which that is most. What the photo or its
    enlargement repeats likewise is taken off: what is made of even stripes repeats too."""


def measure_detail(rgb: np.ndarray, small: np.ndarray, scale: int, hidden: np.ndarray | None = None) -> Detail:
    """What `rgb`, uint8 (H·scale, W·scale, 3), shows beside the Lanczos enlargement of the photo `small`, uint8 (H, W, 3).

    Nothing where the photo is `hidden`, bool (H, W).
    """
    height, width = small.shape[:2]
    ycc = torch.from_numpy(STUDIO_YCC.astype(np.float32))
    halo = RADIUS["lanczos"]
    padded = np.pad(small, ((halo, halo), (halo, halo), (0, 0)), mode="edge")
    inner = slice(halo * scale, -halo * scale)
    moments = torch.empty(4, 1, height, width)
    new_colour, held_colour = torch.empty(2, height, width)
    products = torch.zeros(3, scale**2, scale**2, dtype=torch.float64)
    repeats, *own_repeats = Repeats(PERIODS), Repeats(PERIODS), Repeats(PERIODS)
    for rows, columns in product(split_into_bands(height, TILE), split_into_bands(width, TILE)):
        x = torch.tensor(padded[rows.start : rows.stop + 2 * halo, columns.start : columns.stop + 2 * halo]).permute(2, 0, 1)[None].float()
        b = torch.einsum("kc,chw->khw", ycc, interpolate(x, scale, "lanczos")[0, :, inner, inner].clamp_(0, 255))
        tile = rgb[rows.start * scale : rows.stop * scale, columns.start * scale : columns.stop * scale]
        d = torch.einsum("kc,hwc->khw", ycc, torch.from_numpy(tile.astype(np.float32))) - b
        if hidden is not None:
            d *= torch.from_numpy(~hidden[rows, columns]).repeat_interleave(scale, 0).repeat_interleave(scale, 1)
        moments[:, 0, rows, columns] = F.avg_pool2d(torch.stack([d[0], d[0] ** 2, b[0], b[0] ** 2]), scale)
        added, known = split_into_blocks(d, scale), split_into_blocks(b, scale)
        new_colour[rows, columns], held_colour[rows, columns] = (x[1:].square().mean(3).sum(0) for x in (added, known))
        shown, known = (blocks[0].flatten(0, 1) for blocks in (added + known, known))
        even = known / (known.square().mean(1, keepdim=True) + STEEP)
        products += torch.stack([shown.T @ known, shown.T @ even, known.T @ even]).double()
        repeats.add(d, rows.start * scale, columns.start * scale)
        own_repeats[0].add(torch.einsum("kc,chw->khw", ycc, x[0, :, halo:-halo, halo:-halo]), rows.start, columns.start)
        own_repeats[1].add(b, rows.start * scale, columns.start * scale)
    padded_moments = F.pad(moments, (1, 1, 1, 1), mode="replicate")
    smooth = F.avg_pool2d(F.avg_pool2d(padded_moments, 2, 1), 2, 1)[:, 0]  # two boxes make a tent
    new, held = (smooth[1] - smooth[0] ** 2 - UNSEEN).clamp_min(0), (smooth[3] - smooth[2] ** 2).clamp_min(0)
    if hidden is not None:
        new, held = (variance * torch.from_numpy(~hidden) for variance in (new, held))
    new_colour = (new_colour - UNSEEN).clamp_min(0)
    repeated = max(0.0, repeats.measure() - max(own.measure() for own in own_repeats))
    maps = (x.numpy() for x in (new, held, new_colour, held_colour, products / (height * width)))
    return Detail(*maps, repeated=repeated)


def split_into_blocks(planes: torch.Tensor, scale: int) -> torch.Tensor:
    """(C, H·scale, W·scale) → (C, H, W, scale²): the pixels of each block, row by row, without their mean."""
    channels, height, width = planes.shape
    blocks = planes.reshape(channels, height // scale, scale, width // scale, scale).transpose(2, 3).flatten(3)
    return blocks - blocks.mean(3, keepdim=True)


class Repeats:
    """What repeats in a picture that is seen tile by tile, with one of these periods in both directions."""

    def __init__(self, periods: range):
        self.periods = periods
        self.cells = {period: torch.zeros(3, period, period, dtype=torch.float64) for period in periods if 2 * period not in periods}
        """Of each period the sums over all cells; where twice the period is there, they follow from its sums."""
        self.squares, self.area = torch.zeros(3, dtype=torch.float64), 0

    def add(self, planes: torch.Tensor, top: int, left: int) -> None:
        """A tile (3, H, W) that begins at row `top` and column `left`."""
        planes = planes - planes.mean((1, 2), keepdim=True)
        self.squares += planes.square().sum((1, 2))
        self.area += planes[0].numel()
        for period, cell in self.cells.items():
            cell += sum_by_period(sum_by_period(planes, period, top).mT, period, left).mT

    def measure(self) -> float:
        """Root mean square, levels, of the mean over all cells, beyond what chance leaves in such a mean: the most of all planes and
        periods, at least 0."""
        chance = CHANCE * (self.squares / self.area).sqrt()
        sums, beyond = dict(self.cells), []
        for period in reversed(self.periods):
            if period not in sums:
                sums[period] = sum_by_period(sum_by_period(sums[2 * period], period, 0).mT, period, 0).mT
            mean = sums[period].flatten(1) * period**2 / self.area
            beyond.append(mean.std(1, correction=0) - chance * period / self.area**0.5)
        return max(0.0, float(torch.stack(beyond).max()))


def sum_by_period(planes: torch.Tensor, period: int, top: int) -> torch.Tensor:
    """(C, H, W), whose first row is row `top` of a picture → (C, period, W): the sums of the rows 0, period, 2 · period …, of those after
    them, and so on."""
    count, rest = divmod(planes.shape[1], period)
    folded = planes[:, : count * period].unflatten(1, (count, period)).sum(1)
    folded[:, :rest] += planes[:, count * period :]
    return folded.roll(top % period, 1)


def new_detail(detail: Detail) -> float:
    """The share of the result's detail that is new: Σ new / (Σ new + Σ held), in [0, 1]; 0 for Lanczos itself."""
    added, known = detail.new.sum(dtype=np.float64), detail.held.sum(dtype=np.float64)
    return float(added / (added + known)) if added else 0.0


def grain(detail: Detail, counted: np.ndarray) -> float:
    """Root mean square of the new detail where the photo is calm, levels of luma or of Cb and Cr, whichever is more: stripes, dots and
    noise that nothing in it explains.

    `counted`, bool (H, W), is where it is looked for. 0 where hardly anything is calm.
    """

    def within(new: np.ndarray, held: np.ndarray) -> float:
        most = largest(torch.from_numpy(held)[None, None], 5)[0, 0].numpy()
        calm = new[counted & (most < CALM)]
        return math.sqrt(calm.mean(dtype=np.float64)) if calm.size >= CALM_PIXELS else 0.0

    return max(within(detail.new, detail.held), within(detail.new_colour, detail.held + detail.held_colour))


def colour_noise(detail: Detail, counted: np.ndarray) -> float:
    """What was added to the colours of nearly every pixel of the photo, root mean square within it, levels of Cb and Cr: as much as three
    quarters of them have at least, beyond what the enlargement holds there.

    `counted`, bool (H, W), is where it is looked for. What networks add to colours lies along edges. 0 where hardly anything is counted.
    """
    found = (detail.new_colour - detail.held_colour)[counted]
    return math.sqrt(max(0.0, np.quantile(found, 1 - NEARLY_ALL))) if found.size >= CALM_PIXELS else 0.0


def pixel_order(detail: Detail) -> float:
    """How well the pixels of each block fit the photo in the order in which they stand, beside the best order, in [0, 1]: about 0 where
    they stand in any order.

    Each pixel should agree best with the Lanczos enlargement where it stands: the diagonal of `products` beside the largest of each row.
    The same is asked of the means of a block's rows and of its columns, so that one wrong direction is enough. Where a photo has no slopes,
    that is 1.
    """
    side = math.isqrt(len(detail.products[0]))
    rows, columns = np.kron(np.eye(side), np.full(side, 1 / side)), np.kron(np.full(side, 1 / side), np.eye(side))

    def fit(products: np.ndarray) -> float:
        least = NO_SLOPE * len(products)
        return float((products.trace() + least) / (products.max(1).sum() + least))

    return max(0.0, min(fit(means @ detail.products[0] @ means.T) for means in (np.eye(side**2), rows, columns)))


def pair_order(detail: Detail) -> float:
    """Whether two pixels of each block are swapped, −1 to 1: about 1 where none are, about 0 or less where some are.

    Of any two of them: how much of the difference that the Lanczos enlargement has between them the result has too (the slope of a
    regression over all blocks); or how near that comes to the most among the pair's mirror images, since edges that are steeper than
    Lanczos's turn differences round too, but in all of these alike. The least of all pairs; where a photo has hardly any slopes, 1.
    """
    shown, known = (products.diagonal()[:, None] + products.diagonal() - products - products.T for products in detail.products[1:])
    least = FEW_SLOPES / detail.new.size
    slopes = (shown + least) / (known + least)
    places = np.arange(len(slopes)).reshape(2 * (math.isqrt(len(slopes)),))
    mirrored = [slopes[np.ix_(order.ravel(), order.ravel())] for order in (places[::-1], places[:, ::-1], places[::-1, ::-1])]
    return float(np.clip(np.maximum(slopes, 1 - (np.max(mirrored, axis=0) - slopes) / 2).min(), -1, 1))
