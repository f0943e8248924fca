"""What is published to a Hub on loopback, by the real client, and what comes back from it."""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import asdict, replace

import huggingface_hub.constants
import pytest
import torch
import yaml
from conftest import PATIENCE, ROOT
from fake_hub import reset, serve_hub, silence, status
from huggingface_hub import ModelCard
from safetensors.torch import save_file
from test_catalog import EMBEDDED
from test_packing import STORED, own_state

from sr_models import find, weights
from sr_models.errors import WeightsError
from sr_models.hub import publish
from sr_models.hub.model_card import hash_as_published, model_index, table_row
from sr_models.hub.pretrained import make_loadable
from sr_models.hub.publish import PublishError, space_plan, upload, weights_plan
from sr_models.nets.edsr import DialledEDSRConfig
from sr_models.packing import pack, unpack

REPO = "owner/product-photos"
DIALLED = DialledEDSRConfig(4, 2, 2)
TINY = replace(weights_plan(REPO), files={"README.md": b"---\nlicense: mit\n---\n", "a/model.safetensors": b"\x00" * 99})


@pytest.fixture
def server(tmp_path, monkeypatch):
    """And a client that may write there, whatever it read when it was imported."""
    for name, value in (("HF_HUB_OFFLINE", False), ("HF_HUB_DISABLE_XET", True), ("HF_HUB_DISABLE_TELEMETRY", True)):
        monkeypatch.setattr(huggingface_hub.constants, name, value)
    monkeypatch.setattr(publish, "SECONDS", PATIENCE)
    with serve_hub(tmp_path / "home", monkeypatch) as server:
        monkeypatch.setenv("HF_TOKEN", "hf_of_the_test")
        yield server
    huggingface_hub.close_session()


def said(*words: str) -> int:
    """The exit code of a command line that has only what publish adds to it."""
    parser = argparse.ArgumentParser()
    publish.add_to(parser.add_subparsers(required=True))
    options = parser.parse_args(["publish", *words])
    return options.run(options)


def test_every_embedded_network_is_published_with_its_config_and_the_same_bytes():
    files = weights_plan(REPO).files
    for entry in EMBEDDED:
        assert hashlib.sha256(files[f"{weights.file_of(entry)}/model.safetensors"]).hexdigest() == entry.sha256
        config = json.loads(files[f"{weights.file_of(entry)}/config.json"])
        assert entry.id in config["ids"]
        assert config["scale"] == find(config["ids"][-1], 4 if len(config["ids"]) > 1 else entry.net.scale).net.scale
        assert config["network"] == f"Pretrained{type(entry.net.build()).__name__}"
    assert files["model.safetensors"] == files[f"{weights.file_of(find('cnn', 4))}/model.safetensors"]


def test_weights_that_are_not_what_the_catalogue_says_are_not_published(tmp_path, monkeypatch):
    for entry in EMBEDDED:
        (tmp_path / weights.path_of(entry).name).write_bytes(weights.path_of(entry).read_bytes() + b"!")
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    with pytest.raises(WeightsError, match="damaged or not ours"):
        weights_plan(REPO)


def test_the_card_speaks_to_the_filters_of_the_hub_and_shows_scores_and_photos():
    text = weights_plan(REPO).files["README.md"].decode()
    front = yaml.safe_load(text.split("---\n")[1])
    assert (front["license"], front["library_name"], front["pipeline_tag"]) == ("apache-2.0", "pytorch", "image-to-image")
    assert "super-resolution" in front["tags"]
    scores = json.loads((ROOT / "weights" / "scores.json").read_text())
    for entry in EMBEDDED:
        line = next(line for line in text.splitlines() if line.startswith(f"| `{entry.id}`"))
        assert str(entry.sha256) in line
        if scores.get(entry.id, {}).get("sha256") == entry.sha256:
            assert f"{scores[entry.id]['Set5']['psnr']:.2f} / " in line
    assert "before-after.png" in text
    assert "trashnet" in text
    assert "{" not in text.replace("{folder}", "")


def test_the_hubs_client_finds_the_scores_of_every_measured_network_in_the_card():
    text = weights_plan(REPO).files["README.md"].decode()
    scores = json.loads((ROOT / "weights" / "scores.json").read_text())
    index = {model["name"]: model["results"] for model in yaml.safe_load(text.split("---\n")[1])["model-index"]}
    measured = {entry.id: scores[entry.id] for entry in EMBEDDED if scores.get(entry.id, {}).get("sha256") == entry.sha256}
    assert index.keys() == measured.keys()
    for id, results in index.items():
        found = {result["dataset"]["name"].split(",")[0]: [metric["value"] for metric in result["metrics"]] for result in results}
        assert found == {name: [known["psnr"], known["ssim"]] for name, known in measured[id].items() if name != "sha256"}
    assert len(vars(ModelCard(text).data)["eval_results"]) == 2 * sum(map(len, index.values()))


