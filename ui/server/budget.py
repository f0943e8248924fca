"""How much one run may ask of a page that strangers can reach: pixels × passes of the network, said before any work."""

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from sr_models import SCALES, Order, PhotoError, find, weights
from sr_models.ensemble import share_steps
from sr_models.reading import size_of
from sr_models.stages.passes import choose_factors
from ui.server import audience
from ui.server.gpu import count_operations

MOST = 12.0
"""Megapixels through the CNN once: one core needs about 13 minutes for them, two free ones a few. Other networks count as they compute."""
LEAST_SHARE = 0.1
"""Of a pass of the CNN, for the pixels of any network: also a formula's are read, locked to the photo, measured and written."""
STEP_SHARE = 0.05
"""Of such a pass, for each classic step: of the photo's pixels before the network, of the result's after it."""


def refuse_large(photo: Path, order: Order, others: Sequence[Path] = ()) -> None:
    """Raises PhotoError where a public page does not do so much for one visitor. Reads no more of the photos than their sizes."""
    if size := size_to_check(photo):
        refuse_large_size(size, order, len(others))
        for other in others:
            refuse_large_photo(other)


def size_to_check(photo: Path) -> tuple[int, int] | None:
    """(width, height) on a page that strangers can reach; None on others, and for what is no photo: whoever reads it says what is wrong."""
    if not audience.here.is_public():
        return None
    with suppress(PhotoError):
        return size_of(photo)
    return None


def refuse_large_size(size: tuple[int, int], order: Order, others: int = 0) -> None:
    """As `refuse_large`, for a photo of `size` = (width, height) and so many other shots."""
    if not audience.here.is_public():
        return
    asked = megapixels(size, order, others)
    if asked > MOST:
        fits = math.prod(size) / 1e6 * MOST / asked
        raise PhotoError(
            "This page is open to everybody, so a run may take {limit:g} megapixels through the network, and this one would take {asked}. "
            "With these choices a photo of up to {fits} megapixels fits; cnn-fast takes about {times} times as much as cnn.",
            limit=MOST,
            asked=f"{asked:.1f}",
            fits=f"{fits:.1f}",
            times=count_times_as_much(order),
        )


def refuse_large_photo(photo: Path) -> None:
    """Raises PhotoError as `refuse_large` does, where only a part of the photo is enlarged, but all of it is read."""
    asked = math.prod(size_to_check(photo) or (0,)) / 1e6
    if asked > MOST:
        raise PhotoError(
            "This page is open to everybody, so photos of up to {limit:g} megapixels are compared and checked, and this one has {asked}. "
            "Crop it first.",
            limit=MOST,
            asked=f"{asked:.1f}",
        )


def megapixels(size: tuple[int, int], order: Order, others: int = 0) -> float:
    """What an order takes of the budget for a photo of `size` = (width, height), and for other shots as large in the first pass.

    A marketplace counts as one pass.
    """
    shots = 1 + others
    total = STEP_SHARE * math.prod(size) * len(order.classic_steps("before")) * shots
    result = math.prod(size)
    for number, (scale, pixels) in enumerate(passes(size, order)):
        total += max(LEAST_SHARE, share(order.model, scale, order.steps, order.input)) * pixels * (1 if number else shots)
        result = pixels * scale**2
    return (total + STEP_SHARE * result * len(order.classic_steps("after"))) / 1e6


def passes(size: tuple[int, int], order: Order) -> Iterator[tuple[int, int]]:
    """(scale, pixels that are enlarged) of each pass over a photo of `size`; a marketplace counts as one of the largest scale."""
    if order.target:
        way = choose_factors(size, order.target.content(size), order.model)
    else:
        way = (order.scale,) if not order.preset else (weights.scales(order.model)[-1],)
    pixels = math.prod(size)
    for scale in way:
        yield scale, pixels
        pixels *= scale**2


def count_times_as_much(order: Order) -> int:
    """How many times the pixels that the CNN may take in an order's looks the fast one may."""
    cnn, fast = (share(model, max(SCALES), order.steps, order.input) for model in ("cnn", "cnn-fast"))
    return round(cnn / max(LEAST_SHARE, fast))


def share(model: str, scale: int, steps: int = 1, input: str = "auto") -> float:
    """What a network computes for a pixel in so many looks, beside the CNN in one; that for clean photos, where the photo decides."""
    known = weights.scales(model)
    entry, turns = share_steps(weights.choose_entry(model, scale if scale in known else known[-1], input), steps)
    return turns * count_operations(entry.net) / count_operations(find("cnn", scale).net)
