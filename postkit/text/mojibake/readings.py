"""What a run of characters may have been before it was misread, once or several times.

Each misreading that fits is undone, and what comes out is looked at again: an intermediate layer
looks as broken as the last, so only the whole way tells.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from postkit.text.mojibake import loose
from postkit.text.mojibake.charsets import (
    CONTROLS,
    FIRST_CJK,
    MULTIBYTE,
    from_multibyte,
    has_cjk,
    possible,
)
from postkit.text.mojibake.marks import HIGH_CONTROL
from postkit.text.mojibake.model import BIT, CHARACTERS, cost, tables
from postkit.text.mojibake.throughout import CROSSING, LAYER, MAX_LAYERS
from postkit.text.patterns import lazy

CONTROLS_READ = "latin-1"  # what Windows-1252 was read as where controls stand in the text
WIDEST, WIDEST_LOOSE = 6, 3  # readings of one layer that are followed further
REMEMBERED = 1 << 14  # runs whose readings are kept: one document repeats itself, and so do many

# What a reading must save to be believed, in eighths of a bit:
GUESS = 1 * BIT  # … for each lost byte that was restored
SEAM = 10 * BIT  # … where damage ends within a run: one channel damages all of it
MARK = 8 * BIT  # … for beginning with a mark: what people type is composed
STRIKES = frozenset("\u0332\u0335\u0336\u0337\u0338")  # what strikes text out, or underlines it
NO_WORD = 14 * BIT  # … for being a letter that stands alone and is no word
WORDS = frozenset("àáâéèêëíìïóòôúýåöøæœčžšиаоуıωηο")
LOSS = 12 * BIT  # what U+FFFD costs less where a byte is known to be lost
SHOWN = 14 * BIT  # … and even less where it did not stand before
GARBLE = 13 * BIT  # what text costs a character that nobody wrote

# What else it must save to speak against an encoding:
DRAWN_OUT = 1 << 40  # `Ôôô` speaks against nothing, however long
FOREIGN = 20 * BIT  # a lone letter of another script
ODD_SIGN = 20 * BIT  # a sign that hardly anybody types
ODD_SIGNS = frozenset("¸¨¯¦¤¬\xad¶")
LONELY = 15 * BIT  # a Chinese character or two that touch no letter
MOSTLY_INTACT = 20 * BIT  # sequences by chance, in an alphabet or an ornament
CASE = 12 * BIT  # a lowercase letter behind capitals
POSSESSIVE = 6 * BIT  # `ZZAJÉ’s`

_MISREAD_CONTROL = lazy(f"[{''.join(map(chr, CONTROLS))}]")
COMMON = frozenset({"LATIN", "CJK", "HANGUL", "HIRAGANA", "KATAKANA"})
PHONETIC = frozenset(map(chr, (*range(0x250, 0x2B0), *range(0x1D00, 0x1DC0)))) - {"ə"}


class Reading(NamedTuple):
    """One way to read a run. `outermost` was the last misreading, `inner` are those before it."""

    outermost: tuple[str, ...]  # encodings: any of them may have been it
    inner: tuple[str, ...]
    text: str
    guesses: int  # lost bytes that were restored
    losses: int  # lost bytes that were not
    seams: int  # how often what was read stands beside other characters that are not ASCII

    def price(self, outermost: str) -> int:
        """Return what the reading must save, if that encoding was the outermost."""
        others = len({outermost, *self.inner}) - 1 if self.inner else 0
        doubts = GUESS * (self.guesses + self.losses) + SEAM * self.seams
        return LAYER * len(self.inner) + CROSSING * others + doubts

    @property
    def wild(self) -> bool:
        """Whether it may make sense of nonsense."""
        return bool(self.guesses or self.losses or self.seams > 3 or len(set(self.inner)) > 1)


class Ranked(NamedTuple):
    """A reading, by one outermost encoding, and what it saves where the run stands."""

    gain: int  # in eighths of a bit
    encoding: str
    reading: Reading
    proof: int  # how much of the gain speaks against the encoding


@lru_cache(REMEMBERED)
def ranked(before: str, run: str, after: str) -> tuple[Ranked, ...]:
    """Return the best reading of *run* for each outermost encoding, the best of all first.

    *before* and *after* are the two characters on each side.
    """
    found = strictly(run)
    return _ranked(before, run, after, found) if found else ()


def ranked_loosely(
    before: str, run: str, after: str, suspects: tuple[loose.Suspect, ...]
) -> tuple[Ranked, ...]:
    """Return the same, with sequences that lost a byte, or were changed, after being misread.

    *before* and *after* reach as far as `loose.REACH`.
    """
    found = _readings(before, run, after, suspects)
    return _ranked(before[-2:], run, after[:2], found) if found else ()


def _ranked(before: str, run: str, after: str, found: Iterable[Reading]) -> tuple[Ranked, ...]:
    next_to = after[0]
    near = before[-1]
    unread = cost(near, run, next_to)
    best: dict[str, Ranked] = {}
    for reading in found:
        text = reading.text
        if reading.seams and any(map(_is_strange, text)):
            continue
        read = cost(near, text, next_to) - LOSS * reading.losses
        if reading.losses:
            read -= SHOWN * max(text.count(loose.REPLACEMENT) - run.count(loose.REPLACEMENT), 0)
        if len(text) > 3 and read > GARBLE * len(text) and reading.wild:
            continue
        if unicodedata.combining(text[0]) and text[0] not in STRIKES:
            read += MARK
        if len(text) == 1 and text.isalpha() and text < FIRST_CJK and text.lower() not in WORDS:
            read += NO_WORD * (not near.isalpha() and not next_to.isalpha())
        doubt = -1
        for encoding in reading.outermost:
            gain = unread - read - reading.price(encoding)
            if encoding not in best or gain > best[encoding].gain:
                if doubt < 0 < gain:
                    doubt = _doubt(before, run, text, after)
                    doubt += (LOSS + SHOWN) * reading.losses
                    if reading.seams and len(run) > 4 * (len(run) - len(text)):
                        doubt += MOSTLY_INTACT
                best[encoding] = Ranked(gain, encoding, reading, gain - max(doubt, 0))
    return tuple(sorted(best.values(), key=lambda way: -way.gain))


@lru_cache(REMEMBERED)
def strictly(run: str) -> tuple[Reading, ...]:
    """Return every way to read *run* without any guess."""
    return tuple(_readings("\n", run, "\n", ()))


_Step = tuple[str, str, int, int, int]  # encoding, text, guesses, losses, seams


def _readings(
    before: str, run: str, after: str, suspects: tuple[loose.Suspect, ...]
) -> list[Reading]:
    """Return every way to read *run*, following at most `WIDEST` readings of each layer."""
    first: dict[tuple[str, int, int, int], list[str]] = {}
    for step in _undone(before, run, after, suspects):
        first.setdefault(step[1:], []).append(step[0])
    if _MISREAD_CONTROL.search(run):
        first.setdefault((run.translate(CONTROLS), 0, 0, 0), []).append(CONTROLS_READ)
    if not first:
        return []
    layer = [Reading(tuple(names), (), *outcome) for outcome, names in first.items()]
    found = list(layer)
    seen = {run, *(reading.text for reading in layer)}
    widest = WIDEST_LOOSE if suspects else WIDEST
    for _ in range(MAX_LAYERS - 1):
        layer = [reading for reading in layer if len(reading.text) > 1 or suspects]
        if len(layer) > widest:
            layer.sort(key=lambda reading: cost(before[-1:], reading.text, after[:1]))
            del layer[widest:]
        following = []
        for reading in layer:
            for encoding, text, *doubts in _undone(before, reading.text, after, suspects):
                if text not in seen:
                    seen.add(text)
                    inner = (*reading.inner, encoding)
                    added = map(sum, zip(doubts, reading[3:], strict=True))
                    following.append(Reading(reading.outermost, inner, text, *added))
        if not following:
            break
        found += following
        layer = following
    return found


def _undone(
    before: str, text: str, after: str, suspects: tuple[loose.Suspect, ...]
) -> Iterator[_Step]:
    """Yield each encoding, what *text* was before it was misread in it, guesses, losses, seams."""
    charsets = possible(text)
    whole = False
    for charset in charsets:
        decoded = charset.whole(text)
        if decoded is not None:
            whole = True
            yield charset.name, decoded, 0, 0, 0
    if not whole:
        suspected = [suspect.charset for suspect in suspects]
        for charset in suspected or charsets:
            decoded, seams = charset.decode_part(text)
            if decoded != text:
                yield charset.name, decoded, 0, 0, seams
    for suspect in suspects:
        restored = loose.restore(suspect, before, text, after)
        if restored:
            yield suspect.charset.name, *restored, 0
    if has_cjk(text):
        for encoding, codecs in MULTIBYTE:
            found = from_multibyte(codecs, text)
            if found is not None and found != text:
                yield encoding, found, 0, 0, 0


def _doubt(before: str, run: str, text: str, after: str) -> int:
    """Return what *text* must save besides, because *run* may well be meant."""
    if len(run) > 1 and run < FIRST_CJK and len(set(run.lower())) == 1:
        return DRAWN_OUT
    if (len(text) == 1 and text in ODD_SIGNS) or HIGH_CONTROL.search(text):
        return ODD_SIGN
    if len(text) <= 4:
        letters = [character for character in text if character.isalpha()]
        around = [character for character in before[-1] + after[0] if character.isalpha()]
        scripts = {_script(letter) for letter in letters + around}
        if letters and len(scripts) > 1 and scripts != {"LATIN", "GREEK"}:
            return FOREIGN
        if len(letters) == 1 and (letters[0] in PHONETIC or not scripts & COMMON):
            return FOREIGN
        if len(letters) == len(text) == 1 and text >= FIRST_CJK and max(run) < FIRST_CJK:
            return LONELY
        if max(run) >= FIRST_CJK > max(text) and not around:
            return LONELY
        if len(text) == 1 and text.islower() and before[-1].isupper() and after[0].isupper():
            return CASE
        if (
            len(text) == 1
            and text.islower()
            and len(before) == 2
            and before.isalpha()
            and before.isupper()
        ):
            return CASE
    if run[-1] == "’" and after[0] == "s" and not after[1:2].isalpha():
        return POSSESSIVE
    return 0


@cache
def _is_strange(character: str) -> bool:
    """Tell what no text is likely to hold: characters of the rarest scripts, or of none at all."""
    known = CHARACTERS[character]
    if known.kind == tables().beyond[2]:
        return True
    return known.alphabet < 0 and character.isalpha() and "\u0600" <= character < "\u1e00"


@cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]
