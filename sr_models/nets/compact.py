"""SRVGGNetCompact (Wang et al., Real-ESRGAN, ICCVW 2021; the "general v3" body): plain 3×3 convolutions on the small grid."""

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sr_models.nets import Network


@dataclass(frozen=True)
class CompactConfig:
    """`skip` enlarges the input that the network's output is added to; `long_skip` adds the first features to the last.

    `edge` pixels are repeated outwards before the first convolution and cut off after the last, so that the zeros with which
    the convolutions pad do not reach the picture. As published: skip "nearest", no long skip, no edge.
    """

    features: int
    convs: int
    scale: int
    skip: Literal["nearest", "bilinear"] = "nearest"
    long_skip: bool = False
    edge: int = 0

    @property
    def halo(self) -> int:
        return self.convs + 2

    def build(self) -> "Compact":
        return Compact(self)


class Compact(Network):
    def __init__(self, config: CompactConfig):
        super().__init__()
        self.config = config
        width = config.features
        layers: list[nn.Module] = [nn.Conv2d(3, width, 3, padding=1), nn.PReLU(width)]
        for _ in range(config.convs):
            hidden = nn.Conv2d(width, width, 3, padding=1)
            with torch.no_grad():  # starts near the identity, so that depth costs nothing (Zagoruyko & Komodakis, DiracNets, 2017)
                nn.init.dirac_(hidden.weight).add_(torch.randn_like(hidden.weight) * (0.5 / (27 * width) ** 0.5))
            layers += [hidden, nn.PReLU(width)]
        last = nn.Conv2d(width, 3 * config.scale**2, 3, padding=1)
        with torch.no_grad():
            last.weight.mul_(0.1)
        layers.append(last)
        self.body = nn.ModuleList(layers)

    def lower_precision(self, dtype: torch.dtype) -> None:
        self.body[:-1].to(dtype)

    def forward(self, x: Tensor) -> Tensor:
        edge = self.config.edge
        x = F.pad(x, (edge, edge, edge, edge), mode="replicate")
        enlarged = F.interpolate(x, scale_factor=self.config.scale, mode=self.config.skip)
        features = first = self.body[1](self.body[0](x.to(next(self.parameters()).dtype)))
        for layer in self.body[2:-1]:
            features = layer(features)
        if self.config.long_skip:
            features = features + first
        result = F.pixel_shuffle(self.body[-1](features.float()), self.config.scale) + enlarged
        cut = edge * self.config.scale
        return result[:, :, cut : result.shape[2] - cut, cut : result.shape[3] - cut]
