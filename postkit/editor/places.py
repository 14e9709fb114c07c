"""Where the words of a post stand in the writer's file, and where those that are not in it do.

The places of a post know the stretch that a piece came from, and where the text was repaired or
written another way, that is the whole of a longer one. Here the words are looked for inside of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from postkit.article.source import Source
from postkit.model import LeftOut, Place, Post, Span

_LINE = re.compile("[^\n]+")
_WORD = re.compile(r"\w")


class Gone(NamedTuple):
    """Words that are not in a post, and the stretches of the writer's file that hold them."""

    part: LeftOut
    spans: tuple[Span, ...]


def exact_places(post: Post, source: Source) -> Iterator[Place]:
    """Yield the places of a post, each in one line of it and of the file.

    They are cut where a repaired run begins and ends, so that in between characters are counted.
    """
    before, at = Span(0, 0), 0
    for place in post.places:
        span = place.span
        begin, end = source.offset(span.start), source.offset(span.end)
        if span != before:  # else it is the next sentence of the same stretch
            before, at = span, begin
        words = post.text[place.start : place.end]
        for line in _LINE.finditer(words):
            start, stop = place.start + line.start(), place.start + line.end()
            found = source.text.find(line[0], at, end)
            if found < 0:
                found = source.text.find(line[0], begin, end)
            if found >= 0:
                at = found + len(line[0])
                yield from _cut(source, found, at, start)
            elif span.end - span.start == len(words):  # drawn in other letters
                yield Place(start, stop, Span(span.start + line.start(), span.start + line.end()))
            else:
                line_end = source.raw.find("\n", span.start, span.end)
                yield Place(start, stop, span if line_end < 0 else Span(span.start, line_end))


def _cut(source: Source, begin: int, end: int, start: int) -> Iterator[Place]:
    """Yield the places of a stretch of the repaired text that stands at *start* of a post."""
    first, last = source.origin_span(begin, end)
    changes = source.changes
    low, high = (bisect_left(changes, at, key=lambda change: change.start) for at in (first, last))
    cuts = {begin, end}
    for change in changes[low:high]:
        at = source.offset(change.start)
        cuts |= {at, min(at + len(change.after), end)}
    for cut, following in pairwise(sorted(cuts)):
        span = source.origin_span(cut, following)
        yield Place(start + cut - begin, start + following - begin, span)


def gone(post: Post, source: Source) -> Iterator[Gone]:
    """Yield what was left out of a post; never a word that is in it."""
    kept = sorted(place.span for place in exact_places(post, source) if post.left_out)
    for part in post.left_out:
        spans = _without(part.span, kept) if part.span is not None else ()
        yield Gone(
            part, tuple(_trimmed(span, source.raw) for span in spans if _words(span, source))
        )


def _without(span: Span, kept: list[Span]) -> Iterator[Span]:
    at = span.start
    for one in kept:
        if at < one.end and one.start < span.end and one.start < one.end:
            if at < one.start:
                yield Span(at, one.start)
            at = one.end
    if at < span.end:
        yield Span(at, span.end)


def _words(span: Span, source: Source) -> bool:
    return _WORD.search(source.raw, span.start, span.end) is not None


def _trimmed(span: Span, raw: str) -> Span:
    words = raw[span.start : span.end]
    start = span.start + len(words) - len(words.lstrip())
    return Span(start, start + len(words.strip()))
