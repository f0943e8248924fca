import hashlib
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import PATIENCE, shared
from fake_hub import FakeHub, serve_hub, silence, status
from PIL import Image, ImageDraw, ImageFont
from safetensors.torch import save
from test_catalog import EMBEDDED

from sr_models import Photo, find, photo_files, read, upscale, weights
from sr_models.catalog import Embedded, Entry, Hub
from sr_models.errors import WeightsError
from sr_models.figures.evaluate import crop_to_multiple, make_trial, shrink_as_matlab
from sr_models.figures.quality import luma, psnr, shave
from sr_models.hub import download as hub
from sr_models.nets.compact import CompactConfig
from sr_models.nets.rrdb import RRDBConfig
from sr_models.reading import recompress

FOLDER = Path(__file__).parents[1]
ENTRY = Entry("tiny-x2", "tiny", "cnn", ("clean",), CompactConfig(4, 1, 2), Embedded("tiny-x2", ""))


def placed(folder, data: bytes) -> Entry:
    """An entry whose file in `folder` holds `data`, with the right hash."""
    (folder / f"{ENTRY.id}.safetensors").write_bytes(data)
    return replace(ENTRY, source=Embedded(ENTRY.id, hashlib.sha256(data).hexdigest()))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "FOLDER", tmp_path / "weights")
    (tmp_path / "weights").mkdir()
    return tmp_path / "weights"


@pytest.mark.parametrize("entry", EMBEDDED, ids=lambda entry: entry.id)
def test_an_embedded_file_has_the_hash_of_its_entry_and_loads_strictly(entry):
    net = weights.load_on_cpu(entry)
    assert all(torch.isfinite(value).all() for value in net.state_dict().values())


@pytest.mark.parametrize("entry", [e for e in EMBEDDED if e.family != "gan"], ids=lambda entry: entry.id)
def test_a_network_that_learnt_pixels_is_closer_to_the_original_than_bicubic(entry):
    original, small = pair(entry.net.scale)
    margin = 0.1 if entry.id == "cnn-fast-x2-web-v1" else 0.3  # of which it reaches 0.15
    assert psnr(enlarged(small, entry.id), original) > psnr(enlarged(small, f"bicubic-x{entry.net.scale}"), original) + margin


@pytest.mark.parametrize("entry", [e for e in EMBEDDED if e.family == "gan"], ids=lambda entry: entry.id)
def test_a_gan_gets_crisper_with_the_dial_and_stays_where_it_was_else(entry):
    original, small = pair(entry.net.scale)
    results = [enlarged(small, entry.id, detail=detail) for detail in (0, 0.5, 1)]
    none, some, all = (crispness(result) for result in results)
    assert none < some < all
    assert psnr(results[2], original) > psnr(results[0], original) - 2
    assert none > crispness(enlarged(small, "bicubic", entry.net.scale))


def scores(scale: int, **models: dict) -> dict[str, float]:
    """Mean PSNR-Y of each model on parts of product photos that were made small and saved as JPEG of quality 75."""
    found = {name: [] for name in models}
    for file in photo_files(shared("product-val"))[::4]:
        trial = make_trial(file.name, Photo(read(file).rgb[: 80 * scale, : 80 * scale]), scale, "jpeg", 75)
        for name, asked in models.items():
            rgb = upscale(trial.small, scale=scale, faithful="off", **asked).photo.rgb
            found[name].append(psnr(*(shave(luma(picture), scale) for picture in (rgb, trial.original))))
    return {name: float(np.mean(values)) for name, values in found.items()}


def test_weights_for_the_web_are_worth_it_on_photos_from_the_web():
    """By 0.4 dB over the weights for clean photos and 1.0 dB over bicubic."""
    known = scores(4, web={"input": "web"}, clean={"input": "clean"}, bicubic={"model": "bicubic"})
    assert known["web"] > known["clean"] + 0.4
    assert known["web"] > known["bicubic"] + 1.0


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_without_detail_the_gan_is_as_close_as_the_cnn_for_the_web(scale):
    known = scores(scale, cnn={"input": "web"}, gan={"model": "gan", "detail": 0.0})
    assert known["gan"] > known["cnn"] - 0.2, known


def test_writing_from_the_web_rings_less_than_bicubic_makes_it():
    """A label of grey on grey: hardly any pixel is brighter than its ground."""
    ground, ink = 200, 60
    label = Image.new("L", (640, 200), ground)
    for top, line, size in ((20, "Organic milk 500 ml", 44), (110, "WARNING: keep cool", 52)):
        ImageDraw.Draw(label).text((20, top), line, ink, ImageFont.load_default(size))
    photo = recompress(Photo(np.asarray(label.resize((160, 50), Image.Resampling.BICUBIC).convert("RGB"))), 75)
    rung = {
        model: (upscale(photo, scale=4, model=model, input="web", faithful="off").photo.rgb > ground + 6).mean()
        for model in ("cnn", "bicubic")
    }
    assert rung["bicubic"] > 0.03
    assert rung["cnn"] < 0.7 * rung["bicubic"], rung


