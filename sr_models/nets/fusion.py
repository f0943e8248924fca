"""Several enlargements of one view become one: their mean, and what a network adds where more than one of them is believed.

What each of the shots says is encoded and averaged as the enlargements are (Zaheer et al., Deep Sets, NeurIPS 2017): their order does not matter,
and a shot counts in a place exactly as far as it is believed there.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

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


class State(NamedTuple):
    """What is known of the shots so far."""

    reference: Tensor
    """(N, 3·scale², H, W): the enlargement of the first shot, on its own grid."""
    context: Tensor
    """(N, features, H, W): what the network makes of it."""
    total: Tensor
    """The sum of all enlargements, each as far as it is believed."""
    features: Tensor
    """(N, features, H, W): the same sum of what the network makes of each."""
    weight: Tensor
    """(N, 1, H, W): the sum of the weights; fine (N, 1, H·scale, W·scale) for `total`."""
    fine: Tensor


class Fusion(nn.Module):
    """The third contract: `begin(reference) → state`, `add(state, shot, …) → state`, `finish(state) → rgb`."""

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
            for block in self.blocks:
                block.conv2.weight.mul_(0.1)
            for value in self.last.parameters():
                value.zero_()

    def encode(self, context: Tensor, difference: Tensor, believed: Tensor, phase: Tensor) -> Tensor:
        seen = self.first_shot(torch.cat([LOUDER * difference, believed, phase], 1))
        return F.relu(self.second(F.relu(context + seen)))

    def begin(self, rgb: Tensor) -> State:
        """rgb (N, 3, H·scale, W·scale): the enlargement of the first shot."""
        reference = F.pixel_unshuffle(rgb, self.config.scale)
        everywhere = torch.ones_like(reference[:, :1])
        phase = everywhere * everywhere.new_tensor([0.0, 1, 0, 1])[:, None, None]
        context = self.first(reference - 0.5)
        features = self.encode(context, torch.zeros_like(reference), everywhere, phase)
        return State(reference, context, rgb, features, everywhere, torch.ones_like(rgb[:, :1]))

    def add(self, state: State, rgb: Tensor, believed: Tensor, phase: Tensor) -> State:
        """rgb as in `begin`, moved to where it belongs; believed (N, 1, H, W) in [0, 1]; phase (N, 4, H, W) as `phase_of` gives it."""
        difference = F.pixel_unshuffle(rgb, self.config.scale) - state.reference
        features = self.encode(state.context, difference, believed, phase)
        counted = F.interpolate(believed, scale_factor=self.config.scale, mode="bilinear")
        return State(
            state.reference,
            state.context,
            state.total + counted * rgb,
            state.features + believed * features,
            state.weight + believed,
            state.fine + counted,
        )

    def finish(self, state: State) -> tuple[Tensor, Tensor]:
        """→ (the mean of the enlargements, what is to be added to it)."""
        mean = state.total / state.fine
        known = [state.features / state.weight, F.pixel_unshuffle(mean, self.config.scale) - 0.5, state.weight.log2()]
        first = f = F.relu(self.join(torch.cat(known, 1)))
        for block in self.blocks:
            f = block(f)
        return mean, F.pixel_shuffle(self.last(f + first), self.config.scale)


def phase_of(places: Tensor) -> Tensor:
    """places (…, H, W, 2) on a shot, in pixels from the centre of one of them → (…, 4, H, W): where between its pixels they lie."""
    turned = 2 * torch.pi * places
    x, y = turned.unbind(-1)
    return torch.stack([x.sin(), x.cos(), y.sin(), y.cos()], -3)
