"""One recipe per weight file: everything that decides what comes out, apart from the photos and the machine."""

from dataclasses import dataclass, replace
from typing import Literal

import torch

from sr_models.nets import NetConfig
from sr_models.nets.edsr import DialledEDSRConfig, EDSRConfig
from sr_models.nets.fusion import FusionConfig
from sr_models.nets.recurrent import RecurrentConfig
from sr_models.nets.srcnn import SRCNNConfig
from sr_models.training.degradation import Degradation

Pull = Literal["small", "picture", "perceptual", "colours", "grid"]


@dataclass(frozen=True)
class Recipe:
    id: str
    """The id of the weights, the same as in the catalogue."""
    net: NetConfig
    minutes: float
    """Length of one cosine cycle on the machine that LOG.md describes."""
    batches: tuple[tuple[float, int, int], ...]
    """(share of the budget, pairs a step, side of their small pictures in pixels): from this share on."""
    degradation: Degradation = "clean"
    start: str | None = None
    """The id whose weights the run starts from; what does not fit (the last convolution of another scale) starts afresh, but for
    a fusion of another scale: see `starts.pool_pixels`."""
    first: str | None = None
    """The id of the network that looks first, where this one looks again."""
    turns: tuple[int, ...] = ()
    """The scales of the steps, in turn, where one trunk learns several."""
    teachers: tuple[str, ...] = ()
    """The ids of the weights whose answers are learnt from. For a network without a dial a larger CNN, whose answers are the target at
    first, and the originals after that (knowledge distillation: Hinton et al., 2015); for one with a dial a CNN and a GAN: see `aim`."""
    stored: tuple[tuple[int, int], ...] = ()
    """(scale, count): so many pairs are made first, with what the teachers answer; without them, all of it is computed at every step."""
    pulls: tuple[tuple[Pull, float], ...] = ()
    """What pulls towards texture where the photo is textured and detail is asked for, and how strongly: the length of its gradient on the
    picture over that of the pixels. See `adversarial`."""
    lead: int = 0
    """So many steps only the discriminators learn."""
    squared_from: float = 0.9
    """Share of the budget from which the squared error, which PSNR measures, is the loss of a network without a dial."""
    lower_precision: bool = True
    """Train in bfloat16 where that is safe: not without a skip around the network, which then has to carry the picture itself."""
    rate: float = 1e-3
    """Learning rate of Muon, which trains the hidden convolutions."""
    other_rate: float | None = None
    """Learning rate of AdamW, which trains everything else; None: the same."""
    average: float = 0.999
    """Largest decay of the averaged weights."""
    own_share: float = 1.0
    """Of the weights that are exported, this share is the run's and the rest is what it started from (network interpolation: Wang et al.,
    ESRGAN, ECCVW 2018)."""
    steps: int | None = None
    """Length of the cosine cycle in steps, instead of minutes."""
    seed: int = 1

    @property
    def scales(self) -> tuple[int, ...]:
        return self.turns or (self.net.scale,)

    def autocast(self, device: str) -> torch.autocast:
        return torch.autocast(device, dtype=torch.bfloat16, enabled=self.lower_precision)


def srcnn_recipe(id: str, scale: int, minutes: float, patch: int, start: str | None = None) -> Recipe:
    return Recipe(id, SRCNNConfig(scale), minutes, ((0.0, 16, patch),), start=start, squared_from=0.0, lower_precision=False, rate=5e-4)


