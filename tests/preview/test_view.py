"""What the page is given: the post to the character, the article line by line, and nothing else."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postkit.article.config import Config, PostSettings
from postkit.article.source import read_path, read_text
from postkit.check import examine
from postkit.networks import SOCIAL
from postkit.preview.view import MENTION, View, paragraphs, view

POSTS = sorted((Path(__file__).parents[2] / "posts").glob("*.md"))


def viewed(article: str | Path, config: Config | None = None) -> View:
    source = read_path(article) if isinstance(article, Path) else read_text(article)
    examined = examine(source, config=config or Config(), to=SOCIAL)
    return view(source, examined, examined.problems)


class Page(HTMLParser):
    """What a browser makes of a piece of HTML: the text of its parts, and the tags it has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self._open: list[bool] = []  # whether each open tag belongs to the text of the post
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag in {"img", "br", "path", "link", "meta", "input"}:
            return
        begins = ("data-text", None) in attrs
        if begins:
            self.texts.append("")
        self._open.append(begins or bool(self._open and self._open[-1]))

    def handle_endtag(self, tag: str) -> None:
        if tag != "path":
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1]:
            self.texts[-1] += data


def words_of(line: str) -> str:
    """Return the text of a line of the article."""
    found: list[str] = []
    parser = HTMLParser(convert_charrefs=True)
    parser.handle_data = found.append  # type: ignore[method-assign]
    parser.feed(line)
    parser.close()
    return "".join(found)


@pytest.mark.parametrize("path", POSTS, ids=lambda path: path.name)
def test_the_text_is_the_post_to_the_character(path: Path) -> None:
    source = read_path(path)
    (post,) = examine(source, config=Config(), to=("linkedin",)).posts
    assert Page(viewed(path).parts["card-linkedin"]).texts == [post.text]


@pytest.mark.parametrize("path", POSTS, ids=lambda path: path.name)
def test_the_article_is_there_line_by_line(path: Path) -> None:
    assert "\n".join(map(words_of, viewed(path).lines)) == read_path(path).raw


PIECES = st.sampled_from([
    *"ab #<>&\"'\n\n.()[]*`~-1\u05d0é🚀\u200d",
    *("https://x.org/", "</li>", "<script>"),
])  # fmt: skip
TEXT = st.lists(PIECES, max_size=60).map("".join)


@settings(max_examples=150, deadline=None)
@given(TEXT)
def test_whatever_the_article_holds(text: str) -> None:
    source = read_text(text)
    shown = viewed(text)
    assert "\n".join(map(words_of, shown.lines)) == source.raw
    for post in examine(source, config=Config(), to=("linkedin",)).posts:
        page = Page(shown.parts["card-linkedin"])
        assert page.texts == [post.text]
        assert page.tags <= {
            *(
                "header",
                "span",
                "strong",
                "svg",
                "path",
                "div",
                "button",
                "a",
                "ul",
                "li",
                "img",
                "p",
            ),
        }
        assert not [name for name in page.attributes if name.startswith("on") or name == "style"]


def test_every_piece_knows_its_line() -> None:
    article = (
        "# Tea\n\nIt is hot, see https://example.org/a-long-way/to. #Tea\n\n```\none\ntwo\n```\n"
    )
    source = read_text(article)
    (post,) = examine(source, config=Config(), to=("linkedin",)).posts
    found = [
        (piece.text, piece.kind, piece.line, piece.shown)
        for paragraph in paragraphs(post, source)
        for piece in paragraph.pieces
    ]
    assert found == [
        ("Tea", "", 1, ""),
        ("It is hot, see ", "", 3, ""),
        ("https://example.org/a-long-way/to", "link", 3, "lnkd.in/…"),
        (". ", "", 3, ""),
        ("#Tea", "tag", 3, ""),
        ("one\n", "", 6, ""),
        ("two", "", 7, ""),
    ]


def test_a_mention_is_one() -> None:
    article = "# Tea\n\nThanks to @[Ada #1 Lovelace](urn:li:person:x_1) for it.\n"
    source = read_text(article)
    (post,) = examine(source, config=Config(), to=("linkedin",)).posts
    pieces = [piece for paragraph in paragraphs(post, source) for piece in paragraph.pieces]
    assert [piece.text for piece in pieces if piece.kind == MENTION] == ["Ada #1 Lovelace"]


def test_what_is_not_in_the_post_is_struck_through() -> None:
    lines = viewed("# Tea\n\nIt is ~~cold~~ hot.\n").lines
    assert lines[2].count("<del") == 1
    assert '<del title="struck out by the author">cold</del>' in lines[2]


def test_what_is_in_the_post_is_never_struck_through() -> None:
    """Of a repaired paragraph only the sentences that are missing are."""
    text = "Itâ€™s hot and it was tested by us in every kitchen of the town, twice a day."
    more = " ".join(f"Nobody knew of kettle {n} before, and it had a lid." for n in range(99))
    article = f"# Tea\n\n{text} {more}\n"
    struck = "".join(re.findall(r"<del[^>]*>(.*?)</del>", viewed(article).lines[2]))
    (post,) = examine(read_text(article), config=Config(), to=("linkedin",)).posts
    kept = {number for number in range(99) if f"kettle {number} " in post.text}
    out = {number for number in range(99) if f"kettle {number} " in struck}
    assert kept
    assert out == set(range(99)) - kept


def test_a_problem_is_marked() -> None:
    lines = viewed("# Tea\n\nItâ€™s hot.\n").lines
    assert '<mark class="warning"' in lines[2]
    assert ">â€™</mark>" in lines[2]


def test_an_article_without_a_post_says_why() -> None:
    shown = viewed("---\ntitle: [\n---\n\nTea\n")
    assert set(shown.parts) == {"trouble", "report"}
    assert "Go to line" in shown.parts["trouble"]


def test_images(tmp_path: Path) -> None:
    (tmp_path / "pot.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    article = tmp_path / "a.md"
    article.write_text(
        '# Tea\n\nHot.\n\n![A "pot"](pot.png)\n![](gone.png)\n![x](https://e.org/a.png)\n'
    )
    config = Config(post=PostSettings(images="all")._asdict())
    shown = viewed(article, config)
    card = shown.parts["card-linkedin"]
    assert list(shown.images.values()) == [tmp_path / "pot.png"]
    (name,) = shown.images
    assert f'<img src="media/{name}" alt="A &#34;pot&#34;"' in card
    assert "gone.png was not found" in card
    assert "an image at e.org" in card
