"""The types of a photo in memory and of what is known about it."""

import math
from dataclasses import dataclass, field, replace

import numpy as np

BLOCK = 8  # pixels: side of a block of JPEG's cosine transform
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of R, G, B in the brightness of BT.601."""


@dataclass(frozen=True)
class Note:
    """Something the person should know. `str(note)` is the English sentence, `sentence` the key to a translation."""

    sentence: str
    values: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.sentence.format(**self.values)


@dataclass(frozen=True)
class About:
    """What survives of a file's metadata."""

    dpi: tuple[float, float] | None = None
    """(horizontal, vertical) pixels per inch."""
    artist: str | None = None
    copyright: str | None = None
    source: str | None = None
    """COMPOSITE or GENERATED (about.py), where the file declares that a generator made the picture; else None."""


@dataclass(frozen=True)
class Provenance:
    """What made a result."""

    model: str
    """The id of its catalogue entry."""
    sha256: str | None = None
    """Of the weights, in hexadecimal digits; None where there are none."""
    generative: bool = False
    """Whether the model was asked to add detail that the photo does not hold."""
    fusion: "Provenance | None" = None
    """What added to the mean of several shots; None where nothing did."""
    steps: int = 1
    """How often the network looked at the photo."""


@dataclass(frozen=True)
class Quantisation:
    """How JPEG rounded the coefficients of a picture, which stands upright."""

    steps: np.ndarray
    """float32 (3, 8, 8): the distance between neighbouring values of a coefficient of Y, Cb, Cr, by vertical and horizontal frequency.
    Coefficients are those of the orthonormal transform of levels of 255."""
    sampling: tuple[int, int] = (1, 1)
    """Rows and columns of pixels that share one value of Cb and of Cr; 1, 2 or 4."""
    corner: tuple[int, int] = (0, 0)
    """Where the picture begins in the grid of units: row and column of its first pixel within a unit."""

    @property
    def unit(self) -> tuple[int, int]:
        """Rows and columns of pixels in a block of Cb and Cr; several whole blocks of Y."""
        return BLOCK * self.sampling[0], BLOCK * self.sampling[1]

    def moved(self, top: int, left: int) -> "Quantisation":
        """The quantisation of the part of the picture that begins at this row and column."""
        (row, column), (tall, wide) = self.corner, self.unit
        return replace(self, corner=((row + top) % tall, (column + left) % wide))

    def turned(self, orientation: int, size: tuple[int, int]) -> "Quantisation":
        """The quantisation of a picture of `size` = (width, height) after it was turned as its EXIF `orientation` says."""
        (row, column), (tall, wide), (width, height) = self.corner, self.unit, size
        down, across = self.sampling
        if orientation in (3, 4, 6, 7):  # the last row comes first
            row = -(row + height) % tall
        if orientation in (2, 3, 7, 8):  # the last column comes first
            column = -(column + width) % wide
        if orientation <= 4:
            return replace(self, corner=(row, column))
        return Quantisation(self.steps.swapaxes(1, 2), (across, down), (column, row))


def flat_quantisation(noise: float) -> Quantisation:
    """A stand-in where the file does not tell its steps: equal ones, whose rounding has a standard error of `noise` levels (step/√12).

    Colours are at half the size, as is usual.
    """
    return Quantisation(np.full((3, BLOCK, BLOCK), math.sqrt(12) * noise, np.float32), sampling=(2, 2))


def narrow(pixels: np.ndarray) -> np.ndarray:
    """uint16 (H, W, …) → uint8 (H, W, …): v / 257, rounded, so that black and white stay what they are; uint8 itself."""
    if pixels.dtype == np.uint8:
        return pixels
    narrowed = np.empty(pixels.shape, np.uint8)
    for row, wide in zip(narrowed, pixels, strict=True):  # row by row, to save memory
        row[...] = (wide.astype(np.uint32) + 128) // 257
    return narrowed


def white_of(pixels: np.ndarray) -> int:
    """The highest level of such an array: 255 of uint8, 65535 of uint16."""
    return int(np.iinfo(pixels.dtype).max)


@dataclass(frozen=True)
class Deep:
    """The pixels of a photo with 16 bits a channel."""

    rgb: np.ndarray
    """uint16 (H, W, 3)."""
    alpha: np.ndarray | None
    """uint16 (H, W)."""
    shown: tuple[np.ndarray, np.ndarray | None]
    """The same with 8 bits, (rgb, alpha): the very arrays of the photo that these pixels belong to."""


@dataclass(frozen=True)
class Photo:
    """A picture in host memory: always with 8 bits a channel, and with 16 as well where the file had them.

    `Photo(rgb, alpha)` takes uint16 too: it then keeps them in `deep`, and has them rounded in `rgb` and `alpha`. So whatever knows
    nothing of 16 bits works with 8. It cannot leave the old 16 behind by mistake: where `dataclasses.replace` gives a photo another `rgb`
    or `alpha`, `deep` becomes None unless they are uint16 again.
    """

    rgb: np.ndarray
    """uint8 (H, W, 3), in the colour space of the profile `icc`; sRGB without one."""
    alpha: np.ndarray | None = None
    """uint8 (H, W), 0 is transparent; None where the file had none."""
    icc: bytes | None = None
    """The RGB profile of the file, to be attached to the result."""
    noise: float = 0.0
    """Levels of 255: about the standard error that the file's lossy compression (JPEG, WebP, AVIF) left in its pixels."""
    about: About = field(default_factory=About)
    """Resolution, artist, copyright: what the result's file says too."""
    notes: tuple[Note, ...] = ()
    """What the person should know about how the file was read."""
    coded: Quantisation | None = None
    """How a JPEG's coefficients were rounded, as long as the pixels are the file's own; None where that is not known."""
    made: Provenance | None = None
    """What made it, where a network did."""
    deep: Deep | None = None
    """The same pixels with 16 bits a channel, where they are known."""

    def __post_init__(self) -> None:
        if self.rgb.dtype == np.uint16:
            opacity = self.alpha
            if opacity is not None and opacity.dtype == np.uint8:
                opacity = opacity.astype(np.uint16) * 257
            shown = narrow(self.rgb), None if opacity is None else narrow(opacity)
            for name, value in (("rgb", shown[0]), ("alpha", shown[1]), ("deep", Deep(self.rgb, opacity, shown))):
                object.__setattr__(self, name, value)
        elif self.deep is not None and (self.deep.shown[0] is not self.rgb or self.deep.shown[1] is not self.alpha):
            object.__setattr__(self, "deep", None)

    @property
    def pixels(self) -> tuple[np.ndarray, np.ndarray | None]:
        """(rgb, alpha) with as many bits as are known: both uint16, or both uint8."""
        return (self.rgb, self.alpha) if self.deep is None else (self.deep.rgb, self.deep.alpha)

    @property
    def lossy(self) -> bool:
        return self.noise > 0

    @property
    def quantisation(self) -> Quantisation | None:
        """How the coefficients were rounded, as the file says or else estimated from `noise`; None where the photo is lossless."""
        return (self.coded or flat_quantisation(self.noise)) if self.lossy else None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.rgb.shape[1], self.rgb.shape[0]

    def part(self, rows: slice, columns: slice) -> "Photo":
        """The photo cut to these rows and columns."""
        rgb, alpha = (None if pixels is None else np.ascontiguousarray(pixels[rows, columns]) for pixels in self.pixels)
        return replace(self, rgb=rgb, alpha=alpha, coded=self.coded and self.coded.moved(rows.start, columns.start))
