"""Where another shot of the same thing lies on the first one, to a fraction of a pixel.

Phase correlation (Kuglin & Hines, 1975) finds the shift, for some turns and zooms; the rest is inverse compositional Lucas–Kanade (Baker &
Matthews, IJCV 2004), each pixel weighed by how well it fits, for an affine map and, where that explains clearly more, a homography.
"""

import math
from itertools import product
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from sr_models.windows import mean_around

COARSE = 160  # pixels: longest side at which the shift is found
FINER = 3  # how much larger the pictures are from one level to the next
TURNS, ZOOMS = (0.0, -3.0, 3.0, -6.0, 6.0), (1.0, 0.93, 1.07)  # degrees, factors: what the shift is tried with
POINTS = 150_000  # pixels that are compared at a level, at most
ROUNDS = 12  # of Lucas–Kanade at a level, at most
ENOUGH = 0.002  # pixels: a smaller step ends a level
LEAST = 0.1 / 255  # of the σ of what does not fit
EARNED = 0.97  # a homography has to lower the cost of the affine map to this share


class Grey(NamedTuple):
    """A picture at one level, (1, 1, H, W), slightly blurred: its finest detail is aliasing, which does not move with the picture."""

    picture: Tensor

    @classmethod
    def of(cls, rgb: Tensor, factor: float) -> "Grey":
        """rgb (1, 3, H, W) reduced to the share `factor` of its size."""
        grey = rgb.mean(1, keepdim=True)
        if factor < 1:
            size = [max(8, round(length * factor)) for length in grey.shape[2:]]
            grey = F.interpolate(grey, size=size, mode="bilinear", antialias=True, align_corners=False)
        return cls(mean_around(grey, 3))

    @property
    def half(self) -> Tensor:
        """(2,): half the width and height."""
        return torch.tensor([self.picture.shape[3], self.picture.shape[2]]) / 2

    def at(self, points: Tensor) -> Tensor:
        """(P,): values at points (P, 2), each coordinate from −1 to 1 over the picture."""
        return F.grid_sample(self.picture, points[None, None], "bicubic", "border", align_corners=False)[0, 0, 0]


def register(shot: Tensor, reference: Tensor) -> Tensor:
    """Both (1, 3, H, W) float32 in [0, 1], their sizes may differ → (3, 3) float32: from places on the reference to those on the shot.

    Places are (x, y, 1) in pixels from the centre of each picture. It is the best map found, which may mean nothing: see `align.fit`.
    """
    longest = max(reference.shape[2:])
    factors = [min(1.0, COARSE / longest)]
    while factors[-1] < 1:
        factors.append(min(1.0, factors[-1] * FINER))
    levels = [(Grey.of(shot, factor), Grey.of(reference, factor)) for factor in factors]
    warp = find_shift(*levels[0])
    for level in levels:
        warp = refine(warp, *level, free=6)
    better = refine(warp, *levels[-1], free=8)
    if compare(warp, better, *levels[-1]) < EARNED:
        warp = better
    to_shot, from_reference = (torch.diag(F.pad(half, (0, 1), value=1.0)) for half in (levels[-1][0].half, 1 / levels[-1][1].half))
    warp = to_shot @ warp @ from_reference
    return warp / warp[2, 2]


def find_shift(shot: Grey, reference: Grey) -> Tensor:
    """(3, 3), between coordinates from −1 to 1: the turn, zoom and shift, of those that are tried, that correlate best."""
    height, width = reference.picture.shape[2:]
    window = torch.hann_window(height, periodic=False)[:, None] * torch.hann_window(width, periodic=False)
    to_shot, from_reference = torch.diag(F.pad(1 / shot.half, (0, 1), value=1.0)), torch.diag(F.pad(reference.half, (0, 1), value=1.0))
    tried = []
    for turn, zoom in product(TURNS, ZOOMS):
        across, along = zoom * math.cos(math.radians(turn)), zoom * math.sin(math.radians(turn))
        tried.append(torch.tensor([[across, -along, 0.0], [along, across, 0.0], [0.0, 0.0, 1.0]]))
    maps = torch.stack(tried)
    points = grid_of(height, width)
    seen = torch.stack([shot.at(move(points, to_shot @ each @ from_reference)).reshape(height, width) for each in maps])
    spectra, wanted = (torch.fft.rfft2((p - p.mean((-2, -1), keepdim=True)) * window) for p in (seen, reference.picture[0, 0]))
    cross = spectra * wanted.conj()
    peaks = torch.fft.irfft2(cross / cross.abs().clamp_min(1e-9), s=(height, width)).flatten(1)
    best = int(peaks.amax(1).argmax())
    down, right = divmod(int(peaks[best].argmax()), width)
    shift = torch.eye(3)
    shift[0, 2] = right - width if right > width // 2 else right
    shift[1, 2] = down - height if down > height // 2 else down
    return to_shot @ maps[best] @ shift @ from_reference


