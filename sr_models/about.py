"""What a photo's file says beside its pixels and what a result's file says: whose it is, how large it prints, what made it.

Kept are resolution, artist, copyright and an earlier statement of what the picture is; everything else (place, serial numbers,
thumbnails, maker notes, comments) is never taken over. Names follow the IPTC Photo Metadata Standard 2025.1 and the XMP specification.
"""

import math
import unicodedata
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from contextlib import suppress
from numbers import Real
from typing import Any
from xml.sax.saxutils import escape

from sr_models.photo import About, Provenance
from sr_models.version import __version__

PROGRAM = "Product-photo super-resolution"
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
ENHANCED, COMPOSITE, GENERATED = "algorithmicallyEnhanced", "compositeWithTrainedAlgorithmicMedia", "trainedAlgorithmicMedia"
LONGEST_TEXT = 1000  # characters of a copyright notice
LONGEST_XMP = 1_000_000  # bytes
ARTIST, COPYRIGHT, SOFTWARE, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 0x013B, 0x8298, 0x0131, 0x011A, 0x011B, 0x0128
KEPT_TAGS = (ARTIST, COPYRIGHT, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT)
"""The EXIF tags that are looked at, and may be written."""
NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
}


def source_type(about: About, made: Provenance | None) -> str | None:
    """The IPTC digital source type to write, such as ENHANCED: what the photo's own file declares, else what our network did; or None."""
    if about.source:
        return about.source
    return None if made is None else COMPOSITE if made.generative else ENHANCED


def read_about(info: Mapping[Any, Any], exif: Mapping[int, Any], iptc: Mapping[tuple[int, int], Any]) -> About:
    """What a file says of its photo, from Pillow's `info`, its EXIF tags and its IPTC records. XMP comes first, as it is always Unicode."""
    xmp = parse_xmp(info.get("xmp"))
    return About(
        dpi=read_resolution(info.get("dpi")) or read_resolution(convert_to_inches(exif)),
        artist=first_text(find_property(xmp, "dc", "creator"), exif.get(ARTIST), iptc.get((2, 80)), info.get("Author")),
        copyright=first_text(find_property(xmp, "dc", "rights"), exif.get(COPYRIGHT), iptc.get((2, 116)), info.get("Copyright")),
        source=find_source(xmp),
    )


def read_resolution(dpi: Any) -> tuple[float, float] | None:
    """(horizontal, vertical) pixels per inch; None for what no printer has. PNG counts per metre, so that 72 come back as 72.009."""
    try:
        x, y = (float(value) for value in dpi)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if not all(math.isfinite(value) and 1 <= value <= 30_000 for value in (x, y)):
        return None
    x, y = (round(value) if abs(value - round(value)) < 0.02 else round(value, 3) for value in (x, y))
    return float(x), float(y)


def convert_to_inches(exif: Mapping[int, Any]) -> tuple[float, float] | None:
    """The resolution that EXIF states per inch or per centimetre."""
    x, y, unit = (exif.get(tag) for tag in (X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT))
    if not isinstance(x, Real) or not isinstance(y, Real) or unit not in (2, 3):
        return None
    return (float(x), float(y)) if unit == 2 else (float(x) * 2.54, float(y) * 2.54)


def first_text(*candidates: Any) -> str | None:
    """The first candidate that holds any text, as one line without control characters."""
    return next((text for text in map(clean_line, candidates) if text), None)


def clean_line(value: Any) -> str:
    """A metadata text as one line of LONGEST_TEXT characters at most. Pillow decodes EXIF as Latin-1 although it often is UTF-8."""
    if isinstance(value, (list, tuple)):
        return "; ".join(filter(None, map(clean_line, value)))
    if isinstance(value, str):
        with suppress(UnicodeEncodeError):
            value = value.encode("latin-1")
    if isinstance(value, bytes):
        try:
            value = value.decode("utf-8")
        except UnicodeDecodeError:
            value = value.decode("latin-1")
    if not isinstance(value, str):
        return ""
    parts = (part.strip() for part in value.strip("\0").split("\0"))  # EXIF: photographer's notice, NUL, editor's notice
    text = "; ".join(part for part in parts if part)
    visible = "".join(" " if unicodedata.category(letter) in {"Cc", "Cs", "Cn"} else letter for letter in text)
    return " ".join(visible.split())[:LONGEST_TEXT]


