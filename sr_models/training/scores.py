"""`python -m sr_models.training.scores --data FOLDER`: measure every network, and write the scores where they are shown.

FOLDER holds benchmarks/Set5/HR, benchmarks/Set14/HR, benchmarks/BSD100/HR and product-val. Writes weights/scores.json and the
tables between the marks in README.md and weights/README.md.
"""

import argparse
import json
import re
from pathlib import Path

from sr_models.catalog import CATALOG, Entry
from sr_models.device import choose
from sr_models.evaluate import evaluate, mean
from sr_models.training.recipes import RECIPES

ROOT = Path(__file__).parents[2]
SETS = {"Set5": "benchmarks/Set5/HR", "Set14": "benchmarks/Set14/HR", "BSD100": "benchmarks/BSD100/HR", "product-val": "product-val"}
SCORES = ROOT / "weights" / "scores.json"
BEGIN, END = "<!-- scores -->", "<!-- /scores -->"
# PSNR-Y on Set5, Set14 and BSD100 as published; SRCNN and FSRCNN as the tables of SAFMN (ICCV 2023) and CARN (ECCV 2018) give them,
# ECBSR as that of ETDS (CVPR 2023), NinaSR as its authors', EDSR-baseline and IMDN as SAFMN, SwinIR-light as its own.
PUBLISHED = {
    "SRCNN 9-5-5": {2: (36.66, 32.42, 31.36), 3: (32.75, 29.28, 28.41), 4: (30.48, 27.49, 26.90)},
    "FSRCNN": {2: (37.00, 32.63, 31.53), 3: (33.16, 29.43, 28.53), 4: (30.71, 27.59, 26.98)},
    "ECBSR-M4C32": {2: (37.39, 33.03, 31.79), 3: (33.56, 29.78, 28.73), 4: (31.24, 28.04, 27.21)},
    "NinaSR-B0": {2: (37.72, 33.24, 31.97), 3: (33.96, 30.02, 28.90), 4: (31.77, 28.28, 27.36)},
    "EDSR-baseline": {2: (37.99, 33.57, 32.16), 3: (34.37, 30.28, 29.09), 4: (32.09, 28.58, 27.57)},
    "IMDN": {2: (38.00, 33.63, 32.19), 3: (34.36, 30.32, 29.09), 4: (32.21, 28.58, 27.56)},
    "SwinIR-light": {2: (38.14, 33.86, 32.31), 3: (34.62, 30.54, 29.20), 4: (32.44, 28.77, 27.69)},
}

Scores = dict[str, dict[str, dict[str, float]]]
"""id → set → {"psnr": dB, "ssim": …, "sha256": of the weights that were measured}."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sr_models.training.scores", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--again", action="store_true", help="measure also what is measured already")
    options = parser.parse_args()
    scores: Scores = {} if options.again or not SCORES.exists() else json.loads(SCORES.read_text())
    kept = {}
    for entry in CATALOG:
        known = scores.get(entry.id)
        if not known or known["sha256"] != entry.sha256:
            known = {"sha256": entry.sha256, **measured(entry, options.data)}
        kept[entry.id] = known
        SCORES.write_text(json.dumps(kept, indent=1) + "\n")
    for file, table in ((ROOT / "README.md", front_table(kept)), (ROOT / "weights" / "README.md", full_table(kept))):
        file.write_text(replaced(file.read_text(), table))


def measured(entry: Entry, data: Path) -> dict[str, dict[str, float]]:
    found = {}
    for name, folder in SETS.items():
        score = mean(evaluate(data / folder, None, entry, choose("cpu"), lambda done, total: None))
        found[name] = {"psnr": round(score.psnr, 2), "ssim": round(score.ssim, 4)}
        print(f"{entry.id:<16}{name:<14}{score.psnr:6.2f} dB  {score.ssim:.4f}", flush=True)
    return found


def full_table(scores) -> str:
    """PSNR and SSIM of every entry on every set, and what else is known of its weights."""
    recipes = {recipe.id: recipe for recipe in RECIPES}
    lines = ["| id | " + " | ".join(SETS) + " | trained | SHA-256 |", "|---" * (len(SETS) + 3) + "|"]
    for entry in CATALOG:
        cells = [f"{scores[entry.id][name]['psnr']:.2f} / {scores[entry.id][name]['ssim']:.4f}" for name in SETS]
        recipe = recipes.get(entry.id)
        cells.append(
            "nothing to train" if recipe is None else f"{recipe.minutes:g} min" + (f" from `{recipe.start}`" if recipe.start else "")
        )
        lines.append(f"| `{entry.id}` | " + " | ".join(cells) + f" | {entry.sha256 or ''} |")
    return "\n".join(lines)


def front_table(scores) -> str:
    """PSNR of every entry and of published networks, by scale."""
    lines = ["| scale | network | " + " | ".join(SETS) + " |", "|---" * (len(SETS) + 2) + "|"]
    for scale in (2, 3, 4):
        for entry in sorted((e for e in CATALOG if e.net.scale == scale), key=lambda e: scores[e.id]["Set5"]["psnr"]):
            cells = (f"{scores[entry.id][name]['psnr']:.2f}" for name in SETS)
            lines.append(f"| {scale}× | `{entry.id}` | " + " | ".join(cells) + " |")
        for name, published in PUBLISHED.items():
            lines.append(f"| {scale}× | *{name}, published* | " + " | ".join(f"*{value:.2f}*" for value in published[scale]) + " | |")
    return "\n".join(lines)


def replaced(text: str, table: str) -> str:
    """`text` with `table` between the marks."""
    return re.sub(f"(?s){BEGIN}.*{END}", f"{BEGIN}\n{table}\n{END}", text)


if __name__ == "__main__":
    main()
