"""What lies in a folder: which files are photos, and what else is there."""

from dataclasses import dataclass
from pathlib import Path

from sr_models.errors import PhotoError
from sr_models.reading import FORMATS_IN_WORDS, SUFFIXES, begins_as_photo

TRACES = (".DS_Store", "__MACOSX", "Thumbs.db", "desktop.ini")
"""Names of what macOS and Windows leave in folders."""


@dataclass(frozen=True)
class Content:
    """What lies in a folder, each by name."""

    photos: tuple[Path, ...]
    """The files whose suffix says that they are photos, and those whose first bytes do."""
    others: tuple[Path, ...]
    """Other files, and what is neither file nor folder."""
    folders: tuple[Path, ...]
    traces: tuple[Path, ...]
    """What systems leave beside photos, such as “._mug.jpg”, which macOS puts beside “mug.jpg” on foreign disks."""


def look_into(folder: Path) -> Content:
    """Sorts what lies in a folder, and nothing in the folders inside. Raises PhotoError where it cannot be read."""
    if not folder.is_dir():
        raise PhotoError("There is no folder “{folder}”. Give the folder that holds the photos.", folder=folder)
    try:
        found = sorted(folder.iterdir())
    except OSError as failure:
        raise PhotoError("The folder “{folder}” could not be read ({reason}).", folder=folder, reason=failure.strerror) from failure
    kinds: dict[str, list[Path]] = {"photos": [], "others": [], "folders": [], "traces": []}
    for path in found:
        if is_trace(path):
            kinds["traces"].append(path)
        elif path.is_dir():
            kinds["folders"].append(path)
        else:
            kinds["photos" if path.is_file() and is_photo(path) else "others"].append(path)
    return Content(**{kind: tuple(paths) for kind, paths in kinds.items()})


def photo_files(folder: Path) -> list[Path]:
    """The photo files of a folder, by name. Raises PhotoError where there are none."""
    photos = look_into(folder).photos
    if not photos:
        raise no_photo_in(folder)
    return list(photos)


def no_photo_in(folder: Path | str) -> PhotoError:
    return PhotoError("“{folder}” holds no photo ({formats}).", folder=folder, formats=FORMATS_IN_WORDS)


def is_trace(path: Path) -> bool:
    """Whether a file or folder is one that a system leaves beside photos, by its name."""
    return path.name.startswith("._") or path.name in TRACES


def is_photo(file: Path) -> bool:
    """Whether a file claims to be a photo, by its name or by what it begins with; also one that `read` refuses, so that it is named."""
    if file.suffix.lower() in SUFFIXES:
        return True
    try:
        if not file.is_file():  # a pipe would let it wait for ever
            return False
        with file.open("rb") as opened:
            data = opened.read(256)
    except OSError:
        return False
    return begins_as_photo(data)
