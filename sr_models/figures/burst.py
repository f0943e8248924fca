"""What a phone held in the hand makes of a scene: a series of photos to measure with. Nothing is trained on it.

A large photo is the scene. The hand moves between the shots, and a little while the rows of one are read out one after the other; a
sensor sees one colour a pixel, with noise; then follow demosaicing, a light denoising of the colours, sharpening and JPEG.
"""

import io
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from sr_models.profiles import decode_srgb, encode_srgb
from sr_models.stages.align import centred
from sr_models.stages.register import move

SHIFT, TURN, ZOOM = 3.0, 1.0, 0.01  # between shots, at most: pixels of a shot, degrees, share
ROLL = 0.15  # pixels: standard deviation of what the hand moves from the first row of a shot to the last
EDGE = 6  # pixels of a shot: border of the scene that no shot of the series is measured in
SHARPEN = 0.5
QUALITY = 90
NOISE = 3.0  # levels of 255, of a mid-grey pixel


class Burst(NamedTuple):
    original: np.ndarray
    """uint8 (H·scale, W·scale, 3), what the first shot shows."""
    shots: list[np.ndarray]
    """uint8 (H, W, 3) each."""
    warps: list[Tensor]
    """(3, 3) each: from places on the first shot to those on this one, in pixels from the centre; at the middle of the readout."""


def render_burst(scene: np.ndarray, scale: int, count: int, random: np.random.Generator, noise: float = NOISE) -> Burst:
    """scene uint8 (H, W, 3) → `count` shots of it, `scale` times as small; the first is without motion."""
    height, width = (length // (2 * scale) * 2 for length in scene.shape[:2])
    original = np.ascontiguousarray(scene[: height * scale, : width * scale])
    scene_light = torch.from_numpy(decode_srgb(original.astype(np.float32) / 255)).permute(2, 0, 1)[None]
    shots, warps = [], []
    for number in range(count):
        pose = torch.eye(3) if number == 0 else draw_pose(random)
        light = expose(scene_light, torch.linalg.inv(pose), scale, random.normal(0, ROLL, 2))
        shots.append(develop(sense(light, random, noise)))
        warps.append(pose)
    return Burst(original, shots, warps)


def draw_pose(random: np.random.Generator) -> Tensor:
    """(3, 3): from places on the first shot to those on another."""
    turn, zoom = np.deg2rad(random.uniform(-TURN, TURN)), 1 + random.uniform(-ZOOM, ZOOM)
    right, down = random.uniform(-SHIFT, SHIFT, 2)
    across, along = zoom * np.cos(turn), zoom * np.sin(turn)
    return torch.tensor([[across, -along, right], [along, across, down], [0, 0, 1]]).float()


def expose(light: Tensor, back: Tensor, scale: int, roll: np.ndarray) -> Tensor:
    """light (1, 3, H·scale, W·scale) → (1, 3, H, W): the mean light on each pixel; `back` leads from a shot to the first."""
    height, width = light.shape[2:]
    rolled = torch.linspace(-0.5, 0.5, height)[:, None, None] * torch.tensor(roll, dtype=torch.float32)
    there = move(centred(height, width) / scale, back) + rolled
    grid = there * scale / (torch.tensor([width, height]) / 2)
    return F.avg_pool2d(F.grid_sample(light, grid[None], "bicubic", "reflection", align_corners=False), scale).clamp(0, 1)


def colours_seen(height: int, width: int) -> Tensor:
    """(3, H, W): 1 where a pixel of the sensor sees the colour; red, green / green, blue."""
    y, x = torch.meshgrid(torch.arange(height) % 2, torch.arange(width) % 2, indexing="ij")
    return torch.stack([(y == 0) & (x == 0), y != x, (y == 1) & (x == 1)]).float()


def sense(light: Tensor, random: np.random.Generator, noise: float) -> Tensor:
    """(1, 3, H, W) → the same as the sensor sees it: one colour a pixel, the others 0, with `noise` levels of sRGB at a mid-grey."""
    seen = colours_seen(*light.shape[2:])
    grey, above = decode_srgb(np.array([0.5, 0.51])).tolist()
    slope = (above - grey) / 0.01
    strength = noise / 255 * slope * ((light + 0.05) / (grey + 0.05)).sqrt()
    return seen * (light + strength * torch.from_numpy(random.normal(0, 1, tuple(light.shape))).float())


def develop(sensed: Tensor) -> np.ndarray:
    """(1, 3, H, W) of a mosaic → uint8 (H, W, 3), out of a JPEG."""
    height, width = sensed.shape[2:]
    seen = colours_seen(height, width)[None]
    line = torch.tensor([1.0, 2, 1])
    kernel = (line[:, None] * line)[None, None].expand(3, 1, 3, 3)
    around, known = (F.conv2d(F.pad(part, (1, 1, 1, 1), mode="reflect"), kernel, groups=3) for part in (sensed, seen))
    smooth = around / known
    green = torch.where(seen[:, 1:2] > 0, sensed[:, 1:2], smooth[:, 1:2])
    chroma = F.conv2d(F.pad((sensed - green) * seen, (1, 1, 1, 1), mode="reflect"), kernel, groups=3) / known
    chroma = F.avg_pool2d(F.pad(chroma, (1, 1, 1, 1), mode="reflect"), 3, 1)
    levels = torch.from_numpy(encode_srgb((green + chroma).clamp(0, 1).numpy()))
    blurred = F.avg_pool2d(F.pad(levels, (1, 1, 1, 1), mode="reflect"), 3, 1)
    levels = (levels + SHARPEN * (levels - blurred)).clamp(0, 1)
    file = io.BytesIO()
    Image.fromarray((levels[0] * 255).round().byte().permute(1, 2, 0).numpy()).save(file, "JPEG", quality=QUALITY, subsampling=2)
    return np.array(Image.open(file))
