"""The training photos in memory, and random crops of them where there is texture: all crops of a batch at once, on the device."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sr_models.folders import photo_files
from sr_models.reading import read
from sr_models.stages.resampling import resized

CELL = 16  # pixels: side of the squares whose texture is measured
# Of its own size, a photo is used at sizes drawn from this range, one from each part of it. Shrinking takes softness out of the target,
# and compression noise: a lossy file is always shrunk, unless its folder is said to be clean.
LOSSY_SIZES, LOSSLESS_SIZES = (0.5, 0.85), (0.5, 1.0)
SIZES = 2
HELD_OUT = 40  # one photo in so many is not trained on
EXAMPLES = (
    "prod_woocommerc_0000_77f399a.webp",
    "prod_woocommerc_0041_c3dc7ca.webp",
    "prod_woocommerc_0142_7eeb1fa.webp",
    *(f"woo_000{number}.webp" for number in ("5a", "6b", "7c", "8d")),
    "woo_0014.webp",
)
"""Photos that the page shows as examples, and other parts of them: nothing is trained on them, or held out, any more."""
EVENLY = 0.15  # of the crops: drawn without a look at their texture, else soft backgrounds would be hardly known
FLAT, BUSY = 1.0, 12.0  # levels of 255: mean gradient that still counts a little, and from which on more does not count more


class Places(NamedTuple):
    """Where crops lie: the index of the first pixel, the width of the photo, the number of quarter turns, whether mirrored afterwards."""

    corner: Tensor
    width: Tensor
    turns: Tensor
    mirrored: Tensor


class Photos:
    """A crop is centred on a cell drawn in proportion to the cell's mean gradient, some on any cell."""

    def __init__(self, photos: list[np.ndarray]):
        """`photos`: uint8 (H, W, 3) each."""
        cells = [measure_texture(photo) for photo in photos]
        self.heights, self.widths = (torch.tensor([photo.shape[axis] for photo in photos]) for axis in (0, 1))
        self.columns = torch.tensor([c.shape[1] for c in cells])
        self.starts = torch.tensor([0] + [c.size for c in cells]).cumsum(0)
        self.cells = torch.from_numpy(np.concatenate([c.ravel() for c in cells])).double()
        self.offsets = torch.tensor([0] + [photo.shape[0] * photo.shape[1] for photo in photos]).cumsum(0)
        self.pixels = torch.from_numpy(np.concatenate([photo.reshape(-1, 3) for photo in photos]))
        self.usable: dict[int, tuple[Tensor, Tensor]] = {}

    def to(self, device: str) -> "Photos":
        """Moves everything to the device that trains, and gives itself back."""
        self.usable.clear()
        for name, value in vars(self).items():
            if isinstance(value, Tensor):
                setattr(self, name, value.to(device))
        return self

    def crops(self, random: np.random.Generator, count: int, side: int) -> Tensor:
        """uint8 (count, side, side, 3), each turned and mirrored at random; `side` in pixels."""
        return gather_crops(self.pixels, self.places(random, count, side), side)

    def places(self, random: np.random.Generator, count: int, side: int) -> Places:
        """Where `count` random crops of this side lie."""
        cells, cumulated = self.cells_for(side)
        evenly, cell, y, x, turns, mirrored = torch.from_numpy(random.random((6, count))).to(self.pixels.device)
        busy = torch.searchsorted(cumulated, cell * cumulated[-1], right=True)
        cell = cells[torch.where(evenly < EVENLY, (cell * len(cells)).long(), busy).clamp_max(len(cells) - 1)]
        photo = torch.searchsorted(self.starts, cell, right=True) - 1
        inside, width = cell - self.starts[photo], self.widths[photo]
        top = inside // self.columns[photo] * CELL + (y * CELL).long() - side // 2
        left = inside % self.columns[photo] * CELL + (x * CELL).long() - side // 2
        top = torch.minimum(top.clamp_min(0), self.heights[photo] - side)
        left = torch.minimum(left.clamp_min(0), width - side)
        return Places(self.offsets[photo] + top * width + left, width, (4 * turns).long(), mirrored < 0.5)

    def cells_for(self, side: int) -> tuple[Tensor, Tensor]:
        """The cells of the photos that hold a crop of that side, and their texture added up."""
        if side not in self.usable:
            holds = torch.minimum(self.heights, self.widths) >= side
            cells = holds.repeat_interleave(self.starts.diff()).nonzero()[:, 0]
            if not len(cells):
                raise ValueError(f"No photo is large enough for a crop of {side} × {side} pixels.")
            self.usable[side] = cells, self.cells[cells].cumsum(0)
        return self.usable[side]


