"""What the page keeps of an enlargement: what was delivered, and the files that are shown and downloaded."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import sr_models
from sr_models import Delivery, Order, Photo, carry_out, overlay, resized
from sr_models.stages.steps import apply
from ui.parts import comparer
from ui.parts.animation import save_animation
from ui.parts.card import describe_verdict
from ui.parts.comparer import Pair
from ui.parts.views import title_of
from ui.server.files import limit_to_page, size_on_page
from ui.words.texts import say

GEOMETRY = ("preset", "snap", "size", "how", "background")
"""The wishes that say where a photo goes: all that a plain enlargement heeds."""


@dataclass(frozen=True)
class Files:
    """What the comparer shows, WebP for the screen, and what can be downloaded."""

    shown: Pair
    """Plain bicubic, and the result."""
    tinted: Pair
    """The enlargement before it was brought to a size: plain, and tinted where detail was added."""
    download: Path
    report: Path
    overlay: Path
    pages: dict[str, Path]
    """Language, "en" or "zh" → the result as a page of its own."""
    animation: Path
    """Before and after as a GIF."""
    photo: Path | None = None
    """The upload that all of them were made of; None for the example."""


@dataclass(frozen=True)
class Made:
    before: Photo
    """The photo as it came."""
    done: Delivery
    files: Files


def write_files(before: Photo, done: Delivery, name: str, folder: Path, photo: Path | None = None) -> Made:
    """Write the files of a delivery; `name` is that of the download, without suffix, and `photo` the upload."""
    after = resized(done.picture, size_on_page(done.picture))
    master = resized(done.enlarged.master, size_on_page(done.enlarged.master))
    plain = resized(done.enlarged.source, master.size)
    tinted = master if done.report is None else overlay(master, done.report.added)
    tinted_pair = write_pair(limit_to_page(plain), limit_to_page(tinted), folder, "tinted")
    without_model = resized(resample_plainly(before, done), after.size)
    files = Files(
        shown=write_pair(without_model, after, folder, "shown"),
        tinted=replace(tinted_pair, size=master.size, tinted=True),
        download=folder / f"{name}{done.file.suffix}",
        report=folder / f"{name}.json",
        overlay=folder / f"{name}_new_detail.png",
        pages={language: folder / language / f"{name}.html" for language in ("en", "zh")},
        animation=folder / f"{name}.gif",
        photo=photo,
    )
    files.download.write_bytes(done.file.data)
    files.report.write_text(json.dumps(done.as_json(), indent=2, ensure_ascii=False) + "\n", "utf-8")
    sr_models.write(tinted, files.overlay)
    save_animation(without_model, after, files.animation)
    made = Made(before, done, files)
    for language, page in files.pages.items():
        page.parent.mkdir(exist_ok=True)
        page.write_text(render_page(language, name, made), "utf-8")
    return made


def write_pair(before: Photo, after: Photo, folder: Path, name: str) -> Pair:
    """Write two pictures of the same size for the screen, and as they are where that is more; the files' names begin with `name`."""

    def write_both(pictures: tuple[Photo, Photo], end: str) -> tuple[Path, Path]:
        first, second = folder / f"{name}_before{end}.webp", folder / f"{name}_after{end}.webp"
        for picture, file in zip(pictures, (first, second), strict=True):
            sr_models.write(picture, file)
        return first, second

    small = limit_to_page(before), limit_to_page(after)
    full = None if small[1].size == after.size else write_both((before, after), "_full")
    return Pair(*write_both(small, ""), after.size, full)


def render_page(language: str, name: str, made: Made) -> str:
    """The result as a page of its own: before and after, the verdict, and the line that describes it."""
    report = made.done.report
    verdict = "" if report is None else describe_verdict(language, report)
    reasons = [] if report is None else [say(language, reason.sentence, **reason.values) for reason in report.reasons]
    return comparer.render_page(language, name, describe_result(language, made), " ".join((verdict, *reasons)), made.files.shown)


def resample_plainly(before: Photo, done: Delivery) -> Photo:
    """The uploaded photo cut, placed and sized as the result is, but enlarged by bicubic only and without other steps."""
    order = done.order
    crop = [active for active in order.classic_steps("before") if active.step.name == "crop"]
    if order.size or order.preset:
        geometry = {name: getattr(order, name) for name in GEOMETRY}
        return carry_out(before, Order(model="bicubic", faithful="off", before=" ".join(map(str, crop)), **geometry)).picture
    return apply(before, crop)


def describe_result(language: str, made: Made) -> str:
    done = made.done
    sizes = [f"{width} × {height}" for width, height in (made.before.size, done.picture.size, size_on_page(done.picture))]
    if done.enlarged.passes:
        line = say(
            language,
            "{before} → {after} pixels · {model} {scale}× · {seconds} s",
            before=sizes[0],
            after=sizes[1],
            model=title_of(language, done.enlarged.passes[0].entry.family),
            scale=done.enlarged.scale,
            seconds=f"{done.enlarged.seconds:.1f}",
        )
    else:
        line = say(language, "{before} → {after} pixels · not enlarged", before=sizes[0], after=sizes[1])
    if sizes[1] != sizes[2]:
        line += "  \n" + say(language, "Shown at {size} pixels; the download has them all.", size=sizes[2])
    return line
