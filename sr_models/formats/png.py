"""PNG (third edition: RFC 2083 with what was added since): files of 16 bits a channel, which Pillow does not write in colour; and whether
a file holds all of its rows, of which Pillow makes the rest black and says nothing where the data end early, and properly."""

import struct
import zlib
from collections.abc import Iterator

import numpy as np

from sr_models.tiles import split_into_bands

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGB, RGBA = 2, 6  # colour types
BAND = 64  # rows filtered at once, to save memory
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a colour type
WHOLE = ((0, 0, 1, 1),)
INTERLACED = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
"""Of each pass: first row and column, and from one row and column to the next (PNG, third edition, 8.2)."""
PIECE = 1 << 20  # bytes: of compressed data in a chunk, and what is unpacked at once, and forgotten


def encode_png(rgb: np.ndarray, alpha: np.ndarray | None, model: bytes, level: int) -> bytes:
    """The file of uint16 (H, W, 3) and (H, W); `level` is zlib's.

    `model` is any PNG: whatever it holds beside its pixels (profile, resolution, texts) is in this one too, in the same order.
    """
    height, width = rgb.shape[:2]
    pixels = compress(rgb, alpha, level)
    head = struct.pack(">IIBBBBB", width, height, 16, RGB if alpha is None else RGBA, 0, 0, 0)
    parts = [SIGNATURE]
    for name, content in split_chunks(model):
        if name == b"IHDR":
            parts.append(make_chunk(name, head))
        elif name == b"IDAT":
            parts += [make_chunk(name, piece) for piece in pixels]  # all of them at the first, and none is left for another
        else:
            parts.append(make_chunk(name, content))
    return b"".join(parts)


def split_chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, content) of each chunk of a whole PNG."""
    place = len(SIGNATURE)
    while place < len(png):
        length = int.from_bytes(png[place : place + 4], "big")
        yield png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        place += 12 + length


def holds_all_rows(png: bytes) -> bool:
    """Whether as many bytes are packed in a PNG, which Pillow could read, as its head says; True where it does not begin with that."""
    if png[12:16] != b"IHDR":
        return True
    width, height, bits, colour, _, _, interlaced = struct.unpack_from(">IIBBBBB", png, 16)
    missing = 0
    for top, left, down, across in INTERLACED if interlaced else WHOLE:
        rows, columns = -(-(height - top) // down), -(-(width - left) // across)
        missing += rows * (1 + -(-columns * bits * CHANNELS[colour] // 8)) if columns > 0 else 0
    unpacker = zlib.decompressobj()
    for name, packed in split_chunks(png):
        while name == b"IDAT" and packed and missing > 0 and not unpacker.eof:
            try:
                missing -= len(unpacker.decompress(packed, PIECE))
            except zlib.error:  # a checksum that is wrong
                return False
            packed = unpacker.unconsumed_tail
    return missing <= 0


def make_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(content, zlib.crc32(name)))


def compress(rgb: np.ndarray, alpha: np.ndarray | None, level: int) -> Iterator[bytes]:
    """The content of the IDAT chunks."""
    packer = zlib.compressobj(level)
    held = b""
    above = np.zeros(rgb.shape[1] * (3 if alpha is None else 4) * 2, np.uint8)
    for rows in split_into_bands(len(rgb), BAND):
        band = rgb[rows] if alpha is None else np.dstack([rgb[rows], alpha[rows]])
        data = band.astype(">u2").reshape(len(band), -1).view(np.uint8)
        held += packer.compress(filter_rows(data, above, 2 * band.shape[2]).tobytes())
        above = data[-1]
        if len(held) >= PIECE:
            yield held
            held = b""
    yield held + packer.flush()


def filter_rows(data: np.ndarray, above: np.ndarray, size: int) -> np.ndarray:
    """uint8 (n, bytes of a row) → (n, 1 + bytes of a row): each row as differences, by the filter that makes them smallest, named first.

    `above` is the row before these, `size` the bytes of a pixel. Filters are PNG's Sub, Up and Paeth (9.2); differences count as signed.
    """
    up = np.concatenate([above[None], data[:-1]])
    left, corner = (np.pad(rows, ((0, 0), (size, 0)))[:, : data.shape[1]] for rows in (data, up))
    filtered = np.stack([data - left, data - up, data - predict(left, up, corner)])
    costs = np.abs(filtered.view(np.int8).astype(np.int16)).sum(2)
    best = costs.argmin(0)
    return np.column_stack([np.array([1, 2, 4], np.uint8)[best], filtered[best, np.arange(len(data))]])


def predict(left: np.ndarray, up: np.ndarray, corner: np.ndarray) -> np.ndarray:
    """Paeth's guess: whichever of the three neighbours, uint8, is nearest to left + up − corner; of equals the first."""
    a, b, c = (neighbour.astype(np.int16) for neighbour in (left, up, corner))
    from_left, from_up, from_corner = np.abs(b - c), np.abs(a - c), np.abs(a + b - 2 * c)
    return np.where((from_left <= from_up) & (from_left <= from_corner), left, np.where(from_up <= from_corner, up, corner))
