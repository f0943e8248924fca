"""The trainer on small made-up photos: what it learns from, that it learns, and that it can be stopped and resumed."""

import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from conftest import made_up
from PIL import Image
from safetensors.torch import load_file

from sr_models import CATALOG
from sr_models.catalog import Embedded
from sr_models.nets.compact import CompactConfig
from sr_models.nets.modulated import ModulatedConfig
from sr_models.nets.resample import enlarge
from sr_models.nets.span import SPANConfig
from sr_models.nets.srcnn import SRCNNConfig
from sr_models.resize import shrink
from sr_models.training import losses, whitening, workers
from sr_models.training.adversarial import calm_edges
from sr_models.training.degradation import MARGIN, NOISE, pair, web
from sr_models.training.detail import maps
from sr_models.training.feed import Feed
from sr_models.training.loop import Run, cosine
from sr_models.training.muon import optimisers, orthogonal
from sr_models.training.photos import HELD_OUT, Photos, load, texture
from sr_models.training.recipes import RECIPES, Pull, Recipe
from sr_models.training.starts import warm_start

PHOTOS = Photos([made_up(200, 220, seed) for seed in range(3)])
TINY = Recipe("tiny-x2", CompactConfig(8, 1, 2, "bilinear"), minutes=1, patches=((0.0, 8),), batch=2)
NETS = [TINY.net, SPANConfig(8, 1, 2), SRCNNConfig(2)]


def run_in(folder, recipe=TINY, start=None) -> Run:
    return Run(recipe, PHOTOS, PHOTOS, folder, start)


def test_every_embedded_file_has_a_recipe_for_the_same_network():
    recipes = {recipe.id: recipe.net for recipe in RECIPES}
    for entry in CATALOG:
        if isinstance(entry.source, Embedded):
            assert shapes(recipes[entry.id]) == shapes(entry.net)


def shapes(net):
    return {name: value.shape for name, value in net.build().state_dict().items()}


def test_crops_come_from_where_there_is_texture():
    half_flat = np.full((160, 320, 3), 250, np.uint8)
    half_flat[:, 160:] = made_up(160, 160)
    assert texture(half_flat)[:, :9].max() < texture(half_flat)[:, 11:].min()
    crops = Photos([half_flat]).crops(np.random.default_rng(0), 200, 16).numpy()
    assert (crops.std((1, 2, 3)) > 5).mean() > 0.8


