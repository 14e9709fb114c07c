"""What `check` tells: the problems of the stages, in the order of the file, at their places."""

from __future__ import annotations

from pathlib import Path

import pytest

import postkit
from postkit.article.config import Config, load
from postkit.article.source import read_bytes, read_path, read_text
from postkit.check import check
from postkit.errors import FrontMatterError


def told(article: str | bytes, path: str | None = None) -> list[tuple[str, str, int | None]]:
    source = read_text(article, path) if isinstance(article, str) else read_bytes(article, path)
    return [(p.code, p.severity, p.line) for p in check(source, config=Config())]


@pytest.mark.parametrize(
    ("article", "problems"),
    [
        ("Tea.", []),
        ("Itâ€™s a cafÃ© in winter, and weâ€™re here.", [("PK101", "warning", 1)] * 3),
        ("# " + "a" * 4000, [("PK102", "error", 1)]),
        ("Tea.\n\nSee [it](/pots/).", [("PK103", "warning", 3)]),
        ("Tea.\n\n![](https://x.org/a.png)", [("PK104", "warning", 3)]),
        ("Tea.\n\n![A pot](pot.png)", [("PK105", "warning", 3)]),
        (
            "Tea [1] [7].\n\n## Links\n\n- [1] [A](https://x.org/a)\n- [2] [B](https://x.org/b)",
            [("PK106", "warning", 1), ("PK107", "info", 6)],
        ),
        ("Tea.\n\n![A pot](https://x.org/pot.svg)", [("PK109", "warning", 3)]),
        ("", [("PK112", "error", 1)]),
        ("te\0a", [("PK122", "warning", 1)]),
        ("---\ntitle: a\ntitle: b\n---\nTea.", [("PK130", "warning", 3)]),
    ],
)
def test_codes(article: str, problems: list[tuple[str, str, int]]) -> None:
    assert told(article) == problems


def test_a_post_that_had_to_leave_out_and_cannot_say_where_the_rest_is() -> None:
    sentence = "The brown pot of house number {} holds two litres of black tea. "
    article = "# Tea\n\n" + "\n\n".join(sentence.format(n) for n in range(100))
    assert ("PK108", "info", None) in told(article)


def test_an_encoding_that_is_not_utf8() -> None:
    article = "Ich würde gern wissen, was größer ist und für wen.".encode("cp1252")
    assert [code for code, _, _ in told(article)] == ["PK120"]


def test_a_tag_that_is_no_hashtag() -> None:
    assert [code for code, _, _ in told("---\ntags: [green-tea]\n---\nTea.")] == ["PK110"]


def test_places_count_in_the_writers_file() -> None:
    """Lines after a repair, after front matter and with CRLF are the writer's own."""
    article = "---\r\ntitle: Itâ€™s tea\r\n---\r\n\r\nItâ€™s here. See [it](/pots/).\r\n"
    places = [
        (p.code, p.line, p.column, p.end_line, p.end_column)
        for p in check(read_bytes(article.encode()), config=Config())
    ]
    assert places == [
        ("PK101", 2, 10, 2, 13),
        ("PK101", 5, 3, 5, 6),
        ("PK103", 5, 18, 5, 30),
    ]


def test_problems_come_in_the_order_of_the_file() -> None:
    article = "See [a](/a).\n\n![](https://x.org/a.png)\n\nSee [b](/b).\n\nItâ€™s [c](/c)."
    lines = [line or 0 for _, _, line in told(article)]
    assert lines == sorted(lines)
    assert len(lines) >= 4


def test_broken_front_matter_is_an_error() -> None:
    with pytest.raises(FrontMatterError):
        told("---\ntitle: [a\n---\nTea.")


def test_the_configuration_counts(tmp_path: Path) -> None:
    (tmp_path / "postkit.toml").write_text('[site]\nurl = "https://tea.example"\n', "utf-8")
    article = tmp_path / "tea.md"
    article.write_text("See [it](/pots/).", "utf-8")
    assert check(read_path(article), config=load(tmp_path, environ={})) == ()
    assert postkit.check(article) == []


def test_an_image_is_looked_for_where_the_site_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "postkit.toml").write_text('[site]\nstatic = "public"\n', "utf-8")
    (tmp_path / "public" / "img").mkdir(parents=True)
    (tmp_path / "public" / "img" / "pot.png").write_bytes(b"")
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "cup.png").write_bytes(b"")
    article = posts / "tea.md"
    article.write_text("Tea.\n\n![A pot](/img/pot.png)", "utf-8")
    assert postkit.check(article) == []
    article.write_text("Tea.\n\n![A cup](cup.png)", "utf-8")
    assert postkit.check(article) == []
    article.write_text("Tea.\n\n![A cup](/cup.png)", "utf-8")
    assert [problem.code for problem in postkit.check(article)] == ["PK105"]
