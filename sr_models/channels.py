"""From a picture of Pillow's, of any mode, to colours and transparency."""

import numpy as np
from PIL import Image

from sr_models.colour import convert_cmyk, convert_profile, create_profile, read_rgb_profile, tabulate_greys
from sr_models.errors import PhotoError
from sr_models.photo import Note
from sr_models.stated import stretch

LAB = "The photo is Lab: it was converted to sRGB."


def split_channels(
    image: Image.Image, encoding: str, name: str, video: bool, deep: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray | None, bytes | None, list[Note]]:
    """A loaded picture of any mode → (rgb, alpha, icc, notes) as in Photo, of the values that `read_deep` gives where there are any.

    `encoding` is Pillow's name for the file's pixel format, `video` whether the colours are of narrow range, which become full range.
    """
    if deep is not None:
        colours, alpha = split_deep(deep, image.info.get("transparency"))
    elif image.mode in {"I", "F"}:
        raise PhotoError(
            "“{name}” has 32-bit values, whose black and white are not defined. Please save it with 8 or 16 bits a channel.", name=name
        )
    elif image.mode == "CMYK":
        pixels, note = convert_cmyk(image)
        return pixels, None, None, [note]
    elif image.mode == "LAB":
        return np.asarray(convert_profile(image, create_profile("LAB"), create_profile("sRGB"))), None, None, [Note(LAB)]
    else:
        colours, alpha = split_shallow(image, encoding)
    if video:
        colours = stretch(colours)
    if is_grey(image, encoding):
        table, notes = tabulate_greys(image, deep is not None)
        return table[colours[:, :, 0]], alpha, None, notes
    icc, notes = read_rgb_profile(image)
    return np.ascontiguousarray(colours), alpha, icc, notes


def split_shallow(image: Image.Image, encoding: str) -> tuple[np.ndarray, np.ndarray | None]:
    """(colours, opacity) with 8 bits a channel, in RGB."""
    # Pillow widens the pixels to 8 bits, or narrows them, but not the transparent value: it would no longer match.
    clear = image.info.get("transparency")
    if "L;2" in encoding and isinstance(clear, int):
        image.info["transparency"] = clear * 85
    elif "L;4" in encoding and isinstance(clear, int):
        image.info["transparency"] = clear * 17
    has_alpha = image.has_transparency_data
    pixels = np.asarray(image.convert("RGBA" if has_alpha else "RGB"))
    return pixels[:, :, :3], pixels[:, :, 3].copy() if has_alpha else None


def split_deep(values: np.ndarray, clear: object) -> tuple[np.ndarray, np.ndarray | None]:
    """(colours, opacity), uint16, in RGB or grey; `clear` is PNG's transparent value."""
    if values.shape[2] in (2, 4):
        return values[:, :, :-1], np.ascontiguousarray(values[:, :, -1])
    shown = isinstance(clear, int | tuple)
    return values, np.where((values == np.array(clear)).all(2), 0, 65535).astype(np.uint16) if shown else None


def is_grey(image: Image.Image, encoding: str) -> bool:
    """Whether a profile of it is one for grey. Pillow opens a PNG of 16-bit grey with transparency as RGBA."""
    if image.format == "BMP":  # of greys, too, it states three primaries
        return False
    return image.mode in {"L", "LA"} or image.mode.startswith("I;16") or "LA;16" in encoding
