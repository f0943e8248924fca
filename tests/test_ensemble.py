"""A network that looks at a photo several times: the mean over orientations, what it costs, where it is refused, and that it is said."""

import gc
import json
from dataclasses import replace

import gradio as gr
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from conftest import ROOT, as_upload, made_up, needs_chromium
from gradio.context import LocalContext
from PIL import Image
from playwright.sync_api import expect

from sr_models import Device, ModelError, Order, Photo, PhotoError, UpscaleError, carry_out, find, read, upscale, weights
from sr_models.__main__ import main
from sr_models.ensemble import MOST_STEPS, ORIENTATIONS, SelfEnsemble
from sr_models.figures.burst import render_burst
from sr_models.figures.evaluate import luma, shave, shrink_as_matlab
from sr_models.figures.quality import find_busiest, psnr
from sr_models.jobs.sources import list_items
from sr_models.jobs.targets import plan_tasks
from sr_models.nets import Network
from sr_models.nets.edsr import EDSRConfig
from sr_models.nets.resample import ResampleConfig
from sr_models.reading import decode
from sr_models.run import enlarge_on_device
from sr_models.runners import Runner, make_runner
from sr_models.stages.align import Aligned, look_at_shots
from ui.parts import card, choices, forecast
from ui.server import budget, gpu, pace
from ui.tabs import catalogue, enlarge

SMALL = EDSRConfig(features=8, blocks=2, scale=3)
WHOLE = Device("cpu", torch.float32, tile=1000)
QUIET = {"progress": lambda done, total: None, "cancelled": lambda: False}


@pytest.fixture(scope="module")
def net() -> Network:
    """A small network, whose random kernels are in no way symmetric."""
    torch.manual_seed(1)
    return SMALL.build().eval().requires_grad_(False)


def picture(height: int, width: int) -> torch.Tensor:
    return torch.from_numpy(made_up(height, width)).permute(2, 0, 1)[None] / 255


def test_the_orientations_are_all_that_there_are_and_each_is_turned_back():
    x = picture(5, 7)
    square = x[:, :, :, :5]
    assert len({orientation.turn(square).numpy().tobytes() for orientation in ORIENTATIONS}) == MOST_STEPS == 8
    assert torch.equal(ORIENTATIONS[0].turn(x), x)
    assert all(torch.equal(orientation.turn_back(orientation.turn(x)), x) for orientation in ORIENTATIONS)


def test_with_one_step_it_is_the_network_itself_byte_for_byte(net):
    x = picture(13, 18)
    assert torch.equal(SelfEnsemble(net, 1)(x), net(x))
    assert not torch.equal(SelfEnsemble(net, 2)(x), net(x))


@pytest.mark.parametrize("steps", range(1, 9))
def test_it_is_the_mean_of_what_the_network_makes_of_the_turned_photo_turned_back(net, steps):
    def enlarged(turned: np.ndarray) -> np.ndarray:
        return net(torch.from_numpy(turned.copy()).permute(2, 0, 1)[None])[0].permute(1, 2, 0).numpy()

    def transpose(x: np.ndarray) -> np.ndarray:
        return x.transpose(1, 0, 2)

    photo = made_up(13, 18).astype(np.float32) / 255
    found = [
        enlarged(photo),
        transpose(enlarged(transpose(photo))),
        np.rot90(enlarged(np.rot90(photo, 2)), 2),
        np.rot90(transpose(enlarged(transpose(np.rot90(photo, 2)))), 2),
        np.fliplr(enlarged(np.fliplr(photo))),
        np.flipud(enlarged(np.flipud(photo))),
        np.rot90(enlarged(np.rot90(photo, 1)), -1),
        np.rot90(enlarged(np.rot90(photo, -1)), 1),
    ]
    mean = SelfEnsemble(net, steps)(torch.from_numpy(photo).permute(2, 0, 1)[None])[0].permute(1, 2, 0).numpy()
    assert np.abs(mean - np.mean(found[:steps], axis=0)).max() < 1e-5
    assert np.abs(mean - np.mean(found[-steps:], axis=0)).max() > 1e-3 or steps == 8


def test_what_a_symmetric_network_makes_stays_as_it_is(net):
    x = picture(13, 18)
    symmetric = ResampleConfig("bicubic", 3).build()
    assert (SelfEnsemble(symmetric, 8)(x) - symmetric(x)).abs().max() < 1e-5 < (SelfEnsemble(net, 8)(x) - net(x)).abs().max()


