"""Runs a network that is stored as a layers model of TensorFlow.js (Keras' topology as JSON, weights beside it), by PyTorch."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

BETA = 0.2
"""What RRDN multiplies a block's answer with."""


def load_keras(file: Path) -> Callable[[Tensor], Tensor]:
    """The network of a model.json: a function from (1, 3, H, W) to (1, 3, H·scale, W·scale)."""
    model = json.loads(file.read_text())
    graph = model["modelTopology"]["model_config"]["config"]
    weights = read_weights(file, model["weightsManifest"])
    layers = [
        (layer["class_name"], layer["config"], [node[0] for node in (layer["inbound_nodes"] or [[]])[0]]) for layer in graph["layers"]
    ]
    last = graph["output_layers"][0][0]

    def enlarge(x: Tensor) -> Tensor:
        known: dict[str, Tensor] = {}
        for kind, config, before in layers:
            inputs = [known[name] for name in before] or [x]
            known[config["name"]] = apply_layer(kind, config, inputs, weights)
        return known[last]

    return enlarge


def read_weights(file: Path, manifest: list[dict]) -> dict[str, Tensor]:
    """Name → tensor, kernels as PyTorch has them: (out, in, rows, columns)."""
    found = {}
    for group in manifest:
        data, at = b"".join((file.parent / path).read_bytes() for path in group["paths"]), 0
        for weight in group["weights"]:
            count = int(np.prod(weight["shape"]))
            value = torch.from_numpy(np.frombuffer(data, "<f4", count, at).reshape(weight["shape"]).copy())
            found[weight["name"]] = value.permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last) if value.ndim == 4 else value
            at += 4 * count
    return found


def apply_layer(kind: str, config: dict, inputs: list[Tensor], weights: dict[str, Tensor]) -> Tensor:
    """Raises ValueError for a layer that none of these networks has."""
    x = inputs[0]
    if kind == "InputLayer":
        return x
    if kind == "Conv2D":
        kernel = weights[config["name"] + "/kernel"]
        return F.conv2d(x, kernel, weights[config["name"] + "/bias"], padding="same")
    if kind == "Activation" and config["activation"] == "relu":
        return F.relu(x)
    if kind == "Concatenate":
        return torch.cat(inputs, 1)
    if kind == "Add":
        return torch.stack(inputs).sum(0) if len(inputs) > 2 else inputs[0] + inputs[1]
    if kind == "MultiplyBeta":
        return x * BETA
    if kind == "UpSampling2D":
        return F.interpolate(x, scale_factor=config["size"][0], mode="nearest")
    if kind.startswith("PixelShuffle"):
        return depth_to_space(x, int(kind.removeprefix("PixelShuffle").removesuffix("x")))
    raise ValueError(f"A layer {kind} is not known.")


def depth_to_space(x: Tensor, scale: int) -> Tensor:
    """A pixel-shuffle with TensorFlow's order of channels: row and column in the block, then colour; PyTorch has colour first."""
    n, channels, height, width = x.shape
    blocks = x.reshape(n, scale, scale, channels // scale**2, height, width)
    return blocks.permute(0, 3, 4, 1, 5, 2).reshape(n, -1, height * scale, width * scale)
