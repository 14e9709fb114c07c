"""Where the runs of a text stand that may be read otherwise: in which paragraph, in code or not."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from postkit.text.mojibake import loose
from postkit.text.mojibake.charsets import FIRST_CJK
from postkit.text.mojibake.marks import CODE, CODE_MARK, PARAGRAPH_END, RUN, RUN_OR_ENTITIES
from postkit.text.mojibake.readings import Ranked, ranked, ranked_loosely, strictly

LONG_PARAGRAPH = 2_000  # characters


class Run(NamedTuple):
    """A run of characters that are not ASCII, and the ways to read it."""

    start: int
    end: int
    paragraph: int
    ways: tuple[Ranked, ...]
    code: bool


def may_be_read(run: str) -> bool:
    """Tell whether there is any way to read *run* without a guess."""
    alone = len(run) == 1 and run < FIRST_CJK and not "\x80" <= run < "\xa0"
    return not alone and bool(strictly(run))


def _unescaped(run: str) -> str:
    if "&" not in run:
        return run
    from html import unescape

    return unescape(run)


class Layout:
    """The runs of a text that may be read, and what there is besides.

    `quiet` is how many other runs there are outside code, `alone` which characters they hold.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends = list(_unit_ends(text))
        code = list(CODE.finditer(text)) if CODE_MARK.search(text) else []
        self._code_starts = [match.start() for match in code]
        self._code_ends = [match.end() for match in code]
        self.runs: list[Run] = []
        self.quiet = 0
        readable: dict[str, bool] = {}
        pattern = RUN_OR_ENTITIES if "&" in text else RUN
        for match in pattern.finditer(text):
            run = match[0]
            may = readable.get(run)
            if may is None:
                may = readable[run] = may_be_read(_unescaped(run))
            if may:
                self.runs.append(self._run(match.start(), match.end(), run))
            elif run[0] != "&" and not (code and self._is_code(match.start())):
                self.quiet += 1
        self.alone = set("".join(run for run, may in readable.items() if not may))

    def _run(self, start: int, end: int, run: str) -> Run:
        text = self._text
        half_entities = False
        if "&" in run:
            from html.entities import codepoint2name

            half_entities = any(c > "\x7f" and ord(c) in codepoint2name for c in run)
            run = _unescaped(run)
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
        run = _unescaped(run)
        return self._placed(start, end, ranked_loosely(before, run, after, suspects))

    def _placed(self, start: int, end: int, ways: tuple[Ranked, ...]) -> Run:
        return Run(start, end, bisect_right(self._ends, start), ways, self._is_code(start))

    def _is_code(self, start: int) -> bool:
        at = bisect_right(self._code_starts, start) - 1
        return at >= 0 and start < self._code_ends[at]

    def join(self, torn: list[tuple[int, int]], suspects: tuple[loose.Suspect, ...]) -> None:
        """Join the runs that meet a *torn* sequence with it, and read them anew."""
        pieces: list[tuple[int, int, Run | None]] = [(run.start, run.end, run) for run in self.runs]
        pieces += [(start, end, None) for start, end in self._widened(torn)]
        pieces.sort(key=lambda piece: piece[:2])
        text = self._text
        self.runs = []
        start, end, only = pieces[0]
        swallowed = int(only is not None)
        for next_start, next_end, run in [*pieces[1:], (len(text) + 1, 0, None)]:
            if next_start <= end and next_start <= len(text):
                end, only = max(end, next_end), None
                swallowed += run is not None
                continue
            if only is None:
                joined = self._loose_run(start, end, suspects)
                self.runs.append(joined)
                self.alone -= set(text[start:end])
                if not joined.code:
                    inside = len(RUN.findall(text[start:end])) - swallowed
                    self.quiet = max(self.quiet - max(inside, 0), 0)
            else:
                self.runs.append(only)
            start, end, only = next_start, next_end, run
            swallowed = int(run is not None)

    def _widened(self, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Yield the spans, each with what is not ASCII on both sides of it."""
        text = self._text
        last = 0
        for torn, end in sorted(spans):
            if end <= last:
                continue
            start, last = torn, max(end, last)
            while start > 0 and text[start - 1] > "\x7f":
                start -= 1
            while last < len(text) and text[last] > "\x7f":
                last += 1
            yield start, last


def _unit_ends(text: str) -> Iterator[int]:
    """Yield where the units end whose evidence is summed: paragraphs, or the lines of long ones."""
    start = 0
    for end in [*(match.end() for match in PARAGRAPH_END.finditer(text)), len(text)]:
        if end - start > LONG_PARAGRAPH:
            at = text.find("\n", start, end)
            while at >= 0:
                yield at + 1
                at = text.find("\n", at + 1, end)
        yield end
        start = end
