"""The door of the server: what is too large, makes no sense, wants another server's files, comes too often, by another name or without a
login is refused before gradio sees it."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.routes import file_upload_statuses
from gradio.utils import get_space
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sr_models import UpscaleError
from ui.server import audience, calls, disk, preview, runs
from ui.server.files import MAX_BYTES, MAX_INLINE_BYTES, UPLOAD_FIRST, is_ours
from ui.server.logins import Pauses, is_open
from ui.server.place import RUNNING
from ui.server.visits import AWAY_SECONDS, KEPT_SECONDS, Visits
from ui.words.texts import say

MOST_WAITING = 4
"""Runs of one visitor that may wait or be under way at a time: a visitor with many leaves room for others in the queue."""
PROGRESS_SECONDS = 5
"""How long after its end an upload is said to be done."""
AROUND = 1_000_000
"""Bytes: what may come with a photo, such as the choices and the frame of an upload."""
RUNS = ("/queue/join", "/call/", "/run/", "/api/")
AGENTS = "/gradio_api/mcp"
CLOSED = (
    "/file=http:",
    "/file=https:",
    "/proxy=",
    "/process_recording",
    "/component_server",
    "/deep_link",
    "/dev/reload",
    "/run-history",
    "/monitoring",
    "/vibe-",
    "/undo-vibe",
)
"""What gradio offers and this page does not need: some of it would fetch from other servers, some of it keeps or shows what visitors do, or
keeps in memory whatever they send."""
ICON, ICON_SIDES = "/pwa_icon/", ("192", "512")
"""Gradio makes its icon as large as it is asked to; these the page names itself."""
NOT_KNOWN = (KeyError, TypeError, ValueError, RecursionError)
"""What gradio raises of a call that names what it does not know, or misses what it needs, before any function runs."""

TOO_LARGE = "That is more than the maximum allowed size of {limit} megabytes. Please make the photo smaller first."
BROKEN_OFF = "The upload was interrupted."
SHUT = "This server does not do that: it fetches nothing from other addresses, and keeps no history."
NOT_UNDERSTOOD = "The question was not understood. Which names and values there are stands under “Use via API” on the page."
ELSEWHERE = (
    "This server was asked for by a name that is not its own. Open it as localhost or 127.0.0.1, "
    "or start it with --allow-host and the name."
)
NO_SUCH_RUN = "There is no such run: each answer can be fetched once, and soon. Please ask for it again."
CLOSING = "This server is being closed. Please try again in a minute."
LOG_IN = "Please log in first."
TRY_LATER = "Too many wrong logins. Please wait {seconds} seconds, then try again."
WAIT = "{count} of your runs are waiting or under way already. Please wait until one of them is done."


class Refused(MultiPartException):
    """A refusal, with HTTP status and sentence. As a MultiPartException, it makes gradio delete what had arrived of an upload."""

    def __init__(self, status: int, sentence: str, **values: object):
        super().__init__(sentence.format(**values))
        self.status = status
        self.sentence = sentence
        self.values = values


class Gate:
    """ASGI middleware around the server of `page`. It also sees visitors come and go, and what they uploaded."""

    def __init__(self, app: ASGIApp, page: gr.Blocks, visits: Visits):
        self.app = app
        self.page = page
        self.visits = visits
        self.pauses = Pauses()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        if scope["type"] != "http":
            return await send({"type": "websocket.close"})  # the page uses none
        started = False

        async def sent(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            return await self.entered(scope, receive, sent)
        except Exception as failure:
            refusal = refused(failure)
            if started or refusal is None:
                raise
            language = Headers(scope=scope).get("accept-language", "")
            answer = JSONResponse({"detail": say(language, refusal.sentence, **refusal.values)}, refusal.status)
            return await answer(scope, receive, send)

    async def entered(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        refuse_strange_names(Headers(scope=scope))
        if runs.ending.is_set():
            raise Refused(503, CLOSING)
        if getattr(scope["app"], "auth", None) is not None:
            if scope["method"] == "POST" and path.rstrip("/") == "/login":
                return await self.logged_in(scope, receive, send)
            if not is_open(scope["method"], path) and not is_logged_in(scope):
                raise Refused(401, LOG_IN)
        if any(closed in path.lower() for closed in CLOSED):
            raise Refused(403, SHUT)
        if ICON in path and path.partition(ICON)[2] not in ICON_SIDES:
            raise Refused(404, NOT_UNDERSTOOD)
        if "/heartbeat/" in path:
            return await self.stayed(path.rsplit("/", 1)[-1], scope, receive, send)
        if path == preview.PATH:
            return await FileResponse(preview.PICTURE)(scope, receive, send)
        if scope["method"] in ("GET", "HEAD"):  # without a body; that the caller leaves is for gradio to notice
            if "/call/" in path and not self.knows_run(path.rstrip("/").rsplit("/", 1)[-1]):
                raise Refused(404, NO_SUCH_RUN)
            with runs.listened(listener(scope, path)):
                return await self.understood(scope, receive, send)
        uploads = path.rstrip("/").endswith("/upload")
        receive = limit_body(scope, receive, (MAX_BYTES if uploads else MAX_INLINE_BYTES * 4 // 3) + AROUND)
        if uploads:
            with progress_ends(HTTPConnection(scope).query_params.get("upload_id")):
                return await self.understood(scope, receive, self.uploaded(send))
        if scope["method"] == "POST" and (path.startswith(AGENTS) or any(run in path for run in RUNS)):
            body = await Request(scope, receive).body()
            call = calls.read(body)
            if not path.startswith(AGENTS):
                self.asked(scope, path, call)
            receive = replay_body(body, receive)
        return await self.understood(scope, receive, send)

    async def understood(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Gradio's answer; raises Refused where it stumbles over what was asked."""
        try:
            await self.app(scope, receive, send)
        except NOT_KNOWN as error:
            raise Refused(400, NOT_UNDERSTOOD) from error

    async def logged_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Somebody tries to log in: not during the pause after wrong tries."""
        address = visitor_of(scope) or (scope.get("client") or ("",))[0]
        if seconds := self.pauses.left(address):
            raise Refused(429, TRY_LATER, seconds=seconds)
        self.pauses.failed(address)  # until it is known: who asks a hundred times at once has asked a hundred times

        async def seen(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                self.pauses.succeeded(address)
            await send(message)

        await self.app(scope, limit_body(scope, receive, AROUND), seen)

    async def stayed(self, session: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the connection that a page holds while it is open; note when the visitor arrives and leaves."""
        self.visits.arrive(session)
        try:
            await self.app(scope, receive, send)
        finally:
            self.visits.leave(session)
            self.sweep_in(AWAY_SECONDS)

    def asked(self, scope: Scope, path: str, call: dict[str, Any]) -> None:
        """Something is to be run: raises Refused where its visitor has enough runs; remembers whose the photos are."""
        if "/call/" in path:
            calls.check_name(path, self.page.fns)
            calls.check_wishes(path, call)
        elif "/queue/join" in path or "fn_index" in call:
            calls.check_event(call, self.page.fns)
        else:
            calls.check_name(path, self.page.fns)
        function = self.page.fns.get(call["fn_index"]) if isinstance(call.get("fn_index"), int) else None
        if "/call/" in path or (function is not None and function.concurrency_id in RUNNING):
            visitor = visitor_of(scope)
            count = sum(visitor_of(event.request.scope) == visitor for event in self.runs()) if visitor else 0
            if count >= MOST_WAITING:
                raise Refused(429, WAIT, count=count)
        parts = list(walk(call))
        files = [part["path"] for part in parts if isinstance(part, dict) and isinstance(part.get("path"), str)]
        if any(file.lower().startswith(("http:", "https:")) for file in files):
            raise Refused(403, SHUT)  # gradio would fetch it
        if not all(is_ours(file) for file in files if file):
            raise Refused(403, UPLOAD_FIRST)
        session = call.get("session_hash")
        self.keep_place(session)
        uploads = [Path(part) for part in parts if isinstance(part, str) and part in self.page.upload_file_set]
        self.visits.own(session if isinstance(session, str) else None, uploads)
        self.sweep_in(KEPT_SECONDS)

    def keep_place(self, session: Any) -> None:
        """Of its visitors' answers gradio forgets those of the session that came first, 2,000 later: not of one that asks again. And the
        events of those that are forgotten go too."""
        answers, events = self.page._queue.pending_messages_per_session, self.page._queue.pending_event_ids_session
        if isinstance(session, str) and session in answers:
            answers.move_to_end(session)
        for forgotten in events.keys() - answers.keys():
            del events[forgotten]

    def uploaded(self, send: Send) -> Send:
        """`send` that remembers the files that are named in the answer to an upload: nobody's, until a visitor uses them."""
        answer = bytearray()

        async def seen(message: Message) -> None:
            answer.extend(message.get("body", b""))
            if message["type"] == "http.response.body" and not message.get("more_body"):
                with suppress(ValueError):  # no JSON: gradio refused it
                    files = json.loads(answer)
                    self.visits.own(None, [Path(file) for file in files] if isinstance(files, list) else [])
            await send(message)

        return seen

    def knows_run(self, id: str) -> bool:
        """Whether gradio has answers of this event, or will have."""
        queue = self.page._queue
        return id in queue.event_ids_to_events or any(id in ids for ids in queue.pending_event_ids_session.values())

    def runs(self) -> Iterator[Any]:
        """The events of gradio's queues, waiting or under way, that need the one place. There is no public way to ask it."""
        for place in RUNNING:
            waiting = self.page._queue.event_queue_per_concurrency_id.get(place)
            yield from waiting.queue if waiting else ()
        for events in self.page._queue.active_jobs:
            yield from (event for event in events or () if event.concurrency_id in RUNNING)

    def sweep_in(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(seconds + 1, lambda: loop.run_in_executor(None, self.visits.sweep))


def refused(failure: Exception) -> Refused | None:
    """What is answered where gradio, or what stands before it, raised this; None for what is a bug."""
    if isinstance(failure, Refused):
        return failure
    if isinstance(failure, calls.NotUnderstood):
        return Refused(400, NOT_UNDERSTOOD)
    if isinstance(failure, UpscaleError):
        return Refused(400, failure.sentence, **failure.values)
    return Refused(507, disk.NO_ROOM) if disk.is_full(failure) else None


async def answer_unread(request: Request, failure: Exception) -> JSONResponse:
    """Answers a request that lacks required fields, in a sentence: FastAPI's own answer repeats the whole request for each field."""
    return JSONResponse({"detail": say(request.headers.get("accept-language", ""), NOT_UNDERSTOOD)}, 400)


def refuse_strange_names(headers: Headers) -> None:
    """Raises Refused where the server is asked for by a name that is not its own, or from a page of another server."""
    host, here = headers.get("host", ""), audience.here
    named = here.knows(host) and here.knows(headers.get("x-forwarded-host", host))  # of the latter gradio makes addresses
    origin = headers.get("origin")  # "null" for a page that hides its name
    if not named or (origin is not None and not here.serves(origin.rpartition("://")[2], host)):
        raise Refused(403, ELSEWHERE)


@contextmanager
def progress_ends(upload: str | None) -> Iterator[None]:
    """Whoever watches how far an upload is stops soon after its end, whichever it is: gradio goes on where it broke off."""
    try:
        yield
    finally:
        if upload is not None:
            asyncio.get_running_loop().call_later(PROGRESS_SECONDS, file_upload_statuses.stop_tracking, upload)


def is_logged_in(scope: Scope) -> bool:
    """Whether a request has the cookie that gradio gives at a login."""
    app, cookies = scope["app"], HTTPConnection(scope).cookies
    return any(cookies.get(f"access-token{kind}-{app.cookie_id}") in app.tokens for kind in ("", "-unsecure"))


def listener(scope: Scope, path: str) -> str | None:
    """The event or session whose answers a caller has come for; None where it has come for something else."""
    if path.rstrip("/").endswith("/queue/data"):
        return HTTPConnection(scope).query_params.get("session_hash")
    return path.rstrip("/").rsplit("/", 1)[-1] if "/call/" in path else None


def visitor_of(scope: Scope) -> str | None:
    """Who asks, on a Space: its proxy names the address. Elsewhere None: nobody vouches for the header, and there is no crowd.

    What a visitor wrote there may stand first, so who means harm can pass for many. This is about fairness; the queue's length bounds all.
    """
    if not get_space():
        return None
    return Headers(scope=scope).get("x-forwarded-for", "").split(",")[0].strip() or None


def walk(value: Any) -> Iterator[Any]:
    """All that a call brings: a value, and what lies in it."""
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(inner)


def limit_body(scope: Scope, receive: Receive, limit: int) -> Receive:
    """`receive` that raises Refused for a body of more than `limit` bytes, if possible before any of it was sent, or that breaks off."""
    refusal = Refused(413, TOO_LARGE, limit=limit // 1_000_000)
    stated = Headers(scope=scope).get("content-length", "")
    if stated.isdecimal() and int(stated) > limit:
        raise refusal
    received, complete = 0, False

    async def counted() -> Message:
        nonlocal received, complete
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise refusal
        if message["type"] == "http.disconnect" and not complete:
            raise Refused(400, BROKEN_OFF)
        complete = complete or not message.get("more_body")
        return message

    return counted


def replay_body(body: bytes, receive: Receive) -> Receive:
    """`receive` from the start, for a body that was read already."""
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def replayed() -> Message:
        return next(messages, None) or await receive()

    return replayed
