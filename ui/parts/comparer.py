"""Before and after in one picture, with a divider that can be dragged: as a part of the page, and as a file that needs no network.

MARKUP holds no words and no data, and SCRIPT is the same in both places: it fills MARKUP with a value of `make_value`.
"""

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from ui.parts.document import embed, render_document
from ui.words.texts import say

WORDS = {
    "divider": "Divider between before and after",
    "position": "{before} % before, {after} % after",
    "fit": "Fit",
    "whole": "100 %",
    "blink": "Hold to see before",
    "glass": "Lens",
    "full": "Full screen",
    "leave": "Leave full screen",
    "copy": "Copy both",
    "save": "Save both",
    "copied": "Before and after were copied, side by side: paste them into a mail or a chat.",
    "saved": "Nothing could be copied here: before and after were saved instead, side by side.",
    "hint": "Drag or click · arrow keys · hold B for before · L for the lens · double-click for 100 %",
}
"""What the script says; {before} and {after} are shares of the picture's width, and are filled in while the divider moves."""

MARKUP = """
<div class="comparer">
  <p class="empty"></p>
  <div class="stage">
    <div class="layer before"><img alt="" draggable="false"><span class="tag"></span></div>
    <div class="layer after"><img alt="" draggable="false"><span class="tag"></span></div>
    <div class="divider" role="slider" tabindex="0" aria-valuemin="0" aria-valuemax="100" aria-orientation="horizontal"></div>
    <div class="sight"></div>
    <div class="lens" aria-hidden="true">
      <div class="half before"><img alt="" draggable="false"><span class="tag"></span></div>
      <div class="half after"><img alt="" draggable="false"><span class="tag"></span></div>
    </div>
  </div>
  <div class="tools">
    <button type="button" class="fit"></button><button type="button" class="whole"></button>
    <button type="button" class="glass" aria-pressed="false"></button><button type="button" class="blink"></button>
    <button type="button" class="copy"></button><button type="button" class="save"></button>
    <button type="button" class="full"><svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d="M1 6V1h5M10 1h5v5M15 10v5h-5M6 15H1v-5" fill="none" stroke="currentColor" stroke-width="2"/></svg></button>
    <small class="hint" role="status"></small>
  </div>
</div>
"""

