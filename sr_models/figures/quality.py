"""Figures of a result: how close to its original, as benchmarks measure it; and, without an original, how true to its photo.

Everywhere below, `small` is a photo, uint8 (H, W, 3) in sRGB, `rgb` its enlargement, uint8 (H·scale, W·scale, 3), and `again` the
enlargement reduced to the photo's size: `box_reduce(rgb, scale)`.
"""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
import torch.nn.functional as F

from sr_models.nets.resample import RADIUS, interpolate
from sr_models.profiles import decode_srgb
from sr_models.tiles import split_into_bands
from sr_models.windows import gaussian, largest

STUDIO_LUMA = np.array([65.481, 128.553, 24.966]) / 255
"""Weights of R, G, B in Y of BT.601 studio range."""
STUDIO_YCC = np.array([STUDIO_LUMA * 255, [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]]) / 255
"""Weights of R, G, B in Y, Cb, Cr of the same."""
BAND = 32  # rows of the photo worked on at once, so that a measure of a large picture needs little memory
TILE = 128  # pixels of the photo, likewise, and so that the arithmetic of `measure_detail` stays in the processor's cache

SRGB_TO_LINEAR = decode_srgb(np.arange(256) / 255).astype(np.float32)
"""The light of each of the 256 levels, in [0, 1]."""
LINEAR_TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
"""sRGB primaries, D65, 2° observer."""

FARTHEST = 8  # pixels
LOW = 0.25  # cycles a pixel: above it, what aliasing folded back moves differently from the picture
NOISE = 25.0  # levels²: frequencies weaker than noise and compression of this variance hardly count
NEAREST_WINS = 1e-4  # of the highest possible peak, for each pixel²: decides where a flat or striped picture fits everywhere

UNSEEN = 1.0  # levels²: local variance of luma that nobody sees; rounding R, G and B to whole levels causes at most 0.43²
CALM = 16.0  # levels²: where a photo holds no more than that, nor within two pixels, it is calm
CALM_PIXELS = 64  # fewer tell nothing
NEARLY_ALL = 0.75  # of a photo's pixels
PERIODS = range(2, 17)  # pixels of the result, or of the photo; so also 5.5, twice of which is 11
CHANCE = 6  # standard errors
NO_SLOPE = 0.1  # levels²: products of less than that tell nothing of an order
STEEP = 4.0  # levels²: slopes of more variance within a block count alike
FEW_SLOPES = 30.0  # as many blocks with slopes tell nothing of two pixels


def luma(rgb: np.ndarray) -> np.ndarray:
    """rgb uint8 (H, W, 3) → Y of BT.601 studio range, float64 (H, W) in [16, 235]: MATLAB's rgb2ycbcr before its rounding."""
    return 16 + rgb.astype(np.float64) @ STUDIO_LUMA


def shave(picture: np.ndarray, pixels: int) -> np.ndarray:
    """The picture (H, W, …) without its outermost `pixels` on each side."""
    return picture[pixels : picture.shape[0] - pixels, pixels : picture.shape[1] - pixels]


