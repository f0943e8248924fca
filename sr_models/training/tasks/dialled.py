"""A network with a dial: without detail it aims at the original, with all of it at something crisp; texture is pulled from it."""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sr_models.stages.crisp import find_texture
from sr_models.training import losses
from sr_models.training.adversarial import Adversary
from sr_models.training.aim import CrispAim
from sr_models.training.detail import draw_maps
from sr_models.training.judging import crispness, edge_ratio, mean_psnr, roughness
from sr_models.training.photos import Photos
from sr_models.training.recipes import Recipe
from sr_models.training.starts import at
from sr_models.training.stored import StoredPairs, load_pairs
from sr_models.training.tasks import Batch, Material, draw_pairs
from sr_models.training.teachers import Teachers

HELD_OUT_PAIRS, HELD_OUT_SIDE = 16, 48
FIDELITY = 0.15  # how much of the pixel loss stays, in brightness, where discriminators have their say


class DialledTask:
    def __init__(self, recipe: Recipe, aim: CrispAim, material: Material, folder: Path):
        """Pairs that are stored are kept in `folder`."""
        self.recipe, self.aim, self.material, self.folder = recipe, aim, material, folder
        self.teachers = make_teachers(aim, material)
        self.adversary = Adversary(recipe, material.perceptual, material.device) if recipe.pulls else None
        self.stored = {scale: self.pairs("pairs", material.photos, scale, count) for scale, count in recipe.stored}
        self.held_out: dict[int, Batch] = {}
        for scale in sorted(set(recipe.scales)):
            how = np.random.default_rng(0), scale, HELD_OUT_PAIRS, HELD_OUT_SIDE
            if self.stored:
                pairs = self.moved(self.pairs("held-out", material.held_out, scale, HELD_OUT_PAIRS).draw(*how))
            else:
                pairs = draw_pairs(material.held_out, recipe, *how)
            self.held_out[scale] = pairs

    def pairs(self, name: str, photos: Photos, scale: int, count: int) -> StoredPairs:
        assert self.teachers is not None, "Pairs are stored with the answers of teachers: name a CNN in the aim."
        path = self.folder / f"{name}-x{scale}.safetensors"
        return load_pairs(path, photos, count, scale, self.recipe, self.teachers)

    def moved(self, parts: list[Tensor]) -> Batch:
        """Stored pairs lie in host memory."""
        return Batch(*(part.to(self.material.device) for part in parts))

    def draw(self, random: np.random.Generator, scale: int, count: int, side: int) -> Batch:
        if self.stored:
            pairs = self.moved(self.stored[scale].draw(random, scale, count, side))
        elif self.material.ring is not None:
            pairs = Batch(*self.material.ring.draw(random, scale, count, side))
        else:
            pairs = draw_pairs(self.material.photos, self.recipe, random, scale, count, side)
        return pairs._replace(detail=draw_maps(random, count, side).to(self.material.device))

    def learn(self, net: nn.Module, average: nn.Module, batch: Batch, scale: int, share: float) -> dict[str, Tensor]:
        small, large, cnn, aim, detail = batch
        assert detail is not None
        if cnn is None or aim is None:
            cnn, aim = self.aimed(average, small, scale)
        asked = F.interpolate(detail, scale_factor=scale)
        with self.recipe.autocast(self.material.device):
            result = net(small, detail).float()
        loss = pixels = losses.charbonnier_fft(result, large.lerp(aim, asked))
        figures = {"pixels": pixels.detach()}
        for name, strength, measure in (
            ("edges", self.aim.edges, lambda: losses.edge_loss(result, aim, asked)),
            ("overshoot", self.aim.overshoot, lambda: losses.overshoot_loss(result, aim, asked)),
            ("colours", self.aim.colours, lambda: losses.colour_loss(result, cnn, asked, scale)),
        ):
            if strength:
                part = measure()
                loss, figures[name] = loss + strength * part, part.detach()
        figures["loss"] = loss.detach()
        if self.adversary is None:
            loss.backward()
            return figures
        where = asked * find_texture(cnn, scale)
        figures |= self.adversary.train(batch, scale, result.detach(), where, share)
        if not self.adversary.leads:
            gradient = torch.autograd.grad(loss, result, retain_graph=True)[0]
            result.backward(add_texture(gradient, self.adversary.pull(batch, scale, result, cnn), where))
        return figures

    @torch.no_grad()
    def aimed(self, average: nn.Module, small: Tensor, scale: int) -> tuple[Tensor, Tensor]:
        """(the CNN's answer, the aim where all detail is asked for)."""
        if self.teachers is not None:
            cnn, gan = self.teachers.answers(small, scale)
        else:
            with self.recipe.autocast(self.material.device):
                cnn, gan = average(small, torch.zeros_like(small[:, :1])).float().clamp(0, 1), None
        return cnn, self.aim.of(cnn, gan, scale)

    def judge(self, average: nn.Module) -> dict[str, float]:
        """PSNR and crispness without and with all detail; with it also how close the aim is, and how edges and calm grounds are."""
        found = {}
        for scale, (small, large, _, aim, _) in self.held_out.items():
            for t in (0.0, 1.0):
                with torch.no_grad(), self.recipe.autocast(self.material.device):
                    parts = [at(average, scale)(part, torch.full_like(part[:, :1], t)).float() for part in small.split(8)]
                result = torch.cat(parts).clamp(0, 1)
                found |= {f"psnr_{t:.0f}_x{scale}": mean_psnr(result, large), f"crispness_{t:.0f}_x{scale}": crispness(result, large)}
            found |= {f"edges_x{scale}": edge_ratio(result, large), f"roughness_x{scale}": roughness(result, large)}
            if aim is not None:
                found[f"aim_x{scale}"] = mean_psnr(result, aim)
        return found

    def state_dict(self) -> dict:
        return {} if self.adversary is None else self.adversary.state_dict()

    def load_state_dict(self, state: dict) -> None:
        if self.adversary is not None and state:
            self.adversary.load_state_dict(state)


def add_texture(gradient: Tensor, pull: Tensor, where: Tensor) -> Tensor:
    """`gradient` (N, 3, H, W) of the pixels, and `where` (N, 1, H, W) says so, the pull instead, which is as long; in brightness alone."""
    bright, pulled = gradient.mean(1, keepdim=True), pull.mean(1, keepdim=True)
    return gradient + where * (gradient.norm() * pulled - (1 - FIDELITY) * bright)


def make_teachers(aim: CrispAim, material: Material) -> Teachers | None:
    if aim.cnn is None:
        return None
    gan = None if aim.gan is None else material.teachers[aim.gan]
    return Teachers(material.teachers[aim.cnn], gan, dict(aim.details), material.device)
