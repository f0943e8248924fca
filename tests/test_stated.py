"""Colour that a file states otherwise than by an ICC profile: shown as Chromium 140 shows it, whose levels stand here."""

import io
import struct
import zlib

import numpy as np
import pytest
import tifffile
from conftest import encoded, made_up, shared
from PIL import Image, TiffImagePlugin

from sr_models import hdr
from sr_models.colour import GREY_OWN, convert_to_srgb
from sr_models.output import Output, encode
from sr_models.profiles import BT709, Curve, Primaries, make_profile
from sr_models.reading import NARROW_RANGE, STATED, UNREAD, decode, read

D65, P3, SRGB = (0.3127, 0.3290), ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06)), ((0.64, 0.33), (0.3, 0.6), (0.15, 0.06))
GREYS = (10, 40, 90, 128, 180, 220, 255)
ROW = np.array([*((level,) * 3 for level in GREYS), (128, 0, 0), (0, 128, 0), (60, 195, 128), (200, 55, 128)], np.uint8)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(*chunks: tuple[bytes, bytes], pixels: np.ndarray = ROW[None], icc: bytes | None = None) -> bytes:
    data = encoded(pixels, "PNG", icc_profile=icc)
    return data[:33] + b"".join(chunk(*one) for one in chunks) + data[33:]


def gama(value: int) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", value)


def chrm(red, green, blue, white=D65) -> tuple[bytes, bytes]:
    return b"cHRM", struct.pack(">8I", *(round(value * 100_000) for place in (white, red, green, blue) for value in place))


def cicp(primaries: int, transfer: int, matrix: int = 0, full: int = 1) -> tuple[bytes, bytes]:
    return b"cICP", bytes([primaries, transfer, matrix, full])


def avif(primaries: int, transfer: int, pixels: np.ndarray) -> bytes:
    data = encoded(pixels, "AVIF", quality=100, subsampling="4:4:4")
    place = data.index(b"nclx") + 4
    return data[:place] + struct.pack(">HH", primaries, transfer) + data[place + 4 :]


def shown(data: bytes, name: str = "row.png") -> np.ndarray:
    """The levels of sRGB of a file's first row."""
    return convert_to_srgb(decode(data, name)).rgb[0].astype(int)


SRGB_CHUNK = (b"sRGB", b"\0")
PLAIN = ROW.astype(int).tolist()
LINEAR = [[level] * 3 for level in (56, 110, 160, 188, 219, 239, 255)]
LINEAR += [[188, 0, 0], [0, 188, 0], [133, 227, 188], [229, 128, 188]]
GAMMA_22 = [[level] * 3 for level in (3, 35, 90, 129, 181, 221, 255)]
GAMMA_22_COLOURS = [[129, 0, 0], [0, 129, 0], [57, 196, 129], [201, 52, 129]]
P3_SHOWN = [*PLAIN[:7], [141, 0, 0], [0, 130, 0], [0, 198, 122], [218, 33, 130]]
IN_PNG = {
    "a gamma of 1": ([gama(100_000)], LINEAR),
    "the gamma of sRGB alone": ([gama(45_455)], PLAIN),
    "about the gamma of sRGB": ([gama(47_500)], PLAIN),
    "that gamma with primaries": ([chrm(*SRGB), gama(45_455)], GAMMA_22 + GAMMA_22_COLOURS),
    "primaries without a gamma": ([chrm(*P3)], PLAIN),
    "primaries of P3 with a gamma": ([chrm(*P3), gama(45_455)], [*GAMMA_22, [142, 0, 0], [0, 131, 0], [0, 200, 123], [219, 27, 131]]),
    "sRGB above gamma": ([gama(100_000), SRGB_CHUNK], PLAIN),
    "cICP P3": ([cicp(12, 13)], P3_SHOWN),
    "cICP above sRGB": ([cicp(12, 13), SRGB_CHUNK, gama(100_000)], P3_SHOWN),
    "cICP BT.2020": ([cicp(9, 13)], [*PLAIN[:7], [161, 0, 0], [0, 136, 0], [0, 205, 119], [246, 0, 131]]),
    "cICP BT.709": (
        [cicp(1, 1)],
        [[v] * 3 for v in (1, 28, 81, 121, 176, 218, 255)] + [[121, 0, 0], [0, 121, 0], [49, 192, 121], [197, 44, 121]],
    ),
    "cICP linear": ([cicp(1, 8)], LINEAR),
    "cICP that says nothing": ([cicp(2, 2)], PLAIN),
    "cICP with unknown numbers": ([cicp(99, 13)], PLAIN),
    "cICP of YCbCr, which a PNG is not": ([cicp(12, 13, matrix=1)], PLAIN),
    "cICP PQ": (
        [cicp(9, 16)],
        [[v] * 3 for v in (0, 9, 61, 132, 242, 255, 255)] + [[167, 0, 0], [0, 140, 0], [0, 255, 0], [255, 0, 69]],
    ),
    "cICP PQ of P3": (
        [cicp(12, 16)],
        [[v] * 3 for v in (0, 9, 61, 132, 242, 255, 255)] + [[145, 0, 0], [0, 135, 0], [0, 255, 31], [255, 0, 77]],
    ),
    "cICP HLG": (
        [cicp(9, 18)],
        [[v] * 3 for v in (1, 21, 66, 99, 166, 224, 255)] + [[111, 0, 0], [0, 102, 0], [0, 199, 96], [230, 0, 103]],
    ),
    "primaries that span no colours": ([chrm(D65, D65, D65), gama(100_000)], PLAIN),
    "a gamma of nothing": ([gama(0)], PLAIN),
}


