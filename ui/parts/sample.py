"""The most telling part of the chosen photo, side by side as each model enlarges it, before anything is enlarged: a tile chooses its model.

It takes the one place as every run does, for less than a second, and makes way: for another photo, and for Enlarge.
"""

import math
from collections.abc import Callable
from typing import Any

import gradio as gr
import numpy as np

import sr_models
from sr_models import Photo, UpscaleError, choose, resized
from sr_models.figures.compare import clamp_window, enlarge_part
from sr_models.figures.quality import find_busiest
from sr_models.output import Output, encode
from sr_models.run import Question
from sr_models.weights import choose_entry
from sr_models.wishes import read_scale
from ui.parts import advice
from ui.parts.document import embed
from ui.parts.events import PRIVATE, on_last
from ui.server import runs
from ui.server.files import path_of, take_upload
from ui.server.place import PLACE
from ui.words.texts import label, say

SIDES = {2: 96, 3: 80, 4: 64}
"""Scale → side of the part, in pixels of the photo: enlarged, it fills a third of the page's wider column."""
AROUND = 16
"""Pixels of the photo beyond the part that the networks see, too."""
SEARCHED = 1500
"""Pixels of the photo's longer side that are looked through for that part."""
TECHNICAL = {"bicubic": "plain enlargement", "cnn": "CNN", "gan": "GAN"}
"""Family, in the order of the tiles → what engineers call it."""
CHOSEN = ("cnn", "gan")
"""The families whose tile is a button that chooses the model; plain enlargement cannot be chosen."""
WEBP = Output("webp", 90)
RUN = "sample"
"""What gradio calls the event."""

MARKUP = """
<div class="sample" hidden>
  <div class="tiles">
    <figure><img alt=""><figcaption><b></b> <small></small></figcaption></figure>
    <button type="button"><img alt=""><b></b> <small></small><i></i></button>
    <button type="button"><img alt=""><b></b> <small></small><i></i></button>
  </div>
  <p aria-live="polite"></p>
</div>
"""

CSS = """
.html-container:has(.sample) {padding: 0 !important}
#sample:has(.sample[hidden]) {display: none}
.sample .tiles {display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px}
.sample figure, .sample button {margin: 0; padding: 0 0 6px; border-radius: 10px; overflow: hidden; border: 2px solid transparent}
.sample figure, .sample button {font: inherit; font-size: 14px; line-height: 1.35; text-align: center; color: var(--body-text-color)}
.sample button {display: flex; flex-direction: column; position: relative}
.sample button {border-color: var(--border-color-primary); background: var(--block-background-fill); cursor: pointer}
.sample button:hover {border-color: var(--primary-400)}
.sample button[aria-pressed=true] {border-color: var(--primary-600); box-shadow: 0 0 0 1px var(--primary-600)}
.sample button:focus-visible {outline: 3px solid #6366f1; outline-offset: 2px}
.sample img {display: block; width: 100%; aspect-ratio: 1; margin: 0 0 6px; object-fit: cover}
.sample b, .sample small {display: block; padding: 0 4px}
.sample small {font-size: 12px; color: var(--body-text-color-subdued)}
.sample i {position: absolute; top: 6px; left: 6px; padding: 1px 8px; border-radius: 999px; font-size: 12px; font-style: normal}
.sample i {color: #fff; background: #15803d}
.sample i:empty {display: none}
.sample p {margin: 8px 0 0; font-size: 14px; line-height: 1.45}
@media (max-width: 640px) {.sample figure, .sample button {font-size: 13px}}
"""

SCRIPT = """
const root = element.querySelector('.sample'), tiles = [...root.querySelectorAll('figure, button')];
function show(value) {
  const isNew = root.hidden;
  root.hidden = !value;
  if (!value) return;
  tiles.forEach((tile, place) => {
    const {model, name, technical, picture, suits} = value.tiles[place];
    const image = tile.querySelector('img');
    if (image.getAttribute('src') !== picture) image.src = picture;
    tile.querySelector('b').textContent = name;
    tile.querySelector('small').textContent = technical;
    if (tile.localName !== 'button') return;
    tile.dataset.model = model;
    tile.querySelector('i').textContent = suits;
    tile.setAttribute('aria-pressed', model === value.chosen);
  });
  root.querySelector('p').textContent = value.advice;
  if (isNew) setTimeout(() => {
    const {top, bottom} = root.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) root.scrollIntoView({block: 'nearest'}); /* at once: what moves meanwhile would end a smooth way */
  }, 50);
}
element.addEventListener('click', event => {
  const tile = event.target.closest('button[data-model]');
  if (!tile) return;
  props.value = {...props.value, chosen: tile.dataset.model};
  show(props.value);
  trigger('select');
});
watch('value', () => show(props.value));
show(props.value);
"""


