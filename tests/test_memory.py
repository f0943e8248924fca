"""The memory of a program: what its runs no longer use goes back to the system, and is soon taken again while one is under way."""

import os
import platform
import subprocess
import sys

import pytest
import torch
from conftest import made_up
from PIL import Image

from sr_models import memory
from sr_models.__main__ import main
from ui.server import options, runs


def test_memory_goes_back_after_every_run_also_one_that_failed(monkeypatch):
    given = []
    monkeypatch.setattr(memory, "trim", given.append)
    with runs.begun():
        assert given == []
    assert given == [0]
    with pytest.raises(KeyError), runs.begun():
        raise KeyError
    assert given == [0, 0]


def test_on_the_command_line_memory_goes_back_after_each_photo(tmp_path, monkeypatch):
    for name in ("mug.png", "vase.png"):
        Image.fromarray(made_up(8, 9)).save(tmp_path / name)
    (tmp_path / "broken.png").write_bytes(b"no photo")
    given_back = []
    monkeypatch.setattr(memory, "give_back", lambda: given_back.append(sorted(file.name for file in (tmp_path / "out").iterdir())))
    assert main(["upscale", str(tmp_path), "-o", str(tmp_path / "out"), "--model", "bicubic", "--scale", "2"]) == 2
    assert given_back == [[], ["mug_2x_bicubic.png"], ["mug_2x_bicubic.png", "vase_2x_bicubic.png"]]


def test_where_the_system_cannot_take_memory_back_nothing_happens(monkeypatch):
    monkeypatch.setattr(memory, "trim", None)
    memory.give_back()


@pytest.mark.parametrize(("before", "after"), [(None, memory.KERNELS), ("7", "7")])
def test_few_sizes_of_tiles_stay_prepared_unless_told(before, after, monkeypatch):
    name = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
    monkeypatch.delenv(name, raising=False)
    if before is not None:
        monkeypatch.setenv(name, before)
    memory.prepare()
    assert os.environ[name] == after


def test_the_number_of_threads_can_be_said_when_the_page_is_started(monkeypatch, capsys):
    said = []
    monkeypatch.setattr(torch, "set_num_threads", said.append)
    options.parse_arguments(["--threads", "3"])
    assert said == [3]
    with pytest.raises(SystemExit):
        options.parse_arguments(["--threads", "none"])
    assert "“none” is no number of threads" in capsys.readouterr().err


PIECES = """
import resource, sys, threading
import torch
from sr_models import memory

if sys.argv[1] == "prepared":
    memory.prepare()

def count_pages(bytes):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        torch.ones(bytes // 4)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def look():
    for bytes in (8_000_000, 40_000_000):
        print([count_pages(bytes) for _ in range(3)][-1])

look()
thread = threading.Thread(target=look)
thread.start()
thread.join()
"""


GLIBC = tuple(int(part) for part in platform.libc_ver()[1].split(".") if part.isdigit())


@pytest.mark.skipif(GLIBC < (2, 35), reason="C's library is not glibc 2.35 or newer")
def test_what_is_freed_during_a_run_is_taken_again_without_asking_the_system_in_threads_too():
    asked, clean = {}, {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    for how in ("prepared", "not prepared"):
        told = subprocess.run([sys.executable, "-c", PIECES, how], capture_output=True, text=True, check=True, env=clean)
        asked[how] = [int(pages) for pages in told.stdout.split()]
    assert max(asked["prepared"]) < max(asked["not prepared"]) / 10


@pytest.fixture
def options_set(monkeypatch):
    """What C's library is asked for, by a process whose environment says nothing of it; the test says what it refuses."""
    for name in [name for name in os.environ if name.startswith("MALLOC_")]:
        monkeypatch.delenv(name)
    asked, refused = [], []

    def take(option: int, value: int) -> int:
        asked.append((option, value))
        return (option, value) not in refused

    monkeypatch.setattr(memory, "set_option", take)
    return asked, refused


def test_an_older_library_is_asked_for_less_and_one_that_refuses_all_stays_as_it_is(options_set):
    asked, refused = options_set
    refused.append((memory.M_MMAP_THRESHOLD, memory.LARGE))
    memory.prepare()
    assert asked[1:] == [(memory.M_MMAP_THRESHOLD, memory.SMALLER), (memory.M_TRIM_THRESHOLD, memory.KEPT), (memory.M_ARENA_MAX, 1)]
    asked.clear()
    refused.append((memory.M_MMAP_THRESHOLD, memory.SMALLER))
    memory.prepare()
    assert len(asked) == 2


def test_what_the_environment_chose_stays(options_set, monkeypatch):
    monkeypatch.setenv("MALLOC_ARENA_MAX", "2")
    memory.prepare()
    assert options_set[0] == []


def test_where_its_library_has_no_such_options_nothing_happens(monkeypatch):
    monkeypatch.setattr(memory, "set_option", None)
    memory.prepare()