def pair(scale: int):
    """(original, small photo) from an example, which no network was trained on."""
    original = crop_to_multiple(read(FOLDER / "examples" / "clothes" / "blouse.jpg").rgb, scale)
    return original, Photo(shrink_as_matlab(original, scale))


@pytest.mark.parametrize("entry", EMBEDDED, ids=lambda entry: entry.id)
def test_no_network_shifts_the_colour_or_draws_a_pixel_grid(entry):
    """What is added over bicubic has next to no mean: not in any colour channel, and not in any of the scale² places of a pixel grid.

    The photo is a pattern of white dots on black: its grey levels differ by more than 100 from dot to dot.
    """
    scale = entry.net.scale
    _, small = pair(scale)
    detail = 1.0 if entry.family == "gan" else None
    added = enlarged(small, entry.id, detail=detail).astype(float) - enlarged(small, f"bicubic-x{scale}")
    assert abs(added.mean((0, 1))).max() < 0.7
    assert max(abs(added[y::scale, x::scale].mean()) for y in range(scale) for x in range(scale)) < 2.5


def enlarged(small: Photo, model: str, scale: int | None = None, detail: float | None = None):
    return upscale(small, model=model, scale=scale or int(model.split("-x")[1][0]), faithful="off", detail=detail).photo.rgb


def crispness(rgb) -> float:
    """Mean absolute difference between neighbours, in levels."""
    return float(abs(np.diff(rgb.astype(float), axis=0)).mean() + abs(np.diff(rgb.astype(float), axis=1)).mean())


def test_the_entries_of_one_file_share_their_weights_in_memory():
    for family in ("cnn", "cnn-fast", "gan"):
        found: list[Any] = [weights.load_network(find(family, scale), "cpu", torch.float32) for scale in (2, 3, 4)]
        assert [net.config.scale for net in found] == [2, 3, 4]
        assert len({id(net.first.weight) for net in found}) == 1
    others = [weights.load_network(find("srcnn", scale), "cpu", torch.float32) for scale in (2, 3, 4)]
    assert len({id(next(net.parameters())) for net in others}) == 3


def test_half_precision_on_disk_is_float32_in_memory(folder):
    state = {name: value.half() for name, value in ENTRY.net.build().state_dict().items()}
    net = weights.load_on_cpu(placed(folder, save(state)))
    assert {value.dtype for value in net.state_dict().values()} == {torch.float32}


def test_a_missing_file_is_said_by_name(folder):
    with pytest.raises(WeightsError, match=r"tiny-x2\.safetensors should lie in weights/"):
        weights.load_on_cpu(ENTRY)


def test_one_changed_byte_is_refused(folder):
    entry = placed(folder, save(ENTRY.net.build().state_dict()))
    path = weights.path_of(entry)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="damaged or not ours"):
        weights.load_on_cpu(entry)


def test_weights_of_another_network_are_refused(folder):
    entry = placed(folder, save(CompactConfig(4, 2, 2).build().state_dict()))
    with pytest.raises(WeightsError, match="do not fit"):
        weights.load_on_cpu(entry)


def test_a_file_that_is_no_safetensors_is_refused_even_with_the_right_hash(folder):
    with pytest.raises(WeightsError, match="do not fit"):
        weights.load_on_cpu(placed(folder, b"\x80\x04 a pickle, perhaps"))


REPO = "owner/name"
ESRGAN = RRDBConfig(features=4, blocks=1, growth=2, scale=4)


@pytest.fixture
def server(tmp_path, monkeypatch):
    with serve_hub(tmp_path / "home", monkeypatch) as server:
        server.repo(REPO)
        yield server


def hosted(server: FakeHub, data: bytes, sha256: str | None = None) -> Entry:
    """An entry whose file on the Hub holds `data`."""
    server.repo(REPO, **{"esrgan.safetensors": data})
    return replace(ENTRY, net=ESRGAN, source=Hub(REPO, "esrgan.safetensors", sha256=sha256 or hashlib.sha256(data).hexdigest()))


