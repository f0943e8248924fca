"""Other shots of the same thing on the grid of the first photo, the reference: which of them fit, and what they show beyond it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from sr_models.photo import Note, white_of
from sr_models.stages.register import register, solve_robustly
from sr_models.windows import mean_around, smallest

PLACES = ((0.0, 0.0), (0.0, 0.5), (0.5, 0.0), (0.5, 0.5))
"""(y, x) in pixels, from the centre of each pixel of the reference: where a shot is sampled, so that its own grid is not lost."""
AROUND = 5  # pixels: side of the window over which shot and reference are compared: noise and aliasing cancel in it
CALM, EDGE = 1.5 / 255, 0.1  # σ of that comparison: this much, and this share of the contrast of the window
LEAST_OVERLAP, LEAST_AGREEMENT = 0.6, 0.5  # of a shot that is used
STILL = 0.1  # pixels: a copy lies on its original as closely as this, but for a shift by whole pixels
NOTHING = 2.5 / 255  # nine in ten of the differences between copies are smaller
ELSEWHERE = "It shows only {percent} % of the first photo; {least} % are needed."
FOREIGN = "It shows something else, or another side of it, than the first photo."
COPY = "It brings no new information: it is a copy of a photo that is used already."


@dataclass(frozen=True)
class Aligned:
    """A shot, and how it lies on the reference."""

    rgb: np.ndarray
    """uint8 or uint16 (h, w, 3)."""
    warp: Tensor = field(default_factory=lambda: torch.eye(3))
    """(3, 3), as `register` gives it."""
    gain: Tensor = field(default_factory=lambda: torch.ones(3))
    """(3,), with `offset` what makes its levels those of the reference: gain · level + offset, levels as shares of the highest."""
    offset: Tensor = field(default_factory=lambda: torch.zeros(3))
    """(3,)"""

    def at(self, grid: Tensor) -> tuple[Tensor, Tensor]:
        """(the shot at the PLACES of `grid`, (1, 12, H, W); where it shows them, (1, 1, H, W)), in the exposure of the reference."""
        there = move_grid(grid, self.warp[None].to(grid))[0]
        height, width = self.rgb.shape[:2]
        half = torch.tensor([width, height], device=grid.device) / 2
        inside = (there.abs() < half - 0.5).all(-1)[None, None].float()
        lowest, highest = there.flatten(0, 1).amin(0), there.flatten(0, 1).amax(0)
        left, top = (max(0, int(low)) for low in lowest + half - MARGIN)
        right, bottom = (int(high) for high in highest + half + MARGIN)
        part = np.ascontiguousarray(self.rgb[top : max(bottom, top + 1), left : max(right, left + 1)])
        if not part.size:
            return grid.new_zeros(1, 12, *grid.shape[:2]), torch.zeros_like(inside)
        shift = torch.eye(3, device=grid.device)
        shift[:2, 2] = half - torch.tensor([left + part.shape[1] / 2, top + part.shape[0] / 2], device=grid.device)
        seen = sample(as_tensor(part).to(grid), (shift @ self.warp.to(grid))[None], grid)
        return seen * self.gain.to(grid).repeat(4)[:, None, None] + self.offset.to(grid).repeat(4)[:, None, None], inside


MARGIN = 4  # pixels of a shot beyond the places that are asked for: the cubic kernel, and half a pixel more


def as_tensor(rgb: np.ndarray) -> Tensor:
    """uint8 or uint16 (H, W, 3) → float32 (1, 3, H, W) in [0, 1]."""
    return torch.from_numpy(rgb.astype(np.float32)).permute(2, 0, 1)[None] / white_of(rgb)


def centred(height: int, width: int) -> Tensor:
    """(H, W, 2): the centre of each pixel, (x, y) from the centre of the picture."""
    y, x = (torch.arange(length, dtype=torch.float32) - (length - 1) / 2 for length in (height, width))
    return torch.stack(torch.meshgrid(y, x, indexing="ij")[::-1], -1)


def move_grid(grid: Tensor, warp: Tensor) -> Tensor:
    """grid (H, W, 2), warp (N, 3, 3) → (N, H, W, 2)."""
    there = F.pad(grid, (0, 1), value=1.0).reshape(-1, 3) @ warp.mT
    return (there[..., :2] / there[..., 2:]).reshape(len(warp), *grid.shape)


def sample(shot: Tensor, warp: Tensor, grid: Tensor) -> Tensor:
    """shot (N, 3, h, w) → (N, 12, H, W): at the four PLACES of each pixel of `grid` (H, W, 2), cubic interpolation.

    warp (N, 3, 3) leads from (x, y, 1) of the reference to those of the shot, in pixels from the centre of either picture.
    """
    half = torch.tensor([shot.shape[3], shot.shape[2]], device=shot.device) / 2
    found = []
    for down, right in PLACES:
        there = move_grid(grid + torch.tensor([right, down], device=shot.device), warp)
        found.append(F.grid_sample(shot, there / half, "bicubic", "border", align_corners=False))
    return torch.cat(found, 1)


def measure_agreement(shot: Tensor, reference: Tensor) -> Tensor:
    """Both (N, 3, H, W), aligned → (N, 1, H, W): 1 / (1 + (e / 3σ)²), the least of the surroundings.

    e is the largest difference of the channels in the mean of a window, σ what noise and sampling explain of it.
    """
    error = mean_around(shot - reference, AROUND).abs().amax(1, keepdim=True)
    return smallest(1 / (1 + (error / (3 * (CALM + EDGE * measure_contrast(reference)))).square()), AROUND)


def measure_contrast(rgb: Tensor) -> Tensor:
    """(N, 3, H, W) → (N, 1, H, W): standard deviation of the brightness in the window around."""
    grey = rgb.mean(1, keepdim=True)
    return (mean_around(grey.square(), AROUND) - mean_around(grey, AROUND).square()).clamp_min(0).sqrt()


def tell_news(shot: Tensor, reference: Tensor, inside: Tensor) -> Tensor:
    """shot, reference (N, 12, H, W) from `sample`, inside (N, 1, H, W): 1 where the shot shows the place → (N, 13, H, W).

    As `nets.RecurrentNetwork` takes it.
    """
    believed = inside * measure_agreement(shot[:, :3], reference[:, :3])
    return torch.cat([believed * (shot - reference), believed], 1)


def align(reference: np.ndarray, others: Sequence[np.ndarray]) -> list[Aligned | Note]:
    """Each of the others as it lies on the reference, or why it is left out; all (H, W, 3), uint8 or uint16."""
    used, found = [Aligned(reference)], []
    for rgb in others:
        shot = fit(rgb, reference)
        if isinstance(shot, Aligned) and any(is_copy(shot, other) for other in used):
            shot = Note(COPY)
        if isinstance(shot, Aligned):
            used.append(shot)
        found.append(shot)
    return found


def fit(rgb: np.ndarray, reference: np.ndarray) -> Aligned | Note:
    """A shot as it lies on the reference, or why it doesn't."""
    first, grid = as_tensor(reference), centred(*reference.shape[:2])
    shot = Aligned(rgb, register(as_tensor(rgb), first))
    seen, inside = shot.at(grid)
    overlap = inside.mean().item()
    if overlap < LEAST_OVERLAP:
        return Note(ELSEWHERE, {"percent": round(100 * overlap), "least": round(100 * LEAST_OVERLAP)})
    seen = seen[:, :3]
    exposures = [match(*(picture[0, channel][inside[0, 0] > 0] for picture in (seen, first))) for channel in range(3)]
    gain, offset = torch.tensor(exposures).T
    seen = seen * gain[:, None, None] + offset[:, None, None]
    busy = inside * (torch.maximum(measure_contrast(seen), measure_contrast(first)) > 2 * CALM)
    agreement = (measure_agreement(seen, first) * busy).sum() / busy.sum().clamp_min(1)
    if busy.any() and agreement < LEAST_AGREEMENT:
        return Note(FOREIGN)
    return Aligned(rgb, shot.warp, gain, offset)


