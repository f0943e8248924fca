"""Publishes the weights or the page on the Hugging Face Hub. What is to be uploaded is a `Plan`, which can be printed instead.

A second run uploads nothing: the Hub's client leaves out files that the Hub has already.
"""

import argparse
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import safetensors.torch

from sr_models import weights
from sr_models.catalog import CATALOG, FUSIONS, RECURRENT, Embedded, Entry, find
from sr_models.errors import UpscaleError
from sr_models.hub import download
from sr_models.hub.model_card import class_of, hash_as_published, write_card
from sr_models.packing import pack

ROOT = Path(__file__).parents[2]
"""The project's folder: what is published is what lies there."""
SPACE = (
    "README.md",
    "README.zh.md",
    "docs/*",
    "LICENSE",
    "app.py",
    "requirements.txt",
    "ui/**/*",
    "sr_models/**/*",
    "weights/*.safetensors",
    "weights/README.md",
    "examples/*",
)
NOT_IN_SPACE = (
    "sr_models/training/**/*",
    "sr_models/hub/publish.py",
    "sr_models/hub/model_card.py",
    "sr_models/hub/pretrained.py",
    "sr_models/__main__.py",
    "sr_models/command.py",
    "**/__pycache__/*",
    "**/.*",
)
"""Exceptions from SPACE: the page needs no training and no tools."""
VARIABLES = {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_SSR_MODE": "False", "HF_HUB_DISABLE_TELEMETRY": "1"}
"""Environment variables of every Space, so that nothing about its visitors is sent anywhere."""
SECONDS = 60
"""How long the Hub may be silent."""
SENTENCES = {
    400: "{endpoint} refused what was to be uploaded to “{repo}” ({reason}).",
    401: "{endpoint} does not know you: nothing was uploaded to “{repo}”. Run “hf auth login”, or set HF_TOKEN to a token that may write.",
    402: "{endpoint} asks for a paid account for “{repo}” ({reason}). Give --hardware zero-a10g, which free accounts have, or upgrade.",
    403: "{endpoint} does not let you write to “{repo}”. Look at the owner's name, and that the token in HF_TOKEN may write.",
    404: "{endpoint} has no “{repo}” to upload to, or does not show it to you. Look at the owner's name and at HF_TOKEN.",
    429: "{endpoint} is busy and stopped the upload to “{repo}”. Run the same again in a few minutes: what arrived is not sent twice.",
}
NOT_THE_PROJECT = (
    "Publishing needs the project's own folder, with its README, examples and scores, and this is an installed copy. Run it there."
)
NOT_THE_SAME = (
    "Stored as int8, {id} has the SHA-256 {found}… here, where the catalogue has {expected}…: programs would refuse it. "
    "Publish it without --int8."
)
FAILED = "The upload to “{repo}” at {endpoint} failed ({reason}). Run the same again: what arrived is not sent twice."


class PublishError(UpscaleError):
    """The Hub could not be reached, or refused; or what is to be published is not here."""


@dataclass(frozen=True)
class Plan:
    """Everything that a repository is to hold."""

    repo: str
    type: Literal["model", "space"]
    files: dict[str, bytes]
    """Path in the repository → content."""
    only: bool = False
    """Whether other files are removed from it."""
    private: bool = False
    hardware: str | None = None
    """Of a Space; None: whatever it has."""
    variables: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        size = sum(map(len, self.files.values()))
        lines = [f"{self.type} {self.repo}: {len(self.files)} files, {size / 1e6:.1f} MB"]
        lines += [f"  {len(data):>10,}  {name}" for name, data in sorted(self.files.items())]
        lines += [f"  variable {name}={value}" for name, value in self.variables.items()]
        lines += [f"  hardware {self.hardware}"] if self.hardware else []
        return "\n".join(lines)


def weights_plan(repo: str, private: bool = False, int8: bool = False) -> Plan:
    """The embedded weights as a model repository, readable by PyTorchModelHubMixin and by SR_WEIGHTS_REPO.

    With `int8`, files whose hash in that form the catalogue knows are stored so, in half the bytes. Raises WeightsError where a file is not
    the one that the catalogue names, PublishError outside of the project's folder.
    """
    check_folder()
    entries = [entry for entry in CATALOG if isinstance(entry.source, Embedded)]
    default = find("cnn", 4)
    files = {"README.md": write_card(repo, entries, default, int8).encode(), "LICENSE": (ROOT / "LICENSE").read_bytes()}
    files["before-after.png"] = (ROOT / "examples" / "before-after.png").read_bytes()
    every = (*entries, *FUSIONS, *RECURRENT)
    for entry in every:
        same = [other for other in every if other.source == entry.source]  # all scales of one file; its config says the last one
        config = asdict(same[-1].net) | {"ids": [other.id for other in same], "network": class_of(entry)}  # pyright: ignore[reportArgumentType]
        files[weights.path_in_repository(entry)] = read_as_published(entry, int8)
        files[f"{weights.file_of(entry)}/config.json"] = json.dumps(config, indent=2, sort_keys=True).encode() + b"\n"
    for name in ("model.safetensors", "config.json"):
        files[name] = files[f"{weights.file_of(default)}/{name}"]
    files |= read_files(["sr_models/packing.py", "sr_models/nets/*.py", "sr_models/hub/__init__.py", "sr_models/hub/pretrained.py"])
    return Plan(repo, "model", files, private=private)


def read_as_published(entry: Entry, int8: bool) -> bytes:
    """The content of an embedded entry's file in the repository. Raises PublishError where it is not what the catalogue says."""
    data, expected = weights.read_embedded(entry)[0], hash_as_published(entry, int8)
    if expected == entry.sha256:
        return data
    data = safetensors.torch.save(pack(safetensors.torch.load(data)))
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise PublishError(NOT_THE_SAME, id=weights.file_of(entry), found=found[:12], expected=expected[:12])
    return data


def space_plan(repo: str, hardware: str | None = None, variables: Mapping[str, str] | None = None, private: bool = False) -> Plan:
    """The page as a Space. Raises PublishError outside of the project's folder."""
    check_folder()
    return Plan(repo, "space", read_files(SPACE, NOT_IN_SPACE), True, private, hardware, VARIABLES | dict(variables or {}))


def check_folder() -> None:
    """Raises PublishError in an installed copy, which has no setup.py beside it."""
    if not (ROOT / "setup.py").is_file():
        raise PublishError(NOT_THE_PROJECT)


def read_files(patterns, without=()) -> dict[str, bytes]:
    """Path from the project's folder → content, of the files that any pattern fits and none of `without`."""
    left_out = {path for pattern in without for path in ROOT.glob(pattern)}
    found = sorted({path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()} - left_out)
    return {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in found}


def upload(plan: Plan) -> Iterator[str]:
    """Bring a repository to what the plan says; yields what was done, in words. Raises PublishError."""
    if download.is_offline():
        raise PublishError("HF_HUB_OFFLINE forbids to ask the Hub. Start again with HF_HUB_OFFLINE=0.")
    import httpx2
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, set_client_factory

    set_client_factory(lambda: httpx2.Client(follow_redirects=True, timeout=SECONDS))  # its own would wait forever
    api = HfApi(endpoint=download.endpoint())
    try:
        variables = [{"key": name, "value": value} for name, value in plan.variables.items()]
        new = {"space_sdk": "gradio", "space_hardware": plan.hardware, "space_variables": variables}
        url = api.create_repo(
            plan.repo, repo_type=plan.type, private=plan.private or None, exist_ok=True, **(new if plan.type == "space" else {})
        )
        before = api.repo_info(plan.repo, repo_type=plan.type, revision="main", timeout=SECONDS).sha
        operations = [CommitOperationAdd(name, data) for name, data in plan.files.items()]
        if plan.only:
            there = api.list_repo_files(plan.repo, repo_type=plan.type)
            operations += [CommitOperationDelete(name) for name in there if name not in plan.files and name != ".gitattributes"]
        after = api.create_commit(plan.repo, operations, commit_message="Published by python -m sr_models publish", repo_type=plan.type).oid
        yield f"{url}: {'nothing had changed' if after == before else 'uploaded'}"
        if plan.type == "space":
            yield from configure_space(api, plan)
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError, RuntimeError) as failure:
        raise publish_error(plan.repo, failure) from failure


