"""16 bits a channel stay 16 bits, from a PNG or TIFF to a PNG or TIFF; and where they do not, that is said."""

import io
import math
import struct
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import tifffile
from conftest import encoded, made_up
from PIL import Image, ImageCms
from test_colour import gamma, profile
from test_stated import chunk

from sr_models import Order, carry_out, examine, reading, upscale
from sr_models.__main__ import main
from sr_models.errors import PhotoError
from sr_models.figures.compare import make_view
from sr_models.figures.quality import box_reduce
from sr_models.formats.boxes import find_depth
from sr_models.formats.png import encode_png
from sr_models.names import FORMATS, NAMES
from sr_models.order import SHALLOWER
from sr_models.output import DEEP_FORMATS, SHALLOW, Output, encode
from sr_models.photo import About, Photo, Provenance, narrow
from sr_models.reading import decode

COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}
"""Channels → PNG's colour type."""


def deep_picture(height: int, width: int, channels: int = 3) -> np.ndarray:
    """uint16 (height, width, channels): a slope of all levels, another in each channel, with a little grain."""
    y, x = np.mgrid[:height, :width]
    slope = (x * 65535 // max(width - 1, 1))[:, :, None] // np.arange(1, channels + 1)
    return np.minimum(slope + (y[:, :, None] * 97 + x[:, :, None] * 31) % 211, 65535).astype(np.uint16)


def gradient(width: int = 512, height: int = 8) -> np.ndarray:
    """uint16 (height, width, 3): 4,096 greys, one a pixel, from dark to bright."""
    greys = np.linspace(6000, 60000, width * height).astype(np.uint16).reshape(width, height).T
    return np.repeat(greys[:, :, None], 3, axis=2)


def png(values: np.ndarray, *more: tuple[bytes, bytes]) -> bytes:
    """The PNG of uint16 (H, W, 1 to 4), with further chunks before its pixels; rows are not filtered."""
    height, width, channels = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    head = struct.pack(">IIBBBBB", width, height, 16, COLOURS[channels], 0, 0, 0)
    parts = [(b"IHDR", head), *more, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def tiff(values: np.ndarray, **how: Any) -> bytes:
    file = io.BytesIO()
    planes = np.moveaxis(values, 2, 0) if how.get("planarconfig") == "separate" else values.squeeze(2) if values.shape[2] == 1 else values
    tifffile.imwrite(file, planes, photometric="rgb" if values.shape[2] > 2 else "minisblack", maxworkers=1, **how)
    return file.getvalue()


def in_rgb(values: np.ndarray) -> np.ndarray:
    return values[:, :, :3] if values.shape[2] > 2 else np.repeat(values[:, :, :1], 3, axis=2)


def assert_holds(photo: Photo, values: np.ndarray, off: int = 0) -> None:
    """That a photo has these values, (H, W, 1 to 4), and in 8 bits the nearest levels to them."""
    rgb, alpha = photo.pixels
    assert rgb.dtype == np.uint16
    assert np.abs(rgb.astype(int) - in_rgb(values)).max() <= off
    assert np.abs(photo.rgb - rgb / 257).max() <= 0.5
    assert (alpha is None) == (values.shape[2] in (1, 3))
    if alpha is not None:
        assert np.array_equal(alpha, values[:, :, -1])
        assert np.abs(photo.alpha - alpha / 257).max() <= 0.5
    assert photo.notes == ()


# Reading


@pytest.mark.parametrize("channels", COLOURS)
def test_a_png_of_16_bits_is_read_to_the_last_bit(channels):
    values = deep_picture(7, 9, channels)
    assert_holds(decode(png(values), "a.png"), values)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("packed", [{}, {"compression": "zlib"}, {"compression": "zlib", "predictor": 2}])
@pytest.mark.parametrize("plane", ["contig", "separate"])
@pytest.mark.parametrize("channels", COLOURS)
def test_a_tiff_of_16_bits_is_read_to_the_last_bit(channels, plane, packed, order):
    values = deep_picture(20, 9, channels)
    extra = {"extrasamples": ["unassalpha"]} if channels in (2, 4) else {}
    planes = {"planarconfig": plane} if channels > 2 else {}
    assert_holds(decode(tiff(values, byteorder=order, rowsperstrip=8, **planes, **packed, **extra), "a.tif"), values)


@pytest.mark.parametrize("plane", ["contig", "separate"])
@pytest.mark.parametrize("channels", [2, 4])
def test_colours_that_were_multiplied_by_their_opacity_are_divided_by_it_with_16_bits(channels, plane):
    values = deep_picture(20, 9, channels)
    values[:, :, -1] = 20000 + 45 * np.arange(9)
    weighed = values.copy()
    weighed[:, :, :-1] = np.rint(values[:, :, :-1] * (values[:, :, -1:] / 65535))
    planes = {"planarconfig": plane} if channels > 2 else {}
    data = tiff(weighed, extrasamples=["assocalpha"], **planes)
    assert_holds(decode(data, "a.tif"), values, off=2)  # a third of the levels was left


@pytest.mark.parametrize(("channels", "clear"), [(1, (300,)), (3, (300, 5, 65535))])
def test_the_transparent_value_of_a_png_counts_in_16_bits(channels, clear):
    values = np.full((2, 2, channels), clear, np.uint16)
    values[0, 0, 0] += 1  # the same in 8 bits
    photo = decode(png(values, (b"tRNS", struct.pack(f">{channels}H", *clear))), "a.png")
    assert photo.alpha.tolist() == [[255, 0], [0, 0]]


def test_a_turned_photo_is_turned_with_all_its_bits():
    exif = Image.Exif()
    exif[0x0112] = 6
    values = deep_picture(7, 9)
    photo = decode(png(values, (b"eXIf", exif.tobytes()[6:])), "a.png")
    assert np.array_equal(photo.pixels[0], np.rot90(values, -1))
    photo = decode(tiff(values, extratags=[(274, 3, 1, 6, True)]), "a.tif")
    assert np.array_equal(photo.pixels[0], np.rot90(values, -1))


def test_grey_goes_through_its_profile_with_more_than_8_bits():
    ramp = np.linspace(0, 65535, 4096).astype(np.uint16).reshape(8, 512, 1)
    named = (b"iCCP", b"icc\0\0" + zlib.compress(profile({b"kTRC": gamma(1.8)}, b"GRAY")))
    rgb = decode(png(ramp, named), "a.png").pixels[0]
    light = (ramp / 65535) ** 1.8
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)
    assert len(np.unique(rgb)) > 3000
    assert np.abs(rgb / 65535 - encoded).max() < 0.004  # where it is dark, the profile's curve is a table


def test_hdr_is_fitted_to_the_screen_with_more_than_8_bits():
    ramp = np.repeat(np.linspace(10000, 40000, 4096).astype(np.uint16).reshape(8, 512, 1), 3, axis=2)
    photo = decode(png(ramp, (b"cICP", bytes([9, 16, 0, 1]))), "a.png")
    assert len(np.unique(photo.pixels[0])) > 3000
    in_8_bits = decode(png(narrow(ramp).astype(np.uint16) * 257, (b"cICP", bytes([9, 16, 0, 1]))), "a.png")
    assert np.abs(photo.rgb.astype(int) - in_8_bits.rgb).max() <= 4  # of a level of 255 that is one of PQ


def test_half_of_a_deep_file_is_refused_like_any_other():
    for data in (png(deep_picture(64, 64)), tiff(deep_picture(64, 64), compression="zlib")):
        with pytest.raises(PhotoError, match="damaged or incomplete"):
            decode(data[: len(data) // 2], "half")


# In memory


def test_other_pixels_of_8_bits_leave_no_older_ones_of_16_behind():
    photo = Photo(deep_picture(4, 5), deep_picture(4, 5, 1)[:, :, 0])
    assert photo.deep is not None
    assert replace(photo, icc=b"another", about=About(artist="Jo")).deep is photo.deep
    assert replace(photo, rgb=255 - photo.rgb).deep is None
    assert replace(photo, alpha=None).deep is None
    assert replace(photo, rgb=65535 - photo.pixels[0]).pixels[0][0, 0, 0] == 65535 - photo.pixels[0][0, 0, 0]


def test_a_part_has_the_bits_of_the_whole():
    photo = Photo(deep_picture(6, 9), deep_picture(6, 9, 1)[:, :, 0])
    rgb, alpha = photo.part(slice(1, 4), slice(2, 8)).pixels
    assert np.array_equal(rgb, deep_picture(6, 9)[1:4, 2:8])
    assert alpha is not None
    assert np.array_equal(alpha, deep_picture(6, 9, 1)[1:4, 2:8, 0])


def test_16_bits_are_brought_to_the_nearest_of_8():
    every = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    assert np.array_equal(narrow(every), np.rint(every / 257).astype(np.uint8))


# Writing


@pytest.mark.parametrize("format", DEEP_FORMATS)
@pytest.mark.parametrize("opacity", [False, True])
@pytest.mark.parametrize("size", [(1, 1), (130, 67), (3, 300)])
def test_what_is_written_with_16_bits_is_read_back_to_the_last(size, opacity, format):
    values = np.random.default_rng(1).integers(0, 65536, (*size, 4)).astype(np.uint16)
    values[size[0] // 2 :] = deep_picture(size[0] - size[0] // 2, size[1], 4)
    photo = Photo(values[:, :, :3], values[:, :, 3] if opacity else None)
    again = decode(encode(photo, Output(format)).data, "again")
    assert_holds(again, values if opacity else values[:, :, :3])


@pytest.mark.parametrize("format", DEEP_FORMATS)
def test_a_deep_file_says_of_the_photo_what_one_of_8_bits_says(format):
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    about = About((300.0, 150.0), "Zoë Maker", "© 2026 Maker")
    photo = Photo(deep_picture(8, 9), None, icc, about=about, made=Provenance("cnn-x2-v7", "ab" * 32))
    files = [encode(picture, Output(format)).data for picture in (photo, replace(photo, deep=None))]
    deep, plain = (Image.open(io.BytesIO(data)) for data in files)
    for image in (deep, plain):
        image.load()
    assert deep.info == plain.info
    assert deep.info["icc_profile"] == icc
    assert dict(deep.getexif()) | {258: 0, 273: 0, 277: 0, 279: 0} == dict(plain.getexif()) | {258: 0, 273: 0, 277: 0, 279: 0}
    again = decode(files[0], "again")
    assert (again.about.dpi, again.about.artist, again.about.copyright) == (about.dpi, about.artist, about.copyright)


def test_a_smooth_picture_is_packed_as_png():
    values = np.repeat(gradient(512, 512)[:, :, :1], 3, axis=2)
    model = encode(Photo(np.zeros((1, 1, 3), np.uint8))).data
    assert len(encode_png(values, None, model, 1)) < values.nbytes / 4


@pytest.mark.parametrize("format", [format for format in FORMATS if format not in DEEP_FORMATS])
def test_of_a_format_with_8_bits_it_is_said(format):
    photo = Photo(gradient(64, 8))
    (note,) = encode(photo, Output(format)).notes
    assert note.sentence == SHALLOW
    assert f"{NAMES[format]} holds 8" in str(note)
    assert encode(replace(photo, deep=None), Output(format)).notes == ()


# Enlarging


@pytest.mark.parametrize("format", DEEP_FORMATS)
@pytest.mark.parametrize(("model", "scale"), [("cnn", 2), ("cnn-fast", 3), ("gan", 2), ("lanczos", 4)])
def test_a_gradient_of_16_bits_has_more_than_8_when_it_is_enlarged(model, scale, format):
    done = carry_out(decode(png(gradient()), "a.png"), Order(scale=scale, model=model, format=format))
    again = decode(done.file.data, "again")
    assert again.deep is not None
    assert np.array_equal(again.deep.rgb, done.picture.pixels[0])
    assert len(np.unique(again.deep.rgb)) > 4000
    assert done.notes == ()


def test_the_same_gradient_in_8_bits_has_few_levels():
    done = carry_out(Photo(narrow(gradient())), Order(scale=2, model="cnn-fast"))
    assert len(np.unique(decode(done.file.data, "again").rgb)) < 256


@pytest.mark.parametrize(("model", "scale"), [("cnn-fast", 2), ("gan", 3), ("cnn-fast", 4)])
@pytest.mark.parametrize("opacity", [False, True])
def test_exact_gives_all_16_bits_back(opacity, model, scale):
    values = deep_picture(24, 33, 4)
    values[:6, :6] = 65535  # pure white
    values[-4:, :9, 3] = 0
    photo = Photo(values[:, :, :3], values[:, :, 3] if opacity else None)
    result = upscale(photo, scale=scale, model=model, faithful="exact")
    rgb, alpha = result.photo.pixels
    assert np.array_equal(box_reduce(rgb, scale), values[:, :, :3])
    assert (rgb[: 5 * scale, : 5 * scale] == 65535).all()
    if alpha is not None:
        assert np.array_equal(box_reduce(alpha[:, :, None], scale)[:, :, 0], values[:, :, 3])
    report = examine(photo, result)
    assert report.exact
    assert report.largest == 0


def test_a_result_that_is_exact_in_8_bits_only_is_not_called_exact():
    photo = Photo(deep_picture(16, 16))
    result = upscale(photo, scale=2, model="cnn-fast", faithful="exact")
    rgb = result.photo.pixels[0].copy()
    rgb[4:6, 4:6] += 20
    moved = replace(result, photo=replace(result.photo, rgb=rgb))
    assert np.array_equal(narrow(box_reduce(rgb, 2)), photo.rgb)
    assert not examine(photo, moved).exact


@pytest.mark.parametrize("model", ["cnn-fast", "gan"])
def test_colour_stays_within_a_level_of_255(model):
    photo = Photo(deep_picture(24, 33))
    result = upscale(photo, scale=2, model=model)
    reduced = box_reduce(result.photo.pixels[0], 2).astype(int)
    assert np.abs(reduced - photo.pixels[0]).max() <= 257
    assert examine(photo, result).largest <= 1


def test_exact_in_two_passes_gives_all_16_bits_back():
    photo = Photo(deep_picture(12, 10))
    done = carry_out(photo, Order(size="60x72", model="cnn-fast", faithful="exact"))
    assert done.enlarged.scale == 6
    assert np.array_equal(box_reduce(done.picture.pixels[0], 6), photo.pixels[0])
    assert done.promise_holds


def test_a_mean_of_16_bits_is_rounded_and_not_cut_off():
    blocks = np.array([[0, 1], [1, 0]], np.uint16)[:, :, None]
    assert box_reduce(blocks, 2).tolist() == [[[1]]]
    assert box_reduce(np.full((16, 16, 1), 65535, np.uint16), 16).tolist() == [[[65535]]]


@pytest.mark.parametrize("how", ["fit", "fill", "pad"])
@pytest.mark.parametrize("opacity", [False, True])
def test_an_exact_size_keeps_16_bits(opacity, how):
    values = np.dstack([gradient(256, 16), deep_picture(16, 256, 1)])
    photo = Photo(values[:, :, :3], values[:, :, 3] if opacity else None)
    done = carry_out(photo, Order(size="400x100", how=how, model="lanczos", background="#204060"))
    rgb, alpha = done.picture.pixels
    assert len(np.unique(rgb)) > 2000
    assert done.picture.deep is not None
    assert (alpha is not None) == opacity
    if how == "pad":
        assert (rgb[0, 0] == np.array([0x20, 0x40, 0x60]) * 257).all()
    plain = carry_out(replace(photo, deep=None), Order(size="400x100", how=how, model="lanczos", background="#204060"))
    assert np.abs(plain.picture.rgb.astype(int) - done.picture.rgb).max() <= 3


def test_a_crop_keeps_16_bits():
    photo = Photo(deep_picture(24, 33))
    done = carry_out(photo, Order(scale=2, model="lanczos", before="crop=0.9"))
    assert done.picture.deep is not None
    assert SHALLOWER not in [note.sentence for note in done.notes]


@pytest.mark.parametrize("wish", [{"before": "denoise=0.2"}, {"after": "contrast=0.2"}, {"after": "crisp"}])
def test_a_step_that_works_with_8_bits_is_said_and_gives_what_it_gives_of_8_bits(wish):
    photo = Photo(deep_picture(24, 33))
    done = carry_out(photo, Order(scale=2, model="cnn-fast", **wish))
    assert done.picture.deep is None
    assert SHALLOWER in [note.sentence for note in done.notes]
    plain = carry_out(replace(photo, deep=None), Order(scale=2, model="cnn-fast", **wish))
    assert SHALLOWER not in [note.sentence for note in plain.notes]
    assert np.abs(done.picture.rgb.astype(int) - plain.picture.rgb).max() <= (0 if "before" in wish else 3)


@pytest.mark.parametrize("format", [format for format in FORMATS if format not in DEEP_FORMATS])
def test_for_a_format_of_8_bits_all_is_done_with_8_and_said_once(format):
    photo = Photo(deep_picture(24, 33))
    done = carry_out(photo, Order(scale=2, model="cnn-fast", format=format, faithful="exact"))
    plain = carry_out(replace(photo, deep=None), Order(scale=2, model="cnn-fast", format=format, faithful="exact"))
    assert done.file.data == plain.file.data
    assert [note.sentence for note in done.notes].count(SHALLOW) == 1
    if done.order.output.lossless:
        assert np.array_equal(box_reduce(decode(done.file.data, "again").rgb, 2), photo.rgb)


def test_8_bits_stay_8_bits():
    done = carry_out(Photo(made_up(24, 33)), Order(scale=2, model="cnn-fast"))
    assert done.picture.deep is None
    with Image.open(io.BytesIO(done.file.data)) as image:
        assert done.file.data[24] == 8  # bits in a PNG's head
        assert image.mode == "RGB"


def test_the_page_offers_all_16_bits_and_shows_8(tmp_path):
    from ui.parts.made import write_files

    photo = Photo(deep_picture(24, 33), deep_picture(24, 33, 1)[:, :, 0])
    files = write_files(photo, carry_out(photo, Order(scale=2, model="cnn-fast")), "mug", tmp_path).files
    bits = {file.name: file.read_bytes()[24] for file in (files.download, files.overlay)}
    assert bits == {"mug.png": 16, "mug_new_detail.png": 8}
    for shown in (files.shown, files.tinted):
        for file in (shown.before, shown.after):
            with Image.open(file) as image:
                assert (image.format, image.mode) == ("WEBP", "RGB")


def test_of_an_exact_result_compare_says_that_it_agrees():
    photo = Photo(deep_picture(40, 40))
    result = upscale(photo, scale=2, model="cnn-fast", faithful="exact")
    assert make_view("a", "cnn-fast", ("clean",), photo, result.photo, 1.0).lr_psnr == math.inf


@pytest.mark.parametrize("name", ["mug.tif", "mug.png"])
def test_from_the_shell_16_bits_stay_16(name, tmp_path, capsys):
    (tmp_path / "small.png").write_bytes(png(gradient(64, 8)))
    assert main(["upscale", str(tmp_path / "small.png"), "-o", str(tmp_path / name), "--scale", "2", "--faithful", "exact"]) == 0
    rgb = decode((tmp_path / name).read_bytes(), name).pixels[0]
    assert np.array_equal(box_reduce(rgb, 2), gradient(64, 8))
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_an_avif_of_more_than_8_bits_says_that_the_result_has_8(monkeypatch):
    data = encoded(made_up(16, 16), "AVIF")
    assert (find_depth(data), reading.decode(data, "a.avif").notes) == (8, ())
    place = data.index(b"pixi") + 8
    assert data[place : place + 4] == b"\x03\x08\x08\x08"
    deep = data[:place] + b"\x03\x0a\x0a\x0a" + data[place + 4 :]
    assert find_depth(deep) == 10
    place = data.index(b"av1C") + 6
    unsaid = bytearray(data.replace(b"pixi", b"free"))
    for bits, flags in ((10, 0x40), (12, 0x60)):
        unsaid[place] = flags
        assert find_depth(bytes(unsaid)) == bits
    monkeypatch.setattr(reading.boxes, "find_depth", lambda data: 10)  # Pillow writes no such file
    assert [note.sentence for note in reading.decode(data, "a.avif").notes] == [reading.DEEP]


def test_the_depth_of_a_heic_is_that_of_its_coder():
    def box(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", 8 + len(content)) + name + content

    coder = box(b"hvcC", bytes(17) + b"\xfa" + bytes(5))
    properties = box(b"iprp", box(b"ipco", coder) + box(b"ipma", struct.pack(">IIHBB", 0, 1, 1, 1, 1)))
    assert find_depth(box(b"meta", bytes(4) + box(b"pitm", struct.pack(">IH", 0, 1)) + properties)) == 10
    assert find_depth(b"") is None
