# ruff: noqa: T201
"""An experiment: a CycleGAN that cannot draw, trained for ten thousand steps on one core. Its generators mix colour tables.

`python -m sr_models.training.unpaired FOLDER... --out RUNS/NAME` trains on all photos of the folders, and goes on where it stopped; with
`--measure FOLDER` it then measures what was trained on the photos of another one. The larger form has SIDE 32, LAYERS 4 and BATCH 8.
"""

import argparse
import csv
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sr_models.figures.quality import LINEAR_TO_XYZ, delta_e
from sr_models.photo import Photo
from sr_models.reading import photo_files, read
from sr_models.shop.backdrop import border_pixels, find_alike_beside, find_backdrop, is_near, number_pieces
from sr_models.stages.look import find_behind, look
from sr_models.stages.prepare import balance
from sr_models.stages.resampling import resized, stretch_softly
from sr_models.stages.size import Aim, limit_longest_side, times
from sr_models.stages.tables import look_up, restrain
from sr_models.training.photos import EXAMPLES
from sr_models.wishes import Order

# SIDE of the thumbnails, pixels; NODES along each side of a table; MOST: no channel changes by more
SIDE, NODES, TABLES, WIDTH, LAYERS, MOST = 16, 9, 8, 24, 3, 24 / 255
BATCH = 4
ADVERSARIAL, SMOOTH, ORDERED, SHARE = 10.0, 10.0, 20.0, 0.5
TO_XYZ = torch.from_numpy(LINEAR_TO_XYZ / LINEAR_TO_XYZ.sum(1, keepdims=True)).float()
BRIGHT, TINTED = (0.0, 100.0, 26), (-60.0, 60.0, 13)  # (from, to, bins) of L*, and of a* and b*
FEATURES = BRIGHT[2] + TINTED[2] ** 2 + 6
HELD_OUT, EVERY = 10, 500


