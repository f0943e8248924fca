"""The real client of the Hub against a Hub on loopback that misbehaves: a sentence each time, no waiting, no damaged file."""

import hashlib
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import PATIENCE, ROOT
from fake_hub import endless, first, nonsense, part, reset, serve_hub, silence, status

from sr_models.catalog import Hub
from sr_models.errors import WeightsError
from sr_models.hub import download as hub

DATA = hashlib.shake_256(b"weights").digest(200_000)
SHA256 = hashlib.sha256(DATA).hexdigest()
SOURCE = Hub("owner/name", "net/model.safetensors", "main", SHA256, len(DATA))
UNKNOWN = replace(SOURCE, sha256=None, size=None)


@pytest.fixture
def server(tmp_path, monkeypatch):
    with serve_hub(tmp_path / "home", monkeypatch) as server:
        server.repo(SOURCE.repo, **{SOURCE.file: DATA})
        yield server


@pytest.fixture
def cache(server, tmp_path):
    return tmp_path / "home" / "hub"


def contents(cache: Path) -> list[bytes]:
    """Everything that lies in the cache as a file of the Hub's."""
    return [path.read_bytes() for path in cache.glob("models--*/blobs/*")]


def test_a_file_is_downloaded_once_and_then_used_without_a_request(server, cache):
    assert hub.find_cached(SOURCE) is None
    seen = []
    assert hub.fetch_alone(SOURCE, hub.Watch(lambda done, total: seen.append((done, total))), anew=False) == DATA
    assert seen[-1] == (len(DATA), len(DATA))
    before = len(server.requests)
    assert hub.fetch_verified(SOURCE) == DATA
    assert hub.find_cached(SOURCE).read_bytes() == DATA
    assert len(server.requests) == before


@pytest.mark.parametrize("source", [SOURCE, UNKNOWN, replace(UNKNOWN, sha256=SHA256)], ids=["pinned", "nothing known", "hash known"])
def test_whatever_is_known_of_a_file_it_arrives(server, cache, source):
    assert hub.fetch_verified(source) == DATA


def test_a_commit_is_a_revision_too(server, cache):
    source = replace(SOURCE, revision=server.repos["model", SOURCE.repo].sha)
    assert hub.fetch_verified(source) == DATA
    assert hub.find_cached(SOURCE) is None  # nobody has asked what main is
    assert hub.find_cached(source) is not None


def test_a_small_file_that_the_hub_serves_itself_arrives(server, cache):
    server.repo(SOURCE.repo, **{"notes.txt": b"small"})
    assert hub.fetch_verified(Hub(SOURCE.repo, "notes.txt")) == b"small"