def psnr(result: np.ndarray, original: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB of two equally large arrays in levels of 255; infinite where they are equal."""
    error = np.mean((result.astype(np.float64) - original) ** 2)
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def ssim(result: np.ndarray, original: np.ndarray) -> float:
    """Structural similarity in [−1, 1] of two (H, W) arrays in levels of 255, H and W ≥ 11.

    Wang et al., IEEE TIP 2004: Gaussian window 11×11, σ 1.5, valid positions only, K1 = 0.01, K2 = 0.03.
    """
    window = gaussian(1.5, 5, torch.float64)

    def blur(x: torch.Tensor) -> torch.Tensor:
        return F.conv2d(F.conv2d(x[None, None], window[None, None, :, None]), window[None, None, None, :])[0, 0]

    a, b = (torch.from_numpy(np.asarray(x, dtype=np.float64)) for x in (result, original))
    mean_a, mean_b = blur(a), blur(b)
    variance_a, variance_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    covariance = blur(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    similar = (2 * mean_a * mean_b + c1) * (2 * covariance + c2) / ((mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2))
    return float(similar.mean())


def box_reduce(rgb: np.ndarray, scale: int) -> np.ndarray:
    """The box mean of each scale × scale block, scale ≤ 16, any number of channels: Pillow's `Image.reduce(scale)`, bit for bit.

    That is ⌊(sum + ⌊s²/2⌋) / s²⌋, but ⌊(sum + ⌊s²/2⌋ − 1) / s²⌋ where s² is no power of two: Pillow multiplies by a rounded-down 1/s².
    Of uint16, which Pillow does not reduce in colour, it is the mean, rounded, halves upwards: ⌊(sum + ⌊s²/2⌋) / s²⌋.
    """
    area = scale**2
    wide = rgb.dtype == np.uint16
    half = area // 2 - (not wide and area & (area - 1) != 0)
    height, width, channels = rgb.shape[0] // scale, rgb.shape[1] // scale, rgb.shape[2]
    small = np.empty((height, width, channels), rgb.dtype)
    for rows in split_into_bands(height, BAND):
        block = rgb[rows.start * scale : rows.stop * scale].reshape(-1, scale, width * scale * channels)
        tall = block.sum(1, dtype=np.uint32 if wide else np.uint16).reshape(-1, width, scale, channels)
        small[rows] = (sum(tall[:, :, k] for k in range(scale)) + half) // area
    return small


def lr_psnr(small: np.ndarray, again: np.ndarray) -> float:
    """PSNR in dB over all RGB values between a photo and its reduced enlargement (NTIRE 2021); infinite where they are equal."""
    squares = sum(int(((small[rows].astype(np.int32) - again[rows]) ** 2).sum()) for rows in split_into_bands(len(small), BAND))
    return 10 * math.log10(255**2 * small.size / squares) if squares else math.inf


def lab(rgb: np.ndarray) -> np.ndarray:
    """sRGB uint8 (…, 3) → CIELAB float32 (…, 3): L* in [0, 100]; D65, 2°. Greys have a* = b* = 0: white is the sum of the primaries."""
    xyz = SRGB_TO_LINEAR[rgb] @ (LINEAR_TO_XYZ / LINEAR_TO_XYZ.sum(1, keepdims=True)).T.astype(np.float32)
    x, y, z = np.moveaxis(np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def ciede2000(lab_a: np.ndarray, lab_b: np.ndarray) -> np.ndarray:
    """Colour difference ΔE00 of CIELAB colours (…, 3) → (…); about 1 can just be seen. Sharma, Wu, Dalal, 2005; kL = kC = kH = 1."""
    (l1, a1, b1), (l2, a2, b2) = np.moveaxis(lab_a, -1, 0), np.moveaxis(lab_b, -1, 0)
    mean7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    stretch = 1.5 - np.sqrt(mean7 / (mean7 + 25**7)) / 2
    c1, c2 = np.hypot(a1 * stretch, b1), np.hypot(a2 * stretch, b2)
    h1, h2 = np.arctan2(b1, a1 * stretch), np.arctan2(b2, a2 * stretch)
    turn = h2 - h1
    turn = np.where(np.abs(turn) > np.pi, turn - np.copysign(2 * np.pi, turn), turn)
    hue = (h1 + turn / 2) % (2 * np.pi)  # the paper treats greys apart, but without chroma every term with a hue is zero
    chroma, off = (c1 + c2) / 2, ((l1 + l2) / 2 - 50) ** 2
    t = 1 - 0.17 * np.cos(hue - np.pi / 6) + 0.24 * np.cos(2 * hue) + 0.32 * np.cos(3 * hue + np.pi / 30)
    t -= 0.20 * np.cos(4 * hue - np.pi * 63 / 180)
    lightness = (l2 - l1) / (1 + 0.015 * off / np.sqrt(20 + off))
    saturation = (c2 - c1) / (1 + 0.045 * chroma)
    tone = 2 * np.sqrt(c1 * c2) * np.sin(turn / 2) / (1 + 0.015 * chroma * t)
    blue = np.exp(-(((np.degrees(hue) - 275) / 25) ** 2)) * np.pi / 3
    rotation = -2 * np.sqrt(chroma**7 / (chroma**7 + 25**7)) * np.sin(blue)
    return np.sqrt(np.maximum(lightness**2 + saturation**2 + tone**2 + rotation * saturation * tone, 0))


def delta_e(small: np.ndarray, again: np.ndarray) -> np.ndarray:
    """ΔE00 at each pixel of the photo, float32 (H, W)."""
    difference = np.zeros(small.shape[:2], np.float32)
    for rows in split_into_bands(len(small), BAND):
        changed = (small[rows] != again[rows]).any(-1)
        difference[rows][changed] = ciede2000(lab(small[rows][changed]), lab(again[rows][changed]))
    return difference


def find_white(rgb: np.ndarray) -> np.ndarray:
    """bool (H, W): the pure white pixels of rgb uint8 (H, W, 3)."""
    return rgb[:, :, 0] & rgb[:, :, 1] & rgb[:, :, 2] == 255


def white_kept(small: np.ndarray, again: np.ndarray) -> float:
    """The share of the photo's pure white pixels that are pure white again, in [0, 1]; 1 where it has none."""
    before = find_white(small)
    return float(find_white(again)[before].mean()) if before.any() else 1.0


def shift(small: np.ndarray, again: np.ndarray) -> tuple[float, float]:
    """(dy, dx): how far `again` lies below and to the right of the photo, in its pixels, to 0.01, at most ±8.

    Phase correlation of the middle (1024² at most), Hann-windowed, its peak found by evaluating the inverse Fourier transform on
    ever finer grids (Guizar-Sicairos, Thurman, Fienup, Optics Letters 2008). Where nothing tells, as in a flat picture: 0.
    """
    height, width = (min(side, 1024) for side in small.shape[:2])
    top, left = (small.shape[0] - height) // 2, (small.shape[1] - width) // 2
    window = np.outer(np.hanning(height + 2)[1:-1], np.hanning(width + 2)[1:-1])

    def spectrum(rgb: np.ndarray) -> np.ndarray:
        y = luma(rgb[top : top + height, left : left + width])
        return np.fft.rfft2((y - y.mean()) * window)

    down, across = np.fft.fftfreq(height), np.fft.rfftfreq(width)
    low = np.hypot(down[:, None], across) <= LOW
    cross = spectrum(again) * spectrum(small).conj()
    cross *= low / (np.abs(cross) + NOISE * (window**2).sum()) / low.sum()
    dy = dx = 0.0
    for step, reach in ((1, FARTHEST), (0.1, 10), (0.01, 10)):
        steps = step * np.arange(-reach, reach + 1)
        rows = np.exp(2j * np.pi * np.outer(dy + steps, down))
        columns = np.exp(2j * np.pi * np.outer(across, dx + steps))
        peak = (rows @ cross @ columns).real - NEAREST_WINS * np.add.outer(steps**2, steps**2)
        y, x = np.unravel_index(peak.argmax(), peak.shape)
        dy, dx = float(dy + steps[y]), float(dx + steps[x])
    return round(dy, 2), round(dx, 2)


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
    """What `rgb` shows beside the Lanczos enlargement of `small`: nothing where a photo is `hidden`, bool (H, W)."""
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


def cast(small: np.ndarray, again: np.ndarray) -> float:
    """Colour cast, levels of 255: the largest |mean of again − small| over windows of 32 × 32 pixels and R, G, B."""
    return max((float(found.max()) for found in casts(small, again, 0.25) if found.size), default=0.0)


def common_cast(small: np.ndarray, again: np.ndarray) -> float:
    """Colour cast that three quarters of the windows of `cast` have in R, G or B, levels of 255: so none of edges that became steeper.

    0 where fewer than a quarter of the picture's windows tell: writing on white is nothing but edges.
    """
    height, width = (max(1, side // 16 - 1) for side in small.shape[:2])
    telling = (found for found in casts(small, again, 0.5) if 4 * found.size >= height * width)
    return max((float(np.quantile(found, 0.25)) for found in telling), default=0.0)


def casts(small: np.ndarray, again: np.ndarray, least: float) -> list[np.ndarray]:
    """Of R, G and B, float32 (N,): |mean of again − small| in each window of 32 × 32 pixels that tells.

    Only values that are not clipped count, those from 5 to 250. They must be `least` of the window, 0 to 1.
    """
    before, after = (torch.from_numpy(rgb.astype(np.float32)).permute(2, 0, 1)[None] for rgb in (small, again))
    counted = ((before >= 5) & (before <= 250)).float()
    window = [min(32, side) for side in small.shape[:2]]
    step = [max(1, side // 2) for side in window]
    means, shares = (F.avg_pool2d(x, window, step)[0].flatten(1) for x in ((after - before) * counted, counted))
    return [(mean.abs() / share.clamp_min(1e-6))[share >= least].numpy() for mean, share in zip(means, shares, strict=True)]


def find_busiest(rgb: np.ndarray, side: int) -> tuple[int, int]:
    """(top, left) of the window of `side` pixels with the most change between neighbours in the green channel; step: half a window."""
    green = rgb[:, :, 1].astype(np.float32)
    change = np.abs(np.diff(green, axis=0, append=green[-1:])) + np.abs(np.diff(green, axis=1, append=green[:, -1:]))
    tops, lefts = (range(0, max(1, length - side + 1), side // 2) for length in green.shape)
    return max(product(tops, lefts), key=lambda place: change[place[0] : place[0] + side, place[1] : place[1] + side].mean())
