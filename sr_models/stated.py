"""The colour that a file states otherwise than by an ICC profile: by PNG's chunks, AVIF's nclx, the head of a BMP, tags of a TIFF, or EXIF
data.

Where the standards leave a choice, it is that of Chromium, so that a page that shows the file and its result shows the same colours.
"""

from dataclasses import astuple, dataclass, replace
from itertools import takewhile
from typing import Literal

import numpy as np
from PIL import Image

from sr_models.formats.bmp import Endpoints, read_endpoints
from sr_models.formats.boxes import find_properties, read_number
from sr_models.formats.png import split_chunks
from sr_models.photo import white_of
from sr_models.profiles import BT709, BT2020, D65, SRGB_CURVE, Curve, Primaries, Table, make_profile

PRIMARIES = {
    1: ("BT.709", BT709),
    4: ("BT.470 M", Primaries((0.670, 0.330), (0.210, 0.710), (0.140, 0.080), (0.310, 0.316))),
    5: ("BT.601 625", Primaries((0.640, 0.330), (0.290, 0.600), (0.150, 0.060), D65)),
    6: ("BT.601 525", Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), D65)),
    7: ("SMPTE 240M", Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), D65)),
    8: ("film", Primaries((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), (0.310, 0.316))),
    9: ("BT.2020", BT2020),
    11: ("DCI-P3", Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351))),
    12: ("Display P3", Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), D65)),
    22: ("EBU 3213", Primaries((0.630, 0.340), (0.295, 0.605), (0.155, 0.077), D65)),
}
"""ITU-T H.273, table 2: number of the primaries → name and places."""
VIDEO = (1, 6, 14, 15)
"""The transfers of BT.709, BT.601 and BT.2020: a PNG's are shown as on a television (BT.1886), an AVIF's like sRGB."""
CURVES: dict[int, Curve] = {
    **dict.fromkeys(VIDEO, Curve(2.4)),
    4: Curve(2.2),
    5: Curve(2.8),
    7: Curve(1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0912),
    8: Curve(1.0),
    13: SRGB_CURVE,
    17: Curve(2.6, (52.37 / 48) ** (1 / 2.6)),
}
"""ITU-T H.273, table 3: number of the transfer → level to light. Those of HDR have a file of their own."""
HDR: dict[int, Literal["PQ", "HLG"]] = {16: "PQ", 18: "HLG"}
UNKNOWN = 2  # H.273 of both: not said
GAMMA_OF_SRGB = 45455  # gAMA in 1/100000: alone it is how programs say sRGB, also where it is up to 5 % off
ADOBE_RGB = Primaries((0.640, 0.330), (0.210, 0.710), (0.150, 0.060), D65)
WHITE_POINT, CHROMATICITIES, TRANSFER_FUNCTION = 318, 319, 301  # TIFF tags
LENGTHS = (256, 65536)  # of a transfer function, for 8 and 16 bits
ENDS = 0.05  # of white's light: so far from black may it begin, so far from white end
TIFF_GAMMA = 2.2  # TIFF 6.0, section 20: what a transfer function that is not given is taken for
EXIF, INTEROPERABILITY, COLOUR_SPACE = 0x8769, 0xA005, 0xA001  # EXIF directories and tag


@dataclass(frozen=True)
class Colour:
    """What the levels of a file mean."""

    means: str
    """By what the file says it: "PNG cICP"."""
    name: str
    primaries: Primaries
    curve: Curve | Table | Literal["PQ", "HLG"]
    peak: float | None = None
    """Of HDR: the light of the brightest pixel in nits, where the file says it."""
    narrow_range: bool = False
    """Whether black and white are 16 and 235 of 255, as in video, rather than 0 and 255."""

    @property
    def is_usual(self) -> bool:
        """Whether it is about sRGB: its primaries within some thousandths, and its curve or the exponent 2.2, which many programs write."""
        near = np.allclose(astuple(self.primaries), astuple(BT709), atol=0.005)
        return near and isinstance(self.curve, Curve) and (self.curve == SRGB_CURVE or abs(self.curve.exponent - 2.2) < 0.05)

    def make_profile(self, space: Literal["RGB", "GRAY"]) -> bytes | None:
        """A profile that says the same; None for sRGB, which needs none, and for HDR, of which ICC profiles of this kind say nothing."""
        if (self.primaries, self.curve) == (BT709, SRGB_CURVE) or isinstance(self.curve, str):
            return None
        return make_profile(f"{self.name} ({self.means})", self.curve, self.primaries, space)


@dataclass(frozen=True)
class Unread:
    """A file states its colours in a way that is not read here, or that contradicts itself."""

    means: str
    """As in Colour."""


