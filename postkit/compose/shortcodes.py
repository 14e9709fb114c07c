"""Emoji written by name become emoji: `:rocket:` → 🚀. Never inside code."""

from __future__ import annotations

from postkit.compose.walk import map_article
from postkit.model import TEXT, Article, Change, Inline, Inlines, Transformed
from postkit.text.emoji import expand_shortcodes


def expand_emoji_names(article: Article) -> Transformed:
    """Return the article with `:name:` replaced wherever the name is known."""
    changes: list[Change] = []

    def expand(inline: Inline) -> Inline:
        if inline.kind != TEXT or inline.text.count(":") < 2:
            return inline
        text = expand_shortcodes(inline.text)
        if text == inline.text:
            return inline
        changes.append(Change("shortcodes", f"emoji by name in {inline.text!r}", inline.span))
        return inline._replace(text=text)

    def change(inlines: Inlines) -> Inlines:
        if not any(":" in inline.text for inline in inlines):
            return inlines
        return tuple(expand(inline) for inline in inlines)

    return Transformed(map_article(article, change), tuple(changes))
