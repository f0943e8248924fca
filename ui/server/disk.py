"""A full disk: what was begun is removed, and the person told in a sentence."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gradio.route_utils import GradioMultiPartParser

from sr_models import PhotoError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says where it can store no more."""
NO_ROOM = "This server has no room for more files now. Please try again in a few minutes, with a smaller photo or result."


def is_full(failure: BaseException) -> bool:
    return isinstance(failure, OSError) and failure.errno in FULL


@contextmanager
def refuse_when_full() -> Iterator[None]:
    """Raises PhotoError where the block finds the disk full."""
    try:
        yield
    except OSError as failure:
        if not is_full(failure):
            raise
        raise PhotoError(NO_ROOM) from failure


def mend() -> None:
    """Gradio 6.31 leaves what it had written of an upload where the disk is full, or anything else ends it, and the file open."""
    parse = GradioMultiPartParser.parse

    async def parsed(self):
        try:
            return await parse(self)
        except BaseException:
            for file in self._files_to_close_on_error:
                with suppress(OSError):
                    file.close()  # writes what it still holds, if there is room
                Path(file.name).unlink(missing_ok=True)
            raise

    if not hasattr(parse, "mended"):
        parsed.mended = True  # pyright: ignore[reportFunctionMemberAccess]
        GradioMultiPartParser.parse = parsed
