"""Pairs that are made once, with what a CNN answers and maybe what the pixels aim at, and kept in the folder of the run."""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from tqdm import tqdm

from sr_models.training.degradation import MARGIN, as_pictures, make_pairs
from sr_models.training.photos import Photos, Places, gather_crops
from sr_models.training.recipes import Recipe
from sr_models.training.teachers import Teachers

SIDE = 48  # pixels of the small pictures
AT_ONCE = 8


class StoredPairs(NamedTuple):
    """Pairs of one scale. Each part holds the pixels of all its pictures, one after the other: uint8 (P, 3)."""

    small: Tensor
    large: Tensor
    """The originals."""
    cnn: Tensor
    """What a CNN answers."""
    aim: Tensor | None = None
    """What the teachers aim at, for a network with a dial."""

    def draw(self, random: np.random.Generator, scale: int, count: int, side: int) -> list[Tensor]:
        """The parts of random pairs, cut, turned and mirrored alike: (count, 3, side, side), all but the first larger."""
        index, y, x, turns, mirrored = torch.from_numpy(random.random((5, count)))
        index = (index * (len(self.small) // SIDE**2)).long()
        top, left = ((place * (SIDE - side + 1)).long() for place in (y, x))
        how = (4 * turns).long(), mirrored < 0.5
        width = torch.full_like(index, SIDE)
        places = Places(index * SIDE**2 + top * SIDE + left, width, *how)
        enlarged = Places((index * SIDE**2 * scale + top * SIDE * scale + left) * scale, width * scale, *how)
        larger = (gather_crops(part, enlarged, side * scale) for part in self[1:] if part is not None)
        return [as_pictures(part) for part in (gather_crops(self.small, places, side), *larger)]


def as_pixels(pictures: Tensor) -> Tensor:
    """(N, 3, H, W) in about [0, 1] → uint8 (N·H·W, 3), on the CPU."""
    return (pictures.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).reshape(-1, 3).cpu()


def load_pairs(path: Path, photos: Photos, count: int, scale: int, recipe: Recipe, teachers: Teachers) -> StoredPairs:
    """`count` pairs from the file `path`, which is made first where it does not hold what was asked for."""
    asked = json.dumps([count, scale, recipe.degradation, teachers.hashes, len(photos.pixels), recipe.seed])
    if path.exists():
        with safe_open(path, "pt") as file:
            known = file.metadata().get("asked") == asked
        if known:
            return StoredPairs(**load_file(path))
    random = np.random.default_rng([recipe.seed, scale])
    made = []
    for start in tqdm(range(0, count, AT_ONCE), desc=f"pairs of {scale}×", mininterval=10):
        crops = photos.crops(random, min(AT_ONCE, count - start), (SIDE + 2 * MARGIN) * scale)
        small, large = make_pairs(crops, scale, recipe.degradation, random)
        made.append([as_pixels(part) for part in (small, large, *teachers.answers(small, scale)) if part is not None])
    pairs = StoredPairs(*(torch.cat(parts) for parts in zip(*made, strict=True)))
    part = path.with_suffix(".part")
    save_file({name: tensor for name, tensor in pairs._asdict().items() if tensor is not None}, part, {"asked": asked})
    part.replace(path)
    return pairs
