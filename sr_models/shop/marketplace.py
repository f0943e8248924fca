"""Makes a photo ready for a marketplace, and says rule by rule whether it is.

The product is found in front of its backdrop, enlarged or reduced, and centred on the preset's square canvas. No background is
invented: where the photo's is not white, the checklist says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

import numpy as np

from sr_models.colour import convert_to_srgb
from sr_models.photo import Photo
from sr_models.shop.backdrop import Backdrop, find_backdrop, find_darkest, map_whitening, off_white, snap_to_white
from sr_models.shop.presets import Preset
from sr_models.stages.resampling import lay_on
from sr_models.stages.size import WHITE, Aim, Box, Size, TargetSize, cut_pixels, cut_window
from sr_models.windows import erode

OFF_WHITE = 0.001
"""Share of the background that may miss pure white: a speck, or a little beside the product's outline."""
TOUCHING = 0.005
"""Share of the photo's border where the product may seem to meet it."""


@dataclass(frozen=True)
class Rule:
    """One rule of a place. `str(rule)` is the English sentence, `sentence` the key to a translation."""

    name: str
    ok: bool
    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.sentence.format(**self.values)


@dataclass(frozen=True)
class Place:
    """Where the photo goes on the canvas."""

    part: Box
    """The part of the photo that lies on the canvas, in pixels of the photo."""
    size: Size
    """The size of that part on the canvas, in pixels."""
    corner: tuple[int, int]
    """(left, top) of that part on the canvas; may lie outside."""
    product: Box
    """The product's box on the canvas."""


@dataclass(frozen=True)
class Listing:
    """A picture for a marketplace. With another `photo`, such as the written file read again, `checklist` checks that one.

    A JPEG of quality 90 leaves 0.1 to 0.8 % of the background off white again, by a few levels, in its blocks at the product's
    outline (5 product photos): so the background is judged in the picture, before it is written.
    """

    photo: Photo
    """On the canvas: square, opaque, sRGB."""
    canvas: "Canvas"
    enlarged: bool
    """Whether a network enlarged what is on the canvas."""

    @property
    def off_white(self) -> float:
        """Share of the background that is not pure white, 0 to 1, without the outline: one pixel of the photo around the product."""
        left, top, right, bottom = self.canvas.place.product
        outline = ceil(max(1, self.canvas.factor))
        return off_white(
            self.photo.rgb, self.canvas.mask, (max(0, left - outline), max(0, top - outline), right + outline, bottom + outline)
        )


@dataclass(frozen=True)
class Canvas(Aim):
    """A part of a photo, in sRGB, goes to its place on a marketplace's square canvas; `target` is its size there."""

    preset: Preset
    snap: bool
    """What is nearly white in the backdrop becomes pure white, and the outskirts of a shadow fade into it; the product stays as it is."""
    backdrop: Backdrop
    """Of the whole photo."""
    place: Place

    @property
    def size(self) -> Size:
        return self.preset.side, self.preset.side

    @property
    def box(self) -> Box:
        """The canvas, in pixels of the enlarged part."""
        (x, y), side = self.place.corner, self.preset.side
        return -x, -y, side - x, side - y

    @cached_property
    def mask(self) -> np.ndarray:
        """bool (side, side): the backdrop on the canvas, but for the product's outline."""
        return cut_pixels(stretch_mask(self.cut(erode(self.backdrop.mask)), self.place.size), self.box, True)

    def encode(self, whole: Photo) -> Photo:
        return convert_to_srgb(whole)

    def cut(self, places: np.ndarray) -> np.ndarray:
        left, top, right, bottom = self.place.part
        return places[top:bottom, left:right]

    def lay(self, content: Photo) -> Photo:
        """The canvas: square, opaque, sRGB.

        Around the photo it has the backdrop's colour; or white, around a scene and where a nearly white backdrop should be white.
        """
        visible = lay_on(super().lay(content), WHITE)
        if self.snap and self.backdrop.is_white:
            colour = self.backdrop.colour
            places = map_whitening(self.photo, self.cut(self.backdrop.mask), find_darkest(colour))
            visible = replace(visible, rgb=snap_to_white(visible.rgb, places, colour))
        becomes_white = self.backdrop.is_scene or (self.backdrop.is_white and (self.snap or self.preset.white))
        return cut_window(visible, self.box, WHITE if becomes_white else self.backdrop.colour)

    @property
    def factor(self) -> float:
        """How much longer the product's lines become; 1 or less is no enlargement."""
        return max(here / before for here, before in zip(self.place.size, self.photo.size, strict=True))


def plan_canvas(photo: Photo, preset: Preset, snap: bool = False) -> Canvas:
    """Plans how a photo lies on the canvas of `preset`; `snap` makes a nearly white backdrop pure white."""
    photo = convert_to_srgb(photo)
    behind = find_backdrop(photo)
    there = centre(photo.size, behind.box, preset.side, 1.0 if behind.is_scene else preset.share)
    return Canvas(cut_window(photo, there.part), TargetSize(*there.size, "fill"), preset, snap, behind, there)


def centre(size: Size, box: Box, side: int, share: float) -> Place:
    """A photo of `size` whose product fills `box`, on a canvas of `side` pixels: centred, the longer side of the box `share` of it."""
    left, top, right, bottom = box
    factor = Fraction(round(share * side), max(right - left, bottom - top))
    (x, wide, first, last), (y, high, above, below) = (
        centre_on_axis(length, start, stop, side, factor) for length, start, stop in ((size[0], left, right), (size[1], top, bottom))
    )
    width, height = ((stop - start) * factor for start, stop in ((left, right), (top, bottom)))
    product = round((side - width) / 2), round((side - height) / 2), round((side + width) / 2), round((side + height) / 2)
    return Place((first, above, last, below), (wide, high), (x, y), product)


