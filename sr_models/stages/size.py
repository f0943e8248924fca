"""A wish for the size of a result, and the way there: one or two passes of a network, then one reduction.

How large everything will be is decided in integers, so that a result has exactly the size that was asked for.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod

import numpy as np

from sr_models.catalog import CATALOG, PUBLISHED, SCALES
from sr_models.colour import colour_for
from sr_models.device import Device, choose
from sr_models.errors import PhotoError
from sr_models.photo import Photo
from sr_models.stages.alpha import bled
from sr_models.stages.enlarge import MAX_OUTPUT_PIXELS, Result, upscale
from sr_models.stages.faithful import checked, keep
from sr_models.stages.resampling import reduced_to

HOWS = ("fit", "fill", "pad")
MAX_FACTOR = max(SCALES) ** 2

Size = tuple[int, int]
"""(width, height) in pixels."""


@dataclass(frozen=True)
class Wish:
    """The size that a result shall have, in pixels. Raises PhotoError for one that no picture has."""

    width: int
    height: int
    how: str = "fit"
    """Where the photo has another shape: "fit" makes it as large as fits in, so that one side may be smaller than asked; "fill"
    covers all and cuts off what protrudes, alike on both sides; "pad" fits it in and surrounds it with `colour`."""
    colour: tuple[int, int, int] = (255, 255, 255)
    """R, G, B in sRGB of what "pad" adds; it is transparent where the photo has transparency."""

    def __post_init__(self) -> None:
        if self.how not in HOWS:
            raise PhotoError("“{how}” is no way to bring a photo into a size. Choose fit, fill or pad.", how=self.how)
        if min(self.width, self.height) < 1:
            raise PhotoError(
                "A picture of {width} × {height} pixels is not possible. Give sides of 1 pixel or more.",
                width=self.width,
                height=self.height,
            )
        if self.how != "fit" and self.width * self.height > MAX_OUTPUT_PIXELS:  # "fit" may well become smaller than this
            raise too_large((self.width, self.height))

    def content(self, size: Size) -> Size:
        """How large the whole photo of `size` becomes, before anything is cut off or added."""
        width, height = size
        canvas_is_wider = self.width * height >= self.height * width
        if canvas_is_wider != (self.how == "fill"):
            return max(1, quotient(width * self.height, height)), self.height
        return self.width, max(1, quotient(height * self.width, width))

    def result(self, size: Size) -> Size:
        """How large the result of a photo of `size` is."""
        return self.content(size) if self.how == "fit" else (self.width, self.height)


def long_side(pixels: int) -> Wish:
    """The longer side of the result; the other follows the photo's shape."""
    return Wish(pixels, pixels)


def times(size: Size, factor: float) -> Wish:
    """`factor` times a photo of `size`, each side rounded. Raises PhotoError."""
    if not 0 < factor <= MAX_FACTOR:
        raise PhotoError("{factor} times is not offered. Give a factor of up to {limit}.", factor=factor, limit=MAX_FACTOR)
    width, height = (max(1, int(side * factor + 0.5)) for side in size)
    return Wish(width, height, "fill")


def parsed(text: str, how: str = "fit") -> Wish:
    """A wish from words like "1600x1200" (width first; also ×, * and spaces). Raises PhotoError."""
    found = re.fullmatch(r"\s*(\d{1,6})\s*[xX×*]\s*(\d{1,6})\s*", text, re.ASCII)
    if not found:
        raise PhotoError("“{text}” is no size. Give width and height in pixels, such as 1600x1200.", text=text)
    return Wish(int(found[1]), int(found[2]), how)


def quotient(a: int, b: int) -> int:
    """a / b, rounded, a half upwards; a ≥ 0, b > 0."""
    return (2 * a + b) // (2 * b)


def too_large(size: Size) -> PhotoError:
    return PhotoError(
        "For this size a picture of {width} × {height} pixels would have to be made; up to {limit} megapixels are. "
        "Choose a smaller size or photo.",
        width=size[0],
        height=size[1],
        limit=MAX_OUTPUT_PIXELS // 1_000_000,
    )


