"""A colour table: which colour becomes which, and nothing about where. So it cannot move, add or remove a pixel."""

from dataclasses import dataclass, field

import numpy as np

from sr_models.photo import white_of
from sr_models.tiles import split_into_bands

MOST = 24.0
"""Levels of 255: no channel of any colour changes by more."""
LOOKS = ("studio",)
"""The looks that need no file."""
BAND = 128  # rows looked up at once: some forty arrays as large as they are at work meanwhile


@dataclass(frozen=True)
class ColourTable:
    """What is added to each colour: at nodes that are evenly spread over the cube of all colours, and linear between them.

    White stays white, no channel changes by more than MOST, and a ramp of greys stays a ramp in each channel: `restrain` sees to it.
    """

    change: np.ndarray = field(repr=False)
    """float32 (N, N, N, 3), by level of red, green and blue: what is added to R, G and B, in levels of 255."""


def spread_nodes(count: int) -> np.ndarray:
    """float64 (N, N, N, 3): R, G and B of the nodes of a table with `count` of them along each side, in levels of 255."""
    levels = np.linspace(0, 255, count)
    return np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1)


def restrain(change: np.ndarray) -> ColourTable:
    """The table of changes, float (N, N, N, 3) in levels of 255, as far as a look may go.

    Each is cut to MOST, that of white is 0, and all are weakened alike where a darker grey would otherwise become the lighter one: of the
    greys only those of the diagonal count, as `look_up` goes from one of them to the next.
    """
    bounded = np.clip(change, -MOST, MOST)
    bounded[-1, -1, -1] = 0
    along = np.arange(len(bounded))
    steps = np.diff(bounded[along, along, along], axis=0)
    share = min(1.0, 255 / (len(bounded) - 1) / max(-steps.min(), 1e-9))
    return ColourTable((share * bounded).astype(np.float32))


def look_up(pixels: np.ndarray, table: ColourTable) -> np.ndarray:
    """The change of each pixel: uint8 or uint16 (…, 3) → float32 (…, 3), in levels of 255.

    Between the nodes by tetrahedra, six to a cube, which all have the diagonal of greys as an edge (Sakamoto & Itooka, US 4275413, 1981):
    from the darker corner along the strongest of the three fractions, then the next, then the weakest.
    """
    count, flat = len(table.change), table.change.reshape(-1, 3)
    place = pixels.reshape(-1, 3).astype(np.float32) * np.float32((count - 1) / white_of(pixels))
    node = np.minimum(place.astype(np.intp), count - 2)
    fraction = place - node
    order = np.argsort(-fraction, axis=1, kind="stable")
    ranked = np.take_along_axis(fraction, order, axis=1)
    stride = np.array([count * count, count, 1])
    corner = node @ stride
    weight = 1 - ranked[:, 0]
    change = weight[:, None] * flat[corner]
    for step in range(3):
        corner = corner + stride[order[:, step]]
        weight = ranked[:, step] - (ranked[:, step + 1] if step < 2 else 0)
        change += weight[:, None] * flat[corner]
    return change.reshape(pixels.shape)


def repaint_by_table(rgb: np.ndarray, table: ColourTable, share: np.ndarray) -> np.ndarray:
    """`rgb`, uint8 or uint16 (H, W, 3), with as much of the table's change at each pixel as `share`, float32 (H, W) in [0, 1], says; itself
    where all of that is nothing. In bands of rows, to save memory.
    """
    if not table.change.any() or not share.any():
        return rgb
    result, unit = np.empty_like(rgb), white_of(rgb) / 255
    for rows in split_into_bands(len(rgb), BAND):
        change = share[rows][:, :, None] * look_up(rgb[rows], table)
        result[rows] = np.rint(rgb[rows] + unit * change).clip(0, white_of(rgb))
    return result
