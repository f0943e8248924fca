import io
import math
from dataclasses import replace

import numpy as np
import pytest
from conftest import made_up
from PIL import Image, ImageFilter

from sr_models import output as outputs
from sr_models.errors import PhotoError
from sr_models.figures.quality import psnr
from sr_models.names import FORMATS, SUFFIX, format_of, name_file
from sr_models.output import CHOSEN, LAID, LONGEST_SIDE, LOWEST_QUALITY, USUAL_QUALITY, Output, check_output, count_kilobytes, encode, write
from sr_models.photo import About, Photo, Provenance
from sr_models.reading import decode, read

LOSSY = tuple(USUAL_QUALITY)
RGB = made_up(60, 80)


def back(photo: Photo, output: Output) -> Photo:
    return decode(encode(photo, output).data, "result")


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("size", [(1, 1), (7, 5), (60, 80)])
def test_every_format_gives_a_file_of_its_kind_that_is_read_back(format, size):
    result = encode(Photo(made_up(*size)), Output(format))
    with Image.open(io.BytesIO(result.data)) as image:
        assert (image.format or "").lower() == format.removesuffix("-lossless")
        assert image.size == size[::-1]
    assert result.suffix == SUFFIX[format]
    assert result.quality == USUAL_QUALITY.get(format)
    assert result.notes == ()


@pytest.mark.parametrize(("format", "closeness", "weight"), [("jpeg", 42, 0.45), ("webp", 33, 0.18), ("avif", 37, 0.21)])
def test_where_no_quality_is_asked_for_little_is_lost_and_the_file_is_light(format, closeness, weight):
    """In dB, and as a share of the PNG: with 5 more of 100 it would be heavier, with 10 less farther away."""
    photo = Photo(np.asarray(Image.fromarray(made_up(120, 160)).filter(ImageFilter.GaussianBlur(1.5))))
    result = encode(photo, Output(format))
    assert psnr(decode(result.data, "result").rgb, photo.rgb) > closeness
    assert len(result.data) < weight * len(encode(photo, Output("png")).data)


@pytest.mark.parametrize("format", FORMATS)
def test_lossless_is_said_of_the_formats_that_are(format):
    alpha = np.arange(4800, dtype=np.uint16).reshape(60, 80).astype(np.uint8)
    again = back(Photo(RGB, alpha), Output(format))
    assert np.array_equal(again.rgb, RGB) == Output(format).lossless
    if format != "jpeg":
        assert again.alpha is not None
        assert np.abs(again.alpha.astype(int) - alpha).max() <= (0 if "webp" in format or format == "png" else 12)


@pytest.mark.parametrize("format", LOSSY)
def test_more_quality_is_closer_and_heavier(format):
    weights, errors = [], []
    for quality in (30, 60, 95):
        result = encode(Photo(RGB), Output(format, quality))
        assert result.quality == quality
        weights.append(len(result.data))
        errors.append(np.square(decode(result.data, "result").rgb.astype(float) - RGB).mean())
    assert weights == sorted(weights)
    assert errors == sorted(errors, reverse=True)


@pytest.mark.parametrize("format", ["jpeg", "avif"])
def test_colour_is_kept_at_full_size(format):
    """Red and blue columns of one pixel: at half the size they would all be purple."""
    columns = np.zeros((32, 32, 3), np.uint8)
    columns[:, ::2, 0] = columns[:, 1::2, 2] = 200
    again = back(Photo(columns), Output(format, 95)).rgb.astype(int)
    assert again[:, ::2, 0].mean() - again[:, 1::2, 0].mean() > 150


@pytest.mark.parametrize("format", LOSSY)
def test_at_most_so_many_kilobytes_gives_the_highest_quality_that_fits(format):
    photo = Photo(made_up(200, 300))
    low, high = (len(encode(photo, Output(format, quality)).data) for quality in (45, 90))
    limit = math.ceil((low + high) / 2000)
    result = encode(photo, Output(format, max_kb=limit))
    assert len(result.data) <= limit * 1000
    assert result.quality is not None
    assert LOWEST_QUALITY <= result.quality < 90
    assert encode(photo, Output(format, result.quality)).data == result.data
    assert len(encode(photo, Output(format, result.quality + 1)).data) > limit * 1000
    (note,) = result.notes
    assert note.sentence == CHOSEN
    assert f"quality {result.quality}" in str(note)
    assert f"{limit} KB" in str(note)


def test_where_much_is_allowed_the_best_quality_is_taken_but_none_above_the_one_asked_for():
    assert encode(Photo(RGB), Output("jpeg", max_kb=9999)).quality == 100
    assert encode(Photo(RGB), Output("jpeg", 90, max_kb=9999)).quality == 90


def test_the_quality_that_is_found_is_the_last_that_fits_for_any_limit():
    def save(quality: int) -> bytes:
        return bytes(quality * 1000)

    for limit in range(LOWEST_QUALITY, 101):
        assert outputs.find_highest_quality(save, Output("jpeg", max_kb=limit))[0] == limit
    assert outputs.find_highest_quality(save, Output("jpeg", 30, max_kb=30))[0] == 30  # asked for below the lowest


