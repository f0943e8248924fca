"""Photo files to and from `Photo`: orientation, transparency, colour profile, limits, rounding."""

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from sr_models.errors import PhotoError

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
USUAL_NOISE = 3.5
"""Levels of 255: a JPEG or WebP of quality 75 to 80, where the file does not tell."""
PNG_COMPRESSION = 1  # measured by tests/benchmark.py: level 6 takes several times as long for a few percent of size


@dataclass(frozen=True)
class Photo:
    """A picture in host memory."""

    rgb: np.ndarray
    """uint8 (H, W, 3), encoded as `icc` says, sRGB without one."""
    alpha: np.ndarray | None = None
    """uint8 (H, W), 0 is transparent; None where the file had none."""
    icc: bytes | None = None
    """The RGB profile of the file, to be attached to the result."""
    noise: float = 0.0
    """Levels of 255: about the standard error that the file's lossy compression (JPEG, WebP, AVIF) left in its pixels."""

    @property
    def lossy(self) -> bool:
        return self.noise > 0

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.rgb.shape[1], self.rgb.shape[0]


def read(file: str | os.PathLike[str], name: str | None = None) -> Photo:
    """The first picture of a file, upright, 8 bits a channel. `name` is what the person calls the file, for messages.

    Raises PhotoError for anything that is no picture, damaged, too large or of a kind that cannot be shown faithfully.
    """
    path = Path(file)
    name = name or path.name
    return decoded(contents(path, name), name)


def decoded(data: bytes, name: str) -> Photo:
    """The content of a file, as `read` gives it."""
    Image.init()  # without it, Pillow knows only some of the formats by name
    # Decoders raise whatever a damaged file drives them to (OSError, SyntaxError, struct.error, …): here all of it means the file.
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as failure:
        raise too_large(name) from failure
    except UnidentifiedImageError as failure:
        raise PhotoError(
            "“{name}” is not a picture this program reads. Please use {formats}.", name=name, formats=FORMATS_IN_WORDS
        ) from failure
    except Exception as failure:
        raise damaged(name) from failure
    if image.width * image.height > MAX_PIXELS:
        raise too_large(name)
    noise = compression_noise(image, data)
    encoding = str(image.tile[0].args) if image.tile else ""  # as in the file: loading forgets it
    try:
        image.load()
    except Exception as failure:
        raise damaged(name) from failure
    rgb, alpha, icc = split(image, encoding, name)
    turn = TURNS.get(orientation(image), np.asarray)
    return Photo(np.ascontiguousarray(turn(rgb)), None if alpha is None else np.ascontiguousarray(turn(alpha)), icc, noise)


def contents(path: Path, name: str) -> bytes:
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


def orientation(image: Image.Image) -> int:
    """The EXIF orientation; 1, upright, where there is none or the EXIF data are damaged."""
    try:
        found = image.getexif().get(0x0112)
    except Exception:  # the pixels are readable whatever stands in the EXIF block
        return 1
    return found if isinstance(found, int) else 1


def too_large(name: str) -> PhotoError:
    return PhotoError(
        "“{name}” is too large: photos of up to {limit} megapixels are accepted. Please make it smaller first.",
        name=name,
        limit=MAX_PIXELS // 1_000_000,
    )


def damaged(name: str) -> PhotoError:
    return PhotoError("“{name}” is damaged or incomplete and could not be read to the end. Please export or upload it again.", name=name)


def compression_noise(image: Image.Image, data: bytes) -> float:
    """As in Photo. From the brightness table of a JPEG (MPO is one with further pictures); other files do not tell how far they went.

    The error grows slower than the table's steps, because ever more coefficients vanish whole: 1.07 · (mean step² / 12)^¼ was
    within 15 % of the brightness error of 6 product photos saved with quality 50 to 90, and above it by a third up to 98.
    """
    tables = getattr(image, "quantization", None)
    if tables:
        steps = np.array(tables[min(tables)], np.float64)
        return float(1.07 * (np.square(steps).mean() / 12) ** 0.25)
    compressed = image.format == "AVIF" or image.info.get("compression") in {"jpeg", "tiff_jpeg", "webp"}
    return USUAL_NOISE if compressed or (image.format == "WEBP" and is_lossy_webp(data)) else 0.0


def is_lossy_webp(data: bytes) -> bool:
    """Whether the first picture is in a “VP8 ” chunk rather than a “VP8L” one (RFC 9649); an animation's frames lie inside “ANMF”."""
    position = 12
    while position + 8 <= len(data):
        name, size = data[position : position + 4], int.from_bytes(data[position + 4 : position + 8], "little")
        if name in (b"VP8 ", b"VP8L"):
            return name == b"VP8 "
        position += 8 + (16 if name == b"ANMF" else size + size % 2)
    return False