def test_offline_it_is_said_at_once_and_nobody_is_asked(server, cache, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(WeightsError, match=r"owner/name/net/model.safetensors is not on this machine, and HF_HUB_OFFLINE"):
        hub.fetch_verified(SOURCE)
    assert server.requests == []


def test_offline_a_file_of_the_cache_is_used(server, cache, monkeypatch):
    hub.fetch_verified(SOURCE)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert hub.fetch_verified(SOURCE) == DATA


HEAD = [
    (status(401), "does not let this program read"),
    (status(403), "does not let this program read"),
    (status(401, X_Error_Code="RepoNotFound"), "does not exist, is private"),
    (status(403, X_Error_Code="GatedRepo"), "needs a licence to be accepted"),
    (status(404), "Look at the name"),
    (status(404, X_Error_Code="EntryNotFound"), "no such file"),
    (status(404, X_Error_Code="RevisionNotFound"), "no such revision"),
    (status(429, Retry_After="3600"), "is busy"),
    (status(500), r"failed when it was asked for .* \(500\)"),
    (status(503), r"\(503\)"),
    (status(418), r"\(418\)"),
    (status(204), "makes no sense"),
    (status(301, Location="/"), "makes no sense|does not|no such|has no"),
    (status(302), "makes no sense"),
    (reset, "The connection broke off"),
    (nonsense, "The connection broke off"),
]


@pytest.mark.parametrize(("trouble", "words"), HEAD, ids=range(len(HEAD)))
def test_a_hub_that_fails_when_it_is_asked_is_said_in_a_sentence(server, cache, trouble, words):
    server.trouble["HEAD"] = trouble
    with pytest.raises(WeightsError, match=words) as failure:
        hub.fetch_verified(SOURCE)
    assert "owner/name/net/model.safetensors" in str(failure.value)
    assert contents(cache) == []


BODY = [
    (status(500), r"\(500\)"),
    (status(403), "does not let this program read"),
    (status(404), "has no owner/name"),
    (status(204), "The connection broke off|ended too early"),
    (endless, "is not the file that was expected"),
]


@pytest.mark.parametrize(("trouble", "words"), BODY, ids=range(len(BODY)))
def test_a_hub_that_fails_while_it_sends_is_said_in_a_sentence_and_leaves_nothing(server, cache, trouble, words):
    server.trouble["BLOB"] = trouble
    with pytest.raises(WeightsError, match=words):
        hub.fetch_verified(SOURCE)
    assert contents(cache) == []


@pytest.mark.parametrize("cut", [reset, part(0.5)], ids=["before the body", "in the middle"])
def test_a_connection_that_breaks_once_is_taken_up_again(server, cache, cut):
    server.trouble["BLOB"] = first(1, cut)
    assert hub.fetch_verified(SOURCE) == DATA


def test_a_connection_that_always_breaks_leaves_nothing(server, cache):
    server.trouble["BLOB"] = reset
    with pytest.raises(WeightsError, match="The connection broke off"):
        hub.fetch_verified(SOURCE)
    assert contents(cache) == []


GARBLED = {
    "a flipped bit": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "zeros": lambda data: bytes(len(data)),
}


@pytest.mark.parametrize("how", GARBLED.values(), ids=GARBLED)
@pytest.mark.parametrize("source", [SOURCE, UNKNOWN], ids=["pinned", "nothing known"])
def test_a_file_that_arrives_damaged_is_refused_and_removed_and_the_next_one_is_taken(server, cache, source, how):
    server.garble = how
    with pytest.raises(WeightsError, match="is damaged or not the file that was expected"):
        hub.fetch_verified(source)
    assert contents(cache) == []
    assert hub.find_cached(source) is None
    server.garble = lambda data: data
    assert hub.fetch_verified(source) == DATA


@pytest.mark.parametrize("how", [lambda data: data[:-1], lambda data: data + b"x", lambda data: b""], ids=["short", "long", "empty"])
def test_a_file_of_another_length_than_promised_is_refused_and_removed(server, cache, how):
    server.garble = how
    with pytest.raises(WeightsError, match=r"ended too early|not the file that was expected"):
        hub.fetch_verified(UNKNOWN)
    assert contents(cache) == []


def test_another_file_under_the_same_name_is_refused_before_its_bytes_come(server, cache):
    with pytest.raises(WeightsError, match=r"is not the file that was expected: .* has 200,000 bytes"):
        hub.fetch_verified(replace(SOURCE, size=100))
    assert server.asked("GET") == []


def test_a_file_that_is_too_large_for_any_network_is_refused_before_its_bytes_come(server, cache):
    server.head["X-Linked-Size"] = "900000000000"
    with pytest.raises(WeightsError, match="has 900,000,000,000 bytes"):
        hub.fetch_verified(UNKNOWN)
    assert server.asked("GET") == []


@pytest.mark.parametrize(
    "headers",
    [{"X-Repo-Commit": None}, {"X-Repo-Commit": "../../.."}, {"X-Linked-Etag": None, "ETag": None}, {"X-Linked-Etag": '"../../../here"'}],
    ids=str,
)
def test_an_answer_that_would_put_the_file_elsewhere_or_nowhere_is_refused(server, cache, headers):
    server.head |= headers
    with pytest.raises(WeightsError, match="makes no sense"):
        hub.fetch_verified(SOURCE)
    assert contents(cache) == []


@pytest.mark.parametrize("where", ["HEAD", "BLOB"])
def test_a_hub_that_never_answers_is_left_after_the_deadline_and_not_asked_again_soon(server, cache, where, monkeypatch):
    """Without a deadline this test would take 396 seconds; see also the next one."""
    monkeypatch.setattr(hub, "ANSWER_SECONDS", 4)
    monkeypatch.setattr(hub, "AGAIN_SECONDS", PATIENCE)
    server.trouble[where] = silence
    with pytest.raises(WeightsError, match=r"did not answer within 4 seconds|not complete after 4 seconds"):
        hub.fetch_verified(SOURCE, seconds=4)
    asked = len(server.requests)
    with pytest.raises(WeightsError, match=r"did not answer|not complete"):
        hub.fetch_verified(replace(SOURCE, file="other.safetensors"))
    assert len(server.requests) == asked
    assert contents(cache) == []


def test_when_it_serves_again_and_the_pause_is_over_it_is_asked_again(server, cache, monkeypatch):
    monkeypatch.setattr(hub, "AGAIN_SECONDS", 0)
    server.trouble["HEAD"] = first(1, status(500))
    with pytest.raises(WeightsError, match="500"):
        hub.fetch_verified(SOURCE)
    assert hub.fetch_verified(SOURCE) == DATA


def test_a_missing_file_is_no_outage(server, cache):
    with pytest.raises(WeightsError, match="no such file"):
        hub.fetch_verified(replace(SOURCE, file="gone.safetensors"))
    assert hub.fetch_verified(SOURCE) == DATA


@pytest.mark.parametrize("kind", hub.SENTENCES)
def test_every_failure_has_a_sentence_that_names_the_file_and_says_what_to_do(kind):
    sentence = str(hub.download_error(SOURCE, kind, 3.2, "the reason"))
    assert "owner/name/net/model.safetensors" in sentence
    assert re.search("[Tt]ry again|[Cc]hoose another|Look at|Let HF_HOME|let HF_HOME", sentence)
    assert "{" not in sentence


def test_a_body_that_stops_coming_is_asked_for_again(server, cache, monkeypatch):
    monkeypatch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", "1")
    server.trouble["BLOB"] = first(1, silence)
    assert hub.fetch_verified(SOURCE) == DATA
    assert len(server.asked("GET /blob/")) >= 2


ENDPOINTS = {
    "http://127.0.0.1:9": "could not be reached .*refused",
    "http://no-such-host.invalid": "could not be reached",
    "not an address": "makes no sense",
    "ftp://127.0.0.1": "makes no sense",
}


@pytest.mark.parametrize(("endpoint", "words"), ENDPOINTS.items(), ids=ENDPOINTS)
def test_an_endpoint_that_is_none_is_said_by_name(cache, monkeypatch, endpoint, words):
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    with pytest.raises(WeightsError, match=words) as failure:
        hub.fetch_verified(SOURCE)
    assert endpoint in str(failure.value) or "HF_ENDPOINT" in str(failure.value)


def test_a_port_that_accepts_nobody_is_left_after_the_deadline(cache, monkeypatch):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(WeightsError, match="did not answer within 3 seconds"):
            hub.fetch_verified(SOURCE, seconds=3)


DAMAGES = {
    "a flipped bit": DATA[:-1] + bytes([DATA[-1] ^ 1]),
    "cut short": DATA[:1000],
    "emptied": b"",
}


@pytest.mark.parametrize("damaged", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("source", [SOURCE, UNKNOWN], ids=["pinned", "nothing known"])
def test_a_file_that_was_damaged_in_the_cache_is_fetched_again(server, cache, source, damaged):
    hub.fetch_verified(source)
    path = hub.find_cached(source)
    path.resolve().write_bytes(damaged)
    assert hub.fetch_verified(source) == DATA
    assert contents(cache) == [DATA]


def test_a_damaged_file_of_the_cache_is_not_used_where_the_hub_is_away(server, cache, monkeypatch):
    hub.fetch_verified(SOURCE)
    hub.find_cached(SOURCE).resolve().write_bytes(DAMAGES["a flipped bit"])
    server.trouble["HEAD"] = status(500)
    with pytest.raises(WeightsError, match="500"):
        hub.fetch_verified(SOURCE)


def test_a_full_disk_is_said_and_leaves_nothing(server, cache):
    """A limit on the size of files: for the client it is the same as a disk that is full after so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(WeightsError, match="There is no room for"):
            hub.fetch_verified(SOURCE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert contents(cache) == []


def test_a_cache_that_cannot_be_written_is_said_without_its_path(server, cache, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", "/proc/nowhere")  # not even for root
    with pytest.raises(WeightsError, match="could not be stored in the cache") as failure:
        hub.fetch_verified(SOURCE)
    assert "/proc" not in str(failure.value)


def test_a_good_file_of_a_cache_that_cannot_be_written_is_used(server, cache):
    hub.fetch_verified(SOURCE)
    folders = [path for path in (cache, *cache.rglob("*")) if path.is_dir()]
    for folder in folders:
        folder.chmod(0o500)
    try:
        server.trouble["HEAD"] = status(500)
        assert hub.fetch_verified(SOURCE) == DATA
    finally:
        for folder in folders:
            folder.chmod(0o700)


def another_program() -> subprocess.Popen:
    """It fetches the file and says its hash."""
    code = "import hashlib; from sr_models.catalog import Hub; from sr_models.hub.download import fetch_verified; "
    code += f"print(hashlib.sha256(fetch_verified({SOURCE!r})).hexdigest())"
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_two_programs_at_once_both_get_the_file(server, cache):
    programs = [another_program() for _ in range(2)]
    assert [program.communicate(timeout=PATIENCE)[0] for program in programs] == [f"{SHA256}\n"] * 2
    assert contents(cache) == [DATA]


def test_ten_visitors_at_once_cost_one_download(server, cache):
    results = []
    visitors = [threading.Thread(target=lambda: results.append(hub.fetch_verified(SOURCE))) for _ in range(10)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert results == [DATA] * 10
    assert len(server.asked("GET /blob/")) == 1


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGKILL])
def test_a_program_that_is_killed_in_the_middle_leaves_no_half_file(server, cache, stop):
    arrived = threading.Event()

    def stay(handler):
        arrived.set()
        return silence(handler)

    server.trouble["BLOB"] = part(0.5, stay)
    program = another_program()
    assert arrived.wait(PATIENCE)
    assert list(cache.glob("models--*/blobs/*.incomplete"))
    program.send_signal(stop)
    program.communicate(timeout=PATIENCE)
    deadline = time.monotonic() + PATIENCE
    while (left := list(cache.glob("models--*/blobs/*"))) and time.monotonic() < deadline:  # its child clears up by itself
        time.sleep(0.1)
    assert left == []
    server.trouble.clear()
    assert hub.fetch_verified(SOURCE) == DATA


def test_a_person_who_stops_the_progress_stops_the_download(server, cache):
    class StoppedError(Exception):
        pass

    def stop(done, total):
        raise StoppedError

    with pytest.raises(StoppedError):
        hub.fetch_alone(SOURCE, hub.Watch(stop), anew=False)


@pytest.mark.parametrize(
    "text", ["owner/name", "owner/name/net.pth", "owner/../net.safetensors", "https://x/net.safetensors", "a//b.safetensors"]
)
def test_what_a_person_types_is_a_safetensors_file_in_a_repository(text):
    assert hub.parse_file(" owner/name/sub/net-x4.safetensors ") == Hub("owner/name", "sub/net-x4.safetensors")
    with pytest.raises(WeightsError, match="names no weights on the Hub"):
        hub.parse_file(text)


@pytest.mark.parametrize("text", ["name", "a/b/c", "a--b/c", "../b", "a/b@../x", "a b/c", ""])
def test_a_repository_is_owner_and_name(text):
    assert hub.parse_repository("owner/name@v1.0", "f").revision == "v1.0"
    with pytest.raises(WeightsError, match="names no repository on the Hub"):
        hub.parse_repository(text, "f")


def test_without_a_home_of_its_own_the_cache_is_where_the_client_has_it(monkeypatch):
    for name in ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    code = "from huggingface_hub.constants import HF_HUB_CACHE; print(HF_HUB_CACHE)"
    theirs = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ).stdout.strip()
    assert str(hub.cache_folder()) == theirs
