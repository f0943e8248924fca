"""Our networks for other people's programs, which load them by PyTorchModelHubMixin; published beside the weights, with nets/."""

from huggingface_hub import PyTorchModelHubMixin

from sr_models.nets.compact import Compact, CompactConfig
from sr_models.nets.edsr import EDSR, DialledEDSR, DialledEDSRConfig, EDSRConfig
from sr_models.nets.srcnn import SRCNN, SRCNNConfig


class PretrainedEDSR(EDSR, PyTorchModelHubMixin):
    """The CNN. Call it as nets.Network; `at(scale)` is the same for another scale."""


class PretrainedDialledEDSR(DialledEDSR, PyTorchModelHubMixin):
    """The GAN with a detail map. Call it as nets.DetailNetwork; `at(scale)` is the same for another scale."""


class PretrainedCompact(Compact, PyTorchModelHubMixin):
    """The fast CNN. Call it as nets.Network."""


class PretrainedSRCNN(SRCNN, PyTorchModelHubMixin):
    """SRCNN. Call it as nets.Network."""


CLASSES = {
    EDSRConfig: PretrainedEDSR,
    DialledEDSRConfig: PretrainedDialledEDSR,
    CompactConfig: PretrainedCompact,
    SRCNNConfig: PretrainedSRCNN,
}
"""The class for each kind of config that is published."""
