"""Estimates how long a photo will take on this machine, from the fastest run so far; the first is the example's at the start."""

from dataclasses import dataclass

from sr_models.catalog import find
from sr_models.nets import has_dial
from ui.server.gpu import count_operations

RUNS_WITH_DIAL = 1.5
"""How often a network with a dial runs over a photo: twice around what is protected, once elsewhere."""


@dataclass
class Pace:
    operations: float = 0.0
    """Floating-point operations of a network in a second; 0 as long as nothing was seen."""
    rest: float = float("inf")
    """Seconds for a pixel of a result, for everything but the network: report card and files."""

    def saw(self, model: str, scale: int, pixels: int, network: float, whole: float) -> None:
        """A photo of so many pixels took a network so many seconds, and so many on the whole; it ran over each pixel once at least."""
        self.operations = max(self.operations, pixels * count_operations(find(model, scale).net) / network)
        self.rest = min(self.rest, (whole - network) / (pixels * scale**2))

    def expected(self, model: str, scale: int, pixels: int) -> float | None:
        """Seconds for a photo of so many pixels; None as long as nothing was seen."""
        if not self.operations:
            return None
        net = find(model, scale).net
        runs = RUNS_WITH_DIAL if has_dial(net) else 1
        return pixels * (runs * count_operations(net) / self.operations + scale**2 * self.rest)


here = Pace()
"""Of this machine."""
