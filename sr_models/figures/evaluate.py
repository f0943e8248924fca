"""The scores of one model against sharp originals, by the protocol of the published benchmarks."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Literal, get_args

import numpy as np
import torch

from sr_models.catalog import Entry, find_fusion
from sr_models.device import Device
from sr_models.errors import PhotoError
from sr_models.figures.burst import EDGE, render_burst
from sr_models.figures.crispness import calm_roughness, edge_overshoot, edge_steepness
from sr_models.figures.likeness import load_ssimulacra2, load_st_lpips
from sr_models.figures.matlab import round_half_up, shrink, shrinking_matrix
from sr_models.figures.niqe import niqe
from sr_models.figures.quality import box_reduce, delta_e, lr_psnr, luma, psnr, shave, ssim
from sr_models.folders import photo_files
from sr_models.nets.resample import interpolate
from sr_models.photo import Photo
from sr_models.reading import read, recompress
from sr_models.stages.back_projection import back_project
from sr_models.stages.enlarge import Result, upscale
from sr_models.stages.resampling import lay_on
from sr_models.stages.size import WHITE

Shrinking = Literal["bicubic", "box", "jpeg", "camera"]
"""How the small photo is made: by MATLAB's imresize, by Pillow's `Image.reduce`, by the first and then saved as JPEG, or by the simulated
camera of burst.py, which takes more shots beside it."""
SHRINKINGS: tuple[Shrinking, ...] = get_args(Shrinking)
SHOTS = 4  # of that camera, in all
Use = Literal["one", "mean", "together", "back-projection"]
"""What is made of a trial's shots: the small photo is enlarged alone; all are, and averaged; a network adds to that mean; or
back_projection.py changes it."""
QUALITY = 75  # of that JPEG: what Pillow and many other programs save with
SMALLEST = 32  # pixels: SSIM needs an 11 × 11 window after cropping and shaving
DIGITS = {
    "psnr": 2,
    "ssim": 4,
    "lr_psnr": 2,
    "delta_e": 2,
    "niqe": 2,
    "st_lpips": 3,
    "ssimulacra2": 1,
    "edges": 3,
    "calm": 2,
    "overshoot": 1,
    "seconds": 2,
}
"""Decimals of each figure, wherever it is printed."""
JUDGES = ("st_lpips", "ssimulacra2")
"""Figures whose packages may be missing: where they are, neither command line nor JSON speaks of them."""


@dataclass(frozen=True)
class Trial:
    """One photo to score a model on."""

    name: str
    original: np.ndarray
    """uint8 (H, W, 3): what is measured of it."""
    small: Photo
    """The original at 1/scale of its size: what is enlarged."""
    published: bool = False
    """Whether it was shrunk as for published tables; bicubic is then enlarged by their protocol too."""
    others: tuple[Photo, ...] = ()
    """Other shots of the same view."""
    edge: int = 0
    """Pixels on each side of the small photo that are not measured, since not all shots show them."""


@dataclass(frozen=True)
class Score:
    """The figures of one photo. From `lr_psnr` on, None if not asked for; from `niqe` on, also where the photo has nothing to measure."""

    file: str
    psnr: float
    """dB, on Y of BT.601, `scale` pixels shaved from each side."""
    ssim: float
    """On the same."""
    seconds: float
    """Of the enlargement."""
    lr_psnr: float | None = None
    """dB, between the small photo and the result reduced to its size."""
    delta_e: float | None = None
    """Mean CIEDE2000 between result and original, at full size."""
    niqe: float | None = None
    """Of the result: lower is more natural."""
    st_lpips: float | None = None
    """How unlike result and original look, 0 for equals; this and the next as in likeness.py, None where their package is missing."""
    ssimulacra2: float | None = None
    """How alike they look, 100 for equals."""
    edges: float | None = None
    """Steepness of the original's edges in the result, 1 as in the original; this and the next two as in crispness.py."""
    calm: float | None = None
    """Grain where the original is calm, 1 as in the original."""
    overshoot: float | None = None
    """Levels by which edges overshoot."""

    def printed(self) -> dict[str, str]:
        """Each figure with its digits; “–” where there is none."""
        return {name: "–" if (value := getattr(self, name)) is None else f"{value:.{digits}f}" for name, digits in DIGITS.items()}


