"""`python -m sr_models.training RECIPE --photos FOLDER`: train one weight file by its recipe.

On several GPUs, or processes of the CPU: `torchrun --nproc-per-node N -m sr_models.training RECIPE --photos FOLDER`.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from sr_models.training import workers
from sr_models.training.degradation import MARGIN
from sr_models.training.loop import Run
from sr_models.training.photos import load
from sr_models.training.recipes import RECIPES

WEIGHTS = Path(__file__).parents[2] / "weights"


def main() -> None:
    recipes = {recipe.id: recipe for recipe in RECIPES}
    parser = argparse.ArgumentParser(prog="python -m sr_models.training", description=__doc__)
    parser.add_argument("recipe", choices=recipes, metavar="RECIPE", help=", ".join(recipes))
    parser.add_argument("--photos", type=Path, required=True, help="folder of training photos")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder for checkpoints, logs and curves (default: runs)")
    parser.add_argument("--minutes", type=float, help="another budget than the recipe's")
    parser.add_argument("--steps", type=int, help="a budget of steps instead of minutes")
    parser.add_argument("--threads", type=int, default=1, help="of the CPU, for each worker (default: 1)")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument(
        "--resume",
        type=Path,
        nargs="?",
        const=True,
        metavar="FILE",
        help="go on from a checkpoint (default: the one of the recipe's last run)",
    )
    options = parser.parse_args()

    recipe = recipes[options.recipe]
    if options.minutes is not None:
        recipe = replace(recipe, minutes=options.minutes)
    if options.steps is not None:
        recipe = replace(recipe, steps=options.steps)
    workers.join(options.device)
    start = None
    if recipe.start is not None:
        places = [folder / f"{recipe.start}.safetensors" for folder in (options.runs / recipe.start, WEIGHTS)]
        start = next((path for path in places if path.exists()), None)
        if start is None:
            parser.error(
                f"{recipe.id} starts from the weights {recipe.start}: train them first, they are neither in {options.runs} nor in weights/"
            )
    torch.set_num_threads(options.threads)
    largest_crop = (max(48, *(side for _, side in recipe.patches)) + 2 * MARGIN) * recipe.net.scale
    photos, held_out = load(options.photos, largest_crop, options.device)
    run = Run(recipe, photos, held_out, options.runs / recipe.id, start, options.device)
    if options.resume:
        run.resume(options.runs / recipe.id / "checkpoint.pt" if options.resume is True else options.resume)
    weights = run.train()
    if workers.rank() == 0:
        print(weights)


if __name__ == "__main__":
    main()
