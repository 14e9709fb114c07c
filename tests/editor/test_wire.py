"""What no editor should send, and some do: each request is answered, and the server lives on."""

from __future__ import annotations

import json
import os
import random
import re
import time
import tomllib
from collections.abc import Iterator
from importlib import util
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

CASES = Path(__file__).parents[1] / "cases" / "editor"
REQUESTS = tomllib.loads((CASES / "requests.toml").read_text(encoding="utf-8"))["request"]
ADDRESSES = (CASES / "addresses.txt").read_text(encoding="utf-8").splitlines()

_SPEC = util.spec_from_file_location("editor_client", Path(__file__).with_name("client.py"))
client = util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(client)
Client, span, Json = client.Client, client.span, client.Json

TEXT = "# Tea\n\nItâ€™s hot, and weâ€™re [here](/pots/).\n"


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Client]:
    with Client(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with Client(tmp_path_factory.mktemp("shared")) as running:
        running.open("a.md", TEXT)
        yield running


# ---------------------------------------------------------------------------------------------
# Requests


@pytest.mark.parametrize("case", REQUESTS, ids=lambda case: case["name"])
def test_every_request_is_answered(shared: Client, case: Json) -> None:
    params = json.loads(case["params"].replace("URI", shared.uri("a.md")))
    answer = shared.answer_to(shared.request(case["method"], params))
    assert answer.get("error", {}).get("code") == case.get("error"), answer
    assert "Traceback" not in json.dumps(answer)


def test_what_is_wrong_is_said_with_its_place(shared: Client) -> None:
    where = {**shared.at("a.md", 0, 0), "position": {"line": 0}}
    error = shared.answer("textDocument/hover", **where)["error"]
    assert error["message"] == (
        "textDocument/hover: required field missing @ $.params.position.character"
    )


@pytest.mark.parametrize(
    ("body", "code", "number"),
    [
        (b"{", -32700, None),
        (b"\xff\xfe\xfd", -32700, None),
        (b"[" * 100_000, -32700, None),
        (b'{"id": ' + b"1" * 5000 + b"}", -32700, None),
        (b"[]", -32600, None),
        (b"7", -32600, None),
        (b"null", -32600, None),
        (b"{}", -32600, None),
        (b'{"jsonrpc": "1.0", "id": 900, "method": "shutdown"}', -32600, 900),
        (b'{"jsonrpc": "2.0", "id": 901, "method": 7}', -32600, 901),
        (b'{"jsonrpc": "2.0", "id": null, "method": "shutdown"}', -32600, None),
        (b'{"jsonrpc": "2.0", "id": [1], "method": "shutdown"}', -32600, None),
        (b'{"jsonrpc": "2.0", "id": true, "method": "shutdown"}', -32600, None),
        (b'{"jsonrpc": "2.0", "id": 1.5, "method": "shutdown"}', -32600, None),
        (b'{"jsonrpc": "2.0", "id": "a", "method": "brew"}', -32601, "a"),
    ],
)
def test_what_is_no_message_is_refused(
    shared: Client, body: bytes, code: int, number: int | str | None
) -> None:
    shared.send_body(body)
    assert shared.answer_to(number)["error"]["code"] == code


def test_headers_are_as_in_http(shared: Client) -> None:
    body = b'{"jsonrpc": "2.0", "id": "h", "method": "brew"}'
    head = b"Content-Type: application/json\r\ncontent-length:%d\r\n\r\n" % len(body)
    shared.process.stdin.write(head + body)
    shared.process.stdin.flush()
    assert shared.answer_to("h")["error"]["code"] == -32601


def test_what_answers_nothing_is_dropped(shared: Client) -> None:
    for number in (1, "a", None, [1], {}):
        shared.send(id=number, result=1)
        shared.send(id=number, error={"code": 1, "message": "no"})
    assert shared.ask("textDocument/hover", **shared.at("a.md", 2, 1))


@pytest.mark.parametrize("answer", [{"result": 7}, {"error": {"code": 1, "message": "no"}}, {}])
def test_an_answer_that_is_none_is_no_yes(editor: Client, tmp_path: Path, answer: Json) -> None:
    (tmp_path / "a.md").write_text("# Tea\n", encoding="utf-8")
    (tmp_path / "postkit.toml").write_text(
        '[accounts.me]\nnetwork = "linkedin"\nauthor = "urn:li:person:a"\n', encoding="utf-8"
    )
    editor._be_asked = lambda request: editor.send(id=request["id"], **answer)
    done = editor.command("postkit.schedule", editor.uri("a.md"), "2099-12-01 09:00")
    assert done == {"scheduled": False, "message": "nothing was scheduled"}


def test_a_request_that_is_cancelled_leaves_the_others(editor: Client) -> None:
    where = editor.at("a.md", 2, 1)
    item = {"uri": editor.uri("a.md"), "languageId": "markdown", "version": 1, "text": TEXT * 500}
    editor.tell("textDocument/didOpen", textDocument=item)
    first, second = (editor.request("textDocument/hover", where) for _ in range(2))
    editor.tell("$/cancelRequest", id=first)
    assert editor.answer_to(first)["error"]["code"] == -32800
    assert editor.answer_to(second)["result"]
    assert editor.wait_for("textDocument/publishDiagnostics", version=1)["diagnostics"]


# ---------------------------------------------------------------------------------------------
# Notifications


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("textDocument/didOpen", None),
        ("textDocument/didOpen", {"textDocument": {"uri": 1, "version": 1, "text": ""}}),
        ("textDocument/didChange", {}),
        ("textDocument/didChange", {"textDocument": {"uri": "a:b"}, "contentChanges": [None]}),
        ("textDocument/didChange", {"textDocument": {"uri": "a:b"}, "contentChanges": "text"}),
        ("textDocument/didClose", []),
        ("textDocument/hover", {}),
        ("$/cancelRequest", {"id": []}),
    ],
)
def test_a_notification_that_is_none_is_dropped_with_a_word(
    shared: Client, method: str, params: Any
) -> None:
    shared.send(method=method, params=params)
    told = shared.wait_for("window/logMessage")
    assert told["type"] == types.MessageType.Warning.value
    assert told["message"].startswith("dropped: ")
    assert method in told["message"]


