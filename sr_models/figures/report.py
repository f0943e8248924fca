"""The report card: what a result changed in its photo, in figures, and whether a person should look at it.

D(result) is the result reduced to the photo's size (`quality.box_reduce`). It is judged against what the photo can mean: of all pictures
that a compressed file can stand for (compression.py), the one nearest to D(result); of any other photo, its pixels. Every figure has its
definition in quality.py.

A faithful mode makes any picture agree with its photo, also one of stripes. So what the network itself made, before it was corrected, is
judged too, by wider limits; and what was added where the photo is calm.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sr_models import weights
from sr_models.catalog import find
from sr_models.compression import find_background, find_meaning
from sr_models.errors import PhotoError, WeightsError
from sr_models.figures import quality
from sr_models.figures.detail import colour_noise, grain, measure_detail, new_detail, pair_order, pixel_order
from sr_models.photo import Photo, narrow, white_of
from sr_models.stages.alpha import FAINT, bleed, take_faint_from
from sr_models.stages.enlarge import Result, upscale

TELLING = 32  # pixels: smaller photos tell nothing of a network's own output
MOVING = 48  # pixels: of smaller photos, phase correlation does not find the shift of a network's own output to less than its limit,
# and too few slopes tell which pixels are swapped
SAMPLE = 96  # pixels of the photo: side of the place where CNN and GAN are compared
OTHER_FAMILY = {"cnn": "gan", "cnn-fast": "gan", "gan": "cnn"}
"""Family → the one whose network gives a second opinion."""

GRAIN = 2.0
"""Levels of luma: less new detail than that is hardly seen, on calm ground or everywhere."""

INFINITE = ("lr_psnr", "pixels_lr_psnr", "own_lr_psnr")
"""The figures that may be infinite."""
AT_LEAST = ("lr_psnr", "white_kept", "pixel_order", "pair_order", "own_lr_psnr")
"""The figures whose limit is a minimum; for all others it is a maximum."""
SENTENCES = {
    "lr_psnr": "Reduced again, the result agrees with the photo to {found:.1f} dB only; {limit:.1f} dB are expected.",
    "largest": "Somewhere the mean colour is off by {found} levels of 255; up to {limit} are expected. Look for a place that was changed.",
    "delta_e": "Colours differ by ΔE {found:.2f} on average; up to {limit:.2f} is expected.",
    "cast": "There is a colour cast of {found:.1f} levels of 255, at least in a part of the picture; up to {limit:.1f} are expected.",
    "white_kept": "Only {found:.2%} of the pure white stayed pure white.",
    "shift": "The picture moved by {found:.2f} pixels of the photo; up to {limit:.2f} are expected.",
    "alpha": "Transparency is off by {found} levels of 255 somewhere; up to {limit} are expected.",
    "new_detail": "Nearly all that is seen is invented: {found:.0%} of the detail is not the photo's; up to {limit:.0%} is expected.",
    "grain": "Where the photo is calm, the result is not: {found:.1f} levels of detail were added; up to {limit:.1f} are expected. "
    "Look for stripes, dots or grain.",
    "colour_noise": "Colours are noisy nearly everywhere: {found:.1f} levels of it were added; up to {limit:.1f} are expected. "
    "Look for coloured grain or stripes.",
    "pixel_order": "The pixels stand in a wrong order: as they stand, they fit the photo to {found:.0%} only; {limit:.0%} are expected. "
    "Look for a fine grid.",
    "pair_order": "Pixels are swapped: somewhere in each block two fit the photo to {found:.0%} only; {limit:.0%} are expected. "
    "Look for a fine grid.",
    "repeated": "The same pattern was added all over the picture: {found:.1f} levels of it; up to {limit:.1f} is expected. "
    "Look for stripes or a grid.",
    "own_lr_psnr": "The network drew another picture, and the correction hides it. "
    "It agreed to {found:.1f} dB only; {limit:.1f} dB are expected.",
    "own_delta_e": "The network drew another picture, and the correction hides it. "
    "Its colours differed by ΔE {found:.2f} on average; up to {limit:.2f} is expected.",
    "own_cast": "The network drew another picture, and the correction hides it. "
    "It had a colour cast of {found:.1f} levels of 255; up to {limit:.1f} are expected.",
    "own_shift": "The network drew another picture, and the correction hides it. "
    "It lay {found:.2f} pixels of the photo beside it; up to {limit:.2f} are expected.",
}
"""Figure → what it means where it is beyond its limit."""
NOT_LOCKED = "The network itself moved colours by up to {found} levels of 255; up to {limit} are usual. The colour lock prevents it."


def limits(faithful: str, lossy: bool) -> dict[str, float]:
    """Figure → limit, for a faithful mode and a photo with lossy compression or without.

    45 dB is the bar of the NTIRE 2021 challenge on this question (Lugmayr et al.), and a ΔE00 of 1 can just be seen. The others lie
    between what untouched results and tampered ones (a cast of 3 levels, a shift by one pixel, a stroke of a letter) showed on 27 product
    photos, as JPEG of quality 50 to 95. "largest" allows more for lossy photos: the colour lock keeps within a level of one
    picture that the file can mean, which need not be the nearest.

    The last ten catch what a faithful mode would hide. They lie between untouched results of 30 product photos, clean and as JPEG, and
    networks of random or tripled weights, stripes, noise, a shift by a pixel of the result and a cast of 10 levels (LOG.md).
    """
    locked = 6 if lossy else 1
    return {
        "lr_psnr": 45.0,
        "largest": {"exact": 0, "colour": locked}.get(faithful, 25),
        "delta_e": 1.0,
        "cast": 1.7,
        "white_kept": 1.0,
        "shift": 0.1,
        "alpha": 0 if faithful == "exact" else 64,
        "new_detail": 0.6,
        "grain": GRAIN,
        "colour_noise": GRAIN,
        "pixel_order": 0.6,
        "pair_order": 0.5,
        "repeated": 1.0,
        "own_lr_psnr": 22.0,
        "own_delta_e": 4.0,
        "own_cast": 5.0,
        "own_shift": 0.1,
    }


LOOK = 2.0
"""ΔE00: more than that, on average, is not the product's colour any more."""
LOOKED = "The look changed the product's colours by ΔE {found:.1f} on average; up to {limit:.1f} is expected. Compare it with the product."


