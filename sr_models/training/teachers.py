"""The networks whose answers another one learns from."""

import hashlib
from pathlib import Path
from typing import TypeVar

import torch
from safetensors.torch import load_file
from torch import Tensor

from sr_models.nets.edsr import EDSR, DialledEDSR, DialledEDSRConfig, EDSRConfig

Net = TypeVar("Net", EDSR, DialledEDSR)


class Teachers:
    """A CNN and a GAN, both for all scales."""

    def __init__(self, net: EDSRConfig, cnn: Path, gan: Path, details: dict[int, float], device: str = "cpu"):
        """`net`: of the same size as theirs; `cnn`, `gan`: their weights; `details`: scale → how much the GAN is asked for."""
        self.details, self.device = details, device
        self.hashes = [hashlib.sha256(file.read_bytes()).hexdigest() for file in (cnn, gan)]
        size = net.features, net.blocks, net.scale
        self.cnn = self.read(EDSRConfig(*size).build(), cnn)
        self.gan = self.read(DialledEDSRConfig(*size).build(), gan)

    def read(self, net: Net, file: Path) -> Net:
        net.load_state_dict({name: value.float() for name, value in load_file(file).items()})
        return net.to(self.device, memory_format=torch.channels_last).eval().requires_grad_(False)  # pyright: ignore[reportCallIssue]

    @torch.no_grad()
    def answers(self, small: Tensor, scale: int) -> tuple[Tensor, Tensor]:
        """small (N, 3, H, W) → what the CNN and the GAN make of it, (N, 3, H·scale, W·scale) in [0, 1].

        The GAN's is the mean of two, the photo as it is and turned by 180°: what differs between them was a guess.
        """
        detail = torch.full_like(small[:, :1], self.details[scale])
        gan = self.gan.at(scale)
        with torch.autocast(self.device, dtype=torch.bfloat16):
            answers = [self.cnn.at(scale)(small), (gan(small, detail) + gan(small.flip(2, 3), detail).flip(2, 3)) / 2]
        cnn, gan = (answer.float().clamp(0, 1) for answer in answers)
        return cnn, gan
