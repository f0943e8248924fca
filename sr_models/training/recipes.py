"""One recipe per weight file: everything that decides what comes out, apart from the photos and the machine."""

from dataclasses import dataclass
from typing import Literal

from sr_models.catalog import compact
from sr_models.nets import NetConfig
from sr_models.nets.span import SPANConfig
from sr_models.nets.srcnn import SRCNNConfig
from sr_models.training.degradation import Degradation


@dataclass(frozen=True)
class Recipe:
    id: str
    """The id of the weights, the same as in the catalogue."""
    net: NetConfig
    minutes: float
    """Length of one cosine cycle on the machine described in weights/README.md."""
    patches: tuple[tuple[float, int], ...]
    """(share of the minutes, side of the small crops in pixels): from this share on, this side."""
    degradation: Degradation = "clean"
    start: str | None = None
    """The id whose weights the run starts from; what does not fit (the last convolution of another scale) starts afresh."""
    loss: Literal["charbonnier", "mse"] = "charbonnier"
    adversarial: float = 0.0
    """Length of the adversarial gradient on the picture over that of the pixel loss; 0 trains without a discriminator."""
    spectrum: float = 0.0
    """The same for the gradient of the local spectrum, with a discriminator."""
    lower_precision: bool = True
    """Train in bfloat16 where that is safe: not without a skip around the network, which then has to carry the picture itself."""
    rate: float = 1e-3
    batch: int = 8
    """Crops a step, over all workers."""
    steps: int | None = None
    """Length of the cosine cycle in steps, instead of minutes."""
    seed: int = 1


def larger(scale: int):
    from sr_models.nets.compact import CompactConfig

    return CompactConfig(features=64, convs=12, scale=scale, skip="bilinear", long_skip=True)


GROWING = ((0.0, 32), (0.7, 48))

RECIPES = (
    Recipe("cnn-x2-v2", larger(2), minutes=46, patches=GROWING),
    Recipe("cnn-x3-v2", larger(3), minutes=30, patches=GROWING, start="cnn-x2-v2", rate=7e-4),
    Recipe("cnn-x4-v2", larger(4), minutes=50, patches=GROWING, start="cnn-x2-v2", rate=7e-4),
    Recipe("cnn-x2-web-v2", larger(2), minutes=15, patches=GROWING, degradation="web", start="cnn-x2-v2", rate=5e-4),
    Recipe("cnn-x3-web-v2", larger(3), minutes=15, patches=GROWING, degradation="web", start="cnn-x3-v2", rate=5e-4),
    Recipe("cnn-x4-web-v2", larger(4), minutes=20, patches=GROWING, degradation="web", start="cnn-x4-v2", rate=5e-4),
    # The trunk learns at ×2; the other scales start from it, the web weights and the GANs from the clean weights of their scale.
    Recipe("cnn-x2-v1", compact(2), minutes=36, patches=GROWING),
    Recipe("cnn-x3-v1", compact(3), minutes=20, patches=GROWING, start="cnn-x2-v1", rate=7e-4),
    Recipe("cnn-x4-v1", compact(4), minutes=28, patches=GROWING, start="cnn-x2-v1", rate=7e-4),
    Recipe("cnn-x2-web-v1", compact(2), minutes=6, patches=GROWING, degradation="web", start="cnn-x2-v1", rate=5e-4),
    Recipe("cnn-x3-web-v1", compact(3), minutes=6, patches=GROWING, degradation="web", start="cnn-x3-v1", rate=5e-4),
    Recipe("cnn-x4-web-v1", compact(4), minutes=14, patches=GROWING, degradation="web", start="cnn-x4-v1", rate=5e-4),
    Recipe("gan-x2-v1", compact(2), 9, ((0.0, 32),), start="cnn-x2-v1", adversarial=0.5, spectrum=1.0, rate=3e-4),
    Recipe("gan-x3-v1", compact(3), 9, ((0.0, 32),), start="cnn-x3-v1", adversarial=0.5, spectrum=1.0, rate=3e-4),
    Recipe("gan-x4-v1", compact(4), 12, ((0.0, 32),), start="cnn-x4-v1", adversarial=0.5, spectrum=1.0, rate=3e-4),
    Recipe("srcnn-x2-v1", SRCNNConfig(2), minutes=4, patches=((0.0, 32),), loss="mse", lower_precision=False, rate=5e-4),
    Recipe("srcnn-x3-v1", SRCNNConfig(3), minutes=4, patches=((0.0, 20),), loss="mse", lower_precision=False, rate=5e-4),
    Recipe("srcnn-x4-v1", SRCNNConfig(4), minutes=8, patches=((0.0, 16),), loss="mse", lower_precision=False, rate=5e-4),
    Recipe("span-x4-v1", SPANConfig(features=48, blocks=6, scale=4), minutes=60, patches=GROWING),  # not run yet
)