@dataclass(frozen=True)
class Check:
    """One figure against its limit."""

    figure: str
    """The name of a field of Report."""
    found: float
    limit: float
    sentence: str
    """What it means where it is not ok, a sentence to translate and to fill in with `values`."""

    @property
    def ok(self) -> bool:
        return self.found >= self.limit if self.figure in AT_LEAST else self.found <= self.limit

    @property
    def values(self) -> dict[str, float]:
        return {"found": self.found, "limit": self.limit}

    def __str__(self) -> str:
        return self.sentence.format(**self.values)


@dataclass(frozen=True)
class Report:
    """Levels are levels of 255, pixels are pixels of the photo. What made the result is None where that is not known."""

    scale: int
    size: tuple[int, int]
    """(width, height) of the result."""
    faithful: str
    """What was promised."""
    noise: float
    """What compression left in the photo (`Photo.noise`), levels."""
    exact: bool
    """D(result) is the photo, byte for byte, in every visible pixel and in transparency."""
    pixels_lr_psnr: float
    """PSNR between D(result) and the photo's own pixels, dB; infinite where they are equal. A network that takes out compression noise
    lowers it."""
    largest: int
    """Largest |D(result) − what the photo can mean|, levels."""
    mean: float
    """Mean of the same."""
    lr_psnr: float
    """PSNR between D(result) and what the photo can mean, dB; infinite where they are equal."""
    delta_e: float
    """Mean CIEDE2000 between them."""
    delta_e_95: float
    """95th percentile of the same."""
    cast: float
    """Mean of D(result) − what the photo can mean over a part of the picture, where it is largest, levels."""
    white_kept: float
    """Share of the photo's pure-white pixels, of a compressed photo those among pure white, that D(result) has pure white, 0 to 1."""
    shift: float
    """Distance between D(result) and what the photo can mean by phase correlation, pixels."""
    alpha: int
    """Largest |D(alpha of the result) − alpha of the photo|, levels."""
    new_detail: float
    """Share of the result's detail beyond what a Lanczos enlargement holds, 0 to 1. Steeper edges count as much as texture."""
    grain: float
    """Root mean square of the new detail where the photo is calm, levels of luma or of colour; 0 where it is nowhere calm."""
    colour_noise: float
    """What was added to the colours of nearly every pixel of the photo, levels (`detail.colour_noise`)."""
    pixel_order: float
    """How well each block's pixels fit the photo in the order in which they stand, beside the best order, 0 to 1."""
    pair_order: float | None
    """Whether two pixels of each block are swapped: about 1 where none are, about 0 or less where some are (`detail.pair_order`); None
    for photos of less than 48 pixels a side."""
    repeated: float
    """The pattern that was added to all of the picture, levels of luma or of colour (`detail.Detail.repeated`); 0 where there is none."""
    pure_white: float
    """Share of the photo that is pure white, as `white_kept` counts it, 0 to 1: where there is none, there was none to keep."""
    checks: tuple[Check, ...]
    added: np.ndarray = field(repr=False, compare=False)
    """Where the new detail is: float32 (H, W) as `detail.measure_detail` gives it."""
    model: str | None = None
    sha256: str | None = None
    fusion: str | None = None
    """The id of what added to the mean of several shots, and its hash; None where nothing did."""
    fusion_sha256: str | None = None
    detail: float | None = None
    """What the detail dial stood at, 0 to 1."""
    steps: int = 1
    """How often the network looked at the photo."""
    device: str | None = None
    seconds: float | None = None
    own_lr_psnr: float | None = None
    """These four of what the network itself made, before the faithful mode corrected it; the cast is that of three quarters of the
    picture, or of pure white. None where nothing was corrected, where that is not known, and for photos of less than 32 pixels a side, the
    shift of less than 48."""
    own_delta_e: float | None = None
    own_cast: float | None = None
    own_shift: float | None = None
    look_behind: float | None = None
    """These two where a look changed colours after the enlargement: mean ΔE00 between before and after, in the backdrop, and elsewhere.
    All other figures are those of the enlargement."""
    look_product: float | None = None
    disagreement: float | None = None
    """Root mean square difference to the other family's result (CNN to GAN, GAN to CNN) in the busiest place, levels of luma."""

    @property
    def verdict(self) -> str:
        return "PASS" if all(check.ok for check in self.checks) else "REVIEW"

    @property
    def reasons(self) -> list[Check]:
        return [check for check in self.checks if not check.ok]

    def as_json(self) -> dict[str, object]:
        """Everything as JSON knows it, what is infinite as null; checks as reasons, in English. What was not asked for is left out."""
        unsaid = {name for name in ("fusion", "fusion_sha256", "look_behind", "look_product") if getattr(self, name) is None}
        unsaid |= {"steps"} if self.steps == 1 else set()
        figures = {name: value for name, value in vars(self).items() if name not in {"checks", "added"} | unsaid}
        rounded = {name: round(value, 4) if isinstance(value, float) else value for name, value in figures.items()}
        rounded |= {name: None for name in INFINITE if figures[name] == np.inf}
        allowed = {check.figure: round(check.limit, 4) for check in self.checks}
        return rounded | {"limits": allowed, "verdict": self.verdict, "reasons": [str(check) for check in self.reasons]}


