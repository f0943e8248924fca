"""The tab that enlarges one photo: controls in, one call into `sr_models`, before and after out."""

import html
import math
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import gradio as gr

import sr_models
from sr_models import MODELS, SCALES, Order, UpscaleError, carry_out
from sr_models.names import name_file
from sr_models.stages.enlarge import DETAIL
from sr_models.stages.faithful import LEVELS
from ui.parts import choices, comparer, forecast, protection, remembered, sample, shots, speed
from ui.parts import photo as photos
from ui.parts.card import render_card, render_legend
from ui.parts.choices import model_gains_by_steps, model_has_dial
from ui.parts.events import AT_ONCE, PRIVATE, QUIET, on_last
from ui.parts.made import Files, Made, describe_result, write_files
from ui.server import budget, folder, pace, runs
from ui.server.files import EXAMPLES, into, list_examples, new_folder, path_of, take_upload
from ui.server.place import PLACE
from ui.words.texts import say, say_failure

CSS = """
#go {align-items: center}
#go button {flex: 1 1 120px; min-width: 120px}
#forecast {flex: 0 1 auto; width: auto; max-width: 100%}
#forecast:not(:has(p)) {display: none}
#results:has(.sample:not([hidden])) #slider:not(:has(.pending)) .comparer:not(.filled) {display: none}
#results:not(:has(.comparer.filled)) > :not(#sample, #slider, #line) {display: none}
#results:has(.comparer.filled) #sample {order: 1}
@media (max-width: 660px) {
  #desk {flex-direction: column}
  #controls, #results {display: contents}
  #photo {order: -2}
  #results #sample {order: -1}
}
"""
"""While there is no result, the sample has its place; later it stands below. On a phone it stands between photo and choices."""

SHOWCASE = EXAMPLES / "jar.jpg"

showcase_lock = threading.Lock()
SCROLL = """() => {
    const slider = document.querySelector('#slider'), box = slider.getBoundingClientRect();
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (box.top < 0 || box.bottom > innerHeight) slider.scrollIntoView({behavior: calm ? 'auto' : 'smooth'});
}"""
"""Brings the result into view, where it is not."""

running: dict[str, runs.Asked] = {}
"""By browser session: the run that is wanted or under way."""


