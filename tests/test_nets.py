"""Every network of the catalogue, without knowing any by name, then what is particular to one."""

import pytest
import torch
import torch.nn.functional as F
from conftest import made_up, shared
from safetensors.torch import load_file

from sr_models.catalog import CATALOG
from sr_models.nets.compact import CompactConfig
from sr_models.nets.resample import enlarge
from sr_models.nets.span import Conv3XC, SPANConfig, fold

NETS = sorted({entry.net for entry in CATALOG} | {SPANConfig(features=16, blocks=2, scale=3)}, key=repr)


def untrained(net):
    torch.manual_seed(1)
    return net.build().eval().requires_grad_(False)


def picture(height, width):
    return torch.from_numpy(made_up(height, width)).permute(2, 0, 1)[None] / 255


@pytest.mark.parametrize("net", NETS, ids=repr)
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
    network = untrained(net).double()
    side = 2 * net.halo + 9
    middle = side // 2
    one, other = torch.zeros(1, 3, side, side, dtype=torch.float64), torch.zeros(1, 3, side, side, dtype=torch.float64)
    other[:, :, middle, middle] = 1
    changed = (network_in_double(network, one) != network_in_double(network, other)).any(1)[0].any(0).nonzero()
    return max(middle - int(changed.min()) // net.scale, int(changed.max()) // net.scale - middle)


def network_in_double(network, x):
    """Float64 throughout, so that a change far away does not drown; `.float()` inside the networks is for lower precisions."""
    original = torch.Tensor.float
    torch.Tensor.float = lambda self, *args, **kwargs: self
    try:
        return network(x)
    finally:
        torch.Tensor.float = original


@pytest.mark.parametrize("net", NETS, ids=repr)
def test_in_lower_precision_input_and_output_stay_float32(net):
    network = untrained(net)
    network.lower_precision(torch.bfloat16)
    result = network(picture(8, 9))
    assert result.dtype == torch.float32
    assert torch.isfinite(result).all()
    if hasattr(network, "last"):
        assert network.last.weight.dtype == torch.float32


def test_span_folds_without_a_visible_difference():
    torch.manual_seed(2)
    trained = SPANConfig(features=16, blocks=2, scale=3).build_for_training()
    x = picture(20, 17)
    with torch.no_grad():
        assert (fold(trained)(x) - trained(x)).abs().max() < 1e-4


def test_a_folded_block_equals_its_branches_one_by_one_also_at_the_border():
    torch.manual_seed(3)
    block = Conv3XC(5, 7)
    x = torch.randn(2, 5, 9, 8)
    with torch.no_grad():
        branches = block.narrow(block.middle(block.widen(F.pad(x, (1, 1, 1, 1))))) + block.skip(x)
        assert (block(x) - branches).abs().max() < 1e-4


def test_compact_loads_the_published_checkpoint_strictly_and_gives_its_score():
    from sr_models.evaluate import cropped, shrunk
    from sr_models.photo import photo_files, read
    from sr_models.quality import luma, psnr, shaved

    net = CompactConfig(features=64, convs=32, scale=4).build().eval().requires_grad_(False)
    net.load_state_dict(load_file(shared("reference-weights/realesr-general-x4v3.safetensors")))
    scores = []
    for file in photo_files(shared("benchmarks/Set5/HR")):
        original = cropped(read(file).rgb, 4)
        small = torch.from_numpy(shrunk(original, 4)).permute(2, 0, 1)[None] / 255
        result = (net(small) * 255).round().clamp(0, 255)[0].permute(1, 2, 0).numpy()
        scores.append(psnr(shaved(luma(result), 4), shaved(luma(original), 4)))
    assert round(sum(scores) / len(scores), 1) == 26.6


@pytest.mark.parametrize("kernel", ["bicubic", "lanczos"])
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_plain_resampling_agrees_with_pillow_away_from_the_border(kernel, scale):
    import numpy as np
    from PIL import Image

    rgb = made_up(24, 31)
    filter = {"bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}[kernel]
    pillow = np.asarray(Image.fromarray(rgb).resize((31 * scale, 24 * scale), filter)).astype(float)
    ours = (enlarge(torch.from_numpy(rgb).permute(2, 0, 1)[None].float(), scale, kernel)[0].permute(1, 2, 0)).clamp(0, 255).numpy()
    edge = 4 * scale
    assert abs(pillow - ours)[edge:-edge, edge:-edge].max() < 1.6  # Pillow rounds to whole levels after rows and after columns
