"""What a catalogue is made of: the photos of a folder and the folders inside, of a ZIP, or of a table that names them."""

import codecs
import csv
import importlib
import os
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from sr_models.errors import PhotoError
from sr_models.folders import is_photo, is_trace, no_photo_in
from sr_models.jobs.fetch import fetch, name_of
from sr_models.jobs.storage import is_address, list_addresses, load_address, load_beginning, normalize
from sr_models.reading import MAX_BYTES, SUFFIXES, begins_as_photo, load_bytes
from sr_models.wishes import SWITCH, WISHES

SWITCHES = {"true": True, "false": False}
COLUMNS = {"path", "url", "id", "name", "group", *WISHES}
"""What a table may say of a photo."""
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")

BEGINNING = 256  # bytes in which a photo says what it is
NAMED_IN_UTF_8 = 0x800
"""Flag of a ZIP's member."""

NO_PHOTO = "It is no photo."
TRACE = "A system left it beside photos."
LINK = "It is a link to a folder, which is not followed."
ARCHIVE = "It is an archive inside of the archive: unpack it first."
NO_FILE = "The row names no file."
ANOTHER_SHOT = "It is another shot of its group, and goes into the result of the group's first photo."


@dataclass(frozen=True)
class Item:
    """One file of the source."""

    id: str
    """Its path in the folder or ZIP, or what the table calls it; no two are alike."""
    path: Path
    """The file, or the ZIP or table that it is in."""
    member: int | None = None
    """Which one of the ZIP it is."""
    url: str = ""
    """Where it is fetched from, on the web or in a storage; empty for a file."""
    place: str = ""
    """Its path below the source, with “/”: so the result's path below the output."""
    words: tuple[tuple[str, object], ...] = ()
    """What the table wishes for it alone."""
    left_out: str = ""
    """Why it is not enlarged, and need not be; empty for a photo."""
    closed: str = ""
    """Why it, or what is in it, cannot be enlarged, where that is known before it is read."""
    others: tuple["Item", ...] = ()
    """Other shots of the same view."""

    @property
    def name(self) -> str:
        return PurePosixPath(self.place).name

    def load(self) -> bytes:
        """Its content. Raises PhotoError."""
        if self.url:
            return load_address(self.url) if is_address(self.url) else fetch(self.url)
        return load_bytes(self.path, self.name) if self.member is None else take_out(self.path, self.member, self.name)


def list_items(source: Path | str, output: Path, results: str = "") -> list[Item]:
    """All files of the source, in an order that follows from it alone; nothing of `output`, or of the storage `results`, where that lies
    inside.

    Raises PhotoError where it is no source, or holds no photo.
    """
    if isinstance(source, str):
        found = look_into(source, results)
    elif source.is_dir():
        if source.resolve() == output.resolve():
            raise not_beside(source)
        found = walk(source, output.resolve())
    elif not source.is_file():
        raise PhotoError("There is no folder, ZIP or table “{name}”. Check the path and try again.", name=source)
    elif source.suffix.lower() in READERS:
        found = READERS[source.suffix.lower()](source)
    else:
        raise PhotoError("“{name}” is no folder, and no {kinds} file. Give one of these.", name=source.name, kinds=", ".join(READERS))
    items = list(tell_apart(found))
    if all(item.left_out for item in items):
        raise no_photo_in(source)
    return items


def tell_apart(items: Iterable[Item]) -> Iterator[Item]:
    """The same items; where an id is there already, “#2” and so on is put behind it."""
    known: dict[str, int] = {}
    for item in items:
        known[item.id] = known.get(item.id, 0) + 1
        yield item if known[item.id] == 1 else replace(item, id=f"{item.id}#{known[item.id]}")


def walk(folder: Path, output: Path) -> Iterator[Item]:
    closed: list[OSError] = []
    for root, folders, files in os.walk(folder, onerror=closed.append):
        here = Path(root)
        folders[:] = sorted(name for name in folders if (here / name).resolve() != output)
        for path in (here / name for name in folders if (here / name).is_symlink()):
            yield Item(place := path.relative_to(folder).as_posix(), path, place=place, left_out=LINK)
        for path in (here / name for name in sorted(files)):
            yield look_at_file(path, path.relative_to(folder).as_posix())
    for failure in closed:
        path = Path(failure.filename)
        why = f"This folder could not be opened ({failure.strerror})."
        yield Item(place := path.relative_to(folder).as_posix(), path, place=place, closed=why)


