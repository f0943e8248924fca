import json
import re

import numpy as np
import pytest
from conftest import ROOT, made_up, shared
from PIL import Image

from sr_models import Photo, choose, find, read, upscale, write
from sr_models.__main__ import main
from sr_models.errors import PhotoError
from sr_models.figures.burst import render_burst
from sr_models.figures.evaluate import SHOTS, SHRINKINGS, average_scores, evaluate, make_trial, score, shrink_as_matlab, use_shots

QUIET = lambda done, total: None  # noqa: E731


@pytest.mark.parametrize(("scale", "decibels", "similarity"), [(2, "33.66", "0.9299"), (3, "30.39", "0.8682"), (4, "28.42", "0.8104")])
def test_the_published_scores_of_bicubic_on_set5_come_out_to_the_last_digit(scale, decibels, similarity):
    score = average_scores(evaluate(shared("benchmarks/Set5/HR"), None, find("bicubic", scale), choose("cpu"), QUIET))
    assert (f"{score.psnr:.2f}", f"{score.ssim:.4f}") == (decibels, similarity)


def test_small_photos_given_or_made_here_score_the_same(tmp_path):
    original = made_up(48, 60)
    for folder in ("hr", "lr"):
        (tmp_path / folder).mkdir()
    write(Photo(original), tmp_path / "hr" / "a.png")
    write(Photo(shrink_as_matlab(original, 2)), tmp_path / "lr" / "a.png")
    made, given = (evaluate(tmp_path / "hr", lr, find("cnn", 2), choose("cpu"), QUIET)[0] for lr in (None, tmp_path / "lr"))
    assert (made.psnr, made.ssim) == (given.psnr, given.ssim)


def test_the_ways_of_shrinking_are_matlabs_pillows_a_real_jpeg_and_a_camera(tmp_path):
    original = made_up(152, 139)
    by = {way: make_trial("a.png", Photo(original), 3, way, 60) for way in SHRINKINGS}
    shots = render_burst(original, 3, SHOTS, np.random.default_rng(0)).shots
    assert all(np.array_equal(trial.original, original[:150, :138]) for way, trial in by.items() if way != "camera")
    assert np.array_equal(by["camera"].original, original[18:-20, 18:-19])
    assert all(np.array_equal(seen.rgb, shot) for seen, shot in zip((by["camera"].small, *by["camera"].others), shots, strict=True))
    assert np.array_equal(by["bicubic"].small.rgb, shrink_as_matlab(original[:150, :138], 3))
    assert np.array_equal(by["box"].small.rgb, np.asarray(Image.fromarray(original[:150, :138]).reduce(3)))
    Image.fromarray(by["bicubic"].small.rgb).save(tmp_path / "small.jpg", quality=60)
    file = read(tmp_path / "small.jpg")
    assert np.array_equal(by["jpeg"].small.rgb, file.rgb)
    assert by["jpeg"].small.noise == file.noise > 0
    assert by["bicubic"].small.noise == by["box"].small.noise == 0


@pytest.mark.parametrize(
    ("shrinking", "quality", "words"), [("nearest", 75, "no way to shrink"), ([], 75, "no way to shrink"), ("jpeg", 0, "1 to 100")]
)
def test_an_unknown_way_of_shrinking_is_refused_in_words(shrinking, quality, words):
    with pytest.raises(PhotoError, match=words):
        make_trial("a.png", Photo(made_up(40, 40)), 2, shrinking, quality)


def test_what_is_too_small_for_four_shots_is_refused_in_words():
    assert make_trial("a.png", Photo(made_up(88, 90)), 2, "camera", 75).original.shape == (64, 64, 3)
    with pytest.raises(PhotoError, match="less than 88 pixels"):
        make_trial("a.png", Photo(made_up(87, 90)), 2, "camera", 75)


def test_four_shots_come_closer_to_the_original_than_one_and_are_measured_where_all_show_it():
    trial = make_trial("vase", Photo(read(ROOT / "examples" / "vase.jpg").rgb[80:320, 80:320]), 2, "camera", 75)
    entry, device = find("cnn-fast", 2, "web"), choose("cpu")
    found = {use: score(trial, made, full=False) for use, made in use_shots(trial, entry, device)}
    assert list(found) == ["one", "mean", "together"]
    (one, result), (mean, _), (together, _) = found.values()
    assert together.psnr > mean.psnr > one.psnr + 0.3
    assert mean.ssim > one.ssim
    assert result.rgb.shape == trial.original.shape


def test_what_is_looked_at_several_times_is_scored_as_it_is_enlarged_so(tmp_path):
    Image.fromarray(made_up(40, 40)).save(tmp_path / "a.png")
    trial, entry, device = make_trial("a.png", Photo(made_up(40, 40)), 2, "box", 75), find("cnn-fast", 2), choose("cpu")
    once, twice = (evaluate(tmp_path, None, entry, device, lambda *step: None, shrinking="box", steps=steps)[0].psnr for steps in (1, 2))
    made = upscale(trial.small, scale=2, model=entry.id, faithful="off", steps=2, device=device)
    assert twice == score(trial, made, full=False)[0].psnr
    assert twice != once
    wish = ["--scale", "2", "--model", "cnn-fast", "--steps", "2", "--json", str(tmp_path / "scores.json")]
    assert main(["evaluate", "--hr", str(tmp_path), *wish]) == 0
    assert json.loads((tmp_path / "scores.json").read_text())["model"] == made.entry.id == "cnn-looks-x2-v1"


def test_a_transparent_original_is_scored_as_it_is_seen_on_white():
    rgb, alpha = made_up(40, 40), np.zeros((40, 40), np.uint8)
    alpha[:, 20:] = 255
    seen = make_trial("a.png", Photo(rgb, alpha), 2, "box", 75).original
    assert (seen[:, :20] == 255).all()
    assert np.array_equal(seen[:, 20:], rgb[:, 20:])


