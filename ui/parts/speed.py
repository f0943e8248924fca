"""Best or fast: which of two networks keeps to the photo. The page chooses by the seconds that it expects, until the visitor does."""

from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from sr_models import MODELS
from sr_models.run import lenders
from ui.words.texts import label, say

SPEEDS: tuple[str, ...] = ("best", "fast")
FAST = {"cnn": "cnn-fast"}
"""Family → the one that does the same faster, and a little softer."""
KINDS = tuple(model for model in MODELS if model not in FAST.values())
"""What a visitor chooses first: what a model does."""
PATIENCE_SECONDS = 10
"""The best one is chosen while it is expected to take no longer."""
WHY = "Fast is chosen, since best would take about {seconds} s here."


def build(text: Callable[[str], Any], tab: str = "") -> gr.Radio:
    """The choice; `tab` begins its id, where another tab has one too."""
    choices: list[Any] = [(text(speed), speed) for speed in SPEEDS]
    return gr.Radio(choices, value="best", label=text("speed"), info=text("speed_info"), elem_id=f"{tab}speed")


def build_own(shown: gr.Radio) -> gr.Radio:
    """What the visitor chose of `shown`; not seen, and nothing as long as the page chooses."""
    own = gr.Radio(list(SPEEDS), value=None, show_label=False, visible="hidden")
    shown.input(None, [shown], [own], js="speed => speed", api_visibility="private")
    return own


def name_network(model: str, speed: str | None) -> str:
    """The family that does what `model` does, as fast as was chosen."""
    return FAST.get(model, model) if speed == "fast" else model


def is_offered(model: str, network: str) -> bool:
    """Whether there is a choice, for a model and the exact network that overrules it."""
    return model in FAST and not network


def propose(seconds: float | None) -> str:
    """What the page chooses where the best one is expected to take so long; None where that is not known. A lent GPU is fast enough."""
    return "fast" if seconds is not None and seconds > PATIENCE_SECONDS and not lenders else "best"


def show(language: str, chosen: str, times: Mapping[str, str], why: str | None = None) -> gr.Radio:
    """The choice with the time that each is expected to take, "" where it is not known; and `why` the page chose fast, in seconds."""
    choices = [(" · ".join(filter(None, (label(language, speed), times[speed]))), speed) for speed in SPEEDS]
    return gr.Radio(choices, value=chosen, info=label(language, "speed_info") if why is None else say(language, WHY, seconds=why))
