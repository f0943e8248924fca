"""Figures of a result: how close to its original, as benchmarks measure it; and, without an original, how true to its photo.

Everywhere below, `small` is a photo, uint8 (H, W, 3) in sRGB, `rgb` its enlargement, uint8 (H·scale, W·scale, 3), and `again` the
enlargement reduced to the photo's size: `box_reduce(rgb, scale)`.
"""

import math
from itertools import product

import numpy as np
import torch
import torch.nn.functional as F

from sr_models.profiles import decode_srgb
from sr_models.tiles import split_into_bands
from sr_models.windows import gaussian

STUDIO_LUMA = np.array([65.481, 128.553, 24.966]) / 255
"""Weights of R, G, B in Y of BT.601 studio range."""
BAND = 32  # rows of the photo worked on at once, so that a measure of a large picture needs little memory

SRGB_TO_LINEAR = decode_srgb(np.arange(256) / 255).astype(np.float32)
"""The light of each of the 256 levels, in [0, 1]."""
LINEAR_TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
"""sRGB primaries, D65, 2° observer."""

FARTHEST = 8  # pixels
LOW = 0.25  # cycles a pixel: above it, what aliasing folded back moves differently from the picture
NOISE = 25.0  # levels²: frequencies weaker than noise and compression of this variance hardly count
NEAREST_WINS = 1e-4  # of the highest possible peak, for each pixel²: decides where a flat or striped picture fits everywhere


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
