"""`python -m sr_models.training.series --data FOLDER… --into FOLDER`: series of shots, and what a CNN makes of each; made once."""

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from tqdm import tqdm

from sr_models.catalog import find
from sr_models.device import choose
from sr_models.folders import photo_files
from sr_models.reading import read
from sr_models.run import load_network_on
from sr_models.stages.align import Aligned, as_tensor, centred, match, sample
from sr_models.stages.resampling import resized
from sr_models.training.camera import COPIED, EXPOSED, FOREIGN, MOVED, Camera, draw_pose, move_part, reduce, save_again, take, view
from sr_models.training.photos import EXAMPLES

SIDE, INNER, BEYOND = 64, 48, 4  # small pixels: of a shot, of what is kept of it, and how much farther the scene goes
SHOTS = 6
MODELS = {"cnn": 0.8, "cnn-fast": 0.2}  # what enlarges a series, and how often
LOSSY, LAST_LOSSY = 2.4, 92  # compression noise in levels, and the last quality of JPEG for which the weights for web photos serve
SIZES = 0.5, 1.0  # of a photo's own: those at which it is a scene; a soft one is a scene too
MISPLACED, MISTURNED = (0.03, 0.15), 0.0015  # small pixels, of a series, and share: standard deviation of what registration errs by
AT_ONCE = 25
EVERY = 24  # one photo of so many is held out
HELD_OUT = 2  # files of series of them


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--scale", type=int, default=4)
    parser.add_argument("--since", type=int, default=0, help="the first of them")
    parser.add_argument("--files", type=int, default=40, help="files of 25 series each; the first HELD_OUT are held out")
    options = parser.parse_args(arguments)
    options.into.mkdir(parents=True, exist_ok=True)
    device = choose("cpu")
    nets = {(model, noise): load_network_on(find(model, options.scale, noise=noise), device) for model in MODELS for noise in (0.0, LOSSY)}
    side = (SIDE + 2 * BEYOND) * options.scale
    photos = [file for folder in options.data for file in photo_files(folder) if file.name not in EXAMPLES and is_as_large(file, side)]
    held_out = photos[::EVERY]
    others = [file for file in photos if file not in set(held_out)]
    for number in tqdm(range(options.since, options.files), unit="file"):
        path = options.into / f"{options.scale}x-{number:03}.pt"
        if path.exists():
            continue
        random = np.random.default_rng([options.scale, number])
        made = make_series(nets, held_out if number < HELD_OUT else others, options.scale, random)
        torch.save(made, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)


def is_as_large(file: Path, side: int) -> bool:
    with Image.open(file) as photo:
        return min(photo.size) > side


def draw_scene(files: list[Path], side: int, random: np.random.Generator) -> Tensor:
    """(1, 3, side, side) in [0, 1], from a random photo at a random size: the calmest or the busiest of three places, by chance."""
    photo = read(files[random.integers(len(files))])
    share = min(1.0, max(random.uniform(*SIZES), (side + 1) / min(photo.size)))
    rgb = resized(photo, (round(photo.size[0] * share), round(photo.size[1] * share))).rgb
    places = [[int(random.integers(0, length - side + 1)) for length in rgb.shape[:2]] for _ in range(3)]
    crops = [rgb[top : top + side, left : left + side] for top, left in places]
    crops.sort(key=lambda crop: float(np.abs(np.diff(crop.mean(2), axis=1)).mean()))
    return as_tensor(np.ascontiguousarray(crops[random.choice([0, -1])]))


@torch.inference_mode()
def make_series(nets: dict, files: list[Path], scale: int, random: np.random.Generator) -> dict[str, Tensor]:
    large, seen, believed, warps = [], [], [], []
    margin = (SIDE - INNER) // 2
    inner = slice(margin, -margin)
    grid, fine = centred(SIDE, SIDE), centred(INNER * scale, INNER * scale) / scale
    size = (SIDE + 2 * BEYOND) * scale
    other = draw_scene(files, size, random)
    for _ in range(AT_ONCE):
        scene, camera, misplaced = draw_scene(files, size, random), Camera.draw(random), random.uniform(*MISPLACED)
        net = nets[str(random.choice(list(MODELS), p=list(MODELS.values()))), LOSSY if camera.quality <= LAST_LOSSY else 0.0]
        edge = (BEYOND + margin) * scale
        large.append((scene[0, :, edge:-edge, edge:-edge] * 255).round().byte())
        shots, poses = [], []
        for number in range(SHOTS):
            pose = draw_pose(random) if number else torch.eye(3)
            shown = other if number and random.random() < FOREIGN else scene
            picture = view(shown, torch.linalg.inv(pose), SIDE, scale)
            if number and random.random() < MOVED:
                picture = move_part(picture, scale, random)
            small = reduce(picture, scale, camera)
            if number and random.random() < EXPOSED:
                small = small * random.uniform(0.75, 1.25) + random.uniform(-0.03, 0.03)
            shots.append(take(small.clamp(0, 1), camera, random))
            if number and random.random() < COPIED:
                shots[-1], pose = save_again(shots[0], random), torch.eye(3)
                poses.append(pose)
                continue
            error = torch.zeros(3, 3)
            error[:2, :2] = torch.from_numpy(random.normal(0, MISTURNED, (2, 2)))
            error[:2, 2] = torch.from_numpy(random.normal(0, misplaced, 2))
            poses.append(pose + error if number else pose)
        results = net(torch.cat([as_tensor(shot) for shot in shots]).contiguous(memory_format=torch.channels_last)).float()
        first = as_tensor(shots[0])
        laid, weights = [], []
        for number, (shot, pose, result) in enumerate(zip(shots, poses, results, strict=True)):
            lying = Aligned(shot, pose)
            if number == 0:
                weights.append(torch.ones(1, INNER, INNER))
                laid.append(result[:, margin * scale : -margin * scale, margin * scale : -margin * scale])
                continue
            there, shown = lying.see(grid)
            shown = shown[0, 0] > 0
            gain, offset = torch.tensor([match(there[0, c][shown], first[0, c][shown]) for c in range(3)]).T
            lying = Aligned(shot, pose, gain, offset)
            weights.append(lying.believe(first, grid)[0, :, inner, inner])
            laid.append(lying.expose(sample(result[None], lying.place(fine) * scale))[0])
        seen.append((torch.stack(laid).clamp(0, 1) * 255).round().byte())
        believed.append(torch.stack(weights).half())
        warps.append(torch.stack(poses))
        other = scene
    return {"large": torch.stack(large), "seen": torch.stack(seen), "believed": torch.stack(believed), "warps": torch.stack(warps)}


if __name__ == "__main__":
    main()