@pytest.mark.parametrize("case", IN_PNG)
def test_a_png_is_shown_as_a_browser_shows_it(case):
    chunks, expected = IN_PNG[case]
    assert np.abs(shown(png(*chunks)) - expected).max() <= 1


def test_the_light_that_a_png_states_is_where_white_begins():
    dim, bright = (png(cicp(9, 16), (b"cLLI", struct.pack(">II", nits * 10_000, 0))) for nits in (1000, 4000))
    assert np.abs(shown(bright)[:7, 0] - [0, 9, 61, 132, 217, 247, 255]).max() <= 3
    assert np.array_equal(shown(dim), shown(png(cicp(9, 16))))


@pytest.mark.parametrize(
    ("primaries", "transfer", "levels"),
    [
        (12, 13, [[142, 0, 0], [0, 131, 0], [0, 199, 121], [218, 33, 130]]),
        (9, 14, [[163, 0, 0], [0, 137, 0], [0, 206, 119], [246, 0, 131]]),
        (1, 1, [[129, 1, 0], [0, 129, 0], [58, 196, 128], [200, 55, 128]]),
        (9, 16, [[170, 0, 0], [0, 143, 0], [0, 255, 0], [255, 0, 69]]),
        (9, 18, [[112, 0, 0], [0, 103, 0], [0, 201, 95], [230, 0, 103]]),
    ],
)
def test_an_avif_is_shown_as_a_browser_shows_it(primaries, transfer, levels):
    pixels = ROW[7:].repeat(16, axis=0)[None].repeat(16, axis=0)
    found = shown(avif(primaries, transfer, pixels), "row.avif")[8::16]
    assert np.abs(found - levels).max() <= 4  # the encoder's own errors


def video(levels: np.ndarray) -> np.ndarray:
    """uint8 or uint16 of full range → of narrow range: black at 16 and white at 235 of 8 bits."""
    white, unit = (255, 1) if levels.dtype == np.uint8 else (65535, 256)
    return np.rint((levels / white * 219 + 16) * unit).astype(levels.dtype)


@pytest.mark.parametrize("numbers", [(1, 13), (12, 13), (1, 8), (9, 16)])
def test_a_png_of_narrow_range_is_shown_like_one_of_full_range(numbers):
    photo = decode(png(cicp(*numbers, full=0), pixels=video(ROW)[None]), "a.png")
    full = decode(png(cicp(*numbers)), "a.png")
    assert np.abs(photo.rgb.astype(int) - full.rgb).max() <= 6  # one level of 219 is 1.2 of 255, and more where HDR is steep
    assert np.abs(photo.rgb.astype(int) - full.rgb).mean() < 1
    assert photo.icc == full.icc
    assert [note.sentence for note in photo.notes] == [*(note.sentence for note in full.notes), NARROW_RANGE]


