"""The photos of a catalogue on a cluster, by Ray Data: rows carry paths and ids, and actors read, enlarge and write."""

import importlib
import logging
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from sr_models.errors import DeviceError
from sr_models.jobs.catalogue import Catalogue
from sr_models.jobs.manifest import Row, row_of
from sr_models.jobs.pool import Lost, Work, Worker
from sr_models.jobs.storage import InFolder
from sr_models.jobs.work import Given, record_lost, start_work

LARGEST_BLOCK = 16
"""Photos that Ray hands out together. Their rows come back together, so as many are made again where the caller dies."""
BLOCKS = 4
"""So many for each actor at least, so that none waits long for the last one."""


class Enlarger:
    """An actor. Its photos are made in a process of its own, as on one machine: what Ray does with a photo that kills an actor is to try it
    again, for ever, or to give up its whole block."""

    def __init__(self, make_work: Callable[[], Work], limit: float):
        self.worker = Worker(make_work, limit)

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[str]]:
        """`batch`: “given”, pickled `Given`s → “row”, the lines of the manifest."""
        return {"row": [self.enlarge(pickle.loads(given)).as_line() for given in batch["given"]]}

    def enlarge(self, given: Given) -> Row:
        self.worker.give(given)
        self.worker.pipe.poll(self.worker.limit)
        outcome = self.worker.take()
        return record_lost(outcome.task, outcome.reason) if isinstance(outcome, Lost) else outcome


def employ_actors(catalogue: Catalogue, gpus: float, todo: list[Given]) -> Iterator[Row]:
    """A `Team` of `catalogue.workers` actors, each with `catalogue.threads` cores and `gpus` of a GPU, all with the folders in sight.

    They are of the cluster that this program, RAY_ADDRESS or `ray start` is connected to, else of this machine. Raises DeviceError.
    """
    if not todo:
        return
    device = "cuda" if gpus and catalogue.device == "auto" else "cpu" if catalogue.device == "auto" else catalogue.device
    with connect(catalogue.threads, gpus) as ray:
        blocks = max(-(-len(todo) // LARGEST_BLOCK), min(len(todo), BLOCKS * catalogue.workers))
        rows = ray.data.from_items([{"given": pickle.dumps(make_absolute(given))} for given in todo], override_num_blocks=blocks)
        made = rows.map_batches(
            Enlarger,
            fn_constructor_args=(partial(start_work, device, catalogue.threads), catalogue.limit),
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(size=catalogue.workers),
            num_cpus=catalogue.threads,
            num_gpus=gpus,
        )
        for row in made.iter_rows():
            yield row_of(row["row"])
            if catalogue.stopping():
                return


def make_absolute(given: Given) -> Given:
    """An actor is at home in another folder."""
    item = replace(given.task.item, path=given.task.item.path.absolute())
    results = InFolder(given.results.folder.absolute()) if isinstance(given.results, InFolder) else given.results
    return replace(given, task=replace(given.task, item=item), folder=given.folder.absolute(), results=results)


@contextmanager
def connect(threads: int, gpus: float) -> Iterator[Any]:
    """Ray, connected; what was started for it ends with it. Nothing is told to its makers, and there is no dashboard."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    try:
        ray = importlib.import_module("ray")
        importlib.import_module("ray.data")
    except ImportError as failure:
        raise DeviceError("Ray is not installed, or not whole: pip install 'product-sr[ray]', or leave --engine out.") from failure
    ours = not ray.is_initialized()
    if ours:
        before = signal.getsignal(signal.SIGTERM)
        ray.init(include_dashboard=False, log_to_driver=False, logging_level="ERROR")
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)  # Ray changes what it does
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    ray.data.DataContext.get_current().enable_progress_bars = False
    try:
        have = ray.cluster_resources()
        if have.get("CPU", 0) < threads or have.get("GPU", 0) < gpus:
            raise DeviceError(
                "Ray has {cpus:g} cores and {gpus:g} GPUs, and a worker was to have {threads} and {share:g}. "
                "Give less to --threads or --gpus.",
                cpus=have.get("CPU", 0),
                gpus=have.get("GPU", 0),
                threads=threads,
                share=gpus,
            )
        yield ray
    finally:
        if ours:
            ray.shutdown()
