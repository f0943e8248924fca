"""Weights stored as int8: half the bytes, nearly the same network, published and read back as strictly as float16."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from conftest import made_up
from safetensors.torch import load, save, save_file
from test_catalog import EMBEDDED

from sr_models import Photo, examine, find, upscale, weights
from sr_models.catalog import Embedded
from sr_models.errors import WeightsError
from sr_models.hub.pretrained import make_loadable
from sr_models.hub.recognise import recognise
from sr_models.nets.edsr import EDSRConfig
from sr_models.packing import LARGEST, SCALES, pack, unpack

STORED = [entry for entry in EMBEDDED if isinstance(entry.source, Embedded) and entry.source.int8]
CONFIG = EDSRConfig(32, 2, 2)
NAME = "blocks.0.conv1.weight"


def own_state(entry) -> dict[str, torch.Tensor]:
    return load(weights.path_of(entry).read_bytes())


def without_scales(stored):
    return {name: value for name, value in stored.items() if name != NAME + SCALES}


BROKEN = {
    "missing": without_scales,
    "too few": lambda stored: stored | {NAME + SCALES: stored[NAME + SCALES][1:]},
    "one for all": lambda stored: stored | {NAME + SCALES: stored[NAME + SCALES][0]},
    "whole numbers": lambda stored: stored | {NAME + SCALES: torch.ones(32, dtype=torch.int32)},
    "zero": lambda stored: stored | {NAME + SCALES: torch.zeros(32)},
    "infinite": lambda stored: stored | {NAME + SCALES: torch.full((32,), torch.inf)},
    "no number": lambda stored: stored | {NAME + SCALES: torch.full((32,), torch.nan)},
    "without a channel": lambda stored: stored | {NAME: torch.tensor(1, dtype=torch.int8)},
}
"""What a file can lack: a stored state → the same, broken."""


def test_every_weight_comes_back_within_half_a_step_of_its_channel_and_all_else_as_float16():
    state = CONFIG.build().state_dict()
    stored = pack(state)
    back = unpack(stored)
    assert back.keys() == state.keys()
    for name, value in state.items():
        if value.dim() == 4:
            assert (back[name] - value).abs().amax((1, 2, 3)).le(stored[name + SCALES] * 0.501).all()
            assert stored[name].abs().amax((1, 2, 3)).eq(LARGEST).all()
        else:
            assert torch.equal(back[name], value.half())


def test_a_channel_of_nothing_but_zeros_stays_so():
    assert torch.equal(unpack(pack({"a": torch.zeros(2, 3, 1, 1)}))["a"], torch.zeros(2, 3, 1, 1))


def test_what_was_stored_once_is_stored_again_to_the_bit():
    stored = pack(CONFIG.build().state_dict())
    again = pack(unpack(stored))
    assert all(torch.equal(value, again[name]) for name, value in stored.items() if value.dtype == torch.int8)


@pytest.mark.parametrize("entry", STORED, ids=lambda entry: entry.id)
def test_a_file_takes_half_of_its_bytes(entry):
    assert len(save(pack(own_state(entry)))) < 0.51 * weights.path_of(entry).stat().st_size


def test_the_networks_of_the_page_can_be_stored_so():
    assert {entry.family for entry in STORED} >= {"cnn", "gan"}
    assert len({weights.file_of(entry) for entry in STORED if entry.family in ("cnn", "gan")}) == 3


@pytest.mark.parametrize("break_it", BROKEN.values(), ids=BROKEN)
def test_broken_scales_are_refused_in_words_wherever_a_file_is_read(break_it, tmp_path, monkeypatch):
    broken = break_it(pack(CONFIG.build().state_dict()))
    with pytest.raises(ValueError, match=r"not (32|1) positive numbers: blocks\.0\.conv1\.weight"):
        CONFIG.build().load_state_dict(broken)
    with pytest.raises(WeightsError, match=r"This looks like EDSR of this project, but the scales .* are not"):
        recognise(broken)
    data = save(broken)
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    entry = replace(find("cnn", 2), net=CONFIG, source=Embedded("broken", hashlib.sha256(data).hexdigest()))
    weights.path_of(entry).write_bytes(data)
    with pytest.raises(WeightsError, match="The weights broken do not fit their network: the scales"):
        weights.load_on_cpu(entry)


def test_scales_of_nothing_are_refused_by_the_strict_loader():
    stored = pack(CONFIG.build().state_dict()) | {"blocks.9.conv1.weight" + SCALES: torch.ones(32)}
    with pytest.raises(RuntimeError, match=r"Unexpected key.*blocks\.9\.conv1\.weight\.scales"):
        CONFIG.build().load_state_dict(stored)


def test_from_pretrained_reads_it(tmp_path):
    own = CONFIG.build()
    save_file(pack(own.state_dict()), tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text(json.dumps({"features": 32, "blocks": 2, "scale": 2, "edge": 0}))
    loaded = make_loadable(type(own)).from_pretrained(tmp_path, strict=True)
    expected = unpack(pack(own.state_dict()))
    assert all(torch.equal(value, expected[name].float()) for name, value in loaded.state_dict().items())


def test_a_file_of_the_hub_that_is_chosen_by_its_address_is_recognised():
    state = CONFIG.build().state_dict()
    found = recognise(pack(state), 2)
    assert found.net == replace(CONFIG, scale=found.net.scale)
    assert all(torch.equal(value.half(), found.state[name].half()) for name, value in unpack(pack(state)).items())


def test_the_hash_that_a_result_names_is_that_of_the_file_that_made_it(monkeypatch):
    photo = Photo(made_up(12, 10))
    plain = upscale(photo, scale=2, model="cnn")
    assert plain.photo.made.sha256 == plain.entry.sha256
    origin = weights.Origin(weights.FROM_HUB_AS_INT8, {"id": "cnn-v8", "repo": "owner/name"}, "0" * 64)
    monkeypatch.setitem(weights.origins, weights.file_of(plain.entry), origin)
    told = upscale(photo, scale=2, model="cnn")
    assert told.photo.made.sha256 == examine(photo, told).sha256 == "0" * 64


@pytest.mark.parametrize(("model", "scale"), [("cnn", 2), ("cnn", 4), ("gan", 4)])
def test_stored_so_a_result_differs_by_less_than_an_eye_sees(model, scale, monkeypatch):
    photo = Photo(made_up(40, 48))
    plain = upscale(photo, scale=scale, model=model, faithful="off").photo.rgb
    read = weights.read_weights
    monkeypatch.setattr(weights, "read_weights", lambda entry: (save(pack(load(read(entry)[0]))), read(entry)[1]))
    weights.load_network.cache_clear()
    stored = upscale(photo, scale=scale, model=model, faithful="off").photo.rgb
    weights.load_network.cache_clear()
    difference = np.abs(plain.astype(int) - stored)
    assert 0 < difference.mean() < 0.5
