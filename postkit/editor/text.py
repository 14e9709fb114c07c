"""A text as an editor has it: its changes, and its positions in the units that the editor counts.

The protocol ends lines at a line feed, a carriage return, or both together, and at nothing else.
(Python's `splitlines` knows seven more, and a form feed would put every later change in the wrong
line.) Columns are counted in UTF-16 code units, or in UTF-8 or UTF-32 where both sides agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

_LINE_END = re.compile("\r\n|\n|\r")


class Point(NamedTuple):
    """A position as the protocol has it: line and column from 0, the column in *units*."""

    line: int
    column: int


class Units(NamedTuple):
    """How an editor counts columns: the length of a text, and of one character."""

    length: Callable[[str], int]
    of: Callable[[int], int]  # a code point


UNITS: Mapping[str, Units] = MappingProxyType({
    "utf-16": Units(
        lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2,
        lambda code: 2 if code > 0xFFFF else 1,
    ),
    "utf-8": Units(
        lambda text: len(text.encode("utf-8", "surrogatepass")),
        lambda code: 1 + (code > 0x7F) + (code > 0x7FF) + (code > 0xFFFF),
    ),
    "utf-32": Units(len, lambda _code: 1),
})  # fmt: skip


class Text:
    r"""The text of one document. Immutable: a change makes a new one.

    >>> Text("one\r\n🚀 two").changed(Point(1, 3), Point(1, 6), "2").content
    'one\r\n🚀 2'
    """

    __slots__ = ("_ends", "_starts", "_units", "content", "encoding")

    def __init__(self, content: str, encoding: str = "utf-16") -> None:
        self.content = content
        self.encoding = encoding
        self._units = UNITS[encoding]
        self._starts = [0]
        self._ends: list[int] = []  # of the lines, without what ends them
        for match in _LINE_END.finditer(content):
            self._ends.append(match.start())
            self._starts.append(match.end())
        self._ends.append(len(content))

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self._starts)

    def line(self, number: int) -> str:
        """Return a line, counted from 0, without what ends it."""
        return self.content[self._starts[number] : self._ends[number]]

    def offset(self, point: Point) -> int:
        """Return the offset in `content` of a position; what lies outside is brought inside.

        A position inside of a character, which no editor should send, is that character's start.
        """
        if point.line < 0:
            return 0
        if point.line >= len(self._starts):
            return len(self.content)
        line = self.line(point.line)
        start = self._starts[point.line]
        if point.column <= 0:
            return start
        if line.isascii():
            return start + min(point.column, len(line))
        units = 0
        for at, character in enumerate(line):
            units += self._units.of(ord(character))
            if units > point.column:
                return start + at
        return start + len(line)

    def point(self, line: int, column: int) -> Point:
        """Return the position of a *column* of characters in a *line*, both from 0."""
        if line >= len(self._starts):
            last = len(self._starts) - 1
            return Point(last, self._units.length(self.line(last)))
        before = self.line(line)[: max(column, 0)]
        return Point(line, len(before) if before.isascii() else self._units.length(before))

    def changed(self, start: Point, end: Point, replacement: str) -> Text:
        """Return the text with what stands between two positions replaced."""
        first = self.offset(start)
        last = max(first, self.offset(end))
        content = self.content[:first] + replacement + self.content[last:]
        return Text(content, self.encoding)
