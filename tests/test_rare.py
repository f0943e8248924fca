"""Valid files of rare kinds: read right, or refused in a sentence that is true."""

import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from conftest import encoded, made_up, shared
from PIL import Image
from test_colour import gamma, profile
from test_stated import chunk

from sr_models import reading
from sr_models.channels import LAB
from sr_models.colour import CMYK_STANDARD, GREY_OWN
from sr_models.errors import PhotoError
from sr_models.folders import photo_files
from sr_models.formats.jpeg import find_precision
from sr_models.reading import DEEP, GAIN_MAP, INCOMPLETE, MORE_CHANNELS, SEVERAL, decode, read

RGB = made_up(6, 9)


def sentences(photo) -> list[str]:
    return [note.sentence for note in photo.notes]


# BMP


def bmp(bits: int, compression: int, body: bytes, size: tuple[int, int], masks=(), palette: bytes = b"", head: int = 40) -> bytes:
    """`masks` follow a head of 40 bytes and are part of a longer one."""
    fields = struct.pack("<IiiHHIIiiII", head, *size, 1, bits, compression, len(body), 2835, 2835, len(palette) // 4, 0)
    fields += struct.pack(f"<{len(masks)}I", *masks)
    start = 14 + max(len(fields), head) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + fields.ljust(head, b"\0") + palette + body


@pytest.mark.parametrize(
    ("masks", "shifts"),
    [((0xFF000000, 0xFF0, 0xFF0000), (24, 4, 16)), ((0xFF, 0xFF00, 0xFF0000), (0, 8, 16)), ((0xFF0000, 0xFF00, 0xFF), (16, 8, 0))],
)
def test_channels_lie_where_the_masks_of_a_bmp_say(masks, shifts):
    values = sum(RGB[::-1, :, channel].astype(np.uint32) << shift for channel, shift in enumerate(shifts))
    photo = decode(bmp(32, 3, np.asarray(values, "<u4").tobytes(), (9, 6), masks), "a.bmp")
    assert np.array_equal(photo.rgb, RGB)
    assert photo.alpha is None
    assert photo.about.dpi == (72, 72)


def test_few_bits_of_a_mask_are_stretched_to_all_levels():
    values = np.array([[0, 31 << 11, 63 << 5, 31, 0xFFFF, 16 << 11]], "<u2")
    photo = decode(bmp(16, 3, values.tobytes(), (6, 1), (0xF800, 0x7E0, 0x1F)), "a.bmp")
    assert photo.rgb[0].tolist() == [[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [132, 0, 0]]


def test_opacity_under_a_mask_is_kept_and_none_at_all_is_not_meant():
    masks = (0xFF000000, 0xFF0000, 0xFF00, 0xFF)
    values = np.array([[0x11223344, 0x556677FF]], "<u4")
    assert decode(bmp(32, 3, values.tobytes(), (2, 1), masks, head=56), "a.bmp").alpha.tolist() == [[0x44, 0xFF]]
    assert decode(bmp(32, 3, (values & 0xFFFFFF00).tobytes(), (2, 1), masks, head=56), "a.bmp").alpha is None


PALETTE = np.arange(256, dtype=np.uint8).repeat(4).tobytes()  # each level is its own colour
RUNS = b"\x05\x12\0\x05\x34\x56\x70\0\0\0" + b"\x02\x99\0\x02\x03\0\x05\xab\0\0" + b"\0\x01"
"""RLE4, ten pixels wide: 1 2 1 2 1 and 3 4 5 6 7 as they are; 9 9, three skipped, a b a b a."""


def test_rle4_is_unpacked_with_odd_counts_and_skipped_pixels():
    photo = decode(bmp(4, 2, RUNS, (10, 2), palette=PALETTE[:64]), "a.bmp")
    levels = np.array([[9, 9, 0, 0, 0, 10, 11, 10, 11, 10], [1, 2, 1, 2, 1, 3, 4, 5, 6, 7]])
    assert np.array_equal(photo.rgb, levels[:, :, None].repeat(3, axis=2))


@pytest.mark.parametrize("cut", range(1, len(RUNS), 3))
def test_runs_that_are_cut_off_are_refused_or_read(cut):
    data = bmp(4, 2, RUNS, (10, 3), palette=PALETTE[:64])
    with pytest.raises(PhotoError, match="damaged or incomplete"):
        decode(data[:-cut], "a.bmp")


@pytest.mark.parametrize("bits", [16, 32])
def test_a_bmp_whose_masks_are_all_zero_is_damaged(bits):
    with pytest.raises(PhotoError, match="damaged"):
        decode(bmp(bits, 3, bytes(256), (8, 8), (0, 0, 0)), "a.bmp")


@pytest.mark.parametrize(("bits", "compression"), [(8, 1), (4, 2)])
def test_of_run_lengths_that_end_before_the_last_row_it_is_said_and_of_others_not(bits, compression):
    palette, row = PALETTE[: 4 << bits], b"\x08\x11\0\0"
    for body, whole in ((b"\0\1", False), (row + b"\0\1", False), (7 * row + b"\x08\x11\0\1", True), (8 * row + b"\0\1", True)):
        photo = decode(bmp(bits, compression, body, (8, 8), palette=palette), "a.bmp")
        assert (INCOMPLETE not in [note.sentence for note in photo.notes]) == whole


def test_a_bmp_beyond_the_limit_is_refused_before_its_runs_are_unpacked():
    with pytest.raises(PhotoError, match="too large"):
        decode(bmp(8, 1, b"\0\1", (30_000, 30_000), palette=PALETTE), "a.bmp")


# TIFF


def tiff(values: np.ndarray, **options) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, values, metadata=None, software=False, **options)
    return file.getvalue()


@pytest.mark.parametrize("packed", [{}, {"compression": "zlib"}, {"compression": "zlib", "predictor": True}])
def test_sixteen_bit_grey_with_transparency_is_read_from_tiff(packed):
    values = np.dstack([np.array([[0, 128, 129, 65535]], np.uint16), np.array([[65535, 32896, 0, 257]], np.uint16)])
    photo = decode(tiff(values, photometric="minisblack", extrasamples=["unassalpha"], **packed), "a.tif")
    assert photo.rgb[0, :, 1].tolist() == [0, 0, 1, 255]
    assert photo.alpha.tolist() == [[255, 128, 0, 1]]
    assert sentences(photo) == []


def test_transparency_that_colours_were_multiplied_by_is_divided_out():
    values = np.array([[[16448, 32896], [0, 0], [65535, 65535]]], np.uint16)
    photo = decode(tiff(values, photometric="minisblack", extrasamples=["assocalpha"]), "a.tif")
    assert photo.rgb[0, :, 0].tolist() == [128, 0, 255]


def test_cmyk_with_transparency_keeps_both():
    inks = np.zeros((6, 9, 5), np.uint8)
    inks[..., 0], inks[..., 4] = 255, 77
    photo = decode(tiff(inks, photometric="separated", planarconfig="contig", extrasamples=["unassalpha"]), "a.tif")
    assert np.abs(photo.rgb[0, 0].astype(int) - (0, 159, 228)).max() <= 6
    assert (photo.alpha == 77).all()
    assert sentences(photo) == [CMYK_STANDARD]


def test_sixteen_bit_lab_has_the_colours_of_eight_bit_lab():
    deep = np.array([[[65535, 0, 0], [32896, 0, 0], [35466, 60 * 256, 40 * 256 % 65536], [35466, (-60 * 256) % 65536, 0]]], np.uint16)
    shallow = np.array([[[255, 0, 0], [128, 0, 0], [138, 60, 40], [138, 196, 0]]], np.uint8)
    plain = encoded(Image.frombytes("LAB", (4, 1), shallow.tobytes()), "TIFF")
    found, expected = decode(tiff(deep, photometric="cielab"), "a.tif"), decode(plain, "b.tif")
    assert np.array_equal(found.rgb, expected.rgb)
    assert sentences(found) == [DEEP, LAB]


def test_sixteen_bit_colours_in_planes_are_read():
    values = np.moveaxis(RGB, 2, 0).astype(np.uint16) * 257
    photo = decode(tiff(values, photometric="rgb", planarconfig="separate"), "a.tif")
    assert np.array_equal(photo.rgb, RGB)


def test_channels_that_are_left_out_are_said():
    values = np.dstack([RGB, RGB[:, :, :1]])
    photo = decode(tiff(values, photometric="rgb", extrasamples=["unspecified"]), "a.tif")
    assert np.array_equal(photo.rgb, RGB)
    assert photo.alpha is None
    assert sentences(photo) == [MORE_CHANNELS]
    assert sentences(decode(tiff(values, photometric="rgb", extrasamples=["unassalpha"]), "a.tif")) == []


@pytest.mark.parametrize("values", [RGB.astype(np.float32) / 255, RGB.astype(np.uint32), RGB.astype(np.int16)])
def test_a_tiff_of_a_kind_that_is_not_read_is_refused_by_its_kind(values):
    with pytest.raises(PhotoError, match=r"kind of TIFF that is not read \(RGB, 3 × .* bits.*RGB with 8 or 16 bits"):
        decode(tiff(values, photometric="rgb"), "a.tif")


def test_a_rare_tiff_in_lzw_is_not_called_damaged():
    data = tiff(np.zeros((6, 9, 2), np.uint16), photometric="minisblack", extrasamples=["unassalpha"])
    packed = data.replace(struct.pack("<HHII", 259, 3, 1, 1), struct.pack("<HHII", 259, 3, 1, 5))
    assert packed != data
    with pytest.raises(PhotoError, match=r"kind of TIFF that is not read \(grey, 2 × 16 bits, LZW\)"):
        decode(packed, "a.tif")


def test_a_small_tiff_that_would_become_a_large_one_is_refused():
    data = tiff(np.zeros((2000, 2000, 2), np.uint16), photometric="minisblack", extrasamples=["unassalpha"], compression="zlib")
    small = data.replace(struct.pack("<HHII", 257, 4, 1, 2000), struct.pack("<HHII", 257, 4, 1, 2))
    small = small.replace(struct.pack("<HHII", 278, 4, 1, 2000), struct.pack("<HHII", 278, 4, 1, 2))
    assert small != data
    with pytest.raises(PhotoError, match="damaged"):
        decode(small, "a.tif")


def test_a_rare_tiff_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "MAX_PIXELS", 53)
    with pytest.raises(PhotoError, match="too large"):
        decode(tiff(np.zeros((6, 9, 2), np.uint16), photometric="minisblack", extrasamples=["unassalpha"]), "a.tif")