CSS = """
.html-container:has(.comparer) {padding: 0 !important}
.comparer {--at: 50%; --ratio: 1; --most: min(560px, 70vh)}
.comparer {color: var(--body-text-color, #1f2937); -webkit-user-select: none; user-select: none}
.comparer > * {margin: 0}
.comparer:not(.filled) > :not(.empty), .comparer.filled > .empty {display: none}
.comparer .empty {display: grid; place-items: center; min-height: 240px; padding: 24px; text-align: center}
.comparer .empty {border: 2px dashed var(--border-color-primary, #d1d5db); border-radius: 12px}
.pending .comparer .empty {color: transparent}
.comparer .stage {position: relative; overflow: hidden; width: min(100%, calc(var(--ratio) * var(--most))); min-height: 96px}
.comparer .stage {aspect-ratio: var(--ratio); margin: 0 auto; border-radius: 8px; touch-action: pan-y pinch-zoom; cursor: ew-resize}
.comparer .stage {background: var(--border-color-primary, #d1d5db)}
.comparer.whole .stage {width: 100%; height: min(var(--height), var(--most)); aspect-ratio: auto; touch-action: pinch-zoom; cursor: grab}
.comparer .layer {position: absolute; inset: 0; pointer-events: none}
.comparer .layer.before {clip-path: inset(0 calc(100% - var(--at)) 0 0)}
.comparer .layer.after {clip-path: inset(0 0 0 var(--at))}
.comparer .layer img {position: absolute; left: var(--x); top: var(--y); width: var(--w); height: var(--h)}
.comparer .layer img {max-width: none; margin: 0; border-radius: 0}
.comparer .tag {position: absolute; top: 8px; padding: 2px 10px; border-radius: 999px; font-size: 13px; color: #fff; background: #000b}
.comparer .before .tag {left: 8px}
.comparer .after .tag {right: 8px}
.comparer .sight, .comparer .lens {display: none; position: absolute; pointer-events: none}
.comparer .sight {border: 1px solid #fff; box-shadow: 0 0 0 1px #000b}
.comparer .lens {width: min(360px, 90%); height: min(180px, 45%); overflow: hidden}
.comparer .lens {gap: 2px; border-radius: 8px; background: #fff; box-shadow: 0 0 0 2px #fff, 0 2px 12px 2px #000b}
.comparer .half {position: relative; flex: 1; overflow: hidden}
.comparer .half img {position: absolute; max-width: none; margin: 0; border-radius: 0}
.comparer.looking .lens {display: flex}
.comparer.looking .sight {display: block}
.comparer.looking .stage {touch-action: none}
.comparer .divider {position: absolute; top: 0; bottom: 0; left: var(--at); width: 44px; margin-left: -22px}
.comparer .divider {cursor: ew-resize; outline: none}
.comparer .divider::before {content: ""; position: absolute; top: 0; bottom: 0; left: 21px; width: 2px; background: #fff}
.comparer .divider::before {box-shadow: 0 0 0 1px #0006}
.comparer .divider::after {content: "◂ ▸"; position: absolute; top: calc(50% - 20px); left: 2px; width: 40px; line-height: 40px}
.comparer .divider::after {border-radius: 50%; font-size: 13px; text-align: center}
.comparer .divider::after {color: #111827; background: #fff; box-shadow: 0 1px 6px #0008}
.comparer .divider:focus-visible::after {outline: 3px solid #4f46e5; outline-offset: 1px; box-shadow: 0 0 0 7px #fff}
.comparer .tools {display: flex; flex-wrap: wrap; align-items: center; gap: 6px; margin-top: 8px}
.comparer button {min-height: 34px; min-width: 34px; padding: 0 12px; border-radius: 8px; font: inherit; font-size: 14px; cursor: pointer}
.comparer button {border: 1px solid currentColor; color: inherit; background: var(--body-background-fill, #fff)}
.comparer button {touch-action: manipulation; -webkit-touch-callout: none}
.comparer button[aria-pressed=true] {color: var(--body-background-fill, #fff); background: var(--body-text-color, #1f2937)}
.comparer button:focus-visible {outline: 3px solid #6366f1; outline-offset: 2px}
.comparer button.full {margin-left: auto; padding: 0 8px; line-height: 0}
.comparer .hint {flex-basis: 100%; font-size: 13px}
.comparer.blinking .divider {opacity: 0}
.comparer.blinking {--at: 100% !important}
.comparer.filling {--most: calc(100dvh - 64px); position: fixed; inset: 0; z-index: 1000; padding: 8px; overflow: auto}
.comparer.filling {align-content: center; background: var(--body-background-fill, #fff)}
.comparer.filling.whole .stage {height: var(--most)}
.comparer.filling .hint {display: none}
@media (pointer: coarse) {.comparer button {min-height: 44px; min-width: 44px} .comparer .hint.keys {display: none}}
"""

