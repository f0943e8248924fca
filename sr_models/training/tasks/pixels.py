"""A network without a dial: its result is to come as close to the original as it can, pixel by pixel; maybe to a teacher's first."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from sr_models.training import losses
from sr_models.training.judging import crispness, mean_psnr
from sr_models.training.recipes import Recipe
from sr_models.training.starts import at
from sr_models.training.stored import StoredPairs, load_pairs
from sr_models.training.tasks import Batch, Material, draw_pairs
from sr_models.training.teachers import Teachers

HELD_OUT_PAIRS, HELD_OUT_SIDE = 48, 48


class PixelTask:
    def __init__(self, recipe: Recipe, material: Material, folder: Path):
        """Pairs that are stored are kept in `folder`."""
        self.recipe, self.material = recipe, material
        self.stored: dict[int, StoredPairs] = {}
        if recipe.teacher is not None:
            teachers = Teachers(material.teachers[recipe.teacher], device=material.device)
            for scale, count in recipe.stored:
                path = folder / f"pairs-x{scale}.safetensors"
                self.stored[scale] = load_pairs(path, material.photos, count, scale, recipe, teachers)
        self.held_out = {}
        for scale in sorted(set(recipe.scales)):
            self.held_out[scale] = draw_pairs(material.held_out, recipe, np.random.default_rng(0), scale, HELD_OUT_PAIRS, HELD_OUT_SIDE)

    def draw(self, random: np.random.Generator, scale: int, count: int, side: int) -> Batch:
        if self.stored:
            return Batch(*(part.to(self.material.device) for part in self.stored[scale].draw(random, scale, count, side)))
        if self.material.ring is not None:
            return Batch(*self.material.ring.draw(random, scale, count, side))
        return draw_pairs(self.material.photos, self.recipe, random, scale, count, side)

    def learn(self, net: nn.Module, average: nn.Module, batch: Batch, scale: int, share: float) -> dict[str, Tensor]:
        with self.recipe.autocast(self.material.device):
            result = net(batch.small).float()
        target = batch.large if batch.cnn is None or share >= self.recipe.taught_until else batch.cnn
        loss = (losses.mse if share >= self.recipe.squared_from else losses.charbonnier_fft)(result, target)
        loss.backward()
        return {"loss": loss.detach()}

    def judge(self, average: nn.Module) -> dict[str, float]:
        found = {}
        for scale, (small, large, *_) in self.held_out.items():
            with torch.no_grad(), self.recipe.autocast(self.material.device):
                result = torch.cat([at(average, scale)(part).float() for part in small.split(8)]).clamp(0, 1)
            found |= {f"psnr_x{scale}": mean_psnr(result, large), f"crispness_x{scale}": crispness(result, large)}
        return found

    def state_dict(self) -> dict:
        return {}

    def load_state_dict(self, state: dict) -> None:
        """Nothing is learnt here."""
