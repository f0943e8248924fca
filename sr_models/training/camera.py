"""Series of shots to learn from: other kernels, other orders and other ranges than those of `burst.py`, which is for measuring."""

import io
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from sr_models.figures.matlab import shrink
from sr_models.windows import mean_around

SHIFT, TURN, ZOOM = 3.0, 1.2, 0.012  # small pixels, degrees, share: of a shot, at most
FOREIGN, MOVED, EXPOSED = 0.15, 0.1, 0.2  # of the other shots: of something else, with a part that has moved, with another exposure
COPIED = 0.06  # of the other shots: the first one, saved again
LUMA = (0.3, 0.59, 0.11)
AHEAD = ((0, 0, -1, 0, 0), (0, 0, 2, 0, 0), (-1, 2, 4, 2, -1), (0, 0, 2, 0, 0), (0, 0, -1, 0, 0))
ALONG = ((0, 0, 0.5, 0, 0), (0, -1, 0, -1, 0), (-1, 4, 5, 4, -1), (0, -1, 0, -1, 0), (0, 0, 0.5, 0, 0))
ACROSS = ((0, 0, -1.5, 0, 0), (0, 2, 0, 2, 0), (-1.5, 0, 6, 0, -1.5), (0, 2, 0, 2, 0), (0, 0, -1.5, 0, 0))
"""Eighths: Malvar et al., "High-quality linear interpolation for demosaicing", ICASSP 2004."""


class Camera(NamedTuple):
    """What all shots of a series have in common."""

    optics: str
    blur: float
    power: float
    mosaic: bool
    correction: float
    noise: float
    tone: float
    grain: tuple[float, float]
    chroma: float
    soften: float
    denoise: float
    sharpen: tuple[float, float]
    quality: int
    subsampling: int

    @classmethod
    def draw(cls, random: np.random.Generator) -> "Camera":
        return cls(
            optics=str(random.choice(["gauss", "bicubic", "triangle"], p=[0.6, 0.2, 0.2])),
            blur=random.uniform(0.2, 0.7),
            power=float(random.choice([1.0, 2.0])),
            mosaic=random.random() < 0.6,
            correction=random.uniform(0, 1),
            noise=float(np.exp(random.uniform(np.log(0.7), np.log(12)))) / 255,
            tone=random.uniform(-0.5, 0.5),
            grain=(random.uniform(0.3, 0.9), random.uniform(0.5, 1.8)),
            chroma=random.uniform(0.3, 1.2),
            soften=random.uniform(0.3, 0.65) if random.random() < 0.6 else 0.0,
            denoise=random.uniform(0.2, 1.5) if random.random() < 0.5 else 0.0,
            sharpen=(random.uniform(0.6, 1.4), random.uniform(0, 1.2)),
            quality=int(random.integers(75, 101)),
            subsampling=2 if random.random() < 0.7 else 0,
        )


def blur(x: Tensor, sigma: float) -> Tensor:
    """x (N, C, H, W), by a Gaussian; its border is mirrored."""
    reach = max(1, round(3 * sigma))
    line = torch.exp(-torch.arange(-reach, reach + 1).float().square() / (2 * sigma**2))
    line = (line / line.sum()).expand(x.shape[1], 1, 1, -1)
    x = F.conv2d(F.pad(x, (reach, reach, 0, 0), mode="reflect"), line, groups=x.shape[1])
    return F.conv2d(F.pad(x, (0, 0, reach, reach), mode="reflect"), line.mT, groups=x.shape[1])


def view(scene: Tensor, back: Tensor, side: int, scale: int) -> Tensor:
    """scene (1, 3, S, S), S > side·scale → (1, 3, side·scale, side·scale); `back` leads from the shot to the scene, in small pixels."""
    line = (torch.arange(side * scale, dtype=torch.float32) - (side * scale - 1) / 2) / scale
    points = torch.stack([*torch.meshgrid(line, line, indexing="xy"), torch.ones(side * scale, side * scale)], -1)
    there = (points @ back.T)[..., :2] * scale / (scene.shape[-1] / 2)
    return F.grid_sample(scene, there[None], "bicubic", "reflection", align_corners=False).clamp(0, 1)


def reduce(large: Tensor, scale: int, camera: Camera) -> Tensor:
    light = large**camera.power
    if camera.optics == "gauss":
        light = blur(light, camera.blur * scale)
        start = (scale - 1) // 2
        wide = scale - 2 * start
        small = torch.stack([light[..., start + y :: scale, start + x :: scale] for y in range(wide) for x in range(wide)]).mean(0)
    elif camera.optics == "bicubic":
        small = shrink(light * 255, scale) / 255
    else:
        small = F.interpolate(light, scale_factor=1 / scale, mode="bilinear", antialias=True, align_corners=False)
    return small.clamp(0, 1) ** (1 / camera.power)


