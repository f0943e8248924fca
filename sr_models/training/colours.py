"""Colours in training: CIELAB and colour tables that gradients pass through, soft histograms, and what a table should not do."""

import torch
import torch.nn.functional as F
from torch import Tensor

from sr_models.figures.quality import LINEAR_TO_XYZ

TO_XYZ = torch.from_numpy(LINEAR_TO_XYZ / LINEAR_TO_XYZ.sum(1, keepdims=True)).float()
BRIGHT, TINTED = (0.0, 100.0, 26), (-60.0, 60.0, 13)
"""(from, to, bins) of L*, and of a* and b*."""


def to_lab(rgb: Tensor) -> Tensor:
    """sRGB (N, 3, H, W) in [0, 1] → CIELAB (N, 3, H, W), as `quality.lab` has it."""
    value = rgb.clamp(0, 1)
    linear = torch.where(value <= 0.04045, value / 12.92, ((value.clamp_min(0.04) + 0.055) / 1.055) ** 2.4)
    xyz = torch.einsum("ij,njhw->nihw", TO_XYZ.to(rgb), linear)
    x, y, z = torch.where(xyz > (6 / 29) ** 3, xyz.clamp_min(1e-3) ** (1 / 3), xyz * (29 / 6) ** 2 / 3 + 4 / 29).unbind(1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], 1)


def distance(a: Tensor, b: Tensor) -> Tensor:
    """Mean ΔE76 of sRGB pictures (N, 3, H, W) in [0, 1]; a little rounded at 0, where it would have no slope."""
    return ((to_lab(a) - to_lab(b)).square().sum(1) + 0.01).sqrt().mean()


def repaint(rgb: Tensor, backdrop: Tensor, tables: Tensor) -> Tensor:
    """rgb (N, 3, H, W) in [0, 1] with the changes of a look's tables, as `LookNetwork` gives them, in [0, 1]: linear along each channel."""
    place = 2 * rgb.permute(0, 2, 3, 1)[:, None] - 1  # grid_sample looks up by (x, y, z): red is to be the last axis
    behind, product = (
        F.grid_sample(table.permute(0, 4, 3, 2, 1), place, align_corners=True, padding_mode="border")[:, :, 0] for table in tables.unbind(1)
    )
    return (rgb + product.lerp(behind, backdrop)).clamp(0, 1)


def bend(tables: Tensor) -> Tensor:
    """Mean square of the second differences of tables (N, 2, S, S, S, 3), in levels of 255: 0 where a change is even."""
    return sum((255 * tables).diff(n=2, dim=dim).square().mean() for dim in (2, 3, 4)) / 255  # pyright: ignore[reportReturnType]


def turn_back(tables: Tensor) -> Tensor:
    """By how much tables (N, 2, S, S, S, 3) let a channel fall where it rises itself, or where greys get lighter: levels, 0 is none."""
    step = 255 / (tables.shape[2] - 1)
    falls = [F.relu(-step - 255 * tables[..., channel].diff(dim=2 + channel)).mean() for channel in range(3)]
    greys = torch.stack([tables[:, :, i, i, i] for i in range(tables.shape[2])], 2)
    return sum(falls) + F.relu(-step - 255 * greys.diff(dim=2)).mean()


def describe_colours(lab: Tensor, where: Tensor) -> Tensor:
    """(N, 3, H, W) and shares (N, 1, H, W) → (N, F): a histogram of L*, one of a* and b*, means and deviations. Gradients pass through."""
    count = where.sum((2, 3)).clamp_min(1)
    bright, green_red, blue_yellow = (
        spread(plane.flatten(1), bins) for plane, bins in zip(lab.unbind(1), (BRIGHT, TINTED, TINTED), strict=True)
    )
    share = where.flatten(1) / count
    lightness = torch.einsum("np,npk->nk", share, bright)
    tint = torch.einsum("np,npi,npj->nij", share, green_red, blue_yellow)
    mean = (lab * where).sum((2, 3)) / count
    deviation = (((lab - mean[:, :, None, None]).square() * where).sum((2, 3)) / count + 1e-4).sqrt()
    return torch.cat([4 * lightness, 4 * tint.flatten(1), mean / 20, deviation / 10], 1)


def spread(values: Tensor, bins: tuple[float, float, int]) -> Tensor:
    """(N, P) → (N, P, bins): how much of each value falls into each bin, by its distance to the bin's middle; 1 in all."""
    low, high, count = bins
    middles = torch.linspace(low, high, count, device=values.device)
    return F.relu(1 - (values.clamp(low, high)[..., None] - middles).abs() / ((high - low) / (count - 1)))


FEATURES = BRIGHT[2] + TINTED[2] ** 2 + 6
"""That `describe_colours` gives."""
