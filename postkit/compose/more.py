"""The line that leads from a post to the full article."""

from __future__ import annotations

from pathlib import Path

from postkit.model import Article, Problem, Transformed, replace
from postkit.text import urls
from postkit.text.language import labels
from postkit.text.patterns import lazy

_SLUG = lazy(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_KEYS = ("canonical_url", "canonicalUrl", "canonicalURL", "canonical", "permalink")


def add_more(article: Article, *, address: str | None, label: str | None) -> Transformed:
    """Return the article with the line that leads to it, where its *address* is known.

    A guessed address is worse than none: without one there is no line, and a Problem.
    """
    if address is None:
        problem = Problem(
            "PK108",
            "parts are left out, and the post cannot say where the full article is: set "
            "canonical_url in the front matter, or site.url and site.permalink",
            "info",
        )
        return Transformed(article, problems=(problem,))
    colon = "\u00a0: " if article.language == "fr" else ": "
    words = label or labels(article.language).full_article
    return Transformed(replace(article, more=f"{words}{colon}{address}"))


def address_of(
    article: Article, *, path: str | None, site_url: str | None, permalink: str | None
) -> str | None:
    """Return where the full article appears, or None where nobody said so.

    The front matter's own address wins; else the site's permalink with the article's slug.
    """
    for key in _KEYS:
        value = article.meta.get(key)
        if isinstance(value, str) and urls.is_address(value):
            return value
    if not site_url or not permalink:
        return None
    slug = article.meta.get("slug")
    if not isinstance(slug, str) or not slug:
        slug = slug_of(Path(path)) if path else None
    if slug is None:
        return None
    return site_url.rstrip("/") + "/" + permalink.replace("{slug}", slug).lstrip("/")


def slug_of(path: Path) -> str | None:
    """Return the last part of an article's address, as 11ty, Hugo and Jekyll make it.

    None where they would have to rewrite the name, each in its own way.

    >>> slug_of(Path("_posts/2024-03-14-hello-world.md")), slug_of(Path("blog/hello/index.md"))
    ('hello-world', 'hello')
    >>> slug_of(Path("My Article.md")) is None
    True
    """
    if path.suffix.lower() not in {".md", ".mdx", ".markdown"}:
        return None
    stem = path.stem
    if stem.lower() in {"index", "_index", "readme"}:
        stem = path.resolve().parent.name
    parts = stem.split("-", 3)
    dated = len(parts) == 4 and all(part.isdigit() for part in parts[:3])
    slug = parts[3] if dated else stem
    return slug if _SLUG.fullmatch(slug) else None