def test_a_rare_tiff_is_upright_and_keeps_whose_it_is():
    values = np.dstack([RGB[:, :, 0].astype(np.uint16) * 257] * 2)
    tags = [(274, 3, 1, 6, True), (315, 2, 3, "Jo", True)]
    data = tiff(values, photometric="minisblack", extrasamples=["unassalpha"], extratags=tags, resolution=(300, 300), resolutionunit=2)
    photo = decode(data, "a.tif")
    assert photo.size == (6, 9)
    assert photo.about.artist == "Jo"
    assert photo.about.dpi == (300, 300)


# PNG, GIF, AVIF, HEIC, and what libtiff says


def deep_grey_png(values: np.ndarray, icc: bytes) -> bytes:
    """A PNG of 16-bit grey with transparency, which Pillow does not write."""
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    head = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 16, 4, 0, 0, 0)
    named = b"icc\0\0" + zlib.compress(icc)
    parts = [(b"IHDR", head), (b"iCCP", named), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def test_sixteen_bit_grey_with_transparency_goes_through_its_profile():
    grey = np.array([0, 65, 130, 196, 255], np.uint16) * 257
    values = np.dstack([grey[None], np.full((1, 5), 32896, np.uint16)])
    photo = decode(deep_grey_png(values, profile({b"kTRC": gamma(1.0)}, b"GRAY")), "a.png")
    assert np.abs(photo.rgb[0, :, 0].astype(int) - (0, 138, 189, 227, 255)).max() <= 1
    assert (photo.alpha == 128).all()
    assert sentences(photo) == [GREY_OWN]


def test_a_jpeg_of_12_bits_is_refused_by_that_name():
    data = encoded(RGB, "JPEG", comment=b"before the frame", progressive=True)
    place = data.index(b"\xff\xc2") + 4
    with pytest.raises(PhotoError, match="JPEG with 12 bits a channel"):
        decode(data[:place] + bytes([12]) + data[place + 1 :], "a.jpg")
    assert find_precision(data) == 8
    assert find_precision(data[:place]) is None
    assert find_precision(b"no JPEG") is None


def png_of_rows(bits: int, colour: int, size: tuple[int, int], packed: int, interlaced: int = 0) -> bytes:
    """A PNG whose data are so many zeros."""
    head = struct.pack(">IIBBBBB", *size, bits, colour, 0, 0, interlaced)
    palette = [(b"PLTE", bytes(6))] if colour == 3 else []
    parts = [(b"IHDR", head), *palette, (b"IDAT", zlib.compress(bytes(packed))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


@pytest.mark.parametrize(
    ("bits", "colour", "size", "whole", "row", "interlaced"),
    [
        (8, 2, (9, 6), 6 * 28, 28, 0),
        (16, 6, (9, 6), 6 * 73, 73, 0),
        (16, 4, (9, 6), 6 * 37, 37, 0),
        (1, 3, (9, 6), 6 * 3, 3, 0),
        (8, 0, (5, 3), 2 + 2 + 0 + 2 + 4 + 2 * 3 + 6, 6, 1),  # passes of 1, 1, 0, 1, 3, 2 and 5 columns
    ],
)
def test_of_a_png_whose_data_end_early_it_is_said(bits, colour, size, whole, row, interlaced):
    assert sentences(decode(png_of_rows(bits, colour, size, whole, interlaced), "a.png")) == []
    assert sentences(decode(png_of_rows(bits, colour, size, whole - row, interlaced), "a.png")) == [INCOMPLETE]


def test_of_half_a_png_that_is_well_packed_it_is_said():
    head = struct.pack(">IIBBBBB", 9, 6, 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in RGB[:3])
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    photo = decode(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts), "a.png")
    assert sentences(photo) == [INCOMPLETE]
    assert np.array_equal(photo.rgb[:3], RGB[:3])


def test_a_file_that_begins_as_a_picture_is_damaged_and_not_of_another_kind():
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 16, 2, 0, 0, 0)), (b"tRNS", b"\0\0"), (b"IEND", b"")]
    png = b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)
    for data in (png, b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\x10\0\0\0WEBPVP8 "):
        with pytest.raises(PhotoError, match="damaged or incomplete"):
            decode(data, "a")


def test_what_a_gifs_first_picture_does_not_cover_is_transparent():
    whole = encoded(Image.new("RGB", (3, 2), "red"), "GIF")
    data = bytearray(whole)
    data[6:10] = struct.pack("<HH", 9, 6)  # the canvas
    place = data.index(b"," + struct.pack("<HHHH", 0, 0, 3, 2))
    data[place + 1 : place + 5] = struct.pack("<HH", 4, 1)
    photo = decode(bytes(data), "a.gif")
    expected = np.zeros((6, 9), np.uint8)
    expected[1:3, 4:7] = 255
    assert photo.alpha.tolist() == expected.tolist()
    assert photo.rgb[1, 4].tolist() == [254, 0, 0] or photo.rgb[1, 4].tolist() == [255, 0, 0]
    assert decode(whole, "a.gif").alpha is None


XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)


