"""The pulls on the picture that make detail: each one a gradient, of a discriminator on the small grid or of a formula."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from sr_models.nets.resample import enlarge
from sr_models.training import losses, workers
from sr_models.training.recipes import Recipe

AMPLIFY = 4  # the residual is small beside the picture
WIDTH = 96


class Discriminator(nn.Module):
    """Judges the detail that was added: the residual over a bicubic enlargement, each sub-pixel phase a channel of its own.

    A pixel grid is thus the first thing it learns to see, and it costs a tenth of a network on the large picture. It knows how
    much detail was asked for (Mirza & Osindero, conditional GAN, 2014).
    """

    def __init__(self, scale: int):
        super().__init__()
        self.scale = scale
        widths = [3 * scale**2 + 4, WIDTH, WIDTH, WIDTH]
        self.layers = nn.ModuleList(spectral_norm(nn.Conv2d(c_in, c_out, 3, padding=1)) for c_in, c_out in pairwise(widths))
        self.last = spectral_norm(nn.Conv2d(WIDTH, 1, 3, padding=1))

    def forward(self, small: Tensor, detail: Tensor, large: Tensor) -> tuple[Tensor, list[Tensor]]:
        """small (N, 3, H, W), detail (N, 1, H, W), large (N, 3, H·scale, W·scale), all in [0, 1].

        → (N, 1, H, W), above 0 where it looks like a photo; and what its layers see.
        """
        with torch.autocast(small.device.type, enabled=False):  # a small difference of two large values
            residual = AMPLIFY * (large - enlarge(small, self.scale, "bicubic"))
        x = torch.cat([small, detail, F.pixel_unshuffle(residual, self.scale)], dim=1)
        seen = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
            seen.append(x)
        return self.last(x).float(), seen


class Adversary:
    """The discriminator with its optimiser, and all that pulls towards detail."""

    def __init__(self, recipe: Recipe, device: str):
        self.recipe = recipe
        self.net = Discriminator(recipe.net.scale).to(device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.model = workers.together(self.net)
        self.rate = 5 * recipe.rate  # it must stay ahead, or the pull on the generator has no steady direction
        self.optimiser = torch.optim.AdamW(self.net.parameters(), lr=self.rate, betas=(0.5, 0.9), weight_decay=0, fused=device == "cuda")

    def train(self, small: Tensor, detail: Tensor, result: Tensor, large: Tensor, rate: float) -> dict[str, Tensor]:
        """One step at `rate` times the own rate; places count as much as they are to have detail. → figures."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * rate
        with torch.autocast(small.device.type, dtype=torch.bfloat16):
            scores, _ = self.model(torch.cat([small, small]), torch.cat([detail, detail]), torch.cat([large, result]))
        real, fake = scores.chunk(2)
        self.optimiser.zero_grad()
        weight = detail / detail.mean().clamp_min(0.05)
        losses.hinge_for_discriminator(real, fake, weight).backward()
        self.optimiser.step()
        return {"real": (weight * real).mean().detach(), "fake": (weight * fake).mean().detach()}

    def pull(self, small: Tensor, detail: Tensor, result: Tensor, calm: Tensor, large: Tensor) -> Tensor:
        """d(what the recipe pulls with)/d(result), each pull as long as the recipe says; `calm` is the result without detail."""
        scale = self.recipe.net.scale
        fake = result.detach().requires_grad_(True)
        with torch.autocast(small.device.type, dtype=torch.bfloat16):
            score, seen = self.net(small, detail, fake)
        total = torch.zeros_like(fake)
        for name, strength in self.recipe.pulls:
            if name == "adversarial":
                loss = -score.mean()
            elif name == "features":
                with torch.no_grad(), torch.autocast(small.device.type, dtype=torch.bfloat16):
                    wanted = self.net(small, detail, large)[1]
                loss = losses.feature_matching(seen, wanted)
            elif name == "spectrum":
                loss = losses.local_spectrum(fake, large)
            elif name == "artefacts":
                loss = losses.artefacts(fake, calm, large)
            elif name == "grid":
                loss = losses.grid(fake, calm, scale)
            elif name == "consistency":
                loss = losses.consistency(fake, calm, scale)
            else:
                loss = losses.agreement(fake, small, scale)
            pull = torch.autograd.grad(loss, fake, retain_graph=True)[0]
            if name in ("adversarial", "features", "spectrum"):
                pull = pull * calm_edges(small, scale)
            if name in ("adversarial", "features"):
                pull = without_means(pull, scale)
            total += pull * (strength / pull.norm().clamp_min(1e-12))
        return total

    def state_dict(self) -> dict:
        return {"net": self.net.state_dict(), "optimiser": self.optimiser.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        self.net.load_state_dict(state["net"])
        self.optimiser.load_state_dict(state["optimiser"])


def without_means(pull: Tensor, scale: int) -> Tensor:
    """(N, 3, H·scale, W·scale), with a mean of 0 in every pixel of the photo: a discriminator, left to itself, slowly moves colours."""
    return pull - F.interpolate(F.avg_pool2d(pull, scale), scale_factor=scale)


def calm_edges(small: Tensor, scale: int) -> Tensor:
    """small (N, 3, H, W) in [0, 1] → (N, 1, H·scale, W·scale) in [0, 1]: 1 on texture, falling to 0 on hard edges.

    Beside a hard edge, dots would be asked for; there the pixel loss decides alone. The measure is the spread
    (largest − smallest value) of the 5×5 pixels around: above 0.7 it is an edge of print or of the product on its background.
    """
    grey = small.mean(1, keepdim=True)
    spread = F.max_pool2d(grey, 5, 1, 2) + F.max_pool2d(-grey, 5, 1, 2)
    return F.interpolate(((0.7 - spread) / 0.35).clamp(0, 1), scale_factor=scale, mode="bilinear", align_corners=False)
