"""An ICC profile made from numbers: where red, green, blue and white lie, and how levels become light."""

import struct
from dataclasses import dataclass
from typing import Literal

import numpy as np

D50 = (0.9642, 1.0, 0.8249)  # X, Y, Z of the white of every profile
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])

Place = tuple[float, float]
"""Chromaticity: x, y."""


@dataclass(frozen=True)
class Primaries:
    """The colours that red, green, blue and all three of them stand for."""

    red: Place
    green: Place
    blue: Place
    white: Place

    def xyz(self) -> np.ndarray:
        """(3, 3): linear (R, G, B) → X, Y, Z, white at Y = 1. Raises ValueError for places that span no colours."""
        places = np.array([self.red, self.green, self.blue, self.white])
        if not np.isfinite(places).all() or (places[:, 1] <= 0).any():
            raise ValueError("no colours")
        columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in places]).T
        try:
            shares = np.linalg.solve(columns[:, :3], columns[:, 3])
        except np.linalg.LinAlgError as failure:
            raise ValueError("no colours") from failure
        return columns[:, :3] * shares

    def adaptation(self) -> np.ndarray:
        """(3, 3): X, Y, Z as seen under this white → as seen under D50 (Bradford)."""
        x, y = self.white
        white = BRADFORD @ (x / y, 1, (1 - x - y) / y)
        return np.linalg.inv(BRADFORD) @ np.diag((BRADFORD @ D50) / white) @ BRADFORD


D65 = (0.3127, 0.3290)
BT709 = Primaries((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), D65)
"""Those of sRGB."""
BT2020 = Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), D65)


@dataclass(frozen=True)
class Curve:
    """Level v → light, both from 0 to 1: (scale · v + offset) ** exponent, below `knee` the straight line slope · v."""

    exponent: float
    scale: float = 1.0
    offset: float = 0.0
    slope: float = 0.0
    knee: float = 0.0


Table = tuple[tuple[int, ...], ...]
"""Level → light, for all of red, green and blue or for each: light from 0 to 65535 at equal steps from the lowest level to the highest."""
LONGEST = 4096  # values of such a curve in a profile

SRGB_CURVE = Curve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
"""IEC 61966-2-1."""


def decode_srgb(levels: np.ndarray) -> np.ndarray:
    """sRGB's levels → linear light, both from 0 to 1."""
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def encode_srgb(light: np.ndarray) -> np.ndarray:
    """The inverse of `decode_srgb`."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def make_profile(name: str, curve: Curve | Table, primaries: Primaries, space: Literal["RGB", "GRAY"]) -> bytes:
    """A profile of version 4.3 (ICC.1:2010); `name`, ASCII, is what programs show. The same for the same arguments: it holds no date.

    Raises ValueError where the primaries span no colours.
    """
    tags = {
        b"desc": encode_text(name),
        b"cprt": encode_text("CC0"),
        b"wtpt": encode_xyz(D50),
        b"chad": encode_numbers(b"sf32", primaries.adaptation().ravel()),
    }
    curves = [encode_curve(curve)] if isinstance(curve, Curve) else [encode_table(row) for row in curve]
    if space == "GRAY":
        tags[b"kTRC"] = curves[0]
    else:
        columns = primaries.adaptation() @ primaries.xyz()
        tags |= {tag: encode_xyz(columns[:, index]) for index, tag in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))}
        tags |= zip((b"rTRC", b"gTRC", b"bTRC"), curves if len(curves) == 3 else 3 * curves, strict=True)
    start, directory, body = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    places: dict[bytes, int] = {}
    for tag, data in tags.items():
        if data not in places:
            places[data] = start + len(body)
            body += data + bytes(-len(data) % 4)
        directory += tag + struct.pack(">II", places[data], len(data))
    head = struct.pack(">I4x4s4s4s4s", start + len(body), b"\4\x30\0\0", b"mntr", space.encode().ljust(4), b"XYZ ")
    head += struct.pack(">6H4s28x", 2024, 1, 1, 0, 0, 0, b"acsp") + encode_xyz(D50)[8:]
    return head.ljust(128, b"\0") + directory + body


def encode_text(words: str) -> bytes:
    letters = words.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(letters), 28) + letters


def encode_xyz(values: tuple[float, float, float] | np.ndarray) -> bytes:
    return encode_numbers(b"XYZ ", np.asarray(values))


def encode_numbers(kind: bytes, values: np.ndarray) -> bytes:
    """Numbers as ICC's s15Fixed16. Raises ValueError where one does not fit."""
    if not (np.abs(values) < 32768).all():
        raise ValueError("no colours")
    return kind + bytes(4) + struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values.tolist()))


def encode_curve(curve: Curve) -> bytes:
    """ICC's parametric curve of type 3; of type 0 where it is an exponent alone."""
    if curve == Curve(curve.exponent):
        return b"para\0\0\0\0\0\0\0\0" + encode_numbers(b"", np.array([curve.exponent]))[4:]
    values = np.array([curve.exponent, curve.scale, curve.offset, curve.slope, curve.knee])
    return b"para\0\0\0\0\0\3\0\0" + encode_numbers(b"", values)[4:]


def encode_table(values: tuple[int, ...]) -> bytes:
    """ICC's sampled curve, of at most LONGEST values: of more, as many at equal steps."""
    places = np.linspace(0, len(values) - 1, min(len(values), LONGEST))
    sampled = np.rint(np.interp(places, np.arange(len(values)), values)).astype(">u2")
    return b"curv" + struct.pack(">4xI", len(sampled)) + sampled.tobytes()