SCRIPT = """
const one = name => element.querySelector(name);
const root = one('.comparer'), stage = one('.stage'), divider = one('.divider');
const buttons = {};
for (const name of ['fit', 'whole', 'glass', 'blink', 'copy', 'save', 'full']) buttons[name] = one('button.' + name);
const images = ['before', 'after'].map(side => element.querySelectorAll(`.${side} img`));
const between = (least, value, most) => Math.min(most, Math.max(least, value));
let shown = null, at = 50, whole = false, centre = {x: 0.5, y: 0.5}, drag = null;
let looking = false, seen = {x: 0.5, y: 0.5};
const LENS = 2; /* pixels of the screen for one of the picture, along each side */

/* Puts the divider at so many percent of the frame's width. */
function move(to) {
  at = between(0, to, 100);
  const before = Math.round(at);
  root.style.setProperty('--at', at + '%');
  divider.setAttribute('aria-valuenow', before);
  divider.setAttribute('aria-valuetext', shown.words.position.replace('{before}', before).replace('{after}', 100 - before));
}

/* Puts both pictures where zoom and centre say, the centre being a point of the picture in shares of its sides. */
function layout() {
  if (!shown || !stage.clientWidth) return;
  const frame = {x: stage.clientWidth, y: stage.clientHeight}, size = {x: shown.size[0], y: shown.size[1]};
  const scale = whole ? 1 : Math.min(frame.x / size.x, frame.y / size.y);
  for (const axis of ['x', 'y']) {
    const length = size[axis] * scale, room = frame[axis] - length;
    const start = room >= 0 ? room / 2 : between(room, frame[axis] / 2 - centre[axis] * length, 0);
    centre[axis] = (frame[axis] / 2 - start) / length;
    root.style.setProperty('--' + axis, start + 'px');
    root.style.setProperty(axis === 'x' ? '--w' : '--h', length + 'px');
  }
  look();
}

/* The point of the picture, in shares of its sides, under a pointer. */
function under(event) {
  const box = images[0][0].getBoundingClientRect();
  return {x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height};
}

/* Shows both sides of one point in the lens, which stands above the point, or below it where there is more room. */
function look(to = seen) {
  if (!looking || !shown) return;
  seen = {x: between(0, to.x, 1), y: between(0, to.y, 1)};
  const frame = stage.getBoundingClientRect(), picture = images[0][0].getBoundingClientRect();
  const lens = one('.lens'), half = one('.half'), sight = one('.sight'), gap = 24;
  const scale = picture.width / shown.size[0] / LENS, [width, height] = [half.clientWidth * scale, half.clientHeight * scale];
  const x = picture.left - frame.left + seen.x * picture.width, y = picture.top - frame.top + seen.y * picture.height;
  const above = y - lens.clientHeight - gap, top = y > frame.height / 2 ? above : y + gap;
  place(lens, between(0, x - lens.clientWidth / 2, frame.width - lens.clientWidth), between(0, top, frame.height - lens.clientHeight));
  place(sight, x - width / 2, y - height / 2, width, height);
  for (const [, image] of images) {
    const large = shown.size.map(side => side * LENS);
    place(image, half.clientWidth / 2 - seen.x * large[0], half.clientHeight / 2 - seen.y * large[1], ...large);
  }
}

function place(part, left, top, width, height) {
  [part.style.left, part.style.top] = [left + 'px', top + 'px'];
  if (width) [part.style.width, part.style.height] = [width + 'px', height + 'px'];
}

function useLens(on) {
  looking = on;
  root.classList.toggle('looking', on);
  buttons.glass.setAttribute('aria-pressed', on);
  look();
  sharpen();
}

/* Shows one pixel of the picture as one of the screen, around a point; or all of the picture. */
function zoom(wanted, point) {
  if (!whole) root.style.setProperty('--height', stage.clientHeight + 'px');
  whole = wanted;
  centre = point || {x: 0.5, y: 0.5};
  root.classList.toggle('whole', whole);
  buttons.fit.setAttribute('aria-pressed', !whole);
  buttons.whole.setAttribute('aria-pressed', whole);
  layout();
  sharpen();
}

/* Fetches the pictures for 100 % and more, once they are wanted and where there are larger ones than those shown. */
function sharpen() {
  const wanted = shown;
  if (!(whole || looking) || !wanted || !wanted.full) return;
  wanted.full.forEach(({url}, side) => {
    const onload = () => { if (shown === wanted) images[side].forEach(image => { image.src = url; }); };
    Object.assign(new Image(), {onload, src: url});
  });
}

function blink(on) {
  root.classList.toggle('blinking', on);
  buttons.blink.setAttribute('aria-pressed', on);
}

function fill(on) {
  root.classList.toggle('filling', on);
  buttons.full.title = shown.words[on ? 'leave' : 'full'];
  buttons.full.setAttribute('aria-label', buttons.full.title);
}

/* The line below: of keys and mouse only where there are some. */
function say(words, keys = false) {
  one('.hint').textContent = words;
  one('.hint').classList.toggle('keys', keys);
}

function show(value) {
  shown = value && value.pair ? value : null;
  one('.empty').textContent = value && value.empty || '';
  root.classList.toggle('filled', !!shown);
  if (!shown) {
    images.forEach(side => side.forEach(image => image.removeAttribute('src')));
    at = 50;
    whole = false;
    useLens(false);
    return;
  }
  const words = shown.words;
  root.style.setProperty('--ratio', shown.size[0] / shown.size[1]);
  images.forEach((both, side) => {
    for (const image of both) {
      if (image.getAttribute('src') !== shown.pair[side].url) image.src = shown.pair[side].url;
      image.nextElementSibling.textContent = shown.names[side];
    }
    both[0].alt = shown.alt[side];
  });
  divider.setAttribute('aria-label', words.divider);
  say(words.hint, true);
  for (const key of ['fit', 'whole', 'glass', 'blink', 'copy', 'save']) buttons[key].textContent = words[key];
  fill(root.classList.contains('filling'));
  blink(false);
  move(at);
  zoom(whole, centre);
}

/* Both pictures side by side under their names, as a PNG. */
async function draw() {
  const pictures = shown.pair.map(({url}) => Object.assign(new Image(), {src: url}));
  await Promise.all(pictures.map(picture => picture.decode()));
  const {naturalWidth: width, naturalHeight: height} = pictures[1], unit = Math.max(12, Math.round(Math.max(width, height) / 45));
  const canvas = document.createElement('canvas'), pen = canvas.getContext('2d');
  [canvas.width, canvas.height] = [2 * width + 3 * unit, height + 4 * unit];
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = '#111827';
  pen.font = `600 ${1.4 * unit}px system-ui, sans-serif`;
  pen.textBaseline = 'middle';
  pictures.forEach((picture, side) => {
    const left = unit + side * (width + unit);
    pen.fillText(shown.names[side], left, 1.6 * unit, width);
    pen.drawImage(picture, left, 3 * unit, width, height);
  });
  return new Promise(done => canvas.toBlob(done, 'image/png'));
}

async function save(said) {
  const href = URL.createObjectURL(await draw());
  Object.assign(document.createElement('a'), {href, download: 'before-after.png'}).click();
  setTimeout(() => URL.revokeObjectURL(href), 60000);
  if (said) say(said);
}

/* A browser lets a page copy only where nobody can listen in, and may ask first. */
async function copy() {
  try {
    await navigator.clipboard.write([new ClipboardItem({'image/png': draw()})]);
    say(shown.words.copied);
  } catch {
    save(shown.words.saved);
  }
}

const point = event => {
  const box = stage.getBoundingClientRect();
  move(100 * (event.clientX - box.left) / box.width);
};

/* A finger may be about to scroll the page, so what it touches moves only once it moves sideways or is lifted. */
stage.addEventListener('pointerdown', event => {
  if (event.button || !event.isPrimary) return;
  if (looking && event.pointerType !== 'mouse' && event.target !== divider) return look(under(event));
  drag = {x: event.clientX, y: event.clientY, centre: {...centre}, divides: !whole || event.target === divider, moved: false};
  stage.setPointerCapture(event.pointerId);
  divider.focus({preventScroll: true});
  if (drag.divides && event.pointerType === 'mouse') point(event);
  if (event.pointerType === 'mouse') event.preventDefault();
});
stage.addEventListener('pointermove', event => {
  if (!event.isPrimary) return;
  if (looking && !drag) return look(under(event));
  if (!drag) return;
  const x = event.clientX - drag.x, y = event.clientY - drag.y;
  if (!drag.moved && Math.hypot(x, y) <= 4) return;
  if (!drag.moved && !whole && event.pointerType !== 'mouse' && Math.abs(y) > Math.abs(x)) return drag = null;
  drag.moved = true;
  if (drag.divides) return point(event);
  const box = images[0][0].getBoundingClientRect();
  centre = {x: drag.centre.x - x / box.width, y: drag.centre.y - y / box.height};
  layout();
});
stage.addEventListener('pointerup', event => {
  if (drag && !drag.moved) point(event);
  drag = null;
});
stage.addEventListener('pointercancel', () => { drag = null; });
stage.addEventListener('dblclick', event => zoom(!whole, under(event)));

const STEPS = {ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -100, End: 100};
const PANS = {ArrowLeft: ['x', -1], ArrowRight: ['x', 1], ArrowUp: ['y', -1], ArrowDown: ['y', 1]};
divider.addEventListener('keydown', event => {
  if (!(event.key in STEPS) || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  if (!((whole || looking) && event.shiftKey && PANS[event.key])) return move(at + STEPS[event.key]);
  const [axis, way] = PANS[event.key], step = way * 40 / shown.size[axis === 'x' ? 0 : 1];
  if (looking) return look({...seen, [axis]: seen[axis] + step});
  centre[axis] += step;
  layout();
});
root.addEventListener('keydown', event => {
  const key = event.ctrlKey || event.metaKey || event.altKey ? '' : event.key.toLowerCase();
  if (key === 'b') blink(true);
  if (key === 'l' && !event.repeat) useLens(!looking);
  if (event.key === 'Escape' && root.classList.contains('filling')) fill(false), layout();
});
root.addEventListener('keyup', event => { if (event.key.toLowerCase() === 'b') blink(false); });
root.addEventListener('focusout', event => { if (!root.contains(event.relatedTarget)) blink(false); });

buttons.fit.addEventListener('click', () => zoom(false));
buttons.whole.addEventListener('click', () => zoom(true));
buttons.glass.addEventListener('click', () => useLens(!looking));
buttons.blink.addEventListener('pointerdown', () => blink(true));
for (const end of ['pointerup', 'pointerleave', 'pointercancel']) buttons.blink.addEventListener(end, () => blink(false));
for (const [type, on] of [['keydown', true], ['keyup', false]]) buttons.blink.addEventListener(type, event => {
  if (event.key !== ' ' && event.key !== 'Enter') return;
  event.preventDefault();
  blink(on);
});
/* A click without a pointer and without a key is a screen reader's: it cannot hold, so it switches. */
buttons.blink.addEventListener('click', event => { if (!event.detail) blink(!root.classList.contains('blinking')); });
buttons.blink.addEventListener('contextmenu', event => event.preventDefault());
buttons.copy.addEventListener('click', copy);
buttons.save.addEventListener('click', () => save());
buttons.full.addEventListener('click', () => {
  const on = !root.classList.contains('filling');
  fill(on);
  if (on && root.requestFullscreen) root.requestFullscreen().catch(() => {}); /* without it, it fills the window */
  if (!on && document.fullscreenElement) document.exitFullscreen();
});
document.addEventListener('fullscreenchange', () => { if (shown) fill(document.fullscreenElement === root); });
new ResizeObserver(layout).observe(stage);
"""