def grid_of(height: int, width: int) -> Tensor:
    """(H·W, 2): the centres of all pixels, (x, y) from −1 to 1."""
    y, x = ((torch.arange(length) + 0.5) * 2 / length - 1 for length in (height, width))
    return torch.stack(torch.meshgrid(y, x, indexing="ij")[::-1], -1).reshape(-1, 2)


def move(points: Tensor, warp: Tensor) -> Tensor:
    """points (…, 2) → where `warp` (3, 3) leads them."""
    there = F.pad(points, (0, 1), value=1.0) @ warp.T
    return there[..., :2] / there[..., 2:]


def choose_points(reference: Grey) -> tuple[Tensor, Tensor]:
    """(P, 2) and (P, 2): places of the reference that are not flat, and the gradient there, per unit of the coordinates."""
    picture = reference.picture
    right, down = (F.conv2d(F.pad(picture, (1, 1, 1, 1), mode="replicate"), kernel) / 2 for kernel in (DIFFERENCE, DIFFERENCE.mT))
    gradient = torch.stack([right.flatten(), down.flatten()], 1) * reference.half
    strength = gradient.square().sum(1)
    chosen = (strength >= strength.median()).nonzero()[:, 0]
    chosen = chosen[:: max(1, len(chosen) // POINTS)]
    return grid_of(*picture.shape[2:])[chosen], gradient[chosen]


DIFFERENCE = torch.tensor([[0.0, 0, 0], [-1, 0, 1], [0, 0, 0]])[None, None]


def refine(warp: Tensor, shot: Grey, reference: Grey, free: int) -> Tensor:
    """A better map, of 6 numbers (affine) or 8; gain and offset of the exposure are found beside it."""
    points, gradient = choose_points(reference)
    x, y = points.unbind(1)
    right, down = gradient.unbind(1)
    moved = [right * x, right * y, right, down * x, down * y, down]
    if free == 8:
        towards = right * x + down * y
        moved += [-x * towards, -y * towards]
    slopes, wanted = torch.stack(moved, 1), reference.at(points)
    corners = torch.tensor([[-1.0, -1], [1, -1], [-1, 1], [1, 1]])
    for _ in range(ROUNDS):
        there = move(points, warp)
        inside = (there.abs() < 1).all(1)
        if inside.sum() < 4 * free:
            return warp
        values = shot.at(there[inside])
        known = torch.cat([values[:, None], torch.ones_like(values)[:, None], -slopes[inside]], 1).double()
        found = solve_robustly(known, wanted[inside].double())
        change = torch.eye(3, dtype=torch.float64)
        change.view(-1)[:free] += found[2:]
        new = (warp.double() @ torch.linalg.inv(change)).float()
        step = ((move(corners, new) - move(corners, warp)) * shot.half).norm(dim=1).max()
        if not step.isfinite():
            return warp
        warp = new / new[2, 2]
        if step < ENOUGH:
            break
    return warp


def solve_robustly(known: Tensor, wanted: Tensor) -> Tensor:
    """Least squares of known (P, k) · found = wanted (P,), the weights 1 / (1 + (e / 3σ)²) taken from an unweighted start."""
    weight = torch.ones_like(wanted)
    found = wanted.new_zeros(known.shape[1])
    found[0] = 1
    for _ in range(2):
        error = wanted - known @ found
        weight = weigh(error, spread(error).clamp_min(LEAST))
        normal = known.T @ (weight[:, None] * known)
        normal.diagonal().add_(1e-9 * normal.diagonal().mean() + 1e-12)
        found = torch.linalg.solve(normal, known.T @ (weight * wanted))
    return found


def spread(error: Tensor) -> Tensor:
    """σ of errors of which fewer than half are outliers."""
    return 1.4826 * error.abs().median()


def weigh(error: Tensor, sigma: Tensor) -> Tensor:
    """1 / (1 + (e / 3σ)²): the weight of a Cauchy error."""
    return 1 / (1 + (error / (3 * sigma)).square())


def compare(warp: Tensor, other: Tensor, shot: Grey, reference: Grey) -> float:
    """The cost of `other` over that of `warp`, where both maps lie on the shot: mean log(1 + (e / 3σ)²)."""
    points, _ = choose_points(reference)
    there, elsewhere = move(points, warp), move(points, other)
    inside = (there.abs() < 1).all(1) & (elsewhere.abs() < 1).all(1)
    if not inside.any():
        return 1.0
    wanted = reference.at(points[inside])
    errors = []
    for places in (there, elsewhere):
        values = shot.at(places[inside])
        known = torch.stack([values, torch.ones_like(values)], 1).double()
        found = solve_robustly(known, wanted.double())
        errors.append(wanted.double() - known @ found)
    sigma = spread(errors[0]).clamp_min(LEAST)
    before, after = ((-weigh(error, sigma).log()).mean() for error in errors)
    return float(after / before.clamp_min(1e-12))
