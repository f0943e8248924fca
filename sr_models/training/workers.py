"""One process or several: under `torchrun`, each worker draws its own crops and all of them take the same step."""

import os
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel


def join(device: str) -> None:
    """Meet the other workers, where `torchrun` started some."""
    if "RANK" in os.environ:
        if device == "cuda":
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        dist.init_process_group("nccl" if device == "cuda" else "gloo")


def rank() -> int:
    return dist.get_rank() if dist.is_initialized() else 0


def count() -> int:
    return dist.get_world_size() if dist.is_initialized() else 1


def together(net: nn.Module) -> nn.Module:
    """`net`, whose gradients after a backward pass are the mean over the workers."""
    return DistributedDataParallel(net) if count() > 1 else net


def agreed(value: float, device: str) -> float:
    """The first worker's `value`."""
    if count() == 1:
        return value
    shared = torch.tensor(value, dtype=torch.float64, device=device)
    dist.broadcast(shared, 0)
    return shared.item()


def gathered(value: Any) -> list[Any]:
    """Every worker's `value`, in the order of their ranks."""
    if count() == 1:
        return [value]
    values: list[Any] = [None] * count()
    dist.all_gather_object(values, value)
    return values
