"""Best or fast on the page: what the visitor chooses, what the page proposes meanwhile and why; every timing here is made up."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import CHROMIUM, PATIENCE, QUIET, as_upload, made_up, needs_chromium, running_page
from PIL import Image
from playwright.sync_api import expect, sync_playwright

import sr_models
from sr_models import Order, find
from ui.parts import choices, forecast, speed
from ui.server import pace
from ui.tabs import catalogue, enlarge

SLOW = pace.Pace({"cnn": 1e6, "cnn-fast": 1e9, "gan": 1e12}, rest=0)
"""A machine whose best network for keeping to a photo needs minutes for a stamp."""
QUICK = pace.Pace({"cnn": 1e15, "cnn-fast": 1e15, "gan": 1e15}, rest=0)


def asker(language: str = "en") -> Any:
    return SimpleNamespace(headers={"accept-language": language}, session_hash="me")


@pytest.fixture
def mug(uploads):
    """A photo as gradio hands it over."""
    Image.fromarray(made_up(40, 50)).save(uploads / "mug.png")
    return as_upload(uploads / "mug.png")


def told(photo, own=None, language="en", **chosen):
    """(line, labels, what is chosen, what stands below it) for the choices of a visitor."""
    everything = {"photo": photo, "shots": None, "scale": "4", "model": "cnn", "network": "", "speed": "best", "own_speed": own} | chosen
    line, radio = enlarge.on_choices(everything, asker(language))
    return line, [name for name, _ in radio.choices], radio.value, radio.info


@pytest.fixture
def machine(monkeypatch):
    """Sets how fast this machine is for the page."""
    return lambda known: monkeypatch.setattr(forecast, "pace", SimpleNamespace(here=known))


def test_the_best_is_chosen_where_it_is_soon_there_with_the_seconds_of_both(mug, machine):
    machine(QUICK)
    line, labels, chosen, info = told(mug)
    assert (line, labels, chosen) == ("200 × 160 · about 0.1 s here", ["Best · 0.1 s", "Fast · 0.1 s"], "best")
    assert info == "Fast is a little softer."


def test_where_the_best_takes_long_the_page_chooses_fast_and_says_why(mug, machine):
    machine(SLOW)
    line, labels, chosen, info = told(mug)
    best, fast = (name.removeprefix(speed).removesuffix(" s") for name, speed in zip(labels, ("Best · ", "Fast · "), strict=True))
    assert float(best) > 10 > float(fast)
    assert chosen == "fast"
    assert line == f"200 × 160 · about {fast} s here"
    assert info == f"Fast is chosen, since best would take about {best} s here."
    assert told(mug, language="zh-CN")[3] == f"已选快速，因为最佳在此约需 {best} 秒。"
    assert told(mug, language="zh-CN")[1] == [f"最佳 · {best} 秒", f"快速 · {fast} 秒"]


@pytest.mark.parametrize("own", ["best", "fast"])
@pytest.mark.parametrize("known", [SLOW, QUICK], ids=["slow", "quick"])
def test_what_the_visitor_chose_stays_and_nothing_is_explained(mug, machine, own, known):
    machine(known)
    line, _, chosen, info = told(mug, own=own)
    assert (chosen, info) == (own, "Fast is a little softer.")
    assert line == told(mug, network=find({"best": "cnn", "fast": "cnn-fast"}[own], 4).id)[0]


def test_the_limit_is_ten_seconds_and_without_a_timing_the_best_is_chosen(mug, machine):
    assert [speed.propose(seconds) for seconds in (None, 0.5, 10, 10.1)] == ["best", "best", "best", "fast"]
    machine(pace.Pace())
    assert told(mug)[1:3] == (["Best", "Fast"], "best")
    assert told(None)[1:3] == (["Best", "Fast"], "best")


def test_a_gpu_that_is_lent_is_fast_enough_for_the_best(monkeypatch):
    monkeypatch.setattr(speed, "lenders", [print])
    assert speed.propose(1000) == "best"


def test_a_choice_that_cannot_be_carried_out_is_said_and_nothing_is_proposed(mug, machine):
    machine(SLOW)
    line, labels, chosen, _ = told(mug, size="large")
    assert line.startswith("“large” is no size")
    assert (labels, chosen) == (["Best", "Fast"], "best")


@pytest.mark.parametrize(
    ("chosen", "network"),
    [
        ({"model": "cnn", "speed": "best"}, "cnn"),
        ({"model": "cnn", "speed": "fast"}, "cnn-fast"),
        ({"model": "gan", "speed": "fast"}, "gan"),
        ({"model": "cnn", "speed": "fast", "network": "srcnn-x4-v4"}, "srcnn-x4-v4"),
    ],
)
def test_a_model_and_a_speed_are_one_network(chosen, network):
    assert Order(**choices.words(chosen)).model == network


def test_the_choice_is_offered_where_a_model_comes_in_both():
    for model, network, offered in (("cnn", "", True), ("gan", "", False), ("cnn", "lanczos-x4", False)):
        assert enlarge.on_model(model, network)[3].visible == offered
        assert catalogue.on_model(model, network)[1].visible == offered
    assert set(speed.KINDS) | set(speed.FAST.values()) == set(sr_models.MODELS)


def test_of_a_catalogue_the_time_of_all_photos_is_said_and_nothing_is_chosen_for_the_visitor(mug, machine):
    machine(SLOW)
    chosen = {"photos": [mug, mug], "scale": "4", "model": "cnn", "network": "", "speed": "best"}
    line, *_, radio = catalogue.on_brought(dict(chosen), asker())
    best, fast = [name for name, _ in radio.choices]
    assert re.fullmatch(r"Best · \d+ minutes", best)
    assert re.fullmatch(r"Fast · \d+ seconds", fast)
    assert line.endswith(f"about {best.removeprefix('Best · ')} here")
    assert (radio.value, radio.info) == ("best", "Fast is a little softer.")
    line, *_, radio = catalogue.on_brought(chosen | {"speed": "fast"}, asker())
    assert (line.endswith(f"about {fast.removeprefix('Fast · ')} here"), radio.value) == (True, "fast")


def test_each_model_is_timed_on_its_second_tile(monkeypatch):
    seconds = {"cnn": iter((9.0, 4.0)), "cnn-fast": iter((2.0, 1.0)), "gan": iter((9.0, 5.0))}
    monkeypatch.setattr(pace, "upscale", lambda tile, model, **how: SimpleNamespace(seconds=next(seconds[model])))
    monkeypatch.setattr(pace, "here", pace.Pace())
    pace.time_tiles(lambda: False)
    pixels = pace.TILE**2
    found = [pace.here.network(model, 4, pixels) for model in ("cnn", "cnn-fast", "gan")]
    assert found == pytest.approx([4, 1, 5 * pace.RUNS_WITH_DIAL])
    assert pace.here.network("cnn", 4, pixels // 4) == pytest.approx(1)


def test_a_timing_ends_where_the_page_is_taken_down(monkeypatch):
    monkeypatch.setattr(pace, "here", pace.Pace())
    with pytest.raises(sr_models.Cancelled):
        pace.time_tiles(lambda: True)
    assert pace.here == pace.Pace()


def test_what_tiles_see_around_themselves_counts():
    net = find("cnn", 4).net
    assert pace.add_context(net, 100 * 100) == 100 * 100
    assert 1.2 < pace.add_context(net, 2000 * 2000) / 2000**2 < 2
    assert pace.add_context(find("cnn-fast", 4).net, 2000 * 2000) < pace.add_context(net, 2000 * 2000)


@needs_chromium
@pytest.mark.parametrize(("locale", "width"), [("en-US", 390), ("zh-CN", 1280)])
def test_on_the_page_fast_is_proposed_and_a_choice_of_ones_own_stays_for_the_next_photo_and_visit(machine, tmp_path, locale, width):
    machine(SLOW)
    for name in ("mug", "cup"):
        Image.fromarray(made_up(40, 60)).save(tmp_path / f"{name}.png")
    expect.set_options(timeout=PATIENCE * 1000)
    with running_page(tmp_path / "page", speed.PATIENCE_SECONDS) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_context(locale=locale, viewport={"width": width, "height": 844}).new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(address)
        page.wait_for_selector("#slider .filled")
        radio = page.locator("#speed")
        best, fast = radio.locator("input").nth(0), radio.locator("input").nth(1)
        expect(best).to_be_checked()
        page.set_input_files("#photo input[type=file]", tmp_path / "mug.png")
        expect(fast).to_be_checked()
        expect(radio).to_contain_text("Fast is chosen, since best" if locale == "en-US" else "已选快速")
        page.locator("#scale").get_by_label("3×").click()
        page.reload()
        page.set_input_files("#photo input[type=file]", tmp_path / "mug.png")
        expect(page.locator("#forecast p")).to_contain_text("180 × 120")
        expect(fast).to_be_checked()  # what was only proposed is not remembered as chosen
        expect(radio).to_contain_text("Fast is chosen, since best" if locale == "en-US" else "已选快速")
        best.click()
        expect(best).to_be_checked()
        expect(radio).not_to_contain_text("since best" if locale == "en-US" else "已选快速")
        page.locator("#photo button[aria-label*='emove'], #photo button[aria-label*='移除']").first.click()
        page.set_input_files("#photo input[type=file]", tmp_path / "cup.png")
        expect(page.locator("#photo img[src$='cup.png']")).to_be_visible()
        expect(page.locator("#forecast p")).to_contain_text("180 × 120")
        expect(best).to_be_checked()
        page.reload()
        page.wait_for_selector("#slider .filled")
        page.set_input_files("#photo input[type=file]", tmp_path / "mug.png")
        expect(page.locator("#forecast p")).to_contain_text("180 × 120")
        expect(best).to_be_checked()
        for tile in page.locator("#model label").all()[1:]:
            tile.click()
        expect(radio).to_be_hidden()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        browser.close()
