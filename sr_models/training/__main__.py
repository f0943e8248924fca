"""`python -m sr_models.training RECIPE --photos FOLDER`: train one weight file by its recipe; `--series FOLDER` for several shots."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from sr_models import memory
from sr_models.errors import UpscaleError
from sr_models.nets.fusion import FusionConfig
from sr_models.training.degradation import MARGIN
from sr_models.training.loop import Run
from sr_models.training.photos import SIZES, load_photos
from sr_models.training.recipes import RECIPES
from sr_models.training.ring import Ring
from sr_models.training.tasks import Material

WEIGHTS = Path(__file__).parents[2] / "weights"


def main() -> None:
    recipes = {recipe.id: recipe for recipe in RECIPES}
    parser = argparse.ArgumentParser(prog="python -m sr_models.training", description=__doc__)
    parser.add_argument("recipe", choices=recipes, metavar="RECIPE", help=", ".join(recipes))
    folders = {"type": Path, "nargs": "+", "default": [], "metavar": "FOLDER"}
    parser.add_argument("--photos", **folders, help="of training photos; lossy files are shrunk first")
    parser.add_argument("--clean-photos", **folders, help="of photos that may be used at their own size, lossy ones too")
    parser.add_argument("--series", type=Path, metavar="FOLDER", help="of what python -m sr_models.training.series made, for cnn-shots-…")
    parser.add_argument("--sizes", type=positive(int), default=SIZES, help=f"at how many sizes each photo is used (default: {SIZES})")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder for checkpoints, logs and curves (default: runs)")
    parser.add_argument("--start", type=Path, metavar="FILE", help="weights, or a checkpoint of another run, to start from")
    parser.add_argument("--teacher", action="append", default=[], metavar="ID=FILE", help="where a teacher's weights lie; may be repeated")
    parser.add_argument("--perceptual", type=Path, metavar="FILE", help="weights of VGG-16's first ten convolutions, for that pull")
    parser.add_argument("--processes", type=int, default=0, help="that make web pairs meanwhile, for a GPU (default: made when needed)")
    parser.add_argument("--minutes", type=positive(float), help="another budget than the recipe's")
    parser.add_argument("--steps", type=positive(int), help="a budget of steps instead of minutes")
    parser.add_argument("--threads", type=positive(int), default=1, help="of the CPU (default: 1)")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument(
        "--resume",
        type=Path,
        nargs="?",
        const=True,
        metavar="FILE",
        help="go on from a checkpoint, where its run stopped (default: the one of the recipe's last run)",
    )
    options = parser.parse_args()

    def weights(id: str) -> Path:
        places = [folder / f"{id}.safetensors" for folder in (options.runs / id, WEIGHTS)]
        found = next((path for path in places if path.exists()), None)
        if found is None:
            where = f"--teacher {id}=FILE" if id in recipe.teachers else "--start FILE"
            parser.error(
                f"{recipe.id} needs the weights {id}, which are not in {options.runs} or weights/: say where they lie with {where}"
            )
        return found

    recipe = recipes[options.recipe]
    of_photos = not isinstance(recipe.net, FusionConfig)
    if of_photos and not options.photos and not options.clean_photos:
        parser.error("give at least one folder of photos")
    if options.minutes is not None or options.steps is not None:
        recipe = replace(recipe, minutes=options.minutes or recipe.minutes, steps=options.steps)
    named = {id: Path(file) for id, _, file in (teacher.partition("=") for teacher in options.teacher)}
    for id in named.keys() - set(recipe.teachers):
        parser.error(f"“{id}” is no teacher of {recipe.id}: give --teacher ID=FILE with one of {', '.join(recipe.teachers) or 'none'}")
    teachers = {id: named.get(id) or weights(id) for id in recipe.teachers}
    start = options.start or (weights(recipe.start) if recipe.start else None)
    first = weights(recipe.first) if recipe.first else None
    for file in filter(None, (*teachers.values(), start, first, options.perceptual)):
        if not file.is_file():
            parser.error(f"there is no file {file}")
    if options.device == "cuda" and not torch.cuda.is_available():
        parser.error("there is no CUDA GPU that PyTorch can use on this machine: give --device cpu")
    if any(name == "perceptual" for name, _ in recipe.pulls) and options.perceptual is None:
        parser.error(f"{recipe.id} pulls by what VGG-16 sees: give its weights with --perceptual FILE")
    memory.prepare()
    torch.set_num_threads(options.threads)
    given = {"start": start, "first": first, "perceptual": options.perceptual, "series": options.series}
    material = Material(**given, teachers=teachers, device=options.device)
    if of_photos:
        smallest_crop = (min(side for _, _, side in recipe.batches) + 2 * MARGIN) * min(recipe.scales)
        try:
            photos, held_out = load_photos(options.photos, options.clean_photos, smallest_crop, options.sizes)
        except (UpscaleError, ValueError) as failure:
            parser.error(str(failure))
        if options.processes and recipe.degradation == "web" and not recipe.stored:
            material.ring = Ring(photos, recipe.scales, recipe.batches[-1][2], options.processes, seed=recipe.seed)
            material.ring.start()
        material.photos, material.held_out = photos.to(options.device), held_out.to(options.device)
    if options.device == "cuda":
        torch.backends.cudnn.benchmark = True
    try:
        run = Run(recipe, material, options.runs / recipe.id)
    except UpscaleError as failure:
        parser.error(str(failure))
    if options.resume:
        run.resume(options.runs / recipe.id / "checkpoint.pt" if options.resume is True else options.resume)
    print(run.train())


def positive(kind: type[int] | type[float]) -> Callable[[str], float]:
    """What reads a number above 0 on the command line."""

    def number(text: str) -> float:
        value = kind(text)
        if not value > 0:
            raise argparse.ArgumentTypeError(f"{text} is not above 0")
        return value

    return number


if __name__ == "__main__":
    main()
