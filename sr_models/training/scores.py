"""`python -m sr_models.training.scores --data FOLDER`: measure every network, and write the scores where they are shown.

FOLDER holds benchmarks/Set5/HR, benchmarks/Set14/HR, benchmarks/BSD100/HR and product-val. Writes weights/scores.json and the
tables between the marks in docs/quality.md and weights/README.md.
"""

import argparse
import json
import re
from pathlib import Path
from typing import Any

from sr_models.catalog import CATALOG, Entry
from sr_models.device import choose
from sr_models.figures.evaluate import average_scores, evaluate
from sr_models.figures.likeness import load_st_lpips
from sr_models.training.recipes import RECIPES
from sr_models.training.shortening import SHORTENINGS
from sr_models.weights import file_of

ROOT = Path(__file__).parents[2]
SETS = {"Set5": "benchmarks/Set5/HR", "Set14": "benchmarks/Set14/HR", "BSD100": "benchmarks/BSD100/HR", "product-val": "product-val"}
JUDGED = "product-val"
SCORES = ROOT / "weights" / "scores.json"
# As published, "PSNR / SSIM" on Set5, Set14 and BSD100 by scale; SRCNN and FSRCNN as the tables of SAFMN (ICCV 2023) and CARN (ECCV 2018)
# give them, ECBSR as that of ETDS (CVPR 2023), NinaSR as its authors', EDSR-baseline and IMDN as SAFMN, SwinIR-light as its own. Of SPAN
# only one figure could be confirmed, in a picture of its authors' repository.
REPORTED = {
    "SRCNN 9-5-5": {
        2: ("36.66 / 0.9542", "32.42 / 0.9063", "31.36 / 0.8879"),
        3: ("32.75 / 0.9090", "29.28 / 0.8209", "28.41 / 0.7863"),
        4: ("30.48 / 0.8628", "27.49 / 0.7503", "26.90 / 0.7101"),
    },
    "FSRCNN": {
        2: ("37.00 / 0.9558", "32.63 / 0.9088", "31.53 / 0.8920"),
        3: ("33.16 / 0.9140", "29.43 / 0.8242", "28.53 / 0.7910"),
        4: ("30.71 / 0.8657", "27.59 / 0.7535", "26.98 / 0.7150"),
    },
    "ECBSR-M4C32": {
        2: ("37.39 / 0.9587", "33.03 / 0.9126", "31.79 / 0.8953"),
        3: ("33.56 / 0.9205", "29.78 / 0.8319", "28.73 / 0.7965"),
        4: ("31.24 / 0.8804", "28.04 / 0.7686", "27.21 / 0.7248"),
    },
    "NinaSR-B0": {
        2: ("37.72 / 0.9594", "33.24 / 0.9144", "31.97 / 0.8974"),
        3: ("33.96 / 0.9234", "30.02 / 0.8355", "28.90 / 0.8000"),
        4: ("31.77 / 0.8877", "28.28 / 0.7727", "27.36 / 0.7290"),
    },
    "EDSR-baseline": {
        2: ("37.99 / 0.9604", "33.57 / 0.9175", "32.16 / 0.8994"),
        3: ("34.37 / 0.9270", "30.28 / 0.8417", "29.09 / 0.8052"),
        4: ("32.09 / 0.8938", "28.58 / 0.7813", "27.57 / 0.7357"),
    },
    "IMDN": {
        2: ("38.00 / 0.9605", "33.63 / 0.9177", "32.19 / 0.8996"),
        3: ("34.36 / 0.9270", "30.32 / 0.8417", "29.09 / 0.8046"),
        4: ("32.21 / 0.8948", "28.58 / 0.7811", "27.56 / 0.7353"),
    },
    "SPAN": {4: ("", "28.66", "")},
    "SwinIR-light": {
        2: ("38.14 / 0.9611", "33.86 / 0.9206", "32.31 / 0.9012"),
        3: ("34.62 / 0.9289", "30.54 / 0.8463", "29.20 / 0.8082"),
        4: ("32.44 / 0.8976", "28.77 / 0.7858", "27.69 / 0.7406"),
    },
}

