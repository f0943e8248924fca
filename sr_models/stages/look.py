"""The stage that changes colours: a look is a table of which colour becomes which, for backdrop and product; no pixel moves.

It comes after the enlargement, whose figures and promises are not touched by it, and before the result's size.
"""

from dataclasses import dataclass, replace

import numpy as np

from sr_models.figures.quality import box_reduce, delta_e
from sr_models.formats.cube import format_cube, parse_cube
from sr_models.photo import Note, Photo, narrow
from sr_models.profiles import decode_srgb, encode_srgb
from sr_models.shop.backdrop import LIGHT, find_backdrop, find_product
from sr_models.stages import Done
from sr_models.stages.resampling import stretch_softly
from sr_models.stages.size import Aim
from sr_models.stages.tables import LOOKS, MOST, ColourTable, look_up, repaint_by_table, restrain, spread_nodes
from sr_models.windows import erode
from sr_models.wishes import Order

NODES = 65
"""Along each side of the table that is made for a photo: close enough for a backdrop that is four levels off white."""
COARSE = 17
"""Along each side of a table of one's own: one with fewer nodes is taken at about as many, so that white, which stays, holds no greys far
below it."""
COLOURFUL = 60
"""Levels: a backdrop with channels as far apart is meant to be colourful."""
BLACK = np.zeros(3)
FADE = 6
"""Pixels of the photo: as far from the product the look of the backdrop sets in, beginning beside it with what the product gets."""

LOOKED = (
    "The look “{look}” changed colours: the background's by ΔE {behind:.1f} on average, the product's by ΔE {product:.1f}. "
    "Not for colour-critical goods; what the faithful mode promises holds for the enlargement before it only."
)
NOTHING = "The look “{look}” changed nothing: no even background was found, or it is as it should be. The product changes if asked for."
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
    source = to.encode(source)
    behind = find_behind(source)
    table, notes = make_table(source, behind, order)
    share = stretch_softly(to.cut(share_out(behind, order.look_strength, order.look_product)), picture.size)
    rgb, alpha = picture.pixels
    repainted = repaint_by_table(rgb, table, share if picture.alpha is None else np.where(picture.alpha > 0, share, 0))
    after = picture if repainted is rgb else replace(picture, rgb=repainted, alpha=alpha, coded=None)
    done = Done.of(picture, after)
    moved = measure_change(picture, after, to.cut(behind)) if done.changed else (0.0, 0.0)
    values = {"look": order.look if order.look in LOOKS else OWN, "behind": moved[0], "product": moved[1]}
    return Looked(after, done.changed, (*notes, Note(LOOKED if done.changed else NOTHING, values)), moved)


def find_behind(photo: Photo) -> np.ndarray:
    """bool (H, W): what a look takes for the backdrop: all but the product, which may meet the border, with specks such as dust."""
    return ~find_product(find_backdrop(photo, cut=True).mask)


def share_out(behind: np.ndarray, backdrop: float, product: float) -> np.ndarray:
    """How much of a look each pixel gets, float32 (H, W): so much of `backdrop` as lies `behind`, bool (H, W), and elsewhere of `product`.

    A pixel around the product has no more than the product yet: so stretching the shares brings nothing of the backdrop's into the product.
    """
    within, steps = behind, np.zeros(behind.shape, np.float32)
    for _ in range(FADE):
        within = erode(within)
        steps += within
    return np.where(behind, np.maximum(backdrop * steps / FADE, min(backdrop, product)), product).astype(np.float32)


def make_table(photo: Photo, behind: np.ndarray, order: Order) -> tuple[ColourTable, tuple[Note, ...]]:
    """(the table of the order's look for a photo with such a backdrop, bool (H, W), and what is to be said of it)."""
    if order.look in LOOKS:
        seen = behind if photo.alpha is None else behind & (photo.alpha > 0)
        return tabulate_whitening(np.median(photo.rgb[seen], axis=0) if seen.any() else BLACK), ()
    colours = parse_cube(order.look)
    change = interpolate_changes(255 * colours - spread_nodes(len(colours)))
    largest = float(np.abs(change).max())
    return restrain(change), (Note(WEAKENED, {"found": largest, "most": MOST}),) if largest > MOST else ()


def interpolate_changes(change: np.ndarray) -> np.ndarray:
    """The changes of a table, float (N, N, N, 3) in levels of 255, interpolated at about COARSE nodes a side; itself if it has over half as
    many."""
    count = len(change)
    finer = (count - 1) * max(1, (COARSE - 1) // (count - 1)) + 1
    levels = np.rint(257 * spread_nodes(finer)).astype(np.uint16)
    return change if finer == count else look_up(levels, ColourTable(change.astype(np.float32)))


def write_look(photo: Photo, name: str) -> str:
    """The text of a .cube file called `name`: the studio look as this photo gets it."""
    behind = find_behind(photo)
    change = make_table(photo, behind, Order(look=LOOKS[0]))[0].change
    return format_cube(
        (spread_nodes(len(change)) + change) / 255, "".join(letter for letter in name if letter.isprintable() and letter != '"')
    )


def tabulate_whitening(colour: np.ndarray) -> ColourTable:
    """The table that makes a backdrop of the median `colour`, (3,) levels of 255, white, or neutral and as light as it gets.

    Each channel is multiplied in linear light, as if the lamp were another one (von Kries, 1902), and nothing gets lighter than white: so
    that what becomes white between two nodes does so wholly, the darker one does too. A backdrop that is dark or colourful is meant to be
    so, and stays.
    """
    if colour.min() < LIGHT or np.ptp(colour) > COLOURFUL:
        return restrain(np.zeros((2, 2, 2, 3)))
    aim = np.clip(min(255.0, colour.min() + MOST), colour - MOST, colour + MOST)
    levels = spread_nodes(NODES)
    gain = decode_srgb(aim / 255) / decode_srgb(colour / 255)
    light = np.where(gain * decode_srgb((levels + 255 / (NODES - 1)) / 255) > 1 + 1e-6, 1, gain * decode_srgb(levels / 255))
    return restrain(255 * encode_srgb(np.minimum(light, 1)) - levels)


def measure_change(before: Photo, after: Photo, behind: np.ndarray) -> tuple[float, float]:
    """Mean ΔE00 between two pictures, reduced to the photo's size, in the backdrop, bool (H, W), and elsewhere; 0 where nothing is."""
    scale = before.size[0] // behind.shape[1]
    difference = delta_e(*(box_reduce(narrow(picture.rgb), scale) for picture in (before, after)))
    return tuple(float(difference[where].mean()) if where.any() else 0.0 for where in (behind, ~behind))  # pyright: ignore[reportReturnType]