def match(levels: Tensor, wanted: Tensor) -> tuple[float, float]:
    """(gain, offset) that bring `levels` (P,) closest to `wanted`, but for what does not fit at all."""
    every = max(1, len(levels) // 50_000)
    known = torch.stack([levels[::every], torch.ones_like(levels[::every])], 1).double()
    gain, offset = solve_robustly(known, wanted[::every].double()).tolist()
    return gain, offset


def is_copy(shot: Aligned, other: Aligned) -> bool:
    """Whether one is the other, maybe cut or saved again: it lies on it without any motion of a camera, and differs by next to nothing."""
    leads = shot.warp @ torch.linalg.inv(other.warp)
    height, width = other.rgb.shape[:2]
    corners = torch.tensor([[[-width, -height], [width, -height]], [[-width, height], [width, height]]]) / 2
    parity = torch.tensor([(shot.rgb.shape[1] - width) % 2, (shot.rgb.shape[0] - height) % 2]) / 2
    moved = move_grid(corners, leads[None])[0] - corners - parity
    whole = moved.mean((0, 1)).round()
    if (moved - whole).abs().max() > STILL:
        return False
    exact = torch.eye(3)
    exact[:2, 2] = whole + parity
    seen, inside = Aligned(shot.rgb, exact, shot.gain / other.gain, (shot.offset - other.offset) / other.gain).at(centred(height, width))
    original, copied = as_tensor(other.rgb), seen[:, :3]
    shown = inside[0, 0] > 0
    return bool((original - copied).abs().amax(1)[0][shown].quantile(0.9) < NOTHING)
