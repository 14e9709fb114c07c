"""How long a text is: each network counts in a unit of its own, and none of them is `len`.

| unit | one family emoji | who counts so |
|---|---|---|
| UTF-16 code unit | 11 | LinkedIn |
| grapheme cluster | 1 | Bluesky, Mastodon |
| code point | 7 | Python |
| UTF-8 byte | 25 | Bluesky, beside graphemes |
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")


def utf16_units(text: str) -> int:
    r"""Return the length of *text* in UTF-16 code units, the unit that LinkedIn limits.

    A character beyond the Basic Multilingual Plane counts two: most emoji, and every letter
    of the mathematical alphabets that some writers use as bold.

    Source: LinkedIn documents 3,000 "characters" and no unit; tests of its composer from 2021
    to 2026 agree on UTF-16 code units (emoji 2, flags 4, families up to 11).

    >>> utf16_units("Hi 🚀"), len("Hi 🚀")
    (5, 4)
    """
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def graphemes(text: str) -> int:
    r"""Return the length of *text* in grapheme clusters, the unit that Bluesky limits first.

    Clusters are what readers take for one character; those of UAX #29.

    Source: lexicon `app.bsky.feed.post`, field `text`: maxGraphemes 300.

    >>> family = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
    >>> graphemes(family + "!"), len(family + "!")
    (2, 8)
    """
    if text.isascii():
        # the only two ASCII characters that form one cluster
        return len(text) - text.count("\r\n")
    return len(_clusters(text))


def code_points(text: str) -> int:
    r"""Return the length of *text* in Unicode code points, which is what Python counts.

    Source: the Unicode Standard, chapter 2.4; no network limits it, many clients mistake it
    for a network's unit.

    >>> code_points("e\u0301"), graphemes("e\u0301")
    (2, 1)
    """
    return len(text)


def utf8_bytes(text: str) -> int:
    r"""Return the length of *text* in UTF-8 bytes, the unit that Bluesky limits second.

    Source: lexicon `app.bsky.feed.post`, field `text`: maxLength 3000.

    >>> utf8_bytes("é"), utf8_bytes("🚀")
    (2, 4)
    """
    if text.isascii():
        return len(text)
    return len(text.encode("utf-8", "surrogatepass"))


def cut_utf16(text: str, units: int) -> int:
    r"""Return the largest offset in characters at which *text* may be cut to fit *units*.

    `text[:offset]` is at most *units* UTF-16 code units long, and no grapheme cluster is cut
    in two. 0 where not even the first cluster fits.

    Source: see `utf16_units` and `graphemes`.

    >>> cut_utf16("Go 🚀!", 4), cut_utf16("Go 🚀!", 5)
    (3, 4)
    >>> cut_utf16("one\r\ntwo", 4)
    3
    """
    if units <= 0:
        return 0
    offset = min(units, len(text))
    if utf16_units(text[:offset]) > units:
        offset = _longest_prefix(text, units)
    if offset == len(text):
        return offset
    if text.isascii():
        return offset - 1 if text[offset - 1 : offset + 1] == "\r\n" else offset
    # Clusters always part between two ASCII characters (CR and LF aside), and whether they part
    # at the offset depends on nothing behind the character there: only this stretch matters.
    settled = offset
    while settled and not text[settled - 1 : settled + 1].isascii():
        settled -= 1
    if text[settled - 1 : settled + 1] == "\r\n":
        settled -= 1
    boundary = settled
    for cluster in _clusters(text[settled : offset + 1]):
        if boundary + len(cluster) > offset:
            break
        boundary += len(cluster)
    return boundary


def _longest_prefix(text: str, units: int) -> int:
    """Return how many characters of *text* fit *units*; at least half as many do."""
    low, high = units // 2, min(units, len(text))
    while low < high:
        middle = (low + high + 1) // 2
        if utf16_units(text[:middle]) <= units:
            low = middle
        else:
            high = middle - 1
    return low


def _clusters(text: str) -> list[str]:
    """Return the grapheme clusters of *text*; those of flags have other characters in them."""
    # `\X` takes quadratic time over a row of flags; a letter with an accent is as long as a flag
    # and breaks in the same places
    return _find_clusters()(_FLAG.sub("x\u0301", text))


@cache
def _find_clusters() -> Callable[[str], list[str]]:
    # here because it costs start-up time, and ASCII text does without
    import regex  # type: ignore[import-untyped]

    find: Callable[[str], list[str]] = regex.compile(r"\X").findall
    return find
