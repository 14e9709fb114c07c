"""How likely a text is, in bits: what tells mojibake from what people write.

A text costs what it takes to spell it out, character after character: how often this kind of
character follows that kind (`Ã` after a lowercase letter: hardly ever), how often it is this one of
its kind (`é` among accented letters: often), and how often this letter follows that one (`é` after
`q`: never). The fewer bits, the likelier. `learn` makes the tables from named, openly licensed
texts; `tables.bin` holds them.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

BIT = 8  # all costs are in eighths of a bit

TABLES = Path(__file__).with_name("tables.bin")
PLANE = 0x20000  # characters that have an entry each
CHARSETS = 11
REMEMBERED = 1 << 18  # pairs whose price is kept: 20 MB, in a text of all languages


class Tables(NamedTuple):
    """`tables.bin`, sliced: one byte an entry.

    It begins with the 8-bit charsets, 128 characters each, as UTF-16. Then come the number of kinds
    K, the three kinds of characters beyond `PLANE`, the number of alphabets and of letters in each;
    and, one after the other, the cost of each kind after each kind (K × K), the kind of each
    character, its cost among its kind, for each alphabet what a letter changes about the cost of
    the next (signed), and the alphabets as UTF-8.
    """

    charsets: tuple[str, ...]
    kinds: int
    pairs: memoryview
    kind_of: memoryview
    cost_of: memoryview
    beyond: tuple[int, int, int]  # kinds: Chinese characters, tags of flags, nothing
    letters: dict[str, tuple[int, int]]  # alphabet, and number in it
    sizes: bytes  # of the alphabets
    letter_pairs: tuple[memoryview, ...]


@cache
def tables() -> Tables:
    """Return the tables, read once, when a text that is not ASCII is looked at."""
    data = memoryview(zlib.decompress(TABLES.read_bytes()))
    at = 0

    def take(size: int) -> memoryview:
        nonlocal at
        at += size
        return data[at - size : at]

    highs = str(take(CHARSETS * 0x80 * 2), "utf-16-le")
    charsets = tuple(highs[at : at + 0x80] for at in range(0, len(highs), 0x80))
    kinds, han, tag, nothing, alphabets = take(5)
    sizes = bytes(take(alphabets))
    pairs = take(kinds * kinds)
    kind_of, cost_of = take(PLANE), take(PLANE)
    letter_pairs = tuple(take(size * size).cast("b") for size in sizes)
    spelling = iter(str(data[at:], "utf-8"))
    letters = {
        next(spelling): (alphabet, number)
        for alphabet, size in enumerate(sizes)
        for number in range(size)
    }
    beyond = (han, tag, nothing)
    return Tables(charsets, kinds, pairs, kind_of, cost_of, beyond, letters, sizes, letter_pairs)


class Character(NamedTuple):
    """What the model knows of one character."""

    kind: int
    cost: int  # among its kind
    alphabet: int  # of a letter whose neighbours are known; -1 otherwise
    letter: int  # its number there


class _Characters(dict[str, Character]):
    """Characters that were looked up before; never more than there are in Unicode."""

    def __missing__(self, character: str) -> Character:
        known = tables()
        point = ord(character)
        if point < PLANE:
            kind, cost = known.kind_of[point], known.cost_of[point]
        else:
            han, tag, nothing = known.beyond
            if point < 0x40000:
                kind, cost = han, 16 * BIT
            elif 0xE0000 <= point < 0xE0080:
                kind, cost = tag, 7 * BIT
            else:
                kind, cost = nothing, 20 * BIT
        letter = known.letters.get(character) or known.letters.get(character.lower(), (-1, 0))
        found = self[character] = Character(kind, cost, *letter)
        return found


CHARACTERS = _Characters()


_PRICES: dict[str, int] = {}  # of a character after the one before it, by the two of them


def _price(two: str) -> int:
    known = tables()
    first_kind, _, first_alphabet, first_letter = CHARACTERS[two[0]]
    kind, own, alphabet, letter = CHARACTERS[two[1]]
    price = known.pairs[first_kind * known.kinds + kind] + own
    if alphabet == first_alphabet >= 0:
        price += known.letter_pairs[alphabet][first_letter * known.sizes[alphabet] + letter]
    if len(_PRICES) >= REMEMBERED:
        _PRICES.clear()
    _PRICES[two] = price
    return price


def cost(before: str, text: str, after: str) -> int:
    """Return the cost of *text* between its neighbours, in eighths of a bit.

    *before* is the character before it, *after* the one behind, or nothing. That they stand beside
    this text is part of the cost.
    """
    prices = _PRICES
    total = 0
    last = before
    for character in text + after:
        two = last + character
        last = character
        if two in prices:
            total += prices[two]
        else:
            total += _price(two)
    return total


def costs(before: str, candidates: Iterable[tuple[str, int]], after: str) -> list[tuple[int, str]]:
    """Return what each of many characters costs there, besides what is given with it."""
    known = tables()
    kinds, pairs = known.kinds, known.pairs
    first_kind, _, first_alphabet, first_letter = CHARACTERS[before]
    last_kind, last_own, last_alphabet, last_letter = CHARACTERS[after]
    row = pairs[first_kind * kinds : (first_kind + 1) * kinds]
    found = []
    for character, price in candidates:
        kind, own, alphabet, letter = CHARACTERS[character]
        total = price + row[kind] + own + pairs[kind * kinds + last_kind] + last_own
        if alphabet >= 0:
            size = known.sizes[alphabet]
            if alphabet == first_alphabet:
                total += known.letter_pairs[alphabet][first_letter * size + letter]
            if alphabet == last_alphabet:
                total += known.letter_pairs[alphabet][letter * size + last_letter]
        found.append((total, character))
    return found
