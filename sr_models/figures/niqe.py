"""NIQE: how far a picture is from natural photos, without an original (Mittal, Soundararajan, Bovik, IEEE Signal Processing Letters 2013).

As the authors' MATLAB program and BasicSR compute it: luma rounded to whole levels, patches of 96×96 at two sizes of the picture.
What natural photos are like, `niqe.safetensors` holds: the mean and covariance of the authors' NIQE release of 2012 (LIVE, The
University of Texas at Austin; copyright notice in the file's metadata), taken over from BasicSR (Apache-2.0).
"""

from functools import reduce
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file

from sr_models.figures.quality import luma
from sr_models.nets.resample import kernel_value

NATURAL = Path(__file__).with_suffix(".safetensors")
PATCH = 96
WINDOW = np.exp(-0.5 * (np.arange(-3, 4) / (7 / 6)) ** 2)
WINDOW /= WINDOW.sum()
"""Gaussian, 7 pixels, σ 7/6: contrast is measured against the mean in it."""
HALVING = np.array([kernel_value("bicubic", (k - 3.5) / 2) / 2 for k in range(8)])
NOTHING = 1e-6  # levels: what is left of a flat area by the rounding of the processor
SHAPES = np.arange(0.2, 10.001, 0.001)


def niqe(rgb: np.ndarray) -> float:
    """rgb uint8 (H, W, 3) → 0 or more, lower is more natural: photos have about 3. Rows and columns past the last patch do not count.

    Raises ValueError for a picture without two patches of 96×96 pixels with texture. Flat areas, a white background say, are exactly flat
    here; in other programs rounding decides what they add, and the values differ: compare results of one photo only.
    """
    rows, columns = rgb.shape[0] // PATCH, rgb.shape[1] // PATCH
    too_few = ValueError(f"NIQE needs two patches of {PATCH}×{PATCH} pixels with texture; {rgb.shape[1]}×{rgb.shape[0]} pixels have fewer.")
    if rows * columns < 2:
        raise too_few
    y = np.empty((rows * PATCH, columns * PATCH), np.float32)
    for top in range(0, len(y), PATCH):
        y[top : top + PATCH] = np.rint(luma(rgb[top : top + PATCH, : columns * PATCH]))
    features = np.hstack([patch_features(y, PATCH), patch_features(halve(y), PATCH // 2)])
    textured = features[~np.isnan(features).any(1)]
    if len(textured) < 2:
        raise too_few
    natural = load_file(NATURAL)
    distance = natural["mu_prisparam"].ravel() - np.nanmean(features, 0)
    spread = (natural["cov_prisparam"] + np.cov(textured, rowvar=False)) / 2
    return float(np.sqrt(distance @ np.linalg.pinv(spread) @ distance))


def halve(y: np.ndarray) -> np.ndarray:
    """y float32 (H, W), both even → (H/2, W/2): MATLAB's imresize(y, 0.5) of floating-point numbers."""
    padded = np.pad(y, 3, mode="symmetric")
    half = np.empty((len(y) // 2, y.shape[1] // 2), np.float32)
    for top in range(0, len(half), PATCH):
        half[top : top + PATCH] = filter_separably(padded[2 * top : 2 * (top + PATCH) + 6], HALVING, 2)
    return half


def filter_separably(x: np.ndarray, taps: np.ndarray, step: int = 1) -> np.ndarray:
    """x (H, W) filtered by `taps` along rows and columns, at every `step`-th position where all taps lie inside → float64."""
    for _ in range(2):
        last = len(x) - len(taps)
        x = reduce(np.add, (tap * x[k : k + last + 1 : step] for k, tap in enumerate(taps))).T
    return x


def patch_features(y: np.ndarray, side: int) -> np.ndarray:
    """y float32 (rows·side, columns·side) → (rows·columns, 18) float64: how each patch and the products of neighbours are distributed."""
    padded = np.pad(y, 3, mode="edge")
    return np.vstack([band_features(padded[top : top + side + 6], side) for top in range(0, len(y), side)])


def band_features(band: np.ndarray, side: int) -> np.ndarray:
    """band (side + 6, columns·side + 6) → (columns, 18); NaN where a patch is flat."""
    band = band.astype(np.float64)
    mean = filter_separably(band, WINDOW)
    contrast = band[3:-3, 3:-3] - mean
    contrast[np.abs(contrast) < NOTHING] = 0
    contrast /= np.sqrt(np.abs(filter_separably(band**2, WINDOW) - mean**2)) + 1
    patches = contrast.reshape(side, -1, side).swapaxes(0, 1)
    shape, left, right, _ = aggd(patches)
    features = [shape, (left + right) / 2]
    for neighbour in ((0, 1), (1, 0), (1, 1), (1, -1)):
        shape, left, right, mean = aggd(patches * np.roll(patches, neighbour, (1, 2)))
        features += [shape, mean, left, right]
    return np.stack(features, 1)


def aggd(patches: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(N, h, w) → shape α, scales βl and βr, mean η, (N,) each, of an asymmetric generalised Gaussian (Lasmar, Stitou, Berthoumieu, 2009).

    By moments: α is the entry of a table whose ratio of moments comes nearest; the smallest, as in the authors' program, where all is NaN.
    """
    x = patches.reshape(len(patches), -1)
    squares = x**2
    with np.errstate(invalid="ignore", divide="ignore"):
        left, right = (np.sqrt((squares * side).sum(1) / side.sum(1)) for side in (x < 0, x > 0))
        skew = left / right
        ratio = np.abs(x).mean(1) ** 2 / squares.mean(1) * (skew**3 + 1) * (skew + 1) / (skew**2 + 1) ** 2
    one, two, three = (torch.lgamma(torch.from_numpy(k / SHAPES)).numpy() for k in (1, 2, 3))
    table = np.exp(2 * two - one - three)
    nearest = np.searchsorted((table[1:] + table[:-1]) / 2, np.nan_to_num(ratio))
    scale = np.exp((one - three)[nearest] / 2)
    left, right = left * scale, right * scale
    return SHAPES[nearest], left, right, (right - left) * np.exp((two - one)[nearest])