@pytest.mark.parametrize("format", LOSSY)
def test_where_even_the_lowest_quality_is_too_heavy_it_is_said_how_much_is_needed(format):
    photo = Photo(np.random.default_rng(0).integers(0, 256, (150, 200, 3)).astype(np.uint8))
    with pytest.raises(PhotoError, match="Even at quality 40") as refusal:
        encode(photo, Output(format, max_kb=2))
    needed = refusal.value.values["found"]
    assert isinstance(needed, int)
    assert needed == count_kilobytes(encode(photo, Output(format, LOWEST_QUALITY)).data)
    assert count_kilobytes(encode(photo, Output(format, max_kb=needed)).data) == needed


@pytest.mark.parametrize("format", ["png", "webp-lossless"])
def test_a_format_without_quality_says_what_it_weighs_where_that_is_too_much(format):
    weight = count_kilobytes(encode(Photo(RGB), Output(format)).data)
    assert encode(Photo(RGB), Output(format, max_kb=weight)).quality is None
    with pytest.raises(PhotoError, match=f"weighs {weight} KB; at most {weight - 1} KB .* Choose JPEG"):
        encode(Photo(RGB), Output(format, max_kb=weight - 1))


def test_a_kilobyte_that_is_begun_counts():
    assert [count_kilobytes(bytes(count)) for count in (1, 1000, 1001)] == [1, 1, 2]


@pytest.mark.parametrize("format", sorted(LONGEST_SIDE))
def test_a_side_that_the_format_does_not_hold_is_refused_before_anything_is_done(format, monkeypatch):
    longest = LONGEST_SIDE[format]
    check_output(Output(format), (longest, 3))
    for size in ((longest + 1, 3), (3, longest + 1)):
        with pytest.raises(PhotoError, match=f"up to {longest} pixels a side"):
            check_output(Output(format), size)
    monkeypatch.setattr(Image, "fromarray", lambda *args: pytest.fail("worked"))
    with pytest.raises(PhotoError, match="pixels a side"):
        encode(Photo(np.zeros((2, longest + 1, 3), np.uint8)), Output(format))


@pytest.mark.parametrize("format", sorted(LONGEST_SIDE))
def test_the_longest_side_is_written_and_read(format):
    longest = LONGEST_SIDE[format]
    photo = Photo(np.zeros((2, longest, 3), np.uint8))
    assert back(photo, Output(format)).size == (longest, 2)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (Output("gif"), "no format for results"),  # pyright: ignore[reportArgumentType]
        (Output("png", quality=90), "PNG has no quality"),
        (Output("webp-lossless", quality=90), "lossless WebP has no quality"),
        (Output("jpeg", quality=0), "no quality"),
        (Output("jpeg", quality=101), "no quality"),
        (Output("jpeg", quality=90.5), "no quality"),  # pyright: ignore[reportArgumentType]
        (Output("jpeg", max_kb=0), "no weight"),
        (Output("jpeg", background=(0, 0, 256)), "no colour"),
        (Output("jpeg", background=(0, 0)), "no colour"),  # pyright: ignore[reportArgumentType]
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_in_words(output, words):
    with pytest.raises(PhotoError, match=words):
        check_output(output, (10, 10))


def test_a_jpeg_shows_what_is_transparent_on_the_background_weighed_by_opacity():
    alpha = np.repeat(np.arange(256, dtype=np.uint8)[None], 16, axis=0)
    photo = Photo(np.full((16, 256, 3), (200, 40, 90), np.uint8), alpha)
    for ground in ((255, 255, 255), (0, 0, 0), (10, 200, 250)):
        result = encode(photo, Output("jpeg", 100, background=ground))
        share = alpha[0, :, None] / 255
        expected = share * (200, 40, 90) + (1 - share) * ground
        assert np.abs(decode(result.data, "result").rgb - expected).max() <= 3
        (note,) = result.notes
        assert note.sentence == LAID
        assert "#{:02X}{:02X}{:02X}".format(*ground) in str(note)
    opaque = Photo(photo.rgb, np.full((16, 256), 255, np.uint8))
    assert encode(opaque, Output("jpeg")).notes == ()


def test_what_hides_under_full_transparency_does_not_show():
    hidden = Photo(np.zeros((16, 16, 3), np.uint8), np.zeros((16, 16), np.uint8))
    assert (back(hidden, Output("jpeg")).rgb == 255).all()


def test_noise_is_saved_at_any_quality():
    noise = Photo(np.random.default_rng(0).integers(0, 2, (400, 500, 3)).astype(np.uint8) * 255)
    for quality in (94, 95, 100):
        assert back(noise, Output("jpeg", quality)).size == (500, 400)


def test_the_same_photo_gives_the_same_bytes():
    photo = Photo(RGB, about=About((300, 300), "Jo", "© Jo"))
    for format in FORMATS:
        first, second = (encode(replace(photo, made=Provenance("cnn-x4-v2", "ab" * 32)), Output(format)).data for _ in range(2))
        assert first == second


