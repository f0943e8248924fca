"""Every network the program knows, with its weights. The only registry there is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sr_models.errors import ModelError
from sr_models.nets import NetConfig
from sr_models.nets.edsr import DialledEDSRConfig, EDSRConfig
from sr_models.nets.fusion import FusionConfig
from sr_models.nets.realplksr import RealPLKSRConfig
from sr_models.nets.recurrent import RecurrentConfig
from sr_models.nets.resample import Kernel, ResampleConfig
from sr_models.nets.rrdb import RRDBConfig
from sr_models.nets.span import SPANConfig
from sr_models.nets.srcnn import SRCNNConfig

Family = Literal["cnn", "cnn-fast", "gan", "srcnn", "bicubic", "lanczos", "published"]
"""What a person chooses by name; the scale and the kind of input then decide which entry of the family is used."""
Input = Literal["clean", "web"]
"""What happened to the photo before: "clean" has no visible compression, "web" went through lossy compression."""

MODELS: tuple[Family, ...] = ("cnn", "cnn-fast", "gan")
"""The families that are made for photos, in the order of the page."""
CLASSICS: tuple[Family, ...] = ("srcnn", "bicubic", "lanczos")
"""The families for comparison."""
SCALES = (2, 3, 4)
MORE_PHOTOS = "1,577 openly licensed photos, mostly of products (weights/README.md)"
CLEAN_NOISE = 1.8
"""Levels of 255: photos with up to this compression noise, as JPEG of quality 93 has it, are enlarged better by the clean weights."""


@dataclass(frozen=True)
class Embedded:
    """The file weights/<name>.safetensors. Entries for several scales may share one: a trunk, and a last convolution for each scale."""

    name: str
    sha256: str
    int8: str | None = None
    """SHA-256 of the same weights as `publish weights --int8` stores them; None: they are published as they are."""


@dataclass(frozen=True)
class Hub:
    """A file in a model repository of the Hugging Face Hub; its tensors may have other names than ours: hub/recognise.py."""

    repo: str
    """owner/name"""
    file: str
    """Path in the repository; safetensors."""
    revision: str = "main"
    """A commit, 40 hexadecimal digits, or a branch."""
    sha256: str | None = None
    """None: the hash is the one that the Hub states."""
    size: int | None = None
    """Bytes, where known."""
    int8: str | None = None
    """SHA-256 of the same weights stored as int8: such a file is taken as well."""


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
    source: Embedded | Hub | NoWeights
    licence: str = "Apache-2.0"
    credit: str = "this project"
    trained_on: str = "1,222 openly licensed photos, mostly of products (weights/README.md)"
    generative: bool = False
    """Whether it adds detail that the photo does not hold, by itself or where a dial asks for it: a result's file says so."""

    @property
    def sha256(self) -> str | None:
        """Of the weight file, in hexadecimal digits; None where there is none, or where it is not known."""
        return None if isinstance(self.source, NoWeights) else self.source.sha256


def cnn(
    family: Family, label: str, size: tuple[int, int], version: str, input: Input, sha256: str, int8: str | None = None
) -> Iterator[Entry]:
    """One file, an entry for each scale; `size`: features and blocks."""
    for scale in SCALES:
        net, source = EDSRConfig(*size, scale), Embedded(f"{family}-{version}", sha256, int8)
        yield Entry(f"{family}-x{scale}-{version}", f"{label} {scale}×, for {input} photos", family, (input,), net, source)


def gan(version: str, sha256: str, int8: str) -> Iterator[Entry]:
    """One file, an entry for each scale."""
    for scale in SCALES:
        net, source = DialledEDSRConfig(features=96, blocks=14, scale=scale), Embedded(f"gan-{version}", sha256, int8)
        label = f"GAN {scale}×, with a detail dial"
        yield Entry(f"gan-x{scale}-{version}", label, "gan", ("clean", "web"), net, source, trained_on=MORE_PHOTOS, generative=True)


def srcnn(id: str, scale: int, sha256: str) -> Entry:
    return Entry(id, f"SRCNN {scale}× (2014): classic, for comparison, slow", "srcnn", ("clean",), SRCNNConfig(scale), Embedded(id, sha256))


def plain(kernel: Kernel, scale: int, credit: str) -> Entry:
    label, net = f"{kernel.capitalize()} {scale}×: no network, the baseline", ResampleConfig(kernel, scale)
    return Entry(f"{kernel}-x{scale}", label, kernel, ("clean", "web"), net, NoWeights(), "none needed", credit, "nothing")


def published(id: str, label: str, net: NetConfig, source: Hub, licence: str, credit: str, trained_on: str) -> Entry:
    return Entry(id, label, "published", ("clean", "web"), net, source, licence, credit, trained_on, generative=True)


