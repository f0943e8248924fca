"""What CONTRIBUTING.md says, against what is there; its example of a network has a test file of its own, test_new_architecture.py."""

import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import made_up
from PIL import Image

from sr_models import PhotoError, reading

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text()


def test_links_and_names_lead_to_files():
    names = set(re.findall(r"\]\(([^)#]+)\)", TEXT)) | set(re.findall(r"\b(?:sr_models|ui|tests)/[\w/]+\.\w+", TEXT))
    assert len(names) > 15
    assert {name for name in names if not (ROOT / name).exists()} == {"sr_models/nets/espcn.py"}


def test_the_example_of_a_file_format_adds_one_to_those_that_are_read(monkeypatch):
    [code] = re.findall(r"```python\n(FORMATS = .*?)```", TEXT, re.DOTALL)
    said: dict[str, tuple[str, ...]] = {}
    exec(code, said)
    assert said["FORMATS"][:-1] == reading.FORMATS
    assert said["SUFFIXES"][:-1] == reading.SUFFIXES
    file = io.BytesIO()
    Image.fromarray(made_up(20, 30)).save(file, "JPEG2000")
    with pytest.raises(PhotoError, match="Please use JPEG"):
        reading.decode(file.getvalue(), "mug.jp2")
    for name in ("FORMATS", "FORMATS_IN_WORDS", "SUFFIXES"):
        monkeypatch.setattr(reading, name, said[name])
    assert np.array_equal(reading.decode(file.getvalue(), "mug.jp2").rgb, made_up(20, 30))


LOOK = """
import gradio as gr
import json
from sr_models import Order, Photo, carry_out, read, write
from sr_models.__main__ import main
from ui import api
from ui.parts import choices
from ui.words.texts import labels

main(["upscale", "mug.png", "-o", "shell.png", "--scale", "2", "--model", "bicubic", "--faithful", "exact", "--grey"])
done = carry_out(read("mug.png"), Order(scale=2, model="bicubic", faithful="exact", grey=True))
with gr.Blocks():
    placed = choices.build(labels(str), "4")["grey"]
import inspect
api = inspect.signature(api.with_wishes(api.upscale)).parameters["grey"]
print(json.dumps([done.promise_holds, [str(note) for note in done.notes], placed.label, placed.info, api.default]))
"""


def test_the_example_of_a_wish_reaches_every_door(tmp_path):
    section = TEXT.split("\n## A wish")[1].split("\n## ")[0]
    row, stage, english, chinese = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    for name in ("sr_models", "ui"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("weights", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    change(tmp_path / "sr_models/wishes.py", "\n    def __post_init__", f"{row}\n    def __post_init__")
    [old] = re.findall(r"def finish\(.*?\n\n\n", (tmp_path / "sr_models/order.py").read_text(), re.DOTALL)
    change(tmp_path / "sr_models/order.py", old, f"{stage}\n\n")
    for language, words in (("en", english), ("zh", chinese)):
        change(tmp_path / "ui/words/texts.py", f'    "{language}": {{\n', f'    "{language}": {{\n{words}')
    Image.fromarray(made_up(20, 30)).save(tmp_path / "mug.png")
    found = subprocess.run([sys.executable, "-c", LOOK], cwd=tmp_path, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout.splitlines()[-1]) == [
        False,
        ["Colours were taken out."],
        "grey",
        "grey_info",
        False,
    ]
    rgb = reading.read(tmp_path / "shell.png").rgb
    assert (rgb.max(2) == rgb.min(2)).all()


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


def test_the_example_of_a_sentence_has_the_same_places_in_both_languages():
    [code] = re.findall(r"```python\n(raise PhotoError.*?)```", TEXT, re.DOTALL)
    [pair] = re.findall(r"```python\n(\"“.*?)```", TEXT, re.DOTALL)
    [(english, chinese)] = eval("{" + pair + "}").items()
    assert f'"{english}"' in code
    assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", chinese)) == {"{name}", "{count}"}
