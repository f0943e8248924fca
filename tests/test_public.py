"""A Space that anybody can reach: what it refuses, whom it lets wait, and what is left of a visit."""

import base64
import hashlib
import http.server
import inspect
import io
import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from conftest import PATIENCE, ROOT, ask, encoded, get, made_up, post, running_page
from gradio import processing_utils
from gradio_client import Client, handle_file
from PIL import Image

import app
from sr_models import UpscaleError
from ui import api
from ui.server import gate, options
from ui.server import visits as visits_module
from ui.server.visits import Visits

SMALL = 200_000  # bytes: limits of this size keep the tests quick
AROUND = 20_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("gradio")


@pytest.fixture(scope="module")
def address(folder):
    """The page as it runs on a Space."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_HEARTBEAT_INTERVAL", "0.2")  # seconds: how soon a visitor is missed
        patch.setattr(app, "MAX_BYTES", SMALL)
        patch.setattr(gate, "MAX_BYTES", SMALL)
        patch.setattr(gate, "MAX_INLINE_BYTES", SMALL)
        patch.setattr(gate, "AROUND", AROUND)
        patch.setattr(processing_utils, "hash_seed", b"")  # as gradio can find it
        for module in (gate, visits_module):
            patch.setattr(module, "AWAY_SECONDS", 0)
        with running_page(folder, server_name="127.0.0.1") as url:
            patch.setenv("SYSTEM", "spaces")
            patch.setenv("SPACE_ID", "owner/photos")
            yield url


def picture(seed: int = 0) -> bytes:
    return encoded(made_up(20, 30, seed))


def uploaded(address: str, data: bytes, name: str = "mug.png") -> str:
    return post(f"{address}/gradio_api/upload", files={"files": (name, data)}).json()[0]


def called(address: str, *data: object, visitor: str = "203.0.113.1") -> httpx.Response:
    """The answer to the start of a run."""
    return post(f"{address}/gradio_api/call/upscale", json={"data": list(data)}, headers={"x-forwarded-for": visitor})


def outcome(address: str, call: httpx.Response) -> str:
    return get(f"{address}/gradio_api/call/upscale/{call.json()['event_id']}").text


def whole(*arguments: object) -> list[object]:
    """All that /upscale takes, the rest left as it is."""
    rest = [parameter.default for parameter in inspect.signature(api.with_wishes(api.upscale)).parameters.values()][1:]
    return [*arguments, *rest[len(arguments) - 1 :]]


def test_a_run_from_outside_succeeds(address):
    path = uploaded(address, picture())
    answer = outcome(address, called(address, *whole({"path": path, "meta": {"_type": "gradio.FileData"}}, 2, "bicubic")))
    assert "event: complete" in answer


def files_in(folder: Path) -> set[Path]:
    """What visitors brought and got; the example that the page itself enlarges meanwhile is not theirs."""
    return {path for path in folder.rglob("*") if path.is_file() and "showcase" not in path.parts}


@pytest.mark.parametrize("count", [1, 40])
def test_an_upload_past_the_limit_is_refused_in_words_also_in_pieces(address, folder, count):
    before = files_in(folder)
    piece = bytes(2 * SMALL // count)
    answer = post(f"{address}/gradio_api/upload", files=[("files", (f"{n}.png", piece)) for n in range(count)])
    assert answer.status_code == 413
    assert "maximum allowed size" in answer.json()["detail"]
    assert files_in(folder) == before


def test_an_upload_that_hides_its_length_is_refused_on_its_way_and_leaves_nothing(address, folder):
    before = files_in(folder)
    frame = b'--b\r\nContent-Disposition: form-data; name="files"; filename="%d.png"\r\n\r\n'

    def pieces():
        for number in range(20):
            yield frame % number + bytes(SMALL // 10) + b"\r\n"

    answer = post(f"{address}/gradio_api/upload", content=pieces(), headers={"content-type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 413
    assert files_in(folder) == before


def test_a_photo_in_base64_past_the_limit_is_refused_in_words(address):
    photo = "data:image/png;base64," + base64.b64encode(bytes(SMALL + 3 * AROUND)).decode()
    for sent in (photo, {"url": photo}, {"path": "mug.png", "url": photo, "meta": {"_type": "gradio.FileData"}}):
        answer = called(address, *whole(sent))
        assert answer.status_code == 413
        assert "maximum allowed size" in answer.json()["detail"]


def test_a_refusal_is_in_the_visitors_language(address):
    answer = post(f"{address}/gradio_api/upload", files={"files": bytes(2 * SMALL)}, headers={"accept-language": "zh-CN"})
    assert "请先缩小照片" in answer.json()["detail"]


@pytest.fixture
def neighbour():
    """Another server on this machine, and what was asked of it."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(picture())

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, format, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


