"""Several shots of one view: registration, which of them fit, what their average gains, and what a misleading one costs."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import made_up
from PIL import Image

from sr_models import Cancelled, ModelError, Order, Photo, PhotoError, carry_out, choose, find, read, upscale
from sr_models.catalog import find_fusion
from sr_models.figures import burst as simulation
from sr_models.figures.burst import Burst, render_burst
from sr_models.figures.quality import STUDIO_LUMA
from sr_models.photo import Note
from sr_models.run import enlarge_on_device, load_network_on
from sr_models.runners import make_runner
from sr_models.stages import align as alignment
from sr_models.stages.align import COPY, ELSEWHERE, FOREIGN, Aligned, align, as_tensor, centred, look_at_shots
from sr_models.stages.register import register
from sr_models.training import shots as measure_shots
from ui.parts.card import render_card

SCENES = [read(file).rgb[:320, :320] for file in sorted((Path(__file__).parents[1] / "examples").glob("*.jpg"))[1:5]]
PLAIN = {"scale": 2, "model": "bicubic", "faithful": "off"}


@pytest.fixture(scope="module")
def burst() -> Burst:
    return render_burst(SCENES[0], 2, 5, np.random.default_rng(0))


def photos(burst: Burst) -> list[Photo]:
    return [Photo(shot) for shot in burst.shots]


def psnr(result: Photo, burst: Burst) -> float:
    """Of the brightness, dB, without a border that not all shots show."""
    difference = (result.rgb @ STUDIO_LUMA - burst.original @ STUDIO_LUMA)[16:-16, 16:-16]
    return float(10 * np.log10(255**2 / np.square(difference).mean()))


def distance(found: torch.Tensor, true: torch.Tensor) -> float:
    """Mean distance in pixels between where two maps lead."""
    places = torch.tensor([[x, y, 1.0] for x in (-60.0, 0.0, 60.0) for y in (-60.0, 0.0, 60.0)])
    one, other = ((places @ warp.T)[:, :2] / (places @ warp.T)[:, 2:] for warp in (found, true))
    return (one - other).norm(dim=1).mean().item()


def test_a_shot_is_registered_to_a_tenth_of_a_pixel_though_its_rows_were_read_out_in_motion_and_without_registration_is_not():
    found, nothing = [], []
    for seed, scene in enumerate(SCENES):
        series = render_burst(scene, 2, 3, np.random.default_rng(seed))
        for shot, true in zip(series.shots[1:], series.warps[1:], strict=True):
            found.append(distance(register(as_tensor(shot), as_tensor(series.shots[0])), true))
            nothing.append(distance(torch.eye(3), true))
    assert np.median(found) < 0.15
    assert np.median(nothing) > 0.5


def test_a_shot_moved_by_hand_is_registered_to_a_twentieth_of_a_pixel():
    picture = as_tensor(SCENES[0])
    random = np.random.default_rng(3)
    found = []
    for _ in range(4):
        true = torch.eye(3) + torch.from_numpy(random.uniform(-0.01, 0.01, (3, 3))).float()
        true[:2, 2], true[2] = torch.from_numpy(random.uniform(-3, 3, 2)), torch.tensor([0, 0, 1])
        moved = alignment.sample(picture, alignment.move(centred(320, 320), torch.linalg.inv(true)))
        found.append(distance(register(moved, picture), true))
    assert np.median(found) < 0.05


def test_a_shot_with_another_exposure_fits_and_its_gain_is_found(burst):
    (fits,) = align(burst.shots[0], [(burst.shots[1] * 0.8).astype(np.uint8)])
    assert isinstance(fits, Aligned)
    assert (fits.gain - 1.25).abs().max() < 0.05


def reasons(photo: np.ndarray, *others: np.ndarray) -> list[str | None]:
    return [reason and reason.sentence for reason in look_at_shots(photo, others).reasons]


def test_what_does_not_fit_is_left_out_with_its_reason(burst):
    photo, shot = burst.shots[0], burst.shots[1]
    part = np.ascontiguousarray(shot[:80])
    turned = np.ascontiguousarray(shot[:, ::-1])
    assert reasons(photo, shot, part, made_up(160, 160, 9), turned) == [None, ELSEWHERE, FOREIGN, FOREIGN]


def saved_again(rgb: np.ndarray, quality: int, subsampling: int = 0) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=quality, subsampling=subsampling)
    return np.asarray(Image.open(file))


def test_a_copy_brings_no_new_information_though_it_was_cut_or_saved_again(burst):
    photo = burst.shots[0]
    cut = np.ascontiguousarray(photo[3:-4, 6:-1])
    copies = [saved_again(rgb, quality, subsampling) for rgb in (photo, cut) for quality in (75, 85, 97) for subsampling in (0, 2)]
    assert reasons(photo, photo.copy(), cut, *copies) == [COPY] * (2 + len(copies))
    assert reasons(saved_again(photo, 80), photo) == [COPY]
    assert reasons(photo, burst.shots[1], burst.shots[1].copy()) == [None, COPY]


@pytest.mark.parametrize("noise", [3, 10])
def test_another_shot_from_the_same_place_is_none_since_it_has_noise_of_its_own(monkeypatch, noise):
    monkeypatch.setattr(simulation, "draw_pose", lambda random: torch.eye(3))
    monkeypatch.setattr(simulation, "ROLL", 0.0)
    photo, other, copy = render_burst(SCENES[0], 2, 3, np.random.default_rng(0), noise).shots
    assert reasons(photo, other, saved_again(copy, 90, 2)) == [None, None]
    calm, same = render_burst(SCENES[0], 2, 2, np.random.default_rng(0), 0).shots
    assert reasons(calm, same) == [COPY]  # without noise, both are the same picture


def test_the_reason_names_how_much_of_the_photo_is_seen(burst):
    (note,) = align(burst.shots[0], [np.ascontiguousarray(burst.shots[1][:80])])
    assert isinstance(note, Note)
    assert 40 < int(str(note.values["percent"])) < 60
    assert str(note).endswith("60 % are needed.")


def test_more_shots_bring_the_result_closer_to_the_original(burst):
    photo, *others = photos(burst)
    one, two, five = (psnr(upscale(photo, others[:count], **PLAIN).photo, burst) for count in (0, 1, 4))
    assert two > one + 0.1
    assert five > two + 0.2


def test_shots_that_are_left_out_change_nothing(burst):
    photo, *_ = photos(burst)
    alone = upscale(photo, **PLAIN)
    misled = upscale(photo, [photo, Photo(made_up(160, 160, 9)), Photo(saved_again(photo.rgb, 97))], **PLAIN)
    assert alone.shots is None
    assert misled.shots is not None
    assert misled.shots.used == ()
    assert np.array_equal(alone.photo.rgb, misled.photo.rgb)


def test_one_foreign_photo_among_four_costs_nothing(burst):
    photo, first, second, *_ = photos(burst)
    assert np.array_equal(
        upscale(photo, [first, second], **PLAIN).photo.rgb, upscale(photo, [first, Photo(made_up(160, 160, 9)), second], **PLAIN).photo.rgb
    )


def test_what_has_moved_leaves_no_ghost_and_the_rest_still_gains(burst):
    photo, still = photos(burst)[:2]
    moved = still.rgb.copy()
    moved[60:90, 60:90] = still.rgb[20:50, 110:140]
    alone, ghost, kept = (upscale(photo, others, **PLAIN).photo.rgb.astype(int) for others in ((), (Photo(moved),), (still,)))
    there = slice(120, 180)
    shown, changed = (np.quantile(np.abs(result - alone)[there, there].mean(2), 0.99) for result in (ghost, kept))
    assert shown <= 2
    assert changed >= 4  # what a shot is believed in does change the result
    far = slice(240, 300)
    assert np.abs(ghost - kept)[far, far].max() <= 2
    assert np.abs(ghost - alone)[far, far].max() > 4


def test_a_shot_that_shows_a_part_leaves_no_seam(burst):
    photo, shot = photos(burst)[:2]
    part = Photo(np.ascontiguousarray(shot.rgb[:, :130]))
    result, alone = (upscale(photo, others, **PLAIN) for others in ((part,), ()))
    assert result.shots is not None
    assert len(result.shots.used) == 1
    difference = result.photo.rgb.astype(int) - alone.photo.rgb
    assert difference[:, :220].any()
    assert not difference[:, 280:].any()


def test_tiles_do_not_show_in_the_average(burst):
    photo, *others = photos(burst)
    whole = upscale(photo, others, **PLAIN)
    tiled = upscale(photo, others, device=replace(choose("cpu"), tile=48), **PLAIN)
    assert np.abs(whole.photo.rgb.astype(int) - tiled.photo.rgb).max() <= 1


@pytest.fixture(scope="module")
def fused() -> tuple[Burst, list[Aligned], np.ndarray]:
    """A series of five shots, how the others lie, and what the CNN makes of all of them at 4×."""
    series = render_burst(SCENES[0], 4, 5, np.random.default_rng(0))
    others = [shot for shot in align(series.shots[0], series.shots[1:]) if isinstance(shot, Aligned)]
    return series, others, put(series.shots[0], others)


def put(photo: np.ndarray, others: list[Aligned], tile: int = 384, fuse: bool = True) -> np.ndarray:
    """What the CNN's results of the shots become, 4×; without `fuse` their mean."""
    entry, device = find("cnn", 4, "web"), choose("cpu")
    runner = make_runner(entry, photo, others=tuple(others), fusion=find_fusion(entry) if fuse else None)
    return enlarge_on_device(load_network_on(entry, device), runner, replace(device, tile=tile), lambda done, total: None, lambda: False)


