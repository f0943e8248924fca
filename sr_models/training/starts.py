"""What a network knows before its first step: the weights of another one, as they are or deeper."""

import torch
from torch import Tensor, nn

from sr_models.nets.compact import Compact


def warm_start(net: nn.Module, weights: dict[str, Tensor]) -> None:
    """Copy every tensor of `weights` whose name and shape fit; a `Compact` may have more convolutions than `weights`: see `deeper`."""
    own = net.state_dict()
    if isinstance(net, Compact):
        weights = deeper(weights, net)
    net.load_state_dict({name: weights[name] if name in weights and weights[name].shape == own[name].shape else own[name] for name in own})


def deeper(weights: dict[str, Tensor], net: Compact) -> dict[str, Tensor]:
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
