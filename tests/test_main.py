import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import made_up
from PIL import Image

from sr_models import CATALOG, PUBLISHED, Photo, find, read, write
from sr_models.__main__ import main


@pytest.fixture
def mug(tmp_path):
    write(Photo(made_up(10, 14)), tmp_path / "mug.png")
    return tmp_path / "mug.png"


def test_a_photo_is_enlarged_into_the_file_asked_for(mug, capsys):
    target = mug.parent / "big" / "mug.png"
    assert main(["upscale", str(mug), "-o", str(target), "--scale", "3"]) == 0
    assert read(target).size == (42, 30)
    assert f"14 × 10 → 42 × 30, {find('cnn', 3).id}" in capsys.readouterr().out


def test_the_number_of_threads_can_be_said(mug, monkeypatch):
    said = []
    monkeypatch.setattr("torch.set_num_threads", said.append)
    for words in ([], ["--threads", "3"]):
        main(["upscale", str(mug), "-o", str(mug.parent / "out.png"), "--model", "bicubic", *words])
    assert said == [3]


def test_a_folder_is_enlarged_into_a_folder_under_telling_names(mug):
    Image.fromarray(made_up(8, 8)).save(mug.parent / "cup.jpg")
    (mug.parent / "notes.txt").write_text("no photo")
    assert main(["upscale", str(mug.parent), "-o", str(mug.parent / "out"), "--scale", "2", "--model", "lanczos"]) == 0
    assert sorted(path.name for path in (mug.parent / "out").iterdir()) == ["cup_2x_lanczos.png", "mug_2x_lanczos.png"]


