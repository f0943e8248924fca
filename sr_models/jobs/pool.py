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

LATE = "It took longer than {limit:g} seconds."
DIED = "Its worker ended without a word (exit code {code}); a lack of memory is the usual cause."


@dataclass(frozen=True)
class Lost:
    """The outcome of a task whose worker did not come back from it."""

    task: Any
    reason: str


class Worker:
    """Does one task at a time in a process, which is replaced where it dies or takes longer than `limit` seconds.

    `make_work`, called once in each process, gives what does a task; it and the tasks go to other processes.
    """

    process: BaseProcess
    pipe: Connection

    def __init__(self, make_work: Callable[[], Work], limit: float):
        self.make_work, self.limit = make_work, limit
        self.task: Any = None
        """What it is doing; None where it waits."""
        self.since = 0.0
        self.start()

    def start(self) -> None:
        context = multiprocessing.get_context("spawn")  # a fork of a process whose threads are at work may hang
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, self.make_work), daemon=True)
        self.process.start()
        theirs.close()

    def give(self, task: Any) -> None:
        self.task, self.since = task, time.monotonic()
        with suppress(OSError):  # it is dead: its pipe says so when it is asked for the outcome
            self.pipe.send(task)

    @property
    def left(self) -> float:
        """Seconds until its task has taken too long."""
        return self.since + self.limit - time.monotonic()

    def take(self) -> Any:
        """The outcome of its task, or a `Lost`: to be asked when the pipe has something to say, or no time is left."""
        task, self.task = self.task, None
        try:
            if self.pipe.poll():
                return self.pipe.recv()
            sentence = LATE
        except (EOFError, OSError):
            sentence = DIED
        self.end()
        lost = Lost(task, sentence.format(limit=self.limit, code=self.process.exitcode))
        self.start()
        return lost

    def end(self) -> None:
        self.pipe.close()
        self.process.kill()
        self.process.join()


def run_tasks(
    make_work: Callable[[], Work], tasks: Iterable[Any], workers: int, limit: float, stopping: Callable[[], bool]
) -> Iterator[Any]:
    """What comes of each task, in the order in which they are finished: its outcome, or a `Lost`.

    When `stopping()` is true no new task begins, and those that run are waited for. The rest is as `Worker` says.
    """
    waiting = deque(tasks)
    team = [Worker(make_work, limit) for _ in range(min(workers, len(waiting)))]
    try:
        while True:
            for worker in team:
                if worker.task is None and waiting and not stopping():
                    worker.give(waiting.popleft())
            busy = [worker for worker in team if worker.task is not None]
            if not busy:
                return
            ready = wait([worker.pipe for worker in busy], LOOK)
            for worker in busy:
                if worker.pipe in ready or worker.left <= 0:
                    yield worker.take()
    finally:
        for worker in team:
            worker.end()


def serve(pipe: Connection, make_work: Callable[[], Work]) -> None:
    """The life of a worker's process. Whether to stop is not its business, but it goes with its parent."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    work = make_work()
    with suppress(EOFError, OSError):
        while True:
            pipe.send(work(pipe.recv()))
