"""Makes edges steep without halos or grain, and finds where a picture is textured. No network is needed for either."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from sr_models.windows import gaussian, largest, ramp

COHERENT = (0.3, 0.7)  # how much of the slopes around have one direction: from no sharpening to all
STRONG = (2.0, 6.0)  # levels of 255 a pixel: how steep an edge must be, from no sharpening to all
STEP = 0.3  # pixels at twice the size that an edge moves in one pass; less where `width` is hardly one
FINE = 1.4  # pixels at twice the size: the blur before the direction of an edge is looked for
AROUND = 5  # pixels: side of the surroundings between whose extremes the result stays; no edge moves farther than two
BUSY = (1.5, 5.5)  # levels of 255: standard deviation of a texture, from none to a whole one
HARD = (130.0, 70.0)  # levels of 255 between the brightest and the darkest pixel around: from a hard edge, to none


def steepening_reach(width: float) -> int:
    """How far around a pixel, in pixels, `steepen_edges` looks."""
    one_pass = blur_radius(2 * width) + 2
    first = blur_radius(FINE) + 1 + blur_radius(2 * width / 0.6)
    return math.ceil(((steepening_passes(width) - 1) * one_pass + max(one_pass, first)) / 2) + 2


def steepening_passes(width: float) -> int:
    return round(1 + 6 * width)


@torch.no_grad()
def steepen_edges(rgb: Tensor, width: float) -> Tensor:
    """(N, 3, H, W) in [0, 1] → the same with steep edges: a coherence-enhancing shock filter (Osher & Rudin 1990; Weickert, DAGM 2003).

    `width` is that of the edges, in pixels. Brightness moves towards the nearer side of each edge, across its direction (structure
    tensor), only where the surroundings have one direction and enough contrast; at twice the size, so that slanted edges stay
    smooth. It stays between the extremes of what was around, so that nothing overshoots. Colours move with brightness.
    """
    y = brightness(rgb)
    u = before = F.interpolate(y, scale_factor=2, mode="bicubic", align_corners=False)
    across, coherence, slope = find_direction(u, FINE, 2 * width / 0.6)
    moving = STEP * min(1, 6 * width) * ramp(coherence, *COHERENT) * ramp(2 * 255 * slope, *STRONG)
    if not moving.any():
        return rgb
    for _ in range(steepening_passes(width)):
        u = shock(u, across, moving, 2 * width)
    steep = (y + F.avg_pool2d(u - before, 2)).clamp(-largest(-y, AROUND), largest(y, AROUND))
    return (rgb + steep - y).clamp(0, 1)


def find_direction(y: Tensor, fine: float, around: float) -> tuple[Tensor, Tensor, Tensor]:
    """Brightness (N, 1, H, W) → the unit vector across the edges (N, 2, H, W), x first; coherence in [0, 1]; slope (structure tensor)."""
    gx, gy = image_gradient(gaussian_blur(y, fine))
    xx, xy, yy = gaussian_blur(torch.cat([gx * gx, gx * gy, gy * gy], 1), around).split(1, 1)
    angle = torch.atan2(2 * xy, xx - yy) / 2
    one_way = ((xx - yy).square() + 4 * xy.square()).sqrt()
    return torch.cat([angle.cos(), angle.sin()], 1), one_way / (xx + yy + 1e-6), (xx + yy).sqrt()


def derive_across(u: Tensor, across: Tensor, width: float) -> tuple[Tensor, Tensor]:
    """The first and the second derivative of `u`, blurred by `width`, in the direction `across` the edges."""
    wx, wy = across.split(1, 1)
    vx, vy = image_gradient(gaussian_blur(u, width))
    (vxx, vxy), (_, vyy) = image_gradient(vx), image_gradient(vy)
    return wx * vx + wy * vy, wx * wx * vxx + 2 * wx * wy * vxy + wy * wy * vyy


def shock(u: Tensor, across: Tensor, moving: Tensor, width: float) -> Tensor:
    """One pass of the shock filter: edges become steeper by shifting brightness `moving` pixels towards the nearer side of each edge."""
    _, bent = derive_across(u, across, width)
    p = F.pad(u, (1, 1, 1, 1), mode="replicate")
    wide = minmod(u - p[:, :, 1:-1, :-2], p[:, :, 1:-1, 2:] - u)
    tall = minmod(u - p[:, :, :-2, 1:-1], p[:, :, 2:, 1:-1] - u)
    return u - moving * torch.tanh(4 * 255 * bent) * (wide.square() + tall.square()).sqrt()


@torch.no_grad()
def find_texture(rgb: Tensor, scale: int) -> Tensor:
    """(N, 3, H, W) in [0, 1], an enlargement by `scale` → (N, 1, H, W) in [0, 1]: 1 where it is busy and no hard edge is near.

    There, detail may be invented.
    """
    y = 255 * brightness(rgb)
    side = 2 * scale + 1
    busy = (box_blur(y * y, side) - box_blur(y, side).square()).clamp_min(0).sqrt()
    around = largest(y, 6 * scale + 1) + largest(-y, 6 * scale + 1)
    return gaussian_blur(ramp(gaussian_blur(busy, 2 * scale), *BUSY) * ramp(around, *HARD), scale)


def brightness(rgb: Tensor) -> Tensor:
    return (rgb * rgb.new_tensor([0.299, 0.587, 0.114])[:, None, None]).sum(1, keepdim=True)


def gaussian_blur(x: Tensor, sigma: float) -> Tensor:
    """Each channel blurred by a Gaussian of standard deviation `sigma` in pixels; the border is repeated."""
    far = blur_radius(sigma)
    weights = gaussian(sigma, far).tolist()
    for dim, around in ((2, (0, 0, far, far)), (3, (far, far, 0, 0))):
        padded, length = F.pad(x, around, mode="replicate"), x.shape[dim]
        x = padded.narrow(dim, 0, length) * weights[0]
        for k, weight in enumerate(weights[1:], 1):  # on a CPU many times as fast as a convolution of one channel
            x.add_(padded.narrow(dim, k, length), alpha=weight)
    return x


def blur_radius(sigma: float) -> int:
    """Where a Gaussian of standard deviation `sigma` is cut off, in pixels from its middle."""
    return max(1, round(3 * sigma))


def image_gradient(x: Tensor) -> tuple[Tensor, Tensor]:
    """Central differences along the rows and along the columns."""
    p = F.pad(x, (1, 1, 1, 1), mode="replicate")
    return (p[:, :, 1:-1, 2:] - p[:, :, 1:-1, :-2]) / 2, (p[:, :, 2:, 1:-1] - p[:, :, :-2, 1:-1]) / 2


def minmod(a: Tensor, b: Tensor) -> Tensor:
    """The smaller of two slopes, 0 where their signs differ (minmod)."""
    return torch.minimum(a, b).clamp_min_(0) + torch.maximum(a, b).clamp_max_(0)


def box_blur(x: Tensor, side: int) -> Tensor:
    return F.avg_pool2d(F.pad(x, (side // 2,) * 4, mode="replicate"), side, 1)