def evaluate(
    originals: Path,
    small: Path | None,
    entry: Entry,
    device: Device,
    progress: Callable[[int, int], object],
    *,
    shrinking: str = "bicubic",
    quality: int = QUALITY,
    full: bool = False,
    detail: float | None = None,
    steps: int = 1,
) -> list[Score]:
    """Score `entry` on every photo in `originals`.

    The small photos come from the folder `small` (same names up to the suffix), or are made as `make_trial` says.
    `full` asks for the figures that the benchmarks do not state, too; `detail` is for networks with a dial, `steps` for those without.
    """
    files = photo_files(originals)
    scores = []
    for done, file in enumerate(files):
        original = read(file)
        if min(original.size) < SMALLEST:
            raise PhotoError("{name} has a side of less than {limit} pixels: too little to score.", name=file.name, limit=SMALLEST)
        if small is None:
            trial = make_trial(file.name, original, entry.net.scale, shrinking, quality)
        else:
            trial = match_trial(file.name, original, read(find_partner(file, small)), entry.net.scale)
        asked = {"scale": entry.net.scale, "model": entry.id, "detail": detail, "steps": steps}
        scores.append(score(trial, upscale(trial.small, **asked, faithful="off", device=device), full)[0])
        progress(done + 1, len(files))
    return scores


def average_scores(scores: list[Score]) -> Score:
    """The mean of each figure over the photos that have it."""

    def over(name: str) -> float | None:
        known = [value for score in scores if (value := getattr(score, name)) is not None]
        return fmean(known) if known else None

    return Score("mean", **{name: over(name) for name in DIGITS})  # pyright: ignore[reportArgumentType] - some are always known


def make_trial(name: str, original: Photo, scale: int, shrinking: str, quality: int) -> Trial:
    """The original cropped to a multiple of the scale, and shrunk. `quality` counts for "jpeg" only. Raises PhotoError."""
    if shrinking not in SHRINKINGS:
        raise PhotoError("“{shrinking}” is no way to shrink a photo. Choose bicubic, box, jpeg or camera.", shrinking=shrinking)
    rgb = crop_to_multiple(lay_on(original, WHITE).rgb, scale)
    if shrinking == "camera":
        return photograph(name, rgb, scale)
    small = Photo(box_reduce(rgb, scale) if shrinking == "box" else shrink_as_matlab(rgb, scale))
    if shrinking == "jpeg":
        if quality not in range(1, 101):
            raise PhotoError("“{quality}” is no quality of a JPEG. Choose 1 to 100.", quality=quality)
        small = recompress(small, int(quality))
    return Trial(name, rgb, small, published=shrinking == "bicubic")


def photograph(name: str, rgb: np.ndarray, scale: int) -> Trial:
    """The trial of shots by the simulated camera: the first is the small photo. Raises PhotoError."""
    if min(rgb.shape[:2]) < (limit := (SMALLEST + 2 * EDGE) * scale):
        raise PhotoError("{name} has a side of less than {limit} pixels: too little to score.", name=name, limit=limit)
    burst = render_burst(rgb, scale, SHOTS, np.random.default_rng(0))
    first, *others = (Photo(shot) for shot in burst.shots)
    return Trial(name, shave(burst.original, EDGE * scale), first, others=tuple(others), edge=EDGE)


def use_shots(trial: Trial, entry: Entry, device: Device) -> Iterator[tuple[Use, Result]]:
    """What is made of the trial's shots with a model, one after the other, without a faithful mode; of one alone where no other fits.

    Back-projection changes the mean of what the CNN for the web makes. A plain enlargement holds the noise of the shots, and it would
    stop there.
    """

    def enlarge(others: tuple[Photo, ...] = (), fuse: bool = False) -> Result:
        return upscale(trial.small, others, scale=entry.net.scale, model=entry.id, faithful="off", fuse=fuse, device=device)

    yield "one", enlarge()
    if not trial.others or entry.generative:
        return
    mean = enlarge(trial.others)
    if mean.shots is None or not mean.shots.used:
        return
    yield "mean", mean
    if find_fusion(entry):
        yield "together", enlarge(trial.others, fuse=True)
    if entry.family == "cnn" and "web" in entry.inputs:
        begun = time.perf_counter()
        changed = replace(mean.photo, rgb=back_project(mean.photo.rgb, trial.small.rgb, mean.shots.used))
        yield "back-projection", replace(mean, photo=changed, seconds=mean.seconds + time.perf_counter() - begun)


