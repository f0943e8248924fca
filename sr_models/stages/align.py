"""Other shots of the same thing on the grid of the photo: which of them fit, how they lie on it, and how far each is believed where."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from sr_models.photo import Note, white_of
from sr_models.stages.register import move, register, solve_robustly
from sr_models.windows import mean_around, smallest

AROUND = 5  # pixels: side of the windows in which shot and photo are compared: noise and aliasing cancel in them
CALM, EDGE = 1.5 / 255, 0.1  # σ of that comparison: this much, and this share of the contrast of the window
CUBIC = 2  # pixels around a place that cubic interpolation looks at
WIDE = 9  # pixels: side of the windows whose least agreement counts
REACH = AROUND // 2 + WIDE // 2 + AROUND // 2  # pixels: farther away nothing decides how far a shot is believed in a place
LEAST_OVERLAP = 0.6  # of a shot that is used
LEAST_AGREEMENT = 0.65
"""Mean agreement that a used shot has where there is detail. 60 that fit had 0.7 and more; of 74 that do not fit, 64 had less."""
CONFIRMED = 0.5  # agreement from which on a shot confirms what the photo shows
STILL = 0.2  # pixels: a copy lies on its original as closely as this, but for a shift by whole pixels
PATCH, STEP = 11, 3  # pixels: side of the patches in which the noise of two shots is compared, and from one of them to the next
SEEN = 0.5 / 255  # standard deviation: fainter structure says nothing of noise
OWN_NOISE = 1.45
"""Two shots that lie on each other differ in 19 of 20 patches by less than so many times the variance of the rougher one, unless each has
its own noise: of 496 copies the highest had 1.41; of 28 pairs of shots with noise of 10 levels the lowest had 1.60."""
ELSEWHERE = "It shows only {percent} % of the photo; {least} % are needed."
FOREIGN = "It shows something else than the photo, or another side of it, or it was taken from much nearer or farther."
SOME_USED = (
    "{used} of {given} other shots were used: {some:.0%} of the detail is confirmed by at least one of them, {all:.0%} by every one."
)
ONE_USED = "{used} of {given} other shots was used: {some:.0%} of the detail is confirmed by it."
NONE_USED = "Of {given} other shots none could be used: the result is that of the photo alone."
COPY = "It brings no new information: it is a copy of the photo, or of a shot that is used already."


@dataclass(frozen=True)
class Aligned:
    """A shot, and how it lies on the photo."""

    rgb: np.ndarray
    """uint8 or uint16 (h, w, 3)."""
    warp: Tensor = field(default_factory=lambda: torch.eye(3))
    """(3, 3), as `register` gives it."""
    gain: Tensor = field(default_factory=lambda: torch.ones(3))
    """(3,), with `offset` what makes its levels those of the photo: gain · level + offset, levels as shares of the highest."""
    offset: Tensor = field(default_factory=lambda: torch.zeros(3))
    """(3,)"""

    def place(self, grid: Tensor) -> Tensor:
        """grid (H, W, 2), places on the photo from its centre → the same places on the shot, from the centre of that."""
        return move(grid, self.warp.to(grid))

    def count(self, grid: Tensor) -> Tensor:
        """As `place`, but from the centre of the first pixel of the shot."""
        return self.place(grid) + torch.tensor([self.rgb.shape[1] - 1, self.rgb.shape[0] - 1], device=grid.device) / 2

    def expose(self, rgb: Tensor) -> Tensor:
        """rgb (1, 3, H, W) of the shot, as shares of the highest level → in the exposure of the photo."""
        return rgb * self.gain.to(rgb)[:, None, None] + self.offset.to(rgb)[:, None, None]

    def cut(self, there: Tensor, margin: int) -> tuple[Tensor, Tensor]:
        """The part of the shot around all of its places `there` (H, W, 2), with `margin` pixels more on each side.

        → (float32 (1, 3, h, w) on the device of `there`, as shares of the highest level; its centre (2,), from that of the shot).
        """
        height, width = self.rgb.shape[:2]
        columns, rows = (
            find_span(axis.min().item() + length / 2 - margin, axis.max().item() + length / 2 + margin, length)
            for axis, length in zip(there.unbind(-1), (width, height), strict=True)
        )
        middle = torch.tensor([columns.start + columns.stop - width, rows.start + rows.stop - height], device=there.device) / 2
        return as_tensor(self.rgb[rows, columns]).to(there.device), middle

    def see(self, grid: Tensor) -> tuple[Tensor, Tensor]:
        """→ (the shot at places of the photo, (1, 3, H, W), in its exposure; 1 where it shows them, 0 elsewhere, (1, 1, H, W))."""
        there = self.place(grid)
        half = torch.tensor([self.rgb.shape[1], self.rgb.shape[0]], device=grid.device) / 2
        part, middle = self.cut(there, CUBIC)
        return self.expose(sample(part, there - middle)), (there.abs() < half - 0.5).all(-1)[None, None].float()

    def believe(self, photo: Tensor, grid: Tensor) -> Tensor:
        """photo (1, 3, H, W) at the places `grid` (H, W, 2) → (1, 1, H, W) in [0, 1]: the square of the least agreement around, softened.

        So what has moved leaves no ghost beside its edges: of ten series of two shots at 4×, the part that moved showed through by 0.9
        levels of 255 in the mean (99th percentile; worst 2.0); not squared, by 1.8 (4.3), for 0.05 to 0.07 dB more.
        """
        return mean_around(smallest(measure_agreement(*self.see(grid), photo), WIDE).square(), AROUND)


def find_span(lowest: float, highest: float, length: int) -> slice:
    """The pixels from `lowest` to `highest` of a row of `length`, and one at least."""
    first = min(max(0, math.floor(lowest)), length - 1)
    return slice(first, max(first + 1, min(length, math.ceil(highest))))


def as_tensor(rgb: np.ndarray) -> Tensor:
    """uint8 or uint16 (H, W, 3) → float32 (1, 3, H, W) in [0, 1]."""
    return torch.from_numpy(rgb.astype(np.float32)).permute(2, 0, 1)[None] / white_of(rgb)


def centred(height: int, width: int) -> Tensor:
    """(H, W, 2): the centre of each pixel, (x, y) from the centre of the picture."""
    y, x = (torch.arange(length, dtype=torch.float32) - (length - 1) / 2 for length in (height, width))
    return torch.stack(torch.meshgrid(y, x, indexing="ij")[::-1], -1)


def sample(picture: Tensor, there: Tensor) -> Tensor:
    """picture (1, 3, h, w) at places `there` (H, W, 2) from its centre → (1, 3, H, W), cubic interpolation; its border is repeated."""
    half = torch.tensor([picture.shape[3], picture.shape[2]], device=picture.device) / 2
    return F.grid_sample(picture, (there / half)[None], "bicubic", "border", align_corners=False)


def measure_agreement(shot: Tensor, shown: Tensor, photo: Tensor) -> Tensor:
    """shot, photo (1, 3, H, W), aligned; shown (1, 1, H, W): 1 where the shot shows the place → (1, 1, H, W) in [0, 1].

    It is 1 / (1 + (e / 4σ)⁶), and 0 where nothing is shown. e is the largest difference of the channels in the mean of a window, σ what
    noise and sampling explain of it: up to 4σ, it is ½ and more.
    """
    error = mean_around(shot - photo, AROUND).abs().amax(1, keepdim=True)
    return shown / (1 + (error / (4 * (CALM + EDGE * measure_contrast(photo)))).pow(6))


def measure_contrast(rgb: Tensor) -> Tensor:
    """(1, 3, H, W) → (1, 1, H, W): standard deviation of the brightness in the window around."""
    grey = rgb.mean(1, keepdim=True)
    return (mean_around(grey.square(), AROUND) - mean_around(grey, AROUND).square()).clamp_min(0).sqrt()


@dataclass(frozen=True)
class Shots:
    """Other shots of a photo's view, and what came of them."""

    found: tuple[Aligned | Note, ...]
    """Each of them as it lies on the photo, or why it was left out."""
    confirmed: tuple[float, ...]
    """For each number of shots from 1 to all that are used: the share of the photo's detail that at least so many confirm, 0 to 1."""

    @property
    def used(self) -> tuple[Aligned, ...]:
        return tuple(shot for shot in self.found if isinstance(shot, Aligned))

    @property
    def reasons(self) -> tuple[Note | None, ...]:
        """For each shot why it was left out; None where it was used."""
        return tuple(shot if isinstance(shot, Note) else None for shot in self.found)

    @property
    def note(self) -> Note:
        """How many were used, and how much they confirm."""
        used, given = len(self.used), len(self.found)
        if not used:
            return Note(NONE_USED, {"given": given})
        sentence = ONE_USED if used == 1 else SOME_USED
        return Note(sentence, {"used": used, "given": given, "some": self.confirmed[0], "all": self.confirmed[-1]})

    def as_json(self) -> dict[str, object]:
        """How many were given and used, why the others were not, by their number from 1 on, and what was confirmed."""
        left_out = [{"shot": number, "reason": str(reason)} for number, reason in enumerate(self.reasons, 1) if reason]
        confirmed = [round(share, 4) for share in self.confirmed]
        return {"given": len(self.found), "used": len(self.used), "left_out": left_out, "confirmed": confirmed}


