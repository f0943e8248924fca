"""The page as a person uses it, in Chromium."""

import json
import re
import shutil

import numpy as np
import pytest
from conftest import ROOT, made_up, needs_chromium
from PIL import Image
from playwright.sync_api import expect

from sr_models import Photo, read, upscale, write
from sr_models.__main__ import main
from sr_models.formats.cube import format_cube
from sr_models.stages.tables import spread_nodes

pytestmark = needs_chromium


def test_a_person_uploads_enlarges_compares_and_downloads(open_page, mug, tmp_path):
    page, requests = open_page()
    expect(page.locator("#line")).to_contain_text("Example: 340 × 340 → 1360 × 1360")
    page.set_input_files("#photo input[type=file]", mug)
    page.get_by_label("3×").check()
    page.locator("#enlarge").click()
    expect(page.locator("#line")).to_contain_text("60 × 40 → 180 × 120 pixels · Keeps to your photo 3×")
    assert page.locator("#slider .layer img").count() == 2
    with page.expect_download() as download:
        page.locator("#download").click()
    assert download.value.suggested_filename == "mug_3x_cnn.png"
    download.value.save_as(tmp_path / "page.png")
    main(["upscale", str(mug), "-o", str(tmp_path / "shell.png"), "--scale", "3"])
    assert (tmp_path / "page.png").read_bytes() == (tmp_path / "shell.png").read_bytes()
    assert [url for url in requests if not url.startswith(("http://127.0.0.1", "data:", "blob:"))] == []


def test_an_exact_result_is_checked_by_one_line_of_pillow_and_its_changes_can_be_seen(open_page, mug, tmp_path):
    page, _ = open_page()
    page.set_input_files("#photo input[type=file]", mug)
    page.locator("#model").get_by_label("Adds texture").check()
    page.locator("#choices button").first.click()
    page.locator("#faithful-choices button").first.click()
    page.locator("#faithful").get_by_label("exact").check()
    page.locator("#enlarge").click()
    expect(page.locator("#line")).to_contain_text("60 × 40 → 240 × 160 pixels · Adds texture 4×")
    expect(page.locator("#card")).to_contain_text("Made small again, the result looks just like your photo.")
    expect(page.locator("#card .figures")).to_be_hidden()
    page.locator("#card summary").click()
    expect(page.locator("#card .figures")).to_contain_text("∞ dB")
    with page.expect_download() as download:
        page.locator("#download").click()
    download.value.save_as(tmp_path / "exact.png")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "exact.png").reduce(4)), made_up(40, 60))
    with page.expect_download() as download:
        page.locator("#download-report").click()
    assert download.value.suggested_filename == "mug_4x_gan.json"
    download.value.save_as(tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["verdict"], report["exact"], report["largest"]) == ("PASS", True, 0)
    after = page.locator("#slider .layer img").last.get_attribute("src")
    page.locator("#overlay input").check()
    expect(page.locator("#legend")).to_contain_text("new detail")
    expect(page.locator("#slider .layer img").last).not_to_have_attribute("src", str(after))
    with page.expect_download() as download:
        page.locator("#download-overlay").click()
    assert download.value.suggested_filename == "mug_4x_gan_new_detail.png"


def test_a_part_of_the_photo_stands_side_by_side_as_each_model_makes_it_and_a_tile_chooses_by_keyboard(open_page):
    page, _ = open_page()
    sample = page.locator("#sample .sample")
    expect(sample).to_be_hidden()
    page.set_input_files("#photo input[type=file]", ROOT / "examples" / "jar.jpg")
    expect(sample).to_be_visible()
    page.wait_for_function("[...document.querySelectorAll('#sample img')].every(image => image.naturalWidth === 256)")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        places = "all => all.map(tile => tile.getBoundingClientRect().toJSON())"  # at one moment: it may scroll
        tiles = sample.locator("figure, button").evaluate_all(places)
        assert len(tiles) == 3
        assert len({round(tile["y"]) for tile in tiles}) == 1
        assert tiles[2]["x"] + tiles[2]["width"] <= width
    expect(sample.locator("p")).to_have_text(
        "“Keeps to your photo” suits this photo: much of this part is fine strokes, as in writing or knitting,"
        " and these must not be guessed."
    )
    faithful, textured = sample.get_by_role("button", name="Keeps to your photo"), sample.get_by_role("button", name="Adds texture")
    expect(faithful).to_have_attribute("aria-pressed", "true")
    textured.press("Enter")
    expect(page.locator("#model").get_by_label("Adds texture")).to_be_checked()
    expect(textured).to_have_attribute("aria-pressed", "true")
    page.locator("#model").get_by_label("Keeps to your photo", exact=True).check()
    expect(faithful).to_have_attribute("aria-pressed", "true")
    before = sample.locator("img").last.get_attribute("src")
    page.locator("#scale").get_by_label("2×").check()
    expect(sample.locator("img").last).not_to_have_attribute("src", str(before))
    page.locator("#photo").get_by_label("Remove Image").click()
    expect(sample).to_be_hidden()


