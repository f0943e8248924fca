"""The page. `python app.py` serves it; a Hugging Face Space starts the same file."""

import argparse
import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # gradio reads it when it is imported: nothing is sent anywhere

import signal
import sys
import tempfile
import threading

import gradio as gr
from gradio.themes import Soft
from starlette.middleware import Middleware

from ui import api
from ui.parts import card, choices, comparer, ranking, views
from ui.server import agents, gpu
from ui.server.files import EXAMPLES, MAX_BYTES
from ui.server.gate import Gate
from ui.server.visits import KEPT_SECONDS, visits
from ui.tabs import check, compare, enlarge
from ui.words.texts import LABELS, labels

CSS = (
    """
.gradio-container {width: 100%; max-width: 1180px !important; margin: auto}
@media (min-width: 641px) {#photo > .wrap {display: none}}
"""
    + card.CSS
    + choices.CSS
    + comparer.CSS
    + views.CSS
    + ranking.CSS
)

LEGIBLE = dict.fromkeys(("body_text_color_subdued", "block_info_text_color"), "*neutral_600") | dict.fromkeys(
    ("block_title_text_color", "block_label_text_color", "button_primary_background_fill", "checkbox_label_background_fill_selected"),
    "*primary_600",
)
"""Of the theme's colours, those that are too pale on a light page."""


def build() -> gr.Blocks:
    """The page, without starting it."""
    with gr.Blocks(title="Product-photo super-resolution", analytics_enabled=False, delete_cache=(600, KEPT_SECONDS)) as page:
        text = labels(gr.I18n(**LABELS))
        gr.Markdown(text("intro"))
        with gr.Tabs() as tabs:
            with gr.Tab(text("tab_enlarge")):
                enlarge.build(text)
                api.build()
            with gr.Tab(text("tab_compare"), id="compare"):
                compare.build(text, tabs)
            with gr.Tab(text("tab_check")):
                check.build(text)
        page.unload(enlarge.on_stop)
        for photo in [block for block in page.blocks.values() if isinstance(block, gr.Image)]:
            photo.upload(on_upload, [photo], None, queue=False, preprocess=False, show_progress="hidden", api_visibility="private")
    page.queue(max_size=20, api_open=False)  # open, its API would also take calls that do not wait for their turn
    return page


def on_upload(photo: object) -> None:
    """Does nothing; its call tells the gate (ui/server/gate.py) which visitor uploaded the photo, so that it can be deleted later."""


def launch(page: gr.Blocks, **options):
    """Serve `page`, and meanwhile enlarge in a thread the example that it shows first."""
    gpu.prepare_gpu()
    agents.patch_gradio()
    threading.Thread(target=enlarge.showcase, daemon=True).start()
    return page.launch(
        i18n=gr.I18n(**LABELS),
        theme=Soft(font=["system-ui", "sans-serif"]).set(**LEGIBLE),
        css=CSS,
        ssr_mode=False,
        show_error=False,
        max_file_size=MAX_BYTES,
        allowed_paths=[str(EXAMPLES)],
        footer_links=["api"],
        run_history=False,
        enable_monitoring=False,
        app_kwargs={"middleware": [Middleware(Gate, page=page, visits=visits)]},
        **options,
    )


def main() -> None:
    """Serve the page until it is stopped. Uploads and results live in a folder that goes with it."""
    options = parse_arguments()
    with tempfile.TemporaryDirectory(prefix="photos-") as folder:
        os.environ.setdefault("GRADIO_TEMP_DIR", folder)
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
        page = build()
        try:
            launch(
                page,
                server_name=options.host,
                server_port=options.port,
                share=options.share,
                auth=options.auth,
                mcp_server=options.mcp,
                inbrowser=options.open,
            )
        finally:
            enlarge.stop_all()
            page.close()


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--host", metavar="ADDRESS", help="what to listen on: 127.0.0.1, this machine only, unless told; 0.0.0.0 is everybody"
    )
    parser.add_argument("--port", type=int, metavar="NUMBER", help="7860, or the next that is free, unless told")
    parser.add_argument("--share", action="store_true", help="also make a public address for some days, through gradio's servers")
    parser.add_argument("--auth", type=credentials, metavar="USER:PASSWORD", help="let in only who knows these")
    parser.add_argument("--mcp", action="store_true", help="also serve agents, at /gradio_api/mcp")
    parser.add_argument("--open", action="store_true", help="open the page in this machine's browser")
    options = parser.parse_args(arguments)
    if options.mcp and options.auth:
        parser.error("--mcp and --auth cannot be had together: agents cannot log in. Leave one of the two out.")
    if options.mcp and not agents.can_be_served():
        parser.error(agents.MISSING)
    return options


def credentials(text: str) -> tuple[str, str]:
    user, colon, password = text.partition(":")
    if not (user and colon and password):
        raise argparse.ArgumentTypeError("give a name and a password, as USER:PASSWORD")
    return user, password


if __name__ == "__main__":
    main()
