"""Plain separable resampling by a whole factor (Keys 1981; Duchon 1979): the baselines, and the skip of SRCNN."""

import math
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from sr_models.nets import Network

Kernel = Literal["bicubic", "lanczos"]

RADIUS = {"bicubic": 2, "lanczos": 3}  # in input pixels


def kernel_value(kernel: Kernel, distance: float) -> float:
    """The kernel at a distance in input pixels; bicubic has a = −0.5 as in MATLAB's imresize, lanczos has 3 lobes."""
    x = abs(distance)
    if kernel == "bicubic":
        if x < 1:
            return 1.5 * x**3 - 2.5 * x**2 + 1
        return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0.0
    if x == 0:
        return 1.0
    return 3 * math.sin(math.pi * x) * math.sin(math.pi * x / 3) / (math.pi * x) ** 2 if x < 3 else 0.0


def phase_weights(kernel: Kernel, scale: int) -> Tensor:
    """(scale, 2·radius + 1) float32: how each of the `scale` output phases mixes the input pixels −radius … radius."""
    radius = RADIUS[kernel]
    offsets = [(phase + 0.5) / scale - 0.5 for phase in range(scale)]
    rows = [[kernel_value(kernel, tap - offset) for tap in range(-radius, radius + 1)] for offset in offsets]
    weights = torch.tensor(rows, dtype=torch.float64)
    return (weights / weights.sum(1, keepdim=True)).float()


def interpolate(x: Tensor, scale: int, kernel: Kernel) -> Tensor:
    """x (N, C, H, W) float32 → (N, C, H·scale, W·scale): rows, then columns; the border pixel is repeated outwards."""
    radius = RADIUS[kernel]
    weights = phase_weights(kernel, scale).to(x)
    n, c, h, w = x.shape
    x = F.pad(x.reshape(n * c, 1, h, w), (0, 0, radius, radius), mode="replicate")
    x = F.conv2d(x, weights[:, None, :, None])  # (N·C, scale, H, W)
    x = x.transpose(1, 2).reshape(n * c, 1, h * scale, w)
    x = F.pad(x, (radius, radius, 0, 0), mode="replicate")
    x = F.conv2d(x, weights[:, None, None, :])  # (N·C, scale, H·scale, W)
    return x.permute(0, 2, 3, 1).reshape(n, c, h * scale, w * scale)


@dataclass(frozen=True)
class ResampleConfig:
    """No weights: the kernel is the whole network."""

    kernel: Kernel
    scale: int

    @property
    def halo(self) -> int:
        return RADIUS[self.kernel]

    def build(self) -> "Resample":
        return Resample(self)


class Resample(Network):
    def __init__(self, config: ResampleConfig):
        super().__init__()
        self.config = config

    def lower_precision(self, dtype: torch.dtype) -> None:
        """Nothing to do: there are no weights, and the arithmetic stays float32."""

    def forward(self, x: Tensor) -> Tensor:
        return interpolate(x, self.config.scale, self.config.kernel)
