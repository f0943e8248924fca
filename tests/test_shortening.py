"""Weights without the blocks that add the same everywhere answer the same."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from sr_models.nets import has_dial
from sr_models.nets.edsr import DialledEDSRConfig, EDSRConfig
from sr_models.training import shortening
from sr_models.training.shortening import drop_blocks


def net_with_silent_blocks(config, places):
    net = config.build().eval().requires_grad_(False)
    for value in net.parameters():
        torch.nn.init.normal_(value, std=0.05)
    for place in places:
        net.get_parameter(f"blocks.{place}.conv1.bias").fill_(-100)
    return net


@pytest.mark.parametrize("places", [(1, 2), (3,), (1, 4)])
@pytest.mark.parametrize("config", [EDSRConfig(8, 5, 2), DialledEDSRConfig(8, 5, 3)], ids=["cnn", "gan"])
def test_the_answers_stay_the_same_up_to_the_border_at_every_detail(config, places):
    net = net_with_silent_blocks(config, places)
    shorter = replace(config, blocks=5 - len(places)).build().eval().requires_grad_(False)
    shorter.load_state_dict(drop_blocks(net.state_dict(), places))
    small = torch.rand(2, 3, 9, 7)
    maps = [torch.zeros(2, 1, 9, 7), torch.ones(2, 1, 9, 7), torch.rand(2, 1, 9, 7)] if has_dial(config) else [None]
    for detail in maps:
        asked = () if detail is None else (detail,)
        torch.testing.assert_close(shorter(small, *asked), net(small, *asked), atol=1e-5, rtol=1e-5)


def test_a_block_that_says_something_is_missed():
    net = net_with_silent_blocks(EDSRConfig(8, 5, 2), (1,))
    shorter = EDSRConfig(8, 4, 2).build().eval().requires_grad_(False)
    shorter.load_state_dict(drop_blocks(net.state_dict(), (2,)))
    small = torch.rand(2, 3, 9, 7)
    assert (shorter(small) - net(small)).abs().max() > 1e-3


def test_what_is_given_stays_as_it_is():
    weights = net_with_silent_blocks(DialledEDSRConfig(8, 5, 2), (2,)).state_dict()
    before = {name: value.clone() for name, value in weights.items()}
    drop_blocks(weights, (2,))
    assert all(torch.equal(weights[name], before[name]) for name in before)


def test_the_command_writes_a_file_that_fits_the_catalogue(tmp_path, monkeypatch):
    monkeypatch.setattr(shortening, "WEIGHTS", tmp_path)
    for known in shortening.SHORTENINGS:
        start = replace(known.net, blocks=known.net.blocks + len(known.without)).build()
        save_file({name: value.half().contiguous() for name, value in start.state_dict().items()}, tmp_path / "start.safetensors")
        monkeypatch.setattr("sys.argv", ["shortening", known.id, str(tmp_path / "start.safetensors")])
        shortening.main()
        written = load_file(tmp_path / f"{known.id}.safetensors")
        known.net.build().load_state_dict(written)
        assert {value.dtype for value in written.values()} == {torch.float16}
