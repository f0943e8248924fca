"""`make bench`: every shipped network in one table: bytes, milliseconds, likeness; those of others are timed beside them for the plot.

`--write` keeps what was measured, in weights/speed.json, in docs/quality.md and as the plot docs/quality.svg, in English and Chinese;
`--draw` does this with what was kept before.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from sr_models import memory
from sr_models.catalog import SCALES, Embedded, Entry, Family, find
from sr_models.device import cpu_has_bfloat16
from sr_models.nets import has_dial
from sr_models.nets.edsr import Block
from sr_models.nets.resample import interpolate
from sr_models.nets.span import SPANConfig
from sr_models.training.plot import Dot, Panel, draw_panels
from sr_models.training.scores import JUDGED, REPORTED, SCORES, replace_table
from sr_models.weights import load_network, path_of

Name = TypeVar("Name")
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
WORDS = {
    "en": (
        "Closer to the original is higher: PSNR in dB, Set14 enlarged 4×",
        "milliseconds of one core for 256 × 256 pixels, float32 (rings: bfloat16); blue: this project",
    ),
    "zh": ("越高越接近原图：Set14 放大 4 倍的 PSNR（dB）", "单核处理 256 × 256 像素的毫秒数，float32（圆圈：bfloat16）；蓝色：本项目"),
}
"""What is said above and below the plot."""


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


def load_to_time(entry: Entry, precision: torch.dtype) -> Callable[[Tensor], Tensor]:
    """A network as it is timed: with a dial, at one detail everywhere."""
    net = load_network(entry, "cpu", precision)
    return (lambda x: net(x, torch.full_like(x[:, :1], DETAIL))) if has_dial(entry.net) else net


def measure() -> dict[str, Any]:
    """Milliseconds of a core that every network takes.

    → how it was measured; and id, or name in REPORTED → precision → milliseconds. What has weights is also timed in bfloat16 where the
    processor multiplies it.
    """
    torch.set_num_threads(1)
    x = torch.rand(1, 3, SIDE, SIDE).to(memory_format=torch.channels_last)
    runs = {(entry.id, "float32"): load_to_time(entry, torch.float32) for entry in shipped()}
    runs |= {(name, "float32"): run for name, run in others().items()}
    if cpu_has_bfloat16():
        trained = [entry for entry in shipped() if isinstance(entry.source, Embedded)]
        runs |= {(entry.id, "bfloat16"): load_to_time(entry, torch.bfloat16) for entry in trained}
    found: dict[str, dict[str, float]] = {name: {} for name, _ in runs}
    with torch.inference_mode():
        for (name, precision), took in time_in_turn({key: partial(run, x) for key, run in runs.items()}).items():
            found[name][precision] = took
    how = f"Milliseconds of one core, PyTorch {torch.__version__}, {SIDE} × {SIDE} pixels, median of {RUNS} in turn"
    return {"how": how, "milliseconds": found}


def time_in_turn(runs: Mapping[Name, Callable[[], object]]) -> dict[Name, float]:
    """Milliseconds of a core that each of these takes, in all its threads: the median of RUNS rounds in which all take turns.

    So what else the machine does counts little, and for all of them. One more round at the beginning fills caches.
    """
    took: dict[Name, list[float]] = {name: [] for name in runs}
    for _ in range(RUNS + 1):
        for name, run in runs.items():
            begun = time.process_time()
            run()
            took[name].append(time.process_time() - begun)
    return {name: round(1000 * median(seconds[1:]), 1) for name, seconds in took.items()}


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


def draw(language: str) -> str:
    """The plot: likeness on Set14, for which all have published a figure, by the time that was measured."""
    took, scores = json.loads(SPEED.read_text())["milliseconds"], json.loads(SCORES.read_text())
    dots = []
    for title, family in OURS.items():
        id = find(family, SCALE).id
        dots.append(Dot(title, family != "bicubic", took[id]["float32"], scores[id]["Set14"]["psnr"], took[id].get("bfloat16")))
    published = {name: by_scale[SCALE][1].split(" / ")[0] for name, by_scale in REPORTED.items() if name in took}
    dots += [Dot(name, False, took[name]["float32"], float(psnr)) for name, psnr in published.items()]
    return draw_panels([Panel(dots, *WORDS[language])], language)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sr_models.training.speed", description=__doc__)
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--write", action="store_true", help="keep what is measured, and draw it")
    kinds.add_argument("--draw", action="store_true", help="draw what was kept before")
    options = parser.parse_args()
    memory.prepare()
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
