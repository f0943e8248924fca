"""The choices that most people leave alone, and the order that all choices make."""

from collections.abc import Callable
from dataclasses import Field, fields
from typing import Any

import gradio as gr

from sr_models import CATALOG, PUBLISHED, Entry, Order, PhotoError, nets
from sr_models.catalog import Hub
from sr_models.ensemble import MOST_STEPS, gains_by_steps
from sr_models.names import FORMATS
from sr_models.shop.presets import PRESETS
from sr_models.stages.look import OWN
from sr_models.stages.size import HOWS
from sr_models.stages.steps import STEPS, WHENS
from sr_models.stages.tables import LOOKS
from sr_models.wishes import BACKGROUND, WISHES
from ui.parts import speed
from ui.parts.events import AT_ONCE
from ui.server.files import take_upload

PLACED = ("scale", "model", "faithful", "detail", "before", "after")
"""Wishes that have their place elsewhere on the page."""

CSS = ".background .dialog-button {border: 1px solid var(--border-color-primary)}"  # else white on white


def build(text: Callable[[str], Any], scale: str, tab: str = "") -> dict[str, Any]:
    """Builds five accordions. → the components, by the names of the choices. `tab` begins their ids where another tab has the same ones."""
    found: dict[str, Any] = {}
    with gr.Accordion(text("size_title"), open=False, elem_id=f"{tab}size-choices"):
        places = [(text("no_preset"), ""), *((text(f"place_{row.id}"), row.id) for row in PRESETS)]
        found["preset"] = gr.Dropdown(places, value="", label=text("preset"), info=text("preset_info"), elem_id=f"{tab}preset")
        found["snap"] = gr.Checkbox(label=text("snap"), visible=False, elem_id=f"{tab}snap")
        found["size"] = gr.Textbox(label=text("size"), info=text("size_info"), placeholder="1600", max_lines=1, elem_id=f"{tab}size")
        found["how"] = gr.Radio([(text(how), how) for how in HOWS], value="fit", label=text("how"), info=text("how_info"), visible=False)
    with gr.Accordion(text("file_title"), open=False, elem_id=f"{tab}file-choices"):
        formats = [(text("format_auto"), ""), *((text(f"format_{format}"), format) for format in FORMATS)]
        found["format"] = gr.Dropdown(formats, value="", label=text("format"), elem_id=f"{tab}format")
        with gr.Row():
            found["quality"] = gr.Textbox(label=text("file_quality"), placeholder="95", max_lines=1, min_width=120, elem_id=f"{tab}quality")
            found["max_kb"] = gr.Textbox(label=text("max_kb"), placeholder="500", max_lines=1, min_width=120, elem_id=f"{tab}max-kb")
        found["background"] = gr.ColorPicker(
            value=BACKGROUND, label=text("background"), info=text("background_info"), elem_id=f"{tab}background", elem_classes="background"
        )
    with gr.Accordion(text("classic_title"), open=False, elem_id=f"{tab}step-choices"):
        gr.Markdown(text("classic_info"))
        for step in STEPS:
            found[step.name] = gr.Slider(
                step.lowest, step.highest, value=0, step=0.05, label=text(f"step_{step.name}"), info=text(f"step_{step.name}_info")
            )
    with gr.Accordion(text("look_title"), open=False, elem_id=f"{tab}look-choices"):
        found |= build_look(text, tab)
    with gr.Accordion(text("more"), open=False, elem_id=f"{tab}more-choices"):
        found["network"] = gr.Dropdown(
            list_networks(text, scale),
            value="",
            label=text("network"),
            info=text("network_info"),
            allow_custom_value=True,
            elem_id=f"{tab}network",
        )
        found["steps"] = gr.Slider(1, MOST_STEPS, value=1, step=1, label=text("steps"), info=text("steps_info"), elem_id=f"{tab}steps")
        for wish in fields(Order):
            if wish.name not in (*found, *PLACED):
                found[wish.name] = control(text, wish)
    found["preset"].change(on_preset, [found["preset"]], [found["snap"], found["size"]], **AT_ONCE)
    found["size"].change(
        lambda size: gr.Radio(visible=(size or "").strip().strip("0123456789") != ""), [found["size"]], [found["how"]], **AT_ONCE
    )
    return found


