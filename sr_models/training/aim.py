"""The target that a dialled network learns where all detail is asked for, computed from the answers of other networks."""

import torch
import torch.nn.functional as F
from torch import Tensor

from sr_models.stages.crisp import FINE, STEP, brightness, derive_across, find_direction, find_texture, gaussian_blur, image_gradient, shock
from sr_models.windows import gaussian, largest, ramp

WIDTH = 0.15  # pixels of the photo: of the edges that are made steep
PASSES = {2: 3, 3: 6, 4: 10}
COHERENT = (0.15, 0.55)  # how much of the slopes around have one direction, from nothing done to all
STRONG = (3.0, 8.0)  # levels of 255 a pixel, the same: contours around weaker shapes would look painted
LINES, MOST = 0.4, 12 / 255  # share of a thin line's curvature that it gets back, and at most so much
THIN = (0.2, 0.5)  # curvature over the slopes around, from no line to one: less is the foot of an edge, where contrast would be a halo
EDGE = (5.0, 12.0)  # levels of 255 a pixel: from where on the GAN's answer counts at an edge
STROKE = 0.5  # pixels of the photo: standard deviation of the smoothing along lines
GRAIN = 0.5  # share of the texture that is not smoothed along lines
TEXTURE = 1.5  # how many times the GAN's texture is taken


@torch.no_grad()
def aim_at(cnn: Tensor, gan: Tensor, scale: int) -> Tensor:
    """The answers of CNN and GAN, both (N, 3, H, W) in [0, 1] → the target, of the same shape.

    It has steep edges, thin lines with more contrast, and the GAN's texture where the photo is textured. What the GAN adds counts in
    brightness alone: at edges before these are made steep, where the CNN's answer is textured after that, so that no texture becomes a
    contour. Half of it is smoothed along the picture's lines, so that grain becomes fibre.
    """
    y = brightness(cnn)
    across, coherence, _ = find_direction(y, 0.25 * scale, 0.6 * scale)
    gx, gy = image_gradient(gaussian_blur(y, 0.25 * scale))
    edge = ramp(255 * gaussian_blur(gx * gx + gy * gy, 0.3 * scale).sqrt(), *EDGE) * ramp(coherence, 0.3, 0.7)
    added = brightness(gan) - y
    strokes = smooth_along_lines(added, across, STROKE * scale)
    texture = TEXTURE * find_texture(cnn, scale) * (1 - edge) * strokes.lerp(added, GRAIN)
    side = scale // 2 * 2 + 1
    steep = (y + edge * strokes).clamp(-largest(-y, side), largest(y, side))  # an edge goes no further than its two sides
    return (cnn + steepen_strongly(steep, scale) - y + texture).clamp(0, 1)


def smooth_along_lines(x: Tensor, across: Tensor, sigma: float) -> Tensor:
    """x (N, 1, H, W), smoothed by a Gaussian along a straight line at right angles to `across`."""
    h, w = x.shape[2:]
    places = torch.stack(torch.meshgrid(torch.arange(w), torch.arange(h), indexing="xy"), -1).to(x)
    step = torch.cat([-across[:, 1:], across[:, :1]], 1).permute(0, 2, 3, 1)
    reach = max(1, round(2 * sigma))
    result = torch.zeros_like(x)
    for far, weight in zip(range(-reach, reach + 1), gaussian(sigma, reach).tolist(), strict=True):
        seen = (places + far * step) * 2 / x.new_tensor([w - 1, h - 1]) - 1
        result += weight * F.grid_sample(x, seen, padding_mode="border", align_corners=True)
    return result


def steepen_strongly(y: Tensor, scale: int) -> Tensor:
    """Brightness (N, 1, H, W) → with steep edges; as `crisp.steepen_edges`, finer and longer, and thin lines get contrast back first."""
    u = before = F.interpolate(y, scale_factor=2, mode="bicubic", align_corners=False)
    width = 2 * WIDTH * scale
    across, coherence, slope = find_direction(u, FINE, width / 0.6)
    moving = ramp(coherence, *COHERENT) * ramp(2 * 255 * slope, *STRONG)
    first, second = derive_across(u, across, width)
    first, second = first.square(), width * second
    line = second.square() / (second.square() + first + 1e-9) * ramp(second.abs() / (slope + 1e-6), *THIN)
    u = u - MOST * torch.tanh(LINES * width * second * line.square() * moving / MOST)
    for _ in range(PASSES[scale]):
        u = shock(u, across, STEP * moving, width)
    return y + F.avg_pool2d(u - before, 2)
