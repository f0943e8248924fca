"""Several shots of one thing: registration, which of them fit, what the network does with them, and what it is compared with."""

from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import made_up

from sr_models.catalog import Entry, NoWeights
from sr_models.figures.matlab import shrink
from sr_models.nets.edsr import EDSRConfig
from sr_models.nets.recurrent import RecurrentConfig, reduce
from sr_models.reading import read
from sr_models.runners import ShotsRunner
from sr_models.stages.align import COPY, ELSEWHERE, FOREIGN, Aligned, align, as_tensor, measure_agreement
from sr_models.stages.fusion import average, back_project
from sr_models.stages.register import register
from sr_models.training.burst import render_burst
from sr_models.training.degradation import compress
from sr_models.training.loop import Run
from sr_models.training.photos import Photos
from sr_models.training.recipes import Recipe
from sr_models.training.tasks import Material, shots
from sr_models.training.tasks.shots import draw_sets, draw_warps, warp_large

NET = RecurrentConfig(8, 2, 2, look=1, steps=2)
ENTRY = Entry("shots", "Shots", "cnn", ("clean",), NET, NoWeights())
SCENES = [read(file).rgb[:320, :320] for file in sorted((Path(__file__).parents[1] / "examples").glob("*.jpg"))[1:5]]
SCENE = SCENES[0]
PHOTOS = Photos([made_up(230, 240, seed) for seed in range(3)])


def as_levels(picture: torch.Tensor) -> np.ndarray:
    return picture.round().clamp(0, 255).byte()[0].permute(1, 2, 0).numpy()


def shots_of(scene: np.ndarray, seed: int, noise: float = 0.0) -> tuple[np.ndarray, np.ndarray, torch.Tensor]:
    """(reference, another shot, both at half the size with noise; the true map between them)."""
    random = np.random.default_rng(seed)
    large = as_tensor(scene) * 255
    warp = draw_warps(random, 1)
    pictures = [shrink(p.round().clamp(0, 255), 2) for p in (large, warp_large(large, warp, 2))]
    noisy = [as_levels(p + torch.from_numpy(random.normal(0, noise, tuple(p.shape)))) for p in pictures]
    return noisy[0], noisy[1], torch.linalg.inv(warp[0])


def distance(found: torch.Tensor, true: torch.Tensor) -> float:
    """Mean distance in pixels between where two maps lead."""
    places = torch.tensor([[x, y, 1.0] for x in (-60.0, 0.0, 60.0) for y in (-60.0, 0.0, 60.0)])
    one, other = ((places @ warp.T)[:, :2] / (places @ warp.T)[:, 2:] for warp in (found, true))
    return (one - other).norm(dim=1).mean().item()


@pytest.mark.parametrize("noise", [0.0, 3.0])
def test_a_shot_is_registered_to_a_twentieth_of_a_pixel_and_without_registration_is_not(noise):
    found, nothing = [], []
    for seed in range(4):
        reference, shot, true = shots_of(SCENES[seed], seed, noise)
        found.append(distance(register(as_tensor(shot), as_tensor(reference)), true))
        nothing.append(distance(torch.eye(3), true))
    assert np.median(found) < 0.05
    assert np.median(nothing) > 0.5


def test_a_shot_with_another_exposure_fits_and_its_gain_is_found():
    reference, shot, _ = shots_of(SCENE, 1)
    (fits,) = align(reference, [(shot * 0.8).astype(np.uint8)])
    assert isinstance(fits, Aligned)
    assert (fits.gain - 1.25).abs().max() < 0.05


def test_what_does_not_fit_is_left_out_with_its_reason():
    reference, shot, _ = shots_of(SCENE, 1)
    part = np.ascontiguousarray(reference[:60, :70])
    foreign = made_up(160, 160, 9)
    fits, too_little, other = align(reference, [shot, part, foreign])
    assert isinstance(fits, Aligned)
    assert not isinstance(too_little, Aligned)
    assert not isinstance(other, Aligned)
    assert too_little.sentence in (ELSEWHERE, FOREIGN)
    assert other.sentence in (ELSEWHERE, FOREIGN)


def test_a_copy_brings_no_new_information_and_another_shot_from_the_same_place_does():
    reference, _, _ = shots_of(SCENE, 1)
    noise = np.random.default_rng(1).normal(0, 3, reference.shape)
    again = (reference + noise).round().clip(0, 255).astype(np.uint8)
    copied, saved, new = align(reference, [reference.copy(), compress(reference, 97, chroma=True), again])
    assert not isinstance(copied, Aligned)
    assert not isinstance(saved, Aligned)
    assert copied.sentence == saved.sentence == COPY
    assert isinstance(new, Aligned)


def test_what_has_moved_is_hardly_believed_and_the_rest_is():
    reference, shot, _ = shots_of(SCENE, 1)
    (fits,) = align(reference, [shot])
    assert isinstance(fits, Aligned)
    picture = as_tensor(reference)
    moved = picture.clone()
    moved[..., 60:100, 60:100] = 1 - moved[..., 60:100, 60:100]
    believed = measure_agreement(moved, picture)[0, 0]
    assert believed[66:94, 66:94].mean() < 0.2
    assert believed[120:, 120:].min() > 0.99


