"""`make bench`: every shipped network in one table: bytes, milliseconds, likeness; those of others are timed beside them for the plot.

`--write` keeps what was measured, in weights/speed.json, in docs/quality.md and as the plot docs/quality.svg, in English and Chinese;
`--draw` does this with what was kept before.
"""

import argparse
import json
import time
from collections.abc import Callable
from html import escape
from math import log10
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from sr_models.catalog import SCALES, Embedded, Entry, Family, find
from sr_models.device import cpu_has_bfloat16
from sr_models.nets import has_dial
from sr_models.nets.edsr import Block
from sr_models.nets.resample import interpolate
from sr_models.nets.span import SPANConfig
from sr_models.training.scores import JUDGED, REPORTED, SCORES, replace_table
from sr_models.weights import load_network, path_of

SPEED = SCORES.with_name("speed.json")
DOCS = Path(__file__).parents[2] / "docs"
PLOTS = {"en": DOCS / "quality.svg", "zh": DOCS / "quality.zh.svg"}
SCALE, SIDE = 4, 256
"""Of the plot: how many times is enlarged; and pixels of the side of what is timed, in table and plot."""
RUNS = 5
FAMILIES: tuple[Family, ...] = ("cnn", "cnn-fast", "gan", "srcnn", "bicubic", "lanczos")
"""Whose networks for clean photos are timed, at every scale; those for photos from the web cost the same."""
DETAIL = 0.8
OURS: dict[str, Family] = {"CNN": "cnn", "Fast CNN": "cnn-fast", "GAN": "gan", "Bicubic": "bicubic"}
"""In the plot."""
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 400, 44, 64, 56  # pixels of the plot
LOWEST, HIGHEST = 26, 29  # dB
ON_THE_LEFT = ("EDSR-baseline", "SPAN")
"""Names that stand on the left of their dots, where there is room."""
WORDS = {
    "en": {
        "title": "Closer to the original is higher, faster is further left",
        "up": "PSNR in dB, Set14 enlarged 4×; blue: this project (rings: in bfloat16), grey: published",
        "across": "seconds of one core for 256 × 256 → 1024 × 1024 pixels",
    },
    "zh": {
        "title": "越高越接近原图，越靠左越快",
        "up": "Set14 放大 4 倍的 PSNR（dB）；蓝色：本项目（圆圈：bfloat16），灰色：已发表的网络",
        "across": "单核把 256 × 256 放大为 1024 × 1024 像素所需的秒数",
        "Fast CNN": "快速 CNN",
        "Bicubic": "双三次",
    },
}


