"""Sequences that something happened to after they were misread: a byte lost, a character changed.

Bytes that a charset does not define vanish, or become U+FFFD or a question mark. Editors turn the
no-break space into a space, straighten quotation marks, replace what is but compatible; others
write all in lowercase. Each character of a sequence is therefore allowed its usual fates, and each
fate stands for few bytes. Where the text around leaves one reading, it is restored, as a guess;
otherwise the loss is shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import product
from typing import NamedTuple

from postkit.text.mojibake.charsets import CONTINUATION, LEADS, Charset
from postkit.text.mojibake.model import BIT, cost, costs
from postkit.text.patterns import lazy

REPLACEMENT = "\ufffd"
FILLERS = (REPLACEMENT, "?")
CLEAR = 4 * BIT  # by how much the best reading must beat the second
PLAUSIBLE = 24 * BIT  # what a restored character may cost where it stands
MANY = 32  # lost bytes: all controls
MOST = 100  # readings of one sequence that are weighed
REMEMBERED = 1 << 14  # sequences whose reading is kept
LONGEST = 4_000  # characters of a run that is looked at so closely
REACH = 6  # characters around a sequence that are looked at

# How unlikely a fate is, beside what is sure to have happened to the text
CHANGED = 1 * BIT  # the character was changed
VANISHED = 4 * BIT  # a byte left no trace
UNUSUAL = 5 * BIT  # … and it has a character of its own
BEHIND = 6 * BIT  # what looks like the changed character is itself, behind a byte that vanished

STRAIGHT = {
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "‚": ",", "–": "-", "—": "-", "…": "...",
}  # fmt: skip

OPENING = frozenset('"([{“‘«„<*_#')  # what a space stands before

# `à` is a word, or ends one: the space behind it was there besides the no-break space it lost.
_ENDS_IN_A = lazy(r"(?:^|[^\w]|\b(?:voil|déj|l|del|gi)|[^\W\d_](?:tt|it|r))$")
_NO_WORD_A = lazy(r"s\b(?!['’])|quel")  # `às` and `àquele` in Portuguese


class Restored(NamedTuple):
    """A text with its sequences restored, as far as they could be."""

    text: str
    guesses: int  # how many were restored
    losses: int  # how many were not, and became U+FFFD


class Suspect(NamedTuple):
    """A charset that damaged the text, and what happened to its characters since."""

    charset: Charset
    lost: tuple[int, ...]  # bytes that vanished
    lowered: bool  # all letters were made lowercase


class _Forms(NamedTuple):
    """How sequences of one charset may look."""

    lead: re.Pattern[str]
    torn: re.Pattern[str]  # a sequence that is not whole, from a lead on
    form: re.Pattern[str]  # of one byte
    bytes_of: dict[str, dict[int, int]]  # for each form, what it may be, and what that costs


def spans(suspect: Suspect, text: str) -> Iterator[tuple[int, int]]:
    """Yield where sequences stand that are not whole, but may have been."""
    for start, end, whole in _sequences(suspect, text):
        if not whole:
            yield start, end


def _sequences(suspect: Suspect, text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield where sequences stand, and whether they are whole."""
    forms = _forms(suspect)
    charset = suspect.charset
    end = 0
    for lead in forms.lead.finditer(text):
        start = lead.start()
        if start < end:
            continue
        if whole := charset.end_at(text, start):
            end = whole
            yield start, end, True
        elif match := forms.torn.match(text, start):
            end = match.end()
            yield start, end, False


