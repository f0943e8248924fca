"""The report card as it stands beside the picture: what it comes to in words, and the figures on demand."""

import html
import math

from sr_models import Photo, Report
from sr_models.order import Delivery
from ui.words.texts import say

CSS = """
.html-container:has(> .prose > .card) {padding: 0 !important}
.card {border: 1px solid var(--border-color-primary); border-radius: 12px; padding: 12px 16px}
.card .head {display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 12px}
.card .badge {font-weight: 700; padding: 1px 12px; border-radius: 999px; color: #fff; background: #15803d}
.card.review .badge {background: #b45309}
.card .figures {display: grid; grid-template-columns: repeat(4, 1fr); gap: 8px; margin: 12px 0 8px}
@media (max-width: 640px) {.card .figures {grid-template-columns: repeat(2, 1fr)}}
.card .figure b {display: block; font-size: 1.3em; font-variant-numeric: tabular-nums}
.card .figure span {font-size: 0.85em; color: var(--body-text-color-subdued)}
.card .note {margin: 6px 0 0; font-size: 0.95em}
.card summary {width: fit-content; margin-top: 8px; cursor: pointer}
.card table {width: 100%; border-spacing: 0; font-size: 0.85em; margin: 6px 0}
.card table, .card tr, .card td {border: 0}
.card td {padding: 2px 8px 2px 0; overflow-wrap: anywhere}
.card ul {margin: 4px 0 0 18px; padding: 0; list-style: disc}
.card .rules {margin-bottom: 12px; padding-bottom: 12px; border-bottom: 1px solid var(--border-color-primary)}
.card .rules ul {margin-left: 0; list-style: none; font-size: 0.9em}
.card .rules li {position: relative; padding-left: 1.6em}
.card .rules li::before {content: "✓"; position: absolute; left: 0; color: #15803d; font-weight: 700}
.card .rules li.broken::before {content: "✗"; color: #b45309}
.legend {display: flex; flex-wrap: wrap; align-items: center; gap: 4px 10px; font-size: 0.85em}
.legend i {width: 120px; height: 10px; border-radius: 5px; background: linear-gradient(90deg, #777, #ff0080)}
"""

AGREEMENT = "agreement: the result reduced again, against the photo (LR-PSNR)"
AGREEMENT_LOSSY = "agreement: the result reduced again, against what the compressed photo can mean (LR-PSNR)"
PASSED = "Made small again, the result looks just like your photo."
ADDED = "{share:.0%} of the detail in it is new: sharper edges, finer texture."
NEW_DETAIL = "of the detail is new: steeper edges, as any sharp enlargement has, and finer texture"
MODES = {"off": "off", "colour": "colour lock", "exact": "exact"}


def render_card(language: str, done: Delivery) -> str:
    """The report card of a delivery as HTML; text from files is escaped."""
    report, photo = done.report, done.enlarged.source

    def words(sentence: str, **values: object) -> str:
        return html.escape(say(language, sentence, **values))

    rules = render_rules(words, done)
    shots = done.enlarged.shots
    remarked = [words(note.sentence, **note.values) for note in ((shots.note,) if shots else ()) + done.notes]
    if report is None:
        return f'<div class="card">{rules}{render_notes(remarked)}</div>'
    head = html.escape(describe_verdict(language, report))
    reasons = "".join(f"<li>{words(reason.sentence, **reason.values)}</li>" for reason in report.reasons)
    figures = [
        (format_decibels(report.lr_psnr), words(AGREEMENT_LOSSY if photo.lossy else AGREEMENT)),
        (f"ΔE {report.delta_e:.2f}", words("mean colour difference; 1 can just be seen")),
        (f"{report.white_kept:.0%}", words("of the pure white kept")) if report.pure_white else ("–", words("no pure white in the photo")),
        (f"{report.new_detail:.0%}", words(NEW_DETAIL)),
    ]
    kept = exactness_remarks(words, photo, report) if done.promise_holds else []
    tiles = "".join(f'<div class="figure"><b>{value}</b><span>{caption}</span></div>' for value, caption in figures)
    table = "".join(f"<tr><td>{name}</td><td>{html.escape(value)}</td></tr>" for name, value in detail_rows(words, report))
    return (
        f'<div class="card {report.verdict.lower()}">{rules}'
        f'<div class="head"><span class="badge" aria-hidden="true">{"!" if reasons else "✓"}</span><b>{head}</b></div>'
        f"{f'<ul>{reasons}</ul>' if reasons else ''}"
        f"{render_notes([words(ADDED, share=report.new_detail), *kept, *remarked])}"
        f'<details><summary>{words("Details")}</summary><div class="figures">{tiles}</div><table>{table}</table></details></div>'
    )


