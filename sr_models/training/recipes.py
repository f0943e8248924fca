"""One recipe per weight file: everything that decides what comes out, apart from the photos and the machine."""

from dataclasses import dataclass, replace
from typing import Literal

from sr_models.catalog import compact48, compact64, modulated48, modulated64
from sr_models.nets import NetConfig
from sr_models.nets.span import SPANConfig
from sr_models.nets.srcnn import SRCNNConfig
from sr_models.training.degradation import Degradation

Pull = Literal["adversarial", "features", "spectrum", "artefacts", "consistency"]


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
    stretch: float = 1.0
    """How far along the dial of `start` the full detail of this network begins; 1: where it ended."""
    kept: float = 1.0
    """How far to go from `start` to what was trained: a weight file between the two (Wang et al., ESRGAN, ECCVW 2018)."""
    loss: Literal["charbonnier", "mse"] = "charbonnier"
    pulls: tuple[tuple[Pull, float], ...] = ()
    """For a network with a detail map: what pulls where detail is asked for, and how strongly: the length of its gradient on the
    picture over that of the pixel loss. See `adversarial.py`."""
    lower_precision: bool = True
    """Train in bfloat16 where that is safe: not without a skip around the network, which then has to carry the picture itself."""
    rate: float = 1e-3
    batch: int = 8
    """Crops a step, over all workers."""
    steps: int | None = None
    """Length of the cosine cycle in steps, instead of minutes."""
    seed: int = 1


def srcnn(id: str, scale: int, minutes: float, patch: int, start: str | None = None) -> Recipe:
    return Recipe(id, SRCNNConfig(scale), minutes, ((0.0, patch),), start=start, loss="mse", lower_precision=False, rate=5e-4, batch=16)


def gan(id: str, scale: int, minutes: float) -> Recipe:
    pulls: tuple[tuple[Pull, float], ...] = (("spectrum", 1.0), ("adversarial", 0.5), ("consistency", 0.3))
    return Recipe(id, modulated48(scale), minutes, SMALL, "web", start=f"cnn-x{scale}-web-v1", pulls=pulls, rate=3e-4)


def trained_on(id: str, scale: int, minutes: float, stretch: float, kept: float) -> Recipe:
    """From the second version with a longer dial, towards more detail."""
    pulls: tuple[tuple[Pull, float], ...] = (("spectrum", 1.2), ("adversarial", 0.7), ("consistency", 0.5))
    return replace(gan(id, scale, minutes), start=f"gan-x{scale}-v2", stretch=stretch, pulls=pulls, kept=kept)


def deeper_gan(id: str, scale: int, minutes: float, seed: int = 1) -> Recipe:
    """On the body of the CNN's fourth version, with a pull against what looks like an artefact."""
    pulls: tuple[tuple[Pull, float], ...] = (("spectrum", 1.6), ("adversarial", 0.8), ("consistency", 0.5), ("artefacts", 0.1))
    return Recipe(id, modulated64(scale), minutes, SMALL, "web", start=f"cnn-x{scale}-web-v2", pulls=pulls, rate=3e-4, seed=seed)


def stretched(id: str, scale: int, start: str, stretch: float) -> Recipe:
    """The same network with a longer dial; nothing is trained."""
    return replace(gan(id, scale, minutes=0), start=start, stretch=stretch)


SMALL = ((0.0, 32),)
GROWING = ((0.0, 32), (0.7, 48))