def build(text: Callable[[str], Any]) -> gr.Image:
    """→ where its photo is chosen."""
    with gr.Row(elem_id="desk"):
        with gr.Column(scale=2, min_width=300, elem_id="controls"):
            photo = photos.build(text, "photo", height=200)
            more, brought, told_shots = shots.build(text, photo)
            scale = gr.Radio([(f"{s}×", str(s)) for s in SCALES], value="4", label=text("scale"), elem_id="scale")
            kinds = [(text(kind), kind) for kind in speed.KINDS]
            model = gr.Radio(kinds, value="cnn", label=text("model"), info=text("model_info"), elem_id="model")
            fast = speed.build(text)
            own_speed = speed.build_own(fast)
            with gr.Row(elem_id="go"):
                start = gr.Button(text("enlarge"), variant="primary", elem_id="enlarge")
                stop = gr.Button(text("cancel"), variant="stop", visible=False, elem_id="cancel")
                ahead = gr.Markdown(elem_id="forecast")
            detail = gr.Slider(
                0, 1, value=DETAIL, step=0.05, label=text("detail"), info=text("detail_info"), visible=False, elem_id="detail"
            )
            protected, editor = protection.build(text, photo)
            with gr.Accordion(text("choices"), open=False, elem_id="choices"):
                with gr.Accordion(text("faithful"), open=False, elem_id="faithful-choices"):
                    levels = [(text(level), level) for level in LEVELS]
                    named: dict[str, Any] = {"show_label": False, "label": text("faithful"), "info": text("faithful_info")}
                    faithful = gr.Radio(levels, value="colour", elem_id="faithful", **named)
                others = choices.build(text, "4")
            photos.build_examples(text, [str(path) for path in list_examples()], photo)
        with gr.Column(scale=3, min_width=300, elem_id="results"):
            sample.build(text, photo, scale, model)
            slider = comparer.build()
            line = gr.Markdown(elem_id="line")
            card = gr.HTML(padding=False, elem_id="card")
            with gr.Row():
                tinted = gr.Checkbox(label=text("overlay"), interactive=False, container=False, elem_id="overlay")
                legend = gr.HTML(visible=False, padding=False, elem_id="legend")
            download = gr.DownloadButton(text("download"), variant="primary", interactive=False, elem_id="download")
            with gr.Row():
                small: dict[str, Any] = {"interactive": False, "size": "sm", "min_width": 130}
                report = gr.DownloadButton(text("download_report"), elem_id="download-report", **small)
                added = gr.DownloadButton(text("download_overlay"), elem_id="download-overlay", **small)
                shared = gr.DownloadButton(text("download_page"), elem_id="download-page", **small)
                moving = gr.DownloadButton(text("download_animation"), elem_id="download-animation", **small)
            files = gr.State()
    gr.Markdown(text("limits"))

    remembered.build({"scale": scale, "model": model, "preset": others["preset"]}, {"speed": own_speed})
    network = others["network"]
    scale.change(lambda s: gr.Dropdown(choices.list_networks(text, s), value=""), [scale], [network], **AT_ONCE)
    which = [model, network]
    on_last([choice.change for choice in which], on_model, which, [detail, protected, more, fast, others["steps"]], **AT_ONCE)
    downloads = [download, report, added, shared, moving]
    results = [slider, line, card, tinted, legend, *downloads, files, told_shots]
    for changes in (photo.change, photo.clear):  # a photo that is removed at once may not count as a change
        changes(on_new_photo, [photo, files], results, **QUIET)
    ordered: dict[str, Any] = {"photo": photo, "shots": brought, "scale": scale, "model": model, "speed": fast, "own_speed": own_speed}
    ordered |= {"detail": detail, "faithful": faithful, **others}
    asked = ordered | {"protect": editor}  # apart, since it would send its layers each time

    def look(values: dict[Any, Any], request: gr.Request):
        return on_choices({name: values[component] for name, component in ordered.items()}, request)

    told: dict[str, Any] = {"inputs": set(ordered.values()), "outputs": [ahead, fast], **QUIET}
    deciding = [
        asked[name] for name in ("photo", "shots", "scale", "model", "own_speed", "network", "preset", "size", "how", "crop", "steps")
    ]
    on_last([photo.clear, *(choice.change for choice in deciding)], look, **told)

    def run(values: dict[Any, Any], request: gr.Request, progress=gr.Progress()):  # noqa: B008 - gradio looks for it there
        return on_enlarge({name: values[component] for name, component in asked.items()}, request, progress)

    start.click(on_start, [photo], [start, stop, *downloads], preprocess=False, **AT_ONCE).then(
        run,
        set(asked.values()),
        results,
        api_name=RUN,
        preprocess=False,  # gr.Image would open the file itself, and show its own failures
        show_progress_on=[slider, photo],  # on a phone only the photo is in view
        **PLACE,
        **PRIVATE,
    ).then(on_end, [files], [start, stop, *downloads], **AT_ONCE).then(None, None, None, js=SCROLL, **AT_ONCE)
    start.click(sample.make_way, None, None, **AT_ONCE)
    stop.click(on_cancel, None, None, **AT_ONCE)
    tinted.input(on_overlay, [tinted, files], [slider, legend], **AT_ONCE)
    gr.on(None, on_load, None, results, show_progress="hidden", **PRIVATE).then(look, **told)  # the example tells the pace
    return photo


