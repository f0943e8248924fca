"""The page without a browser: the API, its refusals, and what each door gives."""

import ast
import asyncio
import inspect
import json
import string
from dataclasses import Field, dataclass, field, fields, make_dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from conftest import ROOT, as_upload, encoded, get, made_up, post, running_page
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from visitor import Request

import sr_models
from sr_models import CATALOG, Order, PhotoError, carry_out, find, weights
from sr_models.__main__ import main
from sr_models.command import make_order, parser
from sr_models.nets import DetailNetwork
from sr_models.photo import Note
from sr_models.reading import recompress
from sr_models.runners import DialledRunner, make_runner
from sr_models.stages.enlarge import DETAIL, check_detail
from sr_models.stages.steps import STEPS
from sr_models.wishes import WISHES
from ui import api
from ui.parts import choices, forecast, intake, made, protection
from ui.parts.card import render_card
from ui.server import audience, budget, files, pace
from ui.tabs import enlarge
from ui.words.chinese import CHINESE
from ui.words.texts import LABELS, labels, say


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with running_page(tmp_path_factory.mktemp("gradio")) as url:
        yield f"{url}/"


@pytest.fixture(scope="module")
def client(address):
    return Client(address, verbose=False)


@pytest.fixture
def mug(tmp_path):
    Image.fromarray(made_up(21, 30)).save(tmp_path / "mug 杯子.jpg")
    return tmp_path / "mug 杯子.jpg"


def test_what_is_repeated_after_its_run_repeats_nothing_that_did_not_happen(address):
    events = get(f"{address}config").json()["dependencies"]
    repeated = [event for event in events if event["backend_fn"] and event["trigger_mode"] == "always_last"]
    assert len(repeated) >= 10
    for event in repeated:  # gradio repeats the trigger of the run before: folds were shut and shots taken away when the scale was chosen
        assert len(event["targets"]) == 1, event["api_name"]


def test_python_command_line_and_page_give_the_same_file(client, mug, tmp_path):
    main(["upscale", str(mug), "-o", str(tmp_path / "shell.png"), "--scale", "2", "--model", "gan"])
    from_page, report = client.predict(photo=handle_file(mug), scale=2, model="gan", api_name="/upscale")
    from_python = sr_models.upscale(sr_models.read(mug), scale=2, model="gan")
    assert report["model"] == from_python.entry.id
    assert Path(from_page).name == "mug 杯子_2x_gan.png"
    for other in (sr_models.read(from_page), sr_models.read(tmp_path / "shell.png")):
        assert np.array_equal(other.rgb, from_python.photo.rgb)
    sr_models.write(from_python.photo, tmp_path / "python.png")
    done = carry_out(sr_models.read(mug), Order(scale=2, model="gan"))
    saved = [Path(file).read_bytes() for file in (from_page, tmp_path / "shell.png", tmp_path / "python.png")]
    assert saved == [done.file.data] * 3


def test_python_command_line_and_page_give_the_same_file_of_the_same_wishes(client, mug, tmp_path):
    options = "--model lanczos --size 50x50 --how pad --background 20A0C0 --before denoise=0.3 --after sharpen --quality 80"
    assert main(["upscale", str(mug), "-o", str(tmp_path / "shell.jpg"), *options.split()]) == 0
    wishes = {"size": "50x50", "how": "pad", "background": "#20a0c0", "before": "denoise=0.3", "after": "sharpen", "quality": 80}
    done = carry_out(sr_models.read(mug), Order(model="lanczos", format="jpeg", **wishes))
    from_page, _ = client.predict(photo=handle_file(mug), model="lanczos", format="jpeg", api_name="/upscale", **wishes)
    sr_models.write(done.picture, tmp_path / "python.jpg", done.order.output)
    saved = [Path(file).read_bytes() for file in (from_page, tmp_path / "shell.jpg", tmp_path / "python.jpg")]
    assert saved == [done.file.data] * 3