def test_a_sample_that_is_asked_for_does_not_hinder_the_run(open_page, mug):
    page, _ = open_page()
    page.set_input_files("#photo input[type=file]", mug)
    page.wait_for_selector("#photo img", state="attached")
    page.locator("#enlarge").click()
    expect(page.locator("#line")).to_contain_text("60 × 40 → 240 × 160")


def test_size_and_seconds_stand_beside_the_button_and_follow_the_choices(open_page, mug):
    page, _ = open_page()
    forecast = page.locator("#forecast p")
    expect(forecast).to_have_count(0)
    page.set_input_files("#photo input[type=file]", mug)
    expect(forecast).to_have_text(re.compile("^240 × 160 · about .* s here$"))
    page.locator("#scale").get_by_label("3×").check()
    expect(forecast).to_contain_text("180 × 120 · about")
    page.locator("#choices button").first.click()
    page.locator("#size-choices button").first.click()
    page.locator("#size input, #size textarea").fill("90x50")
    expect(forecast).to_contain_text("75 × 50 · about")


def test_the_browser_remembers_choices_and_never_a_picture(open_page, mug):
    page, _ = open_page()
    page.locator("#scale").get_by_label("2×").check()
    page.locator("#model").get_by_label("Adds texture").check()
    page.set_input_files("#photo input[type=file]", mug)
    page.locator("#choices button").first.click()
    page.locator("#size-choices button").first.click()
    page.locator("#preset input").click()
    page.get_by_role("option", name="eBay").click()
    expect(page.locator("#forecast p")).to_contain_text("eBay")
    kept = page.evaluate("localStorage.getItem('choices')")
    assert len(kept) < 500
    page.reload()
    expect(page.locator("#scale").get_by_label("2×")).to_be_checked()
    expect(page.locator("#model").get_by_label("Adds texture")).to_be_checked()
    expect(page.locator("#detail")).to_be_visible()
    expect(page.locator("#photo img")).to_have_count(0)
    page.set_input_files("#photo input[type=file]", mug)
    expect(page.locator("#forecast p")).to_contain_text("eBay")


BRING = """async ([how, where, names]) => {
    const files = new DataTransfer(), canvas = new OffscreenCanvas(90, 60);
    canvas.getContext('2d').fillRect(20, 20, 30, 30);
    const blob = await canvas.convertToBlob({type: 'image/png'});
    for (const name of names) files.items.add(new File([blob], name, {type: 'image/png'}));
    const event = how === 'paste'
        ? new ClipboardEvent('paste', {clipboardData: files, bubbles: true, cancelable: true})
        : new DragEvent('drop', {dataTransfer: files, bubbles: true, cancelable: true});
    document.querySelector(where).dispatchEvent(event);
    return event.defaultPrevented;
}"""
"""Pastes or drops made-up pictures, as far as a script can."""


def test_a_picture_that_is_pasted_or_dropped_anywhere_becomes_the_photo_of_the_open_tab(open_page):
    page, _ = open_page(width=390)
    for how, where, name in (("paste", "body", "one"), ("drop", "#slider", "two"), ("drop", "#photo", "three")):
        assert page.evaluate(BRING, [how, where, [f"{name}.png"]])
        expect(page.locator(f"#photo img[src$='{name}.png']")).to_be_visible()
        expect(page.locator("#forecast p")).to_contain_text("360 × 240")
    expect(page.locator(".toast-body")).to_have_count(0)
    page.get_by_role("tab", name="Check").click()
    expect(page.locator("#check-photo")).to_be_visible()
    page.evaluate(BRING, ["paste", "body", ["four.png"]])
    expect(page.locator("#check-photo img[src$='four.png']")).to_be_visible()
    page.get_by_role("tab", name="Enlarge").click()
    expect(page.locator("#photo img[src$='three.png']")).to_be_visible()


