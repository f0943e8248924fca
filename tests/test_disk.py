"""A full disk, and what a program leaves that was killed: told in words, removed, and the next visitor served."""

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from conftest import ROOT, get, made_up, post, running_page
from gradio.route_utils import GradioUploadFile
from PIL import Image

import app
from ui import api
from ui.server import disk, runs


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("gradio")


@pytest.fixture(scope="module")
def address(place):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app.enlarge, "showcase", lambda: None)  # it would still compute when these few tests are over
        with running_page(place) as url:
            yield f"{url}/gradio_api"


@pytest.fixture
def png(tmp_path) -> bytes:
    Image.fromarray(made_up(12, 16)).save(tmp_path / "mug.png")
    return (tmp_path / "mug.png").read_bytes()


def files_in(place: Path) -> set[Path]:
    return {path for path in place.rglob("*") if path.is_file() and "photos-" not in str(path)}


def full(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device", "/secret/place")


def test_an_upload_that_finds_the_disk_full_is_told_and_leaves_nothing_and_the_next_is_served(address, place, png, monkeypatch):
    before = files_in(place)
    with monkeypatch.context() as patch:
        patch.setattr(GradioUploadFile, "write", full)
        answer = post(f"{address}/upload", files={"files": ("mug.png", png)})
        assert answer.status_code == 507
        assert answer.json()["detail"] == disk.NO_ROOM
    assert files_in(place) == before
    assert post(f"{address}/upload", files={"files": ("mug.png", png)}).status_code == 200


def test_a_result_that_finds_the_disk_full_is_told_and_leaves_nothing_and_the_next_is_served(address, place, png, monkeypatch):
    photo = post(f"{address}/upload", files={"files": ("mug.png", png)}).json()[0]

    def asked() -> str:
        event = post(f"{address}/call/v2/upscale", json={"photo": photo, "scale": 2, "model": "bicubic"}).json()["event_id"]
        return get(f"{address}/call/upscale/{event}").text

    before = files_in(place)
    with monkeypatch.context() as patch:
        patch.setattr(api.agents, "as_file_data", full)  # after the file was written
        answer = asked()
    assert disk.NO_ROOM in answer
    assert "secret" not in answer
    assert files_in(place) == before
    assert "event: complete" in asked()


def test_a_page_that_is_being_closed_takes_no_more_files_and_says_so(address, place, png, monkeypatch):
    before = files_in(place)
    monkeypatch.setattr(runs, "ending", ended := threading.Event())
    ended.set()
    answer = post(f"{address}/upload", files={"files": ("mug.png", png)})
    assert answer.status_code == 503
    assert "being closed" in answer.json()["detail"]
    assert files_in(place) == before


LATE = """
import os, shutil
from ui.server import folder
folder.settle()
own, remove = folder.own(), shutil.rmtree
(own / "gradio").mkdir()
shutil.rmtree = lambda path, **how: (remove(path, **how), (own / "late").touch())
folder.remove()
assert sorted(path.name for path in own.iterdir()) == ["late", "lock"]
os._exit(0)  # as the page does
"""


def test_what_is_written_while_a_program_ends_is_removed_by_the_next_start(tmp_path):
    environment = os.environ | {"GRADIO_TEMP_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-W", "ignore", "-c", LATE], cwd=ROOT, env=environment, check=True)
    assert list(tmp_path.glob("photos-*/late"))
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "from ui.server import folder; folder.settle()"], cwd=ROOT, env=environment, check=True
    )
    assert not list(tmp_path.iterdir())


def test_another_failure_of_the_disk_is_a_bug_and_surfaces():
    with pytest.raises(PermissionError), disk.refuse_when_full():
        raise PermissionError(errno.EACCES, "no")


OWN = """
import sys
from ui.server import folder
folder.settle()
(folder.own() / "upload.png").touch()
print(folder.own(), flush=True)
sys.stdin.read()
"""


def program(place: Path) -> tuple[subprocess.Popen, Path]:
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", OWN],
        cwd=ROOT,
        env=os.environ | {"GRADIO_TEMP_DIR": str(place)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    return process, Path(process.stdout.readline().strip())


def ended(process: subprocess.Popen, stop: signal.Signals | None = None) -> None:
    if stop:
        process.send_signal(stop)
    process.communicate()


def test_a_start_removes_what_a_killed_program_left_and_nothing_of_one_that_lives(tmp_path):
    (tmp_path / "photos-of-mine").mkdir()  # another person's folder, of a like name
    killed, left = program(tmp_path)
    ended(killed, signal.SIGKILL)
    assert (left / "upload.png").exists()
    living, its = program(tmp_path)
    assert not left.exists()
    third, own = program(tmp_path)
    assert (its / "upload.png").exists()
    for process in (living, third):
        ended(process)
    assert [path.name for path in tmp_path.iterdir()] == ["photos-of-mine"]
    assert its != own


def test_whatever_gradio_writes_lies_in_the_folder_that_goes(tmp_path):
    ask = "from gradio import routes; from ui.server import folder; folder.settle(); "
    ask += "print(routes.DEFAULT_TEMP_DIR == str(folder.own() / 'gradio'))"
    environment = os.environ | {"GRADIO_TEMP_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ask], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    assert done.stdout == "True\n"
    assert list(tmp_path.iterdir()) == []
