"""The network with a detail map: what its dial does, place by place."""

import pytest
import torch

from sr_models.nets.compact import CompactConfig
from sr_models.nets.modulated import Modulated, ModulatedConfig


def trained(scale: int = 2, edge: int = 0) -> Modulated:
    """Small, with random numbers where training starts from zero."""
    torch.manual_seed(0)
    net = ModulatedConfig(8, 3, scale, edge).build().eval().requires_grad_(False)
    for value in (net.gain, net.shift, net.head.weight):
        value.add_(torch.randn_like(value) * 0.2)
    return net


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_without_detail_it_is_its_cnn_weight_for_weight(scale):
    net = trained(scale)
    cnn = CompactConfig(8, 3, scale, skip="bilinear", long_skip=True).build()
    cnn.load_state_dict({name: value for name, value in net.state_dict().items() if name.startswith("body")})
    x = torch.rand(1, 3, 9, 7)
    assert torch.equal(net(x, torch.zeros(1, 1, 9, 7)), cnn(x))
    assert not torch.equal(net(x, torch.ones(1, 1, 9, 7)), cnn(x))


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (6, 5)])
def test_any_size_is_enlarged_by_the_scale(size):
    y = trained(3, edge=4)(torch.rand(1, 3, *size), torch.rand(1, 1, *size))
    assert y.shape == (1, 3, 3 * size[0], 3 * size[1])


def test_a_protected_place_looks_as_without_detail_beyond_the_halo_of_the_rest():
    net = trained(edge=2)
    x, detail = torch.rand(1, 3, 8, 24), torch.zeros(1, 1, 8, 24)
    detail[:, :, :, 12:] = 1
    mixed, none, full = (net(x, d) for d in (detail, torch.zeros_like(detail), torch.ones_like(detail)))
    reach = net.config.halo
    assert torch.equal(mixed[:, :, :, : 2 * (12 - reach)], none[:, :, :, : 2 * (12 - reach)])
    assert torch.allclose(mixed[:, :, :, 2 * (12 + reach) :], full[:, :, :, 2 * (12 + reach) :], atol=1e-6)
    assert not torch.equal(mixed[:, :, :, 24:], none[:, :, :, 24:])


def test_in_bfloat16_it_draws_the_same_picture():
    net = trained()
    x, detail = torch.rand(1, 3, 12, 12), torch.rand(1, 1, 12, 12)
    wanted = net(x, detail)
    net.lower_precision(torch.bfloat16)
    found = net(x, detail)
    assert found.dtype == torch.float32
    assert (found - wanted).abs().max() < 0.05
