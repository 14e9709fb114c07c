"""LinkedIn's little text: what is written, what is read, and that both agree."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postkit.errors import ArticleError
from postkit.model import Mention
from postkit.publishers import little_text
from postkit.publishers.base import PlainText
from postkit.publishers.little_text import (
    RESERVED,
    NotLittleText,
    NotProved,
    Parsed,
    escape,
    parse,
    prove,
)
from postkit.testing import Case, read_cases

CASES = Path(__file__).parents[1] / "cases" / "little_text"


def _mentioned(given: str) -> tuple[str, list[Mention]]:
    lines = given.split("\n")
    wanted = [line[3:].split(" = ") for line in lines if line.startswith("%% ")]
    text = "\n".join(lines[len(wanted) :])
    mentions: list[Mention] = []
    for name, target in wanted:
        start = text.index(name)
        mentions.append(Mention(start, start + len(name), target))
    return text, mentions


@pytest.mark.parametrize("case", read_cases(CASES / "escape.txt"), ids=str)
def test_escape(case: Case) -> None:
    text, mentions = _mentioned(case.given)
    assert prove(text, mentions) == case.expected, case.where


def _refused_at(little: str) -> int | None:
    try:
        parse(little)
    except NotLittleText as error:
        return error.offset
    return None


def _shown(little: str) -> str:
    offset = _refused_at(little)
    if offset is not None:
        return f"!! {offset}"
    read = parse(little)
    lines = [read.text]
    lines += [f"%% mention {m.start} {m.end} {m.target}" for m in read.mentions]
    lines += [f"%% hashtag {tag}" for tag in read.hashtags]
    return "\n".join(lines)


@pytest.mark.parametrize("case", read_cases(CASES / "parse.txt"), ids=str)
def test_parse(case: Case) -> None:
    assert _shown(case.given) == case.expected, case.where


# ---------------------------------------------------------------------------------------------
# Whatever the text

rich = st.lists(
    st.one_of(
        st.sampled_from(RESERVED),
        st.sampled_from([*RESERVED, " ", "\n", "a", "é", "1", "\u0301", "\u0915\u094d", "\ufe0f"]),
        st.sampled_from(["#tag", "https://", "www.", "\\#", "urn:li:person:x", "{hashtag|\\#|x}"]),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    ),
    max_size=40,
).map("".join)


@given(rich)
def test_what_is_escaped_reads_as_it_was(text: str) -> None:
    assert parse(escape(text)).text == text
    assert parse(escape(text)).mentions == ()


@given(rich)
def test_escaping_twice_is_escaping_twice(text: str) -> None:
    once = escape(text)
    assert (escape(once) != once) == ("\\" in once)
    assert parse(parse(escape(once)).text).text == text


@given(rich)
def test_nothing_reserved_stands_bare_but_the_signs_of_hashtags(text: str) -> None:
    little = escape(text)
    bare = re.sub(r"\\[|{}@\[\]()<>#\\*_~]", "", little)
    assert set(bare) & set(RESERVED) <= {"#"}
    assert bare.count("#") == len(parse(little).hashtags)


@given(st.lists(st.tuples(rich, rich.filter(bool)), max_size=5), rich)
def test_mentions_come_back(pieces: list[tuple[str, str]], rest: str) -> None:
    text, mentions = "", []
    for before, name in pieces:
        start = len(text + before)
        text += before + name
        mentions.append(Mention(start, len(text), "urn:li:organization:12"))
    text += rest
    read = parse(prove(text, mentions[::-1]))
    assert (read.text, read.mentions) == (text, tuple(mentions))


@given(rich)
def test_reading_says_no_and_nothing_else(text: str) -> None:
    offset = _refused_at(text)
    if offset is not None:
        assert 0 <= offset < len(text)
        assert _refused_at(text[:offset]) is None


@pytest.mark.parametrize(
    "text",
    ["#" * 200_000, "#a_" * 70_000, "a" * 200_000, "www." * 50_000, "://" * 70_000, "\\" * 200_000,
     "@[" * 100_000, "#" + "a" * 200_000 + "_", "{hashtag|\\#|" * 15_000, "(" * 200_000],
    ids=lambda text: text[:4],
)  # fmt: skip
def test_time_grows_with_the_text(text: str) -> None:
    begun = time.process_time()
    prove(text)
    with pytest.raises(NotLittleText):
        parse(text + "@")
    assert time.process_time() - begun < 2


# ---------------------------------------------------------------------------------------------
# What is refused


@pytest.mark.parametrize(
    "target",
    ["@ada", "urn:li:member:1", "urn:li:person:", "urn:li:person:a)b", "urn:li:person:a\n", "",
     "URN:LI:PERSON:a", "https://linkedin.com/in/ada"],
)  # fmt: skip
def test_only_people_and_organizations_are_mentioned(target: str) -> None:
    with pytest.raises(ArticleError, match="cannot be mentioned on LinkedIn") as refused:
        prove("Ada", [Mention(0, 3, target)])
    assert refused.value.hint is not None
    assert refused.value.exit_code == 3


@pytest.mark.parametrize("spans", [[(0, 0)], [(2, 9)], [(0, 2), (1, 3)], [(-1, 2)], [(2, 1)]])
def test_mentions_that_cannot_be(spans: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="Mention"):
        prove("Ada", [Mention(start, end, "urn:li:person:a") for start, end in spans])


def test_nothing_is_sent_that_reads_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(little_text, "parse", lambda _: Parsed(PlainText("else")))
    with pytest.raises(NotProved):
        prove("Tea")
    monkeypatch.undo()
    monkeypatch.setattr(little_text, "escape", lambda text, _: text)
    with pytest.raises(NotProved, match="offset 4"):
        prove("Tea (green)")
