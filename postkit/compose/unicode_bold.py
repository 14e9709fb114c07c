"""Bold text as mathematical letters, for those who ask for it.

Off by default: screen readers spell such letters one by one, and search does not find them.
"""

from __future__ import annotations

from postkit.compose.walk import map_article
from postkit.model import STRONG, TEXT, Article, Inlines
from postkit.text.unicode_style import bold


def embolden(article: Article) -> Article:
    """Return the article with its bold words in mathematical letters; links and code are not."""

    def change(inlines: Inlines) -> Inlines:
        if not any(inline.style & STRONG for inline in inlines):
            return inlines
        return tuple(
            inline._replace(text=bold(inline.text))
            if inline.style & STRONG and inline.kind == TEXT and inline.link is None
            else inline
            for inline in inlines
        )

    return map_article(article, change)
