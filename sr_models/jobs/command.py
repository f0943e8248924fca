"""`catalogue` on the command line."""

import argparse
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType

from tqdm import tqdm

from sr_models.device import choose, use_threads
from sr_models.errors import PhotoError
from sr_models.jobs.catalogue import LIMIT, Catalogue
from sr_models.jobs.cluster import employ_actors
from sr_models.jobs.manifest import read_rows
from sr_models.jobs.storage import normalize
from sr_models.jobs.summary import write_summary
from sr_models.jobs.tally import Tally
from sr_models.jobs.targets import Task
from sr_models.order import check
from sr_models.wishes import Order

SHOWN = 10  # lines of a dry run for photos, as many for what is refused and for other files


def add_options(command: argparse.ArgumentParser) -> None:
    """What is asked beside what can be wished of every photo, and the device."""
    places = "a folder, with the folders inside, a ZIP, a CSV or TSV with a column “path” or “url”, or a storage, as s3://shop/photos"
    stored = "where results go, and only they, as s3://shop/large (default: FOLDER)"
    together = "how many photos at a time, each in a process of its own (default: 1)"
    part = "only part I of N of the photos, I from 1 to N, as for one of N machines that share the output's folder"
    command.add_argument("source", type=lambda text: text if "://" in text else Path(text), metavar="SOURCE", help=places)
    command.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER", help="where results, manifest and report go")
    command.add_argument("--store", default="", metavar="ADDRESS", help=stored)
    command.add_argument("--workers", type=at_least_one, default=1, metavar="N", help=together)
    command.add_argument("--shard", type=read_shard, default=(1, 1), metavar="I/N", help=part)
    command.add_argument("--limit", type=at_least_one, default=LIMIT, metavar="SECONDS", help=f"that a photo may take (default: {LIMIT:g})")
    command.add_argument("--retry-failed", action="store_true", help="try again what failed before")
    command.add_argument("--redo", action="store_true", help="make all again, also with other options than before")
    command.add_argument("--engine", choices=("local", "ray"), default="local", help="whose processes: this machine's, or a Ray cluster's")
    command.add_argument("--gpus", type=read_gpus, default=0, metavar="SHARE", help="of a GPU for each worker, with --engine ray, as 0.5")
    command.add_argument("--dry-run", action="store_true", help="say what would be made, and make nothing")


def at_least_one(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) >= 1):
        raise argparse.ArgumentTypeError(f"“{text}” is no whole number from 1 on.")
    return int(text)


def read_shard(text: str) -> tuple[int, int]:
    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise argparse.ArgumentTypeError(f"“{text}” is no shard. Give it as 3/16: the third of sixteen.")
    return int(number), int(count)


def read_gpus(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not (0 <= share <= 1 or (1 < share < 64 and share.is_integer())):
        raise argparse.ArgumentTypeError(f"“{text}” is no share of GPUs. Give a part of one, as 0.5, or a whole number.")
    return share


def run_catalogue(options: argparse.Namespace, order: Order) -> int:
    """→ exit code: 0; 2 where a photo failed; 130 where it was stopped. Raises PhotoError, ModelError, DeviceError."""
    check(order)
    use_threads(options.threads)
    if options.engine == "local":
        choose(options.device)  # one that is missing is said once; a cluster's machines have their own
    if options.output.exists() and not options.output.is_dir():
        raise PhotoError("“{name}” is a file. Give a folder for results, manifest and report.", name=options.output.name)
    if options.gpus and options.engine != "ray":
        raise PhotoError("--gpus is what --engine ray lends each worker: add that, or choose --device cuda.")
    if options.store:
        normalize(options.store)  # refuses what is no storage
    stop = Stop()
    asked = {name: getattr(options, name) for name in ("source", "workers", "device", "limit", "shard", "redo", "retry_failed", "store")}
    threads = int(options.threads or 1)
    catalogue = Catalogue(folder=options.output, order=order, threads=threads, stopping=lambda: stop.asked, **asked)
    tasks = catalogue.tasks()
    if options.dry_run:
        foretell(catalogue, tasks)
        return 0
    team = partial(employ_actors, catalogue, options.gpus) if options.engine == "ray" else None
    tally, finished = Tally(), 0
    before = read_rows(options.output)
    with stop, tqdm(total=len(tasks), unit="photo", disable=None) as bar:
        for row in catalogue.run(tasks, team):
            tally.add(row)
            finished += before.get(row.id) == row
            if row.status == "failed":
                tqdm.write(f"{row.id}: {row.reason}", file=sys.stderr)
            bar.set_postfix_str(f"{tally.pixels / 1_000_000:.1f} megapixels, {tally}", refresh=False)
            bar.update()
    write_summary(options.output)
    again = f", {finished} of them from before" if finished else ""
    print(f"{tally}{again}. See {options.output / 'report.html'} and {options.output / 'manifest.csv'}.")
    if stop.asked:
        print(f"Stopped after {tally.kinds.total()} of {len(tasks)} files. {catalogue.how_to_go_on}", file=sys.stderr)
        return 130
    return 2 if tally.kinds["failed"] else 0


def foretell(catalogue: Catalogue, tasks: list[Task]) -> None:
    """Says what would be made. Raises PhotoError where nothing would."""
    catalogue.refuse_another_order()
    before = {} if catalogue.redo else read_rows(catalogue.folder)
    refused = [task for task in tasks if task.refused and not task.item.left_out]
    others = [task for task in tasks if task.item.left_out]
    photos = [task for task in tasks if not task.refused]
    done = sum(row.status == "done" for task in photos if (row := before.get(task.item.id)))
    print(f"Photos: {len(photos)}, done before: {done}, refused: {len(refused)}, other files: {len(others)}.")
    for kind in (refused, photos, others):
        for task in kind[:SHOWN]:
            print(f"  {task.item.id} → {task.output or task.refused}")
        if len(kind) > SHOWN:
            print(f"  … and {len(kind) - SHOWN} more")


class Stop:
    """While it is open, Ctrl-C and SIGTERM only ask to stop; the second one does stop."""

    def __init__(self):
        self.asked = False
        self.before: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}

    def __enter__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            self.before[number] = signal.signal(number, self.ask)

    def ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        print("Stopping when the photos at work are finished. Once more stops at once.", file=sys.stderr)

    def __exit__(self, *_: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)
