"""What was dropped together, photos and ZIPs of photos, as the files of a catalogue; and how much of it is taken, said before any work."""

import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from sr_models import Order, PhotoError, UpscaleError
from sr_models.jobs.sources import BROKEN, Item, look_at_file, read_zip, tell_apart
from sr_models.jobs.targets import Task, plan_tasks
from sr_models.reading import size_of
from ui.server import audience, budget
from ui.server.files import MAX_BYTES, UPLOAD_FIRST, take_upload

MOST_PHOTOS, MOST_MEGAPIXELS = 50, 100.0
"""On a page that strangers can reach: of all photos together, through the network as `budget` counts them."""
MOST_HERE = 1000
"""Photos on this machine's own page: more of them are for the command line, which goes on after an interruption."""
MOST_FILES, MOST_UNPACKED = 10_000, 2_000_000_000
"""In a ZIP: files, and bytes that they come to."""
MANY = (
    "These are {count} photos, and up to {most} are taken at a time. Drop them in parts, or use the command line on a machine of your own: "
    "it takes any number."
)


@dataclass(frozen=True)
class Found:
    """One of the files."""

    item: Item
    size: tuple[int, int] | None = None
    """(width, height) in pixels; None where it cannot be told without reading the photo."""
    failure: UpscaleError | None = None
    """Why nothing can be made of it."""

    @property
    def is_photo(self) -> bool:
        return not self.item.left_out


def list_dropped(photos: Any) -> list[Found]:
    """All files of some uploads as gradio hands them over, ZIPs unpacked: what lies in one of several ZIPs is below its name.

    Raises PhotoError where there is nothing, or more than is taken.
    """
    uploads = [take_upload(photo) for photo in photos] if isinstance(photos, list) else []
    if not uploads:
        raise PhotoError(UPLOAD_FIRST)
    found = [one for path, name in uploads for one in look_into(path, name, under="" if len(uploads) == 1 else PurePosixPath(name).stem)]
    told_apart = [replace(one, item=item) for one, item in zip(found, tell_apart(one.item for one in found), strict=True)]
    count, most = sum(one.is_photo for one in found), most_photos()
    if count > most:
        raise PhotoError(MANY, count=count, most=most)
    return told_apart


def most_photos() -> int:
    """At a time."""
    return MOST_PHOTOS if audience.here.is_public() else MOST_HERE


def look_into(path: Path, name: str, under: str) -> Iterator[Found]:
    """The files of an upload: itself, or what a ZIP holds, in the folder `under`; a ZIP that cannot be taken is one that failed."""
    if PurePosixPath(name).suffix.lower() != ".zip":
        item = look_at_file(path, PurePosixPath(name).name)
        yield Found(item, None if item.left_out else measure(item))
        return
    try:
        sizes = check_zip(path, name)
        members = list(read_zip(path))
        if all(item.left_out for item in members):
            raise PhotoError("The ZIP “{name}” holds no photo.", name=name)
    except PhotoError as failure:
        yield Found(Item(name, path, place=name), failure=failure)
        return
    within = f"{under}/" if under else ""
    for item in members:
        item = replace(item, id=within + item.id, place=within + item.place)
        if not item.left_out and sizes[item.member or 0] > MAX_BYTES:
            large = PhotoError("“{name}” has more than {limit} megabytes.", name=item.name, limit=MAX_BYTES // 1_000_000)
            yield Found(item, failure=large)
        else:
            yield Found(item, None if item.left_out else measure(item))


def check_zip(path: Path, name: str) -> list[int]:
    """How many bytes each member has, as the ZIP says; none is ever read further. Raises PhotoError for one that holds too much."""
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = [member.file_size for member in archive.infolist()]
    except (*BROKEN, OSError) as failure:
        raise PhotoError("The ZIP “{name}” is damaged, or no ZIP. Pack it again.", name=name) from failure
    if len(sizes) > MOST_FILES or sum(sizes) > MOST_UNPACKED:
        raise PhotoError(
            "The ZIP “{name}” holds {count} files of {size} megabytes in all; up to {most} files and {limit} megabytes are unpacked here.",
            name=name,
            count=len(sizes),
            size=-(-sum(sizes) // 1_000_000),
            most=MOST_FILES,
            limit=MOST_UNPACKED // 1_000_000,
        )
    return sizes


def measure(item: Item) -> tuple[int, int] | None:
    """A photo's size; None where it cannot be read: the run says why."""
    with suppress(PhotoError):
        return size_of(item.path if item.member is None else item.load())
    return None


def plan(found: Iterable[Found], order: Order) -> list[tuple[Task, UpscaleError | None]]:
    """A task for each file, and why it is refused, where it is. Raises PhotoError where all together are too much."""
    found = list(found)
    failures = [one.failure or refuse_one(one, order) for one in found]
    refuse_all([one for one, failure in zip(found, failures, strict=True) if failure is None], order)
    tasks = plan_tasks([one.item for one in found], order)
    return [
        (replace(task, output="", refused=str(failure)) if failure else task, failure)
        for task, failure in zip(tasks, failures, strict=True)
    ]


def refuse_one(one: Found, order: Order) -> PhotoError | None:
    """Why a photo is too much for one."""
    try:
        if one.size:
            budget.refuse_large_size(one.size, order)
    except PhotoError as failure:
        return failure
    return None


def refuse_all(found: list[Found], order: Order) -> None:
    """Raises PhotoError where a public page does not do so much for one visitor at a time."""
    asked = sum(budget.megapixels(one.size, order) for one in found if one.size)
    if audience.here.is_public() and asked > MOST_MEGAPIXELS:
        raise PhotoError(
            "This page is open to everybody, so all photos together may take {limit:g} megapixels through the network, and these would "
            "take {asked}. Drop them in parts; cnn-fast takes about {times} times as much as cnn.",
            limit=MOST_MEGAPIXELS,
            asked=f"{asked:.0f}",
            times=budget.count_times_as_much(order),
        )
