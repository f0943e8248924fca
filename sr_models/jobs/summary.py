"""What a catalogue leaves at its end: a table, contact sheets and the report."""

import csv
import io
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from sr_models.jobs.manifest import Row, read_rows
from sr_models.jobs.report import Told, Words, make_report
from sr_models.jobs.tally import urgency
from sr_models.jobs.work import THUMBNAIL, thumbnail_of
from sr_models.output import store

COLUMNS, ROWS = 4, 8
"""Photos on a contact sheet."""
LABEL = 18  # pixels: height of the line below each
FONTS = ("NotoSansCJK-Regular.ttc", "wqy-microhei.ttc", "msyh.ttc", "Hiragino Sans GB.ttc")
"""Of Linux, Windows and macOS, for names that Pillow's own font cannot write, as Chinese ones; the first that is there."""


def write_summary(folder: Path, words: Words = str.format, told: Told | None = None) -> None:
    """manifest.csv, contact-sheet-001.jpg … and report.html, of the manifests of all shards. The report speaks by `words` and `told`."""
    rows = sorted(read_rows(folder).values(), key=lambda row: (urgency(row), row.id))
    store(format_csv(rows).encode("utf-8-sig", "backslashreplace"), folder / "manifest.csv")
    for old in folder.glob("contact-sheet-*.jpg"):
        old.unlink()
    done = sorted((row for row in rows if row.status == "done"), key=lambda row: row.id)
    for number, start in enumerate(range(0, len(done), COLUMNS * ROWS), 1):
        store(make_sheet(folder, done[start : start + COLUMNS * ROWS]), folder / f"contact-sheet-{number:03}.jpg")
    store(make_report(folder, rows, words, told).encode("utf-8", "backslashreplace"), folder / "report.html")


def format_csv(rows: list[Row]) -> str:
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
    draw, latin, other = ImageDraw.Draw(sheet), ImageFont.load_default(12), find_font(12)
    for number, row in enumerate(rows):
        left, top = number % COLUMNS * wide, number // COLUMNS * high
        thumbnail = thumbnail_of(folder, row.id)
        if thumbnail.is_file():
            with Image.open(thumbnail) as picture:
                sheet.paste(picture, (left, top))
        name = row.source.encode("utf-8", "replace").decode()
        font = latin if name.isascii() else other
        while draw.textlength(label := f"{row.verdict} {name}", font) > wide - 6:
            name = "…" + name[2:]
        draw.text((left + 2, top + THUMBNAIL), label, "#b00" if row.verdict == "REVIEW" else "#333", font)
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=88)
    return file.getvalue()


def find_font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A font of `size` pixels: one with Chinese characters where this machine has one, else Pillow's own."""
    for name in FONTS:
        with suppress(OSError):
            return ImageFont.truetype(name, size)
    return ImageFont.load_default(size)
