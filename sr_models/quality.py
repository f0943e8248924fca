"""How close a result is to its original: PSNR and SSIM by the convention of the published benchmarks."""

import math

import numpy as np
import torch
import torch.nn.functional as F


def luma(rgb: np.ndarray) -> np.ndarray:
    """rgb uint8 (H, W, 3) → Y of BT.601 studio range, float64 (H, W) in [16, 235]: MATLAB's rgb2ycbcr before its rounding."""
    return 16 + rgb.astype(np.float64) @ np.array([65.481, 128.553, 24.966]) / 255


def shaved(picture: np.ndarray, pixels: int) -> np.ndarray:
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
    axis = torch.arange(11, dtype=torch.float64) - 5
    window = torch.exp(-(axis**2) / (2 * 1.5**2))
    window = window / window.sum()

    def blur(x: torch.Tensor) -> torch.Tensor:
        return F.conv2d(F.conv2d(x[None, None], window[None, None, :, None]), window[None, None, None, :])[0, 0]

    a, b = (torch.from_numpy(np.asarray(x, dtype=np.float64)) for x in (result, original))
    mean_a, mean_b = blur(a), blur(b)
    variance_a, variance_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    covariance = blur(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    similar = (2 * mean_a * mean_b + c1) * (2 * covariance + c2) / ((mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2))
    return float(similar.mean())


def reduced(rgb: np.ndarray, scale: int) -> np.ndarray:
    """rgb uint8 (H·s, W·s, C) → uint8 (H, W, C): the s×s box mean as `PIL.Image.reduce(s)` rounds it.

    With K = s², that is ⌊(sum + ⌊K/2⌋) · ⌊2²⁴/K⌋ / 2²⁴⌋: a half goes up, and for K = 9, 25, … the last sum of a value too.
    """
    height, width, channels = rgb.shape
    blocks = rgb.reshape(height // scale, scale, width // scale, scale, channels)
    sums = np.full((height // scale, width // scale, channels), scale * scale // 2, np.uint32)
    for y in range(scale):
        for x in range(scale):
            sums += blocks[:, y, :, x]
    return (sums * np.uint32(2**24 // scale**2) >> 24).astype(np.uint8)
