"""Photos that are pasted or dropped anywhere on the page: one becomes the photo of the open tab.

So no drop opens a file in place of the page."""

import html
import json
from collections.abc import Sequence
from typing import Any

import gradio as gr

from ui.server.files import MAX_BYTES
from ui.words.texts import say

SEVERAL = "One photo at a time: “{name}” was taken, and {others} more were left out."
LARGE = "“{name}” is larger than the {limit} megabytes that are taken. Please make the photo smaller first."
BROKEN = "“{name}” could not be uploaded. Please try again."

CSS = """
#intake {display: none}
.arriving {opacity: 0.5; transition: opacity 0.2s}
"""

SCRIPT = """
const places = props.places, isOpen = id => document.getElementById(id)?.offsetParent;

/* Uploads one of the files, and hands it over as the photo of the open tab. */
async function take(files) {
  const file = files.find(({type}) => type.startsWith('image/')) || files[0];
  const place = places.findIndex(isOpen), frame = document.getElementById(places[place]);
  if (!frame) return;
  const tell = (event, given) => { props.value = {name: file.name, others: files.length - 1, ...given}; trigger(event); };
  if (file.size > props.most) return tell('stop', {why: 'large'});
  frame.classList.add('arriving');
  try {
    const {path, url} = await upload(file);
    const photo = {path, url, orig_name: file.name, size: file.size, mime_type: file.type, meta: {_type: 'gradio.FileData'}};
    tell('input', {place, photo});
    if (files.length > 1) tell('stop', {place, photo, why: 'several'});
  } catch {
    tell('stop', {why: 'broken'});
  }
  frame.classList.remove('arriving');
}

const holdsFiles = ({dataTransfer}) => dataTransfer && [...dataTransfer.types].includes('Files');
document.addEventListener('dragover', event => { if (holdsFiles(event)) event.preventDefault(); }, true);
document.addEventListener('drop', event => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  event.stopPropagation();
  event.target.dispatchEvent(new DragEvent('dragleave', {bubbles: true})); /* what lit up under the file goes out */
  if (event.dataTransfer.files.length) take([...event.dataTransfer.files]);
}, true);
document.addEventListener('paste', event => {
  const files = [...(event.clipboardData?.files || [])];
  if (!files.length) return;
  event.preventDefault();
  take(files);
});
"""


def build(photos: Sequence[gr.Image]) -> None:
    """For the photos of all tabs, of which one is open at a time."""
    private: dict[str, Any] = {"api_visibility": "private"}
    given = gr.HTML(html_template="", js_on_load=SCRIPT, elem_id="intake", places=[photo.elem_id for photo in photos], most=MAX_BYTES)
    hand_over = "(given, ...photos) => photos.map((photo, place) => place === given.place ? given.photo : photo)"
    given.input(None, [given, *photos], [*photos], js=hand_over, **private)
    given.stop(on_stop, [given], None, js="given => JSON.stringify(given)", show_progress="hidden", **private)


def on_stop(given: str, request: gr.Request) -> None:
    """Says what became of files that were not taken."""
    language = request.headers.get("accept-language", "")
    try:
        told = json.loads(given)
        name, others, why = told["name"], told["others"], str(told["why"])
    except (ValueError, TypeError, KeyError):  # not of this page
        return
    said = {
        "several": say(language, SEVERAL, name=name, others=others),
        "large": say(language, LARGE, name=name, limit=MAX_BYTES // 1_000_000),
        "broken": say(language, BROKEN, name=name),
    }
    if why in said:
        gr.Warning(html.escape(said[why]), title=say(language, "Please note"))