def test_scores_of_other_weights_are_not_shown():
    entry = EMBEDDED[0]
    assert "12.34" not in table_row(entry, {"sha256": "of others", "Set5": {"psnr": 12.34, "ssim": 0.5}})
    assert "12.34" in table_row(entry, {"sha256": entry.sha256, "Set5": {"psnr": 12.34, "ssim": 0.5}})
    assert model_index([entry], {entry.id: {"sha256": "of others"}}) == ""


def test_a_dry_run_lists_everything_and_asks_nobody(server, capsys):
    assert said("weights", "--repo", REPO, "--dry-run") == 0
    assert said("space", "--repo", REPO, "--hardware", "zero-a10g", "--variable", f"SR_WEIGHTS_REPO={REPO}", "--dry-run") == 0
    words = capsys.readouterr().out
    for expected in (
        f"{weights.file_of(find('cnn', 4))}/model.safetensors",
        "README.md",
        "app.py",
        "hardware zero-a10g",
        f"variable SR_WEIGHTS_REPO={REPO}",
    ):
        assert expected in words
    assert server.requests == []


@pytest.mark.parametrize("words", [["--repo", "name"], ["--repo", "a/b@main"], ["--repo", "a/b", "--variable", "x"], []], ids=str)
def test_a_wrong_wish_is_refused_before_anything_is_read(words):
    with pytest.raises(SystemExit):
        said("space", *words)


def test_what_was_published_is_there_and_a_second_run_uploads_nothing(server, capsys):
    plan = weights_plan(REPO)
    assert said("weights", "--repo", REPO) == 0
    assert "uploaded" in capsys.readouterr().out
    repo = server.repos["model", REPO]
    assert {name: data for name, data in repo.files.items() if name != ".gitattributes"} == plan.files
    assert server.asked("PUT /upload/")
    commits = list(repo.commits)
    server.requests.clear()
    assert said("weights", "--repo", REPO) == 0
    assert "nothing had changed" in capsys.readouterr().out
    assert server.asked("PUT|/commit/") == []
    assert repo.commits == commits


def test_one_changed_file_is_one_file_uploaded(server):
    list(upload(TINY))
    server.requests.clear()
    list(upload(replace(TINY, files=TINY.files | {"b/model.safetensors": b"\x01" * 99})))
    assert len(server.asked("PUT /upload/")) == 1
    assert server.repos["model", REPO].files["b/model.safetensors"] == b"\x01" * 99


def test_weights_that_are_published_no_more_stay_for_those_who_use_them(server):
    server.repo(REPO, **{"cnn-x1-v1/model.safetensors": b"old"})
    list(upload(TINY))
    assert "cnn-x1-v1/model.safetensors" in server.repos["model", REPO].files


def test_from_what_was_published_a_fresh_machine_makes_the_same_pixels(server, tmp_path, monkeypatch):
    list(upload(weights_plan(REPO)))
    monkeypatch.setenv(weights.REPO, REPO)
    picture = torch.rand(1, 3, 12, 9, generator=torch.Generator().manual_seed(0))
    for entry in (EMBEDDED[0], EMBEDDED[-1]):
        own = weights.load_on_cpu(entry)(picture)
        assert str(weights.find_origin(entry)) == f"Weights: {weights.file_of(entry)}, from {REPO} on the Hub."
        with monkeypatch.context() as patch:
            patch.delenv(weights.REPO)
            assert torch.equal(weights.load_on_cpu(entry)(picture), own)
            assert str(weights.find_origin(entry)) == f"Weights: {weights.file_of(entry)}, embedded."
        with monkeypatch.context() as patch:
            patch.setattr(weights, "FOLDER", tmp_path / "none")
            assert torch.equal(weights.load_on_cpu(entry)(picture), own)


