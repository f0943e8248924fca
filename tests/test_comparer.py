"""The divider between before and after, in Chromium: each test opens a saved page from a folder, without a server and without network."""

import io
import json
import re
import time

import numpy as np
import pytest
from conftest import PATIENCE, needs_chromium
from PIL import Image
from playwright.sync_api import expect

from sr_models import Photo, write
from ui.parts.comparer import START, Pair, render_page

expect.set_options(timeout=PATIENCE * 1000)


pytestmark = needs_chromium

BEFORE, AFTER = (30, 30, 200), (200, 30, 30)
SIZE = 1000, 800
LINE = "60 × 40 → 1000 × 800 pixels"


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Before is blue, after is red, and in the middle of both is a green square of 100 pixels."""
    folder = tmp_path_factory.mktemp("pair")
    for name, colour in (("before", BEFORE), ("after", AFTER)):
        rgb = np.tile(np.array(colour, np.uint8), (SIZE[1], SIZE[0], 1))
        rgb[350:450, 450:550] = 30, 200, 30
        write(Photo(rgb), folder / f"{name}.webp")
    return Pair(folder / "before.webp", folder / "after.webp", SIZE)


@pytest.fixture
def open_saved(pair, chromium, tmp_path):
    """Opens the pair as a saved page; what it asks for is in `requests`."""
    opened = []

    def open_it(width=1280, height=800, language="en", change=str, **how):
        file = tmp_path / f"{len(opened)}.html"
        file.write_text(change(render_page(language, "mug_4x", LINE, "PASS", pair)), "utf-8")
        opened.append(chromium.new_context(viewport={"width": width, "height": height}, offline=True, **how))
        page = opened[-1].new_page()
        page.set_default_timeout(PATIENCE * 1000)
        requests = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto(file.as_uri())
        wait_until(page, "[...document.images].every(image => image.complete && (image.naturalWidth || !image.src))")
        return page, requests

    yield open_it
    for context in opened:
        context.close()


def wait_until(page, condition: str) -> None:
    """Until an expression of JavaScript holds; Playwright's own way needs `eval`, which a saved page forbids."""
    deadline = time.monotonic() + PATIENCE
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        time.sleep(0.05)


def box_of(page) -> dict:
    return page.locator(".stage").bounding_box()


def colour_at(page, across: float, down: float = 0.25) -> str:
    """What is seen at a point of the frame, given in shares of its sides."""
    box = box_of(page)
    point = {"x": int(box["x"] + across * box["width"]), "y": int(box["y"] + down * box["height"]), "width": 1, "height": 1}
    with Image.open(io.BytesIO(page.screenshot(clip=point))) as picture:
        red, green, blue = np.asarray(picture.convert("RGB"))[0, 0].astype(int)
    return "after" if red > 2 * max(green, blue) else "before" if blue > 2 * max(red, green) else "other"


def position(page) -> int:
    return int(page.locator(".divider").get_attribute("aria-valuenow"))


def drag(page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """With the mouse, from a point of the frame to another, in shares of its sides."""
    box = box_of(page)
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=5)
    page.mouse.up()


