"""The Space: what it is told, what it installs, and how the page borrows a GPU that is lent for seconds."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace

import gradio as gr
import numpy as np
import pytest
import yaml
from conftest import PATIENCE, ROOT, made_up
from gradio.context import LocalContext
from packaging.requirements import Requirement

import sr_models
from sr_models import CATALOG, Cancelled, Entry, Photo, choose, find
from sr_models.catalog import FUSIONS, RECURRENT
from sr_models.nets import has_dial
from sr_models.run import lenders
from sr_models.runners import Runner, make_runner
from ui.server import gpu

FRONT = yaml.safe_load((ROOT / "README.md").read_text().split("---")[1])
REQUIREMENTS = [Requirement(line) for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
ZEROGPU_TORCH = ("2.8.0", "2.9.1", "2.10.0", "2.11.0")
"""What its documentation lists."""
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}


def test_the_front_matter_says_what_a_space_needs_to_know():
    assert FRONT["sdk"] == "gradio"
    assert FRONT["python_version"] == "3.12"
    assert (ROOT / FRONT["app_file"]).is_file()
    assert {FRONT["colorFrom"], FRONT["colorTo"]} <= COLOURS
    assert FRONT["suggested_hardware"] == "zero-a10g"
    assert {"title", "emoji", "sdk_version", "license", "short_description", "tags"} <= FRONT.keys()


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda requirement: requirement.name)
def test_a_requirement_is_a_range_with_both_ends(requirement):
    operators = {specifier.operator for specifier in requirement.specifier}
    assert operators == {">=", "<"}


@pytest.mark.parametrize("version", ZEROGPU_TORCH)
def test_every_pytorch_of_zerogpu_is_accepted(version):
    (torch,) = (requirement for requirement in REQUIREMENTS if requirement.name == "torch")
    assert version in torch.specifier


def test_what_is_tested_lies_in_the_ranges():
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.M))
    pinned = {name.replace("_", "-"): version for name, version in pinned.items()}
    for requirement in REQUIREMENTS:
        assert pinned[requirement.name] in requirement.specifier, requirement


def test_what_follows_work_on_a_lent_gpu_runs_on_the_machines_own():
    lent = replace(choose("cpu"), name="cuda", lent=True)
    assert sr_models.upscale(Photo(made_up(8, 8)), scale=2, device=lent).device == choose()


def test_auto_is_the_processor_where_the_gpu_is_only_lent(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.get_device_capability", lambda: (9, 0))
    assert choose().name == "cuda"
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    assert choose().name == "cpu"
    assert choose("cuda").name == "cuda"


def photo(megapixels: float) -> np.ndarray:
    side = round((megapixels * 1e6) ** 0.5)
    return np.broadcast_to(np.uint8(0), (side, side, 3))


def asked(entry: Entry, rgb: np.ndarray) -> Runner:
    """With all detail, where there is a dial."""
    return make_runner(entry, rgb, np.broadcast_to(np.float32(1), rgb.shape[:2]) if has_dial(entry.net) else None)


@pytest.mark.parametrize("entry", [entry for entry in CATALOG if entry.net.scale == 4], ids=lambda entry: entry.id)
def test_the_time_asked_for_grows_with_the_pixels_and_stays_within_what_is_lent(entry):
    times = [gpu.estimate_seconds(asked(entry, photo(size))) for size in (0.01, 1, 12, 50)]
    assert times == sorted(times)
    assert times[0] > gpu.START_SECONDS
    assert times[-1] <= gpu.MOST_SECONDS


def test_a_network_that_computes_more_is_given_more_time():
    srcnn, cnn = (gpu.count_operations(find(model, 2).net) for model in ("srcnn", "cnn"))
    assert cnn > 2 * srcnn
    assert gpu.count_operations(find("gan", 2).net) <= 1.15 * cnn  # the dial costs next to nothing
    assert gpu.estimate_seconds(asked(find("cnn", 4), photo(12))) < 30


def test_operations_are_those_of_the_convolutions():
    weights = sum(p.numel() for name, p in find("srcnn", 2).net.build().named_parameters() if name.endswith("weight"))
    assert gpu.count_operations(find("srcnn", 2).net) >= 2 * weights * 4  # and the enlargement before them


class Visitor:
    headers = {"accept-language": "en"}  # noqa: RUF012
    session_hash = "abc"


@pytest.fixture
def lent(monkeypatch):
    """A GPU that is lent; here it is the processor."""
    monkeypatch.setattr(gpu, "choose", lambda name: HERE)
    monkeypatch.setattr(gpu, "WORTH", 0)
    monkeypatch.setattr(gr, "Info", told := [].append)
    token = LocalContext.request.set(Visitor())  # pyright: ignore[reportArgumentType]
    lenders.append(gpu.borrow)
    yield told.__self__
    lenders.clear()
    LocalContext.request.reset(token)


PHOTO = Photo(made_up(40, 300))
HERE = replace(choose("cpu"), tile=16)
"""In whose tiles this photo is cut."""


def enlarged(**options) -> np.ndarray:
    return sr_models.upscale(PHOTO, scale=2, faithful="off", device=HERE, **options).photo.rgb


@pytest.mark.parametrize("model", ["cnn", "gan"])
def test_a_borrowed_gpu_gives_the_same_picture_and_tells_of_every_tile(lent, monkeypatch, model):
    tiles, borrowed = [], []
    monkeypatch.setattr(gpu, "enlarge_on_gpu", lambda *asked: borrowed.append(asked) or PLAIN(*asked))
    result = enlarged(model=model, progress=lambda *done: tiles.append(done))
    lenders.clear()
    assert np.array_equal(result, enlarged(model=model))
    assert tiles == [(done, len(tiles)) for done in range(1, len(tiles) + 1)]
    assert len(tiles) > 1
    assert len(borrowed) == 1


PLAIN = gpu.enlarge_on_gpu


def test_small_work_and_work_for_nobody_borrow_nothing(lent, monkeypatch):
    monkeypatch.setattr(gpu, "enlarge_on_gpu", lambda *_: pytest.fail("borrowed"))
    monkeypatch.setattr(gpu, "WORTH", 1e12)
    enlarged()
    monkeypatch.setattr(gpu, "WORTH", 0)
    LocalContext.request.set(None)
    enlarged()


def test_cancel_reaches_the_process_that_has_the_gpu(lent, monkeypatch):
    ended = []

    def steps(*_):
        try:
            yield 1, 9
            yield 2, 9
        finally:
            ended.append(True)

    monkeypatch.setattr(gpu, "enlarge_on_gpu", steps)
    done = []
    with pytest.raises(Cancelled):
        enlarged(progress=lambda *tiles: done.append(tiles), cancelled=lambda: bool(done))
    assert done == [(1, 9)]
    assert ended == [True]


def test_a_refused_loan_is_no_failure_the_processor_works_and_the_visitor_is_told(lent, monkeypatch):
    def refused(*_):
        raise gr.Error("You have exceeded your ZeroGPU quota", print_exception=False)
        yield

    monkeypatch.setattr(gpu, "enlarge_on_gpu", refused)
    result = enlarged()
    assert ["exceeded your ZeroGPU quota" in sentence for sentence in lent] == [True]
    lenders.clear()
    assert np.array_equal(result, enlarged())


SPACES = """
import functools
import torch

