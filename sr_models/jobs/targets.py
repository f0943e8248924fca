"""Where the results of a catalogue lie: the tree of the source, and in it for each photo a name that no other one has."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from sr_models.errors import UpscaleError
from sr_models.jobs.sources import Item
from sr_models.names import SUFFIX, choose_free, fold, name_file, strip_unsafe
from sr_models.wishes import Order


@dataclass(frozen=True)
class Task:
    """A photo, what is wanted of it, and where the result goes."""

    item: Item
    order: Order
    output: str
    """The result's path below the folder of the catalogue, with “/”; empty where there is none."""
    refused: str = ""
    """Why nothing can be made of it; empty where it can."""


def plan_tasks(items: list[Item], order: Order) -> list[Task]:
    """A task for each item. It follows from items and order alone: after an interruption, and on every shard, it is the same."""
    taken: set[str] = set()
    return [make_task(item, order, taken) for item in items]


def make_task(item: Item, order: Order, taken: set[str]) -> Task:
    """`taken` are the names that are given, and get this one; such that differ in nothing but capitals are one, as on Windows and macOS."""
    if item.left_out or item.closed:
        return Task(item, order, "", item.left_out or item.closed)
    try:
        own = replace(order, **dict(item.words)) if item.words else order
    except UpscaleError as failure:
        return Task(item, order, "", str(failure))
    place = PurePosixPath(item.place)
    folder = PurePosixPath(*filter(None, map(strip_unsafe, place.parent.parts)))
    usual = folder / name_file(place.name, own.name, own.model, SUFFIX[own.output.format])
    output = choose_free(usual, taken)
    taken.add(fold(output))
    return Task(item, own, str(output))
