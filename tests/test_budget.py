"""What a run may ask of a page that strangers can reach, and that a long run can be stopped between its steps."""

import importlib
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import made_up
from PIL import Image

import sr_models
from sr_models import Cancelled, Order, Photo, PhotoError, carry_out
from sr_models.stages import steps
from ui.server import audience, budget


@pytest.fixture
def public(monkeypatch):
    monkeypatch.setattr(audience.here, "public", True)


@pytest.fixture
def huge(tmp_path):
    """50 megapixels in a few bytes, as a stranger would send them."""
    file = tmp_path / "huge.webp"
    Image.new("RGB", (10_000, 5_000)).save(file, lossless=True)
    assert file.stat().st_size < 3000
    return file


def test_fifty_megapixels_are_refused_before_they_are_read_and_it_is_said_what_would_fit(public, huge, monkeypatch):
    monkeypatch.setattr(sr_models, "read", lambda *_: pytest.fail("read"))
    with pytest.raises(PhotoError, match=r"may take 12 megapixels .* would take 50.0. .* up to 12.0 megapixels fits"):
        budget.refuse_large(huge, Order(scale=2))


def test_a_photo_of_which_a_part_is_compared_is_refused_before_it_is_read_but_not_at_home(public, huge, monkeypatch):
    with pytest.raises(PhotoError, match=r"up to 12 megapixels are compared and checked, and this one has 50.0"):
        budget.refuse_large_photo(huge)
    monkeypatch.setattr(audience.here, "public", False)
    monkeypatch.delenv("SYSTEM", raising=False)
    budget.refuse_large_photo(huge)


@pytest.mark.parametrize("tab", ["compare", "check"])
def test_compare_and_check_refuse_what_is_too_large_for_a_public_page(tab, public, huge, monkeypatch):
    said = []
    module = importlib.import_module(f"ui.tabs.{tab}")
    monkeypatch.setattr(module, "take_upload", lambda photo: (huge, "huge.webp"))
    monkeypatch.setattr(sr_models, "read", lambda *_: pytest.fail("read"))
    monkeypatch.setattr(module.gr, "Warning", lambda text, **how: said.append(text))
    request = SimpleNamespace(headers={})
    steps = module.on_compare({"path": ""}, "4", None, None, request) if tab == "compare" else module.on_check({}, "4", "jpeg", 75, request)
    list(steps)
    assert "compared and checked" in said[0]


def test_at_home_nothing_is_too_large_that_can_be_read(huge, monkeypatch):
    monkeypatch.setattr(audience.here, "public", False)
    monkeypatch.delenv("SYSTEM", raising=False)
    budget.refuse_large(huge, Order(scale=2))


def test_a_space_is_public(huge, monkeypatch):
    monkeypatch.setattr(audience.here, "public", False)
    monkeypatch.setenv("SYSTEM", "spaces")
    monkeypatch.setenv("SPACE_ID", "owner/photos")
    with pytest.raises(PhotoError, match="open to everybody"):
        budget.refuse_large(huge, Order(scale=2))


@pytest.mark.parametrize("order", [Order(2), Order(2, "cnn-fast"), Order(4, "realesrgan-x4plus"), Order(2, "bicubic", after="crisp")])
def test_what_is_said_to_fit_fits_and_a_tenth_more_does_not(public, tmp_path, order):
    size = (10_000, 10_000)
    most = budget.MOST / budget.megapixels(size, order)  # of these pixels
    for share, fits in ((0.99, True), (1.1, False)):
        side = int(10_000 * (most * share) ** 0.5)
        assert (budget.megapixels((side, side), order) <= budget.MOST) == fits


def test_what_computes_more_counts_more():
    def counted(**wishes) -> float:
        return budget.megapixels((1000, 1000), Order(**wishes))

    assert counted(model="cnn") == 1
    assert counted(model="bicubic") <= counted(model="cnn-fast") < 0.3
    assert counted(model="realesrgan-x4plus") > 5
    assert counted(size="6000") > 4  # two passes, the second over what the first made
    assert counted(before="denoise deblock") > counted()
    assert counted(preset="amazon") == 1


def test_a_file_that_is_no_photo_is_left_to_who_reads_it(public, tmp_path):
    (tmp_path / "letter.png").write_bytes(b"Dear Sir")
    budget.refuse_large(tmp_path / "letter.png", Order())


@pytest.mark.parametrize("wishes", [{"before": "deblock denoise equalise"}, {"after": "crisp sharpen colour"}])
def test_cancel_is_heard_between_any_two_classic_steps(wishes, monkeypatch):
    taken = []

    def counted(step):
        return lambda photo, amount: taken.append(step.name) or photo

    for step in steps.STEPS:
        monkeypatch.setitem(step.__dict__, "function", counted(step))
    with pytest.raises(Cancelled):
        carry_out(Photo(made_up(16, 16)), Order(2, "bicubic", **wishes), cancelled=lambda: len(taken) == 2)
    assert len(taken) == 2


def test_without_cancel_all_steps_are_taken():
    done = carry_out(Photo(made_up(16, 16)), Order(2, "bicubic", before="denoise", after="sharpen colour"))
    assert not np.array_equal(done.picture.rgb, carry_out(Photo(made_up(16, 16)), Order(2, "bicubic")).picture.rgb)
