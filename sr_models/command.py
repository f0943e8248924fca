"""The command line: the same calls without a browser."""

import argparse
import io
import json
import math
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from tqdm import tqdm

from sr_models import memory
from sr_models.catalog import CATALOG, PUBLISHED, find
from sr_models.device import Device, choose, use_threads
from sr_models.ensemble import share_steps
from sr_models.errors import PhotoError, UpscaleError
from sr_models.figures.evaluate import JUDGES, QUALITY, SHRINKINGS, Score, average_scores, evaluate
from sr_models.figures.report import examine_enlargement
from sr_models.hub import publish
from sr_models.jobs import command as jobs
from sr_models.names import format_of
from sr_models.order import Delivery, carry_out, check
from sr_models.output import store
from sr_models.photo import Photo
from sr_models.plan import Job, plan
from sr_models.reading import read
from sr_models.run import Progress
from sr_models.stages.enlarge import MOST_SHOTS
from sr_models.stages.faithful import LEVELS
from sr_models.stages.look import write_look
from sr_models.stages.steps import STEPS
from sr_models.version import __version__
from sr_models.wishes import SHARE_OF_NO_LOOK, WISHES, Order

SCORED = ("scale", "model", "detail", "steps")
"""What can be wished of a network that is evaluated."""


def run(arguments: list[str] | None = None) -> int:
    """→ exit code, as `sr_models.__main__.main`. Raises KeyboardInterrupt."""
    options = parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may hold what a terminal cannot show
    warnings.filterwarnings("ignore", module="PIL")  # what Pillow thinks of a photo: our own sentence follows where it matters
    memory.prepare()
    try:
        return options.run(options)
    except UpscaleError as failure:
        print(f"sr_models: {failure}", file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m sr_models", description="Product-photo super-resolution.")
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    enlarge = commands.add_parser("upscale", help="enlarge photos")
    enlarge.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help="photo file, or folder of photos")
    enlarge.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="FILE_OR_FOLDER",
        help="a file for one photo, .png, .tif, .webp, .jpg or .avif, else a folder",
    )
    enlarge.add_argument(
        "--with",
        nargs="+",
        type=Path,
        default=[],
        dest="others",
        metavar="SHOT",
        help=f"up to {MOST_SHOTS} other shots of the same view as the one photo: they take noise out, and confirm what it shows",
    )
    add_order(enlarge)
    enlarge.add_argument("--report", type=Path, metavar="FILE.json", help="write the report card there; a list of them for several photos")
    enlarge.set_defaults(run=run_upscale)

    catalogue = commands.add_parser("catalogue", help="enlarge a folder, a ZIP or a table of photos, with a verdict for every file")
    jobs.add_options(catalogue)
    add_order(catalogue)
    catalogue.set_defaults(run=lambda options: jobs.run_catalogue(options, make_order(options)))

    examine = commands.add_parser("examine", help="report card of a picture that is said to be an enlargement of a photo")
    examine.add_argument("photo", type=Path, metavar="PHOTO")
    examine.add_argument("result", type=Path, metavar="RESULT", help="sides a whole multiple of the photo's")
    examine.add_argument("--faithful", choices=LEVELS, default="off", help="the mode that was promised (default: off)")
    examine.add_argument("--report", type=Path, metavar="FILE.json", help="write the report card there")
    examine.set_defaults(run=run_examine)

    table = commands.add_parser("look", help="write the studio look of a photo as a .cube file, for other programs")
    table.add_argument("photo", type=Path, metavar="PHOTO")
    table.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.cube")
    table.set_defaults(run=run_look)

    models = commands.add_parser("models", help="list the models")
    models.add_argument("--json", action="store_true", help="as JSON")
    models.set_defaults(run=run_models)

    scores = commands.add_parser("evaluate", help="the scores of a model on a folder of originals")
    scores.add_argument("--hr", type=Path, required=True, metavar="FOLDER", help="the sharp originals")
    scores.add_argument("--lr", type=Path, metavar="FOLDER", help="the small photos (default: made from the originals)")
    scores.add_argument(
        "--shrink",
        choices=SHRINKINGS,
        help="how the small photos are made: bicubic as MATLAB's, box as Pillow's reduce, jpeg: bicubic and then a JPEG, "
        "camera: one shot of a simulated camera held in the hand; what several bring is shown in the page's tab Check (default: bicubic)",
    )
    scores.add_argument(
        "--quality", type=number(int, "a whole number from 1 to 100"), metavar="N", help=f"of that JPEG, 1 to 100 (default: {QUALITY})"
    )
    add_wishes(scores, SCORED)
    add_device(scores)
    scores.add_argument("--json", type=Path, metavar="FILE", help="write the scores there too")
    scores.set_defaults(run=run_evaluate)

    publish.add_to(commands)
    return top


