"""Transparency: colours for the pixels that it hides, and which pixels of an alpha channel lie at an edge."""

from dataclasses import replace
from functools import reduce

import numpy as np

from sr_models.photo import Photo, white_of
from sr_models.windows import erode, neighbours

BLEED = 35  # pixels: at least one more than any network of the catalogue looks, since an enlarged alpha may reach one pixel further
FAINT = 16  # alpha: below it, a colour that was ever weighed by its opacity in 8 bits is known to ±8 levels at best
AT_ONCE = 500_000  # pixels of a ring, so that a dithered alpha needs no more memory than the photo


def bleed(photo: Photo) -> np.ndarray:
    """→ rgb uint8 (H, W, 3), in which the colours of visible pixels spread BLEED pixels into the (nearly) transparent ones.

    In the file, hidden pixels have any colour, often black, and a network would draw it into the product's edge. Farther away than
    BLEED pixels, fully transparent pixels become white.
    """
    return bleed_deep(replace(photo, deep=None))


def bleed_deep(photo: Photo) -> np.ndarray:
    """As `bleed`, uint16 where the photo has 16 bits a channel."""
    rgb, alpha = photo.pixels[0], photo.alpha
    if alpha is None:
        return rgb
    width = alpha.shape[1] + 2  # with a frame of one pixel that stays unknown
    around = np.array([y * width + x for y in (-1, 0, 1) for x in (-1, 0, 1) if y or x])
    hidden = np.pad(alpha < FAINT, 1)
    known = np.pad(alpha >= FAINT, 1)
    ring = np.flatnonzero(~erode(~known) & hidden)
    framed = np.pad(rgb, ((1, 1), (1, 1), (0, 0)))
    framed[np.pad(alpha == 0, 1)] = white_of(rgb)
    hidden, known, colour = hidden.ravel(), known.ravel(), framed.reshape(-1, 3)
    for _ in range(BLEED):
        reached = [ring[:0]]
        for part in (ring[start : start + AT_ONCE] for start in range(0, len(ring), AT_ONCE)):
            neighbours = part[:, None] + around
            weights = known[neighbours].astype(np.float32)
            mean = np.einsum("nk,nkc->nc", weights, colour[neighbours].astype(np.float32)) / weights.sum(1, keepdims=True)
            colour[part] = np.rint(mean)
            reached.append(np.unique(neighbours[hidden[neighbours]]))
        known[ring], hidden[ring] = True, False
        ring = np.unique(np.concatenate(reached))
        ring = ring[hidden[ring]]
    return np.ascontiguousarray(framed[1:-1, 1:-1])


def take_faint_from(picture: np.ndarray, photo: Photo) -> Photo:
    """The photo with the colours of `picture`, uint8 (H, W, 3), where it hardly shows: there they are not to be compared."""
    return photo if photo.alpha is None else replace(photo, rgb=np.where(photo.alpha[:, :, None] < FAINT, picture, photo.rgb))


def find_undecided(alpha: np.ndarray) -> np.ndarray:
    """(H, W) bool: the pixels with a neighbour of another alpha. All others keep their value in the enlargement."""
    around = neighbours(alpha)
    return reduce(np.minimum, around) != reduce(np.maximum, around)


def is_hard(alpha: np.ndarray) -> bool:
    """Whether every pixel is either hidden or opaque, as palettes have it; uint8 or uint16."""
    return bool(((alpha == 0) | (alpha == white_of(alpha))).all())
