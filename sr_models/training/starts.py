"""The weights of a network before its first step: those of another network, maybe of a larger one."""

from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from sr_models.nets.edsr import EDSRConfig, ManyScales
from sr_models.nets.fusion import Fusion
from sr_models.nets.recurrent import Recurrent
from sr_models.nets.resample import interpolate
from sr_models.nets.srcnn import SRCNN
from sr_models.training import whitening
from sr_models.training.degradation import MARGIN, make_pairs
from sr_models.training.photos import Photos
from sr_models.training.pruning import prune
from sr_models.training.recipes import Recipe
from sr_models.training.transplant import transplant

Net = TypeVar("Net", bound=nn.Module)


def begin(recipe: Recipe, photos: Photos | None, known: dict[str, Tensor] | None, first: Path | None = None) -> nn.Module:
    """The recipe's network as it is before the first step, with the weights `known`; the file `first` holds those of a first look."""
    net = recipe.net.build()
    if known is not None and isinstance(recipe.net, EDSRConfig) and len(known.get("first.weight", ())) > recipe.net.features:
        known = prune(known, recipe.net, draw_small(recipe, photos, 256))
    if known is not None:
        warm_start(net, known)
    if isinstance(net, Recurrent):
        assert first is not None, "Another network looks first: name it."
        net.first_look.load_state_dict(load_file(first))
        net.first_look.requires_grad_(False)
        if known is not None and "first.weight" in known:  # those of a CNN
            transplant(known, net, draw_small(recipe, photos, 256, 32))
    if isinstance(net, SRCNN):
        whitening.whiten(net.patches, interpolate(draw_small(recipe, photos, 64), net.scale, "bicubic"))
        if known is None:
            whitening.start_as_bicubic(net)
    return net


def draw_small(recipe: Recipe, photos: Photos | None, count: int, side: int = 16) -> Tensor:
    """Small pictures as a recipe makes them, (count, 3, side, side), on the CPU."""
    assert photos is not None, "Small pictures are made of photos."
    random = np.random.default_rng(0)
    crops = photos.crops(random, count, (side + 2 * MARGIN) * recipe.net.scale)
    return make_pairs(crops, recipe.net.scale, recipe.degradation, random)[0].cpu()


def at(net: Net, scale: int) -> Net:
    """The network for one of its scales, with the same weights in the same memory."""
    return net.at(scale) if isinstance(net, ManyScales) else net


def shapes(state: dict[str, Tensor]) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in state.items()}


def warm_start(net: nn.Module, weights: dict[str, Tensor]) -> None:
    """Copy every tensor of `weights` whose name and shape fit; those of a fusion for another scale are made to fit."""
    own = net.state_dict()
    if isinstance(net, Fusion) and weights.keys() == own.keys():
        weights = pool_pixels(weights, net.config.scale)
    net.load_state_dict({name: weights[name] if name in weights and weights[name].shape == own[name].shape else own[name] for name in own})


def pool_pixels(weights: dict[str, Tensor], scale: int) -> dict[str, Tensor]:
    """Weights of a `Fusion` for one scale → those for `scale`, which take each pixel for as many as it covers at the other."""
    side = round((len(weights["last.bias"]) / 3) ** 0.5)

    def change(x: Tensor, axis: int, factor: float) -> Tensor:
        """`axis`: channels of a pixel-unshuffle, (3, side, side) in one."""
        x = x.float().movedim(axis, -1)
        parts = F.adaptive_avg_pool2d(x.reshape(-1, 1, side, side), scale)
        return (factor * parts.reshape(*x.shape[:-1], -1)).movedim(-1, axis)

    seen, width = 3 * side**2, len(weights["second.bias"])
    summed = side**2 / scale**2
    places = {"first.weight": 0, "first_shot.weight": 0, "join.weight": width}  # where the pixels begin among the inputs
    found = {name: value.float() for name, value in weights.items()}
    for name, start in places.items():
        before, pixels, after = found[name].tensor_split((start, start + seen), 1)
        found[name] = torch.cat([before, change(pixels, 1, summed), after], 1)
    return found | {name: change(found[name], 0, 1.0) for name in ("last.weight", "last.bias")}
