"""Runs that nobody waits for end, Cancel leaves the queue, a slow Hub holds nobody else, and the program ends when it is told to."""

import asyncio
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import torch
from conftest import PATIENCE, ROOT, get, made_up, post, running_page
from fake_hub import part, serve_hub, silence
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from safetensors.torch import save

from sr_models import Cancelled, WeightsError, catalog, weights
from sr_models.hub import download, room
from ui import api
from ui.server import runs
from ui.tabs import enlarge


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with running_page(tmp_path_factory.mktemp("gradio")) as url:
        yield f"{url}/gradio_api"


@pytest.fixture
def mug(tmp_path):
    Image.fromarray(made_up(12, 16)).save(tmp_path / "mug.png")
    return tmp_path / "mug.png"


@pytest.fixture
def photo(address, mug):
    return post(f"{address}/upload", files={"files": ("mug.png", mug.read_bytes())}).json()[0]


def started(address: str, photo: str, **wishes) -> str:
    """The id of a run that was asked for."""
    return post(f"{address}/call/v2/upscale", json={"photo": photo, "scale": 2, "model": "bicubic", **wishes}).json()["event_id"]


def outcome(address: str, event: str) -> str:
    return get(f"{address}/call/upscale/{event}").text


class Long:
    """A run that goes on until it is told to stop."""

    def __init__(self):
        self.begun, self.ended, self.most, self.asked = [], [], 0, 0
        self.free = threading.Event()

    def carry_out(self, photo, order, *, cancelled, **_):
        self.begun.append(order.model)
        self.most = max(self.most, len(self.begun) - len(self.ended))
        deadline = time.monotonic() + PATIENCE
        while not cancelled() and not self.free.is_set() and time.monotonic() < deadline:
            self.asked += 1
            time.sleep(0.02)
        self.ended.append(order.model)
        raise Cancelled()


@pytest.fixture
def long(monkeypatch):
    work = Long()
    monkeypatch.setattr(api, "carry_out", work.carry_out)
    monkeypatch.setattr(enlarge, "carry_out", work.carry_out)
    yield work
    work.free.set()


def until(happened) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(happened())


def test_a_run_whose_caller_has_hung_up_ends_and_the_next_has_its_turn(address, photo, long):
    event = started(address, photo)
    with httpx.stream("GET", f"{address}/call/upscale/{event}", timeout=PATIENCE):
        assert until(lambda: long.begun)
    assert until(lambda: long.ended)
    long.free.set()
    assert "Stopped." in outcome(address, started(address, photo, model="lanczos"))


def test_a_run_whose_caller_listens_goes_on(address, photo, long, monkeypatch):
    event = started(address, photo)
    with httpx.stream("GET", f"{address}/call/upscale/{event}", timeout=PATIENCE) as stream:
        assert until(lambda: event in runs.listening and long.begun)
        monkeypatch.setattr(runs, "UNHEARD_SECONDS", 0)
        asked = long.asked
        assert until(lambda: long.asked > asked + 20)  # it has looked again whether it is over, and goes on
        assert not long.ended
        long.free.set()
        assert "Stopped." in stream.read().decode()


def test_a_run_whose_caller_never_comes_for_the_answer_ends_after_a_while(address, photo, long, monkeypatch):
    monkeypatch.setattr(runs, "UNHEARD_SECONDS", 0.5)
    started(address, photo)
    assert until(lambda: long.ended)
    assert not long.free.is_set()


def test_cancelled_by_gradio_or_not_only_one_run_computes_at_a_time(address, photo, long):
    """Gradio lets the next run in as soon as one is cancelled, though that still computes."""
    first = started(address, photo)
    assert until(lambda: long.begun)
    second = started(address, photo, model="lanczos")
    index = next(fn["id"] for fn in get(address.replace("gradio_api", "config")).json()["dependencies"] if fn["api_name"] == "upscale")
    assert post(f"{address}/cancel", json={"session_hash": first, "fn_index": index, "event_id": first}).status_code == 200
    assert until(lambda: len(long.begun) == 2)
    long.free.set()
    assert "Stopped." in outcome(address, second)
    assert long.most == 1


