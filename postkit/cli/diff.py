"""A repair as a unified diff: plain for programs, coloured for people."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import click

from postkit.article.source import Source
from postkit.cli import console

CONTEXT = 3  # unchanged lines around a change


def unified(source: Source, name: str, *, colour: bool = False) -> Iterator[str]:
    """Yield a diff from `source.raw` to `source.text`, both called *name*, in pieces."""
    # Repair never adds or removes a line, so lines pair up one to one.
    old = _Side("-", "red", source.raw, [(change.start, change.end) for change in source.changes])
    new = _Side("+", "green", source.text, _repaired_spans(source))
    pairs = enumerate(zip(old.lines, new.lines, strict=True))
    changed = [number for number, (before, after) in pairs if before != after]
    if not changed:
        return
    yield _painted(f"--- a/{name}\n+++ b/{name}\n", colour, bold=True)
    for first, last in _hunks(changed):
        start, stop = max(first - CONTEXT, 0), min(last + CONTEXT + 1, len(old.lines))
        lines = f"{start + 1},{stop - start}"
        yield _painted(f"@@ -{lines} +{lines} @@\n", colour, fg="cyan")
        at = start
        while at < stop:
            end = at
            while end < stop and old.lines[end] != new.lines[end]:
                end += 1
            for side in (old, new):
                yield from (side.shown(number, colour=colour) for number in range(at, end))
            if end < stop:
                yield _whole(f" {_painted(old.lines[end], colour)}")
            at = end + 1


class _Side:
    """One of the two texts: its lines, and the stretches of it that differ from the other."""

    def __init__(self, mark: str, colour: str, text: str, spans: Sequence[tuple[int, int]]) -> None:
        self.lines = _lines(text)
        self._mark = mark
        self._colour = colour
        self._spans = spans
        self._begins = list(accumulate(map(len, self.lines), initial=0))

    def shown(self, number: int, *, colour: bool) -> str:
        line = self.lines[number]
        if not colour:
            return _whole(self._mark + line)
        begin, end = self._begins[number : number + 2]
        pieces = [_painted(self._mark, colour, fg=self._colour)]
        at = begin
        for start, stop in self._spans[bisect_right(self._spans, (begin, begin)) :]:
            if start >= end:
                break
            pieces.append(_painted(line[at - begin : start - begin], colour, fg=self._colour))
            marked = line[start - begin : stop - begin]
            pieces.append(_painted(marked, colour, fg=self._colour, reverse=True))
            at = stop
        pieces.append(_painted(line[at - begin :], colour, fg=self._colour))
        return _whole("".join(pieces))


def _repaired_spans(source: Source) -> list[tuple[int, int]]:
    spans = []
    shift = 0
    for change in source.changes:
        start = change.start + shift
        spans.append((start, start + len(change.after)))
        shift += len(change.after) - (change.end - change.start)
    return spans


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    whole = [f"{line}\n" for line in lines[:-1]]
    return [*whole, lines[-1]] if lines[-1] else whole


def _hunks(changed: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Join changed lines whose surroundings touch.

    >>> list(_hunks([3, 5, 12, 40]))
    [(3, 12), (40, 40)]
    """
    first = last = changed[0]
    for number in changed[1:]:
        if number - last > 2 * CONTEXT + 1:
            yield first, last
            first = number
        last = number
    yield first, last


def _whole(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _painted(text: str, colour: bool, **style: Any) -> str:
    """Return *text* in a style; line ends stay outside of it, and a terminal obeys nothing else."""
    if not colour:
        return text
    text = console.visible(text)
    if not style:
        return text
    return "\n".join(part and click.style(part, **style) for part in text.split("\n"))
