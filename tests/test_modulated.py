"""The network with a detail map: what its dial does, place by place."""

from dataclasses import replace

import pytest
import torch

from sr_models.nets.compact import CompactConfig
from sr_models.nets.modulated import Modulated, ModulatedConfig


CNN = CompactConfig(8, 2, 2, skip="bilinear", long_skip=True)


def trained(scale: int = 2) -> Modulated:
    """Small, with random numbers where training starts from zero."""
    torch.manual_seed(0)
    net = ModulatedConfig(replace(CNN, scale=scale), blocks=2).build().eval().requires_grad_(False)
    for value in (net.gain, net.shift, net.head.weight):
        value.add_(torch.randn_like(value) * 0.2)
    return net


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_without_detail_it_is_its_cnn_bit_for_bit(scale):
    net = trained(scale)
    x = torch.rand(1, 3, 9, 7)
    assert torch.equal(net(x, torch.zeros(1, 1, 9, 7)), net.cnn(x))
    assert not torch.equal(net(x, torch.ones(1, 1, 9, 7)), net.cnn(x))


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_reduced_again_detail_is_nothing_in_any_pixel_and_it_has_no_colour(scale):
    net = trained(scale)
    x, detail = torch.rand(1, 3, 9, 7), torch.rand(1, 1, 9, 7)
    drawn = net(x, detail) - net.cnn(x)
    assert drawn.abs().max() > 0.01
    assert torch.nn.functional.avg_pool2d(drawn, scale).abs().max() < 1e-6
    assert (drawn - drawn[:, :1]).abs().max() < 1e-6


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (6, 5)])
def test_any_size_is_enlarged_by_the_scale(size):
    y = trained(3)(torch.rand(1, 3, *size), torch.rand(1, 1, *size))
    assert y.shape == (1, 3, 3 * size[0], 3 * size[1])


def test_a_protected_place_is_as_without_detail_and_beyond_the_branch_all_is_as_with_it():
    net = trained()
    x, detail = torch.rand(1, 3, 8, 24), torch.zeros(1, 1, 8, 24)
    detail[:, :, :, 12:] = 1
    mixed, full = net(x, detail), net(x, torch.ones_like(detail))
    reach = net.config.blocks + 1
    assert torch.equal(mixed[:, :, :, :24], net.cnn(x)[:, :, :, :24])
    assert torch.allclose(mixed[:, :, :, 2 * (12 + reach) :], full[:, :, :, 2 * (12 + reach) :], atol=1e-6)
    assert not torch.equal(mixed[:, :, :, 24:], net.cnn(x)[:, :, :, 24:])


def test_in_bfloat16_it_draws_the_same_picture():
    net = trained()
    x, detail = torch.rand(1, 3, 12, 12), torch.rand(1, 1, 12, 12)
    wanted = net(x, detail)
    net.lower_precision(torch.bfloat16)
    found = net(x, detail)
    assert found.dtype == torch.float32
    assert (found - wanted).abs().max() < 0.05
