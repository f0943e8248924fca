"""Whether a PNG holds all of its rows: where its data end early, and properly, Pillow makes the rest black and says nothing."""

import struct
import zlib

from sr_models.formats.png import split_chunks

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a colour type
WHOLE = ((0, 0, 1, 1),)
INTERLACED = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
"""Of each pass: first row and column, and from one row and column to the next (PNG, third edition, 8.2)."""
PIECE = 1 << 20  # bytes that are unpacked at once, and forgotten


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
