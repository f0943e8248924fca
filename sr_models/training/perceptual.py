"""How far two pictures are apart as VGG-16 sees them, layer by layer (Zhang et al., LPIPS, CVPR 2018)."""

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

WIDTHS = (64, 64, 128, 128, 256, 256, 256, 512, 512, 512)  # of the first ten convolutions of VGG-16
POOLED = (2, 4, 7)  # before these convolutions
SEEN = {1: 0.1, 3: 0.2, 6: 1.0, 9: 1.0}  # convolution whose output is compared → how much it counts
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of the photos VGG-16 was trained on, rgb in [0, 1]


class Perceptual(nn.Module):
    """Its weights are no part of the project: a safetensors file that holds `N.weight` (c_out, c_in, 3, 3) and `N.bias`, N from 0 to 9.

    Its layers shrink with a blur, so that small shifts matter less (Zhang, ICML 2019).
    """

    def __init__(self, file: Path):
        """Raises ValueError where the file holds something else."""
        super().__init__()
        known = load_file(file)
        shapes = {name: tuple(value.shape) for name, value in known.items()}
        if shapes != expected_shapes():
            raise ValueError(f"{file} does not hold the first ten convolutions of VGG-16.")
        for name, value in known.items():
            self.register_buffer(name.replace(".", "_"), value.float())
        line = torch.tensor([0.25, 0.5, 0.25])
        self.register_buffer("blur", line[:, None] * line)

    def forward(self, result: Tensor, target: Tensor) -> Tensor:
        """(N, 3, H, W) in [0, 1] both → squared differences of features of unit length; 0 for equal pictures."""
        with torch.no_grad():
            wanted = self.features(target)
        total = result.new_zeros(())
        for strength, a, b in zip(SEEN.values(), self.features(result), wanted, strict=True):
            a, b = (F.normalize(features.float(), dim=1, eps=1e-4) for features in (a, b))
            total = total + strength * (a - b).square().sum(1).mean()
        return total

    def features(self, x: Tensor) -> list[Tensor]:
        mean, deviation = (x.new_tensor(values)[:, None, None] for values in (MEAN, DEVIATION))
        x = ((x - mean) / deviation).contiguous(memory_format=torch.channels_last)
        seen = []
        for layer in range(len(WIDTHS)):
            if layer in POOLED:
                blur = self.get_buffer("blur").to(x).expand(x.shape[1], 1, 3, 3)
                x = F.conv2d(F.pad(F.max_pool2d(x, 2, 1), (1, 1, 1, 1), mode="reflect"), blur, stride=2, groups=x.shape[1])
            x = F.relu(F.conv2d(x, self.get_buffer(f"{layer}_weight"), self.get_buffer(f"{layer}_bias"), padding=1))
            if layer in SEEN:
                seen.append(x)
        return seen


def expected_shapes() -> dict[str, tuple[int, ...]]:
    """The shapes that the file has to hold."""
    found = {}
    for layer, (c_in, c_out) in enumerate(zip((3, *WIDTHS), WIDTHS, strict=False)):
        found |= {f"{layer}.weight": (c_out, c_in, 3, 3), f"{layer}.bias": (c_out,)}
    return found
