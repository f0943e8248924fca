"""Other shots of a photo's view, by every door: the command line, a catalogue's table, the API, and the page."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, as_upload, made_up, needs_chromium, running_page
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from playwright.sync_api import expect
from visitor import Request

from sr_models import Order, PhotoError, carry_out, read
from sr_models.__main__ import main
from sr_models.figures.burst import render_burst
from sr_models.jobs.sources import ANOTHER_SHOT, list_items
from sr_models.stages.align import COPY, FOREIGN
from ui.parts import card, forecast, shots
from ui.server import audience, budget, calls, pace
from ui.tabs import enlarge

PLAIN = ["--scale", "2", "--model", "bicubic"]


@pytest.fixture(scope="module")
def series(tmp_path_factory) -> Path:
    """A folder: a.png, b.png and c.png are shots of one view, copy.png is a.png again, other.png shows something else."""
    folder = tmp_path_factory.mktemp("series")
    burst = render_burst(read(ROOT / "examples" / "vase.jpg").rgb[:320, :320], 2, 3, np.random.default_rng(0))
    for name, rgb in zip(("a", "b", "c", "copy", "other"), (*burst.shots, burst.shots[0], made_up(160, 160, 9)), strict=True):
        Image.fromarray(rgb).save(folder / f"{name}.png")
    return folder


def given(folder: Path, *names: str) -> list[str]:
    return [str(folder / f"{name}.png") for name in names]


def test_the_command_line_names_each_shot_with_a_tick_or_the_reason(series, tmp_path, capsys):
    target, report = tmp_path / "big.png", tmp_path / "big.json"
    options = ["--with", *given(series, "b", "other", "copy"), "-o", str(target), "--report", str(report), *PLAIN]
    assert main(["upscale", *given(series, "a"), *options]) == 0
    told = capsys.readouterr().out
    for line in ("1 of 3 other shots was used: ", "✓ b.png\n", f"✗ other.png: {FOREIGN}", f"✗ copy.png: {COPY}"):
        assert line in told
    assert json.loads(report.read_text())["shots"]["used"] == 1
    a, b = (read(Path(path)) for path in given(series, "a", "b"))
    assert np.array_equal(read(target).rgb, carry_out(a, Order(scale=2, model="bicubic"), [b]).picture.rgb)
    assert not np.array_equal(read(target).rgb, carry_out(a, Order(scale=2, model="bicubic")).picture.rgb)


@pytest.mark.parametrize(
    ("photos", "others", "more", "words"),
    [
        (["a", "b"], ["c"], [], "--with adds other shots of one photo, and 2 photos are to be enlarged. Give one."),
        (["a"], ["missing"], [], "missing.png"),
        (["a"], ["b"], ["--model", "gan"], "invents texture"),
        (["a"], ["b"] * 9, [], "9 other shots were given; up to 8 are put together. Give fewer."),
    ],
)
def test_what_cannot_be_done_with_other_shots_is_one_line_on_stderr_and_exit_code_2(series, tmp_path, capsys, photos, others, more, words):
    options = ["--with", *given(series, *others), "-o", str(tmp_path), *(more or PLAIN)]
    assert main(["upscale", *given(series, *photos), *options]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line


def test_another_shot_is_never_overwritten_by_the_result(series, tmp_path, capsys):
    for name in ("a", "b"):
        (tmp_path / f"{name}.png").write_bytes((series / f"{name}.png").read_bytes())
    before = (tmp_path / "b.png").read_bytes()
    assert main(["upscale", *given(tmp_path, "a"), "--with", *given(tmp_path, "b"), "-o", str(tmp_path / "b.png"), *PLAIN]) == 2
    assert "is not overwritten" in capsys.readouterr().err
    assert (tmp_path / "b.png").read_bytes() == before


def table(series: Path, rows: str) -> Path:
    file = series / "shop.csv"
    file.write_text(rows)
    return file


def test_rows_of_one_group_are_shots_of_one_view_and_the_first_is_enlarged(series, tmp_path):
    file = table(series, "path,group\na.png,vase\nb.png,vase\nother.png,\nc.png,vase\n")
    first, second, alone, third = list_items(file, tmp_path)
    assert [item.name for item in first.others] == ["b.png", "c.png"]
    assert (second.left_out, third.left_out, alone.left_out, alone.others) == (ANOTHER_SHOT, ANOTHER_SHOT, "", ())


def rows_of(folder: Path) -> dict[str, dict]:
    lines = (folder / "manifest.jsonl").read_text().splitlines()
    return {row["id"]: row for row in map(json.loads, lines)}


def test_a_catalogue_puts_a_groups_shots_together_says_so_and_begins_anew_where_one_is_another(series, tmp_path):
    for name in ("a", "b", "other"):
        (tmp_path / f"{name}.png").write_bytes((series / f"{name}.png").read_bytes())
    file, out = table(tmp_path, "path,group\na.png,vase\nb.png,vase\nother.png,vase\n"), tmp_path / "out"
    call = ["catalogue", str(file), "-o", str(out), *PLAIN]
    assert main(call) == 0
    row = rows_of(out)["a.png"]
    assert row["notes"][-2].startswith("1 of 2 other shots was used")
    assert row["notes"][-1] == f"other.png: {FOREIGN}"
    assert rows_of(out)["b.png"]["status"] == "skipped"
    a, b = (read(Path(path)) for path in given(tmp_path, "a", "b"))
    assert np.array_equal(read(out / row["output"]).rgb, carry_out(a, Order(scale=2, model="bicubic"), [b]).picture.rgb)
    (tmp_path / "other.png").write_bytes((series / "c.png").read_bytes())
    assert main(call) == 0
    assert rows_of(out)["a.png"]["notes"][-1].startswith("2 of 2 other shots were used")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with running_page(tmp_path_factory.mktemp("gradio")) as url:
        yield url


def test_the_api_takes_other_shots_and_its_report_says_what_came_of_them(served, series):
    client = Client(served, verbose=False)
    a, *others = [handle_file(path) for path in given(series, "a", "b", "other")]
    file, report = client.predict(photo=a, others=others, scale=2, model="bicubic", api_name="/upscale")
    assert report["shots"]["left_out"] == [{"shot": 2, "reason": FOREIGN}]
    a, b = (read(Path(path)) for path in given(series, "a", "b"))
    assert np.array_equal(read(Path(file)).rgb, carry_out(a, Order(scale=2, model="bicubic"), [b]).picture.rgb)


@pytest.mark.parametrize(("count", "words"), [(9, "9 other shots were given"), (0, None)])
def test_the_api_refuses_nine_other_shots_and_none_are_none(served, series, count, words):
    client = Client(served, verbose=False)
    a = handle_file(given(series, "a")[0])
    call = {"photo": a, "others": [a] * count, "scale": 2, "model": "bicubic", "api_name": "/upscale"}
    if words:
        with pytest.raises(AppError, match=words):
            client.predict(**call)
    else:
        assert "shots" not in client.predict(**call)[1]


@pytest.mark.parametrize("others", ["text" * 3, [3], [{"path": ""}], 7, [["a"]]])
def test_what_is_no_list_of_uploads_is_refused_at_the_door(others):
    with pytest.raises(PhotoError, match=r"Upload a photo|upload of this server"):
        refuse(others)


def refuse(others: object) -> None:
    calls.check_wishes("/call/upscale", {"photo": "x", "others": others})
    shots.take(others, "cnn")


def deliver(series: Path, *names: str, model: str = "bicubic"):
    a, *others = (read(Path(path)) for path in given(series, "a", *names))
    return carry_out(a, Order(scale=2, model=model), others)


@pytest.mark.parametrize(
    ("names", "english", "chinese"),
    [
        (["b", "c", "other"], "2 of 3 other shots were used: ", "采用了 3 张其他照片中的 2 张"),
        (["b"], "1 of 1 other shots was used: ", "采用了 1 张其他照片中的 1 张"),
        (["copy"], "Of 1 other shots none could be used", "1 张其他照片均无法采用"),
    ],
)
def test_the_report_card_says_how_many_were_used_and_how_much_they_confirm(series, names, english, chinese):
    done = deliver(series, *names)
    assert english in card.render_card("en", done)
    assert chinese in card.render_card("zh", done)
    assert "other shots" not in card.render_card("en", deliver(series))


def test_thumbnails_have_a_tick_or_the_reason_once_it_is_known_and_names_are_escaped(series):
    names = ["b", "other"]
    found = deliver(series, *names).enlarged.shots
    brought = [(f"<{name}>.png", read(Path(path))) for name, path in zip(names, given(series, *names), strict=True)]
    before, after, chinese = shots.render("en", brought), shots.render("en", brought, found), shots.render("zh", brought, found)
    assert before.count("<img") == after.count("<img") == 2
    assert "✓" not in before
    assert "✗" not in before
    assert "&lt;b&gt;.png<small><i>✓</i> used" in after
    assert f"&lt;other&gt;.png<small><i>✗</i> {FOREIGN}" in after
    assert "1 of 2 shots used" in after
    assert "采用了 2 张中的 1 张" in chinese
    assert shots.render("en", []) == ""


def test_a_shot_that_is_no_photo_is_shown_by_its_name_and_too_many_are_said_at_once(uploads):
    (uploads / "notes.txt").write_text("no photo")
    one = as_upload(uploads / "notes.txt")
    assert "notes.txt" in shots.on_shots([one], Request())
    assert "<img" not in shots.on_shots([one], Request())
    assert "9 other shots were given; up to 8" in shots.on_shots([one] * 9, Request())
    assert "提供了 9 张其他照片" in shots.on_shots([one] * 9, Request("zh-CN"))
    assert shots.on_shots(None, Request()) == ""


def test_a_model_that_adds_texture_hides_the_place_of_other_shots_and_takes_none(uploads):
    Image.fromarray(made_up(8, 8)).save(uploads / "mug.png")
    assert len(shots.take([as_upload(uploads / "mug.png")], "cnn")) == 1
    assert shots.take([as_upload(uploads / "mug.png")], "gan") == []
    for model, shown in (("cnn", True), ("gan", False)):
        assert enlarge.on_model(model, "")[2].visible == shown


def test_each_other_shot_counts_as_one_more_pass_in_what_a_public_page_allows_and_in_the_seconds_told(uploads, monkeypatch):
    size, order = (1000, 1000), Order(scale=2)
    assert budget.megapixels(size, order, 3) == pytest.approx(4 * budget.megapixels(size, order))
    monkeypatch.setattr(pace, "here", pace.Pace())
    pace.here.saw("cnn", 2, 80 * 100, 1.0, 1.0)
    Image.fromarray(made_up(100, 80)).save(uploads / "mug.png")
    mug = as_upload(uploads / "mug.png")
    alone, two = (forecast.expected((80, 100), order, others) for others in (0, 1))
    assert alone is not None
    assert two == pytest.approx(2 * alone)
    assert forecast.foretell("en", mug, {"scale": 2}, [mug]) != forecast.foretell("en", mug, {"scale": 2})
    assert "9 other shots were given" in forecast.foretell("en", mug, {"scale": 2}, [mug] * 9)[0]
    monkeypatch.setattr(audience.here, "is_public", lambda: True)
    (uploads / "large.png").write_bytes(b"")
    Image.new("L", (3000, 2000)).save(uploads / "large.png")
    large = uploads / "large.png"
    budget.refuse_large(large, Order(scale=2))
    with pytest.raises(PhotoError, match="open to everybody"):
        budget.refuse_large(large, Order(scale=2), [large] * 3)


@needs_chromium
def test_a_person_brings_other_shots_sees_which_were_used_and_another_photo_takes_them_away(open_page, series, tmp_path):
    page, _ = open_page(width=390)
    page.set_input_files("#photo input[type=file]", given(series, "a")[0])
    expect(page.locator("#sample .sample")).to_be_visible()
    page.locator("#shots-choices button").first.click()
    page.set_input_files("#shots input[type=file]", given(series, "b", "c", "other"))
    told = page.locator("#shots-told")
    expect(told.locator("img")).to_have_count(3)
    expect(told).not_to_contain_text("used")
    page.get_by_label("2×").check()
    page.locator("#enlarge").click()
    expect(told).to_contain_text("2 of 3 shots used")
    expect(told.locator("li").nth(2)).to_contain_text(FOREIGN)
    expect(page.locator("#card")).to_contain_text("2 of 3 other shots were used: ")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        expect(told).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    with page.expect_download() as download:
        page.locator("#download").click()
    download.value.save_as(tmp_path / "page.png")
    main(["upscale", *given(series, "a"), "--with", *given(series, "b", "c"), "-o", str(tmp_path / "shell.png"), "--scale", "2"])
    assert (tmp_path / "page.png").read_bytes() == (tmp_path / "shell.png").read_bytes()
    page.set_input_files("#photo input[type=file]", given(series, "other")[0])
    expect(told.locator("img")).to_have_count(0)


@needs_chromium
def test_shots_that_are_dropped_on_their_place_stay_there_until_each_is_removed_and_do_not_become_a_catalogue(open_page, series):
    page, _ = open_page()
    page.locator("#shots-choices button").first.click()
    content = (series / "b.png").read_bytes()
    data = page.evaluate_handle(
        """bytes => { const data = new DataTransfer();
        for (const name of ['b.png', 'c.png']) data.items.add(new File([new Uint8Array(bytes)], name, {type: 'image/png'}));
        return data; }""",
        list(content),
    )
    page.locator("#shots button").first.dispatch_event("drop", {"dataTransfer": data})
    told = page.locator("#shots-told")
    expect(told.locator("img")).to_have_count(2)
    expect(page.locator("#shots")).to_be_visible()
    told.get_by_label("Remove b.png").click()
    expect(told.locator("li")).to_have_text(["c.png ✕"], use_inner_text=True)
    told.get_by_label("Remove c.png").click()
    expect(told.locator("li")).to_have_count(0)
