"""Colours on their way in and out, measured as Lab by littleCMS."""

import io
import struct

import numpy as np
import pytest
from conftest import made_up
from PIL import Image, ImageCms

import sr_models
from sr_models.colour import CMYK_OWN, CMYK_STANDARD, GREY_OWN, STANDARD_CMYK, UNUSABLE, convert_to_srgb, encode_colour
from sr_models.output import Output, encode
from sr_models.photo import Photo
from sr_models.reading import SEVERAL, decode, read

D50, D65 = (0.9642, 1.0, 0.8249), (0.9505, 1.0, 1.0890)
PRIMARIES = {
    "Display P3": (((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), D65, 2.2),
    "Adobe RGB": (((0.640, 0.330), (0.210, 0.710), (0.150, 0.060)), D65, 2.2),
    "ProPhoto": (((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001)), D50, 1.8),
}
"""(chromaticities of red, green and blue), white, exponent."""
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def profile(tags: dict[bytes, bytes], space: bytes) -> bytes:
    """A monitor profile of version 2.4 (ICC.1:2001) with these tags."""
    tags = {b"desc": b"desc" + bytes(4) + struct.pack(">I", 9) + b"for test\0" + bytes(78), b"wtpt": xyz(D50)} | tags
    place, directory, body = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        directory += name + struct.pack(">II", place + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I4x4s4s4s4s", place + len(body), b"\2\x40\0\0", b"mntr", space, b"XYZ ")
    head += struct.pack(">6H4s28x", 2024, 1, 1, 0, 0, 0, b"acsp") + xyz(D50)[8:]
    return head.ljust(128, b"\0") + directory + body


def xyz(values) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))


def gamma(exponent: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IHxx", 1, round(exponent * 256))


def rgb_profile(name: str) -> bytes:
    if name == "sRGB":
        return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    places, white, exponent = PRIMARIES[name]
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in places]).T
    adapted = np.linalg.inv(BRADFORD) @ np.diag((BRADFORD @ D50) / (BRADFORD @ white)) @ BRADFORD
    columns = adapted @ (columns * np.linalg.solve(columns, white))
    tags = {b"rXYZ": xyz(columns[:, 0]), b"gXYZ": xyz(columns[:, 1]), b"bXYZ": xyz(columns[:, 2])}
    return profile(tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), gamma(exponent)), b"RGB ")


PROFILES = ["sRGB", *PRIMARIES]


