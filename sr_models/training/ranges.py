"""`python -m sr_models.training.ranges --photos FOLDER`: measure what the blocks of our larger networks read, for their form in 8 bits.

Writes weights/ranges.json: name of a weight file → for each block the largest magnitude that its two convolutions read. The crops are drawn
from photos that the networks were trained on, at all scales; a dialled network is asked for any detail.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from sr_models.catalog import CATALOG, SCALES, Entry
from sr_models.nets.edsr import Block, Body, DialledEDSR, EDSRConfig
from sr_models.training.degradation import MARGIN, make_pairs
from sr_models.training.detail import draw_maps
from sr_models.training.photos import Photos, load_photos
from sr_models.weights import RANGES, file_of, load_on_cpu

BATCHES, COUNT, SIDE = 12, 8, 48  # of each scale; pairs, and pixels of their small pictures
ROOM = 1.1
"""How much larger than what was seen the ranges are."""
EXACT = 2
"""So many blocks at the end stay float32: rounded, they would lay a pattern of 1.7 levels on even grounds; so it is 0.7."""
WIDEST_EXACT = 32
"""Networks of no more features stay float32: they gain less than a quarter on processors without VNNI."""
LEAST = 0.01
"""Some blocks rectify everything away."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sr_models.training.ranges", description=__doc__)
    parser.add_argument("--photos", type=Path, nargs="+", required=True, metavar="FOLDER", help="of training photos")
    photos, _ = load_photos(parser.parse_args().photos, [], (SIDE + 2 * MARGIN) * max(SCALES), 1)
    rounded = [entry for entry in CATALOG if isinstance(entry.net, EDSRConfig) and entry.net.features > WIDEST_EXACT]
    found = {file_of(entry): measure(entry, photos) for entry in rounded if entry.net.scale == min(SCALES)}
    rows = [f"  {json.dumps(name)}: {json.dumps(ranges)}" for name, ranges in found.items()]
    RANGES.write_text("{\n" + ",\n".join(rows) + "\n}\n")


@torch.inference_mode()
def measure(entry: Entry, photos: Photos) -> list[tuple[float, ...]]:
    """For each block that is rounded: the largest magnitudes that its first and its second convolution read, with some room."""
    net, random = cast(Body, load_on_cpu(entry)), np.random.default_rng(0)
    seen: defaultdict[nn.Module, float] = defaultdict(float)

    def look(conv: nn.Module, read: tuple[Tensor, ...]) -> None:
        seen[conv] = max(seen[conv], read[0].abs().max().item())

    blocks = [cast(Block, block) for block in net.blocks][:-EXACT]
    for block in blocks:
        for conv in (block.conv1, block.conv2):
            conv.register_forward_pre_hook(look)
    for step in tqdm(range(BATCHES * len(SCALES)), desc=file_of(entry), mininterval=10):
        scale = SCALES[step % len(SCALES)]
        kind = entry.inputs[step // len(SCALES) % len(entry.inputs)]
        small, _ = make_pairs(photos.crops(random, COUNT, (SIDE + 2 * MARGIN) * scale), scale, kind, random)
        detail = (draw_maps(random, COUNT, SIDE),) if isinstance(net, DialledEDSR) else ()
        net.at(scale)(small, *detail)
    return [tuple(round(max(ROOM * seen[conv], LEAST), 3) for conv in (block.conv1, block.conv2)) for block in blocks]


if __name__ == "__main__":
    main()