@pytest.mark.parametrize("kind", ["AVIF", "JPEG", "WEBP"])
def test_an_orientation_in_xmp_alone_turns_nothing_as_in_browsers_and_one_in_exif_does(kind):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decode(encoded(RGB, kind, xmp=XMP), "a").size == (9, 6)
    assert decode(encoded(RGB, kind, exif=exif), "a").size == (6, 9)


@pytest.mark.parametrize("mark", reading.GAIN_MAPS)
def test_a_gain_map_is_said(mark):
    assert sentences(decode(encoded(RGB, "JPEG", comment=mark), "a.jpg")) == [GAIN_MAP]
    assert sentences(decode(encoded(RGB, "JPEG"), "a.jpg")) == []


def test_heic_without_its_decoder_is_refused_by_that_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(PhotoError, match="HEIC, which is read where pillow-heif is installed"):
        decode(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40), "a.heic")


def test_heic_is_read_where_its_decoder_is():
    pillow_heif = pytest.importorskip("pillow_heif", reason="pillow-heif, which reads HEIC, is not installed")
    file = io.BytesIO()
    pixels = np.asarray(Image.fromarray(RGB).resize((90, 60)))
    pillow_heif.from_pillow(Image.fromarray(pixels)).save(file, quality=100, chroma=444)
    photo = decode(file.getvalue(), "a.heic")
    assert np.abs(photo.rgb.astype(int) - pixels).mean() < 3
    assert photo.icc is None
    assert photo.lossy


