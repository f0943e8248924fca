"""A network that looks again: its looks are one function, its first one is the fast CNN, and what it is taught brings them closer."""

import gc
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from conftest import ROOT, made_up, shared
from safetensors.torch import load_file, save_file

from sr_models import Device, Photo, find, read, upscale
from sr_models.catalog import RECURRENT, find_recurrent
from sr_models.ensemble import share_steps
from sr_models.figures.evaluate import luma, shave, shrink_as_matlab
from sr_models.figures.quality import find_busiest, psnr
from sr_models.folders import photo_files
from sr_models.nets.edsr import SCALES, EDSRConfig
from sr_models.nets.recurrent import RecurrentConfig
from sr_models.run import enlarge_on_device
from sr_models.runners import Runner, make_runner
from sr_models.training.loop import Run
from sr_models.training.photos import Photos
from sr_models.training.recipes import Recipe
from sr_models.training.tasks import Material
from sr_models.training.tasks.looks import LooksTask
from sr_models.training.transplant import transplant
from sr_models.weights import path_of

SMALL = RecurrentConfig(features=16, blocks=1, first_features=8, first_blocks=2, scale=3, steps=3)
WHOLE = Device("cpu", torch.float32, tile=1000)
QUIET = {"progress": lambda done, total: None, "cancelled": lambda: False}
PHOTOS = Photos([made_up(230, 240, seed) for seed in range(3)])
RECIPE = Recipe(
    "looks", SMALL, minutes=1, batches=((0.0, 4, 16),), start="cnn", first="first", teachers=("cnn",), turns=(3, 2), stored=((3, 8), (2, 8))
)


@pytest.fixture(scope="module")
def net():
    """Random where training starts from zero."""
    torch.manual_seed(3)
    net = SMALL.build().eval().requires_grad_(False)
    for part in (net.see, net.mix):
        part.weight.add_(0.1 * torch.randn_like(part.weight))
    return net


def picture(height: int, width: int) -> torch.Tensor:
    return torch.from_numpy(made_up(height, width)).permute(2, 0, 1)[None] / 255


def test_the_first_look_is_the_small_network_bit_for_bit(net):
    x = picture(9, 12)
    assert torch.equal(net.looking(1)(x), net.first_look(x))
    assert torch.equal(next(net.looks(x)), net.first_look(x))


def test_how_often_it_looks_changes_nothing_of_the_looks_before(net):
    x = picture(9, 12)
    looks = list(net.looking(6).looks(x))
    assert len(looks) == 6
    assert all(torch.equal(net.looking(steps)(x), looks[steps - 1]) for steps in range(1, 7))
    assert all(not torch.equal(before, after) for before, after in pairwise(looks))
    assert {look.shape for look in looks} == {(1, 3, 27, 36)}


def test_a_look_sees_what_the_photo_has_and_the_enlargement_has_not_and_what_the_look_before_came_to(net):
    x = picture(9, 12)
    _, second, third = net.looks(x)
    for name, changed in (("see", (True, True)), ("mix", (False, True))):
        other = SMALL.build().eval()
        other.load_state_dict(net.state_dict() | {f"{name}.weight": torch.zeros_like(net.get_submodule(name).weight)})
        _, second_without, third_without = other.looks(x)
        assert (not torch.equal(second, second_without), not torch.equal(third, third_without)) == changed


@pytest.mark.parametrize("scale", SCALES)
def test_the_same_weights_in_the_same_memory_serve_every_scale_and_number_of_looks(net, scale):
    other = net.at(scale).looking(4)
    assert other.lift.weight.data_ptr() == net.lift.weight.data_ptr()
    assert (net.config.scale, net.config.steps) == (3, 3)
    assert other(picture(5, 6)).shape == (1, 3, 5 * scale, 6 * scale)


@pytest.mark.parametrize("steps", range(1, 5))
def test_its_halo_is_as_far_as_it_sees_and_no_farther(net, steps):
    halo = net.looking(steps).config.halo
    x = torch.zeros(1, 3, 2 * halo + 9, 2 * halo + 9)
    x[:, :, halo + 4, halo + 4] = torch.nan
    rows, columns = net.looking(steps)(x).isnan().any(1)[0].nonzero().T // 3
    nearest = min(int(axis.min()) for axis in (rows, columns))
    assert 4 <= nearest <= 5
    assert max(int(axis.max()) for axis in (rows, columns)) == 2 * halo + 8 - nearest


