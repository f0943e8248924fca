"""A smaller body out of a trained larger one (structured pruning): the blocks that add most, the channels that are heard most."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sr_models.nets.edsr import Block, EDSRConfig


@torch.no_grad()
def prune(weights: dict[str, Tensor], config: EDSRConfig, small: Tensor) -> dict[str, Tensor]:
    """`weights` of an `EDSR`, as large as `config` says or larger → the tensors of one of that size, for all scales.

    small (N, 3, H, W): photos that show what the channels carry. How much a channel is heard is its standard deviation times the length of
    the weights that read it. Of the sum to which the blocks add, the same channels stay everywhere.
    """
    blocks = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blocks."))
    net = EDSRConfig(len(weights["first.weight"]), blocks, config.scale).build()
    net.load_state_dict(weights)
    first = net.first(small)
    sums, added = [first], []
    for block in net.blocks:
        sums.append(block(sums[-1]))
        added.append(((sums[-1] - sums[-2]).square().mean() / sums[-2].square().mean()).item())
    stay = sorted(sorted(range(blocks), key=added.__getitem__)[blocks - config.blocks :])
    kept: list[Block] = [net.get_submodule(f"blocks.{place}") for place in stay]  # pyright: ignore[reportAssignmentType]
    reads = [(sums[place], block.conv1) for place, block in zip(stay, kept, strict=True)]
    reads += [(sums[-1] + first, last) for last in net.last.children()]
    channels = loudest(torch.stack([hearing(x, conv) / hearing(x, conv).sum() for x, conv in reads]).sum(0), config.features)
    found = keep_channels("first", net.first, channels, None)
    for number, (place, block) in enumerate(zip(stay, kept, strict=True)):
        inner = loudest(hearing(F.relu(block.conv1(sums[place])), block.conv2), config.features)
        found |= keep_channels(f"blocks.{number}.conv1", block.conv1, inner, channels) | keep_channels(
            f"blocks.{number}.conv2", block.conv2, channels, inner
        )
    for name, last in net.last.named_children():
        found |= keep_channels(f"last.{name}", last, None, channels)
    return found


def hearing(x: Tensor, conv: nn.Module) -> Tensor:
    """How much each channel of x (N, C, H, W) contributes to what `conv` makes of it, (C)."""
    return x.std((0, 2, 3)) * conv.get_parameter("weight").square().sum((0, 2, 3)).sqrt()


def loudest(score: Tensor, count: int) -> Tensor:
    """The places of the `count` largest scores, in ascending order."""
    return score.topk(count).indices.sort().values


def keep_channels(name: str, conv: nn.Module, answers: Tensor | None, reads: Tensor | None) -> dict[str, Tensor]:
    """Weight and bias of `conv`, by name, with only these of its outputs and of its inputs; None keeps all."""
    weight, bias = conv.get_parameter("weight"), conv.get_parameter("bias")
    if answers is not None:
        weight, bias = weight[answers], bias[answers]
    return {f"{name}.weight": weight if reads is None else weight[:, reads], f"{name}.bias": bias}