def factors(size: Size, wish: Wish, first: tuple[int, ...] = SCALES) -> tuple[int, ...]:
    """The smallest factors that make a photo of `size` large enough for `wish`: none, one, or two where one does not suffice.

    `first` are the scales of the chosen model. Of two factors the smaller comes first: a third of the time of the other order, for
    0.06 dB of PSNR on Y less (6, 8 and 12 times, CNN, 10 product photos). Raises PhotoError where two passes are not enough.
    """
    needed = max(-(-wanted // side) for wanted, side in zip(wish.content(size), size, strict=True))
    if needed <= 1:
        return ()
    ways = [(a,) for a in first] + [(a, b) for a in first for b in SCALES]
    enough = [way for way in ways if prod(way) >= needed]
    if not enough:
        raise PhotoError(
            "The photo has {photo} pixels and would have to become {needed} times as large; up to {limit} times are made. "
            "Choose a smaller size or a larger photo.",
            photo="{} × {}".format(*size),
            needed=needed,
            limit=max(map(prod, ways)),
        )
    return min(enough, key=lambda way: (prod(way), len(way), way))


@dataclass(frozen=True)
class Sized:
    """A photo in the size that was asked for, and how it came about."""

    photo: Photo
    """The result."""
    source: Photo
    """What it was made from."""
    master: Photo
    """What the last pass made: `scale` times the source, whole. The source itself where no network was needed."""
    scale: int
    """Of the master, 1 to 16: `report.compared(source, master, faithful)` is its report card."""
    passes: tuple[Result, ...]
    """The passes of networks, in their order; none where the photo was large enough."""
    promise_holds: bool
    """Whether what the faithful mode promises holds for the result itself. False as soon as the master was reduced, cut or padded:
    then it holds for the master, and reducing the result no longer gives the photo back."""

    @property
    def seconds(self) -> float:
        """Of the passes, wall-clock."""
        return sum(result.seconds for result in self.passes)


def enlarged_to(
    photo: Photo,
    wish: Wish,
    *,
    model: str = "cnn",
    input: str = "auto",
    faithful: str = "colour",
    detail: float | None = None,
    protect: np.ndarray | None = None,
    device: Device | None = None,
    progress: Callable[[int, int], object] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Sized:
    """The photo in the size of `wish`; everything else as in `upscale`, `protect` in pixels of the photo.

    A second pass is made by the same family; `faithful` binds what both have made to the photo itself. `progress` counts the
    tiles of both as if they were one pass. Raises what `upscale` raises, and PhotoError for a size out of reach.
    """
    level = checked(faithful)
    way = factors(photo.size, wish, scales(model))
    whole = photo.size[0] * prod(way), photo.size[1] * prod(way)
    for size in (whole, wish.result(photo.size)):
        if size[0] * size[1] > MAX_OUTPUT_PIXELS:
            raise too_large(size)
    device = device or choose()
    master, passes = photo, []
    work = [prod(way[:number]) ** 2 for number in range(len(way))]
    for number, scale in enumerate(way):

        def show(done: int, total: int, number: int = number) -> None:
            progress(sum(work[:number]) * total + work[number] * done, sum(work) * total)

        again = number > 0
        result = upscale(
            replace(master, noise=0.0) if again else photo,
            scale=scale,
            model=passes[0].entry.family if again else model,
            input="clean" if again else input,
            faithful=level,
            detail=detail,
            protect=protect if protect is None or not again else protect.repeat(way[0], 0).repeat(way[0], 1),
            device=device,
            progress=show,
            cancelled=cancelled,
        )
        passes.append(result)
        master = result.photo
    if len(way) > 1:
        keep(master.rgb, photo.rgb if level == "exact" else bled(photo), level, photo.quantisation)
        if level == "exact" and master.alpha is not None and photo.alpha is not None:
            keep(master.alpha[:, :, None], photo.alpha[:, :, None], level)
    shaped = placed(reduced_to(master, wish.content(photo.size)), wish)
    return Sized(shaped, photo, master, prod(way), tuple(passes), promise_holds=shaped is master)


def scales(model: str) -> tuple[int, ...]:
    """The scales that a model, id or family, has; all where there is none of this name, which `upscale` says."""
    return tuple(sorted({entry.net.scale for entry in (*CATALOG, *PUBLISHED) if model in (entry.id, entry.family)})) or SCALES


def placed(photo: Photo, wish: Wish) -> Photo:
    """A photo that has the wish's `content` size, cropped in the middle or padded to its `result` size."""
    if wish.how == "fit" or photo.size == (wish.width, wish.height):
        return photo
    left, top = (photo.size[0] - wish.width) // 2, (photo.size[1] - wish.height) // 2
    return window(photo, (left, top, left + wish.width, top + wish.height), colour_for(photo, wish.colour))


def window(photo: Photo, box: tuple[int, int, int, int], colour: tuple[int, int, int] = (255, 255, 255)) -> Photo:
    """The part (left, top, right, bottom) of a photo; `colour`, transparent if the photo is, where the box lies outside of it."""
    left, top, right, bottom = box
    width, height = photo.size
    rows, columns = slice(max(top, 0), min(bottom, height)), slice(max(left, 0), min(right, width))
    inside = slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)
    rgb = np.empty((bottom - top, right - left, 3), np.uint8)
    rgb[:] = colour
    rgb[inside] = photo.rgb[rows, columns]
    alpha = None
    if photo.alpha is not None:
        alpha = np.zeros(rgb.shape[:2], np.uint8)
        alpha[inside] = photo.alpha[rows, columns]
    return replace(photo, rgb=rgb, alpha=alpha, coded=photo.coded and photo.coded.moved(top, left))
