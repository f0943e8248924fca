"""What a system costs: milliseconds of a core, memory, bytes of weights."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from peers.packages import install
from peers.systems import SYSTEMS, Places, exact_device, find_system
from sr_models.photo import Photo


def measure_memory(ids: Iterable[str], places: Places, scale: int, photo: Photo) -> dict[str, float]:
    """Id → megabytes by which a process of its own grows, from before it loads the system until it has enlarged the photo."""
    found, context = {}, get_context("spawn")
    for id in ids:
        here, there = context.Pipe()
        process = context.Process(target=grow, args=(id, places, scale, photo, there))
        process.start()
        there.close()
        with suppress(EOFError):  # it failed, and its process has said why
            found[id] = round(here.recv())
        process.join()
    return found


def grow(id: str, places: Places, scale: int, photo: Photo, answer: Connection) -> None:
    torch.set_num_threads(1)
    install(places.packages)
    system = find_system(id)
    torch.nn.functional.conv2d(torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 3, 3))  # what PyTorch itself needs is there before
    before = peak()
    system.load(places, scale, exact_device())(photo)
    answer.send(peak() - before)


def peak() -> float:
    """The most memory that this process has had, in megabytes, as Linux tells it: getrusage would count what its parent had."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1000


def count_bytes(ids: Collection[str], places: Places, scale: int) -> dict[str, int]:
    """Id → bytes of the files of weights that one scale needs."""
    return {system.id: sum(file.stat().st_size for file in system.weights(places, scale)) for system in SYSTEMS if system.id in ids}
