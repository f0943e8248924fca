"""The same crop through every model: in the library, on the page, and in the file that is sent on."""

import itertools
import re
import shutil

import numpy as np
import pytest
from conftest import CHROMIUM, PATIENCE, made_up, running_page
from PIL import Image
from playwright.sync_api import expect
from test_catalog import EMBEDDED
from test_upscale import FILES
from visitor import Request

import sr_models
from sr_models import CATALOG, SCALES, ModelError, Photo, find
from sr_models.figures import compare as crops
from ui.parts import views
from ui.server.files import list_examples
from ui.tabs import compare
from ui.words.texts import CHINESE

expect.set_options(timeout=PATIENCE * 1000)

CPU = sr_models.choose("cpu")


@pytest.fixture(scope="module")
def photo():
    return Photo(made_up(97, 111))


def whole_and_crop(photo, entry, x, y, whole=None):
    """The same place, uint8 rgb, cut out of the whole enlargement, and computed alone."""
    scale = entry.net.scale
    rows, columns = crops.locate_crop(photo, scale, x, y)
    whole = whole or enlarged(photo, entry)
    part, _ = crops.enlarge_crop(photo, entry, rows, columns, CPU)
    box = np.s_[rows.start * scale : rows.stop * scale, columns.start * scale : columns.stop * scale]
    return whole.rgb[box].astype(int), part.rgb.astype(int)


def enlarged(photo, entry):
    return sr_models.upscale(photo, scale=entry.net.scale, model=entry.id, device=CPU).photo


@pytest.mark.parametrize("entry", [*FILES, *(entry for entry in CATALOG if entry not in EMBEDDED)], ids=lambda entry: entry.id)
def test_the_crop_has_the_pixels_of_the_whole_enlargement(photo, entry):
    most = 0 if entry.family in ("bicubic", "lanczos") else 1  # another size of picture, another order of additions
    enlargement = enlarged(photo, entry)
    for x, y in ((55, 48), (0, 96), (110, 3)):
        whole, crop = whole_and_crop(photo, entry, x, y, whole=enlargement)
        assert np.abs(whole - crop).max() <= most


@pytest.mark.parametrize("scale", SCALES)
def test_without_the_surroundings_it_would_not(photo, scale, monkeypatch):
    monkeypatch.setattr(crops, "with_context", lambda place, length, reach: crops.Span(place.start, place.stop, place.start, place.stop))
    whole, crop = whole_and_crop(photo, sr_models.find("lanczos", scale), 55, 48)
    assert np.abs(whole - crop).max() > 1


def test_a_cut_out_product_has_the_colours_under_its_transparency_bled_as_in_the_whole():
    alpha = np.zeros((97, 111), np.uint8)
    alpha[:, :20] = alpha[40:60] = 255
    whole, crop = whole_and_crop(Photo(made_up(97, 111), alpha), sr_models.find("lanczos", 3), 60, 30)
    assert np.array_equal(whole, crop)


@pytest.fixture
def everything(monkeypatch, models=crops.models):
    """Also where the page of other tests is open, which goes without the slow networks."""
    monkeypatch.setattr(crops, "models", models)


@pytest.mark.parametrize("scale", SCALES)
def test_everything_of_the_catalogue_at_a_scale_is_compared_and_plain_resampling_comes_first(everything, photo, scale):
    found = list(crops.compare_models(photo, scale, 50, 50))
    assert {view.id for view in found} == {"nearest"} | {entry.id for entry in CATALOG if entry.net.scale == scale}
    assert {view.family for view in found[:3]} == {"nearest", "bicubic", "lanczos"}
    side = crops.SIDES[scale] * scale
    assert {view.picture.size for view in found} == {(side, side)}
    assert all(view.milliseconds > 0 and view.lr_psnr > 30 and view.delta_e < 3 for view in found)


def test_nearest_is_the_photo_itself_and_its_figures_say_so(photo):
    nearest = next(crops.compare_models(photo, 2, 0, 0))
    assert np.array_equal(nearest.picture.rgb, np.kron(photo.rgb[:80, :80], np.ones((2, 2, 1), np.uint8)))
    assert (nearest.lr_psnr, nearest.delta_e) == (np.inf, 0)


def test_figures_are_those_of_the_report_card(everything):
    small = Photo(made_up(40, 50))
    views = {view.id: view for view in crops.compare_models(small, 2, 20, 20)}
    for id in ("bicubic-x2", find("gan", 2).id):
        report = sr_models.examine(small, sr_models.upscale(small, scale=2, model=id))
        assert views[id].lr_psnr == pytest.approx(report.lr_psnr)
        assert views[id].delta_e == pytest.approx(report.delta_e)
        assert views[id].new_detail == pytest.approx(report.new_detail)


