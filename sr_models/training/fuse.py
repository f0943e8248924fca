"""`python -m sr_models.training.fuse --series FOLDER`: teaches a network what to add to the mean of several enlargements."""

import argparse
import copy
import csv
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from sr_models.nets.fusion import Fusion, FusionConfig, phase_of
from sr_models.stages.align import centred
from sr_models.stages.register import move
from sr_models.training import losses
from sr_models.training.muon import Muon, optimisers
from sr_models.training.schedule import cosine

COUNTS, LIKELY = (1, 2, 3, 4, 5, 6), (0.08, 0.2, 0.16, 0.2, 0.16, 0.2)
CROP, AT_ONCE = 32, 16
FILES_HELD_OUT = 2


class Series(NamedTuple):
    large: Tensor
    """uint8 (S, 3, 48·scale, 48·scale)"""
    seen: Tensor
    """uint8 (S, 6, 3, 48·scale, 48·scale)"""
    believed: Tensor
    """float16 (S, 6, 1, 48, 48)"""
    phases: Tensor
    """float16 (S, 6, 4, 48, 48)"""


def load(paths: list[Path]) -> Series:
    files = [torch.load(path, weights_only=True) for path in paths]
    large, seen, believed, warps = (torch.cat([file[name] for file in files]) for name in ("large", "seen", "believed", "warps"))
    grid = centred(*believed.shape[-2:])
    phases = torch.stack([torch.stack([phase_of(move(grid, warp) - grid[0, 0]).half() for warp in each]) for each in warps])
    return Series(large, seen, believed, phases)


def turn(x: Tensor, turned: bool, across: bool, along: bool) -> Tensor:
    x = x.mT if turned else x
    return x.flip([axis for axis, flipped in ((-1, across), (-2, along)) if flipped])


def turn_phases(x: Tensor, turned: bool, across: bool, along: bool) -> Tensor:
    """As `turn`, for (…, 4, H, W): sine and cosine of x, and of y."""
    x = x[..., [2, 3, 0, 1], :, :] if turned else x
    sign = torch.tensor([-1 if across else 1, 1, -1 if along else 1, 1])[:, None, None]
    return turn(x, turned, across, along) * sign.to(x)


def draw(series: Series, random: np.random.Generator, count: int, at_once: int, crop: int, scale: int):
    larges, shots = [], []
    side = series.believed.shape[-1]
    for index in random.integers(len(series.large), size=at_once):
        chosen = [0, *(1 + random.permutation(series.seen.shape[1] - 1)[: count - 1])]
        top, left = random.integers(0, side - crop + 1, 2)
        small = (..., slice(top, top + crop), slice(left, left + crop))
        fine = (..., slice(top * scale, (top + crop) * scale), slice(left * scale, (left + crop) * scale))
        how = [bool(each) for each in random.integers(0, 2, 3)]
        larges.append(turn(series.large[index][fine], *how))
        shots.append(
            (
                turn(series.seen[index, chosen][fine], *how),
                turn(series.believed[index, chosen][small], *how),
                turn_phases(series.phases[index, chosen][small], *how),
            )
        )
    seen, believed, phases = (torch.stack(parts, 1) for parts in zip(*shots, strict=True))
    return torch.stack(larges).float() / 255, seen.float() / 255, believed.float(), phases.float()


def fuse(net: Fusion, seen: Tensor, believed: Tensor, phases: Tensor) -> tuple[Tensor, Tensor]:
    state = net.begin(seen[0])
    for shot in zip(seen[1:], believed[1:], phases[1:], strict=True):
        state = net.add(state, *shot)
    return net.finish(state)


def psnr(result: Tensor, large: Tensor) -> Tensor:
    weights = torch.tensor([65.481, 128.553, 24.966])[:, None, None] / 255
    difference = ((result.clamp(0, 1) - large) * weights).sum(1)
    return -10 * difference.square().mean((1, 2)).clamp_min(1e-9).log10()


