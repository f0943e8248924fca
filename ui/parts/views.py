"""The same crop enlarged by every model, as HTML: for the page, and for a file that needs neither network nor script."""

import html

from sr_models import MODELS, Entry, Photo, resized
from sr_models.figures.compare import View
from sr_models.output import encode
from ui.parts.document import embed, render_document
from ui.words.texts import label, say

SHOWN = 320
"""Screen pixels: longest side of a picture, and the width of a figure."""

TITLES = {"nearest": "Nearest neighbour", "bicubic": "Bicubic", "lanczos": "Lanczos", "published": "Network from the Hub"}
"""Family → its name on the page; those of MODELS have labels, and abbreviations are left out."""
WITHOUT_NETWORK = ("nearest", "bicubic", "lanczos")
"""Families without a network."""
SEEN = 1.0
"""ΔE00: what can just be seen."""
MADE_FOR: dict[tuple[str, ...], str] = {("clean",): "for clean photos", ("web",): "for photos from the web"}

CSS = """
:has(> .view) {display: grid; grid-template-columns: repeat(auto-fill, min(320px, 100%)); gap: 28px 24px; justify-content: space-between}
.html-container:has(.view) {padding: 0 !important}
.view {margin: 0}
.view ~ p {grid-column: 1 / -1; margin: 0}
.view img {display: block; max-width: 100%; height: auto; margin: 0; border-radius: 4px; image-rendering: pixelated}
.view .whole {display: block; width: fit-content; position: relative; max-width: 100%; overflow: hidden}
.view .whole img {image-rendering: auto}
.view .whole i {position: absolute; box-sizing: border-box; border: 2px solid #ff0080; box-shadow: 0 0 0 1px #fff, inset 0 0 0 1px #fff}
.view figcaption {margin-top: 6px; line-height: 1.5}
.view small, .view code, .view dt {font-size: 13px; font-weight: 400; opacity: 0.75}
.view code {display: block; padding: 0; background: none}
.view dl {display: grid; grid-template-columns: repeat(3, 1fr); margin: 4px 0 0}
.view dt {grid-row: 2}
.view dd {margin: 0; font-weight: 600; font-variant-numeric: tabular-nums}
@media (max-width: 720px) {
  :has(> .view) {grid-template-columns: repeat(2, 1fr); gap: 16px 10px}
  .view dl {grid-template-columns: 1fr auto; gap: 0 8px}
  .view dt {grid-row: auto; grid-column: 1}
  .view dd {grid-column: 2; text-align: right}
}
"""


def render_overview(language: str, photo: Photo, place: tuple[slice, slice]) -> str:
    """The photo, with a frame around the (rows, columns) that are compared."""
    width, height = photo.size
    share = SHOWN / max(photo.size)
    size = max(1, round(width * share)), max(1, round(height * share))
    rows, columns = place
    style = f"left:{columns.start / width:.3%};top:{rows.start / height:.3%};"
    style += f"width:{(columns.stop - columns.start) / width:.3%};height:{(rows.stop - rows.start) / height:.3%}"
    title = html.escape(say(language, "The photo"))
    about = html.escape(say(language, "{width} × {height} pixels; the frame is what is compared", width=width, height=height))
    picture = render_picture(resized(photo, size), size, title)
    return render_figure(f'<span class="whole">{picture}<i style="{style}"></i></span>', title, about)


def render_view(language: str, view: View) -> str:
    """One model's crop, magnified by a whole number to at most SHOWN pixels, with the model's name and figures."""
    width, height = view.picture.size
    times = max(1, SHOWN // max(width, height))
    title = html.escape(title_of(language, view.family))
    figures = [(f"{view.milliseconds:.0f} ms" if view.milliseconds >= 1 else "< 1 ms", say(language, "time"))]
    if view.family in WITHOUT_NETWORK:
        figures.append(("–", say(language, "agrees by construction: nothing is added")))
    else:
        figures.append((f"{view.new_detail:.0%}", say(language, "new detail")))
        figures.append((f"ΔE {view.delta_e:.1f}" if view.delta_e >= SEEN else say(language, "the same"), say(language, "colours")))
    numbers = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>" for value, name in figures)
    return render_figure(
        render_picture(view.picture, (width * times, height * times), title),
        title,
        html.escape(say(language, MADE_FOR.get(view.inputs, ""))),
        f"<code>{html.escape(view.id)}</code><dl>{numbers}</dl>",
    )


def title_of(language: str, family: str) -> str:
    """The name of a family in the visitor's language."""
    return label(language, family) if family in MODELS else say(language, TITLES.get(family, family.upper()))


def name_entry(language: str, entry: Entry) -> str:
    """The name of an entry's family, and what the entry is made for."""
    made_for = MADE_FOR.get(entry.inputs)
    return title_of(language, entry.family) + (f" · {say(language, made_for)}" if made_for else "")


def render_figure(picture: str, title: str, about: str, more: str = "") -> str:
    return f'<figure class="view">{picture}<figcaption><b>{title}</b> <small>{about}</small>{more}</figcaption></figure>'


def render_picture(photo: Photo, size: tuple[int, int], title: str) -> str:
    return f'<img src="{embed(encode(photo).data, "png")}" width="{size[0]}" height="{size[1]}" alt="{title}">'


def render_explanation(language: str) -> str:
    """A paragraph that explains the figures."""
    said = say(
        language,
        "A plain enlargement only spreads the photo’s own pixels, so it agrees with the photo and stays soft. Of a network, new detail is "
        "the share of what is seen that is sharper than that: steeper edges, finer texture. Its colours are the same where no eye sees a "
        "difference to the photo (ΔE below 1) once the crop is reduced again. The time is that of this crop.",
    )
    return f"<p>{html.escape(said)}</p>"


def render_page(language: str, title: str, line: str, figures: str) -> str:
    """A page of its own; `figures` is HTML already, the rest is plain text."""
    return render_document(language, title, CSS, f"<p>{html.escape(line)}</p>\n<div>{figures}</div>\n")
