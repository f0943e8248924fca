"""What a caller asks for, read at the door: what no function of this page could make sense of is refused before anything runs."""

import json
import math
from typing import Any

import gradio as gr
from gradio.data_classes import FileData, ImageData

from sr_models import Order, PhotoError
from sr_models.wishes import WISHES
from ui.server.files import UPLOAD_FIRST

DEEPEST = 32
"""Lists and objects within each other: no call of the page has as many, and many more would be too deep for who reads them."""
LONGEST_SESSION = 100
"""Characters of what a page or client calls its session: they take about ten. It is remembered until the visit is over."""
GIVEN = {"upscale": ("photo", "others"), "catalogue": ("photos",)}
"""The API's functions → what each is given beside the wishes."""
BEFORE = 18
"""So many wishes stand before `others`, later ones behind it: for callers that give values by their place, none has moved."""

JSON_TYPES: dict[str, Any] = {"string": str, "number": int | float, "integer": int, "boolean": bool, "array": list}


class NotUnderstood(Exception):  # noqa: N818 - it is answered in words
    """What was asked is no call that this page knows."""


def read(body: bytes) -> dict[str, Any]:
    """The JSON of a call. Raises NotUnderstood."""
    try:
        call = json.loads(body)
        if b"\\u" in body:
            json.dumps(call, ensure_ascii=False).encode()  # halves of characters cannot be answered
    except (ValueError, RecursionError) as failure:
        raise NotUnderstood from failure
    if not isinstance(call, dict) or not is_shallow(call):
        raise NotUnderstood
    return call


def is_shallow(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner for outer in level if isinstance(outer, dict | list) for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return True
    return False


def check_event(call: dict[str, Any], functions: dict[int, Any]) -> None:
    """Checks what the page's script or a client sends: there must be such a function, and a value for each of its inputs."""
    index, data, session = call.get("fn_index"), call.get("data"), call.get("session_hash")
    if isinstance(index, bool) or not isinstance(index, int) or index not in functions or functions[index].fn is None:
        raise NotUnderstood
    if not isinstance(data, list) or len(data) < len(functions[index].inputs) or not is_session(session):
        raise NotUnderstood
    own = functions[index].api_visibility != "public"  # what callers are offered says itself what it does not take
    if own and not all(map(fits, functions[index].inputs, data)):
        raise NotUnderstood
    if functions[index].collects_event_data and not is_click(call.get("event_data")):
        raise NotUnderstood


def is_session(value: Any) -> bool:
    """Whether it can be what a page or client calls its session; gradio takes an empty one for none, and later misses it."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_SESSION


def fits(component: Any, value: Any) -> bool:
    """Whether a control of the page could have sent this value."""
    if isinstance(component, gr.State):
        return value is None
    if isinstance(component, gr.Dataset):
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(component.samples or ())
    if value is None:  # there is no photo, or a number is deleted; but one of the choices is always chosen
        return not isinstance(component, gr.Radio) or component.value is None
    if isinstance(component, gr.Radio | gr.Dropdown) and not getattr(component, "allow_custom_value", False):
        return value in [choice for _, choice in component.choices]
    if component.data_model is ImageData:
        return is_like(ImageData, value) and bool(value.get("path"))
    if component.data_model is not None:
        return is_like(component.data_model, value)
    kind = JSON_TYPES.get(str(component.api_info().get("type")))
    return kind is None or (isinstance(value, kind) and (kind is bool or not isinstance(value, bool)))


def is_click(event: Any) -> bool:
    """Whether this is what gradio's script says of a click on a photo: the pixel, as two numbers."""
    place = event.get("index") if isinstance(event, dict) and "value" in event else None
    return isinstance(place, list) and len(place) == 2 and all(isinstance(at, int | float) and math.isfinite(at) for at in place)


def is_like(model: Any, value: Any) -> bool:
    """Whether a value is what gradio makes such an object of."""
    try:
        model.model_validate(value)
    except ValueError:  # pydantic's own among them
        return False
    return True


def check_name(path: str, functions: dict[int, Any]) -> None:
    """The path of a call ends in the name of a function that is offered to callers; those of the page's own controls are not."""
    if function_in(path) not in {function.api_name for function in functions.values() if function.api_visibility == "public"}:
        raise NotUnderstood


def function_in(path: str) -> str:
    """The name of the function that is called by a path."""
    return path.rstrip("/").rsplit("/", 1)[-1]


def list_names(function: str) -> list[str]:
    """The names of the values that a function of the API takes, in their places."""
    wishes, (first, *more) = [*WISHES], GIVEN[function]
    return [first, *wishes[:BEFORE], *more, *wishes[BEFORE:]]


def check_wishes(path: str, call: dict[str, Any]) -> None:
    """Checks what a caller gives to the function that the path ends in: photos and wishes, by name, or in a list called “data”.

    Raises NotUnderstood, and what `Order` raises.
    """
    function = function_in(path)
    data, names = call.get("data"), list_names(function)
    if call.get("session_hash") is not None and not is_session(call["session_hash"]):
        raise NotUnderstood
    if isinstance(data, list):
        if len(data) < len(names):
            raise NotUnderstood
        call = dict(zip(names, data, strict=False))
    for given in GIVEN[function]:
        photos = call.get(given)
        for photo in photos if given != "photo" and isinstance(photos, list) else [photos]:
            if not isinstance(photo, str | None) and not (is_like(FileData, photo) and photo["path"]):
                raise PhotoError(UPLOAD_FIRST)
    Order(**{name: value for name, value in call.items() if name in WISHES})
