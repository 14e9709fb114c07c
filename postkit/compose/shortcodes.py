"""Emoji written by name become emoji: `:rocket:` → 🚀. Never inside code."""

from __future__ import annotations

from postkit.compose.walk import rewrite_text
from postkit.model import Article, Transformed
from postkit.text.emoji import expand_shortcodes


def expand_emoji_names(article: Article) -> Transformed:
    """Return the article with `:name:` replaced wherever the name is known."""
    return rewrite_text(
        article,
        lambda inline: expand_shortcodes(inline.text),
        mark=":",
        rule="shortcodes",
        what="emoji by name in",
    )
