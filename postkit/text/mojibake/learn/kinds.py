"""The kinds of characters: what behaves alike beside its neighbours is counted together.

A character that has a byte of its own in one of the encodings and is no letter is a kind of its
own: which of them stand side by side is what tells mojibake from text.
"""

from __future__ import annotations

import sys
import unicodedata
from functools import cache

from postkit.text.mojibake.charsets import EIGHT_BIT

PLANES = range(0x20000)  # code points that have an entry each; the others share what ends the table
HAN_BEYOND, TAG, NOTHING = "han 3", "tag", "Cn"

# Scripts whose letters and marks are told apart; the rest are counted together.
WRITTEN = frozenset({
    "ARABIC", "ARMENIAN", "BENGALI", "DEVANAGARI", "ETHIOPIC", "GEORGIAN", "GUJARATI", "GURMUKHI",
    "HEBREW", "KANNADA", "KHMER", "LAO", "MALAYALAM", "MYANMAR", "ORIYA", "SINHALA", "TAMIL",
    "TELUGU", "THAI", "TIBETAN",
})  # fmt: skip
VOWELS = frozenset("aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýÿāăąēĕėęěĩīĭįıōŏőœũūŭůűųŷ")
JOINERS = frozenset("\u200b\u200c\u200d\u200e\u200f\u20e3\ufe0f\ufeff\ufffd\u3000")
FRAMES = range(0x2300, 0x25A0)  # what cp437, cp850 and KOI8-R draw boxes and integrals with
SYMBOLS = (  # blocks, by where they end
    (0x2070, "punctuation"),
    (0x20A0, "small digit"),
    (0x20D0, "money"),
    (0x2150, "letterlike"),
    (0x2190, "letterlike"),
    (0x2200, "arrow"),
    (0x2300, "mathematics"),
    (0x2460, "technical"),
    (0x2500, "enclosed"),
    (0x2580, "box"),
    (0x25A0, "block"),
    (0x2600, "shape"),
    (0x2700, "symbol"),
    (0x27C0, "dingbat"),
    (0x2800, "mathematics"),
    (0x2900, "braille"),
    (0x2E00, "mathematics"),
)
PICTURES = (
    (0x1F1E6, "tile"),
    (0x1F200, "flag letter"),
    (0x1F300, "squared"),
    (0x1F3FB, "picture"),
    (0x1F400, "skin"),
    (0x1F600, "picture"),
    (0x1F650, "face"),
    (0x1FB00, "new picture"),
    (0x1FC00, "tile"),
)


def highs() -> list[str]:
    """Return what the bytes from 80 to FF are in each 8-bit charset, U+FFFD where nothing is."""
    return [bytes(range(0x80, 0x100)).decode(codec, "replace") for _, codec in EIGHT_BIT]


@cache
def own_kinds() -> frozenset[str]:
    """Return the characters that are each a kind of their own."""
    in_use = set("".join(highs())) | {"\ue01e"}
    return JOINERS | {
        character
        for character in in_use
        if not _is_letter(character)
        and unicodedata.category(character) != "Cc"
        and ord(character) not in FRAMES
    }


def _is_letter(character: str) -> bool:
    return character.isalpha() and character not in "ªºµƒπΩˆˇ"


def kind(character: str) -> str:
    """Return the name of the kind of *character*."""
    point = ord(character)
    category = unicodedata.category(character)
    if character in "\t\n\v\f\r\x85\u2028\u2029":
        return "line"
    if point < 0x80 and not character.isalnum() and category != "Cc":
        return character
    if character in own_kinds():
        return character
    if category == "Cn" and 0x1F300 <= point < 0x1FB00:
        return "new picture"
    if category in ("Cc", "Cs", "Co", "Cn"):
        return category + ("high" if point >= 0x80 and category == "Cc" else "")
    if category[0] == "Z":
        return "space"
    if category[0] in "LM":
        return _letter(character, point, category)
    if category[0] == "N":
        return "digit" if point < 0x80 else _symbol(point, "number")
    return _symbol(point, "sign" if category[0] == "S" else "mark of punctuation")


def _symbol(point: int, otherwise: str) -> str:
    if 0x2010 <= point < 0x2E00:
        return next(name for end, name in SYMBOLS if point < end)
    if 0x3000 <= point < 0x3040:
        return "cjk stop" if chr(point) in "、。" else "cjk punctuation"
    if 0x1D400 <= point < 0x1D800:
        return "mathematical letter"
    if 0x1F000 <= point < 0x1FC00:
        return next(name for end, name in PICTURES if point < end)
    if 0xFF00 <= point < 0xFFEF:
        return "fullwidth stop" if chr(point) in "！（），：；？" else "cjk punctuation"
    return otherwise


def _letter(character: str, point: int, category: str) -> str:
    script = unicodedata.name(character, "").partition(" ")[0]
    capital = "capital " * (category in ("Lu", "Lt"))
    if 0x1D400 <= point < 0x1D800:
        return "mathematical letter"
    if script == "LATIN":
        return capital + _latin(character, point)
    if script == "CYRILLIC":
        basic = 0x410 <= point < 0x450
        early = 0x400 <= point < 0x460
        return capital + ("cyrillic" if basic else "slavic" if early else "far cyrillic")
    if script == "GREEK":
        if point >= 0x1F00:
            return "polytonic"
        return (
            capital + ("accented " * (len(unicodedata.normalize("NFD", character)) > 1)) + "greek"
        )
    if script == "CJK":
        return "han"  # split by how common they are, by whoever has counted them
    if script in ("HANGUL", "HIRAGANA", "KATAKANA", "HALFWIDTH", "FULLWIDTH"):
        return script.lower() + " mark" * (category[0] == "M")
    if script in WRITTEN:
        return script.lower() + " mark" * (category[0] == "M")
    if category[0] == "M":
        return "combining mark" if script == "COMBINING" else "other mark"
    return "modifier" if script == "MODIFIER" else "other letter"


def _latin(character: str, point: int) -> str:
    sound = "vowel" if character.lower() in VOWELS else "consonant"
    if point < 0x80:
        return sound
    if character in "ÅØ":
        return "western unit"
    if point < 0x100:
        return "western " + sound
    if point < 0x180:
        return "extended " + sound
    if point in range(0x1EA0, 0x1F00) or character in "ƠơƯư":
        return "vietnamese"
    if point in range(0x250, 0x2B0):
        return "phonetic"
    if character in "ȘșȚțǎǐǒǔəƏ":
        return "latin b in use"
    if point < 0x250:
        return "latin b"
    return "latin additional" if point in range(0x1E00, 0x1EA0) else "latin beyond"


def script(name: str) -> str:
    """Return the script of a *kind* of letters; nothing for others, and where no words are told.

    Chinese, Japanese and Korean set other letters beside their own; Greek ones are units.
    """
    first = name.removeprefix("capital ").split(" ")[0]
    if first in ("vowel", "consonant", "western", "extended", "vietnamese", "phonetic", "latin"):
        return "latin"
    if first in ("cyrillic", "slavic", "far"):
        return "cyrillic"
    return first if first.upper() in WRITTEN else ""


def every_kind() -> dict[str, str]:
    """Return the kind of every character in `PLANES`."""
    assert sys.maxunicode > PLANES[-1]
    return {chr(point): kind(chr(point)) for point in PLANES}
