"""`python -m sr_models.training.fuse --series FOLDER --into FOLDER`: a network learns what to add to the mean of several enlargements.

`python -m sr_models.training.series` makes the series first. A run that was stopped goes on from its last checkpoint. `cnn-shots-x2-v1` and
`cnn-shots-x3-v1` were made so at commit afc5416; what was different for `cnn-shots-x4-v1`, LOG.md says.
"""

import argparse
import copy
import csv
import json
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from sr_models import SCALES
from sr_models.nets import FusionNetwork
from sr_models.nets.fusion import FusionConfig
from sr_models.stages.align import centred
from sr_models.stages.register import move
from sr_models.training.muon import optimisers
from sr_models.training.schedule import cosine
from sr_models.training.series import HELD_OUT

NETS = {scale: FusionConfig(features=64, blocks=3, scale=scale) for scale in SCALES}
COUNTS, LIKELY = (2, 3, 4, 5, 6), (0.3, 0.15, 0.2, 0.15, 0.2)  # shots of a batch, and how often they are so many
CROP, AT_ONCE = 32, 8  # small pixels; crops a step
RATE, AVERAGE = 1e-3, 0.999  # as in `Recipe`
OWN_SHARE = 0.75  # of the weights of a run that began with others; what is left is theirs (Wortsman et al., WiSE-FT, CVPR 2022)
LEAST = 1e-5  # mean squared error of a crop, below which there is little to gain: 0.8 levels of 255
FRESH = 100  # steps: so often new files of series are looked for
LOG_SECONDS = 300
JUDGED = (2, 4, 6)
EVERY = 3  # of the series held out, one of so many is judged


class Batch(NamedTuple):
    """Series, or parts of them: N series of T shots."""

    large: Tensor
    """(N, 3, H·scale, W·scale), the original."""
    seen: Tensor
    """(N, T, 3, H·scale, W·scale), the enlargement of each shot, moved to where it belongs."""
    believed: Tensor
    """(N, T, 1, H, W)"""
    places: Tensor
    """(N, T, 2, H, W), as `FusionNetwork.add` takes them."""

    def as_levels(self) -> "Batch":
        """All float32, levels in [0, 1]."""
        return Batch(self.large.float() / 255, self.seen.float() / 255, self.believed.float(), self.places)


def load(files: list[Path]) -> Batch:
    """What `series` wrote."""
    known = [torch.load(file, weights_only=True) for file in files]
    large, seen, believed, warps = (torch.cat([each[name] for each in known]) for name in ("large", "seen", "believed", "warps"))
    grid = centred(*believed.shape[-2:])
    places = torch.stack([torch.stack([move(grid, warp).permute(2, 0, 1) - 0.5 for warp in series]) for series in warps])
    return Batch(large, seen, believed, places)


def draw(files: list[Batch], random: np.random.Generator, count: int) -> Batch:
    """AT_ONCE crops of series, each of its first shot and of others of it, all turned and mirrored alike."""
    crops = []
    for _ in range(AT_ONCE):
        file = files[random.integers(len(files))]
        index = random.integers(len(file.large))
        large, seen, believed, places = (part[index] for part in file)
        chosen = [0, *(1 + random.permutation(len(seen) - 1)[: count - 1])]
        side, scale = believed.shape[-1], large.shape[-1] // believed.shape[-1]
        corner = random.integers(0, side - CROP + 1, 2)
        small, fine = ((..., *(slice(int(at) * by, (int(at) + CROP) * by) for at in corner)) for by in (1, scale))
        how = [bool(each) for each in random.integers(0, 2, 3)]
        turned = (turn(part, *how) for part in (large[fine], seen[chosen][fine], believed[chosen][small]))
        crops.append((*turned, turn_places(places[chosen][small], *how)))
    return Batch(*(torch.stack(parts) for parts in zip(*crops, strict=True))).as_levels()


def turn(x: Tensor, turned: bool, across: bool, along: bool) -> Tensor:
    x = x.mT if turned else x
    return x.flip([axis for axis, mirrored in ((-1, across), (-2, along)) if mirrored])


def turn_places(x: Tensor, turned: bool, across: bool, along: bool) -> Tensor:
    """(T, 2, H, W): what mirrors a picture changes the sign of x or y, too."""
    x = x.flip(1) if turned else x
    return turn(x, turned, across, along) * torch.tensor([-1.0 if across else 1.0, -1.0 if along else 1.0])[:, None, None]


def fuse(net: FusionNetwork, batch: Batch) -> tuple[Tensor, Tensor]:
    """→ (the mean of the enlargements, that and what the network adds)."""
    seen, believed, places = (part.unbind(1) for part in batch[1:])
    scale = batch.large.shape[-1] // batch.believed.shape[-1]
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


@torch.no_grad()
def judge(net: FusionNetwork, series: Batch) -> dict[str, float]:
    """For some numbers of shots: PSNR of the mean in dB, and what the network gains over it."""
    found = {}
    for count in JUDGED:
        rows = []
        for index in range(len(series.large)):
            large, *parts = (part[index : index + 1] for part in series)
            batch = Batch(large, *(part[:, :count] for part in parts)).as_levels()
            with torch.autocast("cpu", torch.bfloat16):
                results = fuse(net, batch)
            errors = torch.stack([(result.clamp(0, 1) - batch.large).square().mean() for result in results])
            rows.append(-10 * errors.clamp_min(1e-9).log10())
        mean, fused = torch.stack(rows).mean(0).tolist()
        found |= {f"mean_{count}": mean, f"gain_{count}": fused - mean}
    return found