def describe_verdict(language: str, report: Report) -> str:
    """What the verdict means, in one sentence."""
    return say(language, PASSED if report.verdict == "PASS" else "Please look at the result before you use it:")


def render_rules(words, done: Delivery) -> str:
    """The rules of the marketplace, each with a tick or what to do; nothing where none was chosen."""
    if not done.order.marketplace:
        return ""
    broken, total = sum(not rule.ok for rule in done.rules), len(done.rules)
    sentence = "{broken} of {total} rules to look at" if broken else "all {total} rules are kept"
    found = words(sentence, broken=broken, total=total)
    lines = "".join(f"<li{'' if rule.ok else ' class=broken'}>{words(rule.sentence, **rule.values)}</li>" for rule in done.rules)
    return f'<div class="rules"><b>{words(done.order.marketplace.name)}: {found}</b><ul>{lines}</ul></div>'


def render_notes(notes: list[str]) -> str:
    return "".join(f'<p class="note">{note}</p>' for note in notes)


def exactness_remarks(words, photo: Photo, report: Report) -> list[str]:
    found = []
    if report.exact:
        found.append(
            words(
                "Exact: each {scale} × {scale} pixels average to the photo's pixel, byte for byte. PNG keeps this; JPEG would not.",
                scale=report.scale,
            )
        )
        if photo.alpha is not None:
            found.append(words("Where the photo is transparent, each channel of `split()` is exact."))
        if photo.lossy:
            found.append(words("The photo is compressed: exactness also keeps its compression noise."))
    return found


def detail_rows(words, report: Report) -> list[tuple[str, str]]:
    rows = [
        (words("Verdict"), words(report.verdict)),
        (words("Largest difference in a pixel of the photo"), f"{report.largest} / 255"),
        (words("Mean difference"), f"{report.mean:.3f} / 255"),
        (words("Colour difference, 95th percentile"), f"ΔE {report.delta_e_95:.2f}"),
        (words("Colour cast"), f"{report.cast:.2f} / 255"),
        (words("Shift"), f"{report.shift:.2f} px"),
        (words("New detail where the photo is calm"), f"{report.grain:.1f} / 255"),
        (words("Order of the pixels"), f"{report.pixel_order:.0%}"),
        (words("Pattern added to all of the picture"), f"{report.repeated:.1f} / 255"),
        (words("Faithful mode"), words(MODES[report.faithful])),
        (words("Model"), report.model or "–"),
        ("SHA-256", report.sha256 or "–"),
        *([(words("Adds to the mean of the shots"), report.fusion), ("SHA-256", report.fusion_sha256 or "–")] if report.fusion else []),
        (words("Time"), words("{seconds} s, {device}", seconds=f"{report.seconds or 0:.2f}", device=report.device)),
    ]
    if report.steps > 1:
        rows.insert(10, (words("Looks at the photo"), str(report.steps)))
    if report.detail is not None:
        rows.insert(9, (words("Detail"), f"{report.detail:g}"))
    if report.disagreement is not None:
        rows.insert(6, (words("CNN against GAN in the busiest place"), f"{report.disagreement:.1f} / 255"))
    if report.look_product is not None:
        rows.append((words("Colour of the background, by the look"), f"ΔE {report.look_behind:.2f}"))
        rows.append((words("Colour of the product, by the look"), f"ΔE {report.look_product:.2f}"))
    if report.own_lr_psnr is not None:
        rows.append((words("The network's own output, before it was corrected (LR-PSNR)"), format_decibels(report.own_lr_psnr)))
    if report.noise:
        against = words("Against the file's own pixels, compression noise included (LR-PSNR)")
        rows.insert(1, (against, format_decibels(report.pixels_lr_psnr)))
    return rows


def render_legend(language: str) -> str:
    """The legend of the overlay's tint, as HTML."""
    none, full = html.escape(say(language, "as in the photo")), html.escape(say(language, "new detail, as strong as noise"))
    return f'<div class="legend"><span>{none}</span><i></i><span>{full}</span></div>'


def format_decibels(value: float) -> str:
    return "∞ dB" if math.isinf(value) else f"{value:.1f} dB"
