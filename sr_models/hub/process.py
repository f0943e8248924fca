"""The process that fetches one file from the Hub. It may hang, so download.py runs it where it can be ended; nobody imports it.

It prints a line of JSON for whatever happens: {"size": bytes} once the Hub has answered, {"done": bytes} as they arrive, and last
{"path": file} or {"failure": kind, "reason": words}. It ends, and leaves nothing half done, when its standard input closes: with the
process that started it.
"""

import errno
import json
import os
import re
import signal
import sys
import threading

import httpx2
from huggingface_hub import errors, get_hf_file_metadata, hf_hub_download, hf_hub_url
from tqdm import tqdm

ANSWER_SECONDS = 8
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class WrongSize(Exception):  # noqa: N818 - it is only passed on
    pass


class Progress(tqdm):
    """The Hub's client takes it for a progress bar, which it never draws. It stops a body that is longer than it was said to be."""

    most = 0

    def __init__(self, *, initial: int = 0, **_):
        super().__init__(disable=True)
        self.done = initial

    def update(self, n: float | None = 1) -> None:
        self.done += int(n or 0)
        if self.done > self.most:
            raise WrongSize(f"more than {self.most:,} bytes")
        print_json(done=self.done)


def print_json(**words: object) -> None:
    print(json.dumps(words), flush=True)  # noqa: T201


def fetch(repo: str, file: str, revision: str, cache: str, size: int | None, most: int) -> str:
    """The path of the file in the cache. `size` is what it must have, None for any up to `most` bytes."""
    found = get_hf_file_metadata(hf_hub_url(repo, file, revision=revision), timeout=ANSWER_SECONDS)
    if not re.fullmatch("[0-9a-f]{40}", found.commit_hash or "") or not re.fullmatch(r"[\w-][\w.+=-]{0,127}", found.etag or ""):
        raise errors.FileMetadataError("no commit, or no hash of the file, in its answer")  # both become names in the cache
    if found.size is not None and (found.size > most if size is None else found.size != size):
        raise WrongSize(f"{found.size:,} bytes")
    Progress.most = size or found.size or most
    print_json(size=size or found.size)
    return hf_hub_download(repo, file, revision=revision, cache_dir=cache, etag_timeout=ANSWER_SECONDS, tqdm_class=Progress)  # pyright: ignore


def classify_failure(error: BaseException) -> tuple[str, str]:
    """(kind, reason) of what the client raised; the kinds are the keys of hub.SENTENCES. The reason names no path of this machine."""
    if isinstance(error, errors.LocalEntryNotFoundError) and error.__cause__:  # so the client calls everything that kept it from asking
        error = error.__cause__
    if isinstance(error, errors.HfHubHTTPError):
        return classify_answer(error)
    if isinstance(error, httpx2.TimeoutException):
        return "silent", "no answer"
    if isinstance(error, httpx2.ConnectError):
        return "unreachable", str(error) or "no connection"
    if isinstance(error, httpx2.TransportError) and not isinstance(error, httpx2.UnsupportedProtocol):
        return "cut", str(error) or type(error).__name__
    if isinstance(error, WrongSize):
        return "size", str(error)
    if isinstance(error, errors.FileMetadataError):
        return "odd", "no commit, or no hash of the file, in its answer"
    if isinstance(error, OSError) and error.errno:
        return "full" if error.errno in FULL else "cache", error.strerror or ""
    if isinstance(error, OSError) and "Consistency check failed" in str(error):
        return "cut", "it ended too early"
    return "odd", type(error).__name__


def classify_answer(error: errors.HfHubHTTPError) -> tuple[str, str]:
    status = error.response.status_code
    if isinstance(error, errors.RevisionNotFoundError):
        return "missing", "no such revision"
    if isinstance(error, errors.EntryNotFoundError):
        return "missing", "no such file"
    if status in (401, 403) or isinstance(error, errors.RepositoryNotFoundError):
        return "refused", str(status)
    if status == 404:
        return "missing", "404"
    return "busy" if status == 429 else "broken", str(status)


def end_with_parent() -> None:
    """Waits until the standard input closes, then interrupts the download so that it cleans up."""
    while os.read(0, 1):  # not sys.stdin, whose lock a thread must not hold when the interpreter ends
        pass
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)


def main() -> None:
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    threading.Thread(target=end_with_parent, daemon=True).start()
    try:
        print_json(path=fetch(**json.loads(sys.argv[1])))
    except Exception as error:  # whatever it is, download.py has a sentence for it
        kind, reason = classify_failure(error)
        print_json(failure=kind, reason=reason)


if __name__ == "__main__":
    main()
