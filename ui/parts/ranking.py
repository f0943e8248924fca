"""Every model's figures in a table that sorts at a click, the best of each column marked; the same crop of each; and all as CSV."""

import csv
import html
from pathlib import Path

from sr_models.figures.evaluate import JUDGES
from ui.parts.document import embed
from ui.words.texts import say

HEADS = {
    "psnr": "PSNR dB",
    "ssim": "SSIM",
    "lr_psnr": "LR-PSNR dB",
    "delta_e": "ΔE",
    "niqe": "NIQE",
    "st_lpips": "ST-LPIPS",
    "ssimulacra2": "SSIMULACRA 2",
    "edges": "Edges",
    "calm": "Calm",
    "overshoot": "Overshoot",
    "seconds": "Seconds",
}
HIGHER = ("psnr", "ssim", "lr_psnr", "ssimulacra2", "edges")
"""Where more is better."""

Rows = dict[str, dict[str, str]]
"""Model's id → figure → as it is printed."""
Titles = dict[str, str]
"""Model's id → what it is called on the page."""

CSS = """
.ranking {overflow-x: auto}
.ranking table {width: 100%; margin: 0; padding: 0; border: 0; border-spacing: 0; border-collapse: separate}
.ranking table {font-size: 0.92em; font-variant-numeric: tabular-nums}
.ranking tr, .ranking thead, .ranking tbody {border: 0}
.ranking th, .ranking td {padding: 6px 5px; border: 0; border-bottom: 1px solid var(--border-color-primary)}
.ranking th, .ranking td {text-align: right; vertical-align: middle}
.ranking tbody th {font-weight: 400; min-width: 10em; white-space: normal; line-height: 1.3}
.ranking code, .crop code {display: block; padding: 0; background: none; font-size: 12px; color: var(--body-text-color-subdued)}
.ranking th:first-child {position: sticky; left: 0; background: var(--body-background-fill); text-align: left}
.ranking button {padding: 4px 0; background: none; box-shadow: none; font: inherit; font-weight: 600; text-align: inherit; cursor: pointer}
.ranking button:hover {text-decoration: underline}
.ranking th[aria-sort=ascending] button::after {content: " ▲"}
.ranking th[aria-sort=descending] button::after {content: " ▼"}
.ranking .best {font-weight: 700; background: color-mix(in srgb, #15803d 24%, transparent)}
.crop {display: inline-block; width: 192px; margin: 0 12px 12px 0; vertical-align: top}
.crop img {width: 100%; margin: 0; border-radius: 4px; image-rendering: pixelated}
.crop figcaption {font-size: 0.85em; overflow-wrap: anywhere}
@media (max-width: 640px) {
  .crop {width: calc(50% - 10px); margin-right: 8px}
  .ranking thead tr {display: flex; flex-wrap: wrap; gap: 0 14px}
  .ranking tbody tr {display: grid; grid-template-columns: repeat(3, 1fr); margin-top: 12px}
  .ranking thead th, .ranking thead th:first-child {padding: 4px 0; border: 0; background: none}
  .ranking thead button {min-height: 32px}
  .ranking tbody th:first-child {grid-column: 1 / -1; padding: 6px 0 2px; border: 0; font-weight: 600}
  .ranking td {padding: 2px 6px 6px; border: 0; text-align: left}
  .ranking td::before {content: attr(data-name); display: block; font-size: 12px; font-weight: 400; color: var(--body-text-color-subdued)}
}
"""

SORT = """
element.addEventListener('click', ({target}) => {
  const head = target.closest('thead th');
  if (!head || !target.closest('button')) return;
  const rising = head.ariaSort ? head.ariaSort !== 'ascending' : head.dataset.first === 'ascending';
  for (const other of head.parentElement.cells) other.ariaSort = null;
  head.ariaSort = rising ? 'ascending' : 'descending';
  const text = row => row.cells[head.cellIndex].textContent;
  const number = row => text(row) === 'inf' ? Infinity : parseFloat(text(row));
  const order = head.cellIndex === 0
    ? (a, b) => text(a).localeCompare(text(b))
    : (a, b) => number(a) === number(b) ? 0 : number(a) - number(b);
  const body = head.closest('table').tBodies[0];
  const known = [...body.rows].filter(row => text(row) !== '–');
  const unknown = [...body.rows].filter(row => text(row) === '–');
  known.sort((a, b) => rising ? order(a, b) : order(b, a));
  body.append(...known, ...unknown);
});
"""
"""The first click on a head puts the best first, the next one the worst; “–” stays last. gradio's `element` outlives the table in it."""


def list_heads(rows: Rows) -> dict[str, str]:
    """Figure → what its column is called; what may be missing only where it was measured."""
    measured = {name for figures in rows.values() for name in JUDGES if figures[name] != "–"}
    return {name: words for name, words in HEADS.items() if name not in JUDGES or name in measured}


def render_table(language: str, rows: Rows, titles: Titles) -> str:
    """The table as HTML, to be used with SORT."""

    def head(words: str, first: str) -> str:
        return f'<th scope="col" data-first="{first}"><button type="button">{html.escape(say(language, words))}</button></th>'

    def cell(name: str, figure: str) -> str:
        best = ' class="best"' if figure == marked[name] else ""
        return f'<td{best} data-name="{names[name]}">{figure}</td>'

    columns = list_heads(rows)
    marked = {name: find_best(rows, name) for name in columns}
    names = {name: html.escape(say(language, words)) for name, words in columns.items()}
    heads = head("Model", "ascending")
    heads += "".join(head(words, "descending" if name in HIGHER else "ascending") for name, words in columns.items())
    lines = (
        f'<tr><th scope="row">{render_name(titles[model], model)}</th>{"".join(cell(name, figures[name]) for name in columns)}</tr>'
        for model, figures in rows.items()
    )
    return f'<div class="ranking"><table><thead><tr>{heads}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'


def find_best(rows: Rows, name: str) -> str | None:
    """The best figure of a column as it is printed, so that equal texts are equally good; None where the column has none."""
    known = [figures[name] for figures in rows.values() if figures[name] != "–"]
    return (max if name in HIGHER else min)(known, key=float, default=None)


def render_name(title: str, id: str) -> str:
    return f"{html.escape(title)}<code>{html.escape(id)}</code>"


def render_crop(caption: str, picture: bytes) -> str:
    """A PNG above its caption, which is HTML."""
    return f'<figure class="crop"><img src="{embed(picture, "png")}" alt=""><figcaption>{caption}</figcaption></figure>'


def save_csv(rows: Rows, file: Path) -> None:
    """Write the table as CSV: UTF-8, the digits as shown, nothing where there is no figure."""
    with file.open("w", encoding="utf-8", newline="") as target:
        lines, columns = csv.writer(target), list_heads(rows)
        lines.writerow(["model", *columns.values()])
        lines.writerows([model, *(figures[name].replace("–", "") for name in columns)] for model, figures in rows.items())
