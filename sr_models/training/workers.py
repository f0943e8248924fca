"""One process or several: under `torchrun`, each worker draws its own crops and all of them take the same step."""

import os
from typing import Any

import torch
import torch.distributed as dist
from torch import nn


def join(device: str) -> None:
    """Meet the other workers, where `torchrun` started some."""
    if "RANK" in os.environ:
        if device == "cuda":
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        dist.init_process_group("nccl" if device == "cuda" else "gloo")


def rank() -> int:
    return int(os.environ.get("RANK", "0"))


def count() -> int:
    return dist.get_world_size() if dist.is_initialized() else 1


def share_gradients(net: nn.Module) -> None:
    """Give every worker the mean of all workers' gradients."""
    gradients = [p.grad for p in net.parameters() if p.grad is not None]
    if count() == 1 or not gradients:
        return
    together = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(together)
    for gradient, mean in zip(gradients, (together / count()).split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(mean.view(gradient.shape))


def broadcast(value: float, device: str) -> float:
    """The first worker's `value`."""
    if count() == 1:
        return value
    shared = torch.tensor(value, dtype=torch.float64, device=device)
    dist.broadcast(shared, 0)
    return shared.item()


def gather(value: Any) -> list[Any]:
    """Every worker's `value`, in the order of their ranks."""
    if count() == 1:
        return [value]
    values: list[Any] = [None] * count()
    dist.all_gather_object(values, value)
    return values
