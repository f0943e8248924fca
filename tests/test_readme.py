"""What the documents say, against what is there."""

import json
import re
from pathlib import Path

import pytest

from sr_models import CATALOG, MAX_OUTPUT_PIXELS, MAX_PIXELS
from sr_models.catalog import find
from sr_models.training import scores

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize(("file", "table"), [("README.md", scores.front_table), ("weights/README.md", scores.full_table)])
def test_the_tables_show_the_measured_scores_of_the_weights_that_are_shipped(file, table):
    measured = json.loads(scores.SCORES.read_text())
    assert {entry.id: entry.sha256 for entry in CATALOG} == {id: known["sha256"] for id, known in measured.items()}
    assert table(measured) in (ROOT / file).read_text()


def test_the_scores_reach_the_bars_that_were_set():
    """PSNR on product-val: CNN 37.84 and 32.34 dB at 2× and 4×; SRCNN 1.5 dB above bicubic at 4×; a GAN at most 2.5 dB below the CNN.

    On BSD100: CNN 31.95, 28.85 and 27.35 dB, the level of NinaSR-B0.
    """
    known_scores = json.loads(scores.SCORES.read_text())
    product = {id: known["product-val"]["psnr"] for id, known in known_scores.items()}
    assert product["cnn-x2-v4"] >= 37.84
    assert product["cnn-x4-v4"] >= 32.34
    assert product["srcnn-x4-v2"] >= product["bicubic-x4"] + 1.5
    for scale, bar in ((2, 31.95), (3, 28.85), (4, 27.35)):
        assert known_scores[f"cnn-x{scale}-v4"]["BSD100"]["psnr"] >= bar
        assert product[find("gan", scale).id] >= product[f"cnn-x{scale}-v4"] - 2.5


def test_the_space_runs_the_gradio_that_is_tested():
    constraints = (ROOT / "constraints.txt").read_text()
    version = re.search(r"^sdk_version: (\S+)$", README, re.M)
    assert version is not None
    assert f"\ngradio=={version[1]}\n" in constraints


def test_the_short_description_fits_the_hub():
    description = re.search(r"^short_description: (.+)$", README, re.M)
    assert description is not None
    assert len(description[1]) <= 60


def test_the_limits_are_the_ones_in_the_program():
    assert f"up to {MAX_PIXELS // 1_000_000} megapixels, results of up to {MAX_OUTPUT_PIXELS // 1_000_000}." in " ".join(README.split())


@pytest.mark.parametrize("file", ["README.md", "weights/README.md", "examples/README.md"])
def test_links_and_pictures_lead_to_files(file):
    for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / file).read_text()):
        assert target.startswith("http") or ((ROOT / file).parent / target).exists(), target


def test_every_example_photo_has_its_origin():
    origins = (ROOT / "examples" / "README.md").read_text()
    assert all(f"`{path.name}`" in origins for path in (ROOT / "examples").iterdir() if path.suffix in (".png", ".jpg"))


def test_no_file_names_a_machine():
    import subprocess

    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, files):
        data = (ROOT / name).read_bytes()
        assert not re.search(rb"(?<![\w.])/(home|root|Users)/\w", data) or name.endswith((".png", ".jpg", ".safetensors")), name
