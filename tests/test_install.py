"""The program once it is installed: what the wheel holds, what it asks for, and that it works from any folder."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from configparser import ConfigParser
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from conftest import ROOT, made_up
from packaging.requirements import Requirement
from PIL import Image
from test_catalog import EMBEDDED

import sr_models
from sr_models import weights
from sr_models.hub import publish
from sr_models.hub.publish import PublishError
from ui.server import files

WISHED = {
    "pillow-heif": 'extra == "heic"',
    "pyarrow": 'extra == "parquet"',
    "ray": 'extra == "ray"',
    "ssimulacra2": 'extra == "measure"',
    "stlpips-pytorch": 'extra == "measure"',
}
"""What is installed only for those who ask for it, and how they do."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built from a copy of the project: what a build leaves behind does not come into the next one, and nothing into the project."""
    for tool in ("pip", "setuptools"):
        if importlib.util.find_spec(tool) is None:
            pytest.skip(f"{tool}, which builds the wheel, is not installed")
    folder = tmp_path_factory.mktemp("project")
    not_of_it = [line.strip("/") for line in (ROOT / ".gitignore").read_text().split()]
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".git", "shared", *not_of_it), dirs_exist_ok=True)
    pip("wheel", folder, "--no-deps", "--no-build-isolation", "--wheel-dir", folder / "wheels")
    [built] = (folder / "wheels").glob("*.whl")
    return built


def pip(*words: object) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def names(wheel) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def about(wheel) -> dict[str, bytes]:
    """What the wheel says about itself: name of the file → content."""
    with zipfile.ZipFile(wheel) as archive:
        return {Path(name).name: archive.read(name) for name in archive.namelist() if ".dist-info/" in name}


@pytest.fixture(scope="module")
def metadata(about) -> Message:
    return message_from_bytes(about["METADATA"])


@pytest.fixture(scope="module")
def target(wheel, tmp_path_factory) -> Path:
    """A folder that holds the installed program and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    pip("install", wheel, "--no-deps", "--no-index", "--target", folder)
    return folder


def run(target: Path, folder: Path, *command: object) -> str:
    """What a command prints that finds the installed program, and runs in a folder where the project is not."""
    environment = os.environ | {"PYTHONPATH": str(target), "PYTHONSAFEPATH": "1", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_all_code_but_that_of_training(names):
    code = {path.relative_to(ROOT).as_posix() for room in ("sr_models", "ui") for path in (ROOT / room).rglob("*.py")} | {"app.py"}
    assert {name for name in names if name.endswith(".py")} == {name for name in code if not name.startswith("sr_models/training/")}


def test_the_wheel_holds_the_files_that_the_code_reads(names):
    assert {f"sr_models/embedded/{weights.path_of(entry).name}" for entry in EMBEDDED} < names
    assert {"sr_models/cmyk.icc", "sr_models/figures/niqe.safetensors", "sr_models/py.typed"} < names
    assert {f"ui/examples/{path.name}" for path in files.list_examples()} < names
    assert {"sr_models/embedded/README.md", "ui/examples/README.md"} < names  # whose weights and photos they are


def test_the_wheel_holds_nothing_else(names):
    kinds = (".py", ".safetensors", ".icc", ".typed", ".jpg", "icon.png", "ranges.json", "README.md")
    assert not [name for name in names if ".dist-info/" not in name and not name.endswith(kinds)]
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"app.py", "sr_models", "ui"}


def test_what_is_needed_is_what_requirements_txt_says_and_the_rest_only_if_wished(metadata):
    stated = [Requirement(text) for text in metadata.get_all("Requires-Dist", [])]
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    expected = {needed.name: needed.specifier for needed in map(Requirement, lines)}
    extras = {needed.name: str(needed.marker) for needed in stated if needed.marker}
    assert extras == {"gradio": 'extra == "page"'} | WISHED
    assert {needed.name: needed.specifier for needed in stated if needed.name not in WISHED} == expected


def test_the_wheel_says_what_it_is(metadata, about):
    assert (metadata["Name"], metadata["Version"]) == ("product-sr", sr_models.__version__)
    assert (metadata["License-Expression"], metadata["Requires-Python"]) == ("Apache-2.0", ">=3.11")
    assert "# Product-photo super-resolution" in metadata.get_payload()
    assert b"Apache License" in about["LICENSE"]


def test_it_has_two_commands(about):
    commands = ConfigParser()
    commands.read_string(about["entry_points.txt"].decode())
    assert dict(commands["console_scripts"]) == {"product-sr": "sr_models.__main__:main", "product-sr-page": "app:main"}


def test_an_installed_program_enlarges_a_photo_from_any_folder(target, tmp_path):
    Image.fromarray(made_up(9, 12)).save(tmp_path / "mug.png")
    wish = ("upscale", "mug.png", "--scale", "2", "--model", "cnn-fast", "-o")
    run(target, tmp_path, sys.executable, "-P", "-m", "sr_models", *wish, "installed.png")
    run(target, tmp_path, target / "bin" / "product-sr", *wish, "command.png")
    own = sr_models.upscale(sr_models.read(tmp_path / "mug.png"), scale=2, model="cnn-fast").photo.rgb
    for name in ("installed.png", "command.png"):
        assert (sr_models.read(tmp_path / name).rgb == own).all()


LOOK = """
import json
import app
import sr_models
from sr_models import weights
from sr_models.hub.publish import PublishError, space_plan
from ui.server.files import list_examples

app.build()
try:
    refused = str(space_plan("owner/name"))
except PublishError as failure:
    refused = str(failure)
photos = [str(path) for path in list_examples()]
print(json.dumps([sr_models.__file__, sr_models.__version__, str(weights.FOLDER), app.__file__, photos, refused]))
"""


def test_an_installed_page_has_its_own_weights_and_examples_and_publishes_nothing(target, tmp_path):
    *places, examples, refused = json.loads(run(target, tmp_path, sys.executable, "-P", "-W", "ignore", "-c", LOOK).splitlines()[-1])
    own = target / "sr_models"
    assert places == [str(own / "__init__.py"), sr_models.__version__, str(own / "embedded"), str(target / "app.py")]
    assert examples == [str(target / "ui" / "examples" / path.name) for path in files.list_examples()]
    assert re.search("installed copy. Run it there", refused)


def test_in_the_project_the_weights_and_examples_are_those_of_its_folder():
    assert (weights.FOLDER, files.EXAMPLES) == (ROOT / "weights", ROOT / "examples")
    assert not weights.INSTALLED.exists()


@pytest.mark.parametrize("plan", [publish.weights_plan, publish.space_plan])
def test_outside_of_the_project_publishing_is_refused_before_anything_is_read(plan, tmp_path, monkeypatch):
    monkeypatch.setattr(publish, "ROOT", tmp_path)
    with pytest.raises(PublishError, match="needs the project's own folder"):
        plan("owner/name")
