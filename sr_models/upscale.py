"""From a photo to its enlargement: the only place that knows the order of the steps."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
import torch.nn.functional as F

from sr_models import catalog, weights
from sr_models.catalog import Entry
from sr_models.device import Device, choose
from sr_models.errors import Cancelled, PhotoError
from sr_models.faithful import Faithful, checked, keep
from sr_models.nets import Network
from sr_models.photo import Photo
from sr_models.tiles import spans

MAX_OUTPUT_PIXELS = 200_000_000
SMALLEST_TILE = 32
BLEED = 12  # pixels: as far as our networks look


@dataclass(frozen=True)
class Result:
    photo: Photo
    entry: Entry
    faithful: Faithful
    device: Device
    seconds: float
    """Wall-clock time of the enlargement, without reading and writing files."""


def upscale(
    photo: Photo,
    *,
    scale: int = 4,
    model: str = "cnn",
    input: str = "auto",
    faithful: str = "colour",
    device: Device | None = None,
    progress: Callable[[int, int], object] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Result:
    """Enlarge `photo` by `scale` with a model of the catalogue, given by its id or its family ("cnn", "gan", …).

    `input` is "clean", "web" (the photo went through lossy compression) or "auto" (as the file was); it decides between
    the weights of a family. `faithful` is "off", "colour" or "exact" (see faithful.py). `progress(done, total)` is called
    after each tile; `cancelled()` is asked before each.
    Raises ModelError, WeightsError, PhotoError (the result would be too large) and Cancelled.
    """
    begun = time.perf_counter()
    level = checked(faithful)
    entry = catalog.find(model, scale, input, photo.noise)
    width, height = (side * scale for side in photo.size)
    if width * height > MAX_OUTPUT_PIXELS:
        raise PhotoError(
            "The result would have {width} × {height} pixels; up to {limit} megapixels are made. Choose a smaller scale or photo.",
            width=width,
            height=height,
            limit=MAX_OUTPUT_PIXELS // 1_000_000,
        )
    device = device or choose()
    net = weights.network(entry, device.name, device.precision)
    visible = bled(photo)
    rgb = enlarge(net, entry, device, visible, progress, cancelled)
    keep(rgb, photo.rgb if level == "exact" else visible, level, photo.noise)
    alpha = None
    if photo.alpha is not None:
        alpha = enlarge_alpha(photo.alpha, scale, cancelled)
        if level == "exact":  # not for "colour": a hard cut-out would get steps
            keep(alpha[:, :, None], photo.alpha[:, :, None], level)
            opaque = photo.alpha == 255  # Pillow weighs colours by alpha where it reduces RGBA: here all alike
            alpha.reshape(opaque.shape[0], scale, opaque.shape[1], scale).transpose(0, 2, 1, 3)[opaque] = 255
    return Result(Photo(rgb, alpha, photo.icc), entry, level, device, time.perf_counter() - begun)


def bled(photo: Photo) -> np.ndarray:
    """rgb uint8 (H, W, 3), with the colours of visible pixels carried BLEED pixels into what is fully transparent.

    What lies there in the file is arbitrary, often black; a network would draw it into the product's edge.
    """
    if photo.alpha is None:
        return photo.rgb
    known = torch.from_numpy((photo.alpha > 0).astype(np.float32))[None, None]
    colour = torch.tensor(photo.rgb).permute(2, 0, 1)[None].float() * known
    for _ in range(BLEED):
        around = F.avg_pool2d(known, 3, 1, 1)
        reached = (known == 0) & (around > 0)
        colour = torch.where(reached, F.avg_pool2d(colour, 3, 1, 1) / around.clamp_min(1e-6), colour)
        known = torch.where(reached, 1.0, known)
    return torch.where(known > 0, colour.round(), 255.0).byte()[0].permute(1, 2, 0).contiguous().numpy()


def enlarge_alpha(alpha: np.ndarray, scale: int, cancelled: Callable[[], bool]) -> np.ndarray:
    """alpha uint8 (H, W) → (H·scale, W·scale), bicubic: a network would invent edges in it."""
    entry = catalog.find("bicubic", scale, "auto")
    cpu = choose("cpu")
    grey = np.repeat(alpha[:, :, None], 3, axis=2)
    net = weights.network(entry, cpu.name, cpu.precision)
    return enlarge(net, entry, cpu, grey, lambda done, total: None, cancelled)[:, :, 0].copy()


def enlarge(
    net: Network,
    entry: Entry,
    device: Device,
    rgb: np.ndarray,
    progress: Callable[[int, int], object],
    cancelled: Callable[[], bool],
) -> np.ndarray:
    """rgb uint8 (H, W, 3) → uint8 (H·scale, W·scale, 3). On a GPU that runs out of memory: again with tiles half as long."""
    tile = device.tile
    while True:
        try:
            return enlarge_by_tiles(net, entry, device, tile, rgb, progress, cancelled)
        except torch.cuda.OutOfMemoryError:
            if tile <= SMALLEST_TILE:
                raise
        tile //= 2  # outside of the handler, whose traceback would keep the failed tile's memory
        torch.cuda.empty_cache()


def enlarge_by_tiles(
    net: Network,
    entry: Entry,
    device: Device,
    tile: int,
    rgb: np.ndarray,
    progress: Callable[[int, int], object],
    cancelled: Callable[[], bool],
) -> np.ndarray:
    height, width = rgb.shape[:2]
    scale, halo = entry.net.scale, entry.net.halo
    result = np.empty((height * scale, width * scale, 3), np.uint8)
    places = list(product(spans(height, tile, halo), spans(width, tile, halo)))
    for done, (rows, columns) in enumerate(places):
        if cancelled():
            raise Cancelled("Stopped.")
        enlarged = enlarge_tile(net, device, rgb[rows.first : rows.last, columns.first : columns.last])
        result[scaled(rows.start, rows.stop, scale), scaled(columns.start, columns.stop, scale)] = enlarged[
            scaled(*rows.inner, scale), scaled(*columns.inner, scale)
        ]
        progress(done + 1, len(places))
    return result


def scaled(start: int, stop: int, scale: int) -> slice:
    return slice(start * scale, stop * scale)


@torch.inference_mode()
def enlarge_tile(net: Network, device: Device, rgb: np.ndarray) -> np.ndarray:
    """rgb uint8 (h, w, 3) in host memory → uint8 (h·scale, w·scale, 3) in host memory; rounded once, here."""
    x = torch.tensor(rgb, device=device.name)
    x = x.permute(2, 0, 1)[None].float().div_(255)  # channels last in memory
    y = net(x)
    y = y.mul_(255).round_().clamp_(0, 255).byte()
    return y[0].permute(1, 2, 0).cpu().numpy()
