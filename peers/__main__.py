"""`python -m peers --data FOLDER`: install the others, run all systems, measure, and write docs/peers.json, docs/peers.md and the plots.

FOLDER holds product-val, benchmarks/…/HR and reference-weights. What was made is kept in runs/peers, so that a run that was ended goes on
where it was; the blind test with everyone's pictures lies there too. `--write` only writes the page and the plots from the JSON.
"""

import argparse
import datetime
import hashlib
import json
import platform
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from peers import blind, front, legibility, page, plot
from peers.costs import count_bytes, measure_memory
from peers.inputs import INPUTS, Case, choose_photos, cut_cases
from peers.measure import FIGURES, Figures, measure
from peers.packages import TARBALLS, WHEELS, install
from peers.systems import SYSTEMS, Enlarge, Places, System, exact_device, find_system
from sr_models.device import choose
from sr_models.photo import Photo
from sr_models.training.speed import time_in_turn
from sr_models.version import __version__
from ui.parts.blind import render_test

ROOT = Path(__file__).parents[1]
RUN = ROOT / "runs" / "peers"
SCALES = (4, 2)
SETS = {"product-val": ["product-val"], "benchmarks": [f"benchmarks/{name}/HR" for name in ("Set5", "Set14", "BSD100")]}
"""Set of photos → its folders in the data."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m peers", description=__doc__)
    parser.add_argument("--data", type=Path, metavar="FOLDER")
    parser.add_argument(
        "--count",
        type=int,
        default=8,
        help="photos of product-val at 4×; an eighth of that of each benchmark, and half of all at 2×, at least one (default: 8)",
    )
    parser.add_argument("--side", type=int, default=96, help="of the small photos, pixels (default: 96)")
    parser.add_argument("--seed", type=int, default=1, help="which photos are chosen (default: 1)")
    parser.add_argument("--write", action="store_true", help="only write the page and the plots from docs/peers.json")
    options = parser.parse_args()
    if not options.write:
        if options.data is None:
            parser.error("--data says where the photos are")
        torch.set_num_threads(1)
        found = compare(options.data, options.count, options.side, options.seed)
        page.JSON.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    found = json.loads(page.JSON.read_text("utf-8"))
    page.PAGE.write_text(page.write_page(found), "utf-8")
    for language, file in plot.PLOTS.items():
        file.write_text(plot.draw(found, language), "utf-8")
    for language, file in front.FRONTS.items():
        file.write_text(front.write_front(found, language, file), "utf-8")


def compare(data: Path, count: int, side: int, seed: int) -> dict:
    """Everything that the page says, as plain data."""
    places = Places(RUN / "packages", data / "reference-weights")
    places.packages.mkdir(parents=True, exist_ok=True)
    install(places.packages)
    chosen = choose_all(data, count, seed)
    found: dict = {"how": describe(count, side, seed), "photos": {name: [file.stem for file in files] for name, files in chosen.items()}}
    found |= {"figures": {}, "costs": {}, "wrong_characters": {}, "wrong_as_drawn": {}, "left_out": {}}
    found["systems"] = describe_systems()
    for scale in SCALES:
        used = chosen if scale == max(SCALES) else choose_all(data, max(1, count // 2), seed)
        runs = load_all(places, scale, found["left_out"])
        cases = [case for name, files in used.items() for case in cut_cases(name, files, tuple(INPUTS), scale, side)]
        stamps = {system.id: stamp(system, places, scale) for system in SYSTEMS if system.id in runs}
        found["figures"][f"{scale}x"] = measure_all(runs, stamps, cases)
        costs = partial(measure_costs, runs, places, scale, cases[0].small)
        found["costs"][f"{scale}x"] = kept(RUN / f"costs {scale}x {side} {digest(*stamps.values())}.json", costs)
        if scale == max(SCALES):
            found["wrong_characters"] = read_labels(runs, stamps, scale)
            found["wrong_as_drawn"] = {
                name: round(legibility.share_wrong(writing, read, lambda photo: photo.rgb, 1), 4)
                for name, writing, read in legibility.find_readings()
            }
            show_blindly(stamps, cases)
    return found


def describe_systems() -> dict[str, dict[str, Any]]:
    """Id → what is said of a system."""
    return {system.id: {name: getattr(system, name) for name in ("title", "origin", "licence", "ours", "crisp")} for system in SYSTEMS}


def choose_all(data: Path, count: int, seed: int) -> dict[str, list[Path]]:
    """Set → its photos: `count` of product-val, an eighth of that of each benchmark, at least one."""
    counts = {"product-val": count, "benchmarks": max(1, count // 8)}
    return {
        name: [file for folder in folders for file in choose_photos(data / folder, counts[name], seed)] for name, folders in SETS.items()
    }


def describe(count: int, side: int, seed: int) -> dict:
    return {
        "command": f"python -m peers --data FOLDER --count {count} --side {side} --seed {seed}",
        "date": datetime.date.today().isoformat(),
        "version": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "packages": WHEELS | TARBALLS,
        "count": count,
        "side": side,
        "bfloat16": choose("cpu").precision == torch.bfloat16,
    }


def load_all(places: Places, scale: int, left_out: dict[str, str]) -> dict[str, Enlarge]:
    """Id → the system at a scale; what does not load stands in `left_out`, with the reason."""
    runs = {}
    for system in SYSTEMS:
        try:
            runs[system.id] = system.load(places, scale, choose("cpu"))
        except Exception as failure:  # of a stranger's package, which may raise anything
            left_out[system.id] = f"{type(failure).__name__}: {failure}".replace(str(places.packages), "…")[:200]
    return runs


def stamp(system: System, places: Places, scale: int) -> str:
    """Eight digits that other weights would not have: what was made with those is not taken for the result of these."""
    return digest(*(file.read_bytes() for file in system.weights(places, scale)))


def digest(*parts: bytes | str) -> str:
    return hashlib.sha256(b"".join(part.encode() if isinstance(part, str) else part for part in parts)).hexdigest()[:8]


def kept(file: Path, make: Callable[[], Any]) -> Any:
    """What `make` gives, as JSON knows it; from `file` where it was made before."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(make()))
    return json.loads(file.read_text())


