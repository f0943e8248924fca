"""A network that looks again: every look is to come as close to the original as it can, later ones above all (DRCN, CVPR 2016)."""

from itertools import islice

import torch
from torch import Tensor, nn

from sr_models.nets.recurrent import Recurrent
from sr_models.training import losses
from sr_models.training.starts import at
from sr_models.training.tasks import Batch, mean_psnr
from sr_models.training.tasks.pixels import TAUGHT_UNTIL, PixelTask

MOST_LOOKS = 6
JUDGED = (1, 2, 4, 8)


class LooksTask(PixelTask):
    def learn(self, net: nn.Module, batch: Batch, scale: int, share: float) -> dict[str, Tensor]:
        assert isinstance(net, Recurrent)
        target = batch.large if batch.cnn is None or share >= TAUGHT_UNTIL else batch.cnn
        measure = losses.mse if share >= self.recipe.squared_from else losses.charbonnier_fft
        last = int(torch.randint(2, MOST_LOOKS + 1, ()))
        loss = target.new_zeros(())
        with self.recipe.autocast(self.material.device):
            for number, result in enumerate(islice(net.looks(batch.small), 1, last), 2):
                loss = loss + number * measure(result.float(), target)
        loss = loss / sum(range(2, last + 1))
        loss.backward()
        return {"loss": loss.detach()}

    @torch.no_grad()
    def judge(self, average: nn.Module) -> dict[str, float]:
        """PSNR of the looks in JUDGED."""
        found = {}
        for scale, (small, large, *_) in self.held_out.items():
            net = at(average, scale)
            assert isinstance(net, Recurrent)
            with self.recipe.autocast(self.material.device):
                looks = list(islice(net.looks(small), JUDGED[-1]))
            found |= {f"psnr_{look}_x{scale}": mean_psnr(looks[look - 1].float().clamp(0, 1), large) for look in JUDGED}
        return found
