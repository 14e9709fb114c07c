"""Make a long article fit: choose what a person would keep, and keep it word for word.

Every section has its share of the room, by its length and its kind. Within a section the best
sentences win, each with everything it needs to stand (see `units`); what room is left goes to the
next best anywhere. Order is the article's. Nothing is rephrased, nothing is cut inside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from postkit.compose.anatomy import CALLS, RELATED
from postkit.compose.cutter import Cutter, Rebuild
from postkit.compose.reading_list import cited_numbers, title_of
from postkit.compose.score import LESSER, Scorer
from postkit.compose.sentence import Sentences
from postkit.compose.units import Unit
from postkit.compose.walk import runs
from postkit.model import (
    Article,
    Block,
    Heading,
    Inlines,
    LeftOut,
    Link,
    Section,
    Span,
    Transformed,
    replace,
)
from postkit.text import urls
from postkit.text.flat import flat_text, inline_text
from postkit.text.patterns import lazy

_GREATER = lazy(
    r"\b(?:conclusions?|summary|takeaways?|final thoughts|wrapping up|results?|why|benefits|"
    r"lessons|what is|fazit|conclusion|zusammenfassung|drawbacks?|limitations?|caveats)\b",
    re.IGNORECASE,
)
_NUMBERED = lazy(r"\W*(?:step |part |#)?\d{1,2}(?:[.):]|\s+[-–—])", re.IGNORECASE)
_TLDR_SHARE = 0.4  # of the room: an author's summary longer than this is condensed like the rest
_SHORT_TLDR = 600  # units: kept whole wherever there is room at all
_CLOSING_SHARE = 0.15
_SHORT_CLOSING = 200  # units: as above
_SECTION_TAKES = 150  # units: a header and one sentence; so many sections fit, no more
_FIRST_TAKES = 430  # units: an announcement and the two items it needs
_WORTH_ADDING = 0.36  # below this score a sentence does not earn its place in free room
_LONGEST_OPENING = 420  # units
_MOST_GROUPS = 40
_ALIKE = 0.55  # of its words: what shares more than this with a kept sentence says it again
_MOST_KEPT = 150  # pieces: a post of more is a heap, whatever their size
_MOST_REMEMBERED = 200
_MOST_NEEDED = 14  # units: what drags more along than this is no longer one thought


@dataclass(slots=True)
class _Part:
    """One stretch of the article between headings. Part numbers are reading order."""

    number: int
    blocks: tuple[Block, ...]
    heading: Heading | None = None
    parents: tuple[int, ...] = ()  # parts whose headings stand above this one
    group: int = 0
    heading_cost: int = 0


@dataclass(slots=True)
class _Group:
    """A top-level section with all below it: what gets a share of the room."""

    number: int
    parts: list[int]
    weight: float
    share: float = 0.0
    spent: int = 0


@dataclass(frozen=True, slots=True)
class _Closure:
    units: tuple[int, ...]
    cost: int
    links: frozenset[str]
    parts: frozenset[int]


def condense(
    article: Article,
    *,
    room: int,
    count: Callable[[str], int],
    listed: bool = True,
    sentences: Sentences | None = None,
) -> Transformed:
    """Return the article with lead, TL;DR, sections and closing cut down to about *room* units.

    *room* is what is left once title, labels, hashtags and the line to the full article are
    counted; *count* measures text in the network's unit. *listed* says that the reading list
    stands in the post and needs room as well. What is left out is reported whole. *sentences* are
    those that were cut before, of the same blocks.
    """
    chooser = _Chooser(article, room, count, listed=listed, sentences=sentences)
    kept = chooser.choose()
    return chooser.rebuilt(kept)


class _Chooser:
    def __init__(
        self,
        article: Article,
        room: int,
        count: Callable[[str], int],
        *,
        listed: bool,
        sentences: Sentences | None,
    ) -> None:
        self.article = article
        self.listed = listed
        self.room = room
        self.count = count
        self.parts, self.groups = _parts(article, count)
        self._drop_groups()
        headings = [inline_text(p.heading.inlines) for p in self.parts if p.heading]
        title = inline_text(article.title)
        self.cutter = Cutter(count, article.language, " ".join([title, *headings]), sentences)
        self.rebuilds: dict[int, list[Rebuild]] = {}
        allowed = {number for group in self.groups for number in group.parts}
        for part in self.parts:
            if part.number in allowed:
                self.rebuilds[part.number] = self.cutter.cut(part.number, part.blocks)
        self.units = self.cutter.units
        self.scorer = Scorer(self.units, title, headings, article.language)
        self.scorer.score(self.units)
        self._weigh_related()
        self.cutter.settle()
        self._chain_numbered()
        self.by_part: dict[int, list[Unit]] = {}
        for unit in self.units:
            self.by_part.setdefault(unit.part, []).append(unit)
        self.closures: dict[int, _Closure | None] = {}
        self.hanging: dict[int | str, set[int]] = {}  # what is kept → whose closures it changes
        self.link_costs: dict[int, list[tuple[str, int]]] = {}
        self.kept: set[int] = set()
        self.open: set[int] = set()
        self.links: set[str] = set()
        self.contents = [self.scorer.content(unit) for unit in self.units]
        self.alike: dict[int, float] = {}  # how much of a unit has been said already, at most
        self.seen: set[frozenset[str]] = set()
        self.spent = 0
        self._own = {entry.number: entry for entry in article.reading_list if entry.number}
        self._remember_summary()

    # -- choosing ------------------------------------------------------------------------------

    def choose(self) -> frozenset[int]:
        summary = self._summary_group()
        if summary is not None:
            self._take_all(summary)
        closing = self._closing_group()
        if closing is not None:
            self._take_last(closing, max(int(self.room * _CLOSING_SHARE), _SHORT_CLOSING))
        bodies = [group for group in self.groups if group is not summary and group is not closing]
        self._share(bodies)
        self._keep_opening(self.groups[0])
        firsts = self._firsts([group for group in bodies if not group.spent])
        for group, closure in firsts:
            self._keep(closure, group)
        for group in bodies:
            while (best := self._best([group], group.share - group.spent)) is not None:
                self._keep(best[1], best[0])
        least = _WORTH_ADDING * min(1.0, max(-1.0, self._pressure() - 1.6))
        while (best := self._best(bodies, self.room - self.spent, least=least)) is not None:
            self._keep(best[1], best[0])
        return frozenset(self.kept)

    def _keep_opening(self, lead: _Group) -> None:
        """The first sentence of the lead is why the author began: it stays where it can stand."""
        for unit in self.by_part.get(0, ()):
            aside = unit.dead or unit.leans or unit.score < 0
            closure = None if aside else self._closure(unit.index)
            if closure is not None and closure.cost <= max(lead.share * 1.5, _LONGEST_OPENING):
                self._keep(closure, lead)
                return

    def _pressure(self) -> float:
        """How many times over the article would fill the room. Little to cut: cut little."""
        said = sum(unit.cost for unit in self.units if unit.kind != "code")
        return said / max(1, self.room)

    def _share(self, groups: Sequence[_Group]) -> None:
        free = self.room - self.spent
        total = sum(group.weight for group in groups) or 1.0
        for group in groups:
            group.share = 0.85 * free * group.weight / total

    def _firsts(self, groups: Sequence[_Group]) -> list[tuple[_Group, _Closure]]:
        """The best unit of every group, as many groups as there is room for, best groups first."""
        picks: list[tuple[_Group, _Closure]] = []
        for group in groups:
            free = max(group.share * 1.35, min(_FIRST_TAKES, self.room - self.spent))
            best = self._best([group], free, first=True)
            if best is not None:
                picks.append(best)
        while picks and sum(c.cost for _, c in picks) > self.room - self.spent:
            worst = min(range(len(picks)), key=lambda i: picks[i][0].weight / picks[i][1].cost)
            del picks[worst]
        return picks

    def _best(
        self,
        groups: Sequence[_Group],
        free: float,
        *,
        least: float = 0.12,
        first: bool = False,
    ) -> tuple[_Group, _Closure] | None:
        free = min(free, self.room - self.spent)
        if len(self.kept) >= _MOST_KEPT:
            return None
        best: tuple[float, _Group, _Closure] | None = None
        for group in groups:
            for number in group.parts:
                for unit in self.by_part.get(number, ()):
                    if unit.index in self.kept or unit.dead or unit.cost > free:
                        continue
                    if unit.kind == "code":
                        continue  # it comes with what announces it, or not at all
                    if unit.score < least and not first:
                        continue
                    closure = self._closure(unit.index)
                    if closure is None or closure.cost > free:
                        continue
                    value = self._value(unit, closure, first=first)
                    if not first and value < least * 0.5:
                        continue
                    if best is None or value > best[0]:
                        best = (value, group, closure)
        return (best[1], best[2]) if best else None

    def _value(self, unit: Unit, closure: _Closure, *, first: bool) -> float:
        """What a unit is worth with all it drags along, for its price."""
        others = [self.units[i].score for i in closure.units if i != unit.index]
        value = (unit.score + 0.6 * sum(others)) / (1 + 0.6 * len(others))
        alike = self.alike.get(unit.index, 0.0)
        if alike > _ALIKE:
            value -= 1.8 * (alike - _ALIKE)
        if unit.index - 1 in self.kept and self.units[unit.index - 1].part == unit.part:
            value += 0.06
        value += 1.0 if first else 0.0
        return float(value / (closure.cost + 90) ** (0.30 if first else 0.42) * 8)

    def _closure(self, index: int) -> _Closure | None:
        """Everything that must be kept with a unit, and what it costs; None where it cannot.

        It is worked out anew only where something it hangs on was kept since.
        """
        if index not in self.closures:
            hangs_on: set[int | str] = {index}
            self.closures[index] = self._worked_out(index, hangs_on)
            for other in hangs_on:
                self.hanging.setdefault(other, set()).add(index)
        return self.closures[index]

    def _worked_out(self, index: int, hangs_on: set[int | str]) -> _Closure | None:
        """As `_closure`; *hangs_on* gets the units, links and (below zero) parts that it met."""
        todo, found = [index], {index}
        while todo:
            unit = self.units[todo.pop()]
            needs = unit.needs
            if unit.soft:
                hangs_on.update(range(max(0, unit.index - 4), unit.index))
                if not self._has_company(unit, found):
                    needs = [*needs, unit.index - 1]
            hangs_on.update(needs)
            for need in needs:
                if need in found or need in self.kept:
                    continue
                if need < 0 or self.units[need].dead or len(found) >= _MOST_NEEDED:
                    return None
                if unit.soft and self.units[need].part != unit.part:
                    return None
                found.add(need)
                todo.append(need)
        cost = 0
        parts: set[int] = set()
        links: set[str] = set()
        for i in sorted(found):
            unit = self.units[i]
            cost += unit.cost
            hangs_on.update(-1 - number for number in (unit.part, *self.parts[unit.part].parents))
            for number in (unit.part, *self._headings_above(unit.part)):
                if number not in self.open and number not in parts:
                    parts.add(number)
                    cost += self.parts[number].heading_cost
            for key, price in self._link_costs(unit):
                hangs_on.add(key)
                if key not in self.links and key not in links:
                    links.add(key)
                    cost += price
        return _Closure(tuple(sorted(found)), cost, frozenset(links), frozenset(parts))

    def _headings_above(self, number: int) -> tuple[int, ...]:
        """The headers a part cannot do without: its section's, and those with no text of their own.

        A header between them whose text is not kept would stand over what it does not announce.
        """
        parents = self.parts[number].parents
        return tuple(
            parent
            for at, parent in enumerate(parents)
            if at == 0 or parent in self.open or not self.parts[parent].blocks
        )

    def _has_company(self, unit: Unit, found: set[int]) -> bool:
        """Say whether something shortly before a unit is kept, so that "also" has a sense."""
        return any(
            i in self.kept or i in found
            for i in range(max(0, unit.index - 4), unit.index)
            if self.units[i].part == unit.part
        )

    def _link_costs(self, unit: Unit) -> list[tuple[str, int]]:
        if unit.index not in self.link_costs:
            self.link_costs[unit.index] = self._counted_links(unit)
        return self.link_costs[unit.index]

    def _counted_links(self, unit: Unit) -> list[tuple[str, int]]:
        out = []
        for link, text in unit.links:
            line = " [00]"
            if self.listed:
                line += f"[00] {title_of(text, link)}: {urls.encoded(link.url)}\n"
            out.append((urls.key(link.url), self.count(line)))
        for label in unit.notes:
            note = self.article.footnotes.get(label)
            if note is not None:
                words = " ".join(flat_text(note.blocks).split())
                addresses = "".join(link.url for run in runs(note.blocks) for link in _urls(run))
                line = f" [00][00] {words}: {addresses}\n" if self.listed else " [00]"
                out.append((f"note:{label}", self.count(line)))
        if self._own and self.listed:
            for number in cited_numbers(unit.text):
                entry = self._own.get(number)
                if entry is not None:
                    out.append((f"[{number}]", self.count(f"[00] {entry.title}: {entry.url}\n")))
        return out

    def _keep(self, closure: _Closure, group: _Group) -> None:
        self.kept.update(closure.units)
        for index in closure.units:
            self._remember(self.contents[index])
        self.open |= closure.parts
        self.links |= closure.links
        changed: list[int | str] = [*closure.units, *closure.links]
        changed += [-1 - part for part in closure.parts]
        for one in changed:
            for index in self.hanging.pop(one, set()):
                self.closures.pop(index, None)
        self.spent += closure.cost
        group.spent += closure.cost

    def _remember(self, said: frozenset[str]) -> None:
        """Note for every unit how much of it was now said."""
        if said in self.seen or len(self.seen) > _MOST_REMEMBERED:
            return
        self.seen.add(said)
        enough = len(said) / _ALIKE
        for index, content in enumerate(self.contents):
            if 0 < len(content) < enough:  # of more words no such share can be among those
                share = len(content & said) / len(content)
                if share > _ALIKE and share > self.alike.get(index, 0.0):
                    self.alike[index] = share

    def _take_all(self, group: _Group) -> None:
        """Keep the author's TL;DR, before anything else; of one that eats the post, its best."""
        units = [u for n in group.parts for u in self.by_part.get(n, ())]
        for unit in units:
            unit.dead = unit.dead and unit.kind == "rest"
            unit.needs = [n for n in unit.needs if self.units[n].part == unit.part]
        whole = sum(u.cost for u in units)
        if whole <= max(self.room * _TLDR_SHARE, min(self.room, _SHORT_TLDR)):
            for unit in units:
                if unit.index not in self.kept and (c := self._closure(unit.index)) is not None:
                    self._keep(c, group)
            return
        most = self.room * _TLDR_SHARE
        while (best := self._best([group], most - group.spent, first=True)) is not None:
            self._keep(best[1], best[0])

    def _take_last(self, group: _Group, most: int) -> None:
        """Keep the question or call that ends the article."""
        units = [u for n in group.parts for u in self.by_part.get(n, ())]
        asking = [u for u in units if u.text.rstrip(" \"'”’)").endswith(("?", "？", "؟"))]
        calling = [u for u in units if CALLS.search(u.text)]
        for unit in [*reversed(asking), *calling] or units[:1]:
            unit.dead = False
            closure = self._closure(unit.index)
            free = min(most - group.spent, self.room - self.spent)
            if closure is not None and closure.cost <= free:
                self._keep(closure, group)

    # -- groups --------------------------------------------------------------------------------

    def _summary_group(self) -> _Group | None:
        return self.groups[1] if self.article.tldr else None

    def _closing_group(self) -> _Group | None:
        return self.groups[-1] if self.article.closing else None

    def _drop_groups(self) -> None:
        """A post has room for so many sections; of an endless article the weightiest are read."""
        most = max(4, min(_MOST_GROUPS, self.room // _SECTION_TAKES))
        self.groups = [group for group in self.groups if not self._is_related(group)]
        bodies = [g for g in self.groups if any(self.parts[n].heading for n in g.parts)]
        if len(bodies) <= most:
            return
        ranked = sorted(range(len(bodies)), key=lambda i: (-bodies[i].weight, i))
        gone = {bodies[i].number for i in ranked[most:]}
        self.groups = [group for group in self.groups if group.number not in gone]

    def _is_related(self, group: _Group) -> bool:
        """Links to other articles, readers' comments, a signature: no part of the argument."""
        heading = self.parts[group.parts[0]].heading if group.parts else None
        return heading is not None and RELATED.match(inline_text(heading.inlines)) is not None

    def _weigh_related(self) -> None:
        """Links to other articles, signatures and comments are no part of the argument."""
        for unit in self.units:
            heading = self.parts[unit.part].heading
            if heading is not None and RELATED.match(inline_text(heading.inlines)):
                unit.score -= 0.6

    def _chain_numbered(self) -> None:
        """Sections counted 1, 2, 3 by their headings: the third needs the second."""
        first_unit: dict[int, Unit] = {}
        for unit in self.units:
            first_unit.setdefault(unit.part, unit)
        last: dict[tuple[int, ...], int] = {}
        for part in self.parts:
            if part.heading is None or not _NUMBERED.match(inline_text(part.heading.inlines)):
                continue
            before = last.get(part.parents)
            last[part.parents] = part.number
            if before is None or before not in first_unit:
                continue
            for unit in self.units:
                if unit.part == part.number:
                    unit.needs.append(first_unit[before].index)

    def _remember_summary(self) -> None:
        """What a made TL;DR already says is worth less a second time."""
        tldr = self.article.tldr
        if tldr is None or not tldr.made:
            return
        said = {line.strip() for line in flat_text(tldr.blocks).split("\n")}
        for unit in self.units:
            if unit.part != 1 and not unit.opens and any(_says(unit.text, line) for line in said):
                unit.score -= 0.2

    # -- rebuilding ----------------------------------------------------------------------------

    def rebuilt(self, kept: frozenset[int]) -> Transformed:
        """Return the article with only the kept units, and everything else in the report."""
        blocks: dict[int, tuple[Block, ...]] = {}
        for number, rebuilds in self.rebuilds.items():
            blocks[number] = tuple(b for rebuild in rebuilds if (b := rebuild(kept)) is not None)
        article = self.article
        sections = []
        left_out: list[LeftOut] = []
        for part in self.parts:
            left_out += self._left_out(part, kept)
        first = 2 if article.tldr else 1
        for offset, section in enumerate(article.sections):
            number = first + offset
            inner = blocks.get(number, ())
            if inner or number in self.open:
                sections.append(Section(section.heading, inner))
        tldr = article.tldr
        if tldr is not None:
            body = blocks.get(1, ())
            tldr = replace(tldr, blocks=body) if body else None
        closing = blocks.get(len(self.parts) - 1, ()) if article.closing else ()
        cut = replace(
            article,
            lead=blocks.get(0, ()),
            tldr=tldr,
            sections=tuple(sections),
            closing=closing,
        )
        return Transformed(cut, left_out=tuple(left_out))

    def _left_out(self, part: _Part, kept: frozenset[int]) -> list[LeftOut]:
        why = "no room"
        units = self.by_part.get(part.number)
        heading = part.heading
        out: list[LeftOut] = []
        if heading is not None and part.number not in self.open:
            text = inline_text(heading.inlines)
            out.append(LeftOut(text, why, heading.span, part.heading_cost))
        if units is None:
            if part.blocks:
                text = flat_text(part.blocks)
                span = Span(part.blocks[0].span.start, part.blocks[-1].span.end)
                out.append(LeftOut(text, why, span, self.count(text)))
            return out
        run: list[Unit] = []
        for unit in [*units, None]:
            if unit is not None and unit.index not in kept:
                run.append(unit)
                continue
            if run:
                text = " ".join(u.text for u in run)
                span = Span(run[0].span.start, max(u.span.end for u in run))
                out.append(LeftOut(text, _why(run), span, sum(u.cost for u in run)))
            run = []
        return out


def _urls(run: Inlines) -> list[Link]:
    return list({id(i.link): i.link for i in run if i.link is not None}.values())


def _says(text: str, line: str) -> bool:
    """Say whether a bullet of the TL;DR was made from *text*, shortened or not."""
    start = line[:40].casefold()
    return start[1:] in text[:120].casefold()


def _why(run: Sequence[Unit]) -> str:
    if all(unit.dead for unit in run):
        return "points at something the post does not show"
    if all(unit.kind == "code" for unit in run):
        return "code, the first thing to go"
    return "no room"


def _parts(article: Article, count: Callable[[str], int]) -> tuple[list[_Part], list[_Group]]:
    """Number the parts in reading order and gather them under their top-level headings."""
    parts = [_Part(0, article.lead)]
    groups = [_Group(0, [0], 1.3 * _size(article.lead))]
    if article.tldr is not None:
        parts.append(_Part(1, article.tldr.blocks, group=1))
        groups.append(_Group(1, [1], 1.0))
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
            groups.append(_Group(len(groups), [], 0.0))
            stack = [] if heading is None or level <= top else stack
        text = inline_text(heading.inlines) if heading is not None else ""
        part = _Part(
            number,
            section.blocks,
            heading,
            tuple(stack),
            groups[-1].number,
            count(text) + 6 if heading is not None else 0,
        )
        parts.append(part)
        group = groups[-1]
        group.parts.append(number)
        group.weight += _size(section.blocks) ** 2 * _kind_weight(text)
        if heading is not None:
            stack.append(number)
    for group in groups[2 if article.tldr is not None else 1 :]:
        group.weight = group.weight**0.5
    if article.closing:
        parts.append(_Part(len(parts), article.closing, group=len(groups)))
        groups.append(_Group(len(groups), [len(parts) - 1], 1.0))
    return parts, groups


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