def test_what_lies_beyond_the_black_and_white_of_narrow_range_is_cut_off_and_opacity_is_full_range():
    levels = np.array([[0, 15, 16, 235, 236, 255]], np.uint8)
    expected = [0, 0, 0, 255, 255, 255]
    grey = decode(png(cicp(1, 13, full=0), pixels=levels), "grey.png")
    assert grey.rgb[0, :, 1].tolist() == expected
    clear = decode(png(cicp(1, 13, full=0), pixels=levels[:, :, None].repeat(4, 2)), "clear.png")
    assert clear.alpha is not None
    assert (clear.rgb[0, :, 0].tolist(), clear.alpha[0].tolist()) == (expected, levels[0].tolist())
    deep = decode(png(cicp(1, 13, full=0), pixels=np.array([[0, 4096, 32128, 60160, 65535]], np.uint16)), "deep.png")
    assert deep.pixels[0][0, :, 0].tolist() == [0, 0, 32768, 65535, 65535]


def test_a_profile_of_the_file_rules_gamma_and_is_ruled_by_cicp():
    linear = make_profile("linear", Curve(1.0), BT709, "RGB")
    assert decode(png(gama(45_455), chrm(*P3), icc=linear), "a.png").icc == linear
    assert np.abs(shown(png(gama(45_455), icc=linear)) - LINEAR).max() <= 1
    assert decode(png(cicp(1, 13), icc=linear), "a.png").icc is None
    assert np.abs(shown(png(cicp(12, 13), icc=linear)) - P3_SHOWN).max() <= 1


def test_the_pixels_stay_and_the_result_says_what_the_file_said():
    photo = decode(png(cicp(12, 13)), "a.png")
    assert np.array_equal(photo.rgb[0], ROW)
    assert [(note.sentence, note.values["name"]) for note in photo.notes] == [(STATED, "Display P3")]
    again = decode(encode(photo, Output("png")).data, "again.png")
    assert again.icc == photo.icc
    assert np.abs(convert_to_srgb(again).rgb[0].astype(int) - P3_SHOWN).max() <= 1


def test_hdr_is_said_and_becomes_srgb():
    photo = decode(png(cicp(9, 16)), "a.png")
    assert photo.icc is None
    assert [note.sentence for note in photo.notes] == [hdr.NOTE]
    assert "PQ" in str(photo.notes[0])
    assert "1000 nits" in str(photo.notes[0])


def test_what_is_about_srgb_is_carried_without_a_word():
    photo = decode(png(chrm(*SRGB), gama(45_455)), "a.png")
    assert photo.icc is not None
    assert photo.notes == ()


def test_grey_goes_through_its_gamma():
    grey = np.array([GREYS], np.uint8)
    photo = decode(png(gama(100_000), pixels=grey), "a.png")
    assert np.abs(photo.rgb[0].astype(int) - LINEAR[:7]).max() <= 1
    assert [note.sentence for note in photo.notes] == [GREY_OWN]
    deep = decode(png(gama(100_000), pixels=grey.astype(np.uint16) * 257), "a.png")
    assert np.abs(deep.rgb[0].astype(int) - LINEAR[:7]).max() <= 1


def camera(index: str | None, space: int | None, kind: str = "JPEG", **how) -> bytes:
    """A file whose EXIF data are written by hand: Pillow does not write the directory of interoperability."""
    entries = [(0xA001, 3, space)] * (space is not None) + [(0xA005, 4, 80)] * (index is not None)
    inner = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", tag, size, 1, value) for tag, size, value in entries)
    exif = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x8769, 4, 1, 26, 0) + inner + bytes(4)
    exif = exif.ljust(80, b"\0") + struct.pack("<HHHI", 1, 1, 2, 4) + (index or "R98").encode() + bytes(5)
    return encoded(made_up(16, 16), kind, quality=95, exif=b"Exif\0\0" + exif, **how)


@pytest.mark.parametrize(("index", "space"), [("R03", 0xFFFF), ("R03", None), (None, 2)])
def test_a_camera_that_says_adobe_rgb_is_believed(index, space):
    photo = decode(camera(index, space), "a.jpg")
    assert [(note.sentence, note.values["name"]) for note in photo.notes] == [(STATED, "Adobe RGB")]
    plain = decode(camera(None, None), "a.jpg")
    assert np.array_equal(photo.rgb, plain.rgb)
    assert np.abs(convert_to_srgb(photo).rgb.astype(int) - plain.rgb).max() > 20


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_adobe_rgb_by_exif_is_believed_in_every_format(kind):
    photo = decode(camera("R03", 0xFFFF, kind), "a")
    assert [(note.sentence, note.values["name"]) for note in photo.notes] == [(STATED, "Adobe RGB")]
    assert photo.icc is not None


