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

from peers import blind, front, legibility, packages, page, plot
from peers.__main__ import SETS, describe_systems
from peers.inputs import INPUTS, choose_photos, cut_cases
from peers.keras_nets import depth_to_space, load_keras
from peers.measure import FIGURES, measure
from peers.ncnn_nets import load_ncnn
from peers.packages import TARBALLS, WHEELS
from peers.systems import SYSTEMS, halve
from sr_models import Photo, write
from sr_models.training.labels import LATIN, draw_labels
from sr_models.training.plot import LINE, Dot, place_names
from ui.parts.blind import render_test

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
    assert 10 > value["times_here"] > value["times"] > 1
    assert value["phone"] < value["phone_theirs"] < value["phone_cugan"]
    assert value["dat"] > 0
    assert value["passed"] > value["their_passed"]
    assert value["plain_wrong"] < value["wrong"]


def test_what_is_said_of_the_systems_is_what_was_run():
    assert FOUND["systems"] == describe_systems()
    assert FOUND["how"]["packages"] == WHEELS | TARBALLS


def test_every_system_was_measured_or_is_left_out_with_its_reason():
    for by_input in FOUND["figures"].values():
        for figures in by_input.values():
            assert figures.keys() | FOUND["left_out"].keys() == {system.id for system in SYSTEMS} == FOUND["systems"].keys()
            assert all(row.keys() == FIGURES.keys() for row in figures.values())


def test_every_kind_of_photos_is_measured_at_each_scale():
    for by_input in FOUND["figures"].values():
        assert by_input.keys() == page.INPUTS.keys() == {f"{photos} {input}" for photos in SETS for input in INPUTS}


def test_every_reading_is_of_every_system_and_labels_as_drawn_are_legible():
    assert FOUND["wrong_characters"].keys() == FOUND["wrong_as_drawn"].keys() == legibility.READINGS.keys()
    for shares in FOUND["wrong_characters"].values():
        assert shares.keys() | FOUND["left_out"].keys() == FOUND["systems"].keys()
    assert max(FOUND["wrong_as_drawn"].values()) < 0.05


OTHERS = [system.id for system in SYSTEMS if not system.ours and system.id not in page.PLAIN]


@pytest.mark.parametrize("id", OTHERS)
def test_a_run_without_one_of_the_others_gives_all_pages_which_do_not_speak_of_it(id):
    found = without(id)
    written = page.write_page(found)
    assert f"- **{FOUND['systems'][id]['title']}.**" not in written
    assert f"{FOUND['systems'][id]['title']}: pip could not fetch it." in written
    for language in front.FRONTS:
        assert plot.draw(found, language).startswith("<svg")
        said = [sentence for sentence in front.SENTENCES[language] if front.fields(sentence) <= front.gather(found).keys()]
        text = front.write_front(found, language, front.FRONTS[language])
        assert len(said) >= 1 if id == "real-esrgan" else len(said) >= 3
        assert text.count("\n- ") == front.FRONTS[language].read_text("utf-8").count("\n- ") - 5 + len(said)


def without(id: str) -> dict:
    """What a run would have found without a system."""
    found = json.loads(page.JSON.read_text("utf-8"))
    figures = [rows for by_input in found["figures"].values() for rows in by_input.values()]
    costs = [rows for by_name in found["costs"].values() for rows in by_name.values() if isinstance(rows, dict)]
    for rows in (*figures, *costs, *found["wrong_characters"].values()):
        rows.pop(id, None)
    return found | {"left_out": {id: "pip could not fetch it."}}


def test_whether_the_aim_for_our_time_is_reached_is_said_as_measured():
    theirs, ours, aim = page.BAR
    for exact, here, verdict in ((0.09, 0.05, "reached:"), (0.2, 0.05, "reached only"), (0.5, 0.2, "missed:")):
        costs = {"milliseconds": {theirs: 100, ours: 100 * exact}, "milliseconds here": {ours: 100 * here}}
        assert f"is {verdict}" in page.describe_bar(FOUND | {"costs": {page.MAIN[0]: costs}})
    assert aim == 0.1


def test_who_is_first_is_told_with_the_best_of_ours():
    systems = {"a": {"title": "A", "ours": True}, "b": {"title": "B", "ours": False}}
    rows = {"a": {"psnr": 30.0, "st_lpips": 0.3, "ssimulacra2": None}, "b": {"psnr": 20.0, "st_lpips": 0.1, "ssimulacra2": None}}
    found = {"systems": systems, "figures": {page.MAIN[0]: {page.MAIN[1]: rows}}}
    kind = f"4×, {page.INPUTS[page.MAIN[1]]}"
    assert page.write_firsts(found).splitlines()[-1] == f"| {kind} | **A** 30.00 | B 0.100 (A 0.300) | – |"
    assert "Of 1 kinds of photos, one of ours (bold) is first on 1 in PSNR-Y dB, 0 in ST-LPIPS" in page.describe_firsts(found)
    rows["a"]["psnr"] = 10.0
    assert f"In none of the three on: {kind}." in page.describe_firsts(found)


