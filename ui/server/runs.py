"""The runs that are under way: only one computes at a time, and none goes on that nobody waits for."""

import html
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec

import anyio.from_thread
import gradio as gr
from gradio.context import LocalContext
from gradio.server_messages import LogMessage, ProcessCompletedMessage

from sr_models import Cancelled, UpscaleError, WeightsError, memory
from sr_models.catalog import Hub
from sr_models.hub.download import Watch
from ui.server.place import AT_WORK
from ui.server.turns import Turns
from ui.words.texts import say, say_failure

P = ParamSpec("P")

UNHEARD_SECONDS = 60
"""How long a run goes on for a caller who asked for it and has not come for its answer yet."""
MOST_ASKED = 10_000
"""Sessions whose Cancel is known, the last ones of a tab: a session can be made up, and never run anything."""
MOST_DOWNLOADS = 3
"""Under way at a time: each keeps a connection and a process."""
DOWNLOAD_SECONDS = 600
"""For one download: a visitor does not wait longer, and a slow Hub keeps nobody busy for longer."""
STEP = 0.1
"""Seconds between two looks at something that is waited for."""

working = Turns()
"""The turn to compute. Gradio counts runs too, but takes one that is cancelled for one that has ended."""
downloads = threading.BoundedSemaphore(MOST_DOWNLOADS)
ending = threading.Event()
"""Set when the page is taken down."""
under_way: dict[str, "Run"] = {}
"""By gradio's id of the event."""
listening: Counter[str] = Counter()
"""How many connections wait for the answers of an event, or of all events of a session, by the id that they name."""


@dataclass
class Asked:
    """A run that a visitor's page has asked for, whether it has begun or not."""

    photo: str | None = None
    """The path of the upload, as the page says it; None where it was not there yet when the button was pressed."""
    stop: threading.Event = field(default_factory=threading.Event)
    """Set it, and the run ends before its next tile."""


class Run:
    """One computation, asked for through gradio or from Python: it waits for its turn, and knows whether anybody still waits for it."""

    def __init__(self, stopped: Callable[[], bool] = lambda: False):
        self.id: str | None = LocalContext.event_id.get(None)
        blocks = LocalContext.blocks.get(None)
        self.queue: Any = blocks._queue if blocks is not None and self.id else None
        self.event: Any = self.queue.event_ids_to_events.get(self.id) if self.queue is not None else None  # an empty queue counts as false
        self.stopped = stopped
        self.begun = time.monotonic()
        self.works = False
        self.left = False

    def is_over(self) -> bool:
        """Whether there is no use in going on: it was cancelled, the page is taken down, or nobody waits for it any more."""
        return ending.is_set() or self.left or self.stopped() or not self.is_waited_for()

    def is_waited_for(self) -> bool:
        if self.event is None:  # nobody's: a call from Python
            return True
        if not self.event.alive or self.id not in self.queue.event_ids_to_events:
            return False
        return time.monotonic() - self.begun < UNHEARD_SECONDS or bool({self.id, self.event.session_hash} & listening.keys())

    def work(self) -> None:
        """Waits until no other run computes. Raises Cancelled."""
        if not working.acquire(gone=self.is_over):
            raise Cancelled()
        self.works = True

    def rest(self) -> None:
        if self.works:
            self.works = False
            working.release()

    def count(self, number: int) -> None:
        """Changes by `number` how many runs gradio believes to be under way; where none is, its queue starts the next one."""

        def told() -> None:
            self.queue.event_queue_per_concurrency_id[self.event.concurrency_id].current_concurrency += number

        if self.event is not None:
            anyio.from_thread.run_sync(told)


@contextmanager
def begun(stopped: Callable[[], bool] = lambda: False) -> Iterator[Run]:
    """A run has its turn, and computes until the end of the block. Raises Cancelled, also where nobody waits for it any more."""
    run = Run(stopped)
    if run.id:
        under_way[run.id] = run
    try:
        run.work()
        if run.is_over():
            raise Cancelled()
        yield run
    finally:
        run.rest()
        memory.give_back()
        if run.id:
            under_way.pop(run.id, None)


def in_turn(outputs: int) -> Callable[[Callable[P, Iterator[Any]]], Callable[P, Iterator[Any]]]:
    """A run that yields one answer after the other: each is computed as `begun` says, and none more where nobody waits for it.

    Where one is refused, a notice says why to whoever sent the request, the last argument, and the `outputs` stay as they are.
    """

    def decorate(steps: Callable[P, Iterator[Any]]) -> Callable[P, Iterator[Any]]:
        @wraps(steps)
        def taken(*values: P.args, **named: P.kwargs) -> Iterator[Any]:
            answers = steps(*values, **named)
            while True:
                try:
                    with begun():
                        answer = next(answers)
                except (StopIteration, Cancelled):
                    return
                except UpscaleError as failure:
                    request: Any = values[-1]
                    language = request.headers.get("accept-language", "")
                    gr.Warning(html.escape(say_failure(language, failure)), title=say(language, "Please note"))
                    yield [gr.skip()] * outputs
                    return
                yield answer

        return taken

    return decorate