def test_what_an_avif_says_of_its_pixels_rules_its_exif_data_and_a_contradiction_is_said():
    data = camera("R03", 0xFFFF, "AVIF")
    photo = decode(data, "a.avif")
    assert (photo.icc, [note.sentence for note in photo.notes]) == (None, [UNREAD])
    place = data.index(b"nclx") + 4
    unsaid = decode(data[:place] + struct.pack(">HH", 2, 2) + data[place + 4 :], "a.avif")
    assert [note.values["name"] for note in unsaid.notes] == ["Adobe RGB"]


def test_a_png_that_says_srgb_and_adobe_rgb_is_taken_as_srgb_and_said():
    data = camera("R03", 0xFFFF, "PNG")
    photo = decode(data[:33] + chunk(*SRGB_CHUNK) + data[33:], "a.png")
    assert (photo.icc, [note.sentence for note in photo.notes]) == (None, [UNREAD])


@pytest.mark.parametrize("case", [cicp(12, 13, full=2), cicp(9, 9), cicp(99, 13), cicp(12, 13, matrix=1)])
def test_a_png_whose_cicp_is_not_read_says_so(case):
    photo = decode(png(case), "a.png")
    assert (photo.icc, [(note.sentence, note.values["means"]) for note in photo.notes]) == (None, [(UNREAD, "PNG cICP")])
    ruled = decode(png(case, icc=make_profile("P3", Curve(2.2), Primaries(*P3, D65), "RGB")), "a.png")
    assert (ruled.icc is not None, ruled.notes) == (True, ())


def test_an_avif_whose_numbers_nobody_shows_says_so():
    assert [note.sentence for note in decode(avif(12, 10, made_up(16, 16)), "a.avif").notes] == [UNREAD]


def bmp(kind: int, numbers: tuple[float, ...] = (), profile: bytes = b"", pixels: np.ndarray = ROW[None]) -> bytes:
    """A BMP whose header says of its colours: which kind of space, X, Y, Z of red, green and blue and three exponents, or a profile."""
    plain = encoded(pixels, "BMP")
    (start,) = struct.unpack_from("<I", plain, 10)
    fixed = [round(value * 2**30) for value in numbers[:9]] + [round(value * 2**16) for value in numbers[9:]]
    more = struct.pack("<16x I 12I", kind, *(fixed or [0] * 12))
    more += struct.pack("<4I", 4, len(plain) + 84 - 14, len(profile), 0)
    head = struct.pack("<IHHI", len(plain) + 84, 0, 0, start + 84) + struct.pack("<I", 124)
    return b"BM" + head + plain[18:54] + more + plain[54:] + profile


ADOBE_XYZ = (0.5767, 0.2974, 0.0270, 0.1856, 0.6274, 0.0707, 0.1882, 0.0753, 0.9911)
P3_XY = (0.68, 0.32, 0.0, 0.265, 0.69, 0.045, 0.15, 0.06, 0.79)


@pytest.mark.parametrize(("numbers", "likewise"), [(ADOBE_XYZ, ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))), (P3_XY, P3)])
def test_a_bmp_with_calibrated_colours_is_shown_by_them(numbers, likewise):
    photo = decode(bmp(0, (*numbers, 2.2, 2.2, 2.2)), "a.bmp")
    assert [(note.sentence, note.values["means"]) for note in photo.notes] == [(STATED, "BMP")]
    expected = shown(png(chrm(*likewise), gama(45_455)))
    assert np.abs(convert_to_srgb(photo).rgb[0].astype(int) - expected).max() <= 1


def test_a_bmp_without_numbers_of_its_own_is_srgb():
    for kind in (0, 0x73524742, 0x57696E20):
        assert (decode(bmp(kind), "a.bmp").icc, decode(bmp(kind), "a.bmp").notes) == (None, ())


def test_a_bmp_with_a_linked_profile_or_three_exponents_says_that_they_are_not_read():
    for data in (bmp(0x4C494E4B), bmp(0, (*ADOBE_XYZ, 1.8, 2.2, 2.6))):
        assert [note.sentence for note in decode(data, "a.bmp").notes] == [UNREAD]


@pytest.mark.parametrize("pixels", [ROW[None], ROW[None, :, 0]])
def test_the_profile_in_a_bmp_is_carried_on_in_grey_too(pixels):
    icc = make_profile("P3", Curve(2.2), Primaries(*P3, D65), "RGB")
    photo = decode(bmp(0x4D424544, profile=icc, pixels=pixels), "a.bmp")
    assert (photo.icc, photo.notes) == (icc, ())


