"""From a `Photo` to the bytes of a file: format, quality, weight, and what the file says beside its pixels."""

import io
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from sr_models.about import ARTIST, COPYRIGHT, RESOLUTION_UNIT, SOFTWARE, X_RESOLUTION, Y_RESOLUTION, name_creator, write_xmp
from sr_models.colour import encode_colour
from sr_models.errors import PhotoError
from sr_models.formats.png import encode_png
from sr_models.formats.tiff_result import encode_tiff
from sr_models.names import FORMATS, NAMES, SUFFIX, Format, format_of
from sr_models.photo import Note, Photo
from sr_models.stages.resampling import lay_on

DEEP_FORMATS: tuple[Format, ...] = ("png", "tiff")
"""They hold 16 bits a channel, and the others 8."""
USUAL_QUALITY: dict[Format, int] = {"webp": 90, "jpeg": 95, "avif": 85}
"""The quality that is used where none is asked for; lossless formats have none."""
LOWEST_QUALITY = 40
"""A limit of kilobytes lowers the quality down to this and no further."""
LONGEST_SIDE: dict[Format, int] = {"webp": 16_383, "webp-lossless": 16_383, "jpeg": 65_500, "avif": 32_768}
"""Pixels: what encoders write (WebP: RFC 9649, JPEG: libjpeg) and, of AVIF, what libavif and the browsers with it read."""
PNG_NAMES = {ARTIST: "Author", COPYRIGHT: "Copyright", SOFTWARE: "Software"}
"""EXIF tag → the key of such a text in PNG."""
PNG_COMPRESSION = 1  # measured by tests/overhead.py: level 6 takes several times as long for a few percent of size
AVIF_SPEED = 8  # 6 takes three times as long for a fifth of size
WEBP_METHOD = 2  # 4 takes two to three times as long for the same size, and 0.1 to 0.4 dB
LONGEST_PART = 200  # bytes of a result's name that the name of what is not yet complete begins with

CHOSEN = "Saved as {format} of quality {quality}, the highest that fits into {limit} KB: {found} KB."
LAID = "{format} has no transparency: the picture was laid on {background}."
SHALLOW = "The photo has 16 bits a channel, and {format} holds 8. PNG and TIFF keep them."


@dataclass(frozen=True)
class Output:
    """How a result is saved."""

    format: Format = "png"
    quality: int | None = None
    """1 to 100; None: USUAL_QUALITY, or the highest that fits `max_kb`. JPEG and AVIF keep colour at full size (4:4:4), WebP at half."""
    max_kb: int | None = None
    """The file may weigh so many kilobytes of 1000 bytes, so that it fits too where a place counts 1024."""
    background: tuple[int, int, int] = (255, 255, 255)
    """What shows through where the photo is transparent and the format is not (JPEG): sRGB levels of 255."""

    @property
    def lossless(self) -> bool:
        """Whether the pixels survive byte for byte, as an exact result needs it."""
        return self.format not in USUAL_QUALITY

    def keep_depth(self, photo: Photo) -> tuple[Photo, tuple[Note, ...]]:
        """The photo with no more bits than the format holds, and what the person should know about that."""
        if photo.deep is None or self.format in DEEP_FORMATS:
            return photo, ()
        return replace(photo, deep=None), (Note(SHALLOW, {"format": NAMES[self.format]}),)


PNG = Output()


@dataclass(frozen=True)
class Encoded:
    """The content of a file."""

    data: bytes
    suffix: str
    """One of SUFFIX."""
    quality: int | None
    """The quality that was used; None where the format has none."""
    notes: tuple[Note, ...]
    """What the person should know about it."""


