"""One recipe per weight file: everything that decides what comes out, apart from the photos and the machine."""

from dataclasses import dataclass
from typing import Literal

from sr_models.catalog import compact64, modulated64
from sr_models.nets import NetConfig
from sr_models.nets.span import SPANConfig
from sr_models.nets.srcnn import SRCNNConfig
from sr_models.training.degradation import Degradation

Pull = Literal["adversarial", "features", "spectrum", "artefacts", "consistency", "agreement", "grid"]
Pulls = tuple[tuple[Pull, float], ...]


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
    kept: float = 1.0
    """How far to go from `start` to what was trained: a weight file between the two (Wang et al., ESRGAN, ECCVW 2018)."""
    stretch: float = 1.0
    """How many times as long the dial of the shipped network is as the one that was trained: what it does is linear in the detail."""
    loss: Literal["charbonnier", "mse"] = "charbonnier"
    pulls: Pulls = ()
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


def gan(id: str, scale: int, minutes: float, start: str, pulls: Pulls, kept: float = 1.0, stretch: float = 1.0, seed: int = 1) -> Recipe:
    return Recipe(id, modulated64(scale), minutes, SMALL, "web", start, kept, stretch, pulls=pulls, rate=3e-4, seed=seed)


SMALL = ((0.0, 32),)
GROWING = ((0.0, 32), (0.7, 48))

CALM: Pulls = (("spectrum", 1.6), ("adversarial", 0.8), ("consistency", 0.5), ("artefacts", 0.1))
AGREEING: Pulls = (("spectrum", 1.8), ("adversarial", 0.9), ("agreement", 0.5), ("artefacts", 0.1))
STRONGER: Pulls = (("spectrum", 2.2), ("adversarial", 1.1), ("agreement", 0.7), ("artefacts", 0.12))
GENTLE: Pulls = (("spectrum", 1.1), ("adversarial", 0.55), ("agreement", 0.15), ("artefacts", 0.05))
EVEN: Pulls = (*AGREEING, ("grid", 0.3))
LIVELY: Pulls = (("spectrum", 1.4), ("adversarial", 1.6), ("agreement", 0.5), ("artefacts", 0.1), ("grid", 0.3))
LIVELIER: Pulls = (("spectrum", 1.4), ("adversarial", 2.0), ("agreement", 0.6), ("artefacts", 0.12), ("grid", 0.4))

