"""A CNN and a branch that draws detail on top, as much as a map asks for: gain and shift in each block (FiLM, Perez et al., AAAI 2018)."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sr_models.nets import DetailNetwork
from sr_models.nets.compact import CompactConfig, hidden


@dataclass(frozen=True)
class ModulatedConfig:
    """`cnn`, which has no edge, with a branch of `blocks` convolutions, as wide as its features."""

    cnn: CompactConfig
    blocks: int

    @property
    def scale(self) -> int:
        return self.cnn.scale

    @property
    def halo(self) -> int:
        return self.cnn.halo + self.blocks + 1

    def build(self) -> "Modulated":
        return Modulated(self)


class Modulated(DetailNetwork):
    """result = CNN + detail · branch.

    What the branch draws is alike in the three channels, and averages to nothing over each pixel of the photo (it lies in the null
    space of the box reduction): it moves no colour, and reduced again every result is what the CNN's is. Without detail the result
    is the CNN's, bit for bit. The branch repeats the border: it would answer zeros there with texture.
    """

    def __init__(self, config: ModulatedConfig):
        super().__init__()
        self.config = config
        width = config.cnn.features
        self.cnn = config.cnn.build()
        self.blocks = nn.ModuleList(nn.Sequential(hidden(width, "replicate"), nn.PReLU(width)) for _ in range(config.blocks))
        self.gain = nn.Parameter(torch.zeros(config.blocks, width, 1, 1))
        self.shift = nn.Parameter(torch.zeros(config.blocks, width, 1, 1))
        self.head = nn.Conv2d(width, config.scale**2, 3, padding=1, padding_mode="replicate")
        with torch.no_grad():
            self.head.weight.mul_(0.1)

    def lower_precision(self, dtype: torch.dtype) -> None:
        self.cnn.lower_precision(dtype)
        self.blocks.to(dtype)
        self.gain.data, self.shift.data = self.gain.data.to(dtype), self.shift.data.to(dtype)

    def forward(self, x: Tensor, detail: Tensor) -> Tensor:
        result, features = self.cnn.with_features(x)
        if not self.training and not detail.any():
            return result
        t, features = detail.to(self.gain.dtype), features.to(self.gain.dtype)
        for (convolution, slope), gain, shift in zip(self.blocks, self.gain, self.shift, strict=True):  # pyright: ignore
            features = convolution(features)
            features = slope(torch.addcmul(features, t, features * gain + shift))
        drawn = self.head(features.float())
        return result + F.pixel_shuffle(detail * (drawn - drawn.mean(1, keepdim=True)), self.config.scale)
