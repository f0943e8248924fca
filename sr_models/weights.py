"""Loads the network of a catalogue entry, from an embedded file or the Hub, and verifies its hash; the last few stay loaded."""

import hashlib
import json
import os
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError

from sr_models import int8
from sr_models.catalog import CATALOG, PUBLISHED, RECURRENT, SCALES, Embedded, Entry, Hub, find, with_scale
from sr_models.errors import WeightsError
from sr_models.hub import download, room
from sr_models.hub.recognise import recognise
from sr_models.nets import Enlarger, NetConfig
from sr_models.nets.edsr import Body
from sr_models.photo import Note

INSTALLED = Path(__file__).with_name("embedded")
FOLDER = INSTALLED if INSTALLED.is_dir() else Path(__file__).parents[1] / "weights"
"""Where the embedded files lie: weights/ in the project's folder; inside of the package, where setup.py puts them, once it is installed."""
RANGES = FOLDER / "ranges.json"
"""For embedded networks that may run in 8 bits: weight file → largest magnitudes that each block reads (training/ranges.py)."""
REPO = "SR_WEIGHTS_REPO"
"""The environment variable that names a Hub repository, owner/name or owner/name@revision, from which all embedded entries are fetched."""
PATIENCE_SECONDS = 10
"""How long that repository may take before the embedded file is used instead."""

EMBEDDED = "Weights: {id}, embedded."
FROM_HUB = "Weights: {id}, from {repo} on the Hub."
FROM_HUB_AS_INT8 = "Weights: {id}, stored as int8, from {repo} on the Hub."
INSTEAD = "Weights: {id}, embedded, because {repo} on the Hub did not serve them: {reason}"
FORMULA = "{id} is a formula without weights."


@dataclass(frozen=True)
class Origin(Note):
    """Where the weights of a loaded network came from."""

    sha256: str | None = None
    """Of the file, in hexadecimal digits; None for a formula."""


origins: dict[str, Origin] = {}
"""Name of a weight file → where it came from when it was last loaded."""


def find_origin(entry: Entry) -> Origin | None:
    """Where the weights of an entry came from when its network was last loaded; None where it was not."""
    return origins.get(file_of(entry))


def file_of(entry: Entry) -> str:
    """The name of an entry's weight file, which other entries may share; its id where it has none of its own."""
    return entry.source.name if isinstance(entry.source, Embedded) else entry.id


def path_of(entry: Entry) -> Path:
    """Where an embedded entry's file lies."""
    return FOLDER / f"{file_of(entry)}.safetensors"


def path_in_repository(entry: Entry) -> str:
    """The path of an entry's file in a repository that `publish weights` made."""
    return f"{file_of(entry)}/model.safetensors"


def choose_entry(model: str, scale: int, input: str = "auto", noise: float = 0.0) -> Entry:
    """What `catalog.find` gives; for a `model` like owner/name/file.safetensors, an entry made of that file on the Hub, fetched."""
    if "/" not in model:
        return find(model, scale, input, noise)
    return with_scale([recognise_on_hub(model, scale)], model, scale)[0]


def scales(model: str) -> tuple[int, ...]:
    """The scales of a model, given as to `choose_entry`; all scales for an unknown name, which `choose_entry` then refuses."""
    if "/" in model:
        return (recognise_on_hub(model, max(SCALES)).net.scale,)
    return tuple(sorted({entry.net.scale for entry in (*CATALOG, *PUBLISHED) if model in (entry.id, entry.family)})) or SCALES


@lru_cache(maxsize=8)
def recognise_on_hub(place: str, scale: int) -> Entry:
    """The entry of a file on the Hub, given as owner/name/file.safetensors; `scale` counts where its tensors do not tell.

    Raises WeightsError where the file cannot be had or holds no network that is supported.
    """
    source = download.parse_file(place)
    was_here = download.find_cached(source) is not None
    with room.counted(download.cache_folder(), source.repo):
        try:
            net = recognise_file(source, place, scale)
        except WeightsError:
            if not was_here or download.is_offline():
                raise
            net = recognise_file(source, place, scale, anew=True)  # its owner may have mended it since
    unknown = "unknown: see its page on the Hub"
    terms = {"licence": unknown, "credit": source.repo, "trained_on": unknown}
    return Entry(place, place, "published", ("clean", "web"), net, source, generative=True, **terms)


def recognise_file(source: Hub, place: str, scale: int, anew: bool = False) -> NetConfig:
    """The network of a file on the Hub, which is asked also for a file of the cache if `anew`. A broken file is removed from the cache."""
    try:
        return recognise(safetensors.torch.load(download.fetch_verified(source, anew=anew)), scale).net
    except SafetensorError as failure:
        if path := download.locate(source):
            download.remove(path)  # the next who wants it asks the Hub again
        raise WeightsError("The weights {id} do not fit their network: {reason}", id=place, reason=failure) from failure


