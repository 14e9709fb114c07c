"""Who asks gets what is theirs: the page with the token from this machine, and nothing without."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from postkit.errors import ConfigError
from postkit.preview import server
from postkit.preview.guard import HEADERS
from postkit.preview.server import MOST_AT_ONCE, Preview
from postkit.preview.view import View


@pytest.fixture
def page() -> Iterator[Preview]:
    with Preview("tea.md") as served:
        yield served


class Got(NamedTuple):
    """An answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(
    page: Preview, path: str = "", method: str = "GET", body: bytes | None = None, **other: Any
) -> Got:
    """Ask as a browser does on the page itself, but for what *other* says."""
    with closing(_connected(page, path, method, body, **other)) as connection:
        answer = connection.getresponse()
        return Got(answer.status, answer.headers, answer.read())


def _connected(
    page: Preview,
    path: str,
    method: str = "GET",
    body: bytes | None = None,
    *,
    token: str | None = None,
    **other: str | None,
) -> http.client.HTTPConnection:
    headers: dict[str, str | None] = {"Host": f"127.0.0.1:{page.port}"}
    if method == "POST":
        headers |= {"Origin": f"http://127.0.0.1:{page.port}", "Content-Type": "application/json"}
    if body is not None:
        headers["Content-Length"] = str(len(body))
    headers |= {name.replace("_", "-"): value for name, value in other.items()}
    connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=10)
    token = page.guard.token if token is None else token
    connection.putrequest(method, f"/{token}/{path}", skip_host=True)
    for name, value in headers.items():
        if value is not None:
            connection.putheader(name, value)
    connection.endheaders(body)
    return connection


def test_the_page_is_there(page: Preview) -> None:
    answer = ask(page)
    assert answer.status == 200
    text = answer.body.decode()
    assert "<title>tea.md – postkit</title>" in text
    for name, value in HEADERS.items():
        assert answer.headers[name] == value


@pytest.mark.parametrize("path", ["page.css", "look.css", "page.js"])
def test_what_it_needs_is_there(page: Preview, path: str) -> None:
    assert ask(page, path).status == 200


def test_nothing_comes_from_elsewhere(page: Preview) -> None:
    """Neither page nor styles nor script name an address, but where they may be quoted."""
    for path in ("", "page.css", "look.css", "page.js"):
        text = ask(page, path).body.decode()
        assert "//" not in text.replace("// ", "").replace("<!DOCTYPE", "")


def test_the_page_is_small(page: Preview) -> None:
    sizes = [len(ask(page, path).body) for path in ("", "page.css", "look.css", "page.js")]
    assert sum(sizes) < 60_000


REFUSED: dict[str, Mapping[str, str | None]] = {
    "no token": {"token": ""},
    "another token": {"token": "x" * 32},
    "a token that begins so": {"token": "PREFIX"},
    "a rebound name": {"Host": "evil.example:PORT"},
    "a rebound name on port 80": {"Host": "evil.example"},
    "another port": {"Host": "127.0.0.1:1"},
    "no host": {"Host": None},
    "a picture in another page": {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"},
    "a script of another page": {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "cors"},
    "a frame in another page": {
        "Sec_Fetch_Site": "cross-site",
        "Sec_Fetch_Mode": "navigate",
        "Sec_Fetch_Dest": "iframe",
    },
}


@pytest.mark.parametrize("path", ["", "events", "page.js", "media/x"])
@pytest.mark.parametrize("headers", REFUSED.values(), ids=REFUSED)
def test_others_get_nothing(page: Preview, path: str, headers: Mapping[str, str | None]) -> None:
    given = {
        name: value
        and value.replace("PORT", str(page.port)).replace("PREFIX", page.guard.token[:-1])
        for name, value in headers.items()
    }
    answer = ask(page, path, **given)
    assert answer.status == 403
    assert answer.body == b""


def test_a_person_may_follow_a_link(page: Preview) -> None:
    headers = {
        "Sec_Fetch_Site": "cross-site",
        "Sec_Fetch_Mode": "navigate",
        "Sec_Fetch_Dest": "document",
    }
    assert ask(page, **headers).status == 200


FORGED: dict[str, Mapping[str, str | None]] = {
    "another page": {"Origin": "https://evil.example"},
    "a page on another port": {"Origin": "http://127.0.0.1:1"},
    "a page of nobody": {"Origin": "null"},
    "no page": {"Origin": None},
    "a form": {"Content_Type": "application/x-www-form-urlencoded"},
    "a simple request": {"Content_Type": "text/plain"},
}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED)
def test_nobody_else_changes_anything(headers: Mapping[str, str | None]) -> None:
    jumped: list[int] = []
    with Preview("tea.md", jump=jumped.append) as page:
        answer = ask(page, "jump", "POST", b'{"line": 3}', **headers)
        assert answer.status == 403
        assert ask(page, "jump", "POST", b'{"line": 3}').status == 204
    assert jumped == [3]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"3",
        b'{"line": "3"}',
        b'{"line": -1}',
        b'{"line": 1e99}',
        b"{}",
        b"[" * 9999,
    ],
)
def test_what_makes_no_sense_is_refused(body: bytes) -> None:
    jumped: list[int] = []
    with Preview("tea.md", jump=jumped.append) as page:
        assert ask(page, "jump", "POST", body).status in {400, 404}
    assert jumped == []


