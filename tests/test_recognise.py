"""Files of other people: what they are taken for, what is refused, and that the result is that of an independent loader."""

import pickle
import sys
from pathlib import Path
from unittest.mock import MagicMock

import published_keys as published
import pytest
import safetensors.torch
import torch
from conftest import made_up, shared
from published_keys import filled

from sr_models.catalog import CATALOG, PUBLISHED, Hub, find
from sr_models.errors import ModelError, UpscaleError, WeightsError
from sr_models.hub.recognise import MOST_TENSORS, recognise, recognise_file
from sr_models.nets.compact import CompactConfig
from sr_models.nets.edsr import EDSRConfig
from sr_models.nets.realplksr import RealPLKSRConfig
from sr_models.nets.rrdb import RRDBConfig
from sr_models.nets.span import SPANConfig
from sr_models.nets.srcnn import SRCNNConfig

SHAPES = {
    "realesrgan-x4plus": published.real_esrgan(),
    "realesrgan-x2plus": published.real_esrgan(inputs=12),
    "nomos-uni-span-x2": published.span(),
    "nomos-webphoto-x4": published.realplksr(),
}
SMALL = {
    "Real-ESRGAN": (published.real_esrgan(3, 8, 1), RRDBConfig(8, 1, 32, scale=4)),
    "Real-ESRGAN 2×": (published.real_esrgan(12, 8, 1), RRDBConfig(8, 1, 32, scale=2, unshuffle=2)),
    "BSRGAN": (published.bsrgan(8, 1), RRDBConfig(8, 1, 32, scale=4)),
    "ESRGAN": (published.esrgan(8, 2), RRDBConfig(8, 2, 32, scale=4)),
    "ESRGAN 2×": (published.esrgan(8, 1, doublings=1), RRDBConfig(8, 1, 32, scale=2)),
    "SPAN": (published.span(3, 8), SPANConfig(8, 6, scale=3, centred=True)),
    "RealPLKSR": (published.realplksr(2, 8, 2, 5), RealPLKSRConfig(8, 2, kernel=5, large=2, scale=2)),
    "Compact": (published.compact(2, 8, 3), CompactConfig(8, 3, scale=2)),
}


def small(name: str) -> dict[str, torch.Tensor]:
    state = filled(SMALL[name][0])
    if name == "Compact":  # near to keeping the picture, as every trained one is
        state["body.8.weight"] *= 0.1
        state["body.8.bias"] *= 0.1
    return state


def enlarged(state, size=(13, 17)):
    """What the recognised network makes of a small picture, and the picture."""
    found = recognise(state)
    net = found.net.build().eval().requires_grad_(False)
    net.load_state_dict(found.state)
    x = torch.from_numpy(made_up(*size)).permute(2, 0, 1)[None] / 255
    return net(x), x


@pytest.mark.parametrize("entry", PUBLISHED, ids=lambda entry: entry.id)
def test_the_published_checkpoints_are_recognised_and_fit_their_entry_strictly(entry):
    found = recognise({name: torch.zeros(shape, dtype=torch.float16) for name, shape in SHAPES[entry.id].items()})
    assert found.net == entry.net
    assert all(value.dtype == torch.float32 for value in found.state.values())
    with torch.device("meta"):
        expected = entry.net.build().state_dict()
    assert {name: value.shape for name, value in found.state.items()} == {name: value.shape for name, value in expected.items()}


@pytest.mark.parametrize(("id", "dtype"), [("realesrgan-x4plus", torch.float32), ("nomos-uni-span-x2", torch.float16)])
def test_files_with_these_names_and_shapes_have_the_published_size(id, dtype):
    [entry] = [entry for entry in PUBLISHED if entry.id == id]
    assert isinstance(entry.source, Hub)
    assert len(safetensors.torch.save({name: torch.zeros(shape, dtype=dtype) for name, shape in SHAPES[id].items()})) == entry.source.size


def test_networks_of_other_people_are_chosen_by_name_only():
    assert all(find(entry.id, entry.net.scale) == entry for entry in PUBLISHED)
    assert not {entry.family for entry in PUBLISHED} & {entry.family for entry in CATALOG}
    assert not {entry.id for entry in PUBLISHED} & {entry.id for entry in CATALOG}
    assert all(isinstance(entry.source, Hub) and entry.source.file.endswith(".safetensors") for entry in PUBLISHED)


@pytest.mark.parametrize("name", SMALL)
def test_every_layout_is_recognised_and_loads(name):
    assert recognise(small(name)).net == SMALL[name][1]
    result, x = enlarged(small(name))
    scale = SMALL[name][1].scale
    assert result.shape[2:] == (x.shape[2] * scale, x.shape[3] * scale)


@pytest.mark.parametrize("wrapping", ["params.", "params_ema.", "module."])
def test_what_a_training_program_puts_before_the_names_does_not_matter(wrapping):
    plain = recognise(small("SPAN"))
    wrapped = recognise({wrapping + name: value for name, value in small("SPAN").items()})
    assert wrapped.net == plain.net
    assert all(torch.equal(value, wrapped.state[name]) for name, value in plain.state.items())