gradio_auto_wrap = lambda task: task
durations, placed = [], []
tensor, to = torch.tensor, torch.nn.Module.to

def GPU(task=None, *, duration=None):
    def decorated(task):
        @functools.wraps(task)
        def lent(*asked):
            durations.append(duration(*asked))
            yield from task(*asked)
        return lent
    return decorated if task is None else decorated(task)

def placing(module, *wanted, device=None, **options):
    if device == "cuda":
        placed.append(type(module).__name__)
    return to(module, *wanted, **options)

def never():
    raise RuntimeError("CUDA was initialised")

torch.cuda.is_available = lambda: True
torch.cuda.get_device_capability = lambda *_: (9, 0)
torch.cuda._lazy_init = never
torch.nn.Module.to = placing
torch.tensor = lambda data, device=None, **options: tensor(data, **options)
"""
"""A module in the place of ZeroGPU's: as with that, PyTorch believes in a GPU, and nothing may touch it outside of what borrows it."""

START = """
import json, os, sys
import app, spaces
from gradio_client import Client, handle_file
from sr_models import find
from sr_models.runners import make_runner
from ui.server import gpu

placed = len(spaces.placed)
gpu.WORTH = gpu.count_operations(find("gan", 2).net) * 40 * 300
page = app.build()
_, url, _ = app.launch(page, prevent_thread_lock=True, quiet=True)
ready = len(spaces.placed)
client = Client(url.replace("0.0.0.0", "127.0.0.1"), verbose=False)
file, report = client.predict(photo=handle_file(sys.argv[1]), scale=2, model="gan", faithful="off", api_name="/upscale")
zeros = gpu.np.zeros
expected = gpu.estimate_seconds(make_runner(find(report["model"], 2), zeros((40, 300, 3), "uint8"), zeros((40, 300), "float32")))
print(json.dumps([placed, ready, spaces.durations, expected, report["device"], file]))
page.close()
sys.stdout.flush()
os._exit(0)  # gradio's own threads may still run, and would end the interpreter with an abort
"""


def test_a_zerogpu_space_starts_places_its_networks_and_borrows_for_the_time_that_the_pixels_need(tmp_path):
    (tmp_path / "spaces.py").write_text(SPACES)
    sr_models.write(PHOTO, tmp_path / "mug.png")
    space = {"SYSTEM": "spaces", "SPACE_ID": "owner/photos", "SPACES_ZERO_GPU": "true", "GRADIO_SERVER_NAME": "0.0.0.0"}
    folders = {"PYTHONPATH": f"{tmp_path}:{ROOT}", "GRADIO_TEMP_DIR": str(tmp_path / "gradio"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", START, str(tmp_path / "mug.png")],
        cwd=ROOT,
        env=os.environ | space | folders,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    placed, ready, durations, expected, device, file = json.loads(done.stdout[done.stdout.index("[") :].splitlines()[0])
    assert placed == 0
    photos = [entry for entry in CATALOG if entry.family in ("cnn", "cnn-fast", "gan")]
    assert ready == len({entry.source for entry in (*photos, *RECURRENT, *FUSIONS)})  # a file for several scales once
    assert durations == [expected]
    assert device == "cuda"
    assert np.abs(sr_models.read(file).rgb.astype(int) - enlarged(model="gan")).mean() < 1  # its precision is lower


def test_importing_and_building_the_page_touches_no_gpu():
    look = "import torch; torch.cuda._lazy_init = lambda: 1 / 0; import app; app.build(); print(torch.cuda.is_initialized())"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", look], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == ["False"], done.stderr
