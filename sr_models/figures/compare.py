"""The same small crop of a photo through every model of a scale: only the crop and what a network looks at around it is computed."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from sr_models import weights
from sr_models.catalog import CATALOG, Entry, Input, NoWeights, find
from sr_models.compression import meant
from sr_models.device import Device, choose
from sr_models.figures.quality import busiest, colour_difference, detail, lr_psnr, new_detail, reduced
from sr_models.nets import has_dial
from sr_models.photo import Photo
from sr_models.stages.alpha import BLEED
from sr_models.stages.enlarge import scaled, upscale
from sr_models.stages.protect import CONTEXT
from sr_models.stages.resampling import resized
from sr_models.tiles import Span

SIDES = {2: 80, 3: 53, 4: 80}
"""For each scale the side of the crop in pixels of the photo, chosen so that 320 pixels of a screen are a multiple of it, enlarged."""


@dataclass(frozen=True)
class View:
    """The crop as one model enlarges it."""

    id: str
    label: str
    family: str
    inputs: tuple[Input, ...]
    """These four as in Entry, but for "nearest", which is none."""
    picture: Photo
    """The enlarged crop alone, on white where it is transparent."""
    milliseconds: float
    """For the crop and its surroundings, the network being loaded already."""
    lr_psnr: float
    delta_e: float
    new_detail: float
    """These three as in Report, of the crop alone."""


def models(scale: int) -> list[Entry]:
    """What is compared with "nearest": everything the catalogue has at this scale, plain resampling first. Raises ModelError."""
    find("bicubic", scale)  # refuses what is no scale
    return sorted((entry for entry in CATALOG if entry.net.scale == scale), key=lambda entry: not isinstance(entry.source, NoWeights))


def liveliest(photo: Photo, scale: int) -> tuple[int, int]:
    """(x, y) of the pixel around which the photo shows most: where to look when nobody chose."""
    visible = photo.rgb if photo.alpha is None else np.where(photo.alpha[:, :, None] > 0, photo.rgb, 255)
    top, left = busiest(visible, SIDES[scale])
    width, height = photo.size
    return min(left + SIDES[scale] // 2, width - 1), min(top + SIDES[scale] // 2, height - 1)


def crop(photo: Photo, scale: int, x: int, y: int) -> tuple[slice, slice]:
    """(rows, columns) of the photo around its pixel (x, y), moved inside where that is near an edge."""
    width, height = photo.size
    return around(y, SIDES[scale], height), around(x, SIDES[scale], width)


def around(middle: int, side: int, length: int) -> slice:
    start = max(0, min(middle - side // 2, length - side))
    return slice(start, min(start + side, length))


def views(photo: Photo, scale: int, x: int, y: int, *, faithful: str = "colour", device: Device | None = None) -> Iterator[View]:
    """The crop around the pixel (x, y) through "nearest" and each of `models(scale)`, one after another, each as soon as it is ready.

    Their pixels are those of the whole enlargement, but that the colour lock of a compressed photo looks further: up to a level or two.
    Raises what `upscale` raises.
    """
    entries = models(scale)
    device = device or choose()
    rows, columns = crop(photo, scale, x, y)
    small = photo.part(rows, columns)
    begun = time.perf_counter()
    large = repeated(small, scale)
    label = f"Nearest {scale}×: the photo's own pixels"
    yield view("nearest", label, "nearest", ("clean", "web"), small, large, time.perf_counter() - begun)
    for entry in entries:
        large, seconds = enlarged(photo, entry, rows, columns, faithful, device)
        yield view(entry.id, entry.label, entry.family, entry.inputs, small, large, seconds)


def view(id: str, label: str, family: str, inputs: tuple[Input, ...], small: Photo, large: Photo, seconds: float) -> View:
    """`small` is the crop of the photo, `large` the same enlarged."""
    scale = large.size[0] // small.size[0]
    again = reduced(large.rgb, scale)
    seen = small.rgb if small.alpha is None else np.where(small.alpha[:, :, None] == 0, again, small.rgb)
    like = meant(replace(small, rgb=seen), again)
    figures = (
        seconds * 1000,
        lr_psnr(like, again),
        float(colour_difference(like, again).mean()),
        new_detail(*detail(large.rgb, small.rgb, scale)),
    )
    return View(id, label, family, inputs, resized(large, large.size), *figures)


def enlarged(photo: Photo, entry: Entry, rows: slice, columns: slice, faithful: str, device: Device) -> tuple[Photo, float]:
    """What `upscale` makes of these rows and columns of the photo, and the seconds it took."""
    weights.network(entry, device.name, device.precision)  # loaded now, and kept: its loading is not timed
    reach = entry.net.halo + (0 if photo.alpha is None else BLEED) + (CONTEXT if has_dial(entry.net) else 0)
    reach += 0 if photo.quantisation is None else max(photo.quantisation.unit)
    width, height = photo.size
    tall, wide = with_context(rows, height, reach), with_context(columns, width, reach)
    part = photo.part(slice(tall.first, tall.last), slice(wide.first, wide.last))
    result = upscale(part, scale=entry.net.scale, model=entry.id, faithful=faithful, device=device)
    return result.photo.part(scaled(*tall.inner, entry.net.scale), scaled(*wide.inner, entry.net.scale)), result.seconds


def with_context(place: slice, length: int, reach: int) -> Span:
    return Span(place.start, place.stop, max(0, place.start - reach), min(length, place.stop + reach))


def repeated(photo: Photo, scale: int) -> Photo:
    """Each pixel scale × scale times."""

    def repeat(pixels: np.ndarray) -> np.ndarray:
        return pixels.repeat(scale, 0).repeat(scale, 1)

    return replace(photo, rgb=repeat(photo.rgb), alpha=None if photo.alpha is None else repeat(photo.alpha), coded=None)
