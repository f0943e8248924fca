"""The five sentences on the front pages, with the figures of docs/peers.json, between marks that are HTML comments."""

from pathlib import Path
from string import Formatter
from typing import Any

from peers.page import DOCS, MAIN
from sr_models.training.scores import replace_table

FRONTS = {"en": DOCS.parent / "README.md", "zh": DOCS.parent / "README.zh.md"}
SENTENCES = {
    "en": (
        "From product photos saved as JPEG, enlarged 4×, our GAN reaches {psnr:.2f} dB and overshoots edges by {overshoot:.1f} levels; "
        "Real-ESRGAN x4plus reaches {their_psnr:.2f} dB and overshoots by {their_overshoot:.1f}.",
        "Its edges are steeper, {their_edges:.0%} against {edges:.0%} of the original's, and a network's eye finds it more alike "
        "(ST-LPIPS {their_unlike:.2f} against {unlike:.2f}); it takes {times:.1f} times as long as ours in float32, {times_here:.1f} times "
        "where the processor multiplies bfloat16, not the ten times that we aim at.",
        "From noisy photos out of focus, others are closer: Real-CUGAN reaches {phone_cugan:.2f} dB, Real-ESRGAN {phone_theirs:.2f}, our "
        "GAN {phone:.2f}.",
        "From clean photos, DAT-light is {dat:.2f} dB closer than our CNN, at {dat_times:.1f} times its time.",
        "{passed:.0%} of our GAN's results, as the page delivers them, pass the verdict, and {their_passed:.0%} of Real-ESRGAN's; "
        "RapidOCR misreads {wrong:.0%} of small Chinese writing after ours, {their_wrong:.0%} after theirs, and {plain_wrong:.0%} after "
        "plain bicubic.",
    ),
    "zh": (
        "商品图存为 JPEG 后放大 4 倍：我们的 GAN 为 {psnr:.2f} dB，边缘过冲 {overshoot:.1f} 级；Real-ESRGAN x4plus 为 {their_psnr:.2f} dB，"
        "过冲 {their_overshoot:.1f} 级。",
        "它的边缘更陡（达到原图的 {their_edges:.0%}，我们为 {edges:.0%}），网络评判也认为它更像原图"
        "（ST-LPIPS {their_unlike:.2f}，我们为 {unlike:.2f}）；它的用时在 float32 下是我们的 {times:.1f} 倍，"
        "在支持 bfloat16 的处理器上是 {times_here:.1f} 倍，尚未达到我们希望的十倍。",
        "对失焦且有噪点的照片，别的系统更接近原图：Real-CUGAN 为 {phone_cugan:.2f} dB，Real-ESRGAN 为 {phone_theirs:.2f} dB，"
        "我们的 GAN 为 {phone:.2f} dB。",
        "对干净的照片，DAT-light 比我们的 CNN 高 {dat:.2f} dB，用时是其 {dat_times:.1f} 倍。",
        "按页面交付的方式，我们的 GAN 有 {passed:.0%} 的结果结论为“通过”，Real-ESRGAN 为 {their_passed:.0%}；"
        "对中文小字，RapidOCR 在我们的结果上误读 {wrong:.0%}，在 Real-ESRGAN 的结果上误读 {their_wrong:.0%}，"
        "在普通双三次的结果上误读 {plain_wrong:.0%}。",
    ),
}
PLACES = {
    "psnr": (MAIN[1], "gan", "psnr"),
    "their_psnr": (MAIN[1], "real-esrgan", "psnr"),
    "overshoot": (MAIN[1], "gan", "overshoot"),
    "their_overshoot": (MAIN[1], "real-esrgan", "overshoot"),
    "edges": (MAIN[1], "gan", "edges"),
    "their_edges": (MAIN[1], "real-esrgan", "edges"),
    "unlike": (MAIN[1], "gan", "st_lpips"),
    "their_unlike": (MAIN[1], "real-esrgan", "st_lpips"),
    "phone": ("product-val phone", "gan", "psnr"),
    "phone_theirs": ("product-val phone", "real-esrgan", "psnr"),
    "phone_cugan": ("product-val phone", "real-cugan", "psnr"),
    "passed": (MAIN[1], "gan-locked", "passed"),
    "their_passed": (MAIN[1], "real-esrgan", "passed"),
}
"""Value of SENTENCES → where it stands among the figures: kind of photos, system, figure."""

SMALL_WRITING = "Chinese, RapidOCR"


def gather(found: dict[str, Any]) -> dict[str, float]:
    """The values of SENTENCES, without those of systems that are left out."""
    scale = MAIN[0]
    figures, costs = found["figures"][scale], found["costs"][scale]
    known = {value: figures[key].get(id, {}).get(name) for value, (key, id, name) in PLACES.items()}
    wrong = found["wrong_characters"].get(SMALL_WRITING, {})
    known |= {"wrong": wrong.get("gan"), "their_wrong": wrong.get("real-esrgan"), "plain_wrong": wrong.get("bicubic")}
    times, clean = costs["milliseconds"], figures["product-val clean"]
    if "real-esrgan" in times:
        known["times"] = times["real-esrgan"] / times["gan"]
        known["times_here"] = times["real-esrgan"] / costs["milliseconds here"]["gan"]
    if "dat-light" in times:
        known["dat"] = clean["dat-light"]["psnr"] - clean["cnn"]["psnr"]
        known["dat_times"] = times["dat-light"] / times["cnn"]
    return {name: value for name, value in known.items() if value is not None}


def write_front(found: dict[str, Any], language: str, page: Path) -> str:
    """The text of a front page with the sentences of now: those of which every value was measured."""
    values = gather(found)
    said = [sentence.format(**values) for sentence in SENTENCES[language] if fields(sentence) <= values.keys()]
    return replace_table(page.read_text("utf-8"), "peers", "\n".join(f"- {sentence}" for sentence in said))


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}