def test_a_damaged_fax_is_said_and_libtiff_says_nothing():
    data = bytearray(encoded(made_up(64, 64)[:, :, 0] > 120, "TIFF", compression="group4"))
    assert sentences(decode(bytes(data), "fax.tif")) == []
    place = data.index(b"II") + 60
    data[place : place + 40] = bytes(255 - byte for byte in data[place : place + 40])
    code = "import sys; from sr_models.reading import decode; print([n.sentence for n in decode(sys.stdin.buffer.read(), 'fax.tif').notes])"
    done = subprocess.run([sys.executable, "-c", code], input=bytes(data), cwd=Path(__file__).parents[1], capture_output=True)
    assert done.stderr == b""
    assert done.stdout.decode().strip() == str([INCOMPLETE])


@pytest.mark.parametrize("kind", ["int8", "int16"])
def test_a_tiff_of_signed_values_is_refused_by_that_name(kind):
    with pytest.raises(PhotoError, match=f"grey, 1 × {kind[3:]} bits, signed"):
        decode(tiff(np.arange(-64, 64).reshape(8, 16).astype(kind), photometric="minisblack"), "a.tif")


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
def test_grey_and_transparency_in_planes_are_read(kind):
    planes = np.arange(256).reshape(2, 8, 16).astype(kind)
    photo = decode(tiff(planes, photometric="minisblack", planarconfig="separate", extrasamples=["unassalpha"]), "a.tif")
    grey, alpha = photo.pixels
    assert np.array_equal(grey[:, :, 0], planes[0])
    assert alpha is not None
    assert np.array_equal(alpha, planes[1])


