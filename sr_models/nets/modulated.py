"""Compact with a detail map: a gain and a shift in every block (Perez et al., FiLM, AAAI 2018), and a head for detail."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sr_models.nets import DetailNetwork
from sr_models.nets.compact import Compact, CompactConfig


@dataclass(frozen=True)
class ModulatedConfig:
    """The body of `Compact` with a long skip over a bilinear one; `edge` pixels are repeated around the picture, as there."""

    features: int
    convs: int
    scale: int
    edge: int = 0

    @property
    def halo(self) -> int:
        return self.convs + 2

    def build(self) -> "Modulated":
        return Modulated(self)


class Modulated(DetailNetwork):
    """result = base + detail · head. Without detail nothing is modulated and the network is its CNN, weight for weight."""

    def __init__(self, config: ModulatedConfig):
        super().__init__()
        self.config = config
        width = config.features
        self.head = nn.Conv2d(width, 3 * config.scale**2, 3, padding=1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)  # pyright: ignore[reportArgumentType]
        self.body = Compact(CompactConfig(width, config.convs, config.scale)).body
        self.gain = nn.Parameter(torch.zeros(config.convs, width, 1, 1))
        self.shift = nn.Parameter(torch.zeros(config.convs, width, 1, 1))

    def lower_precision(self, dtype: torch.dtype) -> None:
        self.body[:-1].to(dtype)
        self.gain.data, self.shift.data = self.gain.data.to(dtype), self.shift.data.to(dtype)

    @torch.no_grad()
    def stretch(self, times: float) -> None:
        """Make the dial so many times as long: what was done at t = times is done at t = 1. Gain, shift and head are linear in t."""
        for part in (self.gain, self.shift, *self.head.parameters()):
            part.mul_(times)

    def forward(self, x: Tensor, detail: Tensor) -> Tensor:
        edge = (self.config.edge,) * 4
        x, detail = F.pad(x, edge, mode="replicate"), F.pad(detail, edge, mode="replicate")
        enlarged = F.interpolate(x, scale_factor=self.config.scale, mode="bilinear", align_corners=False)
        first = self.body[1](self.body[0](x.to(self.gain.dtype)))
        features = first
        for gain, shift, conv, slope in zip(self.gain, self.shift, self.body[2:-1:2], self.body[3:-1:2], strict=True):
            features = conv(features)
            gain, shift, t = (part.to(features.dtype) for part in (gain, shift, detail))
            features = slope(torch.addcmul(features, t, features * gain + shift))
        features = (features + first).float()
        result = F.pixel_shuffle(self.body[-1](features) + detail * self.head(features), self.config.scale) + enlarged
        cut = self.config.edge * self.config.scale
        return result[:, :, cut : result.shape[2] - cut, cut : result.shape[3] - cut]
