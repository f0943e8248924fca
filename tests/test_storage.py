"""Catalogues from and to a storage of objects: the same results as from and to a folder, and a sentence where it cannot be."""

import pickle
from pathlib import Path

import fsspec
import pytest
from conftest import made_up
from PIL import Image

from sr_models import Order, PhotoError
from sr_models.__main__ import main
from sr_models.device import choose
from sr_models.jobs.catalogue import Catalogue
from sr_models.jobs.manifest import Row
from sr_models.jobs.sources import NO_PHOTO, TRACE, list_items
from sr_models.jobs.storage import InFolder, InStore, load_address
from sr_models.jobs.summary import write_summary
from sr_models.jobs.work import enlarge_one

QUICK = Order(scale=2, model="bicubic")


def run(catalogue: Catalogue) -> dict[str, Row]:
    """In this process: a storage in memory is no other one's."""
    return {row.id: row for row in catalogue.run(catalogue.tasks(), lambda todo: (enlarge_one(given, choose("cpu")) for given in todo))}


@pytest.fixture
def shop(tmp_path) -> Path:
    """A folder with four photos, one of them broken, and two files that are none."""
    folder = tmp_path / "shop"
    for seed, name in enumerate(("mug.png", "mug.jpg", "shoes/a #1 b%20.png")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(made_up(12, 16, seed)).save(folder / name)
    (folder / "shoes" / "broken.jpg").write_bytes((folder / "mug.jpg").read_bytes()[:300])
    (folder / "prices.txt").write_text("12")
    (folder / ".DS_Store").write_bytes(b"x")
    return folder


@pytest.fixture
def bucket():
    """An empty storage in memory."""
    files = fsspec.filesystem("memory")
    files.store.clear()
    files.pseudo_dirs[:] = [""]
    yield files
    files.store.clear()


@pytest.fixture
def stored_shop(bucket, shop):
    """The files of `shop`, in the storage."""
    for path in shop.rglob("*"):
        if path.is_file():
            bucket.pipe_file(f"/shop/{path.relative_to(shop).as_posix()}", path.read_bytes())
    return "memory://shop"


def bytes_in(folder) -> dict[str, bytes]:
    """The results in a folder, by their paths in it."""
    paths = [path for path in folder.rglob("*.png") if ".catalogue" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_a_storage_gives_and_takes_the_same_bytes_as_a_folder(stored_shop, shop, bucket, tmp_path):
    of_folder = run(Catalogue(shop, tmp_path / "out", QUICK))
    rows = run(Catalogue(stored_shop, tmp_path / "manifest", QUICK, store="memory://large/2026"))
    assert {id: (row.status, row.sha256) for id, row in rows.items()} == {id: (row.status, row.sha256) for id, row in of_folder.items()}
    assert (rows["prices.txt"].reason, rows[".DS_Store"].reason) == (NO_PHOTO, TRACE)
    stored = {path.removeprefix("/large/2026/"): bucket.cat_file(path) for path in bucket.find("/large/2026")}
    assert stored == bytes_in(tmp_path / "out")
    assert bytes_in(tmp_path / "manifest") == {}
    assert rows["mug.jpg"].output == "memory://large/2026/" + of_folder["mug.jpg"].output
    write_summary(tmp_path / "manifest")
    assert rows["mug.jpg"].output in (tmp_path / "manifest" / "report.html").read_text("utf-8")


def test_results_stored_below_their_photos_are_no_photos(stored_shop, tmp_path):
    catalogue = Catalogue(stored_shop, tmp_path / "out", QUICK, store=f"{stored_shop}/large/")
    assert run(catalogue) == run(catalogue)
    with pytest.raises(PhotoError, match="would be taken for photos the next time"):
        run(Catalogue(stored_shop, tmp_path / "out", QUICK, store=f"{stored_shop}/"))


def test_what_is_stored_is_not_made_again_and_what_is_missing_is(stored_shop, bucket, tmp_path):
    catalogue = Catalogue(stored_shop, tmp_path / "out", QUICK, store="memory://large")
    first = run(catalogue)
    assert run(catalogue) == first
    bucket.rm(first["mug.jpg"].output.removeprefix("memory:/"))
    again = run(catalogue)
    assert bucket.isfile(again["mug.jpg"].output.removeprefix("memory:/"))
    assert (tmp_path / "out" / "manifest.jsonl").read_text("utf-8").count('"mug.jpg"') >= 2
    elsewhere = run(Catalogue(stored_shop, tmp_path / "out", QUICK, store="memory://other"))
    assert bucket.isfile(elsewhere["mug.jpg"].output.removeprefix("memory:/"))


def test_a_stored_file_of_somebody_else_is_not_overwritten(stored_shop, bucket, tmp_path):
    first = run(Catalogue(stored_shop, tmp_path / "out", QUICK))
    bucket.pipe_file("/large/" + first["mug.jpg"].output, b"mine")
    rows = run(Catalogue(stored_shop, tmp_path / "more", QUICK, store="memory://large"))
    assert rows["mug.jpg"].status == "failed"
    assert "was not written by this catalogue" in rows["mug.jpg"].reason
    assert bucket.cat_file("/large/" + first["mug.jpg"].output) == b"mine"


def test_a_table_may_name_files_of_a_storage(stored_shop, tmp_path):
    table = tmp_path / "a.csv"
    table.write_text(f"url,id\n{stored_shop}/mug.png,one\n{stored_shop}/none.png,two\nftp://10.0.0.1/mug.png,three\n")
    rows = run(Catalogue(table, tmp_path / "out", QUICK))
    assert [rows[id].status for id in ("one", "two", "three")] == ["done", "failed", "failed"]
    assert "“memory://shop/none.png” could not be reached" in rows["two"].reason
    assert "only http and https are fetched" in rows["three"].reason


def test_workers_store_through_an_address_too(shop, tmp_path, capsys):
    address = (tmp_path / "large").as_uri()
    command = ["catalogue", shop.as_uri(), "-o", str(tmp_path / "out"), "--store", address]
    assert main([*command, "--scale", "2", "--model", "bicubic"]) == 2  # one is broken
    assert len(bytes_in(tmp_path / "large")) == 3
    assert len(bytes_in(tmp_path / "out")) == 0
    assert "1 failed, 3 PASS" in capsys.readouterr().out


@pytest.mark.usefixtures("shop", "bucket")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["memory://nothing", "-o", "out"], "holds no photo"),
        (["smb://10.0.0.1/shop", "-o", "out"], "“smb://10.0.0.1/shop” is in no storage that is known"),
        (["shop", "-o", "out", "--store", "sftp://10.0.0.1/shop"], "“sftp://10.0.0.1/shop” is in no storage that is known"),
        (["oss://shop", "-o", "out"], "“oss://shop” could not be reached (ImportError: Install ossfs"),
    ],
)
def test_what_is_no_storage_is_said(options, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["catalogue", *options]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_too_large_or_empty_is_not_read(bucket):
    bucket.pipe_file("/shop/a.png", b"12345")
    bucket.pipe_file("/shop/b.png", b"")
    assert load_address("memory://shop/a.png", most=5) == b"12345"
    with pytest.raises(PhotoError, match="more than"):
        load_address("memory://shop/a.png", most=4)
    with pytest.raises(PhotoError, match="empty"):
        load_address("memory://shop/b.png")


def test_a_name_in_a_storage_leads_nowhere_outside(bucket, tmp_path):
    bucket.pipe_file("/shop/../mug.png", b"\x89PNG\r\n\x1a\n")
    assert all(".." not in item.place for item in list_items("memory://shop", tmp_path) if item.place)


@pytest.mark.parametrize("results", [InFolder, InStore])
def test_where_results_go_can_be_sent_to_a_worker(results, tmp_path):
    place = results(tmp_path if results is InFolder else "memory://shop")
    assert pickle.loads(pickle.dumps(place)) == place