def test_nothing_is_fetched_from_another_address(address, neighbour):
    url, asked = neighbour
    file = {"path": f"{url}/photo.png", "meta": {"_type": "gradio.FileData"}}
    assert "fetches nothing" in called(address, *whole(file)).json()["detail"]
    assert "fetches nothing" in called(address, *whole(file | {"path": "HTTP://example.com/photo.png"})).json()["detail"]
    assert "not fetched from other addresses" in outcome(address, called(address, *whole(f"{url}/photo.png")))
    assert called(address, *whole({"path": "photo.png", "url": f"{url}/photo.png"})).status_code == 403
    for door in ("file", "proxy"):
        assert get(f"{address}/gradio_api/{door}={url}/photo.png").status_code == 403
        assert get(f"{address}/gradio_api/{door}=https://example.com/").status_code == 403
    assert asked == []


@pytest.mark.parametrize(
    "way", ["{0}", "/etc/passwd", "{1}/../../{0}", "README.md", "..%2f..%2fetc%2fpasswd", "file:///etc/passwd", "%2Fetc%2Fpasswd"]
)
def test_no_file_of_the_server_is_served(address, folder, way):
    asked = way.format(ROOT / "app.py", folder)
    answer = get(f"{address}/gradio_api/file={asked}")
    assert answer.status_code in (403, 404)


@pytest.mark.parametrize("meta", [{}, {"meta": {"_type": "gradio.FileData"}}])
def test_no_file_of_the_server_is_enlarged(address, folder, tmp_path, meta):
    (tmp_path / "private.png").write_bytes(picture())
    for path in (str(tmp_path / "private.png"), f"{folder}/../{tmp_path.name}/private.png", "/etc/passwd"):
        answer = called(address, *whole({"path": path, **meta}, 2, "bicubic"))
        assert answer.status_code == 403
        assert answer.json()["detail"] == "Upload a photo first."
        assert "event: error" in outcome(address, called(address, *whole(path, 2, "bicubic")))


@pytest.mark.parametrize("sent", [None, 5, [], {}, {"path": None}, {"path": "\x00"}, "data:image/png;base64,%%%", "/", "A" * 5000])
def test_what_is_no_photo_is_refused_without_naming_a_place_on_the_server(address, folder, sent):
    call = called(address, *whole(sent))
    answer = outcome(address, call) if call.status_code == 200 else call.text
    assert "event: error" in answer or "Upload a photo first." in answer
    assert str(folder) not in answer
    assert str(ROOT) not in answer


@pytest.mark.parametrize("question", [{}, {"photo": None, "size_of_hat": 7}])
def test_a_question_of_unknown_or_missing_names_is_answered_in_words(address, question):
    answer = post(f"{address}/gradio_api/call/v2/upscale", json=question)
    assert answer.status_code == 400
    assert "was not understood" in answer.json()["detail"]
    assert post(f"{address}/gradio_api/call/v2/downscale", json={}).status_code == 400


def test_the_queue_cannot_be_passed_by(address):
    path = uploaded(address, picture())
    answer = post(f"{address}/gradio_api/run/upscale", json={"data": whole({"path": path})})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "door",
    [
        "monitoring",
        "monitoring/summary",
        "gradio_api/run-history/records",
        "gradio_api/deep_link",
        "gradio_api/vibe-code",
        "gradio_api/dev/reload",
        "gradio_api/component_server",
    ],
)
def test_doors_that_the_page_does_not_need_are_shut(address, door):
    assert get(f"{address}/{door}").status_code == 403


def test_what_the_page_does_not_send_to_its_parts_is_not_kept(address):
    answer = post(
        f"{address}/gradio_api/component_server", files={"file": b"layer"}, data={"fn_name": "accept_blobs", "index": "1000000000"}
    )
    assert answer.status_code == 403


def test_recordings_are_not_worked_on(address):
    assert post(f"{address}/gradio_api/process_recording", files={"video": b"film"}).status_code == 403


@pytest.fixture
def held(monkeypatch):
    """Runs last until this is set."""
    free = threading.Event()

    def wait(*_, **__):
        free.wait(PATIENCE)
        raise UpscaleError("Held.")

    monkeypatch.setattr(api, "carry_out", wait)
    yield free
    free.set()


def test_a_visitor_with_many_runs_waits_and_others_do_not(address, held):
    photo = {"path": uploaded(address, picture()), "meta": {"_type": "gradio.FileData"}}
    calls = [called(address, *whole(photo), visitor="203.0.113.7") for _ in range(gate.MOST_WAITING)]
    refused = called(address, *whole(photo), visitor="203.0.113.7")
    assert refused.status_code == 429
    assert f"{gate.MOST_WAITING} of your runs" in refused.json()["detail"]
    other = called(address, *whole(photo), visitor="203.0.113.8, 10.0.0.1")
    assert other.status_code == 200
    held.set()
    assert all("Held." in outcome(address, call) for call in [*calls, other])
    again = called(address, *whole(photo), visitor="203.0.113.7")
    assert "Held." in outcome(address, again)


