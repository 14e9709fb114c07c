"""What holds for every request: connections, the log, inspection, and what is kept."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest
import requests

from postkit.errors import PostkitError, UnknownName, UsageError
from postkit.simulators.linkedin import Knobs, Simulator
from postkit.simulators.linkedin.knobs import read


def until(said, timeout: float = 5) -> None:
    deadline = time.monotonic() + timeout
    while not said() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert said()


HALVES = [
    b"POST /rest/po",
    b"POST /rest/posts HTTP/1.1\r\nContent-Le",
    b'POST /rest/posts HTTP/1.1\r\nContent-Length: 500\r\n\r\n{"author": ',
]


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("reset", [False, True])
def test_clients_that_are_killed_leave_nothing(
    client, half: bytes, reset: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    connection = socket.create_connection(("127.0.0.1", client.sim.port))
    connection.sendall(half)
    if reset:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()
    assert client.post("Hello").status_code == 201
    client.sim.close()
    assert [post.raw for post in client.sim.posts] == ["Hello"]
    assert capfd.readouterr() == ("", "")
    client.sim = Simulator()
    client.sim.start()


def test_a_client_that_is_gone_before_the_answer_has_posted(client) -> None:
    client.sim.faults.add("create", "slow", seconds=0.2)
    with pytest.raises(requests.ReadTimeout):
        client.send("POST", "/rest/posts", json=client.body("Hello"), timeout=0.05)
    until(lambda: client.logged)
    assert len(client.sim.posts) == 1
    assert client.post("Hello").status_code == 422


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"NONSENSE\r\n\r\n", b"400"),
        (b"POST /rest/posts HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"411"),
        (b"POST /rest/posts HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"400"),
        (b"POST /rest/posts HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n", b"413"),
    ],
)
def test_what_is_no_request(client, request_: bytes, status: bytes) -> None:
    with socket.create_connection(("127.0.0.1", client.sim.port), timeout=5) as connection:
        connection.sendall(request_)
        received = connection.recv(65536)
    assert status in received
    assert client.sim.requests == []


def test_the_log_has_a_line_for_each_request_and_no_secret(client) -> None:
    client.post("Hello")
    client.post("Hello")
    client.sim.faults.add("create", "save_drop")
    with pytest.raises(requests.ConnectionError):
        client.post("Bye")
    until(lambda: len(client.logged) == 3)
    assert client.logged == [
        "POST /rest/posts 201",
        "POST /rest/posts 422",
        "POST /rest/posts nothing (save_drop)",
    ]
    kept = client.sim.requests[0]
    assert (kept.method, kept.path, kept.status) == ("POST", "/rest/posts", 201)
    assert kept.headers["authorization"] == "Bearer ***"
    assert b'"Hello"' in kept.body


def test_inspection(start, png: bytes) -> None:
    client = start(comment_delay=30)
    look = f"{client.sim.base}/__sim"
    urn = client.published("Cut (here)")
    client.upload(png)
    moved = requests.post(f"{look}/clock", json={"advance": 30}, timeout=5).json()
    assert moved["now"] == pytest.approx(client.sim.clock.now(), abs=5)
    client.comment(urn, "First")
    (post,) = requests.get(f"{look}/posts", timeout=5).json()
    assert {"raw": "Cut (here)", "rendered": "Cut ", "truncated_at": 4}.items() <= post.items()
    assert (post["urn"], post["deleted"]) == (urn, False)
    (image,) = requests.get(f"{look}/images", timeout=5).json()
    assert image["status"] == "AVAILABLE"
    (comment,) = requests.get(f"{look}/comments", timeout=5).json()
    assert comment["text"] == "First"
    seen = requests.get(f"{look}/requests", timeout=5)
    assert [one["status"] for one in seen.json()] == [201, 200, 201, 201]
    assert client.token not in seen.text
    set_to = requests.post(f"{look}/clock", json={"now": "2027-01-01"}, timeout=5).json()
    assert set_to["now"] == pytest.approx(1798761600, abs=5)
    assert requests.post(f"{look}/clock", json={"now": "soon"}, timeout=5).status_code == 400
    assert requests.post(f"{look}/clock", data=b"[]", timeout=5).status_code == 400
    assert requests.get(f"{look}/nothing", timeout=5).status_code == 404
    assert requests.post(f"{look}/reset", timeout=5).status_code == 204
    assert client.sim.posts == client.sim.images == client.sim.comments == client.sim.requests == []
    assert client.post("Cut (here)").status_code == 201


def test_what_was_published_is_kept(tmp_path: Path, start, png: bytes) -> None:
    state = tmp_path / "state.json"
    client = start(state=state, comment_delay=0)
    urn = client.published("Hello @[Ada](urn:li:person:a)")
    image = client.upload(png)
    client.comment(urn, "First")
    assert client.sim.issue(seconds=9) != client.sim.token
    later = start(state=state, comment_delay=0)
    assert later.sim.token == client.sim.token
    assert later.sim.posts == client.sim.posts
    assert later.sim.comments == client.sim.comments
    assert later.post("Hello @[Ada](urn:li:person:a)").status_code == 422
    assert later.published("More", content={"media": {"id": image}}) > urn.replace("share", "a")


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": 0}'])
def test_a_state_that_is_none(tmp_path: Path, text: str) -> None:
    state = tmp_path / "state.json"
    state.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="is no state"):
        Simulator(state=state)


def test_settings_are_read() -> None:
    assert Knobs(**read(["limit=4000", "processing=0.5", "ghost-urn=on", "now=2026-01-01"])) == (
        Knobs(limit=4000, processing=0.5, ghost_urn=True, now="2026-01-01")
    )
    for wrong in ("limit", "limit=x", "ghost_urn=perhaps", "nothing=1"):
        with pytest.raises(PostkitError):
            read([wrong])
    with pytest.raises(UnknownName, match="no setting `limt`"):
        Simulator(limt=1)


def test_a_port_is_taken_once(client) -> None:
    with pytest.raises(UsageError, match="cannot listen on port"):
        Simulator(port=client.sim.port)
