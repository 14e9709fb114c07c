"""The document decides: which encodings damaged it, and so which of its runs are restored.

One pair of odd characters proves little: clean text holds `√π` and `IRMÃ”`. A paragraph that is
odd enough convicts an encoding; in the whole document, runs which that encoding explains are then
restored even where they are doubtful by themselves.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from html.entities import codepoint2name
from math import log2
from typing import NamedTuple

from postkit.text.mojibake import legacy, loose
from postkit.text.mojibake.changes import Change, applied
from postkit.text.mojibake.charsets import EIGHT_BIT, FIRST_CJK, Charset, charset, possible
from postkit.text.mojibake.model import BIT, cost
from postkit.text.mojibake.readings import (
    CONTROLS_READ,
    MAX_LAYERS,
    Ranked,
    ranked,
    ranked_loosely,
    strictly,
)
from postkit.text.patterns import lazy

# Evidence in one paragraph that convicts an encoding, by how often it does damage at all
ENOUGH = 12 * BIT
USUAL = frozenset(
    {"windows-1252", CONTROLS_READ, "mac_roman", "windows-1251", "windows-1250", "gbk"}
)
UNUSUAL = 3 * BIT  # … besides, of any other
LATER = 8 * BIT  # … of every encoding but the first
UNSURE = 10 * BIT  # … where only a guess speaks for it
NATIVE = 12 * BIT  # … of a run that begins with a character which the text uses on its own
DISPUTED = 4 * BIT  # by how much one encoding must explain a run better than another

OBVIOUS = 20 * BIT  # evidence beyond doubt, if all of the text is explained
MANY = 2  # characters that the text must shrink by: one pair proves nothing by itself
SURE = 2 * OBVIOUS  # … after which no more is looked for

# What a run must save to be restored, where the document holds intact runs beside damaged ones
MOST, LEAST = 20 * BIT, -8 * BIT
UNDECIDED = 4 * BIT  # what a run may lose by the change and still not count as intact
BRIEF = 32  # characters of a text in which one pair beside intact characters proves nothing

LONG_PARAGRAPH = 2_000  # characters
SHORT = 4096  # characters of a text whose runs are found by pattern; longer ones, by bytes

ENTITY = r"&(?:#[0-9]{2,7}|#[xX][0-9a-fA-F]{2,6}|[A-Za-z][A-Za-z0-9]{1,30});"
_RUN = lazy(r"[^\x00-\x7f]+")
_RUN_OR_ENTITIES = lazy(rf"(?:[^\x00-\x7f]|{ENTITY})+")
_ENTITIES = lazy(rf"{ENTITY}{ENTITY}|{ENTITY}[^\x00-\x7f]|[^\x00-\x7f]{ENTITY}")
_PARAGRAPH_END = lazy(r"\n[ \t\r]*\n")
_CODE_MARK = lazy("[`\t]|~~~|    ")
_CODE = lazy(
    r"(?ms)^ {0,3}(?:```.*?(?:^ {0,3}```|\Z)|~~~.*?(?:^ {0,3}~~~|\Z))"
    r"|`[^`\n]+`|`[^`\s]{1,3}"
    r"|(?:\A|(?<=\n\n))(?:(?: {4}|\t)[^\n]*\n?)+"
)
_ASCII_TO_SPACE = bytes([0x20] * 0x80) + bytes(range(0x80, 0x100))

# What a lost byte leaves of the commonest sequences: enough to look closer
_STUMPS = (
    ("windows-1252", r"Ã(?:\s|$)|â\?[¬¢œ“”™\x80-\xbf]|Ã\?Â|â€|ðŸ|â–|Â |ã[\xa1-\xbf]|Ð |Å "),
    ("windows-1252", r"(?<=[a-z])â(?=[a-z]{1,2}\b)"),
    ("windows-1250", r"đź|Ĺ |(?<=[a-zà-ž])Ă\s"),
    ("windows-1251", r"рџ|вЂ(?![а-яА-Я])|(?<=[a-z] )Г\s|(?<=[a-z])Г\s"),
    ("windows-1253", r"β€"),
    ("windows-1254", r"ğŸ"),
    ("koi8-r", r"П÷"),
    ("cp437", r"≡ƒ"),
)
_STUMP = lazy("|".join(f"(?P<c{n}>{pattern})" for n, (_, pattern) in enumerate(_STUMPS)))
_STUMP_LEADS = frozenset("ÃâÂðÅÐãđĹĂрвГβğП≡")
_HIGH_CONTROL = lazy("[\x80-\x9f]")
# Where controls may have vanished, all of them: nothing of what shows that they did not.
_WITH_CONTROLS = {
    "windows-1252": lazy("[\x80-\x9f€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"),
    "iso-8859-2": _HIGH_CONTROL,
}
_MARKED = lazy(r"[A-Za-z][\u0300-\u036f]+")
_TAKEN_APART = lazy(r"[A-Za-z][\u0300-\u036f]+[\x80-\xbf\u2000-\u2fff€ƒŠŒŽšœžŸˆ˜]")
_EIGHT_BIT = frozenset(name for name, _ in EIGHT_BIT)


class Run(NamedTuple):
    """A run of characters that are not ASCII, and the ways to read it."""

    start: int
    end: int
    paragraph: int
    ways: tuple[Ranked, ...]
    code: bool


def found(text: str) -> tuple[Change, ...]:
    """Return what is to be changed in *text*; what that leads to may have to be looked at again.

    Nothing is, unless some paragraph would be changed if it stood alone.
    """
    changes = _of_document(text)
    if not changes or not _PARAGRAPH_END.search(text):
        return changes
    ends = [*(match.end() for match in _PARAGRAPH_END.finditer(text)), len(text)]
    counted = Counter(bisect_right(ends, change.start) for change in changes)
    for number, _ in counted.most_common():
        start = ends[number - 1] if number else 0
        if _of_document(text[start : ends[number]]):
            return changes
    return ()


def _of_document(text: str) -> tuple[Change, ...]:
    if text.isascii():
        return _changes(text) if "&" in text and _ENTITIES.search(text) else ()
    runs = _distinct_runs(text)
    if any("\u0300" <= run[0] <= "\u036f" for run in runs) and _TAKEN_APART.search(text):
        # What was misread may have been decomposed since, as some file systems do.
        changes = _found_composed(text)
        if changes:
            return changes
    changes = _found(text, runs)
    if 2 * len({change.before for change in changes}) >= max(len(runs), 1):
        return changes
    others = legacy.found(text, runs)
    if others and changes:
        better = legacy.oddity(applied(text, changes)) - legacy.oddity(applied(text, others))
        return others if better >= legacy.CLEAR else changes
    return others or changes


def _found_composed(text: str) -> tuple[Change, ...]:
    """Return the changes that are found once letters and their marks are one character again."""
    pieces: list[str] = []
    starts = [0]
    at = 0
    for match in _MARKED.finditer(text):
        pieces += text[at : match.start()], unicodedata.normalize("NFC", match[0])
        starts += range(at + 1, match.start() + 1)
        starts += [match.end()] * len(pieces[-1])
        at = match.end()
    pieces.append(text[at:])
    starts += range(at + 1, len(text) + 1)
    composed = "".join(pieces)
    changes = _found(composed, _distinct_runs(composed))
    return tuple(
        change._replace(
            start=starts[change.start],
            end=starts[change.end],
            before=text[starts[change.start] : starts[change.end]],
        )
        for change in changes
    )


def _found(text: str, runs: list[str]) -> tuple[Change, ...]:
    joined = "\n".join(runs)
    suspects = possible(joined)
    entities = "&" in text and _ENTITIES.search(text)
    if suspects and not entities and not _CODE_MARK.search(text):
        changes = _damaged_throughout(text, joined, suspects)
        if changes:
            return changes
    worth = entities or (
        (suspects or _may_be_multibyte(joined) or _HIGH_CONTROL.search(joined))
        and any(_may_be_read(run) and strictly(run) for run in runs)
    )
    return _changes(text) if worth or _stumps(text, runs) else ()


def _stumps(text: str, runs: Iterable[str]) -> re.Match[str] | None:
    leads = _STUMP_LEADS
    for run in runs:
        if run[0] in leads or run[-1] in leads:
            return _STUMP.search(text)
    return None


def _distinct_runs(text: str) -> list[str]:
    """Return the runs of characters that are not ASCII, at the speed of the interpreter's loops."""
    if len(text) < SHORT:
        return list(dict.fromkeys(_RUN.findall(text)))
    data = text.encode("utf-8", "surrogatepass").translate(_ASCII_TO_SPACE)
    return sorted(run.decode("utf-8", "surrogatepass") for run in set(data.split()))


