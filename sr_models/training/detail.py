"""Random maps of the detail that is asked for, from which a network learns what its dial means."""

import numpy as np
import torch
from torch import Tensor

ENDS = 0.25  # how often each end of the dial is drawn exactly


def draw_maps(random: np.random.Generator, count: int, side: int) -> Tensor:
    """(count, 1, side, side) float32 in [0, 1]: one value, or another one inside of a random rectangle, as for a protected region."""
    drawn = np.empty((count, 1, side, side), np.float32)
    for detail in drawn[:, 0]:
        detail[:] = draw_value(random)
        if random.random() < 0.5:
            (top, bottom), (left, right) = np.sort(random.integers(0, side + 1, (2, 2)), axis=1)
            detail[top:bottom, left:right] = draw_value(random)
    return torch.from_numpy(drawn)


def draw_value(random: np.random.Generator) -> float:
    """A random detail: 0 and 1 each with the probability ENDS, else uniform between them."""
    return float(np.clip((random.random() - ENDS) / (1 - 2 * ENDS), 0, 1))
