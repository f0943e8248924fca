"""A page's memory: what its runs no longer use goes back to the system."""

import os

import pytest
import torch

from sr_models import memory
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


def test_where_the_system_cannot_take_memory_back_nothing_happens(monkeypatch):
    monkeypatch.setattr(memory, "trim", None)
    memory.give_back()


@pytest.mark.parametrize(("before", "after"), [(None, memory.KERNELS), ("7", "7")])
def test_few_sizes_of_tiles_stay_prepared_unless_told(before, after, monkeypatch):
    name = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
    monkeypatch.delenv(name, raising=False)
    if before is not None:
        monkeypatch.setenv(name, before)
    memory.bound()
    assert os.environ[name] == after


def test_the_number_of_threads_can_be_said_when_the_page_is_started(monkeypatch, capsys):
    said = []
    monkeypatch.setattr(torch, "set_num_threads", said.append)
    options.parse_arguments(["--threads", "3"])
    assert said == [3]
    with pytest.raises(SystemExit):
        options.parse_arguments(["--threads", "none"])
    assert "“none” is no number of threads" in capsys.readouterr().err