def test_one_bad_photo_does_not_stop_the_others_and_the_exit_code_is_2(mug, capsys):
    (mug.parent / "bad.jpg").write_bytes(b"no picture")
    assert main(["upscale", str(mug.parent / "bad.jpg"), str(mug), "-o", str(mug.parent / "out"), "--scale", "2"]) == 2
    assert (mug.parent / "out" / "mug_2x_cnn.png").exists()
    lines = capsys.readouterr().err.strip().splitlines()
    assert lines == ["sr_models: “bad.jpg” is not a picture this program reads. Please use JPEG, PNG, WebP, AVIF, BMP, TIFF or GIF."]


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (["mug.png", "-o", "mug.png"], "is not overwritten"),
        (["mug.png", "-o", "mug.bmp"], "ends in .png"),
        (["mug.png", "gone.png", "-o", "one.png"], "2 photos do not fit"),
        (["mug.png", "-o", "out", "--model", "esrgan"], "There is no model “esrgan”"),
        (["mug.png", "-o", "out", "--device", "cuda"], "no CUDA GPU"),
        (["mug.png", "-o", "out", "--threads", "0"], "“0” is no number of threads"),
        (["mug.png", "-o", "out", "--threads", "two"], "“two” is no number of threads"),
        (["gone.png", "-o", "out"], "There is no file “gone.png”"),
        (["mug.png", "-o", "mug.png/out"], "could not be made"),
        (["mug.png", "-o", "/proc/none/out.png"], "could not be made"),
        (["x" * 300 + ".png", "-o", "out"], "could not be opened"),
        (["mug.png", "-o", "out", "--model", "srcnn", "--input", "web"], "no weights for web"),
        (["mug.png", "-o", "out", "--model", "cnn", "--detail", "0.5"], "has no detail dial"),
        (["mug.png", "-o", "out", "--model", "bicubic", "--steps", "2"], "gains nothing by looking again"),
        (["mug.png", "-o", "out", "--steps", "9"], "9 steps are not offered. Give a whole number from 1 to 8."),
        (["mug.png", "-o", "out", "--long-side", "50", "--size", "50x40"], "leave one of the two out"),
        (["mug.png", "-o", "out", "--how", "pad"], "--how says how a photo is brought into --size"),
        (["mug.png", "-o", "out", "--size", "large"], "“large” is no size"),
        (["mug.png", "-o", "out", "--long-side", "0"], "sides of 1 pixel or more"),
        (["mug.png", "-o", "out", "--model", "srcnn-x3-v3", "--long-side", "9999"], "up to 12 times are made"),
        (["mug.png", "-o", "out", "--preset", "jd", "--long-side", "50"], "A size and a marketplace"),
        (["mug.png", "-o", "out", "--snap"], "for a marketplace only"),
        (["mug.png", "-o", "out", "--before", "sharpen"], "There is no step “sharpen” here"),
        (["mug.png", "-o", "out", "--after", "sharpen=9"], "“sharpen” takes a number from 0 to 3"),
        (["mug.png", "-o", "out.png", "--format", "jpeg"], "“out.png” does not end as JPEG does"),
        (["mug.png", "-o", "out.png", "--quality", "80"], "PNG has no quality"),
        (["mug.png", "-o", "out.jpg", "--quality", "0"], "“0” is no quality"),
        (["mug.png", "-o", "out.jpg", "--max-kb", "0"], "“0” is no weight"),
        (["mug.png", "-o", "out.png", "--max-kb", "1"], "As PNG, which has no quality to lower"),
    ],
)
def test_a_wrong_wish_is_one_line_on_stderr_and_exit_code_2(mug, wish, words, capsys, monkeypatch):
    monkeypatch.chdir(mug.parent)
    before = mug.read_bytes()
    assert main(["upscale", *wish, "--scale", "2"]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert len(error.strip().splitlines()) == 1
    assert mug.read_bytes() == before


QUICK = ["--model", "bicubic"]


@pytest.mark.parametrize(
    ("options", "size"),
    [
        (["--long-side", "31"], (31, 22)),
        (["--long-side", "100"], (100, 71)),
        (["--size", "40x40"], (40, 29)),
        (["--size", "40x40", "--how", "fill"], (40, 40)),
        (["--size", "40x40", "--how", "pad"], (40, 40)),
    ],
)
def test_a_result_has_the_size_asked_for(mug, options, size):
    assert main(["upscale", str(mug), "-o", str(mug.parent / "out.png"), *QUICK, *options]) == 0
    assert read(mug.parent / "out.png").size == size


def test_what_pads_a_photo_has_the_background_asked_for(mug):
    options = ["--size", "40x40", "--how", "pad", "--background", "#0080FF"]
    assert main(["upscale", str(mug), "-o", str(mug.parent / "out.png"), *QUICK, *options]) == 0
    assert read(mug.parent / "out.png").rgb[0, 0].tolist() == [0, 128, 255]


def test_what_is_no_background_is_refused(mug, capsys):
    assert main(["upscale", str(mug), "-o", str(mug.parent / "out.png"), "--background", "red"]) == 2
    assert "“red” is no colour" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "options", "format"),
    [
        ("out.jpg", [], "JPEG"),
        ("out.JPEG", ["--quality", "60"], "JPEG"),
        ("out.webp", [], "WEBP"),
        ("out.webp", ["--format", "webp-lossless"], "WEBP"),
        ("out.avif", ["--max-kb", "2"], "AVIF"),
    ],
)
def test_a_result_has_the_format_of_its_name_and_the_quality_asked_for(mug, name, options, format):
    report = mug.parent / "report.json"
    assert main(["upscale", str(mug), "-o", str(mug.parent / name), *QUICK, *options, "--report", str(report)]) == 0
    with Image.open(mug.parent / name) as picture:
        assert picture.format == format
    file = json.loads(report.read_text())["file"]
    assert file["bytes"] == (mug.parent / name).stat().st_size
    if "--quality" in options:
        assert file["quality"] == 60
    if "--max-kb" in options:
        assert file["bytes"] <= 2000
    assert (file["quality"] is None) == ("--format" in options)


def test_a_marketplace_gets_its_canvas_and_its_checklist_under_a_telling_name(mug, capsys):
    rgb = np.full((60, 60, 3), 252, np.uint8)
    rgb[5:55, 5:55] = made_up(50, 50) // 2
    write(Photo(rgb), mug.with_name("shoe.png"))
    options = ["--preset", "jd", "--snap", *QUICK]
    assert main(["upscale", str(mug.with_name("shoe.png")), "-o", str(mug.parent / "out"), *options]) == 0
    with Image.open(mug.parent / "out" / "shoe_jd_bicubic.jpg") as picture:
        assert picture.size == (800, 800)
    printed = capsys.readouterr().out
    assert "✓ The background is pure white." in printed
    assert "✓ 800 × 800 pixels" in printed


