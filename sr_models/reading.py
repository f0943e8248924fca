"""From a photo file to a `Photo`: formats, limits, orientation, transparency, 8 bits a channel."""

import io
import os
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile, IptcImagePlugin, JpegImagePlugin, UnidentifiedImageError

from sr_models.about import KEPT_TAGS, read_about
from sr_models.colour import convert_cmyk, convert_profile, create_profile, read_rgb_profile, tabulate_greys
from sr_models.compression import USUAL_NOISE
from sr_models.errors import PhotoError
from sr_models.photo import BLOCK, About, Note, Photo, Quantisation

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "BMP", "TIFF", "GIF")
FORMATS_IN_WORDS = "JPEG, PNG, WebP, AVIF, BMP, TIFF or GIF"
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".gif")
MAX_PIXELS = 50_000_000
MAX_BYTES = 500_000_000
TIFF_BITS, TIFF_PHOTOMETRIC, TIFF_PLANAR = 258, 262, 284  # TIFF tags
TURNS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.rot90(pixels, 2).swapaxes(0, 1),
    8: np.rot90,
}
"""EXIF orientation → what makes (H, W, …) pixels upright."""

LAB = "The photo is Lab: it was converted to sRGB."
DEEP = "The photo has more than 8 bits a channel; the result has 8."
SEVERAL = "The file holds several pictures: the first one was read."
"""What the person should know about how a photo was read."""


def read(file: str | os.PathLike[str], name: str | None = None) -> Photo:
    """The first picture of a file, upright, 8 bits a channel. `name` is what the person calls the file, for messages.

    Raises PhotoError for anything that is no picture, damaged, too large or of a kind that cannot be shown faithfully.
    """
    path = Path(file)
    name = name or path.name
    return decode(load_bytes(path, name), name)


def size_of(file: str | os.PathLike[str]) -> tuple[int, int]:
    """(width, height) in pixels as the file states them, before its orientation is applied. Raises PhotoError for what is no picture."""
    path = Path(file)
    try:
        with Image.open(path, formats=FORMATS) as image:
            return image.size
    except Exception as failure:  # decoders raise whatever a damaged file drives them to
        raise photo_damaged(path.name) from failure


def decode(data: bytes, name: str) -> Photo:
    """The content of a file, as `read` gives it."""
    Image.init()  # without it, Pillow knows only some of the formats by name
    # Decoders raise whatever a damaged file drives them to (OSError, SyntaxError, struct.error, …): here all of it means the file.
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as failure:
        raise photo_too_large(name) from failure
    except UnidentifiedImageError as failure:
        raise PhotoError(
            "“{name}” is not a picture this program reads. Please use {formats}.", name=name, formats=FORMATS_IN_WORDS
        ) from failure
    except Exception as failure:
        raise photo_damaged(name) from failure
    if image.width * image.height > MAX_PIXELS:
        raise photo_too_large(name)
    noise = estimate_noise(image, data)
    encoding = str(image.tile[0].args) if image.tile else ""  # as in the file: loading forgets it
    try:
        image.load()
    except Exception as failure:
        raise photo_damaged(name) from failure
    rgb, alpha, icc, notes = split_channels(image, encoding, name)
    notes += [Note(DEEP)] if ";16" in encoding or ";12" in encoding else []
    notes += [Note(SEVERAL)] if holds_several(image) else []
    about, orientation = extract_about(image), orientation_of(image)
    if about.dpi and orientation > 4:  # lies on its side
        about = replace(about, dpi=about.dpi[::-1])
    turn = TURNS.get(orientation, np.asarray)
    upright = None if alpha is None else np.ascontiguousarray(turn(alpha))
    coded = read_quantisation(image)
    coded = coded and coded.turned(orientation, image.size)
    return Photo(np.ascontiguousarray(turn(rgb)), upright, icc, noise, about, tuple(notes), coded)


