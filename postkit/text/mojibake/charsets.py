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
LAST_CJK, FIRST_WIDE, LAST_WIDE = "\ud7ff", "\uf900", "\uffef"

# Controls that nobody types: Windows-1252 that was read as Latin-1.
CONTROLS = {
    byte: character
    for byte in range(0x80, 0xA0)
    if (character := bytes([byte]).decode("cp1252", "ignore"))
}
OTHER_LOGO, LOGO = "\ue01e", "\uf8ff"  # where iconv puts the Apple logo, and where Apple does


WINDOW = 32  # characters in which the end of a run of sequences is looked for at first
LONGEST = 6  # characters of a sequence
# UTF-8, a byte a character: one character, or a pair of surrogates in three bytes each. Nobody
# means what is for private use, but the Apple logo; and of the planes from the fourth on, nothing
# is in use but the tags that flags are made of.
_SEQUENCES = lazy(
    "(?:[\xc2-\xdf][\x80-\xbf]"
    "|\xe0[\xa0-\xbf][\x80-\xbf]"
    "|\xed[\x80-\x9f][\x80-\xbf]"
    "|[\xe1-\xec][\x80-\xbf]{2}"
    "|\xef(?:[\xa4-\xbf][\x80-\xbf]|\xa3\xbf)"
    "|\xf0[\x90-\xbf][\x80-\xbf]{2}"
    "|\xf3\xa0[\x80-\x87][\x80-\xbf]"
    "|\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf])+"
)


class _Pattern(dict[int, int]):
    """From characters to bytes, and to NUL from those that no byte stands for."""

    def __missing__(self, point: int) -> int:
        self[point] = 0
        return 0


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

    def encode(self, text: str) -> bytes:
        """Return the bytes that *text* was read from; raises `UnicodeEncodeError` if it was not."""
        return codecs.charmap_encode(text, "strict", self._all_bytes)[0]

    @cached_property
    def _all_bytes(self) -> dict[int, int]:
        return {byte: byte for byte in range(0x80)} | self._encoding

    def end_at(self, text: str, start: int) -> int:
        """Return where the run of sequences ends that begins at *start*; 0 if none does."""
        size = WINDOW
        while True:
            window = text[start : start + size]
            match = _SEQUENCES.match(window.translate(self._pattern))
            if match is None:
                return 0
            if match.end() < size - LONGEST:
                return start + match.end()
            size *= 4

    @cached_property
    def _pattern(self) -> _Pattern:
        return _Pattern(self._encoding)

    def decode(self, text: str) -> str:
        """Return *text* with every well-formed sequence replaced by the character it spells.

        >>> charset("mac_roman").decode("caf√©")
        'café'
        """
        return self.decode_part(text)[0]

    def decode_part(self, text: str) -> tuple[str, int]:
        """Return the same, and how often sequences meet other characters that are not ASCII."""
        pieces: list[str] = []
        seams = at = 0
        for match in _SEQUENCES.finditer(text.translate(self._pattern)):
            start, end = match.span()
            run = text[start:end]
            pieces += text[at:start], self.whole(run) or run
            seams += text[start - 1 : start] > "\x7f"
            seams += text[end : end + 1] > "\x7f"
            at = end
        return "".join(pieces) + text[at:], seams

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
            if max(found) >= "\U00040000":
                raise UnicodeError from None
        if found and max(found) >= "\ue000" and _unused().search(data):
            raise UnicodeError
        return found


@cache
def _unused() -> re.Pattern[bytes]:
    """Matches the bytes of what `_SEQUENCES` leaves out."""
    return re.compile(
        rb"[\xee\xf1\xf2\xf4]|\xef(?:[\x80-\xa2]|\xa3[^\xbf])|\xf3(?!\xa0[\x80-\x87])"
    )


def has_cjk(text: str) -> bool:
    """Tell whether *text* holds characters of the charsets of two bytes a character."""
    return bool(text) and max(text) >= FIRST_CJK and any(map(_is_cjk, set(text)))


def _is_cjk(character: str) -> bool:
    return FIRST_CJK <= character <= LAST_CJK or FIRST_WIDE <= character <= LAST_WIDE


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
