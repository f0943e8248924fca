"""ST-LPIPS: how unlike two pictures look (Ghildyal & Liu, "Shift-tolerant perceptual similarity metric", ECCV 2022). A judge only.

Its networks are in the package stlpips-pytorch 0.0.2, which is optional: `pip install --no-deps --target FOLDER stlpips-pytorch`, and
FOLDER on PYTHONPATH.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from unittest.mock import MagicMock, patch

import numpy as np
import torch

PACKAGE = "stlpips_pytorch"
NEEDLESS = ("IPython", "torchsummary", "torchvision")
"""What the package imports and this measure does not use."""


def st_lpips() -> Callable[[np.ndarray, np.ndarray], float] | None:
    """A function of two equally large pictures, uint8 (H, W, 3): 0 for equals, on AlexNet. None where the package is missing."""
    if find_spec(PACKAGE) is None:
        return None
    with patch.dict(sys.modules, {name: MagicMock() for name in NEEDLESS}):
        network = import_module(f"{PACKAGE}.stlpips").LPIPS(net="alex", variant="shift_tolerant", verbose=False)

    @torch.inference_mode()
    def distance(a: np.ndarray, b: np.ndarray) -> float:
        x, y = (torch.tensor(rgb).permute(2, 0, 1)[None].float() / 127.5 - 1 for rgb in (a, b))
        return network(x, y).item()

    return distance
