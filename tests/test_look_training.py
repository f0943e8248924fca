"""What a look learns from, and that its training learns, is seeded, and goes on where it stopped."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from conftest import made_up
from safetensors.torch import load_file

from sr_models.figures.quality import delta_e, lab
from sr_models.nets.look import LookConfig
from sr_models.stages.tables import ColourTable, look_up
from sr_models.training import colours
from sr_models.training.loop import Run
from sr_models.training.photos import Photos
from sr_models.training.recipes import RECIPES
from sr_models.training.tasks import Material
from sr_models.training.thumbnails import DARKER, WARM, cast_light, sort_by_backdrop

SHORT = replace(next(recipe for recipe in RECIPES if recipe.id == "look-studio-v1"), steps=6, batches=((0.0, 2, 64),))


def product_on(ground: tuple[int, int, int], seed: int) -> np.ndarray:
    rgb = np.full((96, 80, 3), ground, np.uint8)
    rgb[20:70, 20:60] = made_up(50, 40, seed)
    return rgb


def material() -> Material:
    grounds = [(255, 255, 255), (225, 215, 200), (253, 252, 251), (190, 200, 205)]
    photos = Photos([product_on(ground, seed) for seed, ground in enumerate(grounds)])
    return Material(photos, photos)


def test_photos_are_sorted_by_their_backdrop_and_scenes_and_loud_backdrops_are_left_out():
    photos = [product_on((255, 255, 255), 0), product_on((225, 215, 200), 1), product_on((250, 60, 60), 2), made_up(90, 90)]
    snapshots, studio = sort_by_backdrop(Photos(photos))
    assert len(snapshots.rgb) == len(studio.rgb) == 1
    assert (255 * studio.rgb[0, :, 0, 0]).tolist() == [255, 255, 255]
    assert snapshots.backdrop[0, 0, 2, 2] == 1
    assert snapshots.backdrop[0, 0, 32, 32] == 0
    with pytest.raises(ValueError, match="white backdrop"):
        sort_by_backdrop(Photos([made_up(90, 90)]))


def test_a_cast_is_one_light_for_the_whole_picture_and_clips_nothing():
    lit = cast_light(torch.ones(50, 3, 2, 2), np.random.default_rng(0))
    assert (lit == lit[:, :, :1, :1]).all()
    assert lit.max() <= 1
    assert lit.min() >= (2 ** -(DARKER + 2 * WARM + 0.2)) ** (1 / 2.2) - 0.01
    assert (lit.amax(1) - lit.amin(1)).max() > 0.05


def test_lab_with_gradients_is_the_lab_that_measures():
    rgb = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    found = colours.to_lab(torch.from_numpy(rgb).permute(2, 0, 1)[None] / 255)[0].permute(1, 2, 0).numpy()
    assert np.abs(found - lab(rgb)).max() < 0.2


def test_tables_in_training_do_what_tables_do_to_a_photo():
    """Linear along each channel there, by tetrahedra here: the same where a table is smooth."""
    torch.manual_seed(0)
    net = LookConfig().build()
    torch.nn.init.normal_(net.mix.bias, std=0.3)
    rgb = torch.rand(1, 3, 32, 32)
    pixels = (255 * rgb).round().byte()
    with torch.no_grad():
        tables = net(torch.rand(1, 3, 64, 64), torch.rand(1, 1, 64, 64))
        product = 255 * colours.repaint(pixels / 255, torch.zeros(1, 1, 32, 32), tables)[0].permute(1, 2, 0).numpy()
    shown = pixels[0].permute(1, 2, 0).numpy()
    change = look_up(shown, ColourTable(255 * tables[0, 1].numpy()))
    assert np.abs(change).max() > 2
    assert np.abs(product - (shown + change).clip(0, 255)).max() < 0.6


def test_a_histogram_of_colours_counts_each_pixel_once():
    picture = colours.to_lab(torch.rand(1, 3, 8, 8))
    found = colours.describe_colours(picture, torch.ones(1, 1, 8, 8))
    assert found.shape == (1, colours.FEATURES)
    assert found[0, : colours.BRIGHT[2]].sum() == pytest.approx(4, abs=1e-4)


def test_some_steps_change_the_look_and_the_same_seed_gives_the_same_look(tmp_path):
    files = [load_file(Run(SHORT, material(), tmp_path / name).train()) for name in ("a", "b")]
    assert files[0]["mix.weight"].abs().max() > 0
    assert all(torch.equal(files[0][name], files[1][name]) for name in files[0])
    header, row = (tmp_path / "a" / "log.csv").read_text().split()
    assert {"delta_e_casts", "delta_e_left", "delta_e_unneeded", "delta_e_cycle"} <= set(header.split(","))
    assert len(row.split(",")) == len(header.split(","))


def test_a_resumed_run_goes_on_as_if_it_had_never_stopped(tmp_path):
    whole = load_file(Run(SHORT, material(), tmp_path / "whole").train())
    half = Run(SHORT, material(), tmp_path / "half")
    for step in range(3):
        half.one_step(step / 6)
    half.save()
    rest = Run(SHORT, material(), tmp_path / "half")
    rest.resume(tmp_path / "half" / "checkpoint.pt")
    again = load_file(rest.train())
    assert all(torch.equal(whole[name], again[name]) for name in whole)


def test_a_table_that_turns_back_is_told_from_one_that_does_not():
    tables = torch.zeros(1, 2, 17, 17, 17, 3)
    assert colours.turn_back(tables) == 0
    assert colours.bend(tables) == 0
    tables[:, :, 8, 8, 8] = 0.2
    assert colours.turn_back(tables) > 0
    assert colours.bend(tables) > 0


def test_the_distance_of_colours_is_about_the_one_that_is_measured():
    a = made_up(16, 16)
    b = np.clip(a.astype(int) + 3, 0, 255).astype(np.uint8)
    near = colours.distance(*(torch.from_numpy(x.copy()).permute(2, 0, 1)[None] / 255 for x in (a, b)))
    assert 0.5 * delta_e(a, b).mean() < near < 3 * delta_e(a, b).mean()
