"""What a feed links in a text: addresses and hashtags."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from postkit.text.patterns import lazy

LINK, TAG = "link", "tag"

# An address ends with the next space; whatever stands in it is no hashtag.
_SPECIAL = lazy(r"(?P<link>(?i:https?://)[^\s<>\"“”]+)|#")
_BEHIND = ".,;:!?…'’\"”»*_~"  # of a sentence, where it stands behind an address
_PAIRS = {")": "(", "]": "[", "}": "{"}


class Facet(NamedTuple):
    """A stretch of a text, in characters, that is more than its words."""

    start: int
    end: int
    kind: str


def facets(text: str) -> Iterator[Facet]:
    """Yield the addresses and hashtags of *text*, in its order.

    >>> [
    ...     text[start:end]
    ...     for text in ["Tea (https://x.org/a). #Tea, C#"]
    ...     for start, end, _ in facets(text)
    ... ]
    ['https://x.org/a', '#Tea']
    """
    at = 0
    while match := _SPECIAL.search(text, at):
        at = match.end()
        if match["link"]:
            end = _address_end(text, match.start(), at)
            yield Facet(match.start(), end, LINK)
        elif end := hashtag_end(text, match.start()):
            yield Facet(match.start(), end, TAG)
            at = end


def _address_end(text: str, start: int, end: int) -> int:
    unpaired: dict[str, int] = {}
    while end > start:
        last = text[end - 1]
        if last in _PAIRS:
            if last not in unpaired:
                opened, shut = (text.count(sign, start, end) for sign in (_PAIRS[last], last))
                unpaired[last] = shut - opened
            if unpaired[last] <= 0:
                break
            unpaired[last] -= 1
        elif last not in _BEHIND:
            break
        end -= 1
    return end


def hashtag_end(text: str, at: int, limit: int | None = None) -> int:
    """Return where the hashtag ends whose sign stands at *at*; 0 where there is none.

    Source: what LinkedIn linked in published posts; its grammar says less.

    >>> hashtag_end("#Tea-time", 0), hashtag_end("C#Tea", 1)
    (4, 0)
    """
    if at and not _may_precede(text[at - 1]):
        return 0
    end = word_end(text, at + 1, len(text) if limit is None else limit)
    if not is_word(text[at + 1 : end]) or text[end : end + 1] == "_":
        return 0  # behind an escaped `_` the word would go on, and the link would not
    return end


def _may_precede(character: str) -> bool:
    return (
        character.isspace()
        or character in "\"'<"
        or unicodedata.category(character) in {"Ps", "Pi"}  # opening brackets and quotes
    )


def word_end(text: str, at: int, limit: int) -> int:
    """Return where the word of a hashtag ends that begins at *at*."""
    while at < limit and _in_word(text[at]):
        at += 1
    return at


def _in_word(character: str) -> bool:
    if character.isascii():
        return character.isalnum()
    category = unicodedata.category(character)
    # Vowel signs are marks, and words of many scripts fall apart without them; variation selectors
    # are marks as well, but belong to emoji.
    return (
        category[0] == "L"
        or category == "Nd"
        or (category in {"Mn", "Mc"} and not "\ufe00" <= character <= "\ufe0f")
    )


def is_word(word: str) -> bool:
    """Say whether a hashtag may consist of *word*: it begins as a word, and is no number."""
    return word[:1].isalnum() and any(map(str.isalpha, word))
