"""The text of an editor: changes and positions, in every unit, against the plainest model."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postkit.editor.text import UNITS, Change, Point, Text

# Line ends of the protocol, what Python takes for one and the protocol does not, wide characters.
ALPHABET = st.sampled_from([
    *("a", " ", "\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"),
    *("é", "€", "漢", "🚀", "👩🏽‍💻", "\ufeff", "\u0301", "\ud800"),
])  # fmt: skip
TEXTS = st.lists(ALPHABET, max_size=30).map("".join)


def encoded_length(text: str, encoding: str) -> int:
    size = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    codec = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding]
    return len(text.encode(codec, "surrogatepass")) // size


def point_of(content: str, offset: int, encoding: str) -> Point:
    """Return the position of an offset, worked out from its beginning."""
    before = content[:offset]
    lines = re.split("\r\n|\n|\r", before)
    return Point(len(lines) - 1, encoded_length(lines[-1], encoding))


def between_crlf(content: str, offset: int) -> bool:
    return content[offset - 1 : offset + 1] == "\r\n" and offset > 0


@pytest.mark.parametrize("encoding", UNITS)
@given(content=TEXTS, data=st.data())
def test_a_position_leads_back_to_its_offset(
    encoding: str, content: str, data: st.DataObject
) -> None:
    text = Text(content, encoding)
    offset = data.draw(st.integers(0, len(content)))
    if not between_crlf(content, offset):
        assert text.offset(point_of(content, offset, encoding)) == offset


@pytest.mark.parametrize("encoding", UNITS)
@given(content=TEXTS, replacement=TEXTS, data=st.data())
def test_a_change_is_a_change_of_the_string(
    encoding: str, content: str, replacement: str, data: st.DataObject
) -> None:
    places = st.integers(0, len(content)).filter(lambda at: not between_crlf(content, at))
    first, last = sorted((data.draw(places), data.draw(places)))
    places = (point_of(content, at, encoding) for at in (first, last))
    changed = Text(content, encoding).changed(Change(replacement, *places))
    assert changed.content == content[:first] + replacement + content[last:]


@given(content=TEXTS, data=st.data())
def test_changes_at_once_are_changes_one_by_one(content: str, data: st.DataObject) -> None:
    places = st.builds(Point, st.integers(-1, 9), st.integers(-1, 9))
    change = st.builds(Change, TEXTS, places, places) | st.builds(Change, TEXTS)
    changes = data.draw(st.lists(change, max_size=6))
    one_by_one = Text(content)
    for each in changes:
        one_by_one = one_by_one.changed(each)
    assert Text(content).changed(*changes).content == one_by_one.content


@pytest.mark.parametrize("encoding", UNITS)
def test_a_long_line_is_counted_as_a_short_one(encoding: str) -> None:
    line = "tea é 漢 🚀 " * 2000
    text = Text(f"\n{line}\n", encoding)
    for column in (0, 4095, 4096, 4097, 8192, 12_345, len(line), len(line) + 9):
        assert text.point(1, column) == Point(1, encoded_length(line[:column], encoding))


@given(content=TEXTS, line=st.integers(-2, 50), column=st.integers(-2, 50))
def test_no_position_is_outside(content: str, line: int, column: int) -> None:
    assert 0 <= Text(content).offset(Point(line, column)) <= len(content)


def test_a_form_feed_ends_no_line() -> None:
    text = Text("one\x0ctwo\nthree")
    assert len(text) == 2
    assert text.changed(Change("3", Point(1, 0), Point(1, 5))).content == "one\x0ctwo\n3"


def test_the_middle_of_a_character_is_its_start() -> None:
    assert Text("🚀a").offset(Point(0, 1)) == 0
    assert Text("🚀a", "utf-8").offset(Point(0, 3)) == 0
    assert Text("🚀a", "utf-32").offset(Point(0, 1)) == 1