def test_two_dropped_files_are_taken_to_the_catalogue(open_page):
    page, _ = open_page("zh-CN")
    page.evaluate(BRING, ["drop", "#slider", ["a.png", "b.png"]])
    expect(page.locator("#outcomes th")).to_have_text(["a.png90 × 60", "b.png90 × 60"])
    expect(page.locator(".toast-body")).to_contain_text("多张照片或 ZIP 在此标签页中一起放大。")
    expect(page.locator("#catalogue-line")).to_contain_text("2 张照片")


def test_text_that_is_pasted_stays_where_it_is_typed(open_page):
    page, _ = open_page()
    paste = "() => document.body.dispatchEvent(new ClipboardEvent('paste', {clipboardData: new DataTransfer(), cancelable: true}))"
    assert page.evaluate(paste)  # true: nobody has taken it


def test_compare_shows_the_photo_of_the_first_tab_until_another_one_is_chosen_there(open_page):
    page, _ = open_page(width=390)
    page.evaluate(BRING, ["paste", "body", ["first.png"]])
    expect(page.locator("#photo img[src$='first.png']")).to_be_visible()
    page.get_by_role("tab", name="Compare").click()
    expect(page.locator("#compare-photo img[src$='first.png']")).to_be_visible()
    page.evaluate(BRING, ["paste", "body", ["second.png"]])
    expect(page.locator("#compare-photo img[src$='second.png']")).to_be_visible()
    page.get_by_role("tab", name="Enlarge").click()
    page.get_by_role("tab", name="Compare").click()
    expect(page.locator("#compare-photo img[src$='second.png']")).to_be_visible()


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_the_first_screen_speaks_to_people(open_page, locale):
    page, _ = open_page(locale, 390)
    said = page.locator("body").inner_text()
    for engineers in ("byte for byte", "level of 255", "icubic", "olour lock", "PSNR", "ΔE", "cpu", "逐字节", "双三次", "锁定颜色"):
        assert engineers not in said
    expect(page.locator("#card details")).not_to_have_attribute("open", "")


def test_a_phone_page_is_short(open_page, mug):
    page, _ = open_page(width=390)
    page.set_input_files("#photo input[type=file]", mug)
    expect(page.locator("#sample .sample")).to_be_visible()
    expect(page.locator("#forecast p")).to_be_visible()
    enlarge, examples = page.locator("#enlarge").bounding_box(), page.locator(".gallery-item").first.bounding_box()
    assert examples["y"] - enlarge["y"] < 300
    assert page.locator("#sample").bounding_box()["y"] < enlarge["y"]


def test_an_example_fills_the_photo(open_page):
    page, _ = open_page()
    page.locator(".gallery-item, .gallery button, [class*=gallery] img").first.click()
    page.wait_for_selector("#photo img")


def test_on_a_phone_an_example_that_is_chosen_brings_its_sample_into_view(open_page):
    page, _ = open_page(width=390)
    page.locator(".gallery-item").last.scroll_into_view_if_needed()
    page.locator(".gallery-item").last.click()
    page.wait_for_function(
        "() => { const box = document.querySelector('#sample .tiles').getBoundingClientRect();"
        " return box.height > 50 && box.top >= 0 && box.bottom <= innerHeight; }"
    )


def test_a_file_that_is_no_picture_is_answered_with_a_sentence(open_page, tmp_path):
    (tmp_path / "letter.png").write_bytes(b"Dear Sir or Madam")
    page, _ = open_page()
    page.set_input_files("#photo input[type=file]", tmp_path / "letter.png")
    page.wait_for_selector("#photo img", state="attached")
    page.locator("#enlarge").click()
    expect(page.locator(".toast-body")).to_contain_text("“letter.png” is not a picture this program reads")
    expect(page.locator("#enlarge")).to_be_visible()
    expect(page.locator("#slider .empty")).to_be_visible()
    assert page.get_by_text("Error", exact=True).count() == 0


def expect_no_result(page):
    """Neither picture nor words of a result, and nothing to download."""
    expect(page.locator("#slider .empty")).to_have_text("Before and after will stand here, once your photo is enlarged.")
    expect(page.locator("#slider img[src]")).to_have_count(0)
    for place in ("#line", "#card"):
        expect(page.locator(place)).to_have_text("")
    expect_downloads(page, disabled=True)


