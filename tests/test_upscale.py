import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import made_up, shared
from test_catalog import EMBEDDED

from sr_models import Cancelled, Photo, PhotoError, choose, find, photo_files, read, upscale, weights
from sr_models.device import Device
from sr_models.figures.evaluate import crop_to_multiple, shrink_as_matlab
from sr_models.figures.quality import luma, psnr, shave
from sr_models.nets import DetailNetwork, Network
from sr_models.nets.resample import ResampleConfig
from sr_models.nets.span import SPANConfig
from sr_models.reading import recompress
from sr_models.run import enlarge_on_device
from sr_models.runners import DialledRunner, Runner
from sr_models.tiles import spans

EXACT = Device("cpu", torch.float32, tile=24)
QUIET = {"progress": lambda done, total: None, "cancelled": lambda: False}
FILES = [find("cnn", 2), find("cnn", 3, "web"), find("gan", 4), *(e for e in EMBEDDED if e.family not in ("cnn", "gan"))]
"""An entry for each file of weights, and each scale among them."""


def test_every_file_is_among_those_that_are_tested_here():
    assert {entry.source for entry in FILES} == {entry.source for entry in EMBEDDED}


@pytest.fixture
def squares(monkeypatch):
    """Cuts in both directions also what one tile could read."""

    def cut_in_squares(height, width, tile, halo):
        return list(product(spans(height, tile, halo), spans(width, tile, halo)))

    assert len(cut_in_squares(50, 61, EXACT.tile, 38)) == 9
    monkeypatch.setattr("sr_models.run.tiles", cut_in_squares)


@pytest.mark.parametrize("entry", FILES, ids=lambda entry: entry.id)
def test_tiles_leave_no_seam(entry, squares):
    """In float32, tiled and whole results are the same to a rounding: PyTorch's bilinear skip counts its places in float32."""
    tiled, whole = tiled_and_whole(weights.load_network(entry, "cpu", torch.float32), entry)
    assert np.abs(tiled.astype(int) - whole).max() <= 1
    assert (tiled != whole).mean() < 1e-3


def test_tiled_and_whole_results_of_srcnn_and_span_are_equal_in_every_value(squares):
    """In float32 and channels last, as the program runs them."""
    torch.manual_seed(0)
    span = SPANConfig(features=16, blocks=2, scale=3)
    cases = [(span.build().eval().to(memory_format=torch.channels_last), replace(find("srcnn", 3), net=span))]  # pyright: ignore[reportCallIssue]
    cases += [(weights.load_network(find("srcnn", scale), "cpu", torch.float32), find("srcnn", scale)) for scale in (2, 3, 4)]
    for net, entry in cases:
        assert np.array_equal(*tiled_and_whole(net, entry))


def tiled_and_whole(net, entry):
    rgb = made_up(50, 61)
    detail = asked_of(net, rgb)
    whole, tiled = (enlarge_on_device(net, runner_of(entry, rgb, detail), device, **QUIET) for device in (replace(EXACT, tile=1000), EXACT))
    return tiled, whole


def runner_of(entry, rgb, detail=None) -> Runner:
    return Runner(entry, rgb) if detail is None else DialledRunner(entry, rgb, detail)


def asked_of(net, rgb):
    """All detail in one half, none in the other; None for a network without a dial."""
    return (np.indices(rgb.shape[:2])[1] > 30).astype(np.float32) if isinstance(net, DetailNetwork) else None


@pytest.mark.parametrize("entry", FILES, ids=lambda entry: entry.id)
def test_too_small_a_halo_does_leave_a_seam(entry):
    class Narrow:
        scale, halo = entry.net.scale, 0

    rgb = made_up(50, 61)
    net = weights.load_network(entry, "cpu", torch.float32)
    detail = asked_of(net, rgb)
    whole = enlarge_on_device(net, runner_of(entry, rgb, detail), replace(EXACT, tile=1000), **QUIET)
    assert not np.array_equal(enlarge_on_device(net, runner_of(replace(entry, net=Narrow()), rgb, detail), EXACT, **QUIET), whole)


