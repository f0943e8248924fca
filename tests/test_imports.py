"""Imports go one way, and using the library loads no page, no Hub and no training."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED = {
    "about": set(),
    "compression": set(),
    "crisp": set(),
    "download": set(),
    "errors": set(),
    "nets": {"nets"},
    "protect": {"nets"},
    "tiles": set(),
    "catalog": {"errors", "nets"},
    "device": {"errors"},
    "photo": {"about", "compression", "errors"},
    "presets": {"errors"},
    "pretrained": {"nets"},
    "quality": {"nets"},
    "faithful": {"compression", "errors", "quality"},
    "resize": {"nets"},
    "alpha": {"photo"},
    "backdrop": {"photo", "quality"},
    "crispness": {"quality"},
    "hub": {"catalog", "errors"},
    "lanczos": {"alpha", "photo"},
    "niqe": {"nets", "quality"},
    "output": {"about", "errors", "photo"},
    "overlay": {"photo", "quality"},
    "recognise": {"catalog", "errors", "nets"},
    "steps": {"alpha", "backdrop", "crisp", "errors", "faithful", "photo", "tiles"},
    "weights": {"catalog", "errors", "hub", "nets", "recognise"},
    "publish": {"catalog", "errors", "hub", "pretrained", "publish", "weights"},
    "upscale": {"alpha", "catalog", "device", "errors", "faithful", "nets", "photo", "protect", "tiles", "weights"},
    "compare": {"alpha", "catalog", "device", "nets", "photo", "protect", "quality", "tiles", "upscale", "weights"},
    "evaluate": {"catalog", "crispness", "device", "errors", "nets", "niqe", "photo", "quality", "resize", "upscale"},
    "report": {"alpha", "catalog", "errors", "photo", "quality", "upscale"},
    "size": {"alpha", "catalog", "device", "errors", "faithful", "lanczos", "photo", "upscale"},
    "marketplace": {"backdrop", "device", "photo", "presets", "size"},
    "order": {"about", "device", "errors", "marketplace", "output", "photo", "presets", "report", "size", "steps", "weights"},
    "training": {
        *(
            "catalog",
            "crisp",
            "crispness",
            "device",
            "errors",
            "evaluate",
            "nets",
            "photo",
            "quality",
            "resize",
            "training",
            "upscale",
            "weights",
        ),
    },
    "__init__": {"catalog", "device", "errors", "overlay", "photo", "report", "upscale"},
    "__main__": {
        *("catalog", "device", "errors", "evaluate", "faithful", "order", "output", "photo", "presets", "publish", "report", "size"),
        *("steps", "upscale", "weights"),
    },
    "ui": {
        *("", "catalog", "compare", "device", "evaluate", "faithful", "nets", "order", "output", "overlay", "photo", "presets", "quality"),
        *("size", "steps", "upscale", "weights"),
    },
    "app": set(),
}
"""Module → the modules of `sr_models` that it imports, all of them further up; "" is the package itself."""


def imported(file: Path) -> set[str]:
    """The modules of `sr_models` that a file imports, "" for the package itself."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            submodules = node.module == "sr_models"
            names |= {f"{node.module}.{alias.name}" if submodules else node.module for alias in node.names}
    found = {name.split(".")[1] if "." in name else "" for name in names if name.split(".")[0] == "sr_models"}
    return {name if (ROOT / "sr_models" / f"{name}.py").exists() or (ROOT / "sr_models" / name).is_dir() else "" for name in found}


FILES = sorted([*(ROOT / "sr_models").rglob("*.py"), *(ROOT / "ui").rglob("*.py"), ROOT / "app.py"])


def module(file: Path) -> str:
    parts = file.relative_to(ROOT).parts
    return (parts[1] if parts[0] == "sr_models" else parts[0]).removesuffix(".py")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_module_imports_only_what_it_may(file):
    assert imported(file) <= ALLOWED[module(file)]


def test_imports_go_one_way():
    names = list(ALLOWED)
    for place, name in enumerate(names):
        assert ALLOWED[name] <= {"", name, *names[:place]}, name


def test_nothing_is_allowed_that_nobody_needs():
    needed: dict[str, set[str]] = {}
    for file in FILES:
        needed.setdefault(module(file), set()).update(imported(file))
    assert {name: allowed - needed.get(name, set()) for name, allowed in ALLOWED.items() if allowed - needed.get(name, set())} == {}


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
    reading, writing, resampling = "sr_models/photo.py", "sr_models/output.py", "sr_models/lanczos.py"
    assert users("PIL") == {
        reading,
        writing,
        resampling,
        "sr_models/training/degradation.py",
        "sr_models/training/labels.py",
        "sr_models/training/pictures.py",
    }  # codecs in memory, and drawing


def test_using_the_library_loads_neither_gradio_nor_the_hub_nor_training():
    look = (
        "import sr_models, sys; print([m for m in ('gradio', 'huggingface_hub', 'sr_models.training', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
