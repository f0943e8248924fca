"""Other shots of the photo's view: where they are brought, and which of them were used, or why not."""

import html
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

import sr_models
from sr_models import Photo, UpscaleError, resized
from sr_models.output import Output, encode
from sr_models.stages.align import Shots
from sr_models.stages.size import limit_longest_side
from ui.parts.choices import model_has_dial
from ui.parts.document import embed
from ui.parts.events import AT_ONCE, QUIET
from ui.server.files import take_shots
from ui.words.texts import say, say_failure

ID = "shots"
SIDE = 96  # pixels: the longer side of a thumbnail
USED = "{used} of {given} shots used"
REMOVE_ONE = "Remove {name}"

CSS = """
#shots:has(.file-preview-holder) {height: 44px !important; min-height: 0}
#shots .file-preview-holder {display: none}
#shots-told:not(:has(.shots)) {display: none}
.shots b {font-weight: 600}
.shots ul {display: grid; grid-template-columns: 1fr; gap: 8px; margin: 8px 0 0; padding: 0; list-style: none}
.shots li {display: flex; align-items: center; gap: 12px; margin: 0; font-size: 14px; line-height: 1.4; overflow-wrap: anywhere}
.shots img {flex: none; width: 64px; height: 48px; margin: 0; border-radius: 6px; object-fit: cover; background: #fff}
.shots small {display: block; font-size: 13px; color: var(--body-text-color-subdued)}
.shots .used i, .shots .out i {font-style: normal; font-weight: 700}
.shots .used i {color: #15803d}
.shots .out i {color: #b45309}
.shots li.gone {opacity: 0.4}
.shots li button {flex: none; width: 32px; height: 32px; margin-left: auto; border-radius: 6px; color: var(--body-text-color-subdued)}
.shots li button:hover {background: var(--background-fill-secondary)}
.shots li button:focus-visible {outline: 3px solid #6366f1; outline-offset: 2px}
.dark .shots .used i {color: #4ade80}
.dark .shots .out i {color: #fbbf24}
"""
"""Instead of gradio's list of files, which shows their sizes, there are the thumbnails."""

SCRIPT = """
element.addEventListener('click', event => {
  const button = event.target.closest('button');
  if (!button) return;
  button.closest('li').classList.add('gone');
  trigger('select');
});
"""
REMOVE = """files => {
  const rows = document.querySelectorAll('#shots-told li'), kept = files.filter((_, place) => !rows[place].classList.contains('gone'));
  return [kept.length ? kept : null];
}"""


def build(text: Callable[[str], Any], photo: gr.Image) -> tuple[gr.Accordion, gr.File, gr.HTML]:
    """→ (accordion, files, what is told of them); another photo takes its shots away."""
    with gr.Accordion(text("shots_title"), open=False, elem_id="shots-choices") as accordion:
        gr.Markdown(text("shots_info"))
        files = gr.File(file_count="multiple", file_types=["image"], label=text("shots"), height=140, elem_id=ID)
        told = gr.HTML(padding=False, js_on_load=SCRIPT, elem_id="shots-told")
    files.change(on_shots, [files], [told], **QUIET)
    photo.change(None, None, [files], js="() => null", show_progress="hidden", **AT_ONCE)
    told.select(None, [files], [files], js=REMOVE, show_progress="hidden", **AT_ONCE)
    return accordion, files, told


def on_shots(files: Any, request: gr.Request) -> str:
    """→ thumbnails of the shots that were brought, which are not looked at before the run; or why they are not taken."""
    language = request.headers.get("accept-language", "")
    try:
        given = take_shots(files)
    except UpscaleError as failure:
        return f'<div class="shots">{html.escape(say_failure(language, failure))}</div>'
    return render(language, [(name, open_shot(path, name)) for path, name in given])


def open_shot(path: Path, name: str) -> Photo | None:
    """The photo; None where it cannot be read, which the run then reports."""
    try:
        return sr_models.read(path, name)
    except UpscaleError:
        return None


def take(files: Any, model: str) -> list[tuple[Path, str]]:
    """Path and name of each shot that goes into a run; none for a model that invents detail, where their place is hidden."""
    return [] if model_has_dial(model) else take_shots(files)


def render(language: str, given: Sequence[tuple[str, Photo | None]], shots: Shots | None = None) -> str:
    """A row for each shot, by name and photo, with what came of it where that is known; names are escaped."""
    if not given:
        return ""
    reasons = shots.reasons if shots else [None] * len(given)
    rows = []
    for (name, photo), reason in zip(given, reasons, strict=True):
        mark, kind = ("✗", "out") if reason else ("✓", "used") if shots else ("", "")
        why = say(language, reason.sentence, **reason.values) if reason else say(language, "used") if shots else ""
        picture = f'<img alt="" src="{draw_thumbnail(photo)}">' if photo else ""
        said = f"<span>{html.escape(name)}<small><i>{mark}</i> {html.escape(why)}</small></span>"
        button = f'<button type="button" aria-label="{html.escape(say(language, REMOVE_ONE, name=name))}">✕</button>'
        rows.append(f'<li class="{kind}">{picture}{said}{button}</li>')
    head = f"<b>{html.escape(say(language, USED, used=len(shots.used), given=len(given)))}</b>" if shots else ""
    return f'<div class="shots">{head}<ul>{"".join(rows)}</ul></div>'


def draw_thumbnail(photo: Photo) -> str:
    """A thumbnail as a data URL."""
    small = resized(photo, limit_longest_side(photo.size, SIDE))
    return embed(encode(small, Output("webp", 80)).data, "webp")
