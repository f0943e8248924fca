"""One recipe per weight file: everything that decides what comes out, apart from the photos and the machine."""

from dataclasses import dataclass
from typing import Literal

from sr_models.nets import NetConfig
from sr_models.nets.compact import CompactConfig
from sr_models.nets.span import SPANConfig
from sr_models.nets.srcnn import SRCNNConfig
from sr_models.training.degradation import Degradation


@dataclass(frozen=True)
class Recipe:
    id: str
    """The id of the weights, the same as in the catalogue."""
    net: NetConfig
    minutes: float
    """Length of one cosine cycle on one core of the CPU described in weights/README.md."""
    patches: tuple[tuple[float, int], ...]
    """(share of the minutes, side of the small crops in pixels): from this share on, this side."""
    degradation: Degradation = "clean"
    start: str | None = None
    """The id whose weights the run starts from; what does not fit (the last convolution of another scale) starts afresh."""
    loss: Literal["charbonnier", "mse"] = "charbonnier"
    adversarial: float = 0.0
    """Length of the adversarial gradient on the picture over that of the pixel loss; 0 trains without a discriminator."""
    rate: float = 1e-3
    batch: int = 16
    seed: int = 1


def cnn_net(scale: int) -> CompactConfig:
    return CompactConfig(features=48, convs=8, scale=scale, skip="bilinear", long_skip=True)


GROWING = ((0.0, 32), (0.7, 48))

RECIPES = (
    Recipe("cnn-x2-v1", cnn_net(2), minutes=36, patches=GROWING),
    Recipe("cnn-x3-v1", cnn_net(3), minutes=24, patches=GROWING, start="cnn-x2-v1", rate=7e-4),
    Recipe("cnn-x4-v1", cnn_net(4), minutes=28, patches=GROWING, start="cnn-x2-v1", rate=7e-4),
    Recipe("srcnn-x2-v1", SRCNNConfig(2), minutes=11, patches=((0.0, 24),), loss="mse"),
    Recipe("srcnn-x3-v1", SRCNNConfig(3), minutes=9, patches=((0.0, 16),), loss="mse", start="srcnn-x2-v1"),
    Recipe("srcnn-x4-v1", SRCNNConfig(4), minutes=11, patches=((0.0, 12),), loss="mse", start="srcnn-x2-v1"),
    Recipe("span-x4-v1", SPANConfig(features=48, blocks=6, scale=4), minutes=20, patches=((0.0, 32),)),
)
