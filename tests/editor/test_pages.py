"""The live preview that an editor feeds: every key is in the page, a click is in the editor."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import postkit
from tests.editor.client import Client

TEA = "# Tea\n\nIt is hot.\n"


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Client]:
    with Client(tmp_path, shows=True) as client:
        client.answers = {"": {"success": True}}
        yield client


class Page:
    """A browser with the page: what it was told, put together."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.parts: dict[str, str] = {}
        self._answer = answer

    def follow(self) -> None:
        line = self._answer.readline()
        while not line.startswith(b"data: "):
            line = self._answer.readline()
        self.parts |= json.loads(line.removeprefix(b"data: "))["parts"]

    def until(self, text: str) -> None:
        while text not in self.parts.get("card-linkedin", ""):
            self.follow()


@contextmanager
def opened(url: str) -> Iterator[Page]:
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.netloc, timeout=60)) as connection:
        connection.request("GET", f"{parts.path}events")
        with connection.getresponse() as answer:
            assert answer.status == 200
            yield Page(answer)


def posted(url: str, path: str, value: Any) -> int:
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.netloc, timeout=60)) as connection:
        headers = {"Origin": f"http://{parts.netloc}", "Content-Type": "application/json"}
        connection.request("POST", f"{parts.path}{path}", json.dumps(value), headers)
        return connection.getresponse().status


def insert(text: str, line: int = 2, character: int = 0) -> dict[str, Any]:
    place = {"line": line, "character": character}
    return {"range": {"start": place, "end": place}, "text": text}


def test_every_key_is_in_the_page(editor: Client) -> None:
    editor.open("a.md", TEA)
    answer = editor.command("postkit.preview", editor.uri("a.md"))
    assert answer["opened"]
    asked = editor.wait_for("window/showDocument")
    assert asked == {"uri": answer["url"], "external": True}
    with opened(answer["url"]) as page:
        page.until("It is hot.")
        for number in range(20):
            editor.change("a.md", insert(f"{number} "))
            page.until(f"{number} ")


def test_many_keys_at_once_end_with_the_last(editor: Client) -> None:
    editor.open("a.md", TEA)
    url = editor.command("postkit.preview", editor.uri("a.md"))["url"]
    with opened(url) as page:
        for _ in range(200):
            editor.change("a.md", insert("x"))
        page.until("x" * 200 + "It is hot.")


def test_a_click_is_in_the_editor(editor: Client) -> None:
    editor.open("a.md", TEA)
    url = editor.command("postkit.preview", editor.uri("a.md"))["url"]
    editor.wait_for("window/showDocument")
    assert posted(url, "jump", {"line": 3}) == 204
    place = {"line": 2, "character": 0}
    assert editor.wait_for("window/showDocument") == {
        "uri": editor.uri("a.md"),
        "takeFocus": True,
        "selection": {"start": place, "end": place},
    }


def test_a_page_is_opened_once_and_found_again(editor: Client) -> None:
    editor.open("a.md", TEA)
    editor.open("b.md", TEA)
    urls = [
        editor.command("postkit.preview", editor.uri(name))["url"]
        for name in ("a.md", "a.md", "b.md")
    ]
    assert urls[0] == urls[1] != urls[2]


def test_a_text_that_was_never_saved_has_a_page(editor: Client) -> None:
    uri = "untitled:Untitled-1"
    editor.tell(
        "textDocument/didOpen",
        textDocument={"uri": uri, "languageId": "markdown", "version": 1, "text": TEA},
    )
    with opened(editor.command("postkit.preview", uri)["url"]) as page:
        page.until("It is hot.")


def test_an_article_without_a_post_has_a_page_that_says_so(editor: Client) -> None:
    editor.open("a.md", "---\ntitle: [\n---\n")
    with opened(editor.command("postkit.preview", editor.uri("a.md"))["url"]) as page:
        page.follow()
        assert "There is no post yet" in page.parts["trouble"]


def test_what_is_not_there_has_none(editor: Client) -> None:
    answer = editor.answer(
        "workspace/executeCommand",
        command="postkit.preview",
        arguments=[editor.uri("gone.md")],
    )
    assert "no such file" in answer["error"]["message"]


def test_an_editor_that_shows_nothing_gets_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):  # nobody's browser may open
        monkeypatch.delenv(name, raising=False)
    with Client(tmp_path) as editor:
        editor.open("a.md", TEA)
        answer = editor.command("postkit.preview", editor.uri("a.md"))
        assert answer["url"].startswith("http://127.0.0.1:")
        with opened(answer["url"]) as page:
            page.until(postkit.render(TEA).text.split("\n")[-1])
        assert posted(answer["url"], "jump", {"line": 3}) == 404
