"""The size that is asked for, and how a photo is cut or padded to it; all in integers, so that results have exactly that size."""

import re
from dataclasses import dataclass, replace

import numpy as np

from sr_models.catalog import SCALES
from sr_models.colour import encode_colour
from sr_models.errors import PhotoError
from sr_models.photo import Photo, white_of

MAX_OUTPUT_PIXELS = 200_000_000
HOWS = ("fit", "fill", "pad")
MAX_FACTOR = max(SCALES) ** 2

Size = tuple[int, int]
"""(width, height) in pixels."""
Box = tuple[int, int, int, int]
"""(left, top, right, bottom) in pixels; right and bottom lie one beyond the last."""
WHITE = (255, 255, 255)


@dataclass(frozen=True)
class TargetSize:
    """The size that a result shall have, in pixels. Raises PhotoError for one that no picture has."""

    width: int
    height: int
    how: str = "fit"
    """Where the photo has another shape: "fit" makes it as large as fits in, so that one side may be smaller than asked; "fill"
    covers all and cuts off what protrudes, alike on both sides; "pad" fits it in and surrounds it with `colour`."""
    colour: tuple[int, int, int] = WHITE
    """R, G, B in sRGB of what "pad" adds; it is transparent where the photo has transparency."""

    def __post_init__(self) -> None:
        check_how(self.how)
        if min(self.width, self.height) < 1:
            raise PhotoError(
                "A picture of {width} × {height} pixels is not possible. Give sides of 1 pixel or more.",
                width=self.width,
                height=self.height,
            )
        if self.how != "fit" and self.width * self.height > MAX_OUTPUT_PIXELS:  # "fit" may well become smaller than this
            raise result_too_large((self.width, self.height))

    def content(self, size: Size) -> Size:
        """How large the whole photo of `size` becomes, before anything is cut off or added."""
        width, height = size
        canvas_is_wider = self.width * height >= self.height * width
        if canvas_is_wider != (self.how == "fill"):
            return max(1, divide_rounding(width * self.height, height)), self.height
        return self.width, max(1, divide_rounding(height * self.width, width))

    def result(self, size: Size) -> Size:
        """How large the result of a photo of `size` is."""
        return self.content(size) if self.how == "fit" else (self.width, self.height)


def check_how(how: str) -> str:
    """`how` if it is one of HOWS. Raises PhotoError."""
    if how not in HOWS:
        raise PhotoError("“{how}” is no way to bring a photo into a size. Choose fit, fill or pad.", how=how)
    return how


def long_side(pixels: int) -> TargetSize:
    """The longer side of the result; the other follows the photo's shape."""
    return TargetSize(pixels, pixels)


def times(size: Size, factor: float) -> TargetSize:
    """`factor` times a photo of `size`, each side rounded. Raises PhotoError."""
    if not 0 < factor <= MAX_FACTOR:
        raise PhotoError("{factor} times is not offered. Give a factor of up to {limit}.", factor=factor, limit=MAX_FACTOR)
    width, height = (max(1, int(side * factor + 0.5)) for side in size)
    return TargetSize(width, height, "fill")


def parse_size(text: str, how: str = "fit") -> TargetSize:
    """The size in words like "1600x1200" (width first; also ×, * and spaces). Raises PhotoError."""
    found = re.fullmatch(r"\s*(\d{1,6})\s*[xX×*]\s*(\d{1,6})\s*", text, re.ASCII)
    if not found:
        raise PhotoError("“{text}” is no size. Give width and height in pixels, such as 1600x1200.", text=text)
    return TargetSize(int(found[1]), int(found[2]), how)


@dataclass(frozen=True)
class Aim:
    """Where a photo shall go: all of it into a size, unless a subclass (`marketplace.Canvas`) says otherwise."""

    photo: Photo
    """What is to be enlarged."""
    target: TargetSize

    @property
    def content(self) -> Size:
        """The size that `photo` becomes, before anything is cut off or added."""
        return self.target.content(self.photo.size)

    @property
    def size(self) -> Size:
        """Of the result."""
        return self.target.result(self.photo.size)

    def encode(self, whole: Photo) -> Photo:
        """The whole photo, of which `photo` is a part, with its colours encoded as that part's are."""
        return whole

    def cut(self, places: np.ndarray) -> np.ndarray:
        """An array (H, W, …) on the whole photo, cut to the part that is to be enlarged."""
        return places

    def lay(self, content: Photo) -> Photo:
        """The result, from what was enlarged and has now the size `self.content`: cut in the middle, or padded."""
        width, height = size = self.target.result(self.photo.size)
        left, top = (content.size[0] - width) // 2, (content.size[1] - height) // 2
        box = left, top, left + width, top + height
        return content if content.size == size else cut_window(content, box, encode_colour(content, self.target.colour))


def divide_rounding(a: int, b: int) -> int:
    """a / b, rounded, a half upwards; a ≥ 0, b > 0."""
    return (2 * a + b) // (2 * b)


def result_too_large(size: Size) -> PhotoError:
    return PhotoError(
        "For this size a picture of {width} × {height} pixels would have to be made; up to {limit} megapixels are. "
        "Choose a smaller size or photo.",
        width=size[0],
        height=size[1],
        limit=MAX_OUTPUT_PIXELS // 1_000_000,
    )


def cut_window(photo: Photo, box: Box, colour: tuple[int, int, int] = WHITE) -> Photo:
    """The part of a photo that lies in a box; `colour`, transparent if the photo is, where the box lies outside of it."""
    pixels, opacity = photo.pixels
    alpha = None if opacity is None else cut_pixels(opacity, box, 0)
    rgb = cut_pixels(pixels, box, np.multiply(colour, white_of(pixels) // 255))
    return replace(photo, rgb=rgb, alpha=alpha, coded=photo.coded and photo.coded.moved(box[1], box[0]))


def cut_pixels(pixels: np.ndarray, box: Box, outside: object) -> np.ndarray:
    """The part of an array (H, W, …) that lies in a box, filled up with `outside` where the box lies beyond the array."""
    left, top, right, bottom = box
    height, width = pixels.shape[:2]
    rows, columns = slice(max(top, 0), min(bottom, height)), slice(max(left, 0), min(right, width))
    result = np.empty((bottom - top, right - left, *pixels.shape[2:]), pixels.dtype)
    result[:] = outside
    result[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = pixels[rows, columns]
    return result


def limit_longest_side(size: Size, most: int) -> Size:
    """`size`, or as much smaller as it takes for its longer side to have `most` pixels; no side is less than 1."""
    share = min(1, most / max(size))
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))
