"""The model card of a repository of weights: what the networks are, how good, how to load them; made from the catalogue and the scores."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import torch

from sr_models.catalog import Embedded, Entry
from sr_models.weights import file_of

ROOT = Path(__file__).parents[2]
SETS = ("Set5", "Set14", "BSD100", "product-val")
TAGS = (
    "super-resolution",
    "image-super-resolution",
    "upscaling",
    "product-photos",
    "safetensors",
    "model_hub_mixin",
    "pytorch_model_hub_mixin",
)
"""The last two are what the Hub's client writes for models that PyTorchModelHubMixin loads."""
CARD = """---
license: {licence}
library_name: pytorch
pipeline_tag: image-to-image
tags:
{tags}{index}
---

# Product-photo super-resolution: weights

Networks that make a product photo 2, 3 or 4 times as large, trained for this project. The **CNN** keeps to the photo; the **GAN** is
crisp: steep edges, and plausible texture where the photo has some. `web` weights are for photos that went through JPEG or WebP. The CNN,
the fast CNN, which is small, and the GAN each hold one trunk for all three scales.

![The same part of a photo, enlarged 4×: bicubic, CNN, GAN](before-after.png)

*Details of photos that no network here was trained on, enlarged 4×: bicubic, CNN, GAN.*

One folder a file: `model.safetensors` ({storage}) and `config.json`, which names its ids. The files of `{default}` lie at the top
too: it is what the repository's own name loads. An id is never given to other weights. The code of the networks is in `sr_models/`; it
needs PyTorch and huggingface_hub.

## Load one

```python
import sys

import torch
from huggingface_hub import snapshot_download

folder = snapshot_download("{repo}", allow_patterns=["{default}/*", "sr_models/*"])
sys.path.append(folder)
from sr_models.hub.pretrained import {network}

net = {network}.from_pretrained(f"{{folder}}/{default}", strict=True)
rgb = torch.rand(1, 3, 24, 32)  # sRGB-encoded, in [0, 1]
with torch.inference_mode():
    enlarged = net(rgb).clamp(0, 1)  # (1, 3, {scale} × 24, {scale} × 32)
    twice = net.at(2)(rgb).clamp(0, 1)  # the same trunk, another scale
```

For another id, take the folder and the class that the table names. `PretrainedDialledEDSR` takes a second input, float32 (1, 1, H, W) in
[0, 1]: how much detail to draw where. In the program itself, `SR_WEIGHTS_REPO={repo}` makes every network come from here.

## The networks

PSNR in dB / SSIM on Y, `scale` pixels shaved, small photos made by MATLAB's bicubic; `product-val` is 30 product photos.

| id | what | folder | class | weights | {sets} | SHA-256 |
|---|---|---|---|---|{rules}|---|
{rows}

{int8}Figures measure closeness to the original: a GAN trades it for crispness, and web weights trade a little of it for clean results from
compressed photos.

## Training data

{data}

## Limits

They cannot know what the small photo does not show. Writing of a few pixels' height stays unreadable, and the GAN's texture is a guess. No
special treatment of faces.

Licence: {licences}. Credit: {credits}.
"""


STORED_AS_INT8 = """\
Files whose SHA-256 is in bold are stored as int8: each weight of a convolution is an int8 times a scale (`….scales`, float32, one for each
output channel); the rest is float16. The classes above and the program read both kinds, into float32, and compute as always. The figures
are those of the float16 files; stored as int8 they lose {lost} dB at most (measured on product-val, 2× and 4×).

"""
LOST = 0.02
"""dB: see weights/README.md."""


def write_card(repo: str, entries: Sequence[Entry], default: Entry, int8: bool = False) -> str:
    """The README.md of `repo`, which holds the weights of `entries` and at its top those of `default`; as int8 where that is known."""
    scores = json.loads((ROOT / "weights" / "scores.json").read_text())
    licences = sorted({entry.licence for entry in entries})
    return CARD.format(
        repo=repo,
        licence=licences[0].lower() if len(licences) == 1 else "other",
        tags="\n".join(f"  - {tag}" for tag in TAGS),
        index=model_index(entries, scores),
        default=file_of(default),
        network=class_of(default),
        storage="float16, or int8 with scales" if int8 else "float16",
        int8=STORED_AS_INT8.format(lost=LOST) if int8 else "",
        scale=default.net.scale,
        sets=" | ".join(SETS),
        rules="|".join("---" for _ in SETS),
        rows="\n".join(table_row(entry, scores.get(entry.id, {}), int8) for entry in entries),
        data=training_data(entries),
        licences=", ".join(licences),
        credits=", ".join(sorted({entry.credit for entry in entries})),
    )


def is_measured(entry: Entry, scores: dict) -> bool:
    """Whether these are scores of the entry's very weights."""
    return scores.get("sha256") == str(entry.sha256)


def model_index(entries: Sequence[Entry], scores: dict) -> str:
    """What the Hub shows beside a repository as its results; nothing where nothing is measured."""
    known = [index_entry(entry, scores[entry.id]) for entry in entries if is_measured(entry, scores.get(entry.id, {}))]
    return "\n".join(("\nmodel-index:", *known)) if known else ""


def index_entry(entry: Entry, scores: dict) -> str:
    """The scores of an entry as the Hub's model-index has them, in YAML: one result for each set of photos, PSNR and SSIM in each."""
    scale = entry.net.scale
    lines = [f"- name: {entry.id}", "  results:"]
    for name in SETS:
        lines += [
            "  - task:",
            "      type: image-to-image",
            f"      name: super-resolution {scale}x",
            "    dataset:",
            f"      type: {name.lower()}",
            f"      name: {name}, {scale}x, MATLAB bicubic",
            "    metrics:",
            "    - type: psnr",
            "      name: PSNR on Y (dB)",
            f"      value: {scores[name]['psnr']:.2f}",
            "    - type: ssim",
            "      name: SSIM on Y",
            f"      value: {scores[name]['ssim']:.4f}",
        ]
    return "\n".join(lines)


def hash_as_published(entry: Entry, int8: bool) -> str:
    """The SHA-256 of an embedded entry's file in a repository; with `int8`, in that form where the catalogue knows its hash."""
    known = entry.source.int8 if int8 and isinstance(entry.source, Embedded) else None
    return known or str(entry.sha256)


def table_row(entry: Entry, scores: dict, int8: bool = False) -> str:
    """The row of an entry in the table of networks; without scores where `scores` are of other weights."""
    sha256 = hash_as_published(entry, int8)
    shown = f"`{sha256}`" if sha256 == entry.sha256 else f"**`{sha256}`**"
    known = scores if is_measured(entry, scores) else {}
    cells = [f"{known[name]['psnr']:.2f} / {known[name]['ssim']:.4f}" if name in known else "" for name in SETS]
    weights = sum(value.numel() for value in entry.net.build().state_dict().values())
    return f"| `{entry.id}` | {entry.label} | `{file_of(entry)}` | `{class_of(entry)}` | {weights:,} | {' | '.join(cells)} | {shown} |"


def class_of(entry: Entry) -> str:
    """The name of the class in pretrained.py that loads an entry."""
    with torch.device("meta"):  # its class only
        return f"Pretrained{type(entry.net.build()).__name__}"


def training_data(entries: Sequence[Entry]) -> str:
    """The text on training data: what the entries say, and the paragraph of weights/README.md on photos."""
    said = "\n".join(f"- {what}" for what in dict.fromkeys(entry.trained_on for entry in entries))
    listed = re.search(r"^\*\*Photos\.\*\* (.*?)\n\n", (ROOT / "weights" / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    return said + (f"\n\n{listed[1]}" if listed else "")