def test_python_command_line_and_page_look_as_often(client, mug, tmp_path):
    options = "--scale 2 --model cnn-fast --steps 4"
    assert main(["upscale", str(mug), "-o", str(tmp_path / "shell.png"), *options.split()]) == 0
    from_page, report = client.predict(photo=handle_file(mug), scale=2, model="cnn-fast", steps=4, api_name="/upscale")
    sr_models.write(sr_models.upscale(sr_models.read(mug), scale=2, model="cnn-fast", steps=4).photo, tmp_path / "python.png")
    done = carry_out(sr_models.read(mug), Order(**choices.words({"scale": "2", "model": "cnn", "speed": "fast", "steps": 4})))
    saved = [Path(file).read_bytes() for file in (from_page, tmp_path / "shell.png", tmp_path / "python.png")]
    assert saved == [done.file.data] * 3
    assert report["steps"] == 4
    assert saved[0] != carry_out(sr_models.read(mug), replace(done.order, steps=1)).file.data


@pytest.mark.parametrize(("endpoint", "given", "without"), [("/upscale", "photo", set()), ("/catalogue", "photos", {"others"})])
def test_the_api_offers_endpoints_with_the_names_of_the_command_line(client, endpoint, given, without):
    endpoints = client.view_api(return_format="dict")["named_endpoints"]
    assert set(endpoints) == {"/upscale", "/catalogue"}
    photo, *names = [p["parameter_name"] for p in endpoints[endpoint]["parameters"]]
    assert photo == given
    about_files = {"photos", "output", "report", "device", "threads", "run"}
    assert {*names} == vars(parsed([])).keys() - about_files - without - {"long_side"}  # "1600" as size


def test_what_callers_give_by_its_place_keeps_it():
    wishes = "scale, model, input, faithful, detail, preset, snap, size, how, before, after, format, quality, max_kb, background"
    later = "look, look_strength, look_product"
    parameters = inspect.signature(api.with_wishes(api.upscale)).parameters
    assert ", ".join(parameters).startswith(f"photo, {wishes}, {later}, others, steps")
    assert ", ".join(row.name for row in fields(Order)).startswith(f"{wishes}, {later}, steps")


def parsed(options: list[str]):
    return parser().parse_args(["upscale", "mug.png", "-o", "out", *options])


def test_the_api_makes_a_photo_ready_for_a_marketplace(client, tmp_path):
    rgb = np.full((60, 60, 3), 255, np.uint8)
    rgb[5:55, 5:55] = 90
    Image.fromarray(rgb).save(tmp_path / "shoe.png")
    wish = {"preset": "jd", "model": "lanczos", "quality": 80, "after": "sharpen=0.5"}
    file, report = client.predict(photo=handle_file(tmp_path / "shoe.png"), api_name="/upscale", **wish)
    assert Path(file).name == "shoe_jd_lanczos.jpg"
    with Image.open(file) as picture:
        assert picture.size == (800, 800)
    assert report["file"]["quality"] == 80
    assert {rule["rule"]: rule["ok"] for rule in report["rules"]}["background"]
    assert [note for note in report["notes"] if "sharpen=0.5" in note]


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"scale": 5}, "The scale 5 is not offered"),
        ({"model": "esrgan"}, "There is no model “esrgan”"),
        ({"input": "dirty"}, "is no kind of input"),
        ({"detail": 0.5}, "has no detail dial"),
        ({"size": "large"}, "“large” is no size"),
        ({"size": "40x40", "how": "stretch"}, "“stretch” is no way"),
        ({"size": 50, "preset": "jd"}, "Leave one of the two out"),
        ({"snap": True}, "for a marketplace only"),
        ({"preset": "harrods"}, "There is no preset “harrods”"),
        ({"before": "sharpen=1"}, "There is no step “sharpen” here"),
        ({"format": "bmp"}, "“bmp” is no format"),
        ({"quality": 80}, "PNG has no quality"),
        ({"format": "jpeg", "quality": 0}, "“0” is no quality"),
        ({"format": "jpeg", "quality": 80.5}, "“80.5” is no quality"),
        ({"max_kb": "few"}, "“few” is no number"),
        ({"background": "red"}, "“red” is no colour"),
        ({"look": "vivid"}, "no look “vivid”"),
        ({"look_product": 0.5}, r"no look\. Choose one"),
        ({"steps": 9}, "9 steps are not offered"),
        ({"steps": 2, "model": "gan"}, "gains nothing by looking again"),
    ],
)
def test_a_wrong_wish_reaches_the_caller_as_one_sentence(client, mug, wish, words):
    with pytest.raises(AppError, match=words):
        client.predict(photo=handle_file(mug), api_name="/upscale", **wish)


