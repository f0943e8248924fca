"""The choices that most people leave alone, and the order that all choices make."""

import re
from collections.abc import Callable
from colorsys import hls_to_rgb
from dataclasses import replace
from typing import Any

import gradio as gr

from sr_models import CATALOG, PUBLISHED, Entry, PhotoError
from sr_models.catalog import Hub
from sr_models.order import Order, saved_as
from sr_models.output import FORMATS
from sr_models.shop.presets import PRESETS, preset
from sr_models.stages.size import HOWS, Wish, long_side, parsed
from sr_models.stages.steps import STEPS, Active, parse
from ui.server.files import whole

WHITE = "#ffffff"

CSS = "#background .dialog-button {border: 1px solid var(--border-color-primary)}"  # else white on white


def build(text: Callable[[str], Any], scale: str) -> dict[str, Any]:
    """Four accordions. → name of a choice → its component."""
    found: dict[str, Any] = {}
    with gr.Accordion(text("size_title"), open=False, elem_id="size-choices"):
        places = [(text("no_preset"), ""), *((text(f"place_{row.id}"), row.id) for row in PRESETS)]
        found["preset"] = gr.Dropdown(places, value="", label=text("preset"), info=text("preset_info"), elem_id="preset")
        found["snap"] = gr.Checkbox(label=text("snap"), visible=False, elem_id="snap")
        found["size"] = gr.Textbox(label=text("size"), info=text("size_info"), placeholder="1600", max_lines=1, elem_id="size")
        found["how"] = gr.Radio([(text(how), how) for how in HOWS], value="fit", label=text("how"), info=text("how_info"), visible=False)
    with gr.Accordion(text("file_title"), open=False, elem_id="file-choices"):
        formats = [(text("format_auto"), ""), *((text(f"format_{format}"), format) for format in FORMATS)]
        found["format"] = gr.Dropdown(formats, value="", label=text("format"), elem_id="format")
        with gr.Row():
            found["quality"] = gr.Textbox(label=text("file_quality"), placeholder="95", max_lines=1, min_width=120, elem_id="quality")
            found["max_kb"] = gr.Textbox(label=text("max_kb"), placeholder="500", max_lines=1, min_width=120, elem_id="max-kb")
        found["background"] = gr.ColorPicker(value=WHITE, label=text("background"), info=text("background_info"), elem_id="background")
    with gr.Accordion(text("steps_title"), open=False, elem_id="step-choices"):
        gr.Markdown(text("steps_info"))
        for step in STEPS:
            found[step.name] = gr.Slider(
                step.lowest, step.highest, value=0, step=0.05, label=text(f"step_{step.name}"), info=text(f"step_{step.name}_info")
            )
    with gr.Accordion(text("more"), open=False, elem_id="more-choices"):
        found["network"] = gr.Dropdown(
            networks(text, scale), value="", label=text("network"), info=text("network_info"), allow_custom_value=True, elem_id="network"
        )
        inputs = [(text(kind), kind) for kind in ("auto", "clean", "web")]
        found["input"] = gr.Radio(inputs, value="auto", label=text("input"), info=text("input_info"))
    private: dict[str, Any] = {"queue": False, "api_visibility": "private"}
    found["preset"].change(on_preset, [found["preset"]], [found["snap"], found["size"]], **private)
    found["size"].change(lambda size: gr.Radio(visible=size.strip().strip("0123456789") != ""), [found["size"]], [found["how"]], **private)
    return found


def on_preset(place: str):
    """→ (white background, exact size): the one only for a marketplace, the other only without."""
    if place:
        return gr.Checkbox(visible=True), gr.Textbox("", visible=False)
    return gr.Checkbox(False, visible=False), gr.Textbox(visible=True)


def networks(text: Callable[[str], Any], scale: str) -> list[tuple[Any, str]]:
    """Choices of the exact network: (what is shown, id)."""
    fitting = [(entry.id, entry.id) for entry in CATALOG if str(entry.net.scale) == scale]
    elsewhere = [entry for entry in PUBLISHED if str(entry.net.scale) == scale]
    fetched = [(f"{entry.label} · {entry.licence}, {entry.credit}{weight(entry)}", entry.id) for entry in elsewhere]
    return [(text("as_above"), ""), *fitting, *fetched]


def weight(entry: Entry) -> str:
    """What is to be downloaded for it, where that is known."""
    return f" · {entry.source.size / 1e6:.0f} MB" if isinstance(entry.source, Hub) and entry.source.size else ""


def ordered(chosen: dict[str, Any]) -> Order:
    """What the page's choices ask for, or a call's: both by these names, all of them may be missing. Raises PhotoError, ModelError."""

    def given(name: str) -> Any:
        return chosen.get(name) or None

    place = preset(given("preset")) if given("preset") else None
    background = coloured(str(given("background") or WHITE))
    return Order(
        scale=whole(chosen.get("scale", 4)),
        model=given("network") or given("model") or "cnn",
        input=given("input") or "auto",
        faithful=given("faithful") or "colour",
        detail=number(chosen.get("detail")),
        before=steps(chosen, "before"),
        after=steps(chosen, "after"),
        wish=wish(str(given("size")), given("how") or "fit", background) if given("size") else None,
        preset=place,
        snap=bool(given("snap")),
        output=saved_as(place, given("format"), number(chosen.get("quality")), number(chosen.get("max_kb")), background),
    )


def wish(size: str, how: str, background: tuple[int, int, int]) -> Wish:
    """ "1600" is the longer side, "1600x1200" both."""
    digits = size.strip()
    if digits.isdecimal() and len(digits) <= 6:
        return long_side(int(digits))
    return replace(parsed(size, how), colour=background)


def steps(chosen: dict[str, Any], when: str) -> tuple[Active, ...]:
    """From sliders, where 0 is off, or from a call's words such as "denoise=0.3 crop"."""
    if isinstance(chosen.get(when), str):
        return tuple(parse(text, when) for text in chosen[when].split())  # pyright: ignore[reportArgumentType]
    return tuple(Active(step, float(chosen[step.name])) for step in STEPS if step.when == when and chosen.get(step.name))


def number(text: Any) -> Any:
    """A number from a text field or a call, int where it is whole: who takes it refuses others. None where there is nothing."""
    if text is None or not str(text).strip():
        return None
    try:
        value = float(str(text))
    except ValueError as failure:
        raise PhotoError("“{text}” is no number. Give one, or nothing.", text=text) from failure
    return int(value) if value.is_integer() else value


def coloured(text: str) -> tuple[int, int, int]:
    """ "#ffffff" or, as gradio's picker also writes it, "rgba(255, 255, 255, 1)" and "hsl(0, 0%, 100%)"."""
    call = re.fullmatch(r"(rgb|hsl)a?\((.*)\)", text.strip())
    try:
        if not call:
            red, green, blue = bytes.fromhex(text.strip().removeprefix("#"))
            return red, green, blue
        a, b, c = (float(part.strip(" %")) for part in call[2].split(",")[:3])
        red, green, blue = (a, b, c) if call[1] == "rgb" else (255 * level for level in hls_to_rgb(a / 360, c / 100, b / 100))
        return round(red), round(green), round(blue)
    except (ValueError, OverflowError) as failure:
        raise PhotoError("“{text}” is no colour. Give it as #RRGGBB, such as #ffffff.", text=text) from failure
