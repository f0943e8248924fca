"""`python -m sr_models.training.dial --data FOLDER`: measure what the GAN's dial does, and write the table in weights/README.md.

FOLDER holds product-val. Of each photo the busiest 480 × 480 pixels are made small, saved as JPEG of quality 75 and enlarged by the
network alone: no detector of writing, and no faithful mode but in two columns, the second of them for a photo that was not compressed.
"""

import argparse
import re
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from sr_models.catalog import SCALES, find
from sr_models.evaluate import Trial, made, niqe_if_any
from sr_models.faithful import keep
from sr_models.nets import DetailNetwork, Network
from sr_models.photo import Photo, photo_files, read
from sr_models.quality import busiest, colour_difference, lr_psnr, luma, psnr, reduced, shaved
from sr_models.weights import load

TABLE = Path(__file__).parents[2] / "weights" / "README.md"
BEGIN, END = "<!-- dial -->", "<!-- /dial -->"
SIDE = 480  # pixels
DIAL = (0.0, 0.25, 0.5, 0.75, 1.0)
FIGURES = {"PSNR-Y, dB": 2, "crispness": 3, "NIQE": 2, "LR-PSNR, dB": 1, "ΔE of the reduced result": 2}
"""What `figures` measures, and with how many decimals it is printed."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sr_models.training.dial", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    folder = parser.parse_args().data / "product-val"
    lines = [
        "| | CNN | " + " | ".join(f"GAN {t:g}" for t in DIAL) + " | GAN 1, locked | the same, PNG | original |",
        "|---" * (len(DIAL) + 5) + "|",
    ]
    for scale in SCALES:
        cnn, gan = load(find("cnn", scale, "web")), load(find("gan", scale))
        pairs = list(zip(trials(folder, scale, "jpeg"), trials(folder, scale, "bicubic"), strict=True))
        measured = np.nanmean([columns(*pair, cnn, gan, scale) for pair in tqdm(pairs, desc=f"{scale}×")], axis=0)
        for figure, (name, digits) in enumerate(FIGURES.items()):
            cells = ["" if not np.isfinite(value) else f"{value:.{digits}f}" for value in measured[:, figure]]
            lines.append(f"| {scale}× {name} | " + " | ".join(cells) + " |")
    TABLE.write_text(re.sub(f"(?s){BEGIN}.*{END}", "\n".join((BEGIN, *lines, END)), TABLE.read_text()))


def trials(folder: Path, scale: int, shrinking: str) -> list[Trial]:
    found = []
    for file in photo_files(folder):
        rgb = read(file).rgb
        top, left = busiest(rgb, SIDE)
        found.append(made(file.name, Photo(rgb[top : top + SIDE, left : left + SIDE]), scale, shrinking, 75))
    return found


def columns(trial: Trial, uncompressed: Trial, cnn: Network | DetailNetwork, gan: Network | DetailNetwork, scale: int) -> list[list[float]]:
    """The figures of each column of the table."""
    dialled = [enlarged(gan, trial.small, detail) for detail in DIAL]
    shown = [figures(trial, rgb, scale) for rgb in (enlarged(cnn, trial.small), *dialled, locked(dialled[-1], trial.small))]
    crispest = enlarged(gan, uncompressed.small, DIAL[-1])
    return [*shown, figures(uncompressed, locked(crispest, uncompressed.small), scale), figures(trial, trial.original, scale)]


def locked(rgb: np.ndarray, photo: Photo) -> np.ndarray:
    """In faithful mode "colour"."""
    result = rgb.copy()
    keep(result, photo.rgb, "colour", photo.quantisation)
    return result


def enlarged(net: Network | DetailNetwork, photo: Photo, detail: float | None = None) -> np.ndarray:
    """The network's own output, uint8 (H·s, W·s, 3); `detail` is the same everywhere."""
    small = torch.tensor(photo.rgb).permute(2, 0, 1)[None].float() / 255
    with torch.inference_mode():
        result = net(small) if detail is None else net(small, torch.full_like(small[:, :1], detail))
    return (result[0].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()


def figures(trial: Trial, rgb: np.ndarray, scale: int) -> list[float]:
    """As FIGURES names them; NaN where there is none. Crispness is the mean gradient of luma over the original's."""
    y, original = (luma(picture) for picture in (rgb, trial.original))
    again = reduced(rgb, scale)
    exact = rgb is trial.original
    return [
        np.nan if exact else psnr(shaved(y, scale), shaved(original, scale)),
        np.nan if exact else gradient(y) / gradient(original),
        niqe_if_any(rgb) or np.nan,
        np.nan if exact else lr_psnr(trial.small.rgb, again),
        np.nan if exact else float(colour_difference(trial.small.rgb, again).mean()),
    ]


def gradient(y: np.ndarray) -> float:
    return float(np.abs(np.diff(y, axis=0)).mean() + np.abs(np.diff(y, axis=1)).mean()) / 2


if __name__ == "__main__":
    main()