def build_look(text: Callable[[str], Any], tab: str) -> dict[str, Any]:
    """Builds the choices of a look. → the components, by the names of the choices."""
    gr.Markdown(text("look_about"))
    looks = [(text("no_look"), ""), *((text(f"look_{name}"), name) for name in LOOKS), (text("look_own"), OWN)]
    found: dict[str, Any] = {"look": gr.Radio(looks, value="", label=text("look"), elem_id=f"{tab}look")}
    found["look_file"] = gr.File(label=text("look_file"), file_types=[".cube"], height=160, visible=False, elem_id=f"{tab}look-file")
    for name in ("look_strength", "look_product"):
        how: dict[str, Any] = {"label": text(name), "info": text(f"{name}_info"), "elem_id": f"{tab}{name}".replace("_", "-")}
        found[name] = gr.Slider(0, 1, value=getattr(Order, name), step=0.05, visible=False, **how)
    found["look"].change(
        lambda look: (gr.File(visible=look == OWN), *[gr.Slider(visible=bool(look))] * 2),
        [found["look"]],
        [found["look_file"], found["look_strength"], found["look_product"]],
        **AT_ONCE,
    )
    return found


def read_look(chosen: dict[str, Any]) -> str:
    """The look that was chosen, as an order has it. Raises PhotoError where its file is missing or no text."""
    if chosen["look"] != OWN:
        return chosen["look"]
    if not chosen.get("look_file"):
        raise PhotoError("A look of your own is a .cube file. Bring it, or choose another look.")
    return take_upload(chosen["look_file"])[0].read_text("utf-8", "replace")


def on_preset(place: str):
    """→ (white background, exact size): the one only for a marketplace, the other only without."""
    if place:
        return gr.Checkbox(visible=True), gr.Textbox("", visible=False)
    return gr.Checkbox(False, visible=False), gr.Textbox(visible=True)


def list_networks(text: Callable[[str], Any], scale: str) -> list[tuple[Any, str]]:
    """Choices of the exact network: (what is shown, id)."""
    fitting = [(entry.id, entry.id) for entry in CATALOG if str(entry.net.scale) == scale]
    elsewhere = [entry for entry in PUBLISHED if str(entry.net.scale) == scale]
    fetched = [(f"{entry.label} · {entry.licence}, {entry.credit}{weight(entry)}", entry.id) for entry in elsewhere]
    return [(text("as_above"), ""), *fitting, *fetched]


def weight(entry: Entry) -> str:
    """What is to be downloaded for it, where that is known."""
    return f" · {entry.source.size / 1e6:.0f} MB" if isinstance(entry.source, Hub) and entry.source.size else ""


def control(text: Callable[[str], Any], wish: Field[Any]) -> Any:
    """A control for a wish that has no place of its own on the page: labels are its name, its name with _info, and its choices."""
    labels: dict[str, Any] = {"label": text(wish.name), "info": text(f"{wish.name}_info")}
    value: Any = wish.default
    if value is False:
        return gr.Checkbox(**labels)
    if choices := WISHES[wish.name].choices:
        return gr.Radio([(text(str(choice)), choice) for choice in choices], value=value, **labels)
    return gr.Textbox("" if value is None else str(value), max_lines=1, **labels)


def words(chosen: dict[str, Any]) -> dict[str, Any]:
    """The values of the page's components, by name → the words of an order.

    The `model` is the exact network if one was chosen, else what model and speed come to; `before` and `after` are made of the sliders of
    the steps, of which one at 0 is off. Left out are detail for a model without a dial, further looks for one that gains nothing by them,
    and the shares of a look where there is none.
    """
    found = {name: chosen[name] for name in WISHES if name in chosen}
    for when in WHENS:
        found[when] = " ".join(f"{step.name}={chosen[step.name]:g}" for step in STEPS if step.when == when and chosen.get(step.name))
    if model := chosen.get("network") or speed.name_network(str(chosen.get("model") or ""), chosen.get("speed")):
        found["model"] = model
    found |= {"look": read_look(chosen)} if "look" in chosen else {}
    found |= {} if found.get("look") else dict.fromkeys(("look_strength", "look_product"))
    model = str(found.get("model"))
    found |= {} if model_has_dial(model) else {"detail": None}
    return found | ({} if model_gains_by_steps(model) else {"steps": None})


def model_has_dial(model: str) -> bool:
    """Whether detail can be asked of a model, given by its id or family: of any of its scales, since a size may overrule the scale."""
    return any(nets.has_dial(entry.net) for entry in list_entries(model))


def model_gains_by_steps(model: str) -> bool:
    """Whether a model, given likewise, is better for looking at a photo several times."""
    return any(gains_by_steps(entry) for entry in list_entries(model))


def list_entries(model: str) -> list[Entry]:
    return [entry for entry in (*CATALOG, *PUBLISHED) if model in (entry.id, entry.family)]
