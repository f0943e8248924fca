"""Catalogues: every file of a source has its line, one bad photo costs itself alone, and an interrupted run goes on where it was."""

import csv
import errno
import http.server
import json
import math
import os
import random
import signal
import subprocess
import sys
import threading
import time
import warnings
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from conftest import CHROMIUM, PATIENCE, QUIET, made_up, needs_chromium
from PIL import Image

from sr_models import Order, PhotoError, carry_out, read
from sr_models.__main__ import main
from sr_models.device import choose
from sr_models.jobs import catalogue as catalogues
from sr_models.jobs import fetch, storage, work
from sr_models.jobs.catalogue import JOB, Catalogue, is_of_shard
from sr_models.jobs.manifest import Manifest, Row, read_rows
from sr_models.jobs.pool import Lost, run_tasks
from sr_models.jobs.report import make_report
from sr_models.jobs.sources import ARCHIVE, LINK, NO_FILE, NO_PHOTO, TRACE, list_items
from sr_models.jobs.storage import InFolder
from sr_models.jobs.summary import format_csv
from sr_models.jobs.tally import Tally
from sr_models.jobs.targets import plan_tasks
from sr_models.jobs.work import Given, enlarge_one
from sr_models.output import store

QUICK = Order(scale=2, model="bicubic")


def save(path: Path, seed: int = 0, height: int = 12, width: int = 16) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(made_up(height, width, seed)).save(path)
    return path


@pytest.fixture
def shop(tmp_path) -> Path:
    """A folder with six photos, one of them broken, and two files that are none."""
    folder = tmp_path / "shop"
    for seed, name in enumerate(("mug.png", "mug.jpg", "Mug.PNG", "shoes/red.png", "shoes/deep/blue.png")):
        save(folder / name, seed)
    (folder / "shoes" / "broken.jpg").write_bytes((folder / "mug.jpg").read_bytes()[:300])
    (folder / "prices.txt").write_text("12")
    (folder / ".DS_Store").write_bytes(b"x")
    return folder


def work_alone(make_work, tasks, workers, limit, stopping):
    """Instead of `run_tasks`: in this process."""
    do = make_work()
    for task in tasks:
        if stopping():
            return
        yield do(task)


@pytest.fixture
def alone(monkeypatch):
    monkeypatch.setattr(catalogues, "run_tasks", work_alone)


def run(catalogue: Catalogue) -> dict[str, Row]:
    return {row.id: row for row in catalogue.run(catalogue.tasks())}


