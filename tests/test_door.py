"""The door: calls that make no sense, other names for this machine, and who has no login are refused in words, before anything runs."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import encoded, get, made_up, post, running_page
from gradio.routes import file_upload_statuses
from gradio.utils import get_upload_folder

from sr_models import Order, PhotoError
from sr_models.errors import LONGEST_VALUE, UpscaleError
from sr_models.wishes import WISHES
from ui.server import gate, options
from ui.server.audience import Audience
from ui.server.calls import list_names
from ui.server.logins import FREE, LONGEST, Pauses

CALL, CALL_V2, JOIN = "call/upscale", "call/v2/upscale", "queue/join"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with running_page(tmp_path_factory.mktemp("gradio")) as url:
        yield f"{url}/gradio_api"


@pytest.fixture(scope="module")
def photo(address):
    file = encoded(made_up(8, 8))
    return post(f"{address}/upload", files={"files": ("mug.png", file)}).json()[0]


def refusal(answer) -> str:
    """The sentence of an answer that must be a refusal."""
    assert 400 <= answer.status_code < 500, answer.text
    return answer.json()["detail"]


WRONG = [
    ({"before": 5}, "“before” takes words, as one text in quotation marks, not 5."),
    ({"before": ["denoise"]}, "“before” takes words, as one text in quotation marks, not […]."),
    ({"before": []}, "“before” takes words, as one text in quotation marks, not […]."),
    ({"after": {"sharpen": 1}}, "“after” takes words, as one text in quotation marks, not {…}."),
    ({"model": 5}, "“model” takes words, as one text in quotation marks, not 5."),
    ({"model": False}, "“model” takes words, as one text in quotation marks, not false."),
    ({"quality": True, "format": "jpeg"}, "“quality” takes a number, not true."),
    ({"detail": [0.5]}, "“detail” takes a number, not […]."),
    ({"snap": "false"}, "“snap” takes true or false, not “…”."),
    ({"snap": 1}, "“snap” takes true or false, not 1."),
    ({"scale": True}, "The scale True is not offered. Choose one of 2, 3, 4."),
    ({"before": "denoise " * 50_000}, "“before” was given 400000 characters; up to 300 are read."),
    ({"before": "denoise denoise=0.3"}, "The step “denoise” was asked for more than once. Name each step once."),
]


@pytest.mark.parametrize(("wishes", "sentence"), WRONG, ids=range(len(WRONG)))
def test_a_wish_of_the_wrong_kind_or_length_is_refused_in_words_wherever_it_is_asked_for(address, photo, wishes, sentence):
    with pytest.raises(UpscaleError) as failure:
        Order(**wishes)  # pyright: ignore[reportArgumentType]
    assert str(failure.value) == sentence
    assert refusal(post(f"{address}/{CALL_V2}", json={"photo": photo, **wishes})) == sentence
    row = [{"photo": photo, **wishes}.get(name, getattr(Order(), name, None)) for name in list_names("upscale")]
    assert refusal(post(f"{address}/{CALL}", json={"data": row})) == sentence


@pytest.mark.parametrize("name", [name for name, wish in WISHES.items() if str in wish.kinds])
def test_no_text_is_read_that_is_longer_than_the_table_says_and_none_is_repeated(name):
    with pytest.raises(PhotoError) as failure:
        Order(**{name: "9" * (WISHES[name].longest + 1)})  # pyright: ignore[reportArgumentType]
    assert "999" not in str(failure.value)


def test_what_forms_and_calls_gave_before_is_still_read():
    given: dict[str, Any] = {
        "scale": "2",
        "size": 1600,
        "quality": "80",
        "format": "jpeg",
        "max_kb": 300.0,
        "snap": None,
        "before": None,
        "model": "",
    }
    assert Order(**given) == Order(scale=2, size="1600", quality=80, format="jpeg", max_kb=300)


def test_a_sentence_repeats_no_more_than_a_line_of_what_it_was_given():
    failure = PhotoError("“{text}” is no name.", text="x" * 10**6)
    assert len(str(failure)) == len("“” is no name.…") + LONGEST_VALUE
    assert failure.values["text"] == "x" * LONGEST_VALUE + "…"
    assert str(PhotoError("“{text}” is no name.", text="图" * 83)) == f"“{'图' * 83}” is no name."


def nested(depth: int) -> bytes:
    return b'{"data": ' + b"[" * depth + b"]" * depth + b', "fn_index": 0, "session_hash": "a"}'


FIELD = b'--x\r\ncontent-disposition: form-data; name="files"\r\n\r\nabc\r\n--x--\r\n'
"""An upload that is no file."""
SENSELESS = [
    nested(100_000),
    nested(900),
    nested(40),
    b"{" * 5000,
    b"[]",
    b"5",
    b"",
    b"\xff\xfe",
    b'{"data": ' + b"9" * 5000 + b"}",
    b'{"fn_index": 9999, "data": [], "session_hash": "a"}',
    b'{"fn_index": true, "data": [], "session_hash": "a"}',
    b'{"fn_index": "0", "data": [], "session_hash": "a"}',
    b'{"fn_index": 0, "data": {}, "session_hash": "a"}',
    b'{"fn_index": 0, "data": [], "session_hash": 5}',
    b'{"fn_index": 0, "data": [], "session_hash": "\\ud800"}',
    b'{"data": [], "session_hash": "a"}',
    b'{"fn_index": 0, "data": [], "session_hash": "' + b"a" * 101 + b'"}',
]


@pytest.mark.parametrize("body", SENSELESS, ids=range(len(SENSELESS)))
@pytest.mark.parametrize("door", [CALL, CALL_V2, JOIN, "call/enlarge", "call/v2/nothing", "call/nothing"])
def test_a_call_that_makes_no_sense_is_refused_in_words(address, door, body, capfd):
    answer = post(f"{address}/{door}", content=body, headers={"content-type": "application/json"})
    assert refusal(answer)
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("way", ["{0}/" + "n" * 400, "{0}/../lock", "relative.png", "\x00", "图" * 5000])
def test_a_path_that_is_no_upload_is_refused_in_words_before_gradio_looks_at_it(address, way):
    photo = {"path": way.format(get_upload_folder()), "meta": {"_type": "gradio.FileData"}}
    assert refusal(post(f"{address}/{CALL_V2}", json={"photo": photo})) == "Upload a photo first."


def test_an_unknown_run_is_answered_in_words(address):
    assert "no such run" in refusal(get(f"{address}/call/upscale/none"))
    assert "no such run" in refusal(get(f"{address}/call/v2/upscale/none"))


@pytest.mark.parametrize(
    ("door", "how"),
    [
        ("cancel", {"json": {f"field {number}": number for number in range(10_000)}}),
        ("reset", {"content": b"{"}),
        ("call/upscale", {"json": {"event_data": 5}}),
        ("upload", {"content": FIELD, "headers": {"content-type": "multipart/form-data; boundary=x"}}),
    ],
)
def test_what_gradio_stumbles_over_is_answered_in_words(address, door, how, capfd):
    answer = post(f"{address}/{door}", **how)
    assert "not understood" in refusal(answer)
    assert len(answer.content) < 1000  # nothing is repeated
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("session", ["", "a" * 101, 5])
def test_a_session_that_is_none_is_refused_from_whoever_calls(address, photo, session, capfd):
    row = [{"photo": photo}.get(name, getattr(Order(), name, None)) for name in list_names("upscale")]
    assert "not understood" in refusal(post(f"{address}/{CALL}", json={"data": row, "session_hash": session}))
    config = get(address.replace("gradio_api", "config")).json()
    function = next(function for function in config["dependencies"] if not function["inputs"])
    assert "not understood" in refusal(post(f"{address}/{JOIN}", json={"fn_index": function["id"], "data": [], "session_hash": session}))
    assert "Traceback" not in capfd.readouterr().err


def test_a_choice_that_no_list_of_the_page_offers_is_refused_before_gradio_sees_it(address, capfd):
    config = get(address.replace("gradio_api", "config")).json()
    lists = {
        part["id"]: part["props"]["choices"]
        for part in config["components"]
        if part["type"] == "dropdown" and not part["props"]["allow_custom_value"]
    }
    asked = 0
    for function in (function for function in config["dependencies"] if function["api_visibility"] != "public"):
        if lists.keys() & set(function["inputs"]):
            data = ["no such choice" if part in lists else None for part in function["inputs"]]
            assert "not understood" in refusal(
                post(f"{address}/queue/join", json={"fn_index": function["id"], "data": data, "session_hash": "odd"})
            )
            asked += 1
    assert asked > 1
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(
    "photo",
    [
        {"path": "", "meta": {"_type": "gradio.FileData"}},
        {"path": "mug.png", "size": "large", "meta": {"_type": "gradio.FileData"}},
        {"path": "mug.png", "meta": 5},
        {"path": 5},
        5,
        [],
    ],
)
def test_a_photo_that_is_no_upload_and_no_text_is_refused_in_words(address, photo, capfd):
    assert refusal(post(f"{address}/{CALL_V2}", json={"photo": photo}))
    assert "Traceback" not in capfd.readouterr().err


def test_a_folder_of_the_uploads_is_no_photo(address, photo):
    folder = {"path": str(Path(photo["path"] if isinstance(photo, dict) else photo).parent), "meta": {"_type": "gradio.FileData"}}
    assert refusal(post(f"{address}/{CALL_V2}", json={"photo": folder})) == "Upload a photo first."


def test_most_values_that_no_control_of_the_page_sends_are_refused_in_words_and_none_is_an_error_of_the_server(address):
    config = get(address.replace("gradio_api", "config")).json()
    answered = 0
    for function in (function for function in config["dependencies"] if function["api_visibility"] != "public"):
        for value in (5, "5", [], {}, True):
            call = {"fn_index": function["id"], "data": [value] * len(function["inputs"]), "session_hash": "odd"}
            answer = post(f"{address}/queue/join", json=call)
            answered += answer.status_code == 400
            assert answer.status_code < 500
    assert answered > 100


def test_nothing_is_an_answer_of_no_control_but_those_that_can_be_empty_and_a_click_has_a_place(address):
    config = get(address.replace("gradio_api", "config")).json()
    numbers = {function["api_name"]: function["id"] for function in config["dependencies"]}

    def status(name: str, *data: object, **more: object) -> int:
        call = {"fn_index": numbers[name], "data": data, "session_hash": f"nothing in {name}"}
        return post(f"{address}/queue/join", json=call | more).status_code

    for value in (None, -1, 1000, True, "0"):
        assert status("load_example", value) == 400
    assert (status("sample", None, None, "cnn"), status("sample", None, "2", "cnn")) == (400, 200)
    assert (status("sample", {}, "2", "cnn"), status("sample", {"path": ""}, "2", "cnn")) == (400, 400)
    for event in (None, {}, 5, {"index": [3, 4]}, {"index": [3], "value": None}, {"index": "34", "value": None}):
        assert status("on_click", None, event_data=event) == 400
    assert status("on_click", None, event_data={"index": [3, 4], "value": None}) == 200


@pytest.mark.parametrize("photo", ["图片", "图" * 1000, "data:image/png;base64,é", "\x00", "%ff", "café.png"])
def test_a_photo_that_is_no_base64_is_refused_in_words(address, photo):
    event = post(f"{address}/{CALL_V2}", json={"photo": photo}).json()["event_id"]
    assert "Upload a photo first" in get(f"{address}/call/upscale/{event}").text


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", "localhost.evil.example", "", "192.168.0.5"]
)
@pytest.mark.parametrize(
    "door", ["", "/config", "/gradio_api/info", "/gradio_api/upload", "/gradio_api/mcp/", "/gradio_api/startup-events"]
)
def test_by_another_name_this_machine_does_not_answer(address, host, door):
    root = address.removesuffix("/gradio_api")
    assert "name that is not its own" in refusal(get(f"{root}{door}", headers={"host": host}))
    assert "name that is not its own" in refusal(get(f"{root}{door}", headers={"origin": f"https://{host or 'evil.example'}"}))


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:9", "[::1]", "[::1]:7860"])
def test_by_its_own_names_it_answers(address, host):
    assert get(f"{address}/info", headers={"host": host}).status_code == 200
    assert get(f"{address}/info", headers={"host": host, "origin": f"http://{host}"}).status_code == 200


def test_a_page_of_another_port_of_this_machine_is_of_another_server(address):
    for origin in ("http://127.0.0.1:9", "http://localhost:7861", "http://localhost", "null"):
        assert "name that is not its own" in refusal(get(f"{address}/info", headers={"origin": origin}))
        assert "name that is not its own" in refusal(post(f"{address}/upload", files={"files": b"x"}, headers={"origin": origin}))
    own = address.removesuffix("/gradio_api")
    assert get(f"{address}/info", headers={"origin": own}).status_code == 200


def test_a_name_that_was_added_may_stand_in_front_of_a_proxy():
    here = opened(None, False, ["Shop.example"])
    assert [here.serves(origin, "localhost:7860") for origin in ("shop.example", "shop.example:8080", "localhost:7860")] == [True] * 3
    assert [here.serves(origin, "localhost:7860") for origin in ("localhost:7861", "other.example", "null")] == [False] * 3
    assert opened(None, True).serves("any.example", "localhost")


def test_a_forwarded_host_must_be_the_servers_own_too(address):
    assert "name that is not its own" in refusal(get(f"{address}/info", headers={"x-forwarded-host": "evil.example"}))
    assert get(f"{address}/info", headers={"x-forwarded-host": "localhost"}).status_code == 200


@pytest.mark.parametrize("door", ["docs", "redoc", "openapi.json"])
def test_no_list_of_the_servers_doors_is_given(address, door):
    assert get(f"{address.removesuffix('gradio_api')}{door}").status_code == 404


def test_how_far_an_upload_is_ends_soon_after_the_upload_whichever_way(address, monkeypatch):
    monkeypatch.setattr(gate, "PROGRESS_SECONDS", 0)
    for files in ({"files": ("a.png", b"x")}, {"other": ("a.png", b"x")}):
        id = f"watched {len(files)} {next(iter(files))}"
        file_upload_statuses.track(id)
        with ThreadPoolExecutor() as pool:
            watched = pool.submit(get, f"{address}/upload_progress", params={"upload_id": id})
            post(f"{address}/upload", params={"upload_id": id}, files=files)
            assert watched.result().status_code in (200, 404)


def opened(*how, **more) -> Audience:
    found = Audience()
    found.open_to(*how, **more)
    return found


def test_a_name_can_be_added_and_whoever_is_asked_from_elsewhere_knows_no_names(monkeypatch):
    monkeypatch.delenv("GRADIO_SERVER_NAME", raising=False)
    here = opened(None, False, ["Shop.example"])
    assert [here.knows(name) for name in ("shop.example:8080", "localhost", "other.example")] == [True, True, False]
    assert not here.is_public()
    for anybody in (opened("0.0.0.0", False), opened(None, True), opened("192.168.0.5", False)):
        assert (anybody.is_public(), anybody.knows("evil.example")) == (True, True)
    some = opened("0.0.0.0", False, ["shop.example"])
    assert [some.is_public(), some.knows("shop.example"), some.knows("evil.example")] == [True, True, False]
    monkeypatch.setenv("GRADIO_SERVER_NAME", "0.0.0.0")
    assert opened(None, False).is_public()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_after_wrong_logins_there_is_a_pause_that_grows_and_ends():
    clock = Clock()
    pauses = Pauses(clock)
    for _ in range(FREE):
        pauses.failed("a")
        assert pauses.left("a") == 0
    lengths = []
    for _ in range(12):
        pauses.failed("a")
        lengths.append(pauses.left("a"))
        clock.now += lengths[-1]
        assert pauses.left("a") == 0
    assert lengths[:3] == [2, 4, 8]
    assert lengths[-1] == LONGEST
    for _ in range(2000):
        pauses.failed("a")
    assert pauses.left("a") == LONGEST
    assert pauses.left("b") == 0
    pauses.succeeded("a")
    pauses.failed("a")
    assert pauses.left("a") == 0


@pytest.fixture
def guarded(monkeypatch, tmp_path):
    """The page with a login, as the environment says it."""
    monkeypatch.setenv("SR_AUTH", "shop:pass:word")
    monkeypatch.setattr(gate, "Pauses", lambda: Pauses(Clock()))  # no pause ends because the machine is slow
    with running_page(tmp_path, auth=options.parse_arguments([]).auth) as url:
        yield url


DOORS = [
    *(("GET", f"gradio_api/{door}") for door in ("info", "openapi.json", "app_id", "token", "heartbeat/a", "queue/status", "queue/data")),
    *(
        ("POST", f"gradio_api/{door}")
        for door in ("upload", "cancel", "reset", "stream/a", "queue/join", "call/upscale", "component_server")
    ),
    *(("GET", door) for door in ("config", "monitoring", "gradio_api/file=/etc/passwd", "gradio_api/stream/a/b/c/playlist-file")),
    ("GET", "gradio_api/custom_component/a/b/c/d"),
]


def test_without_a_login_nothing_answers_but_the_login_page(guarded):
    from conftest import ask

    for method, door in DOORS:
        answer = ask(method, f"{guarded}/{door}", json={} if method == "POST" else None)
        assert answer.status_code in (401, 403), (door, answer.status_code)
    front = get(f"{guarded}/")
    assert front.status_code == 200
    assert "auth_required" in front.text
    assert "components" not in json.dumps(front.text) or '"components":[]' in front.text or '"components": []' in front.text


def test_a_wrong_password_is_paused_in_words_and_the_right_one_not_heard_meanwhile(guarded):
    def tried(password: str):
        return post(f"{guarded}/login", data={"username": "shop", "password": password})

    assert [tried("wrong").status_code for _ in range(FREE + 1)] == [400] * (FREE + 1)
    paused = tried("pass:word")
    assert paused.status_code == 429
    assert "Too many wrong logins" in paused.json()["detail"]


def test_a_right_login_opens_the_page(guarded):
    assert post(f"{guarded}/login", data={"username": "shop", "password": "pass:word"}).status_code == 200


def test_the_password_comes_from_the_environment_or_a_file(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("SR_AUTH", "shop:secret")
    assert options.parse_arguments([]).auth == [("shop", "secret")]
    file = tmp_path / "people"
    file.write_text("ann:one\n\nbob:two:three\n")
    assert options.parse_arguments(["--auth-file", str(file)]).auth == [("ann", "one"), ("bob", "two:three")]
    assert options.parse_arguments(["--auth", "c:d"]).auth == [("c", "d")]
    file.write_text("")
    for wrong in (["--auth-file", str(file)], ["--auth-file", str(tmp_path / "none")], ["--auth", "a:b", "--auth-file", str(file)]):
        with pytest.raises(SystemExit):
            options.parse_arguments(wrong)
        assert "auth" in capsys.readouterr().err or "file" in capsys.readouterr().err