def gather_crops(pixels: Tensor, places: Places, side: int, margin: int = 0) -> Tensor:
    """(N, side - 2·margin, side - 2·margin, 3): of pixels (P, 3) the crops of this side at `places`, less `margin` pixels all around."""
    corner, width, turns, mirrored = (part[:, None, None] for part in places)
    place = torch.arange(margin, side - margin, device=pixels.device)
    row, column, last = place[:, None], torch.where(mirrored, side - 1 - place, place), side - 1
    y = torch.where(turns % 2 == 1, column, row)
    x = torch.where(turns % 2 == 1, last - row, column)
    y, x = (torch.where(turns >= 2, last - part, part) for part in (y, x))
    return pixels[corner + y * width + x]


def measure_texture(photo: np.ndarray) -> np.ndarray:
    """photo uint8 (H, W, 3) → (⌊H/16⌋, ⌊W/16⌋) float: mean absolute gradient of each cell, limited to [FLAT, BUSY]."""
    grey = photo.mean(2, dtype=np.float32)
    gradient = np.zeros_like(grey)
    gradient[:, 1:] += np.abs(np.diff(grey, axis=1))
    gradient[1:] += np.abs(np.diff(grey, axis=0))
    rows, columns = grey.shape[0] // CELL, grey.shape[1] // CELL
    cells = gradient[: rows * CELL, : columns * CELL].reshape(rows, CELL, columns, CELL).mean((1, 3))
    return cells.clip(FLAT, BUSY)


def load_photos(folders: Iterable[Path], clean: Iterable[Path], smallest: int, sizes: int = SIZES) -> tuple[Photos, Photos]:
    """(for training, held out) from every photo in all folders but EXAMPLES, at so many sizes each; every 40th of a folder is held out.

    In the folders `clean`, lossy files too may be used at their own size. `smallest`: sizes of a photo below this side are left out.
    """
    sources = [*((folder, LOSSY_SIZES) for folder in folders), *((folder, LOSSLESS_SIZES) for folder in clean)]
    training, held_out = [], []
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # Pillow lets other threads run
        coming = [
            (number, pool.submit(read_at_sizes, number, file, lossy_sizes, smallest, sizes))
            for folder, lossy_sizes in sources
            for number, file in enumerate(photo_files(folder))
            if file.name not in EXAMPLES
        ]
        for number, found in coming:
            (held_out if number % HELD_OUT == 0 else training).extend(found.result())
    return Photos(training), Photos(held_out)


def read_at_sizes(number: int, file: Path, lossy_sizes: tuple[float, float], smallest: int, sizes: int) -> list[np.ndarray]:
    """A photo at each of its sizes, uint8 (H, W, 3)."""
    photo = read(file)
    least, most = lossy_sizes if photo.lossy else LOSSLESS_SIZES
    # one in each equal part of this range, for this photo always the same ones
    drawn = least + (most - least) / sizes * (np.arange(sizes) + np.random.default_rng(number).random(sizes))
    wanted = [(round(photo.size[0] * share), round(photo.size[1] * share)) for share in drawn]
    return [resized(photo, size).rgb for size in wanted if min(size) >= smallest]
