"""What looks again starts as the end of a larger CNN, which goes on from where the first look has come."""

import torch
import torch.nn.functional as F
from torch import Tensor

from sr_models.nets.edsr import EDSRConfig
from sr_models.nets.recurrent import Recurrent

AT_ONCE = 8
RIDGE = 1e-5  # of the mean square of what is read: keeps the fit determined


@torch.no_grad()
def transplant(weights: dict[str, Tensor], net: Recurrent, small: Tensor) -> None:
    """Give `net` the first convolution, the last blocks and the last convolutions of the CNN with these `weights`.

    In front of these stands what makes, of what the first look holds, the best guess of what the CNN holds in front of its last blocks:
    the least squares over small (N, 3, H, W).
    """
    blocks = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blocks."))
    cnn = EDSRConfig(net.config.features, blocks, net.config.scale).build()
    cnn.load_state_dict(weights)
    before = blocks - net.config.blocks
    net.skip.load_state_dict(cnn.first.state_dict())
    net.last.load_state_dict(cnn.last.state_dict())
    net.blocks.load_state_dict(cnn.blocks[before:].state_dict())
    squares = products = torch.zeros((), dtype=torch.float64)
    for x in small.split(AT_ONCE):
        around = F.unfold(net.read(x, list(net.first_look.states(x))), 3, padding=1).transpose(1, 2).flatten(0, 1)
        known = F.pad(around, (0, 1), value=1.0)  # the last: a constant
        wanted = list(cnn.states(x))[before].flatten(2).transpose(1, 2).flatten(0, 1)
        squares, products = squares + (known.mT @ known).double(), products + (known.mT @ wanted).double()
    ridge = RIDGE * squares.diagonal().mean() * torch.eye(len(squares), dtype=squares.dtype)
    found = torch.linalg.solve(squares + ridge, products).float()
    net.lift.load_state_dict({"weight": found[:-1].mT.reshape(net.lift.weight.shape), "bias": found[-1]})