def examine(photo: Photo, result: Result, second_opinion: bool = True) -> Report:
    """The report card of a `result` that was made from `photo`; with a `second_opinion`, the other family's network runs for it too."""
    return replace(
        examine_enlargement(photo, result.photo, result.faithful, result.own),
        model=result.entry.id,
        sha256=weights.sha256_in_use(result.entry),
        fusion=result.fusion and result.fusion.id,
        fusion_sha256=result.fusion and weights.sha256_in_use(result.fusion),
        detail=result.detail,
        steps=result.steps,
        device=result.device.name,
        seconds=result.seconds,
        disagreement=disagreement(photo, result) if second_opinion else None,
    )


def add_look(report: Report, behind: float, product: float) -> Report:
    """The report card with what a look changed afterwards: mean ΔE00 in the backdrop and in the product (`Looked.moved`)."""
    check = Check("look_product", product, LOOK, LOOKED)
    return replace(report, look_behind=behind, look_product=product, checks=(*report.checks, check))


def examine_enlargement(photo: Photo, enlarged: Photo, faithful: str = "off", own: np.ndarray | None = None) -> Report:
    """The report card of a picture that is said to be an enlargement of `photo`; `faithful` is the mode that was promised, `own` what
    the network itself made, reduced (`Result.own`), where that is known.

    Raises PhotoError where the sides are no whole multiple of the photo's.
    """
    scale = enlarged.size[0] // photo.size[0]
    if scale < 1 or enlarged.size != (photo.size[0] * scale, photo.size[1] * scale):
        raise PhotoError(
            "The result has {found} pixels, the photo {photo}. Give a result whose sides are a whole multiple of the photo's.",
            found="{} × {}".format(*enlarged.size),
            photo="{} × {}".format(*photo.size),
        )
    reduced, opacity = (quality.box_reduce(pixels, scale) for pixels in (enlarged.pixels[0], alpha_or_opaque(enlarged)))
    again = narrow(reduced)
    found: dict[str, Any] = {} if own is None or min(photo.size) < TELLING else examine_own(photo, own)
    seen = take_faint_from(again, photo)
    small = seen.rgb
    nearest = find_meaning(seen, again)
    behind = find_background(small)
    counted = behind if photo.lossy else quality.find_white(small)
    off = np.abs(again.astype(np.int16) - nearest)
    difference = quality.delta_e(nearest, again)
    alpha = int(np.abs(narrow(opacity).astype(np.int16) - narrow(alpha_or_opaque(photo))).max())
    found |= {
        "largest": int(off.max()),
        "lr_psnr": quality.lr_psnr(nearest, again),
        "delta_e": float(difference.mean()),
        "cast": quality.cast(nearest, again),
        "white_kept": quality.white_kept(small[counted][None], again[counted][None]),
        "shift": float(np.hypot(*quality.shift(nearest, again))),
        "alpha": alpha,
    }
    detail = measure_detail(enlarged.rgb, bleed(photo), scale, None if photo.alpha is None else photo.alpha == 0)
    visible = ~behind if photo.alpha is None else ~behind & (photo.alpha > 0)
    found |= {
        "new_detail": new_detail(detail),
        "pixel_order": pixel_order(detail),
        "pair_order": pair_order(detail) if min(photo.size) >= MOVING else None,
        "repeated": detail.repeated,
        "colour_noise": colour_noise(detail, visible),
        "grain": grain(detail, visible),
    }
    sentences = SENTENCES | ({"largest": NOT_LOCKED} if faithful == "off" else {})
    return Report(
        scale=scale,
        size=enlarged.size,
        faithful=faithful,
        noise=photo.noise,
        exact=np.array_equal(small, again) and alpha == 0 and is_same_in_depth(photo, reduced, opacity),
        pixels_lr_psnr=quality.lr_psnr(small, again),
        mean=float(off.mean()),
        delta_e_95=float(np.percentile(difference, 95)),
        pure_white=float(counted.mean()),
        checks=tuple(
            Check(name, found[name], limit, sentences[name])
            for name, limit in limits(faithful, photo.lossy).items()
            if found.get(name) is not None
            and (name != "new_detail" or detail.new.mean() > GRAIN**2)  # of nearly nothing, any share is nothing
        ),
        added=detail.new,
        **found,
    )


