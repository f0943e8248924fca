"""The kinds of TIFF that Pillow does not read: 16-bit grey with transparency, CMYK with transparency, 16-bit Lab, 16-bit planes, more channels.

They are read by tifffile, which is pure Python.
"""

import io
import zlib
from dataclasses import dataclass

import numpy as np
from PIL import Image
from tifffile import TiffFile, TiffPage

NONE, LZW, DEFLATE, PACKED = 1, 5, (8, 32946), 32773  # compressions
PREDICTORS = (1, 2)
GREYS, RGB, CMYK, LABS = (0, 1), 2, 5, (8, 9)  # photometric interpretations
MODES = {GREYS[0]: ("L", 1), GREYS[1]: ("L", 1), RGB: ("RGB", 3), CMYK: ("CMYK", 4), LABS[0]: ("LAB", 3), LABS[1]: ("LAB", 3)}
"""Photometric interpretation → Pillow's mode and the number of channels without transparency."""
PREMULTIPLIED, OPACITY = 1, 2  # extra samples
EXIF_TAGS = (274, 282, 283, 296, 315, 33432)  # orientation, resolution, artist, copyright


class Unreadable(Exception):
    """Neither tifffile nor we read this kind."""


@dataclass(frozen=True)
class Picture:
    """The first picture of such a file."""

    image: Image.Image
    """8 bits a channel, L, RGB, CMYK or LAB; its `info` holds profile, EXIF and XMP."""
    alpha: np.ndarray | None
    """uint8 (H, W)."""
    deep: bool
    """The file has 16 bits a channel."""
    more: bool
    """It has channels beside colours and transparency; they are left out."""


def read_tiff(data: bytes, most_pixels: int) -> Picture | None:
    """None where it has more than `most_pixels`. Raises Unreadable, and whatever a damaged file drives tifffile to."""
    with TiffFile(io.BytesIO(data)) as file:
        page = file.pages.first
        if page.imagewidth * page.imagelength > most_pixels:
            return None
        check_kind(page, data)
        values = page.asarray()
        tags = {tag.code: tag.value for tag in page.tags.values() if tag.code in (*EXIF_TAGS, 700, 34675)}
    mode, count = MODES[page.photometric]
    if values.ndim == 2:
        values = values[:, :, None]
    elif page.planarconfig == 2:
        values = np.moveaxis(values, 0, 2)
    extras = tuple(page.extrasamples)[: values.shape[2] - count]
    alpha = next((count + place for place, kind in enumerate(extras) if kind in (PREMULTIPLIED, OPACITY)), None)
    most = 65535 if values.dtype == np.uint16 else 255
    colours = values[:, :, :count].astype(np.float32) / most
    opacity = None if alpha is None else values[:, :, alpha].astype(np.float32) / most
    if opacity is not None and extras[alpha - count] == PREMULTIPLIED and mode != "LAB":
        colours = np.where(opacity[:, :, None] > 0, np.minimum(colours / np.maximum(opacity[:, :, None], 1e-9), 1), 0)
    if page.photometric == GREYS[0]:
        colours = 1 - colours
    if mode == "LAB":
        colours = sort_lab(values[:, :, :3], page.photometric)
    pixels = np.rint(colours * 255).astype(np.uint8)
    image = Image.frombytes(mode, (pixels.shape[1], pixels.shape[0]), np.ascontiguousarray(pixels).tobytes())
    image.format = "TIFF"
    carry_tags(image, tags)
    opaque = None if opacity is None else np.rint(opacity * 255).astype(np.uint8)
    return Picture(image, opaque, most > 255, len(extras) > (alpha is not None))


def check_kind(page: TiffPage, data: bytes) -> None:
    """Raises Unreadable for what is not read here; also where a small piece of the file would become far more than it should."""
    depth = page.dtype in (np.dtype("uint8"), np.dtype("uint16")) and page.bitspersample in (8, 16)
    mode, count = MODES.get(page.photometric, ("", 99))
    known = page.compression in (NONE, LZW, PACKED, *DEFLATE) and page.predictor in PREDICTORS
    if not depth or not known or page.samplesperpixel < count or page.imagedepth != 1 or (mode == "CMYK" and page.tags.valueof(332, 1) != 1):
        raise Unreadable
    rows = min(page.rowsperstrip or page.imagelength, page.imagelength) if not page.is_tiled else page.tilelength
    wide = page.tilewidth if page.is_tiled else page.imagewidth
    most = rows * wide * page.samplesperpixel * page.bitspersample // 8
    if page.compression in DEFLATE:
        for start, length in zip(page.dataoffsets, page.databytecounts, strict=True):
            unpacked = zlib.decompressobj()
            unpacked.decompress(data[start : start + length], most + 1)
            if unpacked.unconsumed_tail and not unpacked.eof:
                raise ValueError("more than its size")


def sort_lab(values: np.ndarray, photometric: int) -> np.ndarray:
    """L, a, b as the file holds them → from 0 to 1 as Pillow's 8-bit LAB holds them: a and b in two's complement."""
    lightness, sides = values[:, :, :1].astype(np.float32), values[:, :, 1:]
    wide = values.dtype == np.uint16
    if photometric == LABS[1]:  # ICC: zero lies in the middle, 100 at FF00
        lightness = lightness / (65280 if wide else 255)
        sides = sides.astype(np.int32) - (32768 if wide else 128)
    else:
        lightness = lightness / (65535 if wide else 255)
        sides = sides.view(np.int16 if wide else np.int8).astype(np.int32)
    levels = np.clip(np.rint(sides / (256 if wide else 1)), -128, 127).astype(np.int8).view(np.uint8)
    return np.dstack([np.minimum(lightness, 1), levels / np.float32(255)])


def carry_tags(image: Image.Image, tags: dict[int, object]) -> None:
    """What the reader looks at in Pillow's own pictures."""
    exif = Image.Exif()
    for tag in EXIF_TAGS:
        value = tags.get(tag)
        if isinstance(value, (str, int)) or (isinstance(value, tuple) and len(value) == 2):
            exif[tag] = value if isinstance(value, str) else int(value) if isinstance(value, int) else value[0] / max(value[1], 1)
    image.info["exif"] = exif.tobytes()
    for tag, name in ((34675, "icc_profile"), (700, "xmp")):
        if isinstance(tags.get(tag), bytes):
            image.info[name] = tags[tag]
