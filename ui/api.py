"""The API: one function, which takes every wish by its name."""

import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import gradio as gr
from gradio.data_classes import FileData
from gradio.events import api

import sr_models
from sr_models import Order, UpscaleError, carry_out
from sr_models.names import name_file
from sr_models.wishes import WISHES
from ui.server import agents, budget
from ui.server.files import into, new_folder, take_upload
from ui.server.place import PLACE
from ui.server.runs import begun


def build() -> None:
    """Offer `upscale` to callers and agents."""
    api(with_wishes(upscale), api_name="upscale", **PLACE)


def upscale(photo: FileData | str, **words: Any) -> tuple[FileData, dict]:
    """Enlarge a product photo 2, 3 or 4 times, or to an exact size, and measure what was changed.

    By default nothing is invented: writing stays readable, colours and pure white stay as they are. A megapixel takes some seconds.
    Upload the photo with curl -F "files=@mug.jpg" SERVER/gradio_api/upload and give the path that it answers; a photo of up to 10 MB may be
    given itself, in base64 or as a data URL. Other addresses are not fetched. The report's "file" is where to download the result.

    Parameters:
        photo: The path of an upload to this server, or the photo itself (JPEG, PNG, WebP, AVIF, BMP, TIFF, GIF) in base64 or as a data URL.
        {wishes}

    Returns:
        the result (to agents a small picture of it)
        its report card: verdict PASS or REVIEW and why, the figures behind it, the file, a marketplace's checklist, notes
    """
    try:
        with begun() as run:
            path, name = take_upload(photo)
            order = Order(**words)
            budget.refuse_large(path, order)
            done = carry_out(sr_models.read(path, name), order, cancelled=run.is_over)
            file = new_folder() / name_file(name, order.name, order.model, done.file.suffix)
            with into(file.parent):
                file.write_bytes(done.file.data)
                return agents.answer(file, done) if agents.is_asking() else (agents.as_file_data(file), done.as_json())
    except UpscaleError as failure:
        raise gr.Error(str(failure), print_exception=False) from failure


def with_wishes(function: Callable) -> Callable:
    """`function(photo, **words)` with every wish as a parameter of its own, for what gradio reads: signature, types and docstring."""
    own = inspect.signature(function)
    wishes = [inspect.Parameter(row.name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=row.default) for row in fields(Order)]
    names = ["photo", *(wish.name for wish in wishes)]

    def named_words(*values: Any, **words: Any) -> Any:
        return function(**dict(zip(names, values, strict=False)), **words)

    named_words.__name__ = function.__name__
    named_words.__annotations__ = {**function.__annotations__, **{row.name: row.type for row in fields(Order)}}
    named_words.__annotations__.pop("words")
    named_words.__signature__ = own.replace(parameters=[own.parameters["photo"], *wishes])  # pyright: ignore[reportFunctionMemberAccess]
    lines = "\n        ".join(f"{name}: {wish.meaning}" for name, wish in WISHES.items())
    named_words.__doc__ = (function.__doc__ or "").replace("{wishes}", lines)
    return named_words
