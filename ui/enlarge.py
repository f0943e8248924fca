"""The tab that enlarges one photo: controls in, one call into `sr_models`, before and after out."""

import atexit
import html
import shutil
import tempfile
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import FileData
from gradio.events import api

import sr_models
from sr_models import CATALOG, SCALES, UpscaleError
from sr_models.faithful import LEVELS
from ui.card import card, legend
from ui.files import EXAMPLES, examples, new_folder, uploaded, whole
from ui.made import Files, Made, described, made_from
from ui.texts import say, say_failure

SHOWCASE = EXAMPLES / "blouse.jpg"
INFERENCE = {"concurrency_id": "inference", "concurrency_limit": 1}

showcase_lock = threading.Lock()
running: dict[str, threading.Event] = {}
"""For each browser session with a run wanted or under way: set it, and the run stops before its next tile."""


def build(text: Callable[[str], Any]) -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=300, elem_id="controls"):
            photo = gr.Image(
                label=text("photo"),
                placeholder=text("drop"),
                type="filepath",
                image_mode=None,
                sources=["upload", "clipboard"],
                height=280,
                elem_id="photo",
            )
            scale = gr.Radio([(f"{s}×", str(s)) for s in SCALES], value="4", label=text("scale"), elem_id="scale")
            model = gr.Radio(
                [(text(m), m) for m in ("cnn", "gan")], value="cnn", label=text("model"), info=text("model_info"), elem_id="model"
            )
            faithful = gr.Radio(
                [(text(level), level) for level in LEVELS],
                value="colour",
                label=text("faithful"),
                info=text("faithful_info"),
                elem_id="faithful",
            )
            start = gr.Button(text("enlarge"), variant="primary", elem_id="enlarge")
            stop = gr.Button(text("cancel"), variant="stop", visible=False, elem_id="cancel")
            with gr.Accordion(text("more"), open=False):
                network = gr.Dropdown(networks(text, "4"), value="", label=text("network"), info=text("network_info"), elem_id="network")
                input = gr.Radio(
                    [(text(i), i) for i in ("auto", "clean", "web")], value="auto", label=text("input"), info=text("input_info")
                )
        with gr.Column(scale=3, min_width=300, elem_id="results"):
            slider = gr.ImageSlider(label=text("result"), type="filepath", max_height=560, buttons=["fullscreen"], elem_id="slider")
            line = gr.Markdown(elem_id="line")
            card = gr.HTML(padding=False, elem_id="card")
            with gr.Row():
                tinted = gr.Checkbox(label=text("overlay"), container=False, elem_id="overlay")
                legend = gr.HTML(visible=False, padding=False, elem_id="legend")
            with gr.Row():
                download = gr.DownloadButton(text("download"), variant="primary", interactive=False, elem_id="download")
                report = gr.DownloadButton(text("download_report"), interactive=False, elem_id="download-report")
                added = gr.DownloadButton(text("download_overlay"), interactive=False, elem_id="download-overlay")
            files = gr.State()
    gr.Examples(
        [[str(path)] for path in examples()],
        [photo],
        cache_examples=False,
        label=text("examples"),
        api_visibility="private",
    )
    gr.Markdown(text("limits"))

    private: dict[str, Any] = {"api_visibility": "private"}
    at_once: dict[str, Any] = {"queue": False, **private}
    scale.change(lambda s: gr.Dropdown(networks(text, s), value=""), [scale], [network], **at_once)
    results = [slider, line, card, tinted, legend, download, report, added, files]
    start.click(on_start, None, [start, stop], **at_once).then(
        on_enlarge,
        [photo, scale, model, network, input, faithful],
        results,
        preprocess=False,  # gr.Image would open the file itself, and show its own failures
        show_progress_on=slider,
        **INFERENCE,
        **private,
    ).then(lambda: (gr.Button(visible=True), gr.Button(visible=False)), None, [start, stop], **at_once)
    stop.click(on_stop, None, None, **at_once)
    tinted.input(on_overlay, [tinted, files], [slider, legend], **at_once)
    gr.on(None, on_load, None, results, show_progress="hidden", **private)
    api(upscale, api_name="upscale", **INFERENCE)


def networks(text: Callable[[str], Any], scale: str) -> list[tuple[Any, str]]:
    """Choices of the exact network: (what is shown, id)."""
    fitting = [(entry.id, entry.id) for entry in CATALOG if str(entry.net.scale) == scale]
    return [(text("as_above"), ""), *fitting]


