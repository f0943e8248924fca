"""ST-LPIPS: how unlike two pictures look (Ghildyal & Liu, "Shift-tolerant perceptual similarity metric", ECCV 2022), on AlexNet.

Its networks are in the package stlpips-pytorch, which nothing here needs to run: `pip install --no-deps stlpips-pytorch==0.0.2`, since
what it requires is not used. It is a judge that likes grain: of two equally steep results it prefers the one with dots, so it is read
beside the figures of crispness.py.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

import numpy as np
import torch

PACKAGE = "stlpips_pytorch"
NEEDLESS = ("IPython", "torchsummary", "torchvision")
"""What the package imports and this measure does not use."""


@cache
def load_st_lpips() -> Callable[[np.ndarray, np.ndarray], float] | None:
    """A function of two equally large pictures, uint8 (H, W, 3): 0 for equals, less is more alike. None where the package is missing."""
    if find_spec(PACKAGE) is None:
        return None
    with placeholders(NEEDLESS):
        network = import_module(f"{PACKAGE}.stlpips").LPIPS(net="alex", variant="shift_tolerant", verbose=False)

    @torch.inference_mode()
    def distance(a: np.ndarray, b: np.ndarray) -> float:
        x, y = (torch.tensor(rgb).permute(2, 0, 1)[None].float() / 127.5 - 1 for rgb in (a, b))
        return network(x, y).item()

    return distance


@contextmanager
def placeholders(names: tuple[str, ...]) -> Iterator[None]:
    """While this lasts, an import of one of these modules, or of anything from it, finds nothing in particular."""
    known = {name: sys.modules.get(name) for name in names}
    for name in names:
        sys.modules[name] = ModuleType(name)
        sys.modules[name].__dict__["__getattr__"] = lambda attribute: None
    try:
        yield
    finally:
        for name, module in known.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
