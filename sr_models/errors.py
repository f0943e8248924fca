"""The failures whose text is written for the person who uploaded the photo.

UpscaleError
├── PhotoError      the photo, or what is asked of it, is outside what the program does
├── ModelError      no such model, or not for this scale or input
├── WeightsError    a weight file is missing, damaged or foreign
├── DeviceError     the device asked for is not there
└── Cancelled       the person stopped the run

The text says what was given, what was expected and what to do. Every other exception is a bug.
"""

LONGEST_VALUE = 300
"""Characters of a value that a sentence repeats: a name of 255 bytes is repeated whole."""


class UpscaleError(Exception):
    """`str(error)` is the English sentence. `sentence` is the same before its `values` are filled in: the key to a translation."""

    def __init__(self, sentence: str, **values: object):
        self.sentence = sentence
        self.values = {name: shortened(value) for name, value in values.items()}
        super().__init__(sentence.format(**self.values))


def shortened(value: object) -> object:
    """What a sentence repeats of what it was given: nobody's screen or log is filled by a value that was meant to. Numbers stay numbers."""
    if isinstance(value, int | float | UpscaleError):
        return value
    text = str(value)
    return value if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"


class PhotoError(UpscaleError):
    pass


class ModelError(UpscaleError):
    pass


class WeightsError(UpscaleError):
    pass


class DeviceError(UpscaleError):
    pass


class Cancelled(UpscaleError):  # noqa: N818 - it is no error
    def __init__(self) -> None:
        super().__init__("Stopped.")
