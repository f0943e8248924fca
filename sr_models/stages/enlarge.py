"""One pass of a network over a photo: chooses weights and detail, enlarges colours and alpha, and applies the faithful mode."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np

from sr_models import catalog, weights
from sr_models.catalog import CLASSICS, Entry, NoWeights
from sr_models.device import Device, choose
from sr_models.ensemble import check_repeated, check_steps, share_steps
from sr_models.errors import Cancelled, ModelError, PhotoError
from sr_models.figures.quality import box_reduce
from sr_models.nets import has_dial
from sr_models.photo import Photo, Provenance, narrow, white_of
from sr_models.run import Progress, Question, enlarge_on_device, load_network_on, run
from sr_models.runners import make_runner
from sr_models.stages.align import Shots, look_at_shots
from sr_models.stages.alpha import bleed_deep, find_undecided, is_hard
from sr_models.stages.faithful import Faithful, check_faithful, make_faithful
from sr_models.stages.protect import find_writing
from sr_models.stages.size import MAX_OUTPUT_PIXELS
from sr_models.tiles import spans

DETAIL = 0.8
"""How much detail a network with a dial is asked for, unless told."""
MOST_SHOTS = 8
"""Other shots that are put together with a photo, at most."""
ALPHA_TILE = 128  # pixels: an outline passes through few tiles of this size


@dataclass(frozen=True)
class Result:
    photo: Photo
    entry: Entry
    faithful: Faithful
    detail: float | None
    """What the dial stood at, 0 to 1; None for a network without one."""
    device: Device
    seconds: float
    """Wall-clock time of the enlargement, without reading and writing files."""
    own: np.ndarray | None = field(default=None, repr=False, compare=False)
    """What the network itself made, before the faithful mode corrected it, reduced to the photo's size: uint8 (H, W, 3). None with "off",
    which corrects nothing, and for plain resampling, which is no network."""
    shots: Shots | None = field(default=None, repr=False, compare=False)
    """What came of the other shots; None where none were given."""
    steps: int = 1
    """How often the network looked at the photo, and at each of the shots."""
    fusion: Entry | None = None
    """The network that added to the mean of several shots; None where none did."""

    @property
    def networks(self) -> tuple[Entry, ...]:
        """All that were used."""
        return (self.entry, self.fusion) if self.fusion else (self.entry,)


def upscale(
    photo: Photo,
    others: Sequence[Photo] = (),
    *,
    scale: int = 4,
    model: str = "cnn",
    input: str = "auto",
    faithful: str = "colour",
    detail: float | None = None,
    steps: int = 1,
    protect: np.ndarray | None = None,
    fuse: bool = True,
    device: Device | None = None,
    progress: Progress = lambda done, total: None,
    cancelled: Question = lambda: False,
) -> Result:
    """Enlarge `photo` by `scale` with a model of the catalogue, given by its id or its family ("cnn", "gan", …).

    `others` are up to MOST_SHOTS other shots of the same view, which take noise out and confirm detail where they agree with `photo`; one
    that does not fit is left out (`Result.shots` says why). The faithful mode, size and transparency are those of `photo` alone.
    `input` is "clean", "web" (the photo went through lossy compression) or "auto" (as the file was); it decides between
    the weights of a family. `faithful` is "off", "colour" or "exact" (see faithful.py). `detail`, 0 to 1, is for networks with
    a dial (the GAN); none is drawn into writing and where `protect`, bool (H, W), is true. With `steps`, 1 to 8, a network that
    invents nothing looks as often at the photo: the fast CNN for clean photos by one that is trained for that (nets/recurrent.py), others
    at the photo turned or mirrored each time, and the mean is what they make (ensemble.py).
    Without `fuse`, no network adds to the mean of several shots, also where there is one for the model.
    `progress(done, total)` is called after each tile; `cancelled()` is asked before each.
    Raises ModelError, WeightsError, PhotoError (the result would be too large, or there are too many shots) and Cancelled.
    """
    begun = time.perf_counter()
    level = check_faithful(faithful)
    entry = weights.choose_entry(model, scale, input, photo.noise)
    check_others(len(others), entry)
    check_repeated(check_steps(steps), entry)
    entry, turns = share_steps(entry, steps)
    width, height = (side * scale for side in photo.size)
    if width * height > MAX_OUTPUT_PIXELS:
        raise PhotoError(
            "The result would have {width} × {height} pixels; up to {limit} megapixels are made. Choose a smaller scale or photo.",
            width=width,
            height=height,
            limit=MAX_OUTPUT_PIXELS // 1_000_000,
        )
    detail = check_detail(detail, entry)
    device = choose() if device is None or device.lent else device
    pixels, opacity = photo.pixels
    visible = bleed_deep(photo)
    places = None if detail is None else map_asked_detail(narrow(visible), detail, protect)
    shots = look_at_shots(visible, take_each(others, cancelled)) if others else None
    beside = shots.used if shots else ()
    fusion = catalog.find_fusion(entry) if fuse and beside else None
    rgb, used = run(make_runner(entry, visible, places, beside, fusion, turns), device, progress, cancelled)
    own = None if level == "off" or isinstance(entry.source, NoWeights) else narrow(box_reduce(rgb, scale))
    make_faithful(rgb, pixels if level == "exact" else visible, level, photo.quantisation)
    alpha = None
    if opacity is not None:
        alpha = enlarge_alpha(opacity, entry, device, cancelled)
        if level == "exact":  # not for "colour": a hard cut-out would get steps
            make_faithful(alpha[:, :, None], opacity[:, :, None], level)
            opaque = opacity == white_of(opacity)  # Pillow weighs colours by alpha where it reduces RGBA: here all alike
            alpha.reshape(opaque.shape[0], scale, opaque.shape[1], scale).transpose(0, 2, 1, 3)[opaque] = white_of(opacity)
    added = fusion and Provenance(fusion.id, weights.sha256_in_use(fusion))
    generative = entry.generative if detail is None else detail > 0
    made = Provenance(entry.id, weights.sha256_in_use(entry), generative, added, steps)
    enlarged = replace(photo, rgb=rgb, alpha=alpha, noise=0.0, coded=None, made=made)
    return Result(enlarged, entry, level, detail, used, time.perf_counter() - begun, own, shots, steps, fusion)


def take_each(others: Sequence[Photo], cancelled: Question) -> Iterator[np.ndarray]:
    """The pixels of each other shot, what is hidden in it bled. Raises Cancelled before one."""
    for other in others:
        if cancelled():
            raise Cancelled
        yield bleed_deep(other)


def check_others(count: int, entry: Entry) -> None:
    """Raises PhotoError where these are too many other shots, and ModelError where the model can make nothing of any."""
    check_shots(count)
    if count and entry.generative:
        raise ModelError(
            "“{model}” invents texture, of which no two shots would show the same. Choose cnn or cnn-fast, or give one photo alone.",
            model=entry.id,
        )


def check_shots(others: int) -> None:
    """Raises PhotoError where these are too many other shots."""
    if others > MOST_SHOTS:
        raise PhotoError("{count} other shots were given; up to {most} are put together. Give fewer.", count=others, most=MOST_SHOTS)


def check_detail(detail: float | None, entry: Entry) -> float | None:
    """The detail to use: `detail`, or DETAIL where None; None for a network without a dial. Raises ModelError for what is not possible."""
    if not has_dial(entry.net):
        if detail is None:
            return None
        raise ModelError("“{model}” has no detail dial. Choose gan, or leave the detail out.", model=entry.id)
    if detail is None:
        return DETAIL
    if not 0 <= detail <= 1:
        raise ModelError("A detail of {detail} is not offered. Give a number from 0 (as the photo) to 1 (crispest).", detail=detail)
    return float(detail)


def map_asked_detail(rgb: np.ndarray, detail: float, protect: np.ndarray | None) -> np.ndarray:
    """→ float32 (H, W) in [0, 1]: `detail`, but 0 on writing in `rgb`, uint8 (H, W, 3), and where `protect`, bool (H, W), is true."""
    if protect is not None and protect.shape != rgb.shape[:2]:
        raise PhotoError(
            "The protected places have {found} pixels, the photo {photo}. Mark them on the same photo.",
            found="{1} × {0}".format(*protect.shape),
            photo="{1} × {0}".format(*rgb.shape),
        )
    places = detail * (1 - find_writing(rgb))
    return places if protect is None else np.where(protect, 0, places).astype(np.float32)


def enlarge_alpha(alpha: np.ndarray, entry: Entry, device: Device, cancelled: Question) -> np.ndarray:
    """alpha, uint8 or uint16 (H, W) → (H·scale, W·scale), as a grey picture, by the fast CNN: an outline needs no more, and no texture.

    A cut-out without half-covered pixels (GIF, palettes) goes to bicubic: its steps are no shape that a network should sharpen.
    Only places with an edge pass through the network. Pixels that equal all their neighbours, hidden and opaque ones above all, keep
    their value in every pixel of their block; at an edge, hidden may become a little more and opaque a little less, on colours that were
    bled there.
    """
    scale = entry.net.scale
    if entry.family not in CLASSICS:  # these enlarge it by their own method, for comparison
        entry = catalog.find("bicubic" if is_hard(alpha) else "cnn-fast", scale, "clean")
    net = load_network_on(entry, device)
    result = alpha.repeat(scale, axis=0).repeat(scale, axis=1)
    open = find_undecided(alpha)
    halo = entry.net.halo
    for rows, columns in product(spans(alpha.shape[0], ALPHA_TILE, halo), spans(alpha.shape[1], ALPHA_TILE, halo)):
        here = open[rows.outer(), columns.outer()].repeat(scale, axis=0).repeat(scale, axis=1)
        if here.any():
            grey = np.repeat(alpha[rows.source, columns.source, None], 3, axis=2)
            rgb = enlarge_on_device(net, make_runner(entry, grey), device, lambda done, total: None, cancelled)
            enlarged = rgb.mean(2).round().astype(alpha.dtype)
            result[rows.outer(scale), columns.outer(scale)][here] = enlarged[rows.inner(scale), columns.inner(scale)][here]
    return result