def swipe(page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """With a finger, from a point of the window to another, in pixels."""
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    touch("touchStart", start)
    for step in range(1, 11):
        touch("touchMove", (start[0] + (end[0] - start[0]) * step / 10, start[1] + (end[1] - start[1]) * step / 10))
    touch("touchEnd")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_divider_goes_where_is_clicked_or_dragged_and_before_is_left_of_it(open_saved, width):
    page, _ = open_saved(width)
    assert position(page) == 50
    assert [colour_at(page, across) for across in (0.3, 0.7)] == ["before", "after"]
    drag(page, (0.2, 0.8), (0.2, 0.8))
    assert position(page) == 20
    assert [colour_at(page, across) for across in (0.1, 0.3)] == ["before", "after"]
    drag(page, (0.2, 0.5), (0.9, 0.1))
    assert position(page) == 90
    assert colour_at(page, 0.8) == "before"
    drag(page, (0.9, 0.5), (1.5, 0.5))
    assert position(page) == 100


def test_the_keyboard_moves_the_divider_and_a_screen_reader_hears_where_it_is(open_saved):
    page, _ = open_saved()
    page.keyboard.press("Tab")
    divider = page.get_by_role("slider", name="Divider between before and after")
    expect(divider).to_be_focused()
    ring = divider.evaluate("divider => getComputedStyle(divider, '::after').outlineStyle")
    assert ring == "solid"
    for key, now in (("ArrowRight", 51), ("ArrowDown", 50), ("PageUp", 60), ("PageDown", 50), ("Home", 0), ("ArrowLeft", 0), ("End", 100)):
        page.keyboard.press(key)
        assert position(page) == now
    page.keyboard.press("PageDown")
    expect(divider).to_have_attribute("aria-valuetext", "90 % before, 10 % after")
    assert page.evaluate("scrollY") == 0
    drag(page, (0.5, 0.9), (0.5, 0.9))
    page.keyboard.press("ArrowLeft")  # what was clicked has the keyboard
    assert position(page) == 49


SETTLED = """new Promise(done => {
    let last = -1, still = 0;
    const look = () => {
        still = scrollY === last ? still + 1 : 0;
        last = scrollY;
        if (still > 20) done(); else requestAnimationFrame(look);
    };
    look();
})"""
"""The page scrolls on for a while after a finger left it."""


def test_a_finger_scrolls_the_page_by_a_vertical_swipe_and_moves_the_divider_by_a_horizontal_one_or_a_tap(open_saved):
    page, _ = open_saved(390, 420, has_touch=True)
    box = box_of(page)
    x, y = box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.8
    swipe(page, (x, y), (x + 3, y - 150))
    wait_until(page, "scrollY > 50")
    assert position(page) == 50
    page.evaluate(SETTLED)
    page.evaluate("scrollTo(0, 0)")
    swipe(page, (x, y), (x + box["width"] / 2, y))
    expect(page.locator(".divider")).to_have_attribute("aria-valuenow", re.compile("7[456]"))
    assert page.evaluate("scrollY") == 0
    swipe(page, (x, y), (x, y))
    expect(page.locator(".divider")).to_have_attribute("aria-valuenow", re.compile("2[456]"))


def test_the_wheel_over_the_picture_scrolls_the_page(open_saved):
    page, _ = open_saved(1280, 400)
    box = box_of(page)
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.wheel(0, 120)
    wait_until(page, "scrollY > 50")
    assert position(page) == 50


def test_at_100_percent_a_drag_moves_the_picture_and_the_grip_still_the_divider(open_saved):
    page, _ = open_saved(390)
    picture = page.locator("img").first
    expect(page.get_by_role("button", name="Fit")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="100 %").click()
    expect(page.get_by_role("button", name="Fit")).to_have_attribute("aria-pressed", "false")
    box = picture.bounding_box()
    assert (box["width"], box["height"]) == SIZE
    assert colour_at(page, 0.4, 0.5) == "other"  # the square: the middle is in the middle
    drag(page, (0.8, 0.7), (0.6, 0.9))
    moved, stage = picture.bounding_box(), box_of(page)
    assert (moved["x"] - box["x"], moved["y"] - box["y"]) == pytest.approx((-0.2 * stage["width"], 0.2 * stage["height"]), abs=1)
    assert position(page) == 50
    drag(page, (0.5, 0.5), (0.2, 0.5))
    assert position(page) == 20
    assert picture.bounding_box() == moved
    for _ in range(10):
        drag(page, (0.8, 0.8), (0.3, 0.8))
    last = picture.bounding_box()
    assert last["x"] + SIZE[0] == pytest.approx(stage["x"] + stage["width"], abs=1)  # no further than its edge
    page.get_by_role("button", name="Fit").click()
    assert picture.bounding_box()["width"] == pytest.approx(box_of(page)["width"], abs=1)


def test_a_double_click_shows_that_place_at_100_percent_and_another_all_of_it(open_saved):
    page, _ = open_saved(390)
    box = box_of(page)
    page.mouse.dblclick(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.5)
    picture, stage = page.locator("img").first.bounding_box(), box_of(page)
    assert (stage["x"] + stage["width"] / 2 - picture["x"]) / SIZE[0] == pytest.approx(0.3, abs=0.01)
    page.mouse.dblclick(box["x"] + 20, box["y"] + 20)
    assert page.locator("img").first.bounding_box()["width"] == pytest.approx(box_of(page)["width"], abs=1)


def test_before_is_seen_while_a_key_or_the_button_is_held(open_saved):
    page, _ = open_saved()
    page.locator(".divider").focus()
    blink = page.get_by_role("button", name="Hold to see before")
    for hold, let_go in (
        (lambda: page.keyboard.down("b"), lambda: page.keyboard.up("b")),
        (lambda: (blink.hover(), page.mouse.down()), page.mouse.up),
        (lambda: (blink.focus(), page.keyboard.down("Enter")), lambda: page.keyboard.up("Enter")),
    ):
        assert colour_at(page, 0.7) == "after"
        hold()
        assert colour_at(page, 0.7) == "before"
        expect(blink).to_have_attribute("aria-pressed", "true")
        let_go()
        assert colour_at(page, 0.7) == "after"
    assert position(page) == 50


def edges_in_lens(page) -> list[tuple[str, float, float]]:
    """For each half of the lens: the colour of its lower left, and where the green square begins in it, in pixels from its middle."""
    found = []
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        seen = np.asarray(picture.convert("RGB")).astype(int)
    for half in page.locator(".half").all():
        box = half.bounding_box()
        left, top, right, bottom = (round(v) for v in (box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]))
        part = seen[top:bottom, left:right]
        green = part[:, :, 1] > 2 * np.maximum(part[:, :, 0], part[:, :, 2])
        red, _, blue = part[-16, 16]
        side = "after" if red > 2 * blue else "before" if blue > 2 * red else "other"
        across, down = (int(np.flatnonzero(green.any(axis))[0]) for axis in (0, 1))
        found.append((side, across - box["width"] / 2, down - box["height"] / 2))
    return found