@pytest.mark.parametrize("entry", FILES, ids=lambda entry: entry.id)
def test_a_lower_precision_changes_next_to_nothing(entry):
    """Against float32: at most 0.03 dB of PSNR on product photos, 99.9 % of the values within 2 levels, 3 after many layers."""
    differences, scores = [], {torch.float32: [], torch.bfloat16: []}
    for file in photo_files(shared("product-val"))[::6]:
        original = crop_to_multiple(read(file).rgb[: 80 * entry.net.scale, : 80 * entry.net.scale], entry.net.scale)
        small = Photo(shrink_as_matlab(original, entry.net.scale))
        results = {}
        for precision in scores:
            device = Device("cpu", precision, tile=256)
            results[precision] = upscale(small, scale=entry.net.scale, model=entry.id, device=device, faithful="off").photo.rgb
            a, b = (shave(luma(rgb), entry.net.scale) for rgb in (results[precision], original))
            scores[precision].append(psnr(a, b))
        differences.append(np.abs(results[torch.float32].astype(int) - results[torch.bfloat16]).ravel())
    exact, lower = (sum(s) / len(s) for s in scores.values())
    assert abs(exact - lower) <= 0.03
    assert (np.concatenate(differences) <= (3 if entry.family in ("cnn", "gan") else 2)).mean() >= 0.999


def test_transparency_is_enlarged_with_the_photo_and_opaque_stays_opaque():
    alpha = np.full((9, 12), 255, np.uint8)
    alpha[:, :4] = 0
    result = upscale(Photo(made_up(9, 12), alpha, icc=b"profile"), scale=3).photo
    assert result.alpha.shape == (27, 36)
    assert (result.alpha[:, :6] == 0).all()
    assert (result.alpha[:, 20:] == 255).all()
    assert result.icc == b"profile"


@pytest.mark.parametrize("model", ["cnn", "gan", "bicubic"])
@pytest.mark.parametrize("under", [0, 255])
def test_what_lies_under_transparent_pixels_leaves_no_rim(model, under):
    """A grey disc cut out: its visible pixels keep their grey, whatever colour the file hides around it."""
    y, x = np.mgrid[-20:20, -20:20]
    alpha = np.where(x**2 + y**2 < 200, 255, 0).astype(np.uint8)
    rgb = np.where(alpha[:, :, None] > 0, 200, under).repeat(3, axis=2).astype(np.uint8)
    result = upscale(Photo(rgb, alpha), scale=2, model=model).photo
    assert np.abs(result.rgb[result.alpha > 0].astype(int) - 200).max() <= 2


@pytest.mark.parametrize("entry", [e for e in EMBEDDED if e.family in ("cnn", "cnn-fast", "gan")], ids=lambda entry: entry.id)
@pytest.mark.parametrize("grey", [0, 40, 128, 200, 255])
def test_a_flat_background_stays_flat_and_white_stays_white(entry, grey):
    result = upscale(Photo(np.full((24, 24, 3), grey, np.uint8)), scale=entry.net.scale, model=entry.id).photo.rgb
    inner = result[12 * entry.net.scale : -10 * entry.net.scale, 12 * entry.net.scale : -10 * entry.net.scale]
    assert np.abs(inner.astype(int) - grey).max() <= (2 if entry.family == "gan" else 1)
    assert grey < 255 or result.min() >= 254


@pytest.mark.parametrize("entry", [e for e in EMBEDDED if e.family == "gan"], ids=lambda entry: entry.id)
def test_full_detail_leaves_the_white_around_a_product_white(entry):
    """Within 1 level, by the network alone, all detail everywhere, on a photo from the web: no detector, no faithful mode."""
    photo = np.full((90, 90, 3), 255, np.uint8)
    photo[30:60, 30:60] = made_up(30, 30) // 2
    photo = recompress(Photo(photo), 75).rgb
    net = weights.load_network(entry, "cpu", torch.float32)
    result = enlarge_on_device(net, runner_of(entry, photo, np.ones(photo.shape[:2], np.float32)), replace(EXACT, tile=128), **QUIET)
    near = 2  # pixels of the photo: what is closer to the product belongs to its edge
    around = np.pad((photo < 255).any(2), near)
    edge = np.any([around[y : y + 90, x : x + 90] for y in range(2 * near + 1) for x in range(2 * near + 1)], axis=0)
    background = ~edge.repeat(entry.net.scale, 0).repeat(entry.net.scale, 1)
    assert background.mean() > 0.5
    assert result[background].min() >= 254


def test_progress_counts_every_tile_to_the_end():
    seen = []
    device = replace(EXACT, tile=20)
    upscale(Photo(made_up(45, 45)), scale=2, model="bicubic", device=device, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(i, 4) for i in range(1, 5)]