@lru_cache(maxsize=64)
def load_network(entry: Entry, device: str, precision: torch.dtype) -> Enlarger:
    """The trained network of an entry on a device, ready to run; its weights, all but the last convolution's, in `precision`.

    In int8, for the CPU alone, are most blocks of our larger networks; everything else is float32 then.

    It is shared between callers, and its weights with the entries of the same file: do not change it. Raises WeightsError where the
    file is missing, damaged or foreign, or cannot be fetched.
    """
    embedded = (*CATALOG, *RECURRENT)
    first = next((other for other in embedded if isinstance(entry.source, Embedded) and other.source == entry.source), entry)
    if first != entry:
        return load_network(first, device, precision).with_config(entry.net)
    net = load_on_cpu(entry).to(device=device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    if precision != torch.int8:
        net.lower_precision(precision)
    elif isinstance(net, Body) and isinstance(entry.source, Embedded):
        int8.quantise(net, json.loads(RANGES.read_text()).get(entry.source.name, ()))
    return net


def load_on_cpu(entry: Entry) -> Enlarger:
    """The trained network of an entry, float32, on the CPU."""
    net = entry.net.build().eval().requires_grad_(False)
    if not isinstance(entry.source, Embedded | Hub):
        origins[file_of(entry)] = Origin(FORMULA, {"id": entry.id})
        return net
    data, origins[file_of(entry)] = read_weights(entry)
    try:
        state = safetensors.torch.load(data)
        fitting = match_published(entry, state) if isinstance(entry.source, Hub) else state
        net.load_state_dict(fitting)
    except (SafetensorError, RuntimeError, ValueError) as failure:
        raise WeightsError("The weights {id} do not fit their network: {reason}", id=file_of(entry), reason=failure) from failure
    return net


def match_published(entry: Entry, state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The tensors of a published file under our modules' names. Raises WeightsError where they are not of the entry's network."""
    recognised = recognise(state, entry.net.scale)
    if recognised.net != entry.net:
        raise WeightsError(
            "The weights {id} do not fit their network: {reason}", id=entry.id, reason=f"they are of {recognised.layout}, {recognised.net}"
        )
    return recognised.state


def read_weights(entry: Entry) -> tuple[bytes, Origin]:
    """(verified content of an entry's file, its origin). The repository that REPO names, if any, comes before the embedded file."""
    if isinstance(entry.source, Hub):
        return read_from_hub(entry, entry.source)
    repo = os.environ.get(REPO)
    if not repo:
        return read_embedded(entry)
    has_own = path_of(entry).is_file()
    try:
        source = source_in(repo, entry)
        return read_from_hub(entry, source, PATIENCE_SECONDS if has_own else None)
    except WeightsError as failure:
        if not has_own:
            raise
        data, own = read_embedded(entry)
        return data, Origin(INSTEAD, {"id": file_of(entry), "repo": repo, "reason": failure}, own.sha256)


def source_in(repo: str, entry: Entry) -> Hub:
    """An embedded entry's file in a repository that `publish weights` made, as it is or stored as int8. Raises WeightsError."""
    int8 = entry.source.int8 if isinstance(entry.source, Embedded) else None
    size = path_of(entry).stat().st_size if int8 is None and path_of(entry).is_file() else None
    return replace(download.parse_repository(repo, path_in_repository(entry), entry.sha256, size), int8=int8)


def sha256_in_use(entry: Entry) -> str | None:
    """The hash of the file from which an entry's network was last loaded; before that, the one that it must have."""
    origin = find_origin(entry)
    return origin.sha256 if origin and origin.sha256 else entry.sha256


def read_from_hub(entry: Entry, source: Hub, seconds: float | None = None) -> tuple[bytes, Origin]:
    data = download.fetch_verified(source, seconds)
    found = hashlib.sha256(data).hexdigest()
    return data, Origin(FROM_HUB_AS_INT8 if found == source.int8 else FROM_HUB, {"id": file_of(entry), "repo": source.repo}, found)


def read_embedded(entry: Entry) -> tuple[bytes, Origin]:
    path = path_of(entry)
    try:
        data = path.read_bytes()
    except FileNotFoundError as failure:
        raise WeightsError(
            "The weights {id} are missing: {file} should lie in weights/. Fetch the project again.", id=file_of(entry), file=path.name
        ) from failure
    sha256, expected = hashlib.sha256(data).hexdigest(), str(entry.sha256)
    if sha256 != expected:
        raise WeightsError(
            "The weights {id} are damaged or not ours: SHA-256 {found}… where {expected}… was expected. Fetch {file} again.",
            id=file_of(entry),
            found=sha256[:12],
            expected=expected[:12],
            file=path.name,
        )
    return data, Origin(EMBEDDED, {"id": file_of(entry)}, sha256)
