"""What a catalogue says of itself at its end: a table, contact sheets, and a page that shows what to look at first."""

import base64
import csv
import html
import io
import json
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path
from urllib.parse import quote

from PIL import Image, ImageDraw, ImageFont

from sr_models.jobs.manifest import Row, read_rows
from sr_models.jobs.storage import is_address
from sr_models.jobs.work import THUMBNAIL, thumbnail_of
from sr_models.output import store

COLUMNS, ROWS = 4, 8
"""Photos on a contact sheet."""
KINDS = ("failed", "REVIEW", "done", "PASS", "skipped")
"""What a photo comes to, what to look at first."""
LABEL = 18  # pixels: height of the line below each
SHOWN = 2_000
"""Rows of the page that have pictures, the ones to look at first: a page of a hundred thousand would open nowhere."""
STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { margin: 2rem auto; max-width: 75rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } td, th { padding: .4rem .6rem; text-align: left }
td, th { border-bottom: 1px solid #8884; vertical-align: top }
img { display: block; border-radius: 4px } .failed, .REVIEW { font-weight: 600 } .failed { color: #c22 } .REVIEW { color: #b60 }
label { margin-right: 1.5rem } td { overflow-wrap: anywhere } small { opacity: .75 }
"""
SCRIPT = """
const find = document.querySelector("#find"), kind = document.querySelector("#kind");
const show = () => document.querySelectorAll("tbody tr").forEach(row => row.hidden =
  !(row.dataset.words.includes(find.value.toLowerCase()) && (!kind.value || row.dataset.kind === kind.value)));
find.oninput = kind.onchange = show;
"""


def write_summary(folder: Path) -> list[Row]:
    """manifest.csv, contact-sheet-001.jpg … and report.html, of the manifests of all shards; → their rows, what to look at first."""
    rows = sorted(read_rows(folder).values(), key=lambda row: (urgency(row), row.id))
    store(make_table(rows).encode("utf-8-sig", "backslashreplace"), folder / "manifest.csv")
    for old in folder.glob("contact-sheet-*.jpg"):
        old.unlink()
    done = sorted((row for row in rows if row.status == "done"), key=lambda row: row.id)
    for number, start in enumerate(range(0, len(done), COLUMNS * ROWS), 1):
        store(make_sheet(folder, done[start : start + COLUMNS * ROWS]), folder / f"contact-sheet-{number:03}.jpg")
    store(make_page(folder, rows).encode("utf-8", "backslashreplace"), folder / "report.html")
    return rows


def kind_of(row: Row) -> str:
    """What the row is filtered by: “failed”, “REVIEW”, “PASS”, “skipped”, or “done” where no network ran."""
    return (row.verdict or "done") if row.status == "done" else row.status


def urgency(row: Row) -> int:
    return KINDS.index(kind_of(row))


class Tally:
    """How many photos came to what, so far."""

    def __init__(self, rows: Iterable[Row] = ()):
        self.kinds: Counter[str] = Counter()
        self.pixels = 0
        """Of the photos, before they were enlarged."""
        for row in rows:
            self.add(row)

    def add(self, row: Row) -> None:
        self.kinds[kind_of(row)] += 1
        self.pixels += math.prod(row.photo or (0,))

    def __str__(self) -> str:
        """Such as “2 failed, 1 REVIEW, 97 PASS”."""
        return ", ".join(f"{self.kinds[kind]} {kind}" for kind in KINDS if self.kinds[kind])


def make_table(rows: list[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(Row))
    for row in rows:
        writer.writerow(flatten(value) for value in asdict(row).values())
    return text.getvalue()


def flatten(value: object) -> object:
    """A value for a cell; no spreadsheet takes it for a formula."""
    text = " ".join(map(str, value)) if isinstance(value, tuple) else value
    return f"'{text}" if isinstance(text, str) and text[:1] in ("=", "+", "-", "@") else text


def make_sheet(folder: Path, rows: list[Row]) -> bytes:
    """JPEG: before and after of some photos, each with its name and verdict."""
    wide, high = 2 * THUMBNAIL + 8, THUMBNAIL + LABEL + 8
    sheet = Image.new("RGB", (COLUMNS * wide, -(-len(rows) // COLUMNS) * high), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for number, row in enumerate(rows):
        left, top = number % COLUMNS * wide, number // COLUMNS * high
        thumbnail = thumbnail_of(folder, row.id)
        if thumbnail.is_file():
            with Image.open(thumbnail) as picture:
                sheet.paste(picture, (left, top))
        label = row.source if len(row.source) <= 38 else "…" + row.source[-37:]
        colour = "#b00" if row.verdict == "REVIEW" else "#333"
        draw.text((left + 2, top + THUMBNAIL), f"{row.verdict} {label}".encode("utf-8", "replace").decode(), colour, font)
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=88)
    return file.getvalue()


def make_page(folder: Path, rows: list[Row]) -> str:
    """One HTML file that needs nothing else."""
    kinds = sorted({kind_of(row) for row in rows})
    options = "".join(f"<option>{kind}</option>" for kind in kinds)
    lines = "\n".join(make_line(folder, row, shown=number < SHOWN) for number, row in enumerate(rows))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Catalogue: {html.escape(str(Tally(rows)))}</title><style>{STYLE}</style>\n"
        f"<h1>Catalogue</h1><p>{len(rows)} files: {html.escape(str(Tally(rows)))}. What to look at stands first.</p>\n"
        '<p><label>Search <input id="find" type="search"></label>'
        f'<label>Show <select id="kind"><option value="">all</option>{options}</select></label></p>\n'
        "<table><thead><tr><th>Before, after<th>File<th>Verdict<th>Pixels<th>What was found</tr></thead><tbody>\n"
        f"{lines}\n</tbody></table><script>{SCRIPT}</script></html>\n"
    )


def make_line(folder: Path, row: Row, shown: bool) -> str:
    """A row of the page's table, with its picture where it is to be shown."""
    thumbnail, kind = thumbnail_of(folder, row.id), kind_of(row)
    picture = ""
    if shown and row.status == "done" and thumbnail.is_file():
        data = base64.b64encode(thumbnail.read_bytes()).decode()
        picture = f'<img width="{2 * THUMBNAIL}" alt="before and after" src="data:image/webp;base64,{data}">'
    sizes = " → ".join("{} × {}".format(*size) for size in (row.photo, row.result) if size)
    figures = "" if row.lr_psnr is None else f"LR-PSNR {row.lr_psnr:.1f} dB, ΔE {row.delta_e:.2f}"
    words = json.dumps(f"{row.id} {row.source} {row.reason}".lower(), ensure_ascii=True)
    told = "<br>".join(map(html.escape, filter(None, (row.reason, *row.notes))))
    name = html.escape(row.source or row.id)
    output = html.escape(row.output)
    if row.output and not is_address(row.output):
        output = f'<a href="{quote(row.output, errors="surrogatepass")}">{output}</a>'
    return (
        f'<tr data-kind="{kind}" data-words="{html.escape(words)}"><td>{picture}<td>{name}<br><small>{output}</small>'
        f'<td class="{kind}">{kind}<br><small>{figures}</small><td>{sizes}<td>{told}</tr>'
    )
