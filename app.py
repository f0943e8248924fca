"""The page. `python app.py` serves it; a Hugging Face Space starts the same file."""

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # gradio reads it when it is imported: nothing is sent anywhere

import threading
from pathlib import Path

import gradio as gr
from gradio.themes import Soft

from ui import enlarge
from ui.texts import LABELS

CSS = ".gradio-container {max-width: 1180px !important; margin: auto} #slider img {image-rendering: auto}"
KEPT_SECONDS = 3600


def build() -> gr.Blocks:
    """The page, without starting it."""
    with gr.Blocks(title="Product-photo super-resolution", analytics_enabled=False, delete_cache=(600, KEPT_SECONDS)) as page:
        text = gr.I18n(**LABELS)
        gr.Markdown(text("intro"))
        enlarge.build(text)
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
        allowed_paths=[str(Path(enlarge.EXAMPLES))],
        footer_links=["api"],
        run_history=False,
        **options,
    )


if __name__ == "__main__":
    launch(build())
