"""Where the words of a post stand in the writer's file, and where those that are not in it do.

The places of a post know the stretch that a piece came from, and where the text was repaired or
written another way, that is the whole of a longer one. Here the words are looked for inside of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest
from typing import NamedTuple

from postkit.article.source import Source
from postkit.model import LeftOut, Place, Post, Span

_LINE = re.compile("[^\n]+")
_ALONE = re.compile(r"[!-/:-@\[-`{-~]*\s+")
_WORDS = re.compile(r"\w+")


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
            elif runs := _aligned(line[0], source.text, at, end):
                at = runs[-1].origin + runs[-1].end - runs[-1].start
                yield from _tiled(source, runs, start)
            else:
                yield Place(start, stop, _first_line(source, span))


class _Run(NamedTuple):
    """Characters of a line of a post that stand in the repaired text just so."""

    start: int
    end: int
    origin: int


def _aligned(line: str, text: str, at: int, end: int) -> list[_Run]:
    """Return what of a line stands in `text[at:end]`, in order: markup may be in between."""
    runs: list[_Run] = []
    behind = 0
    for word in _WORDS.finditer(line):
        if word.start() < behind:
            continue
        found = re.compile(rf"\b{re.escape(word[0])}\b").search(text, at, end)
        if found is None:
            continue
        behind, at = word.end(), found.end()
        while behind < len(line) and at < end and line[behind] == text[at]:
            behind, at = behind + 1, at + 1
        runs.append(_Run(word.start(), behind, found.start()))
    return runs


def _tiled(source: Source, runs: Sequence[_Run], start: int) -> Iterator[Place]:
    """Yield the places of runs in a line that begins at *start* of a post, and those in between."""
    for run, following in zip_longest(runs, runs[1:]):
        end = run.origin + run.end - run.start
        yield from _cut(source, run.origin, end, start + run.start)
        if following is not None and run.end < following.start:
            between = _first_line(source, source.origin_span(end, following.origin))
            yield Place(start + run.end, start + following.start, between)


def _first_line(source: Source, span: Span) -> Span:
    end = source.raw.find("\n", span.start, span.end)
    return span if end < 0 else Span(span.start, end)


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
    return _WORDS.search(source.raw, span.start, span.end) is not None


def _trimmed(span: Span, raw: str) -> Span:
    """Return the stretch without space around it, and without markup alone before it."""
    alone = _ALONE.match(raw, span.start, span.end)
    start = alone.end() if alone else span.start
    return Span(start, start + len(raw[start : span.end].rstrip()))
