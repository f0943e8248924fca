"""The page for those who see little, use no mouse, or read it aloud: axe's rules, names, headings, and the keyboard alone."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import needs_chromium, open_folds
from playwright.sync_api import expect

from ui.server.files import list_examples
from ui.words.gradios import EXAMPLES

pytestmark = needs_chromium

WIDTHS = 1280, 390
OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
"""Axe's own rules, and that what is touched measures 24 pixels or stands apart."""
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}
"""Those of axe's rules that look at colours: all that is different in the dark."""


def find_violations(page, options: dict = OPTIONS) -> list[str]:
    """What axe calls critical or serious, one line each; of the page at rest, since a colour half way to another may be pale."""
    page.add_style_tag(content="*, ::before, ::after {transition: none !important; animation: none !important}")
    found = Axe().run(page, options=options).response["violations"]
    grave = [rule for rule in found if rule["impact"] in ("critical", "serious")]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in grave for node in rule["nodes"]]


def assert_fair(page, *where) -> None:
    """Nothing grave is found, in the light and in the dark."""
    assert find_violations(page) == [], where
    page.emulate_media(color_scheme="dark")
    expect(page.locator("body.dark")).to_be_attached()
    assert find_violations(page, COLOURS) == [], (*where, "dark")
    page.emulate_media(color_scheme="light")
    expect(page.locator("body.dark")).to_have_count(0)


def open_all(page) -> None:
    """Shows what is folded, and what only the GAN has."""
    page.locator("#model input").last.check()
    expect(page.locator("#detail")).to_be_visible()
    open_folds(page)
    page.locator("#card summary").click()


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_axe_finds_nothing_grave_on_any_tab_in_light_and_dark(open_page, locale):
    page, _ = open_page(locale)
    expect(page.locator("#card .badge")).to_be_visible()
    for tab in range(4):
        page.locator("[role=tab]:visible").nth(tab).click()
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            if tab == 0 and width == WIDTHS[0]:
                assert_fair(page)
                open_all(page)
            assert_fair(page, tab, width)
        page.set_viewport_size({"width": WIDTHS[0], "height": 844})


def test_axe_finds_nothing_grave_in_what_compare_and_check_show(open_page):
    page, _ = open_page()
    for tab, shown in (("Compare", "#compare-link"), ("Check", "#check-csv")):
        page.get_by_role("tab", name=tab).click()
        page.locator(".gallery-item:visible").first.click()
        if tab == "Check":
            page.wait_for_selector("#check-photo img")
            page.locator("#check").click()
        expect(page.locator(shown).first).to_be_visible()
        assert find_violations(page) == [], tab


def test_axe_does_find_a_button_without_a_name_and_pale_print(open_page):
    page, _ = open_page()
    page.evaluate("document.querySelector('#enlarge').style.color = '#6366f1'")
    page.evaluate("document.querySelector('#slider button.fit').textContent = ''")
    for options, found in ((OPTIONS, {"color-contrast", "button-name"}), (COLOURS, {"color-contrast"})):
        assert {line.split(":")[0] for line in find_violations(page, options)} == found


@pytest.mark.parametrize(("locale", "language"), [("en-US", "en"), ("zh-CN", "zh")])
def test_every_example_has_a_name(open_page, locale, language):
    assert set(EXAMPLES[language]) == {path.stem for path in list_examples()}
    page, _ = open_page(locale)
    for name in EXAMPLES[language].values():
        expect(page.get_by_role("button", name=name, exact=True).first).to_be_visible()


def test_there_is_one_first_heading_and_one_below_it_for_what_is_shown(open_page):
    page, _ = open_page()
    for tab in ("Enlarge", "Catalogue", "Compare", "Check"):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Product-photo super-resolution")
        expect(page.get_by_role("heading", level=2)).to_have_text([tab])


def test_the_keyboard_alone_goes_from_upload_to_download(open_page, mug):
    page, _ = open_page()

    def go_to(selector: str) -> None:
        """Presses Tab until the element is reached; no more often than there are places."""
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate(f"document.activeElement.matches({json.dumps(selector)})"):
                return
        raise AssertionError(f"Tab does not reach {selector}")

    expect(page.locator("#card .badge")).to_be_visible()
    go_to("#photo button[aria-dropeffect]")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(mug)
    page.wait_for_selector("#photo img", state="attached")
    go_to("#scale input[value='3']")  # gradio gives each choice a place of its own
    page.keyboard.press("Space")
    go_to("#enlarge")
    page.keyboard.press("Enter")
    expect(page.locator("#line")).to_contain_text("60 × 40 → 180 × 120")
    expect(page.locator("button#download, #download button")).to_be_enabled()
    go_to("#slider .divider")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#slider .divider")).to_have_attribute("aria-valuenow", "51")
    go_to("#download, #download *")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "mug_3x_cnn.png"
