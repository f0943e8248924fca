"""Imports go one way, and using the library loads no page, no Hub and no training."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

ROWS = (
    ("packing",),
    ("errors", "memory", "photo", "tiles", "version", "windows", "nets", "hub.process", "hub.room", "profiles"),
    ("formats", "int8"),
    (
        "about",
        "colour",
        "compression",
        "device",
        "hdr",
        "stated",
        "shop.presets",
        "hub.pretrained",
        "stages",
        "stages.alpha",
        "stages.register",
        "stages.tables",
    ),
    ("channels",),
    ("catalog", "reading", "figures.matlab", "figures.quality", "stages.align", "stages.crisp", "stages.protect", "stages.resampling"),
    (
        "ensemble",
        "folders",
        "names",
        "figures.burst",
        "figures.crispness",
        "figures.detail",
        "figures.likeness",
        "figures.niqe",
        "figures.overlay",
        "hub.download",
        "hub.recognise",
        "stages.back_projection",
        "stages.faithful",
        "stages.size",
    ),
    ("output", "weights", "shop.backdrop", "stages.painting"),
    ("runners", "shop.marketplace", "stages.prepare", "stages.finish"),
    ("run",),
    ("stages.steps", "stages.enlarge"),
    ("wishes",),
    ("stages.passes", "figures.compare", "figures.evaluate", "figures.report"),
    ("stages.fit", "stages.look", "figures.blind"),
    ("order", "plan"),
    ("library",),
    ("",),
    ("jobs",),
)
"""The modules of `sr_models`, "" the package itself: each imports only what stands above its row, those of a room each other too."""
ROOMS = ("formats", "jobs", "nets", "training", "ui")
"""Folders that stand in the table as a whole."""
PROGRAMS = ("__main__", "command", "hub.publish", "hub.model_card", "training", "ui", "app")
"""What may import all of it, and is imported by nothing in it: the command line, what it publishes, the page, and training."""

FILES = sorted([*(ROOT / "sr_models").rglob("*.py"), *(ROOT / "ui").rglob("*.py"), ROOT / "app.py"])


def module(file: Path) -> str:
    """A file's name in the table."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    if parts[0] == "sr_models":
        parts = parts[1:]
    if parts[0] in ROOMS:
        return parts[0]
    return ".".join(parts).removesuffix("__init__").removesuffix(".")


MODULES = {module(file) for file in FILES}


def imported(file: Path) -> set[str]:
    """What a file imports of `sr_models` and the page, as in the table."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {known(name) for name in found if name.split(".")[0] in ("sr_models", "ui", "app")}


def known(name: str) -> str:
    """The longest beginning of a dotted name that is in the table: what follows is a name inside of that module."""
    parts = name.split(".")[1:] if name.startswith("sr_models") else name.split(".")
    if parts[:1] and parts[0] in ROOMS:
        return parts[0]
    return next(beginning for length in range(len(parts), -1, -1) if (beginning := ".".join(parts[:length])) in MODULES)


def test_the_table_names_every_module_once():
    named = [name for row in ROWS for name in row] + list(PROGRAMS)
    packages = {name for name in MODULES if name in ("figures", "hub", "shop")}  # each a line that says what it is
    assert sorted(named) == sorted(MODULES - packages)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_module_imports_only_what_stands_above_it(file):
    name = module(file)
    place = next((place for place, row in enumerate(ROWS) if name in row), len(ROWS))
    allowed = {above for row in ROWS[:place] for above in row} | ({name} if name in ROOMS else set())
    if name in ("__main__", "command", "hub.publish", "app"):
        allowed |= {"command", "hub.publish", "hub.model_card", "jobs", "ui"}
    assert imported(file) <= allowed


def test_the_page_and_the_command_line_are_imported_by_nobody_below():
    assert {module(file) for file in FILES if "ui" in imported(file)} <= {"ui", "app"}
    assert {module(file) for file in FILES if imported(file) & {"training", "__main__", "command"}} <= {"training", "__main__"}


def users(package: str) -> set[str]:
    """The files that import a package from outside."""
    found = set()
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found |= {str(file.relative_to(ROOT)) for name in names if name.split(".")[0] == package}
    return found


def test_only_the_page_imports_gradio():
    assert {file.split("/")[0] for file in users("gradio")} == {"app.py", "ui"}


def test_only_these_files_use_pillow():
    assert users("PIL") == {
        "sr_models/channels.py",
        "sr_models/reading.py",
        "sr_models/colour.py",
        "sr_models/formats/deep.py",
        "sr_models/formats/missing.py",
        "sr_models/output.py",
        "sr_models/jobs/summary.py",
        "sr_models/jobs/work.py",
        "sr_models/figures/burst.py",
        "sr_models/formats/bmp.py",
        "sr_models/formats/heic.py",
        "sr_models/stated.py",
        "sr_models/formats/libtiff.py",
        "sr_models/formats/opened.py",
        "sr_models/formats/tiff.py",
        "sr_models/stages/resampling.py",
        "sr_models/training/camera.py",
        "sr_models/training/degradation.py",
        "sr_models/training/labels.py",
        "sr_models/training/pictures.py",
        "sr_models/training/screenshot.py",
        "sr_models/training/series.py",
        "ui/parts/animation.py",
    }  # codecs in memory, and drawing


def test_using_the_library_loads_neither_gradio_nor_the_hub_nor_training():
    look = (
        "import sys, sr_models; sr_models.read; "
        "print([m for m in ('gradio', 'huggingface_hub', 'sr_models.training', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
