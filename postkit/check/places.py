"""Where exactly a stretch of an inline's text stands in the file, past escapes, entities, tags."""

from __future__ import annotations

import html
import re
from bisect import bisect_left

from postkit.article.source import Source
from postkit.compose.pieces import span_within
from postkit.model import Inline, Span

_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->", re.DOTALL)


def located(source: Source, inline: Inline, start: int, end: int) -> Span:
    """Return where `inline.text[start:end]` stands in the file; the whole inline where unclear."""
    span = inline.span
    if span.end - span.start == len(inline.text):
        return span_within(inline, start, end)
    first = bisect_left(range(len(source.text) + 1), span.start, key=source.origin)
    places = _aligned(source.text, first, inline.text)
    if places is None or end <= start:
        return span
    return source.origin_span(places[start], places[end])


def _aligned(text: str, at: int, read: str) -> list[int] | None:
    """Return where in *text*, from *at* on, each character of *read* begins, and the end of all."""
    places: list[int] = []
    while len(places) < len(read):
        wanted = read[len(places) : len(places) + 2]  # no entity stands for more
        escape = _ESCAPE.match(text, at)
        entity = _ENTITY.match(text, at)
        if escape is not None and escape[1] == wanted[0]:
            step, characters = 2, 1
        elif entity is not None and wanted.startswith(meant := html.unescape(entity[0])):
            step, characters = len(entity[0]), len(meant)
        elif text[at : at + 1] == wanted[0]:
            step = characters = 1
        elif (tag := _TAG.match(text, at)) is not None:
            step, characters = len(tag[0]), 0
        elif text[at : at + 1].isspace() and read[len(places) - 1].isspace():
            step, characters = 1, 0  # one space is read where two would be seen
        else:
            return None
        places += [at] * characters
        at += step
    return [*places, at]
