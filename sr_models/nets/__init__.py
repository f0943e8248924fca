"""The contract of a network, in words and types. One file beside this one per architecture."""

from functools import cache
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn


class Enlarger(nn.Module):
    """A network that enlarges: what all contracts have in common."""

    def lower_precision(self, dtype: torch.dtype) -> None:
        """Keep the weights in `dtype`, all but those of the last convolution. Input and output of a call stay float32."""
        raise NotImplementedError

    def at(self, scale: int) -> "Enlarger":
        """The same trunk for another scale, sharing its weights, where it was built for several."""
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


class State(NamedTuple):
    """What a `RecurrentNetwork` remembers between two looks."""

    reference: Tensor
    """(N, 3, H, W), the photo that is enlarged."""
    answer: Tensor
    """What it says to the reference alone, before the first look, as its last convolution gives it."""
    features: Tensor
    """(N, C, H, W), all that it knows by now."""
    estimate: Tensor
    """(N, 3, H·scale, W·scale), the enlargement as it would be now."""


class RecurrentNetwork(Enlarger):
    """The third contract: enlarges a picture, the reference, by looking at it as often as wished, or at other shots of the same thing.

    A shot is (N, 13, H, W) float32: what it shows beyond the reference at four places of each pixel, 3 channels each, and how far it is
    believed there, 0 … 1, by which the differences are multiplied already (`stages/align.py`). Zeros are another look at the reference.
    """

    def begin(self, reference: Tensor) -> State:
        """reference: rgb as in Network."""
        raise NotImplementedError

    def add(self, state: State, shot: Tensor) -> State:
        """The state after one more look."""
        raise NotImplementedError

    def finish(self, state: State) -> Tensor:
        """The enlargement, as in Network."""
        return state.estimate


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