def test_the_network_of_several_shots_is_closer_to_the_original_than_the_mean_of_their_results(fused):
    series, others, result = fused
    mean = put(series.shots[0], others, fuse=False)
    assert psnr(Photo(result), series) > psnr(Photo(mean), series) + 0.03


def test_the_order_of_the_shots_does_not_matter_to_the_network(fused):
    series, others, result = fused
    assert np.abs(put(series.shots[0], others[::-1]).astype(int) - result).max() <= 1


def test_tiles_do_not_show_in_what_the_network_adds(fused):
    series, others, result = fused
    assert np.abs(put(series.shots[0], others, tile=48).astype(int) - result).max() <= 1


def test_where_no_other_shot_is_believed_the_result_is_the_networks_of_the_photo_alone(fused):
    series, *_ = fused
    photo, shot = series.shots[:2]
    part = [shot for shot in align(photo, [np.ascontiguousarray(shot[:, :64])]) if isinstance(shot, Aligned)]
    assert len(part) == 1
    difference = put(photo, part).astype(int) - put(photo, [])
    assert difference[:, :200].any()
    assert not difference[:, 276:].any()


def test_the_networks_average_is_closer_than_its_single_result(burst):
    photo, *others = photos(burst)
    one, five = (psnr(upscale(photo, shots, scale=2, model="cnn-fast", faithful="off").photo, burst) for shots in ((), others))
    assert five > one + 0.2


