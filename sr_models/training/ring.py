"""Photos from the web, made by processes that never stop, into a ring of shared memory; the device that trains has a copy of it."""

import mmap
import multiprocessing
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sr_models.training.degradation import MARGIN, as_pictures, draw_circles, lay_circles_on_white, shrink_crops
from sr_models.training.photos import Photos, Places, gather_crops

REFRESH_SECONDS = 25
FIRST_SECONDS = 600
"""How long the first pairs are waited for: a fork of a process whose threads are at work may hang."""
SIZE = 65_536  # pairs of each scale


class Ring:
    """Of each pair it holds the small picture, and where the large one lies: that is cut on the device.

    A process writes both halves of a pair while it holds its lock, and they are copied while the same lock is held: no copy has the
    halves of two pairs. What was copied is used until the next copy, mirrored at random. Batches depend on how fast the processes are.
    """

    def __init__(self, photos: Photos, scales: tuple[int, ...], side: int, processes: int, size: int = SIZE, seed: int = 1):
        """`side` of the small pictures in pixels. `photos` are still in the host's memory: the processes are forks."""
        self.photos, self.scales, self.side, self.seed = photos, sorted(set(scales)), side, seed
        self.each = size // processes
        shape = len(self.scales), processes, self.each
        self.small, self.places = shared_zeros((*shape, side, side, 3), np.uint8), shared_zeros((*shape, 7), np.float64)
        self.made = shared_zeros((processes,), np.int64)
        context = multiprocessing.get_context("fork")
        self.locks = [context.Lock() for _ in range(processes)]
        self.copy: list[Tensor] = []
        self.refreshed = -float("inf")
        self.processes = [context.Process(target=self.work, args=(number, os.getpid()), daemon=True) for number in range(processes)]

    def start(self) -> None:
        for process in self.processes:
            process.start()

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
            process.join()

    def work(self, number: int, parent: int) -> None:
        torch.set_num_threads(1)
        random = np.random.default_rng([self.seed, number])
        while os.getppid() == parent:
            for index, scale in enumerate(self.scales):
                self.put(number, index, *self.pair(random, scale))
            self.made[number] += 1

    def pair(self, random: np.random.Generator, scale: int) -> tuple[np.ndarray, np.ndarray]:
        """(the small picture, the numbers that tell where its large one is cut from the photos and which circle of it is not white)."""
        side = (self.side + 2 * MARGIN) * scale
        places, circle = self.photos.places(random, 1, side), draw_circles(random, 1, side)
        small = shrink_crops(lay_circles_on_white(gather_crops(self.photos.pixels, places, side), circle), scale, "web", random)
        place = torch.cat([*(part.double() for part in places), circle[0].double()])
        return small[0, MARGIN:-MARGIN, MARGIN:-MARGIN].numpy(), place.numpy()

    def put(self, number: int, scale: int, small: np.ndarray, place: np.ndarray) -> None:
        """Write a pair into the next slot of process `number`; `scale` is an index."""
        slot = self.made[number] % self.each
        with self.locks[number]:
            self.small[scale, number, slot] = small
            self.places[scale, number, slot] = place

    def refresh(self, copy: Callable[[np.ndarray], Any]) -> None:
        """Copy what each process has made, by `copy`, while it may not write."""
        end = time.monotonic() + FIRST_SECONDS
        while self.made.min() == 0:
            if time.monotonic() > end or any(process.exitcode is not None for process in self.processes):
                raise RuntimeError("A process that makes pairs has ended, or makes none.")
            time.sleep(0.01)
        parts = []
        for number, lock in enumerate(self.locks):
            with lock:
                ready = slice(min(self.made[number], self.each))
                parts.append((copy(self.small[:, number, ready]), copy(self.places[:, number, ready])))
        self.copy = [torch.cat(halves, 1) for halves in zip(*parts, strict=True)]
        self.refreshed = time.monotonic()

    def draw(self, random: np.random.Generator, scale: int, count: int, side: int) -> tuple[Tensor, Tensor]:
        """(small, large) as `degradation.make_pairs` gives them, from the copy; `side` is the ring's or less."""
        device = self.photos.pixels.device
        if time.monotonic() - self.refreshed > REFRESH_SECONDS:
            self.refresh(lambda part: torch.from_numpy(part).to(device, copy=True))
        smalls, places = (half[self.scales.index(scale)] for half in self.copy)
        drawn, mirrored = torch.from_numpy(random.integers(len(smalls), size=count)).to(device), random.random() < 0.5
        small, place = smalls[drawn], places[drawn]
        corner, width, turns, turned = place[:, :4].long().unbind(1)
        large = gather_crops(self.photos.pixels, Places(corner, width, turns, turned > 0), (self.side + 2 * MARGIN) * scale, MARGIN * scale)
        large = lay_circles_on_white(large, place[:, 4:].float(), MARGIN * scale)
        if mirrored:
            small, large = small.flip(2), large.flip(2)
        return as_pictures(small[:, :side, :side]), as_pictures(large[:, : side * scale, : side * scale])


def shared_zeros(shape: tuple[int, ...], kind: type) -> np.ndarray:
    """Zeros in memory that forks of this process write into."""
    return np.frombuffer(mmap.mmap(-1, int(np.prod(shape)) * np.dtype(kind).itemsize), kind).reshape(shape)