@pytest.mark.parametrize("format", FORMATS)
def test_a_resolution_survives_every_format(format):
    photo = Photo(RGB, about=About((72, 150)))
    assert back(photo, Output(format)).about.dpi == (72, 150)
    assert back(Photo(RGB), Output(format)).about.dpi is None


@pytest.mark.parametrize(
    ("upload", "expected"),
    [
        ("shoe.jpg", "shoe_4x_cnn.png"),
        ("红色 鞋子.JPEG", "红色 鞋子_4x_cnn.png"),
        ("靴.heic", "靴_4x_cnn.png"),
        ("shoe.v2", "shoe.v2_4x_cnn.png"),
        ("shoe.v2.webp", "shoe.v2_4x_cnn.png"),
        ("../../etc/passwd", "passwd_4x_cnn.png"),
        ("C:\\photos\\mug.png", "mug_4x_cnn.png"),
        ("mug\u202egpj.exe", "muggpj.exe_4x_cnn.png"),
        ("a\nb\x00c.png", "abc_4x_cnn.png"),
        ('<mug>|"new"?*:.png', "mugnew_4x_cnn.png"),
        ("broken \ud800.png", "broken_4x_cnn.png"),
        ("Schu\u0308ssel.png", "Sch\u00fcssel_4x_cnn.png"),
        (".jpg", "photo_4x_cnn.png"),
        ("...", "photo_4x_cnn.png"),
        ("folder/", "folder_4x_cnn.png"),
        ("", "photo_4x_cnn.png"),
    ],
)
def test_the_name_of_a_result_follows_that_of_the_upload(upload, expected):
    assert name_file(upload, "4x", "cnn", ".png") == expected


def test_the_name_holds_scale_model_and_suffix_and_fits_any_file_system(tmp_path):
    assert name_file("mug.png", "2.5x", "gan-x4-v1", ".jpg") == "mug_2.5x_gan-x4-v1.jpg"
    assert name_file("mug.png", "2x", "some/model", ".jpg") == "mug_2x_somemodel.jpg"
    for letter in ("x", "鞋", "👟"):
        name = name_file(letter * 400 + ".png", "4x", "cnn", ".png")
        assert name.startswith(letter * 30)
        assert name.endswith("_4x_cnn.png")
        (tmp_path / name).write_bytes(b"")


def test_a_suffix_asks_for_its_format():
    names = {
        "a.png": "png",
        "b.JPG": "jpeg",
        "c.jpeg": "jpeg",
        "d.webp": "webp",
        "f.jfif": "jpeg",
        "g.jpe": "jpeg",
        "e/f.avif": "avif",
        "h.tif": "tiff",
        "i.TIFF": "tiff",
        "folder": None,
        "folder.v2": None,
    }
    assert {name: format_of(name) for name in names} == names
    for name in ("a.gif", "a.bmp", "a.heic", "a.HEIF", "a.jp2", "a.dng", "a.psd"):
        with pytest.raises(PhotoError, match=r"Give a name that ends in \.png"):
            format_of(name)


def test_every_suffix_asks_for_a_format_that_has_it():
    for suffix in SUFFIX.values():
        asked = format_of(f"a{suffix}")
        assert asked is not None
        assert SUFFIX[asked] == suffix


def test_a_file_is_written_as_its_name_ends_or_as_told(tmp_path):
    about = About(copyright="© 商店")
    for name, output in (("a.jpg", None), ("b.webp", Output("webp-lossless")), ("c.png", None), ("plain", None)):
        result = write(Photo(RGB, about=about, made=Provenance("cnn-x4-v2")), tmp_path / name, output)
        assert (tmp_path / name).read_bytes() == result.data
        assert read(tmp_path / name).about.copyright == "© 商店"
    assert not read(tmp_path / "b.webp").lossy
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.jpg", "b.webp", "c.png", "plain"]


def test_a_file_that_cannot_be_written_leaves_what_was_there(tmp_path):
    (tmp_path / "taken.png").mkdir()
    with pytest.raises(PhotoError, match=r"“taken\.png” could not be written"):
        write(Photo(RGB), tmp_path / "taken.png")
    with pytest.raises(PhotoError, match="could not be written"):
        write(Photo(RGB), tmp_path / "no folder" / "a.png")
    assert [file.name for file in tmp_path.iterdir()] == ["taken.png"]


@pytest.mark.parametrize("letter", ["x", "é", "图", "👟"])
def test_a_name_of_255_bytes_is_written_and_one_of_more_is_refused(letter, tmp_path):
    longest = letter * ((255 - len(".png")) // len(letter.encode()))
    write(Photo(RGB), tmp_path / f"{longest}.png")
    assert [file.name for file in tmp_path.iterdir()] == [f"{longest}.png"]
    with pytest.raises(PhotoError, match="could not be written"):
        write(Photo(RGB), tmp_path / f"{longest}xxxx.png")


def test_a_folder_that_takes_nothing_and_gives_nothing_back_is_said(tmp_path, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("pathlib.Path.write_bytes", refuse)
    monkeypatch.setattr("pathlib.Path.unlink", refuse)
    with pytest.raises(PhotoError, match=r"“a\.png” could not be written \(Read-only file system\)"):
        write(Photo(RGB), tmp_path / "a.png")
