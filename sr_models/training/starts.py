"""The weights of a network before its first step: those of another network, maybe of a larger one."""

from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from sr_models.nets.edsr import Body, EDSRConfig
from sr_models.nets.resample import interpolate
from sr_models.nets.srcnn import SRCNN
from sr_models.training import whitening
from sr_models.training.degradation import MARGIN, make_pairs
from sr_models.training.photos import Photos
from sr_models.training.pruning import prune
from sr_models.training.recipes import Recipe

Net = TypeVar("Net", bound=nn.Module)


def begin(recipe: Recipe, photos: Photos, known: dict[str, Tensor] | None) -> nn.Module:
    """The recipe's network as it is before the first step."""
    net = recipe.net.build()
    if known is not None and isinstance(recipe.net, EDSRConfig) and len(known.get("first.weight", ())) > recipe.net.features:
        known = prune(known, recipe.net, draw_small(recipe, photos, 256))
    if known is not None:
        warm_start(net, known)
    if isinstance(net, SRCNN):
        whitening.whiten(net.patches, interpolate(draw_small(recipe, photos, 64), net.scale, "bicubic"))
        if known is None:
            whitening.start_as_bicubic(net)
    return net


def draw_small(recipe: Recipe, photos: Photos, count: int) -> Tensor:
    """Small pictures as a recipe makes them, (count, 3, 16, 16), on the CPU."""
    random = np.random.default_rng(0)
    crops = photos.crops(random, count, (16 + 2 * MARGIN) * recipe.net.scale)
    return make_pairs(crops, recipe.net.scale, recipe.degradation, random)[0].cpu()


def at(net: Net, scale: int) -> Net:
    """The network for one of its scales, with the same weights in the same memory."""
    return net.at(scale) if isinstance(net, Body) else net


def shapes(state: dict[str, Tensor]) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in state.items()}


def warm_start(net: nn.Module, weights: dict[str, Tensor]) -> None:
    """Copy every tensor of `weights` whose name and shape fit."""
    own = net.state_dict()
    net.load_state_dict({name: weights[name] if name in weights and weights[name].shape == own[name].shape else own[name] for name in own})
