"""Which of the two models suits a photo, and why, by what is measured on a part of it."""

from dataclasses import dataclass

import numpy as np
import torch

from sr_models import Photo
from sr_models.stages.crisp import find_texture
from sr_models.stages.protect import find_writing
from ui.words.texts import label, say

WRITTEN = 0.4
"""Share of the part that looks like writing, from which on letters are what matters."""
WORN = 4.0
"""Levels of 255 that compression left as noise, from which on texture cannot be told from it: a JPEG of quality 65."""
TEXTURED = 0.3
"""Share of the part that is busy without hard edges, from which on crisp texture is seen."""
ALIKE = 1.0
"""Levels of 255 between what the two models make, below which nobody sees a difference."""

WRITING = "{model} suits this photo: much of this part is fine strokes, as in writing or knitting, and these must not be guessed."
COMPRESSED = "{model} suits this photo: it is strongly compressed, and texture would be guessed from what compression left."
TEXTURE = (
    "{model} suits this photo: fine texture covers {share:.0%} of this part and becomes crisp. What the photo does not hold is invented."
)
SAME = "{model} suits this photo: here both models give nearly the same, and this one invents nothing."
CALM = "{model} suits this photo: it has clear edges and calm surfaces, and little texture to add."


@dataclass(frozen=True)
class Facts:
    writing: float
    """Share of the part that looks like writing, 0 to 1."""
    noise: float
    """Levels of 255: what compression left."""
    texture: float
    """Share of the part that is busy without hard edges, 0 to 1."""
    difference: float
    """Levels of 255: mean difference between what the CNN and what the GAN make of it."""


def measure(part: Photo, cnn: Photo, gan: Photo) -> Facts:
    """`part` of a photo, and what both models made of it."""
    scale = cnn.size[0] // part.size[0]
    pixels = torch.tensor(cnn.rgb).permute(2, 0, 1)[None].float() / 255
    return Facts(
        float(find_writing(part.rgb).mean()),
        part.noise,
        float(find_texture(pixels, scale).mean()),
        float(np.abs(cnn.rgb.astype(np.int16) - gan.rgb).mean()),
    )


def advise(facts: Facts) -> tuple[str, str]:
    """(family, sentence). The CNN, unless there is a reason for the GAN: it cannot do harm."""
    if facts.writing >= WRITTEN:
        return "cnn", WRITING
    if facts.noise >= WORN:
        return "cnn", COMPRESSED
    if facts.texture >= TEXTURED:
        return "gan", TEXTURE
    return "cnn", SAME if facts.difference < ALIKE else CALM


def explain(language: str, facts: Facts) -> tuple[str, str]:
    """(family, the sentence in the visitor's language)."""
    family, sentence = advise(facts)
    name = label(language, family)
    return family, say(language, sentence, model=f"“{name}”", share=facts.texture)
