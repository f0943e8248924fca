"""HEIC, through pillow-heif where that is installed: it holds a decoder of HEVC, which not everybody may pass on."""

import importlib
import io

from PIL import Image

from sr_models.errors import PhotoError

BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}


def is_heic(data: bytes) -> bool:
    """Whether one of the brands in the file's first box says so."""
    if data[4:8] != b"ftyp":
        return False
    box = data[8 : max(16, min(int.from_bytes(data[:4], "big"), 256))]
    return any(box[place : place + 4] in BRANDS for place in range(0, len(box), 4))


def open_heic(data: bytes, name: str, most_pixels: int) -> Image.Image | None:
    """The main picture, upright, 8 bits a channel, with its profile, EXIF and XMP in `info`; None where it has more than `most_pixels`.

    Raises PhotoError where pillow-heif is not installed, and whatever a damaged file drives the decoder to.
    """
    try:
        pillow_heif = importlib.import_module("pillow_heif")
    except ImportError as failure:
        raise PhotoError(
            "“{name}” is HEIC, which is read where pillow-heif is installed (pip install pillow-heif). Please save it as JPEG.", name=name
        ) from failure
    file = pillow_heif.open_heif(io.BytesIO(data))
    if file.size[0] * file.size[1] > most_pixels:
        return None
    image = file.to_pillow()
    kept = {name: image.info[name] for name in ("icc_profile", "exif", "xmp") if image.info.get(name)}
    image.format, image.info = "HEIF", kept
    return image