def tiff(**tags: tuple[float, ...]) -> bytes:
    return save_tiff(ROW[None], tags)


def save_tiff(pixels: np.ndarray, tags: dict[str, tuple[float, ...]], icc: bytes | None = None) -> bytes:
    file = io.BytesIO()
    numbers = {"white": 318, "primaries": 319, "transfer": 301}
    info = TiffImagePlugin.ImageFileDirectory_v2()
    for name, value in tags.items():
        info[numbers[name]] = value
        info.tagtype[numbers[name]] = 3 if name == "transfer" else 5
    Image.fromarray(pixels).save(file, "TIFF", tiffinfo=info, icc_profile=icc)
    return file.getvalue()


POWER = tuple(round(65535 * (level / 255) ** 2.2) for level in range(256))


def test_a_tiff_with_primaries_of_its_own_is_shown_by_them():
    flat = tuple(value for place in P3 for value in place)
    expected = shown(png(chrm(*P3), gama(45_455)))
    for more in ({}, {"transfer": POWER}, {"transfer": 3 * POWER}):
        data = tiff(white=D65, primaries=flat, **more)
        photo = decode(data, "a.tif")
        assert [(note.sentence, note.values["means"]) for note in photo.notes] == [(STATED, "TIFF")]
        assert np.abs(convert_to_srgb(photo).rgb[0].astype(int) - expected).max() <= 1


def test_a_tiff_that_states_srgb_says_nothing():
    usual = decode(tiff(white=D65, primaries=tuple(value for place in SRGB for value in place), transfer=POWER), "a.tif")
    assert (usual.notes, decode(tiff(transfer=POWER), "a.tif").icc) == ((), None)


def table(exponent: float, length: int = 256) -> tuple[int, ...]:
    return tuple(round(65535 * (level / (length - 1)) ** exponent) for level in range(length))


@pytest.mark.parametrize("length", [256, 65536])
@pytest.mark.parametrize("exponent", [1.0, 1.8, 2.6])
def test_a_tiff_is_shown_by_its_transfer_function_as_a_png_by_its_gamma(exponent, length):
    flat = tuple(value for place in P3 for value in place)
    for tags, chunks in (({}, []), ({"white": D65, "primaries": flat}, [chrm(*P3)])):
        photo = decode(tiff(**tags, transfer=table(exponent, length)), "a.tif")
        assert [(note.sentence, note.values["means"]) for note in photo.notes] == [(STATED, "TIFF")]
        expected = shown(png(*chunks, gama(round(100_000 / exponent))))
        assert np.abs(convert_to_srgb(photo).rgb[0].astype(int) - expected).max() <= 1
        again = decode(encode(photo, Output("tiff")).data, "again.tif")
        assert again.icc == photo.icc


def test_red_green_and_blue_may_have_transfer_functions_of_their_own():
    found = shown(tiff(transfer=table(1.0) + table(2.2) + table(1.8)), "a.tif")
    for channel, exponent in enumerate((1.0, 2.2, 1.8)):
        assert np.abs(found[:7, channel] - shown(png(chrm(*SRGB), gama(round(100_000 / exponent))))[:7, channel]).max() <= 1


@pytest.mark.parametrize("deep", [False, True])
def test_a_grey_tiff_goes_through_its_transfer_function(deep):
    grey = np.array([GREYS], np.uint8)
    pixels = grey.astype(np.uint16) * 257 if deep else grey
    photo = decode(save_tiff(pixels, {"transfer": table(1.0, 65536 if deep else 256)}), "a.tif")
    assert np.abs(photo.rgb[0].astype(int) - LINEAR[:7]).max() <= 1
    assert [note.sentence for note in photo.notes] == [GREY_OWN]


def rare_tiff(pixels: np.ndarray, *tags) -> bytes:
    """A TIFF of 16-bit planes, which Pillow does not read; each of `tags` is number, type, count and values."""
    file = io.BytesIO()
    planes = np.moveaxis(pixels.astype(np.uint16) * 257, 2, 0)
    tifffile.imwrite(file, planes, photometric="rgb", planarconfig="separate", extratags=[(*tag, True) for tag in tags])
    return file.getvalue()


