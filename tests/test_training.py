"""The trainer on small made-up photos: what it learns from, that it learns, and that it can be stopped and resumed."""

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from conftest import PATIENCE, made_up
from PIL import Image
from safetensors.torch import load_file, save_file

from sr_models import CATALOG
from sr_models.catalog import Embedded
from sr_models.figures.matlab import shrink
from sr_models.nets.compact import CompactConfig
from sr_models.nets.edsr import Block, DialledEDSRConfig, EDSRConfig
from sr_models.nets.recurrent import RecurrentConfig
from sr_models.nets.resample import interpolate
from sr_models.nets.srcnn import SRCNNConfig
from sr_models.stages.crisp import brightness, find_texture
from sr_models.training import degradation, losses, perceptual, whitening
from sr_models.training.__main__ import main
from sr_models.training.adversarial import Adversary
from sr_models.training.aim import aim_at
from sr_models.training.compiled import compile_blocks
from sr_models.training.degradation import MARGIN, NOISE, degrade_as_web, make_pairs
from sr_models.training.detail import draw_maps
from sr_models.training.feed import Feed
from sr_models.training.loop import Run
from sr_models.training.muon import Muon, optimisers, orthogonalise
from sr_models.training.photos import EXAMPLES, HELD_OUT, Photos, gather_crops, load_photos, measure_texture
from sr_models.training.recipes import RECIPES, Pull, Recipe
from sr_models.training.ring import Ring
from sr_models.training.schedule import cosine
from sr_models.training.shortening import SHORTENINGS
from sr_models.training.tasks import Batch, Material
from sr_models.training.tasks.dialled import DialledTask, add_texture
from sr_models.training.tasks.looks import LooksTask
from sr_models.training.tasks.pixels import TAUGHT_UNTIL, PixelTask
from sr_models.training.teachers import DETAILS

PHOTOS = Photos([made_up(230, 240, seed) for seed in range(3)])
TINY = Recipe("tiny-x2", CompactConfig(8, 1, 2, "bilinear"), minutes=1, batches=((0.0, 2, 8),))
TRUNK = replace(TINY, id="trunk", net=EDSRConfig(16, 2, 2), turns=(2, 3, 4), batches=((0.0, 4, 8),), rate=2e-3)
DIALLED = replace(TINY, id="dialled", net=DialledEDSRConfig(16, 2, 2), teachers=("cnn", "gan"), batches=((0.0, 2, 16),))
PULLED = replace(DIALLED, pulls=(("small", 1.0), ("picture", 1.0)), rate=1e-2)
STORED = replace(DIALLED, id="stored", turns=(2, 3), degradation="web", stored=((2, 8), (3, 4)))
LOOKING = replace(TINY, id="looking", net=RecurrentConfig(16, 1, 8, 2, 2), turns=(2, 3), batches=((0.0, 4, 8),), first="first")
NETS = [TINY.net, SRCNNConfig(2)]
TEACHERS = {"cnn": EDSRConfig(16, 2, 2), "gan": DialledEDSRConfig(16, 2, 2)}
FILES: dict[str, Path] = {}
"""Id → the weights of these networks, which have something to say."""


@pytest.fixture(scope="module", autouse=True)
def teachers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("teachers")
    torch.manual_seed(0)
    for id, config in (TEACHERS | {"first": EDSRConfig(8, 2, 2)}).items():
        net = config.build()
        for value in net.parameters():
            torch.nn.init.normal_(value, std=0.03) if value.ndim > 1 else torch.nn.init.zeros_(value)
        FILES[id] = folder / f"{id}.safetensors"
        save_file(net.state_dict(), FILES[id])


@pytest.fixture(autouse=True)
def few_held_out_pairs(monkeypatch):
    monkeypatch.setattr(PixelTask, "HELD_OUT_PAIRS", 16)
    monkeypatch.setattr(PixelTask, "HELD_OUT_SIDE", 24)
    monkeypatch.setattr(DialledTask, "HELD_OUT_PAIRS", 2)
    monkeypatch.setattr(LooksTask, "HELD_OUT_PAIRS", 2)


def run_in(folder, recipe=TINY, **material) -> Run:
    return Run(recipe, Material(PHOTOS, PHOTOS, teachers=FILES, first=FILES["first"], **material), folder)


def dialled_task(run: Run) -> DialledTask:
    assert isinstance(run.task, DialledTask)
    return run.task


def adversary_of(run: Run) -> Adversary:
    adversary = dialled_task(run).adversary
    assert adversary is not None
    return adversary


def test_every_embedded_file_has_a_recipe_for_the_same_network():
    recipes = {recipe.id: recipe.net for recipe in (*RECIPES, *SHORTENINGS)}
    for entry in CATALOG:
        if isinstance(entry.source, Embedded):
            assert shapes(recipes[entry.source.name]) == shapes(entry.net)


def shapes(net):
    return {name: value.shape for name, value in net.build().state_dict().items()}


def test_crops_come_from_where_there_is_texture():
    half_flat = np.full((160, 320, 3), 250, np.uint8)
    half_flat[:, 160:] = made_up(160, 160)
    assert measure_texture(half_flat)[:, :9].max() < measure_texture(half_flat)[:, 11:].min()
    crops = Photos([half_flat]).crops(np.random.default_rng(0), 200, 16).numpy()
    assert (crops.std((1, 2, 3)) > 5).mean() > 0.8


