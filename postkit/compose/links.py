"""Make links lead somewhere: relative ones by the site's address, or else to nothing."""

from __future__ import annotations

from postkit.compose.walk import map_article
from postkit.model import Article, Inline, Inlines, Link, Problem, Transformed, replace
from postkit.text import urls

_KEPT = frozenset({"http", "https"})


def resolve_links(article: Article, *, site_url: str | None) -> Transformed:
    """Return the article with absolute links only; the others keep their text.

    A link inside the page (`#…`) is dropped without a word: a post has no anchors.
    """
    problems: list[Problem] = []
    resolved: dict[int, Link | None] = {}

    def resolve(link: Link) -> Link | None:
        if link.url.startswith("#") or not link.url.strip():
            return None
        kind = urls.scheme(link.url)
        if kind == "mailto":
            return replace(link, url=link.url.partition(":")[2].partition("?")[0])
        if kind in _KEPT:
            return link
        if link.url.startswith(("{{", "{%")):
            problems.append(_unresolved(link, "is written by the site generator"))
            return None
        if kind:
            problems.append(_unresolved(link, f"is a {kind}: address, no page"))
            return None
        address = urls.absolute(link.url, site_url)
        if address is None:
            problems.append(_unresolved(link, "is relative, and site.url is not set"))
            return None
        return replace(link, url=address)

    def change(inlines: Inlines) -> Inlines:
        if not any(inline.link is not None for inline in inlines):
            return inlines
        out: list[Inline] = []
        for inline in inlines:
            if inline.link is None:
                out.append(inline)
                continue
            key = id(inline.link)
            if key not in resolved:
                resolved[key] = resolve(inline.link)
            out.append(inline._replace(link=resolved[key]))
        return tuple(out)

    article = map_article(article, change)
    entries = tuple(
        replace(entry, url=urls.absolute(entry.url, site_url) or entry.url)
        for entry in article.reading_list
    )
    return Transformed(replace(article, reading_list=entries), problems=tuple(problems))


def _unresolved(link: Link, why: str) -> Problem:
    return Problem(
        "PK103",
        f"the link to `{link.url}` {why}: its text is kept, the address is not",
        "warning",
        link.span,
    )