class Counting(Network):
    """Enlarges as the nearest pixels do, and counts how often."""

    def __init__(self):
        super().__init__()
        self.scale = 2
        self.runs = 0

    def forward(self, x):
        self.runs += 1
        return F.interpolate(x, scale_factor=self.scale)


def test_results_are_added_up_one_by_one_so_that_memory_does_not_grow_with_the_steps():
    held = []

    class Watching(Counting):
        def forward(self, x):
            held.append(sum(type(thing) is torch.Tensor and thing.numel() == 3 * 14 * 22 for thing in gc.get_objects()))
            return super().forward(x)

    SelfEnsemble(Watching(), 8)(picture(7, 11))
    assert len(held) == 8
    assert max(held) <= held[0] + 1  # the sum


@pytest.mark.parametrize("steps", [2, 8])
def test_nothing_beyond_the_networks_own_halo_reaches_a_pixel(net, steps):
    halo, side = SMALL.halo, 2 * SMALL.halo + 9
    x = torch.zeros(1, 3, side, side)
    x[:, :, halo + 4, halo + 4] = torch.nan  # spreads wherever it is looked at
    rows, columns = SelfEnsemble(net, steps)(x).isnan().any(1)[0].nonzero().T // SMALL.scale
    reached = [int(value) for axis in (rows, columns) for value in (axis.min(), axis.max())]
    assert reached == [4, side - 5, 4, side - 5]


@pytest.mark.parametrize("steps", [2, 8])
def test_tiles_give_the_same_as_the_whole_and_without_their_halo_they_do_not(net, steps, monkeypatch):
    runner = make_runner(replace(find("cnn", 3), net=SMALL), made_up(51, 62), turns=steps)
    whole, tiled = (enlarge_on_device(net, runner, replace(WHOLE, tile=tile), **QUIET) for tile in (1000, 24))
    assert np.abs(tiled.astype(int) - whole).max() <= 1
    monkeypatch.setattr(Runner, "halo", 0)
    assert np.abs(enlarge_on_device(net, runner, replace(WHOLE, tile=24), **QUIET).astype(int) - whole).max() > 1


def test_looking_again_brings_what_is_shipped_closer_to_the_original():
    rgb = read(ROOT / "examples" / "jar.jpg").rgb
    top, left = find_busiest(rgb, 160)
    original = np.ascontiguousarray(rgb[top : top + 160, left : left + 160])
    small = Photo(shrink_as_matlab(original, 4))

    def likeness(steps: int) -> float:
        result = upscale(small, scale=4, model="cnn", input="clean", faithful="off", steps=steps).photo.rgb
        return psnr(shave(luma(result), 4), shave(luma(original), 4))

    one, two, eight = (likeness(steps) for steps in (1, 2, 8))
    assert one < two < eight


def transparent() -> Photo:
    """Of odd sides, not square, half see-through."""
    return Photo(made_up(13, 18), alpha=np.broadcast_to(np.linspace(0, 255, 18).astype(np.uint8), (13, 18)))


def test_one_step_is_what_it_is_without_the_wish_and_an_outline_is_looked_at_once():
    plain = upscale(transparent(), scale=2, model="cnn-fast")
    one, four = (upscale(transparent(), scale=2, model="cnn-fast", steps=steps) for steps in (1, 4))
    assert (plain.steps, one.steps, four.steps) == (1, 1, 4)
    assert np.array_equal(plain.photo.rgb, one.photo.rgb)
    assert not np.array_equal(plain.photo.rgb, four.photo.rgb)
    assert plain.photo.alpha is not None
    assert four.photo.alpha is not None
    assert np.array_equal(plain.photo.alpha, four.photo.alpha)
    assert four.photo.rgb.shape == (26, 36, 3)


def counted(monkeypatch) -> Counting:
    """In the place of every network."""
    net = Counting()

    def load(entry, *_):
        net.scale = entry.net.scale
        return net

    monkeypatch.setattr(weights, "load_network", load)
    return net