def expect_downloads(page, disabled: bool):
    for name in ("download", "download-report", "download-overlay", "download-page", "download-animation"):
        button = page.locator(f"button#{name}, #{name} button")
        expect(button).to_be_disabled() if disabled else expect(button).to_be_enabled()


def test_an_old_result_never_stands_beside_another_photo(open_page, mug):
    page, _ = open_page()
    expect_downloads(page, disabled=False)
    page.set_input_files("#photo input[type=file]", mug)
    expect_no_result(page)
    expect(page.locator("#overlay input")).to_be_disabled()
    page.locator("#enlarge").click()
    expect(page.locator("#line")).to_contain_text("60 × 40 → 240 × 160")
    expect_downloads(page, disabled=False)
    page.locator("#photo").get_by_label("Remove Image").click()
    expect_no_result(page)
    page.locator(".gallery-item").first.click()
    page.wait_for_selector("#photo img")
    expect_no_result(page)


def test_nothing_can_be_downloaded_while_a_run_is_under_way_and_another_photo_stops_it(open_page, mug, tmp_path):
    Image.fromarray(np.tile(made_up(500, 500), (4, 4, 1))).save(tmp_path / "large.png")
    page, _ = open_page()
    page.set_input_files("#photo input[type=file]", mug)
    page.locator("#enlarge").click()
    expect_downloads(page, disabled=False)
    page.locator("#photo").get_by_label("Remove Image").click()
    page.set_input_files("#photo input[type=file]", tmp_path / "large.png")
    page.wait_for_selector("#photo img", state="attached")
    page.locator("#enlarge").click()
    expect(page.locator("#cancel")).to_be_visible()
    expect_downloads(page, disabled=True)
    page.locator("#photo").get_by_label("Remove Image").click()
    expect(page.locator("#enlarge")).to_be_visible()
    expect_no_result(page)


def test_a_run_that_is_refused_leaves_what_can_be_downloaded(open_page):
    page, _ = open_page()
    page.locator("#enlarge").click()
    expect(page.locator(".toast-body")).to_contain_text("Upload a photo first.")
    expect_downloads(page, disabled=False)


def test_on_a_phone_the_upload_comes_first_and_the_result_into_view(open_page, mug):
    page, _ = open_page(width=390)
    assert page.locator("#photo").bounding_box()["y"] < page.locator("#slider").bounding_box()["y"]
    page.set_input_files("#photo input[type=file]", mug)
    expect(page.locator("#slider .empty")).to_be_attached()
    page.locator("#enlarge").click()
    expect(page.locator("#line")).to_contain_text("60 × 40 → 240 × 160")
    page.wait_for_function(
        "() => { const box = document.querySelector('#slider').getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight; }"
    )


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_on_a_laptop_enlarge_is_seen_without_scrolling_and_beside_it_the_example_or_the_sample(open_page, mug, locale):
    page, _ = open_page(locale, 1280, 800)
    for photo in (None, mug):
        if photo:
            page.set_input_files("#photo input[type=file]", photo)
            expect(page.locator("#forecast")).to_contain_text("about" if locale == "en-US" else "约")
        box = page.locator("#enlarge").bounding_box()
        assert box["y"] + box["height"] <= 800
        beside = "#sample" if photo else "#slider"
        expect(page.locator(beside)).to_be_visible()
        page.wait_for_function(f"document.querySelector('{beside}').getBoundingClientRect().y < 400")  # once all has found its place


