"""Two judges of how alike two pictures look, in packages that nothing here needs to run: `pip install '.[measure]'`.

ST-LPIPS is a network's judgement (Ghildyal & Liu, "Shift-tolerant perceptual similarity metric", ECCV 2022; here on AlexNet). It likes
grain: it prefers a result with dots to the same one without. SSIMULACRA 2 (Jon Sneyers, for JPEG XL, 2022) is a formula that minds grain
and blocks, and hardly tells a CNN from a GAN. So both are read beside the figures of crispness.py.
"""

import io
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
    with replace_modules(NEEDLESS):
        network = import_module(f"{PACKAGE}.stlpips").LPIPS(net="alex", variant="shift_tolerant", verbose=False)

    @torch.inference_mode()
    def distance(a: np.ndarray, b: np.ndarray) -> float:
        x, y = (torch.tensor(rgb).permute(2, 0, 1)[None].float() / 127.5 - 1 for rgb in (a, b))
        return network(x, y).item()

    return distance


@cache
def load_ssimulacra2() -> Callable[[np.ndarray, np.ndarray], float] | None:
    """A function of a result and its original, uint8 (H, W, 3): 100 for equals, 90 where the eye sees no difference in place, below 0 for
    a poor likeness. None where the package is missing."""
    if find_spec("ssimulacra2") is None:
        return None
    compute = import_module("ssimulacra2").compute_ssimulacra2
    return lambda result, original: float(compute(as_file(original), as_file(result)))


def as_file(rgb: np.ndarray) -> io.BytesIO:
    """The picture as a PPM."""
    return io.BytesIO(b"P6 %d %d 255\n" % (rgb.shape[1], rgb.shape[0]) + np.ascontiguousarray(rgb).tobytes())


@contextmanager
def replace_modules(names: tuple[str, ...]) -> Iterator[None]:
    """Within the block an import of one of these modules gives an empty one, in which every name is None."""
    known = {name: sys.modules[name] for name in names if name in sys.modules}
    for name in names:
        sys.modules[name] = ModuleType(name)
        sys.modules[name].__dict__["__getattr__"] = lambda attribute: None
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
        sys.modules.update(known)