def look_at_file(path: Path, place: str) -> Item:
    """A file that is to be at `place` in the catalogue."""
    return Item(place, path, place=place, left_out=why_not(PurePosixPath(place)) or ("" if is_photo(path) else NO_PHOTO))


def not_beside(source: Path | str) -> PhotoError:
    return PhotoError(
        "Results beside the photos of “{source}” would be taken for photos the next time. Give a folder inside of it, or another one.",
        source=source,
    )


def look_into(address: str, results: str) -> Iterator[Item]:
    """The files of a storage, below an address, but those below the address `results`."""
    leave = normalize(results) if results else ""
    if normalize(address) == leave:
        raise not_beside(address)
    for place, url in list_addresses(address).items():
        if leave and url.startswith(f"{leave}/"):
            continue
        yield Item(place, Path(), url=url, place=str(inside(place)), left_out=why_not(PurePosixPath(place)) or look_at_address(url))


def look_at_address(url: str) -> str:
    """Why a file of a storage is left out; empty for a photo. Where its name says that, it is not asked for."""
    suffix = PurePosixPath(url).suffix.lower()
    return "" if suffix in SUFFIXES or begins_as_photo(load_beginning(url, BEGINNING)) else NO_PHOTO


def why_not(place: PurePosixPath) -> str:
    """Why a file is left out that is not even looked into; empty where it is."""
    return TRACE if any(is_trace(Path(part)) for part in place.parts) else ""


def read_zip(path: Path) -> Iterator[Item]:
    try:
        with zipfile.ZipFile(path) as archive:
            for number, member in enumerate(archive.infolist()):
                if not member.is_dir():
                    place = inside(name_in(member))
                    yield Item(str(place), path, number, place=str(place), left_out=why_not(place) or look_at_member(archive, member))
    except (zipfile.BadZipFile, OSError) as failure:
        raise PhotoError("The ZIP “{name}” could not be read ({reason}).", name=path.name, reason=reason_of(failure)) from failure


def inside(path: str) -> PurePosixPath:
    """A path of somebody else's as one that leads nowhere outside."""
    return PurePosixPath(*[part for part in PurePosixPath(path.replace("\\", "/")).parts if part not in ("/", "..")])


def name_in(member: zipfile.ZipInfo) -> str:
    """The name of a ZIP's member. Where it does not say in which letters it is written, these are UTF-8, as macOS has them, or GB 2312, as
    Chinese Windows has them, if they can be; else the ones that ZIP began with."""
    if not member.flag_bits & NAMED_IN_UTF_8:
        for encoding in ("utf-8", "gb2312"):
            with suppress(UnicodeError):
                return member.filename.encode("cp437").decode(encoding)
    return member.filename


def look_at_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> str:
    """Why a member of a ZIP is left out; empty for a photo, also for one that cannot be read: so it is named."""
    suffix = PurePosixPath(member.filename).suffix.lower()
    if suffix in ARCHIVES:
        return ARCHIVE
    if suffix in SUFFIXES:
        return ""
    try:
        with archive.open(member) as opened:
            return "" if begins_as_photo(opened.read(BEGINNING)) else NO_PHOTO
    except (*BROKEN, OSError):
        return NO_PHOTO


BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError)
"""What a damaged or encrypted ZIP, or one packed in a rare way, makes Python raise."""


