"""`python -m sr_models.training.shortening ID FILE`: write weights/ID.safetensors, which is FILE less the blocks that add nothing."""

import argparse
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from sr_models.nets.edsr import DialledEDSRConfig, EDSRConfig

WEIGHTS = Path(__file__).parents[2] / "weights"


@dataclass(frozen=True)
class Shortening:
    id: str
    """The id of the weights, the same as in the catalogue."""
    net: EDSRConfig
    start: str
    """The id of the weights that are shortened, which a recipe trained."""
    without: tuple[int, ...]
    """The blocks that are left out, counted from 0."""


SHORTENINGS = (
    Shortening("cnn-v8", EDSRConfig(96, 14, 4), "cnn-v7", (2, 3)),
    Shortening("cnn-web-v8", EDSRConfig(96, 14, 4), "cnn-web-v7", (2, 3)),
    Shortening("gan-v14", DialledEDSRConfig(96, 14, 4), "gan-v13", (2, 3)),
)


def main() -> None:
    known = {shortening.id: shortening for shortening in SHORTENINGS}
    parser = argparse.ArgumentParser(prog="python -m sr_models.training.shortening", description=__doc__)
    parser.add_argument("id", choices=known)
    parser.add_argument("file", type=Path, help="the weights to start from")
    options = parser.parse_args()
    found = drop_blocks(load_file(options.file), known[options.id].without)
    save_file({name: value.half().contiguous() for name, value in found.items()}, WEIGHTS / f"{options.id}.safetensors")


def drop_blocks(weights: dict[str, Tensor], places: Collection[int]) -> dict[str, Tensor]:
    """`weights` of an `EDSR`, with or without a dial, less the blocks at `places`, of which the first is none. All float32.

    The answers stay the same where nothing comes through the rectifiers of these blocks: each then adds the bias of its second convolution,
    which the nearest block before it that stays adds from now on.
    """
    weights = {name: value.to(torch.float32, copy=True) for name, value in weights.items()}
    blocks = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blocks."))
    stay = [place for place in range(blocks) if place not in places]
    for place in places:
        before, added = max(other for other in stay if other < place), weights[f"blocks.{place}.conv2.bias"]
        weights[f"blocks.{before}.conv2.bias"] += added
        if "gain" in weights:
            gain, shift = weights["gain"], weights["shift"]
            shift[before, 1] += (gain[place, 1] - gain[before, 1]) * added + shift[place, 1]
    found = {name: value[stay] if name in ("gain", "shift") else value for name, value in weights.items() if not name.startswith("blocks.")}
    for number, place in enumerate(stay):
        for part in ("conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias"):
            found[f"blocks.{number}.{part}"] = weights[f"blocks.{place}.{part}"]
    return found


if __name__ == "__main__":
    main()
