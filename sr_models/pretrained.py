"""Our networks for other people's programs, which load them by PyTorchModelHubMixin; published beside the weights, with nets/."""

from huggingface_hub import PyTorchModelHubMixin

from sr_models.nets.compact import Compact, CompactConfig
from sr_models.nets.modulated import Modulated, ModulatedConfig
from sr_models.nets.srcnn import SRCNN, SRCNNConfig


class PretrainedCompact(Compact, PyTorchModelHubMixin):
    """The CNN. Call it as nets.Network."""


class PretrainedSRCNN(SRCNN, PyTorchModelHubMixin):
    """SRCNN. Call it as nets.Network."""


class PretrainedModulated(Modulated, PyTorchModelHubMixin):
    """The GAN with a detail map. Call it as nets.DetailNetwork."""


CLASSES = {CompactConfig: PretrainedCompact, SRCNNConfig: PretrainedSRCNN, ModulatedConfig: PretrainedModulated}
"""The class for each kind of config that is published."""
