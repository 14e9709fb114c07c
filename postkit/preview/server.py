"""The page on loopback: who may ask is for `guard`, what there is to show for `stage`.

A thread for each request, as the standard library has it; a browser keeps one open for the events.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl

from postkit.article.config import shipped_templates
from postkit.errors import ConfigError, PostkitError
from postkit.networks import NETWORKS, SOCIAL
from postkit.networks.layout import fill_page
from postkit.preview.guard import HEADERS, Guard
from postkit.preview.stage import NOTHING, Stage, news

HOST = "127.0.0.1"
HEARTBEAT_S = 15.0  # a browser that went away is noticed by then
PATIENCE_S = 10.0  # for a request to come in, and for an answer to be taken
MOST_AT_ONCE = 64  # connections; of more than that, each waits for a moment and is then sent away
MOMENT_S = 0.5
LARGEST_BODY = 10_000
LARGEST_IMAGE = 50_000_000

_ASSETS = {"css": "text/css", "js": "text/javascript"}
_IMAGES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
    (b"BM", "image/bmp"),
)


class Answer(NamedTuple):
    """What a browser gets."""

    status: HTTPStatus
    kind: str = "text/plain"
    body: bytes = b""


NOT_HERE = Answer(HTTPStatus.NOT_FOUND)
Page = Callable[[str, str, Mapping[str, Any]], Answer | None]
"""Takes method, path and the values that came with it; returns None for what it does not know."""


class Preview:
    """One page, served until `close`. `url` is where; nobody else knows it."""

    def __init__(
        self,
        name: str | None,
        *,
        port: int = 0,
        jump: Callable[[int], None] | None = None,
        pages: Mapping[str, Page] | None = None,
    ) -> None:
        """Listen on *port*, or on a free one; *jump* shows a line in an editor.

        *pages* answer what begins with their names; without a *name*, an article's, the first of
        them is all there is. Raises ConfigError where the port is taken.
        """
        self.stage = Stage()
        self.name = name
        self.jump = jump
        self.pages = dict(pages or {})
        try:
            self._http = _Http((HOST, port), _Handler)
        except OSError as error:
            raise ConfigError(
                f"port {port} cannot be had: {error.strerror}", hint="`--port 0` takes a free one"
            ) from None
        self._http.preview = self
        self.port = int(self._http.server_address[1])
        self.guard = Guard(self.port)
        start = "" if name is not None else next(iter(self.pages))
        self.url = f"http://{HOST}:{self.port}/{self.guard.token}/{start}"
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.1,), name="preview", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self.stage.close()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def answer(self, method: str, path: str, values: Mapping[str, Any]) -> Answer:
        """Return what *path* holds, all but the events."""
        name, _, rest = path.partition("/")
        if name in self.pages:
            return self.pages[name](method, rest, values) or NOT_HERE
        if method == "POST":
            return self._jumped(values) if path == "jump" else NOT_HERE
        if path == "" and self.name is not None:
            return html(
                fill_page(
                    "page",
                    {
                        "name": self.name,
                        "networks": [NETWORKS[known] for known in SOCIAL],
                        "jumps": self.jump is not None,
                        "calendar": "calendar" in self.pages,
                    },
                )
            )
        if name == "media":
            return _image(self.stage.view.images.get(rest))
        return asset(path)

    def _jumped(self, values: Mapping[str, Any]) -> Answer:
        line = values.get("line")
        if self.jump is None or not isinstance(line, int) or not 0 < line < 1 << 31:
            return NOT_HERE
        self.jump(line)
        return Answer(HTTPStatus.NO_CONTENT)


def html(text: str) -> Answer:
    """Return a page."""
    return Answer(HTTPStatus.OK, "text/html", text.encode("utf-8", "replace"))


def asset(path: str) -> Answer:
    """Return a style sheet or script of ours."""
    stem, _, suffix = path.partition(".")
    if suffix not in _ASSETS or not stem.isidentifier():
        return NOT_HERE
    file = shipped_templates() / "preview" / path
    if not file.is_file():
        return NOT_HERE
    return Answer(HTTPStatus.OK, _ASSETS[suffix], file.read_bytes())


def _image(path: Path | None) -> Answer:
    """Return an image of the post, which is one by its content, whatever its name says."""
    try:
        if path is None or not path.is_file() or path.stat().st_size > LARGEST_IMAGE:
            return NOT_HERE
        data = path.read_bytes()
    except OSError:
        return NOT_HERE
    kind = next((kind for mark, kind in _IMAGES if data.startswith(mark)), None)
    return NOT_HERE if kind is None else Answer(HTTPStatus.OK, kind, data)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    preview: Preview

    def __init__(self, *given: Any) -> None:
        self._free = threading.BoundedSemaphore(MOST_AT_ONCE)
        super().__init__(*given)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._free.acquire(timeout=MOMENT_S):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a browser that goes away in the middle is no event."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = PATIENCE_S
    server: _Http

    def version_string(self) -> str:
        return "postkit"

    def log_message(self, *_: object) -> None:
        """Say nothing: the path holds the token."""

    def handle_one_request(self) -> None:
        """Hang up on who does not come to the point, however many bytes they drip meanwhile."""
        self._clock = threading.Timer(PATIENCE_S, self._hang_up)
        self._clock.daemon = True
        self._clock.start()
        try:
            super().handle_one_request()
        finally:
            self._clock.cancel()

    def _hang_up(self) -> None:
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def do_GET(self) -> None:
        self._handle("GET")

    def do_POST(self) -> None:
        self._handle("POST")

    def _handle(self, method: str) -> None:
        preview = self.server.preview
        path, _, query = self.path.partition("#")[0].partition("?")
        rest = preview.guard.admits(method, path, self.headers)
        if method == "GET":  # a body has still to come
            self._clock.cancel()
        if rest is None:
            self.close_connection = True
            self._send(Answer(HTTPStatus.FORBIDDEN))
            return
        if method == "GET" and rest == "events":
            self._events(preview.stage)
            return
        values = self._values() if method == "POST" else dict(parse_qsl(query))
        if values is None:
            self.close_connection = True
            self._send(Answer(HTTPStatus.BAD_REQUEST))
            return
        try:
            answer = preview.answer(method, rest, values)
        except PostkitError as error:
            answer = told({"error": error.message, "hint": error.hint}, HTTPStatus.CONFLICT)
        self._send(answer)

    def _values(self) -> Mapping[str, Any] | None:
        """Return the JSON object that came with a request; None where none did."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            return None
        try:
            found = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    def _send(self, answer: Answer) -> None:
        self._begin(answer.status, answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _begin(self, status: HTTPStatus, kind: str) -> None:
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind if "/json" in kind else f"{kind}; charset=utf-8")
        if self.close_connection:
            self.send_header("Connection", "close")

    def _events(self, stage: Stage) -> None:
        """Tell what is new, for as long as somebody listens."""
        self.close_connection = True
        self._begin(HTTPStatus.OK, "text/event-stream")
        self.end_headers()
        version, shown = 0, NOTHING
        while not stage.closed:
            found = stage.after(version, HEARTBEAT_S)
            if found is None:
                self.wfile.write(b":\n\n")
                continue
            told_now = news(found[0], found[1], shown)
            version, shown = found
            data = json.dumps(told_now, ensure_ascii=False, separators=(",", ":"))
            self.wfile.write(b"data: " + data.encode("utf-8", "replace") + b"\n\n")


def told(value: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK) -> Answer:
    """Return *value* as JSON."""
    return Answer(status, "application/json", json.dumps(value).encode())