def test_steps_are_taken_and_named(mug, capsys):
    for name, options in (("plain.png", []), ("other.png", ["--before", "denoise=0.3", "deblur", "--after", "contrast=0.5"])):
        assert main(["upscale", str(mug), "-o", str(mug.parent / name), *QUICK, *options]) == 0
    assert not np.array_equal(read(mug.parent / "plain.png").rgb, read(mug.parent / "other.png").rgb)
    printed = capsys.readouterr().out
    assert "Before the network: denoise=0.3, deblur=0.5." in printed
    assert "After the network: contrast=0.5." in printed


@pytest.mark.parametrize("option", ["--detail", "--quality", "--max-kb", "--long-side"])
def test_what_is_no_number_is_refused_with_what_was_expected(mug, option, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["upscale", str(mug), "-o", str(mug.parent / "out"), option, "much"])
    assert stopped.value.code == 2
    assert re.search(r"“much” is not a (whole )?number (of|from)", capsys.readouterr().err)


def test_a_folder_may_have_a_dot_in_its_name(mug):
    assert main(["upscale", str(mug), "-o", str(mug.parent / "out.v2"), "--scale", "2"]) == 0
    assert (mug.parent / "out.v2" / "mug_2x_cnn.png").exists()


def test_of_two_photos_with_one_name_the_second_gets_a_number_and_it_is_said(mug, capsys):
    Image.fromarray(made_up(8, 8)).save(mug.with_name("Mug.jpg"))
    Image.fromarray(made_up(6, 6)).save(mug.with_name("mug.bmp"))
    Image.fromarray(made_up(4, 4)).save(mug.with_name("cup.jpg"))
    assert main(["upscale", str(mug.parent), "-o", str(mug.parent / "out"), "--scale", "2", *QUICK]) == 0
    sizes = {path.name: read(path).size for path in (mug.parent / "out").iterdir()}
    names = ("Mug_2x_bicubic.png", "mug_2x_bicubic_2.png", "mug_2x_bicubic_3.png", "cup_2x_bicubic.png")
    assert sizes == dict(zip(names, ((16, 16), (12, 12), (28, 20), (8, 8)), strict=True))
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "“mug.bmp” would be written to the same file as “Mug.jpg”: it is written to “mug_2x_bicubic_2.png”."
    assert printed[1] == "“mug.png” would be written to the same file as “Mug.jpg”: it is written to “mug_2x_bicubic_3.png”."


def test_long_names_that_are_cut_to_one_name_get_numbers_too(mug):
    for end in "abc":
        mug.with_name(f"{'图' * 80}{end}.png").write_bytes(mug.read_bytes())
    assert main(["upscale", *map(str, mug.parent.glob("图*")), "-o", str(mug.parent / "out"), "--scale", "2", *QUICK]) == 0
    assert len(list((mug.parent / "out").iterdir())) == 3


