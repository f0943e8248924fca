"""The tab for those who have the sharp original: it is shrunk, every model enlarges it again, and figures say how close each comes."""

import html
import math
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
import numpy as np

import sr_models
from sr_models import CATALOG, SCALES, Entry, Photo, PhotoError, Result, choose, find
from sr_models.figures.evaluate import QUALITY, SHRINKINGS, SMALLEST, Trial, Use, make_trial, score, use_shots
from sr_models.figures.quality import find_busiest
from sr_models.output import encode
from sr_models.wishes import read_scale
from ui.parts import photo as photos
from ui.parts import ranking
from ui.parts.events import PRIVATE
from ui.parts.views import name_entry
from ui.server import budget, runs
from ui.server.files import into, list_examples, new_folder, take_upload
from ui.server.place import PLACE
from ui.words.texts import label, say

MOST = 1_000_000
"""Pixels of the original that are used: all models together take about eight seconds of a core for them, and visitors wait their turn."""
MOST_SHOT = 25_000
"""Pixels of each of several shots: what is made of them all takes ten to twenty seconds of a core."""
USES = {
    "one": "one shot",
    "mean": "mean of {count} shots",
    "together": "{count} shots together",
    "back-projection": "back-projection of {count} shots",
}
"""What is made of several shots, and what it is called on the page."""
CROP = 96  # pixels of the original


def build(text: Callable[[str], Any]) -> gr.Image:
    """→ where its original is chosen."""
    gr.Markdown(text("check_intro"))
    with gr.Row():
        with gr.Column(scale=2, min_width=300):
            original = photos.build(text, "check-photo", "original", "drop_original")
            scale = gr.Radio([(f"{s}×", str(s)) for s in SCALES], value="4", label=text("scale"), elem_id="check-scale")
            ways = [(text(f"shrink_{way}"), way) for way in SHRINKINGS]
            shrinking = gr.Radio(ways, value="bicubic", label=text("shrinking"), info=text("shrinking_info"), elem_id="check-shrinking")
            quality = gr.Slider(1, 100, QUALITY, step=1, label=text("quality"), visible=False, elem_id="check-quality")
            start = gr.Button(text("check"), variant="primary", elem_id="check")
            photos.build_examples(text, [str(path) for path in list_examples()], original)
        with gr.Column(scale=3, min_width=300):
            line = gr.Markdown(elem_id="check-line")
            table = gr.HTML(js_on_load=ranking.SORT, elem_id="check-table")
            download = gr.DownloadButton(text("download_csv"), visible=False, elem_id="check-csv")
            crops = gr.HTML(elem_id="check-crops")
            gr.Markdown(text("check_legend"))

    shrinking.change(lambda way: gr.Slider(visible=way == "jpeg"), [shrinking], [quality], queue=False, **PRIVATE)
    start.click(
        on_check,
        [original, scale, shrinking, quality],
        [line, table, crops, download],
        preprocess=False,  # gr.Image would open the file itself, and show its own failures
        show_progress="minimal",  # the line tells; this adds the place in the queue
        show_progress_on=line,
        **PLACE,
        **PRIVATE,
    )
    return original


@runs.in_turn(outputs=4)
def on_check(photo: Any, scale: Any, shrinking: Any, quality: Any, request: gr.Request) -> Iterator[Any]:
    """→ (line, table, crops, download), growing with each model; where something is refused, a notice, and everything stays as it is."""
    language = request.headers.get("accept-language", "")
    path, name = take_upload(photo)
    budget.refuse_large_photo(path)
    factor = read_scale(scale)
    find("bicubic", factor)  # a wrong scale is refused in words
    original = sr_models.read(path, name)
    refuse_small(original, name, factor)
    used = crop_middle(original, MOST_SHOT * factor**2 if shrinking == "camera" else MOST)
    trial = make_trial(name, used, factor, shrinking, quality)
    line = describe_trial(language, trial, factor, shrinking, quality)
    if used is not original:
        line += "  \n" + say(language, "The original is large: only its middle is used.")
    top, left = find_busiest(trial.original, CROP)
    place = np.s_[top : top + CROP, left : left + CROP]
    rows: ranking.Rows = {}
    crops = ranking.render_crop(html.escape(say(language, "Original")), encode(Photo(trial.original[place], icc=original.icc)).data)
    titles: dict[str, str] = {}
    entries = [entry for entry in CATALOG if entry.net.scale == factor]
    for done, entry in enumerate(entries):
        wait = "  \n" + say(language, "{done} of {total} models …", done=done, total=len(entries))
        yield line + wait, ranking.render_table(language, rows, titles), crops, gr.DownloadButton(interactive=False)
        for use, result in use_shots(trial, entry, choose()):
            id = name_row(entry, use)
            titles[id] = name_entry(language, entry) + (f" · {describe_use(language, use, result)}" if trial.others else "")
            found, measured = score(trial, result, full=True)
            rows[id] = found.printed()
            # only appended to: gradio sends each once
            crops += ranking.render_crop(ranking.render_name(titles[id], id), encode(Photo(measured.rgb[place], icc=original.icc)).data)
    file = new_folder() / f"{path.stem}_check_{factor}x.csv"
    with into(file.parent):
        ranking.save_csv(rows, file)
    yield line, ranking.render_table(language, rows, titles), crops, gr.DownloadButton(value=file, interactive=True, visible=True)


def name_row(entry: Entry, use: Use) -> str:
    """What a row of the table is called in the CSV."""
    return entry.id if use == "one" else f"{entry.id} {use}"


def describe_use(language: str, use: Use, result: Result) -> str:
    """What was made of several shots, and of how many."""
    return say(language, USES[use], count=1 + len(result.shots.used if result.shots else ()))


def refuse_small(original: Photo, name: str, scale: int) -> None:
    width, height = original.size
    if min(width, height) < SMALLEST * scale:
        raise PhotoError(
            "“{name}” has {width} × {height} pixels; to check {scale}×, at least {limit} are needed on each side. "
            "Choose a smaller scale or a larger original.",
            name=name,
            width=width,
            height=height,
            scale=scale,
            limit=SMALLEST * scale,
        )


def crop_middle(photo: Photo, most: int) -> Photo:
    """The photo, or its middle of at most `most` pixels, as nearly square as possible."""
    width, height = photo.size
    if width * height <= most:
        return photo
    longest = max(math.isqrt(most), most // min(width, height))
    width, height = min(width, longest), min(height, longest)
    left, top = (photo.size[0] - width) // 2, (photo.size[1] - height) // 2
    place = np.s_[top : top + height, left : left + width]
    return Photo(photo.rgb[place], None if photo.alpha is None else photo.alpha[place], photo.icc)


def describe_trial(language: str, trial: Trial, scale: int, shrinking: str, quality: Any) -> str:
    width, height = trial.small.size
    return say(
        language,
        "{original} pixels, shrunk to {small} ({how}), enlarged {scale}× by every model",
        original=f"{width * scale} × {height * scale}",
        small=f"{width} × {height}",
        how=f"JPEG {quality}" if shrinking == "jpeg" else label(language, f"shrink_{shrinking}"),
        scale=scale,
    )
