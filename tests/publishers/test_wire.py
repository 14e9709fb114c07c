"""What is known after a request: an answer, not sent, or nobody knows. Servers of raw bytes."""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from postkit.publishers.wire import Answer, NoAnswer, NotSent, Request, send

FILE = Path(__file__).parents[1] / "cases" / "wire" / "answers.txt"
TIMEOUT = 1.0
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")

Talk = Callable[[socket.socket], None]


@contextmanager
def server(talk: Talk) -> Iterator[int]:
    """Let *talk* answer every connection; yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:  # closed
                    return
                with connection:
                    try:
                        talk(connection)
                    except OSError:  # postkit hung up
                        continue

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def says(answer: bytes) -> Talk:
    def talk(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(answer)

    return talk


def ask(url: str, timeout: float = TIMEOUT) -> Answer:
    request = Request("POST", url, {"Content-Type": "application/json"}, b"{}")
    return send(request, token="t0ken", timeout=timeout)


def cases() -> list[tuple[str, str, str]]:
    pattern = r"^([^#\s][^:\n]*):(.*)\n    (.*)$"
    return re.findall(pattern, FILE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("name", "answer", "expected"), cases(), ids=[c[0] for c in cases()])
def test_what_arrives(name: str, answer: str, expected: str) -> None:
    assert name
    with server(says(answer.strip().replace("⏎", "\r\n").encode())) as port:
        try:
            told = str(ask(f"http://127.0.0.1:{port}/").status)
        except NoAnswer as error:
            told = str(error)
    assert expected in told


# ---------------------------------------------------------------------------------------------
# Before there is a connection, nothing is sent


def hangs_up(connection: socket.socket) -> None:
    connection.recv(5)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def waits(connection: socket.socket) -> None:
    connection.recv(1)
    time.sleep(2 * TIMEOUT)


@pytest.mark.parametrize(
    ("talk", "says_so"),
    [
        (hangs_up, "could not be reached"),
        (waits, "in time"),
        (says(b"HTTP/1.1 400 no TLS here\r\n\r\n"), "could not be reached"),
    ],
)
def test_tls_that_does_not_come_about(talk: Talk, says_so: str) -> None:
    with server(talk) as port, pytest.raises(NotSent, match=says_so):
        ask(f"https://127.0.0.1:{port}/")


@pytest.fixture
def through(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set the proxy of the environment."""

    def proxy(address: str) -> None:
        for name in PROXIES:
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.setenv("https_proxy", address)

    return proxy


@pytest.mark.parametrize(
    "talk", [hangs_up, waits, says(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")]
)
def test_a_proxy_that_does_not_connect(talk: Talk, through: Callable[[str], None]) -> None:
    with server(talk) as port:
        through(f"http://127.0.0.1:{port}")
        with pytest.raises(NotSent, match="through the proxy"):
            ask("https://linkedin.invalid/")


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://a b", "gopher://127.0.0.1"])
def test_a_proxy_that_is_none(address: str, through: Callable[[str], None]) -> None:
    through(address)
    with pytest.raises(NotSent):
        ask("https://linkedin.invalid/")


def test_a_proxy_is_not_asked_for_this_machine(through: Callable[[str], None]) -> None:
    through("http://127.0.0.1:1")
    with server(says(b"HTTP/1.1 201 Created\r\n\r\n")) as port:
        assert ask(f"http://127.0.0.1:{port}/").status == 201


def test_certificates_that_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    with pytest.raises(NotSent, match=r"/nowhere/ca\.pem"):
        ask("https://linkedin.invalid/")


@pytest.mark.parametrize("url", ["http://[bad/", "nothing", "http://127.0.0.1:99999/"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(NotSent):
        ask(url)


# ---------------------------------------------------------------------------------------------
# Slow answers


def trickles(head: bytes) -> Talk:
    def talk(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(head)
        for _ in range(100):
            time.sleep(0.1)
            connection.sendall(b"x")

    return talk


def test_a_head_that_never_ends() -> None:
    with server(trickles(b"HTTP/1.1 201 Created\r\nx-restli-id: urn:li:share:7\r\nX: ")) as port:
        start = time.monotonic()
        with pytest.raises(NoAnswer, match="in time"):
            ask(f"http://127.0.0.1:{port}/", 0.3)
        assert time.monotonic() - start < 3


@pytest.mark.parametrize("named", ["x-restli-id: urn:li:share:7\r\n", ""])
def test_a_body_that_never_ends(named: str) -> None:
    head = f"HTTP/1.1 201 Created\r\n{named}Content-Length: 5000\r\n\r\n"
    with server(trickles(head.encode())) as port:
        start = time.monotonic()
        assert ask(f"http://127.0.0.1:{port}/", 0.3).status == 201
        assert time.monotonic() - start < 3
