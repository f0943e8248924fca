"""One version, in one place, and the changelog that names it."""

import re
from datetime import date
from pathlib import Path

import pytest
from conftest import made_up

import sr_models
from sr_models.__main__ import main
from sr_models.about import PROGRAM

CHANGELOG = (Path(__file__).parents[1] / "CHANGELOG.md").read_text()
HEADINGS = re.findall(r"^## (.+)$", CHANGELOG.replace("# Changelog\n\n## Unreleased\n", ""), re.MULTILINE)
"""What changed since the newest version may stand above it."""


def test_the_newest_heading_of_the_changelog_names_the_version():
    assert HEADINGS[0].startswith(f"{sr_models.__version__} (")


def test_every_version_of_the_changelog_has_its_date_and_the_newest_comes_first():
    found = [re.fullmatch(r"(\d+)\.(\d+)\.(\d+) \((\d{4}-\d\d-\d\d)\)", heading) for heading in HEADINGS]
    assert None not in found
    dated = [(*map(int, parts[:3]), date.fromisoformat(parts[3])) for parts in (match.groups() for match in found if match)]
    assert dated == sorted(dated, reverse=True)
    assert [when for *_, when in dated] == sorted((when for *_, when in dated), reverse=True)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".avif"])
def test_a_result_names_the_version_that_made_it(tmp_path, suffix):
    sr_models.write(sr_models.Photo(made_up(8, 9)), tmp_path / "mug.png")
    result = tmp_path / f"result{suffix}"
    assert main(["upscale", str(tmp_path / "mug.png"), "-o", str(result), "--scale", "2", "--model", "bicubic"]) == 0
    assert f"{PROGRAM} {sr_models.__version__}, bicubic-x2".encode() in result.read_bytes()


def test_the_command_line_says_its_version(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out.strip() == sr_models.__version__
