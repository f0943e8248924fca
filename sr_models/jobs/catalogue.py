"""A catalogue from its beginning, or from where it was interrupted, to its end."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

from sr_models.errors import PhotoError
from sr_models.jobs.manifest import Manifest, Row
from sr_models.jobs.pool import Lost, run_tasks
from sr_models.jobs.sources import list_items
from sr_models.jobs.storage import InFolder, InStore
from sr_models.jobs.targets import Task, plan_tasks
from sr_models.jobs.work import Given, begin_row, record_lost, start_work
from sr_models.output import store
from sr_models.plan import make_folder
from sr_models.version import __version__
from sr_models.wishes import Order

JOB = ".catalogue/order.json"
"""Below the folder of a catalogue: what is made there."""
LIMIT = 3600.0
"""Seconds that a photo may take, unless told."""
Team = Callable[[list[Given]], Iterator[Row]]
"""Gives the row of each photo, as it is finished; those that it does not come to have none."""


@dataclass(frozen=True)
class Catalogue:
    source: Path | str
    """A folder, ZIP or table, or the address of a storage, such as s3://shop/photos."""
    folder: Path
    """Where results and manifest go."""
    order: Order
    workers: int = 1
    device: str = "auto"
    threads: int = 1
    """Of each worker."""
    limit: float = LIMIT
    shard: tuple[int, int] = (1, 1)
    """(number from 1 on, of how many): which part of the photos is this call's."""
    redo: bool = False
    """Make all again, also with another order than the folder has."""
    retry_failed: bool = False
    store: str = ""
    """Address of the storage where results go, and only they, instead of to the folder; such as s3://shop/large."""
    stopping: Callable[[], bool] = field(default=lambda: False, compare=False)
    """Asked again and again whether to begin no more photos."""

    def tasks(self) -> list[Task]:
        """Those of this shard. Raises PhotoError."""
        number, count = self.shard
        every = plan_tasks(list_items(self.source, self.folder, self.store), self.order)
        return [task for task in every if is_of_shard(task.item.id, number, count)]

    def run(self, tasks: list[Task], team: Team | None = None) -> Iterator[Row]:
        """What came of each task, finished now or before. Raises PhotoError where the folder holds another catalogue.

        `team` does what is to do; workers of this catalogue's own, unless told.
        """
        make_folder(self.folder)
        self.claim()
        results = InStore(self.store) if self.store else InFolder(self.folder)
        todo: list[Given] = []
        with closing(Manifest(self.folder, self.shard)) as manifest:
            for task in tasks:
                if task.refused:
                    row = replace(begin_row(task), status="skipped" if task.item.left_out else "failed", reason=task.refused)
                    manifest.add(row)
                    yield row
                else:
                    before = None if self.redo else manifest.known.get(task.item.id)
                    ours = results.name(task.output) in manifest.outputs
                    todo.append(Given(task, self.folder, results, before, ours, self.retry_failed))
            for row in (team or self.employ)(todo):
                if row.found_no_room:
                    raise PhotoError("{reason} {how}", reason=row.reason, how=self.how_to_go_on)
                manifest.add(row)
                yield row

    def employ(self, todo: list[Given]) -> Iterator[Row]:
        """The team of processes on this machine."""
        make_work = partial(start_work, self.device, self.threads)
        for outcome in run_tasks(make_work, todo, self.workers, self.limit, self.stopping):
            yield record_lost(outcome.task, outcome.reason) if isinstance(outcome, Lost) else outcome

    @property
    def how_to_go_on(self) -> str:
        """Where this call is interrupted."""
        return f"The same command{' without --redo' if self.redo else ''} goes on from there."

    def claim(self) -> None:
        """Write down what is made in the folder. Raises PhotoError."""
        self.refuse_another_order()
        file = self.folder / JOB
        make_folder(file.parent)
        store(json.dumps({"version": __version__, "order": asdict(self.order)}, indent=1).encode(), file)

    def refuse_another_order(self) -> None:
        """Raises PhotoError where the folder holds results of an order that is not this one, and they are not to be made again."""
        try:
            before = asdict(Order()) | json.loads((self.folder / JOB).read_text("utf-8"))["order"]
        except (OSError, ValueError):
            return
        wanted = {name: value for name, value in asdict(self.order).items() if before[name] != value}
        if wanted and not self.redo:
            changed = ", ".join(f"{name} “{before[name]}” and not “{value}”" for name, value in wanted.items())
            raise PhotoError(
                "“{folder}” holds a catalogue of another order: {changed}. Give another folder, or --redo to make all of it again.",
                folder=self.folder,
                changed=changed,
            )


def is_of_shard(id: str, number: int, count: int) -> bool:
    """Whether a photo is of shard `number`, from 1 on, of `count`: it depends on its id alone."""
    return int(hashlib.sha256(id.encode(errors="surrogatepass")).hexdigest(), 16) % count == number - 1