def add_wishes(command: argparse.ArgumentParser, names: Iterable[str]) -> None:
    """An option for each of these wishes; what is not given is None."""
    for field in fields(Order):
        if field.name not in names:
            continue
        name, wish = "--" + field.name.replace("_", "-"), WISHES[field.name]
        usual = "" if field.default in (None, "", False) else f" (default: {field.default})"
        text = (wish.meaning + usual).replace("%", "%%")
        if field.default is False:
            command.add_argument(name, action="store_true", help=text)
        elif field.name in ("before", "after"):
            offered = ", ".join(f"{step.name} {step.lowest:g} to {step.highest:g}" for step in STEPS if step.when == field.name)
            command.add_argument(name, nargs="+", metavar=wish.placeholder, help=f"{text} There are: {offered}")
        elif wish.choices:
            command.add_argument(name, type=type(wish.choices[0]), choices=wish.choices, help=text)
        else:
            kind = number(float if "float" in str(field.type) else int, wish.expected) if wish.expected else str
            command.add_argument(name, type=kind, metavar=wish.placeholder, help=text)


def add_order(command: argparse.ArgumentParser) -> None:
    """Every wish, and the device."""
    add_wishes(command, WISHES)
    pixels = number(int, "a whole number of pixels")
    command.add_argument("--long-side", type=pixels, metavar="PX", help="exact size: so many pixels on the longer side, instead of --scale")
    add_device(command)


def add_device(command: argparse.ArgumentParser) -> None:
    command.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    command.add_argument(
        "--threads",
        metavar="N",
        help="how many cores to use, all unless told; where other programs keep the machine busy, fewer are faster",
    )


def number(kind: type[float], expected: str) -> Callable[[str], float]:
    """A reader of such a number that says what was expected."""

    def read(text: str) -> float:
        try:
            return kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"“{text}” is not {expected}.") from None

    return read


def make_order(options: argparse.Namespace) -> Order:
    """What the options ask for. Raises PhotoError where they contradict each other."""
    if options.long_side is not None and options.size:
        raise PhotoError("--long-side and --size each say how large the result shall be: leave one of the two out.")
    if options.how and not options.size:
        raise PhotoError("--how says how a photo is brought into --size: add this, or leave it out.")
    words = collect_given(options, WISHES)
    if not words.get("look") and words.keys() & {"look_strength", "look_product"}:
        raise PhotoError(SHARE_OF_NO_LOOK)
    if options.long_side is not None:
        words["size"] = options.long_side
    if words.get("look", "").lower().endswith(".cube"):
        words["look"] = read_look_file(Path(words["look"]))
    words.setdefault("format", format_of(options.output))
    return Order(**words)


def read_look_file(file: Path) -> str:
    """The text of a .cube file. Raises PhotoError."""
    try:
        return file.read_text("utf-8", "replace")
    except OSError as failure:
        raise PhotoError("“{name}” could not be read ({reason}).", name=file.name, reason=failure.strerror) from failure


def collect_given(options: argparse.Namespace, names: Iterable[str]) -> dict[str, Any]:
    """Name → value of those of these wishes that were given on the command line."""
    words = {name: value for name in names if (value := getattr(options, name)) is not None}
    return {name: " ".join(value) if isinstance(value, list) else value for name, value in words.items()}


def run_upscale(options: argparse.Namespace) -> int:
    order = make_order(options)
    use_threads(options.threads)
    device = choose(options.device)
    check(order)  # a wrong model is said once, before the first photo
    planned = plan(options.photos, options.output, order, options.report, options.others)
    for note in planned.notes:
        print(note)
    for failure in planned.refused:
        print(f"sr_models: {failure}", file=sys.stderr)
    refused, reports = bool(planned.refused), []
    try:
        for job in planned.jobs:
            try:
                done = enlarge_file(job, order, device)
            except UpscaleError as failure:
                refused = True
                print(f"sr_models: {failure}", file=sys.stderr)
            else:
                if options.report:
                    reports.append({"photo": job.source.name} | done.as_json())
                del done  # while it is held, its memory cannot go back
            memory.give_back()
    finally:  # also where it is stopped: what was finished is in the report
        if options.report:
            write_json(options.report, reports[0] if len(planned.jobs) == 1 and reports else reports)
    return 2 if refused else 0


def enlarge_file(job: Job, order: Order, device: Device) -> Delivery:
    """Make one file, with a bar in the terminal meanwhile, and print what came of it. Raises what `carry_out` raises."""
    with show_progress(job.source.name, "tile") as show:
        photo = read(job.source)
        done = carry_out(photo, order, others=[read(other) for other in job.others], device=device, progress=show)
    store(done.file.data, job.target)
    print_delivery(job, photo, done, device)
    return done


