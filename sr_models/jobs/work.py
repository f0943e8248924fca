"""What is done for one photo of a catalogue: the same function in a local worker, on a shard, and in a cluster's actor."""

import errno
import hashlib
import io
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath

from PIL import Image

from sr_models import device as devices
from sr_models import memory
from sr_models.catalog import CATALOG, find_fusion, find_recurrent
from sr_models.device import Device
from sr_models.errors import Cancelled, PhotoError, UpscaleError
from sr_models.jobs.manifest import Row
from sr_models.jobs.sources import Item
from sr_models.jobs.storage import Results
from sr_models.jobs.targets import Task
from sr_models.order import Delivery, carry_out
from sr_models.output import store
from sr_models.photo import Photo
from sr_models.plan import make_folder
from sr_models.reading import decode
from sr_models.run import Question
from sr_models.stages.resampling import resized
from sr_models.version import __version__
from sr_models.wishes import Order

THUMBNAIL = 160  # pixels: longer side
THUMBNAILS = ".catalogue/thumbnails"
"""Below the folder of a catalogue: before and after of each photo side by side."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""What a folder says that takes no more results, of whatever photo."""


@dataclass(frozen=True)
class Given:
    """What a worker is given for one photo."""

    task: Task
    folder: Path
    """Of the catalogue."""
    results: Results
    before: Row | None
    """What is known of it from an earlier run; None where nothing is, or where it does not count."""
    ours: bool
    """Whether a result that is there already was written by this catalogue."""
    retry_failed: bool = False


def fingerprint_of(order: Order) -> str:
    """Of all that decides what a photo becomes: the order, the weights it may use, and the version of the program."""
    entries = [entry for entry in CATALOG if order.model in (entry.family, entry.id)]
    used = {*entries, *filter(None, (find(entry) for entry in entries for find in (find_fusion, find_recurrent)))}
    weights = sorted(entry.sha256 or entry.id for entry in used)
    told = json.dumps([asdict(order), weights, __version__], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def enlarge_one(
    given: Given, device: Device, cancelled: Question = lambda: False, hear: Callable[[Delivery | Exception], object] = lambda came: None
) -> Row:
    """Reads, enlarges and writes a photo; what fails is a row too. The row is `given.before` itself where there was nothing to do.

    `hear` is given what the row tells of, so that it can be said in another language. Raises Cancelled.
    """
    task, begun = given.task, time.perf_counter()
    row = begin_row(task)
    sha256 = ""
    try:
        data, *more = [item.load() for item in (task.item, *task.item.others)]
        sha256 = hash_of(data, *more)
        if given.before is not None and counts_still(given, given.before, row, sha256):
            return given.before
        photo = decode(data, task.item.name)
        others = [decode(other, item.name) for other, item in zip(more, task.item.others, strict=True)]
        done = carry_out(photo, task.order, others=others, device=device, cancelled=cancelled, second_opinion=False)  # no row tells of it
        output = given.results.name(task.output)
        if not given.ours and given.results.has(output) and given.results.read(output) != done.file.data:
            name = PurePosixPath(output).name
            raise PhotoError("“{name}” was not written by this catalogue, and is not overwritten. Give another folder.", name=name)
        given.results.write(output, done.file.data)
        save_thumbnail(photo, done, thumbnail_of(given.folder, row.id))
    except Cancelled:
        raise
    except UpscaleError as failure:
        hear(failure)
        full = isinstance(failure.__cause__, OSError) and failure.__cause__.errno in FULL
        return replace(row, reason=str(failure), sha256=sha256, fingerprint="" if full else row.fingerprint)
    except Exception as failure:  # a bug, or no memory: the next photo is not to suffer from it
        hear(failure)
        return replace(row, reason=f"Unexpected: {type(failure).__name__}: {str(failure)[:200]}", sha256=sha256)
    hear(done)
    report = done.report
    return replace(
        row,
        status="done",
        reason="" if report is None else " ".join(map(str, report.reasons)),
        sha256=sha256,
        output=output,
        photo=photo.size,
        result=done.picture.size,
        seconds=round(time.perf_counter() - begun, 2),
        models=done.ids,
        verdict="" if report is None else report.verdict,
        lr_psnr=round(report.lr_psnr, 2) if report and math.isfinite(report.lr_psnr) else None,
        delta_e=None if report is None else round(report.delta_e, 3),
        notes=(*map(str, done.notes), *describe_shots(task.item, done)),
    )


def hash_of(data: bytes, *more: bytes) -> str:
    """The SHA-256 of a photo, in hexadecimal digits; where other shots go into its result, of all the hashes in a row."""
    hashes = [hashlib.sha256(one).hexdigest() for one in (data, *more)]
    return hashlib.sha256("".join(hashes).encode()).hexdigest() if more else hashes[0]


def describe_shots(item: Item, done: Delivery) -> list[str]:
    """How many of an item's other shots were used, and of each other one its name and the reason."""
    shots = done.enlarged.shots
    if shots is None:
        return []
    return [str(shots.note), *(f"{other.name}: {why}" for other, why in zip(item.others, shots.reasons, strict=True) if why)]


def begin_row(task: Task) -> Row:
    """The row of a photo of which nothing is done yet: as it stays where something fails, but for the reason."""
    return Row(task.item.id, task.item.place, "failed", fingerprint=fingerprint_of(task.order))


def record_lost(given: Given, reason: str) -> Row:
    """The row of a photo over which its worker died, with the reason. The unfinished file of its result is removed."""
    given.results.clear(given.results.name(given.task.output))
    return replace(begin_row(given.task), reason=reason)


def start_work(device: str, threads: int) -> Callable[[Given], Row]:
    """Called once in each worker: sets its memory, threads and device. → the function that enlarges one photo after the other."""
    memory.prepare()
    devices.use_threads(str(threads))
    chosen = devices.choose(device)

    def work(given: Given) -> Row:
        row = enlarge_one(given, chosen)
        memory.give_back()
        return row

    return work


def counts_still(given: Given, before: Row, now: Row, sha256: str) -> bool:
    """Whether what an earlier run made of the photo, or why it failed, still holds."""
    if before.fingerprint != now.fingerprint:
        return False
    if before.status == "failed":
        return not given.retry_failed and before.sha256 in ("", sha256)
    return before.sha256 == sha256 and before.output == given.results.name(given.task.output) and given.results.has(before.output)


def thumbnail_of(folder: Path, id: str) -> Path:
    return folder / THUMBNAILS / f"{hashlib.sha256(id.encode(errors='surrogatepass')).hexdigest()[:24]}.webp"


def save_thumbnail(photo: Photo, done: Delivery, file: Path) -> None:
    """Before and after, side by side, each THUMBNAIL pixels and less."""
    both = Image.new("RGB", (2 * THUMBNAIL, THUMBNAIL), "white")
    for column, picture in enumerate((photo, done.picture)):
        share = THUMBNAIL / max(picture.size)
        width, height = (max(1, round(side * share)) for side in picture.size)
        small = Image.fromarray(resized(picture, (width, height)).rgb)
        both.paste(small, (column * THUMBNAIL + (THUMBNAIL - width) // 2, (THUMBNAIL - height) // 2))
    data = io.BytesIO()
    both.save(data, "WEBP", quality=80, icc_profile=done.picture.icc)
    make_folder(file.parent)
    store(data.getvalue(), file)
