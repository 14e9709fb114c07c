"""A header announces something: one with nothing under it goes, of a section or of a table."""

from __future__ import annotations

from postkit.model import Article, LeftOut, Section, Table, Transformed, replace
from postkit.text.flat import inline_text

_WIDE = 3  # columns: a row of two is `a: b`, and empty it is `a`


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