def examine_own(photo: Photo, own: np.ndarray) -> dict[str, float]:
    """The figures of what the network itself made, `own` as `Result.own`, as Report has them."""
    seen = take_faint_from(own, photo)
    nearest, white = find_meaning(seen, own), own[find_background(seen.rgb)]
    darkened = float(255 - white.mean()) if len(white) >= TELLING else 0.0
    found = {
        "own_lr_psnr": quality.lr_psnr(nearest, own),
        "own_delta_e": float(quality.delta_e(nearest, own).mean()),
        "own_cast": max(quality.common_cast(nearest, own), darkened),
    }
    return found if min(photo.size) < MOVING else found | {"own_shift": float(np.hypot(*quality.shift(nearest, own)))}


def alpha_or_opaque(photo: Photo) -> np.ndarray:
    """uint8 or uint16 (H, W, 1): alpha, opaque where there is none."""
    rgb, alpha = photo.pixels
    return np.full((*rgb.shape[:2], 1), white_of(rgb), rgb.dtype) if alpha is None else alpha[:, :, None]


def is_same_in_depth(photo: Photo, reduced: np.ndarray, opacity: np.ndarray) -> bool:
    """Whether a result reduced again is the photo to the last of 16 bits, where both have them; there is nothing to ask where not.

    `reduced` is its colours (H, W, 3), `opacity` (H, W, 1). Colours that transparency hides do not count.
    """
    if photo.deep is None or reduced.dtype == np.uint8:
        return True
    same = (photo.deep.rgb == reduced).all(2)
    hidden = same if photo.alpha is None else same | (photo.alpha < FAINT)
    return bool(hidden.all()) and np.array_equal(alpha_or_opaque(photo), opacity)


def disagreement(photo: Photo, result: Result) -> float | None:
    """`Report.disagreement`; None where the result is of neither CNN nor GAN, or the other one's weights are not available."""
    scale, family = result.entry.net.scale, OTHER_FAMILY.get(result.entry.family)
    if family is None:
        return None
    top, left = quality.find_busiest(bleed(photo), SAMPLE)
    rows, columns = slice(top, top + SAMPLE), slice(left, left + SAMPLE)
    other = find(family, scale, noise=photo.noise).id
    try:
        second = upscale(photo.part(rows, columns), scale=scale, model=other, faithful=result.faithful, device=result.device).photo
    except WeightsError:  # of the other one: the result stands without it
        return None
    factor = result.photo.size[0] // photo.size[0]
    first = result.photo.rgb[top * factor :, left * factor :][: SAMPLE * factor, : SAMPLE * factor]
    difference = quality.box_reduce(first, factor // scale) @ quality.STUDIO_LUMA - second.rgb @ quality.STUDIO_LUMA
    return float(np.sqrt(np.square(difference if second.alpha is None else difference[second.alpha > 0]).mean()))