def test_what_nobody_knows_is_dropped(editor: Client) -> None:
    for method in ("$/brew", "tea/brew", "notebookDocument/didChange"):
        editor.send(method=method, params={})
    editor.ask("textDocument/hover", **editor.at("a.md", 2, 1))
    assert not [one for one in editor.told if one["method"].startswith("window/")]


@pytest.mark.parametrize("version", [{}, {"version": None}, {"version": "2"}, {"version": 2**40}])
def test_a_text_without_a_version_is_a_text(shared: Client, version: Json) -> None:
    document = {"uri": "untitled:v", **version}
    shared.tell("textDocument/didOpen", textDocument={**document, "text": "Tea."})
    shared.tell(
        "textDocument/didChange",
        textDocument=document,
        contentChanges=[
            {"range": None, "text": "Itâ€™s hot."},
            {"range": span(0, 0, 0), "text": "🚀 "},
        ],
    )
    (action, *_) = shared.ask(
        "textDocument/codeAction",
        textDocument=document,
        range=span(0, 0, 99),
        context={"diagnostics": []},
    )
    (change,) = action["edit"]["documentChanges"]
    assert change["edits"] == [{"range": span(0, 5, 8), "newText": "’"}]
    assert change["textDocument"]["version"] is None
    told = shared.wait_for("textDocument/publishDiagnostics", uri="untitled:v")
    assert "version" not in told
    shared.tell("textDocument/didClose", textDocument=document)


