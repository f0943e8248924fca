"""The plots of docs/peers.svg: closeness to the original, and likeness for an eye, each against milliseconds."""

from typing import Any

from peers.page import DOCS, MAIN
from sr_models.training.plot import Dot, Panel, draw_panels

PLOTS = {"en": DOCS / "peers.svg", "zh": DOCS / "peers.zh.svg"}
HIDDEN = ("gan-locked",)
"""Systems that are hardly told apart from another one."""
HEADINGS = {
    "en": {
        "psnr": "Closer to the original is higher: PSNR-Y in dB",
        "st_lpips": "More alike for an eye is higher: ST-LPIPS, downwards",
        "ssimulacra2": "More alike for an eye that minds grain is higher: SSIMULACRA 2",
    },
    "zh": {
        "psnr": "越高越接近原图：PSNR-Y（dB）",
        "st_lpips": "越高在人眼看来越接近：ST-LPIPS，向上为小",
        "ssimulacra2": "越高在介意颗粒的人眼看来越接近：SSIMULACRA 2",
    },
}
ACROSS = {
    "en": "milliseconds of one core, float32; JPEG 75, enlarged 4×; blue: this project",
    "zh": "单核毫秒数，float32；JPEG 75，放大 4 倍；蓝色：本项目",
}


def draw(found: dict[str, Any], language: str) -> str:
    """One panel a figure, below each other, as SVG."""
    panels = []
    for name, heading in HEADINGS[language].items():
        less = name == "st_lpips"  # is better
        if dots := gather(found, name):
            panels.append(Panel(dots, heading, ACROSS[language], digits=2 if less else 1, sign=-1 if less else 1))
    return draw_panels(panels, language)


def gather(found: dict[str, Any], name: str) -> list[Dot]:
    scale, key = MAIN
    times, figures = found["costs"][scale]["milliseconds"], found["figures"][scale][key]
    shown = [id for id in figures if id not in HIDDEN and figures[id].get(name) is not None]
    return [Dot(found["systems"][id]["title"], found["systems"][id]["ours"], max(times[id], 1), figures[id][name]) for id in shown]
