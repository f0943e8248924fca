"""A network with a dial: without detail it aims at the original, with all of it at something crisp."""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sr_models.training import losses
from sr_models.training.aim import Aim
from sr_models.training.detail import maps
from sr_models.training.judging import crispness, edges, psnr, roughness
from sr_models.training.photos import Photos
from sr_models.training.recipes import Recipe
from sr_models.training.starts import at
from sr_models.training.stored import Known, known
from sr_models.training.tasks import Batch
from sr_models.training.tasks.pixels import HELD_OUT_SIDE, drawn
from sr_models.training.teachers import Teachers

HELD_OUT_PAIRS = 16


class Dialled:
    def __init__(self, recipe: Recipe, aim: Aim, photos: Photos, held_out: Photos, folder: Path, teachers: Teachers | None, device: str):
        self.recipe, self.aim, self.photos, self.teachers, self.device = recipe, aim, photos, teachers, device
        self.stored: dict[int, Known] = {}
        self.held_out: dict[int, Batch] = {}
        for scale in sorted(set(recipe.scales)):
            if not aim.stored or teachers is None:
                self.held_out[scale] = drawn(held_out, np.random.default_rng(0), scale, HELD_OUT_PAIRS, HELD_OUT_SIDE, recipe)
                continue
            made = [
                known(folder / f"{name}-x{scale}.safetensors", source, count, scale, recipe.degradation, aim, teachers, recipe.seed)
                for name, source, count in (("pairs", photos, dict(aim.stored)[scale]), ("held-out", held_out, HELD_OUT_PAIRS))
            ]
            self.stored[scale] = made[0]
            self.held_out[scale] = batch(made[1].draw(np.random.default_rng(0), scale, HELD_OUT_PAIRS, HELD_OUT_SIDE))

    def draw(self, random: np.random.Generator, scale: int, count: int, side: int) -> Batch:
        if self.stored:
            pairs = batch(self.stored[scale].draw(random, scale, count, side))
        else:
            pairs = drawn(self.photos, random, scale, count, side, self.recipe)
        return pairs._replace(detail=maps(random, count, side).to(self.device))

    def learn(self, net: nn.Module, average: nn.Module, batch: Batch, scale: int, share: float) -> dict[str, Tensor]:
        small, large, detail, cnn, aim = batch
        assert detail is not None
        if cnn is None or aim is None:
            cnn, aim = self.aimed(average, small, scale)
        asked = F.interpolate(detail, scale_factor=scale)
        with self.recipe.autocast(self.device):
            result = net(small, detail).float()
        pixels = losses.charbonnier_fft(result, large.lerp(aim, asked))
        parts = {
            "edges": (self.aim.edges, losses.edges(result, aim, asked)),
            "overshoot": (self.aim.overshoot, losses.overshoot(result, aim, asked)),
            "colours": (self.aim.colours, losses.colours(result, cnn, asked, scale)),
        }
        loss = pixels + torch.stack([strength * part for strength, part in parts.values()]).sum()
        loss.backward()
        return {"loss": loss.detach(), "pixels": pixels.detach(), **{name: part.detach() for name, (_, part) in parts.items()}}

    @torch.no_grad()
    def aimed(self, average: nn.Module, small: Tensor, scale: int) -> tuple[Tensor, Tensor]:
        """(the CNN's answer, the aim where all detail is asked for)."""
        if self.teachers is not None:
            cnn, gan = self.teachers.answers(small, scale)
        else:
            with self.recipe.autocast(self.device):
                cnn, gan = average(small, torch.zeros_like(small[:, :1])).float().clamp(0, 1), None
        return cnn, self.aim.of(cnn, gan, scale)

    def judge(self, average: nn.Module) -> dict[str, float]:
        """PSNR and crispness without and with all detail; with it also how close the aim is, and how edges and calm grounds are."""
        found = {}
        for scale, (small, large, _, _, aim) in self.held_out.items():
            for t in (0.0, 1.0):
                with torch.no_grad(), self.recipe.autocast(self.device):
                    parts = [at(average, scale)(part, torch.full_like(part[:, :1], t)).float() for part in small.split(8)]
                result = torch.cat(parts).clamp(0, 1)
                found |= {f"psnr_{t:.0f}_x{scale}": psnr(result, large), f"crispness_{t:.0f}_x{scale}": crispness(result, large)}
                if t and aim is not None:
                    found[f"aim_x{scale}"] = psnr(result, aim)
                if t:
                    found |= {f"edges_x{scale}": edges(result, large), f"roughness_x{scale}": roughness(result, large)}
        return found

    def state_dict(self) -> dict:
        return {}

    def load_state_dict(self, state: dict) -> None:
        """Nothing is learnt here."""


def batch(parts: list[Tensor]) -> Batch:
    small, large, cnn, aim = parts
    return Batch(small, large, None, cnn, aim)
