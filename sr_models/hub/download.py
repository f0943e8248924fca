"""Gets files from the Hugging Face Hub, from its client's cache or by download within a deadline, and verifies them.

The download runs in a process of its own (process.py): the client was measured to wait 396 s for a server that accepts and never
answers, and a process can be ended at any moment. The cache is the client's own, shared with every other program that uses it.
"""

import hashlib
import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from sr_models.catalog import Hub
from sr_models.errors import Cancelled, WeightsError

ANSWER_SECONDS = 15
"""How long the Hub may take to answer; the start of process.py takes about one second of it."""
BYTES_A_SECOND = 100_000
"""A connection that is slower than this on the whole is given up."""
UNKNOWN_SECONDS = 120
"""For a file whose size nobody tells."""
AGAIN_SECONDS = 30
"""How long a repository is not asked again after a failure that may pass."""
LOOK_SECONDS = 0.25
"""How often a person who stops is noticed."""
MOST_BYTES = 300_000_000
LATE, SLOW, ENDED = "silent", "slow", "ended"
AGAIN = ("silent", "slow", "unreachable", "cut", "busy", "broken", "ended")
"""Failures that may pass: until AGAIN_SECONDS are over, the repository is not asked again."""
OFFLINE = (
    "{place} is not on this machine, and HF_HUB_OFFLINE forbids to fetch it. Choose another model, or start again with HF_HUB_OFFLINE=0."
)
DAMAGED = (
    "{place} is damaged or not the file that was expected: SHA-256 {found}… instead of {expected}…. It is not used. "
    "Try again; if it stays so, choose another model."
)
LOST = "{place} could not be read from the cache ({reason}). Look at the folder that HF_HOME names, or choose another model."
SENTENCES = {
    "silent": "{endpoint} did not answer within {seconds} seconds when it was asked for {place}. Try again in half a minute, or choose "
    "another model.",
    "slow": "{place} was still not complete after {seconds} seconds. Try again later, or choose another model.",
    "unreachable": "{endpoint} could not be reached for {place} ({reason}). Look at the connection and at HF_ENDPOINT, then try again in "
    "half a minute.",
    "cut": "The connection broke off while {place} was fetched ({reason}). Try again in half a minute, or choose another model.",
    "busy": "{endpoint} is busy and did not serve {place} (429). Try again in a few minutes, or choose another model.",
    "broken": "{endpoint} failed when it was asked for {place} ({reason}). Try again in half a minute, or choose another model.",
    "refused": "{endpoint} does not let this program read {place} ({reason}): it does not exist, is private or needs a licence to be "
    "accepted. Look at the name, or set HF_TOKEN to the token of somebody who may read it.",
    "missing": "{endpoint} has no {place} ({reason}). Look at the name and the revision, or choose another model.",
    "size": "{place} is not the file that was expected: {endpoint} has {reason}. Choose another model.",
    "odd": "{endpoint} gave an answer about {place} that makes no sense ({reason}). Look at HF_ENDPOINT, or choose another model.",
    "full": "There is no room for {place} on this machine ({reason}). Free some space, or let HF_HOME name a folder on another disk.",
    "cache": "{place} could not be stored in the cache ({reason}). Let HF_HOME name a folder that can be written.",
    "ended": "The download of {place} ended without a word. Try again in half a minute, or choose another model.",
}
"""What each kind of failure of a download means for a person."""


@dataclass(frozen=True)
class Watch:
    """Who looks after a download, and how long it may take."""

    progress: Callable[[int, int], object] = lambda done, total: None
    """Told (done, total) in bytes; what it raises ends the download."""
    cancelled: Callable[[], bool] = lambda: False
    """Asked several times a second."""
    seconds: float | None = None
    """Of the download as a whole; None for as long as the size of the file needs."""


asides: list[Callable[[Hub], AbstractContextManager[Watch | None]]] = []
"""Context managers around a download, of which the last one is used. It gives the `Watch` to report to; None: that of whoever asked for
the file. The page adds one, so that no other run waits for a download."""

outages: dict[tuple[str, str], tuple[float, WeightsError]] = {}
"""(endpoint, repository) → (when it may be asked again, what it did last)."""


