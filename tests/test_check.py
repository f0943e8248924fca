"""The tab that scores every model on a photo whose sharp original is at hand."""

import csv
import json
import re
import shutil
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from conftest import CHROMIUM, PATIENCE, ROOT, as_upload, made_up, needs_chromium
from playwright.sync_api import expect, sync_playwright
from visitor import Request

import app
from sr_models import CATALOG, Entry, Photo, Result, choose, find, read, upscale, write
from sr_models.__main__ import main
from sr_models.catalog import find_fusion
from sr_models.figures.evaluate import DIGITS, Trial, Use, make_trial, use_shots
from sr_models.stages.back_projection import back_project
from ui.parts import ranking
from ui.parts.views import name_entry
from ui.tabs import check
from ui.words.texts import label

expect.set_options(timeout=PATIENCE * 1000)
VASE = read(ROOT / "examples" / "vase.jpg").rgb


@pytest.fixture
def mug(uploads):
    """A sharp original with a calm ground, as uploaded."""
    rgb = made_up(227, 222)
    rgb[:80] = 100 + rgb[:80] // 32
    write(Photo(rgb), uploads / "mug.png")
    return as_upload(uploads / "mug.png")


def figures(table: str) -> dict[str, list[str]]:
    """Model's id → what its row of the table shows."""
    rows = re.findall(r'<tr><th scope="row">.+?<code>(.+?)</code></th>(.+?)</tr>', table)
    return {model: re.findall(r"<td.*?>(.+?)</td>", cells) for model, cells in rows}


@pytest.mark.parametrize(
    ("shrinking", "quality", "models"),
    [
        ("bicubic", 75, (find("cnn", 2).id, "bicubic-x2")),
        ("box", 75, (find("gan", 2).id, "bicubic-x2")),
        ("jpeg", 40, (find("cnn", 2, "web").id, "lanczos-x2")),
        ("camera", 75, (find("cnn", 2, "web").id, "bicubic-x2")),
    ],
)
def test_the_figures_agree_with_the_command_line_to_the_last_digit(mug, tmp_path, capsys, shrinking, quality, models):
    *_, (_, table, _, _) = check.on_check(mug, "2", shrinking, quality, Request())
    shown = figures(table)
    assert [row for row in shown if " " not in row] == [entry.id for entry in CATALOG if entry.net.scale == 2]
    (tmp_path / "hr").mkdir()
    shutil.copy(mug["path"], tmp_path / "hr")
    for model in models:
        asked = ["evaluate", "--hr", str(tmp_path / "hr"), "--scale", "2", "--model", model, "--shrink", shrinking]
        asked += ["--quality", str(quality)] if shrinking == "jpeg" else []
        assert main([*asked, "--json", str(tmp_path / "scores.json")]) == 0
        [found] = json.loads((tmp_path / "scores.json").read_text())["photos"]
        known = {name: digits for name, digits in DIGITS.items() if name != "seconds" and found.get(name) is not None}
        assert DIGITS.keys() - known.keys() <= {"seconds", *ranking.JUDGES}
        expected = [f"{found[name]:.{digits}f}" for name, digits in known.items()]
        assert shown[model][:-1] == expected
        printed = re.findall(r"[\d.]+", capsys.readouterr().out.splitlines()[0].removeprefix("mug.png"))
        assert printed[:-1] == expected


def test_the_table_grows_with_each_model_and_ends_with_crops_of_all_and_a_csv(mug):
    steps = list(check.on_check(mug, "4", "box", 75, Request()))
    models = [entry.id for entry in CATALOG if entry.net.scale == 4]
    assert [list(figures(table)) for _, table, _, _ in steps] == [models[:count] for count in range(len(models) + 1)]
    assert all(later[2].startswith(sooner[2]) for sooner, later in pairwise(steps))
    line, _, crops, download = steps[-1]
    assert "220 × 224 pixels, shrunk to 55 × 56 (box), enlarged 4×" in line
    captions = [f"{name_entry('en', find(model, 4))}<code>{model}</code>" for model in models]
    assert re.findall(r"<figcaption>(.+?)</figcaption>", crops) == ["Original", *captions]
    assert "Keeps to your photo · for photos from the web<code>" in crops
    assert crops.count("data:image/png;base64,") == len(models) + 1
    assert Path(download.value["path"]).name == "mug_check_4x.csv"


@pytest.fixture(scope="module")
def vase():
    """A photo of which four shots are taken."""
    return make_trial("vase", Photo(VASE[80:320, 80:320]), 2, "camera", 75)


def list_uses(trial: Trial, entry: Entry) -> list[Use]:
    return [use for use, _ in use_shots(trial, entry, choose("cpu"))]


