"""The loop every recipe runs in: a budget of minutes or steps, one cosine cycle, EMA, checkpoints, log and curve."""

import copy
import csv
import json
import time
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from tqdm import tqdm

from sr_models.nets import has_dial
from sr_models.nets.fusion import FusionConfig
from sr_models.nets.recurrent import RecurrentConfig
from sr_models.training import starts, whitening
from sr_models.training.compiled import compile_blocks
from sr_models.training.feed import Feed
from sr_models.training.muon import Muon, optimisers
from sr_models.training.recipes import Recipe
from sr_models.training.schedule import cosine
from sr_models.training.tasks import Material, Task
from sr_models.training.tasks.dialled import DialledTask
from sr_models.training.tasks.looks import LooksTask
from sr_models.training.tasks.pixels import PixelTask
from sr_models.training.tasks.shots import ShotsTask

LAST_RATE = 1e-6
CHECKPOINT_SECONDS = 180
EMA_POWER = 0.75


class Run:
    """One recipe in one folder: checkpoint.pt, log.csv, curve.png and, at the end, the weights as float16 safetensors."""

    def __init__(self, recipe: Recipe, material: Material, folder: Path):
        torch.manual_seed(recipe.seed)
        self.recipe, self.folder, self.device = recipe, folder, material.device
        folder.mkdir(parents=True, exist_ok=True)
        start = {}
        if material.start is not None:  # a checkpoint, or a weight file
            checkpoint = material.start.suffix == ".pt"
            start = torch.load(material.start, weights_only=True, map_location="cpu") if checkpoint else {"net": load_file(material.start)}
            for part in start.keys() & {"net", "average"}:  # the first look is the recipe's own, whatever the start's was
                start[part] = {name: value for name, value in start[part].items() if not name.startswith("first_look.")}
        net = starts.begin(recipe, material.photos, start.get("net"), material.first)
        self.net = net.to(self.device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.average = copy.deepcopy(self.net).eval().requires_grad_(False)
        self.optimisers = optimisers(self.net, recipe.rate)
        self.task = make_task(recipe, material, folder)
        self.feed = Feed(self.task.draw, recipe.seed, ahead=self.device == "cuda")
        self.step, self.seconds = 0, 0.0
        self.averaged = 0
        """Steps that the average has seen, those of the run before included."""
        if "average" in start:
            self.take(start)
        self.began_as = copy.deepcopy(self.average.state_dict())
        if self.device == "cuda":
            compile_blocks(self.net, lambda: self.task.trial(self.net, *self.asked(0, 0)[1:]))

    def train(self) -> Path:
        """Run until the budget is used up; → the weight file."""
        recipe = self.recipe
        budget = recipe.steps or round(recipe.minutes * 60)
        saved = self.seconds
        if self.step == 0:
            (self.folder / "log.csv").unlink(missing_ok=True)  # of an earlier run
        with tqdm(total=budget, unit="step" if recipe.steps else "s", desc=recipe.id, mininterval=10) as bar:
            while self.used < budget:
                begun = time.monotonic()
                figures = self.one_step(self.used / budget)
                self.seconds += time.monotonic() - begun
                bar.update(round(self.used) - bar.n)
                if self.seconds - saved > CHECKPOINT_SECONDS or self.used >= budget:
                    self.log(figures)
                    self.save()
                    saved = self.seconds
                    bar.set_postfix(step=self.step)
        return self.export()

    @property
    def used(self) -> float:
        """How much of the budget is used: in steps if the recipe has a number of steps, else in seconds."""
        return self.step if self.recipe.steps else self.seconds

    def one_step(self, share: float) -> dict[str, Tensor]:
        recipe = self.recipe
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                rate = recipe.rate if isinstance(optimiser, Muon) or recipe.other_rate is None else recipe.other_rate
                group["lr"] = max(cosine(share) * rate, LAST_RATE)
        scale, count, side = self.asked(self.step, share)
        batch = self.feed.batch((scale, count, side), self.asked(self.step + 1, share))
        self.net.zero_grad()
        figures = self.task.learn(starts.at(self.net, scale), batch, scale, share)
        nn.utils.clip_grad_norm_(self.net.parameters(), 0.5)
        for optimiser in self.optimisers:
            optimiser.step()
        self.step += 1
        self.averaged += 1
        decay = min(recipe.average, 1 - (1 + self.averaged) ** -EMA_POWER)
        with torch.no_grad():
            for average, value in zip(self.average.parameters(), self.net.parameters(), strict=True):
                average.lerp_(value, 1 - decay)
        if self.device == "cuda" and self.step % 8 == 0:
            torch.cuda.synchronize()  # else the clock would run ahead of the work
        return figures

    def asked(self, step: int, share: float) -> tuple[int, int, int]:
        """What the batch of a step is to be: its scale, the number of pairs, the side of the small pictures in pixels."""
        count, side = next((count, side) for since, count, side in reversed(self.recipe.batches) if share >= since)
        return self.recipe.scales[step % len(self.recipe.scales)], count, side

    def log(self, figures: dict[str, Tensor]) -> None:
        """Add a row: step, seconds, figures of the last step, and what the task says of the averaged weights."""
        row = {"step": self.step, "seconds": round(self.seconds), **{name: float(figure) for name, figure in figures.items()}}
        row |= self.task.judge(self.average)
        path = self.folder / "log.csv"
        new = not path.exists()
        with path.open("a", newline="") as file:
            writer = csv.DictWriter(file, row)
            if new:
                writer.writeheader()
            writer.writerow({name: f"{value:.6g}" if isinstance(value, float) else value for name, value in row.items()})
        draw_curve(path)

    def save(self) -> None:
        """A checkpoint, complete or not at all."""
        state = {
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "began_as": self.began_as,
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "averaged": self.averaged,
            "task": self.task.state_dict(),
            "random": json.dumps(self.feed.state),
            "step": self.step,
            "seconds": self.seconds,
        }
        part = self.folder / "checkpoint.part"
        torch.save(state, part)
        part.replace(self.folder / "checkpoint.pt")

    def resume(self, checkpoint: Path) -> None:
        """Go on from `checkpoint`: the same weights, the same moments, the same batches as without a stop."""
        state = torch.load(checkpoint, weights_only=True, map_location=self.device)
        self.take(state)
        self.feed.state = json.loads(state["random"])
        self.step, self.seconds = state["step"], state["seconds"]
        self.began_as = state["began_as"]

    def take(self, state: dict) -> None:
        """What a checkpoint knows, maybe of another recipe: weights, averages, discriminators, moments; not how far its run had come."""
        starts.warm_start(self.net, state["net"])
        starts.warm_start(self.average, state["average"])
        if starts.shapes(state["net"]) == starts.shapes(self.net.state_dict()):
            for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
                optimiser.load_state_dict(saved)
        self.averaged = state["averaged"]
        self.task.load_state_dict(state["task"])

    def export(self) -> Path:
        """Write the averaged weights, folded and as float16."""
        net = whitening.remove_whitening(copy.deepcopy(self.average))
        if self.recipe.own_share < 1:
            for name, value in net.state_dict().items():
                value.copy_(self.began_as[name].lerp(value, self.recipe.own_share))
        path = self.folder / f"{self.recipe.id}.safetensors"
        save_file({name: value.half().contiguous().cpu() for name, value in net.state_dict().items()}, path)
        return path


def make_task(recipe: Recipe, material: Material, folder: Path) -> Task[Any, Any]:
    """What the recipe's kind of network learns."""
    if isinstance(recipe.net, FusionConfig):
        return ShotsTask(recipe, material)
    if isinstance(recipe.net, RecurrentConfig):
        return LooksTask(recipe, material, folder)
    return (DialledTask if has_dial(recipe.net) else PixelTask)(recipe, material, folder)


def draw_curve(log: Path) -> None:
    """curve.png beside log.csv: PSNR over minutes."""
    from matplotlib.figure import Figure

    with log.open() as file:
        rows = list(csv.DictReader(file))
    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.subplots()
    for column in [name for name in rows[0] if name.startswith("psnr")]:
        axes.plot([float(row["seconds"]) / 60 for row in rows], [float(row[column]) for row in rows], marker=".", label=column)
    axes.legend()
    axes.set(xlabel="minutes", ylabel="PSNR on held-out crops, dB", title=log.parent.name)
    axes.grid(alpha=0.3)
    figure.savefig(log.parent / "curve.png", dpi=110)
