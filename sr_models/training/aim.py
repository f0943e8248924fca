"""What the pixels aim at where all detail is asked for: a function of what networks answer, so that it can be learnt exactly."""

from dataclasses import dataclass

import torch
from torch import Tensor

from sr_models.crisp import sharpened, textured, width_after


@dataclass(frozen=True)
class Aim:
    """Crisp edges everywhere, and the texture of a GAN where the photo is textured."""

    cnn: str | None = None
    """The id of the CNN whose answer is meant; None: the answer of the network that learns, on average and without detail."""
    gan: str | None = None
    """The id of the GAN that texture is taken from; None: from nobody."""
    detail: float = 1.2
    """How much detail that GAN is asked for."""
    texture: float = 1.0
    """How much of its texture is taken."""
    width: float = 1.0
    """Over how many times `width_after(scale)` pixels edges are looked for: 0 leaves them as they are."""
    edges: float = 1.0
    overshoot: float = 1.0
    colours: float = 1.0
    """Strengths of the small pulls beside the pixels': see `losses`."""
    stored: tuple[tuple[int, int], ...] = ()
    """(scale, count): so many pairs are made first, with their aim; without them, it is computed at every step."""

    def of(self, cnn: Tensor, gan: Tensor | None, scale: int) -> Tensor:
        """Both answers (N, 3, H, W) in [0, 1] → the aim, the same."""
        aim = cnn if gan is None else cnn + self.texture * textured(cnn, scale) * (gan - cnn)
        if not self.width:
            return aim
        return torch.cat([sharpened(one, self.width * width_after(scale)) for one in aim.split(1 if aim.is_cpu else len(aim))])
