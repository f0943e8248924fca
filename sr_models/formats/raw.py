"""Camera raw, known by its first bytes or by what its TIFF directories say, whatever the file is called.

What a camera's raw file holds in front is a preview: a TIFF decoder would read that, and nobody would see that the photo is another one.
"""

import struct
from collections.abc import Iterator

BEGINNINGS = (b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"II\x1a\0\0\0HEAPCCDR", b"\0MRM", b"FOVb")
"""Of the cameras of Fujifilm, Olympus, Panasonic, Canon before 2004, Minolta, Sigma."""
NEWER_CANON = b"ftypcrx "
OLDER_CANON = b"CR\2\0"  # behind the head of its TIFF
SUBFILE, WIDTH, HEIGHT, COMPRESSION, PHOTOMETRIC = 254, 256, 257, 259, 262  # TIFF tags
SUBDIRECTORIES, CANON_SLICES, DNG_VERSION = 330, 50752, 50706
SENSORS = (32803, 34892)  # photometric interpretations: colour filter array, linear raw
OWN_COMPRESSIONS = (32767, 32769, 32770, 32772, 34713, 65535)  # Sony, Epson, Samsung, Samsung 2, Nikon, Pentax
MOST_DIRECTORIES = 64
MOST_ENTRIES = 1000
SIZES = {1: 1, 3: 2, 4: 4, 13: 4, 16: 8, 18: 8}  # bytes of TIFF's whole numbers, by type

Directory = dict[int, tuple[int, ...]]
"""Tag → the whole numbers, at most 16 of them, that stand under it."""


def is_raw(data: bytes) -> bool:
    if data.startswith(BEGINNINGS) or data[4:12] == NEWER_CANON:
        return True
    found = list(read_directories(data))
    return bool(found) and (data[8:12] == OLDER_CANON or any(is_sensor(one) for one in found) or is_preview(found))


def is_sensor(directory: Directory) -> bool:
    """Whether it describes a camera's own values."""
    of_a_camera = {DNG_VERSION, CANON_SLICES} & directory.keys()
    kinds = directory.get(PHOTOMETRIC, (0,))[0] in SENSORS, directory.get(COMPRESSION, (0,))[0] in OWN_COMPRESSIONS
    return bool(of_a_camera) or any(kinds)


def is_preview(found: list[Directory]) -> bool:
    """Whether the first picture is said to be a smaller copy of another one in the file."""
    first, *others = ((one.get(WIDTH, (0,))[0] * one.get(HEIGHT, (0,))[0]) for one in found)
    return bool(found[0].get(SUBFILE, (0,))[0] & 1) and any(pixels > first for pixels in others)


def read_directories(data: bytes) -> Iterator[Directory]:
    """The directories of a TIFF or BigTIFF, also those below others; none where it is no TIFF. Damaged ones are left out."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 16:
        return
    kind = struct.unpack_from(order + "H", data, 2)[0]
    if kind not in (42, 43):
        return
    big = kind == 43
    offset, counter, entry = (order + "Q", order + "Q", order + "HHQ") if big else (order + "I", order + "H", order + "HHI")
    waiting, seen = [struct.unpack_from(offset, data, 8 if big else 4)[0]], set()
    while waiting and len(seen) < MOST_DIRECTORIES:
        place = waiting.pop(0)
        if place in seen or not 0 < place < len(data):
            continue
        seen.add(place)
        try:
            count = struct.unpack_from(counter, data, place)[0]
            place += struct.calcsize(counter)
            found: Directory = {}
            for _ in range(min(count, MOST_ENTRIES)):
                tag, type, length = struct.unpack_from(entry, data, place)
                found[tag] = read_numbers(data, place + struct.calcsize(entry), type, length, order, 8 if big else 4)
                place += 20 if big else 12
            yield found
            waiting += found.get(SUBDIRECTORIES, ())
            if count <= MOST_ENTRIES:
                waiting.append(struct.unpack_from(offset, data, place)[0])
        except struct.error:
            continue


def read_numbers(data: bytes, place: int, type: int, length: int, order: str, room: int) -> tuple[int, ...]:
    """The values of a tag, the first 16 at most. They stand at `place` if they fit into `room` bytes, else where the offset there leads."""
    size = SIZES.get(type)
    if size is None or not length:
        return ()
    if size * length > room:
        place = min(struct.unpack_from(order + ("Q" if room == 8 else "I"), data, place)[0], len(data))
    letter = {1: "B", 2: "H", 4: "I", 8: "Q"}[size]
    return struct.unpack_from(f"{order}{min(length, 16)}{letter}", data, place)
