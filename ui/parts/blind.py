"""The blind test as a page of its own, which needs no other file and no network: two pictures, two questions, and the answers as JSON.

It is shown inside of the page, and can be sent to whoever should judge.
"""

import html
from collections.abc import Sequence

from sr_models import Photo
from sr_models.figures.blind import Round
from sr_models.output import encode
from ui.parts.document import embed, render_document
from ui.words.texts import say

WORDS = {
    "rather": "Which would you rather see in a shop?",
    "closer": "This is the original. Which of the two is closer to it?",
    "round": "Pair {round} of {rounds}",
    "original": "Original",
    "same": "No difference",
    "done": "Thank you. These were the models:",
    "model": "Model",
    "seen": "Shown",
    "preferred": "Rather seen",
    "likest": "Closer",
    "save": "Save the answers",
    "again": "Once more",
}
"""What the script says; {round} and {rounds} are filled in by it."""

MARKUP = """
<div class="blind">
  <p class="count" role="status"></p>
  <h2></h2>
  <div class="pair"></div>
  <div class="answers"></div>
  <div class="end"></div>
</div>
"""

CSS = """
.blind h2 {margin: 0 0 12px; font-size: 1.15em}
.blind .count {margin: 0 0 4px; font-size: 14px}
.blind figure {margin: 0}
.blind img {display: block; width: 100%; border-radius: 6px}
.blind figcaption {margin-top: 4px; text-align: center; font-weight: 600}
.blind .pair {display: grid; grid-auto-flow: column; grid-auto-columns: minmax(0, 400px); gap: 12px; justify-content: center}
.blind .answers {position: sticky; bottom: 0; display: flex; justify-content: center; gap: 8px}
.blind .answers {padding: 12px 0; background: var(--body-background-fill)}
.blind button {min-height: 44px; min-width: 64px; padding: 0 14px; border: 1px solid currentColor; border-radius: 8px; white-space: nowrap}
.blind button {color: inherit; background: none; font: inherit; cursor: pointer}
.blind button:hover, .blind button:focus-visible {outline: 3px solid #6366f1; outline-offset: 1px}
.blind table {width: 100%; margin-bottom: 16px; border-collapse: collapse; font-variant-numeric: tabular-nums}
.blind th, .blind td {padding: 8px 6px; border-bottom: 1px solid #8886; text-align: right}
.blind th:first-child {text-align: left; font-weight: 400; overflow-wrap: anywhere}
.blind [hidden] {display: none !important}
@media (max-width: 560px) {
  .blind .pair {grid-auto-flow: row; grid-auto-columns: auto}
  .blind .original {order: -1}
}
"""

SCRIPT = """
const {rounds, words} = JSON.parse(document.querySelector('#value').textContent);
const one = name => document.querySelector('.blind ' + name);
const make = (name, has, ...inside) => {
  const made = Object.assign(document.createElement(name), has);
  made.append(...inside);
  return made;
};
const picture = (src, alt) => make('figure', {}, make('img', {src, alt}), make('figcaption', {}, alt));
const button = (text, onclick) => make('button', {type: 'button', onclick}, text);
const NAMES = ['A', 'B'];
let at = 0, asked = 'rather', answers = [], sides = [];

function begin() {
  at = 0;
  asked = 'rather';
  answers = [];
  sides = rounds.map(() => Math.random() < 0.5 ? [0, 1] : [1, 0]); /* so that nobody learns on which side a model stands */
  show();
}

function show() {
  const over = at === rounds.length, round = rounds[at];
  for (const part of ['.pair', '.answers', '.count']) one(part).hidden = over;
  one('.end').hidden = !over;
  if (over) return finish();
  one('.count').textContent = words.round.replace('{round}', at + 1).replace('{rounds}', rounds.length);
  one('h2').textContent = words[asked];
  const [a, b] = sides[at].map((which, side) => picture(round.pictures[which], NAMES[side]));
  const original = picture(round.original, words.original);
  original.className = 'original';
  one('.pair').replaceChildren(...asked === 'closer' ? [a, original, b] : [a, b]);
  const choices = [[NAMES[0], 0], [words.same, null], [NAMES[1], 1]];
  one('.answers').replaceChildren(...choices.map(([text, side]) => button(text, () => answer(side))));
}

function answer(side) {
  const shown = sides[at].map(which => rounds[at].models[which]), chosen = side === null ? null : shown[side];
  if (asked === 'rather') answers.push({a: shown[0], b: shown[1], rather: chosen});
  else answers[at].closer = chosen;
  if (asked === 'closer') at += 1;
  asked = asked === 'rather' ? 'closer' : 'rather';
  show();
}

function finish() {
  one('h2').textContent = words.done;
  const models = [...new Set(rounds.flatMap(round => round.models))];
  const count = test => model => answers.filter(given => test(given, model)).length;
  const columns = [count((given, model) => given.a === model || given.b === model),
    count((given, model) => given.rather === model), count((given, model) => given.closer === model)];
  const heads = ['model', 'seen', 'preferred', 'likest'].map(name => make('th', {scope: 'col'}, words[name]));
  const cells = model => columns.map(column => make('td', {}, column(model)));
  const rows = models.map(model => make('tr', {}, make('th', {scope: 'row'}, model), ...cells(model)));
  const table = make('table', {}, make('thead', {}, make('tr', {}, ...heads)), make('tbody', {}, ...rows));
  one('.end').replaceChildren(table, make('div', {className: 'answers'}, button(words.save, save), button(words.again, begin)));
}

function save() {
  const href = URL.createObjectURL(new Blob([JSON.stringify({answers}, null, 1)], {type: 'application/json'}));
  make('a', {href, download: 'blind-test.json'}).click();
  setTimeout(() => URL.revokeObjectURL(href), 60000);
}

begin();
"""

FRAME = '<iframe class="blind-test" title="{title}" sandbox="allow-scripts allow-downloads" srcdoc="{document}"></iframe>'
FRAME_CSS = """
.blind-test {width: 100%; height: min(760px, 92dvh); border: 1px solid var(--border-color-primary); border-radius: 8px; background: #fff}
"""


def render_test(language: str, title: str, scale: int, rounds: Sequence[Round]) -> str:
    """The page, for one round or more."""
    line = say(
        language,
        "Parts of {side} × {side} pixels were made {scale} times smaller, saved as JPEG, and enlarged again by two models each.",
        side=rounds[0].original.size[0],
        scale=scale,
    )
    shown = [
        {"models": one.models, "original": as_source(one.original), "pictures": [as_source(picture) for picture in one.pictures]}
        for one in rounds
    ]
    words = {name: say(language, said, round="{round}", rounds="{rounds}") for name, said in WORDS.items()}
    body = f"<p><small>{html.escape(line)}</small></p>{MARKUP}"
    return render_document(language, title, CSS, body, SCRIPT, {"words": words, "rounds": shown})


def as_source(photo: Photo) -> str:
    return embed(encode(photo).data, "png")


def render_frame(title: str, document: str) -> str:
    """The page inside of another one, which it cannot reach."""
    return FRAME.format(title=html.escape(title), document=html.escape(document))
