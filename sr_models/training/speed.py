"""`python -m sr_models.training.speed`: quality against time, ours and others'; measures the time, and draws the README's plots.

Writes weights/speed.json, and docs/quality.svg in English and Chinese. `--draw` only draws.
"""

import argparse
import json
import time
from collections.abc import Callable
from html import escape
from math import log10
from pathlib import Path
from statistics import median
from typing import NamedTuple

import torch
from torch import Tensor, nn

from sr_models.catalog import find
from sr_models.nets.edsr import Block
from sr_models.nets.resample import interpolate
from sr_models.nets.span import SPANConfig
from sr_models.training.scores import REPORTED, SCORES
from sr_models.weights import load_network

SPEED = SCORES.with_name("speed.json")
PLOTS = {language: Path(__file__).parents[2] / "docs" / name for language, name in (("en", "quality.svg"), ("zh", "quality.zh.svg"))}
SCALE, SIDE = 4, 256
RUNS = 9
OURS = {"CNN": "cnn", "Fast CNN": "cnn-fast", "GAN": "gan", "Bicubic": "bicubic"}
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 400, 44, 64, 56  # pixels of the plot
LOWEST, HIGHEST = 26, 29  # dB
ON_THE_LEFT = ("EDSR-baseline", "Fast CNN", "SPAN")
"""Names that stand on the left of their dots, where there is room."""
WORDS = {
    "en": {
        "title": "Closer to the original is higher, faster is further left",
        "up": "PSNR in dB, Set14 enlarged 4×; blue: this project, grey: published",
        "across": "seconds of one core for 256 × 256 → 1024 × 1024 pixels",
    },
    "zh": {
        "title": "越高越接近原图，越靠左越快",
        "up": "Set14 放大 4 倍的 PSNR（dB）；蓝色：本项目，灰色：已发表的网络",
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


def measure() -> dict:
    """Seconds of a core that every network takes for one photo, in turn: what else the machine does counts little, and for all of them."""
    torch.set_num_threads(1)
    x = torch.rand(1, 3, SIDE, SIDE).to(memory_format=torch.channels_last)
    runs: dict[str, Callable] = {name: load_network(find(family, SCALE), "cpu", torch.float32) for name, family in OURS.items()}
    gan = runs["GAN"]
    runs["GAN"] = lambda x: gan(x, torch.full_like(x[:, :1], 0.8))
    runs |= others()
    with torch.inference_mode():
        times = [[once(run, x) for run in runs.values()] for _ in range(RUNS + 1)][1:]
    found = {name: round(median(column), 3) for name, column in zip(runs, zip(*times, strict=True), strict=True)}
    how = f"Seconds of one core, PyTorch {torch.__version__}, float32, {SIDE} × {SIDE} pixels enlarged {SCALE}×, median of {RUNS}"
    return {"how": how, "seconds": found}


def once(run: Callable, x: Tensor) -> float:
    begun = time.thread_time()
    run(x)
    return time.thread_time() - begun


class Dot(NamedTuple):
    name: str
    ours: bool
    seconds: float
    psnr: float


def gather_dots() -> list[Dot]:
    """Likeness on Set14, for which all have published a figure, by the time that was measured."""
    seconds, scores = json.loads(SPEED.read_text())["seconds"], json.loads(SCORES.read_text())
    ours = [Dot(name, family != "bicubic", seconds[name], scores[find(family, SCALE).id]["Set14"]["psnr"]) for name, family in OURS.items()]
    published = {name: by_scale[SCALE][1].split(" / ")[0] for name, by_scale in REPORTED.items() if name in seconds}
    return ours + [Dot(name, False, seconds[name], float(psnr)) for name, psnr in published.items()]


def draw(language: str) -> str:
    """The plot as SVG: seconds to the right, in powers of ten; likeness upwards."""
    words = WORDS[language]
    dots = gather_dots()
    least, most = min(dot.seconds for dot in dots) / 1.5, max(dot.seconds for dot in dots) * 2.2

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
        parts.append(f'<circle cx="{x(dot.seconds):.1f}" cy="{y(dot.psnr):.1f}" r="6" fill="{colour}"/>')
        parts.append(f'<text {place} fill="{colour}" font-weight="{weight}">{escape(words.get(dot.name, dot.name))}</text>')
    parts.append(f'<text x="{LEFT}" y="22" font-weight="700">{escape(words["title"])}</text>')
    parts.append(f'<text x="{WIDTH - 16}" y="{HEIGHT - 10}" text-anchor="end">{escape(words["across"])}</text>')
    parts.append(f'<text x="{LEFT}" y="42">{escape(words["up"])}</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="system-ui, sans-serif" font-size="13">'
    return "\n".join((head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>', *parts, "</svg>", ""))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sr_models.training.speed", description=__doc__)
    parser.add_argument("--draw", action="store_true", help="draw what was measured before")
    if not parser.parse_args().draw:
        SPEED.write_text(json.dumps(measure(), indent=1, ensure_ascii=False) + "\n")
    for language, file in PLOTS.items():
        file.write_text(draw(language))


if __name__ == "__main__":
    main()
