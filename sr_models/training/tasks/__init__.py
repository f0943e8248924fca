"""What a network learns: one file for each kind. A task draws batches, leaves gradients in the network, and judges it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from torch import Tensor, nn

from sr_models.training.degradation import MARGIN, make_pairs
from sr_models.training.photos import Photos
from sr_models.training.recipes import Recipe
from sr_models.training.ring import Ring


@dataclass
class Material:
    """What a run is given beside its recipe."""

    photos: Photos
    held_out: Photos
    """These are not trained on."""
    start: Path | None = None
    """The weights to start from, or a checkpoint."""
    teachers: Mapping[str, Path] = field(default_factory=dict)
    """Id → the weights of a network whose answers are aimed at."""
    perceptual: Path | None = None
    """The weights of `Perceptual`."""
    ring: Ring | None = None
    """Where pairs come from; None: they are made when they are needed."""
    device: str = "cpu"


class Batch(NamedTuple):
    """All parts float32 in [0, 1], channels last in memory."""

    small: Tensor
    """(N, 3, H, W)"""
    large: Tensor
    """The originals, (N, 3, H·scale, W·scale)."""
    cnn: Tensor | None = None
    """What a CNN answers, as large as the originals."""
    aim: Tensor | None = None
    """What the pixels aim at where all detail is asked for."""
    detail: Tensor | None = None
    """How much detail is asked for, (N, 1, H, W)."""
    shots: Tensor | None = None
    """What is looked at in each step, (N, steps, 13, H, W); see `nets.RecurrentNetwork`."""


def draw_pairs(photos: Photos, recipe: Recipe, random: np.random.Generator, scale: int, count: int, side: int) -> Batch:
    """Pairs from random crops."""
    return Batch(*make_pairs(photos.crops(random, count, (side + 2 * MARGIN) * scale), scale, recipe.degradation, random))


class Task(Protocol):
    def draw(self, random: np.random.Generator, scale: int, count: int, side: int) -> Batch:
        """A batch of `count` pairs, `side` pixels of the small picture, which follows from `random` alone, but from a ring."""
        ...

    def learn(self, net: nn.Module, average: nn.Module, batch: Batch, scale: int, share: float) -> dict[str, Tensor]:
        """Add the gradients of one step to those of `net`; `share` of the budget is used. → figures."""
        ...

    def judge(self, average: nn.Module) -> dict[str, float]:
        """Figures on held-out pairs, by the averaged weights."""
        ...

    def state_dict(self) -> dict:
        """What the task has learnt itself, for a checkpoint."""
        ...

    def load_state_dict(self, state: dict) -> None:
        """That of another run, maybe by another recipe: what does not fit is left."""
        ...