@pytest.fixture
def spandrel(monkeypatch):
    """The independent loader. It imports torchvision for networks that are not needed here: a stand-in is enough."""
    pytest.importorskip("einops", reason="einops, which spandrel needs, is not installed")
    for name in ("torchvision", "torchvision.transforms", "torchvision.transforms.functional"):
        monkeypatch.setitem(sys.modules, name, MagicMock())
    return pytest.importorskip("spandrel", reason="spandrel, the independent loader, is not installed")


@pytest.mark.parametrize("size", [(12, 16), (13, 17)])
@pytest.mark.parametrize("name", SMALL)
def test_the_result_is_that_of_an_independent_loader(spandrel, name, size):
    compared_with_spandrel(spandrel, small(name), size)


@pytest.mark.parametrize(
    ("scale", "options"),
    [
        (2, {"dysample": True}),
        (3, {"dysample": True, "layer_norm": True}),
        (4, {"layer_norm": True}),
        (4, {"use_ea": False}),
    ],
)
def test_so_is_that_of_every_variant_of_realplksr(spandrel, scale, options):
    from spandrel.architectures.PLKSR import RealPLKSR

    torch.manual_seed(0)
    net = RealPLKSR(dim=8, n_blocks=2, upscaling_factor=scale, kernel_size=5, **options)
    compared_with_spandrel(spandrel, net.state_dict(), (9, 14))


def test_so_is_that_of_a_span_that_is_not_centred(spandrel):
    compared_with_spandrel(spandrel, {**small("SPAN"), "no_norm": torch.zeros(1)}, (9, 14))


def compared_with_spandrel(spandrel, state, size):
    with torch.inference_mode():
        result, x = enlarged(state, size)
        theirs = spandrel.ModelLoader().load_from_state_dict({name: value.clone() for name, value in state.items()}).model.eval()(x)
    assert result.shape == theirs.shape
    assert (result - theirs).abs().max() < 1e-5 * theirs.abs().max()
    assert theirs.std() > 1e-3


def test_folding_follows_the_branches_and_not_the_convolution_that_lies_beside_them():
    state = small("SPAN")
    stale = {name: torch.zeros_like(value) if ".eval_conv." in name else value for name, value in state.items()}
    assert torch.equal(enlarged(stale)[0], enlarged(state)[0])


def test_a_span_of_folded_convolutions_only_gives_what_its_branches_gave():
    state = small("SPAN")
    found = recognise(state)
    theirs = {"head": "conv_1", "tail": "conv_2", "join": "conv_cat", "last": "upsampler.0"}
    folded = {}
    for name, value in found.state.items():
        module, kind = name.rsplit(".", 1)
        if module.startswith("blocks."):
            _, block, inner = module.split(".")
            module = f"block_{int(block) + 1}.c{inner[-1]}_r"
        else:
            module = theirs[module]
        folded[f"{module}.{kind}" if module in ("conv_cat", "upsampler.0") else f"{module}.eval_conv.{kind}"] = value
    assert torch.equal(enlarged(folded)[0], enlarged(state)[0])
    assert recognise(folded).layout != found.layout


def test_the_published_compact_network_is_told_from_ours_by_what_it_does():
    file = shared("reference-weights/realesr-general-x4v3.safetensors")
    assert recognise_file(file).net == CompactConfig(features=64, convs=32, scale=4)


OURS = [entry for entry in CATALOG if isinstance(entry.net, EDSRConfig | SRCNNConfig)]


@pytest.mark.parametrize("entry", OURS, ids=lambda entry: entry.id)
def test_our_own_files_are_recognised(entry):
    from sr_models.weights import path_of

    if not path_of(entry).exists():
        pytest.skip(f"{entry.id} is not embedded")
    found = recognise_file(path_of(entry), entry.net.scale)
    assert found.net == entry.net


def test_srcnn_asks_for_the_scale_that_its_file_cannot_tell():
    state = SRCNNConfig(2).build().state_dict()
    assert recognise(state, scale=3).net == SRCNNConfig(3)
    with pytest.raises(ModelError, match="Choose a scale"):
        recognise(state)


@pytest.mark.parametrize("state", [filled(published.swinir()), {}, {"weight": torch.zeros(3)}])
def test_what_is_not_supported_is_refused_with_what_is(state):
    with pytest.raises(WeightsError, match=r"RRDBNet.*SPAN.*RealPLKSR.*Compact.*SRCNN"):
        recognise(state)


@pytest.mark.parametrize("doublings", [0, 3])
def test_a_scale_that_is_not_offered_is_refused_with_those_that_are(doublings):
    with pytest.raises(ModelError, match="2, 3, 4"):
        recognise(filled(published.esrgan(4, 1, 2, doublings)))