def conv(c_in: int, c_out: int, side: int = 3) -> nn.Conv2d:
    return nn.Conv2d(c_in, c_out, side, padding=side // 2)


def on_brightness(*layers: nn.Module) -> Callable[[Tensor], Tensor]:
    """A network that enlarges brightness only, as the early ones do."""
    body = as_run(*layers)
    return lambda x: body(x[:, :1])


def as_run(*layers: nn.Module) -> nn.Module:
    return nn.Sequential(*layers).eval().to("cpu", memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]


def others() -> dict[str, Callable[[Tensor], Tensor]]:
    """Name in REPORTED → the published network with random numbers as weights: they cost what trained ones cost."""
    srcnn = on_brightness(conv(1, 64, 9), nn.ReLU(), conv(64, 32, 5), nn.ReLU(), conv(32, 1, 5))
    mapping = (layer for _ in range(4) for layer in (conv(12, 12), nn.PReLU()))
    enlarging = nn.ConvTranspose2d(56, 1, 9, stride=4, padding=4, output_padding=3)
    within = (layer for _ in range(4) for layer in (conv(32, 32), nn.PReLU()))
    upwards = (layer for _ in range(2) for layer in (conv(64, 256), nn.PixelShuffle(2)))
    return {
        "SRCNN 9-5-5": lambda x: srcnn(interpolate(x, SCALE, "bicubic")),
        "FSRCNN": on_brightness(conv(1, 56, 5), nn.PReLU(), conv(56, 12, 1), nn.PReLU(), *mapping, conv(12, 56, 1), nn.PReLU(), enlarging),
        "ECBSR-M4C32": as_run(conv(3, 32), nn.PReLU(), *within, conv(32, 48), nn.PixelShuffle(4)),
        "SPAN": as_run(SPANConfig(52, 6, SCALE).build()),
        "EDSR-baseline": as_run(conv(3, 64), *(Block(64) for _ in range(16)), conv(64, 64), *upwards, conv(64, 3)),
    }


def shipped() -> list[Entry]:
    """The networks of the table."""
    return [find(family, scale) for family in FAMILIES for scale in SCALES]


def prepare(entry: Entry, precision: torch.dtype) -> Callable[[Tensor], Tensor]:
    """A network as it is timed: with a dial, at one detail everywhere."""
    net = load_network(entry, "cpu", precision)
    return (lambda x: net(x, torch.full_like(x[:, :1], DETAIL))) if has_dial(entry.net) else net


def measure() -> dict[str, Any]:
    """Milliseconds of a core that every network takes, in turn: what else the machine does counts little, and for all of them.

    → how it was measured; and id, or name in REPORTED → precision → milliseconds. What has weights is also timed in bfloat16 where the
    processor multiplies it.
    """
    torch.set_num_threads(1)
    x = torch.rand(1, 3, SIDE, SIDE).to(memory_format=torch.channels_last)
    runs = {(entry.id, "float32"): prepare(entry, torch.float32) for entry in shipped()}
    runs |= {(name, "float32"): run for name, run in others().items()}
    if cpu_has_bfloat16():
        trained = [entry for entry in shipped() if isinstance(entry.source, Embedded)]
        runs |= {(entry.id, "bfloat16"): prepare(entry, torch.bfloat16) for entry in trained}
    with torch.inference_mode():
        times = [[once(run, x) for run in runs.values()] for _ in range(RUNS + 1)][1:]
    found: dict[str, dict[str, float]] = {name: {} for name, _ in runs}
    for (name, precision), column in zip(runs, zip(*times, strict=True), strict=True):
        found[name][precision] = round(1000 * median(column), 1)
    how = f"Milliseconds of one core, PyTorch {torch.__version__}, {SIDE} × {SIDE} pixels, median of {RUNS} in turn"
    return {"how": how, "milliseconds": found}


def once(run: Callable[[Tensor], Tensor], x: Tensor) -> float:
    """Seconds."""
    begun = time.thread_time()
    run(x)
    return time.thread_time() - begun


def make_table(measured: dict[str, Any]) -> str:
    """The table of `make bench` in Markdown: a row for each shipped network; “–” where there is nothing to tell."""
    scores = json.loads(SCORES.read_text())
    head = ("id", "bytes of its file", "ms, float32", "ms, bfloat16", f"PSNR, {JUDGED}", f"ST-LPIPS, {JUDGED}")
    rows = [head, ("---", *["---:"] * (len(head) - 1))]
    for entry in shipped():
        took, score = measured["milliseconds"].get(entry.id, {}), scores.get(entry.id, {}).get(JUDGED, {})
        size = f"{path_of(entry).stat().st_size:,}" if isinstance(entry.source, Embedded) else "–"
        figures = tell(took, "float32", ".0f"), tell(took, "bfloat16", ".0f"), tell(score, "psnr", ".2f"), tell(score, "st_lpips", ".3f")
        rows.append((f"`{entry.id}`", size, *figures))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def tell(figures: dict[str, float], name: str, digits: str) -> str:
    return format(figures[name], digits) if name in figures else "–"


class Dot(NamedTuple):
    name: str
    ours: bool
    psnr: float
    seconds: float
    lower: float | None = None
    """Seconds in bfloat16, where these were measured."""


def gather_dots() -> list[Dot]:
    """Likeness on Set14, for which all have published a figure, by the time that was measured."""
    took, scores = json.loads(SPEED.read_text())["milliseconds"], json.loads(SCORES.read_text())
    dots = []
    for name, family in OURS.items():
        id = find(family, SCALE).id
        lower = took[id].get("bfloat16")
        dots.append(Dot(name, family != "bicubic", scores[id]["Set14"]["psnr"], took[id]["float32"] / 1000, lower and lower / 1000))
    published = {name: by_scale[SCALE][1].split(" / ")[0] for name, by_scale in REPORTED.items() if name in took}
    return dots + [Dot(name, False, float(psnr), took[name]["float32"] / 1000) for name, psnr in published.items()]


def draw(language: str) -> str:
    """The plot as SVG: seconds to the right, in powers of ten; likeness upwards."""
    words = WORDS[language]
    dots = gather_dots()
    least, most = min(dot.lower or dot.seconds for dot in dots) / 1.5, max(dot.seconds for dot in dots) * 2.2

    def x(seconds: float) -> float:
        return LEFT + (WIDTH - LEFT - 16) * log10(seconds / least) / log10(most / least)

    def y(psnr: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (psnr - LOWEST) / (HIGHEST - LOWEST)

    parts = []
    for psnr in range(LOWEST, HIGHEST + 1):
        parts.append(f'<path d="M{LEFT} {y(psnr):.1f}H{WIDTH - 16}" stroke="#e5e7eb"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(psnr) + 4:.1f}" text-anchor="end">{psnr}</text>')
    for tick in (0.03, 0.1, 0.3, 1, 3, 10):
        if least < tick < most:
            parts.append(f'<path d="M{x(tick):.1f} {HEIGHT - BOTTOM}v5" stroke="#9ca3af"/>')
            parts.append(f'<text x="{x(tick):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{tick:g} s</text>')
    for dot in dots:
        colour, weight = ("#4338ca", "700") if dot.ours else ("#6b7280", "400")
        left = dot.name in ON_THE_LEFT
        place = f'x="{x(dot.seconds) + (-10 if left else 10):.1f}" y="{y(dot.psnr) + 4.5:.1f}" text-anchor="{"end" if left else "start"}"'
        if dot.lower:
            parts.append(
                f'<path d="M{x(dot.seconds):.1f} {y(dot.psnr):.1f}H{x(dot.lower) + 5:.1f}" stroke="{colour}" stroke-dasharray="2 3"/>'
            )
            parts.append(f'<circle cx="{x(dot.lower):.1f}" cy="{y(dot.psnr):.1f}" r="5" fill="#fff" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<circle cx="{x(dot.seconds):.1f}" cy="{y(dot.psnr):.1f}" r="6" fill="{colour}"/>')
        parts.append(f'<text {place} fill="{colour}" font-weight="{weight}">{escape(words.get(dot.name, dot.name))}</text>')
    parts.append(f'<text x="{LEFT}" y="22" font-weight="700">{escape(words["title"])}</text>')
    parts.append(f'<text x="{WIDTH - 16}" y="{HEIGHT - 10}" text-anchor="end">{escape(words["across"])}</text>')
    parts.append(f'<text x="{LEFT}" y="42">{escape(words["up"])}</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="system-ui, sans-serif" font-size="13">'
    return "\n".join((head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>', *parts, "</svg>", ""))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sr_models.training.speed", description=__doc__)
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--write", action="store_true", help="keep what is measured, and draw it")
    kinds.add_argument("--draw", action="store_true", help="draw what was kept before")
    options = parser.parse_args()
    measured = json.loads(SPEED.read_text()) if options.draw else measure()
    print(f"{measured['how']}\n\n{make_table(measured)}")
    if options.write:
        SPEED.write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n")
    if options.write or options.draw:
        page = DOCS / "quality.md"
        page.write_text(replace_table(page.read_text(), "speed", make_table(measured)))
        for language, file in PLOTS.items():
            file.write_text(draw(language))


if __name__ == "__main__":
    main()