def build(text: Callable[[str], Any], photo: gr.Image, scale: gr.Radio, model: gr.Radio) -> gr.HTML:
    """The component: tiles of `photo` at `scale`, one of which may choose `model`. Hidden while there is no photo that can be read."""
    shown = gr.HTML(html_template=MARKUP, js_on_load=SCRIPT, apply_default_css=False, elem_id="sample")
    for changes in (photo.change, photo.clear):  # a photo that is removed at once may not count as a change
        changes(None, None, [shown], js="() => null", **PRIVATE)
        changes(on_other_photo, [photo], None, preprocess=False, queue=False, **PRIVATE)
    on_last(  # so that a visitor has one at most in the queue
        [photo.change, scale.change],
        on_sample,
        [photo, scale, model],
        [shown],
        preprocess=False,
        show_progress="hidden",
        api_name=RUN,
        **PLACE,
        **PRIVATE,
    )
    shown.select(None, [shown], [model], js="value => value.chosen", **PRIVATE)
    model.change(None, [model, shown], [shown], js="(model, value) => value && {...value, chosen: model}", **PRIVATE)
    return shown


under_way: dict[str, runs.Asked] = {}
"""By session: the sample that is being computed."""


def on_sample(photo: Any, scale: Any, model: Any, request: gr.Request) -> Any:
    """→ the value to show; None where there is no readable photo: the run says why, once it is asked for."""
    session, language = request.session_hash or "", request.headers.get("accept-language", "")
    mine = under_way[session] = runs.Asked(path_of(photo))
    try:
        path, name = take_upload(photo)
        with runs.begun(mine.stop.is_set) as turn:
            return render(language, model, *make(sr_models.read(path, name), read_scale(scale), turn.is_over))
    except sr_models.Cancelled:
        return gr.skip()
    except UpscaleError:
        return None
    finally:
        if under_way.get(session) is mine:
            del under_way[session]


async def on_other_photo(photo: Any, request: gr.Request) -> None:
    """The sample of the photo before is not wanted any more."""
    await make_way(request, path_of(photo))


async def make_way(request: gr.Request, photo: str | None = None) -> None:
    """What this visitor's page still computes or waits for ends, but for the sample of `photo`."""
    session = request.session_hash or ""
    mine = under_way.get(session)
    if mine and mine.photo != photo:
        mine.stop.set()
    await runs.leave(RUN, session, [gr.skip()], unless=lambda data: data and photo and path_of(data[0]) == photo)


def make(photo: Photo, scale: int, cancelled: Question) -> tuple[Photo, dict[str, Photo]]:
    """(the part, family → what it makes of it). Raises what `upscale` raises."""
    rows, columns = find_part(photo, SIDES[scale])
    made = {}
    for family in TECHNICAL:
        entry = choose_entry(family, scale, noise=photo.noise)
        large, _ = enlarge_part(photo, entry, rows, columns, AROUND, choose(), cancelled)
        made[family] = resized(large, large.size)
    return photo.part(rows, columns), made


def find_part(photo: Photo, side: int) -> tuple[slice, slice]:
    """(rows, columns) of the busiest part; of a large photo every so many pixels tell where it is."""
    step = math.ceil(max(photo.size) / SEARCHED)
    coarse = photo.rgb[::step, ::step]
    if photo.alpha is not None:
        coarse = np.where(photo.alpha[::step, ::step, None] > 0, coarse, 255)
    corner = find_busiest(coarse, side // step)
    y, x = (start * step + side // 2 for start in corner)
    return clamp_window(y, side, photo.size[1]), clamp_window(x, side, photo.size[0])


def render(language: str, chosen: Any, part: Photo, made: dict[str, Photo]) -> dict[str, Any]:
    """What the component shows."""
    suits, sentence = advice.explain(language, advice.measure(part, made["cnn"], made["gan"]))
    return {
        "tiles": [
            {
                "model": family,
                "name": label(language, family) if family in CHOSEN else say(language, "Without a model"),
                "technical": say(language, TECHNICAL[family]),
                "picture": embed(encode(picture, WEBP).data, "webp"),
                "suits": say(language, "suits it") if family == suits else "",
            }
            for family, picture in made.items()
        ],
        "advice": sentence,
        "chosen": chosen,
    }
