"""A network that looks again: after every look the enlargement is to come as close to the original as it can, after later ones above all.

Every look has its loss (recursive supervision: Kim et al., DRCN, CVPR 2016).
"""

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from sr_models.nets.recurrent import Recurrent
from sr_models.training.recipes import Recipe
from sr_models.training.starts import at
from sr_models.training.tasks import Batch, Material, PairsTask, mean_psnr
from sr_models.training.tasks.pixels import measure_error

LOOKS, LIKELY = (2, 3, 4, 6), (0.5, 0.2, 0.2, 0.1)  # at a batch, and how often they are so many
JUDGED = (1, 2, 4, 8)


class LooksTask(PairsTask):
    HELD_OUT_PAIRS = 48

    def __init__(self, recipe: Recipe, material: Material, folder: Path):
        super().__init__(recipe, material, folder)
        self.random = np.random.default_rng(recipe.seed)

    def looks(self, net: nn.Module, small: Tensor, steps: int) -> list[Tensor]:
        """The enlargements after each of so many looks."""
        assert isinstance(net, Recurrent)
        with self.recipe.autocast(self.material.device):
            return list(net.looking(steps).looks(small))

    def trial(self, net: nn.Module, count: int, side: int) -> Tensor:
        small = torch.rand(count, 3, side, side, device=self.material.device)
        return self.looks(net, small, 3)[-1].mean()

    def learn(self, net: nn.Module, batch: Batch, scale: int, share: float) -> dict[str, Tensor]:
        _, *again = self.looks(net, batch.small, int(self.random.choice(LOOKS, p=LIKELY)))
        weights = [number**1.5 for number in range(1, 1 + len(again))]
        errors = [weight * measure_error(self.recipe, result, batch, share) for weight, result in zip(weights, again, strict=True)]
        loss = torch.stack(errors).sum() / sum(weights)
        loss.backward()
        return {"loss": loss.detach()}

    @torch.no_grad()
    def judge(self, average: nn.Module) -> dict[str, float]:
        """PSNR after so many looks as JUDGED says."""
        found = {}
        for scale, (small, large, *_) in self.held_out.items():
            looks = self.looks(at(average, scale), small, JUDGED[-1])
            found |= {f"psnr_{count}_x{scale}": mean_psnr(looks[count - 1].clamp(0, 1), large) for count in JUDGED}
        return found

    def state_dict(self) -> dict:
        return {"random": json.dumps(self.random.bit_generator.state)}

    def load_state_dict(self, state: dict) -> None:
        if "random" in state:
            self.random.bit_generator.state = json.loads(state["random"])