def load_bytes(path: Path, name: str) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PhotoError(
                "“{name}” has more than {limit} megabytes. Please make it smaller first.", name=name, limit=MAX_BYTES // 1_000_000
            )
        data = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as failure:
        raise PhotoError("There is no file “{name}”. Check the path and try again.", name=name) from failure
    except OSError as failure:
        raise PhotoError("“{name}” could not be opened ({reason}).", name=name, reason=failure.strerror or failure) from failure
    if not data:
        raise PhotoError("“{name}” is empty (0 bytes). Please save or upload the photo again.", name=name)
    return data


def orientation_of(image: Image.Image) -> int:
    """The EXIF orientation; 1, upright, where there is none or the EXIF data are damaged."""
    try:
        found = image.getexif().get(0x0112)
    except Exception:  # the pixels are readable whatever stands in the EXIF block
        return 1
    return found if isinstance(found, int) else 1


def extract_about(image: ImageFile.ImageFile) -> About:
    """The metadata of a loaded picture that are kept; of damaged metadata, what can be read."""
    try:
        found = image.getexif()
        exif = {tag: found[tag] for tag in KEPT_TAGS if tag in found}
    except Exception:  # as above
        exif = {}
    try:
        iptc = IptcImagePlugin.getiptcinfo(image) or {}
    except Exception:
        iptc = {}
    return read_about(image.info, exif, iptc)


def holds_several(image: Image.Image) -> bool:
    """Whether the file is an animation or has pages. The further pictures of a camera's JPEG (MPO) do not count."""
    try:
        return image.format != "MPO" and bool(getattr(image, "is_animated", False))
    except Exception:  # what follows the first picture is damaged
        return True


def photo_too_large(name: str) -> PhotoError:
    return PhotoError(
        "“{name}” is too large: photos of up to {limit} megapixels are accepted. Please make it smaller first.",
        name=name,
        limit=MAX_PIXELS // 1_000_000,
    )


def photo_damaged(name: str) -> PhotoError:
    return PhotoError("“{name}” is damaged or incomplete and could not be read to the end. Please export or upload it again.", name=name)


def estimate_noise(image: Image.Image, data: bytes) -> float:
    """`Photo.noise`: estimated from the brightness table of a JPEG or MPO, USUAL_NOISE for other lossy files, 0 for lossless ones.

    The error grows slower than the table's steps, because ever more coefficients vanish whole: 1.07 · (mean step² / 12)^¼ was
    within 15 % of the brightness error of 6 product photos saved with quality 50 to 90, and above it by a third up to 98.
    """
    tables = getattr(image, "quantization", None)
    if tables:
        steps = np.array(tables[min(tables)], np.float64)
        return float(1.07 * (np.square(steps).mean() / 12) ** 0.25)
    compressed = image.format == "AVIF" or image.info.get("compression") in {"jpeg", "tiff_jpeg", "webp"}
    return USUAL_NOISE if compressed or (image.format == "WEBP" and is_lossy_webp(data)) else 0.0


def read_quantisation(image: Image.Image) -> Quantisation | None:
    """`Photo.coded` of a picture that is loaded and not yet turned. None for all but JPEG in Y, Cb and Cr, for colours that were converted,
    and for tables that stand between scans."""
    if not isinstance(image, JpegImagePlugin.JpegImageFile) or image.mode == "CMYK" or len(image.layer) != image.layers:
        return None
    if image.mode == "L" and "icc_profile" in image.info:
        return None
    names, wide, tall, tables = zip(*image.layer, strict=True)
    if not image.quantization.keys() >= set(tables):
        return None
    if image.mode == "RGB" and "jfif" not in image.info and (names == (82, 71, 66) or image.info.get("adobe_transform") == 0):
        return None
    samplings = {(tall[0] / down, wide[0] / across) for down, across in zip(tall[1:], wide[1:], strict=True)} or {(1, 1)}
    if len(samplings) > 1 or not samplings <= set(product((1, 2, 4), repeat=2)):
        return None
    steps = np.zeros((3, BLOCK, BLOCK), np.float32)  # a grey file says of colours that there are none
    for plane, table in enumerate(tables):
        steps[plane] = np.reshape(image.quantization[table], (BLOCK, BLOCK))
    down, across = samplings.pop()
    return Quantisation(steps, (int(down), int(across)))


