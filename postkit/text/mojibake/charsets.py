"""The encodings that UTF-8 is misread in: from characters back to the bytes they were.

An 8-bit charset knows each byte's character. What was misread is found by form: characters whose
bytes are well-formed UTF-8. Charsets of two bytes a character (`MULTIBYTE`) take whole runs only,
since their characters straddle those of UTF-8.
"""

from __future__ import annotations

import codecs
import re
from functools import cache, cached_property

from postkit.text.mojibake.model import tables
from postkit.text.patterns import lazy

CONTINUATION = range(0x80, 0xC0)
LEADS = {2: range(0xC2, 0xE0), 3: range(0xE0, 0xF0), 4: range(0xF0, 0xF5)}  # by bytes

# By name and Python's name, whose own tables take too long to load; where several explain a text
# equally well, the earlier one is named.
WESTERN = "windows-1252"
EIGHT_BIT = (
    (WESTERN, "cp1252"),
    ("mac_roman", "mac_roman"),
    ("cp437", "cp437"),
    ("cp850", "cp850"),
    ("windows-1251", "cp1251"),
    ("windows-1250", "cp1250"),
    ("windows-1254", "cp1254"),
    ("windows-1253", "cp1253"),
    ("windows-1257", "cp1257"),
    ("iso-8859-2", "iso8859_2"),
    ("koi8-r", "koi8_r"),
)
MULTIBYTE = (
    ("gbk", ("gbk",)),
    ("shift_jis", ("cp932", "shift_jis")),
    ("euc_kr", ("cp949",)),
    ("big5", ("big5", "cp950")),
)
FIRST_CJK = "\u2e80"
CJK = lazy("[\u2e80-\ud7ff\uf900-\uffef]")

# Controls that nobody types: Windows-1252 that was read as Latin-1.
CONTROLS = {
    byte: character
    for byte in range(0x80, 0xA0)
    if (character := bytes([byte]).decode("cp1252", "ignore"))
}
_UNUSED = lazy("[\ue000-\uf8fe\U00040000-\U000dffff\U000e0200-\U0010ffff]")
OTHER_LOGO, LOGO = "\ue01e", "\uf8ff"  # where iconv puts the Apple logo, and where Apple does


