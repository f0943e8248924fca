"""The networks whose answers another one learns from."""

import hashlib
from pathlib import Path

import torch
from torch import Tensor

from sr_models.hub.recognise import recognise_file
from sr_models.nets.edsr import SCALES, ManyScales
from sr_models.training.aim import aim_at

DETAILS = {2: 1.0, 3: 1.2, 4: 1.4}
"""Scale → how much detail the GAN is asked for."""


class Teachers:
    """A CNN, and of a network with a dial a GAN too; both for all scales, of the size that their weights have."""

    def __init__(self, cnn: Path, gan: Path | None = None, device: str = "cpu"):
        """`cnn`, `gan`: their weights."""
        self.device = device
        self.hashes = [hashlib.sha256(file.read_bytes()).hexdigest() for file in (cnn, gan) if file is not None]
        self.cnn = self.read(cnn)
        self.gan = None if gan is None else self.read(gan)

    def read(self, file: Path) -> ManyScales:
        found = recognise_file(file, max(SCALES))
        net = found.net.build()
        assert isinstance(net, ManyScales), file.name
        net.load_state_dict(found.state)
        return net.to(self.device, memory_format=torch.channels_last).eval().requires_grad_(False)  # pyright: ignore[reportCallIssue]

    @torch.no_grad()
    def answers(self, small: Tensor, scale: int) -> tuple[Tensor, Tensor | None]:
        """small (N, 3, H, W) → (the CNN's answer, what both together aim at), (N, 3, H·scale, W·scale) in [0, 1].

        The GAN's answer is the mean of two, of the photo as it is and of the photo turned by 180°: what differs between them was a guess.
        """
        with torch.autocast(self.device, dtype=torch.bfloat16):
            cnn = self.cnn.at(scale)(small).float().clamp(0, 1)
            if self.gan is None:
                return cnn, None
            gan, detail = self.gan.at(scale), torch.full_like(small[:, :1], DETAILS[scale])
            mean = (gan(small, detail) + gan(small.flip(2, 3), detail).flip(2, 3)) / 2
        return cnn, aim_at(cnn, mean.float().clamp(0, 1), scale)
