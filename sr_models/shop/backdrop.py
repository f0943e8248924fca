"""Finds the backdrop behind a product: its colour, which pixels it has, and the product's box.

The backdrop is what can be reached from the border through pixels close to the border's colour without crossing an edge. So white
parts that the product encloses, and near-white parts behind an edge, belong to the product.
"""

from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F

from sr_models.figures.quality import find_white
from sr_models.photo import Photo
from sr_models.stages.resampling import lay_on, stretch_softly
from sr_models.stages.size import WHITE, Box
from sr_models.windows import mean_around

NEAR = 16  # levels in each channel: what still counts as the border's colour, or as white
EDGE = 4.0  # levels of the mean of R, G and B, between smoothed neighbours: a step of 8 levels is one, noise of 2 is none
RIM = 2  # pixels: as far as smoothing carries an edge
FADE = 8  # pixels: as far beyond the backdrop as a shadow fades into white
EVEN = 0.6  # share of the border: less, and there is no backdrop but a scene
MEETS = 0.05  # share of the border: where more of it is no backdrop, and this is not white either, it is a scene too
PAPER, PURE = 8, 0.99  # levels, and share of the backdrop along the border that is as close to its colour: as even as paper is
LIGHT = 128  # levels: a backdrop with a channel below is meant to be dark
SPECK = 1e-4  # share of the picture: smaller pieces, such as dust, do not count for the product's box
PART = 0.1  # share of the largest piece: from this on, a piece is no speck, however small
HARDLY = 16  # levels of alpha: less is no part of the product


@dataclass(frozen=True)
class Backdrop:
    colour: tuple[int, int, int]
    """R, G, B: the median along the border; white for a photo with transparency."""
    box: Box
    """The product's box: all but the backdrop and specks; the whole picture where there is no backdrop."""
    mask: np.ndarray = field(repr=False, compare=False)
    """bool (H, W): the backdrop. All false where the picture is a scene."""

    @property
    def is_scene(self) -> bool:
        """Whether there is no backdrop: the picture shows a scene."""
        return not self.mask.any()

    @property
    def is_white(self) -> bool:
        """Whether the backdrop is white or nearly so."""
        return not self.is_scene and min(self.colour) >= 255 - NEAR

    @property
    def cut(self) -> float:
        """Share of the border where the product, and not the backdrop, meets it, 0 to 1."""
        return float(1 - border_pixels(self.mask).mean())


def find_backdrop(photo: Photo, cut: bool = False) -> Backdrop:
    """The backdrop of a photo. In a photo with transparency, the transparent pixels are it, and its colour is white.

    A product may meet the border in front of white, and with `cut` in front of paper too: a light ground so even that where it ends at the
    border there is an edge, and not a slope such as a wall's or a table's.
    """
    height, width = photo.rgb.shape[:2]
    if photo.alpha is not None and (photo.alpha < HARDLY).any():
        mask = photo.alpha < HARDLY
        return Backdrop(WHITE, find_product_box(mask), mask)
    edge = border_pixels(photo.rgb)
    red, green, blue = (int(value) for value in np.median(edge, axis=0))
    colour = red, green, blue
    if is_near(edge, colour).mean() < EVEN:
        return Backdrop(colour, (0, 0, width, height), np.zeros((height, width), bool))
    mask = reach_from_border(photo.rgb, colour, photo.noise)
    reached = border_pixels(mask)
    may_be_cut = min(colour) >= 255 - NEAR or (cut and is_paper(edge[reached], colour))
    if not may_be_cut and reached.mean() < 1 - MEETS:
        mask = np.zeros_like(mask)
    return Backdrop(colour, find_product_box(mask), mask)


def border_pixels(picture: np.ndarray) -> np.ndarray:
    """(H, W, …) → (N, …): the outermost pixels, each once."""
    outer = np.ones(picture.shape[:2], bool)
    outer[1:-1, 1:-1] = False
    return picture[outer]


def is_paper(border: np.ndarray, colour: tuple[int, int, int]) -> bool:
    """Whether a backdrop of that `colour` is light, and its pixels along the border, uint8 (N, 3), are as even as paper's."""
    return min(colour) >= LIGHT and is_near(border, colour, PAPER).sum() >= PURE * len(border)


def is_near(rgb: np.ndarray, colour: tuple[int, int, int], near: int = NEAR) -> np.ndarray:
    """uint8 (…, 3) → bool (…): within `near` levels of `colour` in each channel."""
    pairs = zip(np.moveaxis(rgb, -1, 0), colour, strict=True)
    planes = [(plane >= max(0, level - near)) & (plane <= level + near) for plane, level in pairs]
    return np.logical_and.reduce(planes)


def reach_from_border(rgb: np.ndarray, colour: tuple[int, int, int], noise: float = 0.0) -> np.ndarray:
    """bool (H, W): pixels near `colour` that are connected to the border (by sides) without crossing an edge.

    An edge is a difference of more than EDGE levels, and half of `noise` (`Photo.noise`), within 3 × 3 pixels of the smoothed picture.
    """
    near = is_near(rgb, colour)
    grey = torch.from_numpy(rgb.mean(2, dtype=np.float32))[None, None]
    smooth = F.avg_pool2d(F.pad(grey, (1, 1, 1, 1), mode="replicate"), 3, 1)
    spread = (F.max_pool2d(smooth, 3, 1, 1) + F.max_pool2d(-smooth, 3, 1, 1))[0, 0].numpy()
    parts = number_pieces(near & (spread <= EDGE + noise / 2))
    outer = np.zeros(parts.max() + 1, bool)
    outer[border_pixels(parts)] = True
    outer[0] = False
    mask = outer[parts]
    for _ in range(RIM):
        mask = mask | (near & find_alike_beside(mask, grey[0, 0].numpy()))
    return mask