@contextmanager
def aside(source: Hub) -> Iterator[Watch | None]:
    """Around a download: the run that needs it gives its place back meanwhile, shows how far it is, and can be cancelled."""
    run = under_way.get(LocalContext.event_id.get(None) or "")
    if run is None:
        yield None
        return
    if not downloads.acquire(blocking=False):
        raise WeightsError(
            "{count} downloads from the Hub are under way already. Try again in a minute, or choose another model.", count=MOST_DOWNLOADS
        )
    request: Any = LocalContext.request.get(None)
    told = say(request.headers.get("accept-language", "") if request else "", "Downloading {place}", place=f"{source.repo}/{source.file}")
    bar = gr.Progress()

    def show(done: int, total: int) -> None:
        bar((round(done / 1e6), round(total / 1e6) or None), desc=told, unit="MB")

    run.rest()
    run.count(-1)
    try:
        show(0, 0)
        yield Watch(show, run.is_over, DOWNLOAD_SECONDS)
    finally:
        downloads.release()
        run.count(1)  # at once: who waits in the queue is not let in before
        run.work()


@contextmanager
def listened(id: str | None) -> Iterator[None]:
    """Meanwhile somebody waits for the answers of this event or session."""
    if id is None:
        yield
        return
    listening[id] += 1
    try:
        yield
    finally:
        listening[id] -= 1
        if not listening[id]:
            del listening[id]


async def leave(
    name: str,
    session: str,
    answer: Iterable[Any],
    *notices: LogMessage,
    unless: Callable[[list[Any]], Any] = lambda inputs: False,
    place: str = AT_WORK,
) -> bool:
    """Takes the runs of a session out of the queue for `place` that wait for their turn and are called `name`, unless something holds for
    their inputs; their page is told at once.

    → whether there were any.
    """
    blocks: Any = LocalContext.blocks.get(None)
    waiting = blocks._queue.event_queue_per_concurrency_id.get(place) if blocks is not None else None
    events = [event for event in (waiting.queue if waiting else ()) if event.session_hash == session and event.fn.api_name == name]
    events = [event for event in events if not unless(event.data.data)]
    for event in events:
        await answer_waiting(blocks, event, answer, *notices)
    return bool(events)


def ask(asked: dict[str, Asked], request: gr.Request, photo: str | None = None) -> None:
    """From now on this visitor can cancel what is to be computed. `asked`: by browser session, what is wanted or under way on a tab."""
    asked[request.session_hash or ""] = Asked(photo)
    while len(asked) > MOST_ASKED:
        asked.pop(next(iter(asked)), None)


async def cancel(asked: dict[str, Asked], name: str, outputs: int, request: gr.Request, place: str = AT_WORK) -> None:
    """Cancel was pressed: what computes ends before its next tile or photo, what waits for its turn leaves the queue at once."""
    session, language = request.session_hash or "", request.headers.get("accept-language", "")
    if mine := asked.get(session):
        mine.stop.set()
    notice = LogMessage(log=say(language, "Stopped."), title=say(language, "Please note"), level="warning")
    if await leave(name, session, [gr.skip()] * outputs, notice, place=place):
        asked.pop(session, None)


async def end(blocks: Any, id: str | None) -> None:
    """Ends a run whose caller has left: what waits for its turn leaves the queue, what computes ends before its next tile."""
    if run := under_way.get(id or ""):
        run.left = True
    elif event := blocks._queue.event_ids_to_events.get(id):
        await answer_waiting(blocks, event, ())


async def answer_waiting(blocks: Any, event: Any, answer: Iterable[Any], *notices: LogMessage) -> None:
    """Takes an event out of the queue, and answers it as if it had run."""
    await blocks._queue.remove_from_queue(event._id)
    done = {"data": list(answer), "is_generating": False, "duration": 0.0, "average_duration": 0.0}
    for message in (*notices, ProcessCompletedMessage(output=done, success=True)):
        blocks._queue.send_message(event, message)


def stop_all(seconds: float) -> bool:
    """The page is taken down: every run ends before its next tile. → whether all have, after at most so many seconds."""
    ending.set()
    deadline = time.monotonic() + seconds
    while under_way and time.monotonic() < deadline:
        time.sleep(STEP)
    return not under_way