def point_at(page, x: int, y: int) -> tuple[float, float]:
    """Where a pixel of the picture is in the window."""
    box = page.locator(".layer img").first.bounding_box()
    return box["x"] + box["width"] * x / SIZE[0], box["y"] + box["height"] * y / SIZE[1]


@pytest.mark.parametrize("width", [390, 1280])
def test_the_lens_shows_before_and_after_of_the_point_under_the_mouse_at_200_percent(open_saved, width):
    page, _ = open_saved(width)
    expect(page.locator(".lens")).to_be_hidden()
    lens = page.get_by_role("button", name="Lens")
    lens.click()
    expect(lens).to_have_attribute("aria-pressed", "true")
    page.mouse.move(*point_at(page, 460, 360))
    assert edges_in_lens(page) == [(side, pytest.approx(-20, abs=4), pytest.approx(-20, abs=4)) for side in ("before", "after")]
    drag(page, (0.2, 0.8), (0.2, 0.8))
    assert position(page) == 20  # the divider still moves
    stage, shown = box_of(page), page.locator(".lens").bounding_box()
    assert stage["x"] <= shown["x"]
    assert shown["x"] + shown["width"] <= stage["x"] + stage["width"]
    lens.click()
    expect(page.locator(".lens")).to_be_hidden()


def test_the_lens_is_worked_by_keys_too(open_saved):
    page, _ = open_saved()
    page.locator(".divider").focus()
    page.keyboard.press("l")
    expect(page.locator(".lens")).to_be_visible()
    page.keyboard.press("Shift+ArrowLeft")  # 40 pixels, from the middle: 10 right of the square's edge
    assert edges_in_lens(page)[1][1] == pytest.approx(-20, abs=4)
    assert position(page) == 50
    page.keyboard.press("ArrowLeft")
    assert position(page) == 49
    page.keyboard.press("l")
    expect(page.locator(".lens")).to_be_hidden()


def test_a_finger_moves_the_lens_and_neither_the_divider_nor_the_page(open_saved):
    page, _ = open_saved(390, height=500, has_touch=True, is_mobile=True)
    page.get_by_role("button", name="Lens").tap()
    swipe(page, point_at(page, 100, 100), point_at(page, 460, 360))
    assert edges_in_lens(page)[0][1:] == (pytest.approx(-20, abs=4), pytest.approx(-20, abs=4))
    assert position(page) == 50
    assert page.evaluate("scrollY") == 0
    page.touchscreen.tap(*point_at(page, 200, 700))
    assert position(page) == 50


def test_it_fills_the_screen_and_comes_back(open_saved):
    page, _ = open_saved()
    small = box_of(page)
    page.get_by_role("button", name="Full screen", exact=True).click()
    leave = page.get_by_role("button", name="Leave full screen")
    expect(leave).to_be_visible()
    assert page.locator(".comparer").bounding_box() == {"x": 0, "y": 0, "width": 1280, "height": 800}
    assert box_of(page)["height"] > small["height"]
    leave.click()
    expect(page.get_by_role("button", name="Full screen", exact=True)).to_be_visible()
    wait_until(page, "document.fullscreenElement === null")
    wait_until(page, f"Math.abs(document.querySelector('.stage').clientHeight - {small['height']}) < 2")