def is_lossy_webp(data: bytes) -> bool:
    """Whether the first picture is in a “VP8 ” chunk rather than a “VP8L” one (RFC 9649); an animation's frames lie inside “ANMF”."""
    position = 12
    while position + 8 <= len(data):
        name, size = data[position : position + 4], int.from_bytes(data[position + 4 : position + 8], "little")
        if name in (b"VP8 ", b"VP8L"):
            return name == b"VP8 "
        position += 8 + (16 if name == b"ANMF" else size + size % 2)
    return False


def split_channels(image: Image.Image, encoding: str, name: str) -> tuple[np.ndarray, np.ndarray | None, bytes | None, list[Note]]:
    """A loaded picture of any mode → (rgb, alpha, icc, notes) as in Photo. `encoding` is Pillow's name for the file's pixel format."""
    clear = image.info.get("transparency")
    if image.mode.startswith("I;16"):
        values = np.asarray(image).astype(np.uint16)
        if "I;12" in encoding:  # Pillow leaves these as they are, up to 4095
            values = np.rint(values * (65535 / 4095)).astype(np.uint16)
        if getattr(image, "tag_v2", {}).get(TIFF_PHOTOMETRIC) == 0:  # white is zero
            values = 65535 - values
        alpha = None if clear is None else np.where(values == clear, 0, 255).astype(np.uint8)
        table, notes = tabulate_greys(image)
        return table[values], alpha, None, notes
    if getattr(image, "tag_v2", {}).get(TIFF_PLANAR) == 2 and max(image.tag_v2.get(TIFF_BITS, (8,))) > 8:  # pyright: ignore
        raise PhotoError("“{name}” keeps its 16-bit colours in separate planes, which is not read. Please save it as PNG.", name=name)
    # Pillow widens the pixels to 8 bits, or narrows them, but not the transparent value: it would no longer match.
    if "L;2" in encoding and isinstance(clear, int):
        image.info["transparency"] = clear * 85
    elif "L;4" in encoding and isinstance(clear, int):
        image.info["transparency"] = clear * 17
    elif "RGB;16B" in encoding and isinstance(clear, tuple):
        image.info["transparency"] = tuple(value >> 8 for value in clear)
    if image.mode in {"I", "F"}:
        raise PhotoError(
            "“{name}” has 32-bit values, whose black and white are not defined. Please save it with 8 or 16 bits a channel.", name=name
        )
    if image.mode == "CMYK":
        pixels, note = convert_cmyk(image)
        return np.asarray(pixels), None, None, [note]
    if image.mode == "LAB":
        return np.asarray(convert_profile(image, create_profile("LAB"), create_profile("sRGB"))), None, None, [Note(LAB)]
    has_alpha = image.has_transparency_data
    pixels = np.asarray(image.convert("RGBA" if has_alpha else "RGB"))
    alpha = pixels[:, :, 3].copy() if has_alpha else None
    if image.mode in {"L", "LA"}:
        table, notes = tabulate_greys(image)
        return table[::257][pixels[:, :, 0]], alpha, None, notes
    icc, notes = read_rgb_profile(image)
    return np.ascontiguousarray(pixels[:, :, :3]), alpha, icc, notes


def recompress(photo: Photo, quality: int) -> Photo:
    """The photo after it was saved as JPEG of `quality` (1 … 100) and read again: colours at half the size, without transparency."""
    data = io.BytesIO()
    Image.fromarray(photo.rgb).save(data, "JPEG", quality=quality, icc_profile=photo.icc)
    return decode(data.getvalue(), "JPEG")


def photo_files(folder: Path) -> list[Path]:
    """The photo files of a folder, by name; raises PhotoError where there are none."""
    if not folder.is_dir():
        raise PhotoError("There is no folder “{folder}”. Give the folder that holds the photos.", folder=folder)
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file())
    if not files:
        raise PhotoError("The folder “{folder}” holds no photo ({formats}).", folder=folder, formats=FORMATS_IN_WORDS)
    return files