def publish_error(repo: str, failure: BaseException) -> PublishError:
    """The error for a person, from what the Hub's client raised; a RuntimeError of it wraps another error."""
    from huggingface_hub.errors import HfHubHTTPError

    if isinstance(failure, RuntimeError) and failure.__cause__:
        failure = failure.__cause__
    sentence, reason = FAILED, " ".join(str(failure).split())[:300] or type(failure).__name__
    if isinstance(failure, HfHubHTTPError):
        status = failure.response.status_code
        sentence, reason = SENTENCES.get(status, FAILED), f"{status}: {failure.server_message}" if failure.server_message else str(status)
    return PublishError(sentence, repo=repo, endpoint=download.endpoint(), reason=reason)


def configure_space(api, plan: Plan) -> Iterator[str]:
    """Set the variables and hardware of a Space, only where they differ, since each change restarts it; yields what was set."""
    has = {name: variable.value for name, variable in api.get_space_variables(plan.repo).items()}
    for name, value in plan.variables.items():
        if has.get(name) != value:
            api.add_space_variable(plan.repo, name, value)
            yield f"variable {name}={value}"
    if plan.hardware:
        runtime = api.get_space_runtime(plan.repo)
        if plan.hardware not in (runtime.requested_hardware, runtime.hardware):
            api.request_space_hardware(plan.repo, plan.hardware)
            yield f"hardware {plan.hardware}"


