"""Colour tables, mixed for each photo by a small encoder (Zeng et al., “Learning Image-adaptive 3D Lookup Tables”, TPAMI 2020)."""

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sr_models.nets import LookNetwork

REGIONS = 2
"""Backdrop and product."""
MOST = 24 / 255
"""No channel of any colour changes by more."""
USUAL = 0.9
"""About how bright a backdrop is, 0 to 1."""


@dataclass(frozen=True)
class LookConfig:
    """The published network has 3 tables of 33³ and an encoder for 256² pixels; smaller ones are enough for changes as small as these."""

    nodes: int = 17
    """Along each side of a table."""
    tables: int = 8
    """That are mixed, for each region in its own way."""
    width: int = 24
    """Features of the first two convolutions; the other two have twice as many."""

    @property
    def scale(self) -> int:
        """A look leaves the size as it is."""
        return 1

    def build(self) -> "Look":
        return Look(self)


class Look(LookNetwork):
    def __init__(self, config: LookConfig):
        super().__init__()
        self.config = config
        widths = (4, config.width, config.width, 2 * config.width, 2 * config.width)
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(widths))
        self.body = nn.Linear(REGIONS * (widths[-1] + 3), 64)
        self.mix = nn.Linear(64, REGIONS * config.tables)
        nn.init.zeros_(self.mix.weight)  # so that it begins as the look that changes nothing
        nn.init.zeros_(self.mix.bias)
        self.tables = nn.Parameter(start_tables(config).flatten(1))

    def forward(self, rgb: Tensor, backdrop: Tensor) -> Tensor:
        x = torch.cat([rgb, backdrop], 1) - 0.5
        for conv in self.convs:
            x = F.leaky_relu(conv(x), 0.2)
        coarse = F.adaptive_avg_pool2d(backdrop, x.shape[2:])
        seen = []
        for share, small, usual, strength in ((backdrop, coarse, USUAL, 4), (1 - backdrop, 1 - coarse, 0.5, 1)):
            seen += [average(x, small), strength * (average(rgb, share) - usual)]
        both, product = self.mix(F.leaky_relu(self.body(torch.cat(seen, 1)), 0.2)).chunk(2, 1)
        mix = torch.stack([both, both + product], 1)  # one light falls on both
        change = (mix @ self.tables).unflatten(2, (*[self.config.nodes] * 3, 3))
        return MOST * torch.tanh(change / MOST) * self.free_nodes()

    def free_nodes(self) -> Tensor:
        """(nodes, nodes, nodes, 1): 0 at white, which stays, and 1 elsewhere."""
        free = self.tables.new_ones(self.config.nodes, self.config.nodes, self.config.nodes, 1)
        free[-1, -1, -1] = 0
        return free


def average(x: Tensor, share: Tensor) -> Tensor:
    """(N, C, H, W), weighed by share (N, 1, H, W) → (N, C); 0 where there is next to nothing to weigh."""
    return (x * share).sum((2, 3)) / share.sum((2, 3)).clamp_min(0.5)


def start_tables(config: LookConfig) -> Tensor:
    """(tables, nodes, nodes, nodes, 3): what tables begin as: a slope and a hump of each channel, colourfulness, and brightness."""
    levels = torch.linspace(0, 1, config.nodes)
    colours = torch.stack(torch.meshgrid(levels, levels, levels, indexing="ij"), -1)
    grey = colours.mean(-1, keepdim=True)
    channels = torch.eye(3)
    slopes = [shape * channel for channel in channels for shape in (colours, 4 * colours * (1 - colours))]
    return 2 * MOST * torch.stack([*slopes, colours - grey, (grey**4).expand_as(colours)])[: config.tables]