def test_a_document_may_be_opened_twice(shared: Client) -> None:
    for text in ("Tea [7].\n\n## Links\n\n- [1] [A](https://x.org/a)", "Tea."):
        item = {"uri": shared.uri("twice.md"), "version": 1, "text": text, "languageId": "markdown"}
        shared.tell("textDocument/didOpen", textDocument=item)
    shared.ask("textDocument/hover", **shared.at("twice.md", 0, 0))
    told = [
        one["params"]["diagnostics"]
        for one in shared.told
        if one["params"].get("uri") == shared.uri("twice.md")
    ]
    assert told[-1] == []
    shared.close("twice.md")


# ---------------------------------------------------------------------------------------------
# Addresses and files


@pytest.mark.parametrize(
    "text",
    ["Itâ€™s tea.", "Tea.\n\n![a](/)", "Tea. ![a](%00.png)", "Tea. ![b](../" + "x" * 300 + ")"],
    ids=["damage", "the root as an image", "a NUL in an image", "a long image"],
)
@pytest.mark.parametrize("uri", [*ADDRESSES, "file:///" + "x/" * 9999, "file:///\ud800.md"])
def test_an_address_may_be_anything(shared: Client, uri: str, text: str) -> None:
    item = {"uri": uri, "languageId": "markdown", "version": 1, "text": text}
    shared.tell("textDocument/didOpen", textDocument=item)
    found = shared.wait_for("textDocument/publishDiagnostics", uri=uri, version=1)
    assert [one for one in found["diagnostics"] if one["code"] in {"PK101", "PK105"}]
    document = {"uri": uri}
    shared.ask("textDocument/hover", textDocument=document, position=span(0, 0, 3)["start"])
    shared.answer("workspace/executeCommand", command="postkit.render", arguments=[uri])
    shared.tell("textDocument/didSave", textDocument=document)
    shared.tell("textDocument/didClose", textDocument=document)
    shared.answer("workspace/executeCommand", command="postkit.render", arguments=[uri])
    done = shared.command("postkit.schedule", uri, "2099-12-01 09:00")
    assert not done["scheduled"]