@torch.no_grad()
def judge(net: Fusion, series: Series) -> dict[str, float]:
    """dB over the mean of the enlargements, and dB of that."""
    found = {}
    scale = net.config.scale
    inner = (..., slice(4 * scale, -4 * scale), slice(4 * scale, -4 * scale))
    for count in (1, 2, 4, 6):
        gains, means = [], []
        for part in torch.arange(len(series.large)).split(10):
            seen = series.seen[part, :count].transpose(0, 1).float() / 255
            believed, phases = (x[part, :count].transpose(0, 1).float() for x in (series.believed, series.phases))
            with torch.autocast("cpu", torch.bfloat16):
                mean, added = fuse(net, seen, believed, phases)
            large = series.large[part].float() / 255
            base = psnr(mean.float()[inner], large[inner])
            gains.append(psnr((mean + added.float())[inner], large[inner]) - base)
            means.append(base)
        found |= {f"mean_{count}": torch.cat(means).mean().item(), f"gain_{count}": torch.cat(gains).mean().item()}
    return found


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=Path, required=True)
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--scale", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=35)
    parser.add_argument("--features", type=int, default=64)
    parser.add_argument("--blocks", type=int, default=3)
    parser.add_argument("--start", type=Path, help="weights to start from")
    parser.add_argument("--rate", type=float, default=1e-3)
    options = parser.parse_args(arguments)
    torch.manual_seed(1)
    torch.set_num_threads(1)
    random = np.random.default_rng(1)
    options.into.mkdir(parents=True, exist_ok=True)
    scale = options.scale

    def files() -> list[Path]:
        return sorted(options.series.glob(f"{scale}x-*.pt"))

    held_out, known = Series(*(part[::3] for part in load(files()[:FILES_HELD_OUT]))), files()
    series = load(known[FILES_HELD_OUT:])
    net = FusionConfig(options.features, options.blocks, scale).build().to(memory_format=torch.channels_last)
    if options.start:
        net.load_state_dict(load_file(options.start))
    average = copy.deepcopy(net).eval().requires_grad_(False)
    print(sum(p.numel() for p in net.parameters()), "parameters", flush=True)
    rules = optimisers(net, options.rate)
    begun, step, last, total = time.monotonic(), 0, 0.0, 0.0
    log = (options.into / "log.csv").open("w", newline="")
    writer = None
    while True:
        used = time.monotonic() - begun
        share = used / (60 * options.minutes)
        if share >= 1 or used - last > 240 or step == 0:
            row = {"step": step, "seconds": round(used), "series": len(series.large), "loss": total / max(1, step), **judge(average, held_out)}
            writer = writer or csv.DictWriter(log, row)
            if step == 0:
                writer.writeheader()
            writer.writerow({name: f"{value:.5g}" for name, value in row.items()})
            log.flush()
            print({name: round(value, 3) for name, value in row.items()}, flush=True)
            part = options.into / "weights.part"
            save_file({name: value.half().contiguous() for name, value in average.state_dict().items()}, part)
            part.replace(options.into / "weights.safetensors")
            if share >= 1:
                break
            last = used
            if len(files()) > len(known):
                new = files()[len(known) :]
                series = Series(*(torch.cat(parts) for parts in zip(series, load(new), strict=True)))
                known += new
        for rule in rules:
            for group in rule.param_groups:
                group["lr"] = max(cosine(share) * options.rate, 1e-6)
        count = int(random.choice(COUNTS, p=LIKELY))
        large, seen, believed, phases = draw(series, random, count, AT_ONCE, CROP, scale)
        with torch.autocast("cpu", torch.bfloat16):
            mean, added = fuse(net, seen, believed, phases)
        loss = (losses.mse if share > 0.6 else losses.charbonnier)(mean + added.float(), large)
        net.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        for rule in rules:
            rule.step()
        step += 1
        total += loss.item()
        decay = min(0.999, 1 - (1 + step) ** -0.75)
        with torch.no_grad():
            for kept, value in zip(average.parameters(), net.parameters(), strict=True):
                kept.lerp_(value, 1 - decay)


if __name__ == "__main__":
    main()