@pytest.mark.parametrize("suffix", [".png", ".tiff", ".webp"])
def test_a_name_of_255_bytes_is_written_in_any_language(mug, suffix):
    name = "图" * ((255 - len(suffix)) // 3) + suffix
    assert main(["upscale", str(mug), "-o", str(mug.with_name(name)), "--scale", "2", *QUICK]) == 0
    assert read(mug.with_name(name)).size == (28, 20)


def test_what_systems_leave_beside_photos_is_left_out_and_said_in_one_line(mug, capsys):
    for name in ("._mug.png", ".DS_Store", "Thumbs.db", "notes.txt", "old"):
        mug.with_name(name).mkdir() if name == "old" else mug.with_name(name).write_bytes(b"\0\5\x16\7")
    given = [str(mug.parent), str(mug.with_name("._mug.png"))]
    assert main(["upscale", *given, "-o", str(mug.parent.parent / "out"), "--scale", "2", *QUICK]) == 0
    printed, failed = capsys.readouterr()
    assert failed == ""
    assert printed.splitlines()[0] == (
        "Left out: 1 file that is no photo (notes.txt), 1 folder inside, which is to be given by its own name (old), "
        "4 files that systems left beside photos (.DS_Store, ._mug.png, Thumbs.db, …)."
    )
    assert len(printed.splitlines()) == 2


def test_where_nothing_is_left_out_nothing_is_said_of_it(mug, capsys):
    assert main(["upscale", str(mug.parent), "-o", str(mug.parent / "out"), "--scale", "2", *QUICK]) == 0
    assert "Left out" not in capsys.readouterr().out


def test_a_file_that_claims_to_be_a_photo_is_not_left_out_but_refused(mug, capsys):
    mug.with_name("a.png").write_bytes(b"\0\5\x16\7")
    assert main(["upscale", str(mug.parent), "-o", str(mug.parent / "out"), "--scale", "2", *QUICK]) == 2
    assert "“a.png” is not a picture" in capsys.readouterr().err


def test_a_folder_without_photos_does_not_stop_the_others(mug, capsys):
    for name in ("empty", "full"):
        (mug.parent / name).mkdir()
    (mug.parent / "full/cup.png").write_bytes(mug.read_bytes())
    given = [str(mug.parent / name) for name in ("empty", "full")]
    assert main(["upscale", *given, "-o", str(mug.parent / "out"), "--scale", "2", *QUICK]) == 2
    assert [path.name for path in (mug.parent / "out").iterdir()] == ["cup_2x_bicubic.png"]
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(("given", "words"), [(["._mug.png"], "There is no photo in what was given"), (["empty"], "holds no photo")])
def test_where_nothing_is_to_be_enlarged_it_is_one_line_and_exit_code_2(mug, given, words, capsys):
    (mug.parent / "empty").mkdir()
    mug.with_name("._mug.png").write_bytes(b"\0\5\x16\7")
    assert main(["upscale", *(str(mug.parent / name) for name in given), "-o", str(mug.parent / "out")]) == 2
    printed, failed = capsys.readouterr()
    assert words in failed
    assert len((printed + failed).splitlines()) == 1


def test_a_photo_that_is_given_twice_is_enlarged_once(mug, capsys):
    assert main(["upscale", str(mug), str(mug.parent), "-o", str(mug.parent / "out"), "--scale", "2", *QUICK]) == 0
    assert [path.name for path in (mug.parent / "out").iterdir()] == ["mug_2x_bicubic.png"]
    assert capsys.readouterr().out.splitlines()[0] == "“mug.png” was given more than once: it is enlarged once."


def test_a_result_that_would_overwrite_a_photo_is_refused_and_the_others_go_on(mug, capsys):
    before = mug.read_bytes()
    mug.with_name("cup.png").write_bytes(before)
    mug.with_name("cup_2x_bicubic.png").write_bytes(before)
    assert main(["upscale", str(mug.parent), "-o", str(mug.parent), "--scale", "2", *QUICK]) == 2
    assert mug.with_name("cup_2x_bicubic.png").read_bytes() == before
    assert read(mug.with_name("mug_2x_bicubic.png")).size == (28, 20)
    assert "“cup_2x_bicubic.png” is one of the photos" in capsys.readouterr().err


def test_ctrl_c_is_one_line_and_exit_code_130_and_what_was_finished_is_there(mug, capsys, monkeypatch):
    mug.with_name("zebra.png").write_bytes(mug.read_bytes())

    def stopped_at_the_second(path):
        if path.name == "zebra.png":
            raise KeyboardInterrupt
        return read(path)

    monkeypatch.setattr("sr_models.command.read", stopped_at_the_second)
    report = mug.parent / "reports.json"
    given = ["upscale", str(mug.parent), "-o", str(mug.parent / "out"), "--scale", "2", *QUICK, "--report", str(report)]
    assert main(given) == 130
    assert capsys.readouterr().err == "sr_models: Stopped. What was finished before is complete.\n"
    assert [path.name for path in (mug.parent / "out").iterdir()] == ["mug_2x_bicubic.png"]
    assert [row["photo"] for row in json.loads(report.read_text())] == ["mug.png"]


@pytest.mark.parametrize("begin", [["-m", "sr_models"], ["-c", "from sr_models.__main__ import main; import sys; sys.exit(main())"]])
def test_ctrl_c_while_the_program_is_still_imported_is_one_line_too(begin, tmp_path):
    heard = "signal.signal(signal.SIGINT, signal.default_int_handler)"  # a program in the background ignores it
    stopping = f"import os, signal; {heard}; exec('os.kill(os.getpid(), signal.SIGINT)')"
    (tmp_path / "torch.py").write_text(stopping)  # as it is imported
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(__file__).parents[1])])}
    done = subprocess.run([sys.executable, *begin, "models"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "sr_models: Stopped. What was finished before is complete.\n")


def test_ctrl_c_while_a_file_is_written_leaves_nothing_half_written(mug, monkeypatch):
    def stopped(path, data):
        path.open("wb").close()
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", stopped)
    assert main(["upscale", str(mug), "-o", str(mug.parent / "out"), "--scale", "2", *QUICK]) == 130
    assert list((mug.parent / "out").iterdir()) == []


def test_a_folder_that_takes_nothing_is_said_before_anything_is_enlarged(mug, capsys, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)
    monkeypatch.setattr("sr_models.command.carry_out", lambda *_, **__: pytest.fail("enlarged"))
    assert main(["upscale", str(mug), "-o", str(mug.parent / "out")]) == 2
    assert "Nothing can be written to the folder" in capsys.readouterr().err


def test_a_name_that_no_terminal_shows_is_printed_all_the_same(mug):
    odd = os.fsdecode(b"caf\xe9.png")
    mug.with_name(odd).write_bytes(mug.read_bytes())
    words = [sys.executable, "-m", "sr_models", "upscale", mug.with_name(odd), "-o", mug.parent / "out", "--scale", "2", *QUICK]
    done = subprocess.run(words, cwd=Path(__file__).parents[1], capture_output=True, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert done.stderr == b""
    assert b"14 \\xd7 10" in done.stdout


def test_models_lists_the_catalogue(capsys):
    assert main(["models", "--json"]) == 0
    assert [row["id"] for row in json.loads(capsys.readouterr().out)] == [entry.id for entry in (*CATALOG, *PUBLISHED)]


def test_the_module_runs_as_a_program():
    done = subprocess.run([sys.executable, "-m", "sr_models", "models"], cwd=Path(__file__).parents[1], capture_output=True, text=True)
    assert done.returncode == 0
    assert all(entry.id in done.stdout for entry in CATALOG)


def test_an_exact_result_and_its_report_come_from_the_shell(tmp_path):
    rgb = made_up(20, 30)
    Image.fromarray(rgb).save(tmp_path / "mug.png")
    options = ["--scale", "3", "--model", "gan", "--faithful", "exact", "--report", str(tmp_path / "report.json")]
    assert main(["upscale", str(tmp_path / "mug.png"), "-o", str(tmp_path / "large.png"), *options]) == 0
    assert np.array_equal(np.asarray(Image.open(tmp_path / "large.png").reduce(3)), rgb)
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["photo"], report["verdict"], report["exact"]) == ("mug.png", "PASS", True)


def test_several_photos_give_a_list_of_reports(tmp_path):
    for name in ("a", "b"):
        Image.fromarray(made_up(8, 9)).save(tmp_path / f"{name}.png")
    main(["upscale", str(tmp_path), "-o", str(tmp_path / "out"), "--scale", "2", "--report", str(tmp_path / "report.json")])
    assert [report["photo"] for report in json.loads((tmp_path / "report.json").read_text())] == ["a.png", "b.png"]


def test_a_report_overwrites_neither_a_photo_nor_the_result(mug, capsys):
    before = mug.read_bytes()
    for report, words in ((mug, "is not overwritten"), (mug.parent / "out.png", "both the result and the report")):
        assert main(["upscale", str(mug), "-o", str(mug.parent / "out.png"), "--report", str(report)]) == 2
        assert words in capsys.readouterr().err
    assert mug.read_bytes() == before


def test_a_result_is_examined_afterwards_and_the_exit_code_says_what_came_out(mug, tmp_path, capsys):
    main(["upscale", str(mug), "-o", str(tmp_path / "large.png"), "--scale", "2", "--faithful", "exact"])
    assert main(["examine", str(mug), str(tmp_path / "large.png"), "--faithful", "exact"]) == 0
    rgb = read(tmp_path / "large.png").rgb.copy()
    rgb[4:8, 4:8] ^= 64
    write(Photo(rgb), tmp_path / "large.png")
    capsys.readouterr()
    assert main(["examine", str(mug), str(tmp_path / "large.png"), "--faithful", "exact"]) == 1
    assert "REVIEW" in capsys.readouterr().out


def test_figures_without_bound_are_null_in_the_json(tmp_path):
    write(Photo(np.full((64, 64, 3), 255, np.uint8)), tmp_path / "white.png")
    main(["evaluate", "--hr", str(tmp_path), "--scale", "2", "--model", "bicubic", "--json", str(tmp_path / "scores.json")])
    assert json.loads((tmp_path / "scores.json").read_text(), parse_constant=pytest.fail)["mean"]["psnr"] is None
