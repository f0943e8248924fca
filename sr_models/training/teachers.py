"""The networks whose answers another one learns from."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from sr_models.errors import WeightsError
from sr_models.nets.edsr import SCALES, DialledEDSRConfig, EDSRConfig


class Teachers:
    """A CNN, and maybe a GAN that is asked for a fixed detail; both for all scales, of the size that their weights have."""

    def __init__(self, cnn: Path, gan: Path | None = None, details: Mapping[int, float] | None = None, device: str = "cpu"):
        """`cnn`, `gan`: their weights; `details`: scale → how much the GAN is asked for."""
        self.details, self.device = details or {}, device
        self.hashes = [hashlib.sha256(file.read_bytes()).hexdigest() for file in (cnn, gan) if file is not None]
        self.cnn = self.read(EDSRConfig, cnn)
        self.gan = None if gan is None else self.read(DialledEDSRConfig, gan)

    def read(self, kind: type[EDSRConfig], file: Path):
        try:
            weights = {name: value.float() for name, value in load_file(file).items()}
            blocks = len({name.split(".")[1] for name in weights if name.startswith("blocks.")})
            net = kind(len(weights["first.weight"]), blocks, max(SCALES)).build()
            net.load_state_dict(weights)
        except (SafetensorError, RuntimeError, KeyError) as failure:
            raise WeightsError("The weights {id} do not fit their network: {reason}", id=file.name, reason=str(failure)[:200]) from failure
        return net.to(self.device, memory_format=torch.channels_last).eval().requires_grad_(False)  # pyright: ignore[reportCallIssue]

    @torch.no_grad()
    def answers(self, small: Tensor, scale: int) -> tuple[Tensor, Tensor | None]:
        """small (N, 3, H, W) → what the CNN and the GAN make of it, (N, 3, H·scale, W·scale) in [0, 1].

        The GAN's is the mean of two, of the photo as it is and of the photo turned by 180°: what differs between them was a guess.
        """
        with torch.autocast(self.device, dtype=torch.bfloat16):
            cnn = self.cnn.at(scale)(small).float().clamp(0, 1)
            if self.gan is None:
                return cnn, None
            gan, detail = self.gan.at(scale), torch.full_like(small[:, :1], self.details[scale])
            mean = (gan(small, detail) + gan(small.flip(2, 3), detail).flip(2, 3)) / 2
        return cnn, mean.float().clamp(0, 1)