def test_the_code_of_the_card_loads_the_network_with_nothing_but_what_was_published(server, tmp_path):
    list(upload(weights_plan(REPO)))
    code = re.search(r"```python\n(.*?)```", server.repos["model", REPO].files["README.md"].decode(), re.DOTALL)
    assert code
    (tmp_path / "theirs.py").write_text(
        code[1] + f"\ntorch.save((rgb, enlarged), 'pixels.pt')\nassert 'sr_models.weights' not in sys.modules\n"
        f"whole = PretrainedEDSR.from_pretrained('{REPO}', strict=True)\nassert torch.equal(whole(rgb).clamp(0, 1), enlarged)\n"
    )
    done = subprocess.run([sys.executable, "theirs.py"], cwd=tmp_path, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    rgb, enlarged = torch.load(tmp_path / "pixels.pt", weights_only=True)
    assert torch.equal(weights.load_on_cpu(find("cnn", 4))(rgb).clamp(0, 1), enlarged)


def test_published_so_every_file_has_the_hash_that_the_catalogue_knows_and_the_card_says_it():
    plan, plain = weights_plan(REPO, int8=True), weights_plan(REPO)
    card = plan.files["README.md"].decode()
    for entry in EMBEDDED:
        data = plan.files[weights.path_in_repository(entry)]
        assert hashlib.sha256(data).hexdigest() == hash_as_published(entry, True)
        assert f"`{hash_as_published(entry, True)}`" in card
        assert (data == plain.files[weights.path_in_repository(entry)]) == (entry not in STORED)
    assert "stored as int8" in card
    assert "int8" not in plain.files["README.md"].decode()
    assert plan.files["model.safetensors"] == plan.files[weights.path_in_repository(find("cnn", 4))]


def test_weights_that_come_out_otherwise_than_the_catalogue_says_are_not_published(monkeypatch):
    monkeypatch.setattr(publish, "pack", lambda state: {name: value.float() for name, value in state.items()})
    with pytest.raises(PublishError, match="Stored as int8, cnn-v8 has the SHA-256"):
        weights_plan(REPO, int8=True)


def test_the_program_takes_them_from_a_repository_and_says_so(server, monkeypatch, tmp_path):
    assert said("weights", "--repo", REPO, "--int8") == 0
    monkeypatch.setenv(weights.REPO, REPO)
    for entry in (STORED[0], next(entry for entry in EMBEDDED if entry not in STORED)):
        net = weights.load_on_cpu(entry)
        expected = own_state(entry) if entry not in STORED else unpack(pack(own_state(entry)))
        assert all(torch.equal(value, expected[name].float()) for name, value in net.state_dict().items())
        assert weights.find_origin(entry).sha256 == weights.sha256_in_use(entry) == hash_as_published(entry, True)
    assert str(weights.find_origin(STORED[0])) == f"Weights: {weights.file_of(STORED[0])}, stored as int8, from {REPO} on the Hub."
    monkeypatch.setattr(weights, "FOLDER", tmp_path / "none")
    weights.load_on_cpu(STORED[0])


def test_one_changed_byte_of_such_a_file_is_refused_and_the_embedded_one_serves(server, monkeypatch):
    list(upload(weights_plan(REPO, int8=True)))
    name = weights.path_in_repository(STORED[0])
    changed = bytearray(server.repos["model", REPO].files[name])
    changed[-1] ^= 1
    server.repos["model", REPO].files[name] = bytes(changed)
    monkeypatch.setenv(weights.REPO, REPO)
    weights.load_on_cpu(STORED[0])
    assert "is damaged or not the file that was expected" in str(weights.find_origin(STORED[0]))
    assert weights.sha256_in_use(STORED[0]) == STORED[0].sha256


def test_the_code_of_the_card_loads_what_is_stored_so(server, tmp_path):
    list(upload(weights_plan(REPO, int8=True)))
    code = re.search(r"```python\n(.*?)```", server.repos["model", REPO].files["README.md"].decode(), re.DOTALL)
    (tmp_path / "theirs.py").write_text(code[1] + "\ntorch.save((rgb, enlarged), 'pixels.pt')\n")
    done = subprocess.run([sys.executable, "theirs.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rgb, enlarged = torch.load(tmp_path / "pixels.pt", weights_only=True)
    net = find("cnn", 4).net.build().eval()
    net.load_state_dict(unpack(pack(own_state(find("cnn", 4)))))
    with torch.inference_mode():
        assert torch.equal(net(rgb).clamp(0, 1), enlarged)


@pytest.mark.parametrize("net", [entry.net for entry in EMBEDDED] + [DIALLED], ids=lambda net: f"{type(net).__name__}, {net.scale}")
def test_every_kind_of_network_is_built_from_its_config_and_loads_strictly(net, tmp_path):
    own = net.build()
    save_file({name: value.half() for name, value in own.state_dict().items()}, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text(json.dumps(asdict(net) | {"id": "anything"}))
    loaded = make_loadable(type(own)).from_pretrained(tmp_path, strict=True)
    for name, value in loaded.state_dict().items():
        assert torch.equal(value, own.state_dict()[name].half().float())


def test_a_space_holds_what_the_page_needs_and_nothing_else():
    names = set(space_plan(REPO).files)
    assert {"README.md", "app.py", "requirements.txt", "sr_models/catalog.py", "sr_models/figures/niqe.safetensors"} <= names
    assert {f"weights/{weights.path_of(entry).name}" for entry in EMBEDDED} <= names
    assert not [name for name in names if re.search(r"test|training|publish|__pycache__|\.git|runs/|\.venv|logs/", name)]


def test_the_page_starts_from_the_files_of_the_space_alone(tmp_path):
    for name, data in space_plan(REPO).files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    code = (
        "import app, sr_models, numpy; app.build(); photo = sr_models.Photo(numpy.zeros((8, 8, 3), 'uint8'))\n"
        "print(sr_models.examine(photo, sr_models.upscale(photo, scale=2)).verdict, sr_models.__file__)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.split() == ["PASS", str(tmp_path / "sr_models" / "__init__.py")], done.stderr


def test_a_space_is_made_with_its_hardware_and_variables_and_a_second_run_changes_nothing(server, capsys):
    words = ("space", "--repo", REPO, "--hardware", "zero-a10g", "--variable", "SR_WEIGHTS_REPO=a/b", "--private")
    assert said(*words) == 0
    space = server.repos["space", REPO]
    assert {name: data for name, data in space.files.items() if name != ".gitattributes"} == space_plan(REPO).files
    assert (space.hardware, space.variables["SR_WEIGHTS_REPO"]) == ("zero-a10g", "a/b")
    assert (space.asked["sdk"], space.asked["visibility"]) == ("gradio", "private")
    before = (dict(space.files), list(space.commits))
    server.requests.clear()
    assert said(*words) == 0
    assert (space.files, space.commits) == before
    assert server.asked("PUT|/commit/|POST .*/(variables|hardware)") == []
    assert "nothing had changed" in capsys.readouterr().out


def test_a_space_that_is_there_is_brought_to_the_plan(server, capsys):
    space = server.repo(REPO, "space", **{"old.py": b"old", "app.py": b"old", ".gitattributes": b"kept"})
    space.variables = {"GRADIO_SSR_MODE": "True", "THEIRS": "kept"}
    assert said("space", "--repo", REPO, "--hardware", "t4-small") == 0
    assert "old.py" not in space.files
    assert space.files["app.py"] == (ROOT / "app.py").read_bytes()
    assert space.files[".gitattributes"] == b"kept"
    assert space.variables == {"THEIRS": "kept", **publish.VARIABLES}
    assert space.hardware == "t4-small"
    assert "variable GRADIO_SSR_MODE=False" in capsys.readouterr().out


REFUSALS = {
    401: "does not know you.*hf auth login",
    402: "asks for a paid account",
    403: "does not let you write",
    404: "to upload to",
    429: "is busy",
    500: r"failed \(500",
}


@pytest.mark.parametrize(("code", "words"), REFUSALS.items(), ids=map(str, REFUSALS))
def test_a_hub_that_refuses_an_upload_is_said_in_a_sentence(server, code, words):
    server.trouble["POST"] = status(code)
    with pytest.raises(PublishError, match=words):
        list(upload(TINY))


def test_an_upload_to_nowhere_is_said(server, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(PublishError, match=r"at http://127.0.0.1:9 failed \(.*refused"):
        list(upload(TINY))


@pytest.mark.parametrize("trouble", [reset, silence], ids=["dropped", "silent"])
def test_a_hub_that_drops_the_connection_or_never_answers_is_left(server, trouble, monkeypatch):
    monkeypatch.setattr(publish, "SECONDS", 0.5)
    server.trouble["POST"] = trouble
    with pytest.raises(PublishError, match="Run the same again"):
        list(upload(TINY))


def test_an_upload_that_failed_in_the_middle_is_finished_by_the_next_run(server):
    server.trouble["PUT"] = status(403)
    with pytest.raises(PublishError, match="does not let you write"):
        list(upload(TINY))
    server.trouble.clear()
    list(upload(TINY))
    assert server.repos["model", REPO].files["a/model.safetensors"] == TINY.files["a/model.safetensors"]


def test_offline_nothing_is_published(server, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(PublishError, match="HF_HUB_OFFLINE"):
        list(upload(TINY))
    assert server.requests == []
