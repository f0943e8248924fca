"""What the program costs beside the network, on this machine: `python tests/overhead.py`. Compare figures of one run only."""

import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import sr_models  # noqa: E402
from sr_models import weights  # noqa: E402
from sr_models.runners import enlarge_guarded  # noqa: E402
from sr_models.stages.faithful import make_faithful  # noqa: E402


def seconds(work: Callable[[], object], runs: int = 15) -> float:
    """Median wall-clock time of `work`, after two runs that do not count."""
    times = []
    for _ in range(runs + 2):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return median(times[2:])


def main() -> None:
    device = sr_models.choose()
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads, {device}")
    with tempfile.TemporaryDirectory() as folder, Image.open(ROOT / "examples" / "clothes" / "blouse.jpg") as image:
        file = Path(folder) / "photo.png"
        image.convert("RGB").resize((256, 256)).save(file)

        print("\nCNN 4× on 256 × 256 pixels")
        photo = sr_models.read(file)
        entry = sr_models.find("cnn", 4)
        net = weights.load_network(entry, device.name, device.precision)
        x = (torch.tensor(photo.rgb).permute(2, 0, 1)[None].float() / 255).to(device.name)
        with torch.inference_mode():
            network = seconds(lambda: net(x).cpu())
        whole = seconds(lambda: sr_models.upscale(sr_models.read(file), scale=4, device=device))
        print(f"  the network alone             {network * 1000:8.1f} ms")
        print(f"  read, tile, run, assemble     {whole * 1000:8.1f} ms: {(whole - network) / network:.2f} of the network's time on top")

        print("\nThe GAN's dial 4× on the same")
        entry = sr_models.find("gan", 4)
        dialled = weights.load_network(entry, device.name, device.precision)
        everywhere = torch.full_like(x[:, :1], 0.7)
        half = everywhere.clone()
        half[..., : x.shape[-1] // 2] = 0
        with torch.inference_mode():
            plain = seconds(lambda: dialled(x, everywhere), runs=5)
            guarded = seconds(lambda: enlarge_guarded(dialled, entry.net.halo, x, half, 0.7), runs=5)
        print(f"  the same detail everywhere    {plain * 1000:8.1f} ms")
        print(f"  half of it protected          {guarded * 1000:8.1f} ms: {guarded / plain:.2f} of that")

        print("\nFaithful modes and the report card, 512 × 512 → 2048 × 2048 pixels")
        large = sr_models.resized(photo, (512, 512))
        plain = {model: sr_models.upscale(large, scale=4, model=model, faithful="off", device=device) for model in ("cnn", "gan")}
        for model, result in plain.items():
            for level in ("colour", "exact"):
                cost = seconds(lambda result=result, level=level: make_faithful(result.photo.rgb.copy(), large.rgb, level), runs=5)
                print(f"  {model} {level:<25}{cost * 1000:8.1f} ms: {cost / plain['cnn'].seconds:.3f} of the CNN's time")
        cost = seconds(lambda: sr_models.examine(large, plain["cnn"]), runs=5)
        print(f"  report card                   {cost * 1000:8.1f} ms")

        print("\nThe PNG of that result, by compression level")
        result = Image.fromarray(sr_models.upscale(photo, scale=4, device=device).photo.rgb)
        for level in (0, 1, 2, 3, 6, 9):
            buffer = io.BytesIO()
            result.save(buffer, "PNG", compress_level=level)
            cost = seconds(lambda level=level: result.save(io.BytesIO(), "PNG", compress_level=level), runs=3)
            print(f"  level {level}  {cost * 1000:8.1f} ms  {buffer.tell() / 1024:8.0f} KiB")

        print("\nThe command line, from start to file")
        command = [sys.executable, "-m", "sr_models", "upscale", str(file), "-o", str(Path(folder) / "result.png")]
        cost = seconds(lambda: subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL), runs=3)
        print(f"  {cost:.2f} s")


if __name__ == "__main__":
    main()
