"""The learning rate over a run: a short linear climb, then half a cosine."""

import math

WARM_UP = 0.02  # share of the budget in which the rate climbs


def cosine(share: float) -> float:
    """Rate over peak rate when `share` of the budget is used."""
    if share < WARM_UP:
        return share / WARM_UP
    return 0.5 * (1 + math.cos(math.pi * (share - WARM_UP) / (1 - WARM_UP)))
