"""What a result is compared by, while training."""

from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor


def charbonnier(result: Tensor, target: Tensor) -> Tensor:
    """Mean of √(d² + 0.001²): L1 with a rounded corner (Lai et al., LapSRN, CVPR 2017)."""
    return ((result - target).square() + 1e-6).sqrt().mean()


def charbonnier_fft(result: Tensor, target: Tensor) -> Tensor:
    """`charbonnier` + 0.05 · mean absolute difference of the two spectra, real and imaginary parts (Sun et al., SAFMN, ICCV 2023)."""
    spectra = torch.view_as_real(torch.fft.rfft2(result) - torch.fft.rfft2(target))
    return charbonnier(result, target) + 0.05 * spectra.abs().mean()


def mse(result: Tensor, target: Tensor) -> Tensor:
    """Mean squared error in which every crop counts alike, as in a mean of PSNRs: else the busiest crops alone would decide."""
    errors = (result - target).square().mean((1, 2, 3))
    return (errors * (errors.mean() / errors.clamp_min(1e-7)).detach()).mean()


def local_spectrum(result: Tensor, target: Tensor) -> Tensor:
    """How far the strength of each frequency is off around each place, whatever its phase: crispness without a claim where.

    Mean absolute difference of 8×8 DCT magnitudes of the luma (63 without the mean), pooled over neighbouring blocks, each
    frequency relative to its mean strength in the targets.
    """
    basis = dct_basis().to(result)

    def strength(rgb: Tensor) -> Tensor:
        luma = (rgb * rgb.new_tensor([0.299, 0.587, 0.114])[:, None, None]).sum(1, keepdim=True)
        return F.avg_pool2d(F.conv2d(luma, basis, stride=4).abs(), 3, 1)

    wanted = strength(target)
    usual = wanted.mean((0, 2, 3), keepdim=True) + 1e-3
    return ((strength(result) - wanted).abs() / usual).mean()


@cache
def dct_basis() -> Tensor:
    """(63, 1, 8, 8): the two-dimensional DCT-II, orthonormal, without the constant."""
    place, frequency = torch.arange(8) + 0.5, torch.arange(8)[:, None]
    waves = torch.cos(torch.pi * frequency * place / 8) * torch.where(frequency == 0, 1 / 8, 1 / 4).sqrt()
    return torch.einsum("uy,vx->uvyx", waves, waves).reshape(64, 1, 8, 8)[1:]


def hinge_for_discriminator(real: Tensor, fake: Tensor, weight: Tensor) -> Tensor:
    """Miyato et al., ICLR 2018; `weight` is how much each place counts."""
    return (weight * (torch.relu(1 - real) + torch.relu(1 + fake))).mean()


def artefacts(result: Tensor, calm: Tensor, target: Tensor) -> Tensor:
    """Absolute error where the result looks more like an artefact than like texture (after Liang et al., LDL, CVPR 2022).

    There the error spreads within 7×7 pixels, and is larger than that of `calm`, the same without detail.
    """
    error = (result.detach() - target).abs().sum(1, keepdim=True)
    usual = (calm - target).abs().sum(1, keepdim=True)
    mean = F.avg_pool2d(error, 7, 1, 3)
    spread = (F.avg_pool2d(error.square(), 7, 1, 3) - mean.square()).clamp_min(0)
    weight = error.var((1, 2, 3), keepdim=True) ** 0.2 * spread * (error >= usual)
    return (weight * (result - target).abs()).mean()


def consistency(result: Tensor, calm: Tensor, scale: int) -> Tensor:
    """Mean absolute difference to the result without detail, both reduced to the photo's size: detail should not move colours."""
    return F.avg_pool2d(result - calm, scale).abs().mean()


def agreement(result: Tensor, small: Tensor, scale: int) -> Tensor:
    """Mean absolute difference between the result, reduced, and the photo: detail should agree with it, its compression noise included."""
    return (F.avg_pool2d(result, scale) - small).abs().mean()


def feature_matching(found: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """Mean absolute difference of a discriminator's layers (Tej et al., arXiv 2005.07502)."""
    return torch.stack([(a - b.detach()).abs().mean() for a, b in zip(found, wanted, strict=True)]).mean()
