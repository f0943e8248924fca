"""A network with a dial: without detail it aims at the original, with all of it at something crisp; texture is pulled from it."""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sr_models.figures.crispness import calm_roughness, edge_steepness
from sr_models.stages.crisp import find_texture
from sr_models.training import losses
from sr_models.training.adversarial import Adversary
from sr_models.training.detail import draw_maps
from sr_models.training.recipes import Recipe
from sr_models.training.starts import at
from sr_models.training.tasks import Batch, Material, PairsTask, crispness, mean_psnr

FIDELITY = 0.15  # how much of the pixel loss stays, in brightness, where discriminators have their say


class DialledTask(PairsTask):
    HELD_OUT_PAIRS = 16

    def __init__(self, recipe: Recipe, material: Material, folder: Path):
        super().__init__(recipe, material, folder)
        self.adversary = Adversary(recipe, material.perceptual, material.device) if recipe.pulls else None
        self.held_out = {scale: self.aimed(batch, scale) for scale, batch in self.held_out.items()}

    def draw(self, random: np.random.Generator, scale: int, count: int, side: int) -> Batch:
        pairs = super().draw(random, scale, count, side)
        return pairs._replace(detail=draw_maps(random, count, side).to(self.material.device))

    def aimed(self, batch: Batch, scale: int) -> Batch:
        """The batch with the CNN's answer and the aim where all detail is asked for."""
        if batch.aim is not None:
            return batch
        assert self.teachers is not None, "A network with a dial aims at what teachers answer: name a CNN and a GAN."
        cnn, aim = self.teachers.answers(batch.small, scale)
        return batch._replace(cnn=cnn, aim=aim)

    def learn(self, net: nn.Module, batch: Batch, scale: int, share: float) -> dict[str, Tensor]:
        small, large, cnn, aim, detail = self.aimed(batch, scale)
        assert cnn is not None
        assert aim is not None
        assert detail is not None
        asked = F.interpolate(detail, scale_factor=scale)
        with self.recipe.autocast(self.material.device):
            result = net(small, detail).float()
        parts = {
            "pixels": losses.charbonnier_fft(result, large.lerp(aim, asked)),
            "edges": losses.edge_loss(result, aim, asked),
            "overshoot": losses.overshoot_loss(result, aim, asked),
            "colours": losses.colour_loss(result, cnn, asked, scale),
        }
        loss = sum(parts.values(), result.new_zeros(()))
        figures = {name: part.detach() for name, part in (parts | {"loss": loss}).items()}
        if self.adversary is None:
            loss.backward()
            return figures
        where = asked * find_texture(cnn, scale)
        figures |= self.adversary.train(batch, scale, result.detach(), where, share)
        if not self.adversary.leads:
            gradient = torch.autograd.grad(loss, result, retain_graph=True)[0]
            result.backward(add_texture(gradient, self.adversary.pull(batch, scale, result, cnn), where))
        return figures

    def judge(self, average: nn.Module) -> dict[str, float]:
        """PSNR and crispness without and with all detail; with it also how close the aim is, and how edges and calm grounds are."""
        found = {}
        for scale, (small, large, _, aim, _) in self.held_out.items():
            plain, crisp = (self.enlarge(at(average, scale), small, torch.full_like(small[:, :1], t)) for t in (0.0, 1.0))
            for t, result in enumerate((plain, crisp)):
                found |= {f"psnr_{t}_x{scale}": mean_psnr(result, large), f"crispness_{t}_x{scale}": crispness(result, large)}
            shown, wanted = (255 * part.cpu() for part in (crisp, large))
            found |= {f"edges_x{scale}": edge_steepness(shown, wanted), f"roughness_x{scale}": calm_roughness(shown, wanted)}
            assert aim is not None
            found[f"aim_x{scale}"] = mean_psnr(crisp, aim)
        return found

    def state_dict(self) -> dict:
        return {} if self.adversary is None else self.adversary.state_dict()

    def load_state_dict(self, state: dict) -> None:
        if self.adversary is not None and state:
            self.adversary.load_state_dict(state)


def add_texture(gradient: Tensor, pull: Tensor, where: Tensor) -> Tensor:
    """The gradient of the pixels, in which `pull` takes the place of brightness, as far as `where` (N, 1, H, W) in [0, 1] says.

    Both (N, 3, H, W); the pull is made as long as the gradient. FIDELITY of the gradient stays.
    """
    bright, pulled = gradient.mean(1, keepdim=True), pull.mean(1, keepdim=True)
    return gradient + where * (gradient.norm() * pulled - (1 - FIDELITY) * bright)
