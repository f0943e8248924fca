"""From a photo file to a `Photo`: formats, limits, orientation, transparency, 8 or 16 bits a channel."""

import io
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile, IptcImagePlugin, JpegImagePlugin, TiffImagePlugin, UnidentifiedImageError

from sr_models import hdr
from sr_models.about import KEPT_TAGS, read_about
from sr_models.channels import is_grey, split_channels
from sr_models.compression import USUAL_NOISE
from sr_models.errors import PhotoError
from sr_models.formats import bmp, boxes, heic, jpeg, libtiff, missing, raw, tiff
from sr_models.formats.deep import read_deep
from sr_models.formats.opened import DEEP, MORE_CHANNELS, SEVERAL, Opened
from sr_models.photo import BLOCK, About, Note, Photo, Quantisation
from sr_models.stated import Unread, find_colour

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "BMP", "TIFF", "GIF")
FORMATS_IN_WORDS = "JPEG, PNG, WebP, AVIF, BMP, TIFF or GIF"
SUFFIXES = (".jpg", ".jpeg", ".jfif", ".jpe", ".png", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".gif", ".heic", ".heif")
MAX_PIXELS = 50_000_000
MAX_BYTES = 500_000_000
TIFF_BITS, TIFF_INTERPRETATION, TIFF_PLANAR, TIFF_EXTRAS, TIFF_SIGN, TIFF_DEPTH = 258, 262, 284, 338, 339, 32997  # TIFF tags
SIGNED = 2  # of TIFF_SIGN
TIFF_BEGINNINGS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", *TIFF_BEGINNINGS)
"""Of the formats that are known by it alone."""
GAIN_MAPS = (b"urn:iso:std:iso:ts:21496:-1", b"http://ns.adobe.com/hdr-gain-map/1.0/", b"http://ns.apple.com/HDRGainMap/1.0/")
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

STATED = "The file states its colours by {means} ({name}): they are kept, and the result has a profile that says the same."
UNREAD = (
    "The file states its colours by {means}, in a way that is not read: they were taken as sRGB and may be off. "
    "Save it as sRGB, or with an ICC profile."
)
NARROW_RANGE = (
    "The file states that its black and white are 16 and 235, as in video: they became 0 and 255, and what lay beyond them was cut off."
)
GAIN_MAP = "The photo holds a gain map for HDR screens: the result is what ordinary screens show, without it."
INCOMPLETE = "The file is damaged in places: what could not be read of it is missing."
"""What the person should know about how a photo was read."""


def read(file: str | os.PathLike[str], name: str | None = None) -> Photo:
    """The first picture of a file, upright. `name` is what the person calls the file, for messages.

    Raises PhotoError for anything that is no picture, damaged, too large or of a kind that cannot be shown faithfully.
    """
    path = Path(file)
    name = name or path.name
    return decode(load_bytes(path, name), name)


def size_of(file: str | os.PathLike[str] | bytes) -> tuple[int, int]:
    """(width, height) in pixels of the upright photo, as a file or its content states them. Raises PhotoError for what is no picture."""
    try:
        with Image.open(io.BytesIO(file) if isinstance(file, bytes) else Path(file), formats=FORMATS) as image:
            width, height = image.size
            return (width, height) if orientation_of(image) <= 4 else (height, width)
    except Exception:  # decoders raise whatever a damaged file drives them to; and some kinds have a decoder of their own
        return (decode(file, "") if isinstance(file, bytes) else read(file)).size