def _may_be_read(run: str) -> bool:
    return len(run) > 1 or run >= FIRST_CJK or "\x80" <= run < "\xa0"


def _may_be_multibyte(text: str) -> bool:
    return bool(text) and max(text) >= FIRST_CJK


def _damaged_throughout(
    text: str, joined: str, suspects: tuple[Charset, ...]
) -> tuple[Change, ...]:
    """Return the changes of a text all of whose runs one encoding explains, beyond any doubt.

    That is the common case, and takes a few calls for the whole text instead of some for each run.
    """
    way = _read_throughout(joined, suspects)
    if way is None:
        return ()
    encoding, layers, read, gain = way
    after = dict(zip(joined.split("\n"), read.split("\n"), strict=True))
    confidence = _confidence(gain, OBVIOUS)
    return tuple(
        Change(
            match.start(), match.end(), run, after[run], encoding, layers, confidence, guessed=False
        )
        for match in _RUN.finditer(text)
        if (run := match[0])
    )


def _read_throughout(
    joined: str, suspects: tuple[Charset, ...]
) -> tuple[str, int, str, int] | None:
    """Return how all of *joined* was misread: encoding, layers, what it was, what that saves."""
    name, read = "", joined
    layers = 0
    while layers < MAX_LAYERS and suspects:
        once = {
            text: charset.name
            for charset in reversed(suspects)
            if (text := charset.whole(read)) is not None
        }
        if not once:
            break
        texts = list(once)
        if len(texts) > 1:
            prices = sorted((cost("\n", text, "\n"), text) for text in texts)
            if prices[1][0] - prices[0][0] < OBVIOUS:
                return None
            texts = [prices[0][1]]
        read = texts[0]
        name = name or once[read]
        layers += 1
        suspects = possible(read)
    if len(joined) - len(read) < MANY:
        return None
    gain = 0
    for before, after in zip(joined.split("\n"), read.split("\n"), strict=True):
        gain += cost("\n", before, "\n") - cost("\n", after, "\n")
        if gain >= SURE:
            break
    return (name, layers, read, gain) if gain >= OBVIOUS else None