def test_the_same_seed_gives_the_same_crops_and_another_gives_others():
    one, same, other = (PHOTOS.crops(np.random.default_rng(seed), 4, 32) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_a_crop_is_a_part_of_a_photo_turned_or_mirrored():
    photo = made_up(64, 80)
    turned = [np.rot90(part, k) for part in (photo, photo[:, ::-1]) for k in range(4)]
    for crop in Photos([photo]).crops(np.random.default_rng(3), 16, 24).numpy():
        windows = (np.lib.stride_tricks.sliding_window_view(view, (24, 24), (0, 1)) for view in turned)
        assert any((window == crop.transpose(2, 0, 1)).all((2, 3, 4)).any() for window in windows)


def test_a_photo_is_used_at_two_drawn_sizes_a_lossy_one_always_shrunk_and_small_ones_are_left_out(tmp_path):
    for number in range(HELD_OUT + 1):
        Image.fromarray(made_up(100, 100)).save(tmp_path / f"{number:02}.{('png', 'jpg')[number % 2]}")
    Image.fromarray(made_up(40, 40)).save(tmp_path / "99.png")
    (training, held_out), (again, _) = load(tmp_path, smallest=50), load(tmp_path, smallest=50)
    assert len(held_out.heights) == 4  # both sizes of the first photo and of the one after so many
    assert np.array_equal(training.heights, again.heights)
    smaller, larger = training.heights.reshape(-1, 2).T
    assert smaller.min() >= 50
    assert (smaller < larger).all()
    assert len(set(larger)) > 10
    assert larger[0::2].max() <= 85 < larger[1::2].max()  # lossy and lossless in turn


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_clean_pair_is_the_benchmarks_bicubic(scale):
    crops = PHOTOS.crops(np.random.default_rng(0), 2, (8 + 2 * MARGIN) * scale)
    small, large = pair(crops, scale, "clean", np.random.default_rng(0))
    assert small.shape == (2, 3, 8, 8)
    assert large.shape == (2, 3, 8 * scale, 8 * scale)
    whole = shrink(crops.permute(0, 3, 1, 2).float(), scale)
    assert torch.equal(small * 255, whole[:, :, MARGIN:-MARGIN, MARGIN:-MARGIN])


def test_a_web_photo_is_degraded_but_stays_the_same_photo():
    crop = made_up(128, 128)
    for seed in range(20):
        small = web(crop, 4, np.random.default_rng(seed))
        plain = np.asarray(Image.fromarray(crop).resize((32, 32), Image.Resampling.BICUBIC)).astype(float)
        assert small.shape == (32, 32, 3)
        assert 0.5 < np.abs(small - plain).mean() < 40


def test_noise_is_little_and_in_some_photos_only():
    """A flat grey crop, which resampling, blur and codec leave as it is: what spread it has is the noise's."""
    flat = np.full((128, 128, 3), 128, np.uint8)
    spread = np.array([web(flat, 2, np.random.default_rng(seed)).std() for seed in range(300)])
    assert 0.05 < (spread > 0.5).mean() < 0.2
    assert 1 < spread.max() <= NOISE + 0.5


def test_some_web_crops_lie_on_pure_white_and_the_others_are_untouched():
    crops = torch.from_numpy(np.stack([made_up(64, 64) // 2] * 200))
    before = crops.clone()
    _, large = pair(crops, 2, "web", np.random.default_rng(0))
    whitened = (large == 1).all(1).flatten(1).any(1)
    assert 0.04 < whitened.float().mean() < 0.2
    assert torch.equal(crops, before)
    _, plain = pair(crops, 2, "clean", np.random.default_rng(0))
    assert torch.equal(large[~whitened], plain[~whitened])


def test_about_a_quarter_of_the_web_pairs_are_clean():
    crops = torch.from_numpy(np.stack([made_up(64, 64)] * 200))
    small, _ = pair(crops, 2, "web", np.random.default_rng(0))
    clean, _ = pair(crops[:1], 2, "clean", np.random.default_rng(0))
    assert 0.15 < (small == clean).all((1, 2, 3)).float().mean() < 0.35


@pytest.mark.parametrize("net", NETS, ids=repr)
def test_some_steps_of_training_bring_the_result_closer(net, tmp_path):
    run = run_in(tmp_path, replace(TINY, net=net, rate=1e-3, batch=4, lower_precision=not isinstance(net, SRCNNConfig)))
    small, large = run.validation

    def error() -> float:
        with torch.no_grad():
            return (run.net(small) - large).square().mean().item()

    before = error()
    for _ in range(60):
        run.one_step(0.1)
    assert error() < (0.999 if isinstance(net, SRCNNConfig) else 0.95) * before  # SRCNN starts as bicubic, which is close already


def test_the_update_of_a_hidden_convolution_is_orthogonal():
    torch.manual_seed(0)
    wide = torch.randn(24, 200) * torch.logspace(0, -2, 24)[:, None]
    for gradient in (wide, wide.T):
        values = torch.linalg.svdvals(orthogonal(gradient))
        assert values.min() > 0.5
        assert values.max() < 1.5
        assert torch.linalg.svdvals(gradient).min() < 0.1 * torch.linalg.svdvals(gradient).max()


@pytest.mark.parametrize("net", [CompactConfig(16, 16, 4), ModulatedConfig(16, 16, 4)], ids=repr)
def test_only_hidden_convolutions_get_such_updates(net):
    net = net.build()
    muon, adam = optimisers(net, 1e-3)
    hidden = [p.shape for p in muon.param_groups[0]["params"]]
    assert hidden == [(16, 16, 3, 3)] * 16
    assert sum(len(o.param_groups[0]["params"]) for o in (muon, adam)) == len(list(net.parameters()))


def test_the_loss_is_that_of_the_pixels_and_a_twentieth_of_that_of_the_frequencies():
    result, target = torch.rand(2, 2, 3, 16, 12, generator=torch.Generator().manual_seed(0))
    spectra = np.fft.rfft2(result.numpy()) - np.fft.rfft2(target.numpy())
    pixels = np.sqrt((result - target).numpy() ** 2 + 1e-6).mean()
    expected = pixels + 0.05 * (np.abs(spectra.real).mean() + np.abs(spectra.imag).mean()) / 2
    assert losses.charbonnier_fft(result, target).item() == pytest.approx(expected, rel=1e-5)


def test_a_budget_of_steps_ends_after_these_steps(tmp_path):
    run = run_in(tmp_path, replace(TINY, steps=7))
    run.train()
    assert run.step == 7


@pytest.fixture(scope="module")
def folder_of_photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for seed in range(3):
        Image.fromarray(made_up(180, 190, seed)).save(folder / f"{seed}.png")
    return folder


def train_with_two_workers(photos, runs, *options):
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "sr_models.training", "srcnn-x2-v1"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    arguments = ["--photos", str(photos), "--runs", str(runs), "--device", "cpu", *options]
    root = Path(__file__).parents[1]
    done = subprocess.run([*command, *arguments], cwd=root, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return torch.load(runs / "srcnn-x2-v1" / "checkpoint.pt", weights_only=True)


def test_two_workers_share_a_run_and_can_resume_it(folder_of_photos, tmp_path):
    through = train_with_two_workers(folder_of_photos, tmp_path / "through", "--steps", "2")
    assert through["step"] == 2
    assert len(through["random"]) == 2
    assert through["random"][0] != through["random"][1]  # each draws crops of its own
    resumed = train_with_two_workers(folder_of_photos, tmp_path / "through", "--steps", "4", "--resume")
    assert resumed["step"] == 4
    assert not torch.equal(resumed["net"]["last.weight"], through["net"]["last.weight"])
    assert (tmp_path / "through" / "srcnn-x2-v1" / "srcnn-x2-v1.safetensors").exists()


def step_together(rank, port, folder):
    """One of two workers: takes a step and keeps its weights."""
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    torch.set_num_threads(1)
    workers.join("cpu")
    run = run_in(folder / f"{rank}", replace(TINY, batch=4))
    run.one_step(0.5)
    torch.save(run.net.state_dict(), folder / f"{rank}.pt")


def test_two_workers_learn_from_each_others_crops(tmp_path):
    """They draw other crops and come to the same weights, which neither would have come to alone."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    torch.multiprocessing.spawn(step_together, (port, tmp_path), nprocs=2)
    first, second = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(2))
    alone = run_in(tmp_path / "alone", replace(TINY, batch=2))
    alone.one_step(0.5)
    for name, value in first.items():
        assert torch.equal(value, second[name])
    assert not all(torch.equal(value, alone.net.state_dict()[name]) for name, value in first.items())


PULLS = get_args(Pull)
DIALLED = replace(TINY, net=ModulatedConfig(16, 2, 2, edge=2), patches=((0.0, 16),), rate=1e-2)


@pytest.mark.parametrize("recipe", [TINY, replace(DIALLED, pulls=(("adversarial", 1.0), ("spectrum", 1.0)))], ids=lambda recipe: recipe.net)
def test_a_resumed_run_goes_on_as_if_it_had_never_stopped(recipe, tmp_path):
    through = run_in(tmp_path / "through", recipe)
    for _ in range(6):
        through.one_step(0.5)
    first = run_in(tmp_path / "stopped", recipe)
    for _ in range(3):
        first.one_step(0.5)
    first.save()
    second = run_in(tmp_path / "elsewhere", recipe)
    second.resume(tmp_path / "stopped" / "checkpoint.pt")
    for _ in range(3):
        second.one_step(0.5)
    assert second.step == through.step == 6
    for name, value in through.net.state_dict().items():
        assert torch.equal(value, second.net.state_dict()[name]), name


def test_a_batch_drawn_ahead_is_the_batch_drawn_when_it_is_needed(tmp_path):
    """Also where the patches grow, and after the run was set back."""
    run = run_in(tmp_path, replace(DIALLED, pulls=(("spectrum", 1.0),)))
    now, ahead = (Feed(run.batch, (1, 0), ahead) for ahead in (False, True))
    states = []
    for patch in (8, 8, 12, 12):
        states.append(now.state)
        for one, same in zip(now.batch(patch), ahead.batch(patch), strict=True):
            assert torch.equal(one, same)
        assert now.state == ahead.state != states[-1]
    ahead.state = now.state = states[1]
    assert torch.equal(now.batch(8)[0], ahead.batch(8)[0])


@pytest.mark.parametrize("name", ["adversarial", "features"])
def test_a_discriminator_has_no_say_in_colours(name, tmp_path):
    run = run_in(tmp_path, replace(DIALLED, pulls=((name, 1.0),)))
    small, large = run.validation
    pull = run.adversary.pull(small, torch.ones_like(small[:, :1]), large + 0.1, large, large)
    means = torch.nn.functional.avg_pool2d(pull, 2)
    assert means.abs().max() < 1e-3 * pull.abs().max()


@pytest.mark.parametrize("name", PULLS)
def test_a_step_along_a_pull_does_what_it_pulls_for(name, tmp_path):
    """Its own measure falls; and the discriminator learns, whatever pulls."""
    run = run_in(tmp_path, replace(DIALLED, pulls=((name, 1.0),)))
    figures = run.one_step(0.3)
    assert {"loss", "real", "fake"} <= figures.keys()
    small, large = run.validation
    calm, detail = run.net(small, torch.zeros_like(small[:, :1])).detach(), torch.ones_like(small[:, :1])
    result = run.net(small, detail).detach() + 0.05 * torch.randn(large.shape, generator=torch.Generator().manual_seed(0))
    critic = run.adversary.net.eval()  # else its spectral norm changes with every look
    measure = {
        "adversarial": lambda x: -critic(small, detail, x)[0].mean(),
        "features": lambda x: losses.feature_matching(critic(small, detail, x)[1], critic(small, detail, large)[1]),
        "spectrum": lambda x: losses.local_spectrum(x, large),
        "artefacts": lambda x: losses.artefacts(x, calm, large),
        "consistency": lambda x: losses.consistency(x, calm, 2),
        "agreement": lambda x: losses.agreement(x, small, 2),
        "grid": lambda x: losses.grid(x, calm, 2),
    }[name]
    pull = run.adversary.pull(small, detail, result, calm, large)
    assert pull.norm() == pytest.approx(1, rel=0.5)
    with torch.no_grad():
        assert measure(result - 0.1 * pull) < measure(result)


def test_of_textures_that_may_have_been_the_spectrum_asks_for_their_mean():
    grain = 0.1 * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    either = torch.cat([torch.zeros_like(grain), grain])
    assert losses.local_spectrum((grain / 2).expand_as(either), either) < 0.75 * losses.local_spectrum(torch.zeros_like(either), either)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_grid_of_the_photos_pixels_is_told_from_grain(scale):
    calm = torch.full((1, 3, 24 * scale, 24 * scale), 0.5)
    grain = torch.randn(calm.shape, generator=torch.Generator().manual_seed(0))
    grid = torch.zeros_like(calm)
    grid[:, :, ::scale] = 1
    alike = [pattern / pattern.mean(1).std() for pattern in (grid, grain)]
    found = [losses.grid(calm + 0.02 * pattern, calm, scale) for pattern in alike]
    assert found[0] > 4 * found[1]


def test_the_discriminator_learns_beside_the_network(tmp_path):
    run = run_in(tmp_path, replace(DIALLED, pulls=(("spectrum", 1.0),)))
    before = run.adversary.net.layers[0].bias.clone()
    run.one_step(0.3)
    assert not torch.equal(before, run.adversary.net.layers[0].bias)


def test_detail_learns_to_be_crisper_than_none(tmp_path):
    run = run_in(tmp_path, replace(DIALLED, pulls=(("spectrum", 4.0),)))
    for _ in range(40):
        run.one_step(0.3)
    run.log({"loss": 0.0})
    row = dict(zip(*[line.split(",") for line in (tmp_path / "log.csv").read_text().splitlines()], strict=True))
    assert float(row["crispness_1"]) > float(row["crispness_0"])
    assert float(row["psnr_1"]) < float(row["psnr_0"])


def test_the_detail_that_is_asked_for_covers_the_dial_and_is_constant_in_pieces():
    drawn = maps(np.random.default_rng(0), 400, 8).numpy()
    assert drawn.shape == (400, 1, 8, 8)
    assert (drawn.min(), drawn.max()) == (0, 1)
    values = [len(np.unique(detail)) for detail in drawn]
    assert set(values) == {1, 2}
    assert 0.1 < np.mean((drawn > 0) & (drawn < 1)) < 0.9


def test_no_detail_is_pulled_onto_hard_edges():
    step = torch.ones(1, 3, 16, 16)
    step[:, :, :, 8:] = 0
    calm = calm_edges(step, 2)
    assert calm.shape == (1, 1, 32, 32)
    assert calm[:, :, :, 14:18].max() == 0
    assert calm[:, :, :, :8].min() == 1


@pytest.mark.parametrize("net", NETS, ids=repr)
def test_a_finished_run_leaves_weights_that_load_strictly_a_log_and_a_curve(net, tmp_path):
    path = run_in(tmp_path, replace(TINY, net=net, minutes=0.01)).train()
    net.build().load_state_dict({name: value.float() for name, value in load_file(path).items()})
    assert {value.dtype for value in load_file(path).values()} == {torch.float16}
    assert (tmp_path / "log.csv").read_text().startswith("step,seconds,loss,psnr,crispness\n")
    assert (tmp_path / "curve.png").stat().st_size > 1000


def test_another_scale_starts_from_the_trunk_and_from_its_own_last_convolution(tmp_path):
    path = run_in(tmp_path / "x2").export()
    run = run_in(tmp_path / "x3", replace(TINY, id="tiny-x3", net=replace(TINY.net, scale=3)), start=path)
    weights = load_file(path)
    state = run.net.state_dict()
    assert torch.equal(state["body.0.weight"], weights["body.0.weight"].float())
    assert state["body.4.weight"].shape != weights["body.4.weight"].shape


def test_a_deeper_body_starts_as_what_it_grew_from(photo_of_noise):
    shallow, deep = (CompactConfig(8, convs, 2, "bilinear", long_skip=True).build() for convs in (3, 5))
    warm_start(deep, shallow.state_dict())
    assert torch.equal(deep(photo_of_noise), shallow(photo_of_noise))


def test_half_of_what_was_trained_can_be_kept(tmp_path):
    start = run_in(tmp_path / "start").export()
    shipped = {}
    for kept in (0.0, 0.5, 1.0):
        run = run_in(tmp_path / str(kept), replace(TINY, steps=3, kept=kept), start)
        shipped[kept] = load_file(run.train())["body.0.weight"].float()
    assert torch.equal(shipped[0.0], load_file(start)["body.0.weight"].float())
    assert not torch.equal(shipped[1.0], shipped[0.0])
    assert torch.allclose(shipped[0.5], (shipped[0.0] + shipped[1.0]) / 2, atol=1e-3)


def test_a_stretched_dial_ends_where_the_old_one_would_have_been_beyond_its_end(photo_of_noise, tmp_path):
    run = run_in(tmp_path, replace(DIALLED, pulls=(("spectrum", 1.0),), stretch=1.5))
    for part in (run.ema.gain, run.ema.shift, run.ema.head.weight):
        torch.nn.init.normal_(part, std=0.1)
    shipped = DIALLED.net.build()
    shipped.load_state_dict({name: value.float() for name, value in load_file(run.export()).items()})
    detail = torch.ones_like(photo_of_noise[:, :1])
    assert torch.allclose(shipped(photo_of_noise, detail), run.ema(photo_of_noise, 1.5 * detail), atol=0.02)
    assert torch.allclose(shipped(photo_of_noise, 0 * detail), run.ema(photo_of_noise, 0 * detail), atol=0.02)
    assert not torch.allclose(shipped(photo_of_noise, detail), run.ema(photo_of_noise, detail), atol=0.1)


@pytest.fixture
def photo_of_noise():
    return torch.rand(1, 3, 12, 12, generator=torch.Generator().manual_seed(0))


def test_whitening_changes_the_coefficients_and_not_the_layer():
    torch.manual_seed(0)
    net = SRCNNConfig(2).build()
    x = torch.from_numpy(made_up(24, 24)).permute(2, 0, 1)[None] / 255
    with torch.no_grad():
        before = net(x)
        whitening.whiten(net.patches, torch.nn.functional.interpolate(x.repeat(8, 1, 1, 1), scale_factor=4, mode="bicubic"))
        assert (net(x) - before).abs().max() < 1e-3
        whitening.fold(net)
        assert (net(x) - before).abs().max() < 1e-3
    assert set(net.state_dict()) == set(SRCNNConfig(2).build().state_dict())


def test_a_fresh_srcnn_starts_as_bicubic_with_its_other_channels_open_half_of_the_time(tmp_path):
    net = run_in(tmp_path, replace(TINY, net=SRCNNConfig(2))).net
    x = torch.from_numpy(made_up(40, 50)).permute(2, 0, 1)[None] / 255
    with torch.no_grad():
        assert (net(x) - enlarge(x, 2, "bicubic")).abs().mean() < 0.1
        seen = net.patches(torch.nn.functional.pad(enlarge(x, 2, "bicubic"), (6, 6, 6, 6), mode="replicate"))
    assert (seen[:, :3] > 0).float().mean() > 0.9
    assert 0.3 < (seen[:, 3:] > 0).float().mean() < 0.7


def test_the_rate_climbs_then_falls_to_nothing():
    assert cosine(0.0) == 0
    assert cosine(0.02) == 1
    assert cosine(0.3) > cosine(0.6) > cosine(0.9)
    assert cosine(1.0) == pytest.approx(0, abs=1e-12)