def recurrent(version: str, input: Input, sha256: str) -> Iterator[Entry]:
    """One file, an entry for each scale."""
    for scale in SCALES:
        net = RecurrentConfig(features=96, blocks=3, first_features=32, first_blocks=8, scale=scale)
        label, source = f"Fast CNN {scale}×, looking again, for {input} photos", Embedded(f"cnn-looks-{version}", sha256)
        yield Entry(f"cnn-looks-x{scale}-{version}", label, "cnn-fast", (input,), net, source, trained_on=MORE_PHOTOS)


def fusion(scale: int, sha256: str) -> Entry:
    id, net = f"cnn-shots-x{scale}-v1", FusionConfig(features=64, blocks=3, scale=scale)
    label = f"What is added to the mean of several enlargements of a view, {scale}×"
    return Entry(id, label, "cnn", ("clean", "web"), net, Embedded(id, sha256), trained_on=MORE_PHOTOS)


CATALOG: tuple[Entry, ...] = (
    *cnn(
        "cnn",
        "CNN",
        (96, 14),
        "v8",
        "clean",
        "dea7d7a9581249e2e81b90864fafdcf80175d9e16ef14319c5bb5e9361462ca5",
        "c5ad0d50b5b916f609566a7e7a5a6e193894274c1afdfe8041850dcb29ab7254",
    ),
    *cnn(
        "cnn",
        "CNN",
        (96, 14),
        "web-v8",
        "web",
        "74c10b4caab0df5ab338794ef221d8d59c03168f3cf199fdf373050b7957e383",
        "735e4e14f98cc34126b98c07c28270b33276e2c9d8dc7681a698ae04646cfa0b",
    ),
    *gan(
        "v14",
        "72778f409722b0db74c26f54889894efa60eb2a6edf809f79753af7ac39089d3",
        "08c6a853b0e6a7fffd748fca650fbee07daf6acf8f5b2997e2af3674022421d4",
    ),
    *cnn("cnn-fast", "Fast CNN", (32, 8), "v1", "clean", "98206db076a1fd3b02d4775533163e3d6042996474f7f3f2bd1aac011be996a8"),
    *cnn("cnn-fast", "Fast CNN", (32, 8), "web-v1", "web", "8e9d9df75f8b42fee60d511e3d7757bcd538365086d39091d0fa17214d086a7f"),
    srcnn("srcnn-x2-v2", 2, "4688a02226dd58a737cdd4d4387ab4ac7788a05c54db7f62ae26ce1174782154"),
    srcnn("srcnn-x3-v3", 3, "d5c30b1806c568556873e5beaa09e00883588fe6a453ad1a75e118f1956ca44e"),
    srcnn("srcnn-x4-v4", 4, "febbc81cd62ba371fc468ae403e40955fe00e105f203dba64306d2194d732caa"),
    *(plain("bicubic", scale, "R. Keys, 1981") for scale in SCALES),
    *(plain("lanczos", scale, "C. Duchon, 1979") for scale in SCALES),
)
"""What comes with the program."""

RECURRENT: tuple[Entry, ...] = (*recurrent("v1", "clean", "c7ec1a5fe5dcdd1fa80bb6cf3eacb3d4c27c1d4b32fade67ecf2e90142f47052"),)
"""What makes the further looks of the fast CNN."""

FUSIONS: tuple[Entry, ...] = (
    fusion(2, "ed80d80ab493940ec191501a6124f82d6e8e4c85e4cb7080ac1df35d5d51de4a"),
    fusion(3, "3f57d1c81b10fcd2ebbdbeed5eae8e1e1ef80873966e76bd526d3530c23be2bc"),
    fusion(4, "4461dbe9b4a7699204d959e154e7c6ebcd28bfc113bee9d5ab20db855e03f21e"),
)
"""What is added to the mean of the enlargements of several shots, one for each scale."""