def parse_repository(text: str, file: str, sha256: str | None = None, size: int | None = None) -> Hub:
    """A file in the repository that a person calls `owner/name` or `owner/name@revision`. Raises WeightsError for any other text."""
    repo, _, revision = text.strip().partition("@")
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(repo)
        sound = repo.count("/") == 1 and re.fullmatch(r"[\w./-]*", revision) and ".." not in text
    except HFValidationError:
        sound = False
    if not sound:
        raise WeightsError("“{text}” names no repository on the Hub. Give owner/name, or owner/name@revision.", text=text)
    return Hub(repo, file, revision or "main", sha256, size)


def parse_file(text: str) -> Hub:
    """The file that a person calls `owner/name/file.safetensors`. Raises WeightsError for any other text."""
    owner, _, rest = text.strip().partition("/")
    name, _, file = rest.partition("/")
    if not re.fullmatch(r"[\w][\w./ +-]{0,200}\.safetensors", file) or "//" in text or ".." in text:
        raise WeightsError(
            "“{text}” names no weights on the Hub. Give owner/name/file.safetensors; other kinds of files can contain programs.", text=text
        )
    return parse_repository(f"{owner}/{name}", file)


def fetch_verified(source: Hub, seconds: float | None = None, anew: bool = False) -> bytes:
    """The verified content of a file: from the cache without any request, or downloaded into it. If `anew`, the Hub is asked in any case.

    `seconds` bounds the download; without it, the size does. A file with a wrong hash is removed from the cache. Raises WeightsError, and
    Cancelled where one of `asides` says so.
    """
    if not anew and (data := read_verified(source)) is not None:
        return data
    with asides[-1](source) if asides else nullcontext() as watch:
        watch = watch or Watch()
        bounds = [bound for bound in (seconds, watch.seconds) if bound]
        return fetch_alone(source, replace(watch, seconds=min(bounds) if bounds else None), anew)


def read_verified(source: Hub) -> bytes | None:
    """The content of a file that lies in the cache; one that is damaged is removed."""
    path = locate(source)
    data = None if path is None else read_cached(source, path)
    if path is not None and data is not None:
        if is_expected(source, path, data):
            return data
        remove(path)
    return None


def fetch_alone(source: Hub, watch: Watch, anew: bool) -> bytes:
    """The verified content of a file, downloaded into the cache, by the first of those who want something of its repository."""
    begun = time.monotonic()
    while not repository_lock(source.repo).acquire(timeout=LOOK_SECONDS):
        if watch.cancelled():
            raise Cancelled
        if watch.seconds and time.monotonic() - begun > watch.seconds:
            raise download_error(source, SLOW, watch.seconds)
    try:
        if not anew and (data := read_verified(source)) is not None:
            return data
        path = download(source, watch)
        data = read_cached(source, path) or b""
        if not is_expected(source, path, data):
            wanted = str(expected_hash(source, path))
            remove(path)
            raise WeightsError(DAMAGED, place=name_source(source), found=hashlib.sha256(data).hexdigest()[:12], expected=wanted[:12])
        return data
    finally:
        repository_lock(source.repo).release()


def find_cached(source: Hub) -> Path | None:
    """Where the file lies on this machine, if it does: its size is right, its hash is looked at when it is loaded. Asks nobody."""
    path = locate(source)
    with suppress(OSError):
        return path if path and source.size in (None, path.stat().st_size) else None
    return None


def locate(source: Hub) -> Path | None:
    """The path of the file in the cache, whatever its size; None where it is not there."""
    from huggingface_hub import try_to_load_from_cache

    with suppress(OSError):
        found = try_to_load_from_cache(source.repo, source.file, cache_dir=cache_folder(), revision=source.revision)
        return Path(found) if isinstance(found, str) else None
    return None


def name_source(source: Hub) -> str:
    """The name of a file for sentences: owner/name/file, with its revision unless that is main."""
    revision = "" if source.revision == "main" else f" ({source.revision[:12]})"
    return f"{source.repo}/{source.file}{revision}"


def cache_folder() -> Path:
    """The folder in which the Hub's client keeps files, from the environment variables that it reads too, as they are now."""
    home = os.environ.get("HF_HOME") or os.path.join(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "huggingface")
    folder = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE") or os.path.join(home, "hub")
    return Path(os.path.expandvars(os.path.expanduser(folder)))


def endpoint() -> str:
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def is_offline() -> bool:
    chosen = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE") or ""
    return chosen.upper() in {"1", "ON", "YES", "TRUE"}


@lru_cache(maxsize=1024)
def repository_lock(repo: str) -> threading.Lock:
    """The lock of a repository: one thread downloads at a time, and the next one finds the file, or the failure, that it left."""
    return threading.Lock()