def add_to(commands: argparse._SubParsersAction) -> None:
    """The command `publish` on the command line of the program."""
    kinds = commands.add_parser("publish", help="upload to the Hugging Face Hub").add_subparsers(required=True, metavar="WHAT")
    model = kinds.add_parser("weights", help="the weights, as a model repository")
    space = kinds.add_parser("space", help="the page, as a Space")
    for kind in (model, space):
        kind.add_argument("--repo", type=repository, required=True, metavar="OWNER/NAME", help="made where it is not there yet")
        kind.add_argument("--private", action="store_true", help="where it is made: visible to its owner only")
        kind.add_argument("--dry-run", action="store_true", help="only list what would be uploaded, without asking the Hub")
    model.add_argument(
        "--int8", action="store_true", help="store convolutions as int8: half the bytes, read back into floating point, 0.02 dB at most"
    )
    space.add_argument("--hardware", metavar="NAME", help="such as zero-a10g, cpu-basic or t4-small (default: whatever the Space has)")
    space.add_argument(
        "--variable", type=variable, action="append", default=[], metavar="NAME=VALUE", help="of its environment, such as SR_WEIGHTS_REPO=…"
    )
    model.set_defaults(run=lambda options: publish_plan(options, weights_plan(options.repo, options.private, options.int8)))
    space.set_defaults(
        run=lambda options: publish_plan(options, space_plan(options.repo, options.hardware, dict(options.variable), options.private))
    )


def repository(text: str) -> str:
    try:
        source = download.parse_repository(text, "")
    except UpscaleError as failure:
        raise argparse.ArgumentTypeError(str(failure)) from failure
    if "@" in text:
        raise argparse.ArgumentTypeError(f"“{text}” names a revision; uploads go to main. Give owner/name.")
    return source.repo


def variable(text: str) -> tuple[str, str]:
    if not re.fullmatch(r"[A-Za-z_]\w*=.*", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"“{text}” is no variable. Give NAME=VALUE.")
    name, _, value = text.partition("=")
    return name, value


def publish_plan(options: argparse.Namespace, plan: Plan) -> int:
    for line in [f"Would be uploaded, to {download.endpoint()}:\n{plan}"] if options.dry_run else upload(plan):
        print(line, flush=True)  # noqa: T201
    return 0
