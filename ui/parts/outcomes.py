"""The table of a catalogue, which fills while it is made: before and after, name, and what came of each file in people's words."""

import html
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import gradio as gr

from sr_models.jobs.tally import kind_of
from sr_models.jobs.work import thumbnail_of
from sr_models.photo import Note
from ui.parts.card import PASSED
from ui.parts.document import embed
from ui.server.catalogues import Outcome, tell
from ui.server.dropped import Found
from ui.words.texts import say

BADGES = {
    "waiting": "waiting",
    "working": "at work …",
    "failed": "failed",
    "REVIEW": "please look",
    "done": "done",
    "PASS": "fine",
    "skipped": "left out",
    "stopped": "not finished",
}
"""Kind of a row → what its badge says."""
NOT_ENLARGED = "It was large enough already: nothing was added."
TEMPLATE = (
    "${!value ? '' : value.empty ? '<p class=\"empty\">' + value.empty + '</p>' : "
    "'<table aria-label=\"' + value.label + '\"><tbody>' + value.rows.join('') + '</tbody></table>'}"
)

CSS = """
#outcomes .html-container, #outcomes.html-container {padding: 0 !important}
#outcomes .empty {display: grid; place-items: center; min-height: 240px; margin: 0; padding: 24px; text-align: center}
#outcomes .empty {border: 2px dashed var(--border-color-primary); border-radius: 12px}
#outcomes:has(table) {border: 1px solid var(--border-color-primary); border-radius: 12px; overflow: hidden}
#outcomes table, #outcomes tbody, #outcomes tr {width: 100%; margin: 0; border: 0; border-collapse: collapse}
#outcomes td, #outcomes th {padding: 8px 12px; border: 0; text-align: left; vertical-align: middle; font-weight: 400}
#outcomes tr + tr {border-top: 1px solid var(--border-color-primary)}
#outcomes table:not(:has(img)) .pair {display: none}
#outcomes .pair {width: 176px; padding-right: 0}
#outcomes img {display: block; width: 164px; height: 82px; margin: 0; border-radius: 6px; background: #fff}
#outcomes th {width: 34%; overflow-wrap: anywhere}
#outcomes b {font-weight: 600}
#outcomes small {display: block; font-size: 13px; color: var(--body-text-color-subdued)}
#outcomes .badge {display: inline-block; padding: 1px 10px; border-radius: 999px; font-size: 13px; font-weight: 600}
#outcomes .badge {color: #fff; background: #6b7280}
#outcomes .PASS .badge, #outcomes .done .badge {background: #15803d}
#outcomes .REVIEW .badge {background: #b45309}
#outcomes .failed .badge {background: #b91c1c}
#outcomes .working .badge {background: var(--primary-600)}
#outcomes .waiting .badge {color: var(--body-text-color-subdued); background: none; padding: 0; font-weight: 400}
#outcomes p {margin: 4px 0 0; font-size: 14px; line-height: 1.4}
@media (max-width: 640px) {
  #outcomes tr {display: grid; grid-template-columns: 132px 1fr; gap: 2px 12px; padding: 10px 12px}
  #outcomes td, #outcomes th, #outcomes .pair {width: auto; padding: 0}
  #outcomes .pair {grid-row: 1 / 3}
  #outcomes .empty {display: none}
  #outcomes tr:has(.none) {grid-template-columns: 1fr}
  #outcomes .pair:has(.none) {display: none}
  #outcomes img {width: 132px; height: 66px}
}
"""


def build() -> gr.HTML:
    """The component; its values are made by `make_value`."""
    return gr.HTML(html_template=TEMPLATE, apply_default_css=False, elem_id="outcomes")


def make_value(language: str, rows: Iterable[str]) -> dict[str, Any]:
    """What the component shows: rows as HTML, of which gradio sends those that changed."""
    return {"label": html.escape(say(language, "The photos of the catalogue")), "rows": list(rows)}


def make_placeholder(language: str) -> dict[str, Any]:
    """What the component shows while there is no photo."""
    return {"empty": html.escape(say(language, "Each photo will stand here with its before, its after and its verdict."))}


def render_waiting(language: str, found: Found, kind: str = "waiting") -> str:
    """The row of a file before it has an outcome: it waits or, with the kind “working”, is being enlarged.

    A file that is known to be refused or left out has the row that says so.
    """
    if found.failure:
        return render_row(language, "failed", found.item.place, told=tell(found.failure))
    if not found.is_photo:
        return render_row(language, "skipped", found.item.place, told=(Note(found.item.left_out),))
    sizes = "{} × {}".format(*found.size) if found.size else ""
    return render_row(language, kind, found.item.place, sizes)


def render_outcome(language: str, outcome: Outcome, results: Path) -> str:
    """A file that is finished, with the thumbnail that lies among the results."""
    row = outcome.row
    kind = "stopped" if outcome.was_stopped else kind_of(row)
    verdict = {"PASS": (Note(PASSED),), "done": (Note(NOT_ENLARGED),)}.get(kind, ())
    sizes = " → ".join("{} × {}".format(*size) for size in (row.photo, row.result) if size)
    return render_row(language, kind, row.source, sizes, (*verdict, *outcome.told), outcome.notes, thumbnail_of(results, row.id))


def render_row(
    language: str,
    kind: str,
    name: str,
    sizes: str = "",
    told: Iterable[Note] = (),
    notes: Iterable[Note] = (),
    thumbnail: Path | None = None,
) -> str:
    """One row as HTML; what a person or a file says is escaped."""

    def lines(notes: Iterable[Note], tag: str) -> str:
        return "".join(f"<{tag}>{html.escape(say(language, note.sentence, **note.values))}</{tag}>" for note in notes)

    picture = '<i class="none"></i>'
    if thumbnail and thumbnail.is_file():
        picture = f'<img alt="{html.escape(say(language, "Before and after"))}" src="{embed(thumbnail.read_bytes(), "webp")}">'
    return (
        f'<tr class="{kind}"><td class="pair">{picture}</td><th scope="row">{html.escape(name)}<small>{sizes}</small></th>'
        f'<td><span class="badge">{html.escape(say(language, BADGES[kind]))}</span>{lines(told, "p")}{lines(notes, "small")}</td></tr>'
    )


def describe(language: str, outcomes: Iterable[Outcome]) -> str:
    """What came of all of them, in a line for each thing that a person should know."""
    kinds = Counter("stopped" if outcome.was_stopped else kind_of(outcome.row) for outcome in outcomes)
    done = kinds["PASS"] + kinds["REVIEW"] + kinds["done"]
    told = [
        (1, "**{done} of {total} photos are enlarged.**"),
        (kinds["failed"], "{count} could not be enlarged: see why, first in the list."),
        (kinds["REVIEW"], "Please look at {count} before you use them."),
        (kinds["stopped"], "Stopped before {count} were finished: the ZIP holds the others."),
        (kinds["skipped"], "{count} other files are left out."),
    ]
    total = done + kinds["failed"] + kinds["stopped"]
    return "  \n".join(say(language, sentence, count=count, done=done, total=total) for count, sentence in told if count)