def test_of_several_shots_each_is_looked_at_as_often(monkeypatch):
    net = counted(monkeypatch)
    scene = read(ROOT / "examples" / "vase.jpg").rgb[:240, :240]
    photo, *others = map(Photo, render_burst(scene, 2, 3, np.random.default_rng(0)).shots)
    used = look_at_shots(photo.rgb, [other.rgb for other in others]).used
    assert make_runner(find("cnn", 2), photo.rgb, others=used, turns=3).most_runs == 3 * (1 + len(used))
    upscale(photo, others, scale=2, model="cnn", steps=3, fuse=False)
    assert net.runs == 3 * (1 + len(used)) > 3


def test_both_passes_look_as_often(monkeypatch):
    net = counted(monkeypatch)
    done = carry_out(Photo(made_up(16, 16)), Order(size="80", model="cnn", steps=3), second_opinion=False)
    assert len(done.enlarged.passes) == 2
    assert net.runs == 6


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (0, "0 steps are not offered. Give a whole number from 1 to 8."),
        (9, "9 steps are not offered"),
        (2.5, "2.5 steps are not offered"),
        (-1, "-1 steps are not offered"),
        ("many", "“many” is no number"),
        (True, "“steps” takes a number, not true."),
    ],
)
def test_a_number_of_steps_that_there_is_not_is_refused_in_words(steps, words):
    with pytest.raises(UpscaleError, match=words):
        Order(steps=steps)


def test_a_number_of_steps_is_read_however_forms_write_it_and_nothing_is_one():
    assert [Order(steps=steps).steps for steps in (None, "", "4", 4.0, "8")] == [1, 1, 4, 4, 8]  # pyright: ignore[reportArgumentType]


def test_python_refuses_a_number_of_steps_that_there_is_not():
    with pytest.raises(ModelError, match="9 steps are not offered"):
        upscale(Photo(made_up(8, 8)), scale=2, model="cnn-fast", steps=9)


@pytest.mark.parametrize("model", ["gan", "bicubic", "lanczos"])
def test_a_model_that_gains_nothing_refuses_more_than_one_step_and_the_page_neither_offers_nor_asks_it(model):
    photo = Photo(made_up(8, 8))
    with pytest.raises(ModelError, match="gains nothing by looking again"):
        upscale(photo, scale=2, model=model, steps=2)
    assert upscale(photo, scale=2, model=model, steps=1).steps == 1
    assert Order(**choices.words({"model": model, "steps": 4})).steps == 1


@pytest.mark.parametrize(
    ("model", "network", "offered"),
    [
        ("cnn", "", True),
        ("gan", "", False),
        ("gan", "cnn-fast-x4-v1", True),
        ("cnn", "bicubic-x4", False),
        ("cnn", "realesrgan-x4plus", False),
        ("cnn", "srcnn-x4-v4", True),
        ("cnn", "owner/name/file.safetensors", False),
    ],
)
def test_the_page_offers_steps_where_the_model_gains_by_them(model, network, offered):
    assert enlarge.on_model(model, network)[-1].visible == offered
    assert catalogue.on_model(model, network)[-1].visible == offered
    assert (Order(**choices.words({"model": model, "network": network, "steps": 4})).steps == 4) == offered


def test_the_result_says_how_often_the_network_looked_unless_it_was_once():
    once, often = (carry_out(transparent(), Order(2, "cnn-fast", steps=steps)) for steps in (1, 4))
    assert b"cnn-looks-x2-v1, 4 steps<" in often.file.data
    assert b"cnn-fast-x2-v1<" in once.file.data
    assert json.loads(json.dumps(often.as_json()))["steps"] == 4
    assert "steps" not in once.as_json()
    for language, words in (("en", "Looks at the photo"), ("zh", "查看照片的次数")):
        assert f"<td>{words}</td><td>4</td>" in card.render_card(language, often)
        assert words not in card.render_card(language, once)
    assert np.array_equal(decode(often.file.data, "result").rgb, often.picture.rgb)


def test_what_a_public_page_allows_counts_each_look():
    def megapixels(**wishes) -> float:
        return budget.megapixels((1000, 1000), Order(2, **wishes))

    assert megapixels(steps=8) == 8 * megapixels()
    looks = [megapixels(model="cnn-fast", steps=steps) for steps in (1, 2, 4, 8)]
    assert looks[1:] == pytest.approx([budget.share("cnn-fast", 2, steps) for steps in (2, 4, 8)])
    assert looks[2] - looks[1] == pytest.approx(2 * (budget.share("cnn-fast", 2, 3) - looks[1]))
    assert looks == sorted(looks)
    turned = megapixels(model="cnn-fast", input="web", steps=8)
    assert turned == pytest.approx(8 * budget.share("cnn-fast", 2))
    assert turned < looks[3]
    assert [budget.count_times_as_much(Order(4, steps=steps)) for steps in (1, 8)] == [10, 5]


