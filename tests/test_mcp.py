"""The page as a tool of agents, asked by a real MCP client over HTTP."""

import asyncio
import base64
import importlib.metadata
import io
import json
import threading
import time
import zipfile

import httpx
import numpy as np
import pytest
from conftest import PATIENCE, encoded, get, made_up, post, running_page
from PIL import Image

import sr_models
from ui import api
from ui.server import options

mcp = pytest.importorskip("mcp")
from mcp.client.streamable_http import streamable_http_client  # noqa: E402

PHOTO = made_up(40, 60)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with running_page(tmp_path_factory.mktemp("gradio"), mcp_server=True) as url:
        yield url


def as_png() -> bytes:
    return encoded(PHOTO)


def in_session(address, work):
    """What an agent's `work(session)` gives."""

    async def run():
        async with streamable_http_client(f"{address}/gradio_api/mcp/") as (read, write, _), mcp.ClientSession(read, write) as session:
            await session.initialize()
            return await work(session)

    return asyncio.run(run())


def called(address, **arguments):
    return in_session(address, lambda session: session.call_tool("upscale", arguments))


@pytest.mark.parametrize(("name", "given"), [("upscale", "photo"), ("catalogue", "photos")])
def test_there_are_two_tools_and_they_say_how_to_use_them(address, name, given):
    tools = {tool.name: tool for tool in in_session(address, lambda session: session.list_tools()).tools}
    assert set(tools) == {"upscale", "catalogue"}
    tool = tools[name]
    assert "product photo" in tool.description
    assert "/gradio_api/upload" in tool.description
    assert tool.inputSchema["required"] == [given]
    for name, parameter in tool.inputSchema["properties"].items():
        assert len(parameter["description"]) > 5, name


def ways(address) -> dict[str, str]:
    """How an agent can give the photo."""
    data = base64.b64encode(as_png()).decode()
    path = post(f"{address}/gradio_api/upload", files={"files": ("mug.png", as_png())}).json()[0]
    return {"base64": data, "data URL": f"data:image/png;base64,{data}", "upload": path, "address": f"{address}/gradio_api/file={path}"}


@pytest.mark.parametrize("way", ["base64", "data URL", "upload", "address"])
def test_a_photo_comes_back_as_a_small_picture_a_report_and_the_address_of_the_file(address, way):
    answer = called(address, photo=ways(address)[way], scale=2, faithful="exact")
    assert not answer.isError
    picture, _, report = answer.content
    assert Image.open(io.BytesIO(base64.b64decode(picture.data))).size == (120, 80)
    report = json.loads(report.text)
    assert report["verdict"] in ("PASS", "REVIEW")
    file = get(report["file"]).content
    assert file == sr_models.carry_out(sr_models.Photo(PHOTO), sr_models.Order(scale=2, faithful="exact")).file.data
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(file)).reduce(2)), PHOTO)


def test_a_large_result_comes_as_a_small_picture(address):
    answer = called(address, photo=ways(address)["base64"], model="bicubic", size="900")
    assert max(Image.open(io.BytesIO(base64.b64decode(answer.content[0].data))).size) == 512
    assert max(Image.open(io.BytesIO(get(json.loads(answer.content[2].text)["file"]).content)).size) == 900


@pytest.mark.parametrize("broken", [False, True])
def test_of_many_photos_an_agent_gets_a_contact_sheet_the_rows_and_the_address_of_the_zip(address, broken):
    photos = ["bXVn"] if broken else [ways(address)["base64"], ways(address)["upload"], "bXVn"]
    arguments = {"photos": photos, "scale": 2, "model": "bicubic"}
    answer = in_session(address, lambda session: session.call_tool("catalogue", arguments))
    assert not answer.isError, answer.content
    report = json.loads(answer.content[-1].text)
    assert [row["status"] for row in report["rows"]].count("done") == (0 if broken else 2)
    assert [row["reason"] for row in report["rows"] if row["status"] == "skipped"] == ["It is no photo."]
    with zipfile.ZipFile(io.BytesIO(get(report["file"]).content)) as archive:
        assert {"manifest.jsonl", "manifest.csv", "report.html"} <= set(archive.namelist())
    assert broken or max(Image.open(io.BytesIO(base64.b64decode(answer.content[0].data))).size) <= 512


