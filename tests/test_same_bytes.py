"""The command line gives the same bytes as before: pictures, reports and what is printed, against what same_bytes.json holds.

`python tests/test_same_bytes.py` writes that file anew. That is allowed only with a change of results that is meant and that CHANGELOG.md
names, or with other versions in constraints.txt; a change that only moves code leaves it alone.

Floating-point results depend on the processor. So all calls are made in one process of its own, in one thread and with arithmetic that
every x86-64 processor has; and the file holds an anchor, what plain torch, numpy and Pillow give there. Where it differs, these tests skip.
"""

import hashlib
import io
import json
import os
import platform
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import AvifImagePlugin, Image, ImageCms, features

ROOT = Path(__file__).parents[1]
STORED = Path(__file__).with_name("same_bytes.json")
STEPS = "deblock=1 denoise=0.2 deblur=0.5 balance=0.5 equalise=0.3", "crisp=1.2 sharpen=0.5 contrast=0.2 colour=0.15 colour=-1"
PRESETS = ("amazon", "walmart", "google", "ebay", "shopify", "etsy", "tiktok", "taobao", "jd", "pinduoduo")
MODELS = ("cnn-fast", "cnn", "gan", "srcnn", "bicubic", "lanczos")
QUICK = "--scale 2 --model lanczos"
BFLOAT16 = "bfloat16: "
"""What stands before a call whose network runs in that precision, as on processors that have it."""
CALLS = (
    *(f"upscale photo.png -o out.png --model {model} --scale {scale} --report out.json" for model in MODELS for scale in (2, 3, 4)),
    *(f"upscale shoe.png -o out.png --scale 2 --model gan --detail {detail} --report out.json" for detail in ("0", "0.5", "1")),
    *(f"upscale web.jpg -o out.png --scale 2 --model {model} --faithful {mode}" for model in MODELS[1:3] for mode in ("off", "exact")),
    *(f"upscale photo.png -o out.png --scale 2 --model cnn-fast --faithful {mode} --report out.json" for mode in ("off", "exact")),
    *(f"upscale photo.png -o out.png --scale 3 --model {model} --input web" for model in MODELS[:2]),
    "upscale web.jpg -o out.png --scale 3 --model cnn-fast --input clean --report out.json",
    "upscale web.jpg -o out.png --scale 3 --model cnn-fast --report out.json",
    "upscale folder/b.jpg -o out.png --scale 2 --model cnn-x2-web-v8",
    *(f"upscale {name} -o out.png --scale 2 --model cnn-fast" for name in ("alpha.png", "cutout.gif", "grey16.png", "palette.png")),
    *(f"upscale {name} -o out.png {QUICK}" for name in ("cmyk.jpg", "web.webp", "photo.tif", "photo.bmp", "made.webp")),
    "upscale alpha.png -o out.png --scale 2 --model cnn-fast --faithful exact --report out.json",
    "upscale photo.jpg -o out.png --model cnn-fast --report out.json",
    f"upscale photo.jpg -o out.webp {QUICK} --format webp-lossless --faithful exact --report out.json",
    *(f"upscale photo.jpg -o . {QUICK} --format {format}" for format in ("png", "webp", "webp-lossless", "jpeg", "avif")),
    *(f"upscale photo.png -o out{suffix} {QUICK} --quality 60 --report out.json" for suffix in (".jpg", ".webp", ".avif")),
    f"upscale photo.png -o out.jpg {QUICK} --faithful exact",
    f"upscale photo.png -o out.jpg {QUICK} --max-kb 3 --report out.json",
    f"upscale photo.png -o out.webp {QUICK} --max-kb 2 --quality 80",
    f"upscale alpha.png -o out.jpg {QUICK} --background 0080FF",
    f"upscale alpha.png -o out.webp {QUICK}",
    "upscale photo.png -o out.png --model cnn-fast --long-side 77 --report out.json",
    "upscale photo.png -o out.png --model bicubic --long-side 200",
    "upscale photo.png -o out.png --model lanczos --long-side 20 --report out.json",
    *(f"upscale photo.png -o out.png --model cnn-fast --size 60x60 --how {how} --background 20A0C0" for how in ("fit", "fill", "pad")),
    "upscale alpha.png -o out.webp --model lanczos --size 60x50 --how pad",
    *(f"upscale pen.png -o shop --model lanczos --preset {preset} --report out.json" for preset in PRESETS),
    "upscale pen.png -o shop --model lanczos --preset jd --snap --report out.json",
    "upscale cutout.png -o shop --model lanczos --preset taobao --snap --format png --max-kb 900",
    "upscale shoe.png -o shop --model lanczos --preset amazon --report out.json",
    *(f"upscale web.jpg -o out.png {QUICK} --before {step}" for step in STEPS[0].split()),
    *(f"upscale web.jpg -o out.png {QUICK} --after {step}" for step in STEPS[1].split()),
    f"upscale shoe.png -o out.png {QUICK} --before crop=0.9",
    "upscale alpha.png -o out.png --scale 2 --model gan --detail 0.8 --before denoise deblur=0.4 --after colour crisp=0.7",
    "upscale pen.jpg -o shop --model lanczos --preset pinduoduo --max-kb 30 --before crop --after sharpen --report out.json",
    *(f"upscale {name} -o out.png {QUICK} --look studio --look-product 0.3 --report out.json" for name in ("pen.jpg", "cutout.png")),
    f"upscale folder -o enlarged {QUICK} --report reports/all.json",
    f"upscale gone.png -o out.png {QUICK}",
    f"upscale photo.png -o out.png {QUICK} --max-kb 1",
    "upscale photo.png -o out.png --preset jd --size 60x60",
    "upscale photo.png -o out.png --model srcnn --input web",
    f"{BFLOAT16}upscale folder/a.png -o out.png --scale 2 --model cnn-fast --report out.json",
    f"{BFLOAT16}upscale folder/a.png -o out.png --scale 2 --model gan",
    *(f"examine photo.png large.png --faithful {mode} --report out.json" for mode in ("off", "colour", "exact")),
    "examine alpha.png large.png --report out.json",
    "examine web.jpg turned.png",
    "examine photo.png shoe.png",
    "models",
    "models --json",
    *(f"evaluate --hr hr --scale 2 --model {model} --json out.json" for model in ("bicubic", "cnn-fast")),
    "evaluate --hr hr --scale 3 --model lanczos --shrink box --json out.json",
    "evaluate --hr hr --scale 2 --model gan --detail 1 --shrink jpeg --quality 60",
    "evaluate --hr hr --lr lr --scale 2 --model lanczos --json out.json",
)
PINNED = {
    **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "HF_HUB_OFFLINE", "PYTHONUTF8"), "1"),
    "ATEN_CPU_CAPABILITY": "default",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "MKL_CBWR": "COMPATIBLE",
    "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
    "OPENBLAS_CORETYPE": "Nehalem",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F",  # else the C library's exp and sin depend on the processor
    "CUDA_VISIBLE_DEVICES": "",
    "PYTHONPATH": str(ROOT),
    "PYTHONWARNINGS": "ignore",
}
"""The whole environment of the calls, beside where things are."""
PLACES = ("HOME", "LD_LIBRARY_PATH", "PATH", "TMPDIR")