def test_a_public_page_refuses_a_photo_that_would_fit_if_it_were_looked_at_once(monkeypatch):
    monkeypatch.setattr("ui.server.audience.here.public", True)
    budget.refuse_large_size((3000, 2000), Order(2))
    with pytest.raises(PhotoError, match=r"this one would take 48\.0"):
        budget.refuse_large_size((3000, 2000), Order(2, steps=8))


def test_the_seconds_that_are_told_grow_by_the_networks_own_time_with_each_look(monkeypatch, uploads):
    monkeypatch.setattr(pace, "here", pace.Pace())
    pace.here.saw("cnn", 2, 80 * 100, 1.0, 3.0)
    alone, four = (forecast.expected((80, 100), Order(2, steps=steps)) for steps in (1, 4))
    assert alone is not None
    assert four == pytest.approx(alone + 3 * pace.here.network("cnn", 2, 80 * 100))
    Image.fromarray(made_up(100, 80)).save(uploads / "mug.png")
    mug = as_upload(uploads / "mug.png")
    once, often = (forecast.foretell("en", mug, {"scale": 2, "steps": steps})[1] for steps in (1, 4))
    assert (once, often) == (pytest.approx(alone), pytest.approx(four))


def test_a_lent_gpu_is_asked_for_as_long_as_all_looks_and_shots_take_and_sooner(monkeypatch):
    entry, rgb = find("cnn", 4), np.broadcast_to(np.uint8(0), (1000, 1000, 3))
    shots = 7 * (Aligned(rgb),)
    once, often, several = make_runner(entry, rgb), make_runner(entry, rgb, turns=8), make_runner(entry, rgb, others=shots)
    assert (once.most_runs, often.most_runs, several.most_runs) == (1, 8, 8)
    assert gpu.estimate_seconds(often) == gpu.estimate_seconds(several) > gpu.estimate_seconds(once)
    asked = []
    monkeypatch.setattr(gpu, "enlarge_on_gpu", lambda runner: (done for done in [asked.append(runner) or gpu.GpuResult(rgb, WHOLE)]))
    monkeypatch.setattr(gpu, "WORTH", 4 * gpu.count_operations(entry.net) * gpu.count_pixels(once))
    token = LocalContext.request.set(gr.Request())
    for runner in (once, often, several):
        gpu.borrow(runner, **QUIET)
    LocalContext.request.reset(token)
    assert asked == [often, several]


def test_a_row_of_a_catalogues_table_may_ask_for_steps(tmp_path):
    Image.fromarray(made_up(8, 9)).save(tmp_path / "mug.png")
    (tmp_path / "shop.csv").write_text("path,steps\nmug.png,2\n")
    (task,) = plan_tasks(list_items(tmp_path / "shop.csv", tmp_path / "out"), Order(2, "cnn-fast"))
    assert task.order == Order(2, "cnn-fast", steps=2)


@needs_chromium
@pytest.mark.parametrize("width", [390, 1280])
def test_a_person_lets_the_network_look_again_and_gets_what_the_command_line_gives(open_page, tmp_path, width):
    Image.fromarray(made_up(20, 30)).save(tmp_path / "mug.png")
    page, _ = open_page(width=width)
    page.set_input_files("#photo input[type=file]", str(tmp_path / "mug.png"))
    expect(page.locator("#forecast")).to_contain_text("120 × 80")
    expect(page.locator("#steps")).to_be_hidden()
    page.locator("#choices > button").click()
    page.locator("#more-choices > button").click()
    page.locator("#steps input[type=number]").fill("4")
    page.locator("#enlarge").click()
    expect(page.locator("#line")).to_contain_text("30 × 20 → 120 × 80")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    with page.expect_download() as download:
        page.locator("#download").click()
    download.value.save_as(tmp_path / "page.png")
    assert main(["upscale", str(tmp_path / "mug.png"), "-o", str(tmp_path / "shell.png"), "--steps", "4"]) == 0
    assert (tmp_path / "page.png").read_bytes() == (tmp_path / "shell.png").read_bytes()
    page.get_by_label("Adds texture").check()
    expect(page.locator("#steps")).to_be_hidden()
