"""The API: a function for one photo, and one for many, which take every wish by its name."""

import inspect
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

import gradio as gr
from gradio.data_classes import FileData
from gradio.events import api

import sr_models
from sr_models import Order, UpscaleError, carry_out
from sr_models.names import name_file
from sr_models.wishes import WISHES
from ui.server import agents, budget, catalogues
from ui.server.calls import list_names
from ui.server.dropped import list_dropped
from ui.server.files import into, new_folder, take_shots, take_upload
from ui.server.place import PLACE, PLACE_OF_CATALOGUES
from ui.server.runs import begun


def build() -> None:
    """Offer both to callers and agents."""
    api(with_wishes(upscale), api_name="upscale", **PLACE)
    api(with_wishes(catalogue), api_name="catalogue", **PLACE_OF_CATALOGUES)


def upscale(photo: FileData | str, others: list[FileData | str] | None = None, **words: Any) -> tuple[FileData, dict]:
    """Enlarge a product photo 2, 3 or 4 times, or to an exact size, and measure what was changed.

    By default nothing is invented: writing stays readable, colours and pure white stay as they are. A megapixel takes some seconds.
    Upload the photo with curl -F "files=@mug.jpg" SERVER/gradio_api/upload and give the path that it answers; a photo of up to 10 MB may be
    given itself, in base64 or as a data URL. Other addresses are not fetched. The report's "file" is where to download the result.

    Parameters:
        photo: The path of an upload to this server, or the photo itself (JPEG, PNG, WebP, AVIF, BMP, TIFF, GIF) in base64 or as a data URL.
        {wishes}
        others: Up to 8 other shots of the same view, as photo is: where they agree with it, they take noise out and confirm detail.

    Returns:
        the result (to agents a small picture of it)
        its report card: verdict PASS or REVIEW and why, the figures behind it, the file, a marketplace's checklist, notes
    """
    try:
        with begun() as run:
            path, name = take_upload(photo)
            order, shots = Order(**words), take_shots(others)
            budget.refuse_large(path, order, [shot for shot, _ in shots])
            photos = [sr_models.read(*given) for given in ((path, name), *shots)]
            done = carry_out(photos[0], order, others=photos[1:], cancelled=run.is_over)
            file = new_folder() / name_file(name, order.name, order.model, done.file.suffix)
            with into(file.parent):
                file.write_bytes(done.file.data)
                return agents.answer(file, done) if agents.is_asking() else (agents.as_file_data(file), done.as_json())
    except UpscaleError as failure:
        raise gr.Error(str(failure), print_exception=False) from failure


def catalogue(photos: list[FileData | str], **words: Any) -> tuple[FileData | None, list[dict]]:
    """Enlarge many product photos, or a ZIP of them, and get a verdict for every file: what fails costs itself alone.

    Upload each photo, or the ZIP, with curl -F "files=@shop.zip" SERVER/gradio_api/upload and give the paths that it answers. Other runs
    have their turn between two photos. The answer's "file" is where to download the ZIP: all results in the tree of what was given,
    contact sheets, a table and a report.

    Parameters:
        photos: The paths of uploads to this server, photos and ZIPs of photos, or photos themselves in base64 or as data URLs.
        {wishes}

    Returns:
        the ZIP (to agents the first contact sheet)
        a row for each file: its path, status done, failed or skipped, verdict PASS or REVIEW, the reason, figures, sizes in pixels
    """
    try:
        found, order, place = list_dropped(photos), Order(**words), new_folder()
        with into(place):
            came = list(catalogues.enlarge_all(found, order, place, lambda: False))
            stopped = sum(outcome.was_stopped for outcome in came)
            archive, sheet = catalogues.pack(place, catalogues.name_archive(found, order, stopped), came)
            rows = [asdict(outcome.row) for outcome in came]
            return agents.answer_rows(archive, sheet, rows) if agents.is_asking() else (agents.as_file_data(archive), rows)
    except UpscaleError as failure:
        raise gr.Error(str(failure), print_exception=False) from failure


def with_wishes(function: Callable) -> Callable:
    """`function(photo, …, **words)` with every wish as a parameter of its own, for what gradio reads: signature, types, docstring."""
    own = inspect.signature(function)
    known = dict(own.parameters)
    for row in fields(Order):
        known[row.name] = inspect.Parameter(row.name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=row.default)
    names = list_names(function.__name__)

    def named_words(*values: Any, **words: Any) -> Any:
        return function(**dict(zip(names, values, strict=False)), **words)

    named_words.__name__ = function.__name__
    named_words.__annotations__ = {**function.__annotations__, **{row.name: row.type for row in fields(Order)}}
    named_words.__annotations__.pop("words")
    named_words.__signature__ = own.replace(parameters=[known[name] for name in names])  # pyright: ignore[reportFunctionMemberAccess]
    lines = "\n        ".join(f"{name}: {wish.meaning}" for name, wish in WISHES.items())
    named_words.__doc__ = (function.__doc__ or "").replace("{wishes}", lines)
    return named_words