def match_trial(name: str, original: Photo, small: Photo, scale: int) -> Trial:
    """The trial of a given small photo: the original is cropped to what it shows. Raises PhotoError where it is too large for that."""
    width, height = (side * scale for side in small.size)
    if width > original.size[0] or height > original.size[1]:
        raise PhotoError(
            "{name}: {scale} times the small photo is {width} × {height} pixels, more than the original has. "
            "Give the folder that was made for this scale.",
            name=name,
            scale=scale,
            width=width,
            height=height,
        )
    return Trial(name, lay_on(original, WHITE).rgb[:height, :width], small)


def find_partner(file: Path, folder: Path) -> Path:
    """The small photo in `folder` with the original's name up to the suffix. Raises PhotoError unless there is exactly one."""
    found = [candidate for candidate in photo_files(folder) if candidate.stem == file.stem]
    if len(found) != 1:
        raise PhotoError(
            "The folder “{folder}” should hold one small photo named {name}, but holds {count}.",
            folder=folder,
            name=file.stem,
            count=len(found),
        )
    return found[0]


def crop_to_multiple(rgb: np.ndarray, scale: int) -> np.ndarray:
    """The largest upper left part whose sides are multiples of `scale`."""
    height, width = rgb.shape[:2]
    return rgb[: height - height % scale, : width - width % scale]


def shrink_as_matlab(rgb: np.ndarray, scale: int) -> np.ndarray:
    """rgb uint8 (H, W, 3) → uint8 (H/scale, W/scale, 3), as MATLAB's imresize."""
    x = torch.tensor(rgb).permute(2, 0, 1).double()
    return shrink(x, scale).byte().permute(1, 2, 0).contiguous().numpy()


def score(trial: Trial, result: Result, full: bool) -> tuple[Score, Photo]:
    """(score, the measured part) of a result that was made of the trial's shots; `full` asks for all figures."""
    scale, edge = result.entry.net.scale, trial.edge
    rgb = shave(result.photo.rgb, edge * scale)
    published = trial.published and result.entry.family == "bicubic"
    pair = published_bicubic(trial.original, scale) if published else (luma(rgb), luma(trial.original))
    a, b = (shave(y, scale) for y in pair)
    found = Score(trial.name, psnr(a, b), ssim(a, b), result.seconds)
    if full:
        found = replace(
            found,
            lr_psnr=lr_psnr(shave(trial.small.rgb, edge), box_reduce(rgb, scale)),
            delta_e=float(delta_e(trial.original, rgb).mean(dtype=np.float64)),
            **measure_likeness(rgb, trial.original),
        )
    return found, replace(result.photo, rgb=rgb)


def measure_likeness(result: np.ndarray, original: np.ndarray) -> dict[str, float | None]:
    """The figures of a `Score` from `niqe` on, of two uint8 (H, W, 3)."""
    alike = {"st_lpips": load_st_lpips(), "ssimulacra2": load_ssimulacra2()}
    crisp = {"edges": edge_steepness, "calm": calm_roughness, "overshoot": edge_overshoot}
    found = {name: measure(result, original) for name, measure in (alike | crisp).items() if measure}
    known = {name: figure for name, figure in found.items() if not math.isnan(figure)}
    return {"niqe": niqe_if_any(result)} | dict.fromkeys(alike | crisp) | known


def niqe_if_any(rgb: np.ndarray) -> float | None:
    try:
        return niqe(rgb)
    except ValueError:  # too small, or too little texture
        return None


def published_bicubic(original: np.ndarray, scale: int) -> tuple[np.ndarray, np.ndarray]:
    """(result, original) in Y: down and up again on Y alone, without rounding in between, as bicubic was published."""
    y = torch.from_numpy(np.rint(luma(original)))
    small = shrinking_matrix(y.shape[0], scale) @ y @ shrinking_matrix(y.shape[1], scale).T
    result = round_half_up(interpolate(small[None, None], scale, "bicubic")[0, 0]).clamp(0, 255)
    return result.numpy(), y.numpy()