def test_a_tiff_that_pillow_does_not_read_is_shown_by_its_tags_too():
    def fractions(*places: tuple[float, float]) -> tuple[int, ...]:
        return tuple(number for place in places for value in place for number in (round(value * 10_000), 10_000))

    white, primaries = (318, "2I", 2, fractions(D65)), (319, "2I", 6, fractions(*P3))
    for length in (256, 65536):
        data = rare_tiff(ROW[None], (301, "H", 3 * length, 3 * table(1.8, length)), white, primaries)
        assert np.abs(shown(data, "a.tif") - shown(png(chrm(*P3), gama(round(100_000 / 1.8))))).max() <= 1


@pytest.mark.parametrize(
    "tag", [(301, "I", 256, 256 * (70_000,)), (301, "B", 4, b"abcd"), (318, "2I", 2, (1, 0, 1, 0)), (318, "s", 4, "1234"), (319, "I", 1, 5)]
)
def test_a_tag_of_another_type_is_no_reason_to_refuse_the_pixels_of_such_a_tiff(tag):
    photo = decode(rare_tiff(ROW[None], tag), "a.tif")
    assert np.array_equal(photo.rgb[0], ROW)
    assert photo.icc is None


def test_a_profile_rules_the_tags_of_a_tiff():
    icc = make_profile("P3", Curve(2.2), Primaries(*P3, D65), "RGB")
    photo = decode(save_tiff(ROW[None], {"transfer": table(1.0)}, icc), "a.tif")
    assert (photo.icc, photo.notes) == (icc, ())


ABSURD = {
    "falling": table(1.0)[::-1],
    "with a dip": (*table(1.0)[:100], 0, *table(1.0)[101:]),
    "of another length": table(1.0, 255),
    "of two for three channels": 2 * table(1.0),
    "never bright": tuple(level // 4 for level in table(1.0)),
    "never dark": tuple(30_000 + level // 2 for level in table(1.0)),
    "of one value": (65535,),
}


@pytest.mark.parametrize("case", ABSURD)
def test_a_transfer_function_that_is_none_is_said(case):
    photo = decode(tiff(transfer=ABSURD[case]), "a.tif")
    assert (photo.icc, [note.sentence for note in photo.notes]) == (None, [UNREAD])


def test_a_white_without_primaries_and_a_transfer_function_for_a_palette_are_said():
    palette = io.BytesIO()
    Image.fromarray(ROW[None]).quantize(8).save(palette, "TIFF", tiffinfo={301: table(1.0)})
    for data in (tiff(white=(0.3457, 0.3585)), palette.getvalue()):
        assert [note.sentence for note in decode(data, "a.tif").notes] == [UNREAD]


@pytest.mark.parametrize(("index", "space"), [("R98", 1), ("R98", 0xFFFF), ("R03", 1), (None, 0xFFFF), (None, None)])
def test_a_camera_that_says_anything_else_means_srgb(index, space):
    photo = decode(camera(index, space), "a.jpg")
    assert photo.icc is None
    assert photo.notes == ()


@pytest.mark.parametrize("cut", range(0, 300, 7))
def test_damaged_statements_are_none(cut):
    data = avif(12, 13, made_up(16, 16))
    broken = bytearray(data)
    broken[cut : cut + 7] = bytes(255 - byte for byte in broken[cut : cut + 7])
    try:
        decode(bytes(broken), "a.avif")
    except Exception as failure:
        assert type(failure).__name__ == "PhotoError"  # noqa: PT017


def test_a_profile_of_colours_that_there_are_none_of_is_refused():
    for place in ((0.3, 0.0), (float("nan"), 0.3)):
        with pytest.raises(ValueError, match="no colours"):
            make_profile("none", Curve(2.2), Primaries((0.64, 0.33), place, (0.15, 0.06), D65), "RGB")


@pytest.mark.parametrize(
    ("name", "mean"),
    [
        ("mid_gama1.png", (210, 149, 121)),
        ("chrm_swap.png", (110, 73, 51)),
        ("mid_cicp_p3.png", (210, 149, 121)),
        ("mid_p3.avif", (210, 149, 122)),
        ("mid_p3.jpg", (210, 149, 121)),
        ("mid_dcf.jpg", (210, 149, 121)),
    ],
)
def test_the_shared_cases_have_the_colours_that_other_programs_found(name, mean):
    found = convert_to_srgb(read(shared("cases") / name)).rgb.reshape(-1, 3).mean(axis=0)
    assert np.abs(found - mean).max() < 1
