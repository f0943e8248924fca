"""`python -m sr_models.training.screenshot`: the page as the front pages show it, in Debian's Chromium, English and Chinese.

Writes docs/page.webp and docs/page.zh.webp.
"""

import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
SHOTS = {"en-US": ROOT / "docs" / "page.webp", "zh-CN": ROOT / "docs" / "page.zh.webp"}
WIDTH, HEIGHT = 1280, 1070
LOADED = "[...document.images].every(image => !image.getAttribute('src') || (image.complete && image.naturalWidth))"
SECONDS = 600
"""How long the page may take until it shows its example."""


@contextmanager
def serve_page(*program: str, **environment: str) -> Iterator[str]:
    """→ the address of the page, served by a process of its own, with more in its `environment`. `program`: as Python takes it, else app.py."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = os.environ | environment | {"GRADIO_SERVER_PORT": port}
    server = subprocess.Popen([sys.executable, *(program or ["app.py"])], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        address, end = f"http://127.0.0.1:{port}", time.monotonic() + SECONDS
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(address, timeout=SECONDS).close()
                break
            except OSError:
                assert server.poll() is None, "the page did not start"
                time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(SECONDS)


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with serve_page() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for language, file in SHOTS.items():
            page = browser.new_page(locale=language, viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
            page.goto(address)
            page.wait_for_selector("#slider .filled", timeout=SECONDS * 1000)
            page.wait_for_function(LOADED, timeout=SECONDS * 1000)
            Image.open(io.BytesIO(page.screenshot())).save(file, quality=85, method=6)


if __name__ == "__main__":
    main()
