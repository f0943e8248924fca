"""Draws what networks cost and what they reach, as SVG: milliseconds to the right, in powers of ten, and a figure upwards."""

from html import escape
from math import log10
from typing import NamedTuple

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 340, 48, 150, 44, 40  # pixels of a panel; names need the room on the right
LINE = 15  # pixels from one name to the next
TICKS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10000)
CHINESE = {"Fast CNN": "快速 CNN", "Bicubic": "双三次"}


class Dot(NamedTuple):
    title: str
    ours: bool
    milliseconds: float
    value: float
    here: float | None = None
    """Milliseconds in bfloat16, where they are shown too."""


class Panel(NamedTuple):
    dots: list[Dot]
    heading: str
    across: str
    """What is said below the axis."""
    digits: int = 1
    """Of the figures."""
    sign: int = 1
    """-1 where less is better, and so stands higher."""


def draw_panels(panels: list[Panel], language: str) -> str:
    """Below each other, as SVG."""
    height = HEIGHT * len(panels)
    drawn = [draw_panel(panel, HEIGHT * place, CHINESE if language == "zh" else {}) for place, panel in enumerate(panels)]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="system-ui, sans-serif" font-size="13">'
    return "\n".join((head, f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>', *drawn, "</svg>", ""))


def draw_panel(panel: Panel, top: float, names: dict[str, str]) -> str:
    """`top`: pixels above it; `names`: what some titles are in the language of the page."""
    dots, heading, across, digits, sign = panel
    values = [sign * dot.value for dot in dots]
    low, high = min(values), max(values)
    times = [time for dot in dots for time in (dot.milliseconds, dot.here) if time]
    first, last = min(times) / 1.3, max(times) * 1.3

    def x(milliseconds: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * log10(milliseconds / first) / log10(last / first)

    def y(value: float) -> float:
        return top + HEIGHT - BOTTOM - 8 - (HEIGHT - BOTTOM - TOP - 16) * (sign * value - low) / ((high - low) or 1)

    base = top + HEIGHT - BOTTOM
    parts = [f'<text x="{LEFT}" y="{top + 22:.0f}" font-weight="700">{escape(heading)}</text>']
    parts.append(f'<text x="{WIDTH - 16}" y="{top + HEIGHT - 6:.0f}" text-anchor="end" fill="#6b7280">{escape(across)}</text>')
    parts.append(f'<path d="M{LEFT} {top + TOP:.0f}V{base:.0f}H{WIDTH - RIGHT + 10}" fill="none" stroke="#d1d5db"/>')
    for value in (min(dots, key=lambda dot: dot.value).value, max(dots, key=lambda dot: dot.value).value):
        parts.append(f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end" fill="#6b7280">{value:.{digits}f}</text>')
    for tick in TICKS:
        if first < tick < last:
            parts.append(f'<path d="M{x(tick):.1f} {base:.0f}v5" stroke="#9ca3af"/>')
            parts.append(f'<text x="{x(tick):.1f}" y="{base + 18:.0f}" text-anchor="middle" fill="#6b7280">{tick:g}</text>')
    for dot, height in zip(dots, place_names([(x(dot.milliseconds), y(dot.value), dot) for dot in dots]), strict=True):
        at, up, colour = x(dot.milliseconds), y(dot.value), "#4338ca" if dot.ours else "#6b7280"
        weight = "700" if dot.ours else "400"
        parts.append(f'<circle cx="{at:.1f}" cy="{up:.1f}" r="5" fill="{colour}"/>')
        if dot.here:
            parts.append(f'<path d="M{at:.1f} {up:.1f}H{x(dot.here) + 5:.1f}" stroke="{colour}" stroke-dasharray="2 3"/>')
            parts.append(f'<circle cx="{x(dot.here):.1f}" cy="{up:.1f}" r="4" fill="#fff" stroke="{colour}" stroke-width="2"/>')
        if abs(height - up) > LINE / 2:
            parts.append(f'<path d="M{at:.1f} {up:.1f}L{at + 8:.1f} {height:.1f}" stroke="{colour}" stroke-width="0.7"/>')
        title = escape(names.get(dot.title, dot.title))
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
