import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import encoded, made_up
from PIL import Image

from sr_models import __version__
from sr_models.about import (
    COMPOSITE,
    ENHANCED,
    GENERATED,
    LONGEST_TEXT,
    SOURCE_TYPES,
    clean_line,
    parse_xmp,
    read_about,
    read_resolution,
    source_type,
    write_xmp,
)
from sr_models.names import FORMATS
from sr_models.output import Output, encode
from sr_models.photo import About, Photo, Provenance
from sr_models.reading import decode, read

WHOSE = About((300.0, 300.0), "李雷 & Söhne", '© 2024 "Acme" <shop> & 商店')
MADE = Provenance("cnn-x4-v2", "ab" * 32)
SECRETS = ("SN-4711", "Secretville", "my own remark", "notes of the maker", "41.8901")


def exiftool(*arguments: str | Path) -> str:
    program = shutil.which("exiftool")
    if program is None:
        pytest.skip("exiftool is not installed (Debian: libimage-exiftool-perl)")
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=True).stdout


def tags(file: Path) -> dict[str, object]:
    """Everything that exiftool finds in a file beside its pixels' own properties, by group and name; numbers as they are."""
    return json.loads(exiftool("-j", "-a", "-G1", "-s", "-u", "-n", file))[0]


def written(tmp_path: Path, format, about: About, made: Provenance | None) -> Path:
    result = encode(Photo(made_up(8, 9), about=about, made=made), Output(format))
    file = tmp_path / f"result{result.suffix}"
    file.write_bytes(result.data)
    return file