def test_before_the_first_look_the_network_is_the_edsr_it_started_from():
    torch.manual_seed(0)
    net, edsr = NET.build(), EDSRConfig(8, 2, 2).build()
    edsr.load_state_dict({name: value for name, value in net.state_dict().items() if name in edsr.state_dict()})
    photo = torch.rand(1, 3, 12, 15)
    with torch.no_grad():
        assert torch.equal(net.finish(net.begin(photo)), edsr(photo))


def trained():
    torch.manual_seed(0)
    net = NET.build().requires_grad_(False)
    for value in net.parameters():
        value.copy_(0.3 * torch.randn(value.shape) / max(1, value[0].numel()) ** 0.5)
    return net


def test_a_shot_that_is_not_believed_changes_nothing_and_one_that_is_does():
    net, reference, shot, _ = trained(), *shots_of(SCENE, 1)
    (fits,) = align(reference, [shot])
    assert isinstance(fits, Aligned)
    beside = Aligned(shot, torch.tensor([[1.0, 0, 500], [0, 1, 500], [0, 0, 1]]))
    alone, unseen, seen = (
        ShotsRunner(ENTRY, reference, others).enlarge(net, as_tensor(reference), torch.from_numpy(places(reference)))
        for others in ((), (beside,), (fits,))
    )
    assert torch.equal(alone, unseen)
    assert (alone - seen).abs().max() > 1e-3


def places(rgb: np.ndarray) -> np.ndarray:
    return ShotsRunner(ENTRY, rgb).planes[1].transpose(2, 0, 1)[None]


def test_a_network_looks_no_further_than_its_halo():
    net = trained()
    photo = torch.rand(1, 3, 64, 64)
    changed = photo.clone()
    changed[..., 0, 0] += 1

    def enlarge(x):
        state = net.begin(x)
        for _ in range(NET.steps):
            state = net.add(state, torch.zeros(1, 13, 64, 64))
        return net.finish(state)

    rows = ((enlarge(photo) - enlarge(changed)).abs().amax((0, 1, 3)) > 0).nonzero()
    assert rows.max() < (NET.halo + 1) * NET.scale
    assert rows.max() > NET.halo


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_picture_is_reduced_as_small_photos_are_made(scale):
    picture = as_tensor(made_up(60, 48))
    inner = slice(3, -3)
    assert (reduce(picture, scale) - shrink(picture * 255, scale) / 255).abs()[..., inner, inner].max() < 1.1 / 255


def test_the_average_of_noisy_shots_is_closer_to_the_original_than_one_and_a_foreign_one_does_not_count():
    burst = render_burst(SCENE, 2, 4, np.random.default_rng(0), noise=6)
    found = [shot for shot in align(burst.shots[0], burst.shots[1:]) if isinstance(shot, Aligned)]
    assert found
    results = [
        torch.nn.functional.interpolate(as_tensor(shot.rgb), scale_factor=2, mode="bicubic") for shot in (Aligned(burst.shots[0]), *found)
    ]
    original = as_tensor(burst.original)

    def error(result):
        return (result - original)[..., 16:-16, 16:-16].square().mean()

    assert error(average(results, found, 2)) < 0.95 * error(results[0])
    foreign = Aligned(made_up(160, 160, 9))
    assert error(average([results[0], torch.rand_like(results[0])], [foreign], 2)) < 1.1 * error(results[0])


def test_back_projection_brings_a_soft_start_closer_to_the_shots():
    reference, shot, _ = shots_of(SCENE, 1)
    found = [fits for fits in align(reference, [shot]) if isinstance(fits, Aligned)]
    start = torch.nn.functional.interpolate(as_tensor(reference), scale_factor=2, mode="bilinear")
    original = as_tensor(SCENE)
    assert found
    assert (back_project(start, Aligned(reference), found, 2) - original).square().mean() < 0.9 * (start - original).square().mean()


def test_sets_of_shots_follow_from_the_seed_and_a_second_look_at_the_reference_brings_nothing_new():
    one, same = (draw_sets(PHOTOS, np.random.default_rng(3), 2, 2, 12, 3, 2, 0.5) for _ in range(2))
    assert one.shots is not None
    assert same.shots is not None
    assert torch.equal(one.shots, same.shots)
    assert one.shots.shape == (2, 3, 13, 12, 12)
    assert not one.shots[:, [0, 2]].any()
    assert one.shots[:, 1].any()


def test_some_steps_bring_the_looks_closer_to_the_original_and_leave_the_edsr_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(shots, "HELD_OUT_PAIRS", 2)
    monkeypatch.setattr(shots, "HELD_OUT_SIDE", 16)
    monkeypatch.setattr(shots, "CLEAN", 1.0)
    recipe = Recipe("tiny-shots", NET, minutes=1, batches=((0.0, 4, 12),), rate=3e-3, lower_precision=False, steps=30)
    run = Run(recipe, Material(PHOTOS, PHOTOS), tmp_path)
    before = {name: value.clone() for name, value in run.net.state_dict().items()}
    batch = draw_sets(PHOTOS, np.random.default_rng(7), 2, 8, 16, 2, 2, 1.0)

    def error():
        with torch.no_grad():
            return (run.task.looks(run.net, batch)[-1] - batch.large).square().mean()  # pyright: ignore[reportAttributeAccessIssue]

    start = error()
    run.train()
    assert error() < start
    for name, value in run.net.state_dict().items():
        assert torch.equal(value, before[name]) == (name.split(".")[0] in ("first", "blocks", "last") or "x3" in name or "x4" in name), name