Scores = dict[str, dict[str, Any]]
"""id → {"sha256": of the weights that were measured, set → {"psnr": dB, "ssim": …, "st_lpips": of JUDGED where it was measured}}."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sr_models.training.scores", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--again", action="store_true", help="measure also what is measured already")
    options = parser.parse_args()
    scores: Scores = {} if options.again or not SCORES.exists() else json.loads(SCORES.read_text())
    kept = {}
    for entry in CATALOG:
        known = scores.get(entry.id, {})
        kept[entry.id] = measure_entry(entry, options.data, known if known.get("sha256") == entry.sha256 else {})
        SCORES.write_text(json.dumps(kept | {id: scores[id] for id in scores if id not in kept}, indent=1) + "\n")
    SCORES.write_text(json.dumps(kept, indent=1) + "\n")
    for file, table in ((ROOT / "docs" / "quality.md", quality_table(kept)), (ROOT / "weights" / "README.md", full_table(kept))):
        file.write_text(replace_table(file.read_text(), "scores", table))


def measure_entry(entry: Entry, data: Path, known: dict[str, Any]) -> dict[str, Any]:
    """What is known of these weights, and what is not measured yet: ST-LPIPS of product photos, too, where its package is installed."""
    found: dict[str, Any] = {"sha256": entry.sha256}
    for name, folder in SETS.items():
        judged = name == JUDGED and load_st_lpips() is not None
        before = known.get(name, {})
        if before and ("st_lpips" in before or not judged):
            found[name] = before
            continue
        score = average_scores(evaluate(data / folder, None, entry, choose("cpu"), lambda done, total: None, full=judged))
        found[name] = {"psnr": round(score.psnr, 2), "ssim": round(score.ssim, 4)} | before
        if score.st_lpips is not None:
            found[name]["st_lpips"] = round(score.st_lpips, 3)
        print(f"{entry.id:<16}{name:<14}{score.psnr:6.2f} dB  {score.ssim:.4f}", flush=True)
    return found


def full_table(scores) -> str:
    """The scores of every entry, and what else is known of its weights."""
    recipes = {recipe.id: recipe for recipe in RECIPES}
    starts = {shortening.id: shortening.start for shortening in SHORTENINGS}
    lines = ["| id | " + " | ".join(SETS) + " | trained | SHA-256 |", "|---" * (len(SETS) + 3) + "|"]
    for entry in CATALOG:
        shortened = starts.get(file_of(entry))
        recipe = recipes.get(shortened or file_of(entry))
        trained = "nothing to train"
        if recipe is not None:
            trained = f"`{recipe.id}`: {recipe.minutes:g} min" + (f" from `{recipe.start}`" if recipe.start else "")
        if shortened:
            trained += ", shortened"
        lines.append(f"| `{entry.id}` | {table_cells(scores[entry.id])} | {trained} | {entry.sha256 or ''} |")
    return "\n".join(lines)


def quality_table(scores) -> str:
    """The scores of every entry and of published networks, by scale."""
    lines = ["| scale | network | " + " | ".join(SETS) + " |", "|---" * (len(SETS) + 2) + "|"]
    for scale in (2, 3, 4):
        for entry in sorted((e for e in CATALOG if e.net.scale == scale), key=lambda e: scores[e.id]["Set5"]["psnr"]):
            lines.append(f"| {scale}× | `{entry.id}` | {table_cells(scores[entry.id])} |")
        for name, published in REPORTED.items():
            if scale in published:
                stated = " | ".join(f"*{value}*" if value else "" for value in published[scale])
                lines.append(f"| {scale}× | *{name}, published* | {stated} | |")
    return "\n".join(lines)


def table_cells(known: dict[str, dict[str, float]]) -> str:
    return " | ".join(f"{known[name]['psnr']:.2f} / {known[name]['ssim']:.4f}" for name in SETS)


def replace_table(text: str, name: str, table: str) -> str:
    """`text` with `table` between the marks of this name, which are HTML comments."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    return re.sub(f"(?s){begin}.*{end}", f"{begin}\n{table}\n{end}", text)


if __name__ == "__main__":
    main()
