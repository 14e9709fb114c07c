"""A text as an editor has it: its changes, and its positions in the units that the editor counts.

The protocol ends lines at a line feed, a carriage return, or both together, and at nothing else.
(Python's `splitlines` knows seven more, and a form feed would put every later change in the wrong
line.) Columns are counted in UTF-16 code units, or in UTF-8 or UTF-32 where both sides agree.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from itertools import accumulate, pairwise
from types import MappingProxyType
from typing import NamedTuple

_BLOCK = 4096  # characters
_LINE_END = re.compile("\r\n|\n|\r")


class Point(NamedTuple):
    """A position as the protocol has it: line and column from 0, the column in *units*."""

    line: int
    column: int


class Change(NamedTuple):
    """What stands between two positions, replaced; the whole text, where there are none."""

    text: str
    start: Point | None = None
    end: Point | None = None


# How an editor counts columns: the length of a text.
UNITS: Mapping[str, Callable[[str], int]] = MappingProxyType({
    "utf-16": lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2,
    "utf-8": lambda text: len(text.encode("utf-8", "surrogatepass")),
    "utf-32": len,
})  # fmt: skip


class Text:
    r"""The text of one document. Immutable: a change makes a new one.

    >>> Text("one\r\n🚀 two").changed(Change("2", Point(1, 3), Point(1, 6))).content
    'one\r\n🚀 2'
    """

    __slots__ = ("_counted", "_ends", "_length", "_starts", "content", "encoding")

    def __init__(self, content: str, encoding: str = "utf-16") -> None:
        self.content = content
        self.encoding = encoding
        self._length = UNITS[encoding]
        self._starts = [0]
        self._ends: list[int] = []  # of the lines, without what ends them
        for match in _LINE_END.finditer(content):
            self._ends.append(match.start())
            self._starts.append(match.end())
        self._ends.append(len(content))
        self._counted: dict[int, list[int]] = {}  # units before each block of a long line

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
        return self._starts[point.line] + self._within(self.line(point.line), point.column)

    def _within(self, line: str, column: int) -> int:
        if column <= 0:
            return 0
        if line.isascii():
            return min(column, len(line))
        ends = range(len(line) + 1)
        return bisect_right(ends, column, key=lambda end: self._length(line[:end])) - 1

    def point(self, line: int, column: int) -> Point:
        """Return the position of a *column* of characters in a *line*, both from 0."""
        if line >= len(self._starts):
            last = len(self._starts) - 1
            return Point(last, self._units(last, self._ends[last] - self._starts[last]))
        return Point(line, self._units(line, max(column, 0)))

    def _units(self, line: int, column: int) -> int:
        """Return the units before a *column* of characters, without counting a long line anew."""
        start, end = self._starts[line], self._ends[line]
        column = min(column, end - start)
        if column < _BLOCK:
            return self._length(self.content[start : start + column])
        if line not in self._counted:
            blocks = (self.content[at : at + _BLOCK] for at in range(start, end, _BLOCK))
            self._counted[line] = list(accumulate(map(self._length, blocks), initial=0))
        block = column // _BLOCK
        behind = self.content[start + block * _BLOCK : start + column]
        return self._counted[line][block] + self._length(behind)

    def changed(self, *changes: Change) -> Text:
        """Return the text after *changes*, each of what the one before it left.

        They are made line by line: an editor that mends all damage sends thousands at once.
        """
        lines = [self.content[start:end] for start, end in pairwise([*self._starts, None])]
        for change in changes:
            if change.start is None or change.end is None:
                lines = _split(change.text)
                continue
            first, at = self._place(lines, change.start)
            last, to = max((first, at), self._place(lines, change.end))
            piece = lines[first][:at] + change.text + lines[last][to:]
            if first and piece.startswith("\n") and lines[first - 1].endswith("\r"):
                first -= 1
                piece = lines[first] + piece
            made = _split(piece)
            if last + 1 < len(lines):
                made.pop()  # what follows the line's end are the lines that follow
            lines[first : last + 1] = made
        return Text("".join(lines), self.encoding)

    def _place(self, lines: list[str], point: Point) -> tuple[int, int]:
        """Return the line of a position and the offset in it, brought inside."""
        if point.line < 0:
            return 0, 0
        number = min(point.line, len(lines) - 1)
        line = lines[number].rstrip("\r\n")
        return number, len(line) if number < point.line else self._within(line, point.column)


def _split(text: str) -> list[str]:
    """Return the lines, each with what ends it; the last, often an empty one, has no end."""
    ends = [0, *(match.end() for match in _LINE_END.finditer(text)), len(text)]
    return [text[start:end] for start, end in pairwise(ends)]