def test_of_a_rare_tiff_with_pages_and_of_a_volume_it_is_said_that_the_first_picture_was_read():
    pages = np.zeros((3, 8, 16, 2), np.uint16)
    pages[0] = 7
    photo = decode(tiff(pages, photometric="minisblack", planarconfig="contig", extrasamples=["unassalpha"]), "a.tif")
    assert (photo.pixels[0] == 7).all()
    assert [note.sentence for note in photo.notes] == [SEVERAL]
    slices = np.zeros((3, 16, 16, 3), np.uint8)
    slices[0] = 7
    photo = decode(tiff(slices, photometric="rgb", volumetric=True, tile=(16, 16, 16)), "a.tif")
    assert (photo.rgb == 7).all()
    assert [note.sentence for note in photo.notes] == [SEVERAL]


def zeroed(data: bytes, first: float, last: float) -> bytes:
    """The file with zeros from one part of its length to another, 0 to 1."""
    start, end = int(first * len(data)), int(last * len(data))
    return data[:start] + bytes(end - start) + data[end:]


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True, "quality": 90}),
        ("JPEG", {"optimize": True}),
        ("JPEG", {"subsampling": "4:2:0"}),
        ("WEBP", {}),
        ("WEBP", {"quality": 20}),
        ("AVIF", {}),
    ],
)
@pytest.mark.parametrize(("first", "last"), [(0.5, 1.0), (0.4, 0.8)])
def test_of_a_file_that_is_zeros_in_part_it_is_said_or_it_is_refused(kind, how, first, last):
    data = encoded(made_up(300, 240), kind, **how)
    assert decode(data, "a").notes == ()
    try:
        notes = decode(zeroed(data, first, last), "a").notes
    except PhotoError as refusal:
        assert "damaged" in str(refusal)  # noqa: PT017
        return
    assert INCOMPLETE in [note.sentence for note in notes]


def even_ground(size: tuple[int, int]) -> np.ndarray:
    """A noisy square on even ground, whose mean levels are written as a long row of zeros."""
    picture = np.full((*size, 3), 240, np.uint8)
    picture[:100, :120] = made_up(100, 120)
    return picture


@pytest.mark.parametrize("quality", [10, 30, 75, 95])
@pytest.mark.parametrize(("first", "last"), [(0.1, 0.3), (0.5, 0.9)])
def test_of_a_progressive_jpeg_whose_mean_levels_are_zeros_in_part_it_is_said(quality, first, last):
    data = encoded(made_up(300, 240), "JPEG", progressive=True, quality=quality)
    assert decode(data, "a").notes == ()
    start = data.index(b"\xff\xda") + 14  # after the head of the first scan, of three components
    end = data.index(b"\xff\xc4", start)
    damaged = data[:start] + zeroed(data[start:end], first, last) + data[end:]
    assert INCOMPLETE in [note.sentence for note in decode(damaged, "a").notes]


