"""Everything that can be wished for a photo, each wish once; and the order that wishes make.

Page, command line, API, agents and Python offer what this table lists: they collect words and give them to `Order`.
"""

import math
import re
from collections.abc import Callable
from colorsys import hls_to_rgb
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from sr_models import output
from sr_models.catalog import SCALES, check_input
from sr_models.ensemble import MOST_STEPS, check_steps
from sr_models.errors import ModelError, PhotoError
from sr_models.formats.cube import CubeError, parse_cube
from sr_models.names import FORMATS
from sr_models.output import USUAL_QUALITY, Output
from sr_models.shop.presets import PRESETS, Preset, preset
from sr_models.stages import steps
from sr_models.stages.faithful import LEVELS, check_faithful
from sr_models.stages.size import HOWS, TargetSize, check_how, long_side, parse_size
from sr_models.stages.steps import Active, When
from sr_models.stages.tables import LOOKS

TEXT, NUMBER, SWITCH = (str,), (int, float, str), (bool,)
"""The kinds in which wishes are given: a form gives numbers as text, too."""
HUGE = 10**12
"""No number that is wished is as large."""
EXPECTED = {
    TEXT: "“{name}” takes words, as one text in quotation marks, not {value}.",
    NUMBER: "“{name}” takes a number, not {value}.",
    SWITCH: "“{name}” takes true or false, not {value}.",
}


def written(value: Any) -> str:
    """A value of the wrong kind as JSON writes it, what is inside of it left out."""
    brackets = {list: "[…]", tuple: "[…]", dict: "{…}", str: "“…”", True: "true", False: "false"}
    number = f"{value:g}" if isinstance(value, int | float) and abs(value) < HUGE else "…"
    return brackets.get(value if isinstance(value, bool) else type(value), number)


@dataclass(frozen=True)
class Wish:
    """What can be wished, besides its name, type and default, which are those of a field of `Order`."""

    meaning: str
    """For people who call the program: what it means and what it may be."""
    read: Callable[[Any], Any]
    """From what a form, a call or a command line gives to the value in an order. Raises PhotoError or ModelError."""
    choices: tuple[Any, ...] = ()
    """All values, where there are few."""
    placeholder: str = ""
    """What stands for the value in a line of help."""
    expected: str = ""
    """Of a number: what is said where something else was given."""
    kinds: tuple[type, ...] = TEXT
    """What it may be given as, besides None, which is nothing; empty where `read` says what is wrong."""
    longest: int = 300
    """Characters that it may have where it is given as text."""

    def taken(self, name: str, value: Any) -> Any:
        """`value` as an order holds it. Raises PhotoError or ModelError, which repeat nothing that is long."""
        fits = type(value) is bool if self.kinds == SWITCH else isinstance(value, self.kinds) and not isinstance(value, bool)
        huge = type(value) is int and abs(value) >= HUGE
        if huge or (value is not None and self.kinds and not fits):
            raise PhotoError(EXPECTED[self.kinds or NUMBER], name=name, value=written(value))
        if isinstance(value, str) and len(value) > self.longest:
            raise PhotoError(
                "“{name}” was given {count} characters; up to {limit} are read.", name=name, count=len(value), limit=self.longest
            )
        return self.read(value)


def wish(default: Any, meaning: str, read: Callable[[Any], Any], **more: Any) -> Any:
    """A row of the table: a field of `Order`."""
    return field(default=default, metadata={"wish": Wish(meaning, read, **more)})


def read_scale(value: Any) -> int:
    """As JSON and forms give it: 4, 4.0 or "4"."""
    text = "" if isinstance(value, bool) else str(value).removesuffix(".0")
    if text not in map(str, SCALES):
        raise ModelError("The scale {scale} is not offered. Choose one of {scales}.", scale=value, scales=", ".join(map(str, SCALES)))
    return int(text)


def read_text(default: str) -> Callable[[Any], str]:
    """A reader of a word; nothing is `default`."""
    return lambda value: str(value or default)


def read_number(value: Any) -> Any:
    """An int where it is whole, a float otherwise; None where there is nothing."""
    if value is None or not str(value).strip():
        return None
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or abs(number) >= HUGE:
        raise PhotoError("“{text}” is no number. Give one, or nothing.", text=value)
    return int(number) if number.is_integer() else number


def read_size(value: Any) -> str:
    """ "1600", the longer side, or "1600x1200"."""
    text = "" if value is None else str(value).strip()
    if not text or (text.isdecimal() and text.isascii() and len(text) <= 6):
        return text and str(int(text))
    target = parse_size(text)
    return f"{target.width}x{target.height}"


