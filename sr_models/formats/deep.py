"""The 16 bits a channel of a PNG or TIFF, of which Pillow gives the upper 8 where it is in colour: decoded again for the lower ones."""

import io
import sys

import numpy as np
from PIL import Image, ImageFile, TiffImagePlugin

from sr_models.formats.tiff import divide_by_opacity

PHOTOMETRIC = 262  # TIFF tag
OTHER_END = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
"""The order of bytes in a file, big, little or this machine's → the order by which the lower byte is taken for the upper one."""


def read_deep(image: ImageFile.ImageFile, data: bytes, encoding: str) -> np.ndarray | None:
    """uint16 (H, W, C), C = 1 for grey, 2 with opacity, 3 for colours, 4 with opacity, by which nothing is multiplied any more.

    None for another kind of picture. `image` is the loaded picture of the file `data`, and `encoding` Pillow's name for the pixel format in
    it, such as “RGB;16B”. Raises whatever a damaged file drives Pillow to.
    """
    if image.mode.startswith("I;16"):
        values = np.asarray(image).astype(np.uint16)
        if encoding.startswith("I;12"):  # Pillow leaves these as they are, up to 4095
            values = np.rint(values * (65535 / 4095)).astype(np.uint16)
        # Pillow leaves a TIFF of 16 bits so too where its white is zero
        negative = isinstance(image, TiffImagePlugin.TiffImageFile) and image.tag_v2.get(PHOTOMETRIC) == 0
        return (65535 - values if negative else values)[:, :, None]
    order = encoding[-1:]
    match encoding[:-1]:
        case "LA;16":
            pairs = decode_as(data, image, "RGBA").view(">u2")  # 4 bytes a pixel, as they are
            return pairs.astype(np.uint16)
        case "RGB;16" | "RGBX;16" | "RGBA;16":
            upper = np.asarray(image)
            return join_halves(upper, decode_as(data, image, encoding[:-1] + OTHER_END[order]))
        case "RGBa;16":
            upper, lower = (decode_as(data, image, f"RGBA;16{end}") for end in (order, OTHER_END[order]))
            pixels = join_halves(upper, lower)
            for channel in range(3):
                pixels[:, :, channel] = divide_by_opacity(pixels[:, :, channel], pixels[:, :, 3])
            return pixels
    return None


def decode_as(data: bytes, image: ImageFile.ImageFile, encoding: str) -> np.ndarray:
    """uint8 (H, W, C): the picture in the file `data`, decoded as if its pixels were in the format `encoding`, as Pillow names it.

    That format must take as many bytes a pixel as the true one, which `image`, the same file opened, has.
    """
    with Image.open(io.BytesIO(data), formats=[image.format or ""]) as again:
        assert isinstance(again, ImageFile.ImageFile)
        tiles = again.tile
        again.tile = [tile._replace(args=(encoding, *tile.args[1:]) if isinstance(tile.args, tuple) else encoding) for tile in tiles]
        again.load()
        return np.asarray(again)


def join_halves(upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """The upper and the lower halves of 16 bits, uint8 of one shape → uint16."""
    joined = upper.astype(np.uint16)
    joined <<= 8
    joined |= lower
    return joined
