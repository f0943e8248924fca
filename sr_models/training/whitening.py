"""Train a first convolution in the basis of its input's principal components: the same layer, a far better conditioned problem."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrize

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


def fold(net: nn.Module) -> nn.Module:
    """`net` with every whitened weight as a plain one again."""
    for module in net.modules():
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight")
    return net
