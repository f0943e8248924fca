"""What several tests need: the shared photos, where they are, and small made-up ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import numpy as np
import pytest
import torch

SHARED = Path(__file__).parents[2] / "shared" / "data"

PATIENCE = 600
"""Seconds until a test gives up what may hang. No test depends on how fast the machine is: nothing that works takes nearly as long."""


def ask(method: str, url: str, **how) -> httpx.Response:
    """As httpx.request, but for the five seconds."""
    return httpx.request(method, url, timeout=PATIENCE, **how)


get, post = partial(ask, "GET"), partial(ask, "POST")


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


@contextmanager
def running_page(folder: Path, **launching) -> Iterator[str]:
    """Its address, while the page runs on this machine and keeps its files in `folder`; `launching`: as `app.launch` takes it."""
    import app

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder))
        patch.delenv("SYSTEM", raising=False)
        page = app.build()
        _, url, _ = app.launch(page, prevent_thread_lock=True, quiet=True, **launching)
        try:
            yield url.rstrip("/")
        finally:
            page.close()


@pytest.fixture(autouse=True)
def _same_drawn_numbers():
    """What a test draws from torch does not depend on the tests before it; numpy and Python are seeded by pytest-randomly."""
    torch.manual_seed(0)


def pytest_terminal_summary(terminalreporter, config):
    """How to repeat the order of the tests; pytest-randomly says it in a header that is not shown."""
    if seed := config.getoption("randomly_seed", None):
        terminalreporter.write_line(f"The order of the tests: --randomly-seed={seed}")