def split(image: Image.Image, encoding: str, name: str) -> tuple[np.ndarray, np.ndarray | None, bytes | None]:
    """A loaded picture of any mode → (rgb, alpha, icc) as in Photo; `encoding` as Pillow found it in the file."""
    clear = image.info.get("transparency")
    if image.mode.startswith("I;16"):
        values = np.asarray(image).astype(np.uint16)
        if getattr(image, "tag_v2", {}).get(TIFF_PHOTOMETRIC) == 0:  # white is zero
            values = 65535 - values
        grey = np.rint(values / 257).astype(np.uint8)
        alpha = None if clear is None else np.where(values == clear, 0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2), alpha, None
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
    if image.mode in {"CMYK", "LAB", "YCbCr"}:
        return np.asarray(to_srgb(image)), None, None
    has_alpha = image.has_transparency_data
    pixels = np.asarray(image.convert("RGBA" if has_alpha else "RGB"))
    alpha = pixels[:, :, 3].copy() if has_alpha else None
    grey = image.mode in {"1", "L", "LA"}
    return np.ascontiguousarray(pixels[:, :, :3]), alpha, None if grey else rgb_profile(image)


def rgb_profile(image: Image.Image) -> bytes | None:
    """The attached profile if it is a readable RGB one: any other would show the result in wrong colours."""
    profile = opened_profile(image)
    fits = profile is not None and profile.profile.xcolor_space.strip() == "RGB"  # pyright: ignore[reportAttributeAccessIssue]
    return image.info["icc_profile"] if fits else None


def opened_profile(image: Image.Image) -> ImageCms.ImageCmsProfile | None:
    data = image.info.get("icc_profile")
    if not data:
        return None
    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(data))
    except (OSError, ImageCms.PyCMSError):
        return None


def to_srgb(image: Image.Image) -> Image.Image:
    """A CMYK, Lab or YCbCr picture in sRGB: through its profile where it has a fitting one, else by the plain formula."""
    profile = ImageCms.createProfile("LAB") if image.mode == "LAB" else opened_profile(image)
    if profile is None:
        return image.convert("RGB")
    try:
        converted = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except ImageCms.PyCMSError:
        return image.convert("RGB")
    assert converted is not None  # only an in-place conversion returns nothing
    return converted


def write(photo: Photo, file: str | os.PathLike[str]) -> None:
    """Write a PNG with the photo's transparency and profile, and no other metadata. The file ends up complete or untouched."""
    path = Path(file)
    part = path.with_name(path.name[:200] + ".part")
    try:
        save_png(photo, part)
        part.replace(path)
    except OSError as failure:
        part.unlink(missing_ok=True)
        raise PhotoError(
            "“{name}” could not be written ({reason}). Check the folder and the free space.",
            name=path.name,
            reason=failure.strerror or failure,
        ) from failure


def png(photo: Photo) -> bytes:
    """The file that `write` makes."""
    data = io.BytesIO()
    save_png(photo, data)
    return data.getvalue()


def save_png(photo: Photo, target: Path | BinaryIO) -> None:
    pixels = photo.rgb if photo.alpha is None else np.dstack([photo.rgb, photo.alpha])
    Image.fromarray(pixels).save(target, "PNG", compress_level=PNG_COMPRESSION, icc_profile=photo.icc)


def recompressed(photo: Photo, quality: int) -> Photo:
    """The photo as a JPEG file of `quality` (1 … 100) brings it back: colour at half the size, as usual, and no transparency."""
    data = io.BytesIO()
    Image.fromarray(photo.rgb).save(data, "JPEG", quality=quality, icc_profile=photo.icc)
    return decoded(data.getvalue(), "JPEG")


def photo_files(folder: Path) -> list[Path]:
    """The photo files of a folder, by name; raises PhotoError where there are none."""
    if not folder.is_dir():
        raise PhotoError("There is no folder “{folder}”. Give the folder that holds the photos.", folder=folder)
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file())
    if not files:
        raise PhotoError("The folder “{folder}” holds no photo ({formats}).", folder=folder, formats=FORMATS_IN_WORDS)
    return files


def resized(photo: Photo, size: tuple[int, int]) -> Photo:
    """The photo with `size` = (width, height) pixels, by plain bicubic resampling, on white where it is transparent."""
    pixels = photo.rgb if photo.alpha is None else np.dstack([photo.rgb, photo.alpha])
    image = Image.fromarray(pixels)
    if image.size != size:
        image = image.resize(size, Image.Resampling.BICUBIC)  # weighs colours by their opacity
    if photo.alpha is not None:
        image = Image.alpha_composite(Image.new("RGBA", size, "white"), image).convert("RGB")
    return Photo(np.asarray(image), icc=photo.icc)