def look_at_shots(photo: np.ndarray, others: Iterable[np.ndarray]) -> Shots:
    """All (H, W, 3), uint8 or uint16, in any size."""
    found = tuple(align(photo, others))
    used = [shot for shot in found if isinstance(shot, Aligned)]
    if not used:
        return Shots(found, ())
    first, grid = as_tensor(photo), centred(*photo.shape[:2])
    confirming = sum(((measure_agreement(*shot.see(grid), first) >= CONFIRMED).float() for shot in used), torch.zeros_like(first[:, :1]))
    detail = measure_contrast(first)
    shares = ((detail * (confirming >= number)).sum() / detail.sum().clamp_min(1e-9) for number in range(1, len(used) + 1))
    return Shots(found, tuple(share.item() for share in shares))


def align(photo: np.ndarray, others: Iterable[np.ndarray]) -> list[Aligned | Note]:
    """Each of the others as it lies on the photo, or why it is left out; all (H, W, 3), uint8 or uint16."""
    used, found = [Aligned(photo)], []
    for rgb in others:
        shot = fit(rgb, photo)
        if isinstance(shot, Aligned) and any(is_copy(shot, other) for other in used):
            shot = Note(COPY)
        if isinstance(shot, Aligned):
            used.append(shot)
        found.append(shot)
    return found


