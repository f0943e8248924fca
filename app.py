"""The page. `python app.py` serves it; a Hugging Face Space starts the same file."""

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # gradio reads it when it is imported: nothing is sent anywhere

import atexit
import signal
import sys
import threading
import traceback
from collections.abc import Iterable
from contextlib import suppress
from typing import NoReturn

STOPPED = "The page was stopped.\n"

try:  # Ctrl-C from here on is one line: what follows takes seconds
    import gradio as gr
    from fastapi.exceptions import RequestValidationError
    from gradio.themes import Soft
    from gradio.tunneling import CURRENT_TUNNELS
    from starlette.middleware import Middleware

    from sr_models import Cancelled, memory
    from sr_models.hub.download import asides
    from ui import api
    from ui.parts import blind, card, choices, comparer, intake, language, outcomes, ranking, sample, shots, views, wording
    from ui.server import agents, audience, disk, folder, gpu, pace, preview, runs
    from ui.server.compressed import CompressedPage
    from ui.server.files import EXAMPLES, MAX_BYTES
    from ui.server.gate import Gate, answer_unread
    from ui.server.options import parse_arguments
    from ui.server.visits import KEPT_SECONDS, visits
    from ui.tabs import catalogue, check, compare, enlarge
    from ui.words.texts import LABELS, labels
except KeyboardInterrupt:
    sys.stderr.write(STOPPED)
    os._exit(130)

CSS = """
.gradio-container {width: 100%; max-width: 1180px !important; margin: auto}
@media (min-width: 641px) {#photo > .wrap {display: none}}
@media (max-width: 640px) {.tab-container button {padding: 0 7px !important}}
[role=tab].selected {color: var(--primary-600) !important}
.dark [role=tab].selected {color: var(--primary-400) !important}
footer .divider:last-child {display: none !important}
.unseen {position: absolute !important; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)}
"""
PARTS = (card, catalogue, choices, comparer, enlarge, intake, language, outcomes, sample, shots, views, ranking)
CSS += "".join(part.CSS for part in PARTS) + blind.FRAME_CSS

COLOURS = (
    dict.fromkeys(("body_text_color_subdued", "block_info_text_color"), "*neutral_600")
    | dict.fromkeys(("block_title_text_color", "block_label_text_color"), "*primary_600")
    | dict.fromkeys(("button_primary_background_fill", "checkbox_label_background_fill_selected"), "*primary_600")
    | {"button_primary_background_fill_hover": "*primary_700", "background_fill_primary": "*neutral_50"}
)
"""What is too pale in the theme's light scheme, darker; and the theme's own ground, which `set` forgets."""

MOST_SESSIONS = 500
"""Visits and calls whose state gradio remembers, the last ones: 200 KB each."""
SECONDS_TO_END = 5
"""How long a run is waited for that was told to stop, which it does after the tile at work."""


def build() -> gr.Blocks:
    """The page, without starting it."""
    with gr.Blocks(title=preview.TITLE, analytics_enabled=False, delete_cache=(600, KEPT_SECONDS)) as page:
        text = labels(gr.I18n(**LABELS))
        language.build(text)
        gr.Markdown(text("intro"))
        dropped = gr.File(file_count="multiple", elem_id="catalogue-photos")
        with gr.Tabs() as tabs:
            with gr.Tab(text("tab_enlarge")):
                gr.Markdown("## " + text("tab_enlarge"), elem_classes="unseen")
                photo = enlarge.build(text)
                api.build()
            with gr.Tab(text("tab_catalogue"), id=catalogue.ID):
                gr.Markdown("## " + text("tab_catalogue"), elem_classes="unseen")
                several = catalogue.build(text, tabs, dropped)
            with gr.Tab(text("tab_compare"), id="compare") as tab:
                gr.Markdown("## " + text("tab_compare"), elem_classes="unseen")
                compared = compare.build(text, tabs, tab, photo)
            with gr.Tab(text("tab_check")):
                gr.Markdown("## " + text("tab_check"), elem_classes="unseen")
                original = check.build(text)
        intake.build([photo, compared, original], several)
        page.unload(enlarge.on_leave)
        for photo in [block for block in page.blocks.values() if isinstance(block, gr.Image)]:
            photo.upload(on_upload, [photo], None, queue=False, preprocess=False, show_progress="hidden", api_visibility="private")
    page.queue(max_size=20, api_open=False)  # open, its API would also take calls that do not wait for their turn
    return page


