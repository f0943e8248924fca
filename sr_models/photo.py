"""Photo files to and from `Photo`: orientation, transparency, colour profile, limits, rounding."""

import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
from PIL import Image, ImageCms, ImageFile, IptcImagePlugin, JpegImagePlugin, UnidentifiedImageError

from sr_models.about import KEPT_TAGS, About, Note, about_file
from sr_models.compression import BLOCK, Quantisation, flat
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
STANDARD_CMYK = Path(__file__).with_name("cmyk.icc")
"""Coated offset print, the usual one in Europe since 2006: sampled at 9⁴ dots from FOGRA39L, the measurements of Fogra (www.fogra.org), as
distributed by Kai-Uwe Behrmann in ICC Profiles Free 2.0.1 under the zlib licence. Its colours differ from those of the profile ISO Coated
v2 300 % by basICColor by a ΔE of 0.4 on average, 1.5 at most."""

CMYK_OWN = "The photo is CMYK: it was converted to sRGB through its own profile, “{profile}”."
CMYK_STANDARD = "The photo is CMYK without a usable profile: it was read as coated offset print (FOGRA39) and converted to sRGB."
GREY_OWN = "The photo is grey with a profile of its own, “{profile}”: it was converted to sRGB."
LAB = "The photo is Lab: it was converted to sRGB."
UNUSABLE = "The colour profile of the photo is damaged or for another kind of picture: its colours were read as sRGB."
DEEP = "The photo has more than 8 bits a channel; the result has 8."
SEVERAL = "The file holds several pictures: the first one was read."
"""What the person should know about how a photo was read."""


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
    about: About = field(default_factory=About)
    """Resolution, artist, copyright: what the result's file says too."""
    notes: tuple[Note, ...] = ()
    """What the person should know about how the file was read."""
    coded: Quantisation | None = None
    """How a JPEG's coefficients were rounded, as long as the pixels are the file's own; None where that is not known."""

    @property
    def lossy(self) -> bool:
        return self.noise > 0

    @property
    def quantisation(self) -> Quantisation | None:
        """How the coefficients were rounded, as the file tells or as `noise` lets expect; None where nothing was lost."""
        return (self.coded or flat(self.noise)) if self.lossy else None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.rgb.shape[1], self.rgb.shape[0]

    def meant(self, picture: np.ndarray) -> np.ndarray:
        """Of all that the file can mean, what is nearest to `picture`, uint8 (H, W, 3): the pixels themselves where nothing was lost."""
        return self.rgb if self.quantisation is None else self.quantisation.nearest(picture, self.rgb)

    def part(self, rows: slice, columns: slice) -> "Photo":
        """These rows and columns, alone."""
        rgb = np.ascontiguousarray(self.rgb[rows, columns])
        alpha = None if self.alpha is None else np.ascontiguousarray(self.alpha[rows, columns])
        return replace(self, rgb=rgb, alpha=alpha, coded=self.coded and self.coded.moved(rows.start, columns.start))


def read(file: str | os.PathLike[str], name: str | None = None) -> Photo:
    """The first picture of a file, upright, 8 bits a channel. `name` is what the person calls the file, for messages.

    Raises PhotoError for anything that is no picture, damaged, too large or of a kind that cannot be shown faithfully.
    """
    path = Path(file)
    name = name or path.name
    return decoded(contents(path, name), name)


def size_of(file: str | os.PathLike[str]) -> tuple[int, int]:
    """(width, height) in pixels, as the file's first lines say, of any orientation. Raises PhotoError for what is no picture."""
    path = Path(file)
    try:
        with Image.open(path, formats=FORMATS) as image:
            return image.size
    except Exception as failure:  # decoders raise whatever a damaged file drives them to
        raise damaged(path.name) from failure


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
    rgb, alpha, icc, notes = split(image, encoding, name)
    notes += [Note(DEEP)] if ";16" in encoding or ";12" in encoding else []
    notes += [Note(SEVERAL)] if holds_several(image) else []
    about, orientation = kept(image), orientation_of(image)
    if about.dpi and orientation > 4:  # lies on its side
        about = replace(about, dpi=about.dpi[::-1])
    turn = TURNS.get(orientation, np.asarray)
    upright = None if alpha is None else np.ascontiguousarray(turn(alpha))
    coded = quantisation(image)
    coded = coded and coded.turned(orientation, image.size)
    return Photo(np.ascontiguousarray(turn(rgb)), upright, icc, noise, about, tuple(notes), coded)


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


