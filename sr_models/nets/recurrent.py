"""A network that looks again, h_t = f(x_t, h_{t−1}) with the same f each time (Kim et al., DRCN, CVPR 2016): one photo or several shots."""

from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sr_models.nets import RecurrentNetwork, State
from sr_models.nets.edsr import Block, Body, EDSRConfig, make_heads
from sr_models.nets.resample import kernel_value

SHOT = 12  # channels of what a shot shows beyond the reference
LOUDER = 10.0  # differences are small numbers


@dataclass(frozen=True)
class RecurrentConfig(EDSRConfig):
    """An EDSR, and what follows it."""

    look: int = 3
    """Blocks of one look."""
    steps: int = 4
    """As often as the network looks where no more is asked for."""

    @property
    def halo(self) -> int:
        """That of the EDSR; a look sees as far as its convolutions and the reduction of the estimate, as wide as the cubic kernel."""
        return super().halo + self.steps * (2 * self.look + 5)

    def build(self) -> "Recurrent":  # pyright: ignore[reportIncompatibleMethodOverride] - the other contract
        return Recurrent(self)


class Recurrent(Body, RecurrentNetwork):
    """Before the first look it is an EDSR, weight for weight, which is not trained any more.

    x_t are what the shot shows beyond the reference, the shot less the estimate in its size, and how far the shot is believed. A look adds
    one convolution of x_t to what is known, sends it through its blocks, and what then is added to the EDSR's answer is the estimate.
    """

    config: RecurrentConfig  # pyright: ignore[reportIncompatibleVariableOverride] - the config says which contract

    def __init__(self, config: RecurrentConfig):
        super().__init__(config)
        self.news = nn.Conv2d(SHOT + 3 + 1, config.features, 3, padding=1, bias=False)
        self.again = nn.ModuleList(Block(config.features) for _ in range(config.look))
        self.head = make_heads(config.features)
        with torch.no_grad():  # starts as the EDSR
            for value in (self.news.weight, *self.head.parameters()):
                value.zero_()

    def lower_precision(self, dtype: torch.dtype) -> None:
        super().lower_precision(dtype)
        self.news.to(dtype)
        self.again.to(dtype)

    @torch.no_grad()
    def begin(self, reference: Tensor) -> State:
        first = features = self.first(reference.to(self.first.weight.dtype))
        for block in self.blocks:
            features = block(features)
        features = features + first
        answer = self.last[self.head_name](features.float()).float()
        return State(reference, answer, features, self.enlarged(reference, answer))

    def add(self, state: State, shot: Tensor) -> State:
        reference, answer, features, estimate = state
        differences, believed = shot[:, :SHOT], shot[:, SHOT:]
        missing = reference + differences[:, :3] - reduce(estimate, self.config.scale)
        x = torch.cat([LOUDER * differences, LOUDER * missing, believed], 1)
        features = features + self.news(x.to(self.news.weight.dtype))
        for block in self.again:
            features = block(features)
        more = self.head[self.head_name](features.float()).float()
        return State(reference, answer, features, self.enlarged(reference, answer + more))

    def enlarged(self, reference: Tensor, detail: Tensor) -> Tensor:
        """`joined`, never in less than float32: the next look is at how far this is from the photo."""
        with torch.autocast(reference.device.type, enabled=False):
            return self.joined(reference, detail)


def reduce(picture: Tensor, scale: int) -> Tensor:
    """(N, 3, H·scale, W·scale) → (N, 3, H, W): the cubic kernel widened by `scale`, as small photos are made; the border is repeated."""
    line = reducing_kernel(scale).to(picture)
    n, channels, height, width = picture.shape
    around = (len(line) - scale) // 2
    x = F.pad(picture, (around,) * 4, mode="replicate").reshape(n * channels, 1, height + 2 * around, width + 2 * around)
    with torch.autocast(picture.device.type, enabled=False):
        x = F.conv2d(F.conv2d(x, line[None, None, None, :], stride=(1, scale)), line[None, None, :, None], stride=(scale, 1))
    return x.reshape(n, channels, height // scale, width // scale)


@cache
@torch.inference_mode(False)  # whoever asks first: training can use no tensor of inference mode
def reducing_kernel(scale: int) -> Tensor:
    """The cubic kernel at the distances of the pixels around the middle of `scale` ones, their sum 1."""
    taps = 4 * scale - scale % 2
    line = torch.tensor([kernel_value("bicubic", (tap - (taps - 1) / 2) / scale) for tap in range(taps)])
    return line / line.sum()
