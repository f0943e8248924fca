"""Enlarges one small crop of a photo by every model of a scale; only the crop and the pixels around it that matter are computed."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from sr_models.catalog import CATALOG, Entry, Input, NoWeights, find
from sr_models.compression import find_meaning
from sr_models.device import Device, choose
from sr_models.figures.detail import measure_detail, new_detail
from sr_models.figures.quality import box_reduce, delta_e, find_busiest, lr_psnr
from sr_models.nets import has_dial
from sr_models.photo import Photo, narrow
from sr_models.run import Question, load_network_on
from sr_models.stages.alpha import BLEED, take_faint_from
from sr_models.stages.enlarge import upscale
from sr_models.stages.protect import CONTEXT
from sr_models.stages.resampling import resized
from sr_models.tiles import Span

SIDES = {2: 80, 3: 53, 4: 80}
"""Scale → side of the crop in pixels of the photo. Enlarged, it fits a whole number of times into about 320 pixels of a screen."""


@dataclass(frozen=True)
class View:
    """The crop enlarged by one model, and figures on it."""

    id: str
    family: str
    inputs: tuple[Input, ...]
    """`id`, `family` and `inputs` as in `catalog.Entry`; the id "nearest" is not in the catalogue: each pixel is only repeated."""
    picture: Photo
    """The enlarged crop alone, on white where it is transparent."""
    milliseconds: float
    """Time of the enlargement of the crop and its surroundings, without loading the network."""
    lr_psnr: float
    delta_e: float
    new_detail: float
    """`lr_psnr`, `delta_e` and `new_detail` as in `report.Report`, on the crop alone."""


def models(scale: int) -> list[Entry]:
    """What is compared with "nearest": everything the catalogue has at this scale, plain resampling first. Raises ModelError."""
    find("bicubic", scale)  # refuses what is no scale
    return sorted((entry for entry in CATALOG if entry.net.scale == scale), key=lambda entry: not isinstance(entry.source, NoWeights))


def find_liveliest(photo: Photo, scale: int) -> tuple[int, int]:
    """(x, y) of the middle of the photo's busiest crop, which is compared first."""
    visible = photo.rgb if photo.alpha is None else np.where(photo.alpha[:, :, None] > 0, photo.rgb, 255)
    top, left = find_busiest(visible, SIDES[scale])
    width, height = photo.size
    return min(left + SIDES[scale] // 2, width - 1), min(top + SIDES[scale] // 2, height - 1)


def locate_crop(photo: Photo, scale: int, x: int, y: int) -> tuple[slice, slice]:
    """(rows, columns) of the crop around the pixel (x, y), which is moved to lie inside the photo."""
    width, height = photo.size
    return clamp_window(y, SIDES[scale], height), clamp_window(x, SIDES[scale], width)


def clamp_window(middle: int, side: int, length: int) -> slice:
    """`side` pixels around the middle, moved to lie inside of a row of `length`; all of a shorter one."""
    start = max(0, min(middle - side // 2, length - side))
    return slice(start, min(start + side, length))


def compare_models(photo: Photo, scale: int, x: int, y: int, *, device: Device | None = None) -> Iterator[View]:
    """Yields the view of the crop around the pixel (x, y) for "nearest" and each of `models(scale)`, each as soon as it is ready.

    The pixels are those of an enlargement of the whole photo; with the colour lock of a compressed photo, up to a level or two off.
    Raises what `upscale` raises.
    """
    entries = models(scale)
    device = device or choose()
    rows, columns = locate_crop(photo, scale, x, y)
    small = photo.part(rows, columns)
    begun = time.perf_counter()
    large = repeat_pixels(small, scale)
    yield make_view("nearest", "nearest", ("clean", "web"), small, large, time.perf_counter() - begun)
    for entry in entries:
        large, seconds = enlarge_crop(photo, entry, rows, columns, device)
        yield make_view(entry.id, entry.family, entry.inputs, small, large, seconds)


def make_view(id: str, family: str, inputs: tuple[Input, ...], small: Photo, large: Photo, seconds: float) -> View:
    """The view of a crop: `small` is the crop of the photo, `large` its enlargement."""
    scale = large.size[0] // small.size[0]
    again = narrow(box_reduce(large.pixels[0], scale))
    like = find_meaning(take_faint_from(again, small), again)
    unlike, added = float(delta_e(like, again).mean()), new_detail(measure_detail(large.rgb, small.rgb, scale))
    return View(id, family, inputs, resized(large, large.size), seconds * 1000, lr_psnr(like, again), unlike, added)


def enlarge_crop(photo: Photo, entry: Entry, rows: slice, columns: slice, device: Device) -> tuple[Photo, float]:
    """(enlargement of these rows and columns of the photo by `upscale`, with the colour lock; seconds)."""
    reach = entry.net.halo + (0 if photo.alpha is None else BLEED) + (CONTEXT if has_dial(entry.net) else 0)
    reach += 0 if photo.quantisation is None else max(photo.quantisation.unit)
    return enlarge_part(photo, entry, rows, columns, reach, device)


def enlarge_part(
    photo: Photo, entry: Entry, rows: slice, columns: slice, reach: int, device: Device, cancelled: Question = lambda: False
) -> tuple[Photo, float]:
    """As `enlarge_crop`, of which only `reach` pixels around are known: with few of them, near its border it is a little different."""
    load_network_on(entry, device)  # loaded now, and kept: its loading is not timed
    width, height = photo.size
    tall, wide = with_context(rows, height, reach), with_context(columns, width, reach)
    scale = entry.net.scale
    result = upscale(photo.part(tall.source, wide.source), scale=scale, model=entry.id, device=device, cancelled=cancelled)
    return result.photo.part(tall.inner(scale), wide.inner(scale)), result.seconds


def with_context(place: slice, length: int, reach: int) -> Span:
    return Span(place.start, place.stop, max(0, place.start - reach), min(length, place.stop + reach))


def repeat_pixels(photo: Photo, scale: int) -> Photo:
    """Each pixel scale × scale times."""

    def repeat(pixels: np.ndarray) -> np.ndarray:
        return pixels.repeat(scale, 0).repeat(scale, 1)

    return replace(photo, rgb=repeat(photo.rgb), alpha=None if photo.alpha is None else repeat(photo.alpha), coded=None)
