"""The batches that a run learns from, one prepared ahead where a GPU would else wait for it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic

import numpy as np
import torch

from sr_models.training.tasks import Drawn


class Feed(Generic[Drawn]):
    """Draws batch after batch. Ahead: a thread draws the next one while the network learns from the last.

    A batch depends on nothing but what was asked for and on `state`, so that being ahead changes nothing in a run.
    """

    def __init__(self, draw: Callable[[np.random.Generator, int, int, int], Drawn], seed: int, ahead: bool):
        """`draw(random, *asked)` gives a batch; what is asked for are its scale, how many there are, and the side of its small pictures."""
        self.draw = draw
        self.state: dict[str, Any] = dict(np.random.default_rng(seed).bit_generator.state)
        """State of the random numbers after the last batch that was given out."""
        self.pool = ThreadPoolExecutor(1) if ahead else None
        self.stream = torch.cuda.Stream() if ahead and torch.cuda.is_available() else None
        self.coming = None

    def batch(self, asked: tuple[int, int, int], following: tuple[int, int, int]) -> Drawn:
        """What is asked for now, and what will probably be asked for then."""
        if self.pool is None:
            batch, self.state = self.drawn(self.state, asked)
            return batch
        if self.coming is None or self.coming[0] != (self.state, asked):
            self.coming = (self.state, asked), self.pool.submit(self.drawn, self.state, asked)
        batch, self.state = self.coming[1].result()
        self.coming = (self.state, following), self.pool.submit(self.drawn, self.state, following)
        if self.stream is not None:
            for tensor in batch:
                if tensor is not None:
                    tensor.record_stream(torch.cuda.current_stream())  # its memory is in use there now
        return batch

    def drawn(self, state: dict[str, Any], asked: tuple[int, int, int]) -> tuple[Drawn, dict[str, Any]]:
        """The batch that follows `state`, and the state after it."""
        random = np.random.default_rng()
        random.bit_generator.state = state
        with torch.cuda.stream(self.stream):  # does nothing without one
            batch = self.draw(random, *asked)
            if self.stream is not None:
                self.stream.synchronize()
        return batch, dict(random.bit_generator.state)
