"""The figures of one result: closeness to the original, what an eye sees, and faithfulness to the small photo."""

import math

import numpy as np

from peers.inputs import Case
from sr_models.figures.evaluate import measure_likeness
from sr_models.figures.quality import luma, psnr, shave, ssim
from sr_models.figures.report import examine_enlargement
from sr_models.photo import Photo

Figures = dict[str, float | None]
"""Name of a figure → its value; None where a picture has nothing to measure."""

DIGITS = {
    "psnr": 2,
    "ssim": 3,
    "st_lpips": 3,
    "ssimulacra2": 1,
    "niqe": 1,
    "edges": 3,
    "calm": 2,
    "overshoot": 1,
    "lr_psnr": 1,
    "delta_e": 2,
    "white_kept": 3,
    "passed": 2,
}
"""Every figure, and with how many decimals it is printed."""
WHITE = 0.01  # share of the photo: of less pure white, how much was kept says nothing


def measure(case: Case, result: np.ndarray) -> Figures:
    """The figures of DIGITS of a result, uint8 as the original of `case`.

    PSNR (dB) and SSIM on Y, `scale` pixels shaved; the figures against the small photo are those of figures/report.py, the same for
    every system: `passed` is 1 where its verdict is PASS, 0 where a person should look.
    """
    a, b = (shave(luma(rgb), case.scale) for rgb in (result, case.original))
    report = examine_enlargement(case.small, Photo(result))
    found = {
        "psnr": psnr(a, b),
        "ssim": ssim(a, b),
        **measure_likeness(result, case.original),
        "lr_psnr": report.lr_psnr,
        "delta_e": report.delta_e,
        "white_kept": report.white_kept if report.pure_white > WHITE else None,
        "passed": float(report.verdict == "PASS"),
    }
    return {name: None if value is None or not math.isfinite(value) else round(value, 5) for name, value in found.items()}
