"""A Hugging Face Hub on loopback, as far as its client knows it: files, commits and Spaces in memory, and misbehaviour at will.

Read in the client (huggingface_hub 2.4) and in hub-docs. Large files are on a second host, as on the real Hub: `localhost`, which the
client does not take for the Hub's own 127.0.0.1.
"""

import base64
import hashlib
import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from conftest import PATIENCE

from sr_models import weights
from sr_models.hub import download

LARGE = (".safetensors", ".png", ".icc")


@dataclass
class Repo:
    type: str
    id: str
    files: dict[str, bytes] = field(default_factory=dict)
    commits: list[str] = field(default_factory=list)
    """The summary of each commit."""
    asked: dict = field(default_factory=dict)
    """What the client wished when it made the repository."""
    variables: dict[str, str] = field(default_factory=dict)
    hardware: str | None = None

    @property
    def sha(self) -> str:
        files = {name: git_hash(data) for name, data in self.files.items()}
        return hashlib.sha1(json.dumps([self.id, files, len(self.commits)]).encode()).hexdigest()

    def commit(self, summary: str, **files: bytes) -> None:
        self.files |= files
        self.commits.append(summary)


class Rude(Exception):  # noqa: N818 - a way to leave a handler
    """The connection is to be cut."""


Trouble = Callable[["Handler"], bool | None]
"""What happens instead of the answer: true where it was one. It may send something, wait, or raise Rude."""


@contextmanager
def serve_hub(home: Path, patch: pytest.MonkeyPatch) -> Iterator["FakeHub"]:
    """A Hub, a fresh `home` for its client, and a program that remembers nothing of either."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_CACHE", "HF_TOKEN", weights.REPO):
        patch.delenv(name, raising=False)
    patch.setenv("HF_HOME", str(home))
    patch.setenv("HF_HUB_DISABLE_XET", "1")
    for module, name, value in (
        (download, "outages", {}),
        (download, "ANSWER_SECONDS", PATIENCE),
        (weights, "origins", {}),
        (weights, "PATIENCE_SECONDS", PATIENCE),
    ):
        patch.setattr(module, name, value)
    with FakeHub() as server:
        patch.setenv("HF_ENDPOINT", server.url)
        yield server


class FakeHub:
    """`with FakeHub() as hub:` serves; `hub.url` is for HF_ENDPOINT. `hub.trouble["HEAD" or "GET" or "BLOB" or "POST"]` misbehaves."""

    def __init__(self):
        self.repos: dict[tuple[str, str], Repo] = {}
        self.blobs: dict[str, bytes] = {}
        """What was uploaded before a commit named it, by SHA-256."""
        self.requests: list[str] = []
        """“METHOD path” of everything that was asked."""
        self.trouble: dict[str, Trouble] = {}
        self.garble: Callable[[bytes], bytes] = lambda data: data
        """What becomes of a file's bytes on their way."""
        self.head: dict[str, str | None] = {}
        """Headers of the answers about files that are other than they should be; None: left out."""
        self.closing = threading.Event()

    def __enter__(self) -> "FakeHub":
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.hub = self  # pyright: ignore[reportAttributeAccessIssue]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def port(self) -> int:
        return self.server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def repo(self, id: str, type: str = "model", /, **files: bytes) -> Repo:
        """A repository, made where it is not there yet."""
        repo = self.repos.setdefault((type, id), Repo(type, id, commits=["initial commit"]))
        repo.files |= files
        return repo

    def asked(self, pattern: str) -> list[str]:
        return [request for request in self.requests if re.search(pattern, request)]


def status(code: int, **headers: str) -> Trouble:
    """An answer with this status. `X_Error_Code` names the error as the Hub does."""

    def answer(handler: "Handler") -> bool:
        handler.send(code, b'{"error": "as the test wished"}', {name.replace("_", "-"): value for name, value in headers.items()})
        return True

    return answer


def silence(handler: "Handler") -> bool:
    """Accepts, and never answers."""
    handler.hub.closing.wait()
    raise Rude


