"""How much of the writing on small labels is read wrongly after an enlargement: Latin and Chinese, by Tesseract and by RapidOCR."""

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from statistics import fmean

import numpy as np

from peers.systems import Enlarge
from sr_models.photo import Photo
from sr_models.training import labels
from sr_models.training.labels import Writing

QUALITY = 75
NOTO = Path("/usr/share/fonts/opentype/noto")
SIMPLIFIED = 2
"""Place of the simplified Chinese font in a collection of Noto CJK."""

AS_IT_IS = 192
"""Pixels that the shorter side has at least where lines are sought: RapidOCR's own 736 takes four times as long and finds no more."""

Read = Callable[[np.ndarray], str]
"""From a picture, uint8 (H, W, 3), to what is read on it, from top to bottom."""


CHINESE = Writing(
    ("纯牛奶 净含量500毫升", "保质期至2027年8月24日", "生产批号4817 请冷藏保存", "三十度以下水洗 不可漂白"),
    [(str(file), SIMPLIFIED) for name in ("NotoSansCJK-Regular.ttc", "NotoSerifCJK-Bold.ttc") if (file := NOTO / name).exists()],
    (24, 28),
)


def load_tesseract() -> Read | None:
    """None where it is missing."""
    return None if labels.TESSERACT is None else lambda rgb: labels.read_aloud(Photo(rgb))


@cache
def load_rapidocr() -> Read | None:
    """Its networks are PP-OCRv4, which find the lines by themselves and read both kinds of writing. None where it, or what it needs, is
    missing."""
    try:
        package = import_module("rapidocr_onnxruntime")
    except ImportError:
        return None
    engine = package.RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1, det_limit_side_len=AS_IT_IS, det_limit_type="min")

    def read(rgb: np.ndarray) -> str:
        lines, _ = engine(np.ascontiguousarray(rgb[:, :, ::-1]), use_cls=False)
        return "".join(text for _, text, _ in lines or ())

    return read


READINGS: dict[str, tuple[Writing, Callable[[], Read | None]]] = {
    "Latin, Tesseract": (labels.LATIN, load_tesseract),
    "Latin, RapidOCR": (labels.LATIN, load_rapidocr),
    "Chinese, RapidOCR": (CHINESE, load_rapidocr),
}
"""Name → what is written, and who reads it. Tesseract has no Chinese unless more than itself is installed."""


def find_readings() -> Iterator[tuple[str, Writing, Read]]:
    """The READINGS for which this machine has the reader and a font."""
    for name, (writing, load) in READINGS.items():
        if writing.fonts and (read := load()):
            yield name, writing, read


def share_wrong(writing: Writing, read: Read, enlarge: Enlarge, scale: int) -> float:
    """Share of characters read wrongly over all labels, in [0, ∞); spaces do not count, since RapidOCR often leaves them out."""
    wanted = without_spaces("".join(writing.lines))
    return fmean(labels.share_wrong(without_spaces(read(enlarge(photo))), wanted) for photo in labels.draw_labels(writing, scale, QUALITY))


def without_spaces(text: str) -> str:
    return "".join(text.split())
