"""Undo UTF-8 that was read as Mac Roman or Windows-1252, and touch nothing else.

Damage is found by form and believed by evidence. The form: characters whose bytes, in the
suspected encoding, are well-formed UTF-8. The evidence: clean text has such characters too
(`√π`, `IRMÃ”`, `l’été`), but seldom neighbours as odd as `caf√©s` or `â€™`. How odd they are is
summed over the whole document, since one channel damages all of it; below a threshold nothing
is repaired. Code counts for nothing, because code shows mojibake on purpose.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

MAX_PASSES = 8  # three layers of two encodings, and room; more is no accident but a trap
ENOUGH = 2.5  # oddity of a document that is believed to be damaged: one `‚Äú`, one `caf√©`
COUNTS = 1.5  # oddity below which a run proves nothing, however many a document has
DOUBTED = 0.25  # oddity up to which a run stays as it is in a document that is partly intact
LENGTH_ODDITY = {2: 0.0, 3: 1.5, 4: 3.0}  # by bytes: the longer, the less likely by chance
CHAIN_ODDITY = 0.75  # for every further sequence in a run

# Kinds of characters, as neighbours see them: l and u are letters; a stands after a word (`®`),
# p anywhere, q before one (`„`), s is a symbol that no word holds, x no character of any text.
ODDITY = {
    "lu": 2.5, "ls": 1.5, "us": 1.5, "lq": 1.5, "uq": 1.5, "sl": 1.5, "al": 1.5,
    "sa": 1.0, "qs": 1.0, "su": 0.5, "au": 0.5, "ua": 0.5, "as": 0.5, "ss": 0.25,
}  # fmt: skip
_AFTER, _BEFORE, _ANYWHERE = "®©™°ºª²³¹", "‚„¿¡", "\xa0“”‘’‹›«»…–—•·´¨"
_NON_ASCII = re.compile(r"[^\x00-\x7f]+")
_CODE = re.compile(r"(?ms)^ {0,3}(?:```.*?(?:^ {0,3}```|\Z)|~~~.*?(?:^ {0,3}~~~|\Z))|`[^`\n]+`")


class Change(NamedTuple):
    """One repaired run of non-ASCII characters."""

    start: int  # of `before` in the given text, in characters
    end: int
    before: str
    after: str
    encoding: str  # "mac_roman" or "windows-1252": how it was misread, the last time
    layers: int  # how many times it was misread
    confidence: float  # 0 … 1, of the document rather than of this run alone
    guessed: bool  # a byte was lost and had to be guessed; this decoder never guesses


class Repair(NamedTuple):
    """The repaired text, and every change in the order of the given text."""

    text: str
    changes: tuple[Change, ...]


def repair(text: str) -> Repair:
    """Return *text* with its mojibake undone, and what was changed where.

    Repairing twice changes nothing more. Text without damage comes back as the same object.

    >>> repair("Meta‚Äôs license").text
    'Meta’s license'
    >>> repair("√π, IRMÃ” and l’été").changes
    ()
    """
    versions = [text]
    passes: list[tuple[_Charset, float]] = []
    while found := _suspect(versions[-1]):
        if len(passes) == MAX_PASSES:
            # Stopping half-way would leave work for a second call to do.
            return Repair(text, ())
        passes.append(found)
        versions.append(_decode_all(found[0], versions[-1]))
    return Repair(versions[-1], _explain(versions, passes)) if passes else Repair(text, ())


class _Charset:
    """An encoding that UTF-8 was read in: characters to bytes, and the forms to look for."""

    def __init__(self, name: str, codec: str) -> None:
        self.name = name
        self.bytes: dict[int, int] = {}
        if codec == "cp1252":
            # Software that follows the web's rules, or thinks Latin-1, keeps these as they are.
            self.bytes = {byte: byte for byte in range(0x80, 0xA0)}
        for byte in range(0x80, 0x100):
            if character := bytes([byte]).decode(codec, "ignore"):
                self.bytes[ord(character)] = byte
        if codec == "mac_roman":
            self.bytes[0xE01E] = 0xF0  # the Apple logo, where iconv puts it
        rest = self._class(0x80, 0xBF)
        self.hint = re.compile(self._class(0xC2, 0xF4) + rest)
        self.sequence = re.compile(
            f"{self._class(0xC2, 0xDF)}{rest}"
            f"|{self._class(0xE0, 0xE0)}{self._class(0xA0, 0xBF)}{rest}"
            f"|{self._class(0xED, 0xED)}{self._class(0x80, 0x9F)}{rest}"
            f"|{self._class(0xE1, 0xEF, but=0xED)}{rest}{{2}}"
            f"|{self._class(0xF0, 0xF0)}{self._class(0x90, 0xBF)}{rest}{{2}}"
            f"|{self._class(0xF1, 0xF3)}{rest}{{3}}"
            f"|{self._class(0xF4, 0xF4)}{self._class(0x80, 0x8F)}{rest}{{2}}"
        )

    def _class(self, first: int, last: int, but: int = -1) -> str:
        inside = (
            re.escape(chr(character))
            for character, byte in sorted(self.bytes.items())
            if first <= byte <= last and byte != but
        )
        return f"[{''.join(inside)}]"

    def runs(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """Yield where each run of well-formed sequences starts, and its sequences."""
        at = 0
        while hint := self.hint.search(text, at):
            start = at = hint.start()
            sequences = []
            while match := self.sequence.match(text, at):
                sequences.append(match.group())
                at = match.end()
            if sequences:
                yield start, sequences
            else:
                at += 1

    def decode(self, run: str) -> str:
        return run.translate(self.bytes).encode("latin-1").decode("utf-8")


@cache
def _charsets() -> tuple[_Charset, ...]:
    return _Charset("windows-1252", "cp1252"), _Charset("mac_roman", "mac_roman")


def _suspect(text: str) -> tuple[_Charset, float] | None:
    """Return the encoding that most of the damage comes from, and how sure that is, if at all."""
    if text.isascii():
        return None
    best: tuple[_Charset, float] | None = None
    prose = text
    for charset in _charsets():
        oddity = _weigh(charset, text)
        if oddity >= ENOUGH and ("`" in text or "~~~" in text):
            if prose is text:
                prose = _CODE.sub(lambda code: " " * len(code.group()), text)
            oddity = _weigh(charset, prose)
        if oddity >= ENOUGH and (best is None or oddity > best[1]):
            best = charset, oddity
    return best


def _weigh(charset: _Charset, text: str) -> float:
    """Sum the oddity of all different runs that would become plausible text."""
    seen: dict[str, float] = {}
    judged: set[str] = set()
    for start, sequences in charset.runs(text):
        run = "".join(sequences)
        end = start + len(run)
        context = text[max(start - 1, 0) : end + 1]
        if context in judged:
            continue
        judged.add(context)
        oddity = _oddity(text, start, sequences)
        if (
            oddity >= COUNTS
            and oddity > seen.get(run, 0)
            and _plausible(text, start, end, charset.decode(run))
        ):
            seen[run] = oddity
    total = sum(seen.values())
    # Doubtful runs prove little even together: a page of mathematics has dozens.
    return total if total >= 2 * ENOUGH or max(seen.values(), default=0.0) >= ENOUGH else 0.0


def _oddity(text: str, start: int, sequences: list[str]) -> float:
    """Tell how little the run that starts at *start* looks like text that somebody wrote."""
    total = sum(LENGTH_ODDITY[len(sequence)] for sequence in sequences)
    total += CHAIN_ODDITY * (len(sequences) - 1)
    run = "".join(sequences)
    before, kind_before = "", _kind(text[start - 1 : start] or " ")
    for character in run:
        kind = _kind(character)
        if kind == "x":
            total += 3.0
        elif not before or kind not in "lu" or kind_before not in "lu":
            total += ODDITY.get(kind_before + kind, 0.0)
        elif character != before:
            total += 1.0  # letters beyond ASCII seldom stand together, unless one is drawn out
        before, kind_before = character, kind
    after = text[start + len(run) : start + len(run) + 1] or " "
    return total + ODDITY.get(kind_before + _kind(after), 0.0)


@lru_cache(maxsize=4096)
def _kind(character: str) -> str:
    for kind, members in (("a", _AFTER), ("q", _BEFORE), ("p", _ANYWHERE)):
        if character in members:
            return kind
    category = unicodedata.category(character)
    if character in "µƒπΩ":
        return "s"  # letters by right, symbols by use: `√π` is no word
    if category in ("Lu", "Ll"):
        return category[1].lower()
    if category in ("Cc", "Co"):
        return "p" if character.isascii() else "x"
    return "p" if character.isascii() or category[0] in "LMZC" else "s"


def _plausible(text: str, start: int, end: int, decoded: str) -> bool:
    """Tell whether *decoded* is text that may stand in place of text[start:end]."""
    return _fits(text[start - 1 : start], decoded, text[end : end + 1])


@lru_cache(maxsize=4096)
def _fits(before: str, decoded: str, after: str) -> bool:
    # What looks broken may be a deeper layer of damage.
    if not any(_sound(charset.sequence.sub("", decoded)) for charset in _charsets()):
        return False
    if len(decoded) == 1:
        if "\u02b0" <= decoded < "\u0800" and not decoded.isalpha():
            return False
        around = before + decoded + after
        return not decoded.isalpha() or len({_script(c) for c in around if c.isalpha()}) == 1
    return True


def _sound(text: str) -> bool:
    """Tell whether *text* has no characters that nobody writes, newer emoji than ours aside."""
    return not any(
        unicodedata.category(character) in ("Cc", "Co", "Cn", "Cs")
        for character in text
        if not "\U0001f000" <= character <= "\U0001faff"
    )


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _decode_all(charset: _Charset, text: str) -> str:
    runs: list[tuple[int, int, str, float]] = []
    intact = sum(map(len, _NON_ASCII.findall(text)))
    for start, sequences in charset.runs(text):
        run = "".join(sequences)
        end = start + len(run)
        decoded = charset.decode(run)
        if _plausible(text, start, end, decoded):
            runs.append((start, end, decoded, _oddity(text, start, sequences)))
            intact -= len(run)
    pieces: list[str] = []
    at = 0
    for start, end, decoded, oddity in runs:
        if oddity > DOUBTED or not intact:
            pieces += text[at:start], decoded
            at = end
    return "".join(pieces) + text[at:]


def _explain(versions: list[str], passes: list[tuple[_Charset, float]]) -> tuple[Change, ...]:
    """Tell what became of each run of non-ASCII characters.

    Damage and repair leave ASCII alone, so the n-th run of one version is the n-th of all.
    """
    changes = []
    columns = [_NON_ASCII.findall(version) for version in versions[1:]]
    for match, *later in zip(_NON_ASCII.finditer(versions[0]), *columns, strict=True):
        run = [match.group(), *later]
        steps = [passes[n] for n in range(len(passes)) if run[n] != run[n + 1]]
        if steps:
            confidence = min(oddity / (oddity + 1.0) for _, oddity in steps)
            changes.append(
                Change(
                    match.start(),
                    match.end(),
                    run[0],
                    run[-1],
                    steps[0][0].name,
                    len(steps),
                    round(confidence, 3),
                    guessed=False,
                )
            )
    return tuple(changes)
