"""Many photos on the page: every file has its row, others have their turn between two photos, and all is in one ZIP."""

import csv
import errno
import io
import json
import struct
import threading
import zipfile
from contextlib import suppress
from pathlib import Path

import gradio as gr
import pytest
from conftest import PATIENCE, as_upload, encoded, made_up, needs_chromium, running_page
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from visitor import Request

from sr_models import Cancelled, Order, PhotoError, carry_out, read
from sr_models.jobs import storage
from ui import api
from ui.parts import forecast
from ui.server import audience, catalogues, dropped, runs
from ui.server.turns import Turns
from ui.server.visits import Visits
from ui.tabs import catalogue

QUICK = Order(scale=2, model="bicubic")
WISHES = {"scale": 2, "model": "bicubic"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_page(tmp_path_factory.mktemp("gradio")) as url:
        yield url


@pytest.fixture(scope="module")
def client(server):
    return Client(server, verbose=False)


def save(path: Path, seed: int = 0, side: int = 12) -> Path:
    Image.fromarray(made_up(side, 16, seed)).save(path)
    return path


def pack(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, data in members.items():
            archive.writestr(place, data)
    return path


def picture(seed: int = 0) -> bytes:
    return encoded(made_up(12, 16, seed), "PNG")


def enlarge(uploads: Path, *photos: Path, order: Order = QUICK, stopped=lambda: False) -> tuple[list[catalogues.Outcome], zipfile.ZipFile]:
    """What comes of a catalogue, and its ZIP."""
    found = dropped.list_dropped([as_upload(photo) for photo in photos])
    came = list(catalogues.enlarge_all(found, order, folder := uploads / "job", stopped))
    name = catalogues.name_archive(found, order, sum(outcome.was_stopped for outcome in came))
    return came, zipfile.ZipFile(catalogues.pack(folder, name, came)[0])


def test_photos_and_zips_together_give_a_row_for_each_file_and_the_bytes_of_the_command_line(client, tmp_path):
    mug = save(tmp_path / "mug.png")
    other = tmp_path / "other"
    other.mkdir()
    twin = save(other / "mug.png", 1)
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff and no more")
    shop = pack(
        tmp_path / "shop.zip",
        **{"shoes/red.png": picture(2), "../../mug.png": picture(3), "inner.zip": b"PK", "note.txt": b"12", "__MACOSX/._red.png": b"x"},
    )
    given = [handle_file(path) for path in (mug, twin, tmp_path / "broken.jpg", shop)]
    archive, rows = client.predict(photos=given, **WISHES, api_name="/catalogue")
    assert {row["id"]: row["status"] for row in rows} == {
        "mug.png": "done",
        "mug.png#2": "done",
        "broken.jpg": "failed",
        "shop/shoes/red.png": "done",
        "shop/mug.png": "done",
        "shop/inner.zip": "skipped",
        "shop/note.txt": "skipped",
        "shop/__MACOSX/._red.png": "skipped",
    }
    assert Path(archive).name == "catalogue_2x_bicubic.zip"
    with zipfile.ZipFile(archive) as file:
        assert file.read("mug_2x_bicubic.png") == carry_out(read(mug), QUICK).file.data
        assert file.read("mug_2x_bicubic_2.png") == carry_out(read(twin), QUICK).file.data
        written = {row["output"] for row in rows if row["output"]}
        assert {"shop/shoes/red_2x_bicubic.png", "shop/mug_2x_bicubic.png"} < written
        assert set(file.namelist()) == written | {"manifest.jsonl", "manifest.csv", "contact-sheet-001.jpg", "report.html"}
        assert sorted(map(json.loads, file.read("manifest.jsonl").splitlines()), key=str) == sorted(rows, key=str)
        table = list(csv.DictReader(io.StringIO(file.read("manifest.csv").decode("utf-8-sig"))))
        assert table[0]["id"] == "broken.jpg"
        assert str(tmp_path) not in file.read("manifest.csv").decode()


@pytest.mark.parametrize(
    ("language", "told", "other"),
    [("zh-CN", ("通过 1", "未处理", "“torn.jpg”", "不是照片"), ("PASS<", "skipped<", "It is no photo")), ("en", ("PASS 1",), ("通过",))],
)
def test_the_report_speaks_the_language_of_whoever_asked(server, tmp_path, language, told, other):
    shop = pack(tmp_path / "shop.zip", **{"a.png": picture(), "torn.jpg": picture()[:60], "note.txt": b"12"})
    asker = Client(server, headers={"accept-language": language}, verbose=False)
    archive, _ = asker.predict(photos=[handle_file(shop)], **WISHES, api_name="/catalogue")
    with zipfile.ZipFile(archive) as file:
        report = file.read("report.html").decode()
    assert [words for words in told if words not in report] == []
    assert [words for words in other if words in report] == []
    assert f'lang="{language}"' in report


def test_of_one_zip_the_tree_is_kept_and_the_name(client, tmp_path):
    shop = pack(tmp_path / "shop.zip", **{"a/b.png": picture(), "c.png": picture(1)})
    archive, rows = client.predict(photos=[handle_file(shop)], **WISHES, api_name="/catalogue")
    assert [row["output"] for row in rows] == ["a/b_2x_bicubic.png", "c_2x_bicubic.png"]
    assert Path(archive).name == "shop_2x_bicubic.zip"


@pytest.mark.parametrize(("wish", "words"), [({"scale": 7}, "scale 7 is not offered"), ({"photos": []}, "Upload a photo first")])
def test_what_is_wrong_with_all_of_it_is_said_at_once(client, tmp_path, wish, words):
    with pytest.raises(AppError, match=words):
        client.predict(**({"photos": [handle_file(save(tmp_path / "mug.png"))], "model": "bicubic"} | wish), api_name="/catalogue")


def lock(path: Path) -> Path:
    """Says of each member of a ZIP that it is encrypted."""
    data = bytearray(path.read_bytes())
    for sign, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(sign)
        while at >= 0:
            struct.pack_into("<H", data, at + flags, 1)
            at = data.find(sign, at + 4)
    path.write_bytes(data)
    return path


def test_a_zip_that_is_locked_empty_or_none_is_said_and_costs_no_other_photo(uploads):
    mug, locked = save(uploads / "mug.png"), lock(pack(uploads / "locked.zip", **{"a.png": picture()}))
    empty = pack(uploads / "empty.zip")
    (uploads / "none.zip").write_text("Dear Sir")
    came, _ = enlarge(uploads, mug, locked, empty, uploads / "none.zip")
    said = {outcome.row.id: outcome.row.reason for outcome in came if outcome.row.status == "failed"}
    assert "encrypted" in said.pop("locked/a.png")
    assert said == {
        "empty.zip": "The ZIP “empty.zip” holds no photo.",
        "none.zip": "The ZIP “none.zip” is damaged, or no ZIP. Pack it again.",
    }
    assert [outcome.row.id for outcome in came if outcome.row.status == "done"] == ["mug.png"]


def test_a_zip_that_would_unpack_to_too_much_is_refused_before_and_a_large_member_alone(uploads, monkeypatch):
    bomb = pack(uploads / "bomb.zip", **{"a.png": bytes(100_000), "b.png": picture()})
    monkeypatch.setattr(dropped, "MAX_BYTES", 50_000)
    large, fine = dropped.list_dropped([as_upload(bomb)])
    assert "more than 0 megabytes" in str(large.failure)
    assert fine.failure is None
    for limit in ("MOST_UNPACKED", "MOST_FILES"):
        with monkeypatch.context() as patch:
            patch.setattr(dropped, limit, 1)
            (refused,) = dropped.list_dropped([as_upload(bomb)])
        assert "holds 2 files of 1 megabytes in all" in str(refused.failure)


def test_a_page_for_everybody_takes_so_many_photos_and_pixels_and_says_so_before(uploads, monkeypatch):
    photos = [as_upload(save(uploads / f"{seed}.png", seed)) for seed in range(3)]
    monkeypatch.setattr(dropped, "MOST_PHOTOS", 2)
    assert len(dropped.list_dropped(photos)) == 3  # this machine's own page
    assert "1000 photos" in catalogue.on_load(Request())[0]
    monkeypatch.setattr(audience.here, "public", True)
    assert "2 photos or a ZIP of them, 100 megapixels" in catalogue.on_load(Request())[0]
    with pytest.raises(PhotoError, match="These are 3 photos, and up to 2"):
        dropped.list_dropped(photos)
    found = dropped.list_dropped(photos[:2])
    monkeypatch.setattr(dropped, "MOST_MEGAPIXELS", 0.0001)
    for refuse in (lambda: list(catalogues.enlarge_all(found, Order(), uploads / "job", lambda: False)), lambda: foretold(found)):
        with pytest.raises(PhotoError, match="all photos together may take"):
            refuse()
    monkeypatch.setattr(dropped.budget, "MOST", 0.00001)
    assert all("a run may take" in str(failure) for _, failure in dropped.plan(found, Order()))


def foretold(found: list[dropped.Found]) -> str:
    return forecast.foretell_all("en", found, {"model": "cnn"})


def test_results_that_weigh_too_much_for_a_page_for_everybody_are_not_begun(uploads, monkeypatch):
    monkeypatch.setattr(audience.here, "public", True)
    monkeypatch.setattr(catalogues, "MOST_BYTES", 1)
    came, _ = enlarge(uploads, save(uploads / "a.png"), save(uploads / "b.png", 1))
    assert [outcome.row.status for outcome in came] == ["done", "failed"]
    assert "drop the photos in parts" in came[1].row.reason


def test_a_photo_of_another_visitor_is_enlarged_between_two_of_a_catalogue(server, client, tmp_path, monkeypatch):
    order: list[str] = []
    first, enlarge_one, enlarge_it = threading.Event(), catalogues.enlarge_one, api.carry_out
    for example in [thread for thread in threading.enumerate() if "compute_example" in thread.name]:
        example.join(PATIENCE)  # it waits for a turn too

    def for_a_catalogue(given, *rest):
        order.append(given.task.item.id)
        first.set()
        deadline = threading.Event()
        while len(order) == 1 and len(runs.working.asked) < 2 and not deadline.wait(0.02):
            pass  # until the other visitor waits
        return enlarge_one(given, *rest)

    def for_another(*rest, **more):
        order.append("another's")
        return enlarge_it(*rest, **more)

    monkeypatch.setattr(catalogues, "enlarge_one", for_a_catalogue)
    monkeypatch.setattr(api, "carry_out", for_another)
    photos = [handle_file(save(tmp_path / f"{seed}.png", seed)) for seed in range(3)]
    job = client.submit(photos=photos, **WISHES, api_name="/catalogue")
    assert first.wait(PATIENCE)
    Client(server, verbose=False).predict(photo=handle_file(tmp_path / "0.png"), **WISHES, api_name="/upscale")
    job.result(PATIENCE)
    assert order == ["0.png", "another's", "1.png", "2.png"]


def test_whoever_asked_first_has_the_first_turn_and_who_has_gone_has_none():
    turns, had = Turns(), []
    assert turns.acquire()
    assert not turns.acquire(gone=lambda: True)

    def take(name: str) -> None:
        turns.acquire()
        had.append(name)
        turns.release()

    waiting = []
    for name in "abc":
        waiting.append(threading.Thread(target=take, args=[name]))
        waiting[-1].start()
        while len(turns.asked) < len(waiting) + 1:
            pass
    turns.release()
    for thread in waiting:
        thread.join(PATIENCE)
    assert (had, list(turns.asked)) == (["a", "b", "c"], [])


def test_what_is_finished_when_it_is_stopped_is_in_the_zip_which_says_so(uploads):
    done: list[str] = []
    photos = [save(uploads / f"{seed}.png", seed) for seed in range(3)]
    found = dropped.list_dropped([as_upload(photo) for photo in photos])
    answers = []
    for line, table, download, _ in catalogue.make("en", found, QUICK, uploads / "job", lambda: "PASS" in str(answers)):
        answers.append((line, table["rows"], download))
        done = table["rows"]
    assert "Stopped before 2 were finished: the ZIP holds the others." in answers[-1][0]
    assert [row.count('class="stopped"') for row in done] == [0, 1, 1]
    with zipfile.ZipFile(answers[-1][2].value["path"] if isinstance(answers[-1][2].value, dict) else answers[-1][2].value) as archive:
        assert "1_of_3" in str(archive.filename)
        assert [name for name in archive.namelist() if name.endswith(".png")] == ["0_2x_bicubic.png"]
        reasons = [json.loads(line)["reason"] for line in archive.read("manifest.jsonl").splitlines()]
    assert reasons[1:] == [catalogues.STOPPED] * 2
    assert {path.name for path in (uploads / "job").iterdir()} == {Path(str(archive.filename)).name, "contact-sheet-001.jpg"}


def test_what_is_finished_when_the_disk_is_full_is_in_the_zip_and_the_rest_is_said(uploads, monkeypatch):
    written: list[Path] = []

    def fill(data: bytes, path: Path) -> None:
        if written:
            raise PhotoError("“{name}” could not be written.", name=path.name) from OSError(errno.ENOSPC, "No space left on device")
        written.append(path)
        path.write_bytes(data)

    monkeypatch.setattr(storage, "store", fill)
    came, archive = enlarge(uploads, *(save(uploads / f"{seed}.png", seed) for seed in range(3)))
    assert [outcome.row.status for outcome in came] == ["done", "skipped", "skipped"]
    assert [outcome.row.reason for outcome in came[1:]] == [catalogues.NO_ROOM] * 2
    assert [name for name in archive.namelist() if name.endswith(".png")] == ["0_2x_bicubic.png"]
    assert "1_of_3" in str(archive.filename)


def test_an_upload_that_is_deleted_meanwhile_is_enlarged_all_the_same(uploads):
    photos = [save(uploads / f"{seed}.png", seed) for seed in range(2)]
    came = catalogues.enlarge_all(dropped.list_dropped([as_upload(photo) for photo in photos]), QUICK, uploads / "job", lambda: False)
    next(came)
    photos[1].unlink()
    assert next(came).row.status == "done"


def test_a_failure_that_nobody_foresaw_costs_its_photo_and_tells_nothing_of_the_server(uploads, monkeypatch, capsys):
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"in {uploads}")

    monkeypatch.setitem(catalogues.enlarge_one.__globals__, "carry_out", fail)
    came, archive = enlarge(uploads, save(uploads / "a.png"))
    assert [outcome.row.reason for outcome in came] == [catalogues.UNEXPECTED]
    assert str(uploads) not in archive.read("manifest.jsonl").decode()
    assert "RuntimeError" in capsys.readouterr().err


def test_a_visitor_has_one_catalogue_and_what_was_made_before_goes(uploads, monkeypatch):
    before = uploads / "before"
    before.mkdir()
    monkeypatch.setattr(catalogue, "visits", Visits())
    chosen = {"photos": [as_upload(save(uploads / "a.png"))], "scale": "2", "model": "bicubic", "network": "", "detail": 0.5}
    *_, last = catalogue.on_catalogue(chosen, before, Request())
    assert not before.exists()
    assert last[3].is_dir()
    assert "abc" not in catalogue.running


def test_while_a_catalogue_is_under_way_no_photos_are_added_to_it(notices):
    catalogue.on_start(Request())
    photos, _ = catalogue.take("", [], None, Request())
    catalogue.running.clear()
    assert photos == gr.skip()
    assert notices == [catalogue.BUSY]
    assert catalogue.take("", ["mug"], None, Request())[0] == ["mug"]


def test_a_catalogue_that_is_cancelled_before_its_turn_makes_nothing(uploads):
    with pytest.raises(Cancelled), suppress(StopIteration):
        next(catalogues.enlarge_all(dropped.list_dropped([as_upload(save(uploads / "a.png"))]), QUICK, uploads / "job", lambda: True))
    assert not (uploads / "job").exists()


@needs_chromium
def test_a_person_drops_three_photos_one_broken_watches_the_table_and_downloads_the_zip(open_page, tmp_path):
    from playwright.sync_api import expect

    page, _ = open_page(width=390)
    files = [save(tmp_path / name, seed, 40) for seed, name in enumerate(("mug.png", "shoe.png"))]
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8\xff and no more")
    page.get_by_role("tab", name="Catalogue").click()
    with page.expect_file_chooser() as chooser:
        page.locator("#catalogue-choose").click()
    chooser.value.set_files([*files, tmp_path / "torn.jpg"])
    expect(page.locator("#outcomes tr.waiting")).to_have_count(3)
    expect(page.locator("#catalogue-line")).to_contain_text("3 photos")
    page.locator("#catalogue-start").click()
    expect(page.locator("#catalogue-line")).to_contain_text("2 of 3 photos are enlarged.")
    expect(page.locator("#outcomes th").first).to_contain_text("torn.jpg")
    expect(page.locator("#outcomes tr").first).to_contain_text("“torn.jpg”")
    expect(page.locator("#outcomes img")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with page.expect_download() as download:
        page.locator("#catalogue-download").click()
    download.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        for file in files:
            assert archive.read(f"{file.stem}_4x_cnn.png") == carry_out(read(file), Order()).file.data