def test_a_look_through_the_api_is_that_of_python(client, tmp_path):
    rgb = np.full((60, 80, 3), (240, 236, 228), np.uint8)
    rgb[20:40, 25:55] = made_up(20, 30)
    Image.fromarray(rgb).save(tmp_path / "mug.png")
    wishes = {"scale": 2, "model": "bicubic", "look": "studio", "look_strength": 0.5, "look_product": 0.25}
    file, report = client.predict(photo=handle_file(tmp_path / "mug.png"), api_name="/upscale", **wishes)
    done = carry_out(sr_models.Photo(rgb), Order(**wishes))
    assert Path(file).read_bytes() == done.file.data
    assert report["look_product"] == done.as_json()["look_product"]
    assert report["look_product"] > 0
    assert report["look_behind"] > 0


def as_chosen(chosen: dict) -> Order:
    return Order(**choices.words(chosen))


@pytest.mark.parametrize(
    ("chosen", "options"),
    [
        ({}, []),
        ({"scale": "2", "model": "gan", "faithful": "exact", "input": "web"}, "--scale 2 --model gan --faithful exact --input web"),
        ({"scale": "3", "model": "cnn", "network": "srcnn-x3-v3"}, "--scale 3 --model srcnn-x3-v3"),
        ({"model": "gan", "detail": 0.3}, "--model gan --detail 0.3"),
        ({"size": " 1600 ", "how": "fill"}, "--long-side 1600"),
        ({"size": "60 × 40"}, "--size 60x40"),
        ({"size": "60x40", "how": "pad", "background": "rgba(255, 0, 0, 1)"}, "--size 60x40 --how pad --background FF0000"),
        ({"preset": "amazon", "snap": True, "size": ""}, "--preset amazon --snap"),
        ({"preset": "ebay", "format": "png"}, "--preset ebay --format png"),
        ({"preset": "ebay", "max_kb": "300"}, "--preset ebay --max-kb 300"),
        (
            {"format": "jpeg", "quality": "80", "max_kb": "100", "background": "#00ff00"},
            "--format jpeg --quality 80 --max-kb 100 --background #00FF00",
        ),
        ({"format": "webp-lossless", "quality": ""}, "--format webp-lossless"),
        ({"denoise": 0.3, "crop": 0, "sharpen": 0.5}, "--before denoise=0.3 --after sharpen=0.5"),
        ({"model": "cnn", "speed": "fast", "steps": 4}, "--model cnn-fast --steps 4"),
        ({"model": "gan", "steps": 4}, "--model gan"),
    ],
)
def test_page_and_command_line_make_the_same_order_of_the_same_wishes(chosen, options):
    from_page, from_shell = as_chosen(chosen), make_order(parsed(options.split() if options else []))
    assert from_page == from_shell


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("#0080ff", (0, 128, 255)),
        ("0080FF", (0, 128, 255)),
        ("rgb(0, 128, 255)", (0, 128, 255)),
        ("rgba(0.2, 127.9, 255, 1)", (0, 128, 255)),
        ("hsl(240, 100%, 50%)", (0, 0, 255)),
        ("hsla(0, 0%, 100%, 1)", (255, 255, 255)),
    ],
)
def test_a_colour_counts_however_the_picker_writes_it(text, colour):
    assert Order(background=text).colour == colour


@pytest.mark.parametrize("text", ["red", "#fff", "#ffffffff", "rgb(1, 2)", "hsl(a, b, c)", "rgb(nan, 0, 0)", "rgb(inf, 0, 0)"])
def test_what_is_no_colour_is_refused_in_words(text):
    with pytest.raises(PhotoError, match="is no colour"):
        Order(background=text)


