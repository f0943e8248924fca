"""`python -m sr_models.training.dial --data FOLDER`: measure what the GAN's dial does, and write the table in weights/README.md.

FOLDER holds product-val. The busiest part of each photo is made small, saved as JPEG and enlarged by the network alone: no detector of
writing, and no faithful mode.
"""

import argparse
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import fmean

import numpy as np
import torch
from tqdm import tqdm

from sr_models.catalog import SCALES, find
from sr_models.device import cpu_has_bfloat16
from sr_models.figures.crispness import block_steps, calm_roughness, edge_overshoot, edge_steepness
from sr_models.figures.evaluate import QUALITY, niqe_if_any
from sr_models.figures.likeness import load_st_lpips
from sr_models.figures.quality import box_reduce, delta_e, lr_psnr, luma, psnr, shave
from sr_models.nets import Enlarger
from sr_models.photo import Photo
from sr_models.stages.enlarge import DETAIL
from sr_models.training.crops import Crop, cut_crops
from sr_models.training.labels import TESSERACT, draw_labels, error_rate
from sr_models.training.scores import replace_table
from sr_models.weights import load_on_cpu

README = Path(__file__).parents[2] / "weights" / "README.md"
DIAL = tuple(sorted({0.0, 0.25, 0.5, DETAIL, 1.0}))
EVERY = {480: 1, 256: 3}
"""Side of the crops in pixels of the original → one photo of how many they are taken from."""
FIGURES = {
    "PSNR-Y, dB": 2,
    "edges": 3,
    "calm": 2,
    "worst calm": 2,
    "overshoot": 1,
    "block steps": 2,
    "NIQE": 2,
    "LR-PSNR, dB": 1,
    "ΔE of the reduced result": 2,
    "ST-LPIPS": 3,
    "wrong characters": 3,
}
"""What is measured, and with how many decimals it is printed."""

Enlarging = Callable[[Photo], Photo]
Figures = dict[str, float]
"""Name of FIGURES → value; NaN where a picture has nothing to measure."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sr_models.training.dial", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--labels", action="store_true", help="have Tesseract read labels, too: it takes a while")
    parser.add_argument(
        "--side", type=int, choices=EVERY, default=256, help="of the crops: 256 of ten photos, 480 of thirty (default: 256)"
    )
    options = parser.parse_args()
    if options.labels and TESSERACT is None:
        parser.error("Tesseract is not installed (Debian: tesseract-ocr)")
    found = {}
    for scale in SCALES:
        gan = load_on_cpu(find("gan", scale))
        columns = {"CNN": wrap_network(load_on_cpu(find("cnn", scale, "web")))}
        columns |= {f"GAN {detail:g}": wrap_network(gan, detail) for detail in DIAL}
        found[scale] = measure_columns(options.data / "product-val", options.side, scale, columns, options.labels)
    photos = "photo" if EVERY[options.side] == 1 else "third photo"
    text = f"The busiest {options.side} × {options.side} pixels of every {photos}:\n\n{format_table(found)}"
    README.write_text(replace_table(README.read_text(), "dial", text))


def wrap_network(net: Enlarger, detail: float | None = None) -> Enlarging:
    """The network as the program runs it, with the same `detail` everywhere."""
    net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    net.lower_precision(torch.bfloat16 if cpu_has_bfloat16() else torch.float32)
    return partial(run_network, net, detail)


@torch.inference_mode()
def run_network(net: Enlarger, detail: float | None, photo: Photo) -> Photo:
    small = torch.tensor(photo.rgb).permute(2, 0, 1)[None].float() / 255
    result = net(small) if detail is None else net(small, torch.full_like(small[:, :1], detail))
    return Photo((result[0].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).contiguous().numpy())


def measure_columns(folder: Path, side: int, scale: int, columns: dict[str, Enlarging], labels: bool) -> dict[str, Figures]:
    """The figures of each column over all crops, those of the originals last."""
    unlike = load_st_lpips()
    found: dict[str, list[Figures]] = {name: [] for name in (*columns, "original")}
    for crop in tqdm(cut_crops(folder, side, EVERY[side], scale, QUALITY), desc=f"{scale}×, {side} pixels", unit="photo", disable=None):
        for name, enlarge in columns.items():
            rgb = crop.within(enlarge(crop.around).rgb, scale)
            found[name].append(measure_alone(crop, rgb) | measure_result(crop, rgb))
            if unlike:
                found[name][-1]["ST-LPIPS"] = unlike(rgb, crop.original)
        found["original"].append(measure_alone(crop, crop.original))
    result = {name: {figure: mean_of_known([row[figure] for row in rows]) for figure in rows[0]} for name, rows in found.items()}
    for name, enlarge in columns.items():
        result[name]["worst calm"] = max((row["calm"] for row in found[name] if not math.isnan(row["calm"])), default=math.nan)
        if labels:
            result[name]["wrong characters"] = fmean(error_rate(enlarge(photo)) for photo in draw_labels(scale=scale))
    return result


def measure_alone(crop: Crop, rgb: np.ndarray) -> Figures:
    """What is measured without the original."""
    return {"block steps": block_steps(box_reduce(rgb, crop.scale), crop.corner), "NIQE": niqe_if_any(rgb) or math.nan}


def measure_result(crop: Crop, rgb: np.ndarray) -> Figures:
    again = box_reduce(rgb, crop.scale)
    return {
        "PSNR-Y, dB": psnr(*(shave(luma(picture), crop.scale) for picture in (rgb, crop.original))),
        "edges": edge_steepness(rgb, crop.original),
        "calm": calm_roughness(rgb, crop.original),
        "overshoot": edge_overshoot(rgb, crop.original),
        "LR-PSNR, dB": lr_psnr(crop.small, again),
        "ΔE of the reduced result": float(delta_e(crop.small, again).mean()),
    }


def mean_of_known(values: list[float]) -> float:
    """The mean of the values that are not NaN; NaN where all are."""
    known = [value for value in values if not math.isnan(value)]
    return fmean(known) if known else math.nan


def format_table(found: dict[int, dict[str, Figures]]) -> str:
    """Scale → column → figures, as Markdown; figures that nobody measured are left out."""
    columns = next(iter(found.values()))
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for scale, by_column in found.items():
        for figure, digits in FIGURES.items():
            values = [figures.get(figure, math.nan) for figures in by_column.values()]
            if not all(map(math.isnan, values)):
                cells = ["" if math.isnan(value) else f"{value:.{digits}f}" for value in values]
                lines.append(f"| {scale}× {figure} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