def test_cancel_leaves_the_queue_at_once_and_the_page_is_told(address, mug, photo, long):
    started(address, photo)  # somebody else has the place
    assert until(lambda: long.begun)
    client = httpx.Client(timeout=PATIENCE)
    config = get(address.replace("gradio_api", "config")).json()
    names = {fn["api_name"]: fn for fn in config["dependencies"]}
    asked = {"session_hash": "visitor", "trigger_id": None}
    controls = {control["id"]: control["props"].get("value") for control in config["components"]}
    data = [{"path": photo, "meta": {"_type": "gradio.FileData"}}, *(controls[id] for id in names["enlarge"]["inputs"][1:])]
    runs_waiting = client.post(f"{address}/queue/join", json={"fn_index": names["enlarge"]["id"], "data": data, **asked})
    assert runs_waiting.status_code == 200
    said = []

    def listen():
        with httpx.stream("GET", f"{address}/queue/data?session_hash=visitor", timeout=PATIENCE) as stream:
            said.extend(json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: "))

    page = threading.Thread(target=listen)
    page.start()
    assert until(lambda: any(word["msg"] == "estimation" for word in said) or not page.is_alive())
    cancel = names["on_cancel"]["id"]
    assert client.post(f"{address}/run/predict", json={"fn_index": cancel, "data": [], **asked}).status_code == 200
    page.join(PATIENCE)
    assert not page.is_alive()
    done = [word for word in said if word["msg"] == "process_completed" and word["event_id"] == runs_waiting.json()["event_id"]]
    assert [(word["success"], len(word["output"]["data"])) for word in done] == [(True, enlarge.OUTPUTS)]
    assert "Stopped." in [word["log"] for word in said if word["msg"] == "log"]
    assert long.begun == ["bicubic"]
    assert not long.ended  # who had the place keeps it
    assert "visitor" not in enlarge.running


@pytest.mark.parametrize("to", ["on_other_photo", "make_way"])
def test_a_sample_that_waits_makes_way_for_another_photo_and_for_enlarge(address, photo, long, to):
    started(address, photo)  # somebody else has the place
    assert until(lambda: long.begun)
    names = {fn["api_name"]: fn["id"] for fn in get(address.replace("gradio_api", "config")).json()["dependencies"]}
    mug = {"path": photo, "meta": {"_type": "gradio.FileData"}}
    asked = {"session_hash": f"visitor-{to}", "trigger_id": None}
    join = {"fn_index": names["sample"], "data": [mug, "2", "cnn"], **asked}
    assert post(f"{address}/queue/join", json=join).status_code == 200

    def waiting() -> int:
        return get(f"{address}/queue/status").json()["queue_size"]

    assert waiting() == 1
    same = {"fn_index": names["on_other_photo"], "data": [mug], **asked}
    assert post(f"{address}/run/predict", json=same).status_code == 200
    assert waiting() == 1  # it is a sample of this photo
    way = {"fn_index": names[to], "data": [] if to == "make_way" else [None], **asked}
    assert post(f"{address}/run/predict", json=way).status_code == 200
    assert waiting() == 0
    assert not long.ended  # who had the place keeps it


REPO, FILE = "owner/name", "net.safetensors"
PLACE = f"{REPO}/{FILE}"


@pytest.fixture
def hub(tmp_path, monkeypatch):
    weights.recognise_on_hub.cache_clear()
    weights.load_network.cache_clear()
    with serve_hub(tmp_path / "home", monkeypatch) as server:
        server.repo(REPO, **{FILE: network(2)})
        yield server
    weights.recognise_on_hub.cache_clear()
    weights.load_network.cache_clear()


def network(scale: int) -> bytes:
    """A file that holds a network that is known."""
    return weights.path_of(catalog.find("cnn-fast", scale)).read_bytes()


def cache() -> list[Path]:
    return [path for path in download.cache_folder().glob("models--*/blobs/*") if path.is_file()]


@pytest.mark.parametrize("where", ["HEAD", "BLOB"])
def test_while_the_hub_is_slow_others_have_their_turn_and_who_left_is_not_waited_for(address, photo, hub, where):
    hub.trouble[where] = part(0.5, silence) if where == "BLOB" else silence
    event = started(address, photo, model=PLACE)
    with httpx.stream("GET", f"{address}/call/upscale/{event}", timeout=PATIENCE) as stream:
        assert until(lambda: hub.asked(where if where == "HEAD" else "/blob/"))
        for _ in range(3):
            assert "event: complete" in outcome(address, started(address, photo))
        assert stream.status_code == 200
        assert runs.under_way
    assert until(lambda: not runs.under_way)
    assert until(lambda: not cache())
    hub.trouble.clear()
    assert "event: error" not in outcome(address, started(address, photo, model="lanczos"))
    assert until(lambda: not runs.working.asked)


def test_a_download_shows_how_far_it_is_and_has_a_bound(address, mug, hub, monkeypatch):
    monkeypatch.setattr(runs, "DOWNLOAD_SECONDS", 4)
    hub.trouble["BLOB"] = part(0.5, silence)
    client = Client(address.replace("/gradio_api", ""), verbose=False)
    job = client.submit(photo=handle_file(mug), scale=2, model=PLACE, api_name="/upscale")
    assert until(lambda: any("Downloading" in str(unit.desc) for unit in job.status().progress_data or ()))
    with pytest.raises(AppError, match=r"was still not complete after 4 seconds"):
        job.result()
    assert not runs.under_way


def test_more_downloads_than_are_made_at_a_time_are_refused_in_words(address, photo, hub, monkeypatch):
    monkeypatch.setattr(runs, "downloads", threading.BoundedSemaphore(1))
    assert runs.downloads.acquire(blocking=False)
    answer = outcome(address, started(address, photo, model=PLACE))
    assert "downloads from the Hub are under way already" in answer


def test_a_run_that_comes_back_from_its_download_is_finished(address, photo, hub):
    assert "event: complete" in outcome(address, started(address, photo, model=PLACE))
    assert not runs.under_way


def test_a_file_that_holds_no_network_does_not_stay_and_its_owner_is_asked_again(hub):
    hub.repo(REPO, **{FILE: b"\x08\0\0\0\0\0\0\0{broken}"})
    with pytest.raises(WeightsError, match="do not fit"):
        weights.recognise_on_hub(PLACE, 2)
    assert cache() == []


@pytest.mark.parametrize("old", [b"\x08\0\0\0\0\0\0\0{broken}", save({"other": torch.zeros(2)})], ids=["broken", "no network"])
def test_a_useless_file_of_the_cache_does_not_hide_the_mended_one(hub, old):
    hub.repo(REPO, **{FILE: old})
    download.fetch_verified(download.parse_file(PLACE))
    assert len(cache()) == 1
    hub.repo(REPO, **{FILE: network(2)})
    assert weights.recognise_on_hub(PLACE, 2).net.scale == 2
    assert network(2) in [path.read_bytes() for path in cache()]


def test_a_file_of_another_program_is_not_removed_because_it_holds_no_network(hub):
    hub.repo(REPO, **{FILE: save({"other": torch.zeros(2)})})
    download.fetch_verified(download.parse_file(PLACE))  # as another program left it
    with pytest.raises(WeightsError):
        weights.recognise_on_hub(PLACE, 2)
    assert len(cache()) == 1


def test_typed_repositories_take_limited_room_and_others_are_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "MOST_BYTES", 2500)
    times = itertools.count()

    def use(name: str) -> Path:
        folder = room.folder_of(tmp_path, f"owner/{name}")
        with suppress(WeightsError), room.counted(tmp_path, f"owner/{name}"):
            (folder / "blobs").mkdir(parents=True, exist_ok=True)
            (folder / "blobs" / "a").write_bytes(bytes(1000))
            if name == "failed":
                raise WeightsError("cut")
        if (folder / room.MARK).exists():
            os.utime(folder / room.MARK, (now := next(times), now))  # so that the order is certain
        return folder

    other = room.folder_of(tmp_path, "owner/other")  # of another program
    other.mkdir(parents=True)
    folders = [use("other"), use("first"), use("failed")]
    assert all(folder.exists() for folder in folders)
    use("first")  # so the failed one was not used for longest
    third = use("third")
    assert [folder.exists() for folder in (*folders, third)] == [True, True, False, True]