def test_tiles_give_the_same_as_the_whole_and_without_their_halo_they_do_not(net, monkeypatch):
    runner = make_runner(replace(find("cnn-fast", 3), net=SMALL), made_up(51, 62))
    whole, tiled = (enlarge_on_device(net, runner, replace(WHOLE, tile=tile), **QUIET) for tile in (1000, 64))
    assert np.abs(tiled.astype(int) - whole).max() <= 1
    monkeypatch.setattr(Runner, "halo", 0)
    assert np.abs(enlarge_on_device(net, runner, replace(WHOLE, tile=24), **QUIET).astype(int) - whole).max() > 1


def test_in_bfloat16_it_draws_the_same_picture(net):
    x = picture(12, 9)
    other = SMALL.build().eval()
    other.load_state_dict(net.state_dict())
    other.lower_precision(torch.bfloat16)
    found = other(x)
    assert found.dtype == torch.float32
    assert 0 < (found - net(x)).abs().max() < 0.05


@pytest.mark.parametrize("scale", SCALES)
def test_the_fast_cnn_looks_again_by_a_network_for_it_and_the_cnn_at_the_photo_turned(scale):
    fast, cnn, web = find("cnn-fast", scale), find("cnn", scale), find("cnn-fast", scale, "web")
    recurrent = find_recurrent(fast)
    assert recurrent is not None
    assert isinstance(recurrent.net, RecurrentConfig)
    assert recurrent.net.first == fast.net
    assert share_steps(fast, 1) == (fast, 1)
    assert share_steps(fast, 4) == (replace(recurrent, net=replace(recurrent.net, steps=4)), 1)
    assert [share_steps(entry, 4) for entry in (cnn, web)] == [(cnn, 4), (web, 4)]  # none is trained for these


def test_where_the_first_look_has_come_as_far_as_the_cnn_the_second_is_the_cnn():
    torch.manual_seed(0)
    cnn = EDSRConfig(16, 3, 2).build().requires_grad_(False)
    net = RecurrentConfig(features=16, blocks=1, first_features=16, first_blocks=2, scale=2).build().requires_grad_(False)
    net.first_look.first.load_state_dict(cnn.first.state_dict())
    net.first_look.blocks.load_state_dict(cnn.blocks[:2].state_dict())
    small = torch.rand(32, 3, 16, 16)
    transplant(cnn.state_dict(), net, small)
    first, second = net.looks(small)
    assert (second - cnn(small)).abs().mean() < 0.1 * (first - cnn(small)).abs().mean()
    assert (second - cnn(small)).abs().max() < 0.02


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    found = {}
    for id, config in {"cnn": EDSRConfig(16, 3, 2), "first": SMALL.first}.items():
        net = config.build()
        for value in net.parameters():
            torch.nn.init.normal_(value, std=0.03) if value.ndim > 1 else torch.nn.init.zeros_(value)
        found[id] = folder / f"{id}.safetensors"
        save_file(net.state_dict(), found[id])
    return found


@pytest.fixture(autouse=True)
def few_held_out_pairs(monkeypatch):
    monkeypatch.setattr(LooksTask, "HELD_OUT_PAIRS", 4)
    monkeypatch.setattr(LooksTask, "HELD_OUT_SIDE", 24)


def run_in(folder, files) -> Run:
    return Run(RECIPE, Material(PHOTOS, PHOTOS, start=files["cnn"], first=files["first"], teachers={"cnn": files["cnn"]}), folder)


def test_training_brings_every_further_look_closer_and_leaves_the_first_as_it_is(tmp_path, files):
    run = run_in(tmp_path, files)
    shown = run.task.draw(np.random.default_rng(0), 3, 4, 16)
    run.feed.draw = lambda *asked: shown
    target = shown.cnn

    def errors() -> list[float]:
        with torch.no_grad():
            return [(look - target).square().mean().item() for look in run.net.at(3).looking(4).looks(shown.small)]

    first, *before = errors()
    run.recipe = replace(RECIPE, turns=(3,))
    for _ in range(40):
        run.one_step(0.1)
    still, *after = errors()
    assert still == first
    assert all(now < 0.9 * then for now, then in zip(after, before, strict=True))


