"""What several tests need: the shared photos, where they are, small made-up ones, and the page in Chromium."""

import io
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from math import inf
from pathlib import Path
from typing import Literal

import httpx
import numpy as np
import pytest
import torch
from PIL import Image

if worker := os.environ.get("PYTEST_XDIST_WORKER"):  # gradio tries ports from here on; two workers that try the same one meet
    os.environ.setdefault("GRADIO_SERVER_PORT", str(7860 + 100 * int(worker.removeprefix("gw"))))

from sr_models import Photo, write

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"

PATIENCE = 600
"""Seconds until a test gives up what may hang. No test depends on how fast the machine is: nothing that works takes nearly as long."""

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: apt-get install chromium)")


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


def encoded(picture: np.ndarray | Image.Image, kind: str = "PNG", **options) -> bytes:
    """The file that Pillow writes of it."""
    file = io.BytesIO()
    (Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture).save(file, kind, **options)
    return file.getvalue()


PATIENT = "import math, app; from ui.parts import speed; speed.PATIENCE_SECONDS = math.inf; app.main()"
"""The page that proposes the best network, however slow the machine is."""


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """The page, served by a process of its own to the tests of all files."""
    from sr_models.training.screenshot import serve_page

    with serve_page("-c", PATIENT, GRADIO_TEMP_DIR=str(tmp_path_factory.mktemp("gradio")), HF_HUB_OFFLINE="1") as url:
        yield url


@pytest.fixture(scope="module")
def chromium():
    """A browser that the tests of a file share."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def windows():
    """By language the windows that no test uses. One that has shown the page before, shows it again in half of the time."""
    return {}


@pytest.fixture
def open_page(address, chromium, windows):
    """Opens the page in a browser of a given language and width, which knows nothing of tests before; → page, its requests.

    No page may ask anything of another machine.
    """
    opened = []

    def open_it(locale="en-US", width=1280, height=844, scheme: Literal["light", "dark"] = "light"):
        page = windows.pop(locale, None)
        if page is None:
            page = chromium.new_context(locale=locale).new_page()
            page.set_default_timeout(PATIENCE * 1000)
            page.on("filechooser", lambda chooser: None)  # so that the driver, not the browser, opens it, from the first one on
        requests: list[str] = []

        def note(request):
            requests.append(request.url)

        opened.append((locale, page, requests, note))
        page.on("request", note)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.goto(address)
        page.wait_for_selector("#slider .filled")
        return page, requests

    yield open_it
    for locale, page, _, note in opened:
        for other in page.context.pages:
            if other is not page:
                other.close()
        page.context.set_offline(False)
        page.mouse.move(0, 0)
        page.goto(f"{address}/nothing")  # what the page would still do or keep ends here
        page.evaluate("localStorage.clear(); sessionStorage.clear()")
        page.context.clear_cookies()
        page.remove_listener("request", note)
        windows[locale] = page
    asked = [url for _, _, requests, _ in opened for url in requests]
    assert [url for url in asked if not url.startswith((address, "data:", "blob:", "file:"))] == []


def open_folds(page) -> None:
    """Opens all that is folded on the first tab, in whose last fold the network is; a click that an update of the page swallows, again."""
    from playwright.sync_api import TimeoutError as PageTimeoutError

    closed, end = page.locator("button.label-wrap:visible:not(.open)"), time.monotonic() + PATIENCE
    while closed.count() or not page.locator("#network").is_visible():
        assert time.monotonic() < end
        with suppress(PageTimeoutError):
            fold = closed.first.element_handle(timeout=1000)
            fold.click(timeout=5000)
            page.wait_for_function("fold => fold.classList.contains('open') || !fold.isConnected", arg=fold, timeout=5000)


@pytest.fixture
def mug(tmp_path):
    write(Photo(made_up(40, 60)), tmp_path / "mug.png")
    return tmp_path / "mug.png"


@pytest.fixture
def uploads(tmp_path, monkeypatch) -> Path:
    """The folder where uploads lie."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    return tmp_path


def as_upload(path: Path) -> dict[str, str]:
    """A file there as gradio hands it over."""
    return {"path": str(path), "orig_name": path.name}


@pytest.fixture
def notices(monkeypatch) -> list[str]:
    """What the page warns of, in HTML."""
    import gradio

    found: list[str] = []
    monkeypatch.setattr(gradio, "Warning", lambda message, title: found.append(message))
    return found


@contextmanager
def running_page(folder: Path, patience: float = inf, **launching) -> Iterator[str]:
    """Its address, while the page runs on this machine and keeps its files in `folder`; `launching`: as `app.launch` takes it.

    The best network is proposed for whatever takes up to `patience` seconds.
    """
    import app

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder))
        patch.delenv("SYSTEM", raising=False)
        patch.setattr("ui.parts.speed.PATIENCE_SECONDS", patience)  # which network is proposed must not depend on the machine's speed
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
