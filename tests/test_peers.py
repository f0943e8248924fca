"""The comparison with other people's networks: what is published is what was measured, and the product needs none of it."""

import ast
import json
import re

import numpy as np
import pytest
import torch
from conftest import ROOT, made_up
from PIL import Image
from test_imports import FILES

from peers import front, packages, page, plot
from peers.__main__ import describe_systems
from peers.inputs import INPUTS, choose_photos, cut_cases
from peers.keras_nets import depth_to_space, load_keras
from peers.measure import DIGITS, measure
from peers.ncnn_nets import load_ncnn
from peers.packages import TARBALLS, WHEELS
from peers.systems import SYSTEMS, halve
from sr_models import Photo, write

FOUND = json.loads(page.JSON.read_text("utf-8"))
AGAIN = "write it again: python -m peers --write"


def test_the_page_says_what_was_measured():
    assert page.PAGE.read_text("utf-8") == page.write_page(FOUND), AGAIN


@pytest.mark.parametrize("language", plot.PLOTS)
def test_the_plots_show_what_was_measured(language):
    assert plot.PLOTS[language].read_text("utf-8") == plot.draw(FOUND, language), AGAIN


@pytest.mark.parametrize("language", front.FRONTS)
def test_the_front_pages_say_what_was_measured(language):
    file = front.FRONTS[language]
    assert file.read_text("utf-8") == front.write_front(FOUND, language, file), AGAIN


def test_what_the_front_pages_claim_is_so():
    value = front.gather(FOUND)
    assert value["psnr"] > value["their_psnr"]
    assert value["overshoot"] < value["their_overshoot"]
    assert value["edges"] < value["their_edges"]
    assert value["unlike"] > value["their_unlike"]
    assert value["times_here"] > value["times"] > 1
    assert value["phone"] < value["their_phone"]
    assert value["dat"] > 0
    assert value["passed"] > value["their_passed"]


def test_what_is_said_of_the_systems_is_what_was_run():
    assert FOUND["systems"] == describe_systems()
    assert FOUND["how"]["packages"] == WHEELS | TARBALLS


def test_every_system_was_measured_or_is_left_out_with_its_reason():
    for by_input in FOUND["figures"].values():
        for figures in by_input.values():
            assert figures.keys() | FOUND["left_out"].keys() == {system.id for system in SYSTEMS} == FOUND["systems"].keys()
            assert all(row.keys() == DIGITS.keys() for row in figures.values())


def test_nothing_of_the_product_imports_it_and_nothing_installs_it():
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] == "peers"], file
    assert 'include=["sr_models", "sr_models.*", "ui", "ui.*"]' in (ROOT / "setup.py").read_text()


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("name", INPUTS)
def test_each_way_of_making_a_photo_small_gives_its_size_and_only_clean_is_not_compressed(name, scale):
    small = INPUTS[name](made_up(48 * scale, 48 * scale), scale)
    assert small.size == (48, 48)
    assert small.lossy == (name != "clean")


def test_the_same_seed_chooses_the_same_photos_and_more_of_them_hold_the_fewer(tmp_path):
    for number in range(30):
        write(Photo(made_up(200, 200)), tmp_path / f"{number}.png")
    four, eight = (choose_photos([tmp_path], count, 1) for count in (4, 8))
    assert set(four) < set(eight) != set(choose_photos([tmp_path], 8, 2))
    cases = list(cut_cases("made up", four, ("clean", "jpeg"), 2, 96))
    assert [case.small.size for case in cases] == [(96, 96)] * 8
    assert {case.original.shape for case in cases} == {(192, 192, 3)}
    assert next(cut_cases("made up", four, ("clean",), 4, 96)).small.size == (50, 50)  # as much as there is