def said(family: str, **figures) -> str:
    """What stands below a view."""
    known = {"milliseconds": 5.0, "lr_psnr": 40.0, "delta_e": 0.4, "new_detail": 0.2} | figures
    return views.render_view("en", crops.View(family, family, ("clean",), Photo(made_up(8, 8)), **known))


def test_plain_resampling_agrees_by_construction_and_has_no_figure_that_would_be_the_best():
    for family in ("nearest", "bicubic", "lanczos"):
        assert "agrees by construction" in said(family, lr_psnr=np.inf, delta_e=0.0)
        assert "∞" not in said(family, lr_psnr=np.inf, delta_e=0.0)
    assert "agrees by construction" not in said("cnn")


@pytest.mark.parametrize(("delta_e", "words"), [(0.99, "the same"), (1.01, "ΔE 1.0")])
def test_colours_are_the_same_up_to_what_can_just_be_seen(delta_e, words):
    assert words in said("cnn", delta_e=delta_e)
    assert ("the same" in said("cnn", delta_e=delta_e)) == (words == "the same")
    assert "20%" in said("cnn", delta_e=delta_e)


def test_views_come_one_after_another(photo, monkeypatch):
    computed = []
    real = crops.upscale
    monkeypatch.setattr(crops, "upscale", lambda *photo, **wish: computed.append(wish["model"]) or real(*photo, **wish))
    one_after_another = crops.compare_models(photo, 2, 50, 50)
    assert [next(one_after_another).id, next(one_after_another).id] == ["nearest", "bicubic-x2"]
    assert computed == ["bicubic-x2"]


@pytest.mark.parametrize(("x", "y"), [(0, 0), (110, 96), (500, -7)])
def test_the_crop_stays_inside_the_photo(photo, x, y):
    rows, columns = crops.locate_crop(photo, 4, x, y)
    assert (rows.stop - rows.start, columns.stop - columns.start) == (80, 80)
    assert 0 <= rows.start < rows.stop <= 97
    assert 0 <= columns.start < columns.stop <= 111


def test_of_a_small_photo_everything_is_compared():
    small = Photo(made_up(7, 90), np.full((7, 90), 200, np.uint8))
    assert crops.locate_crop(small, 4, 45, 3) == (slice(0, 7), slice(5, 85))
    assert [view.picture.size for view in crops.compare_models(small, 4, 45, 3)] == [(320, 28)] * (1 + len(crops.models(4)))


def test_transparency_is_shown_on_white_and_the_profile_stays():
    empty = Photo(np.zeros((9, 9, 3), np.uint8), np.zeros((9, 9), np.uint8), b"profile")
    assert all((view.picture.rgb == 255).all() and view.picture.icc == b"profile" for view in crops.compare_models(empty, 2, 4, 4))


@pytest.mark.parametrize("size", [(97, 111), (3, 400), (1, 1)])
def test_where_nobody_chose_the_place_is_a_lively_one_inside_the_photo(size):
    rgb = np.full((*size, 3), 128, np.uint8)
    rgb[:, -30:] = made_up(size[0], min(30, size[1]))
    alpha = np.full(size, 255, np.uint8)
    x, y = crops.find_liveliest(Photo(rgb, alpha), 3)
    assert 0 <= x < size[1]
    assert 0 <= y < size[0]
    assert size[1] < 100 or x > size[1] - 70


def test_a_scale_that_is_not_offered_is_refused_in_words(photo):
    with pytest.raises(ModelError, match="The scale 5 is not offered"):
        next(crops.compare_models(photo, 5, 0, 0))


def quick(scale: int, models=crops.models):
    """The page is the same whatever the networks: without the slow ones."""
    return [entry for entry in models(scale) if entry.family not in ("cnn", "gan")]


@pytest.fixture
def uploads(uploads, monkeypatch):
    for module in (crops, compare):
        monkeypatch.setattr(module, "models", quick)
    return uploads


def test_the_address_of_an_example_sets_the_page(uploads):
    tabs, photo, scale, point = compare.on_address(Request(photo="camera", x="120", y="80", scale="3"))
    assert isinstance(tabs, compare.gr.Tabs)
    assert isinstance(photo, str)
    assert tabs.selected == "compare"
    assert uploads in compare.Path(photo).parents
    assert (scale, point) == ("3", {"photo": photo, "x": 120, "y": 80})
    assert compare.address_of(compare.Path(photo), 120, 80, 3) == "?photo=camera&x=120&y=80&scale=3"


@pytest.mark.parametrize(
    "wrong",
    [
        {"photo": "<script>"},
        {"photo": "../examples/camera"},
        {"x": "373"},
        {"y": "-1"},
        {"x": "1.5"},
        {"y": "9" * 5000},
        {"scale": "5"},
        {"scale": ""},
        None,
    ],
)
def test_an_address_with_anything_else_changes_nothing(wrong, uploads):
    query = {} if wrong is None else {"photo": "camera", "x": "120", "y": "80", "scale": "4"} | wrong
    assert all(update == compare.gr.skip() for update in compare.on_address(Request(**query)))


