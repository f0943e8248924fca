"""What a result is compared by, while training."""

import torch
from torch import Tensor


def charbonnier(result: Tensor, target: Tensor) -> Tensor:
    """Mean of √(d² + 0.001²): L1 with a rounded corner (Lai et al., LapSRN, CVPR 2017)."""
    return ((result - target).square() + 1e-6).sqrt().mean()


def mse(result: Tensor, target: Tensor) -> Tensor:
    """Mean squared error in which every crop counts alike, as in a mean of PSNRs: else the busiest crops alone would decide."""
    errors = (result - target).square().mean((1, 2, 3))
    return (errors * (errors.mean() / errors.clamp_min(1e-7)).detach()).mean()


def hinge_for_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    return torch.relu(1 - real).mean() + torch.relu(1 + fake).mean()
