"""The pulls towards texture: discriminators that learn beside the network, a perceptual distance, and what keeps them in bounds."""

from itertools import pairwise
from pathlib import Path
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from sr_models.nets.edsr import SCALES
from sr_models.nets.resample import interpolate
from sr_models.training import losses
from sr_models.training.perceptual import Perceptual
from sr_models.training.recipes import Recipe
from sr_models.training.schedule import cosine
from sr_models.training.tasks import Batch

AMPLIFY = 4  # the residual is small beside the picture
WIDTH, LAYERS = 128, 4
UNET_WIDTH = 64
RATE, LAST = 8e-4, 0.1  # peak, and the share of it that stays: a discriminator must keep up, or its pull has no steady direction


class SmallDiscriminator(nn.Module):
    """Judges the detail that was added: the residual over a bicubic enlargement, each sub-pixel phase a channel of its own.

    A pixel grid is thus the first thing it learns to see, and it costs a tenth of a network on the large picture. It knows how
    much detail was asked for (Mirza & Osindero, conditional GAN, 2014).
    """

    def __init__(self, scale: int):
        super().__init__()
        self.scale = scale
        widths = [3 * scale**2 + 4, *[WIDTH] * LAYERS, 1]
        self.layers = nn.ModuleList(spectral_norm(nn.Conv2d(c_in, c_out, 3, padding=1)) for c_in, c_out in pairwise(widths))

    def forward(self, small: Tensor, detail: Tensor, large: Tensor, residual: Tensor) -> Tensor:
        """small (N, 3, H, W), detail (N, 1, H, W), large and residual (N, 3, H·scale, W·scale) → (N, 1, H, W).

        It is above 0 where the picture looks like a photo.
        """
        x = torch.cat([small, detail, F.pixel_unshuffle(residual, self.scale)], 1).contiguous(memory_format=torch.channels_last)
        for layer in self.layers[:-1]:
            x = F.leaky_relu(layer(x), 0.2)
        return self.layers[-1](x).float()