def test_of_four_shots_each_model_that_takes_others_has_their_mean_and_the_cnn_for_the_web_back_projection(vase):
    uses = {entry.id: list_uses(vase, entry) for entry in CATALOG if entry.net.scale == 2}
    assert {id for id, found in uses.items() if "mean" not in found} == {find("gan", 2).id}
    assert {id for id, found in uses.items() if "together" in found} == {id for id in uses if find_fusion(find(id, 2))}
    assert {id for id, found in uses.items() if "back-projection" in found} == {find("cnn", 2, "web").id}
    names = [check.name_row(find(id, 2), use) for id, found in uses.items() for use in found]
    assert len(set(names)) == len(names)
    alone = make_trial("vase", Photo(vase.original), 2, "box", 75)
    assert list_uses(alone, find("cnn-fast", 2, "web")) == ["one"]


def test_the_rows_of_several_shots_are_what_they_say():
    trial = make_trial("tea", Photo(read(ROOT / "examples" / "tea.jpg").rgb[80:320, 80:320]), 4, "camera", 75)
    entry = find("cnn", 4, "web")

    def enlarge(others: tuple[Photo, ...], fuse: bool = True) -> Result:
        return upscale(trial.small, others, scale=4, model=entry.id, faithful="off", fuse=fuse, device=choose("cpu"))

    made = dict(use_shots(trial, entry, choose("cpu")))
    assert list(made) == ["one", "mean", "together", "back-projection"]
    assert [result.fusion for result in made.values()] == [None, None, find_fusion(entry), None]
    mean = enlarge(trial.others, fuse=False)
    assert mean.shots is not None
    expected = [
        enlarge(()).photo.rgb,
        mean.photo.rgb,
        enlarge(trial.others).photo.rgb,
        back_project(mean.photo.rgb, trial.small.rgb, mean.shots.used),
    ]
    assert all(np.array_equal(result.photo.rgb, rgb) for result, rgb in zip(made.values(), expected, strict=True))
    assert not any(np.array_equal(one, other) for one, other in combinations(expected, 2))


def test_a_shot_that_is_left_out_is_not_counted_and_without_any_other_nothing_is_put_together(vase):
    entry = find("cnn-fast", 2, "web")
    width, height = vase.small.size
    foreign = Photo(made_up(height, width, 9))
    few = replace(vase, others=(vase.others[0], foreign, vase.others[1]))
    told = [check.describe_use("en", use, result) for use, result in use_shots(few, entry, choose("cpu"))]
    assert told == ["one shot", "mean of 3 shots", "3 shots together"]
    assert list_uses(replace(vase, others=(foreign,)), entry) == ["one"]


def test_the_table_names_what_is_made_of_the_shots_in_both_languages(uploads, monkeypatch):
    write(Photo(VASE[:240, :240]), uploads / "vase.png")
    few = [find("gan", 4), find("cnn", 4, "web")]
    monkeypatch.setattr(check, "CATALOG", few)
    for language, words in (
        ("en", ("one shot", "mean of 4 shots", "4 shots together", "back-projection of 4 shots")),
        ("zh", ("一张", "4 张的平均", "4 张合用", "4 张的反投影")),
    ):
        *_, (line, table, crops, download) = check.on_check(as_upload(uploads / "vase.png"), "4", "camera", 75, Request(language))
        rows = [few[0].id, few[1].id, *(f"{few[1].id} {use}" for use in ("mean", "together", "back-projection"))]
        assert list(figures(table)) == rows
        names = [f"{name_entry(language, find(row.split()[0], 4))} · {word}" for row, word in zip(rows, (words[0], *words), strict=True)]
        assert re.findall(r'<th scope="row">(.+?)<code>', table) == re.findall(r"<figcaption>([^<]+)<code>", crops) == names
        assert label(language, "shrink_camera") in line
        with Path(download.value["path"]).open(encoding="utf-8", newline="") as file:
            assert [found[0] for found in csv.reader(file)][1:] == rows


def test_of_a_large_original_less_is_used_where_several_shots_are_taken_of_it(mug, monkeypatch):
    monkeypatch.setattr(check, "MOST_SHOT", 50 * 50)
    line, *_ = next(check.on_check(mug, "2", "camera", 75, Request()))
    assert "100 × 100 pixels, shrunk to 50 × 50 (camera, 4 shots)" in line
    assert "only its middle is used" in line


def test_the_csv_holds_the_digits_of_the_table_without_a_byte_order_mark(tmp_path):
    rows = {"a": dict.fromkeys(DIGITS, "1.50") | {"niqe": "–"}, "b": dict.fromkeys(DIGITS, "2.00")}
    ranking.save_csv(rows, tmp_path / "a.csv")
    head = "model,PSNR dB,SSIM,LR-PSNR dB,ΔE,NIQE,ST-LPIPS,SSIMULACRA 2,Edges,Calm,Overshoot,Seconds\r\n"
    assert (tmp_path / "a.csv").read_bytes().startswith(head.encode())
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1:] == [["a", "1.50", "1.50", "1.50", "1.50", "", *["1.50"] * 6], ["b", *["2.00"] * 11]]


