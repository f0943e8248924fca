"""Runs a network that is stored as ncnn's .param and .bin, on one thread of the processor, in float32."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

EXACT = ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_storage", "vulkan_compute", "int8_inference")
"""What would round on the way, or would not be the processor. All is set in one Option before the network is read: later is too late."""


def load_ncnn(stem: Path, input: str, output: str) -> Callable[[np.ndarray], np.ndarray]:
    """The network of `stem`.param and `stem`.bin: a function from float32 (C, H, W) to float32 (C, H', W').

    `input` and `output` are the names of its first and last blob.
    """
    import ncnn  # pyright: ignore[reportMissingImports]

    option = ncnn.Option()
    for name in EXACT:
        setattr(option, f"use_{name}", False)
    option.num_threads = 1
    net = ncnn.Net()
    net.opt = option
    for load, suffix in ((net.load_param, ".param"), (net.load_model, ".bin")):
        if load(f"{stem}{suffix}"):
            raise ValueError(f"ncnn cannot read {stem.name}{suffix}.")

    def enlarge(x: np.ndarray) -> np.ndarray:
        planes = np.ascontiguousarray(x, np.float32)  # has a name so that it lives until ncnn, which only points at it, has copied it
        run = net.create_extractor()
        run.input(input, ncnn.Mat(planes).clone())
        failed, y = run.extract(output)
        if failed:
            raise ValueError(f"ncnn cannot run {stem.name}.")
        return np.array(y)

    return enlarge
