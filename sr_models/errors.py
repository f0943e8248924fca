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
    """`str(error)` is the English sentence. `sentence` is the same before its `values` are filled in: the key to a translation."""

    def __init__(self, sentence: str, **values: object):
        super().__init__(sentence.format(**values))
        self.sentence = sentence
        self.values = values


class PhotoError(UpscaleError):
    pass


class ModelError(UpscaleError):
    pass


class WeightsError(UpscaleError):
    pass


class DeviceError(UpscaleError):
    pass


class Cancelled(UpscaleError):  # noqa: N818 - it is no error
    pass
