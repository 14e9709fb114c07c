"""The parts of an article, and what share of the room each of its sections asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from postkit.compose.anatomy import RELATED
from postkit.compose.score import LESSER
from postkit.model import Article, Block, Heading
from postkit.text.flat import flat_text, inline_text
from postkit.text.patterns import lazy

_MOST_GROUPS = 40
_SECTION_TAKES = 150  # units: a header and one sentence; so many sections fit, no more
_GREATER = lazy(
    r"\b(?:conclusions?|summary|takeaways?|final thoughts|wrapping up|results?|why|benefits|"
    r"lessons|what is|fazit|conclusion|zusammenfassung|drawbacks?|limitations?|caveats)\b",
    re.IGNORECASE,
)


class Part(NamedTuple):
    """One stretch of the article between headings. Part numbers are reading order."""

    number: int
    blocks: tuple[Block, ...]
    heading: Heading | None = None
    title: str = ""  # what the heading says
    parents: tuple[int, ...] = ()  # parts whose headings stand above this one
    cost: int = 0  # of the heading

    @property
    def related(self) -> bool:
        """Links to other articles, readers' comments, a signature: no part of the argument."""
        return self.heading is not None and RELATED.match(self.title) is not None


class Group(NamedTuple):
    """A top-level section with all below it: what gets a share of the room."""

    number: int
    parts: tuple[int, ...]
    weight: float


def parts_of(article: Article, count: Callable[[str], int]) -> tuple[list[Part], list[Group]]:
    """Number the parts in reading order and gather them under their top-level headings."""
    parts = [Part(0, article.lead)]
    gathered = [[0]]
    weights = [1.3 * _size(article.lead)]
    if article.tldr is not None:
        parts.append(Part(1, article.tldr.blocks))
        gathered.append([1])
        weights.append(1.0)
    before = len(gathered)
    levels = [s.heading.level for s in article.sections if s.heading is not None]
    top = min(
        (level for level in levels if levels.count(level) > 1), default=min(levels, default=1)
    )
    stack: list[int] = []
    for section in article.sections:
        number = len(parts)
        heading = section.heading
        level = heading.level if heading is not None else 0
        while stack and (above := parts[stack[-1]].heading) is not None and above.level >= level:
            stack.pop()
        if heading is None:
            stack = []
        if heading is None or level <= top or not stack:
            gathered.append([])
            weights.append(0.0)
            stack = [] if heading is None or level <= top else stack
        title = inline_text(heading.inlines) if heading is not None else ""
        cost = count(title) + 6 if heading is not None else 0
        parts.append(Part(number, section.blocks, heading, title, tuple(stack), cost))
        gathered[-1].append(number)
        weights[-1] += _size(section.blocks) ** 2 * _kind_weight(title)
        if heading is not None:
            stack.append(number)
    weights[before:] = [weight**0.5 for weight in weights[before:]]
    if article.closing:
        gathered.append([len(parts)])
        weights.append(1.0)
        parts.append(Part(len(parts), article.closing))
    groups = [
        Group(number, tuple(inside), weight)
        for number, (inside, weight) in enumerate(zip(gathered, weights, strict=True))
    ]
    return parts, groups


def groups_for(room: int, parts: Sequence[Part], groups: Sequence[Group]) -> list[Group]:
    """A post has room for so many sections; of an endless article the weightiest are read."""
    most = max(4, min(_MOST_GROUPS, room // _SECTION_TAKES))
    kept = [group for group in groups if not parts[group.parts[0]].related]
    bodies = [group for group in kept if any(parts[number].heading for number in group.parts)]
    if len(bodies) <= most:
        return kept
    ranked = sorted(range(len(bodies)), key=lambda i: (-bodies[i].weight, i))
    gone = {bodies[i].number for i in ranked[most:]}
    return [group for group in kept if group.number not in gone]


def _size(blocks: Sequence[Block]) -> float:
    """The room a part asks for: it grows with its length, ever more slowly."""
    words = sum(
        flat_text((block,)).count(" ") + 1
        for block in blocks
        if type(block).__name__ not in {"Code", "Table"}
    )
    return (20 + min(words, 1500)) ** 0.5 if words else 1.0


def _kind_weight(heading: str) -> float:
    if LESSER.search(heading):
        return 0.3
    return 1.5 if _GREATER.search(heading) else 1.0
