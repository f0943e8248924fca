"""A Chinese reader meets Chinese: every word that is seen or read aloud, gradio's own too, but for names."""

import re

import pytest
from conftest import needs_chromium, open_folds
from playwright.sync_api import expect

from ui.server.files import MAX_BYTES

pytestmark = needs_chromium

NAMES = (
    # networks, measures and methods
    *(
        "CNN",
        "GAN",
        "SRCNN",
        "SPAN",
        "Real-ESRGAN",
        "PSNR",
        "LR-PSNR",
        "SSIM",
        "NIQE",
        "ST-LPIPS",
        "SSIMULACRA",
        "CIEDE2000",
        "CLAHE",
        "Lanczos",
        "SHA-256",
    ),
    # kinds of files, and licences
    *("JPEG", "PNG", "WebP", "AVIF", "BMP", "TIFF", "GIF", "JSON", "CSV", "CC0", "CC", "BY"),
    # units and parts of a computer
    *("dB", "px", "KB", "MB", "ms", "API", "cpu", "cuda", "Hub"),
    # companies and places
    *("Amazon", "Berkeley", "Objects", "Google", "Merchant", "Center", "Walmart", "eBay", "Shopify", "Etsy", "TikTok", "Shop"),
    "English",  # the other language, as it calls itself
)
"""The words in Latin letters that a Chinese page may hold; beside them only what a person types, names of files, and ids."""
TYPED = "|".join(
    (
        r"\w+\.(?:png|txt)",
        r"owner/name/file\.safetensors|python -m sr_models evaluate",
        r"(?<=\d)x(?=\d)",
        r"[a-z]+(-[a-z]+)*-x?\d[\w-]*|\bnearest\b",
        r"\b[0-9a-f]{64}\b",
    )
)

READ = r"""() => {
    const found = new Set([document.title]), attributes = ['title', 'aria-label', 'alt', 'placeholder', 'aria-valuetext'];
    const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
        const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
        if (!element.checkVisibility() || element.closest('style, script')) continue;
        if (node !== element) found.add(node.data);
        else attributes.forEach(name => found.add(node.getAttribute(name) || ''));
    }
    return [...found];
}"""
"""All that is to be seen on the page, or read aloud of it."""


def find_latin(page) -> set[str]:
    """What is seen and has a word of two Latin letters or more that is no name."""
    return {text.strip() for text in page.evaluate(READ) if has_latin(text)}


def has_latin(text: str) -> bool:
    words = re.findall(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*", re.sub(TYPED, " ", text))
    return any(len(word) > 1 and word not in NAMES for word in words)


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("CNN：忠实（约 12 秒）", False),
        ("优先于 cnn-x4-web-v8 和 owner/name/file.safetensors", False),
        ("Error", True),
        ("TIFF or GIF", True),
    ],
)
def test_a_word_that_is_no_name_is_found(text, latin):
    assert has_latin(text) == latin


def test_no_latin_sentence_is_seen_on_the_chinese_page(open_page, tmp_path):
    page, _ = open_page("zh-CN")
    expect(page.locator("#card .badge")).to_be_visible()
    assert find_latin(page) == set()
    page.locator("#model input").last.check()
    expect(page.locator("#detail")).to_be_visible()
    open_folds(page)
    page.locator("#card summary").click()
    page.wait_for_selector("#protect canvas")
    assert find_latin(page) == set()
    for choice in ("#preset input", "#format input"):
        page.locator(choice).click()
        expect(page.get_by_role("option").first).to_be_visible()
        assert find_latin(page) == set()
        page.keyboard.press("Escape")


def test_a_reader_switches_to_the_other_language_and_the_browser_remembers_it(open_page):
    page, _ = open_page("en-US")
    page.locator("#language").click()
    expect(page.locator("#enlarge")).to_have_text("放大")
    page.reload()
    expect(page.locator("#enlarge")).to_have_text("放大")
    expect(page.locator("#line")).to_contain_text("像素")  # what the server says
    page.locator("#language").click()
    expect(page.locator("#enlarge")).to_have_text("Enlarge")
    expect(page.locator("#line")).to_contain_text("pixels")


def test_what_is_refused_is_refused_in_chinese(open_page, tmp_path):
    page, _ = open_page("zh-CN")
    (tmp_path / "1.png").write_bytes(bytes(MAX_BYTES + 1))
    (tmp_path / "2.txt").write_text("2")
    (tmp_path / "3.png").write_text("3")
    for name, said in (("1.png", "文件最大 50 MB"), ("2.txt", "不是图片：2.txt")):
        page.locator("#photo input[type=file]").set_input_files(tmp_path / name)
        expect(page.locator(".toast-body", has_text=said)).to_be_visible()
        assert find_latin(page) == set()
        page.reload()
        page.wait_for_selector("#slider .filled")
    page.locator("#photo input[type=file]").set_input_files(tmp_path / "3.png")
    page.wait_for_selector("#photo img", state="attached")
    page.locator("#enlarge").click()
    expect(page.locator(".toast-body")).to_contain_text("请使用 JPEG、PNG、WebP、AVIF、BMP、TIFF 或 GIF")


def test_compare_and_check_speak_chinese(open_page):
    page, _ = open_page("zh-CN")
    for place, tab, shown in ((2, "#compare-photo", "#compare-link"), (3, "#check-photo", "#check-csv")):
        page.locator("[role=tab]:visible").nth(place).click()
        page.locator(".gallery-item:visible").first.click()
        page.wait_for_selector(f"{tab} img")
        if place == 3:
            page.locator("#check").click()
        expect(page.locator(shown).first).to_be_visible()
        assert find_latin(page) == set()
