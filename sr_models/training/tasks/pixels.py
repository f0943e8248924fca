"""A network without a dial: its result is to come as close to the original as it can, pixel by pixel; maybe to a teacher's first."""

from torch import Tensor, nn

from sr_models.training import losses
from sr_models.training.recipes import Recipe
from sr_models.training.starts import at
from sr_models.training.tasks import Batch, PairsTask, crispness, mean_psnr

TAUGHT_UNTIL = 0.6
"""Share of the budget in which a teacher's answers are the target."""


class PixelTask(PairsTask):
    HELD_OUT_PAIRS = 48

    def learn(self, net: nn.Module, batch: Batch, scale: int, share: float) -> dict[str, Tensor]:
        with self.recipe.autocast(self.material.device):
            result = net(batch.small).float()
        loss = measure_error(self.recipe, result, batch, share)
        loss.backward()
        return {"loss": loss.detach()}

    def judge(self, average: nn.Module) -> dict[str, float]:
        found = {}
        for scale, (small, large, *_) in self.held_out.items():
            result = self.enlarge(at(average, scale), small)
            found |= {f"psnr_x{scale}": mean_psnr(result, large), f"crispness_x{scale}": crispness(result, large)}
        return found


def measure_error(recipe: Recipe, result: Tensor, batch: Batch, share: float) -> Tensor:
    """The loss of an enlargement when `share` of the budget is used: first against a teacher's answers, if any, then the originals."""
    target = batch.large if batch.cnn is None or share >= TAUGHT_UNTIL else batch.cnn
    return (losses.mse if share >= recipe.squared_from else losses.charbonnier_fft)(result, target)