CONTRAST = """element => {
    const light = ([r, g, b]) => {
        const [x, y, z] = [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const levels = colour => colour.match(/[\\d.]+/g).map(Number);
    let ground = element;
    while (ground.parentElement && levels(getComputedStyle(ground).backgroundColor)[3] === 0) ground = ground.parentElement;
    const colours = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor];
    const [dark, bright] = colours.map(levels).map(light).sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_small_print_is_legible_in_both_schemes(open_page, scheme):
    page, _ = open_page(scheme=scheme)
    page.locator("#card summary").click()
    expect(page.locator("#card .figure span")).to_have_count(4)
    page_words = ("#model span", "#model [class*=info]", "#model label", "#model label.selected", "#enlarge", "#photo .wrap")
    for words in (*page_words, "#card .figure span", "#card .note", "#card .badge", "#slider button.blink", "#slider .hint"):
        assert page.locator(words).first.evaluate(CONTRAST) >= 4.5, words


def test_the_first_load_weighs_little(address, open_page):
    page, _ = open_page()
    weighing = page.context.new_cdp_session(page)
    weights = []
    weighing.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    weighing.send("Network.enable")
    weighing.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto(address)
    page.wait_for_selector("#slider .filled")
    page.wait_for_function("[...document.querySelectorAll('#slider img')].every(image => image.naturalWidth)")
    page.wait_for_load_state("load")
    page.wait_for_timeout(2000)  # what comes late counts, too
    weighing.detach()
    assert 100_000 < sum(weights) <= 1_000_000


def test_the_overlay_keeps_the_place_and_the_zoom(open_page):
    page, _ = open_page()
    page.locator("#slider .divider").press("PageUp")
    page.locator("#slider button.whole").click()
    place = page.locator("#slider .comparer").get_attribute("style")
    page.locator("#overlay input").check()
    expect(page.locator("#slider .tag").last).to_have_text("New detail")
    assert page.locator("#slider .comparer").get_attribute("style") == place
    expect(page.locator("#slider .divider")).to_have_attribute("aria-valuenow", "60")


def test_a_result_is_shared_as_a_page_that_needs_no_network(open_page, mug, tmp_path):
    page, _ = open_page()
    page.set_input_files("#photo input[type=file]", mug)
    expect_no_result(page)
    page.locator("#enlarge").click()
    expect(page.locator("#line")).to_contain_text("60 × 40 → 240 × 160")
    with page.expect_download() as download:
        page.locator("#download-page").click()
    assert download.value.suggested_filename == "mug_4x_cnn.html"
    file = tmp_path / "shared.html"
    shutil.copy(download.value.path(), file)
    saved = page.context.new_page()
    page.context.set_offline(True)
    asked = []
    saved.on("request", lambda request: asked.append(request.url))
    saved.goto(file.as_uri())
    expect(saved.locator(".layer img")).to_have_count(2)
    expect(saved.locator("body")).to_contain_text("60 × 40 → 240 × 160 pixels · Keeps to your photo 4×")
    saved.get_by_role("slider").press("End")
    expect(saved.get_by_role("slider")).to_have_attribute("aria-valuenow", "100")
    assert all(url.startswith(("file:", "data:")) for url in asked)


def test_a_run_can_be_cancelled_and_the_next_one_works(open_page, mug, tmp_path):
    Image.fromarray(np.tile(made_up(500, 500), (4, 4, 1))).save(tmp_path / "large.png")
    page, _ = open_page()
    page.set_input_files("#photo input[type=file]", tmp_path / "large.png")
    page.wait_for_selector("#photo img", state="attached")
    page.locator("#enlarge").click()
    page.locator("#cancel").click()
    expect(page.locator(".toast-body")).to_contain_text("Stopped.")
    expect(page.locator("#cancel")).to_be_hidden()
    page.locator("#photo").get_by_label("Remove Image").click()
    page.set_input_files("#photo input[type=file]", mug)
    page.locator("#enlarge").click()
    expect(page.locator("#line")).to_contain_text("60 × 40 → 240 × 160")


def test_a_photo_is_made_ready_for_a_marketplace(open_page, tmp_path):
    rgb = np.full((500, 500, 3), 250, np.uint8)
    rgb[30:470, 30:470] = np.tile(made_up(44, 44), (10, 10, 1)) // 2
    write(Photo(rgb), tmp_path / "shoe.png")
    page, _ = open_page()
    page.set_input_files("#photo input[type=file]", tmp_path / "shoe.png")
    page.locator("#choices button").first.click()
    page.locator("#size-choices button").first.click()
    expect(page.locator("#size")).to_be_visible()
    expect(page.locator("#snap")).to_be_hidden()
    page.locator("#preset input").click()
    page.get_by_role("option", name="Amazon main image").click()
    expect(page.locator("#size")).to_be_hidden()
    page.locator("#snap input").check()
    page.locator("#enlarge").click()
    expect(page.locator("#line")).to_contain_text("500 × 500 → 2000 × 2000 pixels · Keeps to your photo 4×")
    expect(page.locator("#card .rules")).to_contain_text("Amazon main image: all 6 rules are kept")
    with page.expect_download() as download:
        page.locator("#download").click()
    assert download.value.suggested_filename == "shoe_amazon_cnn.jpg"
    download.value.save_as(tmp_path / "shoe.jpg")
    with Image.open(tmp_path / "shoe.jpg") as picture:
        assert (picture.format, picture.size) == ("JPEG", (2000, 2000))


def test_the_dial_and_the_places_to_protect_are_shown_for_the_gan_only_and_painting_counts(open_page, mug, tmp_path):
    page, _ = open_page()
    page.set_input_files("#photo input[type=file]", mug)
    expect(page.locator("#forecast")).to_contain_text("240 × 160")  # the photo is there: what is to be painted on is shut until then
    expect(page.locator("#detail")).to_be_hidden()
    page.locator("#model").get_by_label("Adds texture").check()
    page.locator("#scale").get_by_label("2×").check()
    expect(page.locator("#detail")).to_be_visible()
    page.locator("#protect-choices button").first.click()
    page.wait_for_selector("#protect canvas")
    page.wait_for_timeout(2000)  # the photo is drawn on the canvas, which nothing tells
    canvas = page.locator("#protect canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 10, y)
    page.mouse.down()
    page.mouse.move(x + 10, y, steps=5)
    page.mouse.up()
    page.wait_for_timeout(1000)
    page.locator("#enlarge").click()
    expect(page.locator("#line")).to_contain_text("60 × 40 → 120 × 80 pixels · Adds texture 2×")
    with page.expect_download() as download:
        page.locator("#download").click()
    download.value.save_as(tmp_path / "painted.png")
    painted = read(tmp_path / "painted.png").rgb
    plain, dull = (upscale(read(mug), scale=2, model="gan", detail=detail).photo.rgb for detail in (None, 0))
    assert not np.array_equal(painted, plain)
    assert np.array_equal(painted[36:44, 56:64], dull[36:44, 56:64])
    page.locator("#model").get_by_label("Keeps to your photo", exact=True).check()
    expect(page.locator("#detail")).to_be_hidden()
    expect(page.locator("#protect-choices")).to_be_hidden()


def test_a_chinese_phone_gets_a_chinese_page_that_fits(open_page, tmp_path):
    (tmp_path / "letter.png").write_bytes(b"Dear Sir or Madam")
    page, _ = open_page("zh-CN", 390)
    expect(page.locator("#enlarge")).to_have_text("放大")
    expect(page.locator("#line")).to_contain_text("示例")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.set_input_files("#photo input[type=file]", tmp_path / "letter.png")
    page.wait_for_selector("#photo img", state="attached")
    page.locator("#enlarge").click()
    expect(page.locator(".toast-body")).to_contain_text("不是本程序能读取的图片")


@pytest.mark.parametrize(("width", "locale"), [(1280, "en-US"), (390, "zh-CN")])
def test_a_look_is_off_until_it_is_chosen_and_a_file_of_ones_own_gives_what_the_command_line_gives(open_page, tmp_path, width, locale):
    rgb = np.full((60, 80, 3), (240, 232, 220), np.uint8)
    rgb[15:45, 20:60] = made_up(30, 40)
    write(Photo(rgb), tmp_path / "mug.png")
    (tmp_path / "mine.cube").write_text(format_cube(spread_nodes(3) / 255 * [1, 0.97, 0.95], "mine"))
    page, _ = open_page(locale, width)
    page.set_input_files("#photo input[type=file]", tmp_path / "mug.png")
    page.locator("#choices button").first.click()
    expect(page.locator("#look")).to_be_hidden()
    page.locator("#look-choices button").first.click()
    expect(page.locator("#look input").first).to_be_checked()
    expect(page.locator("#look-product")).to_be_hidden()
    page.locator("#look label").last.click()
    page.set_input_files("#look-file input[type=file]", tmp_path / "mine.cube")
    expect(page.locator("#look-file")).to_contain_text("mine")
    page.locator("#look-product input[type=number]").fill("0.5")
    page.locator("#look-product input[type=number]").press("Enter")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("#scale label").first.click()
    page.locator("#enlarge").click()
    expect(page.locator("#line")).to_contain_text("80 × 60 → 160 × 120")
    expect(page.locator("#card")).to_contain_text("colour-critical" if locale == "en-US" else "颜色要求严格")
    with page.expect_download() as download:
        page.locator("#download").click()
    download.value.save_as(tmp_path / "page.png")
    options = ["--scale", "2", "--look", str(tmp_path / "mine.cube"), "--look-product", "0.5"]
    assert main(["upscale", str(tmp_path / "mug.png"), "-o", str(tmp_path / "shell.png"), *options]) == 0
    assert (tmp_path / "page.png").read_bytes() == (tmp_path / "shell.png").read_bytes()