def restore(suspect: Suspect, before: str, text: str, after: str) -> Restored | None:
    """Return *text* decoded with its sequences restored; None if none had to be."""
    if len(text) > LONGEST:
        return None
    charset = suspect.charset
    found = list(_sequences(suspect, text))
    if all(whole for _, _, whole in found):
        return None
    pieces: list[str] = []
    near = before
    guesses = losses = last = 0
    for number, (start, end, whole) in enumerate(found):
        intact, sequence = text[last:start], text[start:end]
        last = end
        near = (near + intact)[-REACH:]
        joined = number + 1 < len(found) and found[number + 1][0] == end
        if whole:
            restored = charset.decode(sequence)
        elif _in_intact_word(intact[-1:], sequence, "" if joined else text[end : end + 1]):
            restored = sequence
        else:
            following = text[end : end + REACH]
            if joined:
                following = charset.decode(text[end : found[number + 1][1]][:REACH]) + following
            filled = _filled(suspect, near, sequence, (following + after)[:REACH])
            restored = filled or sequence
            guesses += filled not in (None, REPLACEMENT)
            losses += filled == REPLACEMENT
        pieces += intact, restored
        near = (near + restored)[-REACH:]
    if not (guesses or losses):
        return None
    return Restored("".join(pieces) + text[last:], guesses, losses)


@cache
def _forms(suspect: Suspect) -> _Forms:
    charset, lost, lowered = suspect
    bytes_of: dict[str, dict[int, int]] = {}
    for character, byte in charset.bytes.items():
        bytes_of.setdefault(character, {})[byte] = 0
    exact = set(bytes_of)
    for character, byte in charset.bytes.items():
        for fate in _fates(character, lead=byte not in CONTINUATION, lowered=lowered):
            bytes_of.setdefault(fate, {}).setdefault(byte, CHANGED)
    for filler in FILLERS:
        if lost:
            bytes_of[filler] = dict.fromkeys(lost, 0)
    rest = _any_of(f for f, of in bytes_of.items() if any(byte in CONTINUATION for byte in of))
    lead = {
        size: _any_of(f for f, of in bytes_of.items() if any(byte in leads for byte in of))
        for size, leads in LEADS.items()
    }
    short = f"|{lead[4]}{rest}{{2}}|{lead[3]}{rest}" if lost else ""
    torn = f"{lead[4]}{rest}{{3}}|{lead[3]}{rest}{{2}}|{lead[2]}{rest}{short}"
    # A comma may be a lead that was changed, and texts are full of them: what cannot go on as a
    # sequence is passed over at once.
    first = _any_of(f for f, of in bytes_of.items() if any(byte >= 0xC0 for byte in of))
    first += f"(?={rest})"
    if lost:
        alone = LEADS[2] if len(lost) < MANY else range(LEADS[2].start, LEADS[3].stop)
        single = _any_of(f for f in exact if charset.bytes[f] in alone)
        torn += f"|{single}"
        first += f"|{single}"
    return _Forms(
        re.compile(first),
        re.compile(torn),
        re.compile(_any_of(bytes_of)),
        bytes_of,
    )


def _fates(character: str, *, lead: bool, lowered: bool) -> Iterator[str]:
    """Yield what else may stand for *character*."""
    fates = [unicodedata.normalize("NFKC", character)]
    if character == "\xa0":
        fates.append(" ")
    if character in STRAIGHT:
        fates.append(STRAIGHT[character])
    if lowered:
        fates.append(character.lower())
    for fate in fates:
        # A letter or a mark of ASCII begins too much that was never misread.
        if fate not in ("", character) and not (lead and fate.isascii() and fate != ","):
            yield fate


def _any_of(forms: Iterable[str]) -> str:
    """Return a pattern that matches any of *forms*, the longest possible."""
    ordered = sorted(forms, key=lambda form: (-len(form), form))
    longer = [re.escape(form) for form in ordered if len(form) > 1]
    single = "".join(re.escape(form) for form in ordered if len(form) == 1)
    return f"(?:{'|'.join([*longer, f'[{single}]'])})" if longer else f"[{single}]"


def _in_intact_word(before: str, sequence: str, after: str) -> bool:
    """Tell whether *sequence* is a letter of a word whose other letters are intact."""
    if len(sequence) - sequence.count(" ") > 1:
        return False
    return any(character > "\x7f" and character.isalpha() for character in (before, after))


