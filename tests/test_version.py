"""One version, in one place, and the changelog that names it."""

import re
from datetime import date
from pathlib import Path

import sr_models

HEADINGS = re.findall(r"^## (.+)$", (Path(__file__).parents[1] / "CHANGELOG.md").read_text(), re.MULTILINE)


def test_the_newest_heading_of_the_changelog_names_the_version():
    assert HEADINGS[0].startswith(f"{sr_models.__version__} (")


def test_every_version_of_the_changelog_has_its_date_and_the_newest_comes_first():
    found = [re.fullmatch(r"(\d+)\.(\d+)\.(\d+) \((\d{4}-\d\d-\d\d)\)", heading) for heading in HEADINGS]
    assert None not in found
    dated = [(*map(int, parts[:3]), date.fromisoformat(parts[3])) for parts in (match.groups() for match in found if match)]
    assert dated == sorted(dated, reverse=True)
    assert [when for *_, when in dated] == sorted((when for *_, when in dated), reverse=True)