def take_out(path: Path, number: int, name: str) -> bytes:
    """The content of a member of a ZIP. Raises PhotoError."""
    try:
        with zipfile.ZipFile(path) as archive:
            member = archive.infolist()[number]
            if member.file_size > MAX_BYTES:
                raise PhotoError("“{name}” has more than {limit} megabytes.", name=name, limit=MAX_BYTES // 1_000_000)
            with archive.open(member) as opened:
                data = opened.read(MAX_BYTES + 1)  # what the ZIP says of its size may be a lie
    except (*BROKEN, OSError, IndexError) as failure:
        raise PhotoError(
            "“{name}” could not be taken out of “{zip}” ({reason}).", name=name, zip=path.name, reason=reason_of(failure)
        ) from failure
    if not data:
        raise PhotoError("“{name}” is empty (0 bytes).", name=name)
    return data


def reason_of(failure: Exception) -> object:
    """What Python says of it, without the path of the file."""
    return failure.strerror if isinstance(failure, OSError) else failure


def read_table(path: Path) -> Iterator[Item]:
    """A CSV or TSV: see `make_items`. Spreadsheets write “;” or a tab between columns too, and UTF-16."""
    try:
        with path.open("rb") as file:
            is_utf_16 = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        with path.open(encoding="utf-16" if is_utf_16 else "utf-8-sig", newline="") as file:
            columns = file.readline()
            file.seek(0)
            rows = csv.reader(file, delimiter=max(",;\t", key=columns.count))
            yield from make_items(path, next(rows, []), rows)
    except UnicodeDecodeError as failure:
        raise PhotoError("The table “{name}” is not in UTF-8. Save it as “CSV UTF-8”.", name=path.name) from failure
    except (OSError, csv.Error) as failure:
        raise table_not_read(path, failure) from failure


def read_parquet(path: Path) -> Iterator[Item]:
    """A Parquet file, of which only the columns are read that `make_items` knows."""
    try:
        arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError as failure:
        raise PhotoError(
            "“{name}” is a Parquet table, and pyarrow, which reads these, is not installed: pip install pyarrow, or give a CSV.",
            name=path.name,
        ) from failure
    try:
        with parquet.ParquetFile(path) as file:
            found = file.schema_arrow.names
            known = [column for column in found if column.strip().lower() in COLUMNS] or found
            batches = file.iter_batches(columns=known)
            rows = ([write_cell(cell) for cell in row.values()] for batch in batches for row in batch.to_pylist())
            yield from make_items(path, known, rows)
    except (OSError, arrow.ArrowException) as failure:
        raise table_not_read(path, failure) from failure


def write_cell(cell: object) -> str:
    """A value as a CSV would have it: a whole number without a point, since a column with gaps holds floats."""
    if cell is None or cell != cell:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def table_not_read(path: Path, failure: Exception) -> PhotoError:
    return PhotoError("The table “{name}” could not be read ({reason}).", name=path.name, reason=failure)


def make_items(table: Path, columns: list[str], rows: Iterable[list[str]]) -> Iterator[Item]:
    """Each row: `path`, from the table's folder on, or `url`; if there, `id`, and `name`, the result's; and wishes by their names.

    Rows of the same `group` are shots of one view: the first is enlarged, and the others go into its result.
    """
    columns = [column.strip().lower() for column in columns]
    if not {"path", "url"} & set(columns):
        found = ", ".join(columns)
        raise PhotoError("The table “{name}” has no column “path” or “url”. It has: {columns}.", name=table.name, columns=found)
    groups: dict[str, list[Item]] = {}
    items: list[Item] = []
    for number, row in enumerate(rows, 2):
        cells = {name: cell.strip() for name, cell in zip(columns, row, strict=False) if name and cell.strip()}
        if not cells:
            continue
        items.append(item := make_row(table, number, cells))
        if "group" in cells and not item.left_out:
            groups.setdefault(cells["group"], []).append(item)
    others = {id(first): tuple(more) for first, *more in groups.values()}
    put_in = {id(item) for more in others.values() for item in more}
    for item in items:
        yield replace(item, left_out=ANOTHER_SHOT) if id(item) in put_in else replace(item, others=others.get(id(item), ()))


def make_row(table: Path, number: int, cells: dict[str, str]) -> Item:
    """The item of row `number` of a table, that of the columns' names being the first."""
    file, url = cells.get("path", ""), cells.get("url", "")
    if not file and not url:
        return Item(cells.get("id", f"row {number}"), table, left_out=NO_FILE)
    place = inside(file) if file and not Path(file).is_absolute() else PurePosixPath(Path(file).name or name_of(url))
    if "name" in cells:
        place = place.with_name(PurePosixPath(cells["name"]).name + place.suffix)
    wishes = ((name, word) for name, word in cells.items() if name in WISHES)
    words = tuple((name, SWITCHES.get(word.lower(), word) if WISHES[name].kinds == SWITCH else word) for name, word in wishes)
    path = table.parent / file if file else table
    return Item(cells.get("id", file or url), path, url="" if file else url, place=str(place), words=words)


READERS: dict[str, Callable[[Path], Iterator[Item]]] = {".zip": read_zip, ".csv": read_table, ".tsv": read_table, ".parquet": read_parquet}
"""Suffix of a source that is a file → what lists the files in it."""