def test_the_same_seed_gives_the_same_crops_and_another_gives_others():
    one, same, other = (PHOTOS.crops(np.random.default_rng(seed), 4, 32) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_a_crop_is_a_part_of_a_photo_turned_or_mirrored():
    photo = made_up(40, 50)
    turned = [np.rot90(part, k) for part in (photo, photo[:, ::-1]) for k in range(4)]
    seen = set()
    for crop in Photos([made_up(30, 30), photo]).crops(np.random.default_rng(3), 40, 31).numpy():  # the other photo is too small
        windows = [np.lib.stride_tricks.sliding_window_view(view, (31, 31), (0, 1)) for view in turned]
        fits = [k for k, window in enumerate(windows) if (window == crop.transpose(2, 0, 1)).all((2, 3, 4)).any()]
        assert len(fits) == 1
        seen |= set(fits)
    assert seen == set(range(8))


def test_a_margin_is_cut_off_a_crop_however_it_lies():
    places = PHOTOS.places(np.random.default_rng(0), 40, 24)
    assert torch.equal(gather_crops(PHOTOS.pixels, places, 24, 5), gather_crops(PHOTOS.pixels, places, 24)[:, 5:-5, 5:-5])


def test_no_photo_may_be_too_small_for_every_crop():
    with pytest.raises(ValueError, match="500 × 500"):
        PHOTOS.crops(np.random.default_rng(0), 1, 500)


def test_a_photo_is_used_at_two_drawn_sizes_a_lossy_one_always_shrunk_and_small_ones_are_left_out(tmp_path):
    for number in range(HELD_OUT + 1):
        Image.fromarray(made_up(100, 100)).save(tmp_path / f"{number:02}.{('png', 'jpg')[number % 2]}")
    Image.fromarray(made_up(40, 40)).save(tmp_path / "99.png")
    (training, held_out), (again, _) = (load_photos([tmp_path], [], smallest=50) for _ in range(2))
    assert len(held_out.heights) == 4  # both sizes of the first photo and of the one after so many
    assert torch.equal(training.heights, again.heights)
    smaller, larger = training.heights.reshape(-1, 2).T.numpy()
    assert smaller.min() >= 50
    assert (smaller < larger).all()
    assert len(set(larger)) > 10
    assert larger[0::2].max() <= 85 < larger[1::2].max()  # lossy and lossless in turn
    whole, _ = load_photos([], [tmp_path], smallest=50, sizes=3)
    assert whole.heights.reshape(-1, 3)[0::2].max() > 85  # of a folder of clean photos, lossy ones too


def test_what_the_page_shows_as_examples_is_not_trained_on(tmp_path):
    for name in ("a.webp", *EXAMPLES, "z.webp"):
        Image.fromarray(made_up(100, 100)).save(tmp_path / name)
    training, held_out = load_photos([tmp_path], [], smallest=10, sizes=1)
    assert (len(training.heights), len(held_out.heights)) == (1, 1)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_clean_pair_is_the_benchmarks_bicubic(scale):
    crops = PHOTOS.crops(np.random.default_rng(0), 2, (8 + 2 * MARGIN) * scale)
    small, large = make_pairs(crops, scale, "clean", np.random.default_rng(0))
    assert small.shape == (2, 3, 8, 8)
    assert large.shape == (2, 3, 8 * scale, 8 * scale)
    whole = shrink(crops.permute(0, 3, 1, 2).float(), scale)
    assert torch.equal(small * 255, whole[:, :, MARGIN:-MARGIN, MARGIN:-MARGIN])


def test_a_web_photo_is_degraded_but_stays_the_same_photo():
    crop = made_up(128, 128)
    for seed in range(20):
        small = degrade_as_web(crop, 4, np.random.default_rng(seed))
        plain = np.asarray(Image.fromarray(crop).resize((32, 32), Image.Resampling.BICUBIC)).astype(float)
        assert small.shape == (32, 32, 3)
        assert 0.5 < np.abs(small - plain).mean() < 40


def test_noise_is_little_and_in_some_photos_only():
    """A flat grey crop, which resampling, blur and codec leave as it is: what spread it has is the noise's."""
    flat = np.full((128, 128, 3), 128, np.uint8)
    spread = np.array([degrade_as_web(flat, 2, np.random.default_rng(seed)).std() for seed in range(300)])
    assert 0.05 < (spread > 0.5).mean() < 0.2
    assert 1 < spread.max() <= NOISE + 0.5


def test_some_web_crops_lie_on_pure_white_and_the_others_are_untouched():
    crops = torch.from_numpy(np.stack([made_up(64, 64) // 2] * 200))
    before = crops.clone()
    _, large = make_pairs(crops, 2, "web", np.random.default_rng(0))
    whitened = (large == 1).all(1).flatten(1).any(1)
    assert 0.04 < whitened.float().mean() < 0.2
    assert torch.equal(crops, before)
    _, plain = make_pairs(crops, 2, "clean", np.random.default_rng(0))
    assert torch.equal(large[~whitened], plain[~whitened])


def test_about_a_quarter_of_the_web_pairs_are_clean():
    crops = torch.from_numpy(np.stack([made_up(64, 64)] * 200))
    small, _ = make_pairs(crops, 2, "web", np.random.default_rng(0))
    clean, _ = make_pairs(crops[:1], 2, "clean", np.random.default_rng(0))
    assert 0.15 < (small == clean).all((1, 2, 3)).float().mean() < 0.35


@pytest.mark.parametrize("net", NETS, ids=repr)
def test_some_steps_of_training_bring_the_result_closer_to_what_was_shown(net, tmp_path):
    """The same pairs at every step: what other pairs say in sixty steps is chance, above all for SRCNN, which starts as bicubic."""
    recipe = replace(TINY, net=net, batches=((0.0, 4, 8),))
    if isinstance(net, SRCNNConfig):
        recipe = replace(recipe, batches=((0.0, 8, 12),), rate=5e-4, squared_from=0.0, lower_precision=False)
    run = run_in(tmp_path, recipe)
    _, count, side = recipe.batches[0]
    shown = run.task.draw(np.random.default_rng(0), 2, count, side)
    run.feed.draw = lambda *asked: shown
    errors = []
    for _ in range(60):
        with torch.no_grad():
            errors.append((run.net(shown.small) - shown.large).square().mean().item())
        run.one_step(0.1)
    assert errors[-1] < 0.95 * errors[0]


def error(run: Run, scale: int) -> float:
    assert isinstance(run.task, PixelTask)
    small, large, *_ = run.task.held_out[scale]
    net = run.net.at(scale) if hasattr(run.net, "at") else run.net
    with torch.no_grad():
        return (net(small) - large).square().mean().item()


def test_one_trunk_learns_three_scales_in_turn(tmp_path):
    run = run_in(tmp_path, TRUNK)
    before = {scale: error(run, scale) for scale in (2, 3, 4)}
    heads = {scale: run.net.last[f"x{scale}"].weight.clone() for scale in (2, 3, 4)}
    run.one_step(0.1)
    assert [torch.equal(head, run.net.last[f"x{scale}"].weight) for scale, head in heads.items()] == [False, True, True]
    for _ in range(59):
        run.one_step(0.1)
    assert all(error(run, scale) < 0.95 * before[scale] for scale in (2, 3, 4))
    assert set(load_file(run.export())) == set(TRUNK.net.build().state_dict())


def test_the_update_of_a_hidden_convolution_is_orthogonal():
    torch.manual_seed(0)
    wide = torch.randn(24, 200) * torch.logspace(0, -2, 24)[:, None]
    for gradient in (wide, wide.T):
        values = torch.linalg.svdvals(orthogonalise(gradient[None])[0])
        assert values.min() > 0.5
        assert values.max() < 1.5
        assert torch.linalg.svdvals(gradient).min() < 0.1 * torch.linalg.svdvals(gradient).max()


def test_one_product_for_all_convolutions_of_a_shape_does_what_one_for_each_does():
    torch.manual_seed(0)
    together = [torch.nn.Parameter(torch.randn(16, inputs, 3, 3)) for inputs in (16, 20, 16, 16)]
    alone = [torch.nn.Parameter(weight.detach().clone()) for weight in together]
    optimisers = [Muon(together, 0.1), *(Muon([weight], 0.1) for weight in alone)]
    for _ in range(3):
        for one, same in zip(together, alone, strict=True):
            one.grad = torch.randn_like(one)
            same.grad = one.grad.clone()
        for optimiser in optimisers:
            optimiser.step()
    assert all(torch.allclose(one, same, atol=1e-3) for one, same in zip(together, alone, strict=True))


@pytest.mark.parametrize(
    ("net", "hidden"), [(CompactConfig(16, 16, 4), 16), (EDSRConfig(16, 8, 4), 16), (DialledEDSRConfig(16, 8, 4), 16)], ids=repr
)
def test_only_hidden_convolutions_get_such_updates(net, hidden):
    net = net.build()
    muon, adam = optimisers(net, 1e-3)
    assert [p.shape for p in muon.param_groups[0]["params"]] == [(16, 16, 3, 3)] * hidden
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


def test_a_recipe_is_trained_and_resumed_from_the_command_line(tmp_path, monkeypatch, capsys):
    for seed in range(3):
        Image.fromarray(made_up(180, 190, seed)).save(tmp_path / f"{seed}.png")
    monkeypatch.setattr(torch, "set_num_threads", lambda count: None)
    ends = []
    for options in (["--steps", "2"], ["--steps", "4", "--resume"]):
        given = ["--photos", str(tmp_path), "--runs", str(tmp_path / "runs"), "--device", "cpu"]
        monkeypatch.setattr(sys, "argv", ["training", "srcnn-x2-v1", *given, *options])
        main()
        ends.append(torch.load(tmp_path / "runs" / "srcnn-x2-v1" / "checkpoint.pt", weights_only=True))
    assert [end["step"] for end in ends] == [2, 4]
    assert not torch.equal(ends[0]["net"]["last.weight"], ends[1]["net"]["last.weight"])
    assert Path(capsys.readouterr().out.split()[-1]).is_file()


def answers(scale, small):
    """What the CNN says by itself, and what both teachers aim at."""
    cnn, gan = (config.build().at(scale) for config in TEACHERS.values())
    cnn.load_state_dict(load_file(FILES["cnn"]))
    gan.load_state_dict(load_file(FILES["gan"]))
    with torch.no_grad():
        turned = [torch.rot90(gan(torch.rot90(small, k, (2, 3)), torch.full_like(small[:, :1], DETAILS[scale])), k, (2, 3)) for k in (0, 2)]
        c, g = cnn(small).clamp(0, 1), ((turned[0] + turned[1]) / 2).clamp(0, 1)
    return c, aim_at(c, g, scale)


def soft(*values: float) -> torch.Tensor:
    """(1, 3, 48, 96) from a row of 24 grey values, softly enlarged by 4."""
    row = torch.tensor(values).repeat_interleave(24 // len(values)).expand(1, 3, 12, 24)
    return torch.nn.functional.interpolate(row, scale_factor=4, mode="bilinear", align_corners=False)


def test_the_aim_has_steeper_edges_and_leaves_their_sides_alone():
    edge = soft(0.2, 0.8)
    aim = aim_at(edge, edge, 4)
    assert aim.diff(dim=3).abs().max() > 1.3 * edge.diff(dim=3).abs().max()
    assert edge.min() - 4 / 255 < aim.min()
    assert aim.max() < edge.max() + 4 / 255
    assert torch.allclose(aim[..., :24], edge[..., :24], atol=2 / 255)
    flat = soft(0.4, 0.4)
    assert torch.allclose(aim_at(flat, flat, 4), flat, atol=1e-5)


def test_the_aim_gives_a_thin_line_contrast_and_no_more_than_it_may():
    line = soft(*[0.8] * 11, 0.5, *[0.8] * 12)
    darker = line.min() - aim_at(line, line, 4)[..., 8:-8, :].min()
    assert 1 / 255 < darker <= 13 / 255


def test_the_aim_takes_brightness_alone_and_invents_only_where_the_cnn_is_textured():
    random = torch.Generator().manual_seed(0)
    weave = torch.nn.functional.interpolate(0.5 + 0.05 * torch.randn(1, 1, 12, 24, generator=random), scale_factor=4, mode="bicubic")
    cnn = torch.cat([weave.expand(1, 3, 48, 96), soft(0.3, 0.3)], 3).clamp(0, 1)  # cloth, and a plain ground
    gan = (cnn + 0.05 * torch.randn(1, 3, 48, 192, generator=random)).clamp(0, 1)
    added = aim_at(cnn, gan, 4) - aim_at(cnn, cnn, 4)
    assert added[..., :80].std() > 0.01
    assert added[..., 120:].abs().max() < 1 / 255
    assert find_texture(cnn, 4)[..., 120:].max() < 0.05 < find_texture(cnn, 4)[..., :80].mean()
    assert torch.allclose(added, brightness(added).expand_as(added), atol=1e-5)


def test_stored_pairs_are_the_same_twice_and_their_aim_is_what_it_is_said_to_be(tmp_path):
    first = run_in(tmp_path / "first", STORED)
    again = run_in(tmp_path / "again", STORED)
    now = run_in(tmp_path / "now", replace(STORED, stored=()))
    task = dialled_task(first)
    for scale, count in STORED.stored:
        for one, same in zip(task.stored[scale], dialled_task(again).stored[scale], strict=True):
            assert one is not None
            assert same is not None
            assert torch.equal(one, same)
        small, large, cnn, aim = task.stored[scale].draw(np.random.default_rng(0), scale, count, 48)
        assert len({tuple(picture.flatten()[:50].tolist()) for picture in large}) > 2
        whole = [part.reshape(count, side, side, 3) for part, side in zip(task.stored[scale], (48, *[48 * scale] * 3), strict=True)]
        small, large, cnn, aim = (part.permute(0, 3, 1, 2).float() / 255 for part in whole)
        c, expected = answers(scale, small)
        assert (c - cnn).abs().mean() < 2 / 255  # bfloat16, and rounding
        assert (expected - aim).abs().mean() < 2 / 255
        assert (expected - c).abs().mean() > 4 * (expected - aim).abs().mean()  # else there would be nothing to see
        assert (torch.nn.functional.avg_pool2d(large, scale) - small).abs().mean() < 0.1
        at_every_step = dialled_task(now).aimed(Batch(small, large), scale)  # as on a GPU
        for computed, stored in zip(at_every_step[2:4], (cnn, aim), strict=True):
            assert (computed - stored).abs().mean() < 1 / 255


def test_a_taught_network_learns_its_teachers_answers_first_and_the_originals_then(tmp_path):
    taught = replace(TRUNK, id="taught", turns=(2, 3), teachers=("cnn",), stored=((2, 6), (3, 6)))
    run = run_in(tmp_path, taught)
    assert isinstance(run.task, PixelTask)
    small, _, cnn, aim = run.task.stored[3]
    small, cnn = (part.reshape(6, side, side, 3).permute(0, 3, 1, 2).float() / 255 for part, side in ((small, 48), (cnn, 144)))
    assert (cnn - answers(3, small)[0]).abs().mean() < 2 / 255
    assert aim is None
    batch = run.feed.batch((3, 6, 48), (3, 6, 48))
    assert batch.cnn is not None
    assert (batch.cnn - batch.large).abs().mean() > 4 / 255  # else there would be nothing to see
    with torch.no_grad():
        result = run.net.at(3)(batch.small)
    for share, target in ((TAUGHT_UNTIL - 0.01, batch.cnn), (TAUGHT_UNTIL, batch.large)):
        loss = run.task.learn(run.net.at(3), batch, 3, share)["loss"]
        assert loss.item() == pytest.approx(losses.charbonnier_fft(result, target).item(), rel=1e-2)


def test_stored_pairs_are_kept_until_something_else_is_asked_for(tmp_path):
    file = tmp_path / "pairs-x2.safetensors"
    run_in(tmp_path, STORED)
    made = file.stat().st_mtime_ns
    run_in(tmp_path, replace(STORED, rate=1e-4))
    assert file.stat().st_mtime_ns == made
    run_in(tmp_path, replace(STORED, degradation="clean"))
    assert file.stat().st_mtime_ns != made


def test_the_parts_of_a_stored_pair_are_cut_alike(tmp_path):
    """Their places come back from pictures that hold them."""
    known = dialled_task(run_in(tmp_path, STORED)).stored[3]
    rows, columns = torch.meshgrid(torch.arange(48), torch.arange(48), indexing="ij")
    numbered = torch.stack([torch.stack([rows, columns, torch.full_like(rows, number)], 2) for number in range(6)]).byte()
    large = numbered.repeat_interleave(3, 1).repeat_interleave(3, 2).reshape(-1, 3)
    known = known._replace(small=numbered.reshape(-1, 3), large=large, cnn=large, aim=large)
    small, *parts = known.draw(np.random.default_rng(0), 3, 20, 16)
    for part in parts:
        assert torch.equal(part, small.repeat_interleave(3, 2).repeat_interleave(3, 3))
    assert len({tuple(corner.tolist()) for corner in small[:, :, 0, 0]}) > 10


@pytest.mark.parametrize("recipe", [TINY, TRUNK, LOOKING, PULLED, STORED], ids=lambda recipe: recipe.id)
def test_a_resumed_run_goes_on_as_if_it_had_never_stopped(recipe, tmp_path):
    through = run_in(tmp_path / "through", recipe)
    for _ in range(5):
        through.one_step(0.5)
    first = run_in(tmp_path / "stopped", recipe)
    for _ in range(3):
        first.one_step(0.5)
    first.save()
    second = run_in(tmp_path / "elsewhere", recipe)
    second.resume(tmp_path / "stopped" / "checkpoint.pt")
    for _ in range(2):
        second.one_step(0.5)
    assert second.step == through.step == 5
    for name, value in through.net.state_dict().items():
        assert torch.equal(value, second.net.state_dict()[name]), name


def test_the_next_recipe_goes_on_from_a_checkpoint_of_the_last(tmp_path):
    """With a dial that the last network did not have; and where the networks are the same, with all that was learnt."""
    trunk = run_in(tmp_path / "trunk", replace(TRUNK, steps=3))
    trunk.train()
    second = run_in(tmp_path / "dialled", PULLED, start=tmp_path / "trunk" / "checkpoint.pt")
    assert second.step == 0
    for net, start in ((second.net, trunk.net), (second.average, trunk.average)):
        assert all(torch.equal(net.state_dict()[name], value) for name, value in start.state_dict().items())
    second.one_step(0.5)
    second.save()
    last = run_in(tmp_path / "next", replace(PULLED, id="next", rate=1e-4), start=tmp_path / "dialled" / "checkpoint.pt")
    assert adversary_of(last).steps == 1
    pairs = [(second.optimisers[0], last.optimisers[0]), (adversary_of(second).optimiser, adversary_of(last).optimiser)]
    for optimiser, same in pairs:
        for one, other in zip(optimiser.state_dict()["state"].values(), same.state_dict()["state"].values(), strict=True):
            assert all(torch.equal(torch.as_tensor(one[name]), torch.as_tensor(other[name])) for name in one)
    last.one_step(0.5)
    assert last.averaged == 5  # of three runs: the average goes on as slowly
    assert last.optimisers[0].param_groups[0]["lr"] < 1e-4  # its own rate, not that of the checkpoint


def test_a_batch_drawn_ahead_is_the_batch_drawn_when_it_is_needed(tmp_path):
    """Also where the patches grow or the scale changes, and after the run was set back."""
    run = run_in(tmp_path, replace(TRUNK, degradation="web"))
    now, ahead = (Feed(run.task.draw, 1, ahead) for ahead in (False, True))
    states = []
    plan = [(2, 4, 8), (3, 4, 8), (2, 4, 12), (2, 4, 12)]
    for asked, following in zip(plan, [(3, 4, 8), (2, 4, 8), (2, 4, 12), (2, 4, 12)], strict=True):
        states.append(now.state)
        for one, same in zip(now.batch(asked, following)[:2], ahead.batch(asked, following)[:2], strict=True):
            assert torch.equal(one, same)
        assert now.state == ahead.state != states[-1]
    ahead.state = now.state = states[1]
    assert torch.equal(now.batch(plan[0], plan[1])[0], ahead.batch(plan[0], plan[1])[0])


def test_where_all_detail_is_asked_for_the_aim_is_learnt_and_elsewhere_the_original(tmp_path):
    run = run_in(tmp_path, replace(STORED, turns=(2,), stored=((2, 12),), rate=3e-3))
    small, large, _, aim, _ = dialled_task(run).held_out[2]

    def distances() -> tuple[float, float]:
        with torch.no_grad():
            plain, crisp = (run.net(small, torch.full_like(small[:, :1], t)) for t in (0.0, 1.0))
        return (plain - large).abs().mean().item(), (crisp - aim).abs().mean().item()

    before = distances()
    for _ in range(40):
        run.one_step(0.3)
    assert all(after < 0.95 * start for after, start in zip(distances(), before, strict=True))


def test_the_small_pulls_are_nothing_at_the_aim_and_grow_with_what_they_are_against():
    aim, asked = torch.zeros(1, 3, 24, 24), torch.ones(1, 1, 24, 24)
    aim[:, :, :, 12:] = 1
    soft = torch.nn.functional.avg_pool2d(torch.nn.functional.pad(aim, (2, 2, 2, 2), mode="replicate"), 5, 1)
    beyond = aim + 0.2 * (aim - soft)
    assert losses.edge_loss(aim, aim, asked) == losses.overshoot_loss(aim, aim, asked) == losses.colour_loss(aim, aim, asked, 2) == 0
    assert losses.edge_loss(soft, aim, asked) > losses.edge_loss((soft + aim) / 2, aim, asked) > 0
    assert losses.overshoot_loss(beyond, aim, asked) > 0.001 > losses.overshoot_loss(soft, aim, asked) == 0
    assert losses.colour_loss(aim + 0.1, aim, asked, 2) == pytest.approx(0.1)
    for measure in (losses.edge_loss, losses.overshoot_loss):
        assert measure(beyond, aim, 0 * asked) == 0


PULLS = get_args(Pull)


@pytest.fixture(scope="module")
def vgg(tmp_path_factory):
    """A file of the layout of VGG-16's, its numbers drawn."""
    torch.manual_seed(0)
    file = tmp_path_factory.mktemp("vgg") / "vgg.safetensors"
    save_file(
        {
            name: torch.randn(shape) * (2 / (9 * shape[-3])) ** 0.5 if len(shape) > 1 else torch.zeros(shape)
            for name, shape in perceptual.expected_shapes().items()
        },
        file,
    )
    return file


def test_the_perceptual_distance_of_equal_pictures_is_nothing_and_its_file_is_checked(vgg):
    distance = perceptual.Perceptual(vgg)
    picture, other = torch.rand(2, 1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert distance(picture, picture) == 0
    assert distance(other, picture) > distance((other + 3 * picture) / 4, picture) > 0
    with pytest.raises(ValueError, match="VGG-16"):
        perceptual.Perceptual(FILES["cnn"])


def judged(run: Run) -> tuple[Batch, torch.Tensor, torch.Tensor]:
    """A batch that asks for all detail, what the network makes of it, with noise, and without detail."""
    small, large = (part[:2] for part in dialled_task(run).held_out[2][:2])
    everywhere = torch.ones_like(small[:, :1])
    batch = Batch(small, large, detail=everywhere)
    with torch.no_grad():
        cnn, result = (run.net(small, t * everywhere) for t in (0, 1))
    return batch, result + 0.05 * torch.randn(large.shape, generator=torch.Generator().manual_seed(0)), cnn


@pytest.mark.parametrize("name", ["small", "picture"])
def test_a_discriminator_has_no_say_in_colours(name, tmp_path):
    run = run_in(tmp_path, replace(PULLED, pulls=((name, 1.0),)))
    pull = adversary_of(run).pull(judged(run)[0], 2, *judged(run)[1:])
    assert torch.nn.functional.avg_pool2d(pull, 2).abs().max() < 1e-3 * pull.abs().max()


@pytest.mark.parametrize("name", PULLS)
def test_a_step_along_a_pull_does_what_it_pulls_for(name, vgg, tmp_path):
    """Its own measure falls; and the discriminators learn, whatever pulls."""
    run = run_in(tmp_path, replace(PULLED, pulls=((name, 1.0),)), perceptual=vgg)
    figures = run.one_step(0.3)
    assert {"loss", "real_small", "fake_small", "real_picture", "fake_picture"} <= figures.keys()
    batch, result, cnn = judged(run)
    adversary = adversary_of(run)
    distance = adversary.perceptual
    assert distance is not None
    adversary.nets.eval()  # else spectral norms change with every look
    measure = {
        "perceptual": lambda x: distance(x, batch.large),
        "colours": lambda x: losses.colour_loss(x, cnn, torch.ones_like(x), 2),
        "grid": lambda x: losses.grid_loss(x, cnn, 2),
    }.get(name, lambda x: -adversary.scores(batch, 2, x)[name].mean())
    pull = adversary.pull(batch, 2, result, cnn)
    assert pull.norm() == pytest.approx(1, rel=0.5)
    with torch.no_grad():
        assert measure(result - 0.1 * pull) < measure(result)


def test_the_discriminators_lead_and_learn_beside_the_network(tmp_path):
    run = run_in(tmp_path, replace(PULLED, lead=2))
    state = lambda module: torch.cat([value.detach().flatten() for value in module.parameters()]).clone()  # noqa: E731
    for leads in (True, True, False):
        before = state(run.net), state(adversary_of(run).nets)
        run.one_step(0.3)
        assert torch.equal(before[0], state(run.net)) == leads
        assert not torch.equal(before[1], state(adversary_of(run).nets))


def test_what_is_not_textured_gets_no_pull(tmp_path):
    """Of stripes with hard edges a network learns the same with discriminators and without; of noise it does not."""
    page = (torch.arange(16) // 2 % 2).float().expand(2, 3, 16, 16).contiguous()
    noise = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 0.2 + 0.4
    for small, same in ((page, True), (noise, False)):
        batch = Batch(small, interpolate(small, 2, "bicubic"), detail=torch.ones(2, 1, 16, 16))
        gradients = []
        for pulls in ((), PULLED.pulls):
            run = run_in(tmp_path, replace(PULLED, pulls=pulls))
            run.task.learn(run.net, batch, 2, 0.3)
            gradients.append(run.net.blocks[0].conv1.weight.grad)
        assert torch.allclose(*gradients, rtol=1e-4, atol=1e-8) == same


def test_texture_is_pulled_in_brightness_alone():
    gradient, pull = torch.randn(2, 1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    where = torch.zeros(1, 1, 8, 8)
    where[..., 4:] = 1
    changed = add_texture(gradient, pull, where) - gradient
    assert changed[..., :4].abs().max() == 0
    assert changed[..., 4:].abs().min() > 0
    assert (changed - changed.mean(1, keepdim=True)).abs().max() < 1e-6


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_grid_of_the_photos_pixels_is_told_from_grain(scale):
    calm = torch.full((1, 3, 24 * scale, 24 * scale), 0.5)
    grain = torch.randn(calm.shape, generator=torch.Generator().manual_seed(0))
    grid = torch.zeros_like(calm)
    grid[:, :, ::scale] = 1
    alike = [pattern / pattern.mean(1).std() for pattern in (grid, grain)]
    found = [losses.grid_loss(calm + 0.02 * pattern, calm, scale) for pattern in alike]
    assert found[0] > 4 * found[1]


@pytest.fixture
def ring(monkeypatch):
    """Its small pictures are made as benchmarks are, so that a pair can be told from halves of two."""
    monkeypatch.setattr(degradation, "WEB_SHARE", 0)
    ring = Ring(PHOTOS, (2, 4), side=16, processes=1, size=5)
    yield ring
    if ring.processes[0].is_alive():
        ring.stop()


def assert_right(small, large, scale):
    again = shrink((large * 255).round(), scale) / 255
    assert (again - small)[:, :, 2:-2, 2:-2].abs().max() < 1.5 / 255  # mirrored, a half may be rounded the other way


@pytest.mark.parametrize("scale", [2, 4])
def test_a_ring_yields_the_halves_of_one_pair_while_a_process_writes_over_them(ring, scale):
    ring.start()
    random = np.random.default_rng(0)
    seen = set()
    end = time.monotonic() + PATIENCE
    while ring.made[0] < 30 or len(seen) < 2:  # the ring has been round several times
        assert ring.processes[0].is_alive()
        assert time.monotonic() < end
        ring.refreshed = -float("inf")
        small, large = ring.draw(random, scale, 8, 12)
        assert small.shape == (8, 3, 12, 12)
        assert_right(small, large, scale)
        seen.add(large.mean().item())
    small, large = ring.draw(random, scale, 8, 12)
    with pytest.raises(AssertionError):
        assert_right(small.roll(1, 0), large, scale)


def test_neither_half_of_a_pair_is_written_or_copied_without_the_lock(ring):
    held = lambda: not ring.locks[0].acquire(block=False)  # noqa: E731

    class Watched(np.ndarray):
        def __setitem__(self, *what):
            assert held()
            super().__setitem__(*what)

    for name in ("small", "places"):
        setattr(ring, name, getattr(ring, name).view(Watched))
    for index, scale in enumerate(ring.scales):
        ring.put(0, index, *ring.pair(np.random.default_rng(0), scale))
    ring.made[0] = 1
    copied = []

    def copy(part):
        copied.append(held())
        return torch.from_numpy(np.array(part))

    ring.refresh(copy)
    assert copied == [True, True]
    assert not held()
    ring.locks[0].release()


def test_a_ring_whose_process_has_died_is_not_waited_for(ring):
    ring.start()
    ring.stop()
    ring.made[0] = 0
    with pytest.raises(RuntimeError, match="ended"):
        ring.draw(np.random.default_rng(0), 2, 1, 16)


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf:UserWarning")  # Dynamo looks at all of them
def test_blocks_that_cannot_be_compiled_run_as_they_were_written():
    def broken(*_):
        raise NotImplementedError("no compiler here")

    net = TRUNK.net.build()
    small = torch.rand(1, 3, 8, 8)
    before = net(small)
    with pytest.warns(UserWarning, match="no compiler here"):
        compile_blocks(net, lambda: net(small).mean(), broken)  # pyright: ignore[reportArgumentType]
    assert torch.equal(net(small), before)
    compile_blocks(net, lambda: net(small).mean(), "eager")
    assert all("forward" in vars(block) for block in net.modules() if isinstance(block, Block))
    assert torch.allclose(net(small), before)
    assert all(value.grad is None for value in net.parameters())


def test_the_detail_that_is_asked_for_covers_the_dial_and_is_constant_in_pieces():
    drawn = draw_maps(np.random.default_rng(0), 400, 8).numpy()
    assert drawn.shape == (400, 1, 8, 8)
    assert (drawn.min(), drawn.max()) == (0, 1)
    values = [len(np.unique(detail)) for detail in drawn]
    assert set(values) == {1, 2}
    assert 0.1 < np.mean((drawn > 0) & (drawn < 1)) < 0.9


@pytest.mark.parametrize("net", NETS, ids=repr)
def test_a_finished_run_leaves_weights_that_load_strictly_a_log_and_a_curve(net, tmp_path):
    path = run_in(tmp_path, replace(TINY, net=net, minutes=0.01)).train()
    net.build().load_state_dict({name: value.float() for name, value in load_file(path).items()})
    assert {value.dtype for value in load_file(path).values()} == {torch.float16}
    assert (tmp_path / "log.csv").read_text().startswith("step,seconds,loss,psnr_x2,crispness_x2\n")
    assert (tmp_path / "curve.png").stat().st_size > 1000


def test_of_the_weights_that_are_exported_a_run_can_be_a_share_and_its_start_the_rest(tmp_path):
    start = load_file(run_in(tmp_path / "first").export())
    run = run_in(tmp_path / "second", replace(TINY, own_share=0.25), start=tmp_path / "first" / "tiny-x2.safetensors")
    for value in run.average.parameters():
        value.add_(1)
    for name, value in load_file(run.export()).items():
        assert (value.float() - start[name].float() - 0.25).abs().max() < 2e-3, name


def test_another_scale_starts_from_the_trunk_and_from_its_own_last_convolution(tmp_path):
    path = run_in(tmp_path / "x2").export()
    run = run_in(tmp_path / "x3", replace(TINY, id="tiny-x3", net=CompactConfig(8, 1, 3, "bilinear")), start=path)
    weights = load_file(path)
    state = run.net.state_dict()
    assert torch.equal(state["body.0.weight"], weights["body.0.weight"].float())
    assert state["body.4.weight"].shape != weights["body.4.weight"].shape


def test_a_smaller_body_starts_from_the_blocks_and_channels_that_matter(tmp_path):
    large, small = EDSRConfig(16, 3, 2), EDSRConfig(8, 2, 2)
    torch.manual_seed(0)
    net = large.build()
    with torch.no_grad():
        for name, value in net.named_parameters():
            if value.ndim > 1:  # half of the channels are heard by nobody, and the second block says nothing
                torch.nn.init.normal_(value, std=0.1)
                value[:, 8:] *= 0 if not name.startswith("first") else 1
            if name.startswith("blocks.1.conv2"):
                value.zero_()
    save_file(net.state_dict(), tmp_path / "large.safetensors")
    run = run_in(tmp_path, replace(TRUNK, net=small), start=tmp_path / "large.safetensors")
    x = torch.rand(1, 3, 12, 12)
    for scale in (2, 3, 4):
        assert torch.allclose(run.net.at(scale)(x), net.at(scale)(x), atol=1e-5)


def test_whitening_changes_the_coefficients_and_not_the_layer():
    torch.manual_seed(0)
    net = SRCNNConfig(2).build()
    x = torch.from_numpy(made_up(24, 24)).permute(2, 0, 1)[None] / 255
    with torch.no_grad():
        before = net(x)
        whitening.whiten(net.patches, torch.nn.functional.interpolate(x.repeat(8, 1, 1, 1), scale_factor=4, mode="bicubic"))
        assert (net(x) - before).abs().max() < 1e-3
        whitening.remove_whitening(net)
        assert (net(x) - before).abs().max() < 1e-3
    assert set(net.state_dict()) == set(SRCNNConfig(2).build().state_dict())


def test_a_fresh_srcnn_starts_as_bicubic_with_its_other_channels_open_half_of_the_time(tmp_path):
    net = run_in(tmp_path, replace(TINY, net=SRCNNConfig(2))).net
    x = torch.from_numpy(made_up(40, 50)).permute(2, 0, 1)[None] / 255
    with torch.no_grad():
        assert (net(x) - interpolate(x, 2, "bicubic")).abs().mean() < 0.1
        seen = net.patches(torch.nn.functional.pad(interpolate(x, 2, "bicubic"), (6, 6, 6, 6), mode="replicate"))
    assert (seen[:, :3] > 0).float().mean() > 0.9
    assert 0.3 < (seen[:, 3:] > 0).float().mean() < 0.7


def test_the_rate_climbs_then_falls_to_nothing():
    assert cosine(0.0) == 0
    assert cosine(0.02) == 1
    assert cosine(0.3) > cosine(0.6) > cosine(0.9)
    assert cosine(1.0) == pytest.approx(0, abs=1e-12)


CNN_TEACHER = ["--teacher", "cnn-web-v7=pyproject.toml"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--photos", "nowhere"], "--teacher cnn-web-v7=FILE"),
        (["--photos", "nowhere", *CNN_TEACHER, "--teacher", "edsr96-gan=nowhere", "--start", "pyproject.toml"], "there is no file nowhere"),
        (["--photos", "nowhere", "--teacher", "foo=pyproject.toml"], "“foo” is no teacher of gan-v11"),
        (["--photos", "nowhere", *CNN_TEACHER, "--teacher", "edsr96-gan=pyproject.toml", "--start", "pyproject.toml"], "nowhere"),
        (["--photos", "nowhere", "--threads", "0"], "0 is not above 0"),
        ([], "at least one folder"),
    ],
    ids=str,
)
def test_a_wrong_command_line_is_answered_in_one_sentence(words, said, monkeypatch, capsys):
    monkeypatch.chdir(Path(__file__).parents[1])
    monkeypatch.setattr(sys, "argv", ["training", "gan-v11", *words])
    with pytest.raises(SystemExit):
        main()
    assert said in capsys.readouterr().err.splitlines()[-1]
