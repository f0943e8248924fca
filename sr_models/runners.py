"""A photo together with the network that is to enlarge it: what run.py needs, for every contract of networks (nets/__init__.py).

A runner is plain data, so that it can be sent to the process that has the GPU; the network is loaded where it runs.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from sr_models import weights
from sr_models.catalog import Entry
from sr_models.nets import Enlarger, FusionNetwork, has_dial
from sr_models.stages.align import CUBIC, REACH, Aligned, centred, sample
from sr_models.windows import largest, mean_around

SOFT = 5  # pixels: side of the windows that widen what is kept free of detail, and soften its edge


@dataclass(frozen=True)
class Runner:
    """For the first contract, `nets.Network`; a subclass for each other contract says what differs."""

    entry: Entry
    rgb: np.ndarray
    """uint8 or uint16 (H, W, 3); the enlargement is of the same type."""
    turns: int = field(default=1, kw_only=True)
    """In how many orientations the network looks at whatever it enlarges, as in `ensemble.SelfEnsemble`."""

    @property
    def most_runs(self) -> int:
        """How many times the entry's network may have to run over one tile; a recurrent one counts its looks itself."""
        return self.turns

    @property
    def halo(self) -> int:
        """The context that a tile needs on each side, in pixels."""
        return self.entry.net.halo

    @property
    def planes(self) -> tuple[np.ndarray, ...]:
        """The arrays (H, W, …) that are cut into tiles for the network: the photo, and what else it takes."""
        return (self.rgb,)

    def enlarge(self, net: Enlarger, *planes: Tensor) -> Tensor:
        """One tile of each of the `planes`, float32 (1, C, h, w), levels as shares of the highest → (1, 3, h·scale, w·scale), as shares."""
        return net(*planes)


@dataclass(frozen=True)
class DialledRunner(Runner):
    """For the second contract, `nets.DetailNetwork`, which also takes a map of the detail that is asked for."""

    detail: np.ndarray
    """float32 (H, W) in [0, 1]."""

    @property
    def most_runs(self) -> int:
        return 2

    @property
    def planes(self) -> tuple[np.ndarray, ...]:
        return self.rgb, self.detail[:, :, None]

    @cached_property
    def most(self) -> float:
        """The largest detail of the whole photo."""
        return float(self.detail.max())

    def enlarge(self, net: Enlarger, *planes: Tensor) -> Tensor:
        rgb, detail = planes
        return enlarge_guarded(net, self.entry.net.halo, rgb, detail, self.most)


@dataclass(frozen=True)
class ShotsRunner(Runner):
    """For the first contract too: the enlargements of the photo and of other shots of its view, put together where these agree with it."""

    others: tuple[Aligned, ...]
    fusion: Entry | None
    """What adds to the mean of the enlargements; None: they are averaged alone."""

    @property
    def most_runs(self) -> int:
        return super().most_runs * (1 + len(self.others))

    @property
    def halo(self) -> int:
        return max(super().halo + (self.fusion.net.halo if self.fusion else 0), REACH)

    @cached_property
    def places(self) -> np.ndarray:
        """float32 (H, W, 2): where each pixel lies, (x, y) from the centre of the photo."""
        return centred(*self.rgb.shape[:2]).numpy()

    @property
    def planes(self) -> tuple[np.ndarray, ...]:
        return self.rgb, self.places

    def enlarge(self, net: Enlarger, *planes: Tensor) -> Tensor:
        """The mean of the enlargements of the photo and of the shots, moved there, and what the fusion adds to it.

        A shot counts where, and as far as, it is believed; where none is, the result is the enlargement of the photo.
        """
        rgb, places = planes
        grid = places[0].permute(1, 2, 0)
        total = net(rgb)
        weight = torch.ones_like(total[:, :1])
        scale = total.shape[-1] // rgb.shape[-1]
        fine = centred(*total.shape[2:]).to(grid) / scale + (grid[0, 0] + grid[-1, -1]) / 2
        fusion = self.fusion and load_fusion(self.fusion, rgb.device.type)
        known = fusion and fusion.begin(total)
        for shot in self.others:
            believed = shot.believe(rgb, grid)
            if believed.any():
                there = shot.place(fine)
                part, middle = shot.cut(there, self.entry.net.halo + CUBIC)
                seen = shot.expose(sample(net(part), (there - middle) * scale))
                counted = F.interpolate(believed, scale_factor=scale, mode="bilinear")
                total, weight = total + counted * seen, weight + counted
                if fusion and known:
                    known = fusion.add(known, seen, believed, shot.count(grid).permute(2, 0, 1)[None])
        mean = total / weight
        return mean + fusion.finish(known, mean) if fusion and known else mean


def load_fusion(entry: Entry, device: str) -> FusionNetwork:
    """The network of an entry of `catalog.FUSIONS` as it runs on a device: beside the CNN it takes little time, so in full precision."""
    net = weights.load_network(entry, device, torch.float32)
    assert isinstance(net, FusionNetwork), entry.id
    return net


def make_runner(
    entry: Entry,
    rgb: np.ndarray,
    detail: np.ndarray | None = None,
    others: tuple[Aligned, ...] = (),
    fusion: Entry | None = None,
    turns: int = 1,
) -> Runner:
    """The runner of an entry's contract; `detail` is given where, and only where, its network has a dial: then there are no other shots,
    and one orientation. `fusion` is what adds to the mean of several shots.
    """
    assert has_dial(entry.net) == (detail is not None), entry.id
    if detail is not None:
        return DialledRunner(entry, rgb, detail)
    return ShotsRunner(entry, rgb, others, fusion, turns=turns) if others else Runner(entry, rgb, turns=turns)


def enlarge_guarded(net: Enlarger, halo: int, rgb: Tensor, detail: Tensor, most: float) -> Tensor:
    """rgb (1, 3, H, W), detail (1, 1, H, W) → about `net(rgb, detail)`, but exactly the result without detail where `detail` is 0.

    Every output pixel depends on the map as far around as `halo`, so one call would draw detail into protected places. Instead the network
    runs once with `most`, the largest detail of the whole photo, and once with 0, each only in the rectangle that needs it; a constant map
    is also what it is fastest at. The map then mixes the two, softened over 4 pixels.
    """
    still = mean_around(largest((detail == 0).float(), SOFT), SOFT)
    share = detail / max(most, 1e-6) * (1 - still)
    if share.min() == 1 or share.max() == 0:
        return net(rgb, detail)
    drawn, plain = (enlarge_rectangle(net, halo, rgb, end, needed) for end, needed in ((most, share > 0), (0.0, share < 1)))
    return plain.lerp(drawn, F.interpolate(share, scale_factor=drawn.shape[-1] // rgb.shape[-1]))


def enlarge_rectangle(net: Enlarger, halo: int, rgb: Tensor, detail: float, needed: Tensor) -> Tensor:
    """`net(rgb, detail everywhere)` in the rectangle around all that is `needed`, bool (1, 1, H, W); 0 outside."""
    rows, columns = (needed.any(axis).flatten().nonzero() for axis in (3, 2))
    height, width = rgb.shape[2:]
    top, bottom = max(0, int(rows[0]) - halo), min(height, int(rows[-1]) + 1 + halo)
    left, right = max(0, int(columns[0]) - halo), min(width, int(columns[-1]) + 1 + halo)
    part = rgb[:, :, top:bottom, left:right]
    found = net(part, torch.full_like(part[:, :1], detail))
    scale = found.shape[-1] // part.shape[-1]
    return F.pad(found, (left * scale, (width - right) * scale, top * scale, (height - bottom) * scale))
