"""The loop every recipe runs in: a budget of minutes or steps, one cosine cycle, EMA, checkpoints, log and curve."""

import copy
import csv
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from tqdm import tqdm

from sr_models.nets.modulated import Modulated
from sr_models.nets.resample import enlarge
from sr_models.nets.span import SPAN, SPANConfig, fold
from sr_models.nets.srcnn import SRCNN
from sr_models.training import losses, whitening, workers
from sr_models.training.adversarial import Adversary
from sr_models.training.degradation import MARGIN, pair
from sr_models.training.detail import maps
from sr_models.training.feed import Batch, Feed
from sr_models.training.muon import optimisers
from sr_models.training.photos import Photos
from sr_models.training.recipes import Recipe
from sr_models.training.starts import warm_start

WARM_UP = 0.02  # share of the budget in which the rate climbs
LAST_RATE = 1e-6
FIDELITY = 0.15  # how much of the pixel loss stays where all detail is asked for
FINISH = 0.9  # share of the budget from which the squared error, which PSNR measures, is the loss
CHECKPOINT_SECONDS = 120
EMA_DECAY, EMA_POWER = 0.999, 0.75
VALIDATION_CROPS, VALIDATION_SIDE = 48, 48


class Run:
    """One recipe in one folder: checkpoint.pt, log.csv, curve.png and, at the end, the weights as float16 safetensors."""

    def __init__(self, recipe: Recipe, photos: Photos, held_out: Photos, folder: Path, start: Path | None, device: str = "cpu"):
        torch.manual_seed(recipe.seed)
        self.recipe, self.photos, self.folder, self.device = recipe, photos, folder, device
        folder.mkdir(parents=True, exist_ok=True)
        net = recipe.net.build_for_training() if isinstance(recipe.net, SPANConfig) else recipe.net.build()
        if start is not None:
            warm_start(net, load_file(start))
        if isinstance(net, SRCNN):
            small, _ = self.pairs(photos, np.random.default_rng(0), 64, 16)
            whitening.whiten(net.patches, enlarge(small.cpu(), net.scale, "bicubic"))
            if start is None:
                whitening.start_as_bicubic(net)
        self.begun = {name: value.clone().to(device) for name, value in net.state_dict().items()}
        self.net = net.to(device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.model = workers.together(self.net)
        self.ema = copy.deepcopy(self.net).eval().requires_grad_(False)
        self.optimisers = optimisers(self.net, recipe.rate)
        self.adversary = Adversary(recipe, device) if recipe.pulls else None
        self.feed = Feed(self.batch, (recipe.seed, workers.rank()), ahead=device == "cuda")
        self.step, self.seconds = 0, 0.0
        self.validation = self.pairs(held_out, np.random.default_rng(0), VALIDATION_CROPS, VALIDATION_SIDE)

    def pairs(self, photos: Photos, random: np.random.Generator, count: int, side: int) -> tuple[Tensor, Tensor]:
        """(small, large) as `degradation.pair` gives them, from `count` random crops; `side` of the small ones in pixels."""
        scale = self.recipe.net.scale
        crops = photos.crops(random, count, (side + 2 * MARGIN) * scale)
        return pair(crops, scale, self.recipe.degradation, random)

    def batch(self, random: np.random.Generator, patch: int) -> Batch:
        """This worker's share of (small, large, how much detail is asked for)."""
        small, large = self.pairs(self.photos, random, max(1, self.recipe.batch // workers.count()), patch)
        return small, large, maps(random, len(small), patch).to(self.device) if self.recipe.pulls else None

    def autocast(self) -> torch.autocast:
        return torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.recipe.lower_precision)

    def train(self) -> Path:
        """Run until the budget is used up; → the weight file."""
        recipe = self.recipe
        budget = recipe.steps or round(recipe.minutes * 60)
        saved = self.seconds
        if self.step == 0 and workers.rank() == 0:
            (self.folder / "log.csv").unlink(missing_ok=True)  # of an earlier run
        with tqdm(total=budget, unit="step" if recipe.steps else "s", desc=recipe.id, mininterval=10, disable=workers.rank() > 0) as bar:
            while self.used < budget:
                begun = time.monotonic()
                figures = self.one_step(self.used / budget)
                self.seconds = workers.agreed(self.seconds + time.monotonic() - begun, self.device)
                bar.update(round(self.used) - bar.n)
                if self.seconds - saved > CHECKPOINT_SECONDS or self.used >= budget:
                    self.log(figures)
                    self.save()
                    saved = self.seconds
                    bar.set_postfix(step=self.step)
        return self.export()

    @property
    def used(self) -> float:
        """How much of the budget: steps where the recipe counts these, else seconds."""
        return self.step if self.recipe.steps else self.seconds

    def one_step(self, share: float) -> dict[str, Tensor]:
        recipe = self.recipe
        patch = [side for since, side in recipe.patches if share >= since][-1]
        small, large, detail = self.feed.batch(patch)
        rate = max(cosine(share) * recipe.rate, LAST_RATE)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate
        with self.autocast():
            result = (self.model(small) if detail is None else self.model(small, detail)).float()
        squared = recipe.loss == "mse" or (share >= FINISH and not recipe.pulls)
        loss = losses.mse(result, large) if squared else losses.charbonnier_fft(result, large)
        gradient = torch.autograd.grad(loss, result, retain_graph=True)[0]
        figures = {"loss": loss.detach()}
        if self.adversary is not None and detail is not None:
            figures |= self.adversary.train(small, detail, result.detach(), large, rate / recipe.rate)
            with torch.no_grad(), self.autocast():
                calm = self.ema(small, torch.zeros_like(detail)).float()
            pull = self.adversary.pull(small, detail, result, calm, large)
            asked = F.interpolate(detail, scale_factor=recipe.net.scale)
            gradient = gradient * (1 - asked * (1 - FIDELITY)) + pull * asked * gradient.norm()
        self.net.zero_grad()
        result.backward(gradient)
        nn.utils.clip_grad_norm_(self.net.parameters(), 0.5)
        for optimiser in self.optimisers:
            optimiser.step()
        self.step += 1
        decay = min(EMA_DECAY, 1 - (1 + self.step) ** -EMA_POWER)
        with torch.no_grad():
            for average, value in zip(self.ema.parameters(), self.net.parameters(), strict=True):
                average.lerp_(value, 1 - decay)
        return figures

    def log(self, figures: dict[str, Tensor]) -> None:
        """Add a row: step, seconds, figures of the last step; on the held-out crops, of the EMA weights, PSNR (RGB, dB) and crispness,
        mean gradient over the originals'; of a network with a detail map, both without detail and with all of it."""
        if workers.rank() > 0:
            return
        small, large = self.validation
        row = {"step": self.step, "seconds": round(self.seconds), **{name: float(figure) for name, figure in figures.items()}}
        for detail in (None,) if self.adversary is None else (0.0, 1.0):
            with torch.no_grad(), self.autocast():
                given = [(part,) if detail is None else (part, torch.full_like(part[:, :1], detail)) for part in small.split(8)]
                result = torch.cat([self.ema(*pair).float() for pair in given]).clamp(0, 1)
            at = "" if detail is None else f"_{detail:.0f}"
            row["psnr" + at] = -10 * math.log10((result - large).square().mean((1, 2, 3)).log().mean().exp().item())
            row["crispness" + at] = gradients(result) / gradients(large)
        path = self.folder / "log.csv"
        fresh = not path.exists()
        with path.open("a", newline="") as file:
            writer = csv.DictWriter(file, row)
            if fresh:
                writer.writeheader()
            writer.writerow({key: f"{value:.5g}" if isinstance(value, float) else value for key, value in row.items()})
        draw_curve(path)

    def save(self) -> None:
        """A checkpoint, complete or not at all."""
        state = {
            "net": self.net.state_dict(),
            "ema": self.ema.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "adversary": self.adversary.state_dict() if self.adversary else None,
            "random": workers.gathered(json.dumps(self.feed.state)),
            "step": self.step,
            "seconds": self.seconds,
        }
        if workers.rank() == 0:
            part = self.folder / "checkpoint.part"
            torch.save(state, part)
            part.replace(self.folder / "checkpoint.pt")

    def resume(self, checkpoint: Path) -> None:
        """Go on from `checkpoint`: the same weights, the same moments, the same crops as without a stop."""
        state = torch.load(checkpoint, weights_only=True, map_location=self.device)
        self.net.load_state_dict(state["net"])
        self.ema.load_state_dict(state["ema"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        if self.adversary:
            self.adversary.load_state_dict(state["adversary"])
        self.feed.state = json.loads(state["random"][workers.rank()])
        self.step, self.seconds = state["step"], state["seconds"]

    def export(self) -> Path:
        """Write the EMA weights, or what the recipe keeps of their change, the dial as long as it says, folded and as float16."""
        net = copy.deepcopy(self.ema)
        with torch.no_grad():
            for name, value in net.state_dict().items():
                value.copy_(self.begun[name].lerp(value, self.recipe.kept))
        if isinstance(net, Modulated):
            net.stretch(self.recipe.stretch)
        net = fold(net) if isinstance(net, SPAN) else whitening.fold(net)
        path = self.folder / f"{self.recipe.id}.safetensors"
        if workers.rank() == 0:
            save_file({name: value.half().contiguous().cpu() for name, value in net.state_dict().items()}, path)
        return path


def cosine(share: float) -> float:
    """Rate over peak rate when `share` of the budget is used: a short climb, then half a cosine."""
    if share < WARM_UP:
        return share / WARM_UP
    return 0.5 * (1 + math.cos(math.pi * (share - WARM_UP) / (1 - WARM_UP)))


def gradients(pictures: Tensor) -> float:
    """Mean absolute difference between neighbours in a row and in a column."""
    return ((pictures.diff(dim=2).abs().mean() + pictures.diff(dim=3).abs().mean()) / 2).item()


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
