"""Every network the program knows, with its weights. The only registry there is."""

from dataclasses import dataclass
from typing import Literal

from sr_models.errors import ModelError
from sr_models.nets import NetConfig
from sr_models.nets.compact import CompactConfig
from sr_models.nets.resample import Kernel, ResampleConfig
from sr_models.nets.span import SPANConfig
from sr_models.nets.srcnn import SRCNNConfig

Family = Literal["cnn", "gan", "srcnn", "span", "bicubic", "lanczos"]
"""What a person chooses by name; the scale and the kind of input decide which entry it is."""
Input = Literal["clean", "web"]
"""What the photo went through: nothing that loses pixels, or the lossy compression of the web."""

SCALES = (2, 3, 4)


@dataclass(frozen=True)
class Embedded:
    """The file weights/<id>.safetensors."""

    sha256: str


@dataclass(frozen=True)
class NoWeights:
    """Nothing to load: the network is a formula."""


@dataclass(frozen=True)
class Entry:
    id: str
    """Never given to other weights."""
    label: str
    family: Family
    inputs: tuple[Input, ...]
    """What the weights are made for."""
    net: NetConfig
    source: Embedded | NoWeights
    licence: str = "Apache-2.0"
    credit: str = "this project"
    trained_on: str = "1,222 openly licensed photos, mostly of products (weights/README.md)"


def compact(scale: int) -> CompactConfig:
    """The body of our CNN and GAN."""
    return CompactConfig(features=48, convs=8, scale=scale, skip="bilinear", long_skip=True)


def cnn(id: str, inputs: tuple[Input, ...], scale: int, sha256: str) -> Entry:
    return Entry(id, f"CNN {scale}×, for {inputs[0]} photos", "cnn", inputs, compact(scale), Embedded(sha256))


def gan(id: str, scale: int, sha256: str) -> Entry:
    return Entry(id, f"GAN {scale}×", "gan", ("clean", "web"), compact(scale), Embedded(sha256))


def srcnn(id: str, scale: int, sha256: str) -> Entry:
    return Entry(id, f"SRCNN {scale}× (2014): classic, for comparison, slow", "srcnn", ("clean",), SRCNNConfig(scale), Embedded(sha256))


def plain(kernel: Kernel, scale: int, credit: str) -> Entry:
    return Entry(
        id=f"{kernel}-x{scale}",
        label=f"{kernel.capitalize()} {scale}×: no network, the baseline",
        family=kernel,
        inputs=("clean", "web"),
        net=ResampleConfig(kernel, scale),
        source=NoWeights(),
        licence="none needed",
        credit=credit,
        trained_on="nothing",
    )


CATALOG: tuple[Entry, ...] = (
    *(plain("bicubic", scale, "R. Keys, 1981") for scale in SCALES),
    *(plain("lanczos", scale, "C. Duchon, 1979") for scale in SCALES),
)


def find(model: str, scale: int, input: str = "auto", lossy: bool = False) -> Entry:
    """The entry whose id is `model`, or the first of the family `model` for this scale and kind of input.

    `input` is "clean", "web" or "auto": then `lossy`, whether the photo's file is, decides, and a family without weights for
    that kind serves with those it has. Raises ModelError, which lists what there is.
    """
    if scale not in SCALES:
        raise ModelError(f"The scale {scale} is not offered. Choose one of {in_words(SCALES)}.")
    if input not in {"auto", "clean", "web"}:
        raise ModelError(f"“{input}” is no kind of input. Choose auto, clean or web.")
    named = [entry for entry in CATALOG if model in (entry.id, entry.family)]
    if not named:
        families = in_words(dict.fromkeys(entry.family for entry in CATALOG))
        raise ModelError(f"There is no model “{model}”. Choose one of {families}, or an id that “python -m sr_models models” lists.")
    fitting = [entry for entry in named if entry.net.scale == scale]
    if not fitting:
        raise ModelError(f"{model} enlarges by {in_words({entry.net.scale for entry in named})}, not by {scale}. Choose that scale or another model.")
    wanted = ("web" if lossy else "clean") if input == "auto" else input
    meant = [entry for entry in fitting if wanted in entry.inputs]
    if not meant and input != "auto":
        raise ModelError(f"{model} has no weights for {wanted} input at {scale}×. Choose auto, or another model.")
    return (meant or fitting)[0]


def in_words(choices) -> str:
    return ", ".join(str(choice) for choice in choices)
