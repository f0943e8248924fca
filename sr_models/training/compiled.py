"""Runs residual blocks through torch.compile, which fuses what lies between their convolutions: worth it on a GPU."""

import warnings
from collections.abc import Callable

import torch
from torch import Tensor, nn

from sr_models.nets.edsr import Block


def compile_blocks(net: nn.Module, trial: Callable[[], Tensor], backend: str = "inductor") -> None:
    """Compile every block of `net` in place, and try it: `trial` computes a number with it. Where that fails, all stays as it was."""
    blocks = [module for module in net.modules() if isinstance(module, Block)]
    if not blocks:
        return
    for block in blocks:
        for name in ("forward", "modulated"):
            setattr(block, name, torch.compile(getattr(block, name), dynamic=False, backend=backend))
    try:
        trial().backward()
    except Exception as failure:  # whatever a compiler may say: the plain way serves as well
        for block in blocks:
            del block.forward, block.modulated
        warnings.warn(f"The blocks run without torch.compile: {failure!r:.300}", stacklevel=2)
    net.zero_grad()
