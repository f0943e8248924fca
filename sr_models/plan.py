"""What a call of the command line enlarges, and into which files. What is left out, renamed or refused is said; the rest goes on."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sr_models.errors import PhotoError
from sr_models.folders import is_trace, look_into, no_photo_in
from sr_models.names import NAMES, SUFFIX, choose_free, fold, format_of, is_folder, name_file
from sr_models.photo import Note
from sr_models.wishes import Order

SHOWN = 3  # names of what was left out

LEFT_OUT = "Left out: {what}."
TWICE = "“{name}” was given more than once: it is enlarged once."
RENAMED = "“{name}” would be written to the same file as “{owner}”: it is written to “{target}”."


@dataclass(frozen=True)
class Job:
    source: Path
    """The photo."""
    target: Path
    """The file to write."""
    others: tuple[Path, ...] = ()
    """Other shots of the same view."""


@dataclass(frozen=True)
class Plan:
    jobs: tuple[Job, ...]
    notes: tuple[Note, ...]
    """What the person should know before it begins; nothing of it is a failure."""
    refused: tuple[PhotoError, ...]
    """Why something that was given is not among the jobs."""


def plan(given: Iterable[Path], output: Path, order: Order, report: Path | None = None, others: Sequence[Path] = ()) -> Plan:
    """Plans for these files and folders; makes the folders of output and report. `others` are other shots of the only photo's view.

    Raises PhotoError where nothing of it can be done.
    """
    sources, notes, refused = gather(given)
    if others and len(sources) > 1:
        raise PhotoError("--with adds other shots of one photo, and {count} photos are to be enlarged. Give one.", count=len(sources))
    if format_of(output):
        check_one_file(sources, output, order)
        folder, targets = output.parent, [output for _ in sources]
    else:
        folder = output
        targets, renamed = name_targets(sources, output, order)
        notes += renamed
    make_folder(folder)
    if not os.access(folder, os.W_OK):
        raise PhotoError("Nothing can be written to the folder “{folder}”. Give another one, or allow writing there.", folder=folder)
    originals = {source.resolve() for source in (*sources, *others)}
    if report:
        make_folder(report.parent)
        if is_folder(report):
            raise PhotoError("The report is one file, and “{name}” is a folder. Give a name such as report.json.", name=report.name)
        if report.resolve() in {target.resolve() for target in targets}:
            raise PhotoError("“{name}” cannot be both the result and the report. Give two names.", name=report.name)
        if report.resolve() in originals:
            raise not_overwritten(report)
    jobs = [
        Job(source, target, tuple(others)) for source, target in zip(sources, targets, strict=True) if target.resolve() not in originals
    ]
    refused += [not_overwritten(target) for target in targets if target.resolve() in originals]
    return Plan(tuple(jobs), tuple(notes), tuple(refused))


def gather(given: Iterable[Path]) -> tuple[list[Path], list[Note], list[PhotoError]]:
    """(photos, what was left out, folders that give none): of folders their photos, and what was given by its own name whatever it is.

    Raises the refusal where there is only one, and no photo.
    """
    found: dict[str, list[Path]] = {"photos": [], "others": [], "folders": [], "traces": []}
    refused: list[PhotoError] = []
    for path in given:
        if not is_folder(path):
            found["traces" if is_trace(path) else "photos"].append(path)
            continue
        try:
            content = look_into(path)
        except PhotoError as failure:
            refused.append(failure)
            continue
        for kind, paths in vars(content).items():
            found[kind] += paths
        refused += [] if content.photos else [no_photo_in(path)]
    notes = [Note(LEFT_OUT, {"what": what})] if (what := describe(found["others"], found["folders"], found["traces"])) else []
    sources: dict[Path, Path] = {}
    for source in found["photos"]:
        if source.resolve() in sources:
            notes.append(Note(TWICE, {"name": source.name}))
        else:
            sources[source.resolve()] = source
    if not sources:
        raise (
            refused[0] if len(refused) == 1 else PhotoError("There is no photo in what was given. Give photos, or folders that hold some.")
        )
    return list(sources.values()), notes, refused


def describe(others: list[Path], folders: list[Path], traces: list[Path]) -> str:
    """What was left out, in words; empty where nothing was."""
    kinds = (
        (others, "1 file that is no photo", "{} files that are no photos"),
        (folders, "1 folder inside, which is to be given by its own name", "{} folders inside, which are to be given by their own names"),
        (traces, "1 file that a system left beside photos", "{} files that systems left beside photos"),
    )
    return ", ".join(f"{(one if len(paths) == 1 else many).format(len(paths))} ({name_some(paths)})" for paths, one, many in kinds if paths)


def name_some(paths: list[Path]) -> str:
    """The first SHOWN names, and dots where there are more."""
    names = [path.name for path in paths[:SHOWN]]
    return ", ".join([*names, "…"] if len(paths) > SHOWN else names)


def check_one_file(sources: list[Path], output: Path, order: Order) -> None:
    """Raises PhotoError where the one file `output` cannot be the result."""
    if len(sources) > 1:
        raise PhotoError("{count} photos do not fit into the one file “{name}”. Give a folder.", count=len(sources), name=output.name)
    if SUFFIX[order.output.format] != SUFFIX[format_of(output) or "png"]:
        raise PhotoError(
            "“{name}” does not end as {format} does. Give a name that ends in {suffix}, or another --format.",
            name=output.name,
            format=NAMES[order.output.format],
            suffix=SUFFIX[order.output.format],
        )


def name_targets(sources: list[Path], folder: Path, order: Order) -> tuple[list[Path], list[Note]]:
    """(a file of its own in the folder for each photo, what was renamed): “mug.jpg” and “mug.png” would both be “mug_4x_cnn.png”.

    Names that differ in nothing but capitals count as one, as on Windows and macOS.
    """
    targets: list[Path] = []
    notes: list[Note] = []
    owners: dict[str, str] = {}
    for source in sources:
        usual = folder / name_file(source.name, order.name, order.model, SUFFIX[order.output.format])
        target = choose_free(usual, owners)
        if target != usual:
            notes.append(Note(RENAMED, {"name": source.name, "owner": owners[fold(usual)], "target": target.name}))
        owners[fold(target)] = source.name
        targets.append(target)
    return targets, notes


def not_overwritten(path: Path) -> PhotoError:
    return PhotoError("“{name}” is one of the photos to be enlarged and is not overwritten. Give another name.", name=path.name)


def make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise PhotoError("The folder “{folder}” could not be made ({reason}).", folder=folder, reason=failure.strerror) from failure