def test_an_agent_that_asks_for_progress_gets_the_same(address):
    photo = ways(address)["base64"]

    async def heard(progress, total, message):
        pass

    answer = in_session(address, lambda session: session.call_tool("upscale", {"photo": photo, "scale": 2}, progress_callback=heard))
    assert [content.type for content in answer.content] == ["image", "text", "text"]


FILE = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"photo": "/etc/passwd"}, "neither an upload of this server nor"),
        ({"photo": "file:///etc/passwd"}, "neither an upload of this server nor"),
        ({"photo": "http://127.0.0.1:9/mug.png"}, "not fetched from other addresses"),
        ({"photo": "https://example.com/mug.png"}, "not fetched from other addresses"),
        ({"photo": "http://127.0.0.1:9/gradio_api/file=/etc/passwd"}, "not fetched from other addresses"),
        ({"photo": FILE}, "validation error"),
        ({"photo": "", "format": FILE}, "validation error"),
        ({"photo": "bXVn"}, "is not a picture"),
        ({"photo": base64.b64encode(as_png()).decode(), "scale": 5}, "scale 5 is not offered"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_else_is_read(address, wrong, words):
    answer = called(address, **wrong)
    assert answer.isError
    assert words in answer.content[0].text
    assert "root:" not in answer.content[0].text


@pytest.mark.parametrize("question", [b"[" * 100_000, b'{"params": ' + b"[" * 40 + b"]" * 40 + b"}", b"{", b"5", b"\xff"])
def test_a_question_that_is_too_deep_or_none_is_refused_in_words(address, question, capfd):
    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    for door in ("mcp", "mcp/"):
        answer = httpx.post(f"{address}/gradio_api/{door}", content=question, headers=headers, timeout=PATIENCE, follow_redirects=True)
        assert answer.status_code == 400
        assert "not understood" in answer.json()["detail"]
    assert "Traceback" not in capfd.readouterr().err


def test_an_agent_cannot_lead_the_server_elsewhere_by_a_name_in_its_headers(address):
    """The server asks itself for what an agent wants: not where the Host header points."""
    question = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "upscale", "arguments": {"photo": "bXVn"}}}
    headers = {"host": "127.0.0.1:9", "x-forwarded-host": "127.0.0.1:9", "accept": "application/json, text/event-stream"}
    answer = post(f"{address}/gradio_api/mcp/", json=question, headers=headers)
    assert "is not a picture" in answer.text


@pytest.mark.parametrize("found", ["2.3.0", None])
def test_without_the_package_the_page_says_what_to_install(monkeypatch, capsys, found):
    def version(name):
        if found is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return found

    monkeypatch.setattr(options.agents, "version", version)
    with pytest.raises(SystemExit) as end:
        options.parse_arguments(["--mcp"])
    assert end.value.code == 2
    assert "pip install 'mcp<2'" in capsys.readouterr().err
    assert not options.parse_arguments([]).mcp


def test_agents_and_a_password_exclude_each_other(capsys):
    with pytest.raises(SystemExit):
        options.parse_arguments(["--mcp", "--auth", "a:b"])
    assert "agents cannot log in" in capsys.readouterr().err


@pytest.mark.parametrize("meta", [{}, {"_meta": {"progressToken": 1}}], ids=["without progress", "with progress"])
def test_a_run_whose_agent_has_left_ends(address, monkeypatch, meta):
    begun, ended = threading.Event(), threading.Event()

    def endless(photo, order, *, cancelled, **_):
        begun.set()
        deadline = time.monotonic() + PATIENCE
        while not cancelled() and time.monotonic() < deadline:
            time.sleep(0.02)
        if time.monotonic() < deadline:
            ended.set()
        raise sr_models.Cancelled()

    monkeypatch.setattr(api, "carry_out", endless)
    params = {"name": "upscale", "arguments": {"photo": base64.b64encode(as_png()).decode()}, **meta}

    async def ask_and_leave():
        async with httpx.AsyncClient(timeout=PATIENCE, headers={"accept": "application/json, text/event-stream"}) as agent:
            call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
            asked = asyncio.create_task(agent.post(f"{address}/gradio_api/mcp/", json=call))
            await asyncio.to_thread(begun.wait, PATIENCE)
            asked.cancel()

    asyncio.run(ask_and_leave())
    assert begun.is_set()
    assert ended.wait(PATIENCE)
