"""Catalogues on Ray: the same rows as on one machine. It runs where Ray is: pip install 'ray[data]', and then this file by itself."""

import importlib.util
import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from conftest import PATIENCE, ROOT, made_up
from PIL import Image

from sr_models import Order
from sr_models.__main__ import main
from sr_models.jobs.cluster import Enlarger, make_absolute
from sr_models.jobs.manifest import row_of
from sr_models.jobs.sources import list_items
from sr_models.jobs.storage import InFolder
from sr_models.jobs.targets import plan_tasks
from sr_models.jobs.work import Given

needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed: pip install 'ray[data]'")
WISHED = ["--scale", "2", "--model", "bicubic", "--workers", "2"]


@pytest.fixture
def shop(tmp_path) -> Path:
    """Six photos, one of them broken, and a file that is none."""
    for seed in range(5):
        place = tmp_path / "shop" / f"shelf {seed % 2}" / f"{seed}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(made_up(12, 16, seed)).save(place)
    whole = (tmp_path / "shop" / "shelf 0" / "0.png").read_bytes()
    (tmp_path / "shop" / "broken.png").write_bytes(whole[:200])
    (tmp_path / "shop" / "prices.txt").write_text("12")
    return tmp_path / "shop"


@pytest.fixture(params=["file", "s3"])
def bucket(request, tmp_path, monkeypatch) -> Iterator[tuple[Any, str]]:
    """An empty store that other processes reach too, and its address."""
    if request.param == "file":
        yield fsspec.filesystem("file"), (tmp_path / "bucket").as_uri()
        return
    pytest.importorskip("s3fs", reason="s3fs is not installed: pip install s3fs 'moto[server]'")
    moto = pytest.importorskip("moto.server", reason="moto is not installed: pip install s3fs 'moto[server]'")
    server = moto.ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    for name, value in {"ENDPOINT_URL": address, "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b", "DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    files = fsspec.filesystem("s3", skip_instance_cache=True)
    files.mkdir("bucket")
    yield files, "s3://bucket"
    files.rm("bucket", recursive=True)  # the next server in this process has the same ones
    server.stop()


def run(shop: Path | str, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sr_models", "catalogue", str(shop), "-o", str(out), *WISHED, *more]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)


def lines(out: Path) -> list[dict[str, Any]]:
    """The manifest without what the clock says."""
    rows = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    return sorted(({**row, "seconds": 0} for row in rows), key=lambda row: row["id"])


def pictures(out: Path) -> dict[str, bytes]:
    return {str(file.relative_to(out)): file.read_bytes() for file in out.rglob("*.png")}


@needs_ray
def test_ray_makes_the_same_of_a_catalogue_as_this_machine_and_goes_on_where_it_was(shop, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    assert run(shop, here).returncode == 2
    done = run(shop, there, "--engine", "ray")
    assert done.returncode == 2, done.stderr
    assert "1 failed, 5 PASS, 1 skipped." in done.stdout
    assert lines(there) == lines(here)
    assert pictures(there) == pictures(here)
    assert (there / "report.html").read_bytes() == (here / "report.html").read_bytes()
    again = run(shop, there, "--engine", "ray")
    assert "7 of them from before" in again.stdout
    assert len(lines(there)) == 7


@pytest.mark.parametrize("engine", ["local", pytest.param("ray", marks=needs_ray)])
def test_from_and_to_a_store_everything_is_as_from_and_to_a_folder(shop, tmp_path, bucket, engine):
    (files, address), here, there = bucket, tmp_path / "here", tmp_path / "there"
    for file in filter(Path.is_file, shop.rglob("*")):
        place = f"{address}/shop/{file.relative_to(shop).as_posix()}"
        files.makedirs(place.rpartition("/")[0], exist_ok=True)
        files.pipe_file(place, file.read_bytes())
    run(shop, here)
    done = run(f"{address}/shop", there, "--store", f"{address}/large", "--engine", engine)
    assert "1 failed, 5 PASS, 1 skipped." in done.stdout, done.stderr
    assert [row | {"output": row["output"].removeprefix(f"{address}/large/")} for row in lines(there)] == lines(here)
    assert {path: files.cat_file(f"{address}/large/{path}") for path in pictures(here)} == pictures(here)
    assert len(files.find(f"{address}/large")) == len(pictures(here))
    assert pictures(there) == {}


def given_of(shop: Path, out: Path) -> list[Given]:
    tasks = plan_tasks(list_items(shop, out), Order(scale=2, model="bicubic"))
    return [Given(task, out, InFolder(out), None, False) for task in tasks if not task.refused]


def die(given: Given) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def make_die():
    return die


def test_a_photo_that_kills_its_worker_is_a_row_and_the_actor_lives_on(shop, tmp_path):
    first, second, *_ = given_of(shop, tmp_path / "out")
    actor = Enlarger(make_die, PATIENCE)
    rows = [row_of(line) for line in actor({"given": [pickle.dumps(first), pickle.dumps(second)]})["row"]]
    actor.worker.end()
    assert [(row.id, row.status) for row in rows] == [(first.task.item.id, "failed"), (second.task.item.id, "failed")]
    assert all("exit code -9" in row.reason for row in rows)


def test_what_is_handed_out_says_where_a_photo_is_and_holds_none_of_it(shop, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = make_absolute(given_of(Path("shop"), Path("out"))[0])
    assert (given.task.item.path, given.folder) == (shop / "broken.png", tmp_path / "out")
    assert len(pickle.dumps(given)) < 2_000


def test_without_ray_and_without_its_gpus_one_sentence_says_so(shop, tmp_path, capsys, monkeypatch):
    command = ["catalogue", str(shop), "-o", str(tmp_path / "out"), *WISHED]
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main([*command, "--engine", "ray"]) == 2
    assert (
        capsys.readouterr().err == "sr_models: Ray is not installed, or not whole: pip install 'product-sr[ray]', or leave --engine out.\n"
    )
    assert main([*command, "--gpus", "0.5"]) == 2
    assert "--gpus is what --engine ray lends each worker" in capsys.readouterr().err