@pytest.mark.parametrize("kind", ["checkpoint.pt", "looks.safetensors"])
def test_a_run_that_starts_from_another_keeps_its_further_looks_and_takes_a_first_look_of_its_own(kind, tmp_path, files):
    first = run_in(tmp_path / "one", files)
    first.one_step(0.5)
    first.save()
    first.export()
    other = SMALL.first.build()
    save_file(other.state_dict(), tmp_path / "other.safetensors")
    material = Material(PHOTOS, PHOTOS, first=tmp_path / "other.safetensors", teachers={"cnn": files["cnn"]}, start=tmp_path / "one" / kind)
    second = Run(RECIPE, material, tmp_path / "two")
    for net in (second.net, second.average):
        assert torch.equal(net.first_look.first.weight, other.first.weight)
        assert not torch.equal(net.first_look.first.weight, first.net.first_look.first.weight)
        assert (net.lift.weight - first.average.lift.weight).abs().max() < 1e-3


def test_nothing_of_the_looks_before_is_kept(net):
    x, held = picture(9, 12), []

    def watch(*_) -> None:
        held.append(sum(type(thing) is torch.Tensor and thing.shape == (1, 3, 27, 36) for thing in gc.get_objects()))

    hook = net.see.register_forward_hook(watch)
    net.looking(6)(x)
    hook.remove()
    assert len(held) == 5
    assert len(set(held[1:])) == 1


def test_the_log_has_the_psnr_of_one_two_four_and_eight_looks_at_each_scale(tmp_path, files):
    run = run_in(tmp_path, files)
    names = [f"psnr_{looks}_x{scale}" for scale in (2, 3) for looks in (1, 2, 4, 8)]
    assert list(run.task.judge(run.average)) == names


@pytest.mark.parametrize("entry", RECURRENT, ids=lambda entry: entry.id)
def test_the_first_look_of_what_is_shipped_is_the_fast_cnn(entry):
    weights = load_file(path_of(entry))
    first = {name.removeprefix("first_look."): value for name, value in weights.items() if name.startswith("first_look.")}
    fast = load_file(path_of(find("cnn-fast", entry.net.scale, entry.inputs[0])))
    assert first.keys() == fast.keys()
    assert all(torch.equal(value, fast[name]) for name, value in first.items())


def likeness(original: np.ndarray, scale: int, steps: int) -> float:
    small = Photo(shrink_as_matlab(original, scale))
    result = upscale(small, scale=scale, model="cnn-fast", input="clean", faithful="off", steps=steps).photo.rgb
    return psnr(shave(luma(result), scale), shave(luma(original), scale))


@pytest.mark.parametrize("scale", SCALES)
def test_looking_again_brings_what_is_shipped_closer_to_the_original(scale):
    def mean(steps: int) -> float:
        return float(np.mean([likeness(original, scale, steps) for original in originals]))

    side = 48 * scale
    originals = []
    for name in ("camera", "jar", "sweater", "tea", "typewriter", "vase"):
        rgb = read(ROOT / "examples" / f"{name}.jpg").rgb
        top, left = find_busiest(rgb, side)
        originals.append(np.ascontiguousarray(rgb[top : top + side, left : left + side]))
    one, two, four = map(mean, (1, 2, 4))
    assert one + 0.05 < two < four


def test_four_looks_are_three_tenths_of_a_decibel_closer_than_one_and_eight_are_not_farther_than_four():
    gains = []
    for file in photo_files(shared("product-val")):
        rgb = read(file).rgb
        height, width = (min(side // 4, 96) * 4 for side in rgb.shape[:2])
        top, left = (rgb.shape[0] - height) // 2, (rgb.shape[1] - width) // 2
        original = np.ascontiguousarray(rgb[top : top + height, left : left + width])
        one, four, eight = (likeness(original, 4, steps) for steps in (1, 4, 8))
        gains.append((four - one, eight - one))
    four, eight = np.mean(gains, 0)
    assert four > 0.3
    assert eight > four - 0.005
