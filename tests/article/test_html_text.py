"""HTML falls into tokens, and tags find their partners."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postkit.article.html_text import attributes, is_hidden, marker_name, pairs, tokens

TOKENS = [
    ("a < b <3 <", "a |< b |<3 |<"),
    ("<p class='a > b'>c</p >", "open p|c|close p"),
    ("<br/><IMG src=a>", "open br|open img"),
    ("<a\nhref='b'\n>c", "open a|c"),
    ("<a 'b>c", "<a 'b>c"),
    ("<!-- a --><!--b", "comment  a |unclosed b"),
    ("<!--><!--->a", "empty !--|empty !--|a"),
    ("<?php '>' ?>a<!DOCTYPE b>c<![CDATA[d>]]>e", "a|c|e"),
    ("<script>a < b </p></script>c", "open script|a < b </p>|close script|c"),
    ("<TEXTAREA><b></textarea>", "open textarea|<b>|close textarea"),
    ("<title>a<b>", "open title|a|open b"),
    ("<scripts>a</scripts>", "open scripts|a|close scripts"),
]


@pytest.mark.parametrize(("html", "expected"), TOKENS)
def test_tokens(html: str, expected: str) -> None:
    found = [
        token.text if token.kind == "text" else f"{token.kind} {token.text}"
        for token in tokens(html)
    ]
    assert "|".join(found) == expected


@given(st.lists(st.sampled_from([*"<>/!-?='\" a", "<b ", "</b>", "<!--", "-->", "<script>", "é"])))
def test_tokens_stand_in_order_and_skip_only_what_is_silent(pieces: list[str]) -> None:
    html = "".join(pieces)
    at = 0
    for token in tokens(html):
        assert at <= token.start < token.end <= len(html)
        assert html[at : token.start] == "" or html[at : token.start].startswith("<")
        at = token.end


@pytest.mark.parametrize(
    ("fragments", "expected"),
    [
        (["<b>", "<i>", "</b></i>"], {0: 2, 1: 3}),
        (["<b><b>", "</b>"], {1: 2}),
        (["</b><b>"], {}),
        (["<br></br><b/></b>"], {}),
        (["<a><a></a></a>"], {1: 2}),
        (["<!-->", "<b>", "<!--->", "<!-->"], {0: 2}),
    ],
)
def test_pairs(fragments: list[str], expected: dict[int, int]) -> None:
    assert pairs(fragments) == expected


def test_the_first_of_two_attributes_wins() -> None:
    found = attributes(" a=1 B='&quot;' a=2 c d = \"e f\"")
    assert found == {"a": "1", "b": '"', "c": "", "d": "e f"}


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("video", "", True),
        ("p", "", False),
        ("p", " hidden", True),
        ("p", ' style="Display : None"', True),
        ("p", ' style="display: block"', False),
    ],
)
def test_hidden(name: str, source: str, expected: bool) -> None:
    assert is_hidden(name, attributes(source)) is expected


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("more", "more"),
        (" Read More ", "more"),
        (" end_excerpt ", "excerpt"),
        ("excerpt", "excerpt"),
        (" truncate ", "truncate"),
        ("postkit:cut", "postkit:cut"),
        (" PostKit: cut here ", "postkit:cut here"),
        (" one more thing ", None),
        ("", None),
    ],
)
def test_marker_names(comment: str, expected: str | None) -> None:
    assert marker_name(comment) == expected
