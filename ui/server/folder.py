"""The folder of this process for what visitors bring and get, which goes with it; and what processes left that were killed.

A living process holds a lock in its folder, which the system takes away when it ends, however it ends: so no folder in use is ever removed,
not even one of a process in another container that shares the disk.
"""

import atexit
import os
import secrets
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from gradio import processing_utils, routes

try:
    import fcntl
except ImportError:  # Windows: nothing is found to be left
    fcntl = None

PREFIX, LOCK = "photos-", "lock"


@cache
def own() -> Path:
    """The folder; made when it is first needed, where `parent` says."""
    parent().mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=parent()))
    lock = open(folder / LOCK, "w")  # noqa: SIM115 - held until the process ends
    if fcntl:
        fcntl.flock(lock, fcntl.LOCK_EX)
    folder = folder.rename(folder.with_name(folder.name.removeprefix(".")))  # from now on it can be looked at
    atexit.register(remove)
    held.append(lock)
    return folder


held: list = []
"""The open file that is locked."""


def settle() -> None:
    """To be called once, before the page is built: uploads and results go into `own`, and what others left is removed."""
    sweep()
    os.environ["GRADIO_TEMP_DIR"] = place = str(own() / "gradio")
    routes.DEFAULT_TEMP_DIR = place  # pyright: ignore[reportPrivateImportUsage] - what gradio read when it was imported


def hide_uploads() -> None:
    """From now on, nobody who holds a copy of a photo can work out its address here.

    The address is a hash of a secret and the file. Gradio 6.31 reads the secret from a file, which it finds empty
    where another process has just begun to write it.
    """
    processing_utils.hash_seed = secrets.token_bytes(32)


@cache
def parent() -> Path:
    """The folder that GRADIO_TEMP_DIR named at first, or the system's for temporary files."""
    return Path(os.environ.get("GRADIO_TEMP_DIR") or tempfile.gettempdir())


def showcase() -> Path:
    """The folder of what every visitor is shown. It lies outside of gradio's folder, which is cleared every hour."""
    folder = own() / "showcase"
    folder.mkdir(exist_ok=True)
    return folder


def remove() -> None:
    """The folder of this process, at its end. Where somebody still writes into it, its lock stays, and the next start removes it."""
    with suppress(FileNotFoundError):
        for path in own().iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != LOCK:
                path.unlink()
        if list(own().iterdir()) == [own() / LOCK]:
            shutil.rmtree(own(), ignore_errors=True)
    for lock in held:
        lock.close()


def sweep() -> None:
    """Remove the folders of processes that are no more."""
    for lock in parent().glob(f"{PREFIX}*/{LOCK}") if fcntl else ():
        with suppress(OSError), open(lock) as file:  # locked: of a process that lives; or another person's
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # pyright: ignore[reportOptionalMemberAccess]
            shutil.rmtree(lock.parent, ignore_errors=True)
