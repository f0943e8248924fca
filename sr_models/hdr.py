"""HDR (PQ, HLG) brought to what an ordinary screen can show, in sRGB, by the rule that Chromium follows.

Light is counted in units of the reference white of BT.2408, 203 nits. Up to there it is halved; from there up to the peak (what the file
says, else 1000 nits) it rises to white along a parabola, as in the tone mapping of SMPTE ST 2094-50 for pictures that bring none. What
decides is the largest of a pixel's red, green and blue of BT.2020, so that hues stay; colours that sRGB does not hold are cut off.
"""

from typing import Literal

import numpy as np

from sr_models.photo import Note, white_of
from sr_models.profiles import BT709, BT2020, Primaries, encode_srgb

REFERENCE = 203.0  # nits
PEAK = 1000.0  # nits
BEND = 0.65  # where the parabola's middle point lies between white's and the peak's
ROWS = 256  # at a time: what is computed is several times as large as the photo
NOTE = (
    "The photo is HDR ({transfer}): it was fitted to an ordinary screen and to sRGB. "
    "White paper (203 nits) keeps half of its light, and {peak} nits become white."
)


def decode_light(levels: np.ndarray, transfer: Literal["PQ", "HLG"]) -> np.ndarray:
    """Levels from 0 to 1 → light: of PQ (SMPTE ST 2084) in units of reference white, of HLG (BT.2100) that of the scene from 0 to 1."""
    if transfer == "PQ":
        powered = levels ** (32 / 2523)
        return 10_000 / REFERENCE * (np.maximum(powered - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * powered)) ** (16384 / 2610)
    return np.where(levels <= 0.5, levels**2 / 3, (np.exp((levels - 0.55991073) / 0.17883277) + 0.28466892) / 12)


def fit_light(light: np.ndarray, peak: float) -> np.ndarray:
    """Light → light from 0 to 1, where `peak` and `light` are in units of reference white."""
    if peak <= 1:
        return np.minimum(light, 1)
    white = 1 - 0.5 * min(np.log2(peak) / np.log2(PEAK / REFERENCE), 1)
    middle = (1 - BEND) + BEND / white, (1 - BEND) * white + BEND
    square, straight = 1 - 2 * middle[0] + peak, 2 * (middle[0] - 1)
    over = np.clip(light, 1, peak) - 1
    way = 2 * over / (straight + np.sqrt(straight**2 + 4 * square * over))  # along the parabola, from 0 to 1
    above = (1 - way) ** 2 * white + 2 * way * (1 - way) * middle[1] + way**2
    return np.where(light <= 1, light * white, above)


def fit_to_screen(rgb: np.ndarray, transfer: Literal["PQ", "HLG"], primaries: Primaries, peak: float | None) -> np.ndarray:
    """uint8 or uint16 (H, W, 3) as the file holds it → the same in sRGB; `peak` in nits, if the file says it."""
    white = white_of(rgb)
    table = decode_light(np.arange(white + 1) / white, transfer).astype(np.float32)
    to_wide, to_srgb = relate(primaries, BT2020), relate(BT2020, BT709)
    brightness = primaries.xyz()[1].astype(np.float32)
    top = (PEAK if transfer == "HLG" or not peak else peak) / REFERENCE
    shown = np.empty_like(rgb)
    for start in range(0, len(rgb), ROWS):
        light = table[rgb[start : start + ROWS]]
        if transfer == "HLG":  # the screen's own exponent, of the whole pixel's brightness
            light = light * (PEAK / REFERENCE * np.maximum(light @ brightness, 1e-9) ** 0.2)[:, :, None]
        light = light @ to_wide.T
        largest = np.maximum(light.max(axis=2, keepdims=True), 1e-9)
        linear = np.clip((light * (fit_light(largest, top) / largest)) @ to_srgb.T, 0, 1)
        shown[start : start + ROWS] = np.rint(encode_srgb(linear) * white)
    return shown


def relate(source: Primaries, target: Primaries) -> np.ndarray:
    """float32 (3, 3): linear (R, G, B) of one → of the other."""
    there, back = (primaries.adaptation() @ primaries.xyz() for primaries in (source, target))
    return (np.linalg.inv(back) @ there).astype(np.float32)


def describe(transfer: str, peak: float | None) -> Note:
    return Note(NOTE, {"transfer": transfer, "peak": round(PEAK if transfer == "HLG" or not peak else peak)})