def test_an_upload_is_never_put_into_a_link(uploads):
    Image.open(list_examples()[0]).save(uploads / "camera.jpg", quality=90)
    *_, (line, _, link, *_) = compare.on_compare({"path": str(uploads / "camera.jpg")}, "2", None, None, Request())
    assert "Uploaded photos are never put into a link" in line
    assert (link.value, link.visible) == ("", False)


def test_a_file_that_is_no_photo_is_answered_with_a_sentence_and_everything_stays(uploads, notices):
    (uploads / "bad.png").write_bytes(b"Dear Sir")
    answers = list(compare.on_compare({"path": str(uploads / "bad.png"), "orig_name": "<b>.png"}, "2", None, None, Request()))
    assert len(notices) == 1
    assert notices[0].startswith("“&lt;b&gt;.png” is not a picture")
    assert all(update == compare.gr.skip() for update in answers[0])


def test_what_is_no_upload_and_what_is_no_scale_are_refused(uploads, notices):
    write_to = uploads / "mug.png"
    sr_models.write(Photo(made_up(9, 9)), write_to)
    list(compare.on_compare({"path": __file__}, "2", None, None, Request()))
    list(compare.on_compare({"path": str(write_to)}, "7", None, None, Request("zh")))
    assert notices == ["Upload a photo first.", "不支持 7 倍。请选择：2, 3, 4。"]


def test_a_click_on_the_last_edge_is_a_pixel_of_the_photo_and_another_photos_point_does_not_count(uploads):
    file = uploads / "mug.png"
    sr_models.write(Photo(made_up(120, 130)), file)
    asked = {"path": str(file)}
    for of, words in ((str(file), "(129, 119)"), ("another", "(80, ")):
        *_, (line, *_) = compare.on_compare(asked, "4", {"photo": of, "x": 130, "y": 120}, None, Request())
        assert words in line


def test_what_is_shown_already_is_not_computed_again(uploads):
    file = uploads / "mug.png"
    sr_models.write(Photo(made_up(30, 30)), file)
    *_, (*_, there) = compare.on_compare({"path": str(file)}, "4", None, None, Request())
    assert list(compare.on_compare({"path": str(file)}, "4", None, there, Request())) == [[compare.gr.skip()] * 5]
    assert len(list(compare.on_compare({"path": str(file)}, "2", None, there, Request()))) > 5


def test_each_yield_only_appends_to_the_grid(uploads):
    file = uploads / "mug.png"
    sr_models.write(Photo(made_up(30, 30)), file)
    grids = [grid for _, grid, *_ in compare.on_compare({"path": str(file)}, "4", None, None, Request())]
    assert all(after.startswith(before) for before, after in itertools.pairwise(grids))
    assert [grid.count("<img") for grid in grids] == [*range(2, len(quick(4)) + 3), len(quick(4)) + 2]


def test_the_saved_file_escapes_and_points_nowhere():
    page = views.render_page("zh-CN", "<script>alert(1)</script>", "a & b", "")
    assert "<script" not in page
    assert "a &amp; b" in page
    assert 'lang="zh"' in page


@pytest.mark.parametrize("sentence", [*views.TITLES.values(), *views.MADE_FOR.values()])
def test_what_a_view_is_called_is_translated(sentence):
    assert sentence in CHINESE


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    with pytest.MonkeyPatch.context() as patch:
        for module in (crops, compare):
            patch.setattr(module, "models", quick)
        with running_page(tmp_path_factory.mktemp("gradio")) as url:
            yield f"{url}/"


@pytest.fixture
def browse(chromium):
    """Opens an address in a browser of a given language, width, …"""
    opened = []

    def open_it(url, width=1280, **options):
        opened.append(chromium.new_context(viewport={"width": width, "height": 844}, **options))
        page = opened[-1].new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(url)
        return page

    yield open_it
    for context in opened:
        context.close()


def compared(page, words):
    """The sources of all pictures of the grid, once the comparison that `words` describe is there."""
    expect(page.locator("#compare-line")).to_contain_text(words)
    expect(page.locator("#compare-grid img")).to_have_count(2 + len(quick(4)))
    return page.locator("#compare-grid img").evaluate_all("images => images.map(image => image.src)")


