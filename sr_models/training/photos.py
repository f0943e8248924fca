"""The training photos in memory, and random crops of them where there is texture."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from sr_models.photo import photo_files, read, resized

CELL = 16  # pixels: side of the squares whose texture is measured
# Of its own size, a photo is used at two sizes drawn from this range, one from either half of it. Shrinking takes softness out of
# the target, and compression noise: a lossy file is always shrunk.
LOSSY_SIZES, LOSSLESS_SIZES = (0.5, 0.85), (0.5, 1.0)
HELD_OUT = 40  # one photo in so many is not trained on
EVENLY = 0.15  # of the crops: drawn without a look at their texture, else soft backgrounds would be hardly known
FLAT, BUSY = 1.0, 12.0  # levels of 255: mean gradient that still counts a little, and from which on more does not count more


class Photos:
    """Photos on the device that trains. A crop is centred on a cell drawn in proportion to the cell's mean gradient, some on any cell."""

    def __init__(self, photos: list[np.ndarray], device: str = "cpu"):
        """`photos`: uint8 (H, W, 3) each."""
        cells = [texture(photo) for photo in photos]
        self.heights, self.widths = (np.array([photo.shape[axis] for photo in photos]) for axis in (0, 1))
        self.columns = np.array([c.shape[1] for c in cells])
        self.starts = np.cumsum([0] + [c.size for c in cells])
        self.cumulated = np.cumsum(np.concatenate([c.ravel() for c in cells]), dtype=np.float64)
        self.offsets = np.cumsum([0] + [photo.shape[0] * photo.shape[1] for photo in photos])
        self.pixels = torch.from_numpy(np.concatenate([photo.reshape(-1, 3) for photo in photos])).to(device)

    def crops(self, random: np.random.Generator, count: int, side: int) -> Tensor:
        """uint8 (count, side, side, 3) on the device, each turned and mirrored at random; `side` in pixels."""
        return self.pixels[torch.from_numpy(np.stack([self._places(random, side) for _ in range(count)])).to(self.pixels.device)]

    def _places(self, random: np.random.Generator, side: int) -> np.ndarray:
        """(side, side): where the pixels of a random crop lie."""
        while True:
            if random.random() < EVENLY:
                cell = int(random.integers(len(self.cumulated)))
            else:
                cell = int(np.searchsorted(self.cumulated, random.random() * self.cumulated[-1], side="right"))
            index = int(np.searchsorted(self.starts, cell, side="right")) - 1
            height, width = self.heights[index], self.widths[index]
            if min(height, width) >= side:
                break
        row, column = divmod(cell - self.starts[index], self.columns[index])
        shift_y, shift_x = random.integers(0, CELL, 2)
        top = np.clip(row * CELL + shift_y - side // 2, 0, height - side)
        left = np.clip(column * CELL + shift_x - side // 2, 0, width - side)
        corner = self.offsets[index] + top * width + left
        places = np.rot90(corner + np.arange(side)[:, None] * width + np.arange(side), int(random.integers(4)))
        return places[:, ::-1] if random.random() < 0.5 else places


def texture(photo: np.ndarray) -> np.ndarray:
    """photo uint8 (H, W, 3) → (⌊H/16⌋, ⌊W/16⌋) float: mean absolute gradient of each cell, limited to [FLAT, BUSY]."""
    grey = photo.mean(2, dtype=np.float32)
    gradient = np.zeros_like(grey)
    gradient[:, 1:] += np.abs(np.diff(grey, axis=1))
    gradient[1:] += np.abs(np.diff(grey, axis=0))
    rows, columns = grey.shape[0] // CELL, grey.shape[1] // CELL
    cells = gradient[: rows * CELL, : columns * CELL].reshape(rows, CELL, columns, CELL).mean((1, 3))
    return cells.clip(FLAT, BUSY)


def load(folder: Path, smallest: int, device: str = "cpu") -> tuple[Photos, Photos]:
    """(for training, held out) from every photo in `folder`, on `device`; every 40th is held out.

    `smallest`: sizes of a photo below this side are left out.
    """
    training, held_out = [], []
    for number, file in enumerate(photo_files(folder)):
        photo = read(file)
        for share in shares(number, *(LOSSY_SIZES if photo.lossy else LOSSLESS_SIZES)):
            size = round(photo.size[0] * share), round(photo.size[1] * share)
            if min(size) >= smallest:
                (held_out if number % HELD_OUT == 0 else training).append(resized(photo, size).rgb)
    return Photos(training, device), Photos(held_out, device)


def shares(number: int, smallest: float, largest: float) -> np.ndarray:
    """(2,): where in either half of this range the sizes of photo `number` lie; always the same ones."""
    half = (largest - smallest) / 2
    return smallest + half * (np.arange(2) + np.random.default_rng(number).random(2))