def test_a_size_of_too_many_digits_is_refused_in_words():
    for digits in (7, 5000):
        with pytest.raises(PhotoError, match="is no size" if digits < 300 else "“size” was given 5000 characters"):
            as_chosen({"size": "9" * digits})


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry.id)
def test_the_dial_is_shown_for_the_networks_that_have_one(entry):
    assert enlarge.model_has_dial(entry.id) == isinstance(entry.net.build(), DetailNetwork)
    assert not enlarge.model_has_dial("magic")
    if find(entry.family, entry.net.scale) == entry:
        assert enlarge.model_has_dial(entry.family) == enlarge.model_has_dial(entry.id)


@dataclass(frozen=True)
class OtherConfig:
    """Of a second architecture with a dial."""

    scale: int = 2
    halo: int = 0

    def build(self) -> DetailNetwork:
        return DetailNetwork()


def test_a_second_architecture_with_a_dial_has_a_slider_and_a_runner_too(monkeypatch):
    other = replace(find("gan", 2), id="other-x2-v1", family="other", net=OtherConfig())
    monkeypatch.setattr(choices, "CATALOG", (*CATALOG, other))
    assert choices.model_has_dial("other-x2-v1")
    assert check_detail(None, other) == DETAIL
    rgb = made_up(8, 9)
    assert isinstance(make_runner(other, rgb, np.ones((8, 9), np.float32)), DialledRunner)
    assert not choices.model_has_dial(find("cnn", 2).id)


def test_size_and_seconds_of_the_result_are_said_beforehand(uploads, monkeypatch):
    known = pace.Pace()
    monkeypatch.setattr(forecast, "pace", SimpleNamespace(here=known))  # not the one that learns from the example meanwhile
    Image.fromarray(made_up(40, 50)).save(uploads / "mug.png")
    mug = as_upload(uploads / "mug.png")

    def told(photo=mug, language="en", **words) -> str:
        return forecast.foretell(language, photo, words)[0]

    assert told(scale=4) == "200 × 160"  # nothing was seen yet
    known.saw("bicubic", 4, 2000, network=0.001, whole=8)
    assert told(scale=4, model="bicubic") == "200 × 160 · about 8 s here"
    known.timed("cnn", 4, 2000, 20)
    known.timed("gan", 4, 2000, 20)
    assert told(scale=4) == "200 × 160 · about 58 s here"  # 20 of the CNN, 30 of the GAN for the report card, 8 of the rest
    assert told(scale=4, model="gan", language="zh-CN") == "200 × 160 · 在此约 58 秒"
    assert told(scale=4, model="owner/name/file.safetensors") == "200 × 160"  # it would have to be fetched first
    assert told(size="100").startswith("100 × 80 · about")
    assert told(size="100x100", how="pad").startswith("100 × 100 · about")
    assert told(preset="jd").startswith("JD main image (京东主图) · 800 × 800 · about")
    assert told(scale=2, before="crop").startswith("up to 100 × 80 · about")
    assert told(size="large").startswith("“large” is no size")
    monkeypatch.setattr(audience.here, "public", True)
    monkeypatch.setattr(budget, "MOST", 0.001)
    assert told(scale=4).startswith("This page is open to everybody")
    (uploads / "mug.png").write_bytes(b"Dear Sir")
    for nothing in (None, mug, {"path": "elsewhere.png"}):
        assert told(nothing) == ""


def test_the_size_that_is_said_is_that_of_the_upright_photo(uploads):
    lying = Image.Exif()
    lying[0x0112] = 6
    Image.fromarray(made_up(40, 50)).save(uploads / "mug.jpg", exif=lying)
    assert sr_models.read(uploads / "mug.jpg").size == (40, 50)
    assert forecast.foretell("en", as_upload(uploads / "mug.jpg"), {"scale": 2})[0].startswith("80 × 100")


def test_two_passes_take_the_seconds_of_both(monkeypatch):
    monkeypatch.setattr(forecast, "pace", SimpleNamespace(here=pace.Pace({"cnn": 1e9}, rest=0)))
    twice, *each = (
        forecast.expected(size, order, second_opinion=False)
        for size, order in (
            ((50, 40), Order(model="gan", size="400")),
            ((50, 40), Order(model="gan", scale=2)),
            ((100, 80), Order(model="cnn", scale=4)),
        )
    )
    assert twice == pytest.approx(sum(seconds or 0 for seconds in each))


