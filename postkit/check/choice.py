"""Which problems are told: `[check]` of the configuration, and comments in the article.

    <!-- postkit: ignore PK105 -->         in this line; alone on its line, in the block below it
    <!-- postkit: ignore-file PK105 -->    in the whole file

Without a code every rule is meant; behind `--` there is room for a reason. MDX, which has no such
comments, writes `{/* … */}`, and the front matter's own comments `# postkit: ignore PK130`. What a
comment is, the parsers say: an escaped one, or one that code shows, is none.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from postkit.article.abridge import abridge
from postkit.article.config import CheckSettings
from postkit.article.front_matter import FrontMatter, comments, split
from postkit.article.parse import parse
from postkit.article.source import Source
from postkit.check.catalogue import EVERY, RULES, matches, nearest, unknown
from postkit.model import (
    Article,
    Block,
    Definitions,
    List,
    Marker,
    Problem,
    Quote,
    Span,
    replace,
)

_MEANT = re.compile("postkit:", re.IGNORECASE)
_ORDER = re.compile(r"^[ \t>]*postkit:[ \t]*([\w-]+)[ \t]*([^\n]*)", re.MULTILINE | re.IGNORECASE)
_ORDERS = ("ignore", "ignore-file")
_CODE = re.compile(r"[^\s,]+")
_COMMENTS = re.compile(r"<!--.*?-->|\{/\*.*?\*/\}", re.DOTALL)
# What may stand before a comment that stands alone: marks of quotes, lists, notes, definitions.
_CONTAINERS = re.compile(r"(?:[\s>]|(?:[-*+:]|\d{1,9}[.)]|\[\^[^\]\s]+\]:)(?=\s))*")
LONGEST = 1000  # characters beside a comment; a longer line holds more than comments
_BETWEEN = re.compile(r"(?:[\s>]*(?:<!--.*?-->|\{/\*.*?\*/\})){0,20}[\s>]*", re.DOTALL)
_EMPTY_LINE = re.compile(r"^[ \t>]*$", re.MULTILINE)
# A line of front matter that belongs to the key above it.
_CONTINUED = re.compile(r"[ \t\]})#-]|$")


class _Comment(NamedTuple):
    """What speaks to postkit: where its words stand, and the lines that they are about."""

    inside: Span
    first: int
    last: int


class _Silence(NamedTuple):
    """What one order silences, from line to line; 0 is the whole file."""

    first: int
    last: int
    selectors: tuple[str, ...]

    def covers(self, problem: Problem) -> bool:
        if self.first and not self.first <= (problem.line or 0) <= self.last:
            return False
        return any(matches(selector, problem.code) for selector in self.selectors)


def chosen(
    problems: Iterable[Problem],
    *,
    source: Source,
    article: Article | None,
    settings: CheckSettings,
    also: frozenset[str] = frozenset(),
) -> list[Problem]:
    """Return the problems that are wanted, with the severities that are.

    *also* are codes that are on although they are off by default. A comment that asks for what
    there is not is a problem itself. Without an *article* no comment counts.
    """
    silences: list[_Silence] = []
    told = list(problems)
    if article is not None and _MEANT.search(source.raw):
        front = split(source)
        found = [*_in_front_matter(source, front), *_in_body(source, front, article)]
        for comment in found:
            for match in _ORDER.finditer(source.raw[slice(*comment.inside)]):
                silence, wrong = _obeyed(match, comment, source)
                silences.append(silence)
                told += wrong
    kept = []
    for problem in told:
        if not _wanted(problem.code, settings, also):
            continue
        if any(silence.covers(problem) for silence in silences):
            continue
        severity = _severity(problem, settings)
        kept.append(
            problem if severity == problem.severity else replace(problem, severity=severity)
        )
    return kept


def _wanted(code: str, settings: CheckSettings, also: frozenset[str]) -> bool:
    if any(matches(selector, code) for selector in settings.ignore):
        return False
    if settings.select:
        return code in also or any(matches(selector, code) for selector in settings.select)
    return code in also or code not in RULES or RULES[code].default


def _severity(problem: Problem, settings: CheckSettings) -> str:
    """Return what the configuration says of a problem: the longest beginning of its code wins."""
    named = [one for one in settings.severity if matches(one, problem.code)]
    if not named:
        return problem.severity
    return settings.severity[max(named, key=lambda one: (one != EVERY, len(one)))]


def _obeyed(
    match: re.Match[str], comment: _Comment, source: Source
) -> tuple[_Silence, list[Problem]]:
    """Return what an order silences, and what is wrong with it."""
    order = match[1].lower()
    start = comment.inside.start
    named = match[2].partition("--")[0]  # behind it stands why
    begin = start + match.start(2)
    codes = [
        (one[0].upper(), Span(begin + one.start(), begin + one.end()))
        for one in _CODE.finditer(named)
    ]
    if order not in _ORDERS:
        message = f"`postkit: {match[1]}` means nothing; there are `ignore` and `ignore-file`"
        span = Span(start + match.start(1), start + match.end(1))
        problem = source.problem("PK134", message, "warning", span)
        return _Silence(comment.first, comment.last, ()), [problem]
    wrong = []
    for code, span in codes:
        if unknown([code]) is not None:
            near = nearest(code)
            message = f"there is no rule `{code}` to ignore" + (f": {near}" if near else "")
            wrong.append(source.problem("PK134", message, "warning", span))
    selectors = tuple(code for code, _ in codes) or (EVERY,)
    if order == "ignore-file":
        return _Silence(0, 0, selectors), wrong
    return _Silence(comment.first, comment.last, selectors), wrong


# ---------------------------------------------------------------------------------------------
# In the front matter


def _in_front_matter(source: Source, front: FrontMatter) -> Iterator[_Comment]:
    """Yield its comments: behind a value about this line, alone on a line about the key below."""
    raw = source.raw
    for inside in comments(source, front):
        first = last = source.position(inside.start)[0]
        if not raw[raw.rfind("\n", 0, inside.start) + 1 : inside.start - 1].strip():
            lines = raw[inside.end + 1 : source.origin(front.body_start)].split("\n")
            begun = False
            for number, line in enumerate(lines, first + 1):
                if begun and not _CONTINUED.match(line):
                    break
                begun = begun or (bool(line.strip()) and not line.startswith("#"))
                last = number
        yield _Comment(inside, first, last)


# ---------------------------------------------------------------------------------------------
# In the body


def _in_body(source: Source, front: FrontMatter, article: Article) -> Iterator[_Comment]:
    raw = source.raw
    outline = _Outline(source, _whole(source, front, article))
    for span in sorted(set(outline.markers)):
        start = span.start
        if raw.startswith("{/*", start):
            before = raw[max(0, start - 99) : start]
            if (len(before) - len(before.rstrip("\\"))) % 2:
                continue
            end, inside = raw.find("*/}", start) + 3, start + 3
        else:
            end, inside = span.end, start + len("<!--")
        first, last = source.position(start)[0], source.position(end)[0]
        if _stands_alone(raw, start, end):
            last = max(last, outline.last_below(start, end))
        yield _Comment(Span(inside, end - 3), first, last)


def _whole(source: Source, front: FrontMatter, article: Article) -> list[Block]:
    """Return all blocks of the article, notes as quotes; of an endless one its middle, too."""
    start = front.body_start
    body = source.text[start:]
    blocks: Sequence[Block] = article.blocks
    notes = article.footnotes
    if abridge(body) is not None:
        parsed = parse(
            body,
            origin=lambda begin, end: source.origin_span(start + begin, start + end),
            mdx=(source.path or "").endswith(".mdx"),
        )
        blocks, notes = parsed.blocks, parsed.footnotes
    return [*blocks, *(Quote(note.blocks, note.span) for note in notes.values())]


def _stands_alone(raw: str, start: int, end: int) -> bool:
    line_start = raw.rfind("\n", 0, start) + 1
    line_end = raw.find("\n", end)
    line_end = len(raw) if line_end < 0 else line_end
    if max(start - line_start, line_end - end) > LONGEST:
        return False
    before = _COMMENTS.sub("", raw[line_start:start])
    after = _COMMENTS.sub("", raw[end:line_end])
    return _CONTAINERS.fullmatch(before) is not None and not after.strip()


class _Part(NamedTuple):
    """What of a block holds blocks: a quote, an item, a definition."""

    span: Span
    blocks: list[Block]


class _Outline:
    """The blocks of an article as one finds them by their places."""

    def __init__(self, source: Source, blocks: list[Block]) -> None:
        self.markers: list[Span] = []
        self._source = source
        self._top = self._sorted(blocks)
        self._parts: dict[int, list[_Part]] = {}  # of a block, by its id
        self._empty = [match.start() for match in _EMPTY_LINE.finditer(source.raw)]
        todo = [blocks]
        while todo:
            for block in todo.pop():
                if isinstance(block, Marker) and block.name.startswith("postkit:"):
                    self.markers.append(block.span)
                parts = _parts(block)
                self._parts[id(block)] = [
                    _Part(one.span, self._sorted(one.blocks)) for one in parts
                ]
                todo += (part.blocks for part in parts)

    @staticmethod
    def _sorted(blocks: list[Block]) -> list[Block]:
        shown = (block for block in blocks if not isinstance(block, Marker))
        return sorted(shown, key=_start)

    def last_below(self, start: int, end: int) -> int:
        """Return the last line of what follows a comment in the quote or item it stands in.

        That is a block, a whole list, say; or lines up to an empty one, where the block is not
        known. 0 where nothing follows.
        """
        raw, position = self._source.raw, self._source.position
        level, limit = self._top, len(raw)
        while around := self._around(level, start):
            level, limit = around.blocks, min(limit, around.span.end)
        at = _BETWEEN.match(raw, end, limit).end()  # type: ignore[union-attr]  # matches nothing, too
        if at >= limit:
            return 0
        first = position(at)[0]
        empty = bisect_left(self._empty, at)
        end_of_text = min([limit, *self._empty[empty : empty + 1]])
        last = position(max(at, end_of_text - 1))[0]
        found = bisect_left(level, end, key=_start)
        if found == len(level):
            return last
        block = level[found].span
        begins, ends = position(block.start)[0], position(max(block.start, block.end - 1))[0]
        if begins <= first:
            return ends
        return max(last, ends) if begins <= last else last

    def _around(self, level: list[Block], at: int) -> _Part | None:
        """Return the part of a block of this level that *at* lies in."""
        number = bisect_right(level, at, key=_start) - 1
        if number < 0:
            return None
        parts = self._parts[id(level[number])]
        number = bisect_right(parts, at, key=lambda part: part.span.start) - 1
        if number < 0 or at >= parts[number].span.end:
            return None
        return parts[number]


def _start(block: Block) -> int:
    return block.span.start


def _parts(block: Block) -> list[_Part]:
    match block:
        case Quote():
            return [_Part(block.span, list(block.blocks))]
        case List():
            return [_Part(item.span, list(item.blocks)) for item in block.items]
        case Definitions():
            return [
                _Part(item.span, [one for detail in item.details for one in detail])
                for item in block.items
            ]
        case _:
            return []
