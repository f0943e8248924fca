"""The list of the classic steps, which are all off unless chosen.

They work on the values as the file encodes them and keep size (but for the crop), transparency, profile and all else that the photo
says of itself. What transparency hides neither counts nor changes, and pure white among pure white stays pure white.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal, get_args

from sr_models.errors import Cancelled, PhotoError
from sr_models.photo import Note, Photo
from sr_models.run import Question
from sr_models.stages import Done
from sr_models.stages.finish import colour, contrast, crisp, sharpen
from sr_models.stages.prepare import balance, crop, deblock, deblur, denoise, equalise

When = Literal["before", "after"]
WHENS: tuple[When, ...] = get_args(When)
BEFORE = "Before the network: {steps}. The figures compare the result with the photo after these steps."
AFTER = "After the network: {steps}. The figures are those of the result before these steps."


@dataclass(frozen=True)
class Step:
    name: str
    when: When
    """Before or after the network."""
    meaning: str
    """What the amount means, as a sentence that the page translates."""
    unit: str
    lowest: float
    highest: float
    default: float
    """Where a slider stands when the step is switched on. An amount of 0 changes nothing."""
    function: Callable[[Photo, float], Photo]


@dataclass(frozen=True)
class Active:
    """A step that was chosen, with its amount."""

    step: Step
    amount: float

    def __str__(self) -> str:
        """In the form that `parse` reads."""
        return f"{self.step.name}={self.amount:g}"


def parse(text: str, when: When | None = None) -> Active:
    """“denoise=0.3” or, with the default amount, “denoise”; only steps of `when` if given. Raises PhotoError, which lists the steps."""
    name, _, number = (part.strip() for part in text.partition("="))
    offered = [step for step in STEPS if when in (None, step.when)]
    step = next((step for step in offered if step.name == name), None)
    if step is None:
        raise PhotoError("There is no step “{name}” here. Choose from {steps}.", name=name, steps=", ".join(step.name for step in offered))
    try:
        amount = float(number) if number else step.default
    except ValueError:
        amount = math.nan
    if not step.lowest <= amount <= step.highest:
        raise PhotoError(
            "“{name}” takes a number from {lowest:g} to {highest:g}, not “{number}”. For example: {name}={default:g}.",
            name=name,
            lowest=step.lowest,
            highest=step.highest,
            number=number,
            default=step.default,
        )
    return Active(step, amount)


def parse_steps(text: str, when: When) -> tuple[Active, ...]:
    """Several steps as in `parse`, with spaces between them, each once. Raises PhotoError."""
    actives: list[Active] = []
    for word in text.split():
        active = parse(word, when)
        if any(other.step is active.step for other in actives):
            raise PhotoError("The step “{name}” was asked for more than once. Name each step once.", name=active.step.name)
        actives.append(active)
    return tuple(actives)


def apply(photo: Photo, actives: Iterable[Active], cancelled: Question = lambda: False) -> Photo:
    """The photo after these steps, in the order of STEPS, whatever the order in which they were given; `cancelled()` is asked before each.

    Raises Cancelled.
    """
    for active in sorted(actives, key=lambda active: STEPS.index(active.step)):
        if cancelled():
            raise Cancelled
        if active.amount:
            photo = active.step.function(photo, active.amount)
    return photo


def take(photo: Photo, actives: Iterable[Active], sentence: str, cancelled: Question = lambda: False) -> Done:
    """The stage: the photo after these steps, with `sentence` as a note that names those that are on."""
    taken = [active for active in actives if active.amount]
    done = Done.of(photo, apply(photo, taken, cancelled))
    return replace(done, notes=(Note(sentence, {"steps": ", ".join(map(str, taken))}),)) if taken else done


STEPS: tuple[Step, ...] = (
    Step("crop", "before", "the share of the frame that the product's longer side should fill", "share", 0, 1, 0.85, crop),
    Step("deblock", "before", "the compression noise to remove, of what the file says it has", "share", 0, 2, 1, deblock),
    Step("denoise", "before", "the grain to remove, 1 for noise of 25 levels of 255", "share", 0, 1, 0.2, denoise),
    Step("deblur", "before", "the radius of the blur to undo", "pixels", 0, 3, 0.5, deblur),
    Step("balance", "before", "how much of the light's colour to take out", "share", 0, 1, 0.5, balance),
    Step("equalise", "before", "how far brightness moves to locally equal histograms", "share", 0, 1, 0.3, equalise),
    Step("crisp", "after", "the width of the soft edges to make steep, in pixels of the result", "pixels", 0, 2, 1.2, crisp),
    Step("sharpen", "after", "how much of what a blur of 1.5 pixels would take away is added", "share", 0, 3, 0.5, sharpen),
    Step("contrast", "after", "how far dark and bright move apart", "share", 0, 1, 0.2, contrast),
    Step("colour", "after", "how much stronger colours become; below 0, weaker", "share", -1, 1, 0.15, colour),
)