async def on_new_photo(photo: Any, files: Files | None, request: gr.Request):
    """→ the values of no result: what was made of another photo never stands beside this one. A run of another photo is stopped.

    Where the visitor was fast, this is called after a run of the same photo has begun, or ended.
    """
    path = path_of(photo)
    asked = running.get(request.session_hash or "")
    if asked and (path is None or asked.photo not in (None, path)):
        await on_cancel(request)
    if path and files and str(files.photo) == path:
        return [gr.skip()] * OUTPUTS
    nothing = render_nothing(request.headers.get("accept-language", ""))
    tinted, legend = gr.Checkbox(False, interactive=False), gr.HTML(visible=False)
    return [nothing, "", "", tinted, legend, *[gr.DownloadButton(value=None, interactive=False)] * DOWNLOADS, None, gr.skip()]


def on_choices(chosen: dict[str, Any], request: gr.Request) -> tuple[str, Any]:
    """→ (the line beside the button, best or fast): what the visitor chose, else what is expected to be worth the wait."""
    language = request.headers.get("accept-language", "")
    photo, others, own = chosen.pop("photo"), chosen["shots"], chosen.pop("own_speed")
    try:
        words = {each: choices.words(chosen | {"speed": each}) for each in speed.SPEEDS}
    except UpscaleError as failure:
        return say_failure(language, failure), gr.skip()
    foretold = {each: forecast.foretell(language, photo, words[each], others) for each in speed.SPEEDS}
    seconds = {each: known for each, (_, known) in foretold.items()}
    taken = own if own in speed.SPEEDS else speed.propose(seconds["best"])
    times = {
        each: "" if known is None else say(language, "{seconds} s", seconds=forecast.round_guess(known)) for each, known in seconds.items()
    }
    why = forecast.round_guess(seconds["best"] or 0) if taken == "fast" and own != "fast" else None
    return foretold[taken][0], speed.show(language, taken, times, why)


def on_model(model: str, network: str):
    """→ (detail slider, protection, other shots, best or fast, steps): the first two are shown where the model has a dial, the third where
    not."""
    dialled = model_has_dial(network or model)
    shown = gr.Slider(visible=dialled), gr.Accordion(visible=dialled), gr.Accordion(visible=not dialled)
    return *shown, gr.Radio(visible=speed.is_offered(model, network)), gr.Slider(visible=model_gains_by_steps(network or model))


def on_start(request: gr.Request, photo: Any = None):
    """→ (start button, stop button, downloads): from now on Cancel works, and until the end of the run nothing is downloaded."""
    runs.ask(running, request, path_of(photo))
    downloads = [gr.DownloadButton(interactive=False)] * DOWNLOADS
    return gr.Button(visible=False), gr.Button(visible=True), *downloads


def on_end(files: Files | None):
    """→ (start button, stop button, downloads): what is shown can be downloaded, and the next run started."""
    return gr.Button(visible=True), gr.Button(visible=False), *[gr.DownloadButton(interactive=files is not None)] * DOWNLOADS


def on_enlarge(chosen: dict[str, Any], request: gr.Request, progress: gr.Progress):
    """→ what `show_result` gives; where something is refused, a notice, and everything stays as it is."""
    language = request.headers.get("accept-language", "")
    session = request.session_hash or ""
    mine = running.setdefault(session, runs.Asked())
    mine.photo = path_of(chosen["photo"])
    try:
        with runs.begun(mine.stop.is_set) as turn:
            begun = time.perf_counter()
            path, name = take_upload(chosen.pop("photo"))
            order = Order(**choices.words(chosen | {"speed": chosen.get("own_speed") or chosen.get("speed")}))
            given = shots.take(chosen["shots"], order.model)
            budget.refuse_large(path, order, [shot for shot, _ in given])
            before, *others = (sr_models.read(*upload) for upload in ((path, name), *given))
            done = carry_out(
                before,
                order,
                others=others,
                protect=protection.read_mask(chosen["protect"], before) if model_has_dial(order.model) else None,
                progress=lambda done, total: progress((done, total), unit="tiles"),
                cancelled=turn.is_over,
            )
            place = new_folder()
            with into(place):
                made = write_files(before, done, name_file(name, order.name, order.model, ""), place, path)
            plain = order.model in MODELS and order.steps == 1 and not (others or order.size or order.preset or order.before or order.after)
            if plain and not done.enlarged.passes[0].device.lent:
                pace.here.saw(order.model, order.scale, math.prod(before.size), done.enlarged.seconds, time.perf_counter() - begun)
    except UpscaleError as failure:
        gr.Warning(html.escape(say_failure(language, failure)), title=say(language, "Please note"))
        return [gr.skip()] * OUTPUTS
    finally:
        if running.get(session) is mine:
            del running[session]
    told = shots.render(language, [(name, other) for (_, name), other in zip(given, others, strict=True)], done.enlarged.shots)
    return show_result(language, made, describe_result(language, made), told)


