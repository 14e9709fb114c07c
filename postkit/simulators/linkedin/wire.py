"""Requests and answers, as far as they are HTTP and nobody's in particular."""

from __future__ import annotations

import json
from email import message_from_bytes
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
HTML = "text/html; charset=utf-8"


class Request(NamedTuple):
    """What arrived. Names of headers are in lower case."""

    method: str
    path: str  # percent-encoded, as it came
    query: str
    headers: dict[str, str]
    body: bytes

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")

    @property
    def content_type(self) -> str:
        return self.header("Content-Type").partition(";")[0].strip().lower()

    def parameters(self) -> dict[str, str]:
        """Return the query decoded; the last of equal names wins, empty parts are no harm."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def raw_parameters(self) -> dict[str, list[str]]:
        """Return the query with its values still encoded, for what has syntax inside."""
        found: dict[str, list[str]] = {}
        for part in self.query.split("&"):
            name, _, value = part.partition("=")
            found.setdefault(unquote(name), []).append(value)
        return found

    def form(self) -> dict[str, str]:
        """Return the fields of a form that was posted."""
        if self.content_type != FORM:
            return {}
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


class Answer(NamedTuple):
    """What is sent back."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def encoded(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def json_answer(status: int, data: Any, *headers: tuple[str, str]) -> Answer:
    return Answer(status, encoded(data), (("Content-Type", JSON), *headers))


def html_answer(status: int, page: str, *headers: tuple[str, str]) -> Answer:
    return Answer(status, page.encode(), (("Content-Type", HTML), *headers))


def untunnelled(request: Request) -> Request:
    """Return the request that `X-HTTP-Method-Override` carries inside a POST.

    Clients do so where the query would be longer than 4,000 characters: the body is the query,
    or, where there is a body as well, one part of two.
    """
    method = request.header("X-HTTP-Method-Override").upper()
    if request.method != "POST" or not method:
        return request
    headers = {
        name: value for name, value in request.headers.items() if name != "x-http-method-override"
    }
    if request.content_type == FORM:
        headers.pop("content-type")
        query = request.body.decode("ascii", "replace")
        return Request(method, request.path, query, headers, b"")
    if request.content_type == "multipart/mixed":
        return _apart(request, method, headers)
    return Request(method, request.path, request.query, headers, request.body)


def _apart(request: Request, method: str, headers: dict[str, str]) -> Request:
    head = f"Content-Type: {request.header('Content-Type')}\r\n\r\n".encode()
    query, body = request.query, b""
    for part in message_from_bytes(head + request.body).walk():
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        if part.get_content_type() == FORM:
            query = payload.decode("ascii", "replace").strip()
        else:
            body = payload
            headers["content-type"] = part.get_content_type()
    return Request(method, request.path, query, headers, body)
