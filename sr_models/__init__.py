"""Product-photo super-resolution: read a photo, enlarge it, write it.

photo = sr_models.read("mug.jpg")
result = sr_models.upscale(photo, scale=4, model="cnn")
sr_models.write(result.photo, "mug_4x_cnn.png")
print(sr_models.examine(photo, result).verdict)

Everything that the page and the command line offer, in one go:
done = sr_models.carry_out(photo, sr_models.Order(preset="amazon", before="crop", model="gan", detail=0.5))
Path("mug_amazon_gan.jpg").write_bytes(done.file.data)
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sr_models.library import *  # noqa: F403 - which names it offers, its __all__ says


def __getattr__(name: str) -> Any:
    """What the library offers is imported when the first of it is asked for: it takes seconds, and Ctrl-C counts before (__main__.py)."""
    own = name in ("__all__", "__version__") or not name.startswith("__")
    if not own or find_spec(f"{__name__}.{name}"):  # a module of its own is imported by whoever asks for it
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.library"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__getattr__("__all__")})
