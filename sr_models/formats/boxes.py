"""The boxes of an AVIF or HEIC, and what they say of its main picture (ISO/IEC 14496-12 and 23008-12)."""

from collections.abc import Iterator


def find_depth(data: bytes) -> int | None:
    """Bits a channel of the main picture; None where that is not said."""
    for name, content in find_properties(data):
        if name == b"pixi" and len(content) > 5:
            return max(content[5:])
        if name == b"av1C" and len(content) > 2:
            return 12 if content[2] & 0x20 else 10 if content[2] & 0x40 else 8
        if name == b"hvcC" and len(content) > 17:
            return 8 + (content[17] & 7)
    return None


def find_properties(data: bytes) -> list[tuple[bytes, bytes]]:
    """(name, content) of the properties of the main picture: the box ipma numbers them."""
    for _, meta in read_boxes(data, (b"meta",)):
        inner = dict(read_boxes(meta[4:], (b"pitm", b"iprp")))
        main = read_number(inner.get(b"pitm", b"")[4:], 0, 4 if inner.get(b"pitm", b"")[:1] != b"\0" else 2)
        parts = dict(read_boxes(inner.get(b"iprp", b""), (b"ipco", b"ipma")))
        properties = list(read_boxes(parts.get(b"ipco", b"")))
        return [properties[index - 1] for index in find_associations(parts.get(b"ipma", b""), main) if 0 < index <= len(properties)]
    return []


def find_items(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, content) of the items of a file, such as its pictures and its EXIF data, as far as they lie in the file itself."""
    for _, meta in read_boxes(data, (b"meta",)):
        inner = dict(read_boxes(meta[4:], (b"iinf", b"iloc")))
        kinds = dict(find_kinds(inner.get(b"iinf", b"")))
        for item, extents in find_extents(inner.get(b"iloc", b"")):
            yield kinds.get(item, b""), b"".join(data[start : start + length if length else None] for start, length in extents)


def find_kinds(iinf: bytes) -> Iterator[tuple[int, bytes]]:
    """(number, kind) of each item."""
    for _, info in read_boxes(iinf[6 if iinf[:1] == b"\0" else 8 :], (b"infe",)):
        wide = info[:1] == b"\3"
        yield read_number(info, 4, 4 if wide else 2), info[10:14] if wide else info[8:12]


def find_extents(iloc: bytes) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """(number, places of its pieces) of each item whose pieces are counted from the file's beginning: (start, length or 0)."""
    version = read_number(iloc, 0, 1)
    sizes = [read_number(iloc, at, 1) >> shift & 15 for at in (4, 5) for shift in (4, 0)]  # of start, length, base and index
    wide, place = (4 if version == 2 else 2), 6

    def take(size: int) -> int:
        nonlocal place
        place += size
        return read_number(iloc, place - size, size)

    for _ in range(take(wide)):
        if place >= len(iloc):
            return
        item = take(wide)
        inside = version > 0 and take(2) & 15 != 0
        take(2)
        base = take(sizes[2])
        extents = []
        for _ in range(min(take(2), len(iloc))):
            take(sizes[3] if version > 0 else 0)
            extents.append((base + take(sizes[0]), take(sizes[1])))
        if not inside:
            yield item, extents


def find_associations(ipma: bytes, item: int) -> list[int]:
    """The numbers, from 1, of the properties of an item."""
    wide, large = ipma[:1] != b"\0", ipma[3:4] and ipma[3] & 1
    place = 8
    for _ in range(read_number(ipma, 4, 4)):
        if place >= len(ipma):
            break
        owner = read_number(ipma, place, 4 if wide else 2)
        place += 4 if wide else 2
        size, count = 2 if large else 1, read_number(ipma, place, 1)
        indices = [read_number(ipma, place + 1 + at * size, size) & (0x7FFF if large else 0x7F) for at in range(count)]
        if owner == item:
            return indices
        place += 1 + count * size
    return []


def read_number(data: bytes, place: int, size: int) -> int:
    """Big-endian; 0 behind the end."""
    return int.from_bytes(data[place : place + size], "big")


def read_boxes(data: bytes, names: tuple[bytes, ...] = ()) -> Iterator[tuple[bytes, bytes]]:
    """(name, content) of the boxes in a piece of an ISO base media file, of all or of those with these names."""
    place = 0
    while place + 8 <= len(data):
        size, name, head = read_number(data, place, 4), data[place + 4 : place + 8], 8
        if size == 1:
            size, head = read_number(data, place + 8, 8), 16
        end = len(data) if size == 0 else place + size
        if end < place + head:
            return
        if not names or name in names:
            yield name, data[place + head : end]
        place = end
