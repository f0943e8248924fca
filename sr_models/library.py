"""What `import sr_models` offers."""

from sr_models.catalog import CATALOG, MODELS, PUBLISHED, SCALES, Entry, find
from sr_models.device import Device, choose
from sr_models.errors import Cancelled, DeviceError, ModelError, PhotoError, UpscaleError, WeightsError
from sr_models.figures.overlay import overlay
from sr_models.figures.report import Report, examine
from sr_models.folders import photo_files
from sr_models.order import Delivery, carry_out
from sr_models.output import write
from sr_models.photo import Photo
from sr_models.reading import MAX_PIXELS, read
from sr_models.stages.enlarge import Result, upscale
from sr_models.stages.resampling import resized
from sr_models.stages.size import MAX_OUTPUT_PIXELS
from sr_models.version import __version__
from sr_models.wishes import Order

__all__ = [
    "CATALOG",
    "MAX_OUTPUT_PIXELS",
    "MAX_PIXELS",
    "MODELS",
    "PUBLISHED",
    "SCALES",
    "Cancelled",
    "Delivery",
    "Device",
    "DeviceError",
    "Entry",
    "ModelError",
    "Order",
    "Photo",
    "PhotoError",
    "Report",
    "Result",
    "UpscaleError",
    "WeightsError",
    "__version__",
    "carry_out",
    "choose",
    "examine",
    "find",
    "overlay",
    "photo_files",
    "read",
    "resized",
    "upscale",
    "write",
]