def read_cached(source: Hub, path: Path) -> bytes | None:
    """The content of a file in the cache; None where it is gone. Raises WeightsError where it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as failure:
        raise WeightsError(LOST, place=name_source(source), reason=failure.strerror) from failure


def is_expected(source: Hub, path: Path, data: bytes) -> bool:
    found = hashlib.sha256(data).hexdigest()
    return source.size in (None, len(data)) and (found == source.int8 or expected_hash(source, path) in (None, found))


def expected_hash(source: Hub, path: Path) -> str | None:
    """The SHA-256 that the file must have: the catalogue's, else the name that the cache gave the file after the Hub's hash, else None."""
    named = path.resolve().name
    return source.sha256 or (named if re.fullmatch("[0-9a-f]{64}", named) else None)


def remove(path: Path) -> None:
    """Delete a file of the cache and the link to it. In a read-only cache both stay, and are refused at each load."""
    for file in (path.resolve(), path):
        with suppress(OSError):
            file.unlink()


def download(source: Hub, watch: Watch) -> Path:
    """The file in the cache, not verified. Raises WeightsError: within ANSWER_SECONDS where the Hub does not answer, and without asking
    it where that is forbidden or it failed just now."""
    if is_offline():
        raise WeightsError(OFFLINE, place=name_source(source))
    until, outage = outages.get((endpoint(), source.repo), (0.0, None))
    if outage is not None and time.monotonic() < until:
        raise WeightsError(outage.sentence, **outage.values | {"place": name_source(source)})
    wish = {name: getattr(source, name) for name in ("repo", "file", "revision", "size")}
    wish |= {"cache": str(cache_folder()), "most": MOST_BYTES}
    process = subprocess.Popen(
        [sys.executable, "-P", str(Path(__file__).with_name("process.py")), json.dumps(wish)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"HF_HUB_DOWNLOAD_TIMEOUT": "10"} | os.environ | {"HF_HUB_DISABLE_TELEMETRY": "1", "PYTHONIOENCODING": "utf-8"},
    )
    try:
        return follow_download(source, process, watch)
    except WeightsError as failure:
        if failure.sentence in [SENTENCES[kind] for kind in AGAIN]:
            outages[endpoint(), source.repo] = time.monotonic() + AGAIN_SECONDS, failure
        raise
    finally:
        end_process(process)


def follow_download(source: Hub, process: subprocess.Popen, watch: Watch) -> Path:
    """What the process says, until it has said its last word or takes too long."""
    lines = read_lines(process.stdout or ())
    begun, total, kind = time.monotonic(), 0, LATE
    allowed = min(ANSWER_SECONDS, watch.seconds or ANSWER_SECONDS)
    while True:
        if watch.cancelled():
            raise Cancelled
        left = begun + allowed - time.monotonic()
        try:
            words = lines.get(timeout=min(LOOK_SECONDS, max(0.0, left)))
        except queue.Empty:
            if left > 0:
                continue
            raise download_error(source, kind, allowed) from None
        if "size" in words:
            total, kind = words["size"] or 0, SLOW
            allowed = ANSWER_SECONDS + (total / BYTES_A_SECOND if total else UNKNOWN_SECONDS)
            allowed = min(allowed, watch.seconds or allowed)
        elif "done" in words:
            watch.progress(words["done"], total)
        elif "path" in words:
            return Path(words["path"])
        else:
            raise download_error(source, words.get("failure", ENDED), time.monotonic() - begun, words.get("reason", ""))


def download_error(source: Hub, kind: str, seconds: float, reason: str = "") -> WeightsError:
    return WeightsError(SENTENCES[kind], place=name_source(source), endpoint=endpoint(), seconds=round(seconds), reason=reason)


def read_lines(stream: Iterable[bytes]) -> queue.Queue[dict]:
    """A queue of the JSON lines that a process prints, filled as they come; {} follows the last one."""
    lines: queue.Queue[dict] = queue.Queue()

    def listen() -> None:
        for line in stream:
            lines.put(json.loads(line))
        lines.put({})

    threading.Thread(target=listen, daemon=True).start()
    return lines


def end_process(process: subprocess.Popen) -> None:
    """Terminate a process, which may clean up for three seconds, then kill it."""
    process.terminate()
    try:
        process.wait(3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            pipe.close()  # pyright: ignore[reportOptionalMemberAccess]
