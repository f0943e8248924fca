"""Workers: processes that each do one thing at a time; one that dies, or takes too long, costs its own task and is replaced."""

import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

Work = Callable[[Any], Any]
LOOK = 0.5
"""Seconds: how often it is looked whether to stop, or whether somebody takes too long."""


@dataclass
class Worker:
    process: BaseProcess
    pipe: Connection
    task: Any = None
    """What it is doing; None where it waits."""
    since: float = 0.0


@dataclass(frozen=True)
class Lost:
    """The outcome of a task whose worker did not come back from it."""

    task: Any
    reason: str


def run_tasks(
    make_work: Callable[[], Work], tasks: Iterable[Any], workers: int, limit: float, stopping: Callable[[], bool]
) -> Iterator[Any]:
    """What `make_work()`, called once in each worker, gives for each task, in the order in which they are finished; or a `Lost`.

    `limit`: seconds that a task may take. When `stopping()` is true no new task begins, and those that run are waited for. `make_work`
    and the tasks go to other processes.
    """
    waiting = deque(tasks)
    team = [start_worker(make_work) for _ in range(min(workers, len(waiting)))]
    try:
        while True:
            for worker in team:
                if worker.task is None and waiting and not stopping():
                    hand_out(worker, waiting.popleft())
            busy = [worker for worker in team if worker.task is not None]
            if not busy:
                return
            ready = wait([worker.pipe for worker in busy], LOOK)
            for place, worker in enumerate(team):
                if worker.task is None:
                    continue
                late = time.monotonic() - worker.since > limit
                if worker.pipe not in ready and not late:
                    continue
                try:
                    if worker.pipe not in ready:
                        raise TimeoutError
                    outcome, worker.task = worker.pipe.recv(), None
                except (EOFError, OSError) as failure:
                    lost = worker.task
                    end(worker)
                    team[place] = start_worker(make_work)
                    yield Lost(lost, tell(worker, failure, limit))
                else:
                    yield outcome
    finally:
        for worker in team:
            end(worker)


def start_worker(make_work: Callable[[], Work]) -> Worker:
    context = multiprocessing.get_context("spawn")  # a fork of a process whose threads are at work may hang
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, make_work), daemon=True)
    process.start()
    theirs.close()
    return Worker(process, ours)


def serve(pipe: Connection, make_work: Callable[[], Work]) -> None:
    """The life of a worker. Whether to stop is not its business, but it goes with its parent."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    work = make_work()
    with suppress(EOFError, OSError):
        while True:
            pipe.send(work(pipe.recv()))


def hand_out(worker: Worker, task: Any) -> None:
    worker.task, worker.since = task, time.monotonic()
    with suppress(OSError):  # it is dead: its pipe says so when it is asked for the outcome
        worker.pipe.send(task)


def tell(worker: Worker, failure: Exception, limit: float) -> str:
    if isinstance(failure, TimeoutError):
        return f"It took longer than {limit:g} seconds."
    return f"Its worker ended without a word (exit code {worker.process.exitcode}); a lack of memory is the usual cause."


def end(worker: Worker) -> None:
    worker.pipe.close()
    worker.process.kill()
    worker.process.join()
