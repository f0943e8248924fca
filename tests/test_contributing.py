"""What CONTRIBUTING.md says, against what is there; its example of a network has a test file of its own, test_new_architecture.py."""

import io
import re
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


def test_the_example_of_a_sentence_has_the_same_places_in_both_languages():
    [code] = re.findall(r"```python\n(raise PhotoError.*?)```", TEXT, re.DOTALL)
    [pair] = re.findall(r"```python\n(\"“.*?)```", TEXT, re.DOTALL)
    [(english, chinese)] = eval("{" + pair + "}").items()
    assert f'"{english}"' in code
    assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", chinese)) == {"{name}", "{count}"}
