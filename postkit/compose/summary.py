"""The author's own TL;DR: a heading, a bold line, a quote or a sentence that begins so."""

from __future__ import annotations

import re

from postkit.compose.labels import SUMMARIES, is_bold, label_of
from postkit.compose.pieces import sentences_of, text_of
from postkit.model import (
    Article,
    Block,
    Heading,
    Inline,
    Inlines,
    Item,
    List,
    Marker,
    Paragraph,
    Quote,
    Span,
    Tldr,
    replace,
)
from postkit.text.emoji import strip_emoji
from postkit.text.flat import inline_text
from postkit.text.patterns import lazy
from postkit.text.unicode_style import fold

_TLDR = lazy(r"\s*(?:tl\s?;?\s?dr|too long[;,]? ?(?:didn['’]?t|did not) read)\b\s*", re.IGNORECASE)
_AFTER_LABEL = lazy(r"[\s:;.,!|\-–—]*")


def take_summary(
    article: Article, blocks: tuple[Block, ...], ours: str
) -> tuple[Article, tuple[Block, ...]]:
    """Take out the author's own TL;DR, wherever a heading names it or before the first heading."""
    seen_heading = False
    for at, block in enumerate(blocks):
        if isinstance(block, Heading):
            found = _tldr_heading(blocks, at, ours, first=not seen_heading)
            seen_heading = True
        elif not seen_heading or is_bold(block):
            found = _tldr_block(blocks, at, ours)
        else:
            continue
        if found is not None:
            tldr, end = found
            rest = (*blocks[:at], Marker("tldr", block.span), *blocks[end:])
            return replace(article, tldr=tldr), rest
    return article, blocks


def _tldr_heading(
    blocks: tuple[Block, ...], at: int, ours: str, *, first: bool
) -> tuple[Tldr, int] | None:
    heading = blocks[at]
    assert isinstance(heading, Heading)
    text = inline_text(heading.inlines)
    rest = _after_tldr(heading.inlines)
    end = at + 1
    while end < len(blocks) and not isinstance(blocks[end], Heading):
        end += 1
    body = tuple(b for b in blocks[at + 1 : end] if not isinstance(b, Marker))
    if rest is None:
        listed = any(isinstance(b, List) for b in body)
        if first and listed and label_of(text) in SUMMARIES:
            return Tldr(text, body), end
        return None
    if rest:
        return Tldr(ours, (_bulleted(rest, heading.span),)), at + 1
    return (Tldr(text, body), end) if body else None


def _tldr_block(blocks: tuple[Block, ...], at: int, ours: str) -> tuple[Tldr, int] | None:
    block = blocks[at]
    if isinstance(block, Quote) and block.blocks and isinstance(block.blocks[0], Paragraph):
        first = block.blocks[0]
        rest = _after_tldr(first.inlines)
        if rest is None:
            return None
        if rest:
            bullets = _bulleted(rest, first.span)
            return Tldr(ours, (bullets, *block.blocks[1:])), at + 1
        if len(block.blocks) > 1:
            return Tldr(inline_text(first.inlines), block.blocks[1:]), at + 1
        return None
    if not isinstance(block, Paragraph):
        return None
    rest = _after_tldr(block.inlines)
    if rest is None:
        return None
    following = blocks[at + 1] if at + 1 < len(blocks) else None
    if rest:
        return Tldr(ours, (_bulleted(rest, block.span),)), at + 1
    if isinstance(following, List | Paragraph | Quote):
        body: tuple[Block, ...] = (following,)
        if isinstance(following, Paragraph) and at + 2 < len(blocks):
            third = blocks[at + 2]
            if isinstance(third, List) and inline_text(following.inlines).endswith(":"):
                body = (following, third)
        return Tldr(inline_text(block.inlines), body), at + 1 + len(body)
    return None


def _after_tldr(inlines: Inlines) -> Inlines | None:
    """Return what follows a TL;DR label: () where it stands alone, None where there is none."""
    pieces = [text_of(inline) for inline in inlines]
    text = fold("".join(pieces))  # as long as before: every styled letter becomes one letter
    match = _TLDR.match(text)
    if match is None:
        return None
    end = _AFTER_LABEL.match(text, match.end())
    assert end is not None
    cut = end.end()
    if not strip_emoji(text[cut:]).strip(" :;.–—-"):
        return ()
    out: list[Inline] = []
    at = 0
    for inline, piece in zip(inlines, pieces, strict=True):
        if not piece or at >= cut:
            out.append(inline)
        elif at + len(piece) > cut:
            out.append(inline._replace(text=piece[cut - at :]))
        at += len(piece)
    return tuple(out)


def _bulleted(inlines: Inlines, span: Span) -> List:
    items = tuple(Item((Paragraph(sentence, span),), span) for sentence in sentences_of(inlines))
    return List(items, span)
