"""The scores of one model on a folder of originals, by the protocol of the published benchmarks."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
import torch

from sr_models import photo as photos
from sr_models.catalog import Entry
from sr_models.device import Device
from sr_models.errors import PhotoError
from sr_models.nets.resample import enlarge
from sr_models.photo import Photo, photo_files
from sr_models.quality import luma, psnr, shaved, ssim
from sr_models.resize import round_half_up, shrink, shrinking_matrix
from sr_models.upscale import upscale

SMALLEST = 32  # pixels: SSIM needs an 11 × 11 window after cropping and shaving


@dataclass(frozen=True)
class Score:
    """`psnr` in dB and `ssim` on Y of BT.601, `scale` pixels shaved from each side; `seconds` for the enlargement."""

    file: str
    psnr: float
    ssim: float
    seconds: float


def evaluate(originals: Path, small: Path | None, entry: Entry, device: Device, progress: Callable[[int, int], object]) -> list[Score]:
    """Score `entry` on every photo in `originals`.

    The small photos come from the folder `small` (same names up to the suffix), or are made: cropped to a multiple of the
    scale and shrunk as MATLAB's imresize does. Bicubic on photos made here is computed as it was published: on Y alone,
    down and up without rounding in between.
    """
    files = photo_files(originals)
    scores = []
    for done, file in enumerate(files):
        original = photos.read(file).rgb
        if min(original.shape[:2]) < SMALLEST:
            raise PhotoError("{name} has a side of less than {limit} pixels: too little to score.", name=file.name, limit=SMALLEST)
        if small is not None:
            lowered = photos.read(partner(file, small))
            width, height = (side * entry.net.scale for side in lowered.size)
            if height > original.shape[0] or width > original.shape[1]:
                raise PhotoError(
                    "{name}: {scale} times the small photo is {width} × {height} pixels, more than the original has. "
                    "Give the folder that was made for this scale.",
                    name=file.name,
                    scale=entry.net.scale,
                    width=width,
                    height=height,
                )
            original = original[:height, :width]
            scores.append(score(file.name, original, lowered, entry, device))
        else:
            original = cropped(original, entry.net.scale)
            if entry.family == "bicubic":
                scores.append(published_bicubic(file.name, original, entry.net.scale))
            else:
                scores.append(score(file.name, original, Photo(shrunk(original, entry.net.scale)), entry, device))
        progress(done + 1, len(files))
    return scores


def mean(scores: list[Score]) -> Score:
    """The mean over the photos, as benchmarks state it."""
    return Score("mean", fmean(s.psnr for s in scores), fmean(s.ssim for s in scores), fmean(s.seconds for s in scores))


def partner(file: Path, folder: Path) -> Path:
    """The small photo of an original: the same name up to the suffix."""
    found = [candidate for candidate in photo_files(folder) if candidate.stem == file.stem]
    if len(found) != 1:
        raise PhotoError(
            "The folder “{folder}” should hold one small photo named {name}, but holds {count}.",
            folder=folder,
            name=file.stem,
            count=len(found),
        )
    return found[0]


def cropped(rgb: np.ndarray, scale: int) -> np.ndarray:
    """The largest upper left part whose sides are multiples of `scale`."""
    height, width = rgb.shape[:2]
    return rgb[: height - height % scale, : width - width % scale]


def shrunk(rgb: np.ndarray, scale: int) -> np.ndarray:
    """rgb uint8 (H, W, 3) → uint8 (H/scale, W/scale, 3), as MATLAB's imresize."""
    x = torch.tensor(rgb).permute(2, 0, 1).double()
    return shrink(x, scale).byte().permute(1, 2, 0).contiguous().numpy()


def score(name: str, original: np.ndarray, small: Photo, entry: Entry, device: Device) -> Score:
    result = upscale(small, scale=entry.net.scale, model=entry.id, faithful="off", device=device)
    a, b = (shaved(luma(rgb), entry.net.scale) for rgb in (result.photo.rgb, original))
    return Score(name, psnr(a, b), ssim(a, b), result.seconds)


def published_bicubic(name: str, original: np.ndarray, scale: int) -> Score:
    y = torch.from_numpy(np.rint(luma(original)))
    small = shrinking_matrix(y.shape[0], scale) @ y @ shrinking_matrix(y.shape[1], scale).T
    result = round_half_up(enlarge(small[None, None], scale, "bicubic")[0, 0]).clamp(0, 255)
    a, b = (shaved(x.numpy(), scale) for x in (result, y))
    return Score(name, psnr(a, b), ssim(a, b), 0.0)
