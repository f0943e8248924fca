"""What the page keeps of an enlargement: its report card, and the files that are shown and downloaded."""

import json
from dataclasses import dataclass
from pathlib import Path

import sr_models
from sr_models import Photo, Report, Result, overlay, resized
from ui.files import shown_size
from ui.texts import say


@dataclass(frozen=True)
class Files:
    """The honest pair for the slider: plain bicubic, and the result; the tinted result; and what can be downloaded."""

    before: Path
    after: Path
    overlay: Path
    download: Path
    report: Path


@dataclass(frozen=True)
class Made:
    before: Photo
    result: Result
    report: Report
    files: Files


def made_from(before: Photo, result: Result, name: str, folder: Path) -> Made:
    """Examine the result and write its files; `name` is that of the download, without suffix."""
    report = sr_models.examine(before, result)
    files = Files(
        before=folder / "before.png",
        after=folder / "after.png",
        overlay=folder / f"{name}_new_detail.png",
        download=folder / f"{name}.png",
        report=folder / f"{name}.json",
    )
    size = shown_size(result.photo)
    after = resized(result.photo, size)
    sr_models.write(result.photo, files.download)
    sr_models.write(after, files.after)
    sr_models.write(resized(before, size), files.before)
    sr_models.write(overlay(after, report.added), files.overlay)
    files.report.write_text(json.dumps(report.as_json(), indent=2) + "\n")
    return Made(before, result, report, files)


def described(language: str, before: Photo, result: Result) -> str:
    sizes = [f"{width} × {height}" for width, height in (before.size, result.photo.size, shown_size(result.photo))]
    line = say(
        language,
        "{before} → {after} pixels · {model} {scale}× ({id}) · {seconds} s on {device}",
        before=sizes[0],
        after=sizes[1],
        model=result.entry.family.upper(),
        scale=result.entry.net.scale,
        id=result.entry.id,
        seconds=f"{result.seconds:.2f}",
        device=result.device.name,
    )
    if sizes[1] != sizes[2]:
        line += "  \n" + say(language, "Shown at {size} pixels; the download has them all.", size=sizes[2])
    return line