def find_alike_beside(mask: np.ndarray, grey: np.ndarray) -> np.ndarray:
    """bool (H, W): pixels with a neighbour (by a side) in `mask` from which they differ by at most EDGE levels of `grey`."""
    found = np.zeros_like(mask)
    for axis in (0, 1):
        a, b = (np.moveaxis(x, axis, 0) for x in (mask, grey))
        out = np.moveaxis(found, axis, 0)
        alike = np.abs(b[1:] - b[:-1]) <= EDGE
        out[1:] |= a[:-1] & alike
        out[:-1] |= a[1:] & alike
    return found


def find_product_box(mask: np.ndarray) -> Box:
    """The smallest box of all pixels outside of `mask`, the backdrop; specks do not count."""
    height, width = mask.shape
    product = find_product(mask)
    if not product.any():
        return 0, 0, width, height
    rows, columns = np.flatnonzero(product.any(1)), np.flatnonzero(product.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def find_product(mask: np.ndarray) -> np.ndarray:
    """bool (H, W): all pixels outside of `mask`, the backdrop; specks do not count."""
    parts = number_pieces(~mask)
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return ((sizes >= min(SPECK * mask.size, PART * sizes.max())) & (sizes > 0))[parts]


def number_pieces(mask: np.ndarray) -> np.ndarray:
    """bool (H, W) → int32 (H, W): 1, 2, … for the connected pieces (by sides), 0 elsewhere.

    Runs of a row that overlap in neighbouring rows are joined: every run takes the smallest number among its neighbours, and that
    number's own, until nothing changes.
    """
    height, width = mask.shape
    framed = np.zeros((height, width + 2), np.int8)
    framed[:, 1:-1] = mask
    steps = np.diff(framed, axis=1).ravel()
    starts, stops = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    first = np.searchsorted(stops, starts + width + 1, side="right")  # the runs of the next row that overlap
    count = np.maximum(np.searchsorted(starts, stops + width + 1, side="left") - first, 0)
    above = np.repeat(np.arange(len(starts)), count)
    below = np.arange(len(above)) - np.repeat(np.cumsum(count) - count - first, count)
    number = np.arange(len(starts))
    while (number[above] != number[below]).any():
        smallest = np.minimum(number[above], number[below])
        for run in (number[above], number[below]):
            np.minimum.at(number, run, smallest)
        while (number != number[number]).any():
            number = number[number]
    names = np.unique(number, return_inverse=True)[1].astype(np.int32) + 1
    labels = np.zeros(height * (width + 1) + 1, np.int32)
    np.add.at(labels, starts, names)
    np.add.at(labels, stops, -names)
    return np.cumsum(labels[:-1], dtype=np.int32).reshape(height, width + 1)[:, :width]


def off_white(rgb: np.ndarray, mask: np.ndarray, box: Box) -> float:
    """Share of the pixels in `mask`, bool (H, W), or outside of `box` that are not pure white, 0 to 1; 0 where there are none."""
    outside = mask.copy()
    left, top, right, bottom = box
    outside[:top] = outside[bottom:] = True
    outside[:, :left] = outside[:, right:] = True
    return float(1 - find_white(rgb)[outside].mean()) if outside.any() else 0.0


def map_whitening(photo: Photo, behind: np.ndarray, lowest: int) -> np.ndarray:
    """float32 (H, W) in [0, 1]: how far each place may become white: 1 in the backdrop, `behind`, and less with each pixel that is reached
    from there without crossing an edge, as the outskirts of a shadow are, if it is lighter than `lowest`; 0 in the product."""
    rgb = lay_on(photo, WHITE).rgb
    grey, light = rgb.mean(2, dtype=np.float32), rgb.min(2) > lowest
    mask, steps = behind, behind.astype(np.float32)
    for _ in range(1, FADE):
        mask = mask | (light & find_alike_beside(mask, grey))
        steps += mask
    even = mean_around(torch.from_numpy(steps / FADE)[None, None], 3)[0, 0].numpy()
    return np.where(behind, 1, np.where(mask, even, 0)).astype(np.float32)


def snap_to_white(rgb: np.ndarray, places: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """`rgb`, uint8 (H, W, 3), with pure white for the backdrop's `colour` and what is up to NEAR levels darker; from there on, over
    twice as many levels, ever less of that: so a shadow fades into white, and no grey ends beside it.

    `places`, float32 (h, w) as `map_whitening` gives it, says how much of that happens where, and is stretched to the size of `rgb`.
    """
    height, width = rgb.shape[:2]
    light = (rgb.min(2).astype(np.float32) - find_darkest(colour)) / (2 * NEAR)
    share = light.clip(0, 1) * stretch_softly(places, (width, height))
    return np.rint(rgb + (255 - rgb.astype(np.float32)) * share[:, :, None]).astype(np.uint8)


def find_darkest(colour: tuple[int, int, int]) -> int:
    """What remains as it is where a backdrop of this colour becomes white, levels."""
    return min(colour) - 3 * NEAR