def test_a_faster_run_counts_and_a_slower_one_does_not():
    known = pace.Pace()
    assert known.expected("cnn", 2, 1000) is None
    for network in (3.0, 2.0, 5.0):
        known.saw("srcnn", 2, 1000, network, network + 1)
    assert known.expected("srcnn", 2, 1000) == pytest.approx(3)
    assert known.expected("srcnn", 2, 4000) == pytest.approx(12)


def test_what_the_report_card_asks_of_the_other_family_counts_once_however_large_the_photo():
    known = pace.Pace({"cnn": 1e9, "gan": 1e9}, rest=0)
    small, large = (known.expected("cnn", 2, pixels) - known.network("cnn", 2, pixels) for pixels in (96**2, 300**2))
    assert small == pytest.approx(known.network("gan", 2, 96**2))
    assert large == pytest.approx(small)
    assert known.expected("bicubic", 2, 1000) == known.network("bicubic", 2, 1000)


def test_the_example_is_the_first_run_that_is_seen(monkeypatch):
    monkeypatch.setattr(pace, "here", pace.Pace())
    enlarge.compute_showcase.__wrapped__()
    assert pace.here.expected("cnn", 4, 1000) > 0


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"name": "a.png", "why": "many", "count": 2000}, "These are 2000 photos, and up to 1000 are taken at a time."),
        ({"name": "<b>a.png", "why": "large"}, "“&lt;b&gt;a.png” is larger than the 50 megabytes that are taken."),
        ({"name": "a.png", "why": "broken"}, "“a.png” could not be uploaded."),
        ({"name": "a.png", "why": ["odd"]}, None),
        ({"name": "a.png", "why": "odd"}, None),
        ({"name": "a.png"}, None),
        ([], None),
    ],
)
def test_what_became_of_files_that_were_not_taken_is_said(notices, told, said):
    intake.on_stop(json.dumps(told), Request())
    intake.on_stop("Dear Sir", Request())
    assert [notice.startswith(said) for notice in notices] == ([True] if said else [])


def test_what_was_painted_is_marked_on_the_photo_in_its_own_pixels(uploads):
    photo = sr_models.Photo(made_up(40, 60))
    layer = np.zeros((20, 30, 4), np.uint8)
    layer[5:10, 20:] = 255, 0, 128, 150
    Image.fromarray(layer).save(uploads / "layer.png")
    Image.fromarray(np.zeros_like(layer)).save(uploads / "empty.png")
    drawn, empty = (as_upload(uploads / name) for name in ("layer.png", "empty.png"))
    marked = protection.read_mask({"layers": [empty, drawn]}, photo)
    expected = np.zeros((40, 60), bool)
    expected[10:20, 40:] = True
    assert marked is not None
    assert np.array_equal(marked, expected)
    for nothing in (None, {}, {"layers": None}, {"layers": []}, {"layers": [empty]}):
        assert protection.read_mask(nothing, photo) is None
    with pytest.raises(PhotoError, match="Upload"):
        protection.read_mask({"layers": [{"path": str(ROOT / "examples" / "jar.jpg")}]}, photo)


@pytest.mark.parametrize("data", [b"", b"Dear Sir", b"\x89PNG\r\n\x1a\n and then nothing"])
def test_a_bad_file_reaches_the_caller_as_one_sentence_with_its_name_and_no_path(client, tmp_path, data):
    (tmp_path / "bad.png").write_bytes(data)
    with pytest.raises(AppError, match=r"“bad\.png”") as refusal:
        client.predict(photo=handle_file(tmp_path / "bad.png"), api_name="/upscale")
    assert "/" not in str(refusal.value).replace("/upscale", "")


@pytest.mark.parametrize("meta", [{}, {"meta": {"_type": "gradio.FileData"}}])
def test_a_file_of_the_server_cannot_be_asked_for(address, tmp_path, meta):
    Image.fromarray(made_up(8, 8)).save(tmp_path / "private.png")
    photo = {"path": str(tmp_path / "private.png"), **meta}
    answer = post(f"{address}gradio_api/call/v2/upscale", json={"photo": photo, "scale": 2, "model": "bicubic"})
    assert answer.status_code == 403
    assert answer.json() == {"detail": "Upload a photo first."}


