"""What a repair changed: where in the given text, from what to what, and how sure that is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from postkit.text.patterns import lazy


class Change(NamedTuple):
    """One repaired run of characters."""

    start: int  # of `before` in the given text, in characters
    end: int
    before: str
    after: str
    encoding: str  # how it was misread, the last time
    layers: int  # how many times it was misread
    confidence: float  # 0 … 1
    guessed: bool  # a byte was lost, and one reading is plausible


class Loss(NamedTuple):
    """Damage that cannot be undone: what stood there is not in the text any more."""

    start: int  # in the given text, in characters
    end: int
    text: str  # what stands there
    partial: bool  # whether it was restored in part, with U+FFFD for what is lost


class Repair(NamedTuple):
    """The repaired text, every change in the order of the given text, and what stays damaged."""

    text: str
    changes: tuple[Change, ...]
    losses: tuple[Loss, ...] = ()


@lru_cache(1 << 10)
def confidence(evidence: int, gain: int) -> float:
    """Return how sure a change is, from what it saves and what the document does, in 1/8 bits.

    What the document tells counts half, beside the run itself.
    """
    bits = (min(evidence, ENOUGH) / 2 + max(gain, 0)) / 8
    return min(round(1 - 2 ** (-bits / 6), 3), 0.999)


ENOUGH = 320  # evidence beyond which more of it makes nothing surer
REPLACEMENT = "\ufffd"
_REPLACEMENTS = lazy("\ufffd+")


def losses(text: str, changes: Iterable[Change]) -> tuple[Loss, ...]:
    """Return where *text* says itself that something is lost, and where the *changes* say so."""
    changed = [change for change in changes if REPLACEMENT in change.before + change.after]
    found = [
        Loss(change.start, change.end, change.before, partial=True)
        for change in changed
        if REPLACEMENT in change.after
    ]
    if REPLACEMENT in text:
        ends = [change.end for change in changed]
        for match in _REPLACEMENTS.finditer(text):
            start, end = match.span()
            if not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()):
                continue  # one that stands alone may be meant
            at = bisect_right(ends, start)
            if at == len(changed) or match.end() <= changed[at].start:
                found.append(Loss(*match.span(), match[0], partial=False))
    return tuple(sorted(found))


def applied(text: str, changes: Iterable[Change]) -> str:
    """Return *text* with the changes made."""
    pieces: list[str] = []
    at = 0
    for change in changes:
        pieces += text[at : change.start], change.after
        at = change.end
    return "".join(pieces) + text[at:]


def composed(
    text: str, first: tuple[Change, ...], second: tuple[Change, ...]
) -> tuple[Change, ...]:
    """Return the changes of *text* that do at once what *first* does, and then *second*."""
    between = applied(text, first)
    return tuple(_joined(text, between, list(first), list(second)))


class _Part(NamedTuple):
    """A change of either round, placed in the text between the two."""

    start: int
    end: int
    change: Change
    shift: int  # from here to the given text, behind this change
    is_second: bool


def _joined(text: str, between: str, first: list[Change], second: list[Change]) -> Iterator[Change]:
    parts = []
    shift = 0
    for change in first:
        start = change.start - shift
        shift += len(change.before) - len(change.after)
        parts.append(_Part(start, start + len(change.after), change, shift, is_second=False))
    parts += [_Part(c.start, c.end, c, 0, is_second=True) for c in second]
    parts.sort(key=lambda part: (part.start, part.end))
    shift = 0
    group: list[_Part] = []
    end = -1
    for part in [*parts, None]:
        if part is not None and (not group or part.start < end):
            group.append(part)
            end = max(end, part.end)
            continue
        if group:
            start = group[0].start
            begin = start + shift
            for member in group:
                if not member.is_second:
                    shift = member.shift
            yield _merged(text, between, group, (start, end), (begin, end + shift))
        if part is not None:
            group, end = [part], part.end


def _merged(
    text: str,
    between: str,
    group: list[_Part],
    inner: tuple[int, int],
    outer: tuple[int, int],
) -> Change:
    """Return one change for a *group* that overlaps, with its span between and its span before."""
    if len(group) == 1:
        return group[0].change._replace(start=outer[0], end=outer[1])
    later = [
        part.change._replace(start=part.start - inner[0], end=part.end - inner[0])
        for part in group
        if part.is_second
    ]
    earlier = [part.change for part in group if not part.is_second]
    every = [part.change for part in group]
    return Change(
        *outer,
        text[slice(*outer)],
        applied(between[slice(*inner)], later),
        earlier[0].encoding if earlier else later[0].encoding,
        max((change.layers for change in earlier), default=0)
        + max((change.layers for change in later), default=0),
        min(change.confidence for change in every),
        guessed=any(change.guessed for change in every),
    )
