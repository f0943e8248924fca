"""Several enlargements of one view: what is to be added to their mean.

What the network makes of each shot is averaged as the enlargements are (Zaheer et al., Deep Sets, NeurIPS 2017): their order does not
matter, and a shot counts in a place exactly as far as it is believed there.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sr_models.nets import FusionNetwork, Known
from sr_models.nets.edsr import Block

LOUDER = 8.0  # differences between shots are small beside the levels of the photo


@dataclass(frozen=True)
class FusionConfig:
    features: int
    blocks: int
    scale: int

    @property
    def halo(self) -> int:
        """Two convolutions for each shot, one in front of the blocks, two a block, and the last."""
        return 2 * self.blocks + 4

    def build(self) -> "Fusion":
        return Fusion(self)


class Fusion(FusionNetwork):
    def __init__(self, config: FusionConfig):
        super().__init__()
        self.config = config
        width, large = config.features, 3 * config.scale**2
        self.first = nn.Conv2d(large, width, 3, padding=1)
        self.first_shot = nn.Conv2d(large + 5, width, 3, padding=1, bias=False)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        self.join = nn.Conv2d(width + large + 1, width, 3, padding=1)
        self.blocks = nn.ModuleList(Block(width) for _ in range(config.blocks))
        self.last = nn.Conv2d(width, large, 3, padding=1)
        with torch.no_grad():
            for name, value in self.named_parameters():
                if name.endswith("conv2.weight"):
                    value.mul_(0.1)
            for value in self.last.parameters():  # starts at the mean
                value.zero_()

    def lower_precision(self, dtype: torch.dtype) -> None:
        """Not this one: beside the CNN, which runs for every shot, it takes little time."""

    def encode(self, context: Tensor, difference: Tensor, believed: Tensor, phase: Tensor) -> Tensor:
        """What the network makes of a shot, (N, features, H, W), from how it differs from the first one."""
        seen = self.first_shot(torch.cat([LOUDER * difference, believed, phase], 1))
        return F.relu(self.second(F.relu(context + seen)))

    def begin(self, rgb: Tensor) -> Known:
        reference = F.pixel_unshuffle(rgb, self.config.scale)
        everywhere = torch.ones_like(reference[:, :1])
        phase = everywhere * everywhere.new_tensor([0.0, 1, 0, 1])[:, None, None]
        context = self.first(reference - 0.5)
        return Known(reference, context, self.encode(context, torch.zeros_like(reference), everywhere, phase), everywhere)

    def add(self, known: Known, rgb: Tensor, believed: Tensor, places: Tensor) -> Known:
        difference = F.pixel_unshuffle(rgb, self.config.scale) - known.reference
        features = self.encode(known.context, difference, believed, find_phase(places))
        return known._replace(features=known.features + believed * features, weight=known.weight + believed)

    def finish(self, known: Known, mean: Tensor) -> Tensor:
        joined = [known.features / known.weight, F.pixel_unshuffle(mean, self.config.scale) - 0.5, known.weight.log2()]
        first = f = F.relu(self.join(torch.cat(joined, 1)))
        for block in self.blocks:
            f = block(f)
        believed = (known.weight - 1).clamp_max(1)  # 1 where one other shot is, or several together are
        found = self.last(f + first) * believed.square()
        return F.pixel_shuffle(found, self.config.scale)


def find_phase(places: Tensor) -> Tensor:
    """places (N, 2, H, W), (x, y) on a shot in its pixels, 0 the centre of one → (N, 4, H, W): where between its pixels they lie."""
    turned = 2 * torch.pi * places
    return torch.stack([turned.sin(), turned.cos()], 2).flatten(1, 2)