def _changes(text: str) -> tuple[Change, ...]:
    pattern = _RUN_OR_ENTITIES if "&" in text else _RUN
    layout = _Layout(text)
    spans = [match.span() for match in pattern.finditer(text)]
    runs = [layout.run(start, end) for start, end in spans]
    convicted = _convicted(text, runs)
    suspects = _suspects(text, convicted)
    rest = text
    if suspects and not suspects[0].lowered:
        rest = _without_settled(text, runs, convicted)
    torn = [span for suspect in suspects for span in loose.spans(suspect, rest)]
    if torn:
        runs = layout.with_torn(runs, torn, suspects)
        convicted = _convicted(text, runs, 0 if convicted or not suspects[0].lowered else UNSURE)
    if not convicted:
        return ()
    return _chosen(text, runs, convicted)


def _without_settled(text: str, runs: list[Run], convicted: list[str]) -> str:
    """Return *text* with NUL for every run that a convicted encoding explains from end to end."""
    pieces: list[str] = []
    at = 0
    for run in runs:
        for way in run.ways:
            settled = way.gain > 0 and not way.reading.seams and way.encoding != CONTROLS_READ
            if settled and way.encoding in convicted:
                pieces += text[at : run.start], "\0" * (run.end - run.start)
                at = run.end
                break
    return "".join(pieces) + text[at:]