def test_where_weights_came_from_is_told_once_they_are_loaded(server, folder):
    entry = placed(folder, save(ENTRY.net.build().state_dict()))
    assert weights.find_origin(entry) is None
    weights.load_on_cpu(entry)
    assert str(weights.find_origin(entry)) == "Weights: tiny-x2, embedded."
    assert weights.find_origin(entry).sha256 == entry.sha256
    weights.load_on_cpu(find("bicubic", 2))
    assert str(weights.find_origin(find("bicubic", 2))) == "bicubic-x2 is a formula without weights."
    assert server.requests == []


def test_an_entry_on_the_hub_is_downloaded_when_it_is_loaded_and_no_sooner(server):
    state = ESRGAN.build().state_dict()
    entry = hosted(server, save(state))
    assert server.requests == []
    net = weights.load_on_cpu(entry)
    assert all(torch.equal(value, state[name]) for name, value in net.state_dict().items())
    assert str(weights.find_origin(entry)) == f"Weights: tiny-x2, from {REPO} on the Hub."
    server.requests.clear()
    weights.load_on_cpu(entry)
    assert server.requests == []


def test_an_entry_on_the_hub_whose_file_is_of_another_network_is_refused(server):
    entry = hosted(server, save(RRDBConfig(features=8, blocks=1, growth=2, scale=4).build().state_dict()))
    with pytest.raises(WeightsError, match="do not fit their network"):
        weights.load_on_cpu(entry)


def test_a_pickle_on_the_hub_is_never_opened(server):
    with pytest.raises(WeightsError, match="do not fit their network"):
        weights.load_on_cpu(hosted(server, b"\x80\x04 a pickle, perhaps"))


def test_an_entry_on_the_hub_with_another_hash_is_refused(server):
    with pytest.raises(WeightsError, match="is damaged or not the file"):
        weights.load_on_cpu(hosted(server, save(ESRGAN.build().state_dict()), "0" * 64))


def test_offline_an_entry_on_the_hub_is_refused_at_once(server, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(WeightsError, match="HF_HUB_OFFLINE forbids"):
        weights.load_on_cpu(hosted(server, save(ESRGAN.build().state_dict())))
    assert server.requests == []


AWAY = {
    "missing": (status(404, X_Error_Code="EntryNotFound"), "no such file"),
    "failing": (status(500), "500"),
    "silent": (silence, "did not answer within"),
}


@pytest.mark.parametrize(("trouble", "words"), AWAY.values(), ids=AWAY)
def test_embedded_weights_serve_where_their_repository_does_not_and_the_reason_is_told(server, folder, monkeypatch, trouble, words):
    entry = placed(folder, save(ENTRY.net.build().state_dict()))
    monkeypatch.setenv(weights.REPO, REPO)
    monkeypatch.setattr(weights, "PATIENCE_SECONDS", 3 if trouble is silence else PATIENCE)
    server.trouble["HEAD"] = trouble
    weights.load_on_cpu(entry)
    told = str(weights.find_origin(entry))
    assert told.startswith(f"Weights: tiny-x2, embedded, because {REPO} on the Hub did not serve them: ")
    assert words in told


def test_other_weights_in_that_repository_are_not_taken(server, folder, monkeypatch):
    entry = placed(folder, save(ENTRY.net.build().state_dict()))
    changed = bytearray(weights.path_of(entry).read_bytes())
    changed[-1] ^= 1
    server.repo(REPO, **{"tiny-x2/model.safetensors": bytes(changed)})
    monkeypatch.setenv(weights.REPO, REPO)
    weights.load_on_cpu(entry)
    assert "is damaged or not the file that was expected" in str(weights.find_origin(entry))


def test_a_repository_that_is_none_is_told_and_the_embedded_weights_serve(server, folder, monkeypatch):
    entry = placed(folder, save(ENTRY.net.build().state_dict()))
    monkeypatch.setenv(weights.REPO, "https://huggingface.co/owner/name")
    weights.load_on_cpu(entry)
    assert "names no repository on the Hub" in str(weights.find_origin(entry))


def test_without_embedded_weights_the_repository_serves_or_says_why_not(server, folder, monkeypatch):
    entry = placed(folder, save(ENTRY.net.build().state_dict()))
    server.repo(REPO, **{"tiny-x2/model.safetensors": weights.path_of(entry).read_bytes()})
    shutil.rmtree(folder)
    monkeypatch.setenv(weights.REPO, f"{REPO}@main")
    weights.load_on_cpu(entry)
    assert str(weights.find_origin(entry)) == f"Weights: tiny-x2, from {REPO} on the Hub."
    shutil.rmtree(hub.cache_folder())
    server.trouble["HEAD"] = status(500)
    with pytest.raises(WeightsError, match="failed when it was asked for owner/name/tiny-x2/model"):
        weights.load_on_cpu(entry)
