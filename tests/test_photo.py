import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from conftest import encoded, made_up
from PIL import Image, ImageCms

from sr_models import output, reading
from sr_models.errors import PhotoError
from sr_models.output import write
from sr_models.photo import About, Note, Photo
from sr_models.reading import read
from sr_models.stages.resampling import resized

RGB = made_up(6, 9)


def saved(tmp_path, image: Image.Image, name: str, **options):
    image.save(tmp_path / name, **options)
    return tmp_path / name


def test_all_256_levels_survive_a_write_and_a_read(tmp_path):
    ramp = np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=2)
    write(Photo(ramp), tmp_path / "ramp.png")
    assert np.array_equal(read(tmp_path / "ramp.png").rgb, ramp)


def test_transparency_survives_a_write_and_a_read_also_where_nothing_is_opaque(tmp_path):
    alpha = np.arange(54, dtype=np.uint8).reshape(6, 9)
    write(Photo(RGB, alpha), tmp_path / "clear.png")
    back = read(tmp_path / "clear.png")
    assert back.alpha is not None
    assert np.array_equal(back.alpha, alpha)
    assert np.array_equal(back.rgb, RGB)


@pytest.mark.parametrize(
    ("name", "options"), [("a.png", {}), ("a.bmp", {}), ("a.tif", {}), ("a.webp", {"lossless": True}), ("no_suffix", {"format": "PNG"})]
)
def test_lossless_formats_are_read_exactly(tmp_path, name, options):
    back = read(saved(tmp_path, Image.fromarray(RGB), name, **options))
    assert np.array_equal(back.rgb, RGB)
    assert not back.lossy


@pytest.mark.parametrize("name", ["a.jpg", "a.webp", "a.avif"])
def test_lossy_formats_are_known_as_such(tmp_path, name):
    assert read(saved(tmp_path, Image.fromarray(RGB), name)).lossy


@pytest.mark.parametrize("lossless", [True, False])
def test_a_webp_is_known_as_lossy_or_not_also_behind_a_large_profile_and_in_an_animation(tmp_path, lossless):
    image, other = Image.fromarray(RGB), Image.fromarray(RGB[::-1])
    options = {"lossless": lossless, "icc_profile": b"VP8 VP8L" * 2000}
    assert read(saved(tmp_path, image, "profile.webp", **options)).lossy != lossless
    assert read(saved(tmp_path, image, "moving.webp", save_all=True, append_images=[other], **options)).lossy != lossless


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_orientation_is_applied(tmp_path, orientation):
    turns = {2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1], 5: lambda a: a.swapaxes(0, 1)}
    turns |= {6: lambda a: np.rot90(a, -1), 7: lambda a: a[::-1, ::-1].swapaxes(0, 1), 8: lambda a: np.rot90(a, 1)}
    exif = Image.Exif()
    exif[0x0112] = orientation
    back = read(saved(tmp_path, Image.fromarray(RGB), "turned.png", exif=exif))
    assert np.array_equal(back.rgb, turns.get(orientation, lambda a: a)(RGB))


def test_grey_one_bit_and_palette_pictures_become_rgb(tmp_path):
    for mode in ("L", "1", "P"):
        image = Image.fromarray(RGB).convert(mode)
        assert np.array_equal(read(saved(tmp_path, image, f"{mode}.png")).rgb, np.asarray(image.convert("RGB")))


def test_sixteen_bit_grey_is_scaled_and_rounded_not_cut_off(tmp_path):
    values = np.array([[0, 128, 129, 32896, 65407, 65535]], np.uint16)
    back = read(saved(tmp_path, Image.fromarray(values), "deep.png"))
    assert back.rgb[0, :, 0].tolist() == [0, 0, 1, 128, 255, 255]


