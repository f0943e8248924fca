"""The plots of docs/peers.svg: closeness to the original, and likeness for an eye, each against milliseconds."""

from html import escape
from math import log10
from typing import Any, NamedTuple

from peers.page import DOCS, MAIN

PLOTS = {"en": DOCS / "peers.svg", "zh": DOCS / "peers.zh.svg"}
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 340, 48, 150, 44, 40  # pixels of a panel; names need the room on the right
LINE = 15  # pixels from one name to the next
TICKS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10000)
HIDDEN = ("gan-locked",)
"""Systems that are hardly told apart from another one."""
WORDS = {
    "en": {
        "psnr": "Closer to the original is higher: PSNR-Y in dB",
        "st_lpips": "More alike for an eye is higher: ST-LPIPS, downwards",
        "ssimulacra2": "More alike for an eye that minds grain is higher: SSIMULACRA 2",
        "across": "milliseconds of one core, float32; JPEG 75, enlarged 4×; blue: this project",
    },
    "zh": {
        "psnr": "越高越接近原图：PSNR-Y（dB）",
        "st_lpips": "越高在人眼看来越接近：ST-LPIPS，向上为小",
        "ssimulacra2": "越高在介意颗粒的人眼看来越接近：SSIMULACRA 2",
        "across": "单核毫秒数，float32；JPEG 75，放大 4 倍；蓝色：本项目",
        "Fast CNN": "快速 CNN",
        "Bicubic": "双三次",
    },
}


class Dot(NamedTuple):
    title: str
    ours: bool
    milliseconds: float
    value: float


def draw(found: dict[str, Any], language: str) -> str:
    """One panel a figure, below each other, as SVG."""
    names = [name for name in ("psnr", "st_lpips", "ssimulacra2") if gather(found, name)]
    panels = [draw_panel(gather(found, name), name, WORDS[language], HEIGHT * place) for place, name in enumerate(names)]
    height = HEIGHT * len(names)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="system-ui, sans-serif" font-size="13">'
    return "\n".join((head, f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>', *panels, "</svg>", ""))


def gather(found: dict[str, Any], name: str) -> list[Dot]:
    scale, key = MAIN
    times, figures = found["costs"][scale]["milliseconds"], found["figures"][scale][key]
    shown = [id for id in figures if id not in HIDDEN and figures[id].get(name) is not None]
    return [Dot(found["systems"][id]["title"], found["systems"][id]["ours"], max(times[id], 1), figures[id][name]) for id in shown]


def draw_panel(dots: list[Dot], name: str, words: dict[str, str], top: float) -> str:
    """`top`: pixels above it."""
    sign = -1 if name == "st_lpips" else 1
    values = [sign * dot.value for dot in dots]
    low, high = min(values), max(values)
    first, last = min(dot.milliseconds for dot in dots) / 1.3, max(dot.milliseconds for dot in dots) * 1.3

    def x(milliseconds: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * log10(milliseconds / first) / log10(last / first)

    def y(value: float) -> float:
        return top + HEIGHT - BOTTOM - 8 - (HEIGHT - BOTTOM - TOP - 16) * (sign * value - low) / ((high - low) or 1)

    base = top + HEIGHT - BOTTOM
    parts = [f'<text x="{LEFT}" y="{top + 22:.0f}" font-weight="700">{escape(words[name])}</text>']
    parts.append(f'<text x="{WIDTH - 16}" y="{top + HEIGHT - 6:.0f}" text-anchor="end" fill="#6b7280">{escape(words["across"])}</text>')
    parts.append(f'<path d="M{LEFT} {top + TOP:.0f}V{base:.0f}H{WIDTH - RIGHT + 10}" fill="none" stroke="#d1d5db"/>')
    for value in (min(dots, key=lambda dot: dot.value).value, max(dots, key=lambda dot: dot.value).value):
        text = f"{value:.2f}" if name == "st_lpips" else f"{value:.1f}"
        parts.append(f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end" fill="#6b7280">{text}</text>')
    for tick in TICKS:
        if first < tick < last:
            parts.append(f'<path d="M{x(tick):.1f} {base:.0f}v5" stroke="#9ca3af"/>')
            parts.append(f'<text x="{x(tick):.1f}" y="{base + 18:.0f}" text-anchor="middle" fill="#6b7280">{tick:g}</text>')
    for dot, height in zip(dots, place_names([(x(dot.milliseconds), y(dot.value), dot) for dot in dots]), strict=True):
        at, up, colour = x(dot.milliseconds), y(dot.value), "#4338ca" if dot.ours else "#6b7280"
        weight = "700" if dot.ours else "400"
        parts.append(f'<circle cx="{at:.1f}" cy="{up:.1f}" r="5" fill="{colour}"/>')
        if abs(height - up) > LINE / 2:
            parts.append(f'<path d="M{at:.1f} {up:.1f}L{at + 8:.1f} {height:.1f}" stroke="{colour}" stroke-width="0.7"/>')
        title = escape(words.get(dot.title, dot.title))
        parts.append(f'<text x="{at + 9:.1f}" y="{height + 4.5:.1f}" fill="{colour}" font-weight="{weight}">{title}</text>')
    return "\n".join(parts)


def place_names(places: list[tuple[float, float, Dot]]) -> list[float]:
    """The height of each name, in the order given: that of its dot, or the nearest at which it covers no other name and no dot."""
    taken = [(x - 6, y, x + 6) for x, y, _ in places]
    heights = {}
    for place in sorted(range(len(places)), key=lambda place: places[place][1]):
        x, y, dot = places[place]
        reach = x + 9 + (8.5 if dot.ours else 7.2) * len(dot.title)
        mine = [box for box in taken if box != (x - 6, y, x + 6)]
        steps = sorted(range(-12, 13), key=abs)
        height = next((up for step in steps if not covers(mine, x + 7, up := y + step * LINE / 3 * 2, reach)), y)
        heights[place] = height
        taken.append((x + 7, height, reach))
    return [heights[place] for place in range(len(places))]


def covers(taken: list[tuple[float, float, float]], left: float, height: float, right: float) -> bool:
    return any(abs(height - other) < LINE and left < end and start < right for start, other, end in taken)
