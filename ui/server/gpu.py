"""The GPU of a ZeroGPU Space: lent to one function at a time, in a process of its own, for as many seconds as were asked for.

Only the network runs there, and only where it is worth it: reading, the report card and the file cost a visitor none of the daily seconds.
"""

import math
import queue
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import NamedTuple

import gradio as gr
import numpy as np
import torch
from gradio.context import LocalContext
from torch.utils.flop_counter import FlopCounterMode

from sr_models import CATALOG, MODELS, Cancelled, choose
from sr_models.catalog import FUSIONS, RECURRENT
from sr_models.device import Device, is_lent
from sr_models.nets import NetConfig, has_dial
from sr_models.run import Progress, Question, enlarge_on_device, lenders, load_network_on
from sr_models.runners import Runner, load_fusion
from ui.words.texts import say

try:  # on ZeroGPU, its import makes PyTorch believe in a GPU, so that networks can be placed there before one is lent
    import spaces  # pyright: ignore[reportMissingImports]
except ImportError:
    spaces = None

START_SECONDS, MOST_SECONDS = 5, 120
"""What the process needs to start, and the longest that is asked for: longer is refused to visitors without an account."""
OPERATIONS_PER_SECOND = 5e12
"""A cautious guess: small networks use a few percent of what the GPU could do."""
BYTES_PER_SECOND = 3e8
"""How fast pixels get to that process and back, and once more onto the GPU."""
WORTH = 2e11
"""A GPU is borrowed for more operations than this: two cores do so many in the time that it takes to start there."""
SAMPLE = 32  # pixels: the side of what is enlarged to count operations


class GpuResult(NamedTuple):
    rgb: np.ndarray
    device: Device


def prepare_gpu() -> None:
    """Where a GPU is lent: let enlargements borrow it, and place the embedded networks where each loan finds them.

    To be called on the main thread, the only one where PyTorch believes in the GPU, before the page is served.
    """
    if spaces is None or not is_lent():
        return
    device = choose("cuda")
    for entry in (*CATALOG, *RECURRENT):
        if entry.family in MODELS:
            load_network_on(entry, device)
    for fusion in FUSIONS:
        load_fusion(fusion, device.name)
    lenders.append(borrow)


def borrow(runner: Runner, progress: Progress, cancelled: Question) -> tuple[np.ndarray, Device] | None:
    """One of `run.lenders`: the enlargement made on a borrowed GPU; None where it is not worth it, or refused: the visitor is told."""
    request = LocalContext.request.get(None)
    if request is None or count_all_operations(runner) < WORTH:
        return None  # the example that is enlarged at the start has no visitor whose seconds it could use
    steps = enlarge_on_gpu(runner)
    try:
        for step in steps:
            if isinstance(step, GpuResult):
                return step
            if cancelled():
                raise Cancelled
            progress(*step)
    except gr.Error as refusal:
        language = request.headers.get("accept-language", "")
        gr.Info(say(language, "No GPU is free for you now ({reason}): the processor does it, which takes longer.", reason=refusal.message))
    finally:
        steps.close()  # ends the work there, too
    return None


def estimate_seconds(runner: Runner) -> int:
    """How long `enlarge_on_gpu` is given, from the pixels and what the network does for each."""
    moved = runner.rgb.itemsize * 3 * count_pixels(runner) * (1 + runner.entry.net.scale**2)
    working = count_all_operations(runner) / OPERATIONS_PER_SECOND + moved / BYTES_PER_SECOND
    return min(MOST_SECONDS, START_SECONDS + math.ceil(working))


def count_all_operations(runner: Runner) -> float:
    """How many operations the network may have to do for the photo and its other shots, in all its looks."""
    return runner.most_runs * count_pixels(runner) * count_operations(runner.entry.net)


def count_pixels(runner: Runner) -> int:
    """How many pixels the photo has."""
    return math.prod(runner.planes[0].shape[:2])


@cache
def count_operations(net: NetConfig) -> float:
    """Floating-point operations for a pixel of the photo, counted on a small one."""
    built = net.build().eval()
    x = torch.zeros(1, 3, SAMPLE, SAMPLE)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        built(*((x, x[:, :1]) if has_dial(net) else (x,)))
    return counter.get_total_flops() / SAMPLE**2


def enlarge_on_gpu(runner: Runner) -> Generator[tuple[int, int] | GpuResult, None, None]:
    """Runs in the process that has the GPU: yields (tiles done, tiles in all) after each tile, and the result at the end."""
    device = choose("cuda")
    net = load_network_on(runner.entry, device)
    done: queue.SimpleQueue = queue.SimpleQueue()
    left = threading.Event()
    with ThreadPoolExecutor(1) as thread:
        result = thread.submit(enlarge_on_device, net, runner, device, lambda *tiles: done.put(tiles), left.is_set)
        result.add_done_callback(lambda _: done.put(None))
        try:
            yield from iter(done.get, None)
        finally:
            left.set()
        yield GpuResult(result.result(), device)


if spaces is not None:
    enlarge_on_gpu = spaces.GPU(duration=estimate_seconds)(enlarge_on_gpu)
