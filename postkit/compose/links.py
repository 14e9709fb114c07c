"""Make links lead somewhere: relative ones by the site's address, or else to nothing."""

from __future__ import annotations

from postkit.compose.walk import map_article
from postkit.model import Article, Inline, Inlines, Link, Problem, Span, Transformed, replace
from postkit.text import urls

_SOURCES = (".md", ".mdx", ".markdown", ".ipynb", ".rst", ".adoc")
_KEPT = frozenset({"http", "https"})


def resolve_links(
    article: Article, *, site_url: str | None, own_url: str | None = None
) -> Transformed:
    """Return the article with absolute links only; the others keep their text.

    `/path` counts from the site, `path` from the article's own address where it is known. A link
    to another source file (`other.md`) has no address anybody can know. A link inside the page
    (`#…`) is dropped without a word: a post has no anchors.
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
        address = _address(link.url, site_url, own_url)
        if address is None:
            problems.append(_unresolved(link, _why(link.url)))
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
    entries = []
    for entry in article.reading_list:
        written = Link(entry.url, "", entry.address or entry.span or Span(0, 0))
        link = resolve(written) if entry.url else written
        entries.append(replace(entry, url=link.url if link is not None else ""))
    return Transformed(replace(article, reading_list=tuple(entries)), problems=tuple(problems))


def _address(url: str, site_url: str | None, own_url: str | None) -> str | None:
    path = url.partition("#")[0].partition("?")[0].lower()
    if path.endswith(_SOURCES) and not url.startswith("//"):
        return None
    return urls.absolute(url, site_url if url.startswith("/") else own_url or site_url)


def _why(url: str) -> str:
    if url.partition("#")[0].lower().endswith(_SOURCES):
        return "leads to a source file"
    return "is relative, and site.url is not set"


def _unresolved(link: Link, why: str) -> Problem:
    return Problem(
        "PK103",
        f"the link to `{link.url}` {why}: its text is kept, the address is not",
        "warning",
        link.span,
    )
