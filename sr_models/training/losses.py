"""What a result is compared by, while training."""

import torch
from torch import Tensor


def charbonnier(result: Tensor, target: Tensor) -> Tensor:
    """Mean of √(d² + 0.001²): L1 with a rounded corner (Lai et al., LapSRN, CVPR 2017)."""
    return ((result - target).square() + 1e-6).sqrt().mean()


def mse(result: Tensor, target: Tensor) -> Tensor:
    return (result - target).square().mean()


def hinge_for_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    return torch.relu(1 - real).mean() + torch.relu(1 + fake).mean()