LEGIBLE = """button => {
    const light = colour => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const style = getComputedStyle(button), [dark, bright] = [style.color, style.backgroundColor].map(light).sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("touch", [False, True])
def test_the_buttons_are_large_and_legible_and_have_names(open_saved, scheme, touch):
    page, _ = open_saved(390, color_scheme=scheme, has_touch=touch, is_mobile=touch)
    buttons = page.get_by_role("button").all()
    assert len(buttons) == 7
    for button in buttons:
        box, least = button.bounding_box(), 44 if touch else 32
        assert min(box["width"], box["height"]) >= least
        assert button.get_attribute("aria-label") or button.inner_text()
        assert button.evaluate(LEGIBLE) >= 4.5
    assert [image.get_attribute("alt") for image in page.locator(".layer img").all()] == [
        "The photo, enlarged without a model",
        "The photo, enlarged by the chosen model",
    ]
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("wanted", ["100 %", "Lens"])
def test_larger_pictures_are_fetched_only_for_100_percent_and_more(open_saved, pair, wanted):
    def with_larger(text: str) -> str:
        found = re.search(r'id="value">(.*)</script>', text)
        value = json.loads(found.group(1))
        value["full"] = [{"url": shown["url"] + "#full"} for shown in value["pair"]]
        return text.replace(found.group(1), json.dumps(value))

    page, requests = open_saved(change=with_larger)
    assert not [url for url in requests if url.endswith("#full")]
    page.get_by_role("button", name=wanted).click()
    for image in page.locator("img").all():
        expect(image).to_have_attribute("src", re.compile("#full$"))


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh-CN", 390)])
def test_a_saved_page_asks_for_nothing_and_says_what_it_shows(open_saved, language, width):
    page, requests = open_saved(width, language=language)
    assert all(url.startswith(("file:", "data:")) for url in requests)
    expect(page.locator("h1")).to_have_text("mug_4x")
    expect(page.locator("body")).to_contain_text(LINE)
    expect(page.locator("body")).to_contain_text("PASS")
    expect(page.locator(".tag").first).to_have_text("之前" if language == "zh-CN" else "Before")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_saved_page_runs_no_script_but_its_own(open_saved):
    page, _ = open_saved(change=lambda text: text.replace("<h1>", "<script>document.title = 'mine'</script><h1>"))
    assert page.title() == "mug_4x"
    assert position(page) == 50
    page, _ = open_saved(change=lambda text: text.replace(START, START + " "))
    assert page.locator(".stage").is_hidden()


def test_what_a_saved_page_is_told_is_no_markup(pair):
    text = render_page("en", "</script><b>", "<i>", "<u>", pair)
    assert not re.search("<[biu]>", text)


@pytest.mark.parametrize("width", [390, 1280])
def test_both_are_saved_side_by_side_with_their_names(open_saved, tmp_path, width):
    page, _ = open_saved(width)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save both").click()
    assert download.value.suggested_filename == "before-after.png"
    download.value.save_as(tmp_path / "both.png")
    with Image.open(tmp_path / "both.png") as picture:
        assert picture.format == "PNG"
        both = np.asarray(picture.convert("RGB")).astype(int)
    height, width = both.shape[:2]
    assert width > 2 * SIZE[0]
    assert height > SIZE[1]
    assert np.abs(both[height // 4, width // 8] - BEFORE).max() < 8
    assert np.abs(both[height // 4, 7 * width // 8] - AFTER).max() < 8
    names = both[: (height - SIZE[1]) // 2]
    assert all((half < 100).any() for half in np.array_split(names, 2, axis=1))


def test_both_are_copied_or_else_saved_and_it_is_said_which(open_saved):
    page, _ = open_saved()
    page.evaluate("() => { navigator.clipboard.write = async items => { window.copied = await items[0].getType('image/png'); }; }")
    page.get_by_role("button", name="Copy both").click()
    expect(page.get_by_role("status")).to_contain_text("were copied, side by side")
    assert page.evaluate("window.copied.size") > 1000
    page.evaluate("() => { navigator.clipboard.write = async () => { throw new Error('not allowed'); }; }")
    with page.expect_download() as download:
        page.get_by_role("button", name="Copy both").click()
    assert download.value.suggested_filename == "before-after.png"
    expect(page.get_by_role("status")).to_contain_text("Nothing could be copied here")
