"""Files that are pasted or dropped anywhere on the page: one photo becomes that of the open tab; several, or a ZIP, become a catalogue.

So no drop opens a file in place of the page.
"""

import html
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ui.parts import shots
from ui.parts.events import PRIVATE
from ui.server.dropped import MANY, MOST_PHOTOS, most_photos
from ui.server.files import MAX_BYTES
from ui.words.texts import say

LARGE = "“{name}” is larger than the {limit} megabytes that are taken. Please make the photo smaller first."
BROKEN = "“{name}” could not be uploaded. Please try again."
UPLOADED = "{done} of {total} uploaded …"

CSS = """
#intake {position: fixed; z-index: 900; right: 16px; bottom: 16px; width: auto; padding: 0; border: 0; background: none}
#intake p {margin: 0; padding: 8px 16px; border-radius: 8px; color: #fff; background: #1f2937; box-shadow: 0 2px 8px #0006}
#intake p:empty {display: none}
.arriving {opacity: 0.5; transition: opacity 0.2s}
"""

SCRIPT = """
const {places, most} = props, said = element.querySelector('p');
const isOpen = id => document.getElementById(id)?.offsetParent;
const isZip = ({name, type}) => /[.]zip$/i.test(name) || type === 'application/zip';
const tell = (event, given) => { props.value = given; trigger(event); };

/* Uploads a file. → what gradio calls it; nothing where that failed, which is said. */
async function bring(file) {
  try {
    if (file.size > most) throw 'large';
    const {path, url} = await upload(file);
    return {path, url, orig_name: file.name, size: file.size, mime_type: file.type, meta: {_type: 'gradio.FileData'}};
  } catch (why) {
    tell('stop', {name: file.name, why: why === 'large' ? why : 'broken'});
  }
}

/* Hands a file over as the photo of the open tab; several files, a ZIP, or any where there is no photo, as a catalogue's. */
async function take(files) {
  const place = places.findIndex(isOpen), frame = document.getElementById(places[place]);
  if (files.length > 1 || isZip(files[0]) || !frame) return collect(files);
  frame.classList.add('arriving');
  const photo = await bring(files[0]);
  if (photo) tell('input', {place, photo});
  frame.classList.remove('arriving');
}

/* One after the other: each may be as large as a request may be. */
async function collect(files) {
  if (files.length > props.count) return tell('stop', {name: files[0].name, why: 'many', count: files.length});
  const words = props.words[navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'], taken = [];
  for (const [done, file] of files.entries()) {
    said.textContent = words.replace('{done}', done).replace('{total}', files.length);
    const photo = await bring(file);
    if (photo) taken.push(photo);
  }
  said.textContent = '';
  if (taken.length) tell('submit', {taken, from: places.some(isOpen)});
}

const chooser = Object.assign(document.createElement('input'), {type: 'file', multiple: true, accept: 'image/*,.zip'});
chooser.addEventListener('change', () => { if (chooser.files.length) collect([...chooser.files]); chooser.value = ''; });
document.addEventListener('click', event => { if (event.target.closest('#' + props.chooses)) chooser.click(); });

const holdsFiles = ({dataTransfer}) => dataTransfer && [...dataTransfer.types].includes('Files');
document.addEventListener('dragover', event => { if (holdsFiles(event)) event.preventDefault(); }, true);
document.addEventListener('drop', event => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  if (event.target.closest('#' + props.leaves)) return; /* it takes its files itself */
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


@dataclass(frozen=True)
class Several:
    """The part of the page that takes several photos at once: its components, and the function that is called with the photos."""

    photos: gr.File
    """All that were brought and not made yet; not seen."""
    made: gr.DownloadButton
    """What was made of them; the next ones begin anew."""
    tabs: gr.Tabs
    chooser: str
    """The id of the button that opens the browser's list of files."""
    take: Callable[..., Any]
    """The listener: (“elsewhere” if they were dropped on another tab, else “”; the photos; None) → (photos, tabs)."""


def build(photos: Sequence[gr.Image], several: Several) -> None:
    """For the photos of all tabs, of which one is open at a time, and for several photos."""
    given = gr.HTML(
        html_template='<p role="status"></p>',
        js_on_load=SCRIPT,
        apply_default_css=False,
        elem_id="intake",
        places=[photo.elem_id for photo in photos],
        most=MAX_BYTES,
        count=MOST_PHOTOS,
        chooses=several.chooser,
        leaves=shots.ID,
        words={language: say(language, UPLOADED, done="{done}", total="{total}") for language in ("en", "zh")},
    )
    gr.on(None, lambda: gr.HTML(count=most_photos()), None, [given], queue=False, show_progress="hidden", **PRIVATE)
    hand_over = "(given, ...photos) => photos.map((photo, place) => place === given.place ? given.photo : photo)"
    given.input(None, [given, *photos], [*photos], js=hand_over, **PRIVATE)
    given.stop(on_stop, [given], None, js="given => JSON.stringify(given)", show_progress="hidden", **PRIVATE)
    given.submit(
        several.take,
        [given, several.photos, several.made],
        [several.photos, several.tabs],
        js="(given, kept, made) => [given.from ? 'elsewhere' : '', [...(made ? [] : kept || []), ...given.taken], null]",
        preprocess=False,
        postprocess=False,
        show_progress="hidden",
        **PRIVATE,
    )


def on_stop(given: str, request: gr.Request) -> None:
    """Says why a file was not taken."""
    language = request.headers.get("accept-language", "")
    try:
        told = json.loads(given)
        name, why, count = told["name"], str(told["why"]), told.get("count")
    except (ValueError, TypeError, KeyError):  # not of this page
        return
    said = {
        "large": say(language, LARGE, name=name, limit=MAX_BYTES // 1_000_000),
        "broken": say(language, BROKEN, name=name),
        "many": say(language, MANY, count=count, most=most_photos()),
    }
    if why in said:
        gr.Warning(html.escape(said[why]), title=say(language, "Please note"))
