"""The page on this machine that a browser ends at after a consent: one answer, then it is gone.

Nothing but the address with the right `state` ends the wait: browsers ask for icons, open
connections that they never use, and other pages may send them here as well.
"""

from __future__ import annotations

import hmac
import os
import queue
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from postkit.errors import ConfigError, CredentialsError
from postkit.publishers import wire

_REQUEST_PATIENCE = 10.0  # seconds for one request to arrive
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>postkit</title>
<style>body { font: 1.2em sans-serif; max-width: 30em; margin: 4em auto; padding: 0 1em }</style>
<p>WORDS</p>
</html>
"""
_TAKEN = "postkit has the answer. You can close this window and go back to the terminal."
_NOT_THIS = "This is not the answer that postkit waits for. Go on in the window where you began."


class Waiting(NamedTuple):
    """A page that is up."""

    answers: queue.Queue[str]

    def answer(self, patience: float) -> str:
        """Return the address that the browser was sent to, within *patience* seconds.

        Raises `CredentialsError` where nobody came.
        """
        for _ in range(max(1, round(patience))):  # in slices: Ctrl-C must get through everywhere
            try:
                return self.answers.get(timeout=1)
            except queue.Empty:
                continue
        raise CredentialsError(
            f"no answer came from the browser in {patience / 60:g} minutes",
            hint="try again; where the browser is on another machine, use `--paste`",
        )


def can_listen(redirect_uri: str) -> bool:
    """Tell whether the browser's answer to *redirect_uri* can be taken by this process."""
    return urlsplit(redirect_uri).scheme == "http" and wire.is_loopback(redirect_uri)


@contextmanager
def waiting(redirect_uri: str, state: str) -> Iterator[Waiting]:
    """Take the answer to the consent with that *state* at *redirect_uri*.

    Raises `ConfigError` where its port is not to be had.
    """
    answers: queue.Queue[str] = queue.Queue()
    parts = urlsplit(redirect_uri)
    host = parts.hostname or ""
    try:
        place = ("127.0.0.1" if host == "localhost" else host, parts.port or 80)
    except ValueError:
        raise ConfigError("the port of `redirect_uri` is none") from None

    class Page(BaseHTTPRequestHandler):
        timeout = _REQUEST_PATIENCE
        server_version = "postkit"
        sys_version = ""

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            if (asked.path or "/") != (parts.path or "/"):
                return self._show(404, _NOT_THIS)
            given = parse_qs(asked.query).get("state", [""])[0]
            if not hmac.compare_digest(given.encode(), state.encode()):
                return self._show(400, _NOT_THIS)
            self._show(200, _TAKEN)  # first: the process may end once it has the answer
            answers.put(f"{redirect_uri}?{asked.query}")
            return None

        def _show(self, status: int, words: str) -> None:
            body = _PAGE.replace("WORDS", words).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Referrer-Policy", "no-referrer")
            policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
            self.send_header("Content-Security-Policy", policy)
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: addresses hold codes."""

    try:
        server = _server(":" in place[0])(place, Page)
    except OSError as error:
        reason = (error.strerror or "it is not to be had").lower()
        raise ConfigError(
            f"port {place[1]} for the browser's answer: {reason}",
            hint="end the program that uses it, or set another `redirect_uri` in postkit.toml and "
            "on the app's page",
        ) from None
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
        thread.start()
        try:
            yield Waiting(answers)
        finally:
            server.shutdown()


def _server(six: bool) -> type[socketserver.ThreadingTCPServer]:
    class Server(socketserver.ThreadingTCPServer):
        address_family = socket.AF_INET6 if six else socket.AF_INET
        allow_reuse_address = os.name != "nt"  # there it would share the port with anybody
        daemon_threads = True  # a browser keeps connections open that it never uses

        def handle_error(self, *_: object) -> None:
            """Say nothing: a browser that hangs up is no trouble of ours."""

    return Server
