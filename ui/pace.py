"""How long a photo will take on this machine: a small one is timed for each model, and each real run that was faster counts instead."""

import threading
import time

import numpy as np

from sr_models import Photo, read
from sr_models.order import Order, carried_out
from ui.files import EXAMPLES

SAMPLE = EXAMPLES / "shirt.jpg"
SIDE = 128  # pixels of it

lock = threading.Lock()
fewest: dict[tuple[str, int], float] = {}
"""(family, scale) → the fewest seconds for a pixel of a photo, from reading to the finished file, that were seen so far."""


def expected(model: str, scale: int, pixels: int) -> float:
    """Seconds for a photo of so many pixels."""
    with lock:
        if (model, scale) not in fewest:
            rgb = read(SAMPLE).rgb[:SIDE, :SIDE]
            for _ in range(2):  # the first one also loads the network
                begun = time.perf_counter()
                carried_out(Photo(np.ascontiguousarray(rgb)), Order(scale=scale, model=model))
                saw(model, scale, SIDE * SIDE, time.perf_counter() - begun)
    return pixels * fewest[model, scale]


def saw(model: str, scale: int, pixels: int, seconds: float) -> None:
    """A photo of so many pixels took so long."""
    fewest[model, scale] = min(seconds / pixels, fewest.get((model, scale), float("inf")))
