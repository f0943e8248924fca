"""From a catalogue entry to a loaded network: find the file, verify its hash, load strictly, keep the last few."""

import hashlib
from functools import lru_cache
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError

from sr_models.catalog import Embedded, Entry
from sr_models.errors import WeightsError
from sr_models.nets import Network

FOLDER = Path(__file__).parent.parent / "weights"


def path_of(entry: Entry) -> Path:
    """Where an embedded entry's file lies."""
    return FOLDER / f"{entry.id}.safetensors"


@lru_cache(maxsize=8)
def network(entry: Entry, device: str, precision: torch.dtype) -> Network:
    """The trained network of an entry on a device, ready to run; its weights, all but the last convolution's, in `precision`.

    It is shared between callers: do not change it. Raises WeightsError where the file is missing, damaged or foreign.
    """
    net = load(entry).to(device=device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    net.lower_precision(precision)
    return net


def load(entry: Entry) -> Network:
    """The trained network of an entry, float32, on the CPU."""
    net = entry.net.build().eval().requires_grad_(False)
    if not isinstance(entry.source, Embedded):
        return net
    path = path_of(entry)
    try:
        data = path.read_bytes()
    except FileNotFoundError as failure:
        raise WeightsError(
            "The weights {id} are missing: {file} should lie in weights/. Fetch the project again.", id=entry.id, file=path.name
        ) from failure
    found = hashlib.sha256(data).hexdigest()
    if found != entry.source.sha256:
        raise WeightsError(
            "The weights {id} are damaged or not ours: SHA-256 {found}… where {expected}… was expected. Fetch {file} again.",
            id=entry.id,
            found=found[:12],
            expected=entry.source.sha256[:12],
            file=path.name,
        )
    try:
        net.load_state_dict({name: value.float() for name, value in safetensors.torch.load(data).items()})
    except (SafetensorError, RuntimeError) as failure:
        raise WeightsError("The weights {id} do not fit their network: {reason}", id=entry.id, reason=failure) from failure
    return net