def test_how_much_of_the_detail_each_number_of_shots_confirms_falls_and_a_moved_part_is_not_confirmed(burst):
    photo, *others = burst.shots
    confirmed = look_at_shots(photo, others).confirmed
    assert len(confirmed) == 4
    assert list(confirmed) == sorted(confirmed, reverse=True)
    assert 0.3 < confirmed[-1] <= confirmed[0] <= 1
    moved = others[0].copy()
    moved[60:110, 60:110] = made_up(50, 50, 3)
    assert look_at_shots(photo, [moved]).confirmed[0] < look_at_shots(photo, [others[0]]).confirmed[0] - 0.02


def test_the_faithful_modes_relate_to_the_first_photo_alone(burst):
    photo, *others = photos(burst)
    result = upscale(photo, others, scale=2, model="bicubic", faithful="exact").photo
    assert np.array_equal(np.asarray(Image.fromarray(result.rgb).reduce(2)), photo.rgb)


def test_shots_of_sixteen_bits_with_transparency_or_of_another_size_are_taken_too(burst):
    photo, other = photos(burst)[:2]
    deep = Photo(other.rgb.astype(np.uint16) * 257)
    clear = replace(other, alpha=np.full(other.rgb.shape[:2], 255, np.uint8))
    smaller = Photo(np.ascontiguousarray(burst.shots[2][5:-3, 2:]))
    for shot in (deep, clear, smaller):
        result = upscale(photo, [shot], **PLAIN)
        assert result.shots is not None
        assert len(result.shots.used) == 1
        assert result.photo.size == (320, 320)
    sixteen = upscale(deep, [photo], **PLAIN).photo
    assert sixteen.deep is not None
    assert np.unique(sixteen.deep.rgb % 257).size > 1


