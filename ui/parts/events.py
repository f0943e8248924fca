"""How what a visitor does is listened to, where gradio's own way is not enough."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

PRIVATE: dict[str, Any] = {"api_visibility": "private"}
"""Of each event of the page's own controls: callers are not offered it."""
AT_ONCE: dict[str, Any] = {"queue": False, **PRIVATE}
"""Of one that waits for no run."""
QUIET: dict[str, Any] = {"preprocess": False, "show_progress": "hidden", **AT_ONCE}
"""Of one, besides, that takes what the browser sends as it is, and shows nothing meanwhile."""


def on_last(triggers: Sequence[Any], fn: Any, inputs: Any, outputs: Any, **options: Any) -> None:
    """Calls `fn` when any of the triggers comes; for those that come while it runs, once more afterwards.

    So does gr.on, but what it repeats then is the trigger that came *before*, for all who listen to that. Here `fn` follows a step that
    does nothing, and only this is repeated.
    """
    heard = gr.on(triggers, None, js="() => {}", **PRIVATE)
    heard.then(fn, inputs, outputs, trigger_mode="always_last", **options)
