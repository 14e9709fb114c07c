"""Text that was written in one old encoding and read in another: `Ïðèâåò` for `Привет`.

No form gives it away, as well-formed UTF-8 does: each of these encodings can read all the others.
What tells is that one way to read it makes words of a paragraph, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from postkit.text.mojibake.changes import Change
from postkit.text.mojibake.charsets import FIRST_CJK, Charset, charset
from postkit.text.mojibake.model import BIT, cost
from postkit.text.patterns import lazy

ODD = 6 * BIT  # what a character costs, on average, in a paragraph that is worth looking at
USUAL = 5 * BIT  # what a character of the likeliest text costs
REACH = 20_000  # characters of a text that are looked at first
SAMPLE = 200  # different words that are looked at
ENOUGH = 26 * BIT  # what a paragraph must save
EACH = 2 * BIT  # … and for each character that is not ASCII
PLAIN, PLAIN_HAN = 15 * BIT // 2, 13 * BIT  # what a character of language may cost, on average
PLAIN_ALONE = 13 * BIT // 2  # … in a single word
HARM = 6 * BIT  # what the worst word may cost more
ROW = 5  # characters in the order of their numbers: a row of an alphabet
LETTERS = 0.6  # share of letters among the characters of language
TRIED = 4  # words that a way must improve before all of them are read
FEW, MANY = 2, 3  # different letters that come out, from several words or from one
CLEAR = 5 * BIT  # by how much it must save more than the second best way

WRITTEN = {  # by how it was read: what it may have been written in, and Python's name for that
    "windows-1252": {
        "windows-1251": "cp1251", "koi8-r": "koi8_r", "cp866": "cp866", "iso-8859-5": "iso8859_5",
        "windows-1253": "cp1253", "iso-8859-7": "iso8859_7", "windows-1255": "cp1255",
        "windows-1256": "cp1256", "shift_jis": "cp932", "euc_jp": "euc_jp", "gbk": "gbk",
        "big5": "big5", "euc_kr": "cp949", "windows-1250": "cp1250", "iso-8859-2": "iso8859_2",
        "windows-1254": "cp1254", "windows-1257": "cp1257", "mac_roman": "mac_roman",
        "cp850": "cp850", "cp437": "cp437", "cp852": "cp852", "mac_cyrillic": "mac_cyrillic",
    },
    "mac_roman": {"windows-1252": "cp1252", "windows-1250": "cp1250", "windows-1251": "cp1251"},
    "windows-1251": {
        "koi8-r": "koi8_r", "cp866": "cp866", "windows-1252": "cp1252",
        "mac_cyrillic": "mac_cyrillic", "iso-8859-5": "iso8859_5",
    },
    "koi8-r": {"windows-1251": "cp1251"},
    "windows-1250": {"windows-1252": "cp1252"},
}  # fmt: skip

_MIXED = lazy(
    "[A-Za-z][\u0370-\u07ff]|[\u0370-\u07ff][A-Za-z]"
)  # Latin letters and others in one word
_NOT_ASCII = lazy(r"[^\x00-\x7f]")
_IN_WORD = lazy(r"(?<=[A-Za-z])[^\x00-\x7f]+(?=[A-Za-z])|[^\W\d_A-Za-z]")  # … and what is in a word
_WORD = lazy(r"(?<![^\x00-\x20])[!-\x7f]*+[^\x00-\x20]+")


class _Way(NamedTuple):
    """A way to read the words of a paragraph."""

    gain: int
    read: str
    written: str


def found(text: str, runs: list[str]) -> tuple[Change, ...]:
    """Return the changes that make words of *text*, if it was read in another encoding.

    *runs* are all the different runs of characters in it that are not ASCII.
    """
    joined = "\n".join(runs)
    if not _ever_read().issuperset(joined):
        return ()
    words = _words(text[:REACH])
    length = sum(map(len, words))
    price = _price(words)
    if price < ODD * length or price - USUAL * length < ENOUGH:
        return ()
    read = [name for name in WRITTEN if _is_read_in(charset(name), joined)]
    way = _convicted(text, read) if read else None
    return tuple(_changes(text, way)) if way else ()


def _words(text: str) -> list[str]:
    """Return the first different words of *text* that are not ASCII."""
    return list(dict.fromkeys(_WORD.findall(text)))[:SAMPLE]


def oddity(text: str) -> int:
    """Return what the words of *text* cost, as far as they are looked at."""
    return _price(_words(text[:REACH]))


@cache
def _ever_read() -> frozenset[str]:
    """Return the characters of all encodings that text is read in."""
    return frozenset("\n").union(*(charset(name).bytes for name in WRITTEN))


def _is_read_in(known: Charset, text: str) -> bool:
    try:
        known.encode(text)
    except UnicodeEncodeError:
        return False
    return True


def _convicted(text: str, read: list[str]) -> _Way | None:
    """Return the way that some paragraph proves by itself."""
    for paragraph in text.split("\n\n"):
        words = _words(paragraph[:REACH])
        if any(map(_is_row, words)) or any(map(_is_ornament, words)):
            continue
        ways = sorted(_ways(words, read), reverse=True)
        many = sum(character > "\x7f" for word in words for character in word)
        if not ways or ways[0].gain < max(ENOUGH, EACH * many):
            continue
        if len(ways) == 1 or ways[0].gain - ways[1].gain >= CLEAR:
            return ways[0]
    return None


def _ways(words: list[str], names: list[str]) -> Iterator[_Way]:
    """Yield what may have been written for *words*; words are read at once, with spaces between."""
    before = " ".join(words)
    if not any(map(str.isalpha, before)):
        return
    unread, few = _price(words), _price(words[:TRIED])
    inside = 2 * len(_IN_WORD.findall(before)) >= len(_NOT_ASCII.findall(before))
    seen = {before}
    for read in names:
        data = charset(read).encode(before)
        for written, codec in WRITTEN[read].items():
            try:
                after = data.decode(codec)
            except UnicodeError:
                continue
            if after in seen:
                continue
            seen.add(after)
            most = _language(before, after, len(words))
            if most is None or not (inside or most == PLAIN_HAN):
                continue
            texts = after.split(" ")
            if texts[:TRIED] == words[:TRIED] or _price(texts[:TRIED]) >= few:
                continue
            price = _price(texts)
            if price >= unread or price > most * (len(after) - len(words) + 1):
                continue
            if max(map(_harm, words, texts)) <= HARM:
                yield _Way(unread - price, read, written)


def _price(words: list[str]) -> int:
    return cost(" ", " ".join(words), " ")


def _harm(before: str, after: str) -> int:
    return cost(" ", after, " ") - cost(" ", before, " ")


def _language(before: str, after: str, words: int) -> int | None:
    """Return what a character of *after* may cost, if it looks like words and not like ornaments.

    Any encoding makes something of ornaments, alphabets and patterns.
    """
    if _MIXED.search(after):
        return None
    letters = {character for character in set(after) if character.isalpha()}
    if len(letters.difference(before)) < (FEW if words > 1 else MANY):
        return None
    if sum(map(str.isalpha, after)) < LETTERS * (len(after) - words + 1):
        return None
    if max(letters) >= FIRST_CJK:
        return PLAIN_HAN
    return PLAIN if words > 1 else PLAIN_ALONE


def _is_row(word: str) -> bool:
    """Tell a row of an alphabet: many letters, each behind the one before."""
    letters = [character for character in word if character > "\x7f"]
    return len(letters) >= ROW and letters == sorted(set(letters))


def _is_ornament(word: str) -> bool:
    """Tell signs that read the same from both ends."""
    signs = [character for character in word if character > "\x7f"]
    letters = sum(map(str.isalpha, signs))
    return len(signs) >= ROW and 2 * letters < len(signs) and signs == signs[::-1]


def _read(known: Charset, codec: str, words: list[str]) -> list[str] | None:
    try:
        return [known.encode(word).decode(codec) for word in words]
    except UnicodeError:
        return None


def _changes(text: str, way: _Way) -> Iterator[Change]:
    known = charset(way.read)
    codec = WRITTEN[way.read][way.written]
    confidence = min(round(1 - 2 ** (-way.gain / BIT / 12), 3), 0.999)
    for match in _WORD.finditer(text):
        texts = _read(known, codec, [match[0]])
        if texts is None or texts[0] == match[0]:
            continue
        before, after = match[0], texts[0]
        start = 0
        while before[start] == after[start] and before[start].isascii():
            start += 1
        end = 0
        while before[-1 - end] == after[-1 - end] and before[-1 - end].isascii():
            end += 1
        yield Change(
            match.start() + start,
            match.end() - end,
            before[start : len(before) - end],
            after[start : len(after) - end],
            f"{way.written} read as {way.read}",
            1,
            confidence,
            guessed=False,
        )
