"""A new architecture costs what CONTRIBUTING.md says: its example is followed to the letter in a copy of the project, and tried there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pytest
from conftest import ROOT

from sr_models import read
from sr_models.catalog import CATALOG, PUBLISHED
from sr_models.hub import pretrained
from sr_models.hub.model_card import class_of

SECTION = (ROOT / "CONTRIBUTING.md").read_text().split("\n## A network\n")[1].split("\n## ")[0]


def steps(section: str) -> list[tuple[str, str]]:
    """(what the text says, in one line; the code that follows) for every block of code."""
    texts, codes = section.split("```")[0::2], section.split("```")[1::2]
    said = [" ".join(text.strip().split("\n\n")[-1].split()) for text in texts[: len(codes)]]
    return [(words, code.split("\n", 1)[1]) for words, code in zip(said, codes, strict=True)]


def follow(project: Path, section: str) -> list[str]:
    """Do in `project` what the section says. → the commands to try it with."""
    sha256, commands = "", []
    for words, code in steps(section):
        if file := re.search(r"Write `(\S+)`:$", words):
            (project / file[1]).write_text(code)
        elif file := re.search(r"In `(\S+)`, import the config, beside the others:$", words):
            lines = (project / file[1]).read_text().splitlines(keepends=True)
            others = [place for place, line in enumerate(lines) if line.startswith("from sr_models.nets.")]
            lines.insert(next((place for place in others if lines[place] > code), others[-1] + 1), code)
            (project / file[1]).write_text("".join(lines))
        elif file := re.search(r"In `(\S+)`, write the \w+ at the end of `(\w+)`", words):
            before, name, after = re.split(rf"^({file[2]}\b.*? = \()$", (project / file[1]).read_text(), maxsplit=1, flags=re.MULTILINE)
            row = indent(code.replace("…", sha256).rstrip(), "    ") + ",\n"
            (project / file[1]).write_text(before + name + after.replace("\n)\n", f"\n{row})\n", 1))
        elif words.endswith("This writes them, and prints the SHA-256 that the entry needs:"):
            sha256 = done(project, sys.executable, "-c", code).stdout.strip()
        else:
            commands += code.splitlines()
    return commands


def done(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)


def outcome(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return done(project, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words)


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A copy of the project; the large files are links."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("sr_models", "ui", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("weights", "examples"):
        (folder / name).mkdir()
        for path in (ROOT / name).iterdir():
            (folder / name / path.name).symlink_to(path)
    for path in ROOT.iterdir():
        if path.is_file() and path.name != ".git":
            shutil.copy(path, folder)
    return folder


@pytest.fixture(scope="module")
def commands(project) -> list[str]:
    """The section was followed in the copy; what it says to try."""
    return follow(project, SECTION)


def test_the_example_ends_with_commands_of_this_project(commands):
    """Whatever the section's text asks for that is not understood here would be among them."""
    assert len(commands) == 2
    assert all(command.startswith(".venv/bin/python -m ") for command in commands)


def test_the_tests_of_the_contract_find_the_new_network_and_pass(project, commands):
    """So do those that go through the catalogue while they are collected, of which none stops the others."""
    [command] = [command.split() for command in commands if " pytest " in command]
    going_through = [f"tests/test_{name}.py" for name in ("alpha", "recognise", "training", "upscale", "weights")]
    of_training = "closer or flat or grid"  # what only trained weights can do
    chosen = f"espcn and not ({of_training}) or test_catalog or recipe_for_the_same_network or published_with_its_config"
    found = outcome(project, *command[3:], *going_through, "-k", chosen)
    assert found.returncode == 0, found.stdout[-3000:]
    passed = re.search(r"(\d+) passed", found.stdout)
    assert passed is not None
    assert int(passed[1]) > 50


def test_the_example_is_written_as_the_rest_is(project, commands):
    pytest.importorskip("ruff", reason="ruff, which looks at the style, is not installed")
    for check in (["check"], ["format", "--check"]):
        found = done(project, sys.executable, "-m", "ruff", *check, "--no-cache", "sr_models")
        assert found.returncode == 0, found.stdout


def test_the_new_network_enlarges_a_photo_by_its_id(project, commands):
    [command] = [command.split() for command in commands if " upscale " in command]
    found = done(project, sys.executable, *command[1:])
    assert found.returncode == 0, found.stderr
    assert "espcn-x2-v1" in found.stdout
    photo, result = (read(project / name) for name in ("examples/jar.jpg", "jar_2x.png"))
    assert result.size == (2 * photo.size[0], 2 * photo.size[1])


def test_a_network_that_nobody_uses_is_named(project, tmp_path):
    shutil.copytree(project, tmp_path / "project", symlinks=True, dirs_exist_ok=True)
    (tmp_path / "project/sr_models/nets/forgotten.py").write_text('"""A network that nobody uses."""\n')
    found = outcome(tmp_path / "project", "tests/test_catalog.py", "-k", "architecture")
    assert "nets.forgotten" in found.stdout
    assert found.returncode == 1


@pytest.mark.parametrize("entry", [*CATALOG, *PUBLISHED], ids=lambda entry: entry.id)
def test_every_network_has_its_class_for_the_hub_without_a_list(entry):
    found = getattr(pretrained, class_of(entry))
    assert getattr(pretrained, class_of(entry)) is found
    assert found.__mro__[1].__module__ == type(entry.net).__module__
    assert (found.__module__, found.__name__) == (pretrained.__name__, class_of(entry))


def test_the_names_that_were_published_are_still_there():
    from sr_models.hub.pretrained import PretrainedCompact, PretrainedDialledEDSR, PretrainedEDSR, PretrainedSRCNN

    assert {PretrainedCompact, PretrainedDialledEDSR, PretrainedEDSR, PretrainedSRCNN} <= {
        pretrained.make_loadable(network) for network in pretrained.find_networks()
    }


@pytest.mark.parametrize("name", ["PretrainedBlock", "PretrainedNetwork", "Pretrained", "anything"])
def test_what_is_no_network_has_no_class_for_the_hub(name):
    with pytest.raises(AttributeError, match=name):
        getattr(pretrained, name)
