"""The figures of one result: closeness to the original, what an eye sees, and faithfulness to the small photo."""

import math
from typing import NamedTuple

import numpy as np

from peers.inputs import Case
from sr_models.figures.evaluate import measure_likeness
from sr_models.figures.quality import luma, psnr, shave, ssim
from sr_models.figures.report import examine_enlargement
from sr_models.photo import Photo

Figures = dict[str, float | None]
"""Name of a figure → its value; None where a picture has nothing to measure."""


class Figure(NamedTuple):
    head: str
    """Of its column."""
    best: float | None
    """The value that is best, such as 1 for edges as steep as the original's; infinite where more is always better."""
    digits: int
    """Decimals with which it is printed."""
    said: str = ""
    """How ours and theirs are told apart in it; nothing where they are not."""


MORE, LESS = math.inf, -math.inf
FIGURES = {
    "psnr": Figure("PSNR-Y dB", MORE, 2, "PSNR ({} against {} dB)"),
    "ssim": Figure("SSIM", MORE, 3, "SSIM ({} against {})"),
    "st_lpips": Figure("ST-LPIPS", LESS, 3, "ST-LPIPS ({} against {})"),
    "ssimulacra2": Figure("SSIMULACRA 2", MORE, 1, "SSIMULACRA 2 ({} against {})"),
    "niqe": Figure("NIQE", None, 1),
    "edges": Figure("edges", MORE, 3, "steepness of edges ({} against {})"),
    "calm": Figure("calm", 1, 2, "calm grounds ({} against {} of the original's roughness)"),
    "overshoot": Figure("overshoot", LESS, 1, "overshoot ({} against {} levels)"),
    "lr_psnr": Figure("LR-PSNR dB", MORE, 1, "agreement with the small photo ({} against {} dB)"),
    "delta_e": Figure("ΔE", LESS, 2, "colour (ΔE {} against {})"),
    "white_kept": Figure("white kept", MORE, 3, "white kept ({} against {})"),
    "passed": Figure("PASS", MORE, 2, "share of verdicts that are PASS ({} against {})"),
}
"""Everything that is measured. `niqe` has no best: a crop is small for it."""
WHITE = 0.01  # share of the photo: of less pure white, how much was kept says nothing


def measure(case: Case, result: np.ndarray) -> Figures:
    """The FIGURES of a result, uint8 as the original of `case`.

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