START = "const element = document.getElementById('compared');" + SCRIPT + "show(JSON.parse(document.getElementById('value').textContent));"
"""The script of a file of its own."""


@dataclass(frozen=True)
class Pair:
    """Two pictures of the same shape, the second of which is to be judged."""

    before: Path
    after: Path
    size: tuple[int, int]
    """(width, height) in pixels of the screen at 100 %, whatever the two files have."""
    full: tuple[Path, Path] | None = None
    """Before and after for 100 %, where they are larger than the two above; they are fetched only then."""
    tinted: bool = False
    """Whether the second shows where detail was added."""


def build() -> gr.HTML:
    """The component; its values are made by `make_value` and `make_placeholder`. While its value is None, its place is kept free."""
    script = SCRIPT + "watch('value', () => show(props.value)); show(props.value);"
    return gr.HTML(html_template=MARKUP, js_on_load=script, apply_default_css=False, elem_id="slider")


def make_value(language: str, pair: Pair) -> dict[str, Any]:
    """What the component shows: a pair with all words that belong to it."""
    return describe(language, pair) | {
        "pair": [as_served(pair.before), as_served(pair.after)],
        "full": pair.full and [as_served(file) for file in pair.full],
    }


def make_placeholder(text: str) -> dict[str, Any]:
    """What the component shows instead of a pair: a line that says what will stand there."""
    return {"empty": text}