PUBLISHED: tuple[Entry, ...] = (
    published(
        id="realesrgan-x4plus",
        label="Real-ESRGAN 4×: crisp, invents texture; very slow without a GPU",
        net=RRDBConfig(features=64, blocks=23, growth=32, scale=4),
        source=Hub(
            repo="Comfy-Org/Real-ESRGAN_repackaged",
            file="RealESRGAN_x4plus.safetensors",
            sha256="37f9a931c215f040aa6d50f711f2cb115f713c46df1d0d6469a8bd7bfe9a60bb",
            size=66_857_836,
        ),
        licence="BSD-3-Clause",
        credit="Xintao Wang et al.",
        trained_on="DIV2K, Flickr2K and OutdoorSceneTraining, degraded at random",
    ),
    published(
        id="realesrgan-x2plus",
        label="Real-ESRGAN 2×: crisp, invents texture; slow without a GPU",
        net=RRDBConfig(features=64, blocks=23, growth=32, scale=2, unshuffle=2),
        source=Hub(repo="Comfy-Org/Real-ESRGAN_repackaged", file="RealESRGAN_x2plus.safetensors"),
        licence="BSD-3-Clause",
        credit="Xintao Wang et al.",
        trained_on="DIV2K, Flickr2K and OutdoorSceneTraining, degraded at random",
    ),
    published(
        id="nomos-uni-span-x2",
        label="SPAN 2×, Nomos Uni: for photos saved as JPEG, even more than once",
        net=SPANConfig(features=48, blocks=6, scale=2, centred=True),
        source=Hub(
            repo="Phips/2xNomosUni_span_multijpg",
            file="2xNomosUni_span_multijpg.safetensors",
            sha256="bee2a9c082f2b8f6e7f5db504b36593c24a1a959511f587114c399ca58b9c92c",
            size=4_461_056,
        ),
        licence="CC-BY-4.0",
        credit="Philip Hofmann",
        trained_on="Nomos Uni, compressed by JPEG",
    ),
    published(
        id="nomos-webphoto-x4",
        label="RealPLKSR 4×, Nomos WebPhoto: for photos from the web; very slow without a GPU",
        net=RealPLKSRConfig(features=64, blocks=28, kernel=17, large=16, scale=4),
        source=Hub(
            repo="Phips/4xNomosWebPhoto_RealPLKSR",
            file="4xNomosWebPhoto_RealPLKSR.safetensors",
            revision="49d5da19489e645e870eb076ea84815471f27ef4",
            sha256="9be0228f98156a100d6636d99b373ed2785b999723f9adc4cca504329ab157f2",
        ),
        licence="CC-BY-4.0",
        credit="Philip Hofmann",
        trained_on="Nomos, degraded as photos from the web are",
    ),
)
"""Networks of other people, fetched from the Hub when somebody chooses one. Comparisons of all models leave them out."""


def find(model: str, scale: int, input: str = "auto", noise: float = 0.0) -> Entry:
    """The entry whose id is `model`, or the first of the family `model` for this scale and kind of input.

    `input` is "clean", "web" or "auto": then `noise`, what compression left in the photo (`Photo.noise`), decides, and a family
    without weights for that kind serves with those it has. Raises ModelError, which lists what there is.
    """
    if scale not in SCALES:
        raise ModelError("The scale {scale} is not offered. Choose one of {scales}.", scale=scale, scales=in_words(SCALES))
    check_input(input)
    named = [entry for entry in (*CATALOG, *PUBLISHED) if model in (entry.id, entry.family)]
    if not named:
        families = in_words(dict.fromkeys(entry.family for entry in CATALOG))
        raise ModelError(
            "There is no model “{model}”. Choose one of {families}, or an id that “python -m sr_models models” lists.",
            model=model,
            families=families,
        )
    fitting = with_scale(named, model, scale)
    wanted = ("web" if noise > CLEAN_NOISE else "clean") if input == "auto" else input
    meant = [entry for entry in fitting if wanted in entry.inputs]
    if not meant and input != "auto":
        raise ModelError(
            "“{model}” has no weights for {input} photos at {scale}×. Choose auto, or another model.", model=model, input=input, scale=scale
        )
    return (meant or fitting)[0]


def find_fusion(entry: Entry) -> Entry | None:
    """What is added to the mean of several enlargements by an entry's network; None where nothing is."""
    return next((fusion for fusion in FUSIONS if fusion.net.scale == entry.net.scale and entry.family in ("cnn", "cnn-fast")), None)


def find_recurrent(entry: Entry) -> Entry | None:
    """What makes the further looks of an entry's network; None where that network itself looks again, at the photo turned."""
    fits = (each for each in RECURRENT if entry.family == each.family and (entry.net.scale, entry.inputs) == (each.net.scale, each.inputs))
    return next(fits, None)


def with_scale(entries: list[Entry], model: str, scale: int) -> list[Entry]:
    """Those of the `entries` of a model that have this scale. Raises ModelError where none has."""
    fitting = [entry for entry in entries if entry.net.scale == scale]
    if not fitting:
        offered = in_words(sorted({entry.net.scale for entry in entries}))
        raise ModelError(
            "“{model}” enlarges by {offered}, not by {scale}. Choose that scale or another model.",
            model=model,
            offered=offered,
            scale=scale,
        )
    return fitting


def check_input(input: str) -> str:
    """`input` if it is "auto" or a kind of input. Raises ModelError."""
    if input not in {"auto", "clean", "web"}:
        raise ModelError("“{input}” is no kind of input. Choose auto, clean or web.", input=input)
    return input


def in_words(choices) -> str:
    return ", ".join(str(choice) for choice in choices)
