"""The discriminator on the small grid, and the gradient with which it pulls the generator's picture."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from sr_models.nets.resample import enlarge
from sr_models.training import workers
from sr_models.training.losses import hinge_for_discriminator
from sr_models.training.recipes import Recipe

AMPLIFY = 4  # the residual is small beside the picture
WIDTH = 96


class Discriminator(nn.Module):
    """Judges the detail that was added: the residual over a bicubic enlargement, each sub-pixel phase a channel of its own.

    A pixel grid is thus the first thing it learns to see, and it costs a tenth of a network on the large picture.
    """

    def __init__(self, scale: int):
        super().__init__()
        self.scale = scale
        widths = [3 * scale**2 + 3, WIDTH, WIDTH, WIDTH]
        layers: list[nn.Module] = []
        for c_in, c_out in pairwise(widths):
            layers += [spectral_norm(nn.Conv2d(c_in, c_out, 3, padding=1)), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, spectral_norm(nn.Conv2d(WIDTH, 1, 3, padding=1)))

    def forward(self, small: Tensor, large: Tensor) -> Tensor:
        """small (N, 3, H, W), large (N, 3, H·scale, W·scale) in [0, 1] → (N, 1, H, W): above 0 looks like a photo."""
        with torch.autocast(small.device.type, enabled=False):  # a small difference of two large values
            residual = AMPLIFY * (large - enlarge(small, self.scale, "bicubic"))
        return self.layers(torch.cat([small, F.pixel_unshuffle(residual, self.scale)], dim=1))


class Adversary:
    """The discriminator with its optimiser; trained with the hinge loss (Miyato et al., ICLR 2018)."""

    def __init__(self, recipe: Recipe, device: str):
        self.net = Discriminator(recipe.net.scale).to(device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.model = workers.together(self.net)
        self.rate = 5 * recipe.rate  # it must stay ahead, or the pull on the generator has no steady direction
        self.optimiser = torch.optim.AdamW(self.net.parameters(), lr=self.rate, betas=(0.5, 0.9), weight_decay=0)

    def gradient(self, small: Tensor, result: Tensor, large: Tensor, rate: float) -> tuple[Tensor, dict[str, float]]:
        """Train one step at `rate` times the own rate; → (d(−score)/d(result), figures). Shapes as in Discriminator."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * rate
        fake = result.detach()
        with torch.autocast(small.device.type, dtype=torch.bfloat16):
            scores = self.model(torch.cat([small, small]), torch.cat([large, fake])).float()
        real_score, fake_score = scores.chunk(2)
        self.optimiser.zero_grad()
        hinge_for_discriminator(real_score, fake_score).backward()
        self.optimiser.step()
        fake.requires_grad_(True)
        with torch.autocast(small.device.type, dtype=torch.bfloat16):
            score = self.net(small, fake).float().mean()
        push = without_grid(torch.autograd.grad(-score, fake)[0] * calm_edges(small, self.net.scale), self.net.scale)
        return push, {"real": real_score.mean().item(), "fake": fake_score.mean().item()}

    def state_dict(self) -> dict:
        return {"net": self.net.state_dict(), "optimiser": self.optimiser.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        self.net.load_state_dict(state["net"])
        self.optimiser.load_state_dict(state["optimiser"])


def without_grid(push: Tensor, scale: int) -> Tensor:
    """The gradient less its mean in each of the scale² places of the pixel grid: no pull towards a repeated pattern."""
    phases = F.pixel_unshuffle(push, scale)
    return F.pixel_shuffle(phases - phases.mean((2, 3), keepdim=True), scale)


def calm_edges(small: Tensor, scale: int) -> Tensor:
    """small (N, 3, H, W) in [0, 1] → (N, 1, H·scale, W·scale) in [0, 1]: 1 on texture, falling to 0 on hard edges.

    Beside a hard edge the discriminator would ask for dots; there the pixel loss decides alone. The measure is the spread
    (largest − smallest value) of the 5×5 pixels around: above 0.7 it is an edge of print or of the product on its background.
    """
    grey = small.mean(1, keepdim=True)
    spread = F.max_pool2d(grey, 5, 1, 2) + F.max_pool2d(-grey, 5, 1, 2)
    return F.interpolate(((0.7 - spread) / 0.35).clamp(0, 1), scale_factor=scale, mode="bilinear", align_corners=False)
