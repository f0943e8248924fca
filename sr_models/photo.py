"""Photo files to and from `Photo`: orientation, transparency, colour profile, limits, rounding."""

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from sr_models.errors import PhotoError

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "BMP", "TIFF", "GIF")
FORMATS_IN_WORDS = "JPEG, PNG, WebP, AVIF, BMP, TIFF or GIF"
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".gif")
MAX_PIXELS = 50_000_000
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
    lossy: bool = False
    """Read from a file with lossy compression: JPEG, lossy WebP or AVIF."""

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
    if not path.is_file():
        raise PhotoError("There is no file “{name}”. Check the path and try again.", name=name)
    data = path.read_bytes()
    if not data:
        raise PhotoError("“{name}” is empty (0 bytes). Please save or upload the photo again.", name=name)
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
    kind = image.format or ""  # an upright copy no longer knows it
    try:
        image.load()
        image = ImageOps.exif_transpose(image)
    except Exception as failure:
        raise damaged(name) from failure
    rgb, alpha, icc = split(image, name)
    return Photo(rgb, alpha, icc, lossy=is_lossy(kind, data))


def too_large(name: str) -> PhotoError:
    return PhotoError(
        "“{name}” is too large: photos of up to {limit} megapixels are accepted. Please make it smaller first.",
        name=name,
        limit=MAX_PIXELS // 1_000_000,
    )


def damaged(name: str) -> PhotoError:
    return PhotoError("“{name}” is damaged or incomplete and could not be read to the end. Please export or upload it again.", name=name)


def is_lossy(kind: str, data: bytes) -> bool:
    """Whether a file of this format holds lossy pixels. MPO is a JPEG with further pictures; “VP8 ” is WebP's lossy chunk (RFC 9649)."""
    return kind in {"JPEG", "MPO", "AVIF"} or (kind == "WEBP" and b"VP8 " in data[:4096])


def split(image: Image.Image, name: str) -> tuple[np.ndarray, np.ndarray | None, bytes | None]:
    """A loaded picture of any mode → (rgb, alpha, icc) as in Photo."""
    if image.mode.startswith("I;16"):
        values = np.asarray(image).astype(np.uint16)
        grey = np.rint(values / 257).astype(np.uint8)
        clear = image.info.get("transparency")
        alpha = None if clear is None else np.where(values == clear, 0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2), alpha, None
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


def write(photo: Photo, file: str | os.PathLike[str] | BinaryIO) -> None:
    """Write a PNG with the photo's transparency and profile, and no other metadata. A path ends up complete or untouched."""
    pixels = photo.rgb if photo.alpha is None else np.dstack([photo.rgb, photo.alpha])
    image = Image.fromarray(pixels)
    options = {"format": "PNG", "compress_level": PNG_COMPRESSION, "icc_profile": photo.icc}
    if not isinstance(file, str | os.PathLike):
        image.save(file, **options)
        return
    path = Path(file)
    part = path.with_name(path.name + ".part")
    try:
        image.save(part, **options)
        part.replace(path)
    except OSError as failure:
        part.unlink(missing_ok=True)
        raise PhotoError(
            "“{name}” could not be written ({reason}). Check the folder and the free space.", name=path.name, reason=failure.strerror
        ) from failure


def resized(photo: Photo, size: tuple[int, int]) -> Photo:
    """The photo with `size` = (width, height) pixels, by plain bicubic resampling, on white where it is transparent."""
    image = Image.fromarray(photo.rgb)
    if photo.alpha is not None:
        white = Image.new("RGB", photo.size, "white")
        image = Image.composite(image, white, Image.fromarray(photo.alpha))
    if image.size != size:
        image = image.resize(size, Image.Resampling.BICUBIC)
    return Photo(np.asarray(image), icc=photo.icc)