class Looks(nn.Module):
    """Both generators side by side, to studio photos and back: (2, N, 3, H, W) and backdrops → (2, N, 2, NODES, NODES, NODES, 3), what is
    added to colours of backdrop and product; white stays."""

    def __init__(self, tied: bool = False) -> None:
        """`tied`: one table for backdrop and product."""
        super().__init__()
        self.tied = tied
        steps = pairwise((4, WIDTH, WIDTH, 2 * WIDTH, 2 * WIDTH)[: LAYERS + 1])
        self.convs = nn.ModuleList(nn.Conv2d(2 * a, 2 * b, 3, 2, 1, groups=2) for a, b in steps)
        seen = 2 * (self.convs[-1].out_channels // 2 + 3)
        self.body, self.body_bias = (nn.Parameter((2 * torch.rand(2, rows, 64) - 1) / seen**0.5) for rows in (seen, 1))
        self.mix, self.mix_bias = (nn.Parameter(torch.zeros(2, rows, 2 * TABLES)) for rows in (64, 1))
        levels = torch.linspace(0, 1, NODES)
        colours = torch.stack(torch.meshgrid(levels, levels, levels, indexing="ij"), -1)
        grey = colours.mean(-1, keepdim=True)
        slopes = [shape * channel for channel in torch.eye(3) for shape in (colours, 4 * colours * (1 - colours))]
        tables = (2 * MOST * torch.stack([*slopes, colours - grey, (grey**4).expand_as(colours)])).flatten(1)
        self.tables = nn.Parameter(tables.repeat(2, 1, 1))
        free = torch.ones(NODES, NODES, NODES, 1)
        free[-1, -1, -1] = 0
        self.register_buffer("free", free)

    def forward(self, rgb: Tensor, backdrop: Tensor) -> Tensor:
        x = (torch.cat([rgb, backdrop], 2) - 0.5).transpose(0, 1).flatten(1, 2)
        for conv in self.convs:
            x = F.leaky_relu(conv(x), 0.2)
        x = x.unflatten(1, (2, -1)).transpose(0, 1)
        coarse = F.avg_pool2d(backdrop[:, :, 0], SIDE // x.shape[-1])[:, :, None]
        seen = [average(x, coarse), 4 * (average(rgb, backdrop) - 0.9), average(x, 1 - coarse), average(rgb, 1 - backdrop) - 0.5]
        hidden = F.leaky_relu(torch.baddbmm(self.body_bias, torch.cat(seen, 2), self.body), 0.2)
        both, product = torch.baddbmm(self.mix_bias, hidden, self.mix).chunk(2, 2)
        change = torch.stack([both, both + (0 if self.tied else product)], 2).flatten(1, 2) @ (self.tables / MOST)
        return MOST * torch.tanh(change).unflatten(2, (NODES, NODES, NODES, 3)).mul(self.free).unflatten(1, (-1, 2))

    def one(self, number: int, rgb: Tensor, backdrop: Tensor) -> Tensor:
        """The tables of one of the two."""
        return self(rgb.expand(2, *rgb.shape), backdrop.expand(2, *backdrop.shape))[number]


class Judges(nn.Module):
    """Both discriminators side by side, of studio photos and of snapshots: they judge colours by their statistics, and how they lie by
    16 × 16 pixels; spectral norm, one step of the power iteration at a time."""

    SHAPES = ((2 * FEATURES, 96), (96, 64), (64, 1), (4 * 48, 1), (4, 32, 3, 3), (32, 48, 3, 3), (48, 48, 3, 3))

    def __init__(self) -> None:
        super().__init__()
        sizes = [(out, a * int(np.prod(kernel))) for a, out, *kernel in self.SHAPES]
        self.weights = nn.ParameterList((2 * torch.rand(2, *size) - 1) / size[1] ** 0.5 for size in sizes)
        self.biases = nn.ParameterList((2 * torch.rand(2, 1, out) - 1) / inside**0.5 for out, inside in sizes)
        for number, size in enumerate(sizes):
            for name, length in zip(("left", "right"), size, strict=True):
                self.register_buffer(f"{name}{number}", F.normalize(torch.randn(2, length, 1), dim=1))

    def normalise(self, iterate: bool) -> list[Tensor]:
        result = []
        for number, weight in enumerate(self.weights):
            left = getattr(self, f"left{number}")
            right = getattr(self, f"right{number}")
            if iterate:
                with torch.no_grad():
                    right.copy_(F.normalize(weight.transpose(1, 2) @ left, dim=1))
                    left.copy_(F.normalize(weight @ right, dim=1))
            result.append(weight / (left.transpose(1, 2) @ weight @ right))
        return result

    def forward(self, weights: list[Tensor], statistics: Tensor, small: Tensor) -> Tensor:
        """(2, N, 2 · FEATURES), (2, N, 4, 16, 16) → (2, N, 2)."""
        x, count = statistics, statistics.shape[1]
        for number in (0, 1, 2):
            x = torch.baddbmm(self.biases[number], x if number == 0 else F.leaky_relu(x, 0.2), weights[number].transpose(1, 2))
        y = small.transpose(0, 1).flatten(1, 2)
        for number in (4, 5, 6):
            inside, out, *kernel = self.SHAPES[number]
            y = F.conv2d(y, weights[number].reshape(2 * out, inside, *kernel), self.biases[number].flatten(), 2, 1, groups=2)
            y = F.leaky_relu(y, 0.2)
        flat = y.unflatten(1, (2, -1)).transpose(0, 1).reshape(2, count, -1)
        return torch.cat([x, torch.baddbmm(self.biases[3], flat, weights[3].transpose(1, 2))], 2)


def average(x: Tensor, share: Tensor) -> Tensor:
    return (x * share).sum((-2, -1)) / share.sum((-2, -1)).clamp_min(0.5)


def to_lab(rgb: Tensor) -> Tensor:
    value = rgb.clamp(0, 1)
    linear = torch.where(value <= 0.04045, value / 12.92, ((value.clamp_min(0.04) + 0.055) / 1.055) ** 2.4)
    xyz = torch.einsum("ij,njhw->nihw", TO_XYZ, linear)
    x, y, z = torch.where(xyz > (6 / 29) ** 3, xyz.clamp_min(1e-3) ** (1 / 3), xyz * (29 / 6) ** 2 / 3 + 4 / 29).unbind(1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], 1)


def distance(a: Tensor, b: Tensor) -> Tensor:
    """Mean ΔE76 of Lab pictures, a little rounded at 0."""
    return ((a - b).square().sum(1) + 0.01).sqrt().mean()


def repaint(rgb: Tensor, backdrop: Tensor, tables: Tensor) -> Tensor:
    place = (2 * rgb.permute(0, 2, 3, 1) - 1)[:, None].repeat_interleave(2, 0)
    flat = tables.flatten(0, 1).permute(0, 4, 3, 2, 1)
    behind, product = F.grid_sample(flat, place, align_corners=True, padding_mode="border")[:, :, 0].unflatten(0, (-1, 2)).unbind(1)
    return (rgb + product.lerp(behind, backdrop)).clamp(0, 1)


def regularise(tables: Tensor) -> Tensor:
    """Second differences, and by how much a channel falls where it rises itself or where greys get lighter."""
    levels, along, step = 255 * tables, torch.arange(NODES), 255 / (NODES - 1)
    bend = sum(levels.diff(n=2, dim=dim).square().mean() for dim in (2, 3, 4)) / 255
    falls = sum(F.relu(-step - levels[..., channel].diff(dim=2 + channel)).mean() for channel in range(3))
    return SMOOTH * bend + ORDERED * (falls + F.relu(-step - levels[:, :, along, along, along].diff(dim=2)).mean())


def describe(lab: Tensor, backdrop: Tensor) -> tuple[Tensor, Tensor]:
    """Lab and backdrop → what the judges see: (N, 2 · FEATURES) and (N, 4, 16, 16)."""
    half, share = (lab, backdrop) if SIDE == 16 else (F.avg_pool2d(lab, 2), F.avg_pool2d(backdrop, 2))
    flat = half.flatten(2)
    bright, tint = spread(flat[:, 0], BRIGHT), spread(flat[:, 1:], TINTED)
    where = torch.cat([share > 0.95, share < 0.05], 1).flatten(2).float()
    weight = where / where.sum(2, keepdim=True).clamp_min(1)
    mean = weight @ flat.transpose(1, 2)
    deviation = ((weight[:, :, None] * (flat[:, None] - mean[..., None]).square()).sum(3) + 1e-4).sqrt()
    both = (weight[..., None] * tint[:, :1]).transpose(2, 3) @ tint[:, 1:]
    found = torch.cat([4 * (weight @ bright), 4 * both.flatten(2), mean / 20, deviation / 10], 2).flatten(1)
    even = half * half.new_tensor([1 / 50, 1 / 25, 1 / 25])[:, None, None] - half.new_tensor([1, 0, 0])[:, None, None]
    return found, torch.cat([even, share], 1)


def spread(values: Tensor, bins: tuple[float, float, int]) -> Tensor:
    """(…, P) → (…, P, bins): how much of each value falls into each bin."""
    low, high, count = bins
    middles, step = torch.arange(count), (high - low) / (count - 1)
    return F.relu(1 - (((values.clamp(low, high) - low) / step)[..., None] - middles).abs())


def cast_light(rgb: Tensor, random: np.random.Generator) -> Tensor:
    """Each under a light of another colour, and darker: gains of linear light below 1, so that nothing clips."""
    warm, green, darker = (torch.from_numpy(random.uniform(*ends, len(rgb))).float() for ends in ((-0.12, 0.12), (-0.05, 0.05), (0, 0.25)))
    gains = torch.stack([warm, green, -warm], 1)
    gains = 2 ** (gains - gains.amax(1, keepdim=True) - darker[:, None])
    linear = torch.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) * gains[:, :, None, None]
    return torch.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear.clamp_min(1e-4) ** (1 / 2.4) - 0.055).clamp(0, 1)


