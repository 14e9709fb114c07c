"""Which stretch of the writer's file each piece of a post came from, and the way back.

A rendered post is text, and has forgotten where its words stood. It is rendered a second time
with a mark inside every piece: where that is the same text but for the marks, they say to the
character what came from where, whatever layout and condensing did to it. Otherwise the pieces
are looked for in their order.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from postkit.compose.walk import map_article
from postkit.model import (
    Article,
    Block,
    Code,
    Inline,
    Inlines,
    Item,
    List,
    Place,
    Quote,
    Reference,
    Span,
    replace,
)

# Noncharacters, as in `mention_places`: no text has them. A mark stands behind the first character
# of its piece, because layouts look at how pieces begin and end.
_OPEN, _SHUT = "\ufdd0", "\ufdd1"
_DIGITS = "".join(chr(0xFDD2 + digit) for digit in range(10))
_HIDDEN = str.maketrans("0123456789", _DIGITS)
_READ = str.maketrans(_DIGITS, "0123456789")
_MARK = re.compile(f"{_OPEN}([{_DIGITS}]+){_SHUT}")


class Piece(NamedTuple):
    """A text of the article that a post may show, and where it stands in the writer's file."""

    text: str
    span: Span


class Marked(NamedTuple):
    """An article with a mark in each of its pieces."""

    article: Article
    pieces: tuple[Piece, ...]


def mark_pieces(article: Article) -> Marked:
    """Return a carved and numbered article with a mark in each piece of its text."""
    pieces: list[Piece] = []

    def marked(text: str, span: Span) -> str:
        core = text.strip()
        if len(core) < 2:
            return text
        number = str(len(pieces)).translate(_HIDDEN)
        at = text.index(core)
        if span.end - span.start == len(text):
            span = Span(span.start + at, span.start + at + len(core))
        pieces.append(Piece(core, span))
        at += 1
        return f"{text[:at]}{_OPEN}{number}{_SHUT}{text[at:]}"

    def inline(one: Inline) -> Inline:
        return one._replace(text=marked(one.text, one.span))

    def change(inlines: Inlines) -> Inlines:
        return tuple(map(inline, inlines))

    def code(one: Code) -> Code:
        return replace(one, text=marked(one.text, one.span))

    def entry(one: Reference) -> Reference:
        if one.span is None:
            return one
        if one.title:
            return replace(one, title=marked(one.title, one.span))
        return replace(one, url=marked(one.url, one.span))

    article = map_article(replace(article, footnotes={}), change)
    article = replace(
        article,
        lead=_map_code(article.lead, code),
        tldr=article.tldr and replace(article.tldr, blocks=_map_code(article.tldr.blocks, code)),
        sections=tuple(
            section._replace(blocks=_map_code(section.blocks, code)) for section in article.sections
        ),
        closing=_map_code(article.closing, code),
        reading_list=tuple(map(entry, article.reading_list)),
    )
    return Marked(article, tuple(pieces))


def _map_code(blocks: tuple[Block, ...], change: Callable[[Code], Code]) -> tuple[Block, ...]:
    def mapped(block: Block) -> Block:
        match block:
            case Code():
                return change(block)
            case Quote():
                return replace(block, blocks=_map_code(block.blocks, change))
            case List():
                return replace(block, items=tuple(map(item, block.items)))
            case _:
                return block

    def item(one: Item) -> Item:
        return replace(one, blocks=_map_code(one.blocks, change))

    return tuple(map(mapped, blocks))


def find_places(
    drawn: str, pieces: Sequence[Piece], *, text: str, end: int | None = None
) -> tuple[Place, ...]:
    """Return where the pieces stand in the post *text*, in its order; *drawn* has their marks.

    With *end* what was drawn need be the same as the text only up to there.

    >>> article = Article(title=(Inline("text", "Tea", Span(2, 5)),))
    >>> marked = mark_pieces(article)
    >>> find_places(f"1. {marked.article.title[0].text}!", marked.pieces, text="1. Tea!")
    (Place(start=3, end=6, span=Span(start=2, end=5)),)
    """
    if _MARK.sub("", drawn)[:end] != text[:end]:
        return _looked_for(text, pieces)
    places: list[Place] = []
    read = seen = 0  # in the text, and in what was drawn
    for match in _MARK.finditer(drawn):
        read += match.start() - seen
        seen = match.end()
        piece = pieces[int(match[1].translate(_READ))]
        places.append(Place(read - 1, read - 1 + len(piece.text), piece.span))
    return tuple(places)


def _looked_for(text: str, pieces: Sequence[Piece]) -> tuple[Place, ...]:
    places: list[Place] = []
    at = 0
    for piece in pieces:
        start = text.find(piece.text, at)
        if start >= 0:
            at = start + len(piece.text)
            places.append(Place(start, at, piece.span))
    return tuple(places)


def end_before(places: Sequence[Place], offset: int) -> int | None:
    """Return where in the writer's file the text before *offset* of a post ends.

    That is inside of a piece, or behind the last one before; None where nothing stands before.

    >>> end_before([Place(3, 6, Span(2, 5))], 4), end_before([Place(3, 6, Span(2, 5))], 8)
    (3, 5)
    """
    at = bisect_right(places, offset - 1, key=lambda place: place.start) - 1
    if at < 0:
        return None
    return origin(places, offset) if offset < places[at].end else places[at].span.end


def origin(places: Sequence[Place], offset: int) -> int | None:
    """Return where in the writer's file the character at *offset* of a post came from.

    Of what was made up, such as a label, it is where the next piece begins; None behind the last.

    >>> origin([Place(3, 6, Span(2, 5))], 4), origin([Place(3, 6, Span(2, 5))], 0)
    (3, 2)
    """
    at = bisect_right(places, offset, key=lambda place: place.start) - 1
    if at >= 0 and offset < places[at].end:
        place = places[at]
        inside = offset - place.start
        whole = place.span.end - place.span.start
        length = place.end - place.start
        return place.span.start + (inside if whole == length else inside * whole // length)
    return places[at + 1].span.start if at + 1 < len(places) else None
