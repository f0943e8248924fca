"""Runs a network over a photo of any size, tile by tile, on this machine's device or a lent one."""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from sr_models import weights
from sr_models.catalog import Entry
from sr_models.device import Device
from sr_models.ensemble import SelfEnsemble
from sr_models.errors import Cancelled
from sr_models.nets import Enlarger
from sr_models.photo import white_of
from sr_models.runners import Runner
from sr_models.tiles import tiles

SMALLEST_TILE = 32

Progress = Callable[[int, int], object]
"""Called after each tile with (done, total)."""
Question = Callable[[], bool]
"""Asked before each tile whether to stop."""

lenders: list[Callable[[Runner, Progress, Question], tuple[np.ndarray, Device] | None]] = []
"""Functions that `run` asks first: each returns what `run` does, or None to decline. The page adds one where a GPU can be borrowed."""


def run(runner: Runner, device: Device, progress: Progress, cancelled: Question) -> tuple[np.ndarray, Device]:
    """→ (enlargement (H·scale, W·scale, 3), uint8 or uint16 as the photo is, the device that made it: a lender's, else `device`).

    Raises Cancelled.
    """
    for lender in lenders:
        if (lent := lender(runner, progress, cancelled)) is not None:
            return lent
    return enlarge_on_device(load_network_on(runner.entry, device), runner, device, progress, cancelled), device


def load_network_on(entry: Entry, device: Device) -> Enlarger:
    """The entry's network as it runs on a device."""
    return weights.load_network(entry, device.name, device.precision)


def enlarge_on_device(net: Enlarger, runner: Runner, device: Device, progress: Progress, cancelled: Question) -> np.ndarray:
    """The enlargement, as `run` gives it, made on this device; with ever smaller tiles where its memory does not suffice."""
    net = net if runner.turns == 1 else SelfEnsemble(net, runner.turns)
    tile = device.tile
    while True:
        try:
            return enlarge_by_tiles(net, runner, device, tile, progress, cancelled)
        except torch.cuda.OutOfMemoryError:
            if tile <= SMALLEST_TILE:
                raise
        tile //= 2  # outside of the handler, whose traceback would keep the failed tile's memory
        torch.cuda.empty_cache()


def enlarge_by_tiles(net: Enlarger, runner: Runner, device: Device, tile: int, progress: Progress, cancelled: Question) -> np.ndarray:
    """As `enlarge_on_device`, in tiles that read no more of the photo than a square of `tile` pixels a side with its context."""
    height, width = runner.rgb.shape[:2]
    planes, halo, scale = runner.planes, runner.halo, runner.entry.net.scale
    result = np.empty((height * scale, width * scale, 3), runner.rgb.dtype)
    places = tiles(height, width, tile, halo)
    for done, (rows, columns) in enumerate(places, 1):
        if cancelled():
            raise Cancelled
        whole, part = (rows.outer(scale), columns.outer(scale)), (rows.inner(scale), columns.inner(scale))
        result[whole] = enlarge_tile(net, runner, device, [plane[rows.source, columns.source] for plane in planes])[part]
        progress(done, len(places))
    return result


@torch.inference_mode()
def enlarge_tile(net: Enlarger, runner: Runner, device: Device, planes: Sequence[np.ndarray]) -> np.ndarray:
    """The enlargement of a part of the runner's planes, (h·scale, w·scale, 3) of the photo's type in host memory."""
    y = runner.enlarge(net, *(to_tensor(plane, device) for plane in planes))
    white = white_of(runner.rgb)
    y = y.mul_(white).round_().clamp_(0, white).to(torch.uint8 if white == 255 else torch.int32)
    return y[0].permute(1, 2, 0).cpu().numpy().astype(runner.rgb.dtype, copy=False)


def to_tensor(plane: np.ndarray, device: Device) -> torch.Tensor:
    """(h, w, C) in host memory → float32 (1, C, h, w), channels last in memory; levels, uint8 or uint16, are divided by the highest."""
    levels = plane.dtype != np.float32
    x = torch.tensor(plane.astype(np.int32) if plane.dtype == np.uint16 else plane, device=device.name).permute(2, 0, 1)[None]
    return x.float().div_(white_of(plane)) if levels else x
