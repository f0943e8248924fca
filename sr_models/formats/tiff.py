"""The kinds of TIFF that Pillow does not read: 16-bit grey or CMYK with transparency, 16-bit Lab, 16-bit planes, more channels.

They are read by tifffile, which is pure Python.
"""

import io
import logging
import zlib
from typing import Any

import numpy as np
from PIL import Image
from tifffile import TiffFile, TiffPage

from sr_models.errors import PhotoError
from sr_models.formats.opened import DEEP, MORE_CHANNELS, SEVERAL, Opened
from sr_models.photo import Note, narrow, white_of

NONE, DEFLATE, PACKED = 1, (8, 32946), 32773  # compressions that tifffile undoes by itself
PREDICTORS = (1, 2)
GREYS, RGB, CMYK, LABS = (0, 1), 2, 5, (8, 9)  # photometric interpretations
MODES = {GREYS[0]: ("L", 1), GREYS[1]: ("L", 1), RGB: ("RGB", 3), CMYK: ("CMYK", 4), LABS[0]: ("LAB", 3), LABS[1]: ("LAB", 3)}
"""Photometric interpretation → Pillow's mode and the number of channels without transparency."""
PREMULTIPLIED, OPACITY = 1, 2  # extra samples
INK_SET, XMP, PROFILE = 332, 700, 34675  # tags
SIGNED, FLOAT = 2, 3  # sample formats
EXIF_TAGS = (274, 282, 283, 296, 315, 33432)  # orientation, resolution, artist, copyright
TRANSFER, COLOUR_TAGS = 301, (301, 318, 319)  # transfer function; with white and primaries, which are fractions


def read_tiff(data: bytes, name: str, most_pixels: int) -> Opened | None:
    """In L, RGB, CMYK or LAB, its `info` with profile, EXIF and XMP. None where it has more than `most_pixels`.

    Raises PhotoError for a kind that neither tifffile nor we read, and whatever a damaged file drives tifffile to.
    """
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # what it thinks of a file: our own sentence follows
    with TiffFile(io.BytesIO(data)) as file:
        page = file.pages.first
        if page.imagewidth * page.imagelength > most_pixels:
            return None
        check_kind(page, data, name)
        values = page.asarray()
        several = holds_pages(file)
        tags = {tag.code: tag.value for tag in page.tags.values() if tag.code in (*EXIF_TAGS, *COLOUR_TAGS, XMP, PROFILE)}
    mode, count = MODES[page.photometric]
    if values.ndim == 2:
        values = values[:, :, None]
    elif page.planarconfig == 2:
        values = np.moveaxis(values, 0, 2)
    extras = tuple(page.extrasamples)[: values.shape[2] - count]
    alpha = next((count + place for place, kind in enumerate(extras) if kind in (PREMULTIPLIED, OPACITY)), None)
    opacity: np.ndarray | None = None if alpha is None else np.take(values, alpha, axis=2)
    weighed = alpha is not None and extras[alpha - count] == PREMULTIPLIED and mode != "LAB"
    levels = np.empty((*values.shape[:2], count), np.uint8 if mode == "LAB" else values.dtype)
    for channel in range(count):
        level = np.take(values, channel, axis=2)
        if mode == "LAB":
            levels[:, :, channel] = convert_lab(level, channel, page.photometric)
        else:
            level = divide_by_opacity(level, opacity) if weighed and opacity is not None else level
            levels[:, :, channel] = white_of(values) - level if page.photometric == GREYS[0] else level
    image = Image.frombytes(mode, (page.imagewidth, page.imagelength), narrow(levels).tobytes())
    image.format = "TIFF"
    carry_tags(image, tags)
    wide = values.dtype == np.uint16
    deep = (levels if opacity is None else np.dstack([levels, opacity])) if wide and mode in {"L", "RGB"} else None
    said = (DEEP, wide and deep is None), (SEVERAL, several), (MORE_CHANNELS, len(extras) > (alpha is not None))
    notes = tuple(Note(sentence) for sentence, holds in said if holds)
    return Opened(image, None if opacity is None else narrow(opacity), deep, notes)


