"""Figures on the progress of a network in training, for its log."""

import torch.nn.functional as F
from torch import Tensor

from sr_models.figures.crispness import gradient_length


def mean_psnr(result: Tensor, target: Tensor) -> float:
    """dB over all channels, the mean over the pictures; both (N, 3, H, W) in [0, 1]."""
    return (-10 * (result - target).square().mean((1, 2, 3)).log10()).mean().item()


def crispness(result: Tensor, target: Tensor) -> float:
    """Mean absolute difference between neighbours in a row and in a column, over the target's."""
    found, wanted = (p.diff(dim=2).abs().mean() + p.diff(dim=3).abs().mean() for p in (result, target))
    return (found / wanted).item()


def edge_ratio(result: Tensor, target: Tensor) -> float:
    """Gradient on the target's 5 % steepest pixels, over the target's."""
    found, wanted = (255 * p.mean(1, keepdim=True) for p in (result, target))
    found, wanted = (gradient_length(p) for p in (found, wanted))
    steep = wanted > wanted.flatten()[::97].quantile(0.95)
    return (found[steep].mean() / wanted[steep].mean()).item()


def roughness(result: Tensor, target: Tensor) -> float:
    """|Laplacian| on the target's calm grounds, where its 9×9 range is below 16 levels, over the target's: grain."""
    found, wanted = (255 * p.mean(1, keepdim=True) for p in (result, target))
    calm = (F.max_pool2d(wanted, 9, 1, 4) + F.max_pool2d(-wanted, 9, 1, 4) < 16)[:, :, 1:-1, 1:-1]
    found, wanted = (F.conv2d(p, p.new_tensor([[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]])[None, None]).abs() for p in (found, wanted))
    return (found[calm].mean() / wanted[calm].mean()).item()