def read_classic_steps(when: When) -> Callable[[Any], str]:
    """A reader of words such as "denoise=0.3 crop"."""
    return lambda value: " ".join(map(str, steps.parse_steps(str(value or ""), when)))


def read_steps(value: Any) -> int:
    """A whole number of steps; nothing is 1."""
    number = read_number(value)
    return 1 if number is None else check_steps(number)


def read_colour(value: Any) -> str:
    """ "#ffffff", without # too, or, as gradio's picker also writes it, "rgba(255, 255, 255, 1)" and "hsl(0, 0%, 100%)"."""
    text = str(value or BACKGROUND).strip()
    call = re.fullmatch(r"(rgb|hsl)a?\((.*)\)", text)
    try:
        if not call:
            red, green, blue = bytes.fromhex(text.removeprefix("#"))
        else:
            a, b, c = (float(part.strip(" %")) for part in call[2].split(",")[:3])
            levels = (a, b, c) if call[1] == "rgb" else [255 * level for level in hls_to_rgb(a / 360, c / 100, b / 100)]
            red, green, blue = bytes(map(round, levels))
    except (ValueError, OverflowError) as failure:
        raise PhotoError("“{text}” is no colour. Give it as #RRGGBB, such as #ffffff.", text=text) from failure
    return f"#{red:02x}{green:02x}{blue:02x}"


def read_share(default: float) -> Callable[[Any], float]:
    """A reader of a number from 0 to 1; nothing is `default`."""

    def read(value: Any) -> float:
        number = read_number(value)
        if number is not None and not 0 <= number <= 1:
            raise PhotoError("“{text}” is no share. Give a number from 0 to 1.", text=value)
        return default if number is None else float(number)

    return read


def read_look(value: Any) -> str:
    """A look's name, or the text of a .cube file."""
    text = str(value or "").strip()
    if not text or text in LOOKS:
        return text
    if "\n" not in text:
        raise PhotoError("There is no look “{look}”. Choose {names}, or give a .cube file.", look=text, names=", ".join(LOOKS))
    try:
        parse_cube(text)
    except CubeError as failure:
        raise PhotoError("The look is no .cube file that can be read: {reason}.", reason=failure) from failure
    return text


SHARE: dict[str, Any] = {"kinds": NUMBER, "placeholder": "0..1", "expected": "a number from 0 to 1"}
BACKGROUND = "#ffffff"
SHARE_OF_NO_LOOK = "How much of a look is wanted was said, but no look. Choose one, or leave this out."
LONGEST_LOOK = 10_000_000
"""Characters of a .cube file, more than a table of 65 nodes a side needs."""