@pytest.mark.parametrize("quality", [10, 30, 75, 95, 100])
@pytest.mark.parametrize("restart", [0, 5])
def test_of_even_ground_in_a_progressive_jpeg_it_is_not_said(quality, restart):
    for size in ((300, 400), (1200, 1500)):
        for turned in (0, 2):
            file = io.BytesIO()
            picture = np.rot90(even_ground(size), turned)
            Image.fromarray(picture).save(file, "JPEG", progressive=True, quality=quality, restart_marker_rows=restart)
            assert bytes(32) in file.getvalue()
            assert decode(file.getvalue(), "a").notes == ()


@pytest.mark.parametrize(("kind", "how"), [("JPEG", {"progressive": True, "quality": 90}), ("AVIF", {})])
@pytest.mark.parametrize(("first", "last"), [(0.5, 0.7), (0.4, 0.8)])
def test_exif_data_with_room_in_them_hide_no_damage_and_are_none(kind, how, first, last):
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x927C] = bytes(2000)  # as cameras leave it
    Image.fromarray(made_up(300, 240)).save(file, kind, exif=exif, **how)
    assert decode(file.getvalue(), "a").notes == ()
    start = file.getvalue().rfind(bytes(2000)) + 2000
    damaged = file.getvalue()[:start] + zeroed(file.getvalue()[start:], first, last)
    assert INCOMPLETE in [note.sentence for note in decode(damaged, "a").notes]


@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"optimize": True}, {"subsampling": "4:4:4", "quality": 5}])
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF"])
def test_of_a_blank_file_it_is_not_said(kind, how):
    for mode, level in (("RGB", (255, 255, 255)), ("RGB", (10, 200, 30)), ("L", 0)):
        assert decode(encoded(Image.new(mode, (2000, 1500), level), kind, **how) + bytes(5000), "a").notes == ()  # some cameras fill up


def test_a_folder_gives_every_photo_whatever_it_is_called(tmp_path):
    for name, kind in {"a.jfif": "JPEG", "b.jpe": "JPEG", "c": "PNG", "d.download": "WEBP", "e.JPG": "JPEG", "f.bak": "AVIF"}.items():
        Image.fromarray(RGB).save(tmp_path / name, kind)
    (tmp_path / "g.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    for name in ("._a.jfif", "notes.txt", ".DS_Store", "empty"):
        (tmp_path / name).write_bytes(b"\0\5\x16\7" if name.startswith(".") else b"some words"[: 0 if name == "empty" else None])
    os.mkdir(tmp_path / "folder.png")
    assert [file.name for file in photo_files(tmp_path)] == ["a.jfif", "b.jpe", "c", "d.download", "e.JPG", "f.bak", "g.heic"]


CASES = {"ga16_linear.png": (0, 138, 189, 227, 255), "ga8_linear.png": (0, 138, 189, 227, 255)}


@pytest.mark.parametrize("name", CASES)
def test_the_shared_cases_of_grey_are_alike(name):
    row = read(shared("cases") / name).rgb[20, :, 0]
    assert np.abs(row[np.linspace(0, 47, 5).astype(int)].astype(int) - CASES[name]).max() <= 6


@pytest.mark.parametrize("name", ["pal4rle.bmp", "rgb32bf.bmp", "tif16_la.tif", "cmyka.tif", "offset_first.gif"])
def test_the_shared_cases_of_rare_kinds_are_read(name):
    assert read(shared("cases") / name).rgb.size


@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"subsampling": "4:2:0"}])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_of_a_jpeg_that_was_cut_and_closed_again_it_is_said_and_a_grey_one_is_whole(mode, how, tmp_path):
    file = tmp_path / "photo.jpg"
    Image.fromarray(made_up(120, 90)).convert(mode).save(file, quality=80)
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2] + b"\xff\xd9")
    assert INCOMPLETE in [note.sentence for note in read(file).notes]
    Image.new(mode, (90, 123), (128,) * len(mode)).save(file, **how)
    assert read(file).notes == ()