def test_the_queue_is_bounded(address, held):
    photo = {"path": uploaded(address, picture()), "meta": {"_type": "gradio.FileData"}}
    answers = [called(address, *whole(photo), visitor=f"198.51.100.{number}") for number in range(24)]
    codes = [answer.status_code for answer in answers]
    assert set(codes) == {200, 503}
    assert codes.count(200) in (20, 21)  # one may be under way already
    held.set()
    for answer in answers:
        if answer.status_code == 200:
            outcome(address, answer)


def test_a_visitor_who_asks_again_is_not_forgotten_for_those_who_came_later(tmp_path, monkeypatch):
    page = app.build()
    page._queue.pending_messages_per_session.max_size = 3
    monkeypatch.setattr(app, "build", lambda: page)
    with running_page(tmp_path) as address:
        functions = get(f"{address}/config").json()["dependencies"]
        number = next(function["id"] for function in functions if not function["inputs"] and function["backend_fn"])
        for session in ("first", "b", "c", "first", "d", "d"):
            answer = post(f"{address}/gradio_api/queue/join", json={"fn_index": number, "data": [], "session_hash": session})
            assert answer.status_code == 200
        assert list(page._queue.pending_messages_per_session) == ["c", "first", "d"]
        assert page._queue.pending_event_ids_session.keys() == {"c", "first", "d"}


def test_twenty_visitors_at_once_are_all_answered(address):
    def visit(number: int) -> str:
        photo = {"path": uploaded(address, picture(number)), "meta": {"_type": "gradio.FileData"}}
        answer = called(address, *whole(photo, 2, "bicubic"), visitor=f"192.0.2.{number}")
        return "busy" if answer.status_code == 503 else outcome(address, answer)

    with ThreadPoolExecutor(20) as visitors:
        answers = list(visitors.map(visit, range(20)))
    assert all("event: complete" in answer for answer in answers)


def gone(paths: list[Path]) -> bool:
    """Whether they are in the end."""
    deadline = time.monotonic() + PATIENCE
    while any(path.exists() for path in paths) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not any(path.exists() for path in paths)


def test_a_photo_and_its_results_are_gone_after_the_visit(address, folder, tmp_path):
    (tmp_path / "secret mug.png").write_bytes(picture(seed=99))
    before = files_in(folder)
    client = Client(address, verbose=False, download_files=False)
    client.predict(photo=handle_file(tmp_path / "secret mug.png"), scale=2, api_name="/upscale")
    left = files_in(folder) - before
    assert {path.name for path in left} == {"secret mug.png", "secret mug_2x_cnn.png"}
    client.close()
    assert gone([*left])


def test_an_upload_is_remembered_at_once_and_also_where_it_is_named_by_its_path_alone(address):
    path = uploaded(address, picture(4321))
    kept = visits_module.visits.kept
    assert kept.pop(Path(path)).size == len(picture(4321))
    assert "event: complete" in outcome(address, called(address, *whole(path, 2, "bicubic")))
    assert Path(path) in kept


def test_no_other_visitor_finds_a_photo_by_its_name_or_its_content(address, folder):
    data = picture(seed=5)
    path = Path(uploaded(address, data, "prototype.png"))
    digest = hashlib.sha256(data).hexdigest()
    for guess in (folder / "prototype.png", folder / digest / "prototype.png", path.parent, folder, f"{folder}/*/prototype.png"):
        assert get(f"{address}/gradio_api/file={guess}").status_code in (403, 404)
    for listing in ("config", "gradio_api/info", "gradio_api/queue/status", "monitoring/summary"):
        assert path.parent.name not in get(f"{address}/{listing}").text


def test_who_was_given_the_random_address_of_a_photo_can_open_it_while_it_exists(address):
    path = uploaded(address, picture(seed=6), "prototype.png")
    assert get(f"{address}/gradio_api/file={path}").status_code == 200


def test_a_shared_link_shows_our_title_sentence_and_picture_and_nothing_of_gradios(address):
    page = get(address).text
    said = re.findall(r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]*)"', page)
    told = dict(said)
    assert len(told) == len(said)
    assert "radio" not in str(said)
    assert told["og:title"] == "Product-photo super-resolution"
    assert "what the model changed" in told["og:description"]
    with Image.open(io.BytesIO(get(told["og:image"]).content)) as picture:
        assert picture.size == (int(told["og:image:width"]), int(told["og:image:height"]))


def test_a_phone_can_put_the_page_on_its_home_screen(address):
    for icon in get(f"{address}/manifest.json").json()["icons"]:
        with Image.open(io.BytesIO(get(address + icon["src"]).content)) as picture:
            assert "{}x{}".format(*picture.size) == icon["sizes"]