def orientation_of(image: Image.Image) -> int:
    """The EXIF orientation; 1, upright, where there is none or the EXIF data are damaged."""
    try:
        found = image.getexif().get(0x0112)
    except Exception:  # the pixels are readable whatever stands in the EXIF block
        return 1
    return found if isinstance(found, int) else 1


def kept(image: ImageFile.ImageFile) -> About:
    """What survives of a loaded picture's metadata; of damaged ones, what can be read."""
    try:
        found = image.getexif()
        exif = {tag: found[tag] for tag in KEPT_TAGS if tag in found}
    except Exception:  # as above
        exif = {}
    try:
        iptc = IptcImagePlugin.getiptcinfo(image) or {}
    except Exception:
        iptc = {}
    return about_file(image.info, exif, iptc)


def holds_several(image: Image.Image) -> bool:
    """Whether it is an animation or has pages. A JPEG's further pictures (MPO) are the camera's own business."""
    try:
        return image.format != "MPO" and bool(getattr(image, "is_animated", False))
    except Exception:  # what follows the first picture is damaged
        return True


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


def quantisation(image: Image.Image) -> Quantisation | None:
    """As in Photo.coded, of a file that is loaded but not turned. None where its colours are not Y, Cb and Cr, or did not stay as they are,
    and where tables stand between its scans."""
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


def split(image: Image.Image, encoding: str, name: str) -> tuple[np.ndarray, np.ndarray | None, bytes | None, list[Note]]:
    """A loaded picture of any mode → (rgb, alpha, icc, notes) as in Photo; `encoding` as Pillow found it in the file."""
    clear = image.info.get("transparency")
    if image.mode.startswith("I;16"):
        values = np.asarray(image).astype(np.uint16)
        if "I;12" in encoding:  # Pillow leaves these as they are, up to 4095
            values = np.rint(values * (65535 / 4095)).astype(np.uint16)
        if getattr(image, "tag_v2", {}).get(TIFF_PHOTOMETRIC) == 0:  # white is zero
            values = 65535 - values
        alpha = None if clear is None else np.where(values == clear, 0, 255).astype(np.uint8)
        table, notes = greys(image)
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
        pixels, note = from_cmyk(image)
        return np.asarray(pixels), None, None, [note]
    if image.mode == "LAB":
        return np.asarray(converted(image, own("LAB"), own("sRGB"))), None, None, [Note(LAB)]
    has_alpha = image.has_transparency_data
    pixels = np.asarray(image.convert("RGBA" if has_alpha else "RGB"))
    alpha = pixels[:, :, 3].copy() if has_alpha else None
    if image.mode in {"L", "LA"}:
        table, notes = greys(image)
        return table[::257][pixels[:, :, 0]], alpha, None, notes
    icc, notes = rgb_profile(image)
    return np.ascontiguousarray(pixels[:, :, :3]), alpha, icc, notes


def rgb_profile(image: Image.Image) -> tuple[bytes | None, list[Note]]:
    """The attached profile if it is a readable RGB one: any other would show the result in wrong colours."""
    data = image.info.get("icc_profile")
    fits = opened_profile(data, "RGB") is not None
    return (data, []) if fits else (None, [Note(UNUSABLE)] if data else [])


def opened_profile(data: bytes | None, space: str) -> ImageCms.ImageCmsProfile | None:
    """A profile of a file, if it can be read and is one for pixels of `space`: "RGB", "GRAY" or "CMYK"."""
    if not data:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
    except (OSError, ImageCms.PyCMSError):
        return None
    return profile if profile.profile.xcolor_space.strip() == space else None  # pyright: ignore[reportAttributeAccessIssue]


def called(profile: ImageCms.ImageCmsProfile) -> str:
    """What a profile calls itself."""
    return " ".join((profile.profile.profile_description or "?").split())[:80]  # pyright: ignore[reportAttributeAccessIssue]