def on_leave(request: gr.Request) -> None:
    """The page was closed: its run ends before the next tile."""
    if asked := running.pop(request.session_hash or "", None):
        asked.stop.set()


async def on_cancel(request: gr.Request) -> None:
    await runs.cancel(running, RUN, OUTPUTS, request)


def on_load(request: gr.Request) -> Iterator[list[Any]]:
    """→ what `show_result` gives, of the example that was enlarged when the page started; until it is, a line that says so."""
    language = request.headers.get("accept-language", "")
    if not compute_showcase.cache_info().currsize:
        yield [comparer.make_placeholder(say(language, "An example is being enlarged …")), *[gr.skip()] * (OUTPUTS - 1)]
    try:
        made = showcase()
    except UpscaleError as failure:
        yield [render_nothing(language), say_failure(language, failure), *[gr.skip()] * (OUTPUTS - 2)]
        return
    yield show_result(language, made, say(language, "Example: {line}", line=describe_result(language, made)))


def render_nothing(language: str) -> dict[str, Any]:
    """What the comparer shows while there is no result."""
    return comparer.make_placeholder(say(language, "Before and after will stand here, once your photo is enlarged."))


def on_overlay(wanted: bool, files: Files | None, request: gr.Request):
    """→ (slider, legend): the result, or where it has detail that the photo does not hold."""
    if files is None:
        return gr.skip(), gr.skip()
    language = request.headers.get("accept-language", "")
    pair = files.tinted if wanted else files.shown
    return comparer.make_value(language, pair), gr.HTML(render_legend(language), visible=wanted)


DOWNLOADS = 5
OUTPUTS = 7 + DOWNLOADS
RUN = "enlarge"
"""What gradio calls the event that enlarges."""


def show_result(language: str, made: Made, line: str, shots: Any = gr.skip()) -> list[Any]:  # noqa: B008 - a constant
    """Values of slider, line, card, overlay switch, legend, the downloads, the remembered files and what is told of the other shots."""
    files = made.files
    page = files.pages["zh" if language.lower().startswith("zh") else "en"]
    offered = files.download, files.report, files.overlay, page, files.animation
    downloads = [gr.DownloadButton(value=file, interactive=True) for file in offered]
    shown = comparer.make_value(language, files.shown)
    card, tinted, legend = render_card(language, made.done), gr.Checkbox(False, interactive=True), gr.HTML(visible=False)
    return [shown, line, card, tinted, legend, *downloads, files, shots]


def showcase() -> Made:
    """The first example, really enlarged; computed once."""
    with showcase_lock:
        return compute_showcase()


@cache
def compute_showcase() -> Made:
    before = sr_models.read(SHOWCASE)
    order = Order()
    begun = time.perf_counter()
    done = carry_out(before, order, cancelled=runs.ending.is_set)
    made = write_files(before, done, name_file(SHOWCASE.name, order.name, order.model, ""), folder.showcase())
    pace.here.saw(order.model, order.scale, math.prod(before.size), made.done.enlarged.seconds, time.perf_counter() - begun)
    return made
