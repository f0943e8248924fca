"""The manifest of a catalogue: one line of JSON for each photo, written when it is finished, so that nothing is lost by any end."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from sr_models.errors import PhotoError
from sr_models.output import not_written

Status = Literal["done", "failed", "skipped"]


@dataclass(frozen=True)
class Row:
    """What came of one file of the source."""

    id: str
    source: str
    """Its path below the source."""
    status: Status
    """“skipped”: it is no photo, or was not come to."""
    reason: str = ""
    """Why it is not done, or what the verdict found."""
    sha256: str = ""
    """Of the source file."""
    fingerprint: str = ""
    """Of the order, the weights and the program: see `fingerprint_of`. Empty, and not written, where there was no room for the result."""
    output: str = ""
    """The result, below the folder of the catalogue, with “/”."""
    photo: tuple[int, int] | None = None
    """(width, height) in pixels."""
    result: tuple[int, int] | None = None
    seconds: float = 0.0
    models: tuple[str, ...] = ()
    verdict: str = ""
    """“PASS” or “REVIEW”; empty where the photo was large enough and no network ran."""
    lr_psnr: float | None = None
    """dB; None also where the reduced result is the photo."""
    delta_e: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def found_no_room(self) -> bool:
        """Whether the next photo would meet the same: a folder that takes no more results."""
        return self.status == "failed" and not self.fingerprint

    def as_line(self) -> str:
        return json.dumps(asdict(self), allow_nan=False)


def row_of(line: str) -> Row:
    """The row of a line. Raises ValueError, KeyError or TypeError where it is none."""
    found: dict[str, Any] = json.loads(line)
    for name, value in found.items():
        found[name] = tuple(value) if isinstance(value, list) else value
    return Row(**{field.name: found[field.name] for field in fields(Row) if field.name in found})


def read_rows(folder: Path) -> dict[str, Row]:
    """Id → the last that is known of it, from the manifests of all shards."""
    return {row.id: row for _, row in read_all(folder)}


def read_all(folder: Path) -> Iterator[tuple[Path, Row]]:
    """Each row with the manifest that it stands in, the manifest that was written last at the end; a last line that was cut off does not
    count. Raises PhotoError."""
    for file in sorted(folder.glob("manifest*.jsonl"), key=lambda file: (file.stat().st_mtime_ns, file.name)):
        for line in file.read_bytes().split(b"\n")[:-1]:
            try:
                yield file, row_of(line.decode())
            except (ValueError, KeyError, TypeError) as failure:
                raise PhotoError("“{name}” holds a line that no catalogue wrote: {line}", name=file.name, line=line) from failure


class Manifest:
    """What is known of the photos of a folder, from the manifests of all shards, and that of one shard open for new lines."""

    def __init__(self, folder: Path, shard: tuple[int, int] = (1, 1)):
        """`shard`: (number, of how many). Each has a file of its own, so that machines may share a folder."""
        number, count = shard
        file = folder / ("manifest.jsonl" if count == 1 else f"manifest-{number}-of-{count}.jsonl")
        self.known: dict[str, Row] = {}
        self.outputs: set[str] = set()
        """Of this folder's catalogue, whether they still count or not."""
        own: dict[str, Row] = {}
        for place, row in read_all(folder):
            self.known[row.id] = row
            self.outputs.add(row.output)
            if place == file:
                own[row.id] = row
        self.file = file.open("ab")
        whole = file.read_bytes().rfind(b"\n") + 1
        self.file.truncate(whole)  # a line that was cut off
        for row in own.values():
            if row is not (latest := self.known[row.id]):  # the photos were cut into other shards meanwhile
                self.write(latest)

    def add(self, row: Row) -> None:
        """Writes what is not known. Raises PhotoError where there is no room for it."""
        if row != self.known.get(row.id):
            self.write(row)

    def write(self, row: Row) -> None:
        try:
            self.file.write(row.as_line().encode() + b"\n")
            self.file.flush()
            os.fsync(self.file.fileno())
        except OSError as failure:
            raise not_written(Path(self.file.name), failure) from failure

    def close(self) -> None:
        with suppress(OSError):  # what did not fit does not fit now
            self.file.close()
