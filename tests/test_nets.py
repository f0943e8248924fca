"""Every network of the catalogue, without knowing any by name, then what is particular to one."""

import pytest
import torch
import torch.nn.functional as F
from conftest import made_up, shared
from safetensors.torch import load_file

from sr_models.catalog import CATALOG
from sr_models.nets import Network
from sr_models.nets.compact import CompactConfig
from sr_models.nets.edsr import EDSRConfig
from sr_models.nets.realplksr import RealPLKSRConfig
from sr_models.nets.resample import interpolate
from sr_models.nets.rrdb import HALO, RRDBConfig
from sr_models.nets.span import Conv3XC, SPANConfig, fold_span


def quick(net) -> bool:
    """Whether it is of the first contract and small enough for these tests; the others have a small sibling in SMALL."""
    with torch.device("meta"):
        network = net.build()
    return isinstance(network, Network) and sum(value.numel() for value in network.parameters()) < 1_000_000


SMALL = {
    EDSRConfig(features=8, blocks=2, scale=3),
    SPANConfig(features=16, blocks=2, scale=3),
    SPANConfig(features=16, blocks=2, scale=2, centred=True),
    RRDBConfig(features=8, blocks=1, growth=4, scale=4),
    RRDBConfig(features=8, blocks=1, growth=4, scale=2),
    RRDBConfig(features=8, blocks=1, growth=4, scale=2, unshuffle=2),
    RealPLKSRConfig(features=8, blocks=2, kernel=7, large=4, scale=2, norm="layer"),
}
NETS = sorted({entry.net for entry in CATALOG if quick(entry.net)} | SMALL, key=repr)
UNBOUNDED = [
    RealPLKSRConfig(features=8, blocks=2, kernel=5, large=4, scale=3, attention=False),
    RealPLKSRConfig(features=8, blocks=1, kernel=5, large=2, scale=2, enlarge="dysample"),
    RealPLKSRConfig(features=8, blocks=1, kernel=5, large=2, scale=3, enlarge="dysample", norm="layer"),
]
"""Their norm takes the mean of the whole picture, or they look pixels up wherever the features point."""


def untrained(net):
    torch.manual_seed(1)
    return net.build().eval().requires_grad_(False)


def picture(height, width):
    return torch.from_numpy(made_up(height, width)).permute(2, 0, 1)[None] / 255


@pytest.mark.parametrize("net", [*NETS, *UNBOUNDED], ids=repr)
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 2), (13, 16)])
def test_a_network_enlarges_any_size_by_its_scale(net, size):
    result = untrained(net)(picture(*size))
    assert result.shape == (1, 3, size[0] * net.scale, size[1] * net.scale)
    assert result.dtype == torch.float32


@pytest.mark.parametrize("net", NETS, ids=repr)
def test_nothing_beyond_the_halo_reaches_an_output_pixel(net):
    assert reach(net) <= net.halo


@pytest.mark.parametrize("net", NETS, ids=repr)
def test_the_halo_is_not_much_larger_than_needed(net):
    assert reach(net) >= net.halo - 1


