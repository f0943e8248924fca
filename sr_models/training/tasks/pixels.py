"""A network without a dial: its result is to come as close to the original as it can, pixel by pixel."""

import numpy as np
import torch
from torch import Tensor, nn

from sr_models.training import losses
from sr_models.training.degradation import MARGIN, pair
from sr_models.training.judging import crispness, psnr
from sr_models.training.photos import Photos
from sr_models.training.recipes import Recipe
from sr_models.training.starts import at
from sr_models.training.tasks import Batch

FINISH = 0.9  # share of the budget from which the squared error, which PSNR measures, is the loss
HELD_OUT_PAIRS, HELD_OUT_SIDE = 48, 48


class Pixels:
    def __init__(self, recipe: Recipe, photos: Photos, held_out: Photos, device: str):
        self.recipe, self.photos, self.device = recipe, photos, device
        self.held_out = {
            scale: drawn(held_out, np.random.default_rng(0), scale, HELD_OUT_PAIRS, HELD_OUT_SIDE, recipe) for scale in set(recipe.scales)
        }

    def draw(self, random: np.random.Generator, scale: int, count: int, side: int) -> Batch:
        return drawn(self.photos, random, scale, count, side, self.recipe)

    def learn(self, net: nn.Module, average: nn.Module, batch: Batch, scale: int, share: float) -> dict[str, Tensor]:
        with self.recipe.autocast(self.device):
            result = net(batch.small).float()
        squared = self.recipe.loss == "mse" or share >= FINISH
        loss = losses.mse(result, batch.large) if squared else losses.charbonnier_fft(result, batch.large)
        loss.backward()
        return {"loss": loss.detach()}

    def judge(self, average: nn.Module) -> dict[str, float]:
        found = {}
        for scale, (small, large, *_) in self.held_out.items():
            with torch.no_grad(), self.recipe.autocast(self.device):
                result = torch.cat([at(average, scale)(part).float() for part in small.split(8)]).clamp(0, 1)
            found |= {f"psnr_x{scale}": psnr(result, large), f"crispness_x{scale}": crispness(result, large)}
        return found

    def state_dict(self) -> dict:
        return {}

    def load_state_dict(self, state: dict) -> None:
        """Nothing is learnt here."""


def drawn(photos: Photos, random: np.random.Generator, scale: int, count: int, side: int, recipe: Recipe) -> Batch:
    """Pairs from random crops of the photos."""
    return Batch(*pair(photos.crops(random, count, (side + 2 * MARGIN) * scale), scale, recipe.degradation, random))