class UNetDiscriminator(nn.Module):
    """Judges the picture, place by place and as a whole (Schönfeld et al., CVPR 2020; spectral norm as in Real-ESRGAN, ICCVW 2021).

    One for all scales: it knows which one it sees, and how much detail was asked for. Two by two pixels are one place inside.
    """

    def __init__(self):
        super().__init__()
        width = UNET_WIDTH
        deeper = (width, 2 * width, 4 * width, 4 * width)
        self.first = nn.Conv2d(12 + 12 + 1 + len(SCALES), width, 3, padding=1)
        self.down = nn.ModuleList(spectral_norm(nn.Conv2d(a, b, 4, 2, 1, bias=False)) for a, b in pairwise(deeper))
        self.up = nn.ModuleList(spectral_norm(nn.Conv2d(a, b, 3, padding=1, bias=False)) for a, b in pairwise(reversed(deeper)))
        self.before_last = spectral_norm(nn.Conv2d(width, width, 3, padding=1, bias=False))
        self.last = nn.Conv2d(width, 4, 3, padding=1)

    def forward(self, small: Tensor, detail: Tensor, large: Tensor, residual: Tensor) -> Tensor:
        """Takes what `SmallDiscriminator` takes → (N, 1, H·scale, W·scale), whose sides must be multiples of 16."""
        half = large.shape[2] // 2, large.shape[3] // 2
        which = torch.tensor([float(scale == large.shape[2] // small.shape[2]) for scale in SCALES], device=large.device)
        seen = [F.pixel_unshuffle(large, 2), F.pixel_unshuffle(residual, 2), F.interpolate(detail, size=half, mode="nearest")]
        x = torch.cat([*seen, which[:, None, None].expand(len(large), -1, *half)], 1).contiguous(memory_format=torch.channels_last)
        x = F.leaky_relu(self.first(x), 0.2)
        skipped = []
        for layer in self.down:
            skipped.append(x)
            x = F.leaky_relu(layer(x), 0.2)
        for layer in self.up:
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = F.leaky_relu(layer(x), 0.2) + skipped.pop()
        return F.pixel_shuffle(self.last(F.leaky_relu(self.before_last(x), 0.2)), 2).float()


class Adversary:
    """Both discriminators with their optimiser, and all that pulls towards texture."""

    def __init__(self, recipe: Recipe, perceptual: Path | None, device: str):
        self.recipe, self.device = recipe, device
        nets = nn.ModuleDict({f"small_x{scale}": SmallDiscriminator(scale) for scale in sorted(set(recipe.scales))})
        nets["picture"] = UNetDiscriminator()
        self.nets = nets.to(device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.perceptual = None if perceptual is None else Perceptual(perceptual).to(device)
        self.optimiser = torch.optim.AdamW(self.nets.parameters(), RATE, betas=(0.5, 0.9), weight_decay=0, fused=device == "cuda")
        self.steps = 0

    @property
    def leads(self) -> bool:
        """Whether the network still waits: what discriminators say at random would only do harm."""
        return self.steps <= self.recipe.lead

    def scores(self, batch: Batch, scale: int, pictures: Tensor) -> dict[str, Tensor]:
        """What each discriminator says of (k·N, 3, H·scale, W·scale) pictures for the N pairs of a batch."""
        small, detail = (cast(Tensor, part).repeat(len(pictures) // len(batch.small), 1, 1, 1) for part in (batch.small, batch.detail))
        residual = AMPLIFY * (pictures - interpolate(small, scale, "bicubic"))  # not in bfloat16: a small difference of two large values
        with torch.autocast(self.device, dtype=torch.bfloat16):
            return {
                "small": self.nets[f"small_x{scale}"](small, detail, pictures, residual),
                "picture": self.nets["picture"](small, detail, pictures, residual),
            }

    def train(self, batch: Batch, scale: int, result: Tensor, where: Tensor, share: float) -> dict[str, Tensor]:
        """One step; places count as much as `where` (N, 1, H·scale, W·scale) says. → figures."""
        for group in self.optimiser.param_groups:
            group["lr"] = RATE * max(cosine(share), LAST)
        figures, total = {}, result.new_zeros(())
        for name, scores in self.scores(batch, scale, torch.cat([batch.large, result])).items():
            real, fake = scores.chunk(2)
            weight = F.avg_pool2d(where, where.shape[2] // real.shape[2])
            weight = weight / weight.mean().clamp_min(0.05)
            total = total + (weight * (torch.relu(1 - real) + torch.relu(1 + fake))).mean()  # hinge loss (Miyato et al., ICLR 2018)
            figures |= {f"real_{name}": (weight * real).mean().detach(), f"fake_{name}": (weight * fake).mean().detach()}
        self.optimiser.zero_grad()
        total.backward()
        self.optimiser.step()
        self.steps += 1
        return figures

    def pull(self, batch: Batch, scale: int, result: Tensor, cnn: Tensor) -> Tensor:
        """The sum of the gradients, with respect to `result`, of the losses in the recipe's `pulls`, each scaled to the length named there.

        `cnn` is the network's answer without detail.
        """
        fake = result.detach().requires_grad_(True)
        scores = self.scores(batch, scale, fake)
        total = torch.zeros_like(fake)
        for name, strength in self.recipe.pulls:
            if name in scores:
                loss = -scores[name].mean()
            elif name == "perceptual":
                assert self.perceptual is not None
                with torch.autocast(self.device, dtype=torch.bfloat16):
                    loss = self.perceptual(fake, batch.large)
            elif name == "colours":
                loss = losses.colour_loss(fake, cnn, torch.ones_like(fake), scale)
            else:
                loss = losses.grid_loss(fake, cnn, scale)
            pull = torch.autograd.grad(loss, fake, retain_graph=True)[0]
            if name in scores:
                pull = pull - F.interpolate(F.avg_pool2d(pull, scale), scale_factor=scale)  # else it would slowly move colours
            total += pull * (strength / pull.norm().clamp_min(1e-12))
        return total

    def state_dict(self) -> dict:
        return {"nets": self.nets.state_dict(), "optimiser": self.optimiser.state_dict(), "steps": self.steps}

    def load_state_dict(self, state: dict) -> None:
        """Takes over discriminators for the same scales; those for other scales are left out."""
        if state["nets"].keys() == self.nets.state_dict().keys():
            self.nets.load_state_dict(state["nets"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.steps = state["steps"]
