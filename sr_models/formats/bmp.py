"""The kinds of BMP that Pillow reads wrong or not at all: run lengths (RLE4, RLE8), and channels that lie where masks say."""

import struct
from dataclasses import dataclass

import numpy as np
from PIL import Image

CALIBRATED, LINKED, EMBEDDED = 0, 0x4C494E4B, 0x4D424544  # kinds of colour space: numbers, "LINK", "MBED"
HEADERS = (40, 52, 56, 108, 124)  # bytes: those of Windows
RLE = {1: 8, 2: 4}  # compression → bits a pixel
MASKED = (3, 6)  # compressions


@dataclass(frozen=True)
class Endpoints:
    """How a BMP states its colours, beside an embedded profile."""

    xyz: tuple[tuple[float, float, float], ...]
    """X, Y, Z of red, green and blue."""
    gammas: tuple[float, float, float]
    linked: bool
    """They stand in a profile that is a file of its own."""


def read_endpoints(data: bytes) -> Endpoints | None:
    """None where the file states nothing: its header is an older one, says sRGB, or leaves the numbers out."""
    if len(data) < 122 or struct.unpack_from("<I", data, 14)[0] not in HEADERS[-2:]:
        return None
    (kind,) = struct.unpack_from("<I", data, 70)
    numbers = struct.unpack_from("<12I", data, 74)
    if kind != LINKED and (kind != CALIBRATED or not any(numbers)):
        return None
    xyz = tuple((x / 2**30, y / 2**30, z / 2**30) for x, y, z in zip(numbers[:9:3], numbers[1:9:3], numbers[2:9:3], strict=True))
    red, green, blue = (value / 2**16 for value in numbers[9:])
    return Endpoints(xyz, (red, green, blue), kind == LINKED)


def read_profile(data: bytes) -> bytes | None:
    """The ICC profile in a BMP."""
    if len(data) < 138 or struct.unpack_from("<I", data, 14)[0] != HEADERS[-1] or struct.unpack_from("<I", data, 70)[0] != EMBEDDED:
        return None
    start, length = struct.unpack_from("<II", data, 126)
    return data[14 + start : 14 + start + length] or None


@dataclass(frozen=True)
class Bitmap:
    """What the header of a BMP says."""

    width: int
    height: int
    upside_down: bool
    """The first row in the file is the lowest, as is usual."""
    bits: int
    compression: int
    start: int
    """Of the pixels in the file."""
    dpi: tuple[float, float]
    masks: tuple[int, int, int, int]
    """Of red, green, blue and opacity."""
    palette: np.ndarray
    """uint8 (256, 3)."""


def read_head(data: bytes) -> Bitmap | None:
    """The header of a BMP; None where it is of another kind, or the file no BMP at all. Raises struct.error where it is cut off."""
    if data[:2] != b"BM" or len(data) < 54:
        return None
    start, head, width, height, planes, bits, compression = struct.unpack_from("<IIiiHHI", data, 10)
    if head not in HEADERS or planes != 1 or width <= 0 or height == 0:
        return None
    if RLE.get(compression) != bits and not (compression in MASKED and bits in (16, 32)):
        return None
    across, down, used = struct.unpack_from("<iiI", data, 38)
    count = 4 if head >= 56 or compression == 6 else 3
    red, green, blue, *opacity = struct.unpack_from(f"<{count}I", data, 54) if compression in MASKED else (0, 0, 0)
    palette = np.zeros((256, 3), np.uint8)
    if compression in RLE:
        place = 14 + head
        entries = np.frombuffer(data[place : place + 4 * min(used or 1 << bits, 256)], np.uint8)
        entries = entries[: len(entries) // 4 * 4].reshape(-1, 4)
        palette[: len(entries)] = entries[:, 2::-1]
    dpi = (across * 0.0254, down * 0.0254)
    return Bitmap(width, abs(height), height > 0, bits, compression, start, dpi, (red, green, blue, opacity[0] if opacity else 0), palette)


def decode_bitmap(bitmap: Bitmap, data: bytes) -> tuple[Image.Image, bool]:
    """(RGB, or RGBA where opacity is stated; whether all rows are there). Raises ValueError for a file that is cut off."""
    pixels, whole = (unmask(bitmap, data), True) if bitmap.compression in MASKED else unpack_runs(bitmap, data)
    if bitmap.upside_down:
        pixels = pixels[::-1]
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.format, image.info["dpi"] = "BMP", bitmap.dpi
    return image, whole


def unmask(bitmap: Bitmap, data: bytes) -> np.ndarray:
    """uint8 (H, W, 3 or 4), in the order of the file: each channel is what stands under its mask, stretched to 255."""
    if not any(bitmap.masks[:3]):
        raise ValueError("no colours")
    size = bitmap.bits // 8
    row = -(-bitmap.width * size // 4) * 4
    held = np.frombuffer(data, np.uint8, row * bitmap.height, bitmap.start).reshape(bitmap.height, row)[:, : bitmap.width * size]
    values = np.ascontiguousarray(held).view("<u2" if size == 2 else "<u4").astype(np.uint32)
    pixels = np.zeros((*values.shape, 4), np.uint8)
    for channel, mask in enumerate(bitmap.masks):
        if mask:
            low = (mask & -mask).bit_length() - 1
            most = mask >> low
            pixels[:, :, channel] = np.rint(((values & np.uint32(mask)) >> np.uint32(low)) * (255 / most))
    return pixels if pixels[:, :, 3].any() else pixels[:, :, :3]  # no opacity at all is none that is meant


def unpack_runs(bitmap: Bitmap, data: bytes) -> tuple[np.ndarray, bool]:
    """(uint8 (H, W, 3), in the order of the file; whether the end comes in the last row or behind it). What no run reaches has the first
    colour of the palette."""
    width, height, four = bitmap.width, bitmap.height, bitmap.bits == 4
    levels = np.zeros((height, width), np.uint8)
    x = y = 0
    place = bitmap.start
    while y < height:
        if place + 2 > len(data):
            raise ValueError("cut off")
        count, value = data[place], data[place + 1]
        place += 2
        if count:
            run: np.ndarray | int = np.resize((value >> 4, value & 15), count) if four else value
        elif value == 0:
            x, y = 0, y + 1
            continue
        elif value == 1:
            break
        elif value == 2:
            if place + 2 > len(data):
                raise ValueError("cut off")
            x, y = x + data[place], y + data[place + 1]
            place += 2
            continue
        else:
            count = value
            length = (count + 1) // 2 if four else count
            held = np.frombuffer(data, np.uint8, length, place)
            run = np.stack([held >> 4, held & 15], axis=1).ravel()[:count] if four else held
            place += length + length % 2
        fits = max(min(count, width - x), 0)
        levels[y, x : x + fits] = run if isinstance(run, int) else run[:fits]
        x += count
    return bitmap.palette[levels], (y, x) >= (height - 1, width)