@contextmanager
def show_progress(name: str, unit: str) -> Iterator[Progress]:
    """A bar in the terminal, until the end of the block."""
    with tqdm(desc=name, unit=unit, leave=False, disable=None) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def print_delivery(job: Job, photo: Photo, done: Delivery, device: Device) -> None:
    """What was made, in a line, and below it what the person should know."""
    before, after = ("{} × {}".format(*size) for size in (photo.size, done.picture.size))
    models = " + ".join(done.ids) or "not enlarged"
    print(f"{job.target}: {before} → {after}, {models}, {done.enlarged.seconds:.2f} s, {device.name}")
    if shots := done.enlarged.shots:
        print(f"  {shots.note}")
        for other, reason in zip(job.others, shots.reasons, strict=True):
            print(f"  {'✗' if reason else '✓'} {other.name}{f': {reason}' if reason else ''}")
    for note in done.notes:
        print(f"  {note}")
    for rule in done.rules:
        print(f"  {'✓' if rule.ok else '✗'} {rule}")


def run_examine(options: argparse.Namespace) -> int:
    report = examine_enlargement(read(options.photo), read(options.result), options.faithful)
    print(f"{options.result.name}: {report.verdict}")
    for reason in report.reasons:
        print(f"  {reason}")
    if options.report:
        write_json(options.report, report.as_json())
    return 0 if report.verdict == "PASS" else 1


def run_look(options: argparse.Namespace) -> int:
    write_text(options.output, write_look(read(options.photo), options.photo.stem))
    return 0


def write_json(file: Path, content: object) -> None:
    write_text(file, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_text(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8", "backslashreplace")
    except OSError as failure:
        raise PhotoError("“{name}” could not be written ({reason}).", name=file.name, reason=failure.strerror) from failure


def run_models(options: argparse.Namespace) -> int:
    entries = (*CATALOG, *PUBLISHED)
    if options.json:
        told = ("id", "label", "family", "scale", "inputs", "sha256", "licence", "credit", "trained_on")
        rows = [{name: getattr(entry.net if name == "scale" else entry, name) for name in told} for entry in entries]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        for entry in entries:
            print(f"{entry.id:<20}{entry.family:<11}{entry.label}")
    return 0


def score_as_json(score: Score) -> dict[str, object]:
    """The figures of a score for JSON: null for an infinite one, where two pictures are equal."""
    found = {name: value for name, value in asdict(score).items() if value is not None or name not in JUDGES}
    return {name: None if value == math.inf else value for name, value in found.items()}


def run_evaluate(options: argparse.Namespace) -> int:
    if options.lr and (options.shrink or options.quality is not None):
        raise PhotoError("--lr gives the small photos, --shrink and --quality make them: leave one of the two out.")
    if options.quality is not None and options.shrink != "jpeg":
        raise PhotoError("--quality is that of --shrink jpeg: add this, or leave it out.")
    order = Order(**collect_given(options, SCORED))
    entry = find(order.model, order.scale)
    shrinking, quality = options.shrink or "bicubic", QUALITY if options.quality is None else options.quality
    with show_progress(entry.id, "photo") as show:
        use_threads(options.threads)
        device = choose(options.device)
        asked = {"shrinking": shrinking, "quality": quality, "detail": order.detail, "steps": order.steps}
        scores = evaluate(options.hr, options.lr, entry, device, show, full=True, **asked)
    for row in [*scores, average_scores(scores)]:
        psnr, ssim, lr_psnr, delta_e, niqe, st_lpips, ssimulacra2, edges, calm, overshoot, seconds = row.printed().values()
        line = f"{row.file:<40} {psnr:>7} dB  {ssim}  LR {lr_psnr:>6} dB  ΔE {delta_e:>5}  NIQE {niqe:>5}  "
        if row.st_lpips is not None:
            line += f"ST-LPIPS {st_lpips:>5}  "
        if row.ssimulacra2 is not None:
            line += f"SSIMULACRA {ssimulacra2:>5}  "
        line += f"edges {edges:>5}  calm {calm:>5}  overshoot {overshoot:>4}  {seconds:>6} s"
        print(line)
    if options.json:
        report = {
            "model": share_steps(entry, order.steps)[0].id,
            "scale": entry.net.scale,
            "shrink": None if options.lr else shrinking,
            "quality": quality if shrinking == "jpeg" else None,
            "detail": order.detail,
            **({"steps": order.steps} if order.steps > 1 else {}),
            "photos": [score_as_json(s) for s in scores],
            "mean": score_as_json(average_scores(scores)),
        }
        write_json(options.json, report)
    return 0
