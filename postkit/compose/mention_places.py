"""Where a finished post has its mentions.

A rendered post is text, and has forgotten which of its words were a mention. It is rendered a
second time with every mention between marks: where that is the same text but for the marks, they
say to the character where each mention is, whatever layout, quotes and condensing did to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from postkit.compose.walk import map_article
from postkit.model import MENTION, Article, Inline, Inlines, Mention, Span, replace

# Noncharacters: no text has them, and no layout knows them.
_OPEN, _SHUT = "\ufdd0", "\ufdd1"
_DIGITS = "".join(chr(0xFDD2 + digit) for digit in range(10))
_HIDDEN = str.maketrans("0123456789", _DIGITS)
_READ = str.maketrans(_DIGITS, "0123456789")
_MARKS = dict.fromkeys(map(ord, (_OPEN, _SHUT, *_DIGITS)))
_MARKED = re.compile(f"{_OPEN}([{_DIGITS}]+)([^{_OPEN}{_SHUT}]*){_SHUT}")


class Named(NamedTuple):
    """A mention as the article has it."""

    name: str
    target: str
    span: Span
    in_note: bool = False  # of a footnote, which a post may not show


class Marked(NamedTuple):
    """An article whose mentions stand between marks, and those mentions."""

    article: Article
    named: tuple[Named, ...]


class Found(NamedTuple):
    """The mentions of a post, in its order, and those whose name it does not show."""

    mentions: tuple[Mention, ...]
    lost: tuple[Named, ...] = ()


def mark_mentions(article: Article) -> Marked:
    """Return a carved article with a mark around every mention that tells which one it is."""
    named: list[Named] = []

    def changer(*, in_note: bool) -> Callable[[Inlines], Inlines]:
        def mark(inline: Inline) -> Inline:
            if inline.kind != MENTION:
                return inline
            number = str(len(named)).translate(_HIDDEN)
            named.append(Named(inline.text, inline.target, inline.span, in_note))
            return inline._replace(text=f"{_OPEN}{number}{inline.text}{_SHUT}")

        return lambda inlines: tuple(map(mark, inlines))

    body = map_article(replace(article, blocks=(), footnotes={}), changer(in_note=False))
    notes = map_article(Article(footnotes=article.footnotes), changer(in_note=True)).footnotes
    return Marked(replace(body, footnotes=notes), tuple(named))


def find_marks(drawn: str, named: Sequence[Named], *, text: str) -> Found | None:
    """Return the mentions of the post *text*, by the marks in *drawn*; None where they differ.

    >>> marked = mark_mentions(Article(title=(Inline(MENTION, "Ada", Span(0, 3), 0, None, "a"),)))
    >>> drawn = f"Ada met {marked.article.title[0].text}."
    >>> find_marks(drawn, marked.named, text="Ada met Ada.")
    Found(mentions=(Mention(start=8, end=11, target='a'),), lost=())
    """
    if drawn.translate(_MARKS) != text:
        return None
    mentions: list[Mention] = []
    linked: set[int] = set()
    read = end = 0  # in the text, and in what was drawn
    for match in _MARKED.finditer(drawn):
        number = int(match[1].translate(_READ))
        read += len(drawn[end : match.start()].translate(_MARKS))
        end = match.end()
        if match[2] == named[number].name and match[2].strip():
            mentions.append(Mention(read, read + len(match[2]), named[number].target))
            linked.add(number)
        read += len(match[2])
    lost = [one for at, one in enumerate(named) if at not in linked and not one.in_note]
    return Found(tuple(mentions), tuple(lost))


def find_names(text: str, named: Sequence[Named]) -> Found:
    """Return the mentions of the post *text* by their names alone, each where it comes next.

    >>> ada = Named("Ada", "urn:li:person:a", Span(0, 3))
    >>> [mention.start for mention in find_names("Ada, Ada", [ada, ada, ada]).mentions]
    [0, 5]
    """
    mentions: list[Mention] = []
    lost: list[Named] = []
    free: dict[str, int] = {}  # name → where it may come next
    for one in named:
        if one.in_note:
            continue
        start = text.find(one.name, free.get(one.name, 0)) if one.name.strip() else -1
        while start >= 0 and any(
            start < taken.end and taken.start < start + len(one.name) for taken in mentions
        ):
            start = text.find(one.name, start + 1)
        if start < 0:
            lost.append(one)
            continue
        free[one.name] = start + len(one.name)
        mentions.append(Mention(start, free[one.name], one.target))
    return Found(tuple(sorted(mentions)), tuple(lost))
