"""Classes with which other programs load our networks by PyTorchModelHubMixin; published with nets/ beside the weights.

`PretrainedEDSR` is `EDSR` of nets/edsr.py with `from_pretrained` and `save_pretrained`; so is `Pretrained…` of every other network in
nets/. Call it as its contract in nets/__init__.py says.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache
from typing import Any

from huggingface_hub import PyTorchModelHubMixin
from torch import nn

from sr_models import nets


def __getattr__(name: str) -> Any:
    """Makes the class `Pretrained…` of a network when it is first imported: a new file in nets/ needs no line here."""
    for network in find_networks():
        if name == f"Pretrained{network.__name__}":
            return make_loadable(network)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def find_networks() -> Iterator[type[nn.Module]]:
    """The networks in nets/: the classes that keep one of its contracts."""
    for file in pkgutil.iter_modules(nets.__path__):
        module = importlib.import_module(f"{nets.__name__}.{file.name}")
        for found in vars(module).values():
            if inspect.isclass(found) and issubclass(found, nets.Enlarger) and found.__module__ == module.__name__:
                yield found


@cache
def make_loadable(network: type[nn.Module]) -> Any:
    """A network's class with `from_pretrained` and `save_pretrained`; the same one whenever it is asked for."""
    return type(f"Pretrained{network.__name__}", (network, PyTorchModelHubMixin), {"__module__": __name__, "__doc__": network.__doc__})