def test_an_upload_is_enlarged_for_who_asks_with_plain_requests(address):
    photo = post(f"{address}gradio_api/upload", files={"files": ("mug.png", encoded_photo(), "image/png")}).json()[0]
    answer = asked(address, {"photo": {"path": photo, "meta": {"_type": "gradio.FileData"}}, "scale": 2, "model": "bicubic"})
    assert "event: complete" in answer
    assert "mug_2x_bicubic.png" in answer


def asked(address: str, choices: dict) -> str:
    """What the API answers to a request as `curl` would send it."""
    event = post(f"{address}gradio_api/call/v2/upscale", json=choices).json()["event_id"]
    return get(f"{address}gradio_api/call/upscale/{event}").text


def encoded_photo() -> bytes:
    return encoded(made_up(8, 8))


def test_what_is_no_upload_is_answered_with_a_sentence(tmp_path):
    Image.fromarray(made_up(8, 8)).save(tmp_path / "private.png")
    for asked in ({"path": str(tmp_path / "private.png")}, {"path": 5}, "photo.png", [], {"url": "data:image/png;base64,AAAA"}, None):
        with pytest.raises(sr_models.PhotoError, match="Upload a photo first"):
            files.take_upload(asked)


@pytest.mark.parametrize("scale", [2, 2.0, "2"])
def test_a_scale_counts_however_json_writes_it(scale):
    assert Order(scale=scale).scale == 2


@pytest.mark.parametrize("scale", ["abc", 2.5, None, []])
def test_what_is_no_scale_is_refused_in_words(scale):
    with pytest.raises(sr_models.ModelError, match="is not offered"):
        Order(scale=scale)


def test_cancel_works_before_the_run_has_its_turn(uploads, notices):
    Image.fromarray(made_up(8, 8)).save(uploads / "mug.png")
    enlarge.on_start(Request())
    asyncio.run(enlarge.on_cancel(Request()))
    chosen = {"photo": as_upload(uploads / "mug.png"), "scale": "2", "model": "cnn", "network": "", "detail": 0.6, "protect": None}
    chosen["shots"] = None
    enlarge.on_enlarge(chosen, Request(), gr.Progress())
    assert notices == ["Stopped."]
    assert enlarge.running == {}


def test_another_photo_stops_the_run_and_takes_the_result_and_a_late_word_of_the_same_photo_does_neither(tmp_path):
    before = sr_models.Photo(made_up(20, 40))
    shown = made.write_files(before, carry_out(before, Order(2, "bicubic")), "mug", tmp_path, tmp_path / "mug.png").files
    mug, other = str(tmp_path / "mug.png"), str(tmp_path / "other.png")
    for photo, stopped in (({"path": mug}, False), ({"path": other}, True), (None, True)):
        enlarge.on_start(Request(), {"path": mug})
        answer = asyncio.run(enlarge.on_new_photo(photo, shown, Request()))
        assert enlarge.running.pop("abc").stop.is_set() == stopped
        assert len(answer) == enlarge.OUTPUTS
        assert (answer == [gr.skip()] * enlarge.OUTPUTS) == (not stopped)
        assert not stopped or answer[-2] is None


def test_a_photo_that_arrives_after_the_button_was_pressed_is_enlarged_and_stops_when_it_is_removed(tmp_path):
    mug = {"path": str(tmp_path / "mug.png")}
    for photo, stopped in ((mug, False), (None, True)):
        enlarge.on_start(Request(), None)
        asyncio.run(enlarge.on_new_photo(photo, None, Request()))
        assert enlarge.running.pop("abc").stop.is_set() == stopped


def test_who_comes_before_the_example_is_enlarged_is_told_so_and_sees_it_then():
    enlarge.compute_showcase.cache_clear()
    first, then = enlarge.on_load(Request())
    assert first[0] == {"empty": "An example is being enlarged …"}
    assert len(first) == len(then) == enlarge.OUTPUTS
    assert then[0]["pair"]
    (at_once,) = enlarge.on_load(Request())
    assert at_once[0] == then[0]


