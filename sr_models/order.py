"""What is wanted of a photo, and the one way to it: page, command line and API all go it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from sr_models import output, weights
from sr_models.device import Device
from sr_models.errors import PhotoError
from sr_models.figures.report import Report, examine
from sr_models.output import USUAL_QUALITY, Encoded, Format, Output
from sr_models.photo import Note, Photo, Provenance
from sr_models.shop.marketplace import Rule, checklist, file_checklist, listed
from sr_models.shop.presets import Preset
from sr_models.stages import steps
from sr_models.stages.size import Sized, Wish, enlarged_to, times
from sr_models.stages.steps import Active

RESIZED = (
    "The enlargement of {before} pixels was brought to {after}. The figures are those of the enlargement: "
    "the file itself, reduced, no longer gives the photo back."
)
NOT_ENLARGED = "The photo was large enough: it was not enlarged, and there is nothing to report."
STEPPED_BEFORE = "Before the network: {steps}. The figures compare the result with the photo after these steps."
STEPPED_AFTER = "After the network: {steps}. The figures are those of the result before these steps."
FROM_ELSEWHERE = (weights.FROM_HUB, weights.INSTEAD)
LOSSY = "The file is compressed: only PNG and lossless WebP keep an exact result exact."


@dataclass(frozen=True)
class Order:
    """What is wanted. Names as in `upscale`."""

    scale: int = 4
    """2, 3 or 4; `wish` and `preset` overrule it."""
    model: str = "cnn"
    input: str = "auto"
    faithful: str = "colour"
    detail: float | None = None
    before: tuple[Active, ...] = ()
    """Steps before the network, in the order of `steps.STEPS`."""
    after: tuple[Active, ...] = ()
    wish: Wish | None = None
    """An exact size."""
    preset: Preset | None = None
    """A marketplace: its canvas, and where `output` leaves them open its format and weight."""
    snap: bool = False
    """With a preset: make what is nearly white in the background pure white."""
    output: Output | None = None
    """None is PNG, or what the preset asks for."""

    def __post_init__(self) -> None:
        if self.wish and self.preset:
            raise PhotoError("A size and a marketplace were asked for, which has a size of its own. Leave one of the two out.")
        if self.snap and not self.preset:
            raise PhotoError("A pure white background is made for a marketplace only. Choose one, or leave it out.")

    @property
    def size(self) -> str:
        """What was asked for, in a word: "4x", "1600x1200", or the preset's id."""
        if self.preset:
            return self.preset.id
        return f"{self.wish.width}x{self.wish.height}" if self.wish else f"{self.scale}x"

    @property
    def written(self) -> Output:
        """How the file is saved."""
        return self.output or saved_as(self.preset)


def saved_as(
    preset: Preset | None,
    format: Format | None = None,
    quality: int | None = None,
    max_kb: int | None = None,
    background: tuple[int, int, int] = Output.background,
) -> Output:
    """As it is given here; what is not given, as the preset asks for it, and PNG where there is none."""
    if preset:
        format = format or preset.format
        quality = USUAL_QUALITY.get(format) if quality is None else quality
        max_kb = preset.max_kb if max_kb is None else max_kb
    return Output(format or "png", quality, max_kb, background)


