"""Hashtags for an article whose author wrote none."""

from __future__ import annotations

from postkit.compose.walk import code_blocks
from postkit.model import Article, Block, Change, Code, Transformed, replace
from postkit.text.flat import flat_text, inline_text
from postkit.text.hashtag import suggest

_LEAST = 3


def add_hashtags(article: Article, *, most: int) -> Transformed:
    """Return the article with three to *most* hashtags made from its text; the author's win.

    None are made in a language whose topics we have no words for.
    """
    if article.hashtags or most <= 0 or article.language != "en":
        return Transformed(article)
    blocks: list[Block] = [*article.lead, *(article.tldr.blocks if article.tldr else ())]
    for section in article.sections:
        blocks += section.blocks
    blocks += article.closing
    tags = suggest(
        inline_text(article.title),
        [inline_text(s.heading.inlines) for s in article.sections if s.heading],
        "\n\n".join(
            text
            for block in blocks
            if not isinstance(block, Code) and (text := flat_text((block,)))
        ),
        [code.language for code in code_blocks(tuple(blocks)) if code.language],
        least=min(_LEAST, most),
        most=most,
    )
    if not tags:
        return Transformed(article)
    shown = " ".join(f"#{tag}" for tag in tags)
    return Transformed(replace(article, hashtags=tags), (Change("hashtags", f"made {shown}"),))