def _chosen(text: str, runs: list[Run], convicted: list[str]) -> tuple[Change, ...]:
    chosen = []
    intact = damaged = 0
    for run in runs:
        way = _choice(run.ways, convicted) if run.ways else None
        if not run.code:
            if way and way.gain > 0:
                damaged += 1
            elif text[run.start] != "&" and not (way and way.gain > -UNDECIDED):
                intact += 1
        if way:
            chosen.append((run, way))
    threshold = min(MOST, int((log2((intact + 0.5) / (damaged + 0.5)) + 1) * BIT))
    if (
        damaged == 1
        and intact
        and len(text) < BRIEF
        and all(r.end - r.start < 3 for r, _ in chosen)
    ):
        return ()
    evidence = sum(max(way.gain, 0) for _, way in chosen)
    changes = []
    for run, way in chosen:
        if run.code and intact:
            continue
        reading = way.reading
        if way.gain >= max(threshold, LEAST):
            changes.append(
                Change(
                    run.start,
                    run.end,
                    text[run.start : run.end],
                    reading.text,
                    way.encoding,
                    1 + len(reading.inner),
                    _confidence(evidence, way.gain),
                    guessed=reading.guesses > 0,
                )
            )
    return tuple(changes)


def _confidence(evidence: int, gain: int) -> float:
    """Return how sure a change is: what the document tells counts half, beside the run itself."""
    bits = (min(evidence, SURE) / 2 + max(gain, 0)) / BIT
    return min(round(1 - 2 ** (-bits / 6), 3), 0.999)


def _suspects(text: str, convicted: list[str]) -> tuple[loose.Suspect, ...]:
    names = [name for name in convicted if name in _EIGHT_BIT]
    lowered = text == text.lower()
    if not names and (stump := _STUMP.search(text)):
        names = [_STUMPS[int(str(stump.lastgroup)[1:])][0]]
    if lowered and not names:
        names = ["windows-1252", "mac_roman"]
    suspects = []
    for name in names:
        known = charset(name)
        lost = known.undefined
        if name in _WITH_CONTROLS and not _WITH_CONTROLS[name].search(text):
            lost = tuple(range(0x80, 0xA0))
        suspects.append(loose.Suspect(known, lost, lowered))
    return tuple(suspects)


def _unit_ends(text: str) -> Iterator[int]:
    """Yield where the units end whose evidence is summed: paragraphs, or the lines of long ones."""
    start = 0
    for end in [*(match.end() for match in _PARAGRAPH_END.finditer(text)), len(text)]:
        if end - start > LONG_PARAGRAPH:
            at = text.find("\n", start, end)
            while at >= 0:
                yield at + 1
                at = text.find("\n", at + 1, end)
        yield end
        start = end