def own(name: Literal["sRGB", "LAB"]) -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name))


def converted(image: Image.Image, source: ImageCms.ImageCmsProfile, target: ImageCms.ImageCmsProfile) -> Image.Image:
    """A picture from its profile to an RGB one, relative colorimetric, black to black. Raises PyCMSError."""
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
    if image.mode != "RGB":  # littleCMS's shortcut is off by up to 10 levels for grey, 20 for CMYK and 50 for Lab; for RGB by 1
        flags |= ImageCms.Flags.NOOPTIMIZE
    result = ImageCms.profileToProfile(
        image,
        source,
        target,
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=flags,
    )
    assert result is not None  # only an in-place conversion returns nothing
    return result


def greys(image: Image.Image) -> tuple[np.ndarray, list[Note]]:
    """rgb uint8 (65536, 3) in sRGB for each 16-bit value of a grey picture (every 257th is one of 8 bits), through its grey profile."""
    ramp = np.arange(65536, dtype=np.uint16)
    data = image.info.get("icc_profile")
    profile = opened_profile(data, "GRAY")
    if profile is not None:
        try:
            table = np.asarray(converted(Image.fromarray(ramp[None]), profile, own("sRGB")))[0]
            return table, [Note(GREY_OWN, {"profile": called(profile)})]
        except ImageCms.PyCMSError:
            pass
    return np.repeat(np.rint(ramp / 257).astype(np.uint8)[:, None], 3, axis=1), [Note(UNUSABLE)] if data else []


def from_cmyk(image: Image.Image) -> tuple[Image.Image, Note]:
    """A CMYK picture in sRGB, through its profile or, where it has no usable one, the standard one."""
    profile = opened_profile(image.info.get("icc_profile"), "CMYK")
    if profile is not None:
        try:
            return converted(image, profile, own("sRGB")), Note(CMYK_OWN, {"profile": called(profile)})
        except ImageCms.PyCMSError:
            pass
    standard = ImageCms.ImageCmsProfile(io.BytesIO(STANDARD_CMYK.read_bytes()))
    return converted(image, standard, own("sRGB")), Note(CMYK_STANDARD)


def to_srgb(photo: Photo) -> Photo:
    """The photo with its colours in sRGB and no profile; colours that sRGB does not hold move to the nearest ones it does.

    A profile that differs from sRGB by no more than a level of 255 is sRGB by another name: the pixels stay what they are.
    """
    profile = opened_profile(photo.icc, "RGB")
    if profile is None:
        return replace(photo, icc=None)
    steps = np.arange(0, 256, 15, dtype=np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    try:
        if np.abs(np.asarray(converted(Image.fromarray(cube), profile, own("sRGB"))).astype(int) - cube).max() <= 1:
            return replace(photo, icc=None)
        return replace(photo, rgb=np.asarray(converted(Image.fromarray(photo.rgb), profile, own("sRGB"))), icc=None, coded=None)
    except ImageCms.PyCMSError:
        return replace(photo, icc=None)


def colour_for(photo: Photo, colour: tuple[int, int, int]) -> tuple[int, int, int]:
    """`colour`, sRGB levels of 255, as the photo's profile encodes it."""
    profile = opened_profile(photo.icc, "RGB")
    if profile is None or colour in ((0, 0, 0), (255, 255, 255)):  # these are the same in every RGB profile
        return colour
    try:
        red, green, blue = np.asarray(converted(Image.new("RGB", (1, 1), colour), own("sRGB"), profile))[0, 0].tolist()
    except ImageCms.PyCMSError:  # a profile that only tells the way out
        return colour
    return red, green, blue


def write(photo: Photo, file: str | os.PathLike[str]) -> None:
    """Write a PNG with the photo's transparency and profile, and no other metadata. The file ends up complete or untouched."""
    replaced(Path(file), lambda part: save_png(photo, part))


def replaced(path: Path, save: Callable[[Path], object]) -> None:
    """Let `save` write a file that ends up complete under `path` or not at all: what was there stays until then."""
    part = path.with_name(path.name[:200] + ".part")
    try:
        save(part)
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
