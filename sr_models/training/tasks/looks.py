"""A look: from snapshots to studio photos and back, without pairs (Zhu et al., CycleGAN, ICCV 2017), each way by colour tables alone."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from sr_models.figures.quality import delta_e
from sr_models.nets.look import LookConfig
from sr_models.training import losses
from sr_models.training.colours import FEATURES, bend, describe_colours, distance, repaint, to_lab, turn_back
from sr_models.training.schedule import cosine
from sr_models.training.tasks import Batch, Material
from sr_models.training.thumbnails import Thumbnails, cast_light, sort_by_backdrop

ADVERSARIAL, CYCLE, IDENTITY, SMOOTH, ORDERED = 10.0, 0.7, 0.7, 10.0, 20.0
BACK_RATE, DISCRIMINATOR_RATE, LAST = 4e-3, 1e-3, 0.02
CAST = 0.5  # of the snapshots are studio photos under another light, which have nothing to do with those in the same batch
TRIALS = 8  # casts of each held-out studio photo


class ColourDiscriminator(nn.Module):
    """Judges the colours of backdrop and product by their statistics, and how they lie by a thumbnail of 16 × 16 (spectral norm: Miyato
    et al., ICLR 2018). It hardly sees what is on the picture, which differs between the two kinds of photos and is none of its business.
    """

    def __init__(self) -> None:
        super().__init__()
        self.statistics = nn.Sequential(
            spectral_norm(nn.Linear(2 * FEATURES, 96)),
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Linear(96, 64)),
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Linear(64, 1)),
        )
        self.layout = nn.Sequential(
            spectral_norm(nn.Conv2d(4, 32, 3, 2, 1)),
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Conv2d(32, 48, 3, 2, 1)),
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Conv2d(48, 48, 3, 2, 1)),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            spectral_norm(nn.Linear(4 * 48, 1)),
        )

    def forward(self, rgb: Tensor, backdrop: Tensor) -> Tensor:
        """Thumbnails → (2, N, 1): above 0 where they look like photos of its kind."""
        lab = to_lab(rgb)
        half, share = F.avg_pool2d(lab, 2), F.avg_pool2d(backdrop, 2)
        colours = torch.cat([describe_colours(half, (share > 0.95).float()), describe_colours(half, (share < 0.05).float())], 1)
        even = lab / lab.new_tensor([50, 25, 25])[:, None, None] - lab.new_tensor([1, 0, 0])[:, None, None]
        small = F.adaptive_avg_pool2d(torch.cat([even, backdrop], 1), 16)
        return torch.stack([self.statistics(colours), self.layout(small)])


class LookTask:
    """The network makes studio photos of snapshots; the way back, a network of the same kind, is told which backdrop by being shown it."""

    def __init__(self, net: LookConfig, material: Material):
        self.snapshots, self.studio = sort_by_backdrop(material.photos)
        self.others, self.held_out = sort_by_backdrop(material.held_out)
        self.back = net.build()
        self.judges = nn.ModuleDict({"studio": ColourDiscriminator(), "snapshot": ColourDiscriminator()})
        self.optimisers = {
            "back": torch.optim.Adam(self.back.parameters(), BACK_RATE, betas=(0.5, 0.99)),
            "judges": torch.optim.Adam(self.judges.parameters(), DISCRIMINATOR_RATE, betas=(0.5, 0.99)),
        }

    def draw(self, random: np.random.Generator, scale: int, count: int, side: int) -> Batch:
        """Thumbnails with their backdrop as a fourth channel, (count, 4, side, side) each: `small` are snapshots, `large` studio photos."""
        snapshots, studio, others = (pick(kind, random, count) for kind in (self.snapshots, self.studio, self.studio))
        lit = torch.cat([cast_light(others[:, :3], random), others[:, 3:]], 1)
        cast = torch.from_numpy(random.random(count) < CAST)[:, None, None, None]
        return Batch(*(F.adaptive_avg_pool2d(part, side) for part in (torch.where(cast, lit, snapshots), studio)))

    def learn(self, net: nn.Module, average: nn.Module, batch: Batch, scale: int, share: float) -> dict[str, Tensor]:
        (snapshot, behind), (studio, ground) = (part.split([3, 1], 1) for part in (batch.small, batch.large))
        wanted = mean_colour(snapshot, behind)
        there, back = net(snapshot, behind), self.look_back(studio, ground, wanted)
        made, unmade = repaint(snapshot, behind, there), repaint(studio, ground, back)
        told = self.train_judges({"studio": (studio, ground, made, behind), "snapshot": (snapshot, behind, unmade, ground)}, share)
        adversarial = -(self.judges["studio"](made, behind).mean() + self.judges["snapshot"](unmade, ground).mean())
        returning, forth = self.look_back(made, behind, wanted), net(unmade, ground)
        cycle = distance(repaint(made, behind, returning), snapshot) + distance(repaint(unmade, ground, forth), studio)
        same = distance(repaint(studio, ground, net(studio, ground)), studio)
        same = same + distance(repaint(snapshot, behind, self.look_back(snapshot, behind, wanted)), snapshot)
        tables = torch.cat([there, back, returning, forth])
        loss = ADVERSARIAL * adversarial + CYCLE * cycle + IDENTITY * same + SMOOTH * bend(tables) + ORDERED * turn_back(tables)
        self.optimisers["back"].zero_grad()
        loss.backward()
        self.step("back", self.back, BACK_RATE, share)
        return {"loss": loss.detach(), "adversarial": adversarial.detach(), "cycle": cycle.detach(), "identity": same.detach(), **told}

    def look_back(self, rgb: Tensor, backdrop: Tensor, wanted: Tensor) -> Tensor:
        """The tables that make snapshots with a backdrop of a `wanted` colour, (N, 3), which no studio photo tells: it is shown."""
        return self.back(rgb.lerp(wanted[:, :, None, None], backdrop), backdrop)

    def train_judges(self, seen: dict[str, tuple[Tensor, ...]], share: float) -> dict[str, Tensor]:
        """One step of each, by (real, its backdrop, made, its backdrop). → figures."""
        total, figures = 0.0, {}
        for name, (real, its, made, other) in seen.items():
            found, invented = self.judges[name](real, its), self.judges[name](made.detach(), other)
            total = total + losses.hinge_for_discriminator(found, invented, torch.ones_like(found))
            figures |= {f"real_{name}": found.mean().detach(), f"made_{name}": invented.mean().detach()}
        self.optimisers["judges"].zero_grad()
        total.backward()
        self.step("judges", self.judges, DISCRIMINATOR_RATE, share)
        self.optimisers["judges"].zero_grad()
        return figures

    def step(self, name: str, nets: nn.Module, rate: float, share: float) -> None:
        nn.utils.clip_grad_norm_(nets.parameters(), 5.0)
        for group in self.optimisers[name].param_groups:
            group["lr"] = rate * max(cosine(share), LAST)
        self.optimisers[name].step()

    @torch.no_grad()
    def judge(self, average: nn.Module) -> dict[str, float]:
        """Mean ΔE00 on held-out photos: what a cast did to studio photos, what the look left of it, what it did to them as they were, and
        what is left after the way to a snapshot and back.
        """
        truth, backdrop = self.held_out
        random, lit, left = np.random.default_rng(0), [], []
        for _ in range(TRIALS):
            cast = cast_light(truth, random)
            lit.append(measure(cast, truth))
            left.append(measure(repaint(cast, backdrop, average(cast, backdrop)), truth))
        same = measure(repaint(truth, backdrop, average(truth, backdrop)), truth)
        wanted = mean_colour(*self.others)[torch.arange(len(truth)) % len(self.others.rgb)]
        away = repaint(truth, backdrop, self.look_back(truth, backdrop, wanted))
        cycle = measure(repaint(away, backdrop, average(away, backdrop)), truth)
        found = {"casts": float(np.mean(lit)), "left": float(np.mean(left)), "unneeded": same, "cycle": cycle}
        return {f"delta_e_{name}": value for name, value in found.items()}

    def state_dict(self) -> dict:
        nets = {"back": self.back.state_dict(), "judges": self.judges.state_dict()}
        return nets | {f"{name}_optimiser": optimiser.state_dict() for name, optimiser in self.optimisers.items()}

    def load_state_dict(self, state: dict) -> None:
        if "back" in state:
            self.back.load_state_dict(state["back"])
            self.judges.load_state_dict(state["judges"])
            for name, optimiser in self.optimisers.items():
                optimiser.load_state_dict(state[f"{name}_optimiser"])


def pick(photos: Thumbnails, random: np.random.Generator, count: int) -> Tensor:
    """(count, 4, H, W): some of them, each mirrored or not."""
    chosen = torch.from_numpy(random.integers(len(photos.rgb), size=count))
    both = torch.cat([photos.rgb[chosen], photos.backdrop[chosen]], 1)
    return torch.where(torch.from_numpy(random.random(count) < 0.5)[:, None, None, None], both.flip(3), both)


def mean_colour(rgb: Tensor, where: Tensor) -> Tensor:
    """(N, 3, H, W) and shares (N, 1, H, W) → (N, 3)."""
    return (rgb * where).sum((2, 3)) / where.sum((2, 3)).clamp_min(1)


def measure(found: Tensor, truth: Tensor) -> float:
    """Mean ΔE00 of pictures (N, 3, H, W) in [0, 1]."""
    a, b = ((255 * part).round().byte().permute(0, 2, 3, 1).flatten(0, 1).numpy() for part in (found, truth))
    return float(delta_e(a, b).mean())