class _Layout:
    """Where the paragraphs and the code of a text are."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends = list(_unit_ends(text))
        code = list(_CODE.finditer(text)) if _CODE_MARK.search(text) else []
        self._code_starts = [match.start() for match in code]
        self._code_ends = [match.end() for match in code]

    def run(self, start: int, end: int) -> Run:
        text = self._text
        run = text[start:end]
        half_entities = False
        if "&" in run:
            half_entities = any(c > "\x7f" and ord(c) in codepoint2name for c in run)
            run = html.unescape(run)
        ways: tuple[Ranked, ...] = ()
        if _may_be_read(run) and strictly(run):
            before = text[max(start - 2, 0) : start] or "\n"
            ways = ranked(before, run, text[end : end + 2] or "\n")
            if half_entities:  # … prove nothing: whoever writes entities writes all of them
                ways = tuple(way._replace(proof=0) for way in ways)
        return self._placed(start, end, ways)

    def _loose_run(self, start: int, end: int, suspects: tuple[loose.Suspect, ...]) -> Run:
        text, reach = self._text, loose.REACH
        before = ("\n\n" + text[max(start - reach, 0) : start])[-reach:]
        after = text[end : end + reach] + "\n\n"
        run = text[start:end]
        if "&" in run:
            run = html.unescape(run)
        return self._placed(start, end, ranked_loosely(before, run, after, suspects))

    def _placed(self, start: int, end: int, ways: tuple[Ranked, ...]) -> Run:
        at = bisect_right(self._code_starts, start) - 1
        code = at >= 0 and start < self._code_ends[at]
        return Run(start, end, bisect_right(self._ends, start), ways, code)

    def with_torn(
        self, runs: list[Run], torn: list[tuple[int, int]], suspects: tuple[loose.Suspect, ...]
    ) -> list[Run]:
        """Return the runs, those that meet a torn sequence joined with it and read anew."""
        pieces: list[tuple[int, int, Run | None]] = [(run.start, run.end, run) for run in runs]
        pieces += [(start, end, None) for start, end in torn]
        pieces.sort(key=lambda piece: piece[:2])
        joined: list[Run] = []
        start, end, only = pieces[0]
        for next_start, next_end, run in [*pieces[1:], (len(self._text) + 1, 0, None)]:
            if next_start <= end and next_start <= len(self._text):
                end, only = max(end, next_end), None
                continue
            joined.append(only or self._loose_run(start, end, suspects))
            start, end, only = next_start, next_end, run
        return joined


def _convicted(text: str, runs: list[Run], besides: int = 0) -> list[str]:
    """Return the encodings that are believed to have damaged the text, the worst first."""
    suspected = [run for run in runs if run.ways and not run.code and run.ways[0].gain > 0]
    if not suspected:
        return []
    alone = {
        character
        for run in runs
        if not run.code and (not run.ways or run.ways[0].gain <= 0)
        for character in text[run.start : run.end]
    }
    convicted: list[str] = []
    while True:
        evidence: dict[str, dict[int, dict[str, int]]] = {}
        for run in suspected:
            known = max((way.gain for way in run.ways if way.encoding in convicted), default=None)
            if known is not None:
                against = -known - DISPUTED
            else:
                against = -NATIVE if text[run.start] in alone else 0
            for way in run.ways:
                gain = way.proof
                if way.encoding != CONTROLS_READ or known is not None:
                    gain += against
                if gain > 0 and way.encoding not in convicted:
                    paragraph = evidence.setdefault(way.encoding, {}).setdefault(run.paragraph, {})
                    read = way.reading.text
                    if gain > paragraph.get(read, 0):
                        paragraph[read] = gain
        best, most = "", 0
        for encoding, paragraphs in evidence.items():
            sums = [sum(gains.values()) for gains in paragraphs.values()]
            needed = ENOUGH + besides + (encoding not in USUAL) * UNUSUAL + bool(convicted) * LATER
            if max(sums) >= needed and sum(sums) > most:
                best, most = encoding, sum(sums)
        if not best:
            return convicted
        convicted.append(best)


def _choice(ways: tuple[Ranked, ...], convicted: list[str]) -> Ranked | None:
    """Return the way that a run is read, given who damaged the document."""
    best = None
    for encoding in convicted:
        for way in ways:
            if way.encoding == encoding and (best is None or way.gain > best.gain + DISPUTED):
                best = way
    return best
