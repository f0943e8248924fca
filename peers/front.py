"""The five sentences on the front pages, with the figures of docs/peers.json, between marks that are HTML comments."""

from pathlib import Path
from typing import Any

from peers.page import DOCS, MAIN
from sr_models.training.scores import replace_table

FRONTS = {"en": DOCS.parent / "README.md", "zh": DOCS.parent / "README.zh.md"}
SENTENCES = {
    "en": (
        "From product photos saved as JPEG, enlarged 4×, our GAN reaches {psnr:.2f} dB and overshoots edges by {overshoot:.1f} levels; "
        "Real-ESRGAN x4plus reaches {their_psnr:.2f} dB and overshoots by {their_overshoot:.1f}.",
        "Its edges are steeper, {their_edges:.0%} against {edges:.0%} of the original's, and a network's eye finds it more alike "
        "(ST-LPIPS {their_unlike:.2f} against {unlike:.2f}); where photos are out of focus, it is closer too, {their_phone:.2f} dB against "
        "{phone:.2f}.",
        "It takes {times:.1f} times as long as ours in float32, and {times_here:.0f} times as long as ours does where the processor "
        "multiplies bfloat16.",
        "From clean photos, DAT-light is {dat:.2f} dB closer than our CNN, at {dat_times:.1f} times its time.",
        "As the page delivers them, {passed:.0%} of our GAN's results pass the verdict, and {their_passed:.0%} of Real-ESRGAN's.",
    ),
    "zh": (
        "商品图存为 JPEG 后放大 4 倍：我们的 GAN 为 {psnr:.2f} dB，边缘过冲 {overshoot:.1f} 级；Real-ESRGAN x4plus 为 {their_psnr:.2f} dB，"
        "过冲 {their_overshoot:.1f} 级。",
        "它的边缘更陡（达到原图的 {their_edges:.0%}，我们为 {edges:.0%}），网络评判也认为它更像原图"
        "（ST-LPIPS {their_unlike:.2f}，我们为 {unlike:.2f}）；对失焦的照片，它也更接近：{their_phone:.2f} dB，我们为 {phone:.2f} dB。",
        "它的用时在 float32 下是我们的 {times:.1f} 倍；在支持 bfloat16 的处理器上，是我们的 {times_here:.0f} 倍。",
        "对干净的照片，DAT-light 比我们的 CNN 高 {dat:.2f} dB，用时是其 {dat_times:.1f} 倍。",
        "按页面交付的方式，我们的 GAN 有 {passed:.0%} 的结果结论为“通过”，Real-ESRGAN 为 {their_passed:.0%}。",
    ),
}


def gather(found: dict[str, Any]) -> dict[str, float]:
    """The values of SENTENCES."""
    scale, key = MAIN
    figures, costs = found["figures"][scale], found["costs"][scale]
    ours, theirs = figures[key]["gan"], figures[key]["real-esrgan"]
    clean, phone = figures["product-val clean"], figures["product-val phone"]
    times = costs["milliseconds"]
    return {
        "psnr": ours["psnr"],
        "their_psnr": theirs["psnr"],
        "overshoot": ours["overshoot"],
        "their_overshoot": theirs["overshoot"],
        "edges": ours["edges"],
        "their_edges": theirs["edges"],
        "unlike": ours["st_lpips"],
        "their_unlike": theirs["st_lpips"],
        "times": times["real-esrgan"] / times["gan"],
        "times_here": times["real-esrgan"] / costs["milliseconds here"]["gan"],
        "phone": phone["gan"]["psnr"],
        "their_phone": phone["real-esrgan"]["psnr"],
        "dat": clean["dat-light"]["psnr"] - clean["cnn"]["psnr"],
        "dat_times": times["dat-light"] / times["cnn"],
        "passed": figures[key]["gan-locked"]["passed"],
        "their_passed": theirs["passed"],
    }


def write_front(found: dict[str, Any], language: str, page: Path) -> str:
    """The text of a front page with the sentences of now."""
    values = gather(found)
    return replace_table(page.read_text("utf-8"), "peers", "\n".join(f"- {sentence.format(**values)}" for sentence in SENTENCES[language]))
