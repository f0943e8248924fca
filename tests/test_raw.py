"""Camera raw is refused by what it holds, and other files of several pictures are not."""

import struct

import numpy as np
import pytest
from conftest import encoded, made_up, shared

from sr_models.errors import PhotoError
from sr_models.formats.raw import is_raw, read_directories
from sr_models.reading import decode, read

CFA, RGB = 32803, 2


def tiff(first: dict[int, int], second: dict[int, int] | None = None, order: str = "<", below: bool = True, mark: bytes = b"") -> bytes:
    """A TIFF with a picture of 4 × 3 pixels, and a directory of tag → whole number below or behind it."""
    pixels = made_up(3, 4).tobytes()
    start = 16 + len(pixels)
    entries = {256: 4, 257: 3, 258: 8, 259: 1, 262: RGB, 273: 16, 277: 3, 278: 3, 279: len(pixels)} | first
    after = start + 6 + 12 * (len(entries) + (second is not None and below))
    if second is not None and below:
        entries[330] = after
    head = {"<": b"II", ">": b"MM"}[order] + struct.pack(order + "HI", 42, start) + mark
    data = head.ljust(16, b"\0") + pixels + directory(entries, order, after if second is not None and not below else 0)
    return data + (directory(second, order, 0) if second is not None else b"")


def directory(entries: dict[int, int], order: str, following: int) -> bytes:
    lines = b"".join(struct.pack(order + "HHII", tag, 4, 1, value) for tag, value in sorted(entries.items()))
    return struct.pack(order + "H", len(entries)) + lines + struct.pack(order + "I", following)


RAW: dict[str, tuple[dict[int, int], dict[int, int] | None]] = {
    "DNG": ({254: 1, 50706: 0x01040000}, {256: 8, 257: 6, 262: CFA}),
    "NEF": ({254: 1}, {256: 8, 257: 6, 262: CFA, 259: 34713}),
    "ARW": ({254: 1}, {256: 8, 257: 6, 259: 32767}),
    "CR2": ({}, {256: 8, 257: 6, 50752: 3}),
    "linear DNG": ({254: 1}, {256: 8, 257: 6, 262: 34892}),
    "one directory": ({262: CFA, 277: 1}, None),
    "a preview of an unknown kind": ({254: 1}, {256: 8, 257: 6}),
}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("name", RAW)
@pytest.mark.parametrize("suffix", [".tif", ".nef"])
def test_camera_raw_is_refused_by_that_name_whatever_the_file_is_called(name, order, suffix):
    first, second = RAW[name]
    for below in (True, False):
        with pytest.raises(PhotoError, match="camera raw file") as refusal:
            decode(tiff(first, second, order, below), f"mug{suffix}")
        assert f"mug{suffix}" in str(refusal.value)


@pytest.mark.parametrize(
    "data", [b"FUJIFILMCCD-RAW 0201", b"IIRO\x08\0\0\0", b"IIU\0\x18\0\0\0", b"\0\0\0\x18ftypcrx \0\0\0\1", b"FOVb" + bytes(99)]
)
def test_camera_raw_that_is_no_tiff_is_refused_too(data):
    with pytest.raises(PhotoError, match="camera raw file"):
        decode(data, "mug.raw")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("first", "second"), [({}, None), ({}, {254: 1, 256: 2, 257: 1}), ({}, {256: 40, 257: 30}), ({254: 1}, {256: 2, 257: 1})]
)
def test_an_ordinary_tiff_is_read_also_with_more_pages_or_smaller_copies(first, second, order):
    for below in (True, False):
        assert not is_raw(tiff(first, second, order, below))
    assert np.array_equal(decode(tiff(first, None, order), "mug.tif").rgb, made_up(3, 4))


def test_the_mark_of_canon_suffices():
    assert is_raw(tiff({}, mark=b"CR\2\0"))
    assert not is_raw(tiff({}, mark=b"XY\2\0"))


def test_what_pillow_writes_is_not_raw():
    for kind in ("TIFF", "PNG", "JPEG", "WEBP"):
        assert not is_raw(encoded(made_up(20, 30), kind))


def test_directories_that_lead_to_each_other_or_nowhere_end():
    loop = bytearray(tiff({}, {256: 8}, below=False))
    loop[-4:] = loop[4:8]
    assert len(list(read_directories(bytes(loop)))) == 2
    random = np.random.default_rng(0)
    data = tiff(*RAW["DNG"])
    for _ in range(300):
        broken = bytearray(data)
        for place in random.integers(0, len(data), 8):
            broken[place] = random.integers(256)
        list(read_directories(bytes(broken)))
        list(read_directories(bytes(broken)[: random.integers(len(data))]))


def test_the_shared_case_is_refused():
    with pytest.raises(PhotoError, match="raw"):
        read(shared("cases") / "photo.dng")