def lab(image: Image.Image, icc: bytes | None) -> np.ndarray:
    """Lab (H, W, 3) of what a colour-managed viewer shows."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(icc) if icc else ImageCms.createProfile("sRGB"))
    shown = ImageCms.profileToProfile(
        image, source, ImageCms.createProfile("LAB"), renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC, outputMode="LAB"
    )
    values = np.asarray(shown)
    return np.dstack([values[:, :, 0] / 2.55, values[:, :, 1:].astype(np.int8)])


def apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """ΔE of 1976, (H, W)."""
    return np.sqrt(np.square(a - b).sum(2))


def file_of(pixels: np.ndarray, icc: bytes | None, kind: str = "PNG", mode: str | None = None) -> bytes:
    data = io.BytesIO()
    image = Image.frombytes(mode, pixels.shape[1::-1], pixels.tobytes()) if mode else Image.fromarray(pixels)
    image.save(data, kind, icc_profile=icc)
    return data.getvalue()


def patches() -> np.ndarray:
    """uint8 (32, 96, 3): 12 plain patches of 16 × 16, of which only the last ones are saturated."""
    colours = [(255, 255, 255), (0, 0, 0), (128, 128, 128), (200, 170, 140), (90, 110, 90), (100, 100, 150)]
    colours += [(150, 90, 80), (220, 200, 90), (60, 70, 60), (255, 0, 0), (0, 255, 0), (0, 0, 255)]
    return np.array(colours, np.uint8).reshape(2, 6, 3).repeat(16, 0).repeat(16, 1)


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_is_carried_so_that_a_colour_managed_viewer_shows_no_difference(name):
    icc = rgb_profile(name)
    photo = decode(file_of(patches(), icc), "patches.png")
    before = lab(Image.fromarray(patches()), icc)
    outputs = {Output("png"): 0, Output("webp-lossless"): 0, Output("jpeg", 100): 1.0, Output("avif", 100): 1.0}
    for output, off in outputs.items():
        result = encode(photo, output)
        with Image.open(io.BytesIO(result.data)) as image:
            assert image.info["icc_profile"] == icc
            assert apart(lab(image.convert("RGB"), image.info["icc_profile"]), before).mean() <= off


@pytest.mark.parametrize("name", PROFILES)
def test_an_enlarged_photo_has_the_colours_of_the_photo(name):
    icc = rgb_profile(name)
    photo = decode(file_of(patches(), icc), "patches.png")
    result = sr_models.upscale(photo, scale=2, model="cnn").photo
    assert result.icc == icc
    before, after = lab(Image.fromarray(patches()), icc), lab(Image.fromarray(result.rgb), result.icc)
    assert apart(before[8::16, 8::16], after[16::32, 16::32]).max() < 2


@pytest.mark.parametrize("name", ["Display P3", "Adobe RGB", "ProPhoto"])
def test_converted_to_srgb_a_photo_shows_the_same_colours_where_srgb_has_them(name):
    icc = rgb_profile(name)
    photo = decode(file_of(patches(), icc), "patches.png")
    converted = convert_to_srgb(photo)
    assert converted.icc is None
    before, after = lab(Image.fromarray(photo.rgb), icc), lab(Image.fromarray(converted.rgb), None)
    assert apart(before, after)[8::16, 8::16].reshape(-1)[:9].max() < 2
    assert (converted.rgb[0, 0] == 255).all()


@pytest.mark.parametrize("name", ["Display P3", "Adobe RGB", "ProPhoto"])
def test_without_the_conversion_it_does_not(name):
    before, after = lab(Image.fromarray(patches()), rgb_profile(name)), lab(Image.fromarray(patches()), None)
    assert apart(before, after)[8::16, 8::16].reshape(-1)[:9].max() > 4


def test_srgb_by_any_name_keeps_its_pixels():
    photo = Photo(made_up(20, 30), icc=rgb_profile("sRGB"))
    assert np.array_equal(convert_to_srgb(photo).rgb, photo.rgb)
    assert convert_to_srgb(photo).icc is None
    assert np.array_equal(convert_to_srgb(Photo(photo.rgb, icc=b"junk")).rgb, photo.rgb)


def test_a_conversion_leaves_transparency_and_everything_else():
    alpha = np.full((32, 96), 77, np.uint8)
    photo = Photo(patches(), alpha, rgb_profile("ProPhoto"), noise=1.5)
    converted = convert_to_srgb(photo)
    assert converted.alpha is alpha
    assert converted.noise == 1.5
    assert not np.array_equal(converted.rgb, photo.rgb)


def test_a_grey_profile_is_what_grey_values_mean():
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    for exponent in (1.0, 1.8, 2.2):
        icc = profile({b"kTRC": gamma(exponent)}, b"GRAY")
        photo = decode(file_of(grey, icc), "grey.png")
        light = (grey / 255) ** exponent
        expected = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) * 255
        assert np.abs(photo.rgb - expected[:, :, None]).max() <= 1
        assert photo.icc is None
        assert [note.sentence for note in photo.notes] == [GREY_OWN]
    assert np.array_equal(decode(file_of(grey, None), "grey.png").rgb[:, :, 1], grey)


def test_sixteen_bit_grey_goes_through_its_profile_with_all_its_bits():
    values = np.array([[0, 100, 1000, 30000, 65535]], np.uint16)
    photo = decode(file_of(values, profile({b"kTRC": gamma(1.0)}, b"GRAY")), "grey.png")
    light = values[0] / 65535
    expected = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) * 255
    assert np.abs(photo.rgb[0, :, 0] - expected).max() <= 1
    assert [note.sentence for note in photo.notes] == [GREY_OWN]


def test_grey_with_transparency_keeps_both():
    pixels = np.dstack([np.full((4, 5), 100, np.uint8), np.full((4, 5), 50, np.uint8)])
    photo = decode(file_of(pixels, profile({b"kTRC": gamma(1.0)}, b"GRAY"), mode="LA"), "grey.png")
    assert photo.rgb[0, 0].tolist() == [168, 168, 168]
    assert photo.alpha is not None
    assert (photo.alpha == 50).all()


INKS = np.array([[[0, 0, 0, 0], [255, 0, 0, 0], [0, 255, 0, 0], [0, 0, 255, 0], [0, 0, 0, 128], [255, 255, 255, 255]]], np.uint8)


@pytest.mark.parametrize("kind", ["TIFF", "JPEG"])
def test_cmyk_without_a_profile_is_read_as_coated_offset_print(kind):
    photo = decode(file_of(INKS.repeat(16, 0).repeat(16, 1), None, kind, "CMYK"), "inks")
    white, cyan, magenta, yellow, grey, black = photo.rgb[8, 8::16].astype(int)
    assert white.min() >= 254
    assert black.max() <= 3
    assert np.abs(cyan - (0, 159, 228)).max() <= 6
    assert np.abs(magenta - (229, 0, 126)).max() <= 6
    assert np.abs(yellow - (255, 237, 0)).max() <= 6
    assert np.ptp(grey) <= 6
    assert [note.sentence for note in photo.notes] == [CMYK_STANDARD]
    assert photo.icc is None


def test_the_standard_profile_gives_the_colours_that_were_measured():
    """Paper, cyan, magenta, yellow and black as ISO 12647-2:2004/Amd 1 states them for coated paper."""
    inks = Image.frombytes("CMYK", (5, 1), np.array([*INKS[0, :4], [0, 0, 0, 255]], np.uint8).tobytes())
    source, target = ImageCms.ImageCmsProfile(str(STANDARD_CMYK)), ImageCms.createProfile("LAB")
    values = np.asarray(
        ImageCms.profileToProfile(inks, source, target, renderingIntent=ImageCms.Intent.ABSOLUTE_COLORIMETRIC, outputMode="LAB")
    )[0]
    found = np.column_stack([values[:, 0] / 2.55, values[:, 1:].astype(np.int8)])
    assert np.abs(found - [(95, 0, -2), (55, -37, -50), (48, 74, -3), (89, -5, 93), (16, 0, 0)]).max() < 2


def test_the_standard_profile_is_small_and_says_where_it_comes_from():
    assert STANDARD_CMYK.stat().st_size < 50_000
    said = ImageCms.getProfileCopyright(str(STANDARD_CMYK))
    assert "FOGRA39L" in said
    assert "zlib" in said


def test_cmyk_goes_through_its_own_profile():
    swapped = bytearray(STANDARD_CMYK.read_bytes())  # one whose black is as light as paper
    start = swapped.index(b"mft2") + 52 + 3 * 512
    swapped[start : start + 512] = bytes(512)
    own, standard = (decode(file_of(INKS, icc, "TIFF", "CMYK"), "inks.tif") for icc in (bytes(swapped), None))
    assert standard.rgb[0, 4].max() < 180
    assert own.rgb[0, 4].min() > 240
    (note,) = own.notes
    assert note.sentence == CMYK_OWN
    assert "FOGRA39 coated offset, small" in str(note)


@pytest.mark.parametrize("icc", [b"junk", rgb_profile("sRGB"), STANDARD_CMYK.read_bytes()[:3000]])
def test_cmyk_with_a_profile_that_is_no_use_is_read_by_the_standard_one(icc):
    photo, plain = (decode(file_of(INKS, data, "TIFF", "CMYK"), "inks.tif") for data in (icc, None))
    assert np.array_equal(photo.rgb, plain.rgb)
    assert [note.sentence for note in photo.notes] == [CMYK_STANDARD]


def test_lab_becomes_srgb():
    values = np.array([[[255, 0, 0], [128, 0, 0], [138, 60, 40], [0, 0, 0]]], np.uint8)
    photo = decode(file_of(values, None, "TIFF", "LAB"), "lab.tif")
    seen = lab(Image.fromarray(photo.rgb), None)[0]
    expected = np.column_stack([values[0, :, 0] / 2.55, values[0, :, 1:].astype(np.int8)])
    assert np.abs(seen - expected).max() <= 2
    assert photo.rgb[0, 0].tolist() == [255, 255, 255]


def test_twelve_bit_grey_is_as_bright_as_it_should_be(tmp_path):
    values = [0, 4095, 2048, 1024]
    packed = bytes([values[0] >> 4, (values[0] & 15) << 4 | values[1] >> 8, values[1] & 255])
    packed += bytes([values[2] >> 4, (values[2] & 15) << 4 | values[3] >> 8, values[3] & 255])
    entries = {256: 4, 257: 1, 258: 12, 259: 1, 262: 1, 273: 8, 277: 1, 278: 1, 279: len(packed)}
    directory = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries.items())
    head = struct.pack("<2sHI", b"II", 42, 8 + len(packed))
    (tmp_path / "deep.tif").write_bytes(head + packed + struct.pack("<H", len(entries)) + directory + bytes(4))
    photo = read(tmp_path / "deep.tif")
    assert photo.rgb[0, :, 0].tolist() == [0, 255, 128, 64]
    assert photo.pixels[0][0, :, 0].tolist() == [0, 65535, 32776, 16388]
    assert photo.notes == ()


def test_an_unusable_profile_is_said_and_a_usable_one_is_not():
    assert [note.sentence for note in decode(file_of(patches(), b"junk"), "a.png").notes] == [UNUSABLE]
    grey = profile({b"kTRC": gamma(2.2)}, b"GRAY")
    assert [note.sentence for note in decode(file_of(patches(), grey), "a.png").notes] == [UNUSABLE]
    assert decode(file_of(patches(), rgb_profile("ProPhoto")), "a.png").notes == ()
    assert decode(file_of(patches(), None), "a.png").notes == ()


def test_of_an_animation_it_is_said_that_one_picture_was_read():
    data = io.BytesIO()
    first, second = Image.new("RGB", (8, 8), "red"), Image.new("RGB", (8, 8), "blue")
    first.save(data, "GIF", save_all=True, append_images=[second])
    assert [note.sentence for note in decode(data.getvalue(), "moving.gif").notes] == [SEVERAL]


def test_a_colour_is_put_into_the_encoding_of_the_photo():
    wide = Photo(patches(), icc=rgb_profile("ProPhoto"))
    red, green, blue = encode_colour(wide, (255, 0, 0))
    assert (red, green, blue) != (255, 0, 0)
    seen, meant = (lab(Image.new("RGB", (1, 1), colour), icc) for colour, icc in (((red, green, blue), wide.icc), ((255, 0, 0), None)))
    assert apart(seen, meant).max() < 2
    assert encode_colour(wide, (255, 255, 255)) == (255, 255, 255)
    assert encode_colour(Photo(patches()), (1, 2, 3)) == (1, 2, 3)
