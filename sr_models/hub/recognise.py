"""Recognises the network that the tensors of a safetensors file belong to, by their names and shapes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import isqrt
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from sr_models.catalog import SCALES
from sr_models.errors import ModelError, WeightsError
from sr_models.nets import NetConfig
from sr_models.nets.compact import CompactConfig
from sr_models.nets.edsr import DialledEDSRConfig, EDSRConfig
from sr_models.nets.realplksr import GROUPS, RealPLKSRConfig
from sr_models.nets.rrdb import RRDBConfig
from sr_models.nets.span import SPANConfig, fold_span
from sr_models.nets.srcnn import SRCNNConfig
from sr_models.packing import unpack

MOST_TENSORS = 4096
MOST_WEIGHTS = 64_000_000  # four times Real-ESRGAN
MOST_BYTES = 8 * MOST_WEIGHTS
NUMBERS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
WRAPPINGS = ("params_ema.", "params-ema.", "params.", "generator.", "netG.", "module.")
"""What training programs put before every name; where a file holds two networks, the first of these."""

State = Mapping[str, Tensor]


@dataclass(frozen=True)
class Recognised:
    layout: str
    """The name of the layout that the file has: see LAYOUTS."""
    net: NetConfig
    state: dict[str, Tensor]
    """float32, on the CPU: `net.build()` loads it strictly."""


@dataclass(frozen=True)
class Layout:
    """One way in which files name their tensors."""

    name: str
    marks: tuple[str, ...]
    """Names of tensors; a file that has all of them has this layout."""
    read: Callable[[State, int | None], tuple[NetConfig, dict[str, Tensor]]]
    """(tensors, scale or None) → (config read from the shapes, tensors under our modules' names); it checks nothing."""
    build: Callable[..., nn.Module] = lambda net: net.build()
    """Config → the network that those tensors must fit."""
    finish: Callable[..., tuple[NetConfig, State]] = lambda net, state: (net, state)
    """(config, checked tensors) → the final config and tensors."""


def recognise_file(path: Path, scale: int | None = None) -> Recognised:
    """As `recognise`, from a safetensors file. Raises WeightsError also where it is none, or too large to be one of ours."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise WeightsError(
                "{file} has {size} MB; networks of up to {limit} MB are loaded.",
                file=path.name,
                size=size // 1_000_000,
                limit=MOST_BYTES // 1_000_000,
            )
        with safe_open(path, framework="pt") as file:
            names = list(file.keys())
            check_tensors(len(names))
            state = {name: file.get_tensor(name) for name in names}
    except (SafetensorError, OSError) as failure:
        reason = (failure.strerror or "unreadable") if isinstance(failure, OSError) else make_readable(str(failure))  # no path of a server
        raise WeightsError(
            "{file} is no sound safetensors file ({reason}). Other kinds, such as .pth, are never opened: they can contain programs.",
            file=path.name,
            reason=reason,
        ) from failure
    return recognise(state, scale)


def recognise(state: State, scale: int | None = None) -> Recognised:
    """The network that tensors of any float type, or stored as int8, belong to. `scale` is asked only where the file cannot tell (SRCNN).

    Nothing is computed, and nothing larger than the tensors made, before every name and shape is right. Raises WeightsError where no
    layout fits, a tensor is missing, foreign, of another shape or type, or not finite; ModelError where the scale is not offered.
    """
    check_tensors(len(state))
    given = unwrap(state)
    layout = next((layout for layout in LAYOUTS if all(mark in given for mark in layout.marks)), None)
    if layout is None:
        raise WeightsError(
            "This file holds none of the networks that are supported: {supported}. Its first tensors are {names}.",
            supported=SUPPORTED,
            names=", ".join(make_readable(name) for name in sorted(given)[:3]) or "none",
        )
    check_sizes(layout.name, given)
    net, renamed = layout.read(unpack_floats(layout.name, given), scale)
    with torch.device("meta"):  # shapes only
        expected = layout.build(net).state_dict()
    check_shapes(layout.name, renamed, expected)
    if net.scale not in SCALES:
        raise ModelError(
            "This {layout} enlarges by {scale}; offered are {scales}.",
            layout=layout.name,
            scale=net.scale,
            scales=", ".join(map(str, SCALES)),
        )
    check_values(layout.name, renamed)
    net, state = layout.finish(net, {name: value.detach().to("cpu", torch.float32) for name, value in renamed.items()})
    return Recognised(layout.name, net, dict(state))


def check_tensors(tensors: int) -> None:
    if tensors > MOST_TENSORS:
        raise WeightsError(
            "This file holds {count} tensors, too many for any network that is supported: {supported}.",
            count=tensors,
            supported=SUPPORTED,
        )


def check_sizes(layout: str, state: State) -> None:
    """Raises WeightsError where a tensor is empty or all together are too large."""
    empty = [name for name, value in state.items() if not value.numel()]
    if empty:
        raise WeightsError("This looks like {layout}, but {name} is empty.", layout=layout, name=make_readable(empty[0]))
    weights = sum(value.numel() for value in state.values())
    if weights > MOST_WEIGHTS:
        raise WeightsError(
            "This {layout} has {weights} million weights; networks of up to {limit} million are loaded.",
            layout=layout,
            weights=weights // 1_000_000,
            limit=MOST_WEIGHTS // 1_000_000,
        )


def unpack_floats(layout: str, state: State) -> State:
    """The tensors with floats in place of what is stored as int8. Raises WeightsError where that is broken."""
    try:
        return unpack(state)
    except ValueError as failure:
        raise WeightsError("This looks like {layout}, but {reason}.", layout=layout, reason=make_readable(str(failure))) from failure


def check_shapes(layout: str, given: State, expected: State) -> None:
    """Raises WeightsError unless both have the same names and shapes."""
    for name in expected:
        if name not in given:
            raise WeightsError("This looks like {layout}, but {name} is missing.", layout=layout, name=name)
    for name, value in given.items():
        if name not in expected:
            raise WeightsError("This looks like {layout}, but {name} is not part of it.", layout=layout, name=make_readable(name))
        if value.shape != expected[name].shape:
            raise WeightsError(
                "This looks like {layout}, but {name} has the shape {found} where {expected} was expected.",
                layout=layout,
                name=name,
                found=tuple(value.shape),
                expected=tuple(expected[name].shape),
            )


def check_values(layout: str, state: State) -> None:
    """Raises WeightsError where a tensor is not of floats, or holds what float32 cannot."""
    for name, value in state.items():
        if value.dtype not in NUMBERS:
            raise WeightsError(
                "This looks like {layout}, but {name} is of type {type}, not of floats.", layout=layout, name=name, type=value.dtype
            )
        if not value.float().isfinite().all():
            raise WeightsError("This looks like {layout}, but {name} holds numbers that are not finite.", layout=layout, name=name)


def unwrap(state: State) -> State:
    for wrapping in WRAPPINGS:
        inner = {name.removeprefix(wrapping): value for name, value in state.items() if name.startswith(wrapping)}
        if inner:
            return inner
    return state


def make_readable(name: str) -> str:
    """A tensor's name from any file, made safe to print: at most 80 printable characters."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:80])


def rename_tensors(state: State, *patterns: tuple[str, str]) -> dict[str, Tensor]:
    """Every name with the patterns replaced, one after the other."""
    result = {}
    for name, value in state.items():
        for pattern, replacement in patterns:
            name = re.sub(pattern, replacement, name)
        result[name] = value
    return result


def axis_length(state: State, name: str, axis: int) -> int:
    """The length of the tensor `name` along an axis; 1 where there is no such tensor or axis, which `check_shapes` then finds."""
    return (*state[name].shape, 1, 1, 1, 1)[axis] if name in state else 1


def count_numbers(state: State, pattern: str) -> int:
    """How many different texts the group of `pattern` matches in the tensors' names, such as the numbers of blocks."""
    return len({found[1] for name in state if (found := re.match(pattern, name))})


def shuffle_scale(channels: int) -> int:
    """The scale of a pixel-shuffle to or from RGB."""
    return max(1, isqrt(channels // 3))


def read_rrdb(state: State, scale: int | None):
    """The layout of Real-ESRGAN, which our modules have."""
    unshuffle = shuffle_scale(axis_length(state, "conv_first.weight", 1))
    doublings = min(count_numbers(state, r"conv_up(\d+)\."), 8)
    net = RRDBConfig(
        features=axis_length(state, "conv_first.weight", 0),
        blocks=count_numbers(state, r"body\.(\d+)\."),
        growth=axis_length(state, "body.0.rdb1.conv1.weight", 0),
        scale=max(1, 2**doublings // unshuffle),
        unshuffle=unshuffle,
    )
    return net, dict(state)


def read_bsrgan(state: State, scale: int | None):
    dense = (r"^RRDB_trunk\.(\d+)\.RDB(\d)\.", r"body.\1.rdb\2.")
    others = (r"^trunk_conv\.", "conv_body."), (r"^upconv", "conv_up"), (r"^HRconv\.", "conv_hr.")
    return read_rrdb(rename_tensors(state, dense, *others), scale)


def read_esrgan(state: State, scale: int | None):
    """The layout of 2018, whose modules have numbers in this order: first, blocks and the convolution after them, doublings, last two."""
    numbers = sorted({int(found[1]) for name in state if (found := re.fullmatch(r"model\.(\d{1,4})\.(?:weight|bias)", name))})
    names = ["conv_first", *(f"conv_up{i + 1}" for i in range(len(numbers) - 3)), "conv_hr", "conv_last"]
    plain = [(rf"^model\.{number}\.(?=weight|bias)", f"{name}.") for number, name in zip(numbers, names, strict=False)]
    dense = (r"^model\.1\.sub\.(\d+)\.RDB(\d)\.conv(\d)\.0\.", r"body.\1.rdb\2.conv\3.")
    return read_rrdb(rename_tensors(state, dense, (r"^model\.1\.sub\.\d+\.(?=weight|bias)", "conv_body."), *plain), scale)


def read_span(state: State, scale: int | None):
    """The folded config, and the tensors of either form under our modules' names."""
    own = {name: value for name, value in state.items() if name != "no_norm"}
    net = SPANConfig(
        features=axis_length(state, "conv_cat.weight", 0),
        blocks=count_numbers(state, r"block_(\d+)\."),
        scale=shuffle_scale(axis_length(state, "upsampler.0.weight", 0)),
        centred="no_norm" not in state,
    )
    names = rename_tensors(own, (r"^conv_1\.", "head."), (r"^conv_2\.", "tail."), (r"^conv_cat\.", "join."), (r"^upsampler\.0\.", "last."))
    return net, {
        re.sub(r"^block_(\d{1,4})\.c(\d)_r\.", lambda found: f"blocks.{int(found[1]) - 1}.conv{found[2]}.", name): value
        for name, value in names.items()
    }


def read_training_span(state: State, scale: int | None):
    """The training form. Its `eval_conv` is left out: it may be older than the branches from which it was computed."""
    net, own = read_span({name: value for name, value in state.items() if ".eval_conv." not in name}, scale)
    branches = (("sk", "skip"), ("conv.0", "widen"), ("conv.1", "middle"), ("conv.2", "narrow"))
    return net, rename_tensors(own, *((rf"\.{re.escape(theirs)}\.", f".{ours}.") for theirs, ours in branches))


def finish_span(net: SPANConfig, state: State):
    trained = net.build_for_training().requires_grad_(False)
    trained.load_state_dict(state)
    return net, fold_span(trained).state_dict()


def read_folded_span(state: State, scale: int | None):
    net, own = read_span(state, scale)
    return net, rename_tensors(own, (r"\.eval_conv\.", "."))


def read_realplksr(state: State, scale: int | None):
    blocks = count_numbers(state, r"feats\.(\d+)\.channel_mixer\.")
    net = RealPLKSRConfig(
        features=axis_length(state, "feats.0.weight", 0),
        blocks=blocks,
        kernel=axis_length(state, "feats.1.lk.conv.weight", 2),
        large=axis_length(state, "feats.1.lk.conv.weight", 0),
        scale=shuffle_scale(axis_length(state, f"feats.{blocks + 2}.weight", 0)),
        attention="feats.1.attn.f.0.weight" in state,
        norm="layer" if "feats.1.layer_norm.weight" in state else "group",
        enlarge="dysample" if "to_img.init_pos" in state else "shuffle",
    )
    if net.kernel % 2 == 0 or net.features % GROUPS or net.large > net.features:
        raise WeightsError(
            "This looks like {layout}, but with {features} features, {large} of them under a kernel of {kernel}, it cannot work.",
            layout="RealPLKSR",
            features=net.features,
            large=net.large,
            kernel=net.kernel,
        )
    return net, dict(state)


def read_compact(state: State, scale: int | None):
    layers = count_numbers(state, r"body\.(\d+)\.")
    scale = shuffle_scale(axis_length(state, f"body.{layers - 1}.weight", 0))
    return CompactConfig(axis_length(state, "body.0.weight", 0), max(0, (layers - 3) // 2), scale), dict(state)


def finish_compact(net: CompactConfig, state: State):
    """The published form or ours with its other skips, which have the same shapes: the one that enlarges a test picture better.

    Ours also gets an edge, which no shape tells; networks that were trained without one tolerate it.
    """
    y, x = torch.meshgrid(torch.arange(24.0), torch.arange(24.0), indexing="ij")
    picture = torch.stack([0.2 + x / 48, 0.2 + (x + y) / 100, 0.3 + y / 60])[None]  # gentle: nothing that a network would take for noise

    def error(config: CompactConfig) -> float:
        network = config.build().requires_grad_(False)
        network.load_state_dict(state)
        kept = F.avg_pool2d(network(picture), config.scale) - picture
        return kept[:, :, 6:-6, 6:-6].square().mean().nan_to_num(torch.inf).item()

    return min(net, replace(net, skip="bilinear", long_skip=True, edge=8), key=error), state


def read_srcnn(state: State, scale: int | None):
    if scale is None:
        raise ModelError("An SRCNN file does not say by how much it enlarges. Choose a scale.")
    return SRCNNConfig(scale), dict(state)


def read_edsr(state: State, scale: int | None):
    if scale is None:
        raise ModelError("An EDSR file of this project serves 2×, 3× and 4×. Choose a scale.")
    blocks = 1 + max(int(name.split(".")[1]) for name in state if name.startswith("blocks."))
    config = DialledEDSRConfig if "gain" in state else EDSRConfig
    return config(state["first.weight"].shape[0], blocks, scale), dict(state)


LAYOUTS = (
    Layout("RRDBNet (Real-ESRGAN)", ("conv_first.weight", "body.0.rdb1.conv1.weight"), read_rrdb),
    Layout("RRDBNet (BSRGAN)", ("conv_first.weight", "RRDB_trunk.0.RDB1.conv1.weight"), read_bsrgan),
    Layout("RRDBNet (ESRGAN)", ("model.0.weight", "model.1.sub.0.RDB1.conv1.0.weight"), read_esrgan),
    Layout("SPAN", ("conv_cat.weight", "block_1.c1_r.sk.weight"), read_training_span, lambda net: net.build_for_training(), finish_span),
    Layout("SPAN, folded", ("conv_cat.weight", "block_1.c1_r.eval_conv.weight"), read_folded_span),
    Layout("RealPLKSR", ("feats.0.weight", "feats.1.channel_mixer.0.weight"), read_realplksr),
    Layout("Compact (SRVGGNet)", ("body.0.weight", "body.1.weight"), read_compact, finish=finish_compact),
    Layout("EDSR of this project", ("first.weight", "blocks.0.conv1.weight", "last.x4.weight"), read_edsr),
    Layout("SRCNN of this project", ("patches.weight", "mapping.weight", "last.weight"), read_srcnn),
)
SUPPORTED = ", ".join(layout.name for layout in LAYOUTS)