def find_colour(image: Image.Image, data: bytes) -> Colour | Unread | None:
    """What the file states with a right above its ICC profile, or without one; None where it states nothing of that kind."""
    stated: Colour | Unread | None = None
    camera = None if "icc_profile" in image.info else read_camera(image)
    try:
        if image.format == "PNG":
            stated = choose_chunk(data)
        elif "icc_profile" not in image.info:
            match image.format:
                case "AVIF" | "HEIF":
                    stated = read_nclx(data)
                case "BMP":
                    stated = read_calibration(read_endpoints(data))
                case "TIFF":
                    stated = read_tags(image)
        if camera:
            stated = camera if stated is None else Unread(camera.means) if camera != stated else stated
        if isinstance(stated, Colour):
            stated.make_profile("RGB")  # primaries that span no colours state nothing
    except ValueError:
        return None
    return stated


def choose_chunk(png: bytes) -> Colour | Unread | None:
    """Of the first chunk that rules, before the pixels: cICP, iCCP, sRGB, then gAMA with cHRM (PNG, third edition, 4.3).

    iCCP is left to Pillow: None. cHRM without gAMA says nothing about levels, and cICP is of RGB. Its narrow range counts, though
    Chromium 140 takes it for full range.
    """
    found = dict(reversed(list(takewhile(lambda chunk: chunk[0] != b"IDAT", split_chunks(png)))))
    coded = found.get(b"cICP", b"")
    if len(coded) == 4 and coded[2] == 0 and coded[3] <= 1:
        light = found.get(b"cLLI", b"")
        peak = int.from_bytes(light[:4], "big") / 10_000 if len(light) == 8 else None
        colour = make_colour("PNG cICP", coded[0], coded[1], peak)
        if colour is not None:
            return replace(colour, narrow_range=coded[3] == 0)
    if b"iCCP" in found:
        return None
    unread = Unread("PNG cICP") if coded else None
    if b"sRGB" in found:
        return unread or Colour("PNG sRGB", "sRGB", BT709, SRGB_CURVE)
    gamma = int.from_bytes(found.get(b"gAMA", b"")[:4], "big")
    if not 1_000 <= gamma <= 1_000_000:
        return unread
    places = found.get(b"cHRM", b"")
    if len(places) != 32:
        if abs(gamma / GAMMA_OF_SRGB - 1) < 0.05:
            return unread
        return Colour("PNG gAMA", f"gamma {100_000 / gamma:.3g}", BT709, Curve(100_000 / gamma))
    x, y = ([int.from_bytes(places[at : at + 4], "big") / 100_000 for at in range(start, 32, 8)] for start in (0, 4))
    white, red, green, blue = zip(x, y, strict=True)
    own = Primaries(red, green, blue, white)
    return Colour("PNG gAMA, cHRM", f"gamma {100_000 / gamma:.3g}, own primaries", own, Curve(100_000 / gamma))


def stretch(levels: np.ndarray) -> np.ndarray:
    """uint8 or uint16 (H, W, …) of narrow range → the same type, of full range; what lies beyond black and white is cut off.

    Black and white are 16 and 235 of 8 bits, 256 times as much of 16 (ITU-T H.273, VideoFullRangeFlag).
    """
    white = white_of(levels)
    shares = (np.arange(white + 1) * 256 / (white + 1) - 16) / 219
    table = np.rint(np.clip(shares, 0, 1) * white).astype(levels.dtype)
    stretched = np.empty_like(levels)
    for row, narrow in zip(stretched, levels, strict=True):  # row by row, to save memory
        row[...] = table[narrow]
    return stretched


def make_colour(means: str, primaries: int, transfer: int, peak: float | None = None) -> Colour | None:
    """Of the numbers of H.273; what is not said is as in sRGB. None for numbers that nobody shows."""
    name, places = PRIMARIES.get(1 if primaries == UNKNOWN else primaries, (None, None))
    curve = HDR.get(transfer) or CURVES.get(13 if transfer == UNKNOWN else transfer)
    if name is None or places is None or curve is None:
        return None
    if isinstance(curve, Curve) and curve != SRGB_CURVE:
        name += f", gamma {curve.exponent:.3g}"
    return Colour(means, name, places, curve, peak)


def read_nclx(data: bytes) -> Colour | Unread | None:
    """What the colour box of an AVIF or HEIC says, of its main picture or of all (ISO/IEC 23008-12)."""
    mine = find_properties(data)
    light = [read_number(content, 0, 2) for name, content in mine if name == b"clli"]
    peak = float(light[0]) if light and light[0] else None
    for name, content in mine:
        if name == b"colr" and content[:4] == b"nclx" and len(content) >= 10:
            primaries, transfer = read_number(content, 4, 2), read_number(content, 6, 2)
            if (primaries, transfer) == (UNKNOWN, UNKNOWN):
                return None
            return make_colour("nclx", primaries, 13 if transfer in VIDEO else transfer, peak) or Unread("nclx")
    return None


