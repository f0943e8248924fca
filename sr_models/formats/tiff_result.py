"""A result as TIFF, with 8 or 16 bits a channel: compressed without loss, as most programs read it."""

import io
from typing import Any

import numpy as np
from tifffile import imwrite

XMP, PROFILE = 700, 34675  # tags
ASCII, BYTE, UNDEFINED = 2, 1, 7  # types of their values
LEVEL = 1  # of zlib: as for PNG
INCHES = 2


def encode_tiff(
    rgb: np.ndarray, alpha: np.ndarray | None, icc: bytes | None, dpi: tuple[float, float] | None, texts: dict[int, str], xmp: bytes | None
) -> bytes:
    """The file of uint8 or uint16 (H, W, 3) and (H, W), by which the colours are not multiplied.

    `texts` are values of ARTIST, COPYRIGHT and SOFTWARE. The same for the same arguments: it holds no date.
    """
    tags = [(tag, ASCII, 0, text.encode(), True) for tag, text in texts.items()]
    tags += [(tag, kind, len(value), value, True) for tag, kind, value in ((XMP, BYTE, xmp), (PROFILE, UNDEFINED, icc)) if value]
    how: dict[str, Any] = {"resolution": dpi, "resolutionunit": INCHES} if dpi else {}
    if alpha is not None:
        how["extrasamples"] = ["unassalpha"]
    file = io.BytesIO()
    imwrite(
        file,
        rgb if alpha is None else np.dstack([rgb, alpha]),
        photometric="rgb",
        compression="zlib",
        compressionargs={"level": LEVEL},
        predictor=True,  # differences of neighbours: a third of the size where the ground is even
        maxworkers=1,
        metadata=None,
        software=False,
        extratags=tags,
        **how,
    )
    return file.getvalue()
