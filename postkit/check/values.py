"""PK132: the keys of the front matter that postkit reads, and the values that it can use.

What no key here is, postkit does not read: `date`, `description` and the like may be anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from postkit.model import Article, Problem
from postkit.text import urls
from postkit.text.hashtag import from_tag, parse_tags
from postkit.text.language import detect

_PASSED_OVER = "it is passed over"


class _Kind(NamedTuple):
    """What some keys take, in words and as a test, and what is done with anything else."""

    keys: tuple[str, ...]
    wanted: str
    fits: Callable[[object], bool]
    instead: str = _PASSED_OVER


def problems_of(article: Article, *, published_in: Iterable[str] = ()) -> Iterator[Problem]:
    """Yield a problem for each key with a value that postkit cannot use.

    *published_in* are the keys, besides `linkedInUrl`, that hold the address of a post.
    """
    meta, spans = article.meta, article.meta_spans
    told: set[str] = set()
    written = (*_PUBLISHED.keys, *published_in)
    lowered = map(str.lower, written)  # as a block without fences has them
    for kind in (*_KINDS, _PUBLISHED._replace(keys=(*written, *lowered))):
        for key in kind.keys:
            value = meta.get(key)
            if value in (None, "", [], {}) or key in told or kind.fits(value):
                continue
            told.add(key)
            message = f"`{key}` should be {kind.wanted}; {kind.instead}"
            yield Problem("PK132", message, "warning", spans.get(key))


# ---------------------------------------------------------------------------------------------
# What fits


def _is_scalar(value: object) -> bool:
    """Whether it is a text, or a number that was meant as one."""
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _is_address(value: object) -> bool:
    return isinstance(value, str) and urls.is_address(value.strip())


def _is_path(value: object) -> bool:
    return value is False or isinstance(value, str | dict)  # 11ty has more than one kind


def _are_tags(value: object) -> bool:
    items = value if isinstance(value, list) else [value]
    if not all(item is None or _is_scalar(item) for item in items):
        return False
    if not isinstance(value, str | list):
        return False
    tags = parse_tags(value)
    return not tags or any(from_tag(tag) is not None for tag in tags)


def _is_image(value: object) -> bool:
    if isinstance(value, dict):
        value = next((value[key] for key in _IMAGE_IN if value.get(key)), None)
        return isinstance(value, str)
    return value is False or isinstance(value, str)


_IMAGE_IN = ("src", "url", "path", "image")


def _has_alt(value: object) -> bool:
    return not isinstance(value, dict) or value.get("alt") is None or _is_scalar(value["alt"])


def _is_language(value: object) -> bool:
    """Whether the words of the article are not asked: two texts are taken to be of one language."""
    meta = {"lang": value}
    return detect(meta, "и не на что") == detect(meta, "the tea is hot and it is here")


def _is_switch(value: object) -> bool:
    return isinstance(value, bool) or str(value).lower() in ("true", "yes", "false", "no")


def _are_names(value: object) -> bool:
    items = value if isinstance(value, list) else [value]
    return isinstance(value, str | list) and all(map(_is_scalar, items))


def _is_moment(value: object) -> bool:
    return isinstance(value, date) or (isinstance(value, str) and value[:4].isdigit())


_ADDRESS = "a whole address, like https://example.org/article/"
TAG_KEYS = ("tags", "hashtags", "keywords")
_IMAGES = ("image", "cover", "featured_image", "featured-image", "thumbnail", "og_image", "banner")
_LANGUAGE = "a language, as a code like `en`"
_BY_WORDS = "the words of the article decide"
_READ_OUT = "readers would hear it as it stands"
_PUBLISHED = _Kind(
    ("linkedInUrl",),
    _ADDRESS,
    lambda value: value is False or _is_address(value),
    "as it stands, the article counts as published",
)
_KINDS = (
    _Kind(("title",), "a text", _is_scalar),
    _Kind(("canonical_url", "canonicalUrl", "canonicalURL", "canonical"), _ADDRESS, _is_address),
    _Kind(("permalink",), "an address or a path", _is_path),
    _Kind(("slug",), "a text", lambda value: isinstance(value, str)),
    _Kind(
        TAG_KEYS,
        "a list of words, or words with commas",
        _are_tags,
        "what can be no hashtag is passed over",
    ),
    _Kind(_IMAGES, "a path, or `{image: …, alt: …}`", _is_image),
    _Kind(_IMAGES, "a path, or `{image: …, alt: …}` with texts", _has_alt, _READ_OUT),
    _Kind(("image_alt", *(f"{key}_alt" for key in _IMAGES)), "a text", _is_scalar, _READ_OUT),
    _Kind(("lang", "locale"), _LANGUAGE, _is_language, _BY_WORDS),
    # `language: python` is a thing to say of an article, too
    _Kind(
        ("language",), _LANGUAGE, lambda one: isinstance(one, str) or _is_language(one), _BY_WORDS
    ),
    _Kind(
        ("draft",), "`true` or `false`", _is_switch, "as it stands, the article may be published"
    ),
    _Kind(
        ("accounts",),
        "the name of an account, or a list of names",
        _are_names,
        "it names no account",
    ),
    _Kind(
        ("publish_at",),
        "a date with a time, like `2026-12-01 09:00`",
        _is_moment,
        "`postkit schedule` refuses it",
    ),
    _Kind(
        ("timezone",),
        "the name of a zone, like `Europe/Berlin`",
        lambda value: isinstance(value, str),
        "`postkit schedule` refuses it",
    ),
)