SMALL = ((0.0, 8, 32),)
CNN = Recipe(
    "cnn-v7",
    EDSRConfig(96, 16, 4),
    minutes=4.2,
    batches=((0.0, 128, 32), (0.3, 64, 48)),
    turns=(2, 3, 4),
    squared_from=0.88,
    rate=1.5e-3,
    other_rate=1e-3,
    steps=18_000,
)
"""One trunk for all scales: 250 and 125 seconds of an H200."""
FAST = Recipe(
    "cnn-fast-v1",
    EDSRConfig(32, 8, 4),
    minutes=31.5,
    batches=((0.0, 16, 32),),
    start="cnn-v7",
    turns=(4, 2, 3),
    teachers=("cnn-v7",),
    stored=((4, 2000), (2, 1500), (3, 1500)),
    rate=1.5e-3,
    other_rate=1e-3,
    steps=12_000,
)
"""Pruned from the CNN, taught by it first, then by the originals; on one core."""
LOOKS = Recipe(
    "cnn-looks-v1",
    RecurrentConfig(96, 3, 32, 8, 4),
    minutes=62,
    batches=((0.0, 8, 32),),
    start="cnn-v8",
    first="cnn-fast-v1",
    turns=(4, 2, 4, 3),
    teachers=("cnn-v8",),
    stored=((4, 3000), (2, 1500), (3, 1500)),
    rate=8e-4,
    other_rate=5e-4,
)
"""What looks again after the fast CNN: the last blocks of the CNN, for all looks; on two cores."""
GAN = Recipe(
    "gan-v12",
    DialledEDSRConfig(96, 16, 4),
    minutes=5.1,
    batches=((0.0, 64, 48),),
    degradation="web",
    start="gan-v11",
    turns=(4, 2, 4, 3),
    teachers=("cnn-web-v7", "edsr96-gan"),
    rate=7e-4,
    other_rate=5e-4,
)
"""A CNN with a dial: minutes of an H200. The GAN that it takes texture from is not shipped: LOG.md."""
SHOTS = Recipe(
    "cnn-shots-x4-v1",
    FusionConfig(64, 3, 4),
    minutes=59,
    batches=((0.0, 8, 32),),
)
"""From series of shots instead of photos, on one core. What it began from, and how its series differed from those of now, LOG.md says."""
SMALLER_SCALE = replace(SHOTS, start="cnn-shots-x4-v1", own_share=0.75)

RECIPES = (
    CNN,
    replace(
        CNN,
        id="cnn-web-v7",
        minutes=2.1,
        batches=((0.0, 64, 48),),
        degradation="web",
        start="cnn-v7",
        rate=7e-4,
        other_rate=5e-4,
        steps=11_000,
    ),
    FAST,
    replace(
        FAST,
        id="cnn-fast-web-v1",
        minutes=11.5,
        degradation="web",
        start="cnn-fast-v1",
        teachers=("cnn-web-v7",),
        rate=1e-3,
        other_rate=7e-4,
        steps=6_000,
    ),
    # On one core, from pairs that are made first. What it starts from is not shipped either.
    replace(
        GAN,
        id="gan-v11",
        minutes=64,
        batches=SMALL,
        start="edsr96-crisp",
        stored=((4, 1500), (2, 900), (3, 500)),
        rate=3e-4,
        average=0.998,
    ),
    LOOKS,
    GAN,
    # From there texture that discriminators ask for.
    replace(
        GAN,
        id="gan-v13",
        minutes=6.8,
        batches=((0.0, 32, 48),),
        start="gan-v12",
        pulls=(("perceptual", 1.0), ("picture", 0.8), ("small", 0.4), ("colours", 0.3), ("grid", 0.3)),
        lead=300,
        rate=3e-4,
        own_share=0.5,
    ),
    SHOTS,
    replace(SMALLER_SCALE, id="cnn-shots-x2-v1", net=FusionConfig(64, 3, 2), minutes=45),
    replace(SMALLER_SCALE, id="cnn-shots-x3-v1", net=FusionConfig(64, 3, 3), minutes=25),
    srcnn_recipe("srcnn-x2-v1", 2, minutes=4, patch=32),
    srcnn_recipe("srcnn-x3-v1", 3, minutes=4, patch=20),
    srcnn_recipe("srcnn-x4-v1", 4, minutes=8, patch=16),
    srcnn_recipe("srcnn-x2-v2", 2, minutes=13, patch=32, start="srcnn-x2-v1"),
    srcnn_recipe("srcnn-x3-v2", 3, minutes=11, patch=20, start="srcnn-x3-v1"),
    srcnn_recipe("srcnn-x4-v2", 4, minutes=11, patch=16, start="srcnn-x4-v1"),
    srcnn_recipe("srcnn-x3-v3", 3, minutes=20, patch=20, start="srcnn-x3-v2"),
    srcnn_recipe("srcnn-x4-v3", 4, minutes=14, patch=16, start="srcnn-x4-v2"),
    srcnn_recipe("srcnn-x4-v4", 4, minutes=7, patch=16, start="srcnn-x4-v3"),
)