def test_a_body_without_end_is_not_read(page: Preview) -> None:
    answer = ask(page, "jump", "POST", Content_Length="999999999999")
    assert answer.status == 400


@pytest.mark.parametrize(
    "path",
    [
        *("..%2f..%2fetc/passwd", "../pyproject.toml", "media/../../x", "page.html.j2", "nothing"),
        *("page.js/..", "./page.css", "media/", "calendar", "/etc/passwd", "page.css%00.js"),
    ],
)
def test_there_is_nothing_else(page: Preview, path: str) -> None:
    assert ask(page, path).status == 404


def test_an_image_is_one_by_its_content(page: Preview, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n...")
    (tmp_path / "b.png").write_bytes(b"<svg onload=alert(1)>")
    (tmp_path / "c.png").mkdir()
    images = {name: tmp_path / f"{name}.png" for name in ("a", "b", "c", "gone")}
    page.stage.show(View({}, (), images))
    answer = ask(page, "media/a")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/png; charset=utf-8")
    assert {ask(page, f"media/{name}").status for name in ("b", "c", "gone")} == {404}


def told(answer: http.client.HTTPResponse) -> Any:
    line = answer.readline()
    answer.readline()
    return json.loads(line.removeprefix(b"data: "))


def test_events_tell_what_is_new(page: Preview) -> None:
    page.stage.show(View({"card": "one"}, ("a", "b"), {}))
    with closing(_connected(page, "events")) as connection, connection.getresponse() as answer:
        assert told(answer) == {
            "version": 1,
            "parts": {"card": "one"},
            "gone": [],
            "lines": {"from": 0, "remove": 0, "insert": ["a", "b"]},
        }
        page.stage.show(View({"card": "one"}, ("a", "ü", "b"), {}))
        assert told(answer) == {
            "version": 2,
            "parts": {},
            "gone": [],
            "lines": {"from": 1, "remove": 0, "insert": ["ü"]},
        }


def test_browsers_that_go_away_leave_nothing_behind(page: Preview) -> None:
    """More of them than may ask at once come and go, and the page still answers."""
    for number in range(2 * MOST_AT_ONCE):
        page.stage.show(View({"card": str(number)}, (), {}))
        with closing(_connected(page, "events")) as connection, connection.getresponse() as answer:
            assert told(answer)["parts"]
    assert ask(page).status == 200
    number = 0
    while [one for one in threading.enumerate() if "process_request_thread" in one.name]:
        number += 1
        assert number < 1000
        page.stage.show(View({"card": f"{number}" * 9_999}, (), {}))
        time.sleep(0.01)


def test_who_only_drips_is_sent_away(page: Preview, monkeypatch: pytest.MonkeyPatch) -> None:
    """Strangers take all the places, a byte at a time; who has the token gets in all the same."""
    monkeypatch.setattr(server, "PATIENCE_S", 0.5)
    strangers = [socket.create_connection(("127.0.0.1", page.port)) for _ in range(MOST_AT_ONCE)]
    end = time.monotonic() + 30
    answered = False
    while not answered:
        assert time.monotonic() < end
        for stranger in strangers:
            with suppress(OSError):
                stranger.sendall(b"G")
        with suppress(OSError, http.client.HTTPException):
            answered = ask(page).status == 200
    for stranger in strangers:
        stranger.close()


def test_a_port_that_is_taken_is_an_error_in_words(page: Preview) -> None:
    with pytest.raises(ConfigError, match=f"port {page.port} cannot be had"):
        Preview("other.md", port=page.port)


def test_the_token_is_another_every_time(page: Preview) -> None:
    with Preview("tea.md") as other:
        assert other.guard.token != page.guard.token
        assert ask(other, token=page.guard.token).status == 403
