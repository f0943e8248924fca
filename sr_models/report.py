"""The report card: what a result changed in its photo, in figures, and whether a person should look at it.

D(result) is the result reduced to the photo's size (`quality.reduced`). Every figure has its definition in quality.py.
"""

from dataclasses import dataclass, field
from itertools import product

import numpy as np

from sr_models.catalog import Embedded, find
from sr_models.faithful import tolerance
from sr_models.photo import Photo
from sr_models.quality import LUMA, colour_difference, detail, lr_psnr, new_detail, reduced, shift, white_kept
from sr_models.upscale import Result, upscale

SAMPLE = 96  # pixels of the photo: side of the place where CNN and GAN are compared
NEAR_CLIPPING = 5  # levels: a cast cannot be read where the picture is almost black or white


@dataclass(frozen=True)
class Check:
    """One figure with a limit."""

    figure: str
    """The name of a field of Report."""
    ok: bool
    sentence: str
    """What it means where it is not ok: the key to a translation."""
    values: dict[str, object]

    def __str__(self) -> str:
        return self.sentence.format(**self.values)


@dataclass(frozen=True)
class Report:
    """Levels are levels of 255, pixels are pixels of the photo."""

    model: str
    sha256: str | None
    scale: int
    faithful: str
    device: str
    seconds: float
    size: tuple[int, int]
    """(width, height) of the result."""
    exact: bool
    """D(result) is the photo, byte for byte, in every visible pixel."""
    largest: int
    """Largest |D(result) − photo|, levels."""
    mean: float
    """Mean |D(result) − photo|, levels."""
    lr_psnr: float
    """PSNR between D(result) and the photo, dB; infinite where they are equal."""
    delta_e: float
    """Mean CIEDE2000 between them."""
    delta_e_95: float
    """95th percentile of the same."""
    cast: float
    """Largest, over R, G and B, of |mean of D(result) − photo| where the photo is neither almost black nor almost white, levels."""
    white_kept: float
    """Share of the photo's pure-white pixels that D(result) has pure white, 0 to 1."""
    shift: float
    """Distance between D(result) and the photo by phase correlation, pixels."""
    new_detail: float
    """Share of the result's detail beyond what a Lanczos enlargement holds, 0 to 1."""
    disagreement: float | None
    """Root mean square difference to the other family's result (CNN to GAN, GAN to CNN) in the busiest place, levels of luma."""
    checks: tuple[Check, ...]
    added: np.ndarray = field(repr=False, compare=False)
    """Where the new detail is: float32 (H, W) as `quality.detail` gives it."""

    @property
    def verdict(self) -> str:
        return "PASS" if all(check.ok for check in self.checks) else "REVIEW"

    @property
    def reasons(self) -> list[Check]:
        return [check for check in self.checks if not check.ok]

    def as_json(self) -> dict[str, object]:
        """Everything as JSON knows it, an infinite LR-PSNR as null; checks as reasons, in English."""
        figures = {name: value for name, value in vars(self).items() if name not in ("checks", "added")}
        rounded = {name: round(value, 4) if isinstance(value, float) else value for name, value in figures.items()}
        rounded["lr_psnr"] = None if np.isinf(self.lr_psnr) else rounded["lr_psnr"]
        return rounded | {"verdict": self.verdict, "reasons": [str(check) for check in self.reasons]}


def examine(photo: Photo, result: Result) -> Report:
    """Compare `result` with the `photo` it was made from."""
    scale = result.entry.net.scale
    again = reduced(result.photo.rgb, scale)
    small = photo.rgb if photo.alpha is None else np.where(photo.alpha[:, :, None] == 0, again, photo.rgb)
    off = np.abs(again.astype(np.int16) - small)
    difference = colour_difference(small, again)
    measured = {
        "exact": bool(off.max() == 0),
        "largest": int(off.max()),
        "mean": float(off.mean()),
        "lr_psnr": lr_psnr(small, again),
        "delta_e": float(difference.mean()),
        "delta_e_95": float(np.percentile(difference, 95)),
        "cast": cast(small, again),
        "white_kept": white_kept(small, again),
        "shift": float(np.hypot(*shift(small, again))),
    }
    source = result.entry.source
    added, held = detail(result.photo.rgb, small, scale)
    return Report(
        model=result.entry.id,
        sha256=source.sha256 if isinstance(source, Embedded) else None,
        scale=scale,
        faithful=result.faithful,
        device=result.device.name,
        seconds=result.seconds,
        size=result.photo.size,
        new_detail=new_detail(added, held),
        disagreement=disagreement(photo, result),
        checks=checks(measured, result.faithful, photo.noise),
        added=added,
        **measured,
    )


