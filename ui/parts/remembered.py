"""What the browser remembers from one visit to the next: choices, never a picture. The server is not asked, and not told."""

import json
from typing import Any

import gradio as gr
from gradio.context import Context

from ui.parts.events import PRIVATE

KEY = "choices"
"""Under which the browser keeps them. They are no secret; with another one than before, gradio could not read them after a restart."""


def build(chosen: dict[str, Any], own: dict[str, Any]) -> None:
    """Restores what was chosen on an earlier visit, except for what is not offered any more, and keeps what is chosen now.

    `chosen`: name → radio or dropdown. `own`: the same, but hidden, where the page also chooses by itself: they hold the visitor's choice.
    """
    choices = chosen | own
    kept = gr.BrowserState({}, storage_key=KEY, secret=KEY)
    names = json.dumps(list(choices))
    offered = json.dumps([[value for _, value in choice.choices] for choice in choices.values()])
    restore = f"(kept, ...now) => {names}.map((name, at) => {offered}[at].includes(kept?.[name]) ? kept[name] : now[at])"
    page: Any = Context.root_block  # `gr.on` without triggers would restore at every change, too
    page.load(None, [kept, *choices.values()], [*choices.values()], js=restore, **PRIVATE)
    keep = f"(...now) => Object.fromEntries({names}.map((name, at) => [name, now[at]]))"
    changes = [*(choice.input for choice in chosen.values()), *(choice.change for choice in own.values())]
    gr.on(changes, None, [*choices.values()], [kept], js=keep, **PRIVATE)