def centre_on_axis(length: int, start: int, stop: int, side: int, factor: Fraction) -> tuple[int, int, int, int]:
    """`centre` along one axis: (corner and length on the canvas, first pixel of the photo there, one beyond the last)."""
    middle, reach = Fraction(start + stop, 2), side / factor / 2
    first, last = max(0, floor(middle - reach)), min(length, ceil(middle + reach))
    return round((first - middle) * factor + Fraction(side, 2)), max(1, round((last - first) * factor)), first, last


def stretch_mask(mask: np.ndarray, size: Size) -> np.ndarray:
    """bool (H, W) → bool (height, width), each pixel that of the nearest one."""
    rows, columns = (np.arange(length) * old // length for length, old in zip(size[::-1], mask.shape, strict=True))
    return mask[rows[:, None], columns]


def checklist(listing: Listing) -> tuple[Rule, ...]:
    """The marketplace's rules on the picture itself, each kept or broken."""
    preset = listing.canvas.preset
    width, height = listing.photo.size
    rules = [size_rule(width, height, preset), *product_rules(listing)]
    if preset.white:
        rules.append(background_rule(listing))
    if preset.against_enlarging:
        sentence = preset.against_enlarging if listing.enlarged else "The photo was not enlarged."
        rules.append(Rule("enlarging", not listing.enlarged, sentence, {"factor": listing.canvas.factor}))
    return tuple(rules)


def size_rule(width: int, height: int, preset: Preset) -> Rule:
    values = {"width": width, "height": height, "smallest": preset.smallest, "largest": preset.largest, "megapixels": preset.max_megapixels}
    ok = preset.smallest <= min(width, height) and max(width, height) <= preset.largest
    sentence = "{width} × {height} pixels; {smallest} to {largest} a side are asked for."
    if preset.exact:
        ok, sentence = width == height == preset.side, "{width} × {height} pixels; exactly {smallest} × {smallest} are asked for."
    elif preset.max_megapixels is not None:
        ok = ok and width * height <= preset.max_megapixels * 1_000_000
        sentence = "{width} × {height} pixels; {smallest} to {largest} a side and up to {megapixels} megapixels are asked for."
    return Rule("size", ok, sentence, values)


def product_rules(listing: Listing) -> list[Rule]:
    """How large the product is, and whether it is all there."""
    preset, behind = listing.canvas.preset, listing.canvas.backdrop
    left, top, right, bottom = listing.canvas.place.product
    asks_share = preset.share_from > 0 or preset.share_to < 1
    if behind.is_scene:
        unknown = "The product could not be told from what is around it: look yourself whether it is large enough."
        return [Rule("product", False, unknown)] if asks_share or preset.product else []
    rules = []
    if asks_share:
        share = max(right - left, bottom - top) / max(listing.photo.size)
        values = {"found": share, "low": preset.share_from, "high": preset.share_to}
        within = preset.share_from <= share <= preset.share_to
        sentence = "The product's longer side takes {found:.0%} of the picture's; {low:.0%} to {high:.0%} are asked for."
        rules.append(Rule("product", within, sentence, values))
    if preset.product:
        values = {"width": right - left, "height": bottom - top, "limit": preset.product}
        large = min(right - left, bottom - top) > preset.product
        sentence = "The product has {width} × {height} pixels; more than {limit} each way are asked for."
        rules.append(Rule("product size", large, sentence, values))
    whole = behind.cut <= TOUCHING
    cut_off = "Something meets the photo's edge along {cut:.0%} of it: is the product cut off?"
    return [*rules, Rule("whole", whole, "The whole product is in the picture." if whole else cut_off, {"cut": behind.cut})]


def background_rule(listing: Listing) -> Rule:
    behind = listing.canvas.backdrop
    red, green, blue = behind.colour
    values = {"red": red, "green": green, "blue": blue, "share": listing.off_white}
    ok = behind.is_white and listing.off_white <= OFF_WHITE
    if behind.is_scene:
        sentence = "The photo has no even background, and white is asked for. Cut the product out, or photograph it on white."
    elif not behind.is_white:
        sentence = "The background is not white but about {red}, {green}, {blue}. Cut the product out, or photograph it on white."
    elif ok:
        sentence = "The background is pure white."
    elif listing.canvas.snap:
        sentence = "{share:.1%} of the background is too dark to be made pure white. Cut the product out, or photograph it on white."
    else:
        sentence = "{share:.1%} of the background is not pure white. “Make the background pure white” changes what is nearly so."
    return Rule("background", ok, sentence, values)


def file_checklist(preset: Preset, format: str, count: int, quality: int | None = None) -> tuple[Rule, ...]:
    """The rules that the written file keeps or breaks: its format ("jpeg", "png", "webp", …), its `count` of bytes, a JPEG's quality."""
    names = {"format": format.upper(), "formats": ", ".join(preset.formats).upper()}
    rules = [Rule("format", format in preset.formats, "The file is {format}; accepted: {formats}.", names)]
    values = {"found": ceil(count / 1000), "most": preset.max_kb, "least": preset.min_kb}
    if preset.max_kb is not None:
        sentence = "The file has {found} KB; up to {most} are accepted."
        if preset.min_kb:
            sentence = "The file has {found} KB; from {least} to {most} are accepted."
        rules.append(Rule("weight", preset.min_kb * 1024 < count <= preset.max_kb * 1000, sentence, values))
    if preset.quality and quality is not None and format == "jpeg":
        sentence = "The JPEG has quality {found}; {least} or more is asked for."
        rules.append(Rule("quality", quality >= preset.quality, sentence, {"found": quality, "least": preset.quality}))
    return tuple(rules)