def decode(data: bytes, name: str) -> Photo:
    """The content of a file, as `read` gives it."""
    opened = open_image(data, name)
    image, deep, notes = opened.image, opened.deep, [*opened.notes]
    noise = estimate_noise(image, data)
    tile = image.tile[0] if isinstance(image, ImageFile.ImageFile) and image.tile else None  # as in the file: loading forgets it
    encoding = name_encoding(tile.args) if tile else ""
    frame = tile.extents if tile and image.format == "GIF" else None
    with libtiff.listen() as complaints:
        try:
            image.load()
            if deep is None and isinstance(image, ImageFile.ImageFile) and image.format in {"PNG", "TIFF"}:
                deep = read_deep(image, data, encoding)
        except Exception as failure:
            raise photo_damaged(name) from failure
    colour = find_colour(image, data)
    if isinstance(colour, Unread):
        notes.append(Note(UNREAD, {"means": colour.means}))
        colour = None
    if colour is not None:
        image.info["icc_profile"] = colour.make_profile("GRAY" if is_grey(image, encoding) else "RGB")
    video = colour is not None and colour.narrow_range
    rgb, alpha, icc, more = split_channels(image, encoding, name, video, deep)
    if frame is not None and frame != (0, 0, *image.size):  # a GIF's first picture does not fill the canvas
        alpha = clear_outside(frame, alpha, image.size)
    notes += more
    if colour is not None and isinstance(colour.curve, str):
        rgb = hdr.fit_to_screen(rgb, colour.curve, colour.primaries, colour.peak)
        notes.append(hdr.describe(colour.curve, colour.peak))
    elif colour is not None and icc and not colour.is_usual:
        notes.append(Note(STATED, {"means": colour.means, "name": colour.name}))
    notes += [Note(NARROW_RANGE)] if video else []
    narrowed = ";16" in encoding or ";12" in encoding or (image.format in {"AVIF", "HEIF"} and (boxes.find_depth(data) or 8) > 8)
    notes += [Note(DEEP)] if deep is None and narrowed else []
    notes += [Note(SEVERAL)] if holds_several(image) else []
    notes += [Note(MORE_CHANNELS)] if count_left_out(image) else []
    notes += [Note(GAIN_MAP)] if holds_gain_map(data) else []
    orientation, coded, about = orientation_of(image), read_quantisation(image), extract_about(image)
    notes += [Note(INCOMPLETE)] if complaints or missing.lacks_parts(image, data) else []
    if about.dpi and orientation > 4:  # lies on its side
        about = replace(about, dpi=about.dpi[::-1])
    turn = TURNS.get(orientation, np.asarray)
    alpha = alpha if opened.alpha is None or deep is not None else opened.alpha
    upright = None if alpha is None else np.ascontiguousarray(turn(alpha))
    coded = coded and coded.turned(orientation, image.size)
    return Photo(np.ascontiguousarray(turn(rgb)), upright, icc, noise, about, tuple(notes), coded)


def name_encoding(arguments: object) -> str:
    """Pillow's name for the format of pixels in a file, such as “RGB;16B”, from what it tells its decoder."""
    first = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    return first if isinstance(first, str) else ""


def open_image(data: bytes, name: str) -> Opened:
    """What a file begins with, after its kind and size were checked. Raises PhotoError."""
    if raw.is_raw(data):
        raise PhotoError(
            "“{name}” is a camera raw file, and only its small preview could be read. "
            "Develop it in a raw converter, and save it as JPEG, PNG or TIFF.",
            name=name,
        )
    Image.init()  # without it, Pillow knows only some of the formats by name
    notes: tuple[Note, ...] = ()
    # Decoders raise whatever a damaged file drives them to (OSError, SyntaxError, struct.error, …): here all of it means the file.
    try:
        bitmap = bmp.read_head(data)
        if bitmap is not None and bitmap.width * bitmap.height <= MAX_PIXELS:
            image, whole = bmp.decode_bitmap(bitmap, data)
            notes = () if whole else (Note(INCOMPLETE),)
        elif heic.is_heic(data):
            image = heic.open_heic(data, name, MAX_PIXELS)
        else:
            image = None if bitmap else Image.open(io.BytesIO(data), formats=FORMATS)
    except PhotoError:
        raise
    except Image.DecompressionBombError as failure:
        raise photo_too_large(name) from failure
    except UnidentifiedImageError as failure:
        if data.startswith(TIFF_BEGINNINGS):
            return open_rare_tiff(data, name)
        precision = jpeg.find_precision(data)
        if precision not in (None, 8):
            raise PhotoError(
                "“{name}” is a JPEG with {bits} bits a channel, and only those with 8 are read. Please save it as PNG or TIFF.",
                name=name,
                bits=precision,
            ) from failure
        if begins_as_photo(data):
            raise photo_damaged(name) from failure
        raise PhotoError(
            "“{name}” is not a picture this program reads. Please use {formats}.", name=name, formats=FORMATS_IN_WORDS
        ) from failure
    except Exception as failure:
        raise photo_damaged(name) from failure
    if image is None or image.width * image.height > MAX_PIXELS:
        raise photo_too_large(name)
    if image.format == "BMP" and (profile := bmp.read_profile(data)):
        image.info["icc_profile"] = profile
    if isinstance(image, TiffImagePlugin.TiffImageFile) and is_misread(image):
        return open_rare_tiff(data, name)
    return Opened(image, notes=notes)


def is_misread(image: TiffImagePlugin.TiffImageFile) -> bool:
    """Whether Pillow takes signed values for others, planes of more than 8 bits for such of 8, or grey and opacity in planes for one."""
    tags = image.tag_v2
    bits = max(tags.get(TIFF_BITS, (8,)))
    planes = tags.get(TIFF_PLANAR) == 2 and (bits > 8 or (image.mode == "LA" and tags.get(TIFF_INTERPRETATION) in (0, 1)))
    return planes or (bits <= 16 and SIGNED in tags.get(TIFF_SIGN, ()))


