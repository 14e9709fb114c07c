"""Addresses: which are the same, which lead somewhere, and what to call one that has no name."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urljoin, urlsplit

BARE_URL = re.compile(r"https?://[^\s<>\"“”]+", re.IGNORECASE)
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|yclid|_hsenc|_hsmi|vero_id|mkt_tok|rcm)$"
)
_SAFE = "!#$%&'()*+,/:;=?@[]~-._"
_GITHUB_THREAD = re.compile(r"/([^/]+/[^/]+)/(?:issues|pull|discussions)/(\d+)")
_GITHUB_REPOSITORY = re.compile(r"/([^/]+/[^/]+)/?$")


def is_web(url: str) -> bool:
    """Say whether *url* is an absolute http or https address."""
    return url[:8].lower().startswith(("http://", "https://"))


def is_address(url: str) -> bool:
    """Say whether *url* is a web address that can be read: with a host, without a space.

    >>> is_address("https://a.org/x"), is_address("http://[x"), is_address("https://")
    (True, False, False)
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return is_web(url) and bool(parts.netloc) and not any(c.isspace() for c in url)


def scheme(url: str) -> str:
    """Return the scheme in lower case, or "" for a relative address.

    >>> scheme("mailto:a@b.org"), scheme("/img/a.png"), scheme("//cdn.org/x")
    ('mailto', '', '')
    """
    match = _SCHEME.match(url)
    return match[1].lower() if match else ""


def absolute(url: str, base: str | None) -> str | None:
    """Return *url* made absolute by *base*, or None where that cannot be done.

    >>> absolute("/docs/", "https://example.org/blog/")
    'https://example.org/docs/'
    >>> absolute("/docs/", None) is None
    True
    """
    if scheme(url):
        return url
    if url.startswith("//"):
        return "https:" + url
    if not base:
        return None
    try:
        return urljoin(base, url)
    except ValueError:  # a stray bracket where a host should be
        return None


def tracking_parameters(url: str) -> tuple[str, ...]:
    """Return the names of the query parameters that only say where a reader came from.

    >>> tracking_parameters("https://a.org/?id=3&utm_source=x")
    ('utm_source',)
    """
    _, mark, query = url.partition("?")
    if not mark:
        return ()
    names = (pair.partition("=")[0] for pair in query.partition("#")[0].split("&"))
    return tuple(name for name in names if _TRACKING.match(name.lower()))


def without_tracking(url: str) -> str:
    """Return *url* without the query parameters that only say where a reader came from.

    >>> without_tracking("https://a.org/?id=3&utm_source=x#top")
    'https://a.org/?id=3#top'
    >>> without_tracking("https://a.org/?utm_source=x")
    'https://a.org/'
    """
    base, mark, rest = url.partition("?")
    if not mark:
        return url
    query, hash_mark, fragment = rest.partition("#")
    kept = [
        pair for pair in query.split("&") if not _TRACKING.match(pair.partition("=")[0].lower())
    ]
    return base + ("?" + "&".join(kept) if kept else "") + hash_mark + fragment


def key(url: str) -> str:
    """Return what two addresses of the same page have in common, for comparing only.

    Scheme, `www.`, a trailing slash and tracking parameters make no difference; the fragment does.

    >>> key("http://www.Example.org/a/?utm_source=x") == key("https://example.org/a")
    True
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if parts.scheme.lower() not in {"http", "https"}:
        return url
    query = "&".join(
        pair
        for pair in parts.query.split("&")
        if not _TRACKING.match(pair.partition("=")[0].lower())
    )
    host = parts.netloc.lower().removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}?{query}#{parts.fragment}"


def encoded(url: str) -> str:
    """Return *url* with everything percent-encoded that may not stand in an address.

    >>> encoded("https://a.org/ä b?x=%20")
    'https://a.org/%C3%A4%20b?x=%20'
    """
    return quote(url, safe=_SAFE) if not url.isascii() or _needs_quoting(url) else url


def _needs_quoting(url: str) -> bool:
    return any(c in url for c in ' "<>\\^`{|}') or not url.isprintable()


def name_of(url: str) -> str:
    """Return a short name for a page whose link says only "here".

    >>> name_of("https://github.com/bluesky-social/atproto/discussions/1510")
    'bluesky-social/atproto#1510'
    >>> name_of("https://www.unicode.org/reports/tr29/")
    'unicode.org'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    host = parts.netloc.lower().removeprefix("www.")
    path = unquote(parts.path)
    if host in {"github.com", "gitlab.com", "codeberg.org"}:
        if thread := _GITHUB_THREAD.match(path):
            return f"{thread[1]}#{thread[2]}"
        if repository := _GITHUB_REPOSITORY.match(path):
            return repository[1]
    return host or url
