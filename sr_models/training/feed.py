"""The batches that a run learns from, one prepared ahead where a GPU would else wait for it."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from torch import Tensor

Batch = tuple[Tensor, Tensor, Tensor | None]
Draw = Callable[[np.random.Generator, int], Batch]


class Feed:
    """Draws batch after batch. Ahead: a thread draws the next one while the network learns from the last.

    A batch depends on nothing but the size of its patches and on `state`, so that being ahead changes nothing in a run.
    """

    def __init__(self, draw: Draw, seed: Sequence[int], ahead: bool):
        """`draw(random, patch)` gives a batch with patches of that side, in pixels."""
        self.draw = draw
        self.state: dict[str, Any] = dict(np.random.default_rng(seed).bit_generator.state)
        """Of the random numbers, after the last batch that was given out."""
        self.pool = ThreadPoolExecutor(1) if ahead else None
        self.stream = torch.cuda.Stream() if ahead and torch.cuda.is_available() else None
        self.coming = None

    def batch(self, patch: int) -> Batch:
        if self.pool is None:
            batch, self.state = self.drawn(self.state, patch)
            return batch
        asked = self.state, patch
        if self.coming is None or self.coming[0] != asked:
            self.coming = asked, self.pool.submit(self.drawn, *asked)
        batch, self.state = self.coming[1].result()
        self.coming = (self.state, patch), self.pool.submit(self.drawn, self.state, patch)
        if self.stream is not None:
            for tensor in batch:
                if tensor is not None:
                    tensor.record_stream(torch.cuda.current_stream())  # its memory is in use there now
        return batch

    def drawn(self, state: dict[str, Any], patch: int) -> tuple[Batch, dict[str, Any]]:
        """The batch that follows `state`, and the state after it."""
        random = np.random.default_rng()
        random.bit_generator.state = state
        with torch.cuda.stream(self.stream):  # does nothing without one
            batch = self.draw(random, patch)
            if self.stream is not None:
                self.stream.synchronize()
        return batch, dict(random.bit_generator.state)
