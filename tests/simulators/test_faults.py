"""What goes wrong on the way, seen by a client and from a bare socket."""

from __future__ import annotations

import json
import socket
import time
from typing import NamedTuple

import pytest
import requests

from postkit.errors import PostkitError


class Expected(NamedTuple):
    """What a fault does to the creation of a post."""

    kind: str
    saved: bool
    starts: bytes  # what the bare socket reads
    ends: bytes = b""


TABLE = [
    Expected("drop", False, b""),
    Expected("status_before", False, b"HTTP/1.1 503 Service Unavailable\r\n", b"</html>\n"),
    Expected("slow_before", True, b"HTTP/1.1 201 Created\r\n", b"\r\n\r\n"),
    Expected("429", False, b"HTTP/1.1 429 Too Many Requests\r\n", b'"status":429}'),
    Expected("429_retry_after", False, b"HTTP/1.1 429 Too Many Requests\r\n", b'"status":429}'),
    Expected("save_drop", True, b""),
    Expected("save_reset", True, b""),
    Expected("status_after", True, b"HTTP/1.1 504 Gateway Timeout\r\n", b"</html>\n"),
    Expected("slow", True, b"HTTP/1.1 201 Created\r\n", b"\r\n\r\n"),
    Expected("truncated", True, b"HTTP/1.1 201 Created\r\n", b"\r\n\r\n"),
    Expected("truncated_headers", True, b"HTTP/1.1 201 Created\r\n"),
    Expected("garbage_body", True, b"HTTP/1.1 201 Created\r\n", b'{"id": "urn:li:'),
]


def raw_create(client) -> tuple[bytes, bool]:
    """Send a post over a bare socket; return what came back, and whether it was reset."""
    body = json.dumps(client.body("Hello")).encode()
    headers = client.headers(Content_Type="application/json", Content_Length=str(len(body)))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    struck = bool(client.sim.faults.shown())
    with socket.create_connection(("127.0.0.1", client.sim.port), timeout=5) as connection:
        connection.sendall(f"POST /rest/posts HTTP/1.1\r\n{head}\r\n".encode() + body)
        if not struck:  # nothing else ends a connection that is kept alive
            connection.shutdown(socket.SHUT_WR)
        received = b""
        try:
            while piece := connection.recv(65536):
                received += piece
                if b"HTTP/1.1 201" in received and received.endswith(b"\r\n\r\n"):
                    connection.shutdown(socket.SHUT_WR)
        except ConnectionResetError:
            return received, True
        except OSError:
            pass
    return received, False


@pytest.mark.parametrize("expected", TABLE, ids=lambda expected: expected.kind)
def test_what_a_socket_sees(client, expected: Expected) -> None:
    client.sim.faults.add("create", expected.kind, seconds=0.05)
    received, reset = raw_create(client)
    assert received.startswith(expected.starts)
    assert bool(received) == bool(expected.starts)
    assert received.endswith(expected.ends)
    assert reset == (expected.kind == "save_reset")
    assert [post.rendered for post in client.sim.posts] == ["Hello"] * expected.saved
    assert client.sim.requests[0].fault == expected.kind
    if expected.kind == "truncated":
        assert b"Content-Length: 100\r\n" in received
    if expected.kind == "truncated_headers":
        assert b"\r\n\r\n" not in received
    assert (b"Retry-After: 0.05\r\n" in received) == (expected.kind == "429_retry_after")


@pytest.mark.parametrize("expected", TABLE, ids=lambda expected: expected.kind)
def test_what_requests_sees(client, expected: Expected) -> None:
    client.sim.faults.add("create", expected.kind, seconds=0.05)
    if expected.kind in {"drop", "save_drop", "save_reset", "truncated"}:
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            client.post("Hello")
    elif expected.kind == "truncated_headers":
        # `http.client` takes the end of the connection for the end of the headers.
        answer = client.post("Hello")
        (post,) = client.sim.posts
        assert answer.status_code == 201
        assert post.urn.startswith(answer.headers["x-restli-id"])
        assert post.urn != answer.headers["x-restli-id"]
    else:
        assert client.post("Hello").status_code == int(expected.starts.split()[1])
    again = client.post("Hello").status_code
    assert again == (422 if expected.saved else 201)
    assert len(client.sim.posts) == 1


def test_slow_is_slower_than_a_timeout_and_closing_does_not_wait(client) -> None:
    client.sim.faults.add("create", "slow", seconds=60)
    with pytest.raises(requests.ReadTimeout):
        client.send("POST", "/rest/posts", json=client.body("Hello"), timeout=0.2)
    assert len(client.sim.posts) == 1
    began = time.monotonic()
    client.sim.close()
    assert time.monotonic() - began < 3
    client.sim = client.sim.__class__()
    client.sim.start()


def test_slow_before_does_it_late(client) -> None:
    client.sim.faults.add("create", "slow_before", seconds=0.4)
    with pytest.raises(requests.ReadTimeout):
        client.send("POST", "/rest/posts", json=client.body("Hello"), timeout=0.1)
    assert client.sim.posts == []
    deadline = time.monotonic() + 5
    while not client.sim.posts and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(client.sim.posts) == 1


def test_how_often_and_after_how_many(client) -> None:
    client.sim.faults.add("create", "status_before", count=2, skip=1, status=500)
    assert [client.post(text).status_code for text in "abcd"] == [201, 500, 500, 201]
    client.sim.faults.add("any", "status_after", count=None)
    assert [client.post(text).status_code for text in "efg"] == [504] * 3
    client.sim.faults.clear()
    assert client.post("g").status_code == 422


def test_each_sort_of_request_can_be_struck(start, png: bytes) -> None:
    client = start(comment_delay=0)
    urn = client.published("Hello")
    value = client.address()
    for match in ("initialize", "upload", "comment", "userinfo", "edit", "delete", "token"):
        client.sim.faults.add(match, "status_before", status=502)
    body = {"initializeUploadRequest": {"owner": client.sim.author}}
    headers = {"Authorization": f"Bearer {client.token}"}
    answers = [
        client.send("POST", "/rest/images?action=initializeUpload", json=body),
        requests.put(value["uploadUrl"], png, headers=headers, timeout=5),
        client.comment(urn, "Hi"),
        client.send("GET", "/v2/userinfo"),
        client.edit(urn, commentary="Bye"),
        client.delete(urn),
        client.send("POST", "/oauth/v2/accessToken", data={"code": "x"}),
    ]
    assert [answer.status_code for answer in answers] == [502] * 7
    assert client.sim.faults.shown() == []


def test_over_http(client) -> None:
    url = f"{client.sim.base}/__sim/faults"
    fault = {"match": "create", "kind": "status_after", "count": None, "status": 500}
    assert requests.post(url, json=fault, timeout=5).status_code == 201
    assert client.post("Hello").status_code == 500
    assert requests.get(url, timeout=5).json()[0]["count"] is None
    answer = requests.post(url, json={"match": "create", "kind": "dropp"}, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["hint"] == "did you mean `drop`?"
    for wrong in (
        {"match": "create"},
        [],
        {**fault, "often": 1},
        {**fault, "status": 599},
        {**fault, "count": "many"},
    ):
        assert requests.post(url, json=wrong, timeout=5).status_code == 400


def test_a_fault_that_is_not_known(client) -> None:
    with pytest.raises(PostkitError, match="there is no request `creat`"):
        client.sim.faults.add("creat", "drop")
