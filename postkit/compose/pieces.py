"""Cut runs of inlines where a reader would: into sentences, and by offsets of their text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from postkit.model import (
    CODE,
    HARD_BREAK,
    IMAGE,
    MATH,
    NOTE,
    SOFT_BREAK,
    TEXT,
    Inline,
    Inlines,
    Span,
)
from postkit.text.memo import remembered
from postkit.text.sentences import split

_split = remembered(split)
_NO_SPACE_AFTER = ("。", "！", "？", "」", "』", "）")


def sentences_of(inlines: Inlines) -> list[Inlines]:
    """Return the sentences of one paragraph, each as its own run of inlines.

    Code and mathematics are never cut; images and footnote references stay with the sentence
    they follow.
    """
    pieces: list[str] = []
    starts: list[int] = []
    protected: list[tuple[int, int]] = []
    at = 0
    for inline in inlines:
        starts.append(at)
        piece = text_of(inline)
        if inline.kind in {CODE, MATH}:
            protected.append((at, at + len(piece)))
        pieces.append(piece)
        at += len(piece)
    text = "".join(pieces)
    spans = _split(text, tuple(protected))
    if len(spans) <= 1:
        return [inlines] if text.strip() else []
    if len(inlines) == 1 and inlines[0].kind == TEXT:
        return list(_plain_sentences(inlines[0], [start for start, _ in spans]))
    out: list[Inlines] = []
    first = 0
    for number, (start, _) in enumerate(spans):
        end = spans[number + 1][0] if number + 1 < len(spans) else at + 1
        begin = start if number else 0
        while (
            first < len(inlines) and pieces[first] and starts[first] + len(pieces[first]) <= begin
        ):
            first += 1
        run = _slice(inlines, starts, pieces, first, (begin, end))
        if run:
            out.append(run)
    return out


def _plain_sentences(inline: Inline, starts: list[int]) -> Iterator[Inlines]:
    """Yield the sentences of a paragraph that is one stretch of plain text: most are."""
    for begin, end in pairwise([0, *starts[1:], len(inline.text)]):
        text = inline.text[begin:end].rstrip(" ")
        if text.strip():
            span = span_within(inline, begin, begin + len(text))
            yield (inline._replace(text=text, span=span),)


def joined(sentences: Sequence[Inlines]) -> Inlines:
    """Return sentences as one run, a space between them."""
    out: list[Inline] = []
    for sentence in sentences:
        if out and out[-1].text[-1:] not in _NO_SPACE_AFTER:
            out.append(Inline(TEXT, " ", Span(sentence[0].span.start, sentence[0].span.start)))
        out.extend(sentence)
    return tuple(out)


def close_up(kept: list[Inline], following: Inline) -> None:
    """Drop the space that something left out has left behind, before a space or a full stop."""
    if kept and kept[-1].text.endswith(" ") and following.text[:1] in tuple(" .,;:!?)"):
        kept[-1] = kept[-1]._replace(text=kept[-1].text.rstrip(" "))


def text_of(inline: Inline) -> str:
    if inline.kind == SOFT_BREAK:
        return " "
    if inline.kind == HARD_BREAK:
        return "\n"
    if inline.kind in {IMAGE, NOTE}:
        return ""
    return inline.text


def span_within(inline: Inline, start: int, end: int) -> Span:
    """Return where `inline.text[start:end]` stands in the writer's file; the whole where unclear.

    It is clear where the text stands there as it is: without escapes, entities or repairs.
    """
    span = inline.span
    if span.end - span.start != len(inline.text):
        return span
    return Span(span.start + start, span.start + end)


def _slice(
    inlines: Inlines, starts: list[int], pieces: list[str], first: int, cut: tuple[int, int]
) -> Inlines:
    """Return the inlines between two offsets of their joined text, breaks at the ends dropped."""
    start, end = cut
    out: list[Inline] = []
    for at in range(first, len(inlines)):
        inline, begin, piece = inlines[at], starts[at], pieces[at]
        stop = begin + len(piece)
        if begin > end:
            break
        if not piece:
            if start < begin <= end or begin == start == 0:
                out.append(inline)
            continue
        if stop <= start or begin >= end:
            continue
        low, high = max(start, begin), min(end, stop)
        if low == begin and high == stop:
            out.append(inline)
            continue
        span = inline.span
        if len(piece) == len(inline.text):
            span = span_within(inline, low - begin, high - begin)
        out.append(inline._replace(text=piece[low - begin : high - begin], span=span))
    while out and out[-1].kind not in {IMAGE, NOTE} and not out[-1].text.strip():
        out.pop()
    while out and out[0].kind in {SOFT_BREAK, HARD_BREAK}:
        out.pop(0)
    if out and out[-1].text.endswith(" "):
        kept = out[-1].text.rstrip(" ")
        out[-1] = out[-1]._replace(text=kept, span=span_within(out[-1], 0, len(kept)))
    return tuple(out)


def lines_of(inlines: Inlines) -> list[Inlines]:
    """Cut inlines at the line ends of the source, soft ones too; empty lines are dropped."""
    lines: list[list[Inline]] = [[]]
    for inline in inlines:
        if inline.kind in {SOFT_BREAK, HARD_BREAK}:
            lines.append([])
        else:
            lines[-1].append(inline)
    return [tuple(line) for line in lines if any(i.text.strip() for i in line)]


def joined_lines(lines: Sequence[Inlines]) -> Inlines:
    out: list[Inline] = []
    for line in lines:
        if out:
            out.append(Inline(HARD_BREAK, "\n", Span(line[0].span.start, line[0].span.start)))
        out.extend(line)
    return tuple(out)