class Run:
    """One network in one folder: checkpoint.pt, log.csv and, of the averaged weights, a float16 file of safetensors."""

    def __init__(self, scale: int, folder: Path, start: Path | None = None):
        torch.manual_seed(1)
        self.scale, self.folder = scale, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.net = NETS[scale].build().to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.began_as = at_scale(load_file(start), scale) if start else None
        if self.began_as:
            self.net.load_state_dict(self.began_as)
        self.average = copy.deepcopy(self.net).eval().requires_grad_(False)
        self.rules = optimisers(self.net, RATE)
        self.random = np.random.default_rng(1)
        self.step, self.seconds = 0, 0.0
        if self.checkpoint.exists():
            self.resume()
        else:
            self.log.unlink(missing_ok=True)

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    @property
    def log(self) -> Path:
        return self.folder / "log.csv"

    def one_step(self, series: list[Batch], share: float) -> float:
        """→ the loss; `share` of the budget is used."""
        for rule in self.rules:
            for group in rule.param_groups:
                group["lr"] = max(cosine(share) * RATE, 1e-6)
        batch = draw(series, self.random, int(self.random.choice(COUNTS, p=LIKELY)))
        with torch.autocast("cpu", torch.bfloat16):
            _, fused = fuse(self.net, batch)
        loss = measure_loss(fused, batch.large)
        self.net.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 0.5)
        for rule in self.rules:
            rule.step()
        self.step += 1
        decay = min(AVERAGE, 1 - (1 + self.step) ** -0.75)
        with torch.no_grad():
            for kept, value in zip(self.average.parameters(), self.net.parameters(), strict=True):
                kept.lerp_(value, 1 - decay)
        return loss.item()

    def save(self, files: int, loss: float, held_out: Batch) -> None:
        """A row of the log, a checkpoint, complete or not at all, and the weights."""
        row = {"step": self.step, "seconds": round(self.seconds), "files": files, "loss": loss, **judge(self.average, held_out)}
        new = not self.log.exists()
        with self.log.open("a", newline="") as file:
            writer = csv.DictWriter(file, row)
            if new:
                writer.writeheader()
            writer.writerow({name: f"{value:.5g}" for name, value in row.items()})
        state = {
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "rules": [rule.state_dict() for rule in self.rules],
            "began_as": self.began_as,
            "random": json.dumps(self.random.bit_generator.state),
            "step": self.step,
            "seconds": self.seconds,
        }
        torch.save(state, self.checkpoint.with_suffix(".part"))
        self.checkpoint.with_suffix(".part").replace(self.checkpoint)
        weights = self.average.state_dict()
        if self.began_as:
            weights = {name: self.began_as[name].lerp(value, OWN_SHARE) for name, value in weights.items()}
        weights = {name: value.half().contiguous() for name, value in weights.items()}
        save_file(weights, self.folder / f"cnn-shots-x{self.scale}-v1.safetensors")

    def resume(self) -> None:
        state = torch.load(self.checkpoint, weights_only=True)
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        for rule, saved in zip(self.rules, state["rules"], strict=True):
            rule.load_state_dict(saved)
        self.began_as = state["began_as"]
        self.random.bit_generator.state = json.loads(state["random"])
        self.step, self.seconds = state["step"], state["seconds"]

    def train(self, series: Path, minutes: float, steps: int | None) -> None:
        """Until so many minutes, or steps, are used; series may still be made meanwhile."""
        held_out = Batch(*(part[::EVERY] for part in load(sorted(series.glob(f"{self.scale}x-*.pt"))[:HELD_OUT])))
        known, logged, loss = [], self.seconds, 0.0
        while (share := self.step / steps if steps else self.seconds / (60 * minutes)) < 1:
            begun = time.monotonic()
            if self.step % FRESH == 0 or not known:
                files = sorted(series.glob(f"{self.scale}x-*.pt"))[HELD_OUT:]
                known += [load([file]) for file in files[len(known) :]]
            loss = self.one_step(known, share)
            self.seconds += time.monotonic() - begun
            if self.seconds - logged > LOG_SECONDS:
                self.save(len(known), loss, held_out)
                logged = self.seconds
        if known:
            self.save(len(known), loss, held_out)


def at_scale(weights: dict[str, Tensor], scale: int) -> dict[str, Tensor]:
    """The weights of a fusion at another scale → as they would be at this one, if every pixel were as many as there."""
    known = round((len(weights["last.bias"]) / 3) ** 0.5)

    def change(x: Tensor, axis: int, factor: float) -> Tensor:
        """`axis`: channels of a pixel-unshuffle, (3, known, known) in one."""
        x = x.float().movedim(axis, -1)
        parts = F.adaptive_avg_pool2d(x.reshape(-1, 1, known, known), scale)
        return (factor * parts.reshape(*x.shape[:-1], -1)).movedim(-1, axis)

    seen, width = 3 * known**2, len(weights["second.bias"])
    summed = known**2 / scale**2
    places = {"first.weight": 0, "first_shot.weight": 0, "join.weight": width}  # where the pixels begin among the inputs
    found = {name: value.float() for name, value in weights.items()}
    for name, start in places.items():
        before, pixels, after = found[name].tensor_split((start, start + seen), 1)
        found[name] = torch.cat([before, change(pixels, 1, summed), after], 1)
    return found | {name: change(found[name], 0, 1.0) for name in ("last.weight", "last.bias")}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, choices=SCALES, default=4)
    parser.add_argument("--series", type=Path, required=True)
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--steps", type=int, help="so many steps, instead of minutes")
    parser.add_argument("--start", type=Path, help="weights to start from, maybe of another scale")
    options = parser.parse_args(arguments)
    run = Run(options.scale, options.into, options.start)
    run.train(options.series, options.minutes, options.steps)


if __name__ == "__main__":
    main()