def _filled(suspect: Suspect, before: str, sequence: str, after: str) -> str | None:
    """Return what *sequence* was, U+FFFD where nobody can tell, None where it may be intact."""
    if not after.strip("\n") and sequence[-1] not in (*FILLERS, " ") and len(sequence) == 1:
        return None  # cut off
    reach = REACH if sequence[-1] == " " else 1
    found = _best(suspect, before[-reach:], sequence, after[:reach])
    if sequence[1:].rstrip(" ")[-1:] == "?" and not (after[:1].isalnum() or after[:1] > "\x7f"):
        # `¿aquí?` is a question, and so is `aquò\xa0?`; `â€?` is none.
        return found if len(sequence) > 2 and sequence[1] > "\xa0" else None
    if found is None and any(filler in sequence for filler in FILLERS):
        return None if sequence[1:].isascii() and " " in sequence else REPLACEMENT
    return found


@lru_cache(REMEMBERED)
def _best(suspect: Suspect, before: str, sequence: str, after: str) -> str | None:
    """Return the one plausible reading of *sequence*, if there is one."""
    near, far = before[-1:] or "\n", after[:1] or "\n"
    candidates = _candidates(suspect, sequence)
    if sequence[-1] == " ":
        readings = [
            (character + " " * _keeps_space(character, before, after), price)
            for character, price in candidates
        ]
        ranked = [(cost(near, reading, far) + price, reading) for reading, price in readings]
    else:
        ranked = costs(near, candidates, far)
    if sequence[-1].isascii() and len(sequence) > 1:
        behind = sequence[-1]
        ranked += [
            (cost(near, character + behind, far) + price + BEHIND, character + behind)
            for character, price in _candidates(suspect, sequence[:-1])
        ]
    ranked.sort()
    if not ranked or cost(near, ranked[0][1], "") > PLAUSIBLE * len(ranked[0][1]):
        return None
    if len(ranked) > 1 and ranked[1][0] - ranked[0][0] < CLEAR:
        return None
    return ranked[0][1]


def _keeps_space(character: str, before: str, after: str) -> bool:
    """Tell whether a space that stands for a byte stands for itself besides."""
    follows = after[:1].isalnum() and after[:1].isascii()
    if not (follows or after[:1] in OPENING):
        return False
    if character == "à":
        return bool(_ENDS_IN_A.search(before[-6:])) and not _NO_WORD_A.match(after)
    return not character.isalpha() and character != "\xa0"


@cache
def _candidates(suspect: Suspect, sequence: str) -> tuple[tuple[str, int], ...]:
    """Return what *sequence* may have been, with at most one byte lost, and what that costs."""
    forms = _forms(suspect)
    known = [forms.bytes_of[form] for form in forms.form.findall(sequence)]
    if not known:
        return ()
    found: dict[str, int] = {}
    lost = {
        byte: VANISHED + UNUSUAL * (byte not in suspect.charset.undefined) for byte in suspect.lost
    }
    for size, leads in LEADS.items():
        first = {byte: price for byte, price in known[0].items() if byte in leads}
        if not first:
            continue
        rest = [
            {byte: price for byte, price in of.items() if byte in CONTINUATION} for of in known[1:]
        ]
        ways: list[list[dict[int, int]]] = []
        if len(known) == size:
            ways = [[first, *rest]]
        elif len(known) == size - 1:
            ways = [[first, *rest[:at], lost, *rest[at:]] for at in range(size - 1)]
        elif size == len(known) + 2 == 3 and len(suspect.lost) >= MANY:
            ways = [
                [first, {0x80: 0}, dict.fromkeys(suspect.lost, VANISHED)]
            ]  # punctuation, all of it lost
        for way in ways:
            for data in product(*(of.items() for of in way)):
                character = _spelt(bytes(byte for byte, _ in data))
                if character and len(found) < MOST:
                    price = sum(price for _, price in data)
                    found[character] = min(price, found.get(character, price))
    return tuple(found.items())


def _spelt(data: bytes) -> str:
    try:
        character = data.decode()
    except UnicodeDecodeError:
        return ""
    return character if character.isprintable() or character in "\u200b\u200c\u200d\xa0" else ""
