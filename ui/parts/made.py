"""What the page keeps of an enlargement: what was delivered, and the files that are shown and downloaded."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import sr_models
from sr_models import Delivery, Photo, carry_out, overlay, resized
from sr_models.stages.steps import apply
from ui.parts.views import title_of
from ui.server.files import size_on_page
from ui.words.texts import say


@dataclass(frozen=True)
class Files:
    """For the slider `before`, plain bicubic, and `after`, the result; or `plain` and `overlay`, the tinted enlargement. And downloads."""

    before: Path
    after: Path
    plain: Path
    overlay: Path
    download: Path
    report: Path


@dataclass(frozen=True)
class Made:
    before: Photo
    """The photo as it came."""
    done: Delivery
    files: Files


def write_files(before: Photo, done: Delivery, name: str, folder: Path) -> Made:
    """Write the files of a delivery; `name` is that of the download, without suffix."""
    download = folder / f"{name}{done.file.suffix}"
    files = Files(
        before=folder / "before.png",
        after=folder / "after.png",
        plain=folder / "plain.png",
        overlay=folder / f"{name}_new_detail.png",
        download=download,
        report=folder / f"{name}.json",
    )
    size = size_on_page(done.picture)
    download.write_bytes(done.file.data)
    sr_models.write(resized(done.picture, size), files.after)
    sr_models.write(resized(resample_plainly(before, done), size), files.before)
    master = resized(done.enlarged.master, size_on_page(done.enlarged.master))
    sr_models.write(resized(done.enlarged.source, master.size), files.plain)
    sr_models.write(master if done.report is None else overlay(master, done.report.added), files.overlay)
    files.report.write_text(json.dumps(done.as_json(), indent=2, ensure_ascii=False) + "\n", "utf-8")
    return Made(before, done, files)


def resample_plainly(before: Photo, done: Delivery) -> Photo:
    """The uploaded photo cut, placed and sized as the result is, but enlarged by bicubic only and without other steps."""
    order = done.order
    crop = [active for active in order.steps("before") if active.step.name == "crop"]
    if order.size or order.preset:
        plain = {"model": "bicubic", "input": "auto", "faithful": "off", "detail": None, "before": " ".join(map(str, crop)), "after": ""}
        return carry_out(before, replace(order, **plain, format="png", quality=None, max_kb=None)).picture
    return apply(before, crop)


def describe_result(language: str, made: Made) -> str:
    done = made.done
    sizes = [f"{width} × {height}" for width, height in (made.before.size, done.picture.size, size_on_page(done.picture))]
    if done.enlarged.passes:
        line = say(
            language,
            "{before} → {after} pixels · {model} {scale}× ({id}) · {seconds} s on {device}",
            before=sizes[0],
            after=sizes[1],
            model=title_of(language, done.enlarged.passes[0].entry.family),
            scale=done.enlarged.scale,
            id=" + ".join(done.ids),
            seconds=f"{done.enlarged.seconds:.2f}",
            device=done.enlarged.passes[0].device.name,
        )
    else:
        line = say(language, "{before} → {after} pixels · not enlarged", before=sizes[0], after=sizes[1])
    if sizes[1] != sizes[2]:
        line += "  \n" + say(language, "Shown at {size} pixels; the download has them all.", size=sizes[2])
    return line