def describe(language: str, pair: Pair) -> dict[str, Any]:
    """Size and words of a value: what stands on either side, and what a picture is called for those who do not see it."""
    after = say(language, "New detail") if pair.tinted else say(language, "After")
    tinted = say(language, "The result, tinted where it has detail that the photo does not hold")
    return {
        "size": list(pair.size),
        "names": [say(language, "Before"), after],
        "alt": [
            say(language, "The photo, enlarged without a model"),
            tinted if pair.tinted else say(language, "The photo, enlarged by the chosen model"),
        ],
        "words": {name: say(language, WORDS[name], before="{before}", after="{after}") for name in WORDS},
    }


def as_served(file: Path) -> dict[str, Any]:
    """A file as gradio serves it: it copies the file to its own folder and adds the address as "url"."""
    return {"path": str(file), "meta": {"_type": "gradio.FileData"}}


def render_page(language: str, title: str, line: str, verdict: str, pair: Pair) -> str:
    """A page of its own that shows a pair; title, line and verdict are plain text."""
    pictures = [{"url": embed(file.read_bytes(), "webp")} for file in (pair.before, pair.after)]
    told = f"<p>{html.escape(verdict)}</p>\n<p><small>{html.escape(line)}</small></p>\n"
    value = describe(language, pair) | {"pair": pictures}
    return render_document(language, title, CSS, f'<div id="compared">{MARKUP}</div>\n{told}', START, value)