def on_start(request: gr.Request):
    """→ (start button, stop button): from now on Cancel works, also while the run waits for its turn."""
    running[request.session_hash or ""] = threading.Event()
    return gr.Button(visible=False), gr.Button(visible=True)


def on_enlarge(
    photo: Any,
    scale: Any,
    model: str,
    network: str,
    input: str,
    faithful: str,
    request: gr.Request,
    progress=gr.Progress(),  # noqa: B008 - gradio looks for it there
):
    """→ what `shown` gives; where something is refused, a notice, and everything stays as it is."""
    language = request.headers.get("accept-language", "")
    session = request.session_hash or ""
    stop = running.setdefault(session, threading.Event())
    try:
        path, name = uploaded(photo)
        before = sr_models.read(path, name)
        result = sr_models.upscale(
            before,
            scale=whole(scale),
            model=network or model,
            input=input,
            faithful=faithful,
            progress=lambda done, total: progress((done, total), unit="tiles"),
            cancelled=stop.is_set,
        )
        made = made_from(before, result, f"{path.stem}_{result.entry.net.scale}x_{network or model}", new_folder())
    except UpscaleError as failure:
        gr.Warning(html.escape(say_failure(language, failure)), title=say(language, "Please note"))
        return [gr.skip()] * OUTPUTS
    finally:
        running.pop(session, None)
    return shown(language, made, described(language, before, result))


def on_stop(request: gr.Request) -> None:
    """Cancel was pressed, or the page was closed."""
    if stop := running.get(request.session_hash or ""):
        stop.set()


def stop_all() -> None:
    """The page is being taken down."""
    for stop in list(running.values()):
        stop.set()


def on_load(request: gr.Request):
    """→ what `shown` gives, of the example that was enlarged when the page started."""
    language = request.headers.get("accept-language", "")
    try:
        made = showcase()
    except UpscaleError as failure:
        return [gr.skip(), say_failure(language, failure), *[gr.skip()] * (OUTPUTS - 2)]
    return shown(language, made, say(language, "Example: {line}", line=described(language, made.before, made.result)))


def on_overlay(wanted: bool, files: Files | None, request: gr.Request):
    """→ (slider, legend): the result, or where it has detail that the photo does not hold."""
    if files is None:
        return gr.skip(), gr.skip()
    language = request.headers.get("accept-language", "")
    return (str(files.before), str(files.overlay if wanted else files.after)), gr.HTML(legend(language), visible=wanted)


def upscale(photo: FileData, scale: int = 4, model: str = "cnn", input: str = "auto", faithful: str = "colour") -> tuple[FileData, dict]:
    """Enlarge a photo. → (PNG, report card).

    scale: 2, 3 or 4; model: cnn, gan or an exact network; input: auto, clean or web; faithful: off, colour or exact.
    """
    try:
        path, name = uploaded(photo)
        before = sr_models.read(path, name)
        result = sr_models.upscale(before, scale=whole(scale), model=model, input=input, faithful=faithful)
        file = new_folder() / f"{path.stem}_{result.entry.net.scale}x_{model}.png"
        sr_models.write(result.photo, file)
    except UpscaleError as failure:
        raise gr.Error(str(failure), print_exception=False) from failure
    return FileData(path=str(file), meta={"_type": "gradio.FileData"}), sr_models.examine(before, result).as_json()


OUTPUTS = 9


def shown(language: str, made: Made, line: str) -> list[Any]:
    """Values of slider, line, card, overlay switch, legend, the three downloads and the remembered files."""
    files = made.files
    downloads = [gr.DownloadButton(value=file, interactive=True) for file in (files.download, files.report, files.overlay)]
    pair = str(files.before), str(files.after)
    return [pair, line, card(language, made.before, made.report), False, gr.HTML(visible=False), *downloads, files]


def showcase() -> Made:
    """The first example, really enlarged; computed once."""
    with showcase_lock:
        return computed_showcase()


@cache
def computed_showcase() -> Made:
    before = sr_models.read(SHOWCASE)
    result = sr_models.upscale(before, scale=4, model="cnn")
    folder = Path(tempfile.mkdtemp(prefix="showcase-"))  # outside of gradio's folder, which is cleared every hour
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return made_from(before, result, f"{SHOWCASE.stem}_4x_cnn", folder)