def holds_pages(file: TiffFile) -> bool:
    try:
        return len(file.pages) > 1
    except Exception:  # what follows the first picture is damaged
        return True


def divide_by_opacity(values: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    """uint8 or uint16 (H, W), which were multiplied by their opacity, → the same type, as they were before."""
    shares = values.astype(np.float32) / np.maximum(opacity, 1)
    return np.rint(np.minimum(shares, 1) * white_of(values)).astype(values.dtype)


def check_kind(page: TiffPage, data: bytes, name: str) -> None:
    """Raises PhotoError for what is not read here, ValueError where a small piece of the file would become far more than it should."""
    depth = page.dtype in (np.dtype("uint8"), np.dtype("uint16")) and page.bitspersample in (8, 16)
    mode, count = MODES.get(page.photometric, ("", 99))
    inks = mode != "CMYK" or page.tags.valueof(INK_SET, 1) == 1
    known = page.compression in (NONE, PACKED, *DEFLATE) and page.predictor in PREDICTORS
    if not (depth and known and inks and page.imagedepth == 1) or page.samplesperpixel < count:
        kind = "float" if page.sampleformat == FLOAT else "signed" if page.sampleformat == SIGNED else ""
        volume = f"volume of {page.imagedepth} slices" if page.imagedepth > 1 else ""
        parts = (
            volume,
            "grey" if page.photometric in GREYS else page.photometric,
            f"{page.samplesperpixel} × {page.bitspersample} bits",
            kind,
            page.compression,
        )
        raise PhotoError(
            "“{name}” is of a kind of TIFF that is not read ({kind}). Please save it as RGB with 8 or 16 bits a channel.",
            name=name,
            kind=", ".join(str(getattr(part, "name", part)) for part in parts if part),
        )
    rows = min(page.rowsperstrip or page.imagelength, page.imagelength) if not page.is_tiled else page.tilelength
    wide = page.tilewidth if page.is_tiled else page.imagewidth
    most = rows * wide * page.samplesperpixel * page.bitspersample // 8
    if page.compression in DEFLATE:
        for start, length in zip(page.dataoffsets, page.databytecounts, strict=True):
            unpacked = zlib.decompressobj()
            unpacked.decompress(data[start : start + length], most + 1)
            if unpacked.unconsumed_tail and not unpacked.eof:
                raise ValueError("more than its size")


def convert_lab(values: np.ndarray, channel: int, photometric: int) -> np.ndarray:
    """L, a or b (0, 1, 2) as the file holds it → uint8 as Pillow's LAB holds it: a and b in two's complement."""
    wide, centred = values.dtype == np.uint16, photometric == LABS[1]
    if channel == 0:
        white = (65280 if centred else 65535) if wide else 255  # ICC's 16-bit Lab has its white at FF00
        return np.rint(np.minimum(values.astype(np.float32) / white, 1) * 255).astype(np.uint8)
    if centred:
        sides = values.astype(np.int32) - (32768 if wide else 128)
    else:
        sides = np.ascontiguousarray(values).view(np.int16 if wide else np.int8).astype(np.int32)
    return np.clip(np.rint(sides / (256 if wide else 1)), -128, 127).astype(np.int8).view(np.uint8)


def carry_tags(image: Image.Image, tags: dict[int, Any]) -> None:
    """What the reader looks at in Pillow's own pictures."""
    exif = Image.Exif()
    for tag in EXIF_TAGS:
        match tags.get(tag):
            case str() | int() as value:
                exif[tag] = value
            case (above, below) if below:
                exif[tag] = above / below
    for tag in COLOUR_TAGS:
        values = np.ravel(tags.get(tag, ()))
        if values.dtype.kind not in "iu" or values.min() < 0:
            continue
        if tag == TRANSFER and values.max() <= 65535:
            exif[tag] = tuple(values.tolist())
        elif tag != TRANSFER and len(values) % 2 == 0 and values[1::2].all():
            exif[tag] = tuple((values[::2] / values[1::2]).tolist())
    image.info["exif"] = exif.tobytes()
    for tag, name in ((PROFILE, "icc_profile"), (XMP, "xmp")):
        if isinstance(tags.get(tag), bytes):
            image.info[name] = tags[tag]
