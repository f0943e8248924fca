"""Whether a part of a picture is missing, cut off or never written: decoders make something of it, and say nothing."""

import io
import re
from collections.abc import Iterator

import numpy as np
from PIL import Image

from sr_models.formats import png
from sr_models.formats.boxes import find_items

RUN = bytes(512)
"""As many zeros do not occur in what a coder writes, unless each means that nothing changes."""
SHORT_RUN = bytes(32)
"""As many make it worth asking whether a scan of mean levels has as many bits as it has blocks: even ground is such a run too."""
LAST, INSTEAD = 16, (b"\xfe\xed\xfa\xce" * 16, b"\xde\xad\xbe\xef" * 16)
"""As many bytes at its end, and two others: mostly ones, as are the codes of rare, great changes."""
MARKER = re.compile(rb"\xff[^\0\xff\xd0-\xd7]")
"""Of a JPEG, one that ends a scan (ITU-T T.81, B.1)."""
PICTURES = (b"av01", b"hvc1")  # of the items of an AVIF or HEIC; cameras leave room in others, as in EXIF data
TABLES, PROGRESSIVE, SCAN, END = 0xC4, 0xC2, 0xDA, 0xD9
LEVELS = 0
"""The name of the table of mean levels of luma."""
FIRST_TIME = 16
"""Below it is the last byte of the head of a scan that is not one more bit of what was scanned before (T.81, B.2.3)."""
CLOSED, FILLING = b"\xff\xd9", bytes(range(0x10, 0xF0)) * 64
"""The end of a JPEG; and noise, before it decoded to something where blocks are missing, and to nothing where all are there."""
GREY = 128
"""The level of each channel where a block of a JPEG is missing."""


def lacks_parts(image: Image.Image, data: bytes) -> bool:
    """Whether a picture that Pillow decoded from the file `data` without complaint has a part that is not there.

    Rows that are missing are black, transparent or, of a JPEG, grey; also where a file that was cut off was given an end mark again.
    """
    match image.format:
        case "JPEG":
            return lacks_rows(np.asarray(image)[-1], data) or is_jpeg_unwritten(data)
        case "MPO":
            return is_jpeg_unwritten(data)
        case "PNG":  # interlaced, other rows are missing than the last
            return (bool(image.info.get("interlace")) or not np.asarray(image)[-1].any()) and not png.holds_all_rows(data)
        case "WEBP":
            return any(RUN in content for name, content in split_webp(data) if name in (b"VP8 ", b"VP8L"))
        case "AVIF" | "HEIF":
            return any(RUN in content for name, content in find_items(data) if name in PICTURES)
    return False


def lacks_rows(last: np.ndarray, data: bytes) -> bool:
    """Whether rows of a JPEG are missing, of which `last` is the last."""
    end = data.rfind(CLOSED)
    if end < 0 or not (last == GREY).all():
        return False
    with Image.open(io.BytesIO(data[:end] + FILLING + data[end:])) as again:
        return not np.array_equal(np.asarray(again)[-1], last)


def is_jpeg_unwritten(data: bytes) -> bool:
    """Whether a JPEG has zeros where something was to be written, or lacks its end: goes from marker to marker and looks into the coded
    data of each scan."""
    place, meaningful, progressive, even = 2, False, False, False
    while found := MARKER.search(data, place):
        marker, place = data[found.start() + 1], found.end()
        if marker == END:
            return False
        end = place + int.from_bytes(data[place : place + 2], "big")
        if marker == TABLES:
            for name, symbols in find_tables(data[place + 2 : end]):
                meaningful = meaningful or symbols[0] != 0
                even = len(symbols) == 1 if name == LEVELS else even
        elif marker == PROGRESSIVE:
            progressive = True
        elif marker == SCAN:
            after = MARKER.search(data, end)
            last = after.start() if after else len(data)
            if progressive and data[end - 3] == 0:  # zeros may well mean even ground, and do where nothing else can be said
                if not even and data[end - 1] < FIRST_TIME and SHORT_RUN in data[end:last] and not is_needed(data, last):
                    return True
            elif (progressive or meaningful) and RUN in data[end:last]:  # of detail alone, runs of blocks without any are numbers
                return True
        place = end
    return True


def is_needed(data: bytes, last: int) -> bool:
    """Whether the blocks of a progressive JPEG need the bytes before `last`, which end a scan of mean levels.

    Zeros in place of what was written mean more blocks than that did, so that the picture is full before the scan is over.
    """
    pictures = []
    for otherwise in INSTEAD:
        with Image.open(io.BytesIO(data[: last - LAST].rstrip(b"\xff") + otherwise + CLOSED)) as image:
            image.draft(None, (1, 1))  # an eighth of its size: mean levels alone
            pictures.append(np.asarray(image))
    return not np.array_equal(*pictures)


def find_tables(tables: bytes) -> Iterator[tuple[int, bytes]]:
    """(name, symbols) of each Huffman table in a segment of a JPEG.

    A code of nothing but zero bits stands for the first symbol, often 0: “the mean level of the block before”, or “no more detail”.
    """
    place = 0
    while place + 17 < len(tables):
        count = sum(tables[place + 1 : place + 17])
        yield tables[place], tables[place + 17 : place + 17 + count]
        place += 17 + count


def split_webp(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, content) of a WebP's chunks, those of an animation's frames too (RFC 9649)."""
    place = 12
    while place + 8 <= len(data):
        name, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
        yield name, data[place + 8 : place + 8 + size]
        place += 8 + (16 if name == b"ANMF" else size + size % 2)