RECIPES = (
    # The trunk learns at ×2, on two workers; the other scales start from it.
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
    Recipe("cnn-x4-v5", compact64(4), minutes=45, patches=GROWING, start="cnn-x4-v4", rate=5e-4),
    # For photos from the web, from the clean weights of the scale; the GANs from these.
    Recipe("cnn-x2-web-v2", compact64(2), minutes=9, patches=GROWING, degradation="web", start="cnn-x2-v4", rate=5e-4),
    Recipe("cnn-x3-web-v2", compact64(3), minutes=9, patches=GROWING, degradation="web", start="cnn-x3-v4", rate=5e-4),
    Recipe("cnn-x4-web-v2", compact64(4), minutes=20, patches=GROWING, degradation="web", start="cnn-x4-v4", rate=5e-4),
    gan("gan-x2-v4", 2, 9, "cnn-x2-web-v2", (*AGREEING[:2], ("agreement", 0.3), AGREEING[3]), stretch=1.2),
    gan("gan-x3-v5", 3, 18, "cnn-x3-web-v2", AGREEING, stretch=1.35),
    gan("gan-x4-v5", 4, 35, "cnn-x4-web-v2", CALM),
    gan("gan-x4-v5-seed2", 4, 35, "cnn-x4-web-v2", CALM, seed=2),
    gan("gan-x4-v6", 4, 12, "gan-x4-v5", AGREEING, kept=0.3, stretch=1.75),
    # The same, after the degradation had learnt noise and sizes that are drawn.
    Recipe("cnn-x2-web-v3", compact64(2), minutes=10, patches=GROWING, degradation="web", start="cnn-x2-web-v2", rate=5e-4),
    Recipe("cnn-x3-web-v3", compact64(3), minutes=10, patches=GROWING, degradation="web", start="cnn-x3-web-v2", rate=5e-4),
    Recipe("cnn-x4-web-v3", compact64(4), minutes=15, patches=GROWING, degradation="web", start="cnn-x4-web-v2", rate=5e-4),
    gan("gan-x2-v5", 2, 12, "cnn-x2-web-v3", (*AGREEING[:2], ("agreement", 0.3), AGREEING[3])),
    gan("gan-x3-v6", 3, 20, "cnn-x3-web-v3", STRONGER),
    # Trained on, after the discriminator had lost its say in colours.
    gan("gan-x2-v6", 2, 8, "gan-x2-v5", (*AGREEING[:2], ("agreement", 0.3), AGREEING[3]), stretch=1.9),
    gan("gan-x3-v7", 3, 10, "gan-x3-v6", STRONGER),
    gan("gan-x3-v8", 3, 10, "gan-x3-v7", GENTLE, stretch=1.8),
    gan("gan-x4-v7", 4, 8, "gan-x4-v6", AGREEING, stretch=1.25),
    # Trained on, after the spectrum had been squared, with a pull against the photo's grid.
    gan("gan-x2-v7", 2, 20, "gan-x2-v6", LIVELY, kept=0.5, stretch=1.46),
    gan("gan-x3-v9", 3, 12, "gan-x3-v8", EVEN, stretch=1.66),
    gan("gan-x4-v8", 4, 10, "gan-x4-v7", EVEN),
    gan("gan-x4-v9", 4, 12, "gan-x4-v8", LIVELY),
    gan("gan-x4-v9-seed2", 4, 12, "gan-x4-v8", LIVELY, seed=2),
    gan("gan-x4-v10", 4, 30, "gan-x4-v9", LIVELIER, kept=0.65, stretch=1.4),
    # What each pull is worth: the same without it, at equal minutes. What was measured had the spectrum's absolute differences.
    gan("gan-x4-with-all", 4, 7, "cnn-x4-web-v3", AGREEING),
    *(gan(f"gan-x4-without-{pull[0]}", 4, 7, "cnn-x4-web-v3", tuple(p for p in AGREEING if p != pull)) for pull in AGREEING),
    srcnn("srcnn-x2-v1", 2, minutes=4, patch=32),
    srcnn("srcnn-x3-v1", 3, minutes=4, patch=20),
    srcnn("srcnn-x4-v1", 4, minutes=8, patch=16),
    srcnn("srcnn-x2-v2", 2, minutes=13, patch=32, start="srcnn-x2-v1"),
    srcnn("srcnn-x3-v2", 3, minutes=11, patch=20, start="srcnn-x3-v1"),
    srcnn("srcnn-x4-v2", 4, minutes=11, patch=16, start="srcnn-x4-v1"),
    srcnn("srcnn-x3-v3", 3, minutes=20, patch=20, start="srcnn-x3-v2"),
    srcnn("srcnn-x4-v3", 4, minutes=14, patch=16, start="srcnn-x4-v2"),
    srcnn("srcnn-x4-v4", 4, minutes=7, patch=16, start="srcnn-x4-v3"),
    Recipe("cnn-x2-v5", compact64(2), minutes=24, patches=GROWING, start="cnn-x2-v4", rate=3e-4),
    Recipe("cnn-x4-v6", compact64(4), minutes=40, patches=GROWING, start="cnn-x4-v5", rate=3e-4),
    # Not run yet: they would bring more, or tell whether.
    srcnn("srcnn-x3-v4", 3, minutes=12, patch=20, start="srcnn-x3-v3"),
    gan("gan-x4-with-features", 4, 7, "cnn-x4-web-v3", (*AGREEING, ("features", 0.5))),
    Recipe("span-x4-v1", SPANConfig(features=48, blocks=6, scale=4), minutes=60, patches=GROWING),
)
