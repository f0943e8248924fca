"""What a click on the button will give, said before it: the result's size, and about how many seconds it takes on this machine."""

from typing import Any

from sr_models import CATALOG, ModelError, Order, PhotoError, UpscaleError
from sr_models.reading import size_of
from sr_models.stages.passes import SECOND
from ui.server import budget, pace
from ui.server.files import take_upload
from ui.words.texts import say, say_failure

KNOWN = {name for entry in CATALOG for name in (entry.id, entry.family)}
"""Models whose seconds can be told; others would have to be downloaded first."""


def foretell(language: str, photo: Any, words: dict[str, Any]) -> str:
    """One line for a photo as gradio hands it over and the words of an order, or why it will be refused; "" without a readable photo."""
    try:
        path, _ = take_upload(photo)
        size = size_of(path)
    except UpscaleError:  # the run says so
        return ""
    try:
        order = Order(**words)
        seconds = None
        if order.model in KNOWN:
            budget.refuse_large(path, order)
            seconds = expected(size, order)
        told = "{} × {}".format(*size_of_result(size, order))
    except (PhotoError, ModelError) as failure:
        return say_failure(language, failure)
    if not (order.size or order.preset) and any(active.step.name == "crop" for active in order.steps("before")):
        told = say(language, "up to {size}", size=told)
    if order.marketplace:
        told = f"{say(language, order.marketplace.name)} · {told}"
    return say(language, "{size} · about {seconds} s here", size=told, seconds=round_guess(seconds)) if seconds else told


def size_of_result(size: tuple[int, int], order: Order) -> tuple[int, int]:
    """(width, height) of what an order makes of a photo of `size`, where that is not cropped first."""
    if order.marketplace:
        return order.marketplace.side, order.marketplace.side
    if order.target:
        return order.target.result(size)
    return size[0] * order.scale, size[1] * order.scale


def expected(size: tuple[int, int], order: Order) -> float | None:
    """Seconds of an order on this machine; None as long as none was seen."""
    total = 0.0
    for number, (scale, pixels) in enumerate(budget.passes(size, order)):
        seconds = pace.here.expected(SECOND.get(order.model, order.model) if number else order.model, scale, pixels)
        if seconds is None:
            return None
        total += seconds
    return total


def round_guess(seconds: float) -> str:
    """Seconds as text, with two significant digits at most."""
    return f"{max(seconds, 0.1):.1f}" if seconds < 2 else f"{float(f'{seconds:.2g}'):.0f}"