def test_the_first_result_is_really_computed():
    first = enlarge.showcase()
    saved = first.files
    expected = sr_models.upscale(first.before, scale=4, model="cnn").photo.rgb
    assert np.array_equal(sr_models.read(saved.download).rgb, expected)
    assert sr_models.read(saved.shown.before).size == sr_models.read(saved.shown.after).size == first.done.picture.size


def test_what_the_comparer_shows_is_limited_and_the_download_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_SHOWN", 30)
    monkeypatch.setattr(files, "MAX_WHOLE", 50)
    before = sr_models.Photo(made_up(20, 40), np.full((20, 40), 200, np.uint8))
    shown = made.write_files(before, carry_out(before, Order(2)), "mug", tmp_path)
    pair = shown.files.shown
    assert sr_models.read(pair.before).size == sr_models.read(pair.after).size == (30, 15)
    assert [sr_models.read(file).size for file in pair.full or ()] == [pair.size] * 2 == [(50, 25)] * 2
    assert sr_models.read(shown.files.download).size == (80, 40)
    assert "50 × 25" in made.describe_result("en", shown)


@pytest.mark.parametrize(
    "order",
    [
        Order(2, "bicubic"),
        Order(model="bicubic", size="90"),
        Order(model="bicubic", size="10"),
        as_chosen({"model": "bicubic", "size": "50x50", "how": "pad", "format": "jpeg", "crop": 0.9, "sharpen": 1}),
    ],
)
def test_before_and_after_and_the_tinted_pair_lie_pixel_on_pixel(tmp_path, order):
    before = sr_models.Photo(made_up(20, 40))
    done = carry_out(before, order)
    saved = made.write_files(before, done, "mug", tmp_path).files
    for pair, size in ((saved.shown, done.picture.size), (saved.tinted, done.enlarged.master.size)):
        assert sr_models.read(pair.before).size == sr_models.read(pair.after).size == pair.size == size
        assert pair.full is None
    assert sr_models.read(saved.overlay).size == done.enlarged.master.size
    assert saved.download.read_bytes() == done.file.data
    assert json.loads(saved.report.read_text("utf-8")) == json.loads(json.dumps(done.as_json()))


def test_the_card_shows_rules_and_notes_and_escapes_what_a_file_says():
    order = as_chosen({"preset": "jd", "model": "bicubic"})
    photo = sr_models.Photo(made_up(60, 60), notes=(Note("Read as “{profile}”.", {"profile": "<b>CMYK"}),))
    done = carry_out(photo, order)
    shown = render_card("en", done)
    assert shown.count("<li") == len(done.rules)
    assert shown.count("<li class=broken>") == sum(not rule.ok for rule in done.rules) > 0
    assert "Read as “&lt;b&gt;CMYK”." in shown
    assert all(word in render_card("zh-CN", done) for word in ("京东主图", "结论</td><td>通过</td>"))
    assert "verdict" not in render_card("en", carry_out(photo, Order(model="bicubic", size="9")))


def test_the_card_of_a_compressed_photo_says_both_agreements():
    photo = sr_models.Photo(made_up(40, 40))
    for small, both in ((photo, False), (recompress(photo, 60), True)):
        for language, words in (("en", "compression noise included"), ("zh-CN", "含压缩噪声")):
            assert (words in render_card(language, carry_out(small, Order(model="bicubic", size="80")))) == both


def test_every_label_reads_in_both_languages():
    assert all(text.strip() for texts in LABELS.values() for text in texts.values())


@pytest.mark.parametrize("wish", [*WISHES, *(step.name for step in STEPS)])
def test_every_wish_and_every_step_has_its_place_on_the_page(wish):
    with gr.Blocks():
        placed = choices.build(labels(str), "4")
    assert wish in {*placed, *choices.PLACED}


def test_a_wish_without_a_place_of_its_own_gets_a_control_with_its_labels():
    for default, kind in ((False, gr.Checkbox), ("", gr.Textbox), (None, gr.Textbox)):
        made = wish_row(default)
        assert isinstance(choices.control(labels(str), made), kind)
    with pytest.raises(KeyError, match="The label colder is missing"):
        choices.control(labels(str), wish_row(0, "colder"))