RECIPES = (
    # The trunk learns at ×2, on two workers; the other scales start from it, web weights and GANs from the clean weights of their scale.
    Recipe("cnn-x2-v2", compact64(2, 12), minutes=46, patches=GROWING),
    Recipe("cnn-x3-v2", compact64(3, 12), minutes=30, patches=GROWING, start="cnn-x2-v2", rate=7e-4),
    Recipe("cnn-x4-v2", compact64(4, 12), minutes=50, patches=GROWING, start="cnn-x2-v2", rate=7e-4),
    # Trained on: a second cosine, from half the rate.
    Recipe("cnn-x2-v3", compact64(2, 12), minutes=55, patches=GROWING, start="cnn-x2-v2", rate=5e-4),
    Recipe("cnn-x3-v3", compact64(3, 12), minutes=30, patches=GROWING, start="cnn-x3-v2", rate=5e-4),
    Recipe("cnn-x4-v3", compact64(4, 12), minutes=50, patches=GROWING, start="cnn-x4-v2", rate=5e-4),
    # Grown from 12 to 16 convolutions, without a change at first of what the network computes.
    Recipe("cnn-x2-v4", compact64(2), minutes=42, patches=GROWING, start="cnn-x2-v3", rate=5e-4),
    Recipe("cnn-x3-v4", compact64(3), minutes=30, patches=GROWING, start="cnn-x3-v3", rate=5e-4),
    Recipe("cnn-x4-v4", compact64(4), minutes=42, patches=GROWING, start="cnn-x4-v3", rate=5e-4),
    # Once more, with nothing new to learn with.
    Recipe("cnn-x2-v5", compact64(2), minutes=24, patches=GROWING, start="cnn-x2-v4", rate=5e-4),
    Recipe("cnn-x4-v5", compact64(4), minutes=45, patches=GROWING, start="cnn-x4-v4", rate=5e-4),
    Recipe("cnn-x4-web-v2", compact64(4), 20, GROWING, "web", start="cnn-x4-v4", rate=5e-4),
    # The first version: 48 features, batches of 16, and AdamW for every weight.
    Recipe("cnn-x2-v1", compact48(2), 36, GROWING, batch=16),
    Recipe("cnn-x3-v1", compact48(3), 20, GROWING, start="cnn-x2-v1", rate=7e-4, batch=16),
    Recipe("cnn-x4-v1", compact48(4), 28, GROWING, start="cnn-x2-v1", rate=7e-4, batch=16),
    Recipe("cnn-x2-web-v1", compact48(2), 6, GROWING, "web", start="cnn-x2-v1", rate=5e-4, batch=16),
    Recipe("cnn-x3-web-v1", compact48(3), 6, GROWING, "web", start="cnn-x3-v1", rate=5e-4, batch=16),
    Recipe("cnn-x4-web-v1", compact48(4), 14, GROWING, "web", start="cnn-x4-v1", rate=5e-4, batch=16),
    # The GAN starts from the web weights of its scale, and learns its dial on photos from the web.
    gan("gan-x2-v2", 2, minutes=11),
    gan("gan-x3-v2", 3, minutes=11),
    gan("gan-x4-v2", 4, minutes=22),
    # At full detail these were not crisp enough: a longer dial; at 3× and 4×, some of what more training changed.
    stretched("gan-x2-v3", 2, "gan-x2-v2", 1.55),
    trained_on("gan-x3-v3", 3, minutes=14, stretch=1.4, kept=0.5),
    trained_on("gan-x4-v3", 4, minutes=33, stretch=1.35, kept=0.4),
    stretched("gan-x3-v4", 3, "gan-x3-v3", 1.2),
    stretched("gan-x4-v4", 4, "gan-x4-v3", 1.2),
    deeper_gan("gan-x4-v5", 4, minutes=35),
    deeper_gan("gan-x4-v5-seed2", 4, minutes=35, seed=2),
    srcnn("srcnn-x2-v1", 2, minutes=4, patch=32),
    srcnn("srcnn-x3-v1", 3, minutes=4, patch=20),
    srcnn("srcnn-x4-v1", 4, minutes=8, patch=16),
    srcnn("srcnn-x2-v2", 2, minutes=13, patch=32, start="srcnn-x2-v1"),
    srcnn("srcnn-x3-v2", 3, minutes=11, patch=20, start="srcnn-x3-v1"),
    srcnn("srcnn-x4-v2", 4, minutes=11, patch=16, start="srcnn-x4-v1"),
    srcnn("srcnn-x3-v3", 3, minutes=20, patch=20, start="srcnn-x3-v2"),
    srcnn("srcnn-x4-v3", 4, minutes=14, patch=16, start="srcnn-x4-v2"),
    Recipe("span-x4-v1", SPANConfig(features=48, blocks=6, scale=4), minutes=60, patches=GROWING),  # not run yet
)