def test_transparent_palette_and_rgba_keep_their_alpha(tmp_path):
    gif = Image.fromarray(np.array([[0, 1], [1, 0]], np.uint8), mode="P")
    gif.putpalette([255, 0, 0, 0, 255, 0])
    assert read(saved(tmp_path, gif, "a.gif", transparency=0)).alpha.tolist() == [[0, 255], [255, 0]]
    rgba = Image.fromarray(np.dstack([RGB, RGB[:, :, 0]]))
    alpha = read(saved(tmp_path, rgba, "a.webp", lossless=True, exact=True)).alpha
    assert alpha is not None
    assert np.array_equal(alpha, RGB[:, :, 0])


def test_an_animation_gives_its_first_picture(tmp_path):
    first, second = Image.new("RGB", (4, 4), "red"), Image.new("RGB", (4, 4), "blue")
    path = saved(tmp_path, first, "moving.gif", save_all=True, append_images=[second])
    assert read(path).rgb[0, 0].tolist() == [255, 0, 0]


def test_cmyk_becomes_rgb_of_about_the_same_colour(tmp_path):
    cyan = read(saved(tmp_path, Image.new("CMYK", (4, 4), (255, 0, 0, 0)), "cyan.tif")).rgb[0, 0]
    assert cyan[0] < 60 < 150 < cyan[2]