def results(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.png"))}


def test_every_file_of_a_folder_has_a_line_and_the_tree_is_kept(shop, tmp_path, alone):
    rows = run(Catalogue(shop, tmp_path / "out", QUICK))
    assert rows == read_rows(tmp_path / "out")
    assert {id: row.status for id, row in rows.items()} == {
        ".DS_Store": "skipped",
        "Mug.PNG": "done",
        "mug.jpg": "done",
        "mug.png": "done",
        "prices.txt": "skipped",
        "shoes/broken.jpg": "failed",
        "shoes/deep/blue.png": "done",
        "shoes/red.png": "done",
    }
    assert rows["prices.txt"].reason == NO_PHOTO
    assert rows[".DS_Store"].reason == TRACE
    assert "broken.jpg" in rows["shoes/broken.jpg"].reason
    assert rows["shoes/deep/blue.png"].output == "shoes/deep/blue_2x_bicubic.png"
    row = rows["mug.png"]
    assert (row.photo, row.result, row.models, row.verdict) == ((16, 12), (32, 24), ("bicubic-x2",), "PASS")
    done = {row.output: carry_out(read(shop / row.id), QUICK).file.data for row in rows.values() if row.status == "done"}
    assert results(tmp_path / "out") == done
    assert len({name.casefold() for name in done}) == len(done) == 5


def test_what_lies_in_a_zip_stays_inside_of_the_output_and_an_archive_in_it_is_left_out(shop, tmp_path, alone):
    archive = tmp_path / "shop.zip"
    with zipfile.ZipFile(archive, "w") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # “a/b.png” is there twice
        for name in ("../../evil.png", "/root.png", "C:\\temp\\x.png", "a/b.png", "a/b.png", "nested.zip", "__MACOSX/._b.png", "note.txt"):
            file.writestr(name, (shop / "mug.png").read_bytes())
    rows = run(Catalogue(archive, tmp_path / "out", QUICK))
    done = {row.output for row in rows.values() if row.status == "done"}
    inside = {"evil_2x_bicubic.png", "root_2x_bicubic.png", "C/temp/x_2x_bicubic.png", "note.txt_2x_bicubic.png"}
    assert done == inside | {"a/b_2x_bicubic.png", "a/b_2x_bicubic_2.png"}
    assert set(results(tmp_path / "out")) == done
    assert not list(tmp_path.glob("*.png"))
    assert rows["nested.zip"].reason == ARCHIVE
    assert rows["__MACOSX/._b.png"].reason == TRACE


@pytest.mark.parametrize("encoding", ["utf-8", "gb2312", "cp437"])
def test_names_in_a_zip_that_does_not_say_how_they_are_written_are_read_as_those_who_packed_it_wrote_them(tmp_path, encoding):
    name = "caf\u00e9.png" if encoding == "cp437" else "杯子/红色.png"
    written = name.encode(encoding)
    with zipfile.ZipFile(tmp_path / "shop.zip", "w") as archive:
        archive.writestr("x" * len(written), b"\x89PNG")
    data = (tmp_path / "shop.zip").read_bytes()
    (tmp_path / "shop.zip").write_bytes(data.replace(b"x" * len(written), written))
    assert [item.id for item in list_items(tmp_path / "shop.zip", tmp_path)] == [name]


def test_links_and_pipes_have_their_line_and_lead_nowhere(shop, tmp_path, alone):
    (shop / "shoes" / "all again").symlink_to(shop)
    (shop / "round.jpg").symlink_to("round.jpg")
    (shop / "gone").symlink_to("nowhere")
    os.mkfifo(shop / "pipe")
    pipe = os.open(shop / "pipe", os.O_RDWR)
    os.write(pipe, b"\x89PNG\r\n\x1a\n" * 40)  # so that whoever reads it comes back
    rows = run(Catalogue(shop, tmp_path / "out", QUICK))
    os.close(pipe)
    assert (rows["shoes/all again"].status, rows["shoes/all again"].reason) == ("skipped", LINK)
    assert [(rows[id].status, rows[id].reason) for id in ("gone", "pipe")] == [("skipped", NO_PHOTO)] * 2
    assert rows["round.jpg"].status == "failed"
    assert len(rows) == 12


def test_a_folder_that_cannot_be_opened_is_a_failure_and_not_forgotten(shop, tmp_path, alone, monkeypatch):
    scan = os.scandir

    def refuse(path):
        if os.fspath(path).endswith("deep"):
            raise PermissionError(errno.EACCES, "Permission denied", os.fspath(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    rows = run(Catalogue(shop, tmp_path / "out", QUICK))
    assert (rows["shoes/deep"].status, rows["shoes/deep"].reason) == ("failed", "This folder could not be opened (Permission denied).")


def test_a_damaged_or_locked_member_of_a_zip_fails_alone(shop, tmp_path, alone):
    archive = tmp_path / "shop.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.write(shop / "mug.png", "good.png")
        file.write(shop / "mug.jpg", "bad.jpg")
        start = file.getinfo("bad.jpg").header_offset + 60
    data = bytearray(archive.read_bytes())
    data[start : start + 40] = bytes(40)
    archive.write_bytes(data)
    rows = run(Catalogue(archive, tmp_path / "out", QUICK))
    assert {id: row.status for id, row in rows.items()} == {"good.png": "done", "bad.jpg": "failed"}
    assert "bad.jpg" in rows["bad.jpg"].reason


def test_a_table_says_for_each_photo_what_is_wished_and_how_it_is_called(shop, tmp_path, alone):
    table = shop / "shop.csv"
    table.write_text(
        "\ufeffSKU,Path,id,name,scale,model\n1,mug.png,A1,first mug,3,\n2,shoes/red.png,A2,,,lanczos\n"
        "3,gone.png,A3,,,\n4,,A4,,,\n5,mug.jpg,A5,,7,\n"
    )
    rows = run(Catalogue(table, tmp_path / "out", QUICK))
    assert {id: row.status for id, row in rows.items()} == {"A1": "done", "A2": "done", "A3": "failed", "A4": "skipped", "A5": "failed"}
    assert rows["A1"].output == "first mug_3x_bicubic.png"
    assert rows["A1"].result == (48, 36)
    assert rows["A2"].output == "shoes/red_2x_lanczos.png"
    assert rows["A3"].reason == "There is no file “gone.png”. Check the path and try again."
    assert rows["A4"].reason == NO_FILE
    assert rows["A5"].reason == "The scale 7 is not offered. Choose one of 2, 3, 4."


@pytest.mark.parametrize("between", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_is_read_as_spreadsheets_write_it(shop, encoding, between):
    table = shop / "list.csv"
    rows = [("Path", "name"), ("", ""), ("mug.png", '"杯子, 红; 2"'), ("", "no path")]
    table.write_text("".join(between.join(row) + "\n" for row in rows), encoding)
    item, other = list_items(table, shop / "out")
    assert (item.id, item.place) == ("mug.png", "杯子, 红; 2.png")
    assert (other.id, other.left_out) == ("row 4", NO_FILE)


def test_a_parquet_table_gives_the_same_rows_as_a_csv(shop):
    arrow = pytest.importorskip("pyarrow", reason="pyarrow, which reads Parquet, is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow, which reads Parquet, is not installed")
    (shop / "a.csv").write_text("Path,id,scale,snap,pixels\nmug.png,A1,3,true,x\nshoes/red.png,A2,,false,\n,A3,,,\n")
    columns = {
        "Path": ["mug.png", "shoes/red.png", None],
        "id": ["A1", "A2", "A3"],
        "scale": [3.0, math.nan, None],
        "snap": [True, False, None],
        "pixels": [b"x", None, None],
    }
    parquet.write_table(arrow.table(columns), shop / "a.parquet")
    of_csv, of_parquet = (list_items(shop / f"a.{kind}", shop / "out") for kind in ("csv", "parquet"))
    as_csv = [replace(item, path=shop / "a.csv") if item.path.suffix == ".parquet" else item for item in of_parquet]
    assert as_csv == of_csv
    assert of_csv[0].words == (("scale", "3"), ("snap", True))


def test_without_pyarrow_a_parquet_table_is_refused_by_that_name(shop, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (shop / "a.parquet").write_bytes(b"PAR1")
    with pytest.raises(PhotoError, match="pip install pyarrow"):
        list_items(shop / "a.parquet", shop / "out")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("shop.csv", "name,file\n1,2\n", "The table “shop.csv” has no column “path” or “url”. It has: name, file."),
        ("shop.csv", "path\n", "shop.csv” holds no photo"),
        ("gbk.csv", "path\n杯子.png".encode("gbk").decode("latin-1"), "gbk.csv” is not in UTF-8. Save it as “CSV UTF-8”."),
        ("shop.parquet", "no table", "shop.parquet"),
        ("shop.zip", "no zip", "The ZIP “shop.zip” could not be read (File is not a zip file)."),
        ("shop.txt", "a.png", "“shop.txt” is no folder, and no .zip, .csv, .tsv, .parquet file. Give one of these."),
        ("gone", None, "Check the path and try again."),
    ],
)
def test_a_source_that_is_none_is_refused_in_words(tmp_path, name, content, sentence):
    if content is not None:
        (tmp_path / name).write_text(content, "latin-1")
    with pytest.raises(PhotoError) as failure:
        list_items(tmp_path / name, tmp_path / "out")
    assert sentence in str(failure.value)


class Shop(http.server.BaseHTTPRequestHandler):
    """A server of photos whose second answer to each question is the right one."""

    asked: ClassVar[Counter[str]] = Counter()
    photo = b""

    def do_GET(self) -> None:
        self.asked[self.path] += 1
        code = {"/gone.png": 404, "/away": 302}.get(self.path, 503 if self.asked[self.path] == 1 else 200)
        self.send_response(code)
        if code == 302:
            self.send_header("location", "file:///etc/passwd")
        self.end_headers()
        if code == 200:
            self.wfile.write(self.photo)

    def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        pass


def test_photos_named_by_url_are_fetched_and_tried_again_and_only_from_public_addresses(shop, tmp_path, alone, monkeypatch):
    monkeypatch.setattr(fetch, "PAUSE", 0)
    monkeypatch.setattr(Shop, "photo", (shop / "mug.png").read_bytes())
    monkeypatch.setattr(Shop, "asked", Counter())
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    place = f"http://127.0.0.1:{server.server_port}"
    table = tmp_path / "shop.tsv"
    table.write_text(
        "url\n" + "\n".join([f"{place}/a%20mug.png?x=1", f"{place}/gone.png", f"{place}/away", "ftp://a/b.png", "no url"]) + "\n"
    )
    try:
        refused = run(Catalogue(table, tmp_path / "refused", QUICK))
        assert {row.status for row in refused.values()} == {"failed"}
        assert not Shop.asked
        assert "its address is not a public one" in refused[f"{place}/gone.png"].reason
        monkeypatch.setattr(fetch, "is_allowed", lambda address: True)
        rows = run(Catalogue(table, tmp_path / "out", QUICK))
    finally:
        server.shutdown()
        server.server_close()
    first, gone, away, ftp, none = rows.values()
    assert (first.status, first.output) == ("done", "a mug_2x_bicubic.png")
    assert "the server says 404" in gone.reason
    assert all("only http and https are fetched" in row.reason for row in (away, ftp, none))


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1", "fe80::1%eth0", "0.0.0.0"])
def test_addresses_of_this_machine_and_its_network_are_not_public(address):
    assert not fetch.is_allowed(address)
    assert fetch.is_allowed("93.184.216.34")


def test_a_file_on_the_web_may_be_no_larger_and_no_slower_than_allowed(monkeypatch):
    class Slow:
        def iter_bytes(self):
            return iter([b"12", b"34"])

    monkeypatch.setattr(fetch, "MAX_BYTES", 3)
    with pytest.raises(fetch.GiveUpError, match="more than"):
        fetch.read_bounded(Slow(), math.inf)  # pyright: ignore[reportArgumentType]
    monkeypatch.setattr(fetch, "MAX_BYTES", 4)
    with pytest.raises(fetch.GiveUpError, match="longer than"):
        fetch.read_bounded(Slow(), 0)  # pyright: ignore[reportArgumentType]
    assert fetch.read_bounded(Slow(), math.inf) == b"1234"  # pyright: ignore[reportArgumentType]


def test_what_is_done_is_not_done_again_unless_photo_result_or_order_changed(shop, tmp_path, alone, monkeypatch):
    out = tmp_path / "out"
    run(Catalogue(shop, out, QUICK))
    made: list[str] = []
    carry_out = work.carry_out
    monkeypatch.setattr(work, "carry_out", lambda photo, order, **how: made.append("") or carry_out(photo, order, **how))
    before = (out / "manifest.jsonl").read_bytes()
    run(Catalogue(shop, out, QUICK))
    assert not made
    assert (out / "manifest.jsonl").read_bytes() == before
    save(shop / "mug.png", 99)
    (out / "shoes" / "red_2x_bicubic.png").unlink()
    rows = run(Catalogue(shop, out, QUICK))
    assert len(made) == 2
    assert all((out / row.output).is_file() for row in rows.values() if row.status == "done")
    with pytest.raises(PhotoError, match="holds a catalogue of another order: scale “2” and not “3”"):
        run(Catalogue(shop, out, Order(scale=3, model="bicubic")))
    rows = run(Catalogue(shop, out, Order(scale=3, model="bicubic"), redo=True))
    assert {row.result for row in rows.values() if row.status == "done"} == {(48, 36)}
    save(shop / "mug.png", 98)
    assert run(Catalogue(shop, out, QUICK, redo=True))["mug.png"].status == "done"  # over its first result
    before = json.loads((out / JOB).read_text())
    before["order"].pop("look")  # as of a version that had no such wish
    (out / JOB).write_text(json.dumps(before))
    run(Catalogue(shop, out, QUICK))


def test_what_failed_is_tried_again_when_that_is_asked_for_or_the_photo_was_mended(shop, tmp_path, alone):
    out = tmp_path / "out"
    run(Catalogue(shop, out, QUICK))
    lines = len((out / "manifest.jsonl").read_bytes().splitlines())
    run(Catalogue(shop, out, QUICK))
    assert len((out / "manifest.jsonl").read_bytes().splitlines()) == lines
    save(shop / "shoes" / "broken.jpg")
    assert run(Catalogue(shop, out, QUICK))["shoes/broken.jpg"].status == "done"


def test_a_file_that_the_catalogue_did_not_write_is_not_overwritten(shop, tmp_path, alone):
    out = tmp_path / "out"
    foreign = out / "Mug_2x_bicubic.png"
    foreign.parent.mkdir()
    foreign.write_bytes(b"somebody's")
    rows = run(Catalogue(shop, out, QUICK))
    assert foreign.read_bytes() == b"somebody's"
    taken = [row for row in rows.values() if "was not written by this catalogue" in row.reason]
    assert [row.status for row in taken] == ["failed"]


def test_the_results_of_a_catalogue_inside_of_its_source_are_no_photos_of_it(shop, alone):
    once = run(Catalogue(shop, shop / "large", QUICK))
    assert run(Catalogue(shop, shop / "large", QUICK)).keys() == once.keys()


def test_results_are_not_put_beside_the_photos_where_they_would_be_taken_for_photos(shop, alone):
    with pytest.raises(PhotoError, match="would be taken for photos the next time"):
        run(Catalogue(shop, shop, QUICK))


def test_shards_unite_to_the_whole_and_share_nothing(shop, tmp_path, alone):
    for seed in range(12):
        save(shop / "more" / f"{seed}.png", seed)
    whole = run(Catalogue(shop, tmp_path / "whole", QUICK))
    parts = [run(Catalogue(shop, tmp_path / "shared", QUICK, shard=(number, 3))) for number in (1, 2, 3)]
    assert sorted(id for part in parts for id in part) == sorted(whole)
    assert all(parts)
    assert results(tmp_path / "shared") == results(tmp_path / "whole")
    assert read_rows(tmp_path / "shared").keys() == whole.keys()
    assert sum(is_of_shard("any", number, 16) for number in range(1, 17)) == 1


def test_what_was_last_found_counts_however_the_photos_are_cut_into_shards(shop, tmp_path, alone):
    out, mended = tmp_path / "out", "shoes/broken.jpg"
    run(Catalogue(shop, out, QUICK))
    save(shop / "shoes" / "broken.jpg")
    for number in (1, 2):
        run(Catalogue(shop, out, QUICK, shard=(number, 2)))
    assert read_rows(out)[mended].status == "done"
    save(shop / "new.png")
    whole = Catalogue(shop, out, QUICK)
    next(whole.run(whole.tasks()))  # and it is stopped
    assert read_rows(out)[mended].status == "done"
    assert run(whole).keys() == read_rows(out).keys()
    assert read_rows(out)[mended].status == "done"


def test_a_line_that_was_cut_off_is_as_none_and_the_next_one_stands_alone(tmp_path):
    file = tmp_path / "manifest.jsonl"
    row = Row("a", "a", "failed", "so")
    file.write_bytes(row.as_line().encode() + b"\n" + row.as_line().encode()[:9])
    assert read_rows(tmp_path) == {"a": row}
    manifest = Manifest(tmp_path)
    manifest.add(Row("b", "b", "skipped"))
    manifest.close()
    assert list(read_rows(tmp_path)) == ["a", "b"]


def test_names_that_no_system_allows_and_names_of_bytes_are_kept_apart(tmp_path):
    odd = [os.fsdecode(b"bad\xff.png"), "a" * 240 + ".png", "图" * 80 + ".png", "x:y.png", "xy.png", "con\u202etrol.png"]
    for name in odd:
        save(tmp_path / "shop" / "plain.png").rename(tmp_path / "shop" / name)
    tasks = plan_tasks(list_items(tmp_path / "shop", tmp_path / "out"), QUICK)
    assert len({task.output.casefold() for task in tasks}) == len(odd)
    for task in tasks:
        assert enlarge_one(Given(task, tmp_path / "out", InFolder(tmp_path / "out"), None, False), choose("cpu")).status == "done"
    assert "bad\\udcff.png" in Row(odd[0], odd[0], "done").as_line()


def double(task):
    """Work for the pool: numbers are doubled; “die” and “sleep” are done."""
    if task == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if task == "sleep":
        time.sleep(PATIENCE)
    return 2 * task


def make_double():
    return double


def test_a_worker_that_dies_costs_its_own_task_and_is_replaced():
    found = list(run_tasks(make_double, [1, "die", 2, 3], 2, PATIENCE, lambda: False))
    assert sorted(outcome for outcome in found if not isinstance(outcome, Lost)) == [2, 4, 6]
    (lost,) = (outcome for outcome in found if isinstance(outcome, Lost))
    assert lost.task == "die"
    assert "exit code -9" in lost.reason


def test_a_worker_that_takes_too_long_is_stopped_and_said():
    assert list(run_tasks(make_double, ["sleep"], 1, 0.1, lambda: False)) == [Lost("sleep", "It took longer than 0.1 seconds.")]


def test_when_it_is_to_stop_what_runs_is_finished_and_nothing_else_begins():
    found: list[int] = []
    for outcome in run_tasks(make_double, list(range(100)), 1, PATIENCE, lambda: len(found) >= 2):
        found.append(outcome)
    assert found in ([0, 2], [0, 2, 4])


def test_table_and_page_show_what_to_look_at_first_and_nothing_in_them_is_taken_for_more_than_text(shop, tmp_path):
    rows = [Row("=1+1", "<script>alert(1)</script>", "failed", "so"), Row("b", "b", "done", verdict="PASS")]
    (line, first, second) = csv.reader(format_csv(rows).splitlines())
    assert (first[0], second[0], line[0]) == ("'=1+1", "b", "id")
    page = make_report(tmp_path, rows)
    assert "<script>alert" not in page
    assert page.index('class="failed"') < page.index('class="PASS"')
    assert "http" not in page


@needs_chromium
def test_the_report_is_searched_in_any_writing_filtered_by_what_photos_came_to_and_fits_a_phone(tmp_path):
    from playwright.sync_api import sync_playwright

    names = ["a very long name without a blank ".replace(" ", "_") * 6, "shoe.png", "杯子/Red.png"]
    rows = [*(Row(name, name, "failed", "so") for name in names[:2]), Row(names[2], names[2], "done", verdict="PASS")]
    (tmp_path / "report.html").write_text(make_report(tmp_path, rows), "utf-8")
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET) as browser:
        page = browser.new_page(viewport={"width": 390, "height": 800})
        page.goto((tmp_path / "report.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        seen = page.locator("tr:visible td:nth-child(2)")
        for word, found in (("", names), ("杯子/rED", names[2:]), ("so", names[:2]), ("nothing like it", [])):
            page.get_by_role("searchbox").fill(word)
            assert seen.all_text_contents() == found
        page.get_by_role("searchbox").fill("")
        page.get_by_role("button", name="PASS 1").click()
        assert seen.all_text_contents() == names[2:]


COMMAND = [sys.executable, "-m", "sr_models", "catalogue"]
WISHED = ["--scale", "2", "--model", "bicubic"]


def test_the_command_says_what_failed_writes_the_report_and_ends_with_2(shop, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["catalogue", str(shop), "-o", str(out), *WISHED, "--workers", "2"]) == 2
    told = capsys.readouterr()
    assert "1 failed, 5 PASS, 2 skipped. See" in told.out
    assert "shoes/broken.jpg: “broken.jpg”" in told.err
    assert (out / "report.html").read_text().count("data:image/webp") == 5
    assert len((out / "manifest.csv").read_text("utf-8-sig").splitlines()) == 9
    with Image.open(out / "contact-sheet-001.jpg") as sheet:
        assert sheet.format == "JPEG"


def test_a_dry_run_makes_nothing_and_says_first_what_would_fail(shop, tmp_path, capsys):
    table, out = tmp_path / "list.csv", tmp_path / "out"
    rows = [f"{shop}/mug.png,2\n" for _ in range(11)]
    table.write_text("".join(["path,scale\n", *rows, f"{shop}/mug.jpg,7\n", ",2\n"]))
    command = ["catalogue", str(table), "-o", str(out), "--model", "bicubic"]
    assert main([*command, "--dry-run"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "Photos: 11, done before: 0, refused: 1, other files: 1."
    assert "The scale 7 is not offered" in said[1]
    assert said[-2:] == ["  … and 1 more", f"  row 14 → {NO_FILE}"]
    assert not out.exists()
    assert main(command) == 2
    assert main([*command, "--dry-run"]) == 0
    assert "Photos: 11, done before: 11, refused: 1, other files: 1." in capsys.readouterr().out
    assert main([*command, "--model", "lanczos", "--dry-run"]) == 2
    assert "holds a catalogue of another order: model “bicubic” and not “lanczos”" in capsys.readouterr().err


def test_killed_at_any_moment_it_goes_on_to_the_same_bytes_and_no_photo_twice(tmp_path):
    shop, whole, out = tmp_path / "shop", tmp_path / "whole", tmp_path / "out"
    for seed in range(30):
        save(shop / f"{seed}.png", seed, 60, 80)
    run_here = [*COMMAND, str(shop), *WISHED, "-o"]
    assert main(["catalogue", str(shop), *WISHED, "-o", str(whole)]) == 0
    chance = random.Random(1)
    for _ in range(2):
        lines = len(read_rows(out)) if out.is_dir() else 0
        wanted = min(29, lines + chance.randint(1, 6))
        process = subprocess.Popen([*run_here, str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        end = time.monotonic() + PATIENCE
        while not (out / "manifest.jsonl").exists() or len(read_rows(out)) < wanted:
            assert time.monotonic() < end
            assert process.poll() is None
            time.sleep(0.02 + chance.random() / 20)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert main(["catalogue", str(shop), *WISHED, "-o", str(out)]) == 0
    assert results(out) == results(whole)
    lines = [json.loads(line)["id"] for line in (out / "manifest.jsonl").read_text().splitlines()]
    assert sorted(lines) == sorted(f"{seed}.png" for seed in range(30))
    assert not list(out.rglob("*.part"))


def test_told_to_stop_it_finishes_the_photo_at_work_and_says_how_to_go_on(tmp_path):
    shop, out = tmp_path / "shop", tmp_path / "out"
    for seed in range(60):
        save(shop / f"{seed}.png", seed, 60, 80)
    process = subprocess.Popen([*COMMAND, str(shop), *WISHED, "-o", str(out)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    end = time.monotonic() + PATIENCE
    while not (out / "manifest.jsonl").exists() or not read_rows(out):
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "The same command goes on from there." in told
    assert all((out / row.output).is_file() for row in read_rows(out).values())


@pytest.mark.parametrize("room", [2, 3])  # for results and thumbnails
def test_a_full_disk_ends_it_with_a_sentence_and_the_same_command_goes_on(shop, tmp_path, alone, capsys, monkeypatch, room):
    command, written = ["catalogue", str(shop), "-o", str(tmp_path / "out"), *WISHED], []
    whole = run(Catalogue(shop, tmp_path / "whole", QUICK))

    def fill(data: bytes, path: Path) -> None:
        if len(written) == room:
            raise PhotoError("“{name}” could not be written.", name=path.name) from OSError(errno.ENOSPC, "No space left on device")
        written.append(path)
        store(data, path)

    with monkeypatch.context() as patch:
        patch.setattr(storage, "store", fill)
        patch.setattr(work, "store", fill)
        assert main(command) == 2
    told = capsys.readouterr().err
    assert "could not be written. The same command goes on from there." in told
    assert "Traceback" not in told
    assert sum(row.status == "done" for row in read_rows(tmp_path / "out").values()) == 1
    assert main(command) == 2  # one is broken
    assert "3 of them from before" in capsys.readouterr().out
    assert Catalogue(shop, tmp_path, QUICK, redo=True).how_to_go_on == "The same command without --redo goes on from there."
    assert results(tmp_path / "out") == results(tmp_path / "whole")
    assert read_rows(tmp_path / "out").keys() == whole.keys()


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (["--device", "cuda"], "CUDA"),
        (["--threads", "0"], "no number of threads"),
        (["--workers", "0"], "no whole number from 1 on"),
        (["--shard", "4/3"], "no shard"),
        (["--gpus", "0.5"], "--engine ray"),
        (["--scale", "5"], "--scale"),
    ],
)
def test_what_cannot_be_is_said_once_and_nothing_is_written(shop, tmp_path, capsys, wish, said):
    try:
        code = main(["catalogue", str(shop), "-o", str(tmp_path / "out"), *wish])
    except SystemExit as end:
        code = end.code
    told = capsys.readouterr()
    assert code == 2
    assert said in told.err
    assert "Traceback" not in told.err
    assert not (tmp_path / "out").exists()


def test_progress_counts_what_photos_came_to_the_gravest_first_and_their_pixels():
    rows = [
        Row("a", "a", "done", verdict="PASS", photo=(1000, 500)),
        Row("b", "b", "done", verdict="REVIEW", photo=(1000, 1500)),
        Row("c", "c", "failed", "It is no photo."),
        Row("d", "d", "done", verdict="PASS", photo=(1000, 1000)),
    ]
    tally = Tally()
    for row in rows:
        tally.add(row)
    assert (str(tally), str(Tally())) == ("1 failed, 1 REVIEW, 2 PASS", "0 photos")
    assert tally.pixels == 3_000_000