def test_a_link_brings_the_same_view_of_an_example_back(address, browse):
    page = browse(address)
    page.get_by_role("tab").nth(2).click()
    page.locator(".gallery-item:visible").first.click()
    compared(page, "80 × 80 pixels around (120, 80)")
    box, (width, height) = page.locator("#compare-photo img").bounding_box(), sr_models.read(list_examples()[0]).size
    page.locator("#compare-photo img").click(position={"x": box["width"] * 200 / width, "y": box["height"] * 300 / height})
    pictures = compared(page, re.compile(r"around \((199|20\d), (299|30\d)\)"))  # a screen pixel or two
    link = page.locator("#compare-link textarea")
    expect(link).to_have_value(re.compile(re.escape(f"{address}?photo=camera&x=") + r"(199|20\d)&y=(299|30\d)&scale=4"))
    again = browse(link.input_value())
    assert compared(again, re.compile(r"around \((199|20\d), ")) == pictures
    assert again.get_by_role("tab", selected=True).inner_text() == "Compare"


def test_a_wrong_link_opens_the_page_as_usual(address, browse):
    page = browse(f"{address}?photo=<img src=x onerror=alert(1)>&x=1&y=1&scale=4")
    page.wait_for_selector("#slider .filled")
    assert page.get_by_role("tab", selected=True).inner_text() == "Enlarge"
    assert page.locator("img[src=x]").count() == 0


def test_a_click_on_a_turned_photo_means_the_pixel_that_is_seen_and_the_phone_does_not_scroll(address, browse, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = np.zeros((400, 600, 3), np.uint8)
    lying[350:, :50] = 255  # turned by 90° clockwise: at the top left
    Image.fromarray(lying).save(tmp_path / "turned.jpg", exif=exif)
    page = browse(address, 390, locale="zh-CN")
    page.get_by_role("tab").nth(2).click()
    page.set_input_files("#compare-photo input[type=file]", tmp_path / "turned.jpg")
    compared(page, "放大 4 倍")
    box = page.locator("#compare-photo img").bounding_box()
    shown = box["height"] / 600  # the height limits it
    page.locator("#compare-photo img").click(position={"x": box["width"] / 2 - 180 * shown, "y": 20 * shown})
    expect(page.locator("#compare-line")).to_contain_text(re.compile(r"\((1\d|2\d), (1\d|2\d)\)"))
    expect(page.locator("#compare-line")).to_contain_text("上传的照片绝不会放入链接")
    assert page.locator("#compare-link").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    brightest = """image => {
        const canvas = document.createElement('canvas').getContext('2d')
        canvas.drawImage(image, 0, 0)
        return canvas.getImageData(20, 20, 1, 1).data[0]
    }"""
    assert page.locator("#compare-grid img").nth(1).evaluate(brightest) > 250


def test_the_saved_comparison_opens_without_network_and_script(address, browse, tmp_path):
    page = browse(f"{address}?photo=sweater&x=150&y=120&scale=4")
    pictures = compared(page, "(150, 120)")
    with page.expect_download() as download:
        page.locator("#compare-save").click()
    assert download.value.suggested_filename == "sweater_compare_4x.html"
    file = tmp_path / "sweater_compare_4x.html"
    shutil.copy(download.value.path(), file)
    assert not re.search(r"(src|href|url|@import)[^>]{0,9}https?:", file.read_text())
    for width in (1280, 390):
        offline = browse("about:blank", width, offline=True, java_script_enabled=False)
        asked = []
        offline.on("request", lambda request, asked=asked: asked.append(request.url))
        offline.goto(file.as_uri())
        loaded = offline.locator("img").evaluate_all("images => images.map(image => image.naturalWidth)")
        assert len(loaded) == len(pictures)
        assert min(loaded) > 0
        assert all(url.startswith(("file:", "data:")) for url in asked)
        assert offline.evaluate("document.documentElement.scrollWidth") == width
    expect(offline.locator("h1")).to_have_text(f"sweater: the same crop through {len(pictures) - 1} models")
    expect(offline.locator("code").last).to_have_text("srcnn-x4-v4")


def test_a_photo_that_is_removed_takes_its_comparison_with_it(address, browse):
    page = browse(f"{address}?photo=tea&x=10&y=10&scale=4")
    compared(page, "(10, 10)")
    page.locator("#compare-photo").get_by_label("Remove Image").click()
    expect(page.locator("#compare-grid img")).to_have_count(0)
    expect(page.locator("#compare-link")).to_have_count(0)
    assert page.locator(".toast-body").count() == 0
    assert page.get_by_text("Error", exact=True).count() == 0


def test_the_tab_speaks_of_a_large_photo_as_of_any_other(address, browse, tmp_path):
    Image.fromarray(np.tile(made_up(300, 400), (10, 10, 1))).save(tmp_path / "large.jpg")
    page = browse(address)
    page.get_by_role("tab").nth(2).click()
    page.set_input_files("#compare-photo input[type=file]", tmp_path / "large.jpg")
    compared(page, "80 × 80 pixels around")
    box = page.locator("#compare-photo img").bounding_box()
    page.locator("#compare-photo img").click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(page.locator("#compare-line")).to_contain_text(re.compile(r"\((199|200)\d, (149|150)\d\)"))