def reach(net):
    """How far, in input pixels, a change of one pixel is seen in the output."""
    network = untrained(net)
    side = 2 * net.halo + 9
    middle = side // 2
    x = torch.zeros(1, 3, side, side)
    x[:, :, middle, middle] = torch.nan  # spreads wherever it is looked at, however small the weights
    changed = network(x).isnan().any(1)[0].any(0).nonzero()
    return max(middle - int(changed.min()) // net.scale, int(changed.max()) // net.scale - middle)


@pytest.mark.parametrize("net", [*NETS, *UNBOUNDED], ids=repr)
def test_in_lower_precision_input_and_output_stay_float32(net):
    network = untrained(net)
    network.lower_precision(torch.bfloat16)
    result = network(picture(8, 9))
    assert result.dtype == torch.float32
    assert torch.isfinite(result).all()
    assert {value.dtype for value in [*network.parameters()][-2:]} <= {torch.float32}  # of the last convolution


def test_span_folds_without_a_visible_difference():
    torch.manual_seed(2)
    trained = SPANConfig(features=16, blocks=2, scale=3).build_for_training()
    x = picture(20, 17)
    with torch.no_grad():
        assert (fold_span(trained)(x) - trained(x)).abs().max() < 1e-4


def test_a_folded_block_equals_its_branches_one_by_one_also_at_the_border():
    torch.manual_seed(3)
    block = Conv3XC(5, 7)
    x = torch.randn(2, 5, 9, 8)
    with torch.no_grad():
        branches = block.narrow(block.middle(block.widen(F.pad(x, (1, 1, 1, 1))))) + block.skip(x)
        assert (block(x) - branches).abs().max() < 1e-4


def test_compact_loads_the_published_checkpoint_strictly_and_gives_its_score():
    from sr_models.figures.evaluate import crop_to_multiple, shrink_as_matlab
    from sr_models.figures.quality import luma, psnr, shave
    from sr_models.folders import photo_files
    from sr_models.reading import read

    net = CompactConfig(features=64, convs=32, scale=4).build().eval().requires_grad_(False)
    net.load_state_dict(load_file(shared("reference-weights/realesr-general-x4v3.safetensors")))
    scores = []
    for file in photo_files(shared("benchmarks/Set5/HR")):
        original = crop_to_multiple(read(file).rgb, 4)
        small = torch.from_numpy(shrink_as_matlab(original, 4)).permute(2, 0, 1)[None] / 255
        result = (net(small) * 255).round().clamp(0, 255)[0].permute(1, 2, 0).numpy()
        scores.append(psnr(shave(luma(result), 4), shave(luma(original), 4)))
    assert round(sum(scores) / len(scores), 1) == 26.6


@pytest.mark.parametrize("kernel", ["bicubic", "lanczos"])
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_plain_resampling_agrees_with_pillow_away_from_the_border(kernel, scale):
    import numpy as np
    from PIL import Image

    rgb = made_up(24, 31)
    filter = {"bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}[kernel]
    pillow = np.asarray(Image.fromarray(rgb).resize((31 * scale, 24 * scale), filter)).astype(float)
    ours = (interpolate(torch.from_numpy(rgb).permute(2, 0, 1)[None].float(), scale, kernel)[0].permute(1, 2, 0)).clamp(0, 255).numpy()
    edge = 4 * scale
    assert abs(pillow - ours)[edge:-edge, edge:-edge].max() < 1.6  # Pillow rounds to whole levels after rows and after columns


def levels(difference):
    """The largest difference, in levels of 255."""
    return difference.abs().max().item() * 255


def around_a_tile(network, halo):
    """A tile of 16 × 16 pixels out of the middle of a picture, enlarged with `halo` pixels of context, less the same of the whole."""
    scale = network.config.scale
    x = picture(112, 112)
    tile = network(x[:, :, 48 - halo : 64 + halo, 48 - halo : 64 + halo])
    inner, whole = slice(halo * scale, (halo + 16) * scale), slice(48 * scale, 64 * scale)
    return tile[:, :, inner, inner] - network(x)[:, :, whole, whole]


@pytest.mark.parametrize("unshuffle", [1, 2])
def test_what_lies_beyond_the_halo_of_a_deep_rrdb_changes_the_picture_by_less_than_a_hundredth_of_a_level(unshuffle):
    net = RRDBConfig(features=16, blocks=4, growth=8, scale=2, unshuffle=unshuffle)
    assert net.reach > net.halo == HALO * unshuffle
    assert levels(around_a_tile(untrained(net), net.halo)) < 0.01


def test_with_too_small_a_halo_it_would_change_visibly():
    network = untrained(RRDBConfig(features=16, blocks=4, growth=8, scale=2))
    assert levels(around_a_tile(network, 1)) > 0.5


def test_a_group_norm_takes_in_the_whole_picture_and_a_layer_norm_does_not():
    group, layer = (RealPLKSRConfig(features=8, blocks=1, kernel=5, large=2, scale=2, norm=norm) for norm in ("group", "layer"))
    assert reach(layer) == layer.halo
    assert reach(group) > group.halo


def test_a_tile_of_an_unshuffling_network_begins_at_an_even_pixel_or_differs():
    net = RRDBConfig(features=8, blocks=1, growth=4, scale=2, unshuffle=2)
    network, x = untrained(net), picture(8, 100)
    whole = network(x)[:, :, :, 2 * 90 :]
    even, odd = (network(x[:, :, :, start:])[:, :, :, 2 * (90 - start) :] for start in (50, 51))
    assert levels(even - whole) < 0.01
    assert levels(odd - whole) > 0.5


@pytest.mark.parametrize("net", [*sorted(SMALL, key=repr), *UNBOUNDED[:2]], ids=repr)
def test_bfloat16_is_used_only_where_it_moves_the_picture_by_less_than_a_hundredth_of_its_spread(net):
    network, x = untrained(net), picture(24, 24)
    exact = network(x)
    network.lower_precision(torch.bfloat16)
    moved = network(x) - exact
    assert moved.square().mean().sqrt() < 0.01 * exact.std()


def test_float16_is_not_used_under_a_group_norm():
    network = untrained(UNBOUNDED[0])
    network.lower_precision(torch.float16)
    assert {value.dtype for value in network.parameters()} == {torch.float32}