def check_output(output: Output, size: tuple[int, int]) -> None:
    """Raises PhotoError where a result of `size` = (width, height) pixels cannot be saved so. It costs nothing: ask before enlarging."""
    name = NAMES.get(output.format)
    if name is None:
        raise PhotoError("“{format}” is no format for results. Choose one of {formats}.", format=output.format, formats=", ".join(FORMATS))
    if output.quality is not None and output.lossless:
        raise PhotoError("{format} has no quality to choose: leave it out, or choose JPEG, WebP or AVIF.", format=name)
    if output.quality is not None and not is_level(output.quality, 1, 100):
        raise PhotoError("“{quality}” is no quality. Choose a whole number from 1 to 100.", quality=output.quality)
    if output.max_kb is not None and not is_level(output.max_kb, 1, 10**9):
        raise PhotoError("“{limit}” is no weight of a file. Choose a whole number of KB, 1 or more.", limit=output.max_kb)
    if len(output.background) != 3 or not all(is_level(level, 0, 255) for level in output.background):
        raise PhotoError("“{background}” is no colour. Give red, green and blue, 0 to 255 each.", background=output.background)
    longest = LONGEST_SIDE.get(output.format)
    if longest is not None and max(size) > longest:
        raise PhotoError(
            "{format} holds up to {limit} pixels a side, and the result has {width} × {height}. Choose PNG, or a smaller result.",
            format=name,
            limit=longest,
            width=size[0],
            height=size[1],
        )