@dataclass(frozen=True)
class Delivery:
    """What came of it."""

    order: Order
    sized: Sized
    """Its source is the photo after the steps before the network, and of it what lies on a marketplace's canvas."""
    picture: Photo
    """What is in the file, before compression."""
    file: Encoded
    report: Report | None
    """Of the enlargement, before it was brought to a size; None where the photo was large enough."""
    rules: tuple[Rule, ...] = ()
    """The marketplace's checklist."""
    notes: tuple[Note, ...] = field(default=())
    """What the person should know."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Of the catalogue's entries that were used, in their order."""
        return tuple(result.entry.id for result in self.sized.passes)

    @property
    def promise_holds(self) -> bool:
        """Whether what the faithful mode promises holds for the file itself."""
        return self.sized.promise_holds and not (self.order.preset or self.order.after) and self.order.written.lossless

    def as_json(self) -> dict[str, object]:
        """The report card, what is in the file, the checklist and the notes, in English."""
        width, height = self.picture.size
        file = {"format": self.order.written.format, "quality": self.file.quality, "bytes": len(self.file.data), "size": [width, height]}
        report: dict[str, object] = {"verdict": None} if self.report is None else self.report.as_json()
        rules = [{"rule": rule.name, "ok": rule.ok, "text": str(rule)} for rule in self.rules]
        return report | {"models": list(self.ids), "file": file, "rules": rules, "notes": [str(note) for note in self.notes]}


def carried_out(
    photo: Photo,
    order: Order,
    *,
    protect: np.ndarray | None = None,
    device: Device | None = None,
    progress: Callable[[int, int], object] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Delivery:
    """`protect`, `progress` and `cancelled` as in `upscale`. Raises what `upscale` raises, and PhotoError for a file that cannot be."""
    weights.chosen(order.model, order.scale, order.input)  # a wrong model is said before anything else is done
    if order.before and protect is not None and any(step.step.name == "crop" for step in order.before):
        raise PhotoError("Places were marked on the photo, and it is to be cropped first. Leave one of the two out.")
    prepared = steps.applied(photo, order.before)
    options = {
        "model": order.model,
        "input": order.input,
        "faithful": order.faithful,
        "detail": order.detail,
        "protect": protect,
        "device": device,
        "progress": progress,
        "cancelled": cancelled,
    }
    if order.preset:
        side = order.preset.side
        output.check(order.written, (side, side))
        listing = listed(prepared, order.preset, snap=order.snap, **options)
        sized, picture = listing.sized, listing.photo
    else:
        wish = order.wish or times(prepared.size, order.scale)
        output.check(order.written, wish.result(prepared.size))
        listing, sized = None, enlarged_to(prepared, wish, **options)
        picture = sized.photo
    picture = steps.applied(picture, order.after)
    made = None
    if sized.passes:
        entry, detail = sized.passes[0].entry, sized.passes[0].detail
        made = Provenance(entry.id, entry.sha256, generative=entry.family == "gan" if detail is None else detail > 0)
    file = output.encoded(picture, order.written, made)
    rules = ()
    if listing and order.preset:
        rules = checklist(replace(listing, photo=picture))
        rules += file_checklist(order.preset, order.written.format, len(file.data), file.quality)
    return Delivery(order, sized, picture, file, reported(sized), rules, notes(photo, order, sized, picture, file))


def reported(sized: Sized) -> Report | None:
    """The report card of the enlargement, of both passes where there were two; None where there was none."""
    if not sized.passes:
        return None
    return examine(sized.source, replace(sized.passes[0], photo=sized.master, seconds=sized.seconds))


def notes(photo: Photo, order: Order, sized: Sized, picture: Photo, file: Encoded) -> tuple[Note, ...]:
    found = list(photo.notes)
    origins = [weights.origin(result.entry) for result in sized.passes]
    found += [Note(origin.sentence, origin.values) for origin in origins if origin and origin.sentence in FROM_ELSEWHERE]
    if order.before:
        found.append(Note(STEPPED_BEFORE, {"steps": ", ".join(map(str, order.before))}))
    if order.after:
        found.append(Note(STEPPED_AFTER, {"steps": ", ".join(map(str, order.after))}))
    if not sized.passes:
        found.append(Note(NOT_ENLARGED))
    elif not sized.promise_holds or order.preset:
        before, after = ("{} × {}".format(*size) for size in (sized.master.size, picture.size))
        found.append(Note(RESIZED, {"before": before, "after": after}))
    if order.faithful == "exact" and not order.written.lossless:
        found.append(Note(LOSSY))
    return (*found, *file.notes)
