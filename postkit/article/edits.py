"""Edits of a writer's file: in its own encoding, and every byte that they do not touch stays."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from postkit.article.source import Source
from postkit.errors import ArticleError
from postkit.model import Fix


def apart(edits: Iterable[Fix]) -> list[Fix]:
    """Return the edits in the order of the file; of two that overlap, the first.

    >>> from postkit.model import Span
    >>> edits = [Fix(Span(3, 5), "b"), Fix(Span(0, 2), "a"), Fix(Span(4, 6), "c")]
    >>> [edit.replacement for edit in apart(edits)]
    ['a', 'b']
    """
    kept: list[Fix] = []
    for edit in sorted(edits, key=lambda one: one.span):
        if not kept or edit.span.start >= kept[-1].span.end:
            kept.append(edit)
    return kept


def edited(text: str, edits: Sequence[Fix]) -> str:
    """Return *text* after *edits*, which must be `apart`; their spans count in *text*.

    >>> from postkit.model import Span
    >>> edited("one two", [Fix(Span(0, 3), "1"), Fix(Span(4, 7), "2")])
    '1 2'
    """
    pieces = []
    end = 0
    for edit in edits:
        pieces += [text[end : edit.span.start], edit.replacement]
        end = edit.span.end
    return "".join([*pieces, text[end:]])


def edited_bytes(data: bytes, source: Source, edits: Sequence[Fix]) -> bytes:
    """Return the bytes of the file that *source* was read from, after *edits* of its `raw`.

    The encoding, line ends and the byte-order mark stay. Raises ArticleError where the encoding
    cannot hold the new text.
    """
    if not edits:
        return data
    codec = source.encoding.removesuffix("-sig")
    try:
        text = _edited_file(data.decode(codec, "surrogateescape"), source, edits)
        return text.encode(codec, "surrogateescape")
    except (UnicodeError, _OtherTextError) as error:
        raise ArticleError(
            f"the file's encoding ({codec}) cannot hold the repaired text",
            path=source.path,
            hint="print it as UTF-8 into another file: `postkit repair FILE > OTHER`",
        ) from error


class _OtherTextError(Exception):
    """The bytes do not read as the text that the edits are meant for."""


def _edited_file(text: str, source: Source, edits: Sequence[Fix]) -> str:
    """Return *text*, which is `source.raw` with its own marks and line ends, after the edits."""
    marks = len(text) - len(text.lstrip("\ufeff"))
    returns = [match.start() for match in re.finditer("\r\n", text)]
    # Where a CRLF stands in `raw`, which has only its line feed.
    in_raw = [at - marks - number for number, at in enumerate(returns)]
    moved = []
    for edit in edits:
        start, end = (at + marks + bisect_left(in_raw, at) for at in edit.span)
        written = text[start:end].replace("\r\n", "\n").replace("\r", "\n")
        if written != source.raw[edit.span.start : edit.span.end]:
            raise _OtherTextError
        moved.append(Fix(type(edit.span)(start, end), edit.replacement))
    return edited(text, moved)
