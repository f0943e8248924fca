"""The tab that enlarges one photo: controls in, one call into `sr_models`, before and after out."""

import atexit
import html
import shutil
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import FileData
from gradio.events import api

import sr_models
from sr_models import CATALOG, SCALES, Photo, Result, UpscaleError, resized
from ui.files import EXAMPLES, examples, new_folder, shown_size, uploaded, whole
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
            download = gr.DownloadButton(text("download"), interactive=False, elem_id="download")
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
    start.click(on_start, None, [start, stop], **at_once).then(
        on_enlarge,
        [photo, scale, model, network, input],
        [slider, line, download],
        preprocess=False,  # gr.Image would open the file itself, and show its own failures
        show_progress_on=slider,
        **INFERENCE,
        **private,
    ).then(lambda: (gr.Button(visible=True), gr.Button(visible=False)), None, [start, stop], **at_once)
    stop.click(on_stop, None, None, **at_once)
    gr.on(None, on_load, None, [slider, line, download], show_progress="hidden", **private)
    api(upscale, api_name="upscale", **INFERENCE)


def networks(text: Callable[[str], Any], scale: str) -> list[tuple[Any, str]]:
    """Choices of the exact network: (what is shown, id)."""
    fitting = [(entry.id, entry.id) for entry in CATALOG if str(entry.net.scale) == scale]
    return [(text("as_above"), ""), *fitting]


def on_start(request: gr.Request):
    """→ (start button, stop button): from now on Cancel works, also while the run waits for its turn."""
    running[request.session_hash or ""] = threading.Event()
    return gr.Button(visible=False), gr.Button(visible=True)


def on_enlarge(photo: Any, scale: Any, model: str, network: str, input: str, request: gr.Request, progress=gr.Progress()):  # noqa: B008 - gradio looks for it there
    """→ (slider, line, download); where something is refused, a notice, and everything stays as it is."""
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
            progress=lambda done, total: progress((done, total), unit="tiles"),
            cancelled=stop.is_set,
        )
        files = save(before, result, f"{path.stem}_{result.entry.net.scale}x_{network or model}.png", new_folder())
    except UpscaleError as failure:
        gr.Warning(html.escape(say_failure(language, failure)), title=say(language, "Please note"))
        return gr.skip(), gr.skip(), gr.skip()
    finally:
        running.pop(session, None)
    return files.slider, described(language, before, result), gr.DownloadButton(value=files.download, interactive=True)


def on_stop(request: gr.Request) -> None:
    """Cancel was pressed, or the page was closed."""
    if stop := running.get(request.session_hash or ""):
        stop.set()


def stop_all() -> None:
    """The page is being taken down."""
    for stop in list(running.values()):
        stop.set()


def on_load(request: gr.Request):
    """→ (slider, line, download): the example that was enlarged when the page started."""
    language = request.headers.get("accept-language", "")
    try:
        before, result, files = showcase()
    except UpscaleError as failure:
        return gr.skip(), say_failure(language, failure), gr.skip()
    line = say(language, "Example: {line}", line=described(language, before, result))
    return files.slider, line, gr.DownloadButton(value=files.download, interactive=True)


def upscale(photo: FileData, scale: int = 4, model: str = "cnn", input: str = "auto") -> tuple[FileData, dict]:
    """Enlarge a photo. scale: 2, 3 or 4; model: cnn, gan or an exact network; input: auto, clean or web. → (PNG, how it was made)."""
    try:
        path, name = uploaded(photo)
        before = sr_models.read(path, name)
        result = sr_models.upscale(before, scale=whole(scale), model=model, input=input)
        file = new_folder() / f"{path.stem}_{result.entry.net.scale}x_{model}.png"
        sr_models.write(result.photo, file)
    except UpscaleError as failure:
        raise gr.Error(str(failure), print_exception=False) from failure
    report = {"model": result.entry.id, "width": result.photo.size[0], "height": result.photo.size[1]}
    report |= {"seconds": round(result.seconds, 3), "device": result.device.name}
    return FileData(path=str(file), meta={"_type": "gradio.FileData"}), report


@dataclass(frozen=True)
class Files:
    before: Path
    after: Path
    download: Path

    @property
    def slider(self) -> tuple[str, str]:
        return str(self.before), str(self.after)


def save(before: Photo, result: Result, name: str, folder: Path) -> Files:
    """Write the download under `name`, and beside it the honest pair for the slider: plain bicubic, and the result."""
    files = Files(folder / "before.png", folder / "after.png", folder / name)
    size = shown_size(result.photo)
    sr_models.write(result.photo, files.download)
    sr_models.write(resized(result.photo, size), files.after)
    sr_models.write(resized(before, size), files.before)
    return files


def described(language: str, before: Photo, result: Result) -> str:
    sizes = [f"{width} × {height}" for width, height in (before.size, result.photo.size, shown_size(result.photo))]
    line = say(
        language,
        "{before} → {after} pixels · {model} {scale}× ({id}) · {seconds} s on {device}",
        before=sizes[0],
        after=sizes[1],
        model=result.entry.family.upper(),
        scale=result.entry.net.scale,
        id=result.entry.id,
        seconds=f"{result.seconds:.2f}",
        device=result.device.name,
    )
    if sizes[1] != sizes[2]:
        line += "  \n" + say(language, "Shown at {size} pixels; the download has them all.", size=sizes[2])
    return line


def showcase() -> tuple[Photo, Result, Files]:
    """The first example, really enlarged; computed once."""
    with showcase_lock:
        return computed_showcase()


@cache
def computed_showcase() -> tuple[Photo, Result, Files]:
    before = sr_models.read(SHOWCASE)
    result = sr_models.upscale(before, scale=4, model="cnn")
    folder = Path(tempfile.mkdtemp(prefix="showcase-"))  # outside of gradio's folder, which is cleared every hour
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return before, result, save(before, result, f"{SHOWCASE.stem}_4x_cnn.png", folder)
