"""One trunk for all scales, and a detail map: what the dial does, place by place."""

import pytest
import torch
from conftest import shared
from safetensors.torch import load_file

from sr_models.nets import DetailNetwork, Network, has_dial
from sr_models.nets.edsr import SCALES, DialledEDSR, DialledEDSRConfig, EDSRConfig


def trained(scale: int = 2) -> DialledEDSR:
    """Small, with random numbers where training starts from zero."""
    torch.manual_seed(0)
    net = DialledEDSRConfig(8, 2, scale).build().eval().requires_grad_(False)
    for value in (net.gain, net.shift, *net.head.parameters()):
        value.add_(torch.randn_like(value) * 0.2)
    return net


def test_only_the_second_contract_has_a_dial():
    assert has_dial(DialledEDSRConfig(8, 2, 2))
    assert not has_dial(EDSRConfig(8, 2, 2))
    assert isinstance(trained(), DetailNetwork)
    assert isinstance(EDSRConfig(8, 2, 2).build(), Network)


@pytest.mark.parametrize("scale", SCALES)
def test_without_detail_it_is_its_cnn_weight_for_weight(scale):
    net = trained(scale)
    cnn = EDSRConfig(8, 2, scale).build()
    cnn.load_state_dict({name: value for name, value in net.state_dict().items() if name in cnn.state_dict()})
    x = torch.rand(1, 3, 9, 7)
    assert torch.equal(net(x, torch.zeros(1, 1, 9, 7)), cnn(x))
    assert not torch.equal(net(x, torch.ones(1, 1, 9, 7)), cnn(x))


@pytest.mark.parametrize("scale", SCALES)
def test_what_it_adds_to_is_a_bilinear_enlargement(scale):
    net = EDSRConfig(8, 2, scale).build()
    for value in net.last.parameters():
        torch.nn.init.zeros_(value)
    x = torch.rand(2, 3, 5, 7)
    assert torch.allclose(net(x), torch.nn.functional.interpolate(x, scale_factor=scale, mode="bilinear"), atol=1e-6)


@pytest.mark.parametrize("scale", SCALES)
def test_the_same_weights_in_the_same_memory_serve_every_scale(scale):
    net = trained(3)
    other = net.at(scale)
    assert other.first.weight.data_ptr() == net.first.weight.data_ptr()
    assert net.config.scale == 3
    own = trained(scale)
    own.load_state_dict(net.state_dict())
    x = torch.rand(1, 3, 5, 6)
    assert torch.equal(other(x, x[:, :1]), own(x, x[:, :1]))


@pytest.mark.parametrize("detail", [0.0, 0.37, 1.0, 1.4])
def test_the_same_detail_everywhere_folds_into_the_convolutions_and_draws_the_same(detail):
    net = trained(3)
    x, map = torch.rand(1, 3, 12, 9), torch.full((1, 1, 12, 9), detail)
    folded = net(x, map)
    map[..., -1, -1] += 1e-7 if detail else 1e-6  # not the same everywhere: the long way
    assert map.min() != map.max()
    assert (net(x, map) - folded).abs().max() < 1e-4


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (6, 5)])
def test_any_size_is_enlarged_by_the_scale(size):
    y = trained(3)(torch.rand(1, 3, *size), torch.rand(1, 1, *size))
    assert y.shape == (1, 3, 3 * size[0], 3 * size[1])


def test_a_protected_place_looks_as_without_detail_beyond_the_halo_of_the_rest():
    net = trained()
    x, detail = torch.rand(1, 3, 8, 24), torch.zeros(1, 1, 8, 24)
    detail[:, :, :, 12:] = 1
    mixed, none, full = (net(x, d) for d in (detail, torch.zeros_like(detail), torch.ones_like(detail)))
    reach = net.config.halo
    assert torch.allclose(mixed[:, :, :, : 2 * (12 - reach)], none[:, :, :, : 2 * (12 - reach)], atol=1e-6)
    assert torch.allclose(mixed[:, :, :, 2 * (12 + reach) :], full[:, :, :, 2 * (12 + reach) :], atol=1e-5)
    assert not torch.allclose(mixed[:, :, :, 24:], none[:, :, :, 24:], atol=1e-3)


@pytest.mark.parametrize("even", [True, False], ids=["the same everywhere", "a map"])
def test_in_bfloat16_it_draws_the_same_picture(even):
    net = trained()
    x, detail = torch.rand(1, 3, 12, 12), torch.rand(1, 1, 12, 12)
    detail = torch.full_like(detail, 0.6) if even else detail
    wanted = net(x, detail)
    net.lower_precision(torch.bfloat16)
    found = net(x, detail)
    assert found.dtype == torch.float32
    assert (found - wanted).abs().max() < 0.05


PUBLISHED = {
    "clean": EDSRConfig(96, 16, 4),
    "web": EDSRConfig(96, 16, 2),
    "gan": DialledEDSRConfig(96, 16, 3),
    "crisp": DialledEDSRConfig(96, 16, 4),
}


@pytest.mark.parametrize(("file", "net"), PUBLISHED.items(), ids=PUBLISHED)
def test_weights_under_their_published_names_load_strictly(file, net):
    state = load_file(shared(f"../weights/edsr96-{file}.safetensors"))
    net.build().load_state_dict({name: value.float() for name, value in state.items()}, strict=True)
