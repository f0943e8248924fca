"""The report of a catalogue: one HTML file that needs nothing else, with what to look at first, to search and to filter."""

import base64
import html
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

from sr_models.jobs.manifest import Row
from sr_models.jobs.storage import is_address
from sr_models.jobs.tally import KINDS, kind_of
from sr_models.jobs.work import THUMBNAIL, thumbnail_of

Words = Callable[..., str]
"""From a sentence, and by name the values that it fills in, to what is read: `str.format`, or the same in another language."""
Told = Mapping[str, Iterable[str]]
"""Id of a row → what is read of why it is not done, or of what was found, in another language than the manifest's."""

SHOWN = 2_000
"""Rows that have pictures, the ones to look at first: a page of a hundred thousand would open nowhere."""
STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { margin: 1.5rem auto; max-width: 78rem; padding: 0 1rem; overflow-wrap: anywhere }
h1 { margin: 0 0 1rem; font-size: 1.6rem }
nav { display: flex; flex-wrap: wrap; gap: .5rem; margin-bottom: 1rem }
button, input { box-sizing: border-box; height: 2.5rem; padding: 0 .9rem; font: inherit; border: 1px solid #8888; border-radius: 8px }
button { background: none; color: inherit; cursor: pointer } button[aria-pressed=true] { background: #4338ca; color: #fff }
input { flex: 1 1 12rem; min-width: 0 }
table { border-collapse: collapse; width: 100% } tr { border-top: 1px solid #8884 }
td { padding: .7rem 1rem .7rem 0; vertical-align: top }
td:first-child { width: 320px } td:nth-child(2) { width: 28% } td:nth-child(3) { width: 11rem }
img { display: block; width: 320px; max-width: 100%; height: auto; border-radius: 6px } small { display: block; opacity: .75 }
b { padding: .1rem .6rem; border-radius: 999px; font-weight: 600; color: #fff; background: #6b7280 }
.failed b { background: #b91c1c } .REVIEW b { background: #b45309 } .PASS b, .done b { background: #15803d } td p { margin: 0 0 .3rem }
@media (max-width: 50rem) {
  tbody, tr, td { display: block } tr { padding: .8rem 0 } td, td:nth-child(n) { width: auto; padding: 0 0 .4rem }
  td:empty { display: none }
}
tr[hidden], table:not(:has(img)) td:first-child { display: none }
"""
SCRIPT = """
const find = document.querySelector("input"), buttons = document.querySelectorAll("button");
let kind = "";
const show = () => {
  buttons.forEach(button => button.ariaPressed = button.value === kind);
  document.querySelectorAll("tr").forEach(row => row.hidden =
    !(row.textContent.toLowerCase().includes(find.value.trim().toLowerCase()) && (!kind || row.className === kind)));
};
find.oninput = show;
buttons.forEach(button => button.onclick = () => { kind = button.value; show(); });
show();
"""


def make_report(folder: Path, rows: list[Row], words: Words = str.format, told: Told | None = None) -> str:
    """The page, of rows in their order; `folder` is where their pictures lie."""
    kinds = Counter(map(kind_of, rows))
    choices = [("", words("all"), len(rows)), *((kind, words(kind), kinds[kind]) for kind in KINDS if kinds[kind])]
    buttons = "".join(f'<button value="{kind}">{word} {count}</button>' for kind, word, count in choices)
    lines = "\n".join(make_line(folder, row, number < SHOWN, words, told or {}) for number, row in enumerate(rows))
    return (
        f'<!doctype html><html lang="{words("en")}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{words('Catalogue')}</title><style>{STYLE}</style>\n<h1>{words('Catalogue')}</h1>\n"
        f'<nav>{buttons}<input type="search" placeholder="{words("Search")}" aria-label="{words("Search")}"></nav>\n'
        f'<table aria-label="{words("The photos of the catalogue")}"><tbody>\n{lines}\n</tbody></table><script>{SCRIPT}</script></html>\n'
    )


def make_line(folder: Path, row: Row, shown: bool, words: Words, told: Told) -> str:
    """A row of the page's table, with its picture where it is to be shown."""
    thumbnail, kind = thumbnail_of(folder, row.id), kind_of(row)
    picture = ""
    if shown and row.status == "done" and thumbnail.is_file():
        data = base64.b64encode(thumbnail.read_bytes()).decode()
        size = f'width="{2 * THUMBNAIL}" height="{THUMBNAIL}"'
        picture = f'<img {size} alt="{words("Before and after")}" src="data:image/webp;base64,{data}">'
    source = f"<small>{html.escape(row.source)}</small>" if row.source not in ("", row.id) else ""
    output = html.escape(row.output)
    if row.output and not is_address(row.output):
        output = f'<a href="{quote(row.output, errors="surrogatepass")}">{output}</a>'
    sizes = " → ".join("{} × {}".format(*size) for size in (row.photo, row.result) if size)
    figures = "" if row.lr_psnr is None else f"LR-PSNR {row.lr_psnr:.1f} dB, ΔE {row.delta_e:.2f}"
    found = "".join(f"<p>{html.escape(line)}</p>" for line in told.get(row.id, (row.reason, *row.notes)) if line)
    return (
        f'<tr class="{kind}"><td>{picture}</td><td>{html.escape(row.id)}{source}<small>{output}</small><small>{sizes}</small></td>'
        f"<td><b>{words(kind)}</b><small>{figures}</small></td><td>{found}</td></tr>"
    )