@pytest.mark.parametrize("name", SMALL)
def test_a_missing_misshapen_or_foreign_tensor_is_named(name):
    state = small(name)
    names = [tensor for tensor in state if ".eval_conv." not in tensor]
    marks = 0
    for tensor in (*names[:: len(names) // 12], *names[-2:]):
        value = state[tensor]
        for damaged in (
            {key: other for key, other in state.items() if key != tensor},
            {**state, tensor: value[None]},
            {**state, tensor: value[:-1]},
            {**state, tensor: torch.zeros(())},
        ):
            with pytest.raises(UpscaleError) as caught:
                recognise(damaged)
            marks += "are supported" in str(caught.value)
    assert marks <= 4, "only without the tensors that give a layout away is the file taken for another"
    with pytest.raises(WeightsError, match=r"extra\.weight is not part of it"):
        recognise({**state, "extra.weight": torch.zeros(3)})


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
@pytest.mark.parametrize("name", SMALL)
def test_numbers_that_are_not_finite_are_refused(name, value):
    state = small(name)
    last = [key for key in state if ".eval_conv." not in key][-1]
    state[last][0] = value
    with pytest.raises(WeightsError, match="not finite"):
        recognise(state)


def test_numbers_that_float32_cannot_hold_are_refused():
    state = small("RealPLKSR")
    state["feats.0.bias"] = torch.full((8,), 1e300, dtype=torch.float64)
    with pytest.raises(WeightsError, match="not finite"):
        recognise(state)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_every_float_type_is_read(dtype):
    found = recognise({name: value.to(dtype) for name, value in small("RealPLKSR").items()})
    assert {value.dtype for value in found.state.values()} == {torch.float32}


@pytest.mark.parametrize("dtype", [torch.int16, torch.bool, torch.complex64, torch.float8_e4m3fn])
def test_other_types_are_refused(dtype):
    state = small("RealPLKSR")
    state["feats.0.bias"] = torch.zeros(8).to(dtype)
    with pytest.raises(WeightsError, match="not of floats"):
        recognise(state)


def test_two_hundred_thousand_tensors_are_refused_by_their_count():
    with pytest.raises(WeightsError, match="200000 tensors"):
        recognise(dict.fromkeys((f"body.{i}.weight" for i in range(200_000)), torch.zeros(1)))


def test_enormous_shapes_are_refused_before_anything_is_made_of_them():
    one = torch.zeros(1)
    huge = {name: one.expand(shape) for name, shape in published.compact(4, 100_000, 4).items()}
    with pytest.raises(WeightsError, match="million weights"):
        recognise(huge)


def test_an_enormous_number_in_a_name_costs_nothing():
    state = {**small("Compact"), "body.99999999999.weight": torch.zeros(8), f"body.{'9' * 5000}.weight": torch.zeros(8)}
    with pytest.raises(WeightsError, match="is missing"):
        recognise(state)


@pytest.mark.parametrize(("kernel", "features"), [(4, 8), (5, 6)])
def test_a_realplksr_that_could_not_work_is_refused(kernel, features):
    with pytest.raises(WeightsError, match="cannot work"):
        recognise(filled(published.realplksr(2, features, 1, kernel)))


def test_an_empty_tensor_is_refused():
    with pytest.raises(WeightsError, match="is empty"):
        recognise({**small("SPAN"), "conv_1.sk.bias": torch.zeros(0)})


def test_a_name_in_a_sentence_is_short_and_printable():
    with pytest.raises(WeightsError) as caught:
        recognise({"a\x1b[31m\n" + "b" * 100_000: torch.zeros(1)})
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


def saved(folder: Path, content: bytes) -> Path:
    path = folder / "file.safetensors"
    path.write_bytes(content)
    return path


def test_a_file_is_read_as_its_tensors_are(tmp_path):
    found = recognise_file(saved(tmp_path, safetensors.torch.save(small("ESRGAN"))))
    assert found.net == SMALL["ESRGAN"][1]
    assert all(torch.equal(value, found.state[name]) for name, value in recognise(small("ESRGAN")).state.items())


def test_damaged_and_pickled_files_get_a_sentence(tmp_path):
    good = safetensors.torch.save(small("ESRGAN"))
    for content in (b"", good[:-10], good[:100], pickle.dumps({"a": 1}), b"\xff" * 64, b"PK\x03\x04" + bytes(100)):
        with pytest.raises(WeightsError, match="no sound safetensors file"):
            recognise_file(saved(tmp_path, content))
    for path in (tmp_path / "absent.safetensors", tmp_path):
        with pytest.raises(WeightsError, match="no sound safetensors file") as caught:
            recognise_file(path)
        assert str(tmp_path) not in str(caught.value)


def test_a_file_with_too_many_tensors_is_refused_before_they_are_read(tmp_path):
    many = dict.fromkeys(f"t{i}" for i in range(MOST_TENSORS + 1))
    path = saved(tmp_path, safetensors.torch.save({name: torch.zeros(1) for name in many}))
    with pytest.raises(WeightsError, match="too many"):
        recognise_file(path)


def test_a_file_that_is_too_large_is_not_opened(tmp_path):
    path = tmp_path / "large.safetensors"
    with path.open("wb") as file:
        file.truncate(600_000_000)  # sparse
    with pytest.raises(WeightsError, match="600 MB"):
        recognise_file(path)
