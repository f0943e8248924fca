"""Where photos of a catalogue come from and results go: folders, and the stores of objects that fsspec reaches by address."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fsspec.core import url_to_fs
from fsspec.spec import AbstractFileSystem

from sr_models.errors import PhotoError
from sr_models.output import part_of, store
from sr_models.plan import make_folder
from sr_models.reading import MAX_BYTES

STORES = ("s3", "gs", "az", "abfs", "oss", "hf", "file", "memory")
"""Kinds of addresses, as in s3://shop/photos. Such that lead to any host are not among them: an address may be a stranger's."""


def is_address(text: str) -> bool:
    """Whether it is the address of a store: no path, and no URL of the web."""
    kind, separator, _ = text.partition("://")
    return bool(separator) and kind in STORES


@contextmanager
def reach(address: str) -> Iterator[tuple[AbstractFileSystem, str]]:
    """The store of an address, and the path in it, around what is asked of it. Raises PhotoError, whatever the store's package raises."""
    if not is_address(address):
        kinds = ", ".join(STORES)
        raise PhotoError("“{address}” is in no storage that is known. Give an address of one of {kinds}.", address=address, kinds=kinds)
    try:
        yield url_to_fs(address)
    except Exception as failure:
        reason = f"{type(failure).__name__}: {str(failure)[:200]}"
        raise PhotoError("“{address}” could not be reached ({reason}).", address=address, reason=reason) from failure


def normalize(address: str) -> str:
    """The address as the files of its store have it at the beginning of theirs. Raises PhotoError."""
    with reach(address) as (files, path):
        return files.unstrip_protocol(path).rstrip("/")


def list_addresses(address: str) -> dict[str, str]:
    """Path below the address → address, of all files there, sorted. Raises PhotoError."""
    with reach(address) as (files, root):
        found = sorted(files.find(root))
    return {path.removeprefix(root).lstrip("/"): files.unstrip_protocol(path) for path in found}


def load_address(address: str, most: int = MAX_BYTES) -> bytes:
    """The content of a file. Raises PhotoError, where it has more than `most` bytes too."""
    with reach(address) as (files, path):
        size = files.size(path) or 0
    if size > most:
        raise PhotoError("“{name}” has more than {limit} megabytes.", name=address, limit=most // 1_000_000)
    if not size:
        raise PhotoError("“{name}” is empty (0 bytes).", name=address)
    return load_beginning(address, size)


def load_beginning(address: str, length: int) -> bytes:
    """The first bytes of a file. Raises PhotoError."""
    with reach(address) as (files, path):
        data = files.cat_file(path, start=0, end=length)
    assert isinstance(data, bytes)
    return data


@dataclass(frozen=True)
class InFolder:
    """Outputs are paths below the folder."""

    folder: Path

    def name(self, place: str) -> str:
        """The output at a place, a path with “/”."""
        return place

    def has(self, output: str) -> bool:
        return (self.folder / output).is_file()

    def read(self, output: str) -> bytes:
        return (self.folder / output).read_bytes()

    def write(self, output: str, data: bytes) -> None:
        """Complete or not at all."""
        target = self.folder / output
        make_folder(target.parent)
        store(data, target)

    def clear(self, output: str) -> None:
        """Removes what a write left that was killed."""
        part_of(self.folder / output).unlink(missing_ok=True)


@dataclass(frozen=True)
class InStore:
    """Outputs are addresses."""

    address: str

    def name(self, place: str) -> str:
        return f"{self.address.rstrip('/')}/{place}"

    def has(self, output: str) -> bool:
        with reach(output) as (files, path):
            return files.isfile(path)

    def read(self, output: str) -> bytes:
        return load_address(output)

    def write(self, output: str, data: bytes) -> None:
        with reach(output) as (files, path):
            files.makedirs(path.rpartition("/")[0], exist_ok=True)
            with files.transaction:  # of stores that would show a file while it is written
                files.pipe_file(path, data)

    def clear(self, output: str) -> None:
        """Nothing: a store shows an object once it is complete."""


Results = InFolder | InStore
"""Where the results of a catalogue go. An `output` is what the manifest calls a result. All but `name` raise PhotoError; `read` and `clear`
of a folder raise OSError."""
