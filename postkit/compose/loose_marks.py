"""Emphasis that does not parse: `**bold **text` shows its asterisks on the page as well.

CommonMark takes no bold that ends in a space. On a page that is a blemish, in a post it looks
broken; the asterisks go, the words stay. Those that were escaped on purpose are kept.
"""

from __future__ import annotations

from postkit.compose.walk import map_article
from postkit.model import TEXT, Article, Change, Inline, Inlines, Transformed
from postkit.text.patterns import lazy

_LOOSE = lazy(r"\*\*(?=[^\s*])([^*\n]{1,300})\*\*|\*\*([^*\n]{1,300}[^\s*])\*\*")


def drop_loose_marks(article: Article) -> Transformed:
    """Return the article without the asterisks of emphasis that Markdown did not take for any."""
    changes: list[Change] = []

    def drop(inline: Inline) -> Inline:
        escaped = inline.span.end - inline.span.start != len(inline.text)
        if inline.kind != TEXT or "**" not in inline.text or escaped:
            return inline
        text = _LOOSE.sub(lambda found: found[1] or found[2], inline.text)
        if text == inline.text:
            return inline
        changes.append(
            Change("loose-marks", f"asterisks dropped from {inline.text!r}", inline.span)
        )
        return inline._replace(text=text)

    def change(inlines: Inlines) -> Inlines:
        if not any("**" in inline.text for inline in inlines):
            return inlines
        return tuple(drop(inline) for inline in inlines)

    return Transformed(map_article(article, change), tuple(changes))