def demosaic(raw: Tensor, seen: Tensor, correction: float) -> Tensor:
    """raw (1, 1, H, W), seen (3, H, W): which colour each pixel saw, blue, green / green, red → (1, 3, H, W).

    `correction` in [0, 1]: how much of what Malvar et al. add to the mean of the nearest pixels of a colour.
    """
    kernels = torch.tensor([AHEAD, ALONG, ACROSS]).float() / 8
    nearest = F.pad(kernels[:, 1:-1, 1:-1].clamp_min(0), (1, 1, 1, 1))
    nearest[:, 2, 2] = 0
    kernels = nearest.lerp(kernels, correction)
    kernels = torch.stack([kernels[0], kernels[1], kernels[1].T, kernels[2]])[:, None]
    ahead, along, down, across = F.conv2d(F.pad(raw, (2, 2, 2, 2), mode="reflect"), kernels)[0]
    red, green, blue = seen.bool()
    with_red = (red.any(1, keepdim=True)).expand_as(red)
    itself = raw[0, 0]
    r = torch.where(red, itself, torch.where(blue, across, torch.where(with_red, along, down)))
    b = torch.where(blue, itself, torch.where(red, across, torch.where(with_red, down, along)))
    return torch.stack([r, torch.where(green, itself, ahead), b])[None]


def take(small: Tensor, camera: Camera, random: np.random.Generator) -> np.ndarray:
    """small (1, 3, H, W) in [0, 1], without noise → uint8 (H, W, 3), out of a JPEG."""
    height, width = small.shape[2:]

    def grain(channels: int) -> Tensor:
        return torch.from_numpy(random.normal(0, 1, (1, channels, height, width))).float()

    luma = torch.tensor(LUMA)[:, None, None]
    strength = camera.noise * ((small + 0.1) / 0.6) ** camera.tone
    if camera.mosaic:
        y, x = torch.meshgrid(torch.arange(height) % 2, torch.arange(width) % 2, indexing="ij")
        seen = torch.stack([(y == 1) & (x == 1), y != x, (y == 0) & (x == 0)]).float()
        raw = ((small + strength * grain(3)) * seen).sum(1, keepdim=True)
        small = demosaic(raw, seen, camera.correction)
    else:
        fine, coarse = blur(grain(1), camera.grain[0]), blur(grain(3), camera.grain[1])
        coarse = coarse - coarse.mean(1, keepdim=True)
        small = small + 0.6 * strength * (fine / fine.std() + camera.chroma * coarse / coarse.std())
    brightness = (small * luma).sum(1, keepdim=True)
    small = brightness + blur(small - brightness, 0.4 + 0.6 * camera.chroma)
    if camera.soften:
        small = blur(small, camera.soften)
    if camera.denoise:
        variance = (mean_around(brightness.square(), 5) - mean_around(brightness, 5).square()).clamp_min(0)
        calm = blur(small, 1.0)
        small = calm + (small - calm) * (variance / (variance + camera.denoise * camera.noise**2))
    small = small + camera.sharpen[1] * (small - blur(small, camera.sharpen[0]))
    levels = (small.clamp(0, 1)[0] * 255).round().byte().permute(1, 2, 0).numpy()
    return save(levels, camera.quality, camera.subsampling)


def save(rgb: np.ndarray, quality: int, subsampling: int) -> np.ndarray:
    """uint8 (H, W, 3) → the same, out of a JPEG."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=quality, subsampling=subsampling)
    return np.array(Image.open(file))


def save_again(rgb: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return save(rgb, int(random.integers(80, 99)), int(random.choice([0, 2])))


def draw_pose(random: np.random.Generator) -> Tensor:
    """(3, 3): from places on the first shot to those on another."""
    turn, zoom = np.deg2rad(random.normal(0, TURN / 2)), 1 + random.normal(0, ZOOM / 2)
    along, across = zoom * np.cos(turn), zoom * np.sin(turn)
    right, down = random.uniform(-SHIFT, SHIFT, 2)
    return torch.tensor([[along, -across, right], [across, along, down], [0, 0, 1]]).float()


def move_part(large: Tensor, scale: int, random: np.random.Generator) -> Tensor:
    """A rectangle shows what lies some pixels beside it."""
    side = large.shape[-1]
    (top, left), (height, width) = random.integers(0, side * 3 // 4, 2), random.integers(side // 6, side // 2, 2)
    by = tuple(int(step) for step in random.integers(3, 9, 2) * scale)
    moved = large.clone()
    moved[..., top : top + height, left : left + width] = large.roll(by, (2, 3))[..., top : top + height, left : left + width]
    return moved