def picture(width: int, height: int, seed: int = 0) -> np.ndarray:
    """uint8 (height, width, 3) of whole numbers alone: slopes, edges and grain."""
    y, x = np.mgrid[:height, :width]
    grain = (x * 73 + y * 151 + seed * 37) * (x + 2 * y + 7) % 17
    shapes = np.stack([x * 5 + y * 3, x * y // 4 + 40, (x // 6 + y // 5) % 2 * 160 + 40], axis=2)
    return ((shapes + grain[:, :, None] + seed * 20) % 256).astype(np.uint8)


def product(width: int, height: int, margin: int) -> np.ndarray:
    """A product on a ground that is nearly white."""
    y, x = np.mgrid[:height, :width]
    rgb = np.repeat((252 + (x * 7 + y * 3) % 4)[:, :, None], 3, axis=2).astype(np.uint8)
    inside = slice(margin, height - margin), slice(margin, width - margin)
    rgb[inside] = picture(width, height)[inside] // 2
    return rgb


def profile() -> bytes:
    """sRGB, without the date that it is made on."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return data[:24] + bytes(12) + data[36:]


def saved(array: np.ndarray, format: str, mode: str = "RGB", **options: object) -> bytes:
    file = io.BytesIO()
    image = Image.frombytes(mode, (array.shape[1], array.shape[0]), np.ascontiguousarray(array).tobytes())
    (image.quantize(8, dither=Image.Dither.NONE) if options.pop("palette", False) else image).save(file, format, **options)
    return file.getvalue()


def files() -> dict[str, bytes]:
    """What the calls find in their folder, by path."""
    rgb, pen = picture(32, 24), product(200, 40, 12)
    y, x = np.mgrid[:24, :32]
    opacity = (255 - ((x - 15) ** 2 + (y - 11) ** 2 - 80) * 4).clip(0, 255).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112], exif[0x013B], exif[0x8298] = 6, "Zoë Maker".encode(), "© 2020 Maker".encode()  # orientation, artist, copyright
    exif.get_ifd(0x8825)[1] = "N"  # place: not to be found in a result
    generated = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        'xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" i:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/'
        'trainedAlgorithmicMedia"/></rdf:RDF></x:xmpmeta>'
    )
    return {
        "photo.png": saved(rgb, "PNG"),
        "photo.jpg": saved(picture(40, 30), "JPEG", quality=85, exif=exif, dpi=(300, 300), icc_profile=profile()),
        "photo.tif": saved(rgb, "TIFF"),
        "photo.bmp": saved(rgb, "BMP"),
        "web.jpg": saved(picture(40, 32, 1), "JPEG", quality=50),
        "web.webp": saved(rgb, "WEBP", quality=60),
        "made.webp": saved(rgb, "WEBP", lossless=True, xmp=generated.encode()),
        "alpha.png": saved(np.dstack([rgb, opacity]), "PNG", "RGBA"),
        "cutout.gif": saved(rgb, "GIF", palette=True, transparency=2),
        "palette.png": saved(rgb, "PNG", palette=True),
        "grey16.png": saved((x * 1999 + y * 257).astype("<u2"), "PNG", "I;16"),
        "cmyk.jpg": saved(np.dstack([rgb, rgb[:, :, 0] // 3]), "JPEG", "CMYK", quality=90),
        "shoe.png": saved(product(40, 30, 6), "PNG"),
        "pen.png": saved(pen, "PNG"),
        "pen.jpg": saved(pen, "JPEG", quality=60),
        "cutout.png": saved(np.dstack([pen, np.uint8(255) * (pen[:, :, 0] < 200)]), "PNG", "RGBA"),
        "large.png": saved(rgb.repeat(2, axis=0).repeat(2, axis=1), "PNG"),
        "turned.png": saved(picture(80, 64, 1)[:, ::-1], "PNG"),
        "folder/a.png": saved(picture(20, 16, 2), "PNG"),
        "folder/b.jpg": saved(picture(18, 22, 3), "JPEG"),
        "folder/bad.jpg": b"no picture",
        "hr/a.png": saved(picture(72, 60), "PNG"),
        "hr/b.png": saved(picture(60, 66, 4), "PNG"),
        "lr/a.png": saved(picture(72, 60)[::2, ::2], "PNG"),
        "lr/b.png": saved(picture(60, 66, 4)[::2, ::2], "PNG"),
    }


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def steady(content: object) -> object:
    """What JSON holds, without times and devices, and with two digits."""
    match content:
        case dict():
            return {name: steady(value) for name, value in content.items() if name not in ("seconds", "device")}
        case list():
            return [steady(value) for value in content]
        case float():
            return round(content, 2) + 0.0  # no −0
    return content


def content(file: str, data: bytes) -> str:
    """The hash of what a call wrote."""
    if not file.endswith(".json"):
        return digest(data)
    return digest(json.dumps(steady(json.loads(data)), ensure_ascii=False).encode())


def called(main: Callable[[list[str]], int], call: str, given: dict[str, bytes]) -> dict[str, object]:
    """What comes of a call: the exit code, the hash of each file, and the lines; of many lines, their hash."""
    printed = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, chdir(folder), redirect_stdout(printed), redirect_stderr(printed):
        for name, data in given.items():
            Path(name).parent.mkdir(exist_ok=True)
            Path(name).write_bytes(data)
        try:
            code = main(shlex.split(call.removeprefix(BFLOAT16)))
        except (Exception, SystemExit) as failure:
            code = repr(failure)
        after = {path.as_posix(): path.read_bytes() for path in sorted(Path().rglob("*")) if path.is_file()}
    written = {name: content(name, data) for name, data in after.items() if given.get(name) != data}
    lines = re.sub(r" +\d+\.\d\d s\b", " … s", printed.getvalue()).splitlines()
    return {"code": code, "files": written, "printed": lines if len(lines) <= 20 else digest("\n".join(lines).encode())}


def numbers(*shape: int) -> np.ndarray:
    """float32 from −1 to 1."""
    return ((np.arange(np.prod(shape)) * 7919 % 1009).reshape(shape) / 504.5 - 1).astype(np.float32)


def anchor() -> dict[str, str]:
    """The versions that results depend on, and the hashes of what they compute without our code."""
    x, kernel, values = torch.tensor(numbers(1, 96, 24, 32)), torch.tensor(numbers(96, 96, 3, 3)), numbers(500)
    codecs = ("jpg", "libjpeg_turbo", "zlib", "zlib_ng", "webp", "avif", "littlecms2")
    arrays = {
        "conv2d": F.conv2d(x, kernel, padding=1),
        "conv2d of channels last": F.conv2d(x.contiguous(memory_format=torch.channels_last), kernel, padding=1),
        "conv2d of bfloat16": F.conv2d(x.bfloat16(), kernel.bfloat16(), padding=1).float(),
        "interpolate": F.interpolate(x, scale_factor=3, mode="bicubic"),
        "torch's functions": torch.stack([f(torch.tensor(values)) for f in (torch.exp, torch.sin, torch.sigmoid, torch.tanh)]),
        "torch's matmul": torch.tensor(numbers(70, 300)).double() @ torch.tensor(numbers(300, 90)).double(),
        "torch's fft": torch.view_as_real(torch.fft.rfft2(x)),
        "numpy's matmul": numbers(70, 300) @ numbers(300, 90),
        "numpy's fft": np.fft.fft2(numbers(50, 60)),
        "numpy's functions": np.stack([np.exp(values), np.sin(values), np.power(abs(values), 2.4), np.cbrt(values), np.sqrt(abs(values))]),
        "numpy's means": np.stack([numbers(501, 333).mean(axis=0), numbers(501, 333).std(axis=0)]),
    }
    enlarged = Image.fromarray(picture(32, 24)).resize((50, 41), Image.Resampling.LANCZOS)
    pictures = {f"Pillow's {format}": saved(np.asarray(enlarged), format) for format in ("PNG", "JPEG", "WEBP", "AVIF")}
    return {
        "processor": platform.machine(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "Pillow": Image.__version__,
        **{name: str(features.version(name)) for name in codecs},
        **{name: digest(np.ascontiguousarray(array).tobytes()) for name, array in arrays.items()},
        **{name: digest(data) for name, data in (pictures | files()).items() if not name.endswith("bad.jpg")},
    }


def computed() -> dict[str, dict]:
    """The anchor and what comes of each call, in this process."""
    torch.backends.mkldnn.set_flags(False)  # these two choose the order of their sums by the processor and its caches
    torch.backends.nnpack.set_flags(False)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    found: dict[str, dict] = {"anchor": anchor(), "calls": {}}
    from sr_models import about, int8
    from sr_models.__main__ import main

    int8.is_worth_it = lambda: False  # the clock would choose
    about.__version__ = "0.8.0"  # a result's file names the program's version
    given = files()
    for call in CALLS:
        capabilities = {"avx512_bf16": call.startswith(BFLOAT16)}
        torch.cpu.get_capabilities = lambda said=capabilities: said  # what the program asks in order to choose a precision
        found["calls"][call] = called(main, call, given)
    return found


def results() -> dict[str, dict]:
    """As `computed`, in a process with the pinned arithmetic."""
    places = {name: os.environ[name] for name in PLACES if name in os.environ}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "found.json")
        done = subprocess.run([sys.executable, __file__, file], env=places | PINNED, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(file.read_text("utf-8"))


@pytest.fixture(scope="module")
def stored():
    return json.loads(STORED.read_text("utf-8"))


@pytest.fixture(scope="module")
def found(stored):
    found = results()
    other = [name for name, value in found["anchor"].items() if stored["anchor"].get(name) != value]
    if other:
        pytest.skip(f"this machine or these versions compute otherwise than those of the stored hashes: {', '.join(other)}")
    return found


@pytest.mark.parametrize("call", CALLS)
def test_a_call_gives_the_same_bytes_as_before(call, found, stored):
    assert found["calls"][call] == stored["calls"][call]


def test_every_call_is_stored_once_and_nothing_else_is(stored):
    assert list(stored["calls"]) == list(CALLS)


if __name__ == "__main__":
    if sys.argv[1:]:
        Path(sys.argv[1]).write_text(json.dumps(computed()), "utf-8")
    else:
        STORED.write_text(json.dumps(results(), indent=1, ensure_ascii=False) + "\n", "utf-8")