def test_the_blind_test_shows_each_of_the_others_once_against_ours_of_the_same_aim(tmp_path):
    for number in range(2):
        write(Photo(made_up(200, 200)), tmp_path / f"{number}.png")
    cases = list(cut_cases("made up", choose_photos(tmp_path, 2, 1), ("jpeg",), 2, 96))
    ids = {system.id for system in SYSTEMS} - {"span"}
    asked = []
    rounds = blind.pair_up(ids, cases, lambda name, case: asked.append(name) or np.full_like(case.original, len(asked)))
    assert [one.models[1] for one in rounds] == [system.title for system in SYSTEMS if system.id in ids and system.id in OTHERS]
    assert {one.models[0] for one in rounds} == {"GAN", "CNN"}
    assert asked[:2] == ["gan", "real-esrgan"]
    text = render_test("zh", blind.TITLES["zh"], 2, rounds)
    assert "192 × 192" in text
    assert blind.TITLES["zh"] in text
    assert not re.search(r"(?:src|href)=\"(?!data:)", text)
    assert not any(one.models[1] in text.split('<script type="application/json"')[0] for one in rounds)


@pytest.mark.parametrize("writing", [LATIN, legibility.CHINESE], ids=["Latin", "Chinese"])
def test_labels_are_small_and_what_is_read_right_counts_as_right_without_spaces(writing):
    if not writing.fonts:
        pytest.skip("Noto CJK (Debian: fonts-noto-cjk) is not installed")
    photos = list(draw_labels(writing, 4))
    assert len(photos) == len(writing.fonts) * len(writing.sizes) * 2
    assert all(photo.lossy and photo.size[1] < 64 for photo in photos)
    lines = "".join(writing.lines)
    assert legibility.share_wrong(writing, lambda rgb: " ".join(lines), lambda photo: photo.rgb, 4) == 0
    assert legibility.share_wrong(writing, lambda rgb: "", lambda photo: photo.rgb, 4) == 1


def test_a_reading_without_its_reader_or_its_font_is_left_out(monkeypatch):
    monkeypatch.setattr(
        legibility,
        "READINGS",
        {
            "nobody": (LATIN, lambda: None),
            "no font": (legibility.CHINESE._replace(fonts=()), lambda: str),
            "both": (LATIN, lambda: str),
        },
    )
    assert [name for name, *_ in legibility.find_readings()] == ["both"]


def test_rapidocr_reads_chinese_and_latin_labels_as_drawn():
    pytest.importorskip("rapidocr_onnxruntime", reason="RapidOCR is not installed: python -m peers does it")
    for name, writing, read in legibility.find_readings():
        one = writing._replace(fonts=writing.fonts[:1], sizes=writing.sizes[:1])
        assert legibility.share_wrong(one, read, lambda photo: photo.rgb, 1) < 0.1, name


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
    four, eight = (choose_photos(tmp_path, count, 1) for count in (4, 8))
    assert set(four) < set(eight) != set(choose_photos(tmp_path, 8, 2))
    cases = list(cut_cases("made up", four, ("clean", "jpeg"), 2, 96))
    assert [case.small.size for case in cases] == [(96, 96)] * 8
    assert {case.original.shape for case in cases} == {(192, 192, 3)}
    assert next(cut_cases("made up", four, ("clean",), 4, 96)).small.size == (50, 50)  # as much as there is


def test_an_original_is_measured_as_perfect(tmp_path):
    write(Photo(made_up(200, 200)), tmp_path / "a.png")
    case = next(cut_cases("made up", choose_photos(tmp_path, 1, 1), ("clean",), 2, 96))
    found = measure(case, case.original)
    assert (found["psnr"], found["ssim"], found["edges"], found["overshoot"]) == (None, 1, 1, 0)  # infinite is no number
    assert measure(case, case.original // 2)["psnr"] < 20


def test_the_best_of_a_column_is_nearest_to_what_is_best():
    assert page.find_best(FIGURES["calm"], [0.4, 1.2, 2.0, None]) == 1.2
    assert page.find_best(FIGURES["psnr"], [20, 30, None]) == 30
    assert page.find_best(FIGURES["overshoot"], [5, 2]) == 2
    assert page.find_best(FIGURES["niqe"], [5, 2]) is None


def test_ahead_and_behind_are_told_apart_by_the_aim_of_each_figure():
    ours, theirs = (dict.fromkeys(FIGURES, value) for value in (0.5, 0.9))
    wrong = {"Latin, Tesseract": {"a": 0.1, "b": 0.3}, "Chinese, RapidOCR": {"a": 0.4, "b": 0.3}}
    found = {"figures": {page.MAIN[0]: {page.MAIN[1]: {"a": ours, "b": theirs}}}, "wrong_characters": wrong}
    ahead, behind = page.weigh(found, "a", "b")
    assert [text.split(" (")[0] for text in ahead] == ["ST-LPIPS", "overshoot", "colour", "legibility"]
    assert {"calm grounds", "legibility"} <= {text.split(" (")[0] for text in behind}
    assert len(ahead) + len(behind) == sum(bool(figure.said) for figure in FIGURES.values()) + 2


def test_names_in_the_plot_cover_neither_each_other_nor_dots():
    dots = [(100.0 + 3 * number, 100.0 + 2 * number, Dot("Real-ESRGAN x4plus", False, 1, 1)) for number in range(6)]
    heights = place_names(dots)
    assert min(abs(a - b) for i, a in enumerate(heights) for b in heights[:i]) >= LINE - 0.01


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