def test_a_run_is_cancelled_between_two_tiles():
    seen = []
    with pytest.raises(Cancelled):
        upscale(
            Photo(made_up(45, 45)),
            scale=2,
            model="bicubic",
            device=replace(EXACT, tile=20),
            progress=lambda done, total: seen.append(done),
            cancelled=lambda: len(seen) == 2,
        )
    assert seen == [1, 2]


def test_a_result_beyond_the_limit_is_refused_before_any_work(monkeypatch):
    monkeypatch.setattr(sys.modules["sr_models.stages.enlarge"], "MAX_OUTPUT_PIXELS", 399)
    with pytest.raises(PhotoError, match="20 × 20 pixels"):
        upscale(Photo(made_up(10, 10)), scale=2, progress=lambda done, total: pytest.fail("worked"))


@pytest.mark.parametrize(("width", "refusal"), [(2500, Cancelled), (2501, PhotoError)])
def test_results_of_up_to_200_megapixels_are_made(width, refusal):
    photo = Photo(np.broadcast_to(np.uint8(0), (5000, width, 3)))
    with pytest.raises(refusal):
        upscale(photo, scale=4, model="bicubic", cancelled=lambda: True)


class Greedy(Network):
    """Doubles, and has memory for small tiles only, as a GPU may have."""

    def forward(self, x):
        if x.shape[-1] > 40:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory.")
        return ResampleConfig("bicubic", 2).build()(x)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU on this machine")
@pytest.mark.parametrize("entry", EMBEDDED, ids=lambda entry: entry.id)
def test_a_gpu_gives_nearly_the_same_picture(entry):
    photo = Photo(made_up(90, 130))
    results = [upscale(photo, scale=entry.net.scale, model=entry.id, device=device).photo.rgb for device in (EXACT, choose("cuda"))]
    assert (np.abs(results[0].astype(int) - results[1]) <= 2).mean() > 0.999


def test_when_a_gpu_runs_out_of_memory_the_tiles_halve_and_the_result_is_the_same():
    rgb = made_up(90, 130)
    entry = find("bicubic", 2)
    expected = enlarge_on_device(weights.load_on_cpu(entry), runner_of(entry, rgb), EXACT, **QUIET)
    assert np.array_equal(enlarge_on_device(Greedy(), runner_of(entry, rgb), replace(EXACT, tile=128), **QUIET), expected)


def test_any_other_failure_in_a_tile_surfaces():
    class Broken(Network):
        def forward(self, x):
            raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        enlarge_on_device(Broken(), runner_of(find("bicubic", 2), made_up(30, 30)), EXACT, **QUIET)


class Watched(Network):
    """Doubles, and counts the pixels of what it sees."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, x):
        self.seen.append(x[0, 0].numel())
        return ResampleConfig("bicubic", 2).build()(x)


def test_a_network_sees_one_tile_after_another_with_its_surroundings_whatever_the_photos_size():
    entry, network = find("bicubic", 2), Watched()
    enlarge_on_device(network, runner_of(entry, made_up(150, 400)), replace(EXACT, tile=32), **QUIET)
    assert len(network.seen) == 5 * 12
    assert max(network.seen) <= (32 + 2 * entry.net.halo + 1) ** 2


MEASURE = """
import resource
import numpy as np
import sr_models

def enlarged(side):
    photo = sr_models.Photo(np.random.default_rng(0).integers(0, 255, (side, side, 3), dtype=np.uint8))
    result = sr_models.upscale(photo, scale=2, model="bicubic").photo
    return photo.rgb.nbytes + result.rgb.nbytes

enlarged(64)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
pictures = enlarged(1500)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 - pictures / 2**20)
"""


def test_24_megapixels_at_2x_would_need_less_than_2_gigabytes_above_the_pictures():
    """What no network sees grows with the pixels, and is measured on 2.25 megapixels."""
    done = subprocess.run([sys.executable, "-c", MEASURE], cwd=Path(__file__).parents[1], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stdout) < 2048 * 2.25 / 24


def test_the_device_is_what_the_machine_has_and_a_missing_one_is_said():
    assert choose("cpu").name == "cpu"
    if torch.cuda.is_available():
        assert choose().name == "cuda"
    else:
        assert choose().name == "cpu"
        with pytest.raises(Exception, match="no CUDA GPU"):
            choose("cuda")
    with pytest.raises(Exception, match="auto, cpu or cuda"):
        choose("tpu")
