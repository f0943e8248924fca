"""Every network the program knows, with its weights. The only registry there is."""

from dataclasses import dataclass
from typing import Literal

from sr_models.errors import ModelError
from sr_models.nets import NetConfig
from sr_models.nets.compact import CompactConfig
from sr_models.nets.resample import Kernel, ResampleConfig
from sr_models.nets.srcnn import SRCNNConfig

Family = Literal["cnn", "gan", "srcnn", "bicubic", "lanczos"]
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
    return Entry(id, f"GAN {scale}×", "gan", ("clean",), compact(scale), Embedded(sha256))


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
    cnn("cnn-x2-v1", ("clean",), 2, "787fac611817eccf1ef2da9acd602ea72484a7fdf8db0ee52a78eb9d877d8ae2"),
    cnn("cnn-x3-v1", ("clean",), 3, "9e1bfbaffa84a97b760fbaf9d0e264d74c1a5d3d7a1bd94fbdf2b80d0c5ed841"),
    cnn("cnn-x4-v1", ("clean",), 4, "7a2b249f6fd19ef5e0d8b367af9e9feeefdd2bf9cb7a876f65e50400a576a01f"),
    cnn("cnn-x2-web-v1", ("web",), 2, "1a1764044e185c55e45a5c4aba3d931c34e7d0680a2d67fd7dcd9cc90f5f91f1"),
    cnn("cnn-x3-web-v1", ("web",), 3, "4c7bd2d7a4412cfe00b2ea380858b48130d2ecabb7dca459c189030866412eee"),
    cnn("cnn-x4-web-v1", ("web",), 4, "89ba54ee252815242085f613b47b5adbcae6a700614b329491ffe0ccb26508d8"),
    gan("gan-x2-v1", 2, "768afca2c13dba302c45c4df59031d731bb965317a0891a8ed8373a5b6ecb0d4"),
    gan("gan-x3-v1", 3, "cf7c0d80e63fdd2f08b33b572b9681843d0cb0de1b2fd6de393d0a27cfaac465"),
    gan("gan-x4-v1", 4, "847c2935b056e4f1d708a5f47af74a376a2b67c6980b8a2d9b59f386f624e838"),
    srcnn("srcnn-x2-v1", 2, "d049abb18c68f452684eb595d4463968a8ca8779217b01e11260b4737b3a02e8"),
    srcnn("srcnn-x3-v1", 3, "686238bcb72940db1a7cb1a6afd94ecd29a5978a0616a75a64db46a8544f89b0"),
    srcnn("srcnn-x4-v1", 4, "01b44bdd982a5a0dcda14b526251995f09b6a790bde9f689cd8544fb89ac57e7"),
    *(plain("bicubic", scale, "R. Keys, 1981") for scale in SCALES),
    *(plain("lanczos", scale, "C. Duchon, 1979") for scale in SCALES),
)


def find(model: str, scale: int, input: str = "auto", lossy: bool = False) -> Entry:
    """The entry whose id is `model`, or the first of the family `model` for this scale and kind of input.

    `input` is "clean", "web" or "auto": then `lossy`, whether the photo's file is, decides, and a family without weights for
    that kind serves with those it has. Raises ModelError, which lists what there is.
    """
    if scale not in SCALES:
        raise ModelError("The scale {scale} is not offered. Choose one of {scales}.", scale=scale, scales=in_words(SCALES))
    if input not in {"auto", "clean", "web"}:
        raise ModelError("“{input}” is no kind of input. Choose auto, clean or web.", input=input)
    named = [entry for entry in CATALOG if model in (entry.id, entry.family)]
    if not named:
        families = in_words(dict.fromkeys(entry.family for entry in CATALOG))
        raise ModelError(
            "There is no model “{model}”. Choose one of {families}, or an id that “python -m sr_models models” lists.",
            model=model,
            families=families,
        )
    fitting = [entry for entry in named if entry.net.scale == scale]
    if not fitting:
        offered = in_words(sorted({entry.net.scale for entry in named}))
        raise ModelError(
            "“{model}” enlarges by {offered}, not by {scale}. Choose that scale or another model.",
            model=model,
            offered=offered,
            scale=scale,
        )
    wanted = ("web" if lossy else "clean") if input == "auto" else input
    meant = [entry for entry in fitting if wanted in entry.inputs]
    if not meant and input != "auto":
        raise ModelError(
            "“{model}” has no weights for {input} photos at {scale}×. Choose auto, or another model.", model=model, input=input, scale=scale
        )
    return (meant or fitting)[0]


def in_words(choices) -> str:
    return ", ".join(str(choice) for choice in choices)
