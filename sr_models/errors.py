"""The failures whose text is written for the person who uploaded the photo.

UpscaleError
├── PhotoError      the photo, or what is asked of it, is outside what the program does
├── ModelError      no such model, or not for this scale or input
├── WeightsError    a weight file is missing, damaged or foreign
├── DeviceError     the device asked for is not there
└── Cancelled       the person stopped the run

The text says what was given, what was expected and what to do. Every other exception is a bug.
"""


class UpscaleError(Exception):
    """Show `str(error)` to the person, on the page or as one line on stderr."""


class PhotoError(UpscaleError):
    pass


class ModelError(UpscaleError):
    pass


class WeightsError(UpscaleError):
    pass


class DeviceError(UpscaleError):
    pass


class Cancelled(UpscaleError):
    pass
