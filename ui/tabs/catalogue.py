"""The tab for many photos: dropped together, chosen for once, made one after the other, and taken away as one ZIP."""

import html
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from sr_models import SCALES, Order, UpscaleError
from sr_models.jobs.tally import urgency
from sr_models.stages.enlarge import DETAIL
from sr_models.stages.faithful import LEVELS
from ui.parts import choices, forecast, outcomes, speed
from ui.parts.events import AT_ONCE, PRIVATE, QUIET, on_last
from ui.parts.intake import Several
from ui.server import audience, catalogues, runs
from ui.server.dropped import MOST_MEGAPIXELS, Found, list_dropped, most_photos
from ui.server.files import MAX_BYTES, into, new_folder
from ui.server.place import CATALOGUES, PLACE_OF_CATALOGUES
from ui.server.visits import visits
from ui.words.texts import say, say_failure

ID = "catalogue"
"""Of the tab; and what gradio calls the event that makes a catalogue."""
CSS = """
#catalogue-choose {min-height: 104px; border: 2px dashed var(--border-color-primary); background: none; white-space: normal}
#catalogue-choose:hover {border-color: var(--primary-600)}
#catalogue-go button {flex: 1 1 120px; min-width: 120px}
#catalogue-photos {display: none}
"""
running: dict[str, runs.Asked] = {}
"""By browser session: the catalogue that is wanted or under way."""
OUTPUTS = 4
"""Line, table, download, and where the catalogue lies."""

SCROLL = """() => {
    const line = document.querySelector('#catalogue-line'), {top, bottom} = line.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight - 200) line.scrollIntoView({block: 'start'});
}"""
"""Brings the table into view, where it is not."""

HERE = "Up to {photos} photos at a time, and ZIPs of photos; each file up to {limit} MB. For more, there is the command line."
PUBLIC = (
    "Up to {photos} photos or a ZIP of them, {megapixels:g} megapixels together, each file up to {limit} MB. All is deleted after an hour."
)
SEVERAL = "Several photos, or a ZIP of them, are enlarged together on this tab."
BUSY = "A catalogue is under way. Please bring these photos when it is finished."


def build(text: Callable[[str], Any], tabs: gr.Tabs, photos: gr.File) -> Several:
    """→ where several photos go. `photos` holds those that were brought; `tabs` hold this one under ID."""
    gr.Markdown(text("catalogue_intro"))
    with gr.Row():
        with gr.Column(scale=2, min_width=300):
            choose = gr.Button(text("catalogue_drop"), elem_id="catalogue-choose")
            limits = gr.Markdown(elem_id="catalogue-limits")
            scale = gr.Radio([(f"{s}×", str(s)) for s in SCALES], value="4", label=text("scale"), elem_id="catalogue-scale")
            kinds = [(text(kind), kind) for kind in speed.KINDS]
            model = gr.Radio(kinds, value="cnn", label=text("model"), info=text("model_info"))
            fast = speed.build(text, "catalogue-")
            detail = gr.Slider(0, 1, value=DETAIL, step=0.05, label=text("detail"), info=text("detail_info"), visible=False)
            with gr.Accordion(text("choices"), open=False):
                levels = [(text(level), level) for level in LEVELS]
                faithful = gr.Radio(levels, value="colour", label=text("faithful"), info=text("faithful_info"))
                others = choices.build(text, "4", "catalogue-")
            with gr.Row(elem_id="catalogue-go"):
                start = gr.Button(text("catalogue_start"), variant="primary", elem_id="catalogue-start")
                stop = gr.Button(text("cancel"), variant="stop", visible=False, elem_id="catalogue-stop")
                clear = gr.Button(text("catalogue_clear"), visible=False, elem_id="catalogue-clear")
        with gr.Column(scale=3, min_width=300):
            line = gr.Markdown(elem_id="catalogue-line")
            download = gr.DownloadButton(text("catalogue_download"), variant="primary", visible=False, elem_id="catalogue-download")
            table = outcomes.build()
            place = gr.State()

    network = others["network"]
    scale.change(lambda s: gr.Dropdown(choices.list_networks(text, s), value=""), [scale], [network], **AT_ONCE)
    on_last([model.change, network.change], on_model, [model, network], [detail, fast, others["steps"]], **AT_ONCE)
    asked = {"photos": photos, "scale": scale, "model": model, "speed": fast, "detail": detail, "faithful": faithful, **others}

    def named(values: dict[Any, Any]) -> dict[str, Any]:
        return {name: values[component] for name, component in asked.items()}

    def look(values: dict[Any, Any], request: gr.Request) -> list[Any]:
        return on_brought(named(values), request)

    def run(values: dict[Any, Any], request: gr.Request) -> Iterator[list[Any]]:
        yield from on_catalogue(named(values), values[place], request)

    gr.on(None, on_load, None, [limits, table], **QUIET)
    on_last(
        [*(component.change for component in (photos, scale, model, network, others["steps"])), fast.input],
        look,
        set(asked.values()),
        [line, table, download, clear, fast],
        **QUIET,
    )
    clear.click(None, None, [photos], js="() => null", **PRIVATE)
    controls = [start, stop, choose, clear, download]
    start.click(on_start, None, controls, **AT_ONCE).then(
        run,
        {*asked.values(), place},
        [line, table, download, place],
        api_name=ID,
        preprocess=False,
        show_progress="minimal",  # the line tells; this adds the place in the queue
        show_progress_on=line,
        **PLACE_OF_CATALOGUES,
        **PRIVATE,
    ).then(on_end, None, controls[:-1], **AT_ONCE)
    start.click(None, None, None, js=SCROLL, **PRIVATE)
    stop.click(on_cancel, None, None, **AT_ONCE)
    return Several(photos, download, tabs, "catalogue-choose", take)


