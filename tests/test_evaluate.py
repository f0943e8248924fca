import json

import numpy as np
import pytest
from conftest import made_up, shared

from sr_models import Photo, choose, find, write
from sr_models.__main__ import main
from sr_models.errors import PhotoError
from sr_models.evaluate import evaluate, mean, shrunk

QUIET = lambda done, total: None  # noqa: E731


@pytest.mark.parametrize(("scale", "decibels", "similarity"), [(2, "33.66", "0.9299"), (3, "30.39", "0.8682"), (4, "28.42", "0.8104")])
def test_the_published_scores_of_bicubic_on_set5_come_out_to_the_last_digit(scale, decibels, similarity):
    score = mean(evaluate(shared("benchmarks/Set5/HR"), None, find("bicubic", scale), choose("cpu"), QUIET))
    assert (f"{score.psnr:.2f}", f"{score.ssim:.4f}") == (decibels, similarity)


def test_small_photos_given_or_made_here_score_the_same(tmp_path):
    original = made_up(48, 60)
    for folder in ("hr", "lr"):
        (tmp_path / folder).mkdir()
    write(Photo(original), tmp_path / "hr" / "a.png")
    write(Photo(shrunk(original, 2)), tmp_path / "lr" / "a.png")
    made, given = (evaluate(tmp_path / "hr", lr, find("cnn", 2), choose("cpu"), QUIET)[0] for lr in (None, tmp_path / "lr"))
    assert (made.psnr, made.ssim) == (given.psnr, given.ssim)


def test_a_folder_without_photos_or_partners_is_refused_in_words(tmp_path):
    with pytest.raises(PhotoError, match="holds no photo"):
        evaluate(tmp_path, None, find("cnn", 2), choose("cpu"), QUIET)
    with pytest.raises(PhotoError, match="There is no folder"):
        evaluate(tmp_path / "gone", None, find("cnn", 2), choose("cpu"), QUIET)


def test_the_command_line_writes_its_scores_as_json(tmp_path, capsys):
    write(Photo(made_up(48, 60)), tmp_path / "a.png")
    assert main(["evaluate", "--hr", str(tmp_path), "--scale", "3", "--model", "cnn", "--json", str(tmp_path / "scores.json")]) == 0
    report = json.loads((tmp_path / "scores.json").read_text())
    assert report["model"] == "cnn-x3-v1"
    assert np.isfinite(report["mean"]["psnr"])
    assert f"{report['mean']['psnr']:.2f} dB" in capsys.readouterr().out