@dataclass(frozen=True)
class Order:
    """What is wanted of a photo. Plain data: `Order(**json.loads(json.dumps(asdict(order))))` is the order again.

    Values are read as forms and calls give them, so that 2, "2" and 2.0 are the same scale. Raises PhotoError and ModelError where one
    makes no sense, or two contradict each other.
    """

    scale: int = wish(4, "2, 3 or 4; a size or a preset overrules it.", read_scale, choices=SCALES, kinds=())
    model: str = wish(
        "cnn",
        "“cnn” keeps to the photo, “cnn-fast” is smaller; “gan” is crisp and invents plausible texture; or an exact network's id.",
        read_text("cnn"),
        placeholder="ID_OR_FAMILY",
    )
    input: str = wish(
        "auto",
        "“auto” looks at the file; “clean” or “web” (went through JPEG or WebP) overrule it.",
        lambda value: check_input(str(value or "auto")),
        choices=("auto", "clean", "web"),
    )
    faithful: str = wish(
        "colour",
        "“off”: the network's own output; “colour”: no pixel's mean colour moves by more than one level of 255, or, of a compressed photo, "
        "than its file leaves open; “exact”: reduced again by the scale, the result is the photo, byte for byte.",
        lambda value: check_faithful(str(value or "colour")),
        choices=LEVELS,
    )
    detail: float | None = wish(None, "Of the gan only: 0 (as the photo) to 1 (crispest).", read_number, **SHARE)
    preset: str = wish(
        "",
        "A marketplace whose canvas and rules to follow, such as “amazon”, “walmart” or “taobao”.",
        lambda value: preset(str(value)).id if value else "",
        choices=tuple(row.id for row in PRESETS),
    )
    snap: bool = wish(False, "With a preset: make its nearly white background pure white.", bool, kinds=SWITCH)
    size: str = wish("", "Instead of the scale: “1600” (longer side in pixels) or “1600x1200”.", read_size, kinds=NUMBER, placeholder="WxH")
    how: str = wish(
        "fit",
        "With a size of two sides and a photo of another shape. “fit”: as large as fits in; “fill”: cover, and cut off what protrudes; "
        "“pad”: fit in, and fill up with the background.",
        lambda value: check_how(str(value or "fit")),
        choices=HOWS,
    )
    before: str = wish(
        "", "Classic steps before the network, such as “denoise=0.3 crop”.", read_classic_steps("before"), placeholder="STEP=AMOUNT"
    )
    after: str = wish("", "Classic steps after it, such as “sharpen=0.2”.", read_classic_steps("after"), placeholder="STEP=AMOUNT")
    format: str = wish("", "Of the file; empty for PNG, or what the preset asks for.", read_text(""), choices=FORMATS)
    quality: int | None = wish(
        None, "Of JPEG, WebP and AVIF: 1 to 100.", read_number, kinds=NUMBER, placeholder="1..100", expected="a whole number from 1 to 100"
    )
    max_kb: int | None = wish(
        None,
        "Kilobytes that the file may have at most: it gets the highest quality that fits.",
        read_number,
        kinds=NUMBER,
        placeholder="N",
        expected="a whole number of kilobytes",
    )
    background: str = wish(
        BACKGROUND,
        "Colour behind transparency where the format has none, and beside the photo with “pad”.",
        read_colour,
        placeholder="RRGGBB",
    )
    look: str = wish(
        "",
        "Changes colours, never what is where; not for colour-critical goods. “studio”: whiter, more neutral backgrounds; or the text of a "
        ".cube file. What the faithful mode promises then holds for the enlargement before it only.",
        read_look,
        placeholder="studio_or_FILE.cube",
        longest=LONGEST_LOOK,
    )
    look_strength: float = wish(1.0, "With a look: 0 to 1, how much of it the background gets.", read_share(1.0), **SHARE)
    look_product: float = wish(0.0, "With a look: 0 to 1, how much of it the product gets.", read_share(0.0), **SHARE)
    steps: int = wish(
        1,
        "Not of the gan: how often the network looks at the photo, 1 to 8 times. Each look takes time and brings the result closer to the "
        "original: the photo is turned or mirrored each time; cnn-fast, at a clean photo, sees what its result so far has missed.",
        read_steps,
        kinds=NUMBER,
        placeholder=f"1..{MOST_STEPS}",
        expected=f"a whole number from 1 to {MOST_STEPS}",
    )

    def __post_init__(self) -> None:
        for name, row in WISHES.items():
            object.__setattr__(self, name, row.taken(name, getattr(self, name)))
        if "x" not in self.size:
            object.__setattr__(self, "how", "fit")
        if self.size and self.preset:
            raise PhotoError("A size and a marketplace were asked for, which has a size of its own. Leave one of the two out.")
        if self.snap and not self.preset:
            raise PhotoError("A pure white background is made for a marketplace only. Choose one, or leave it out.")
        if not self.look and (self.look_strength, self.look_product) != (Order.look_strength, Order.look_product):
            raise PhotoError(SHARE_OF_NO_LOOK)
        output.check_output(self.output, self.target.result((1, 1)) if self.target and self.how != "fit" else (1, 1))

    @cached_property
    def target(self) -> TargetSize | None:
        """The exact size that is asked for."""
        if not self.size:
            return None
        if "x" in self.size:
            return replace(parse_size(self.size, self.how), colour=self.colour)
        return long_side(int(self.size))

    @cached_property
    def marketplace(self) -> Preset | None:
        """The rules to follow."""
        return preset(self.preset) if self.preset else None

    @property
    def colour(self) -> tuple[int, int, int]:
        """The background: R, G, B in sRGB, levels of 255."""
        red, green, blue = bytes.fromhex(self.background[1:])
        return red, green, blue

    @cached_property
    def output(self) -> Output:
        """How the file is saved: as it is said here; what is not said, as the preset asks for it, and PNG where there is none."""
        place = self.marketplace
        format: Any = self.format or (place.format if place else "png")
        quality, max_kb = self.quality, self.max_kb
        if place:
            quality = USUAL_QUALITY.get(format) if quality is None else quality
            max_kb = place.max_kb if max_kb is None else max_kb
        return Output(format, quality, max_kb, self.colour)

    @property
    def name(self) -> str:
        """What size was asked for, in a word for file names: "4x", "1600x1200", or the preset's id."""
        if self.preset:
            return self.preset
        return f"{self.target.width}x{self.target.height}" if self.target else f"{self.scale}x"

    def classic_steps(self, when: When) -> tuple[Active, ...]:
        """The classic steps before or after the network, in the order in which they were given."""
        return steps.parse_steps(getattr(self, when), when)


WISHES: dict[str, Wish] = {row.name: row.metadata["wish"] for row in fields(Order)}
"""Name → wish, in the order of the API."""
