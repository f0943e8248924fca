"""A blind test: parts of a sharp photo are made small and enlarged again, each by two models, and a person is not told by which."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, cycle, islice, product

import numpy as np

from sr_models.catalog import PUBLISHED, Hub, find
from sr_models.device import Device, choose
from sr_models.errors import PhotoError
from sr_models.figures.evaluate import QUALITY, make_trial
from sr_models.hub.download import find_cached
from sr_models.photo import Photo
from sr_models.stages.enlarge import upscale
from sr_models.stages.resampling import lay_on
from sr_models.stages.size import WHITE

SIDE = 240
"""Pixels of the original: side of a part. Every scale divides it."""
FAMILIES = ("bicubic", "cnn-fast", "cnn", "gan")
"""Who takes part, beside networks from the Hub that were downloaded before."""
ROUNDS = 6
"""How many pairs are shown at most; where there are more, those of the first models are left out."""


@dataclass(frozen=True)
class Round:
    """One part of the photo through two models."""

    original: Photo
    pictures: tuple[Photo, Photo]
    models: tuple[str, str]
    """The ids of the models that made the pictures."""


def play(photo: Photo, scale: int, device: Device | None = None) -> Iterator[Round]:
    """The rounds, each as soon as it is ready: the busiest parts first, made small and saved as JPEG, enlarged as the page delivers them.

    Raises PhotoError for a photo with less than SIDE pixels on a side, and what `upscale` raises.
    """
    if min(photo.size) < SIDE:
        raise PhotoError(
            "The photo has {found} pixels; a blind test needs at least {limit} on each side. Choose a larger photo.",
            found="{} × {}".format(*photo.size),
            limit=SIDE,
        )
    find("bicubic", scale)  # refuses what is no scale
    here = [entry for entry in PUBLISHED if entry.net.scale == scale and isinstance(entry.source, Hub) and find_cached(entry.source)]
    pairs = list(combinations((*FAMILIES, *(entry.id for entry in here)), 2))[-ROUNDS:]
    seen = lay_on(photo, WHITE)
    device = device or choose()
    for pair, (top, left) in zip(pairs, find_busy_parts(seen.rgb, len(pairs)), strict=True):
        original = Photo(np.ascontiguousarray(seen.rgb[top : top + SIDE, left : left + SIDE]), icc=photo.icc)
        small = make_trial("", original, scale, "jpeg", QUALITY).small
        first, second = (upscale(small, scale=scale, model=model, device=device) for model in pair)
        yield Round(original, (first.photo, second.photo), (first.entry.id, second.entry.id))


def find_busy_parts(rgb: np.ndarray, count: int) -> list[tuple[int, int]]:
    """(top, left) of `count` parts side by side, those with the most change between neighbours first; again from the first where there
    are fewer."""
    change = np.abs(np.diff(rgb.astype(np.int16), axis=1)).sum(2)
    tops, lefts = (range(0, length - SIDE + 1, SIDE) for length in rgb.shape[:2])
    places = product(tops, lefts)
    busiest = sorted(places, key=lambda place: -change[place[0] : place[0] + SIDE, place[1] : place[1] + SIDE].mean())
    return list(islice(cycle(busiest), count))
