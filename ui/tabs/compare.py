"""The tab that compares: one click on the photo, and every model shows the same crop."""

import filecmp
import html
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import gradio as gr

import sr_models
from sr_models import SCALES, choose
from sr_models.figures.blind import play
from sr_models.figures.compare import compare_models, find_liveliest, locate_crop, models
from sr_models.wishes import read_scale
from ui.parts import blind
from ui.parts import photo as photos
from ui.parts.events import PRIVATE, QUIET, on_last
from ui.parts.views import render_explanation, render_overview, render_page, render_view
from ui.server import budget, runs
from ui.server.files import into, list_examples, new_folder, take_upload
from ui.server.place import PLACE
from ui.words.texts import say

HAND_OVER = """(first, own) => {
    const frame = document.querySelector('#compare-photo'), seen = frame.dataset.seen;
    frame.dataset.seen = first?.path || '';
    return first && first.path !== seen ? first : own;
}"""
"""The first tab's photo is compared when this tab is opened, unless it was already, and another one has been chosen here."""


def build(text: Callable[[str], Any], tabs: gr.Tabs, tab: gr.Tab, first: gr.Image) -> gr.Image:
    """→ where its photo is chosen. `tabs` hold this `tab` under the id "compare": the address of a view opens it. `first` is the photo of
    the first tab."""
    gr.Markdown(text("compare_intro"))
    with gr.Row():
        with gr.Column(scale=3, min_width=300):
            photo = photos.build(text, "compare-photo", height=360)
        with gr.Column(scale=2, min_width=300):
            scale = gr.Radio([(f"{s}×", str(s)) for s in SCALES], value="4", label=text("scale"), elem_id="compare-scale")
            line = gr.Markdown(elem_id="compare-line")
            link = gr.Textbox(label=text("link"), interactive=False, buttons=["copy"], visible=False, elem_id="compare-link")
            save = gr.DownloadButton(text("save_comparison"), interactive=False, elem_id="compare-save")
    photos.build_examples(text, [str(path) for path in list_examples()], photo)
    grid = gr.HTML(elem_id="compare-grid")
    with gr.Accordion(text("blind"), open=False, elem_id="blind"):
        gr.Markdown(text("blind_info"))
        with gr.Row():
            begin = gr.Button(text("blind_begin"), elem_id="blind-begin")
            keep = gr.DownloadButton(text("blind_keep"), interactive=False, elem_id="blind-keep")
        test = gr.HTML(elem_id="blind-test")
    point, there = gr.State(), gr.State()

    run: dict[str, Any] = {
        "fn": on_compare,
        "inputs": [photo, scale, point, there],
        "outputs": [line, grid, link, save, there],
        "preprocess": False,  # gr.Image would open the file itself, and show its own failures
        "show_progress": "hidden",  # the line tells
        **PRIVATE,
        **PLACE,
    }
    on_last([photo.change, scale.input], **run)
    begin.click(on_blind, [photo, scale], [test, keep], preprocess=False, show_progress_on=test, **PRIVATE, **PLACE)
    photo.select(on_click, [photo], [point], **QUIET).then(**run, trigger_mode="always_last")
    gr.on(None, on_address, None, [tabs, photo, scale, point], **QUIET)
    link.change(None, [link], [link], js="query => query && new URL(query, location.href).href", **PRIVATE)
    tab.select(None, [first, photo], [photo], js=HAND_OVER, **PRIVATE)
    return photo


def on_click(photo: Any, event: gr.SelectData) -> dict[str, Any] | None:
    """→ point: the pixel that was clicked, and the photo's path; None where the photo is gone."""
    if photo is None:
        return None
    x, y = event.index
    return {"photo": photo["path"], "x": int(x), "y": int(y)}


