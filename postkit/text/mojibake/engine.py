"""The way of a text through the engine: read at once, weighed run by run, or left alone.

What takes time to load is loaded where it is needed: clean text and text that is damaged from end
to end, which is most of it, never see the scales.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import NamedTuple

from postkit.text.mojibake import throughout
from postkit.text.mojibake.changes import Change, applied
from postkit.text.mojibake.charsets import has_cjk, possible
from postkit.text.mojibake.marks import (
    CODE,
    CODE_MARK,
    ENTITY,
    HIGH_CONTROL,
    MARK,
    PARAGRAPH_END,
    RUN,
    STUMP,
    STUMPED,
)
from postkit.text.patterns import lazy

LAST_LEGACY = "\uf8ff"  # the last character that any of the old encodings has
SHORT = 4096  # characters of a text whose runs are found by pattern; longer ones, by bytes

_ENTITIES = lazy(rf"{ENTITY}{ENTITY}|{ENTITY}[^\x00-\x7f]|[^\x00-\x7f]{ENTITY}")
_ASCII_TO_SPACE = bytes([0x20] * 0x80) + bytes(range(0x80, 0x100))

_MARKED = lazy(r"[A-Za-z][\u0300-\u036f]+")
_TAKEN_APART = lazy(r"[A-Za-z][\u0300-\u036f]+[\x80-\xbf\u2000-\u2fff€ƒŠŒŽšœžŸˆ˜]")


class Found(NamedTuple):
    """What is to be changed in a text."""

    changes: tuple[Change, ...]
    runs: list[str] | None = None  # of what comes out, if only `legacy` could change it once more


NOTHING = Found(())


def found(text: str) -> Found:
    """Return what is to be changed in *text*; what that leads to may have to be looked at again.

    Nothing is, unless some paragraph would be changed if it stood alone.
    """
    whole = _of_document(text)
    if not whole.changes or not PARAGRAPH_END.search(text):
        return whole
    ends = [*(match.end() for match in PARAGRAPH_END.finditer(text)), len(text)]
    counted = Counter(bisect_right(ends, change.start) for change in whole.changes)
    for number, _ in counted.most_common():
        start = ends[number - 1] if number else 0
        if _of_document(text[start : ends[number]]).changes:
            return whole
    return NOTHING


def _of_document(text: str) -> Found:
    if text.isascii():
        return _weighed(text) if "&" in text and _ENTITIES.search(text) else NOTHING
    runs = _distinct_runs(text)
    joined = "\n".join(runs)
    if MARK.search(joined) and _TAKEN_APART.search(text):
        # What was misread may have been decomposed since, as some file systems do.
        changes = _found_composed(text)
        if changes:
            return Found(changes)
    whole = _found(text, runs, joined)
    changes = whole.changes
    if whole.runs is not None or 2 * len({change.before for change in changes}) >= len(runs):
        return whole
    others = from_legacy(text, runs)
    if others and changes:
        from postkit.text.mojibake import legacy

        better = legacy.oddity(applied(text, changes)) - legacy.oddity(applied(text, others))
        return Found(others) if better >= legacy.CLEAR else whole
    return Found(others) if others else whole


def _found_composed(text: str) -> tuple[Change, ...]:
    """Return the changes that are found once letters and their marks are one character again."""
    from unicodedata import normalize

    pieces: list[str] = []
    starts = [0]
    at = 0
    for match in _MARKED.finditer(text):
        pieces += text[at : match.start()], normalize("NFC", match[0])
        starts += range(at + 1, match.start() + 1)
        starts += [match.end()] * len(pieces[-1])
        at = match.end()
    pieces.append(text[at:])
    starts += range(at + 1, len(text) + 1)
    composed = "".join(pieces)
    runs = _distinct_runs(composed)
    changes = _found(composed, runs, "\n".join(runs)).changes
    return tuple(
        change._replace(
            start=starts[change.start],
            end=starts[change.end],
            before=text[starts[change.start] : starts[change.end]],
        )
        for change in changes
    )


def _found(text: str, runs: list[str], joined: str) -> Found:
    suspects = possible(joined)
    multibyte = has_cjk(joined)
    entities = "&" in text and _ENTITIES.search(text)
    if (suspects or multibyte) and not entities:
        prose = None
        if CODE_MARK.search(text):
            prose = frozenset(RUN.findall(CODE.sub("", text)))
        way = throughout.way(joined, suspects, prose)
        if way is not None:
            return Found(throughout.changes(text, RUN, joined, way), _settled(way))
    worth = entities or (
        (suspects or multibyte or HIGH_CONTROL.search(joined)) and _any_may_be_read(runs)
    )
    if not worth:
        worth = STUMPED.search(joined) and STUMP.search(text)
    return _weighed(text) if worth else NOTHING


def from_legacy(text: str, runs: list[str]) -> tuple[Change, ...]:
    """Return what is to be changed in *text* if it was never UTF-8; *runs* are those it holds."""
    if not runs or max(map(max, runs)) > LAST_LEGACY:
        return ()
    from postkit.text.mojibake import legacy

    return legacy.found(text, runs)


def _weighed(text: str) -> Found:
    from postkit.text.mojibake import weighing

    return Found(weighing.changes(text))


def _any_may_be_read(runs: list[str]) -> bool:
    from postkit.text.mojibake.layout import may_be_read

    return any(map(may_be_read, runs))


def _settled(way: throughout.Way) -> list[str] | None:
    """Return the runs that come out, unless they have to be looked at again."""
    read = way.read
    if not way.done or has_cjk(read) or HIGH_CONTROL.search(read) or MARK.search(read):
        return None
    return None if STUMPED.search(read) else read.split("\n")


def _distinct_runs(text: str) -> list[str]:
    """Return the runs of characters that are not ASCII, at the speed of the interpreter's loops."""
    if len(text) < SHORT:
        return list(dict.fromkeys(RUN.findall(text)))
    data = text.encode("utf-8", "surrogatepass").translate(_ASCII_TO_SPACE)
    return sorted(run.decode("utf-8", "surrogatepass") for run in set(data.split()))
