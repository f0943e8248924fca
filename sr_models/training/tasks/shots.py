"""A network that looks again: its result is to be close to the original after every look, at one photo or at several shots."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sr_models.figures.matlab import shrink
from sr_models.nets.recurrent import Recurrent
from sr_models.stages.align import centred, sample, tell_news
from sr_models.training import losses
from sr_models.training.degradation import MARGIN, as_pictures, compress
from sr_models.training.judging import mean_psnr
from sr_models.training.photos import Photos
from sr_models.training.recipes import Recipe
from sr_models.training.starts import at
from sr_models.training.tasks import Batch, Material

HELD_OUT_PAIRS, HELD_OUT_SIDE = 12, 48
STEPS = 6  # looks, at most
ALONE = 0.25  # of the batches: one photo
CLEAN = 0.5  # of the sets of shots: without noise and JPEG
NOISE, QUALITIES = 5.0, (80, 98)  # of the others: levels of 255, the largest standard deviation; JPEG
SHIFT, TURN, ZOOM = 1.5, 1.0, 0.01  # of a shot, at most: small pixels, degrees, share
MISALIGNED = 0.05  # small pixels: standard deviation of the error of registration
FOREIGN, MOVED, EXPOSED = 0.15, 0.1, 0.2  # of the shots: of something else, with a part that has moved, with another exposure


class ShotsTask:
    def __init__(self, recipe: Recipe, material: Material):
        self.recipe, self.material = recipe, material
        self.held_out: dict[int, dict[str, Batch]] = {}
        for scale in sorted(set(recipe.scales)):
            kinds = {"one": (4, 1, 1.0), "noisy": (4, 1, 0.0), "four": (4, 4, 0.0)}
            self.held_out[scale] = {
                name: draw_sets(material.held_out, np.random.default_rng(0), scale, HELD_OUT_PAIRS, HELD_OUT_SIDE, *kind)
                for name, kind in kinds.items()
            }

    def draw(self, random: np.random.Generator, scale: int, count: int, side: int) -> Batch:
        steps = int(random.integers(1, STEPS + 1))
        shots = 1 if steps == 1 or random.random() < ALONE else int(random.integers(2, steps + 1))
        return draw_sets(self.material.photos, random, scale, count, side, steps, shots, CLEAN)

    def learn(self, net: nn.Module, average: nn.Module, batch: Batch, scale: int, share: float) -> dict[str, Tensor]:
        """The loss of every step counts, the more the later: recursive supervision (Kim et al., DRCN, CVPR 2016)."""
        measure = losses.mse if share >= self.recipe.squared_from else losses.charbonnier_fft
        with self.recipe.autocast(self.material.device):
            results = self.looks(net, batch)[1:]
        steps = len(results)
        loss = sum((2 * step / (steps * (steps + 1)) * measure(y, batch.large) for step, y in enumerate(results, 1)), torch.zeros(()))
        loss.backward()
        return {"loss": loss.detach()}

    def looks(self, net: nn.Module, batch: Batch) -> list[Tensor]:
        """The enlargement before the first look, and after each."""
        assert isinstance(net, Recurrent)
        assert batch.shots is not None
        state = net.begin(batch.small)
        results = [net.finish(state)]
        for shot in batch.shots.unbind(1):
            state = net.add(state, shot)
            results.append(net.finish(state).float())
        return results

    def judge(self, average: nn.Module) -> dict[str, float]:
        """PSNR of one clean photo before any look, after one and after four; of one noisy one; and of it and three other shots."""
        found = {}
        for scale, batches in self.held_out.items():
            for name, batch in batches.items():
                with torch.no_grad(), self.recipe.autocast(self.material.device):
                    results = self.looks(at(average, scale), batch)
                found |= {f"psnr_x{scale}_{name}_{step}": mean_psnr(results[step].clamp(0, 1), batch.large) for step in (0, 1, 4)}
        return found

    def state_dict(self) -> dict:
        return {}

    def load_state_dict(self, state: dict) -> None:
        """Nothing is learnt here."""


def draw_sets(
    photos: Photos, random: np.random.Generator, scale: int, count: int, side: int, steps: int, shots: int, clean: float
) -> Batch:
    """A batch of `count` sets of shots for so many steps, which look at one after the other, and then at all of them again.

    `clean` is the share of sets without noise and JPEG. The first shot is the reference.
    """
    crops = photos.crops(random, count, (side + 2 * MARGIN) * scale)
    large = crops.permute(0, 3, 1, 2).float()
    noise, quality = random.uniform(0, NOISE, count), random.integers(*QUALITIES, count)
    quality = np.where(random.random(count) < clean, 0, quality)
    noise = np.where(quality == 0, 0.0, noise)
    whole = torch.eye(3, device=large.device).expand(count, 3, 3)
    reference = degrade(shrink(large, scale), noise, quality, random)
    grid = centred(*reference.shape[2:]).to(large.device)
    seen = sample(reference, whole, grid)
    looks = [torch.zeros_like(seen[:, :1]).expand(-1, 13, -1, -1)]
    for _ in range(shots - 1):
        warp = draw_warps(random, count).to(large)
        foreign = torch.from_numpy(random.random(count) < FOREIGN).to(large.device)[:, None, None, None]
        shown = warp_large(torch.where(foreign, large.roll(1, 0), large), warp, scale)
        gain, offset = draw_exposures(random, count)
        small = move_parts(shrink(shown.round().clamp(0, 255), scale), random)
        small = ((degrade(small * gain + offset, noise, quality, random) * 255 - offset) / gain / 255).to(large)
        error = torch.zeros_like(warp)
        error[:, :2, 2] = torch.from_numpy(random.normal(0, MISALIGNED, (count, 2))).to(error)
        there = torch.linalg.inv(warp) + error
        found = sample(small, there, grid)
        looks.append(tell_news(found, seen, torch.ones_like(seen[:, :1])))
    inner = slice(MARGIN, -MARGIN)
    edge = MARGIN * scale
    together = torch.stack([looks[step % shots] for step in range(steps)], 1)[..., inner, inner]
    return Batch(
        reference[..., inner, inner].contiguous(memory_format=torch.channels_last),
        as_pictures(crops[:, edge:-edge, edge:-edge]),
        shots=together,
    )


def draw_warps(random: np.random.Generator, count: int) -> Tensor:
    """(count, 3, 3): from places in a shot to those of the reference, small pixels from the centre."""
    turn, zoom = np.deg2rad(random.uniform(-TURN, TURN, count)), 1 + random.uniform(-ZOOM, ZOOM, count)
    across, along = zoom * np.cos(turn), zoom * np.sin(turn)
    right, down = random.uniform(-SHIFT, SHIFT, (2, count))
    zero = np.zeros(count)
    rows = ((across, -along, right), (along, across, down), (zero, zero, zero + 1))
    return torch.from_numpy(np.stack([np.stack(row, -1) for row in rows], -2)).float()


def warp_large(large: Tensor, warp: Tensor, scale: int) -> Tensor:
    """large (N, 3, S, S) as the camera of the shot sees it; `warp` as `draw_warps` gives it."""
    enlarged = warp.clone()
    enlarged[:, :2, 2] *= scale
    flow = enlarged[:, :2].clone()
    flow[:, :, 2] *= 2 / large.shape[-1]
    return F.grid_sample(large, F.affine_grid(flow, list(large.shape), align_corners=False), "bicubic", "border", align_corners=False)


def draw_exposures(random: np.random.Generator, count: int) -> tuple[Tensor, Tensor]:
    """(gain, offset in levels), (count, 1, 1, 1) each."""
    other = random.random(count) < EXPOSED
    gain, offset = np.where(other, random.uniform(0.75, 1.25, count), 1.0), np.where(other, random.uniform(-8, 8, count), 0.0)
    return torch.from_numpy(gain).float()[:, None, None, None], torch.from_numpy(offset).float()[:, None, None, None]


def move_parts(small: Tensor, random: np.random.Generator) -> Tensor:
    """small (N, 3, H, W): in some, a rectangle shows what lies some pixels beside it."""
    side = small.shape[-1]
    for shot in small:
        if random.random() < MOVED:
            (top, left), (height, width) = random.integers(0, side * 3 // 4, 2), random.integers(side // 6, side // 2, 2)
            part = shot[:, top : top + height, left : left + width]
            part.copy_(shot.roll(tuple(random.integers(3, 9, 2)), (1, 2))[:, top : top + height, left : left + width].clone())
    return small


def degrade(small: Tensor, noise: np.ndarray, quality: np.ndarray, random: np.random.Generator) -> Tensor:
    """small (N, 3, H, W) levels of 255 → in [0, 1], each with noise of its standard deviation and, but for 0, JPEG of its quality."""
    noisy = small.cpu().numpy() + random.normal(0, 1, tuple(small.shape)) * noise[:, None, None, None]
    levels = noisy.round().clip(0, 255).astype(np.uint8).transpose(0, 2, 3, 1)
    done = np.stack(
        [compress(photo, int(each), chroma=int(each) >= 90) if each else photo for photo, each in zip(levels, quality, strict=True)]
    )
    return as_pictures(torch.from_numpy(done)).to(small.device)