def open_rare_tiff(data: bytes, name: str) -> Opened:
    """As `open_image`, of a TIFF that Pillow does not read."""
    try:
        picture = tiff.read_tiff(data, name, MAX_PIXELS)
    except PhotoError:
        raise
    except Exception as failure:
        raise photo_damaged(name) from failure
    if picture is None:
        raise photo_too_large(name)
    return picture


def load_bytes(path: Path, name: str) -> bytes:
    try:
        found = path.stat()
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
            raise PhotoError("“{name}” is a device or a pipe. Give a file.", name=name)
        if found.st_size > MAX_BYTES:
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
    """The EXIF orientation; 1, upright, where there is none or the EXIF data are damaged. XMP's is not asked, as in browsers."""
    try:
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            found = image.tag_v2.get(0x0112)
        else:
            exif = Image.Exif()
            exif.load(image.info.get("exif") or b"")
            found = exif.get(0x0112)
    except Exception:  # the pixels are readable whatever stands in the EXIF block
        return 1
    return found if isinstance(found, int) else 1


def extract_about(image: Image.Image) -> About:
    """The metadata of a loaded picture that are kept; of damaged metadata, what can be read."""
    try:
        found = image.getexif()
        exif = {tag: found[tag] for tag in KEPT_TAGS if tag in found}
    except Exception:  # as above
        exif = {}
    try:
        iptc = (IptcImagePlugin.getiptcinfo(image) if isinstance(image, ImageFile.ImageFile) else None) or {}
    except Exception:
        iptc = {}
    return read_about(image.info, exif, iptc)


def holds_several(image: Image.Image) -> bool:
    """Whether the file is an animation, or has pages or slices. The further pictures of a camera's JPEG (MPO) do not count."""
    try:
        if isinstance(image, TiffImagePlugin.TiffImageFile) and image.tag_v2.get(TIFF_DEPTH, 1) > 1:
            return True
        return image.format != "MPO" and bool(getattr(image, "is_animated", False))
    except Exception:  # what follows the first picture is damaged
        return True


def clear_outside(frame: tuple[int, int, int, int], alpha: np.ndarray | None, size: tuple[int, int]) -> np.ndarray:
    """The opacity, uint8 (H, W), of a canvas of `size` = (width, height) on which only `frame` was painted."""
    left, top, right, bottom = frame
    shown = np.zeros(size[::-1], np.uint8)
    shown[top:bottom, left:right] = 255 if alpha is None else alpha[top:bottom, left:right]
    return shown


def count_left_out(image: Image.Image) -> int:
    """How many channels of a TIFF are neither colours nor transparency: Pillow leaves them out."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return 0
    extras = image.tag_v2.get(TIFF_EXTRAS, ())
    return len(extras) - (image.mode in {"RGBA", "LA", "PA"})


def holds_gain_map(data: bytes) -> bool:
    """Whether a second picture in the file says how much brighter an HDR screen shows the first (ISO 21496-1, Adobe, Apple)."""
    return any(mark in data for mark in GAIN_MAPS) or (data[4:8] == b"ftyp" and b"tmap" in data[:4096])


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
    compressed = image.format in {"AVIF", "HEIF"} or image.info.get("compression") in {"jpeg", "tiff_jpeg", "webp"}
    return USUAL_NOISE if compressed or (image.format == "WEBP" and is_lossy_webp(data)) else 0.0


def read_quantisation(image: Image.Image) -> Quantisation | None:
    """`Photo.coded` of a picture that is loaded and not yet turned. None for all but JPEG in Y, Cb and Cr, for colours that were converted,
    and for tables that stand between scans."""
    if not isinstance(image, JpegImagePlugin.JpegImageFile) or image.mode == "CMYK" or len(image.layer) != image.layers:
        return None
    if image.mode == "L" and image.info.get("icc_profile"):
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
    return next((name == b"VP8 " for name, _ in missing.split_webp(data) if name in (b"VP8 ", b"VP8L")), False)


def recompress(photo: Photo, quality: int) -> Photo:
    """The photo after it was saved as JPEG of `quality` (1 … 100) and read again: colours at half the size, without transparency."""
    data = io.BytesIO()
    Image.fromarray(photo.rgb).save(data, "JPEG", quality=quality, icc_profile=photo.icc)
    return decode(data.getvalue(), "JPEG")


def begins_as_photo(data: bytes) -> bool:
    """Whether a file's first 256 bytes are those of a photo, whole or not."""
    boxed = data[4:8] == b"ftyp" and (heic.is_heic(data) or data[8:12] in (b"avif", b"avis", b"crx "))
    return boxed or data.startswith((*BEGINNINGS, *raw.BEGINNINGS)) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
