"""What a network learns: one file for each kind. A task draws batches, leaves gradients in the network, and judges it."""

from typing import NamedTuple, Protocol

import numpy as np
from torch import Tensor, nn


class Batch(NamedTuple):
    """All parts float32 in [0, 1], channels last in memory."""

    small: Tensor
    """(N, 3, H, W)"""
    large: Tensor
    """The originals, (N, 3, H·scale, W·scale)."""
    detail: Tensor | None = None
    """How much detail is asked for, (N, 1, H, W)."""
    cnn: Tensor | None = None
    """What a CNN answers, as large as the originals."""
    aim: Tensor | None = None
    """What the pixels aim at where all detail is asked for."""


class Task(Protocol):
    def draw(self, random: np.random.Generator, scale: int, count: int, side: int) -> Batch:
        """A batch of `count` pairs, `side` pixels of the small picture, which follows from `random` alone."""
        ...

    def learn(self, net: nn.Module, average: nn.Module, batch: Batch, scale: int, share: float) -> dict[str, Tensor]:
        """Add the gradients of one step to those of `net`; `share` of the budget is used. → figures."""
        ...

    def judge(self, average: nn.Module) -> dict[str, float]:
        """Figures on held-out pairs, by the averaged weights."""
        ...

    def state_dict(self) -> dict:
        """What it has learnt itself, and does not follow from recipe and photos: for a checkpoint."""
        ...

    def load_state_dict(self, state: dict) -> None: ...
