"""The stage that changes colours: a look is a table of which colour becomes which, for backdrop and product; no pixel moves.

It comes after the enlargement, whose figures and promises are not touched by it, and before the result's size.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch

from sr_models import weights
from sr_models.catalog import LOOKS
from sr_models.figures.quality import box_reduce, delta_e
from sr_models.formats.cube import parse_cube
from sr_models.photo import Note, Photo, narrow
from sr_models.shop.backdrop import find_backdrop, find_product
from sr_models.stages import Done
from sr_models.stages.resampling import resized, stretch_softly
from sr_models.stages.size import Aim
from sr_models.stages.tables import MOST, ColourTable, repaint_by_tables, restrain, spread_nodes
from sr_models.windows import erode
from sr_models.wishes import Order

THUMBNAIL = 64
"""Pixels: side of the square that a photo is reduced to, of whatever shape, before a network chooses its tables."""
FADE = 6
"""Pixels of the photo: as far from the product the backdrop's table sets in, beginning with nothing of it beside the outline."""
FINEST = 16
"""Parts of a level in which a network's tables are rounded: what processors compute differently is far less."""

LOOKED = (
    "The look “{look}” changed colours: the background's by ΔE {behind:.1f} on average, the product's by ΔE {product:.1f}. "
    "Not for colour-critical goods; what the faithful mode promises holds for the enlargement before it only."
)
NOTHING = (
    "The look “{look}” changed nothing. It changes an even background that is not pure white yet; the product, where that is asked for."
)
WEAKENED = "The look asks for changes of up to {found:.0f} levels of 255. No colour changes by more than {most:.0f}."
OWN = "own"
"""What a look from a .cube file is called."""


@dataclass(frozen=True)
class Looked(Done):
    """What a look made of an enlargement."""

    moved: tuple[float, float] | None = None
    """Mean ΔE00 between before and after in the backdrop and in the product, reduced to the photo's size; None without a look."""


def look(picture: Photo, source: Photo, to: Aim, order: Order) -> Looked:
    """`picture`, the enlargement of what is to be enlarged of `source`, with the colours that the order's look gives it."""
    if not order.look or not (order.look_strength or order.look_product):
        return Looked(picture, False)
    backdrop = find_backdrop(source).mask
    behind = backdrop & ~find_product(backdrop)
    tables, notes = choose_tables(source, behind, order)
    height, width = picture.rgb.shape[:2]
    seen = 1.0 if picture.alpha is None else (picture.alpha > 0).astype(np.float32)
    shares = [
        seen * strength * stretch_softly(to.cut(share), (width, height))
        for share, strength in zip(share_out(behind), (order.look_strength, order.look_product), strict=True)
    ]
    rgb, alpha = picture.pixels
    repainted = repaint_by_tables(rgb, list(zip(tables, shares, strict=True)))
    after = picture if repainted is rgb else replace(picture, rgb=repainted, alpha=alpha, coded=None)
    done = Done.of(picture, after)
    moved = measure_change(picture, after, to.cut(behind)) if done.changed else (0.0, 0.0)
    values = {"look": name_look(order), "behind": moved[0], "product": moved[1]}
    return Looked(after, done.changed, (*notes, Note(LOOKED if done.changed else NOTHING, values)), moved)


def name_look(order: Order) -> str:
    """What the order's look is called."""
    return order.look if order.look in (entry.name for entry in LOOKS) else OWN


def share_out(behind: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """bool (H, W) → float32 (H, W), (H, W) in [0, 1]: how much of each pixel is the backdrop's, and how much the product's.

    All that is not backdrop is the product's alone, with a pixel around: so stretching the shares brings nothing of the backdrop there.
    """
    within, steps = behind, np.zeros(behind.shape, np.float32)
    for _ in range(FADE):
        within = erode(within)
        steps += within
    return steps / FADE, (~behind).astype(np.float32)


def choose_tables(photo: Photo, behind: np.ndarray, order: Order) -> tuple[tuple[ColourTable, ColourTable], tuple[Note, ...]]:
    """(the tables of backdrop and product, what is to be said of them). A look from a file is the same for both."""
    named = {entry.name: entry for entry in LOOKS}
    if order.look in named:
        net = weights.load_look(named[order.look])
        small = resized(photo, (THUMBNAIL, THUMBNAIL)).rgb
        rgb = torch.from_numpy(small.copy()).permute(2, 0, 1)[None] / 255
        share = torch.from_numpy(stretch_softly(behind.astype(np.float32), (THUMBNAIL, THUMBNAIL)).copy())[None, None]
        with torch.no_grad():
            changes = np.rint(255 * FINEST * net(rgb, share)[0].numpy()) / FINEST
        return (restrain(changes[0]), restrain(changes[1])), ()
    colours = parse_cube(order.look)
    change = 255 * colours - spread_nodes(len(colours))
    largest = float(np.abs(change).max())
    table = restrain(change)
    return (table, table), (Note(WEAKENED, {"found": largest, "most": MOST}),) if largest > MOST else ()


def measure_change(before: Photo, after: Photo, behind: np.ndarray) -> tuple[float, float]:
    """Mean ΔE00 between two pictures, reduced to the photo's size, in the backdrop, bool (H, W), and elsewhere; 0 where nothing is."""
    scale = before.size[0] // behind.shape[1]
    difference = delta_e(*(box_reduce(narrow(picture.rgb), scale) for picture in (before, after)))
    return tuple(float(difference[where].mean()) if where.any() else 0.0 for where in (behind, ~behind))  # pyright: ignore[reportReturnType]