def on_address(request: gr.Request):
    """→ (tabs, photo, scale, point) for an address such as ?photo=blouse&x=120&y=80&scale=4; any other changes nothing."""
    asked = request.query_params
    example = next((path for path in list_examples() if path.stem == asked.get("photo")), None)
    try:
        x, y, scale = (int(asked.get(name, "")) for name in ("x", "y", "scale"))
    except ValueError:
        return [gr.skip()] * 4
    if example is None or scale not in SCALES:
        return [gr.skip()] * 4
    width, height = sr_models.read(example).size
    if not (0 <= x < width and 0 <= y < height):
        return [gr.skip()] * 4
    copy = str(shutil.copy(example, new_folder()))  # where gradio leaves it, so that its path is the photo's
    return gr.Tabs(selected="compare"), copy, str(scale), {"photo": copy, "x": x, "y": y}


@runs.in_turn(outputs=5)
def on_compare(photo: Any, scale: Any, point: Any, there: Any, request: gr.Request) -> Iterator[Any]:
    """→ (line, grid, link, save, there), with one view more each time; the link and the file at the end.

    `there` is the comparison that the page shows already: gradio reports a change of the photo twice where it also opens the tab.
    """
    waiting = gr.DownloadButton(interactive=False)
    if photo is None:  # it was removed
        yield "", "", gr.Textbox(visible=False), waiting, None
        return
    language = request.headers.get("accept-language", "")
    path, name = take_upload(photo)
    budget.refuse_large_photo(path)
    before = sr_models.read(path, name)
    factor = read_scale(scale)
    total = len(models(factor)) + 1
    x, y = (point["x"], point["y"]) if point and point["photo"] == photo["path"] else find_liveliest(before, factor)
    x, y = (min(at, side - 1) for at, side in zip((x, y), before.size, strict=True))  # a click on the very edge rounds up
    asked = str(path), factor, x, y
    if asked == there:
        yield [gr.skip()] * 5
        return
    place = rows, columns = locate_crop(before, factor, x, y)
    device = choose()
    figures = render_overview(language, before, place)
    for done, view in enumerate(compare_models(before, factor, x, y, device=device), start=1):
        figures += render_view(language, view)  # only ever appended to: gradio then sends each picture once
        yield say(language, "{done} of {total} models …", done=done, total=total), figures, "", waiting, None
    figures += render_explanation(language)
    line = say(
        language,
        "{width} × {height} pixels around ({x}, {y}), enlarged {scale}×.",
        width=columns.stop - columns.start,
        height=rows.stop - rows.start,
        x=x,
        y=y,
        scale=factor,
    )
    title = say(language, "{name}: the same crop through {total} models", name=path.stem, total=total)
    file = new_folder() / f"{path.stem}_compare_{factor}x.html"
    with into(file.parent):
        file.write_text(render_page(language, title, line, figures), encoding="utf-8")
    address = address_of(path, x, y, factor)
    if address is None:
        line += " " + say(language, "Uploaded photos are never put into a link.")
    shareable = gr.Textbox(value=address or "", visible=address is not None)
    yield line, figures, shareable, gr.DownloadButton(value=file, interactive=True), asked


@runs.in_turn(outputs=2)
def on_blind(photo: Any, scale: Any, request: gr.Request) -> Iterator[Any]:
    """→ (test, its file); where something is refused, a notice, and everything stays as it is."""
    language = request.headers.get("accept-language", "")
    path, name = take_upload(photo)
    budget.refuse_large_photo(path)
    original, factor = sr_models.read(path, name), read_scale(scale)
    rounds = []
    for one in play(original, factor):
        rounds.append(one)
        yield html.escape(say(language, "{done} pairs are ready …", done=len(rounds))), gr.DownloadButton(interactive=False)
    title = say(language, "Blind test: {name}", name=path.stem)
    document = blind.render_test(language, title, factor, rounds)
    file = new_folder() / f"{path.stem}_blind_{factor}x.html"
    with into(file.parent):
        file.write_text(document, encoding="utf-8")
    yield blind.render_frame(title, document), gr.DownloadButton(value=file, interactive=True)


def address_of(photo: Path, x: int, y: int, scale: int) -> str | None:
    """The URL query that shows this comparison again; None unless the photo is one of the examples."""
    example = next((path for path in list_examples() if filecmp.cmp(photo, path, shallow=False)), None)
    return example and "?" + urlencode({"photo": example.stem, "x": x, "y": y, "scale": scale})
