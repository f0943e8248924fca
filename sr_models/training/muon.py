"""Muon (Jordan et al., 2024; scaled as by Liu et al., arXiv 2502.16982): the update of a hidden convolution is made orthogonal."""

import torch
from torch import Tensor, nn

MOMENTUM = 0.95
DIAL = ("gain", "shift", "head")  # of `Modulated`: no hidden convolutions, whatever their shape
SMALLEST = 16  # channels: narrower convolutions have too few directions to balance


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonalised for each weight as a matrix (c_out, c_in·k·k), with the length of a typical Adam step."""

    def __init__(self, params: list[nn.Parameter], lr: float):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - no closure
        for group in self.param_groups:
            for weight in group["params"]:
                state = self.state[weight]
                momentum = state.setdefault("momentum", torch.zeros_like(weight))
                momentum.lerp_(weight.grad, 1 - MOMENTUM)
                update = orthogonal(weight.grad.lerp(momentum, MOMENTUM).flatten(1))
                weight.add_(update.view(weight.shape), alpha=-group["lr"] * 0.2 * max(update.shape) ** 0.5)


def orthogonal(matrix: Tensor) -> Tensor:
    """(m, n) → about U·Vᵀ of its singular value decomposition, by five Newton–Schulz steps in bfloat16."""
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).bfloat16()
    x = x / x.norm().clamp_min(1e-7)
    for _ in range(5):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return (x.T if tall else x).float()


def optimisers(net: nn.Module, rate: float) -> list[torch.optim.Optimizer]:
    """Muon for the hidden convolutions, AdamW for everything else: the first and the last one, biases, slopes, the dial."""
    convolutions = [p for name, p in net.named_parameters() if p.ndim == 4 and name.split(".")[0] not in DIAL]
    hidden = [p for p in convolutions[1:-1] if min(p.shape[:2]) >= SMALLEST]
    chosen = {id(p) for p in hidden}
    others = [p for p in net.parameters() if id(p) not in chosen]
    adam = torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.99), weight_decay=0, fused=others[0].is_cuda)
    return [Muon(hidden, rate), adam] if hidden else [adam]
