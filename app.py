"""The page. `python app.py` serves it; a Hugging Face Space starts the same file."""

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # gradio reads it when it is imported: nothing is sent anywhere

import signal
import sys
import tempfile
import threading

import gradio as gr
from gradio.themes import Soft

from ui import card, check, choices, compare, enlarge, ranking, views
from ui.files import EXAMPLES
from ui.texts import LABELS

CSS = (
    """
.gradio-container {width: 100%; max-width: 1180px !important; margin: auto}
@media (max-width: 640px) {#results {order: -1}}
"""
    + card.CSS
    + choices.CSS
    + views.CSS
    + ranking.CSS
)
KEPT_SECONDS = 3600


def build() -> gr.Blocks:
    """The page, without starting it."""
    with gr.Blocks(title="Product-photo super-resolution", analytics_enabled=False, delete_cache=(600, KEPT_SECONDS)) as page:
        text = gr.I18n(**LABELS)
        gr.Markdown(text("intro"))
        with gr.Tabs() as tabs:
            with gr.Tab(text("tab_enlarge")):
                enlarge.build(text)
            with gr.Tab(text("tab_compare"), id="compare"):
                compare.build(text, tabs)
            with gr.Tab(text("tab_check")):
                check.build(text)
        page.unload(enlarge.on_stop)
    page.queue(max_size=20)
    return page


def launch(page: gr.Blocks, **options):
    """Serve `page` and meanwhile compute the example that it shows first."""
    threading.Thread(target=enlarge.showcase, daemon=True).start()
    return page.launch(
        i18n=gr.I18n(**LABELS),
        theme=Soft(font=["system-ui", "sans-serif"]),
        css=CSS,
        ssr_mode=False,
        show_error=False,
        max_file_size="50mb",
        allowed_paths=[str(EXAMPLES)],
        footer_links=["api"],
        run_history=False,
        **options,
    )


def main(**options) -> None:
    """Serve the page until it is stopped. Uploads and results live in a folder that goes with it."""
    with tempfile.TemporaryDirectory(prefix="photos-") as folder:
        os.environ.setdefault("GRADIO_TEMP_DIR", folder)
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
        page = build()
        try:
            launch(page, **options)
        finally:
            enlarge.stop_all()
            page.close()


if __name__ == "__main__":
    main()