def take(elsewhere: str, photos: list[Any], _: None, request: gr.Request) -> tuple[Any, Any]:
    """→ (photos, tabs): this tab is opened for photos that were brought `elsewhere` on the page."""
    language = request.headers.get("accept-language", "")
    if request.session_hash in running:
        gr.Warning(say(language, BUSY), title=say(language, "Please note"))
        return gr.skip(), gr.Tabs(selected=ID)
    if elsewhere:
        gr.Info(say(language, SEVERAL), title=say(language, "Please note"))
    return photos, gr.Tabs(selected=ID)


def on_load(request: gr.Request) -> tuple[str, Any]:
    """→ (what is taken, said before anything is brought; table)."""
    limits = {"megapixels": MOST_MEGAPIXELS, "limit": MAX_BYTES // 1_000_000}
    language = request.headers.get("accept-language", "")
    said = say(language, PUBLIC if audience.here.is_public() else HERE, photos=most_photos(), **limits)
    return said, outcomes.make_placeholder(language)


def on_model(model: str, network: str) -> tuple[gr.Slider, gr.Radio, gr.Slider]:
    """→ (detail slider, best or fast, steps): the first is shown where the model has a dial, the second where it comes in both."""
    detail, steps = (gr.Slider(visible=fits(network or model)) for fits in (choices.model_has_dial, choices.model_gains_by_steps))
    return detail, gr.Radio(visible=speed.is_offered(model, network)), steps


def on_brought(chosen: dict[str, Any], request: gr.Request) -> list[Any]:
    """→ (line, table, download, clear, best or fast): what was brought, and about how long it takes, or why it is not taken."""
    language = request.headers.get("accept-language", "")
    photos = chosen.pop("photos")
    if request.session_hash in running:
        return [gr.skip()] * 5
    told, table, times = "", outcomes.make_placeholder(language), dict.fromkeys(speed.SPEEDS, "")
    try:
        if photos:
            found = list_dropped(photos)
            table = outcomes.make_value(language, (outcomes.render_waiting(language, one) for one in found))
            for each in speed.SPEEDS:
                seconds = forecast.expect_all(found, Order(**choices.words(chosen | {"speed": each})))
                times[each] = "" if seconds is None else forecast.describe_time(language, seconds)
            told = forecast.foretell_all(language, found, choices.words(chosen))
    except UpscaleError as failure:
        told = say_failure(language, failure)
    shown = speed.show(language, chosen.get("speed") or "best", times)
    return [told, table, gr.DownloadButton(value=None, visible=False), gr.Button(visible=bool(photos)), shown]


def on_start(request: gr.Request) -> list[Any]:
    """→ the buttons (start, stop, choose photos, clear the list, download): from now on Cancel works, and the list stays as it is."""
    runs.ask(running, request)
    hidden = gr.Button(visible=False)
    return [hidden, gr.Button(visible=True), gr.Button(interactive=False), hidden, gr.DownloadButton(value=None, visible=False)]


def on_end() -> list[Any]:
    """Once the run is over. → the buttons (start, stop, choose photos, clear the list) as they were before it."""
    shown = gr.Button(visible=True)
    return [shown, gr.Button(visible=False), gr.Button(interactive=True), shown]


def on_catalogue(chosen: dict[str, Any], before: Path | None, request: gr.Request) -> Iterator[list[Any]]:
    """→ (line, table, download, where the catalogue lies), again and again while it fills. What was made `before` goes."""
    language, session = request.headers.get("accept-language", ""), request.session_hash or ""
    mine = running.setdefault(session, runs.Asked())
    try:
        if before:
            visits.drop(before)
        found = list_dropped(chosen.pop("photos"))
        order = Order(**choices.words(chosen))
        place = new_folder()
        with into(place):
            yield from make(language, found, order, place, mine.stop.is_set)
    except UpscaleError as failure:
        gr.Warning(html.escape(say_failure(language, failure)), title=say(language, "Please note"))
        yield [say_failure(language, failure), gr.skip(), gr.skip(), None]
    finally:
        if running.get(session) is mine:
            del running[session]


def make(language: str, found: list[Found], order: Order, place: Path, stopped: Callable[[], bool]) -> Iterator[list[Any]]:
    """As `on_catalogue`, in the folder `place`. Raises UpscaleError."""
    rows = {one.item.id: outcomes.render_waiting(language, one) for one in found}
    came: dict[str, catalogues.Outcome] = {}
    ahead = forecast.Ahead(found, order)

    def look() -> list[Any]:
        following = next((one for one in found if one.is_photo and not one.failure and one.item.id not in came), None)
        working = {following.item.id: outcomes.render_waiting(language, following, "working")} if following else {}
        return [ahead.tell(language, came), outcomes.make_value(language, (rows | working).values()), gr.skip(), gr.skip()]

    yield look()
    for outcome in catalogues.enlarge_all(found, order, place, stopped):
        name = outcome.row.id
        came[name], rows[name] = outcome, outcomes.render_outcome(language, outcome, place / catalogues.RESULTS)
        yield look()
    stopped_before = sum(one.was_stopped for one in came.values())
    archive, _ = catalogues.pack(place, catalogues.name_archive(found, order, stopped_before), came.values())
    urgent_first = [rows[name] for name, _ in sorted(came.items(), key=lambda one: urgency(one[1].row))]
    ready = gr.DownloadButton(value=archive, visible=True)
    yield [outcomes.describe(language, came.values()), outcomes.make_value(language, urgent_first), ready, place]


async def on_cancel(request: gr.Request) -> None:
    await runs.cancel(running, ID, OUTPUTS, request, CATALOGUES)