def test_an_original_is_measured_as_perfect(tmp_path):
    write(Photo(made_up(200, 200)), tmp_path / "a.png")
    case = next(cut_cases("made up", choose_photos([tmp_path], 1, 1), ("clean",), 2, 96))
    found = measure(case, case.original)
    assert (found["psnr"], found["ssim"], found["edges"], found["overshoot"]) == (None, 1, 1, 0)  # infinite is no number
    assert measure(case, case.original // 2)["psnr"] < 20


def test_the_best_of_a_column_is_nearest_to_what_is_best():
    column = page.COLUMNS
    assert page.find_best(column["calm"], [0.4, 1.2, 2.0, None]) == 1.2
    assert page.find_best(column["psnr"], [20, 30, None]) == 30
    assert page.find_best(column["overshoot"], [5, 2]) == 2
    assert page.find_best(column["niqe"], [5, 2]) is None


def test_ahead_and_behind_are_told_apart_by_the_aim_of_each_figure():
    ours, theirs = (dict.fromkeys(DIGITS, value) for value in (0.5, 0.9))
    found = {"figures": {page.MAIN[0]: {page.MAIN[1]: {"a": ours, "b": theirs}}}, "wrong_characters": {"a": 0.1, "b": 0.3}}
    ahead, behind = page.weigh(found, "a", "b")
    assert [text.split(" (")[0] for text in ahead] == ["ST-LPIPS", "overshoot", "colour", "legibility"]
    assert "calm grounds" in [text.split(" (")[0] for text in behind]
    assert len(ahead) + len(behind) == len(page.SAID) + 1


def test_names_in_the_plot_cover_neither_each_other_nor_dots():
    dots = [(100.0 + 3 * number, 100.0 + 2 * number, plot.Dot("Real-ESRGAN x4plus", False, 1, 1)) for number in range(6)]
    heights = plot.place_names(dots)
    assert min(abs(a - b) for i, a in enumerate(heights) for b in heights[:i]) >= plot.LINE - 0.01


def test_tensorflows_order_of_channels_is_kept():
    x = torch.arange(12.0).reshape(1, 12, 1, 1)
    assert depth_to_space(x, 2)[0, 0].tolist() == [[0, 3], [6, 9]]  # the first of three colours


def test_a_layers_model_is_run_as_its_graph_says(tmp_path):
    layers = [
        {"class_name": "InputLayer", "config": {"name": "in"}, "inbound_nodes": []},
        {"class_name": "Conv2D", "config": {"name": "conv"}, "inbound_nodes": [[["in", 0, 0, {}]]]},
        {"class_name": "Add", "config": {"name": "sum"}, "inbound_nodes": [[["conv", 0, 0, {}], ["in", 0, 0, {}]]]},
        {"class_name": "UpSampling2D", "config": {"name": "out", "size": [2, 2]}, "inbound_nodes": [[["sum", 0, 0, {}]]]},
    ]
    weights = [{"name": "conv/kernel", "shape": [1, 1, 3, 3]}, {"name": "conv/bias", "shape": [3]}]
    (tmp_path / "w.bin").write_bytes(np.concatenate([2 * np.eye(3).ravel(), np.full(3, 0.5)]).astype("<f4").tobytes())
    topology = {"model_config": {"config": {"layers": layers, "output_layers": [["out", 0, 0]]}}}
    (tmp_path / "model.json").write_text(
        json.dumps({"modelTopology": topology, "weightsManifest": [{"paths": ["w.bin"], "weights": weights}]})
    )
    x = torch.rand(1, 3, 4, 5)
    expected = (3 * x + 0.5).repeat_interleave(2, 2).repeat_interleave(2, 3)
    assert torch.allclose(load_keras(tmp_path / "model.json")(x), expected)


def test_a_layer_that_is_not_known_is_refused_by_name(tmp_path):
    layers = [{"class_name": "LSTM", "config": {"name": "out"}, "inbound_nodes": []}]
    topology = {"model_config": {"config": {"layers": layers, "output_layers": [["out", 0, 0]]}}}
    (tmp_path / "model.json").write_text(json.dumps({"modelTopology": topology, "weightsManifest": []}))
    with pytest.raises(ValueError, match="LSTM"):
        load_keras(tmp_path / "model.json")(torch.rand(1, 3, 4, 5))


def test_an_ncnn_network_is_run_exactly(tmp_path):
    pytest.importorskip("ncnn", reason="ncnn is not installed: python -m peers does it")
    lines = ["7767517", "2 2", "Input in 0 1 data", "BinaryOp twice 1 1 data out 0=2 1=1 2=2.0"]
    (tmp_path / "twice.param").write_text("\n".join(lines) + "\n")
    (tmp_path / "twice.bin").write_bytes(b"")
    x = np.random.default_rng(0).random((3, 7, 9), dtype=np.float32)
    assert np.array_equal(load_ncnn(tmp_path / "twice", "data", "out")(x.transpose(0, 2, 1)), 2 * x.transpose(0, 2, 1))


def test_what_cannot_be_fetched_is_left_out_and_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(packages, "WHEELS", {"ncnn": "0"})
    monkeypatch.setattr(packages, "TARBALLS", {"@nobody/nothing": "0"})
    monkeypatch.setattr(packages.shutil, "which", lambda name: None)
    monkeypatch.setattr(packages.sys, "executable", "false")
    monkeypatch.setattr(packages.sys, "path", [])
    packages.install(tmp_path)
    assert [line.split(" is left out")[0] for line in capsys.readouterr().out.splitlines()] == ["ncnn", "@nobody/nothing"]
    assert not list(tmp_path.iterdir())


def test_half_of_a_four_times_result_is_lanczos():
    rgb = made_up(40, 48)
    assert np.array_equal(halve(rgb), np.asarray(Image.fromarray(rgb).resize((24, 20), Image.Resampling.LANCZOS)))


def test_the_page_names_no_folder_of_a_machine():
    assert not re.search(r"/(work|tmp|home|root)/", page.JSON.read_text("utf-8"))