def reset(handler: "Handler") -> bool:
    """Drops the connection without a word."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise Rude


def nonsense(handler: "Handler") -> bool:
    """Answers in no language that a browser knows."""
    handler.wfile.write(b"\x00\xff go away\r\n\r\n")
    raise Rude


def first(times: int, trouble: Trouble) -> Trouble:
    """Misbehaves only so often."""
    left = [times]

    def answer(handler: "Handler") -> bool | None:
        left[0] -= 1
        return trouble(handler) if left[0] >= 0 else False

    return answer


def part(share: float, then: Trouble = reset) -> Trouble:
    """Sends a share of the body, promising all of it, then misbehaves."""

    def answer(handler: "Handler") -> bool | None:
        data = handler.body_of_file()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data[: int(len(data) * share)])
        handler.wfile.flush()
        return then(handler)

    return answer


def endless(handler: "Handler") -> bool:
    """A body that does not stop."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    while not handler.hub.closing.is_set():
        handler.wfile.write(b"100000\r\n" + bytes(0x100000) + b"\r\n")
    raise Rude


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def hub(self) -> FakeHub:
        return self.server.hub  # pyright: ignore[reportAttributeAccessIssue]

    def log_message(self, format: str, *_) -> None:
        pass

    def do_HEAD(self) -> None:
        self.answer("HEAD")

    def do_GET(self) -> None:
        self.answer("GET")

    def do_POST(self) -> None:
        self.answer("POST")

    def do_PUT(self) -> None:
        self.answer("PUT")

    def answer(self, method: str) -> None:
        url = urlsplit(self.path)
        self.route, self.query = unquote(url.path), parse_qs(url.query)
        self.data = self.received()
        self.hub.requests.append(f"{method} {self.route}")
        trouble = self.hub.trouble.get("BLOB" if self.route.startswith("/blob/") else method)
        try:
            if trouble and trouble(self):
                return
            for pattern, handle in ROUTES:
                found = re.fullmatch(pattern, f"{method} {self.route}")
                if found:
                    handle(self, **found.groupdict())
                    return
            self.send(404, b'{"error": "the fake Hub knows no such address"}')
        except (Rude, ConnectionError):
            self.close_connection = True

    def received(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def send(self, code: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in ({"Content-Length": str(len(body)), "Content-Type": "application/json"} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def say(self, words: object) -> None:
        self.send(200, json.dumps(words).encode())

    def lacking(self, code: str, **headers: str) -> None:
        self.send(404, b"{}", {"X-Error-Code": code} | headers)

    def found(self, type: str, id: str) -> Repo | None:
        repo = self.hub.repos.get((type, id))
        if repo is None:
            self.send(401, b'{"error": "Invalid username or password."}', {"X-Error-Code": "RepoNotFound"})
        return repo

    def body_of_file(self) -> bytes:
        """The file that is asked for, by its name or by its hash."""
        if self.route.startswith("/blob/"):
            return self.hub.garble(self.hub.blobs[self.route.removeprefix("/blob/")])
        found = re.fullmatch(RESOLVE, f"{self.command} {self.route}")
        assert found is not None
        return self.hub.garble(self.hub.repos["model", found["id"]].files[found["file"]])

    def resolve(self, id: str, revision: str, file: str, type: str | None = None) -> None:
        repo = self.found((type or "models").removesuffix("s"), id)
        if repo is None:
            return
        if revision not in ("main", repo.sha):
            self.lacking("RevisionNotFound")
            return
        if file not in repo.files:
            self.lacking("EntryNotFound", **{"X-Repo-Commit": repo.sha})
            return
        data = repo.files[file]
        headers = {"X-Repo-Commit": repo.sha, "ETag": f'"{git_hash(data)}"'}
        if file.endswith(LARGE):
            sha256 = hashlib.sha256(data).hexdigest()
            self.hub.blobs[sha256] = data
            location = f"http://localhost:{self.hub.port}/blob/{sha256}"
            headers |= {"X-Linked-Etag": f'"{sha256}"', "X-Linked-Size": str(len(data)), "Location": location}
        kept = {name: value for name, value in (headers | self.hub.head).items() if value is not None}
        if "Location" in kept:
            self.send(302, b"", kept)
        else:
            self.send(200, self.hub.garble(data), kept | {"Content-Length": str(len(data))})

    def blob(self, sha256: str) -> None:
        """A large file, or the rest of one."""
        data = self.hub.garble(self.hub.blobs[sha256])
        begin = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        if begin:
            rest = data[int(begin[1]) :]
            self.send(206, rest, {"Content-Range": f"bytes {begin[1]}-{len(data) - 1}/{len(data)}"})
        else:
            self.send(200, data)

    def information(self, type: str, id: str, revision: str = "main") -> None:
        repo = self.found(type, id)
        if repo is not None:
            self.say({"id": id, "modelId": id, "sha": repo.sha, "siblings": [{"rfilename": name} for name in repo.files]})

    def tree(self, type: str, id: str, revision: str) -> None:
        repo = self.found(type, id)
        if repo is not None:
            self.say([listed(name, data) for name, data in repo.files.items()])

    def create(self) -> None:
        wish = json.loads(self.data)
        type, id = wish.get("type", "model"), f"{wish['organization']}/{wish['name']}"
        if (type, id) in self.hub.repos:
            self.send(409, json.dumps({"url": f"{self.hub.url}/{id}"}).encode())
            return
        repo = self.hub.repo(id, type, **{".gitattributes": b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n"})
        repo.asked, repo.hardware = wish, wish.get("hardware")
        repo.variables = {variable["key"]: variable["value"] for variable in wish.get("variables", ())}
        self.say({"url": f"{self.hub.url}/{'spaces/' if type == 'space' else ''}{id}", "id": id, "name": id})

    def validate(self) -> None:
        front_matter = re.match(r"---\n(.*?)\n---\n", json.loads(self.data)["content"], re.DOTALL)
        if front_matter:
            self.say({"errors": [], "warnings": []})
        else:
            self.send(400, b'{"errors": [{"message": "no front matter"}], "warnings": []}')

    def preupload(self, type: str, id: str, revision: str) -> None:
        repo = self.found(type, id)
        if repo is None:
            return
        answers = []
        for file in json.loads(self.data)["files"]:
            name, own = file["path"], repo.files.get(file["path"])
            large = name.endswith(LARGE)
            oid = None if own is None else hashlib.sha256(own).hexdigest() if large else git_hash(own)
            answers.append({"path": name, "uploadMode": "lfs" if large else "regular", "shouldIgnore": False, "oid": oid})
        self.say({"files": answers})

    def batch(self, id: str) -> None:
        answers = []
        for wanted in json.loads(self.data)["objects"]:
            upload = {"upload": {"href": f"http://localhost:{self.hub.port}/upload/{wanted['oid']}", "header": {}}}
            answers.append(wanted | ({} if wanted["oid"] in self.hub.blobs else {"actions": upload}))
        self.say({"transfer": "basic", "objects": answers})

    def upload(self, sha256: str) -> None:
        if hashlib.sha256(self.data).hexdigest() != sha256:
            self.send(400)
            return
        self.hub.blobs[sha256] = self.data
        self.send(200)

    def commit(self, type: str, id: str, revision: str) -> None:
        repo = self.found(type, id)
        if repo is None:
            return
        for line in self.data.splitlines():
            key, value = json.loads(line).values()
            if key == "header":
                repo.commits.append(value["summary"])
            elif key == "file":
                repo.files[value["path"]] = base64.b64decode(value["content"])
            elif key == "lfsFile":
                repo.files[value["path"]] = self.hub.blobs[value["oid"]]
            elif key == "deletedFile":
                del repo.files[value["path"]]
        self.say({"success": True, "commitOid": repo.sha, "commitUrl": f"{self.hub.url}/{id}/commit/{repo.sha}"})

    def variables(self, id: str) -> None:
        repo = self.found("space", id)
        if repo is None:
            return
        if self.data:
            wish = json.loads(self.data)
            repo.variables[wish["key"]] = wish["value"]
        self.say({key: {"key": key, "value": value} for key, value in repo.variables.items()})

    def runtime(self, id: str) -> None:
        repo = self.found("space", id)
        if repo is None:
            return
        if self.data:
            repo.hardware = json.loads(self.data)["flavor"]
        self.say({"stage": "BUILDING", "hardware": {"current": None, "requested": repo.hardware}})


def git_hash(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def listed(name: str, data: bytes) -> dict[str, object]:
    known: dict[str, object] = {"type": "file", "path": name, "oid": git_hash(data), "size": len(data)}
    large = {"lfs": {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}}
    return known | large if name.endswith(LARGE) else known


ID = r"(?P<id>[\w.-]+/[\w.-]+)"
REVISION = r"(?P<revision>[\w.-]+)"
TYPED = rf"/api/(?P<type>model|space)s/{ID}"
RESOLVE = rf"(?:HEAD|GET) /(?:(?P<type>spaces)/)?{ID}/resolve/{REVISION}/(?P<file>.+)"
ROUTES: list[tuple[str, Callable]] = [
    (RESOLVE, Handler.resolve),
    (r"(?:HEAD|GET) /blob/(?P<sha256>\w+)", Handler.blob),
    (rf"GET {TYPED}", Handler.information),
    (rf"GET {TYPED}/revision/{REVISION}", Handler.information),
    (rf"GET {TYPED}/tree/{REVISION}", Handler.tree),
    (r"POST /api/repos/create", Handler.create),
    (r"POST /api/validate-yaml", Handler.validate),
    (rf"POST {TYPED}/preupload/{REVISION}", Handler.preupload),
    (rf"POST /(?:spaces/)?{ID}\.git/info/lfs/objects/batch", Handler.batch),
    (r"PUT /upload/(?P<sha256>\w+)", Handler.upload),
    (rf"POST {TYPED}/commit/{REVISION}", Handler.commit),
    (rf"(?:GET|POST) /api/spaces/{ID}/variables", Handler.variables),
    (rf"(?:GET|POST) /api/spaces/{ID}/(?:runtime|hardware)", Handler.runtime),
]