def fit(rgb: np.ndarray, photo: np.ndarray) -> Aligned | Note:
    """A shot as it lies on the photo, or why it doesn't."""
    first, grid = as_tensor(photo), centred(*photo.shape[:2])
    shot = Aligned(rgb, register(as_tensor(rgb), first))
    seen, inside = shot.see(grid)
    shown = inside[0, 0] > 0
    if not shown.any():
        return Note(FOREIGN)
    exposures = [match(seen[0, channel][shown], first[0, channel][shown]) for channel in range(3)]
    gain, offset = torch.tensor(exposures).T
    shot = Aligned(rgb, shot.warp, gain, offset)
    seen = shot.expose(seen)
    busy = inside * (torch.maximum(measure_contrast(seen), measure_contrast(first)) > 2 * CALM)
    agreement = (measure_agreement(seen, inside, first) * busy).sum() / busy.sum().clamp_min(1)
    if busy.any() and agreement < LEAST_AGREEMENT:
        return Note(FOREIGN)
    overlap = inside.mean().item()
    if overlap < LEAST_OVERLAP:
        return Note(ELSEWHERE, {"percent": round(100 * overlap), "least": round(100 * LEAST_OVERLAP)})
    return shot


def match(levels: Tensor, wanted: Tensor) -> tuple[float, float]:
    """(gain, offset) that bring `levels` (P,) closest to `wanted`, but for what does not fit at all."""
    every = max(1, len(levels) // 50_000)
    known = torch.stack([levels[::every], torch.ones_like(levels[::every])], 1).double()
    gain, offset = solve_robustly(known, wanted[::every].double()).tolist()
    return gain, offset


def is_copy(shot: Aligned, other: Aligned) -> bool:
    """Whether one is the other, maybe cut or saved again: it lies on it without any motion of a camera, and has the same noise."""
    leads = shot.warp @ torch.linalg.inv(other.warp)
    height, width = other.rgb.shape[:2]
    corners = torch.tensor([[[-width, -height], [width, -height]], [[-width, height], [width, height]]]) / 2
    parity = torch.tensor([(shot.rgb.shape[1] - width) % 2, (shot.rgb.shape[0] - height) % 2]) / 2
    moved = move(corners, leads) - corners - parity
    whole = moved.mean((0, 1)).round()
    if (moved - whole).abs().max() > STILL:
        return False
    exact = torch.eye(3)
    exact[:2, 2] = whole + parity
    lying = Aligned(shot.rgb, exact, shot.gain / other.gain, (shot.offset - other.offset) / other.gain)
    return not have_own_noise(*lying.see(centred(height, width)), as_tensor(other.rgb))


def have_own_noise(shot: Tensor, shown: Tensor, photo: Tensor) -> bool:
    """Whether each has its own noise; shot, photo (1, 3, H, W), one on the other, and shown (1, 1, H, W) as in `measure_agreement`.

    The fine structure of two shots differs, where the scene is calm, by as much as both have together. A copy that was saved again has the
    noise of its original, or has lost some: it differs by no more than the rougher of them has.
    """
    one, other = (grey - mean_around(grey, AROUND) for grey in (shot.mean(1, keepdim=True), photo.mean(1, keepdim=True)))
    side = min(PATCH, *photo.shape[2:])
    between, *own, whole = (F.avg_pool2d(x, side, STEP) for x in ((one - other).square(), one.square(), other.square(), shown))
    rougher = torch.maximum(*own)
    known = (between / rougher)[(whole == 1) & (rougher > SEEN**2)]
    return len(known) > 0 and bool(np.quantile(known, 0.95) > OWN_NOISE)
