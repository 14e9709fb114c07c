"""The hook: the first line of the post, which decides whether the rest is read."""

from __future__ import annotations

from postkit.model import (
    HARD_BREAK,
    IMAGE,
    SOFT_BREAK,
    Article,
    Inline,
    LeftOut,
    Paragraph,
    Transformed,
    replace,
)
from postkit.text.flat import inline_text


def set_hook(article: Article) -> Transformed:
    """Return the article with a one-line title, and a lead that does not repeat it."""
    title = tuple(
        inline._replace(kind=SOFT_BREAK, text=" ") if inline.kind == HARD_BREAK else inline
        for inline in article.title
        if inline.kind != IMAGE
    )
    said = _compared(title)
    left_out: list[LeftOut] = []
    lead = list(article.lead)
    if said and lead and isinstance(lead[0], Paragraph) and _compared(lead[0].inlines) == said:
        left_out.append(LeftOut(inline_text(lead[0].inlines), "repeats the title", lead[0].span))
        del lead[0]
    return Transformed(replace(article, title=title, lead=tuple(lead)), left_out=tuple(left_out))


def _compared(inlines: tuple[Inline, ...]) -> str:
    return " ".join(inline_text(inlines).casefold().split()).rstrip(".!")
