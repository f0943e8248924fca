"""What a network learns: one file for each kind. A task draws batches, leaves gradients in the network, and judges it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Generic, NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from sr_models.nets import has_dial
from sr_models.training.degradation import MARGIN, make_pairs
from sr_models.training.photos import Photos
from sr_models.training.recipes import Recipe
from sr_models.training.ring import Ring
from sr_models.training.stored import StoredPairs, load_pairs
from sr_models.training.teachers import Teachers


@dataclass
class Material:
    """What a run is given beside its recipe."""

    photos: Photos | None = None
    held_out: Photos | None = None
    """These are not trained on."""
    series: Path | None = None
    """The folder of what `training.series` made."""
    start: Path | None = None
    """The weights to start from, or a checkpoint."""
    first: Path | None = None
    """The weights of the network that looks first, where the recipe's looks again."""
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


def draw_pairs(photos: Photos, recipe: Recipe, random: np.random.Generator, scale: int, count: int, side: int) -> Batch:
    """Pairs from random crops."""
    return Batch(*make_pairs(photos.crops(random, count, (side + 2 * MARGIN) * scale), scale, recipe.degradation, random))


Net = TypeVar("Net", bound=nn.Module)
Drawn = TypeVar("Drawn", bound=tuple)


class Task(Generic[Net, Drawn]):
    """What all kinds have in common."""

    def __init__(self, recipe: Recipe, material: Material):
        self.recipe, self.material = recipe, material

    def draw(self, random: np.random.Generator, scale: int, count: int, side: int) -> Drawn:
        """A batch of `count`, `side` pixels of the small picture, which follows from `random` alone, but from a ring."""
        raise NotImplementedError

    def trial(self, net: Net, count: int, side: int) -> Tensor:
        """A number computed with all weights of the trunk from `count` inputs, `side` pixels of the small picture."""
        raise NotImplementedError

    def learn(self, net: Net, batch: Drawn, scale: int, share: float) -> dict[str, Tensor]:
        """Add the gradients of one step to those of `net`; `share` of the budget is used. → figures."""
        raise NotImplementedError

    def judge(self, average: Net) -> dict[str, float]:
        """Figures on what is held out, by the averaged weights."""
        raise NotImplementedError

    def state_dict(self) -> dict:
        """What the task has learnt itself, for a checkpoint."""
        return {}

    def load_state_dict(self, state: dict) -> None:
        """Takes over the state of a task of another run, maybe of another recipe; what does not fit is left out."""


class PairsTask(Task[nn.Module, Batch]):
    """Small photos and large ones, cut from `Material.photos`."""

    HELD_OUT_PAIRS: ClassVar[int]
    HELD_OUT_SIDE: ClassVar[int] = 48  # pixels of the small pictures

    def __init__(self, recipe: Recipe, material: Material, folder: Path):
        """Pairs that are stored are kept in `folder`."""
        super().__init__(recipe, material)
        assert material.photos is not None, "Pairs are cut from photos."
        assert material.held_out is not None
        self.photos = material.photos
        files = [material.teachers[id] for id in recipe.teachers]
        self.teachers = Teachers(*files, device=material.device) if files else None
        self.stored: dict[int, StoredPairs] = {}
        for scale, count in recipe.stored:
            assert self.teachers is not None, "Pairs are stored with the answers of teachers: name one."
            path = folder / f"pairs-x{scale}.safetensors"
            self.stored[scale] = load_pairs(path, self.photos, count, scale, recipe, self.teachers)
        self.held_out: dict[int, Batch] = {}
        for scale in sorted(set(recipe.scales)):
            how = np.random.default_rng(0), scale, self.HELD_OUT_PAIRS, self.HELD_OUT_SIDE
            self.held_out[scale] = draw_pairs(material.held_out, recipe, *how)

    def draw(self, random: np.random.Generator, scale: int, count: int, side: int) -> Batch:
        if self.stored:
            return Batch(*(part.to(self.material.device) for part in self.stored[scale].draw(random, scale, count, side)))
        if self.material.ring is not None:
            return Batch(*self.material.ring.draw(random, scale, count, side))
        return draw_pairs(self.photos, self.recipe, random, scale, count, side)

    def trial(self, net: nn.Module, count: int, side: int) -> Tensor:
        small = torch.rand(count, 3, side, side, device=self.material.device).contiguous(memory_format=torch.channels_last)
        detail = (torch.rand_like(small[:, :1]),) if has_dial(self.recipe.net) else ()
        with self.recipe.autocast(self.material.device):
            return net(small, *detail).float().mean()

    @torch.no_grad()
    def enlarge(self, net: nn.Module, *inputs: Tensor) -> Tensor:
        """What `net` makes of many inputs, a few at a time, in [0, 1]."""
        with self.recipe.autocast(self.material.device):
            parts = [net(*part).float() for part in zip(*(x.split(8) for x in inputs), strict=True)]
        return torch.cat(parts).clamp(0, 1)


def mean_psnr(result: Tensor, target: Tensor) -> float:
    """dB over all channels, the mean over the pictures; both (N, 3, H, W) in [0, 1]."""
    return (-10 * (result - target).square().mean((1, 2, 3)).log10()).mean().item()


def crispness(result: Tensor, target: Tensor) -> float:
    """Mean absolute difference between neighbours in a row and in a column, over the target's."""
    found, wanted = (p.diff(dim=2).abs().mean() + p.diff(dim=3).abs().mean() for p in (result, target))
    return (found / wanted).item()
