"""The stages that a photo goes through, and what each returns: `Done`."""

from dataclasses import dataclass

import numpy as np

from sr_models.photo import Note, Photo


@dataclass(frozen=True)
class Done:
    """What a stage made of a picture."""

    picture: Photo
    changed: bool
    """Whether any of its pixels, or its size, is not what it was."""
    notes: tuple[Note, ...] = ()
    """What the person should know about it."""

    @classmethod
    def of(cls, before: Photo, after: Photo, *notes: Note) -> "Done":
        """Compares the pictures before and after a stage; the notes count only where it changed something."""
        changed = before is not after and not all(map(is_same, before.pixels, after.pixels))
        return cls(after, changed, notes if changed else ())


def is_same(before: np.ndarray | None, after: np.ndarray | None) -> bool:
    """Whether two pictures, or two alpha channels, are equal; None is only equal to None."""
    return before is after or (before is not None and after is not None and np.array_equal(before, after))