def test_an_rgb_profile_is_carried_to_the_result_and_any_other_is_dropped(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    carried = read(saved(tmp_path, Image.fromarray(RGB), "with.png", icc_profile=profile))
    assert carried.icc == profile
    write(carried, tmp_path / "result.png")
    with Image.open(tmp_path / "result.png") as image:
        assert image.info["icc_profile"] == profile
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert read(saved(tmp_path, Image.fromarray(RGB), "lab.png", icc_profile=lab)).icc is None
    assert read(saved(tmp_path, Image.fromarray(RGB), "junk.png", icc_profile=b"junk")).icc is None


def test_nothing_of_the_camera_the_place_or_the_person_reaches_the_result(tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "Camera maker"
    exif.get_ifd(0x8825)[1] = "N"
    write(read(saved(tmp_path, Image.fromarray(RGB), "private.jpg", exif=exif, comment=b"secret")), tmp_path / "result.png")
    data = (tmp_path / "result.png").read_bytes()
    assert b"Camera maker" not in data
    assert b"secret" not in data
    with Image.open(tmp_path / "result.png") as result:
        assert not result.getexif().get_ifd(0x8825)


def test_a_photo_of_pixels_alone_knows_nothing_more():
    photo = Photo(RGB)
    assert photo.about == About()
    assert photo.notes == ()
    assert read_back(photo) == (About(), ())


def read_back(photo: Photo) -> tuple[About, tuple[Note, ...]]:
    again = reading.decode(output.encode(photo).data, "again.png")
    return again.about, again.notes


def data_of(kind: str) -> bytes:
    return encoded(made_up(64, 64), kind)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.jpg", b"", "is empty"),
        ("letter.png", b"Dear Sir or Madam", "not a picture this program reads"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture this program reads"),
        ("half.jpg", data_of("JPEG")[:900], "damaged or incomplete"),
        ("half.png", data_of("PNG")[:3000], "damaged or incomplete"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence_with_its_name(tmp_path, name, data, words):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(PhotoError, match=words) as refusal:
        read(tmp_path / name)
    assert name in str(refusal.value)
    assert str(tmp_path) not in str(refusal.value)


def test_a_missing_file_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(PhotoError, match=r"There is no file “gone\.jpg”"):
        read(tmp_path / "gone.jpg")


def test_a_photo_beyond_the_limit_is_refused_before_its_pixels_are_decoded(tmp_path, monkeypatch):
    path = saved(tmp_path, Image.fromarray(RGB), "large.png")
    monkeypatch.setattr(reading, "MAX_PIXELS", 53)
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    with pytest.raises(PhotoError, match="too large"):
        read(path)


@pytest.mark.parametrize(("height", "words"), [(5000, "is damaged"), (5001, "photos of up to 50 megapixels")])
def test_photos_of_up_to_50_megapixels_are_read(height, words):
    """The sizes stand in a file's header; what should follow is missing."""
    data = data_of("PNG")
    header = b"IHDR" + struct.pack(">II", 10_000, height) + data[24:29]
    with pytest.raises(PhotoError, match=words):
        reading.decode(data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:200], "large.png")


@pytest.mark.parametrize(("count", "words"), [(500_000_000, "is empty"), (500_000_001, "more than 500 megabytes")])
def test_files_of_up_to_500_megabytes_are_read(count, words, tmp_path, monkeypatch):
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(count)
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda path: b"")
    with pytest.raises(PhotoError, match=words):
        read(tmp_path / "huge.png")


def test_floating_point_pictures_are_refused(tmp_path):
    with pytest.raises(PhotoError, match="32-bit"):
        read(saved(tmp_path, Image.fromarray(np.zeros((4, 4), np.float32)), "float.tif"))


@pytest.mark.parametrize(("bits", "step"), [(2, 85), (4, 17)])
def test_the_transparent_value_of_a_grey_png_counts_in_the_bits_of_the_file(tmp_path, bits, step):
    image = Image.fromarray(np.array([[0, step], [2 * step, 3 * step]], np.uint8))
    back = read(png_of(tmp_path, bits, rows=[[0, 1], [2, 3]], clear=2))
    assert np.array_equal(back.rgb[:, :, 0], np.asarray(image))
    assert back.alpha.tolist() == [[255, 255], [0, 255]]


def png_of(tmp_path, bits, rows, clear):
    """A grey PNG of 2 or 4 bits a pixel, with the value `clear` transparent: Pillow does not write these."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    packed = b"".join(b"\0" + bytes([sum(value << (8 - bits * (i + 1)) for i, value in enumerate(row))]) for row in rows)
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), bits, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"tRNS", struct.pack(">H", clear)), chunk(b"IDAT", zlib.compress(packed)), chunk(b"IEND", b"")]
    (tmp_path / "few.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    return tmp_path / "few.png"


def test_a_sixteen_bit_tiff_whose_white_is_zero_is_not_shown_as_a_negative(tmp_path):
    values = np.array([[0, 65535]], np.uint16)
    path = saved(tmp_path, Image.fromarray(values), "negative.tif", tiffinfo={262: 0})
    assert read(path).rgb[0, :, 0].tolist() == [255, 0]


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # Pillow says what is damaged
def test_a_damaged_exif_block_does_not_make_the_photo_unreadable(tmp_path):
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "x" * 60
    path = saved(tmp_path, Image.fromarray(RGB), "photo.jpg", exif=exif)
    data = path.read_bytes()
    start = data.index(b"Exif") + 6
    random = np.random.default_rng(0)
    for _ in range(200):
        broken = bytearray(data)
        for place in random.integers(start, start + 90, 3):
            broken[place] = random.integers(256)
        path.write_bytes(broken)
        assert sorted(read(path).size) == [6, 9]


def test_a_file_of_too_many_bytes_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_BYTES", 99)
    (tmp_path / "huge.png").write_bytes(bytes(100))
    with pytest.raises(PhotoError, match="megabytes"):
        read(tmp_path / "huge.png")


def test_a_failed_write_leaves_what_was_there(tmp_path, monkeypatch):
    (tmp_path / "result.png").write_bytes(b"the older result")
    monkeypatch.setattr(Path, "write_bytes", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(PhotoError, match="No space left"):
        write(Photo(RGB), tmp_path / "result.png")
    assert [path.name for path in tmp_path.iterdir()] == ["result.png"]
    assert (tmp_path / "result.png").read_bytes() == b"the older result"


def test_resized_shows_transparent_places_as_white():
    shown = resized(Photo(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.uint8)), (8, 6))
    assert shown.rgb.shape == (6, 8, 3)
    assert (shown.rgb == 255).all()
