"""A file that was opened: its first picture, and what is to be said of it."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from sr_models.photo import Note

DEEP = "The photo has more than 8 bits a channel; the result has 8."
MORE_CHANNELS = "The file has more channels than colours and transparency: they were left out."
SEVERAL = "The file holds several pictures: the first one was read."


@dataclass(frozen=True)
class Opened:
    """The first picture of a file."""

    image: Image.Image
    """It holds 8 bits a channel; where Pillow decodes the file, that is perhaps not done yet."""
    alpha: np.ndarray | None = None
    """Its opacity, uint8 (H, W), where `image` does not hold it."""
    deep: np.ndarray | None = None
    """Its values, uint16 (H, W, C), grey or colours and opacity if it has one, where Pillow cannot decode them."""
    notes: tuple[Note, ...] = ()
