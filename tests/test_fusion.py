"""The network of several shots, by itself, and how it is trained."""

import csv
import sys

import numpy as np
import pytest
import torch
from conftest import made_up
from PIL import Image
from safetensors.torch import load_file

from sr_models.catalog import CATALOG, FUSIONS, find_fusion
from sr_models.nets.fusion import Fusion, FusionConfig
from sr_models.stages.align import centred
from sr_models.training import __main__ as training
from sr_models.training import loop, series
from sr_models.training.camera import Camera, demosaic, reduce, take
from sr_models.training.recipes import RECIPES
from sr_models.training.starts import pool_pixels, warm_start
from sr_models.training.tasks import shots

SMALL = FusionConfig(features=8, blocks=1, scale=2)


def trained(config: FusionConfig) -> Fusion:
    """As if something had been learnt."""
    torch.manual_seed(1)
    net = config.build().eval().requires_grad_(False)
    for value in net.last.parameters():
        torch.nn.init.normal_(value)
    return net


def added(net: Fusion, *shots: torch.Tensor, believed: float = 1.0) -> torch.Tensor:
    """What is added to the mean of shots (1, 3, H, W) that lie on each other, the first of which is the photo."""
    height, width = (length // net.config.scale for length in shots[0].shape[2:])
    places = torch.full((1, 2, height, width), 0.3)
    known = net.begin(shots[0])
    for shot in shots[1:]:
        known = net.add(known, shot, torch.full((1, 1, height, width), believed), places)
    return net.finish(known, shots[0])


def test_before_it_learns_it_adds_nothing():
    shots = torch.rand(3, 1, 3, 12, 10)
    assert not added(SMALL.build(), *shots).any()
    assert added(trained(SMALL), *shots).any()


def test_nothing_is_added_to_one_shot_and_the_less_others_are_believed_the_less():
    photo, shot = torch.rand(2, 1, 3, 12, 10)
    net = trained(SMALL)
    assert not added(net, photo).any()
    assert not added(net, photo, shot, believed=0.0).any()
    little, more, sure = (added(net, photo, shot, believed=believed).abs().mean() for believed in (0.01, 0.1, 1.0))
    assert 0 < little < 0.2 * more < 0.5 * sure


def test_a_third_shot_that_is_not_believed_says_nothing_and_one_that_is_does():
    photo, second, third = torch.rand(3, 1, 3, 12, 10)
    net = trained(SMALL)
    places, sure = torch.full((1, 2, 6, 5), 0.3), torch.ones(1, 1, 6, 5)
    two = net.add(net.begin(photo), second, sure, places)
    ignored, believed = (net.finish(net.add(two, third, far, places), photo) for far in (0 * sure, sure))
    assert torch.equal(ignored, net.finish(two, photo))
    assert not torch.allclose(believed, ignored)


@pytest.mark.parametrize("net", [SMALL, FusionConfig(features=8, blocks=2, scale=4)], ids=repr)
def test_nothing_beyond_the_halo_reaches_a_pixel_and_the_halo_is_no_larger(net):
    side, middle = 2 * net.halo + 9, net.halo + 4
    shots = torch.rand(2, 1, 3, side * net.scale, side * net.scale)
    shots[1, ..., middle * net.scale, middle * net.scale] = torch.nan
    rows = added(trained(net), *shots).isnan()[0].any(0).any(1).nonzero() // net.scale
    assert (int(rows.min()), int(rows.max())) == (middle - net.halo, middle + net.halo)


def test_every_fusion_serves_the_cnns_of_its_scale_and_nothing_else():
    served = [entry for entry in CATALOG if entry.family in ("cnn", "cnn-fast")]
    assert len(served) == 12
    for entry in CATALOG:
        fusion = find_fusion(entry)
        assert (fusion is not None) == (entry in served), entry.id
        assert fusion is None or fusion.net.scale == entry.net.scale
    for fusion in FUSIONS:
        assert isinstance(fusion.net, FusionConfig)
        assert fusion.net.features % 32 == 0


def test_what_is_shipped_has_the_size_that_a_recipe_trains():
    trained = [recipe.net for recipe in RECIPES]
    assert all(fusion.net in trained for fusion in FUSIONS)


def test_a_series_is_turned_with_the_places_of_its_shots():
    places = centred(6, 6).permute(2, 0, 1)[None]
    picture = (places * torch.tensor([1.0, 10.0])[:, None, None]).sum(1, keepdim=True)
    for how in ((turned, across, along) for turned in (False, True) for across in (False, True) for along in (False, True)):
        found = shots.turn_places(places, *how)
        assert torch.equal(found, places)  # a grid around its centre, turned with its places, is itself
        assert torch.equal(shots.turn(picture, *how), picture) == (how == (False, False, False))


def test_the_camera_finds_the_colours_of_a_calm_ground_again():
    colour = torch.tensor([0.7, 0.4, 0.2])[:, None, None].expand(3, 16, 16)[None]
    for seed in range(6):
        camera = Camera.draw(np.random.default_rng(seed))
        small = reduce(colour.repeat(1, 1, 2, 2), 2, camera)
        assert (small - colour).abs().max() < 0.01
        developed = take(small, camera, np.random.default_rng(0)).mean((0, 1)) / 255
        assert np.abs(developed - [0.7, 0.4, 0.2]).max() < 0.02


def test_a_mosaic_without_noise_or_detail_is_what_it_was_and_with_stripes_it_is_not():
    y, x = torch.meshgrid(torch.arange(16) % 2, torch.arange(16) % 2, indexing="ij")
    seen = torch.stack([(y == 1) & (x == 1), y != x, (y == 0) & (x == 0)]).float()
    colour = torch.tensor([0.7, 0.4, 0.2])[:, None, None].expand(3, 16, 16)
    striped = colour * x
    for correction in (0.0, 0.5, 1.0):
        assert (demosaic((colour * seen).sum(0)[None, None], seen, correction) - colour).abs().max() < 1e-5
        assert (demosaic((striped * seen).sum(0)[None, None], seen, correction) - striped).abs().max() > 0.1


def test_series_are_made_once_and_a_training_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path, monkeypatch):
    monkeypatch.setattr(series, "AT_ONCE", 1)
    monkeypatch.setattr(series, "EVERY", 2)
    monkeypatch.setattr(torch, "set_num_threads", lambda count: None)
    (tmp_path / "photos").mkdir()
    for seed in range(2):
        Image.fromarray(made_up(300, 310, seed)).save(tmp_path / "photos" / f"{seed}.png")
    asked = ["--data", str(tmp_path / "photos"), "--into", str(tmp_path / "series"), "--files", "3"]
    series.main(asked)
    written = {file: file.stat().st_mtime_ns for file in (tmp_path / "series").iterdir()}
    series.main(asked)
    assert len(written) == 3
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "series").iterdir()} == written

    def train(folder: str) -> dict[str, torch.Tensor]:
        asked = [
            "cnn-shots-x4-v1",
            "--series",
            str(tmp_path / "series"),
            "--runs",
            str(tmp_path / folder),
            "--device",
            "cpu",
            "--steps",
            "2",
        ]
        monkeypatch.setattr(sys, "argv", ["training", *asked, "--resume"] if (tmp_path / folder).exists() else ["training", *asked])
        training.main()
        return load_file(tmp_path / folder / "cnn-shots-x4-v1" / "cnn-shots-x4-v1.safetensors")

    whole = train("whole")
    assert whole["last.weight"].any()
    with (tmp_path / "whole" / "cnn-shots-x4-v1" / "log.csv").open() as file:
        assert {f"{name}_{count}" for name in ("mean", "psnr", "gain") for count in shots.JUDGED} < set(next(csv.DictReader(file)))

    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", -1)  # one after each step
    one_step = loop.Run.one_step

    steps = []

    def one_step_a_call(run: loop.Run, share: float) -> dict[str, torch.Tensor]:
        if run.step and len(steps) == 1:
            raise KeyboardInterrupt
        steps.append(run.step)
        return one_step(run, share)

    monkeypatch.setattr(loop.Run, "one_step", one_step_a_call)
    with pytest.raises(KeyboardInterrupt):
        train("stopped")
    steps.append(-1)
    went_on = train("stopped")
    assert steps == [0, -1, 1]
    assert all(torch.equal(went_on[name], whole[name]) for name in whole)


def test_without_series_a_training_of_several_shots_says_how_to_make_them(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["training", "cnn-shots-x4-v1", "--runs", str(tmp_path)])
    with pytest.raises(SystemExit):
        training.main()
    assert "0 were given: make more with python -m sr_models.training.series --scale 4" in capsys.readouterr().err


def test_weights_of_a_larger_scale_start_a_smaller_one_as_if_every_pixel_were_four():
    torch.manual_seed(2)
    config = FusionConfig(features=8, blocks=1, scale=4)
    large, small = trained(config), FusionConfig(features=8, blocks=1, scale=2).build()
    warm_start(small, large.state_dict())
    shots = torch.rand(2, 1, 3, 12, 10)
    fine = [torch.nn.functional.interpolate(shot, scale_factor=2) for shot in shots]
    expected = torch.nn.functional.avg_pool2d(added(large, *fine), 2)
    found = added(small, *shots)
    assert found.abs().max() > 0.1
    assert torch.allclose(found, expected, atol=1e-5)
    again = pool_pixels(large.state_dict(), 4)
    assert all(torch.equal(again[name], value) for name, value in large.state_dict().items())