def parse_xmp(xmp: Any) -> ElementTree.Element | None:
    """The XMP of a file; None where there is none, or one that is damaged or declares entities, which XMP never needs."""
    if isinstance(xmp, str):
        xmp = xmp.encode("utf-8", "ignore")
    if not isinstance(xmp, bytes) or len(xmp) > LONGEST_XMP or b"<!" in xmp.replace(b"<!--", b""):
        return None
    try:
        return ElementTree.fromstring(xmp.strip(b"\0 \t\r\n").decode("utf-8-sig"))
    except (ElementTree.ParseError, ValueError):
        return None


def find_property(xmp: ElementTree.Element | None, space: str, name: str) -> list[str]:
    """The texts of a property in an XMP tree: all items of a list, only the first of alternatives (languages)."""
    texts: list[str] = []
    rdf, key = f"{{{NAMESPACES['rdf']}}}", f"{{{NAMESPACES[space]}}}{name}"
    for element in [] if xmp is None else xmp.iter():
        if key in element.attrib:
            texts.append(element.attrib[key])
        elif element.tag == key:
            items = [item.text or "" for item in element.iter(f"{rdf}li")]
            alternatives = element.find(f"{rdf}Alt") is not None
            texts += (items[:1] if alternatives else items) or [element.text or element.attrib.get(f"{rdf}resource", "")]
    return texts


def find_source(xmp: ElementTree.Element | None) -> str | None:
    """The declaration in an XMP tree that a generator made the picture, as in `About.source`."""
    found = [text.strip().removeprefix(SOURCE_TYPES) for text in find_property(xmp, "Iptc4xmpExt", "DigitalSourceType")]
    return next((source for source in found if source in (COMPOSITE, GENERATED)), None)


def write_xmp(about: About, made: Provenance | None) -> bytes | None:
    """The XMP of a result, UTF-8; None where there is nothing to say. The same for the same arguments: it holds no date."""
    source = source_type(about, made)
    simple = {"Iptc4xmpExt:DigitalSourceType": source and SOURCE_TYPES + source}
    if made is not None:
        simple["xmp:CreatorTool"] = name_creator(made)
        simple["Iptc4xmpExt:AISystemUsed"] = name_models(made)
        hashes = [f"sha256:{each.sha256}" for each in (made, made.fusion) if each and each.sha256]
        simple["Iptc4xmpExt:AISystemVersionUsed"] = " + ".join(hashes)
    body = [f"<{name}>{escape(value)}</{name}>" for name, value in simple.items() if value]
    if about.artist:
        body.append(f"<dc:creator><rdf:Seq><rdf:li>{escape(about.artist)}</rdf:li></rdf:Seq></dc:creator>")
    if about.copyright:
        body.append(f'<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">{escape(about.copyright)}</rdf:li></rdf:Alt></dc:rights>')
    if not body:
        return None
    spaces = " ".join(f'xmlns:{prefix}="{address}"' for prefix, address in NAMESPACES.items() if prefix != "rdf")
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{NAMESPACES["rdf"]}"><rdf:Description rdf:about="" {spaces}>'
        + "".join(body)
        + '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()


def name_creator(made: Provenance) -> str:
    """What a file names as its creator: this program with its version, the networks, and how many steps they made, where not one."""
    return f"{PROGRAM} {__version__}, {name_models(made)}" + (f", {made.steps} steps" if made.steps > 1 else "")


def name_models(made: Provenance) -> str:
    """The ids of all networks that made a result."""
    return " + ".join(each.model for each in (made, made.fusion) if each)
