"""The answer to an agent that asks by MCP: a small picture, and as text the address of the file and the report."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from anyio.to_thread import run_sync
from gradio.context import LocalContext
from gradio.data_classes import FileData
from gradio.route_utils import get_root_url
from starlette.requests import Request

from sr_models import Photo, read, resized
from sr_models.order import Delivery
from sr_models.output import Output, encode
from sr_models.stages.size import limit_longest_side
from ui.server import runs

SIDE = 512
"""Longest side in pixels of that picture: a result of many megapixels would fill an agent's memory, and tell it no more."""
LOOK_SECONDS = 0.5
"""How often it is noticed that an agent has left."""
watches: set[asyncio.Task] = set()
"""Tasks that watch jobs which are not done; asyncio itself keeps no reference to them."""
MISSING = "For --mcp the package mcp is needed, in a version before 2: run “pip install 'mcp<2'”, then start again."


def is_asking() -> bool:
    """Whether what runs now was asked for by MCP."""
    request = LocalContext.request.get(None)
    return request is not None and request.headers.get("x-gradio-user") == "mcp"


def answer(file: Path, done: Delivery) -> tuple[FileData, Any]:
    """→ (small picture, JSON: the address of the file, and the report card)."""
    report = {"file": address_of_file(file), **{("written" if name == "file" else name): value for name, value in done.as_json().items()}}
    return write_preview(done.picture, file.parent), json.dumps(report, ensure_ascii=False)


def answer_rows(archive: Path, sheet: Path | None, rows: list[dict[str, Any]]) -> tuple[FileData | None, Any]:
    """→ (the contact sheet made small, where there is one, JSON: the address of the ZIP, and the rows of a catalogue)."""
    told = json.dumps({"file": address_of_file(archive), "rows": rows}, ensure_ascii=False)
    return (write_preview(read(sheet), archive.parent) if sheet else None), told


def write_preview(picture: Photo, folder: Path) -> FileData:
    small = resized(picture, limit_longest_side(picture.size, SIDE))
    preview = folder / "preview.jpg"
    preview.write_bytes(encode(small, Output("jpeg", 85)).data)
    return as_file_data(preview)


def address_of_file(file: Path) -> str:
    """The URL of a file, under the address by which the caller reached this server."""
    request: Any = LocalContext.request.get(None)
    root = get_root_url(request.request, "/gradio_api/queue/join", None)
    return f"{root}/gradio_api/file={quote(str(file))}"


def as_file_data(file: Path) -> FileData:
    """A file as a function of the API returns it."""
    return FileData(path=str(file), meta={"_type": "gradio.FileData"})


def can_be_served() -> bool:
    """Whether the package is there that gradio needs for MCP."""
    try:
        return version("mcp").startswith("1.")
    except PackageNotFoundError:
        return False


def patch_gradio() -> None:
    """What gradio 6.31's MCP server leaves undone: an agent that does not ask for progress gets several outputs as one text, and a run goes
    on when its agent has left."""
    from gradio.mcp import GradioMCPServer

    async def outputs(self, job) -> list[Any]:
        return list(await run_sync(job.result))

    if not hasattr(GradioMCPServer, "patched"):
        GradioMCPServer.patched = True  # pyright: ignore[reportAttributeAccessIssue]
        GradioMCPServer._execute_tool_without_progress = while_asked_for(outputs)
        GradioMCPServer._execute_tool_with_progress = while_asked_for(GradioMCPServer._execute_tool_with_progress)


def while_asked_for(execute: Callable[..., Awaitable[Any]]) -> Any:
    """`execute(server, job, …)` whose run ends as soon as the agent has left."""

    async def watched(server: Any, job: Any, *more: Any) -> Any:
        watch = asyncio.create_task(end_when_left(server, server.mcp_server.request_context.request, job))
        watches.add(watch)
        watch.add_done_callback(watches.discard)
        return await execute(server, job, *more)

    return watched


async def end_when_left(server: Any, request: Request, job: Any) -> None:
    """Until the job is done: ends its run where the agent that asked for it has left."""
    while not job.done():
        if await request.is_disconnected():
            await runs.end(server.blocks, job.communicator.event_id)
        await asyncio.sleep(LOOK_SECONDS)
