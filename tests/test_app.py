"""The page without a browser: the API, its refusals, and what each door gives."""

import hashlib
import json
import string
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from conftest import made_up
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

import app
import sr_models
from sr_models import report
from sr_models.__main__ import main
from ui import enlarge, files, made
from ui.texts import CHINESE, LABELS, say

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("gradio")))
        page = app.build()
        _, url, _ = app.launch(page, prevent_thread_lock=True, quiet=True)
        yield url
        page.close()


@pytest.fixture(scope="module")
def client(address):
    return Client(address, verbose=False)


@pytest.fixture
def mug(tmp_path):
    Image.fromarray(made_up(21, 30)).save(tmp_path / "mug 杯子.jpg")
    return tmp_path / "mug 杯子.jpg"


def test_python_command_line_and_page_give_the_same_pixels(client, mug, tmp_path):
    main(["upscale", str(mug), "-o", str(tmp_path / "shell.png"), "--scale", "2", "--model", "gan"])
    from_page, report = client.predict(photo=handle_file(mug), scale=2, model="gan", api_name="/upscale")
    from_python = sr_models.upscale(sr_models.read(mug), scale=2, model="gan")
    assert report["model"] == from_python.entry.id
    assert Path(from_page).name == "mug 杯子_2x_gan.png"
    for other in (sr_models.read(from_page), sr_models.read(tmp_path / "shell.png")):
        assert np.array_equal(other.rgb, from_python.photo.rgb)
    digests = {hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in (from_page, tmp_path / "shell.png")}
    assert len(digests) == 1


def test_the_api_offers_one_endpoint_with_the_names_of_the_command_line(client):
    endpoints = client.view_api(return_format="dict")["named_endpoints"]
    assert list(endpoints) == ["/upscale"]
    assert [p["parameter_name"] for p in endpoints["/upscale"]["parameters"]] == ["photo", "scale", "model", "input", "faithful"]


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"scale": 5}, "The scale 5 is not offered"),
        ({"model": "esrgan"}, "There is no model “esrgan”"),
        ({"input": "dirty"}, "is no kind of input"),
    ],
)
def test_a_wrong_wish_reaches_the_caller_as_one_sentence(client, mug, wish, words):
    with pytest.raises(AppError, match=words):
        client.predict(photo=handle_file(mug), api_name="/upscale", **wish)


@pytest.mark.parametrize("data", [b"", b"Dear Sir", b"\x89PNG\r\n\x1a\n and then nothing"])
def test_a_bad_file_reaches_the_caller_as_one_sentence_with_its_name_and_no_path(client, tmp_path, data):
    (tmp_path / "bad.png").write_bytes(data)
    with pytest.raises(AppError, match=r"“bad\.png”") as refusal:
        client.predict(photo=handle_file(tmp_path / "bad.png"), api_name="/upscale")
    assert "/" not in str(refusal.value).replace("/upscale", "")


@pytest.mark.parametrize("meta", [{}, {"meta": {"_type": "gradio.FileData"}}])
def test_a_file_of_the_server_cannot_be_asked_for(address, tmp_path, meta):
    Image.fromarray(made_up(8, 8)).save(tmp_path / "private.png")
    question = {"data": [{"path": str(tmp_path / "private.png"), **meta}, 2, "bicubic", "auto"]}
    call = f"{address}gradio_api/call/upscale"
    asking = urllib.request.Request(call, json.dumps(question).encode(), {"Content-Type": "application/json"})
    event = json.loads(urllib.request.urlopen(asking).read())["event_id"]
    answer = urllib.request.urlopen(f"{call}/{event}").read().decode()
    assert "event: error" in answer
    assert str(tmp_path) not in answer


def test_what_is_no_upload_is_answered_with_a_sentence(tmp_path):
    Image.fromarray(made_up(8, 8)).save(tmp_path / "private.png")
    for asked in ({"path": str(tmp_path / "private.png")}, {"path": 5}, "photo.png", [], {"url": "data:image/png;base64,AAAA"}, None):
        with pytest.raises(sr_models.PhotoError, match="Upload a photo first"):
            files.uploaded(asked)


@pytest.mark.parametrize("scale", [2, 2.0, "2"])
def test_a_scale_counts_however_json_writes_it(scale):
    assert files.whole(scale) == 2


@pytest.mark.parametrize("scale", ["abc", 2.5, None, []])
def test_what_is_no_scale_is_refused_in_words(scale):
    with pytest.raises(sr_models.ModelError, match="is not offered"):
        files.whole(scale)


def test_cancel_works_before_the_run_has_its_turn(tmp_path, monkeypatch):
    class Request:
        session_hash, headers = "abc", {}

    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    Image.fromarray(made_up(8, 8)).save(tmp_path / "mug.png")
    notices = []
    monkeypatch.setattr(enlarge.gr, "Warning", lambda message, title: notices.append(message))
    enlarge.on_start(Request())
    enlarge.on_stop(Request())
    enlarge.on_enlarge({"path": str(tmp_path / "mug.png")}, "2", "cnn", "", "auto", "colour", Request())
    assert notices == ["Stopped."]
    assert enlarge.running == {}


def test_the_first_result_is_really_computed():
    first = enlarge.showcase()
    saved = first.files
    expected = sr_models.upscale(first.before, scale=4, model="cnn").photo.rgb
    assert np.array_equal(sr_models.read(saved.download).rgb, expected)
    assert sr_models.read(saved.before).size == sr_models.read(saved.after).size


def test_what_the_slider_shows_is_limited_and_the_download_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_SHOWN", 50)
    before = sr_models.Photo(made_up(20, 40), np.full((20, 40), 200, np.uint8))
    result = sr_models.upscale(before, scale=2)
    saved = made.made_from(before, result, "mug", tmp_path).files
    assert sr_models.read(saved.before).size == sr_models.read(saved.after).size == (50, 25)
    assert sr_models.read(saved.download).size == (80, 40)
    assert "50 × 25" in made.described("en", before, result)


def test_both_languages_have_the_same_labels():
    assert LABELS["en"].keys() == LABELS["zh"].keys()
    assert all(text.strip() for texts in LABELS.values() for text in texts.values())


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("english", CHINESE)
def test_a_translation_fills_in_no_more_than_the_sentence_knows(english):
    assert fields(CHINESE[english]) <= fields(english)


def test_every_sentence_that_a_visitor_can_meet_is_translated():
    import ast

    met = set()
    for file in [*(ROOT / "sr_models").glob("*.py"), *(ROOT / "ui").glob("*.py")]:
        if file.name in ("__main__.py", "evaluate.py"):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            failures = ("PhotoError", "ModelError", "WeightsError", "DeviceError", "Cancelled")
            position = ({"say": 1, "words": 0} | dict.fromkeys(failures, 0)).get(called)
            if position is not None and isinstance(node.args[position], ast.Constant):
                met.add(node.args[position].value)
    met |= {*report.SENTENCES.values(), report.NOT_LOCKED}
    assert len(met) > 15
    assert met <= CHINESE.keys()


def test_a_chinese_browser_is_answered_in_chinese():
    assert say("zh-CN,zh;q=0.9,en;q=0.8", "Upload a photo first.") == "请先上传一张照片。"
    assert say("de-DE", "Upload a photo first.") == "Upload a photo first."
