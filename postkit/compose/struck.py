"""Struck text is what the author took back: a post cannot strike, so it is left out."""

from __future__ import annotations

from postkit.compose.pieces import close_up
from postkit.compose.walk import map_article
from postkit.model import STRUCK, Article, Inline, Inlines, LeftOut, Span, Transformed
from postkit.text.flat import inline_text


def leave_out_struck(article: Article) -> Transformed:
    """Return the article without struck text, and with every struck run in the report."""
    left_out: list[LeftOut] = []

    def change(inlines: Inlines) -> Inlines:
        if not any(inline.style & STRUCK for inline in inlines):
            return inlines
        kept: list[Inline] = []
        struck: list[Inline] = []
        for inline in inlines:
            if inline.style & STRUCK:
                struck.append(inline)
                continue
            _report(struck, left_out)
            struck = []
            close_up(kept, inline)
            kept.append(inline)
        _report(struck, left_out)
        return tuple(kept) if any(inline.text.strip() for inline in kept) else ()

    return Transformed(map_article(article, change), left_out=tuple(left_out))


def _report(struck: list[Inline], left_out: list[LeftOut]) -> None:
    if struck:
        span = Span(struck[0].span.start, struck[-1].span.end)
        left_out.append(LeftOut(inline_text(struck, alt=True), "struck out by the author", span))