@pytest.mark.parametrize("size", ["1000000", "513", "0", "-1", "9192", "192/", "none"])
def test_no_icon_is_made_of_another_size(address, size):
    assert get(f"{address}/pwa_icon/{size}").status_code == 404


def test_the_page_reports_to_nobody(address):
    config = get(f"{address}/config").json()
    assert config["analytics_enabled"] is False
    assert not config.get("run_history")
    page = get(address).text
    assert "googleapis" not in page


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_what_two_visitors_share_stays_for_the_second(tmp_path, clock, monkeypatch):
    monkeypatch.setattr(visits_module, "AWAY_SECONDS", 60)
    visits, photo = Visits(clock), tmp_path / "hash" / "mug.png"
    photo.parent.mkdir()
    photo.touch()
    for session in ("a", "b"):
        visits.arrive(session)
        visits.own(session, [photo])
    visits.leave("a")
    clock.now = 61
    visits.sweep()
    assert photo.exists()
    visits.leave("b")
    clock.now = 122
    visits.sweep()
    assert not photo.parent.exists()


def test_who_comes_back_in_time_finds_everything(tmp_path, clock, monkeypatch):
    monkeypatch.setattr(visits_module, "AWAY_SECONDS", 60)
    visits = Visits(clock)
    visits.arrive("a")
    visits.own("a", [tmp_path])
    visits.leave("a")
    clock.now = 59
    visits.arrive("a")
    clock.now = 200
    visits.sweep()
    assert tmp_path.exists()


def test_of_callers_without_a_page_only_the_last_files_are_kept(tmp_path, clock, monkeypatch):
    monkeypatch.setattr(visits_module, "MOST_ALONE", 2)
    visits = Visits(clock)
    visits.arrive("page")
    files = [tmp_path / name for name in ("page", "first", "second", "third")]
    for file in files:
        file.touch()
        clock.now += 1
        visits.own("page" if file.name == "page" else file.name, [file])
    assert [file.exists() for file in files] == [True, False, True, True]
    clock.now += 1
    visits.own("second", [files[2]])  # it was used again
    (tmp_path / "first").touch()
    visits.own(None, [tmp_path / "first"])
    assert [file.exists() for file in files] == [True, True, True, False]


def test_uploads_of_nobody_fill_only_so_much_of_the_disk_but_the_last_one_stays_whatever_its_size(tmp_path, clock, monkeypatch):
    monkeypatch.setattr(visits_module, "MOST_ALONE_BYTES", 100)
    visits = Visits(clock)
    files = [tmp_path / name for name in ("first", "second", "third", "huge")]
    for file, size in zip(files, (60, 50, 50, 1000), strict=True):
        file.write_bytes(bytes(size))
        clock.now += 1
        visits.own(None, [file])
        if file.name == "third":
            assert [path.exists() for path in files[:3]] == [False, True, True]
    assert [file.exists() for file in files] == [False, False, False, True]


def test_what_nobody_uses_is_gone_after_an_hour(tmp_path, clock):
    visits = Visits(clock)
    (tmp_path / "old").mkdir()
    (tmp_path / "used").mkdir()
    visits.own(None, [tmp_path / "old", tmp_path / "used"])
    clock.now = visits_module.KEPT_SECONDS - 1
    visits.own(None, [tmp_path / "used"])
    clock.now += 1
    visits.sweep()
    assert not (tmp_path / "old").exists()
    assert (tmp_path / "used").exists()


@pytest.mark.parametrize("text", ["alone", ":secret", "name:"])
def test_credentials_need_both_parts(text, capsys):
    with pytest.raises(SystemExit):
        options.parse_arguments(["--auth", text])
    assert "USER:PASSWORD" in capsys.readouterr().err


def test_unless_told_the_page_is_for_this_machine_only():
    wanted = options.parse_arguments([])
    assert not any((wanted.share, wanted.host, wanted.auth, wanted.mcp))
    makefile = (ROOT / "Makefile").read_text()
    assert "app.py --host 127.0.0.1" in makefile


def test_with_a_password_nothing_is_open_without_it(tmp_path):
    with running_page(tmp_path, auth=options.parse_arguments(["--auth", "shop:pass:word"]).auth) as url:
        doors = [("GET", "config"), ("GET", "gradio_api/info"), ("POST", "gradio_api/upload"), ("POST", "gradio_api/call/upscale")]
        for method, door in doors:
            assert ask(method, f"{url}/{door}", json={"data": []} if method == "POST" else None).status_code == 401, door
        with httpx.Client(timeout=PATIENCE) as visitor:
            assert visitor.post(f"{url}/login", data={"username": "shop", "password": "pass:word"}).status_code == 200
            assert json.loads(visitor.get(f"{url}/config").text)["components"]
