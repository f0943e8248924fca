"""On which device and in which precision a network runs, chosen from what the machine can do."""

import os
from dataclasses import dataclass

import torch

from sr_models import int8
from sr_models.errors import DeviceError

MOST_THREADS = 1024


@dataclass(frozen=True)
class Device:
    """Where a network runs. `precision` is that of its weights, as `weights.load_network` takes it."""

    name: str
    precision: torch.dtype
    tile: int
    """Pixels: no tile of a photo reads more than a square of this side with its context."""
    lent: bool = False
    """Whether it is a borrowed GPU, usable only during the loan (ui/server/gpu.py); in a result this only tells where it was made."""


def choose(name: str = "auto") -> Device:
    """`name` is "auto", "cpu" or "cuda"; raises DeviceError where the device is missing or unknown.

    On a ZeroGPU Space "auto" is the CPU: PyTorch claims a GPU there, but it exists only while it is borrowed (ui/server/gpu.py).
    """
    if name not in {"auto", "cpu", "cuda"}:
        raise DeviceError("“{name}” is no device. Choose auto, cpu or cuda.", name=name)
    if name == "cuda" and not torch.cuda.is_available():
        raise DeviceError("There is no CUDA GPU that PyTorch can use on this machine. Choose auto or cpu.")
    if name == "cuda" or (name == "auto" and not is_lent() and torch.cuda.is_available()):
        ampere = torch.cuda.get_device_capability() >= (8, 0)
        return Device("cuda", torch.bfloat16 if ampere else torch.float16, tile=512, lent=is_lent())
    if cpu_has_bfloat16():
        return Device("cpu", torch.bfloat16, tile=448)  # so that a tile needs about the memory of a smaller one in float32
    return Device("cpu", torch.int8 if int8.is_worth_it() else torch.float32, tile=384)  # int8 where a block, timed here, is worth rounding


def use_threads(count: str | None) -> None:
    """How many of the processor's cores a network may use, as a command line says it; None leaves that as it is. Raises DeviceError.

    Threads wait for each other at every step: two that share a core with another program take several times as long as one.
    """
    if count is None:
        return
    if not (count.isascii() and count.isdecimal() and 1 <= int(count) <= MOST_THREADS):
        raise DeviceError("“{count}” is no number of threads. Give a whole number from 1 to {limit}.", count=count, limit=MOST_THREADS)
    torch.set_num_threads(int(count))


def is_lent() -> bool:
    """Whether this is a ZeroGPU Space, where a GPU is lent for seconds."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in {"1", "t", "true"}


def cpu_has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself; emulated, it would be slower than float32."""
    if not hasattr(torch.cpu, "get_capabilities"):  # added after PyTorch 2.8, the oldest that is supported
        return False
    found = torch.cpu.get_capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))