def wish_row(default: object, name: str = "background") -> Field:
    """As a row of the table of wishes."""
    (row,) = fields(make_dataclass("Row", [(name, object, field(default=default))]))
    return row


def values_of(sentence: str) -> set[tuple[str, str | None]]:
    """The values that a sentence fills in, each with its format."""
    return {(name, form) for _, name, form, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("english", CHINESE)
def test_a_translation_fills_in_the_same_values_in_the_same_format(english):
    assert values_of(CHINESE[english]) == values_of(english)


SAID = {"say": 1, "words": 0, "Note": 0, "Rule": 2, "Check": 3, "Origin": 0, "Refused": 1} | dict.fromkeys(
    ("UpscaleError", "PhotoError", "ModelError", "WeightsError", "DeviceError", "Cancelled"), 0
)
"""What is called with a sentence → its place among the arguments."""


def sentences(file: Path) -> set[str]:
    """Those that a module can say: written where they are said, or under a name, in a table or in either branch of a choice."""
    tree = ast.parse(file.read_text("utf-8"))
    named: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []:
            if isinstance(target, ast.Name) and isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
                named.setdefault(target.id, []).append(node.value)

    def texts(node: ast.expr, seen: tuple[str, ...] = ()) -> set[str]:
        match node:
            case ast.Constant(value=str(text)):
                return {text}
            case ast.Name(id=name) if name not in seen:
                found = [texts(value, (*seen, name)) for value in named.get(name, [])]
            case ast.IfExp(body=first, orelse=second) | ast.BinOp(left=first, right=second):
                found = [texts(first, seen), texts(second, seen)]
            case ast.Dict(values=values):
                found = [texts(value, seen) for value in values]
            case ast.Subscript(value=table) | ast.Call(func=ast.Attribute(value=table)):
                found = [texts(table, seen)]
            case _:
                found = []
        return set().union(*found)

    met = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            place = SAID.get(node.func.id if isinstance(node.func, ast.Name) else "")
            said = [word.value for word in node.keywords if word.arg in ("sentence", "against_enlarging")]
            said += [] if place is None else node.args[place : place + 1]
            met |= set().union(*map(texts, said))
    return met


def test_every_sentence_that_a_visitor_can_meet_is_translated():
    elsewhere = ("__main__.py", "command.py", "plan.py", "process.py")  # words on the command line, and between two processes
    files = [file for folder in ("sr_models", "ui") for file in (ROOT / folder).rglob("*.py")]
    command_line = ("catalogue.py", "cluster.py", "command.py", "fetch.py", "manifest.py", "storage.py")  # of catalogues
    modules = [file for file in files if file.name not in elsewhere and (file.parent.name != "jobs" or file.name not in command_line)]
    met = {str(file.relative_to(ROOT)): sentences(file) for file in modules}
    assert not {name: missing for name, found in met.items() if (missing := found - CHINESE.keys())}


MODULE = """
TWO = "two"
TABLE = {"a": "three"}
raise PhotoError("one {x}", x=1)
Note(TWO)
Check(1, 2, 3, (TABLE | {"b": "four"})["a"])
Preset("a", against_enlarging="seven")
raise PhotoError(**known)

def f(ok):
    why = "five" if ok else "six"
    return Rule("name", ok, why)
"""


def test_sentences_are_found_wherever_they_are_written(tmp_path):
    (tmp_path / "some.py").write_text(MODULE)
    assert sentences(tmp_path / "some.py") == {"one {x}", "two", "three", "four", "five", "six", "seven"}


def test_a_chinese_browser_is_answered_in_chinese():
    assert say("zh-CN,zh;q=0.9,en;q=0.8", "Upload a photo first.") == "请先上传一张照片。"
    assert say("de-DE", "Upload a photo first.") == "Upload a photo first."


def test_a_failure_within_a_sentence_is_translated_too():
    inner = sr_models.WeightsError(
        "The download of {place} ended without a word. Try again in half a minute, or choose another model.", place="a/b"
    )
    said = say("zh", weights.INSTEAD, id="cnn-x2", repo="c/d", reason=inner)
    assert said.endswith("a/b 的下载意外结束。请半分钟后重试，或选择其他模型。")
    assert "未能提供" in said