def test_the_best_of_each_column_is_marked_in_its_own_direction_and_equals_together():
    low, high = (dict.fromkeys(DIGITS, value) for value in ("9.50", "10.20"))
    rows = {"a": low, "b": high | {"niqe": "–"}, "c": low | {"niqe": "–", "psnr": "inf"}}
    assert {name: ranking.find_best(rows, name) for name in DIGITS} == {
        "psnr": "inf",
        "ssim": "10.20",
        "lr_psnr": "10.20",
        "delta_e": "9.50",
        "niqe": "9.50",
        "st_lpips": "9.50",
        "ssimulacra2": "10.20",
        "edges": "10.20",
        "calm": "9.50",
        "overshoot": "9.50",
        "seconds": "9.50",
    }
    assert ranking.find_best({"a": {"niqe": "–"}}, "niqe") is None
    titles = {model: model.upper() for model in rows}
    assert len(re.findall(r'class="best"[^>]*>9.50<', ranking.render_table("en", rows, titles))) == 11
    assert not re.search(r'class="best"[^>]*>–<', ranking.render_table("en", rows, titles))


def test_of_a_large_original_the_middle_is_used_and_that_is_said(mug, monkeypatch):
    monkeypatch.setattr(check, "MOST", 100 * 120)
    line, *_ = next(check.on_check(mug, "2", "bicubic", 75, Request()))
    assert "108 × 108 pixels" in line
    assert "only its middle is used" in line


@pytest.mark.parametrize(
    ("size", "middle"), [((30, 40), (30, 40)), ((300, 400), (100, 100)), ((50, 4000), (50, 200)), ((4000, 90), (111, 90))]
)
def test_the_middle_is_as_square_as_it_can_be(size, middle):
    photo = Photo(made_up(*size), np.zeros(size, np.uint8))
    part = check.crop_middle(photo, 10_000)
    assert part.rgb.shape[:2] == part.alpha.shape == middle
    top, left = (size[0] - middle[0]) // 2, (size[1] - middle[1]) // 2
    assert np.array_equal(part.rgb, photo.rgb[top : top + middle[0], left : left + middle[1]])


@pytest.mark.parametrize(
    ("scale", "shrinking", "quality", "words"),
    [
        ("5", "bicubic", 75, "The scale 5 is not offered"),
        (None, "bicubic", 75, "is not offered"),
        ("2", "nearest", 75, "“nearest” is no way to shrink"),
        ("2", "jpeg", 0, "Choose 1 to 100"),
        ("2", "jpeg", "<b>", "“&lt;b&gt;” is no quality"),
    ],
)
def test_a_wrong_wish_is_answered_with_a_sentence_and_everything_stays(mug, notices, scale, shrinking, quality, words):
    assert list(check.on_check(mug, scale, shrinking, quality, Request())) == [[check.gr.skip()] * 4]
    assert len(notices) == 1
    assert words in notices[0]


def test_an_original_that_is_too_small_or_not_uploaded_is_refused_in_words(mug, notices, tmp_path):
    write(Photo(made_up(127, 300)), tmp_path / "mug.png")
    list(check.on_check(mug, "4", "bicubic", 75, Request()))
    list(check.on_check({"path": "/etc/passwd"}, "4", "bicubic", 75, Request()))
    assert "“mug.png” has 300 × 127 pixels; to check 4×, at least 128 are needed" in notices[0]
    assert notices[1] == "Upload a photo first."


@needs_chromium
def test_a_person_checks_an_original_sorts_the_table_and_takes_it_along(mug, tmp_path):
    page = app.build()
    _, address, _ = app.launch(page, prevent_thread_lock=True, quiet=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"])
        tab = browser.new_page(locale="en-US", viewport={"width": 390, "height": 844})
        tab.set_default_timeout(PATIENCE * 1000)
        tab.goto(address)
        tab.get_by_role("tab", name="Check", exact=True).click()
        tab.set_input_files("#check-photo input[type=file]", mug["path"])
        tab.locator("#check-scale").get_by_label("2×").check()
        tab.locator("#check-shrinking").get_by_label("JPEG").check()
        expect(tab.locator("#check-quality")).to_be_visible()
        tab.wait_for_selector("#check-photo img")
        tab.locator("#check").click()
        with tab.expect_download() as download:
            tab.locator("#check-csv").click()
        assert download.value.suggested_filename == "mug_check_2x.csv"
        download.value.save_as(tmp_path / "page.csv")
        with (tmp_path / "page.csv").open(encoding="utf-8", newline="") as file:
            head, *lines = csv.reader(file)
        rows = tab.locator("#check-table tbody tr")
        assert [row.locator("th code, td").all_text_contents() for row in rows.all()] == lines
        column = head.index("LR-PSNR dB")
        best_first = sorted((line[column] for line in lines), key=float, reverse=True)
        for expected in (best_first, best_first[::-1]):
            tab.get_by_role("button", name="LR-PSNR dB").click()
            assert rows.locator(f"td:nth-child({column + 1})").all_text_contents() == expected
        assert rows.last.locator(".best").count() >= 1
        assert tab.locator("#check-crops img").count() == len(lines) + 1
        assert tab.evaluate("document.documentElement.scrollWidth") == 390
        assert tab.evaluate("document.querySelector('.ranking').scrollWidth <= document.querySelector('.ranking').clientWidth")
        browser.close()
    page.close()
