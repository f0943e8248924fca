"""What several tests need: the shared photos, where they are, and small made-up ones."""

from pathlib import Path

import numpy as np
import pytest

SHARED = Path(__file__).parents[2] / "shared" / "data"


def shared(name: str) -> Path:
    """A file or folder of the shared test data, or a skip that says why."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the shared test data are not here: {name}")
    return path


def made_up(height: int, width: int, seed: int = 0) -> np.ndarray:
    """uint8 (height, width, 3): shapes, gradients and noise, the same for the same seed."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = np.stack([np.sin(x / 3 + y / 7), np.cos(x * y / 90), np.sign(np.sin(x / 11) * np.cos(y / 13))], axis=2)
    return np.clip(127 + 90 * waves + random.normal(0, 12, (height, width, 3)), 0, 255).astype(np.uint8)