SERVE = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell without job control has it ignored
import app
from ui.tabs import enlarge
from ui import api

def endless(photo, order, *, cancelled, **_):
    print("BEGUN", flush=True)
    import torch
    while {stubborn} or not cancelled():
        torch.nn.functional.conv2d(torch.zeros(1, 3, 64, 64), torch.zeros(3, 3, 3, 3))
    raise api.UpscaleError("Stopped.")

api.carry_out = endless
enlarge.showcase = lambda: time.sleep(0)
sys.argv = ["app.py"]
app.SECONDS_TO_END = 2
app.main()
"""


@pytest.mark.parametrize(
    ("stop", "stubborn"),
    [(signal.SIGTERM, False), (signal.SIGINT, True)],  # of SIGINT gradio hears first
    ids=["a run that listens", "a run that does not"],
)
def test_a_program_that_is_told_to_end_during_a_run_ends_well_and_leaves_nothing(tmp_path, mug, stop, stubborn):
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp"), "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
    environment.pop("GRADIO_TEMP_DIR", None)
    (tmp_path / "tmp").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", SERVE.format(stubborn=stubborn)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(process.stdout or ()), daemon=True)
    reader.start()
    try:
        assert until(lambda: any("http://" in line for line in lines)), lines
        url = re.search(r"http://\S+", "".join(lines))[0]
        sent = post(f"{url}/gradio_api/upload", files={"files": ("mug.png", mug.read_bytes())}).json()[0]
        started(f"{url}/gradio_api", sent)
        assert until(lambda: any("BEGUN" in line for line in lines)), "".join(lines)
        assert list((tmp_path / "tmp").glob("photos-*"))
        process.send_signal(stop)
        assert process.wait(PATIENCE) == 0, lines
        assert not list((tmp_path / "tmp").glob("*photos-*"))
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stdout.close()


def test_a_run_outside_of_the_page_is_never_over_by_itself():
    with runs.begun() as run:
        assert not run.is_over()
        assert runs.working.asked
    assert not runs.working.asked


def test_who_waits_for_another_run_can_be_cancelled():
    with runs.begun(), pytest.raises(Cancelled), runs.begun(lambda: True):
        pass
    assert not runs.working.asked


def test_who_listens_counts_until_the_last_connection_ends():
    with runs.listened("a"):
        with runs.listened("a"), runs.listened(None):
            assert runs.listening["a"] == 2
        assert set(runs.listening) == {"a"}
    assert not runs.listening


def test_of_several_answers_each_has_its_turn_and_none_follows_when_the_page_ends(monkeypatch):
    locked = []

    @runs.in_turn(outputs=1)
    def count(most: int):
        for number in range(most):
            locked.append(bool(runs.working.asked))
            yield number

    seen = []
    for number in count(5):
        seen.append((number, bool(runs.working.asked)))
        if number == 2:
            monkeypatch.setattr(runs, "ending", ended := threading.Event())
            ended.set()
    assert seen == [(0, False), (1, False), (2, False)]
    assert locked == [True, True, True]


def test_leaving_a_queue_that_was_never_used_is_nothing():
    assert asyncio.run(runs.leave("enlarge", "nobody", [])) is False


ENDING = """
import app
from ui.server import runs
from ui.tabs import enlarge

def example():
    runs.ending.wait()
    print("the example has ended", flush=True)

enlarge.showcase = example
page = app.build()
app.launch(page, prevent_thread_lock=True, quiet=True)
page.close()
"""


def test_a_program_that_ends_by_itself_ends_the_example_first(tmp_path):
    environment = os.environ | {"GRADIO_TEMP_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", ENDING], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, "the example has ended" in done.stdout) == (0, True), done.stderr


def test_the_example_is_not_enlarged_further_when_the_page_ends(monkeypatch):
    monkeypatch.setattr(runs, "ending", threading.Event())
    runs.ending.set()
    with pytest.raises(Cancelled):
        enlarge.compute_showcase.__wrapped__()
