"""The blind test: pairs of models on parts of a photo, as a page that says nothing of them until the end."""

import base64
import hashlib
import json
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from conftest import CHROMIUM, PATIENCE, QUIET, as_upload, made_up, needs_chromium
from playwright.sync_api import expect, sync_playwright
from visitor import Request

from sr_models import ModelError, Photo, PhotoError, choose, write
from sr_models.figures.blind import FAMILIES, SIDE, Round, find_busy_parts, play
from ui.parts.blind import SCRIPT, render_frame, render_test
from ui.tabs import compare

expect.set_options(timeout=PATIENCE * 1000)
CPU = choose("cpu")


@pytest.fixture(scope="module")
def rounds() -> list[Round]:
    return list(play(Photo(made_up(SIDE, 2 * SIDE)), 4, CPU))


def test_every_pair_of_models_is_shown_once_in_the_size_of_the_original(rounds):
    assert len({frozenset(one.models) for one in rounds}) == len(rounds) == len(list(combinations(FAMILIES, 2)))
    for one in rounds:
        assert {picture.size for picture in one.pictures} == {one.original.size} == {(SIDE, SIDE)}
        assert not np.array_equal(one.pictures[0].rgb, one.pictures[1].rgb)


def test_the_small_photo_was_compressed_so_the_weights_for_the_web_take_part(rounds):
    assert any("web" in model for one in rounds for model in one.models)


def test_the_busiest_parts_come_first_and_again_where_there_are_too_few():
    rgb = np.full((SIDE, 3 * SIDE, 3), 128, np.uint8)
    rgb[:, SIDE : 2 * SIDE] = made_up(SIDE, SIDE)
    rgb[:, 2 * SIDE :] = made_up(SIDE, SIDE) // 4
    assert find_busy_parts(rgb, 4) == [(0, SIDE), (0, 2 * SIDE), (0, 0), (0, SIDE)]


def test_a_photo_without_one_part_and_a_wrong_scale_are_refused_in_words():
    with pytest.raises(PhotoError, match="at least 240"):
        next(play(Photo(made_up(SIDE - 1, SIDE)), 4, CPU))
    with pytest.raises(ModelError):
        next(play(Photo(made_up(SIDE, SIDE)), 5, CPU))


def test_the_page_runs_its_own_script_only_and_asks_nobody(rounds):
    page = render_test("en", "Blind test: <mug>", 4, rounds)
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    assert f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in page
    assert "<mug>" not in page
    assert not re.search(r"(?:src|href)=\"(?!data:)", page)
    assert page not in render_frame("Blind test", page)  # it is quoted


def uploaded(folder, height):
    write(Photo(made_up(height, SIDE)), folder / "mug.png")
    return as_upload(folder / "mug.png")


def test_compare_shows_the_test_and_gives_its_file(uploads, notices):
    *waiting, (frame, file) = compare.on_blind(uploaded(uploads, SIDE), "2", Request())
    assert [text for text, _ in waiting] == [f"{count + 1} pairs are ready …" for count in range(len(waiting))]
    assert 'sandbox="allow-scripts allow-downloads"' in frame
    saved = Path(file.value["path"])
    assert saved.name == "mug_blind_2x.html"
    assert frame == render_frame("Blind test: mug", saved.read_text("utf-8"))
    assert notices == []


@pytest.mark.parametrize("photo", [None, SIDE - 1], ids=["none", "small"])
def test_what_cannot_be_tested_is_a_notice_and_everything_stays(uploads, notices, photo):
    [stays] = compare.on_blind(photo and uploaded(uploads, photo), "4", Request())
    assert [change["__type__"] for change in stays] == ["update", "update"]
    assert len(notices) == 1


@needs_chromium
@pytest.mark.parametrize(("locale", "width"), [("en", 390), ("zh-CN", 1280)])
def test_two_questions_a_pair_and_the_answers_as_json(rounds, tmp_path, locale, width):
    (tmp_path / "blind.html").write_text(render_test(locale, "Test", 4, rounds), "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": width, "height": 844})
        page.set_default_timeout(PATIENCE * 1000)
        failures = []
        page.on("pageerror", lambda failure: failures.append(failure))
        page.goto((tmp_path / "blind.html").as_uri())
        for number, _ in enumerate(rounds):
            expect(page.locator(".original")).to_be_hidden()
            expect(page.locator(".count")).to_contain_text(str(number + 1))
            seen = page.locator("body").inner_text()
            assert not any(model in seen for one in rounds for model in one.models)
            page.locator(".answers button").first.click()  # A would rather be seen
            expect(page.locator(".original")).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.locator(".answers button").nth(1 if number == 0 else 2).click()  # no difference once, then B is closer
        with page.expect_download() as download:
            page.locator(".end button").first.click()
        answers = json.loads(download.value.path().read_text("utf-8"))["answers"]
        assert [frozenset((given["a"], given["b"])) for given in answers] == [frozenset(one.models) for one in rounds]
        assert all(given["rather"] == given["a"] for given in answers)
        assert [given["closer"] for given in answers] == [None, *(given["b"] for given in answers[1:])]
        assert page.locator("tbody tr").count() == len(FAMILIES)
        page.locator(".end button").last.click()
        expect(page.locator(".pair img")).to_have_count(2)
        assert failures == []
        browser.close()