@pytest.fixture(scope="module")
def private(tmp_path_factory) -> Path:
    """A photo whose file says where, with what and by whom it was taken, in every way there is."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0x927C] = b"notes of the maker"
    folder = tmp_path_factory.mktemp("private")
    file, thumbnail = folder / "private.jpg", folder / "thumbnail.jpg"
    Image.fromarray(made_up(40, 60)).save(file, exif=exif, dpi=(240, 240))
    Image.fromarray(made_up(12, 16)).save(thumbnail)
    said = {
        "Artist": "Jo Kim",
        "Copyright": "© Jo Kim",
        "SerialNumber": "SN-4711",
        "UserComment": "my own remark",
        "Comment": "my own remark",
    }
    said |= {"GPSLatitude": "41.8901", "GPSLatitudeRef": "N", "XMP:GPSLatitude": "41.8901", "XMP-aux:SerialNumber": "SN-4711"}
    said |= {"IPTC:City": "Secretville", "XMP-photoshop:City": "Secretville"}
    exiftool("-overwrite_original", "-m", *(f"-{name}={value}" for name, value in said.items()), f"-ThumbnailImage<={thumbnail}", file)
    return file


@pytest.mark.parametrize("format", FORMATS)
def test_exiftool_reads_whose_a_result_is_and_what_made_it(tmp_path, format):
    found = tags(written(tmp_path, format, WHOSE, MADE))
    assert found["XMP-iptcExt:DigitalSourceType"] == "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced"
    assert found["XMP-iptcExt:AISystemUsed"] == "cnn-x4-v2"
    assert found["XMP-iptcExt:AISystemVersionUsed"] == "sha256:" + "ab" * 32
    assert found["XMP-xmp:CreatorTool"] == found["IFD0:Software"] == f"Product-photo super-resolution {__version__}, cnn-x4-v2"
    assert found["XMP-dc:Creator"] == found["IFD0:Artist"] == WHOSE.artist
    assert found["XMP-dc:Rights"] == found["IFD0:Copyright"] == WHOSE.copyright
    assert found["IFD0:XResolution"] == found["IFD0:YResolution"] == 300
    assert found["IFD0:ResolutionUnit"] == 2
    assert not any("Orientation" in name for name in found)


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_private_reaches_a_result(tmp_path, private, format):
    before = tags(private)
    leaks = ("GPS", "Serial", "Thumbnail", "MakerNote", "Comment", "City", "Orientation")
    assert all(any(leak in name for name in before) for leak in leaks)
    photo = read(private)
    assert photo.size == (40, 60)
    file = written(tmp_path, format, photo.about, MADE)
    after = tags(file)
    assert not any(leak in name for name in after for leak in leaks)
    assert not any(secret in str(value) for value in after.values() for secret in SECRETS)
    assert not any(secret.encode() in file.read_bytes() for secret in SECRETS)
    assert (after["IFD0:Artist"], after["IFD0:Copyright"], after["IFD0:XResolution"]) == ("Jo Kim", "© Jo Kim", 240)


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_written_is_read_back(tmp_path, format):
    file = written(tmp_path, format, WHOSE, Provenance("gan-x4-v1", "cd" * 32, generative=True))
    assert read(file).about == About(WHOSE.dpi, WHOSE.artist, WHOSE.copyright, COMPOSITE)


@pytest.mark.parametrize("format", FORMATS)
def test_a_photo_of_which_nothing_is_known_says_nothing(tmp_path, format):
    data = written(tmp_path, format, About(), None).read_bytes()
    assert b"xmpmeta" not in data
    assert b"Exif\0\0" not in data
    assert b"eXIf" not in data


def test_what_a_generator_made_is_called_so_also_after_it_was_enlarged():
    assert source_type(About(), None) is None
    assert source_type(About(), MADE) == ENHANCED
    assert source_type(About(), Provenance("gan-x4-v1", generative=True)) == COMPOSITE
    assert source_type(About(source=GENERATED), MADE) == GENERATED
    said = write_xmp(About(source=GENERATED), None)
    assert said is not None
    assert read_about({"xmp": said}, {}, {}).source == GENERATED


@pytest.mark.parametrize("content", ["{name}='{value}'/>", "><{name}>{value}</{name}></d>", "><{name} r:resource='{value}'/></d>"])
def test_a_generator_is_recognised_in_every_way_of_writing_it(content):
    spaces = "xmlns:x='http://iptc.org/std/Iptc4xmpExt/2008-02-29/' xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
    xmp = f"<d {spaces} {content.format(name='x:DigitalSourceType', value=SOURCE_TYPES + GENERATED)}"
    assert read_about({"xmp": xmp}, {}, {}).source == GENERATED


def test_a_camera_is_no_generator():
    said = write_xmp(About(source="digitalCapture"), None)
    assert read_about({"xmp": said}, {}, {}).source is None


def test_the_same_result_gives_the_same_packet_and_another_model_another():
    assert write_xmp(WHOSE, MADE) == write_xmp(WHOSE, MADE)
    assert write_xmp(WHOSE, MADE) != write_xmp(WHOSE, Provenance("cnn-x4-v2", "cd" * 32))
    assert b"AISystemVersionUsed" not in (write_xmp(WHOSE, Provenance("bicubic-x4")) or b"")


def test_what_added_to_the_mean_of_several_shots_is_named_with_its_weights():
    told = (write_xmp(About(), replace(MADE, fusion=Provenance("cnn-shots-x4-v1", "cd" * 32))) or b"").decode()
    assert f"AISystemUsed>{MADE.model} + cnn-shots-x4-v1<" in told
    assert f"AISystemVersionUsed>sha256:{MADE.sha256} + sha256:{'cd' * 32}<" in told
    assert f"{MADE.model} + cnn-shots-x4-v1</xmp:CreatorTool>" in told


def test_xmp_is_asked_first_then_exif_then_iptc_then_png():
    everywhere = {"xmp": write_xmp(About(copyright="in XMP"), None), "Copyright": "in PNG"}, {0x8298: "in EXIF"}, {(2, 116): b"in IPTC"}
    expected = ["in XMP", "in EXIF", "in IPTC", "in PNG"]
    info, exif, iptc = everywhere
    found = [read_about(info, exif, iptc), read_about({"Copyright": "in PNG"}, exif, iptc)]
    found += [read_about({"Copyright": "in PNG"}, {}, iptc), read_about({"Copyright": "in PNG"}, {}, {})]
    assert [about.copyright for about in found] == expected


def test_of_several_languages_the_first_is_taken_and_of_several_artists_all():
    lists = "<dc:rights><rdf:Alt><rdf:li>mine</rdf:li><rdf:li>meins</rdf:li></rdf:Alt></dc:rights>"
    lists += "<dc:creator><rdf:Seq><rdf:li>Jo</rdf:li><rdf:li>Kim</rdf:li></rdf:Seq></dc:creator>"
    spaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    about = read_about({"xmp": f"<rdf:RDF {spaces}>{lists}</rdf:RDF>".encode()}, {}, {})
    assert (about.copyright, about.artist) == ("mine", "Jo; Kim")


@pytest.mark.parametrize(
    "xmp",
    [
        b"<not closed",
        b"\xff\xfe<\0x\0/\0>\0",
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>',
        b"<x>" + bytes(2_000_000) + b"</x>",
        b"",
        7,
        None,
    ],
)
def test_damaged_and_dangerous_xmp_says_nothing(xmp):
    assert parse_xmp(xmp) is None
    assert read_about({"xmp": xmp}, {}, {}) == About()


def test_xmp_nested_without_end_does_no_harm():
    assert read_about({"xmp": b"<a>" * 100_000 + b"</a>" * 100_000}, {}, {}) == About()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("© 2024 Müller".encode().decode("latin-1"), "© 2024 Müller"),
        ("© 2024 Müller", "© 2024 Müller"),
        ("商店", "商店"),
        ("photographer\0editor\0", "photographer; editor"),
        (" \0", ""),
        ("two\r\nlines\tand\x1b a bell\x07", "two lines and a bell"),
        ("\ud800broken\uffff", "broken"),
        (b"\xa9 Latin-1", "© Latin-1"),
        ([b"Jo", b"Kim"], "Jo; Kim"),
        ("x" * 5000, "x" * LONGEST_TEXT),
        (4711, ""),
    ],
)
def test_a_text_becomes_one_line_that_any_file_can_hold(value, expected):
    assert clean_line(value) == expected
    write_xmp(About(artist=clean_line(value)), None)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [((72.009, 72.009), (72, 72)), ((299.9994, 300), (300, 300)), ((150.5, 75), (150.5, 75))]
    + [(bad, None) for bad in ((0, 72), (float("nan"), 72), (72,), None, ("a", "b"), (1e9, 72), (-72, -72))],
)
def test_a_resolution_is_believed_where_it_is_possible(stated, expected):
    assert read_resolution(stated) == expected


def test_a_resolution_per_centimetre_is_one_per_inch():
    assert read_about({}, {0x011A: 100.0, 0x011B: 100.0, 0x0128: 3}, {}).dpi == (254, 254)
    assert read_about({}, {0x011A: "100", 0x011B: 100.0, 0x0128: 3}, {}).dpi is None
    assert read_about({}, {0x011A: 100.0, 0x011B: 100.0, 0x0128: 1}, {}).dpi is None


def test_a_photo_that_lies_on_its_side_has_its_resolution_turned_too():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(made_up(8, 9), "JPEG", exif=exif, dpi=(300, 200))
    assert decode(data, "turned.jpg").about.dpi == (200, 300)