def checks(measured: dict, faithful: str, noise: float) -> tuple[Check, ...]:
    """The limits, all in one place. `noise`: what compression left in the photo (`Photo.noise`); a network may take it out.

    45 dB is the bar of the NTIRE 2021 challenge on this question (Lugmayr et al.); a ΔE00 of 1 can just be seen. The other limits
    lie between what untouched results and tampered ones showed on product photos: weights/README.md.
    """
    promised = {"exact": 0, "colour": tolerance(noise)}.get(faithful, 24 + tolerance(noise))
    least_psnr = min(45.0, 20 * np.log10(255 / max(2 * noise, 1e-6)))
    most_delta_e = 1 + 0.15 * noise
    most_shift = 0.1 + 0.025 * noise
    m = measured
    return (
        Check(
            "lr_psnr",
            m["lr_psnr"] >= least_psnr,
            "Reduced again, the result agrees with the photo to {found:.1f} dB only; {limit:.1f} dB are expected.",
            {"found": m["lr_psnr"], "limit": least_psnr},
        ),
        Check(
            "largest",
            m["largest"] <= promised,
            "Somewhere the mean colour is off by {found} levels of 255; up to {limit} are expected. Look for a place that was changed.",
            {"found": m["largest"], "limit": promised},
        ),
        Check(
            "delta_e",
            m["delta_e"] < most_delta_e,
            "Colours differ by ΔE {found:.2f} on average; less than {limit:.2f} is expected.",
            {"found": m["delta_e"], "limit": most_delta_e},
        ),
        Check(
            "cast",
            m["cast"] <= 1.5,
            "The whole picture has a colour cast of {found:.1f} levels of 255; up to {limit} is expected.",
            {"found": m["cast"], "limit": 1.5},
        ),
        Check(
            "white_kept",
            m["white_kept"] == 1,
            "Only {found:.2%} of the pure white stayed pure white.",
            {"found": m["white_kept"]},
        ),
        Check(
            "shift",
            m["shift"] <= most_shift,
            "The picture moved by {found:.2f} pixels of the photo; up to {limit:.2f} are expected.",
            {"found": m["shift"], "limit": most_shift},
        ),
    )


def cast(small: np.ndarray, again: np.ndarray) -> float:
    means = []
    for channel in range(3):
        a, b = small[:, :, channel], again[:, :, channel]
        readable = (a >= NEAR_CLIPPING) & (a <= 255 - NEAR_CLIPPING)
        if readable.any():
            means.append(abs(float(b[readable].mean()) - float(a[readable].mean())))
    return max(means, default=0.0)


def disagreement(photo: Photo, result: Result) -> float | None:
    """As in Report; None for what is neither CNN nor GAN."""
    entry = result.entry
    other = {"cnn": "gan", "gan": "cnn"}.get(entry.family)
    if other is None:
        return None
    top, left = busiest(photo.rgb, SAMPLE)
    place = np.s_[top : top + SAMPLE, left : left + SAMPLE]
    crop = Photo(np.ascontiguousarray(photo.rgb[place]), noise=photo.noise)
    models = (entry.id, find(other, entry.net.scale, noise=photo.noise).id)
    a, b = (
        upscale(crop, scale=entry.net.scale, model=model, faithful=result.faithful, device=result.device).photo.rgb @ LUMA
        for model in models
    )
    return float(np.sqrt(np.square(a - b).mean()))


def busiest(rgb: np.ndarray, side: int) -> tuple[int, int]:
    """(top, left) of the window of `side` pixels, on a grid of half windows, whose green channel changes most."""
    green = rgb[:, :, 1].astype(np.float32)
    change = np.abs(np.diff(green, axis=0, append=green[-1:])) + np.abs(np.diff(green, axis=1, append=green[:, -1:]))
    tops, lefts = (range(0, max(1, length - side + 1), side // 2) for length in green.shape)
    return max(product(tops, lefts), key=lambda place: change[place[0] : place[0] + side, place[1] : place[1] + side].mean())
