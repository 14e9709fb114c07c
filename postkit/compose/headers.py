"""A header announces something: one with nothing left under it goes."""

from __future__ import annotations

from postkit.model import Article, LeftOut, Section, Transformed, replace
from postkit.text.flat import inline_text


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
