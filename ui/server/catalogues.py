"""A catalogue on the page: each photo has the one place for itself and gives it up before the next; at the end there is a ZIP of all."""

import os
import shutil
import traceback
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from gradio.context import LocalContext

from sr_models import Cancelled, Delivery, Order, PhotoError, UpscaleError, choose
from sr_models.jobs.catalogue import Catalogue
from sr_models.jobs.manifest import Manifest, Row
from sr_models.jobs.summary import write_summary
from sr_models.jobs.targets import Task
from sr_models.jobs.work import Given, begin_row, enlarge_one
from sr_models.names import name_file
from sr_models.order import check
from sr_models.photo import Note
from ui.server import audience, disk, runs
from ui.server.dropped import Found, plan
from ui.server.files import keep
from ui.words.texts import say

MOST_BYTES = 1_000_000_000
"""That the results of a catalogue may weigh together on a page that strangers can reach."""
STOPPED = "It was not finished: the catalogue was stopped before."
NO_ROOM = "It was not finished: this server has no room for more results."
UNEXPECTED = "This photo could not be enlarged, for a reason that nobody foresaw."
SOURCES, RESULTS = "sources", "results"
"""Below the folder of a catalogue on the page."""
HIDDEN = ".catalogue"
"""What a catalogue keeps for itself, among the results."""


@dataclass(frozen=True)
class Outcome:
    """What came of one file."""

    row: Row
    told: tuple[Note, ...] = ()
    """Why it is not done, or what the verdict found: sentences to translate."""
    notes: tuple[Note, ...] = ()
    """What the person should know besides."""

    @property
    def was_stopped(self) -> bool:
        return self.row.reason in (STOPPED, NO_ROOM)


def enlarge_all(found: list[Found], order: Order, folder: Path, stopped: Callable[[], bool]) -> Iterator[Outcome]:
    """The outcome of each file, as it is finished; of those that it does not come to, before it is stopped, at the end.

    Their results are below `folder`, where `pack` expects them. Raises UpscaleError where nothing can begin.
    """
    with runs.begun(stopped):  # a network may have to be fetched
        check(order)
        planned = plan(found, order)
    tasks = hold([task for task, _ in planned], folder / SOURCES)
    told = {task.item.id: tell(failure) for task, failure in planned if failure}
    results = folder / RESULTS
    rest = {task.item.id: task for task in tasks}
    heard: dict[str, Outcome] = {}
    why = STOPPED

    def take_turns(todo: list[Given]) -> Iterator[Row]:
        nonlocal why
        written = 0
        for given in todo:
            keep(folder)
            try:
                outcome = refuse_more(given) if written > MOST_BYTES and audience.here.is_public() else enlarge_in_turn(given, stopped)
            except Cancelled:
                return
            if outcome.row.found_no_room:
                why = NO_ROOM
                return
            written += (results / outcome.row.output).stat().st_size if outcome.row.output else 0
            heard[outcome.row.id] = outcome
            yield outcome.row

    for row in Catalogue(results, results, order).run(tasks, take_turns):
        rest.pop(row.id)
        yield heard.pop(row.id, None) or Outcome(row, told.get(row.id) or (Note(row.reason),))
    with closing(Manifest(results)) as manifest:
        for task in rest.values():
            row = Row(task.item.id, task.item.place, "skipped", why)
            manifest.add(row)
            yield Outcome(row, (Note(why),))


def hold(tasks: Iterable[Task], folder: Path) -> list[Task]:
    """The same tasks with files of their own: an upload may be deleted meanwhile, since a catalogue can take hours."""
    held: dict[Path, Path] = {}
    for path in dict.fromkeys(task.item.path for task in tasks):
        held[path] = folder / str(len(held)) / path.name
        held[path].parent.mkdir(parents=True)
        try:
            os.link(path, held[path])
        except OSError:  # another disk, or one without links
            shutil.copyfile(path, held[path])
    return [replace(task, item=replace(task.item, path=held[task.item.path])) for task in tasks]


def enlarge_in_turn(given: Given, stopped: Callable[[], bool]) -> Outcome:
    """One photo, while no other run computes. Raises Cancelled."""
    came: list[Delivery | Exception] = []
    with runs.begun(stopped) as run:
        row = enlarge_one(given, choose(), run.is_over, came.append)
    match came[-1]:
        case Delivery() as done:
            reasons = () if done.report is None else tuple(Note(reason.sentence, {**reason.values}) for reason in done.report.reasons)
            return Outcome(row, reasons, done.notes)
        case UpscaleError() as failure:
            pass
        case unforeseen:
            traceback.print_exception(unforeseen)
            failure = PhotoError(disk.NO_ROOM if disk.is_full(unforeseen) else UNEXPECTED)
    return Outcome(replace(row, reason=str(failure)), tell(failure))


def refuse_more(given: Given) -> Outcome:
    """A photo that is not begun, since the results before it weigh enough."""
    failure = PhotoError(
        "This page is open to everybody, so the results of a catalogue may have {limit} megabytes, and those before this photo have more. "
        "Choose a smaller scale or JPEG, or drop the photos in parts.",
        limit=MOST_BYTES // 1_000_000,
    )
    return Outcome(replace(begin_row(given.task), reason=str(failure)), tell(failure))


def tell(failure: UpscaleError) -> tuple[Note, ...]:
    """As an `Outcome` tells of it."""
    return (Note(failure.sentence, failure.values),)


def pack(folder: Path, name: str, came: Iterable[Outcome]) -> tuple[Path, Path | None]:
    """(the ZIP, the first contact sheet where there is one): results in their tree, manifest, table, sheets and report. The rest goes.

    The report speaks the language of whoever asked for the catalogue.
    """
    results, archive = folder / RESULTS, folder / name
    request = LocalContext.request.get(None)
    words = partial(say, request.headers.get("accept-language", "") if request else "")
    told = {outcome.row.id: [words(note.sentence, **note.values) for note in (*outcome.told, *outcome.notes)] for outcome in came}
    write_summary(results, words, told)
    sheet = next(iter(sorted(results.glob("contact-sheet-*.jpg"))), None)
    if sheet:
        sheet = Path(shutil.copy(sheet, folder))
    with zipfile.ZipFile(archive, "w") as file:  # pictures are compressed already
        for path in sorted(results.rglob("*")):
            place = path.relative_to(results)
            if path.is_file() and HIDDEN not in place.parts:
                file.write(path, place)
                path.unlink()  # so that the disk never holds everything twice
    shutil.rmtree(results)
    shutil.rmtree(folder / SOURCES)
    keep(archive)  # with what it weighs
    return archive, sheet


def name_archive(found: list[Found], order: Order, stopped: int) -> str:
    """After the ZIP that was dropped, where it is all; and how many photos are in it, where it was stopped before the last `stopped`."""
    sources = {one.item.path for one in found}
    stem = sources.pop().stem if len(sources) == 1 else "catalogue"
    photos = sum(one.is_photo for one in found)
    return name_file(stem, order.name, order.model, f"_{photos - stopped}_of_{photos}.zip" if stopped else ".zip")