def test_a_perfect_result_has_no_colour_difference_and_agrees_with_its_small_photo():
    grey = Photo(np.full((64, 64, 3), 90, np.uint8))
    trial = make_trial("a.png", grey, 2, "box", 75)
    found, result = score(trial, upscale(trial.small, model="lanczos", scale=2, faithful="off"), full=True)
    assert np.array_equal(result.rgb, grey.rgb)
    assert (found.lr_psnr, found.delta_e) == (np.inf, 0)
    assert (found.edges, found.overshoot) == (None, None)  # there is no edge


def test_what_the_benchmarks_do_not_state_is_measured_where_it_is_asked_for(tmp_path):
    write(Photo(made_up(200, 200)), tmp_path / "large.png")
    write(Photo(made_up(60, 60)), tmp_path / "small.png")
    short, full = (evaluate(tmp_path, None, find("cnn", 2), choose("cpu"), QUIET, full=full) for full in (False, True))
    more = ("lr_psnr", "delta_e", "niqe", "st_lpips", "ssimulacra2", "edges", "calm", "overshoot")
    assert {getattr(s, name) for s in [*short, average_scores(short)] for name in more} == {None}
    assert [(s.psnr, s.ssim) for s in short] == [(s.psnr, s.ssim) for s in full]
    assert all(s.lr_psnr > 20 and s.delta_e > 1 and s.edges > 0 and s.overshoot >= 0 for s in full)
    assert {s.calm for s in full} == {None}  # there is no calm place
    assert full[0].niqe > 1
    assert full[1].niqe is None  # smaller than two patches
    assert full[1].printed()["niqe"] == "–"
    assert average_scores(full).niqe == full[0].niqe


def test_a_folder_without_photos_or_partners_is_refused_in_words(tmp_path):
    with pytest.raises(PhotoError, match="holds no photo"):
        evaluate(tmp_path, None, find("cnn", 2), choose("cpu"), QUIET)
    with pytest.raises(PhotoError, match="There is no folder"):
        evaluate(tmp_path / "gone", None, find("cnn", 2), choose("cpu"), QUIET)


def test_the_command_line_writes_its_scores_as_json(tmp_path, capsys):
    write(Photo(made_up(48, 60)), tmp_path / "a.png")
    assert main(["evaluate", "--hr", str(tmp_path), "--scale", "3", "--model", "cnn", "--json", str(tmp_path / "scores.json")]) == 0
    report = json.loads((tmp_path / "scores.json").read_text())
    assert report["model"] == find("cnn", 3).id
    assert np.isfinite(report["mean"]["psnr"])
    assert f"{report['mean']['psnr']:.2f} dB" in capsys.readouterr().out


def test_the_command_line_prints_psnr_and_ssim_first_and_every_digit_of_the_json_rounded(tmp_path, capsys):
    half_calm = np.vstack([made_up(200, 200), made_up(200, 200) // 32 + 90])
    write(Photo(half_calm), tmp_path / "a.png")
    wish = ["--scale", "2", "--shrink", "jpeg", "--quality", "50", "--json", str(tmp_path / "scores.json")]
    assert main(["evaluate", "--hr", str(tmp_path), *wish]) == 0
    report = json.loads((tmp_path / "scores.json").read_text())
    assert (report["shrink"], report["quality"]) == ("jpeg", 50)
    s = report["photos"][0]
    row = re.sub(" +", " ", capsys.readouterr().out.splitlines()[0])
    assert row.startswith(f"a.png {s['psnr']:.2f} dB {s['ssim']:.4f} LR {s['lr_psnr']:.2f} dB ")
    judged = {"st_lpips": "ST-LPIPS {:.3f} ", "ssimulacra2": "SSIMULACRA {:.1f} "}  # where their packages are
    seen = "".join(words.format(s[name]) for name, words in judged.items() if name in s)
    rest = f" ΔE {s['delta_e']:.2f} NIQE {s['niqe']:.2f} {seen}edges {s['edges']:.3f}"
    rest += f" calm {s['calm']:.2f} overshoot {s['overshoot']:.1f}"
    assert row.endswith(f"{rest} {s['seconds']:.2f} s")


def test_more_detail_costs_agreement_with_the_original(tmp_path, capsys):
    write(Photo(made_up(96, 96)), tmp_path / "a.png")
    found = []
    for detail in ("0", "1"):
        scores = tmp_path / f"{detail}.json"
        wish = ["--model", "gan", "--shrink", "jpeg", "--detail", detail, "--json", str(scores)]
        assert main(["evaluate", "--hr", str(tmp_path), *wish]) == 0
        found.append(json.loads(scores.read_text())["mean"]["psnr"])
    assert found[0] > found[1]


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (["--lr", ".", "--shrink", "box"], "leave one of the two out"),
        (["--lr", ".", "--quality", "50"], "leave one of the two out"),
        (["--quality", "50"], "that of --shrink jpeg"),
        (["--shrink", "box", "--quality", "50"], "that of --shrink jpeg"),
        (["--shrink", "jpeg", "--quality", "101"], "Choose 1 to 100"),
        (["--model", "cnn", "--detail", "0.5"], "has no detail dial"),
        (["--model", "bicubic", "--steps", "2"], "gains nothing by looking again"),
    ],
)
def test_wishes_that_contradict_each_other_are_refused_in_one_line(tmp_path, capsys, wish, words):
    write(Photo(made_up(48, 60)), tmp_path / "a.png")
    assert main(["evaluate", "--hr", str(tmp_path), "--scale", "2", *wish]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert len(error.strip().splitlines()) == 1
