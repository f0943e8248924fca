"""What CONTRIBUTING.md says, against what is there; its example of a network has a test file of its own, test_new_architecture.py."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import numpy as np
import pytest
from conftest import ROOT, encoded, made_up
from PIL import Image

from sr_models import PhotoError, reading

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
    file = encoded(made_up(20, 30), "JPEG2000")
    with pytest.raises(PhotoError, match="Please use JPEG"):
        reading.decode(file, "mug.jp2")
    for name in ("FORMATS", "FORMATS_IN_WORDS", "SUFFIXES"):
        monkeypatch.setattr(reading, name, said[name])
    assert np.array_equal(reading.decode(file, "mug.jp2").rgb, made_up(20, 30))


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


@pytest.fixture
def project(tmp_path):
    """A copy of the program; the large files are links."""
    for name in ("sr_models", "ui"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("weights", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    Image.fromarray(made_up(20, 30)).save(tmp_path / "mug.png")
    return tmp_path


def blocks(title: str) -> list[str]:
    """The code in a section of CONTRIBUTING.md."""
    return re.findall(r"```python\n(.*?)```", TEXT.split(f"\n## {title}")[1].split("\n## ")[0], re.DOTALL)


def done(project: Path, *words: str) -> str:
    """What Python prints there."""
    found = subprocess.run([sys.executable, *words], cwd=project, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    return found.stdout


def add_row(file: Path, row: str) -> None:
    """At the end of the file's table."""
    change(file, "\n)\n", f"\n{indent(row.rstrip(), '    ')},\n)\n")


def add_labels(project: Path, rows: str) -> None:
    change(project / "ui/words/texts.py", "\n}\n", f"\n{rows}}}\n")


def test_the_example_of_a_wish_reaches_every_door(project):
    row, stage, words = blocks("A wish")
    change(project / "sr_models/wishes.py", "\n    def __post_init__", f"{row}\n    def __post_init__")
    [old] = re.findall(r"def finish\(.*?\n\n\n", (project / "sr_models/order.py").read_text(), re.DOTALL)
    change(project / "sr_models/order.py", old, f"{stage}\n\n")
    add_labels(project, words)
    said = json.loads(done(project, "-c", LOOK).splitlines()[-1])
    assert said == [False, ["Colours were taken out."], "grey", "grey_info", False]
    rgb = reading.read(project / "shell.png").rgb
    assert (rgb.max(2) == rgb.min(2)).all()


def test_the_example_of_a_step_is_taken_and_stands_on_the_page(project):
    function, row, words = blocks("A step")
    file = project / "sr_models/stages/finish.py"
    file.write_text(file.read_text() + f"\n\n{function}")
    change(project / "sr_models/stages/steps.py", "stages.finish import ", "stages.finish import brighten, ")
    add_row(project / "sr_models/stages/steps.py", row)
    add_labels(project, words)
    assert "brighten=0.5" in done(project, "-c", BRIGHT)
    bright, plain = (reading.read(project / name).rgb.astype(int) for name in ("bright.png", "plain.png"))
    assert (bright - plain).mean() > 10
    assert (bright >= plain).all()


BRIGHT = """
import gradio as gr
from sr_models.__main__ import main
from ui.parts import choices
from ui.words.texts import labels
call = ["upscale", "mug.png", "--scale", "2", "--model", "bicubic", "-o"]
assert main([*call, "bright.png", "--after", "brighten=0.5"]) == 0
assert main([*call, "plain.png"]) == 0
with gr.Blocks():
    assert choices.build(labels(str), "4")["brighten"].label == "step_brighten"
"""


def test_the_example_of_a_preset_makes_its_canvas(project):
    row, chinese = blocks("A preset")
    add_row(project / "sr_models/shop/presets.py", row)
    change(project / "ui/words/chinese.py", "CHINESE = {\n", f"CHINESE = {{\n{chinese}")
    Image.fromarray(made_up(120, 160)).save(project / "shoe.png")
    names = done(project, "-c", CORNER)
    assert reading.read(project / "shop/shoe_corner_bicubic.jpg").size == (1500, 1500)
    assert names.splitlines()[-1] == "Corner Shop|街角商店"


CORNER = """
from sr_models.__main__ import main
from ui.words.texts import LABELS
assert main(["upscale", "shoe.png", "-o", "shop", "--model", "bicubic", "--preset", "corner"]) == 0
print(*(LABELS[language]["place_corner"] for language in LABELS), sep="|")
"""


def test_the_example_of_a_source_is_a_catalogue(project):
    code = "\n\n".join(blocks("A source of catalogues"))
    file = project / "sr_models/jobs/sources.py"
    file.write_text(file.read_text() + f"\n\n{code}")
    (project / "list.txt").write_text("mug.png\n")
    done(project, "-m", "sr_models", "catalogue", "list.txt", "-o", "shop", "--scale", "2", "--model", "bicubic")
    assert reading.read(project / "shop/mug_2x_bicubic.png").size == (60, 40)


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
