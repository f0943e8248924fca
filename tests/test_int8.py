"""Blocks that multiply bytes: close to float32, the same wherever a tile begins, chosen by the clock alone."""

import json
from functools import cache

import pytest
import torch
from conftest import ROOT

from sr_models import CATALOG, device, int8, read
from sr_models.catalog import Embedded, find
from sr_models.nets.edsr import Block, EDSRConfig
from sr_models.training.ranges import EXACT, WIDEST_EXACT
from sr_models.weights import RANGES, file_of, load_network

needs_int8 = pytest.mark.skipif(int8.measure_speedup() == 0, reason="this build of PyTorch multiplies no bytes by oneDNN")
OURS = [
    entry
    for entry in CATALOG
    if isinstance(entry.net, EDSRConfig) and isinstance(entry.source, Embedded) and entry.net.features > WIDEST_EXACT
]


@cache
def photo() -> torch.Tensor:
    """(1, 3, 96, 96) of an example, in [0, 1]."""
    rgb = read(ROOT / "examples" / "camera.jpg").rgb
    part = torch.from_numpy(rgb[100:196, 100:196].copy()).permute(2, 0, 1)[None] / 255
    return part.contiguous(memory_format=torch.channels_last)


def asked(entry) -> tuple[torch.Tensor, ...]:
    return (torch.full((1, 1, 96, 96), 0.8),) if entry.family == "gan" else ()


@needs_int8
@pytest.mark.parametrize("entry", OURS, ids=lambda entry: entry.id)
@torch.inference_mode()
def test_what_our_networks_answer_in_8_bits_is_what_they_answer_in_float32_but_for_rounding(entry):
    exact, rounded = (load_network(entry, "cpu", precision)(photo(), *asked(entry)) for precision in (torch.float32, torch.int8))
    assert rounded.dtype == torch.float32
    away = 255 * (rounded - exact)
    assert 0 < away.square().mean().sqrt() < 1
    assert away.mean().abs() < 0.1


@needs_int8
@torch.inference_mode()
def test_a_dial_that_differs_from_place_to_place_is_followed_in_8_bits():
    entry = find("gan", 4)
    detail = asked(entry)[0].clone()
    detail[:, :, :, :48] = 0
    net = load_network(entry, "cpu", torch.int8)
    mixed, none, much = (net(photo(), part) for part in (detail, torch.zeros_like(detail), asked(entry)[0]))
    exact = load_network(entry, "cpu", torch.float32)(photo(), detail)
    assert (mixed - exact).abs().mean() < 1 / 255
    assert torch.allclose(mixed[..., :40], none[..., :40], atol=1e-4)
    assert torch.allclose(mixed[..., -40:], much[..., -40:], atol=0.02)  # folded weights are rounded otherwise
    assert (none - much).abs().mean() > 1 / 255


@needs_int8
@torch.inference_mode()
def test_a_place_is_answered_alike_in_every_tile_in_8_bits():
    entry = find("cnn", 2)
    net = load_network(entry, "cpu", torch.int8)
    whole, part = net(photo()), net(photo()[:, :, 16:, 8:])
    inside = 2 * entry.net.halo
    assert torch.allclose(whole[:, :, 32 + inside :, 16 + inside :], part[:, :, inside:, inside:], atol=1e-4)


@needs_int8
@torch.inference_mode()
def test_what_lies_outside_of_a_range_becomes_its_end():
    conv = int8.Conv(torch.ones(1, 1, 3, 3), torch.zeros(1), scale=1 / 127, zero=128)
    assert conv.read(torch.tensor([-9.0, -1.0, 0.0, 0.5, 1.0, 9.0])).tolist() == [0, 1, 128, 192, 255, 255]


def test_every_large_network_of_ours_has_ranges_for_all_its_blocks_but_the_last_two():
    known = json.loads(RANGES.read_text())
    assert set(known) == {file_of(entry) for entry in OURS}
    for entry in OURS:
        assert isinstance(entry.net, EDSRConfig)
        assert len(known[file_of(entry)]) == entry.net.blocks - EXACT
        assert all(len(ranges) == 2 and min(ranges) > 0 for ranges in known[file_of(entry)])


@needs_int8
@pytest.mark.parametrize("level", [255, 247, 128, 25])
@torch.inference_mode()
def test_rounding_lays_no_pattern_on_even_grounds(level):
    even = torch.full((1, 3, 48, 48), level / 255).contiguous(memory_format=torch.channels_last)
    exact, rounded = (load_network(find("cnn", 4), "cpu", precision)(even) for precision in (torch.float32, torch.int8))
    assert (rounded - exact).abs().max() < 0.5 / 255


@pytest.mark.parametrize(
    ("bfloat16", "speedup", "precision"),
    [(True, 9.0, torch.bfloat16), (False, 1.3, torch.int8), (False, 1.29, torch.float32), (False, 0.0, torch.float32)],
)
def test_without_bfloat16_the_clock_decides_on_8_bits(bfloat16, speedup, precision, monkeypatch):
    monkeypatch.setattr(device, "cpu_has_bfloat16", lambda: bfloat16)
    monkeypatch.setattr(int8, "measure_speedup", lambda: speedup)
    int8.is_worth_it.cache_clear()
    assert device.choose("cpu").precision == precision
    int8.is_worth_it.cache_clear()


def test_a_build_that_cannot_multiply_bytes_is_not_asked_to(monkeypatch):
    def refuse(*_):
        raise RuntimeError("unsupported")

    monkeypatch.setattr(int8, "Int8Block", refuse)
    assert int8.measure_speedup() == 0


@needs_int8
def test_a_network_without_ranges_runs_in_float32_where_8_bits_are_asked_for():
    entry = find("srcnn", 2)
    net = load_network(entry, "cpu", torch.int8)
    assert {value.dtype for value in net.parameters()} == {torch.float32}
    assert not any(isinstance(part, int8.Int8Block | Block) for part in net.modules())