def measure_all(runs: dict[str, Enlarge], stamps: dict[str, str], cases: list[Case]) -> dict[str, dict[str, Figures]]:
    """Set and input → id → the mean of each figure, over the cases that have it."""
    found: dict[str, dict[str, list[Figures]]] = defaultdict(lambda: defaultdict(list))
    for case in tqdm(cases, desc=f"{cases[0].scale}×", unit="photo", disable=None):
        for id, run in runs.items():
            found[f"{case.photos} {case.input}"][id].append(measure_once(f"{id} {stamps[id]}", run, case))
    return {key: {id: average(rows) for id, rows in by_id.items()} for key, by_id in found.items()}


def measure_once(name: str, run: Enlarge, case: Case) -> Figures:
    """The figures of a result, which is read from runs/peers or made anew; both are kept there under the system's name."""
    picture = picture_of(name, case)

    def make() -> Figures:
        rgb = run(case.small)
        Image.fromarray(rgb).save(picture)
        return measure(case, rgb)

    picture.parent.mkdir(parents=True, exist_ok=True)
    return kept(picture.with_name(picture.name.removesuffix(".png") + ".json"), make)


def picture_of(name: str, case: Case) -> Path:
    """Where the result of a system is kept, under the system's name."""
    return RUN / "results" / f"{case.scale}x {case.photos} {case.input}" / f"{case.name} {case.original.shape[0]} {name}.png"


def average(rows: list[Figures]) -> Figures:
    """The mean of each figure, over the rows that have it."""
    known = {name: [value for row in rows if (value := row.get(name)) is not None] for name in FIGURES}
    return {name: round(fmean(values), FIGURES[name].digits + 1) if values else None for name, values in known.items()}


def measure_costs(runs: dict[str, Enlarge], places: Places, scale: int, photo: Photo) -> dict[str, Any]:
    """ "milliseconds", "milliseconds here" (in the precision that this processor likes best), "megabytes" and "bytes", each by id; and
    the "date", since costs that were kept may be older than the rest."""
    exact = {system.id: system.load(places, scale, exact_device()) for system in SYSTEMS if system.id in runs}
    ours = {f"{id} here": run for id, run in runs.items() if find_system(id).ours}
    times = time_in_turn({name: partial(run, photo) for name, run in (exact | ours).items()})
    return {
        "milliseconds": {id: times[id] for id in runs},
        "milliseconds here": {id: times[f"{id} here"] for id in runs if find_system(id).ours},
        "megabytes": measure_memory(runs, places, scale, photo) if scale == max(SCALES) else {},
        "bytes": count_bytes(runs, places, scale),
        "date": datetime.date.today().isoformat(),
    }


def read_labels(runs: dict[str, Enlarge], stamps: dict[str, str], scale: int) -> dict[str, dict[str, float]]:
    """Name of a reading → id → share of characters on small labels that are read wrongly."""
    found: dict[str, dict[str, float]] = {}
    for name, writing, read in legibility.find_readings():
        found[name] = {}
        for id, run in tqdm(runs.items(), desc=name, unit="system", disable=None):
            share = partial(legibility.share_wrong, writing, read, run, scale)
            found[name][id] = round(kept(RUN / "results" / f"{scale}x labels" / f"{name} {id} {stamps[id]}.json", share), 4)
    return found


def show_blindly(stamps: dict[str, str], cases: list[Case]) -> None:
    """Writes the blind test in each language."""
    used = [case for case in cases if f"{case.photos} {case.input}" == page.MAIN[1]]
    rounds = blind.pair_up(stamps, used, lambda name, case: np.asarray(Image.open(picture_of(f"{name} {stamps[name]}", case))))
    for language in front.FRONTS:
        file = RUN / f"blind.{language}.html"
        file.write_text(render_test(language, blind.TITLES[language], used[0].scale, rounds), "utf-8")
        print(f"{file.relative_to(ROOT)}: some of its photos ask for credit where it is passed on, as the manifest of product-val says.")


if __name__ == "__main__":
    main()
