"""Figures on the progress of a network in training, for its log."""

from torch import Tensor


def mean_psnr(result: Tensor, target: Tensor) -> float:
    """dB over all channels, the mean over the pictures; both (N, 3, H, W) in [0, 1]."""
    return (-10 * (result - target).square().mean((1, 2, 3)).log10()).mean().item()


def crispness(result: Tensor, target: Tensor) -> float:
    """Mean absolute difference between neighbours in a row and in a column, over the target's."""
    found, wanted = (p.diff(dim=2).abs().mean() + p.diff(dim=3).abs().mean() for p in (result, target))
    return (found / wanted).item()
