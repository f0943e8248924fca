"""A network that adds to the mean of several enlargements of a view; `python -m sr_models.training.series` makes them first."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from sr_models.errors import UpscaleError
from sr_models.nets import FusionNetwork
from sr_models.stages.align import centred
from sr_models.stages.register import move
from sr_models.training.recipes import Recipe
from sr_models.training.series import HELD_OUT
from sr_models.training.tasks import Material, Task

COUNTS, LIKELY = (2, 3, 4, 5, 6), (0.3, 0.15, 0.2, 0.15, 0.2)  # shots of a batch, and how often they are so many
LEAST = 1e-5  # mean squared error of a crop, below which there is little to gain: 0.8 levels of 255
JUDGED = (2, 4, 6)
EVERY = 3  # of the series held out, one of so many is judged


class Series(NamedTuple):
    """Series, or parts of them: N series of T shots."""

    large: Tensor
    """(N, 3, H·scale, W·scale), the original."""
    seen: Tensor
    """(N, T, 3, H·scale, W·scale), the enlargement of each shot, moved to where it belongs."""
    believed: Tensor
    """(N, T, 1, H, W) in [0, 1]: how far each shot agrees with the first one there."""
    places: Tensor
    """(N, T, 2, H, W), as `FusionNetwork.add` takes them."""

    def on(self, device: str) -> "Series":
        """The same on that device, as float32, levels of 255 as shares of it."""
        large, seen, believed, places = (part.to(device).float() for part in self)
        return Series(large / 255, seen / 255, believed, places)


class ShotsTask(Task[FusionNetwork, Series]):
    def __init__(self, recipe: Recipe, material: Material):
        super().__init__(recipe, material)
        scale = recipe.net.scale
        files = sorted(material.series.glob(f"{scale}x-*.pt")) if material.series else []
        if len(files) <= HELD_OUT:
            how = f"python -m sr_models.training.series --scale {scale} --data FOLDER --into FOLDER"
            raise UpscaleError(
                f"{recipe.id} learns from series of shots, the first {HELD_OUT} files of which are held out, and {len(files)} were given: "
                f"make more with {how} and give --series FOLDER"
            )
        held_out, self.files = load(files[:HELD_OUT]), [load([file]) for file in files[HELD_OUT:]]
        self.held_out = Series(*(part[::EVERY] for part in held_out))

    def draw(self, random: np.random.Generator, scale: int, count: int, side: int) -> Series:
        """`count` crops of series, each of its first shot and of others of it, all turned and mirrored alike."""
        shots = int(random.choice(COUNTS, p=LIKELY))
        crops = [self.draw_crop(random, scale, shots, side) for _ in range(count)]
        return Series(*(torch.stack(parts) for parts in zip(*crops, strict=True))).on(self.material.device)

    def draw_crop(self, random: np.random.Generator, scale: int, shots: int, side: int) -> Series:
        file = self.files[random.integers(len(self.files))]
        index = random.integers(len(file.large))
        large, seen, believed, places = (part[index] for part in file)
        chosen = [0, *(1 + random.permutation(len(seen) - 1)[: shots - 1])]
        corner = random.integers(0, believed.shape[-1] - side + 1, 2)
        small, fine = ((..., *(slice(int(at) * by, (int(at) + side) * by) for at in corner)) for by in (1, scale))
        how = [bool(each) for each in random.integers(0, 2, 3)]
        large, seen, believed = (turn(part, *how) for part in (large[fine], seen[chosen][fine], believed[chosen][small]))
        return Series(large, seen, believed, turn_places(places[chosen][small], *how))

    def fuse(self, net: FusionNetwork, series: Series) -> tuple[Tensor, Tensor]:
        with self.recipe.autocast(self.material.device):
            return fuse(net, series)

    def trial(self, net: FusionNetwork, count: int, side: int) -> Tensor:
        return self.fuse(net, self.draw(np.random.default_rng(0), self.recipe.net.scale, count, side))[1].mean()

    def learn(self, net: FusionNetwork, batch: Series, scale: int, share: float) -> dict[str, Tensor]:
        loss = measure_loss(self.fuse(net, batch)[1], batch.large)
        loss.backward()
        return {"loss": loss.detach()}

    @torch.no_grad()
    def judge(self, average: FusionNetwork) -> dict[str, float]:
        """For some numbers of shots, in dB: PSNR of the mean, PSNR of the network's result, and what that gains."""
        found = {}
        for count in JUDGED:
            rows = []
            for index in range(len(self.held_out.large)):
                large, *parts = (part[index : index + 1] for part in self.held_out)
                series = Series(large, *(part[:, :count] for part in parts)).on(self.material.device)
                errors = torch.stack([(result.clamp(0, 1) - series.large).square().mean() for result in self.fuse(average, series)])
                rows.append(-10 * errors.clamp_min(1e-9).log10())
            mean, fused = torch.stack(rows).mean(0).tolist()
            found |= {f"mean_{count}": mean, f"psnr_{count}": fused, f"gain_{count}": fused - mean}
        return found


def load(files: list[Path]) -> Series:
    """What `series` wrote."""
    known = [torch.load(file, weights_only=True) for file in files]
    large, seen, believed, warps = (torch.cat([each[name] for each in known]) for name in ("large", "seen", "believed", "warps"))
    grid = centred(*believed.shape[-2:])
    places = torch.stack([torch.stack([move(grid, warp).permute(2, 0, 1) - 0.5 for warp in shots]) for shots in warps])
    return Series(large, seen, believed, places)


def turn(x: Tensor, turned: bool, across: bool, along: bool) -> Tensor:
    x = x.mT if turned else x
    return x.flip([axis for axis, mirrored in ((-1, across), (-2, along)) if mirrored])


def turn_places(x: Tensor, turned: bool, across: bool, along: bool) -> Tensor:
    """(T, 2, H, W): what mirrors a picture changes the sign of x or y, too."""
    x = x.flip(1) if turned else x
    return turn(x, turned, across, along) * torch.tensor([-1.0 if across else 1.0, -1.0 if along else 1.0])[:, None, None]


def fuse(net: FusionNetwork, series: Series) -> tuple[Tensor, Tensor]:
    """→ (the mean of the enlargements, its sum with what the network adds to it), (N, 3, H·scale, W·scale) each."""
    seen, believed, places = (part.unbind(1) for part in series[1:])
    scale = series.large.shape[-1] // series.believed.shape[-1]
    known, total, weight = net.begin(seen[0]), seen[0], torch.ones_like(seen[0][:, :1])
    for rgb, far, there in zip(seen[1:], believed[1:], places[1:], strict=True):
        known = net.add(known, rgb, far, there)
        counted = F.interpolate(far, scale_factor=scale, mode="bilinear")
        total, weight = total + counted * rgb, weight + counted
    mean = total / weight
    return mean, mean + net.finish(known, mean).float()


def measure_loss(fused: Tensor, large: Tensor) -> Tensor:
    """The mean over the crops of log(mean squared error), as in a mean of PSNRs: a crop counts as much calm as busy."""
    return ((fused - large).square().mean((1, 2, 3)) + LEAST).log().mean()