def read_calibration(found: Endpoints | None) -> Colour | Unread | None:
    """Of a BMP with “calibrated RGB”: where its primaries lie, and one exponent for all three; different ones are not read."""
    if found is None:
        return None
    exponent = found.gammas[0]
    if found.linked or not np.allclose(found.gammas, exponent, rtol=0.01) or not 0.2 <= exponent <= 5:
        return Unread("BMP")
    xyz = np.array(found.xyz)
    sums = xyz.sum(1)
    if (sums <= 0).any():
        return Unread("BMP")
    red, green, blue = ((float(x / total), float(y / total)) for (x, y, _), total in zip(xyz, sums, strict=True))
    x, y, total = *xyz.sum(0)[:2], xyz.sum()
    # many programs write chromaticities in place of X, Y and Z: they do not say which white
    white = D65 if np.allclose(sums, 1, atol=0.01) else (float(x / total), float(y / total))
    return Colour("BMP", f"gamma {exponent:.3g}, own primaries", Primaries(red, green, blue, white), Curve(exponent))


def read_tags(image: Image.Image) -> Colour | Unread | None:
    """Of a TIFF's tags WhitePoint, PrimaryChromaticities and TransferFunction (TIFF 6.0, section 20)."""
    try:
        exif = image.getexif()
        white, places, transfer = (exif.get(tag) for tag in (WHITE_POINT, CHROMATICITIES, TRANSFER_FUNCTION))
    except Exception:  # the pixels are readable whatever stands in other tags
        return None
    if white is None and places is None and transfer is None:
        return None
    try:
        curve = Curve(TIFF_GAMMA) if transfer is None else read_transfer(np.array(transfer, np.float64), image.mode)
        x, y = (float(value) for value in white or D65)
        if places is None:
            if not np.allclose((x, y), D65, atol=0.005):
                return Unread("TIFF")
            return None if curve == Curve(TIFF_GAMMA) else Colour("TIFF", "own curve", BT709, curve)
        red, green, blue = ((float(across), float(up)) for across, up in np.array(places, np.float64).reshape(3, 2))
    except (TypeError, ValueError, ZeroDivisionError):
        return Unread("TIFF")
    name = f"gamma {TIFF_GAMMA}" if isinstance(curve, Curve) else "own curve"
    return Colour("TIFF", f"{name}, own primaries", Primaries(red, green, blue, (x, y)), curve)


def read_transfer(values: np.ndarray, mode: str) -> Curve | Table:
    """Of transfer functions, float64 (N,) up to 65535, one or three of as many values as there are levels, of a picture of Pillow's `mode`;
    those that are about a power are that power: sRGB's own is, of 2.2.

    Raises ValueError where they are none: of another length, falling, or not from about black to about white; and for palettes.
    """
    rows = values.reshape(1 if values.size % 3 else 3, -1)
    light = rows / 65535
    if np.allclose(light, np.linspace(0, 1, rows.shape[1]) ** TIFF_GAMMA, atol=0.02):
        return Curve(TIFF_GAMMA)
    rising = (light[:, 0] >= 0).all() and (np.diff(light) >= 0).all() and (light[:, -1] <= 1).all()
    if not rising or light[:, 0].max() > ENDS or light[:, -1].min() < 1 - ENDS or rows.shape[1] not in LENGTHS:
        raise ValueError("no transfer function")
    if mode == "P" or (len(rows) > 1 and not mode.startswith("RGB")):
        raise ValueError("not of these channels")
    return tuple(tuple(row) for row in rows.astype(int).tolist())


def read_camera(image: Image.Image) -> Colour | None:
    """Adobe RGB as cameras state it (DCF 2.0, optional colour space): interoperability R03 and a colour space that is not sRGB."""
    try:
        exif = image.getexif()
        inner = exif.get_ifd(EXIF)
        space = inner.get(COLOUR_SPACE)
        index = exif.get_ifd(INTEROPERABILITY).get(1) if INTEROPERABILITY in inner else None
    except Exception:  # the pixels are readable whatever stands in the EXIF block
        return None
    if isinstance(index, bytes):
        index = index.decode("latin-1")
    is_adobe = space == 2 or (space != 1 and isinstance(index, str) and index.rstrip("\0 ") == "R03")
    return Colour("EXIF R03", "Adobe RGB", ADOBE_RGB, Curve(563 / 256)) if is_adobe else None
