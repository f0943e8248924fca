"""The stages in a row: from a photo and an order to what is delivered. Page, command line, API and Python all go this way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sr_models import output, weights
from sr_models.device import Device
from sr_models.ensemble import check_repeated
from sr_models.errors import Cancelled, ModelError, PhotoError
from sr_models.figures.report import Report, add_look, examine
from sr_models.output import Encoded, encode
from sr_models.photo import Note, Photo
from sr_models.run import Progress, Question
from sr_models.shop.marketplace import Canvas, Listing, Rule, checklist, file_checklist
from sr_models.stages import Done, steps
from sr_models.stages.fit import aim, fit
from sr_models.stages.look import look
from sr_models.stages.passes import Enlarged, enlarge
from sr_models.wishes import Order

LOSSY = "The file is compressed: only PNG, TIFF and lossless WebP keep an exact result exact."
SHALLOWER = "The photo has 16 bits a channel; what was asked for beside the enlargement works with 8, and so the result has 8."


@dataclass(frozen=True)
class Delivery:
    """What came of an order."""

    order: Order
    enlarged: Enlarged
    """Its source is the photo after the steps before the network, and of it what lies on a marketplace's canvas."""
    picture: Photo
    """What is in the file, before compression."""
    file: Encoded
    report: Report | None
    """The report card of the enlargement before it was brought to a size; None where the photo was large enough."""
    promise_holds: bool
    """Whether what the faithful mode promises holds for the file itself: no stage after the enlargement changed a pixel."""
    rules: tuple[Rule, ...] = ()
    """The marketplace's checklist."""
    notes: tuple[Note, ...] = ()
    """What the person should know, from each stage."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the networks that were used, in the order of their passes."""
        return tuple(entry.id for result in self.enlarged.passes for entry in result.networks)

    def as_json(self) -> dict[str, object]:
        """The report card, what is in the file, whether the promise holds for it, the checklist and the notes, in English."""
        width, height = self.picture.size
        file = {"format": self.order.output.format, "quality": self.file.quality, "bytes": len(self.file.data), "size": [width, height]}
        report: dict[str, object] = {"verdict": None} if self.report is None else self.report.as_json()
        rules = [{"rule": rule.name, "ok": rule.ok, "text": str(rule)} for rule in self.rules]
        report |= {"shots": self.enlarged.shots.as_json()} if self.enlarged.shots else {}
        told = {"promise_holds": self.promise_holds, "rules": rules, "notes": [str(note) for note in self.notes]}
        return report | {"models": list(self.ids), "file": file} | told


def carry_out(
    photo: Photo,
    order: Order,
    others: Sequence[Photo] = (),
    *,
    protect: np.ndarray | None = None,
    device: Device | None = None,
    progress: Progress = lambda done, total: None,
    cancelled: Question = lambda: False,
    second_opinion: bool = True,
) -> Delivery:
    """What `order` asks for; the rest as in `upscale` and `examine`. Other shots are prepared as the photo is, and cut to what the order
    wants of each.

    Raises what `upscale` raises, and PhotoError for what no file can be.
    """
    check(order)
    if protect is not None and any(active.step.name == "crop" for active in order.classic_steps("before")):
        raise PhotoError("Places were marked on the photo, and it is to be cropped first. Leave one of the two out.")
    given, shallow = order.output.keep_depth(photo)
    prepared = prepare(given, order, cancelled)
    to = aim(prepared.picture, order)
    output.check_output(order.output, to.size)
    marked = None if protect is None else to.cut(protect)
    shots = [aim(prepare(other, order, cancelled).picture, order).photo for other in others]
    enlarged = enlarge(to.photo, to.content, order, shots, protect=marked, device=device, progress=progress, cancelled=cancelled)
    report = examine(enlarged.source, enlarged.result, second_opinion) if enlarged.passes else None
    looked = look(enlarged.master, prepared.picture, to, order)
    if report and looked.moved:
        report = add_look(report, *looked.moved)
    fitted = fit(replace(enlarged, master=looked.picture), to)
    finished = finish(fitted.picture, order, cancelled)
    if cancelled():
        raise Cancelled
    said = [note for stage in (photo, enlarged, prepared, looked, finished, fitted) for note in stage.notes]
    file = encode(finished.picture, order.output)
    rules: tuple[Rule, ...] = ()
    if isinstance(to, Canvas):
        rules = checklist(Listing(finished.picture, to, bool(enlarged.passes)))
        rules += file_checklist(to.preset, order.output.format, len(file.data), file.quality)
    shallow += (Note(SHALLOWER),) if given.deep and not finished.picture.deep else ()
    lossy = (Note(LOSSY),) if order.faithful == "exact" and not order.output.lossless else ()
    return Delivery(
        order,
        enlarged,
        finished.picture,
        file,
        report,
        promise_holds=not (looked.changed or fitted.changed or finished.changed) and order.output.lossless,
        rules=rules,
        notes=(*said, *lossy, *shallow, *file.notes),
    )


def prepare(photo: Photo, order: Order, cancelled: Question = lambda: False) -> Done:
    """The first stage: what is done to the photo before the network."""
    return steps.take(photo, order.classic_steps("before"), steps.BEFORE, cancelled)


def finish(picture: Photo, order: Order, cancelled: Question = lambda: False) -> Done:
    """The last stage before the file: what is done to the picture in its final size."""
    return steps.take(picture, order.classic_steps("after"), steps.AFTER, cancelled)


def check(order: Order) -> None:
    """Refuses a model that cannot serve, or not in so many steps, before anything is computed.

    Where a size decides the scale, any scale that it has is enough. Raises ModelError and WeightsError.
    """
    for scale in (own := weights.scales(order.model) if order.size or order.preset else (order.scale,)):
        try:
            check_repeated(order.steps, weights.choose_entry(order.model, scale, order.input))
            return
        except ModelError:
            if scale == own[-1]:
                raise
