"""The weights of a network before its first step: those of another network, maybe of one with fewer convolutions."""

from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from sr_models.nets.compact import Compact
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
    """Copy every tensor of `weights` whose name and shape fit; a `Compact` may have more convolutions than `weights`: see `deepen`."""
    own = net.state_dict()
    if isinstance(net, Compact):
        weights = deepen(weights, net)
    net.load_state_dict({name: weights[name] if name in weights and weights[name].shape == own[name].shape else own[name] for name in own})


def deepen(weights: dict[str, Tensor], net: Compact) -> dict[str, Tensor]:
    """`weights` of a body with fewer convolutions, under the names of `net`, whose other convolutions become the identity.

    The network computes what it did, and has more to learn with (Chen et al., Net2Net, ICLR 2016). The new ones lie evenly between the old.
    """
    convs = net.config.convs
    had = max(int(name.split(".")[1]) for name in weights) // 2 - 1
    if had >= convs:
        return weights
    places = [k * convs // had for k in range(had)] + [convs]
    moved = {}
    for name, value in weights.items():
        body, layer, kind = name.split(".")
        pair, part = divmod(int(layer) - 2, 2)
        moved[f"{body}.{2 + 2 * places[pair] + part if pair >= 0 else layer}.{kind}"] = value
    for new in set(range(convs)) - set(places):
        width = net.config.features
        names = [f"body.{2 + 2 * new}.weight", f"body.{2 + 2 * new}.bias", f"body.{3 + 2 * new}.weight"]
        moved |= dict(zip(names, (nn.init.dirac_(torch.empty(width, width, 3, 3)), torch.zeros(width), torch.ones(width)), strict=True))
    return moved
