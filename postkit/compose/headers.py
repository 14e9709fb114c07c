"""A header announces something: one with nothing under it goes, of a section or of a table."""

from __future__ import annotations

from postkit.compose.pieces import joined, sentences_of
from postkit.model import (
    Article,
    Block,
    Inlines,
    LeftOut,
    Paragraph,
    Section,
    Table,
    Transformed,
    replace,
)
from postkit.text.flat import inline_text

_WIDE = 3  # columns: a row of two is `a: b`, and empty it is `a`


def drop_announcements(article: Article) -> Transformed:
    """Return the article without a closing "See how it went:" whose video or image is not text.

    Only where a section ends with it, and no section below can be what it announces.
    """
    left_out: list[LeftOut] = []
    sections = list(article.sections)
    for at, section in enumerate(sections):
        after = sections[at + 1].heading if at + 1 < len(sections) else None
        own = section.heading
        announced = after is not None and (own is None or after.level > own.level)
        if section.blocks and not announced and not (at + 1 == len(sections) and article.closing):
            blocks = _without_announcement(section.blocks, left_out)
            sections[at] = replace(section, blocks=blocks)
    lead, closing = article.lead, article.closing
    if not sections and not closing:
        lead = _without_announcement(lead, left_out)
    closing = _without_announcement(closing, left_out)
    if not left_out:
        return Transformed(article)
    parts = replace(article, lead=lead, sections=tuple(sections), closing=closing)
    return Transformed(parts, left_out=tuple(left_out))


def _without_announcement(blocks: tuple[Block, ...], left_out: list[LeftOut]) -> tuple[Block, ...]:
    last = blocks[-1] if blocks else None
    if not isinstance(last, Paragraph) or not _announces(last.inlines):
        return blocks
    sentences = sentences_of(last.inlines)
    if len(blocks) == len(sentences) == 1:  # it is all that the header stands for
        return blocks
    text = inline_text(sentences[-1]).rstrip()
    left_out.append(LeftOut(text, "what it announces is not text", last.span))
    if len(sentences) == 1:
        return blocks[:-1]
    return (*blocks[:-1], replace(last, inlines=joined(sentences[:-1])))


def _announces(inlines: Inlines) -> bool:
    return inline_text(inlines).rstrip().endswith((":", "："))


def drop_empty_headers(article: Article) -> Transformed:
    """Return the article without headers that have neither text nor a sub-section below them."""
    kept: list[Section] = []
    left_out: list[LeftOut] = []
    for section in reversed(article.sections):
        heading = section.heading
        if heading is not None and not section.blocks:
            below = kept[-1].heading if kept else None
            ends_here = not kept and bool(article.closing)
            if not ends_here and (below is None or below.level <= heading.level):
                text = inline_text(heading.inlines)
                left_out.append(LeftOut(text, "a header with nothing under it", heading.span))
                continue
        kept.append(section)
    if not left_out:
        return Transformed(article)
    return Transformed(
        replace(article, sections=tuple(reversed(kept))), left_out=tuple(reversed(left_out))
    )


def report_empty_columns(article: Article) -> Transformed:
    """Report the headers of columns that no row fills: a row names only what it holds."""
    left_out: list[LeftOut] = []
    blocks = [*article.lead, *article.closing]
    for section in article.sections:
        blocks += section.blocks
    for block in blocks:
        if not isinstance(block, Table) or len(block.header) < _WIDE or not block.rows:
            continue
        for at, cell in enumerate(block.header):
            filled = any(at < len(row) and inline_text(row[at]) for row in block.rows)
            if not filled and (text := inline_text(cell)):
                left_out.append(LeftOut(text, "a column with nothing in it", block.span))
    return Transformed(article, left_out=tuple(left_out))