class Charset:
    """An 8-bit encoding: the character of each byte from 80 to FF, and the forms to look for."""

    def __init__(self, name: str, high: str) -> None:
        """Take what the bytes from 80 to FF are, U+FFFD for what is undefined."""
        self.name = name
        self.bytes = {  # of characters
            character: byte for byte, character in enumerate(high, 0x80) if character != "\ufffd"
        }
        self.undefined = tuple(
            byte for byte, character in enumerate(high, 0x80) if character == "\ufffd"
        )
        # Software that follows the web's rules keeps undefined bytes as controls, and so does all
        # of Windows-1252 in software that thinks Latin-1: western text is a mixture of the two.
        kept = range(0x80, 0xA0) if name == WESTERN else self.undefined
        self.bytes |= {chr(byte): byte for byte in kept}
        if LOGO in self.bytes:
            self.bytes[OTHER_LOGO] = self.bytes[LOGO]
        self._encoding = {ord(character): byte for character, byte in self.bytes.items()}
        self._encoding[ord("\n")] = ord("\n")  # between runs that are read at once

    def characters(self, first: int, last: int) -> str:
        """Return a character class for the bytes from *first* to *last*."""
        inside = (
            re.escape(character)
            for character, byte in sorted(self.bytes.items())
            if first <= byte <= last
        )
        return f"[{''.join(inside)}]"

    @cached_property
    def sequence(self) -> str:
        """Pattern of one character of UTF-8, or of a pair of surrogates, each in three bytes.

        Nobody means what is for private use, but the Apple logo; and of the planes from the fourth
        on, nothing is in use but the tags that flags are made of.
        """
        of = self.characters
        rest = of(0x80, 0xBF)
        return (
            f"{of(0xC2, 0xDF)}{rest}"
            f"|{of(0xE0, 0xE0)}{of(0xA0, 0xBF)}{rest}"
            f"|{of(0xED, 0xED)}{of(0x80, 0x9F)}{rest}"
            f"|{of(0xE1, 0xEC)}{rest}{{2}}"
            f"|{of(0xEF, 0xEF)}(?:{of(0xA4, 0xBF)}{rest}|{of(0xA3, 0xA3)}{of(0xBF, 0xBF)})"
            f"|{of(0xF0, 0xF0)}{of(0x90, 0xBF)}{rest}{{2}}"
            f"|{of(0xF3, 0xF3)}{of(0xA0, 0xA0)}{of(0x80, 0x87)}{rest}"
            f"|{of(0xED, 0xED)}{of(0xA0, 0xAF)}{rest}{of(0xED, 0xED)}{of(0xB0, 0xBF)}{rest}"
        )

    @cached_property
    def _run(self) -> re.Pattern[str]:
        return re.compile(f"(?:{self.sequence})+")

    def encode(self, text: str) -> bytes:
        """Return the bytes that *text* was read from; raises `UnicodeEncodeError` if it was not."""
        return codecs.charmap_encode(text, "strict", self._all_bytes)[0]

    @cached_property
    def _all_bytes(self) -> dict[int, int]:
        return {byte: byte for byte in range(0x80)} | self._encoding

    def decode(self, text: str) -> str:
        """Return *text* with every well-formed sequence replaced by the character it spells.

        >>> charset("mac_roman").decode("caf√©")
        'café'
        """
        return self._run.sub(lambda match: self.whole(match[0]) or match[0], text)

    def seams(self, text: str) -> int:
        """Return how often sequences meet other characters that are not ASCII in *text*."""
        seams = 0
        for match in self._run.finditer(text):
            start, end = match.span()
            seams += text[start - 1 : start] > "\x7f"
            seams += text[end : end + 1] > "\x7f"
        return seams

    def whole(self, text: str) -> str | None:
        """Return what *text* spells; None unless it is well-formed from end to end."""
        try:
            return self._spelt(text)
        except UnicodeError:
            return None

    def _spelt(self, text: str) -> str:
        data = codecs.charmap_encode(text, "strict", self._encoding)[0]
        try:
            found = data.decode()
        except UnicodeDecodeError:
            found = data.decode("utf-8", "surrogatepass")
            found = found.encode("utf-16", "surrogatepass").decode("utf-16")
        if found and max(found) >= "\ue000" and _UNUSED.search(found):
            raise UnicodeError
        return found


@cache
def charsets() -> tuple[Charset, ...]:
    """Return the 8-bit charsets, made once."""
    highs = tables().charsets
    return tuple(Charset(name, high) for (name, _), high in zip(EIGHT_BIT, highs, strict=True))


def charset(name: str) -> Charset:
    """Return the 8-bit charset of that name."""
    return next(known for known in charsets() if known.name == name)


@cache
def _pairs() -> tuple[dict[str, int], dict[str, int]]:
    """Return, for each character, in which charsets it begins a sequence, and continues one.

    A set of charsets is an integer: bit n stands for the n-th of `charsets()`.
    """
    leads: dict[str, int] = {}
    continuations: dict[str, int] = {}
    for number, known in enumerate(charsets()):
        for character, byte in known.bytes.items():
            if byte in CONTINUATION:
                continuations[character] = continuations.get(character, 0) | 1 << number
            elif LEADS[2].start <= byte < LEADS[4].stop:
                leads[character] = leads.get(character, 0) | 1 << number
    return leads, continuations


@cache
def _members(found: int) -> tuple[Charset, ...]:
    return tuple(known for number, known in enumerate(charsets()) if found >> number & 1)


def possible(text: str) -> tuple[Charset, ...]:
    """Return the charsets in which *text* holds a lead and its continuation side by side."""
    leads, continuations = _pairs()
    found = lead = 0
    for character in text:
        if lead and character in continuations:
            found |= lead & continuations[character]
        lead = leads.get(character, 0)
    return _members(found) if found else ()


def from_multibyte(names: tuple[str, ...], text: str) -> str | None:
    """Return what *text* spells in a charset of two bytes a character; None if it spells nothing.

    >>> from_multibyte(("gbk",), "鈥檚")
    '’s'
    """
    for codec in names:
        try:
            return text.encode(codec).decode()
        except UnicodeError:
            continue
    return None
