import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save
from test_catalog import EMBEDDED

from sr_models import Photo, read, upscale, weights
from sr_models.catalog import Embedded, Entry
from sr_models.errors import WeightsError
from sr_models.evaluate import cropped, shrunk
from sr_models.nets.compact import CompactConfig
from sr_models.quality import psnr

FOLDER = Path(__file__).parents[1]
ENTRY = Entry("tiny-x2", "tiny", "cnn", ("clean",), CompactConfig(4, 1, 2), Embedded(""))


def placed(folder, data: bytes) -> Entry:
    """An entry whose file in `folder` holds `data`, with the right hash."""
    (folder / f"{ENTRY.id}.safetensors").write_bytes(data)
    return replace(ENTRY, source=Embedded(hashlib.sha256(data).hexdigest()))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    return tmp_path


@pytest.mark.parametrize("entry", EMBEDDED, ids=lambda entry: entry.id)
def test_an_embedded_file_has_the_hash_of_its_entry_and_loads_strictly(entry):
    net = weights.load(entry)
    assert all(torch.isfinite(value).all() for value in net.state_dict().values())


@pytest.mark.parametrize("entry", [e for e in EMBEDDED if e.family != "gan"], ids=lambda entry: entry.id)
def test_a_network_that_learnt_pixels_is_closer_to_the_original_than_bicubic(entry):
    original, small = pair(entry.net.scale)
    assert psnr(enlarged(small, entry.id), original) > psnr(enlarged(small, f"bicubic-x{entry.net.scale}"), original) + 0.3


@pytest.mark.parametrize("entry", [e for e in EMBEDDED if e.family == "gan"], ids=lambda entry: entry.id)
def test_a_gan_is_crisper_than_bicubic_and_the_cnn(entry):
    _, small = pair(entry.net.scale)
    assert crispness(enlarged(small, entry.id)) > crispness(enlarged(small, "cnn", entry.net.scale)) * 1.02
    assert crispness(enlarged(small, "cnn", entry.net.scale)) > crispness(enlarged(small, "bicubic", entry.net.scale))


def pair(scale: int):
    """(original, small photo) from an example, which no network was trained on."""
    original = cropped(read(FOLDER / "examples" / "blouse.jpg").rgb, scale)
    return original, Photo(shrunk(original, scale))


@pytest.mark.parametrize("entry", EMBEDDED, ids=lambda entry: entry.id)
def test_no_network_shifts_the_colour_or_draws_a_pixel_grid(entry):
    """What is added over bicubic has next to no mean: not in any colour channel, and not in any of the scale² places of a pixel grid.

    The photo is a pattern of white dots on black: its grey levels differ by more than 100 from dot to dot.
    """
    scale = entry.net.scale
    _, small = pair(scale)
    added = enlarged(small, entry.id).astype(float) - enlarged(small, f"bicubic-x{scale}")
    assert abs(added.mean((0, 1))).max() < 0.7
    assert max(abs(added[y::scale, x::scale].mean()) for y in range(scale) for x in range(scale)) < 2.5


def enlarged(small: Photo, model: str, scale: int | None = None):
    return upscale(small, model=model, scale=scale or int(model.split("-x")[1][0]), faithful="off").photo.rgb


def crispness(rgb) -> float:
    """Mean absolute difference between neighbours, in levels."""
    return float(abs(np.diff(rgb.astype(float), axis=0)).mean() + abs(np.diff(rgb.astype(float), axis=1)).mean())


def test_half_precision_on_disk_is_float32_in_memory(folder):
    state = {name: value.half() for name, value in ENTRY.net.build().state_dict().items()}
    net = weights.load(placed(folder, save(state)))
    assert {value.dtype for value in net.state_dict().values()} == {torch.float32}


def test_a_missing_file_is_said_by_name(folder):
    with pytest.raises(WeightsError, match=r"tiny-x2\.safetensors should lie in weights/"):
        weights.load(ENTRY)


def test_one_changed_byte_is_refused(folder):
    entry = placed(folder, save(ENTRY.net.build().state_dict()))
    path = weights.path_of(entry)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="damaged or not ours"):
        weights.load(entry)


def test_weights_of_another_network_are_refused(folder):
    entry = placed(folder, save(CompactConfig(4, 2, 2).build().state_dict()))
    with pytest.raises(WeightsError, match="do not fit"):
        weights.load(entry)


def test_a_file_that_is_no_safetensors_is_refused_even_with_the_right_hash(folder):
    with pytest.raises(WeightsError, match="do not fit"):
        weights.load(placed(folder, b"\x80\x04 a pickle, perhaps"))