def sort_photos(folders: list[Path]) -> dict[str, Tensor]:
    """Thumbnails with their backdrop, (N, 4, SIDE, SIDE): of photos on white and of those on another light, dull ground; some held out."""
    found: dict[str, list[Tensor]] = {"snapshots": [], "studio": []}
    for file in (file for folder in folders for file in photo_files(folder) if file.name not in EXAMPLES):
        rgb = resized(replace(read(file), alpha=None), (64, 64)).rgb
        edge = border_pixels(rgb)
        colour = tuple(int(level) for level in np.median(edge, axis=0))
        mask = reach(rgb, colour)
        if is_near(edge, colour, 44).mean() >= 0.5 and 0.08 <= mask.mean() <= 0.95 and min(colour) >= 110 and np.ptp(colour) <= 60:
            both = np.dstack([rgb / 255, mask]).astype(np.float32)
            found["studio" if min(colour) >= 248 else "snapshots"].append(torch.from_numpy(both).permute(2, 0, 1))
    sets = {name: F.avg_pool2d(torch.stack(parts), 64 // 32) for name, parts in found.items()}
    result = {}
    for name, photos in sets.items():
        apart = torch.zeros(len(photos), dtype=torch.bool)
        apart[torch.linspace(0, len(photos) - 1, HELD_OUT).long()] = True
        result |= {name: photos[~apart], f"{name}_held_out": photos[apart]}
    return result


def reach(rgb: np.ndarray, colour: tuple[int, ...]) -> np.ndarray:
    """As `reach_from_border`, for the less even grounds of snapshots: 44 levels near, edges of 8."""
    near, grey = is_near(rgb, colour, 44), torch.from_numpy(rgb.mean(2, dtype=np.float32))[None, None]
    smooth = F.avg_pool2d(F.pad(grey, (1, 1, 1, 1), mode="replicate"), 3, 1)
    parts = number_pieces(near & ((F.max_pool2d(smooth, 3, 1, 1) + F.max_pool2d(-smooth, 3, 1, 1))[0, 0].numpy() <= 8))
    mask = np.isin(parts, np.setdiff1d(border_pixels(parts), [0]))
    for _ in range(2):
        mask = mask | (near & find_alike_beside(mask, grey[0, 0].numpy()))
    return mask


def measure(found: Tensor, truth: Tensor) -> np.ndarray:
    """ΔE00 of each pixel of pictures (N, 3, H, W)."""
    return delta_e(*((255 * part).round().byte().permute(0, 2, 3, 1).flatten(0, 1).numpy() for part in (found, truth)))


class Run:
    def __init__(self, photos: dict[str, Tensor], options: argparse.Namespace):
        torch.manual_seed(options.seed)
        self.photos = {name: F.avg_pool2d(some, 32 // SIDE) for name, some in photos.items()}
        self.options, self.step, self.seconds, self.cycle = options, 0, 0.0, torch.zeros(())
        self.random = np.random.default_rng(options.seed)
        self.nets, self.averages, self.judges = Looks(options.tied), Looks(options.tied).requires_grad_(False), Judges()
        self.averages.load_state_dict(self.nets.state_dict())
        rates = (options.rate, self.nets), (options.judge_rate, self.judges)
        self.adams = [torch.optim.Adam(part.parameters(), rate, betas=(0.5, 0.99), fused=True) for rate, part in rates]

    def pick(self, name: str) -> Tensor:
        photos = self.photos[name][torch.from_numpy(self.random.integers(len(self.photos[name]), size=BATCH))]
        return torch.where(torch.from_numpy(self.random.random(BATCH) < 0.5)[:, None, None, None], photos.flip(3), photos)

    def one_step(self) -> list[float]:
        share = 0.5 + 0.5 * np.cos(np.pi * self.step / self.options.steps)
        for adam, rate in zip(self.adams, (self.options.rate, self.options.judge_rate), strict=True):
            adam.param_groups[0]["lr"] = rate * share * min(1, (self.step + 1) / 100)
        studio, ground = self.pick("studio").split([3, 1], 1)
        figures = self.learn_pairs(studio, ground) if self.options.pairs else self.learn(studio, ground)
        decay = min(0.998, (self.step + 1) / (self.step + 10))
        torch._foreach_lerp_(list(self.averages.parameters()), list(self.nets.parameters()), 1 - decay)
        self.step += 1
        return figures

    def learn_pairs(self, studio: Tensor, ground: Tensor) -> list[float]:
        lit = cast_light(studio, self.random)
        rgb, behind = torch.cat([lit, studio]), ground.repeat(2, 1, 1, 1)
        tables = self.nets.one(0, rgb, behind)
        loss = distance(to_lab(repaint(rgb, behind, tables)), to_lab(studio).repeat(2, 1, 1, 1))
        self.update(0, self.nets, loss + regularise(tables[:1]))
        return [float(loss.detach())]

    def learn(self, studio: Tensor, ground: Tensor) -> list[float]:
        snapshot, behind = self.pick("snapshots").split([3, 1], 1)
        other, its = self.pick("studio").split([3, 1], 1)
        cast = torch.from_numpy(self.random.random(BATCH) < self.options.casts)[:, None, None, None]
        snapshot, behind = torch.where(cast, cast_light(other, self.random), snapshot), torch.where(cast, its, behind)
        rgb, masks = torch.cat([snapshot, studio]), torch.cat([behind, ground])
        wanted = average(snapshot, behind)[:, :, None, None]
        painted = rgb.lerp(wanted.repeat(2, 1, 1, 1), masks)  # the snapshot's own ground, and the studio's painted in that colour
        tables = self.nets(torch.stack([rgb, painted]), masks.expand(2, *masks.shape))
        pictures = repaint(rgb.repeat(2, 1, 1, 1), masks.repeat(2, 1, 1, 1), tables.flatten(0, 1))
        made, _, _, unmade = pictures.chunk(4)
        labs = to_lab(torch.cat([rgb, pictures])).chunk(6)  # snapshot, studio, made, same studio, same snapshot, unmade
        order = [labs[1], labs[0], labs[2], labs[5]], [ground, behind, behind, ground]
        real, fake = zip(*(part.unflatten(0, (2, 2, -1)) for part in describe(*(torch.cat(parts) for parts in order))), strict=True)

        weights = self.judges.normalise(self.step < 100 or self.step % 4 == 0)
        told = self.judges(weights, *(torch.cat(both, 1).detach() for both in zip(real, fake, strict=True))).chunk(2, 1)
        adversarial = -2 * self.judges([weight.detach() for weight in weights], *fake).mean()
        if self.step % 2 == 0:
            inputs = torch.stack([unmade, made.lerp(wanted, behind)]), torch.stack([ground, behind])
            again = repaint(torch.cat([unmade, made]), torch.cat([ground, behind]), self.nets(*inputs).flatten(0, 1))
            self.cycle = 2 * distance(to_lab(again), torch.cat([labs[1], labs[0]]))
        cycle = 2 * self.cycle if self.step % 2 == 0 else 0
        same = 2 * distance(torch.cat([labs[3], labs[4]]), torch.cat([labs[1], labs[0]]))
        loss = ADVERSARIAL * adversarial + self.options.cycle * cycle + self.options.identity * same
        self.update(0, self.nets, loss + regularise(torch.stack([tables[0, 0], tables[1, -1]])))
        self.update(1, self.judges, 2 * (F.relu(1 - told[0]).mean() + F.relu(1 + told[1]).mean()))
        self.cycle = self.cycle.detach()
        return torch.stack([adversarial, self.cycle, same, *(part[n].mean() for n in (0, 1) for part in told)]).tolist()

    def update(self, number: int, nets: nn.Module, loss: Tensor) -> None:
        self.adams[number].zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(nets.parameters(), 5.0, foreach=True)
        self.adams[number].step()

    @torch.no_grad()
    def judge(self) -> list[float]:
        """Mean ΔE00 on held-out studio photos: casts, what is left, what the median leaves; unneeded change, its 95th percentile; cycle."""
        there, back = (partial(self.averages.one, number) for number in (0, 1))
        truth, ground = self.photos["studio_held_out"].split([3, 1], 1)
        casts = [cast_light(truth, random) for random in [np.random.default_rng(0)] for _ in range(8)]
        medians = [divide_by_median(cast, ground) for cast in casts]
        lit, left, median = (
            float(np.mean([measure(one, truth).mean() for one in some]))
            for some in (casts, [repaint(cast, ground, there(cast, ground)) for cast in casts], medians)
        )
        same = measure(repaint(truth, ground, there(truth, ground)), truth)
        wanted = average(*self.photos["snapshots_held_out"].split([3, 1], 1))[:, :, None, None]
        away = repaint(truth, ground, back(truth.lerp(wanted, ground), ground))
        cycle = measure(repaint(away, ground, there(away, ground)), truth).mean()
        return [lit, left, median, float(same.mean()), float(np.percentile(same, 95)), float(cycle)]

    def train(self) -> None:
        out, row = self.options.out, []
        if (out / "state.pt").exists():
            self.load(out / "state.pt")
        saved = time.monotonic()
        while self.step < self.options.steps:
            began = time.thread_time()
            row.append(self.one_step())
            self.seconds += time.thread_time() - began
            if self.step % EVERY == 0 or self.step in (100, 200, 300, 400):
                with (out / "curve.csv").open("a") as file:
                    figures = [*self.judge(), *np.mean(row, axis=0)]
                    csv.writer(file).writerow([self.step, f"{self.seconds:.0f}", *(f"{value:.3f}" for value in figures)])
                row = []
            if time.monotonic() - saved > 60 or self.step == self.options.steps:
                self.save(out / "state.pt")
                saved = time.monotonic()

    def parts(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        return {"nets": self.nets, "averages": self.averages, "judges": self.judges, "adam": self.adams[0], "judges_adam": self.adams[1]}

    def save(self, path: Path) -> None:
        state = {name: part.state_dict() for name, part in self.parts().items()}
        torch.save(
            state | {"step": self.step, "seconds": self.seconds, "random": self.random.bit_generator.state}, path.with_suffix(".new")
        )
        path.with_suffix(".new").replace(path)

    def load(self, path: Path) -> None:
        state = torch.load(path, weights_only=False)
        for name, part in self.parts().items():
            part.load_state_dict(state[name])
        self.step, self.seconds = state["step"], state["seconds"]
        self.random.bit_generator.state = state["random"]


def divide_by_median(rgb: Tensor, backdrop: Tensor) -> Tensor:
    """The classic way for one even light: each channel, in linear light, divided by the backdrop's median."""
    linear = torch.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    medians = [[plane[where > 0.5].median() for plane in photo] for photo, (where,) in zip(linear, backdrop, strict=True)]
    light = (linear / torch.tensor(medians)[:, :, None, None]).clamp_max(1)
    return torch.where(light <= 0.0031308, 12.92 * light, 1.055 * light.clamp_min(1e-4) ** (1 / 2.4) - 0.055)


@torch.no_grad()
def apply(net: Callable[[Tensor, Tensor], Tensor], photo: Photo, behind: np.ndarray) -> Photo:
    """The photo with the tables that the network mixes for it, as the program would take them."""
    rgb = torch.from_numpy(resized(photo, (64, 64)).rgb.copy()).permute(2, 0, 1)[None] / 255
    share = torch.from_numpy(stretch_softly(behind.astype(np.float32), (64, 64)).copy())[None, None]
    changes = 255 * net(F.avg_pool2d(rgb, 64 // SIDE), F.avg_pool2d(share, 64 // SIDE))[0].numpy()
    backdrop, product = (look_up(photo.rgb, restrain(change)) for change in changes)
    return Photo(np.rint(photo.rgb + np.where(behind[:, :, None], backdrop, product)).clip(0, 255).astype(np.uint8))


def measure_product_val(net: Callable[[Tensor, Tensor], Tensor], folder: Path) -> None:
    """Prints mean ΔE00 to the photo: everywhere, in its backdrop, in its product; and of photos as they are, mean and 95th percentile."""
    names = ["the cast", "white balance 0.5", "white balance 1", "median, backdrop known", "studio, product too", "studio, backdrop alone"]
    names += ["network, backdrop known", "network, backdrop found"]
    rows, same = [], []
    for file in photo_files(folder):
        whole = read(file)
        photo = Photo(resized(whole, limit_longest_side(whole.size, 384)).rgb)
        backdrop = find_backdrop(photo)
        if whole.alpha is not None or backdrop.is_scene or min(backdrop.colour) < 248:
            continue
        behind, random = backdrop.mask, np.random.default_rng(7)
        known = torch.from_numpy(behind.astype(np.float32))[None, None]
        truth = torch.from_numpy(photo.rgb.copy()).permute(2, 0, 1)[None] / 255
        for _ in range(8):
            cast = Photo((255 * cast_light(truth, random)).round().byte()[0].permute(1, 2, 0).numpy())
            lit = torch.from_numpy(cast.rgb.copy()).permute(2, 0, 1)[None] / 255
            median = Photo((255 * divide_by_median(lit, known)).round().byte()[0].permute(1, 2, 0).numpy())
            classic = [take(cast, 1.0), take(cast, 0.0)]
            results = [
                cast,
                balance(cast, 0.5),
                balance(cast, 1),
                median,
                *classic,
                apply(net, cast, behind),
                apply(net, cast, find_behind(cast)),
            ]
            found = [delta_e(photo.rgb, result.rgb) for result in results]
            rows.append([[one.mean(), one[behind].mean(), one[~behind].mean()] for one in found])
        same.append([delta_e(photo.rgb, one.rgb).ravel() for one in (take(photo, 1.0), apply(net, photo, behind))])
    for name, figures in zip(names, np.mean(rows, axis=0), strict=True):
        print(f"{name:<26}" + "  ".join(f"{value:.2f}" for value in figures))
    for name, found in zip(("studio", "network"), zip(*same, strict=True), strict=True):
        pixels = np.concatenate(found)
        print(f"photos as they are, {name}: {pixels.mean():.2f}, 95th percentile {np.percentile(pixels, 95):.2f} ({len(same)} photos)")


def take(photo: Photo, product: float) -> Photo:
    return look(photo, photo, Aim(photo, times(photo.size, 1)), Order(look="studio", look_product=product)).picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="*")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--measure", type=Path)
    parser.add_argument("--pairs", action="store_true", help="teach each cast's photo itself: the bound")
    parser.add_argument("--tied", action="store_true", help="one table for backdrop and product")
    for name, value in {"steps": 12000, "seed": 1}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    for name, value in {"casts": SHARE, "cycle": 0.7, "identity": 0.7, "rate": 2e-3, "judge-rate": 1e-3}.items():
        parser.add_argument(f"--{name}", type=float, default=value)
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    cache = options.out.parent / "thumbnails.pt"
    if not cache.exists():
        torch.save(sort_photos(options.folders), cache)
    photos = torch.load(cache)
    print({name: len(some) for name, some in photos.items()}, flush=True)
    run = Run(photos, options)
    run.train()
    if options.measure:
        run.load(options.out / "state.pt")
        print(dict(zip(("casts", "left", "median", "unneeded", "95th", "cycle"), np.round(run.judge(), 3).tolist(), strict=True)))
        measure_product_val(partial(run.averages.one, 0), options.measure)


if __name__ == "__main__":
    main()
