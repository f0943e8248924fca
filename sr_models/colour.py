"""Colour profiles: which a photo keeps, and how its colours become sRGB where the result cannot carry its profile."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageCms

from sr_models.photo import Note, Photo
from sr_models.profiles import BT709, SRGB_CURVE, make_profile

STANDARD_CMYK = Path(__file__).with_name("cmyk.icc")
"""Coated offset print, the usual one in Europe since 2006: sampled at 9⁴ dots from FOGRA39L, the measurements of Fogra (www.fogra.org), as
distributed by Kai-Uwe Behrmann in ICC Profiles Free 2.0.1 under the zlib licence. Its colours differ from those of the profile ISO Coated
v2 300 % by basICColor by a ΔE of 0.4 on average, 1.5 at most."""

CMYK_OWN = "The photo is CMYK: it was converted to sRGB through its own profile, “{profile}”."
CMYK_STANDARD = "The photo is CMYK without a usable profile: it was read as coated offset print (FOGRA39) and converted to sRGB."
GREY_OWN = "The photo is grey with a profile of its own, “{profile}”: it was converted to sRGB."
UNUSABLE = "The colour profile of the photo is damaged or for another kind of picture: its colours were read as sRGB."


def read_rgb_profile(image: Image.Image) -> tuple[bytes | None, list[Note]]:
    """(profile, notes): the file's profile if it is a readable RGB one, else None; any other would show the result in wrong colours."""
    data = image.info.get("icc_profile")
    fits = open_profile(data, "RGB") is not None
    return (data, []) if fits else (None, [Note(UNUSABLE)] if data else [])


def open_profile(data: bytes | None, space: str) -> ImageCms.ImageCmsProfile | None:
    """The profile in `data`; None where it cannot be read or is not for pixels of `space`: "RGB", "GRAY" or "CMYK"."""
    if not data:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
    except (OSError, ImageCms.PyCMSError):
        return None
    return profile if profile.profile.xcolor_space.strip() == space else None  # pyright: ignore[reportAttributeAccessIssue]


def describe_profile(profile: ImageCms.ImageCmsProfile) -> str:
    """The name that a profile gives itself, at most 80 characters."""
    return " ".join((profile.profile.profile_description or "?").split())[:80]  # pyright: ignore[reportAttributeAccessIssue]


def create_profile(name: Literal["sRGB", "LAB"]) -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name))


def convert_profile(
    image: Image.Image, source: ImageCms.ImageCmsProfile, target: ImageCms.ImageCmsProfile, mode: str = "RGB"
) -> Image.Image:
    """A picture converted from its profile to one of pixels of `mode`: relative colorimetric, with black point compensation.

    Raises PyCMSError.
    """
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
    if image.mode != "RGB":  # littleCMS's shortcut is off by up to 10 levels for grey, 20 for CMYK and 50 for Lab; for RGB by 1
        flags |= ImageCms.Flags.NOOPTIMIZE
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    result = ImageCms.profileToProfile(image, source, target, renderingIntent=intent, outputMode=mode, flags=flags)
    assert result is not None  # only an in-place conversion returns nothing
    return result


def try_profile(
    image: Image.Image, source: ImageCms.ImageCmsProfile | None, target: ImageCms.ImageCmsProfile, mode: str = "RGB"
) -> np.ndarray | None:
    """What `convert_profile` gives, (H, W, …); None without a profile, or where it is of no use for that."""
    try:
        return None if source is None else np.asarray(convert_profile(image, source, target, mode))
    except ImageCms.PyCMSError:
        return None


def tabulate_greys(image: Image.Image, deep: bool) -> tuple[np.ndarray, list[Note]]:
    """R, G and B in sRGB for each value of a grey picture, through its grey profile: uint8 (256, 3), or `deep` uint16 (65536, 3)."""
    data = image.info.get("icc_profile")
    profile, ramp = open_profile(data, "GRAY"), Image.fromarray(np.arange(65536, dtype=np.uint16)[None])
    target, mode = create_profile("sRGB"), "RGB"
    if deep:  # to grey, because Pillow knows no RGB of 16 bits
        target, mode = ImageCms.ImageCmsProfile(io.BytesIO(make_profile("sRGB", SRGB_CURVE, BT709, "GRAY"))), "I;16"
    converted = try_profile(ramp, profile, target, mode)
    if profile is None or converted is None:
        table, notes = np.arange(65536 if deep else 256, dtype=np.uint16 if deep else np.uint8), [Note(UNUSABLE)] if data else []
    else:
        table, notes = converted[0, :: 1 if deep else 257], [Note(GREY_OWN, {"profile": describe_profile(profile)})]
    return table if table.ndim == 2 else np.repeat(table[:, None], 3, axis=1), notes


def convert_cmyk(image: Image.Image) -> tuple[np.ndarray, Note]:
    """A CMYK picture in sRGB, through its profile or, where it has no usable one, the standard one."""
    profile = open_profile(image.info.get("icc_profile"), "CMYK")
    converted = try_profile(image, profile, create_profile("sRGB"))
    if profile is not None and converted is not None:
        return converted, Note(CMYK_OWN, {"profile": describe_profile(profile)})
    standard = ImageCms.ImageCmsProfile(io.BytesIO(STANDARD_CMYK.read_bytes()))
    return np.asarray(convert_profile(image, standard, create_profile("sRGB"))), Note(CMYK_STANDARD)


def convert_to_srgb(photo: Photo) -> Photo:
    """The photo with its colours in sRGB and no profile; colours that sRGB does not hold move to the nearest ones it does.

    A profile that differs from sRGB by no more than a level of 255 is sRGB by another name: the pixels stay what they are.
    """
    profile = open_profile(photo.icc, "RGB")
    if profile is None:
        return replace(photo, icc=None)
    steps = np.arange(0, 256, 15, dtype=np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    converted = try_profile(Image.fromarray(cube), profile, create_profile("sRGB"))
    if converted is None or np.abs(converted.astype(int) - cube).max() <= 1:
        return replace(photo, icc=None)
    rgb = try_profile(Image.fromarray(photo.rgb), profile, create_profile("sRGB"))
    return replace(photo, icc=None) if rgb is None else replace(photo, rgb=rgb, icc=None, coded=None)


def encode_colour(photo: Photo, colour: tuple[int, int, int]) -> tuple[int, int, int]:
    """`colour`, sRGB levels of 255, as the photo's profile encodes it."""
    profile = open_profile(photo.icc, "RGB")
    if profile is None or colour in ((0, 0, 0), (255, 255, 255)):  # these are the same in every RGB profile
        return colour
    encoded = try_profile(Image.new("RGB", (1, 1), colour), create_profile("sRGB"), profile)
    red, green, blue = colour if encoded is None else encoded[0, 0].tolist()  # None: a profile that only tells the way out
    return red, green, blue