def is_level(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def encode(photo: Photo, output: Output = PNG) -> Encoded:
    """The file of a photo: its pixels, profile, resolution, artist and copyright, what made it, and nothing else.

    Raises PhotoError as `check_output` does, and where the file would be heavier than `output.max_kb`.
    """
    check_output(output, photo.size)
    photo, notes = output.keep_depth(photo)
    if output.lossless:
        data = encode_losslessly(photo, output.format)
        if output.max_kb is not None and count_kilobytes(data) > output.max_kb:
            raise PhotoError(
                "As {format}, which has no quality to lower, the result weighs {found} KB; at most {limit} KB were asked for. "
                "Choose JPEG, WebP or AVIF, or a smaller result.",
                format=NAMES[output.format],
                found=count_kilobytes(data),
                limit=output.max_kb,
            )
        return Encoded(data, SUFFIX[output.format], None, notes)
    image, laid = make_image(photo, output)
    notes += laid
    options = collect_metadata(photo, output.format)

    def save(quality: int) -> bytes:
        return save_image(image, options | {"quality": quality})

    if output.max_kb is None:
        quality = output.quality or USUAL_QUALITY[output.format]
        data = save(quality)
    else:
        quality, data = find_highest_quality(save, output)
        if quality < (output.quality or 100):
            values = {"format": NAMES[output.format], "quality": quality, "found": count_kilobytes(data), "limit": output.max_kb}
            notes += (Note(CHOSEN, values),)
    return Encoded(data, SUFFIX[output.format], quality, notes)


def encode_losslessly(photo: Photo, format: Format) -> bytes:
    """The file of a photo in a format without quality, with all of its 16 bits where it has them and the format too."""
    if format == "tiff":
        return encode_tiff(*photo.pixels, photo.icc, photo.about.dpi, collect_texts(photo), write_xmp(photo.about, photo.made))
    options = collect_metadata(photo, format)
    if photo.deep is None:
        return save_image(make_image(photo, Output(format))[0], options)
    return encode_png(*photo.pixels, save_image(Image.new("RGB", (1, 1)), options), PNG_COMPRESSION)


def save_image(image: Image.Image, options: dict[str, Any]) -> bytes:
    """What Pillow writes."""
    file = io.BytesIO()
    image.save(file, **options)
    return file.getvalue()


def find_highest_quality(save: Callable[[int], bytes], output: Output) -> tuple[int, bytes]:
    """(quality, content) of the file of the highest quality that fits into `output.max_kb`, found by bisection.

    At most `output.quality`, or 100 without it. Raises PhotoError, which says the size needed, where even the lowest quality is too much.
    """
    limit = output.max_kb or 0
    above = output.quality or 100
    data = save(above)
    if count_kilobytes(data) <= limit:
        return above, data
    quality = min(LOWEST_QUALITY, above)
    data = save(quality) if quality < above else data
    if count_kilobytes(data) > limit:
        raise PhotoError(
            "Even at quality {quality}, the {format} weighs {found} KB; at most {limit} KB were asked for. "
            "Allow {found} KB, or make the result smaller.",
            quality=quality,
            format=NAMES[output.format],
            found=count_kilobytes(data),
            limit=limit,
        )
    while above - quality > 1:
        middle = (quality + above) // 2
        tried = save(middle)
        if count_kilobytes(tried) <= limit:
            quality, data = middle, tried
        else:
            above = middle
    return quality, data


def count_kilobytes(data: bytes) -> int:
    """The size of a file in kilobytes of 1000 bytes, rounded up."""
    return -(-len(data) // 1000)


def make_image(photo: Photo, output: Output) -> tuple[Image.Image, tuple[Note, ...]]:
    """(picture, notes): the pixels as the format takes them; for JPEG, laid on the background."""
    if photo.alpha is None:
        return Image.fromarray(photo.rgb), ()
    if output.format != "jpeg":
        return Image.fromarray(np.dstack([photo.rgb, photo.alpha])), ()
    colour = "#{:02X}{:02X}{:02X}".format(*output.background)
    notes = (Note(LAID, {"format": "JPEG", "background": colour}),) if photo.alpha.min() < 255 else ()
    return Image.fromarray(lay_on(photo, encode_colour(photo, output.background)).rgb), notes


def collect_texts(photo: Photo) -> dict[int, str]:
    """Whose the picture is and what made it, as far as that is known, by EXIF tag."""
    about, made = photo.about, photo.made
    texts = {ARTIST: about.artist, COPYRIGHT: about.copyright, SOFTWARE: None if made is None else name_creator(made)}
    return {tag: text for tag, text in texts.items() if text}


def collect_metadata(photo: Photo, format: Format) -> dict[str, Any]:
    """The arguments of Pillow's `save`: what to write beside the pixels, and how to compress."""
    about, texts = photo.about, collect_texts(photo)
    exif = Image.Exif()
    for tag, text in texts.items():
        exif[tag] = text.encode()  # Pillow would replace what is not ASCII
    if about.dpi:
        exif[X_RESOLUTION], exif[Y_RESOLUTION] = about.dpi
        exif[RESOLUTION_UNIT] = 2  # inches
    options: dict[str, Any] = {"icc_profile": photo.icc}
    if len(exif):
        options["exif"] = exif.tobytes()
    if about.dpi:
        options["dpi"] = about.dpi
    xmp = write_xmp(about, photo.made)
    match format:
        case "png":
            written = PngImagePlugin.PngInfo()
            for tag, text in texts.items():
                written.add_text(PNG_NAMES[tag], text)
            if xmp:
                written.add_itxt("XML:com.adobe.xmp", xmp.decode())
            return options | {"format": "PNG", "pnginfo": written, "compress_level": PNG_COMPRESSION}
        case "jpeg":
            # not optimize: Pillow then fails where noise takes more than a byte a pixel
            options |= {"format": "JPEG", "subsampling": "4:4:4"}
        case "avif":
            options |= {"format": "AVIF", "subsampling": "4:4:4", "speed": AVIF_SPEED}
        case "webp":
            options |= {"format": "WEBP", "method": WEBP_METHOD}
        case "webp-lossless":
            # exact: colours under transparency too. This effort takes half the time of the usual one for the same size.
            options |= {"format": "WEBP", "lossless": True, "exact": True, "quality": 50, "method": 2}
    return options | {"xmp": xmp or b""}


def write(photo: Photo, file: str | os.PathLike[str], output: Output | None = None) -> Encoded:
    """Write a photo as `encode` gives it; without `output`, as the name ends, PNG where that says nothing.

    The file ends up complete or untouched. Raises PhotoError.
    """
    path = Path(file)
    output = output or Output(format_of(path) or "png")
    content = encode(photo, output)
    store(content.data, path)
    return content


def store(data: bytes, path: Path) -> None:
    """Write a file, complete or not at all: a temporary one, which then replaces `path`. Raises PhotoError."""
    part = part_of(path)
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as failure:
        raise not_written(path, failure) from failure
    finally:  # also where the person stops it
        with suppress(OSError):  # a folder that takes nothing gives nothing back
            part.unlink(missing_ok=True)


def not_written(path: Path, failure: OSError) -> PhotoError:
    reason = failure.strerror or failure
    return PhotoError("“{name}” could not be written ({reason}). Check the folder and the free space.", name=path.name, reason=reason)


def part_of(path: Path) -> Path:
    """The file beside it that holds what is not yet complete."""
    return path.with_name(os.fsdecode(os.fsencode(path.name)[:LONGEST_PART]) + ".part")
