"""What a click on the button will give, said before it: the result's size, and about how many seconds it takes on this machine."""

import math
import time
from collections.abc import Container
from typing import Any

from sr_models import CATALOG, ModelError, Order, PhotoError, UpscaleError
from sr_models.reading import size_of
from sr_models.stages.passes import SECOND
from ui.parts import shots as taken
from ui.server import budget, pace
from ui.server.dropped import Found, refuse_all
from ui.server.files import take_upload
from ui.words.texts import say, say_failure

KNOWN = {name for entry in CATALOG for name in (entry.id, entry.family)}
"""Models whose seconds can be told; others would have to be downloaded first."""


def foretell(language: str, photo: Any, words: dict[str, Any], others: Any = None) -> tuple[str, float | None]:
    """For a photo and other shots as gradio hands them over and the words of an order: one line, or why it will be refused; and the seconds
    on this machine, where they are known. Nothing without a readable photo."""
    seconds = None
    try:
        path, _ = take_upload(photo)
        size = size_of(path)
    except UpscaleError:  # the run says so
        return "", None
    try:
        order = Order(**words)
        shots = [shot for shot, _ in taken.take(others, order.model)]
        if order.model in KNOWN:
            seconds = expected(size, order, len(shots))
            budget.refuse_large(path, order, shots)
        told = "{} × {}".format(*size_of_result(size, order))
    except (PhotoError, ModelError) as failure:
        return say_failure(language, failure), seconds
    if not (order.size or order.preset) and any(active.step.name == "crop" for active in order.classic_steps("before")):
        told = say(language, "up to {size}", size=told)
    if order.marketplace:
        told = f"{say(language, order.marketplace.name)} · {told}"
    if seconds:
        told = say(language, "{size} · about {seconds} s here", size=told, seconds=round_guess(seconds))
    return told, seconds


def expect_all(found: list[Found], order: Order) -> float | None:
    """Seconds on this machine for the photos of a catalogue, where they are known. Raises UpscaleError where one will be refused."""
    seconds = [expected(one.size, order, second_opinion=False) for one in found if one.size] if order.model in KNOWN else []
    return sum(filter(None, seconds)) if seconds and None not in seconds else None


def foretell_all(language: str, found: list[Found], words: dict[str, Any]) -> str:
    """One line for the photos of a catalogue. Raises UpscaleError where they are too much together."""
    order = Order(**words)
    sizes = [one.size for one in found if one.size]
    megapixels = sum(map(math.prod, sizes)) / 1e6
    told = say(
        language, "{count} photos, {megapixels} megapixels", count=sum(one.is_photo for one in found), megapixels=f"{megapixels:.1f}"
    )
    if order.model in KNOWN:
        refuse_all(found, order)
        if seconds := expect_all(found, order):
            told += " · " + say(language, "about {time} here", time=describe_time(language, seconds))
    return told


class Ahead:
    """What of a catalogue is still ahead while it is made: its photos and its time, from what those before have taken."""

    def __init__(self, found: list[Found], order: Order):
        self.photos = [one for one in found if one.is_photo]
        self.order = order
        self.begun = time.monotonic()

    def tell(self, language: str, came: Container[str]) -> str:
        """The line, once the outcomes of the files with the ids `came` are there."""
        done = [one for one in self.photos if one.item.id in came]
        told = say(language, "{done} of {total} photos", done=len(done), total=len(self.photos))
        left = self.seconds({one.item.id for one in done})
        return told if left is None else told + say(language, ", about {time} left", time=describe_time(language, left))

    def seconds(self, came: set[str]) -> float | None:
        work = {one.item.id: math.prod(one.size) for one in self.photos if one.size and not one.failure}
        done = sum(pixels for id, pixels in work.items() if id in came)
        ahead = sum(work.values()) - done
        if done:
            return (time.monotonic() - self.begun) * ahead / done
        return expect_all(self.photos, self.order)


def describe_time(language: str, seconds: float) -> str:
    """Such as “40 seconds” or “3 minutes”."""
    if seconds < 100:
        return say(language, "{count} seconds", count=max(2, round(seconds / 5) * 5 if seconds > 10 else round(seconds)))
    return say(language, "{count} minutes", count=max(2, round(seconds / 60)))


def size_of_result(size: tuple[int, int], order: Order) -> tuple[int, int]:
    """(width, height) of what an order makes of a photo of `size`, where that is not cropped first."""
    if order.marketplace:
        return order.marketplace.side, order.marketplace.side
    if order.target:
        return order.target.result(size)
    return size[0] * order.scale, size[1] * order.scale


def expected(size: tuple[int, int], order: Order, others: int = 0, second_opinion: bool = True) -> float | None:
    """Seconds of an order on this machine, with so many other shots in its first pass; None as long as none was seen."""
    total = 0.0
    for number, (scale, pixels) in enumerate(budget.passes(size, order)):
        model = SECOND.get(order.model, order.model) if number else order.model
        seconds = pace.here.expected(model, scale, pixels, second_opinion and not number, order.steps, order.input)
        if seconds is None:
            return None
        total += seconds * (1 if number else 1 + others)
    return total


def round_guess(seconds: float) -> str:
    """Seconds as text, with two significant digits at most."""
    return f"{max(seconds, 0.1):.1f}" if seconds < 2 else f"{float(f'{seconds:.2g}'):.0f}"