def on_upload(photo: object) -> None:
    """Does nothing; its call tells the gate (ui/server/gate.py) which visitor uploaded the photo, so that it can be deleted later."""


def launch(page: gr.Blocks, *, server_name: str | None = None, share: bool = False, names: Iterable[str] = (), **options):
    """Serve `page` and meanwhile compute the example that it shows first. `names`: others than this machine's own for the server."""
    memory.prepare()
    gpu.prepare_gpu()
    agents.patch_gradio()
    disk.mend()
    folder.hide_uploads()
    preview.patch_gradio()
    audience.here.open_to(server_name, share or os.environ.get("GRADIO_SHARE", "").lower() == "true", names)
    if runs.aside not in asides:
        asides.append(runs.aside)
    example = threading.Thread(target=compute_example, daemon=True)
    example.start()
    atexit.register(end_example, example)
    return page.launch(
        i18n=gr.I18n(**LABELS),
        theme=Soft(font=["system-ui", "sans-serif"]).set(**COLOURS),
        css=CSS,
        head=wording.HEAD,
        ssr_mode=False,
        show_error=False,
        max_file_size=MAX_BYTES,
        state_session_capacity=MOST_SESSIONS,
        allowed_paths=[str(EXAMPLES), str(folder.showcase())],
        footer_links=["api"],
        favicon_path=str(preview.ICON),
        run_history=False,
        enable_monitoring=False,
        _frontend=False,  # gradio would ask for the page once more, and fail where a busy machine takes three seconds
        app_kwargs={
            "middleware": [Middleware(CompressedPage), Middleware(Gate, page=page, visits=visits)],
            "exception_handlers": {RequestValidationError: answer_unread},
            "openapi_url": None,
        },
        server_name=server_name,
        share=share,
        **options,
    )


def compute_example() -> None:
    """What the page shows first, and what it tells of how long a photo will take."""
    with suppress(Cancelled):
        enlarge.showcase()
        with runs.begun(runs.ending.is_set):  # nothing else computes meanwhile
            pace.time_tiles(runs.ending.is_set)


def end_example(example: threading.Thread) -> None:
    """The program ends by itself: the interpreter would abort while the example is still computed, so that ends first."""
    runs.ending.set()
    example.join()


def main() -> None:
    """Serve the page until it is stopped. Uploads and results live in a folder that goes with it."""
    options = parse_arguments()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    folder.settle()
    page, code = None, 1
    try:
        page = build()
        launch(
            page,
            server_name=options.host,
            server_port=options.port,
            share=options.share,
            names=options.allow_host,
            auth=options.auth,
            mcp_server=options.mcp,
            inbrowser=options.open,
        )
        code = 0
    except SystemExit as end:
        code = int(bool(end.code))
    except KeyboardInterrupt:
        sys.stderr.write(STOPPED)
        code = 130
    except OSError as failure:  # such as a port that is taken
        sys.stderr.write(f"The page could not be served: {failure}\n")
    except BaseException:
        traceback.print_exc()
    leave(page, code)


def leave(page: gr.Blocks | None, code: int) -> NoReturn:
    """End the program within seconds. A run that does not end soon is not waited for: the interpreter would abort while it computes."""
    for told_again in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told_again, signal.SIG_IGN)
    if page:
        threading.Thread(target=page.close, daemon=True).start()
    runs.stop_all(SECONDS_TO_END)
    for tunnel in CURRENT_TUNNELS:  # of --share: programs of their own
        tunnel.kill()
    folder.remove()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
