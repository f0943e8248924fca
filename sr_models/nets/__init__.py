"""The contract of a network, in words and types. One file beside this one per architecture."""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn

from sr_models.packing import unpack


class Enlarger(nn.Module):
    """A network that enlarges: what all contracts have in common."""

    def load_state_dict(self, state_dict: Mapping[str, Tensor], strict: bool = True, assign: bool = False):
        """Loads weights as every module does; also those stored as int8. Raises ValueError where the scales of these are broken."""
        return super().load_state_dict(unpack(state_dict), strict, assign)

    def lower_precision(self, dtype: torch.dtype) -> None:
        """Keep the weights in `dtype`, all but those of the last convolution. Input and output of a call stay float32."""
        raise NotImplementedError

    def with_config(self, config: Any) -> "Enlarger":
        """The same trunk, sharing its weights, for a config that differs in the scale only, or in what else changes no weights."""
        raise NotImplementedError


class Network(Enlarger):
    """The first contract: enlarges a picture by a whole factor.

    Call: rgb (N, 3, H, W) float32 in [0, 1], sRGB-encoded, any H, W ≥ 1
    → (N, 3, H·scale, W·scale) float32, about [0, 1] but not clipped.
    Padding, pixel-unshuffle and mean shift are the network's own business.
    """


class DetailNetwork(Enlarger):
    """The second contract: enlarges a picture as much in detail as a map asks for, place by place.

    Call: rgb as in Network, detail (N, 1, H, W) float32 in [0, 1] → as in Network. Detail 0 keeps to the photo, 1 is crisp.
    """


class Known(NamedTuple):
    """What a FusionNetwork knows of the shots so far, on the small grid."""

    reference: Tensor
    """(N, 3·scale², H, W): the enlargement of the first shot."""
    context: Tensor
    """(N, C, H, W): what the network makes of that."""
    features: Tensor
    """(N, C, H, W): the sum of what it makes of each shot, as far as it is believed."""
    weight: Tensor
    """(N, 1, H, W): how far the shots are believed, added up; 1 for the first one alone."""


class FusionNetwork(Enlarger):
    """The third contract: says what is to be added to the mean of several enlargements of a view, which it is given one by one."""

    def begin(self, rgb: Tensor) -> Known:
        """rgb (N, 3, H·scale, W·scale) float32: the enlargement of the first shot."""
        raise NotImplementedError

    def add(self, known: Known, rgb: Tensor, believed: Tensor, places: Tensor) -> Known:
        """rgb as in `begin`: of another shot, moved to where it belongs; believed (N, 1, H, W) in [0, 1].

        places (N, 2, H, W): (x, y) on that shot, in its pixels, whole numbers in their centres.
        """
        raise NotImplementedError

    def finish(self, known: Known, mean: Tensor) -> Tensor:
        """→ (N, 3, H·scale, W·scale): what is to be added to the mean of all enlargements; 0 where only the first shot is believed."""
        raise NotImplementedError


class NetConfig(Protocol):
    """The few numbers that define a network: a frozen dataclass."""

    @property
    def scale(self) -> int:
        """Output size over input size."""
        ...

    @property
    def halo(self) -> int:
        """How far an output pixel looks, in input pixels: the context that a tile needs on each side."""
        ...

    def build(self) -> Enlarger:
        """The network with untrained weights, float32, on the CPU."""
        ...


@cache
def has_dial(config: NetConfig) -> bool:
    """Whether the config's network has a detail dial: it keeps the second contract."""
    with torch.device("meta"):
        return isinstance(config.build(), DetailNetwork)
