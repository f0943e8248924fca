"""Muon (Jordan et al., 2024; scaled as by Liu et al., arXiv 2502.16982): the update of a hidden convolution is made orthogonal."""

from collections import defaultdict
from collections.abc import Iterable
from typing import cast

import torch
from torch import Tensor, nn

MOMENTUM = 0.95
OUTSIDE = ("first", "last", "head")  # of `EDSR`: the first and the last convolutions, whatever their shape
SMALLEST = 16  # channels: narrower convolutions have too few directions to balance


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonalised for each weight as a matrix (c_out, c_in·k·k), with the length of a typical Adam step.

    Weights of equal shape are stacked: one batched product does the work of many small ones.
    """

    def __init__(self, params: Iterable[nn.Parameter], lr: float):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - no closure
        for group in self.param_groups:
            by_shape: defaultdict[torch.Size, list[nn.Parameter]] = defaultdict(list)
            for weight in group["params"]:
                if weight.grad is not None:
                    by_shape[weight.shape].append(weight)
            for weights in by_shape.values():
                gradient = torch.stack([cast(Tensor, weight.grad) for weight in weights])
                momentum = self.state[weights[0]].setdefault("momentum", torch.zeros_like(gradient))
                momentum.lerp_(gradient, 1 - MOMENTUM)
                update = orthogonalise(gradient.lerp(momentum, MOMENTUM).flatten(2))
                length = group["lr"] * 0.2 * max(update.shape[1:]) ** 0.5
                for weight, change in zip(weights, update.view(gradient.shape), strict=True):
                    weight.add_(change, alpha=-length)


def orthogonalise(matrices: Tensor) -> Tensor:
    """(N, m, n) → of each about U·Vᵀ of its singular value decomposition, by five Newton–Schulz steps in bfloat16."""
    tall = matrices.shape[1] > matrices.shape[2]
    x = (matrices.mT if tall else matrices).bfloat16()
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp_min(1e-7)
    for _ in range(5):
        square = x @ x.mT
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return (x.mT if tall else x).float()


def optimisers(net: nn.Module, rate: float) -> list[torch.optim.Optimizer]:
    """Muon for the hidden convolutions, AdamW for everything else: the first and the last ones, biases, slopes, the dial."""
    convolutions = [(name.split(".")[0], p) for name, p in net.named_parameters() if p.ndim == 4 and p.requires_grad]
    between = [p for name, p in convolutions[1:-1] if name not in OUTSIDE]
    hidden = [p for p in between if min(p.shape[:2]) >= SMALLEST]
    chosen = {id(p) for p in hidden}
    others = [p for p in net.parameters() if p.requires_grad and id(p) not in chosen]
    adam = torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.99), weight_decay=0, fused=others[0].is_cuda)
    return [Muon(hidden, rate), adam] if hidden else [adam]