def test_a_pipe_keeps_nobody_waiting(editor: Client, tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no pipes here")
    for name in ("pipe.md", "postkit.toml", "pot.png"):
        os.mkfifo(tmp_path / name)
    (tmp_path / ".postkit").mkdir()
    os.mkfifo(tmp_path / ".postkit" / "ledger.db")
    answer = editor.answer(
        "workspace/executeCommand", command="postkit.render", arguments=[editor.uri("pipe.md")]
    )
    assert "this is a device or a pipe, not a file" in answer["error"]["message"]
    done = editor.command("postkit.schedule", editor.uri("pipe.md"))
    assert done["message"].startswith("this is a device or a pipe, not a file")
    told = editor.open("pipe.md", "Tea.\n\n![A pot](pot.png)")
    assert "PK105" in {one["code"] for one in told}


# ---------------------------------------------------------------------------------------------
# The beginning and the end


def test_nothing_comes_before_initialize(tmp_path: Path) -> None:
    editor = Client(tmp_path, initialize=False)
    item = {"uri": editor.uri("a.md"), "languageId": "markdown", "version": 1, "text": TEXT}
    editor.tell("textDocument/didOpen", textDocument=item)
    for method in ("textDocument/hover", "shutdown", "tea/brew"):
        assert editor.answer(method)["error"]["code"] == -32002
    wrong = {**editor.hello, "capabilities": {"general": 7}}
    assert editor.answer("initialize", **wrong)["error"]["code"] == -32602
    editor.initialize()
    with editor:
        assert editor.answer("initialize", **editor.hello)["error"]["code"] == -32600
        assert editor.ask("textDocument/hover", **editor.at("a.md", 2, 1)) is None
        assert not editor.told


@pytest.mark.parametrize("root", ["file://[", "//", "x", "untitled:", "file:///%00", "\ud800"])
def test_a_root_may_be_anything(tmp_path: Path, root: str) -> None:
    editor = Client(tmp_path, initialize=False)
    folders = [{"uri": root, "name": root}]
    editor.hello |= {"rootUri": root, "rootPath": root, "workspaceFolders": folders}
    editor.initialize()
    with editor:
        event = {"added": folders, "removed": [*folders, *folders]}
        editor.tell("workspace/didChangeWorkspaceFolders", event=event)
        assert editor.open("a.md", TEXT)


def test_nothing_comes_after_shutdown(tmp_path: Path) -> None:
    editor = Client(tmp_path)
    waiting = editor.request("workspace/executeCommand", {"command": "postkit.schedule"})
    editor.ask("shutdown")
    editor.answer_to(waiting)
    for method in ("textDocument/hover", "shutdown", "initialize", "tea/brew"):
        assert editor.answer(method)["error"]["code"] == -32600
    editor.tell("textDocument/didOpen", textDocument={"uri": "a:b", "version": 1, "text": ""})
    editor.tell("exit")
    assert editor.process.wait(client.PATIENCE_S) == 0
    editor.__exit__()


def test_an_end_without_a_good_bye_is_told(tmp_path: Path) -> None:
    for initialize in (True, False):
        editor = Client(tmp_path, initialize=initialize)
        editor.tell("exit")
        assert editor.process.wait(client.PATIENCE_S) == 1
        editor.__exit__()


def test_an_end_waits_for_no_work(tmp_path: Path) -> None:
    editor = Client(tmp_path)
    item = {"uri": "a:b", "languageId": "markdown", "version": 1, "text": TEXT * 40_000}
    editor.tell("textDocument/didOpen", textDocument=item)
    hover = {"textDocument": {"uri": "a:b"}, "position": {"line": 0, "character": 0}}
    waiting = editor.request("textDocument/hover", hover)
    started = time.monotonic()
    editor.ask("shutdown")
    assert editor.answer_to(waiting)["error"]["code"] == -32800
    editor.tell("exit")
    assert editor.process.wait(client.PATIENCE_S) == 0
    assert time.monotonic() - started < 3
    editor.__exit__()


def test_an_editor_that_does_not_listen_is_heard(tmp_path: Path) -> None:
    """What it sends is read and its end is heeded, though its answers fill the pipe."""
    editor = Client(tmp_path)
    editor.listening.clear()
    item = {"uri": "a:b", "languageId": "markdown", "version": 1, "text": TEXT * 2000}
    editor.tell("textDocument/didOpen", textDocument=item)
    for _ in range(2000):
        editor.request("textDocument/" + "x" * 500, {})
    editor.request("shutdown", None)
    editor.tell("exit")
    assert editor.process.wait(20) == 0
    editor.__exit__()
    editor.listening.set()


# ---------------------------------------------------------------------------------------------
# Much of it


def test_twenty_thousand_damaged_runs_are_a_list_and_one_mend(editor: Client) -> None:
    text = "Itâ€™s tea and weâ€™re here.\n\n" * 10_000
    assert len(editor.open("a.md", text)) >= 20_000
    started = time.monotonic()
    found = editor.actions("a.md", span(0, 0, 0, 20_000))
    assert time.monotonic() - started < 5
    assert found[-1]["title"] == "Restore all damaged text (20,000 places)"
    assert len(found) == 51
    (edits,) = [one["edits"] for one in found[-1]["edit"]["documentChanges"]]
    assert len(edits) == 20_000
    (fix, _) = editor.actions("a.md", span(18_000, 4, 4))
    assert fix["title"] == "Restore `â€™` to `’`"
    changes = [{"range": one["range"], "text": one["newText"]} for one in reversed(edits)]
    started = time.monotonic()
    editor.change("a.md", *changes)
    assert "PK101" not in {one["code"] for one in editor.diagnostics("a.md")}
    assert time.monotonic() - started < 10


def anything(rng: random.Random, depth: int = 0) -> Any:
    simple = [None, True, 0, -1, 7, 1.5, 2**31, 2**70, "", "a", "\0", "\ud800", "file:///a.md"]
    if depth > 2 or rng.random() < 0.6:
        return rng.choice(simple)
    if rng.random() < 0.3:
        return [anything(rng, depth + 1) for _ in range(rng.randrange(3))]
    return {rng.choice(KEYS): anything(rng, depth + 1) for _ in range(rng.randrange(4))}


SERVED = "Document/(did|hover|code|inlay|completion|fold|documentS)|executeC|cancelR|workspace/did"
FUZZ = 600  # messages
FUZZ_SEED = 7
KEYS = [
    *("textDocument", "uri", "position", "line", "character", "range", "start", "end", "text"),
    *("version", "contentChanges", "context", "diagnostics", "only", "command", "arguments", "id"),
    *("jsonrpc", "method", "params", "result", "error", "token", "value", "event", "changes"),
]


def spoilt(rng: random.Random, given: Any) -> Any:
    """Return parameters with one of their parts another, or gone."""
    if not isinstance(given, dict | list) or not given or rng.random() < 0.2:
        return anything(rng)
    made = given.copy()
    key = rng.choice(list(made)) if isinstance(made, dict) else rng.randrange(len(made))
    if rng.random() < 0.2:
        del made[key]
    else:
        made[key] = spoilt(rng, made[key])
    return made


def test_any_messages_in_any_order(editor: Client, tmp_path: Path) -> None:
    """Every request is answered, nothing is on stderr, and a text is as in a fresh server."""
    (tmp_path / "a.md").write_text(TEXT, encoding="utf-8")
    rng = random.Random(FUZZ_SEED)
    methods = [one for one in types.METHOD_TO_TYPES if one not in {"shutdown", "exit"}]
    served = [one for one in methods if re.search(SERVED, one)]
    commands = ["postkit.render", "postkit.copy", "postkit.preview", "postkit.schedule", "x"]
    asked: list[int] = []
    uris = [editor.uri("a.md"), editor.uri("b.md"), "untitled:c", "file:///tmp/%00"]
    for _ in range(FUZZ):
        uri = rng.choice(uris)
        place = {"line": rng.randrange(5), "character": rng.randrange(30)}
        where = {"start": place, "end": {**place, "line": rng.randrange(5)}}
        document = {"uri": uri, "version": rng.choice([1, 2, None])}
        params = {
            "textDocument": {**document, "languageId": "markdown", "text": TEXT},
            "position": place,
            "range": where,
            "context": {"diagnostics": []},
            "contentChanges": [{"range": where, "text": rng.choice(["x", "", "\n", "Ã©"])}],
            "command": rng.choice(commands),
            "arguments": [uri, rng.choice(["", "linkedin", "plain", "x"])],
            "id": rng.choice([*asked[-3:], "x"]),
            "event": {"added": [], "removed": []},
            "changes": [],
            "value": "off",
            "token": 1,
        }
        method = rng.choice(methods if rng.random() < 0.3 else served)
        if rng.random() < 0.5:
            params = spoilt(rng, params)
        if types.METHOD_TO_TYPES[method][1] is None and rng.random() < 0.95:
            editor.send(method=method, params=params)
        elif rng.random() < 0.05:
            editor.send(**{key: anything(rng) for key in ("id", "method", "result")})
        else:
            asked.append(editor.request(method, params))
    for number in asked:
        answer = editor.answer_to(number)
        assert ("result" in answer) != ("error" in answer), answer
        assert answer.get("error", {}).get("code") != -32603, answer
    fresh = [one["code"] for one in editor.open("fresh.md", TEXT)]
    assert [one["code"] for one in editor.open("a.md", TEXT)] == fresh
