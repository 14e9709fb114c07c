"""Bound the work: of something as long as a book, beginning and end are read, the middle is not.

Nobody condenses a megabyte into one post and expects the middle to be weighed; but an article must
never make postkit slow. What is passed over is reported like everything else that is left out.
"""

from __future__ import annotations

import re
from typing import NamedTuple

BEGINNING = 90_000  # characters
END = 30_000
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)
_BOUNDARY = re.compile(r"\n[ \t]*\n(?=#{1,6} )")


class Abridged(NamedTuple):
    """Markdown without its middle: `gap` characters are missing at `at`."""

    text: str
    at: int
    gap: int

    def origin(self, offset: int) -> int:
        """Return where an offset in `text` lies in the whole.

        >>> Abridged("ab", 1, 10).origin(0), Abridged("ab", 1, 10).origin(1)
        (0, 11)
        """
        return offset if offset < self.at else offset + self.gap


def abridge(body: str) -> Abridged | None:
    """Return *body* without its middle where it is longer than `BEGINNING + END`, else None.

    The cuts lie before headings, or else before paragraphs, outside of fenced code.
    """
    if len(body) <= (BEGINNING + END) * 11 // 10:
        return None
    first = _cut(body, BEGINNING)
    last = _cut(body, len(body) - END)
    if last <= first:
        return None
    return Abridged(body[:first] + body[last:], first, last - first)


def _cut(body: str, near: int) -> int:
    """Return the start of a heading, a paragraph or else a line soon after *near*."""
    window = min(len(body), near + END // 2)
    found = _BOUNDARY.search(body, near, window)
    at = found.end() if found else body.find("\n\n", near, window) + 2
    if at < near:
        at = body.find("\n", near, window) + 1
    at = max(at, near)
    if len(_FENCE.findall(body, 0, at)) % 2:
        closing = _FENCE.search(body, at)
        if closing is not None:
            line_end = body.find("\n", closing.end())
            return line_end + 1 if line_end >= 0 else len(body)
    return at
