"""HTTP, as far as it is the same for every address, and the ways in which it can fail.

Only this machine is listened to. Faults happen here, because here are the bytes.
"""

from __future__ import annotations

import re
import socket
import struct
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode

from postkit.simulators.linkedin import errors, inspection, routes
from postkit.simulators.linkedin.faults import BEFORE, Fault, Faults, sort_of
from postkit.simulators.linkedin.state import Arrival, World
from postkit.simulators.linkedin.wire import FORM, Answer, Request, html_answer, untunnelled

HOST = "127.0.0.1"
IDLE = 60  # seconds a connection may say nothing
MOST_BYTES = 110_000_000  # of a body; documents may have 100 MB
_RESET = struct.pack("ii", 1, 0)  # linger for no time at all: closing sends a reset
_SECRETS = frozenset(
    {"access_token", "client_secret", "code", "code_verifier", "refresh_token", "token"}
)
_HIDDEN = "***"
_URN_HEADER = re.compile(rb"x-restli-id: urn:li:\w+:\d{4}")
_FAILURE_PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>\n"


class ClientGone(Exception):
    """The client ended the connection before its request was whole."""


class Server(ThreadingHTTPServer):
    """The listening end: a thread for each connection, none of which outlives `end`."""

    daemon_threads = False  # so that closing waits for them
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(
        self,
        port: int,
        world: World,
        faults: Faults,
        log: Callable[[str], None],
        changed: Callable[[], None],
    ) -> None:
        self.world, self.faults, self.log, self.changed = world, faults, log, changed
        self.ending = threading.Event()
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__((HOST, port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def end(self) -> None:
        """Stop listening, and end every connection that is still open."""
        self.ending.set()
        self.shutdown()
        with self._guard:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        error = sys.exception()
        self.log(f"connection lost: {type(error).__name__}")


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    timeout = IDLE

    def _handle(self) -> None:
        try:
            request = self._read()
            if request is not None:
                self._serve(request)
        except (ClientGone, ConnectionError, TimeoutError):
            self.close_connection = True
            self.server.log(f"{self._line()} — the client went away")

    do_DELETE = do_GET = do_HEAD = do_PATCH = do_POST = do_PUT = _handle  # noqa: N815

    def _line(self) -> str:
        """Return method and path; the query may hold a secret."""
        return f"{self.command} {self.path.partition('?')[0]}"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say what the standard library finds wrong with a request, without the request."""
        if format.startswith("code"):
            self.server.log(f"not HTTP: {args[0]:d}")

    # --- in

    def _read(self) -> Request | None:
        """Return the request; None where it was answered because it cannot be read."""
        if self.headers.get("Transfer-Encoding"):
            self._refuse(Answer(411))
            return None
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or int(length) > MOST_BYTES:
            self._refuse(Answer(413 if length.isdecimal() else 400))
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ClientGone
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, path, query, headers, body)

    def _refuse(self, answer: Answer) -> None:
        self.close_connection = True
        self._send(answer)
        self.server.log(f"{self._line()} {answer.status}")

    # --- through

    def _serve(self, request: Request) -> None:
        server = self.server
        if request.path.startswith(f"{inspection.PREFIX}/"):
            self._send(inspection.answer(server.world, server.faults, request))
            if request.method != "GET":
                server.changed()
            return
        arrival = arrived(request, server.world.clock.now())
        with server.world.lock:
            server.world.arrivals.append(arrival)
        fault = server.faults.take(sort_of(untunnelled(request)))
        if fault is not None:
            arrival.fault = fault.kind
        try:
            self._answer(request, arrival, fault)
        finally:
            struck = f" ({fault.kind})" if fault else ""
            server.log(f"{self._line()} {arrival.status or 'nothing'}{struck}")

    def _answer(self, request: Request, arrival: Arrival, fault: Fault | None) -> None:
        if fault is not None and fault.kind in BEFORE:
            self._strike_before(fault, arrival)
            return
        if fault is not None and fault.kind == "slow_before":
            self.server.ending.wait(fault.seconds)
        answer = self._outcome(request)
        if fault is None or fault.kind == "slow_before":
            arrival.status = answer.status
            self._send(answer)
        else:
            self._strike_after(fault, arrival, answer)

    def _outcome(self, request: Request) -> Answer:
        try:
            answer = routes.answer(self.server.world, request)
        except Exception as error:  # noqa: BLE001  a mistake of ours is no reason to die
            self.server.log(f"{self._line()} — mistake of the simulator: {error!r}")
            return errors.restli(500, "Internal Server Error").answer
        if request.method != "GET":
            self.server.changed()
        return answer

    # --- out

    def _send(self, answer: Answer) -> None:
        self.wfile.write(self._head(answer, len(answer.body)) + answer.body)

    def _head(self, answer: Answer, length: int) -> bytes:
        lines = [
            f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
            f"Date: {formatdate(usegmt=True)}",
            *(f"{name}: {value}" for name, value in answer.headers),
        ]
        if answer.status != HTTPStatus.NO_CONTENT:
            lines.append(f"Content-Length: {length}")
        if self.close_connection:
            lines.append("Connection: close")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _strike_before(self, fault: Fault, arrival: Arrival) -> None:
        self.close_connection = True
        if fault.kind == "drop":
            return
        if fault.kind == "status_before":
            answer = _failure(fault.status)
        else:
            answer = errors.throttled(fault.seconds if fault.kind == "429_retry_after" else None)
        arrival.status = answer.status
        self._send(answer)

    def _strike_after(self, fault: Fault, arrival: Arrival, answer: Answer) -> None:
        self.close_connection = True
        match fault.kind:
            case "save_drop":
                return
            case "save_reset":
                self._reset()
                return
            case "truncated_headers":
                self.wfile.write(_cut(self._head(answer, len(answer.body))))
                return
            case "truncated":
                arrival.status = answer.status
                self.wfile.write(self._head(answer, len(answer.body) + 100) + answer.body)
                return
            case "status_after":
                answer = _failure(fault.status)
            case "garbage_body":
                answer = answer._replace(body=b'{"id": "urn:li:')
            case "slow":
                self.server.ending.wait(fault.seconds)
        arrival.status = answer.status
        self._send(answer)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.rfile.close()  # it holds the connection open
        self.connection.close()


def _cut(head: bytes) -> bytes:
    """Return the first part of some headers.

    It ends within the URN, where there is one: some HTTP clients take what they have for whole,
    and what is left of the number for a number.
    """
    urn = _URN_HEADER.search(head)
    return head[: urn.end() if urn else len(head) // 2]


def _failure(status: int) -> Answer:
    return html_answer(status, _FAILURE_PAGE.format(f"{status} {HTTPStatus(status).phrase}"))


def arrived(request: Request, at: float) -> Arrival:
    """Return what is kept of a request: no secrets, and of an upload only its size."""
    headers = dict(request.headers)
    if "authorization" in headers:
        headers["authorization"] = f"{headers['authorization'].partition(' ')[0]} {_HIDDEN}"
    body = request.body
    if request.path.startswith("/oauth/") and request.content_type == FORM:
        body = urlencode(_hidden(body.decode("utf-8", "replace"))).encode()
    elif request.method == "PUT":
        body = b""
    return Arrival(
        method=request.method,
        path=request.path,
        query=request.query,
        headers=headers,
        body=body,
        size=len(request.body),
        at=at,
    )


def _hidden(form: str) -> list[tuple[str, str]]:
    fields = parse_qsl(form, keep_blank_values=True)
    return [(name, _HIDDEN if name in _SECRETS else value) for name, value in fields]
