"""Train a first convolution in the basis of its input's principal components: the same layer, a far better conditioned problem."""

from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrize

from sr_models.nets.srcnn import SRCNN

TEXTURE = (3, 120)  # which components, counted from the strongest: the first three are the mean colour, the last are noise
FLOOR = 1e-4  # share of the largest variance below which a component counts as no stronger


class Whitened(nn.Module):
    """weight (out, in, k, k) = coefficients · basis, so that each coefficient acts on an input of unit variance."""

    basis: Tensor
    inverse: Tensor

    def __init__(self, patches: Tensor):
        """patches (N, in·k·k): what the convolution sees."""
        super().__init__()
        values, vectors = torch.linalg.eigh(patches.T.double().cov())
        spread = values.clamp_min(FLOOR * values.max()).sqrt()
        self.register_buffer("basis", (vectors / spread).T.float())
        self.register_buffer("inverse", (vectors * spread).float())

    def forward(self, coefficients: Tensor) -> Tensor:
        return (coefficients.flatten(1) @ self.basis).reshape(coefficients.shape)

    def right_inverse(self, weight: Tensor) -> Tensor:
        return (weight.flatten(1) @ self.inverse).reshape(weight.shape)


def whiten(conv: nn.Conv2d, seen: Tensor) -> None:
    """Give `conv` coefficients in the basis of `seen` (N, in, H, W), its input; what it computes stays the same."""
    patches = F.unfold(seen, conv.kernel_size, stride=3).transpose(1, 2).flatten(0, 1)
    parametrize.register_parametrization(conv, "weight", Whitened(patches))


def start_as_bicubic(net: SRCNN) -> None:
    """Let a fresh, whitened SRCNN pass its enlarged input through three of its channels, and the others see texture only.

    From PyTorch's own start most of its ReLUs end up open everywhere, and the network little more than a linear filter: here
    the other channels begin with filters that do not see the mean colour, so that their ReLUs are open half of the time.
    """
    whitened = cast(Any, net.patches).parametrizations.weight
    coefficients: Tensor = whitened.original
    width, mapped = net.patches.out_channels, net.mapping.out_channels
    passed = torch.zeros_like(net.patches.weight[:3])
    through = torch.zeros_like(net.last.weight[:, :3])
    for colour in range(3):
        passed[colour, colour, 4, 4] = 1
        through[colour, colour, 2, 2] = 1
    with torch.no_grad():
        texture = torch.zeros(width, coefficients[0].numel())
        texture[:, -TEXTURE[1] : -TEXTURE[0]] = 0.1 * torch.randn(width, TEXTURE[1] - TEXTURE[0]) / (TEXTURE[1] - TEXTURE[0]) ** 0.5
        texture[:3] = passed.flatten(1) @ whitened[0].inverse
        coefficients.copy_(texture.reshape(coefficients.shape))
        net.mapping.weight.copy_(torch.randn(mapped, width, 1, 1) * (2 / width) ** 0.5)
        net.mapping.weight[:3] = 0
        net.mapping.weight[:, :3] = 0
        net.mapping.weight[range(3), range(3)] = 1
        net.last.weight.mul_(0.1)
        net.last.weight[:, :3] = through
        for part in (net.patches, net.mapping, net.last):
            nn.init.zeros_(cast(Tensor, part.bias))


def remove_whitening(net: nn.Module) -> nn.Module:
    """`net` with every whitened weight as a plain one again."""
    for module in net.modules():
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight")
    return net