def test_a_model_that_invents_takes_no_other_shots_and_no_model_takes_nine(burst):
    photo, other = photos(burst)[:2]
    with pytest.raises(ModelError, match="invents texture"):
        upscale(photo, [other], scale=2, model="gan")
    with pytest.raises(PhotoError, match="9 other shots were given; up to 8"):
        upscale(photo, [other] * 9, scale=2)


def test_an_order_prepares_every_shot_and_its_delivery_says_what_came_of_each(burst):
    photo, *others = photos(burst)
    done = carry_out(photo, Order(scale=2, model="cnn-fast", before="denoise=0.2"), [*others[:2], Photo(made_up(160, 160, 9)), photo])
    told = done.as_json()["shots"]
    assert isinstance(told, dict)
    assert (told["given"], told["used"]) == (4, 2)
    assert told["left_out"] == [{"shot": 3, "reason": FOREIGN}, {"shot": 4, "reason": COPY}]
    assert len(told["confirmed"]) == 2
    assert "shots" not in carry_out(photo, Order(scale=2, model="cnn-fast")).as_json()


def test_a_result_names_the_network_of_several_shots_and_its_weights_where_it_added_something_and_else_does_not(fused):
    series, *_ = fused
    photo, other = (Photo(np.ascontiguousarray(shot[:64, :64])) for shot in series.shots[:2])
    entry, order = find("cnn", 4, "web"), Order(scale=4, input="web")
    fusion = find_fusion(entry)
    assert fusion is not None
    done = carry_out(photo, order, [other], second_opinion=False)
    made = done.picture.made
    assert made is not None
    assert made.fusion is not None
    assert (made.model, made.fusion.model, made.fusion.sha256) == (entry.id, fusion.id, fusion.sha256)
    told = done.as_json()
    assert (told["models"], told["fusion"], told["fusion_sha256"]) == ([entry.id, fusion.id], fusion.id, fusion.sha256)
    assert fusion.id in render_card("en", done)
    for others in ((), [photo]):
        alone = carry_out(photo, order, others, second_opinion=False)
        assert alone.picture.made == replace(made, fusion=None)
        assert alone.as_json()["models"] == [entry.id]
        assert not {"fusion", "fusion_sha256"} & alone.as_json().keys()


def test_a_marketplaces_canvas_takes_shots_that_are_framed_alike():
    scene = np.full((400, 400, 3), 255, np.uint8)
    scene[60:340, 80:320] = SCENES[0][:280, :240]
    series = render_burst(scene, 2, 3, np.random.default_rng(2), noise=1)
    done = carry_out(Photo(series.shots[0]), Order(preset="amazon", model="bicubic"), [Photo(shot) for shot in series.shots[1:]])
    assert done.enlarged.shots is not None
    assert len(done.enlarged.shots.used) == 2


def test_a_run_that_is_cancelled_looks_at_no_more_shots(burst, monkeypatch):
    asked = iter([False, True])
    seen = []
    monkeypatch.setattr(alignment, "fit", lambda rgb, photo: seen.append(rgb) or Note(FOREIGN))
    with pytest.raises(Cancelled):
        upscale(photos(burst)[0], photos(burst)[1:], cancelled=lambda: next(asked), **PLAIN)
    assert len(seen) == 1


def test_a_size_in_two_passes_takes_the_shots_in_the_first(burst):
    photo, other = photos(burst)[:2]
    done = carry_out(Photo(photo.rgb[:60, :60]), Order(size="400", model="bicubic"), [Photo(other.rgb[:60, :60])])
    first, second = done.enlarged.passes
    assert first.shots is not None
    assert second.shots is None
    assert done.enlarged.shots is first.shots


def test_the_networks_of_shots_run_once_for_each_of_them(burst):
    shots = look_at_shots(burst.shots[0], burst.shots[1:])
    entry = find("bicubic", 2)
    assert make_runner(entry, burst.shots[0], others=shots.used).most_runs == 5
    assert make_runner(entry, burst.shots[0]).most_runs == 1


def test_what_several_shots_bring_is_measured_and_printed(tmp_path, capsys):
    Image.fromarray(SCENES[0][:160, :160]).save(tmp_path / "scene.png")
    measure_shots.main(["--data", str(tmp_path), "--scale", "2", "--model", "bicubic"])
    line, mean = capsys.readouterr().out.splitlines()
    one, *_, eight = map(float, line.split())
    assert eight > one
    assert mean == f"mean of 1 photos: {' '.join(line.split())}"
