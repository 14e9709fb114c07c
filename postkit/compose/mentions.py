"""Mentions by name: `@[Ada Lovelace]` becomes the handle that the configuration knows."""

from __future__ import annotations

import re
from collections.abc import Mapping

from postkit.compose.pieces import span_within
from postkit.compose.walk import map_article
from postkit.model import MENTION, TEXT, Article, Inline, Inlines, Problem, Transformed

_NAMED = re.compile(r"@\[([^\[\]\n]{1,100})\]")


def name_mentions(
    article: Article, *, handles: Mapping[str, Mapping[str, str]], network: str
) -> Transformed:
    """Return the article with every configured `@[Name]` as a mention; the text is the name.

    A name that the configuration does not know for this network stays as it is written.
    """
    known = {name: where[network] for name, where in handles.items() if network in where}
    problems: list[Problem] = []

    def cut(inline: Inline) -> list[Inline]:
        if inline.kind != TEXT or "@[" not in inline.text:
            return [inline]
        out: list[Inline] = []
        at = 0
        for found in _NAMED.finditer(inline.text):
            handle = known.get(found[1])
            start, end = found.span()
            span = span_within(inline, start, end)
            if handle is None:
                message = f"`[mentions]` knows nobody called `{found[1]}` here: it stays as written"
                problems.append(Problem("PK115", message, "warning", span))
                continue
            if start > at:
                out.append(inline._replace(text=inline.text[at:start]))
            out.append(Inline(MENTION, found[1], span, inline.style, None, handle))
            at = end
        if at < len(inline.text):
            out.append(inline._replace(text=inline.text[at:]))
        return out

    def change(inlines: Inlines) -> Inlines:
        if not any("@[" in inline.text for inline in inlines):
            return inlines
        return tuple(piece for inline in inlines for piece in cut(inline))

    changed = map_article(article, change)
    return Transformed(changed, problems=tuple(problems))
