"""The product's blind test with other people's pictures: two unnamed results, one of them ours, and the original."""

from collections.abc import Callable, Collection
from itertools import cycle

import numpy as np

from peers.inputs import Case
from peers.page import PLAIN
from peers.systems import SYSTEMS, find_system, rival
from sr_models.figures.blind import Round
from sr_models.photo import Photo

TITLES = {"en": "Blind test: this project's networks and other people's", "zh": "盲测：本项目的网络与其他人的网络"}


def pair_up(ids: Collection[str], cases: list[Case], picture: Callable[[str, Case], np.ndarray]) -> list[Round]:
    """A round for each of the others, against our network of the same aim, each on the next photo. `picture` gives the result of a
    system, by its id, as uint8 of the size of the original."""
    others = [system for system in SYSTEMS if system.id in ids and not system.ours and system.id not in PLAIN]
    return [
        Round(
            Photo(case.original),
            (Photo(picture(rival(other.crisp), case)), Photo(picture(other.id, case))),
            (find_system(rival(other.crisp)).title, other.title),
        )
        for other, case in zip(others, cycle(cases), strict=False)
    ]
