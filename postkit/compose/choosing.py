"""Choose the units that a post keeps: the best ones, each with all that it needs to stand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from postkit.compose.anatomy import CALLS
from postkit.compose.parts import Group
from postkit.compose.units import Unit
from postkit.compose.weighing import Weighed

_TLDR_SHARE = 0.4  # of the room: an author's summary longer than this is condensed like the rest
_SHORT_TLDR = 600  # units: kept whole wherever there is room at all
_CLOSING_SHARE = 0.15
_SHORT_CLOSING = 200  # units: as above
_FIRST_TAKES = 430  # units: an announcement and the two items it needs
_WORTH_ADDING = 0.36  # below this score a sentence does not earn its place in free room
_LONGEST_OPENING = 420  # units
_ALIKE = 0.55  # of its words: what shares more than this with a kept sentence says it again
_MOST_KEPT = 150  # pieces: a post of more is a heap, whatever their size
_MOST_REMEMBERED = 200
_MOST_NEEDED = 14  # units: what drags more along than this is no longer one thought


class _Closure(NamedTuple):
    """What must be kept together, and what it costs."""

    units: tuple[int, ...]
    cost: int
    links: frozenset[str]
    parts: frozenset[int]


class Chooser:
    """Fills one room with the units of an article."""

    def __init__(self, weighed: Weighed, room: int, *, summary: bool, closing: bool) -> None:
        self.kept: set[int] = set()
        self.open: set[int] = set()  # parts whose heading stands in the post
        self.dead = [unit.dead for unit in weighed.units]
        self._weighed = weighed
        self._units = weighed.units
        self._room = room
        self._spent = 0
        self._spent_on = dict.fromkeys((group.number for group in weighed.groups), 0)
        self._shares = dict.fromkeys(self._spent_on, 0.0)
        self._links: set[str] = set()
        self._closures: dict[int, _Closure | None] = {}
        # what is kept (units, links, and parts below zero) → whose closures that changes
        self._hanging: defaultdict[int | str, set[int]] = defaultdict(set)
        self._alike: dict[int, float] = {}  # how much of a unit has been said already, at most
        self._seen: set[frozenset[str]] = set()
        self._choose(
            weighed.groups[1] if summary else None, weighed.groups[-1] if closing else None
        )

    def _choose(self, summary: Group | None, closing: Group | None) -> None:
        groups = self._weighed.groups
        if summary is not None:
            self._take_summary(summary)
        if closing is not None:
            self._take_last(closing, max(int(self._room * _CLOSING_SHARE), _SHORT_CLOSING))
        bodies = [group for group in groups if group is not summary and group is not closing]
        self._share(bodies)
        self._keep_opening(groups[0])
        firsts = self._firsts([group for group in bodies if not self._spent_on[group.number]])
        for group, closure in firsts:
            self._keep(closure, group)
        for group in bodies:
            while (best := self._best([group], self._free(group))) is not None:
                self._keep(best[1], best[0])
        least = _WORTH_ADDING * min(1.0, max(-1.0, self._pressure() - 1.6))
        while (best := self._best(bodies, self._room, least=least)) is not None:
            self._keep(best[1], best[0])

    def _take_summary(self, group: Group) -> None:
        """Keep the TL;DR, before anything else; of one that eats the post, its best."""
        units = self._units_of(group)
        whole = sum(unit.cost for unit in units)
        if whole <= max(self._room * _TLDR_SHARE, min(self._room, _SHORT_TLDR)):
            for unit in units:
                if unit.index not in self.kept and (c := self._closure(unit.index)) is not None:
                    self._keep(c, group)
            return
        most = self._room * _TLDR_SHARE
        while True:
            best = self._best([group], most - self._spent_on[group.number], first=True)
            if best is None:
                return
            self._keep(best[1], best[0])

    def _take_last(self, group: Group, most: int) -> None:
        """Keep the question or call that ends the article."""
        units = self._units_of(group)
        asking = [u for u in units if u.text.rstrip(" \"'”’)").endswith(("?", "？", "؟"))]
        calling = [u for u in units if CALLS.search(u.text)]
        for unit in [*reversed(asking), *calling] or units[:1]:
            self.dead[unit.index] = False
            closure = self._closure(unit.index)
            free = min(most - self._spent_on[group.number], self._room - self._spent)
            if closure is not None and closure.cost <= free:
                self._keep(closure, group)

    def _share(self, groups: Sequence[Group]) -> None:
        free = self._room - self._spent
        total = sum(group.weight for group in groups) or 1.0
        for group in groups:
            self._shares[group.number] = 0.85 * free * group.weight / total

    def _free(self, group: Group) -> float:
        return self._shares[group.number] - self._spent_on[group.number]

    def _keep_opening(self, lead: Group) -> None:
        """The first sentence of the lead is why the author began: it stays where it can stand."""
        most = max(self._shares[lead.number] * 1.5, _LONGEST_OPENING)
        for unit in self._units_of(lead):
            aside = self.dead[unit.index] or unit.leans or unit.score < 0
            closure = None if aside else self._closure(unit.index)
            if closure is not None and closure.cost <= most:
                self._keep(closure, lead)
                return

    def _firsts(self, groups: Iterable[Group]) -> list[tuple[Group, _Closure]]:
        """The best unit of every group, as many groups as there is room for, best groups first."""
        picks: list[tuple[Group, _Closure]] = []
        free = self._room - self._spent
        for group in groups:
            most = max(self._shares[group.number] * 1.35, min(_FIRST_TAKES, free))
            best = self._best([group], most, first=True)
            if best is not None:
                picks.append(best)
        while picks and sum(c.cost for _, c in picks) > free:
            worst = min(range(len(picks)), key=lambda i: picks[i][0].weight / picks[i][1].cost)
            del picks[worst]
        return picks

    def _pressure(self) -> float:
        """How many times over the article would fill the room. Little to cut: cut little."""
        said = sum(unit.cost for unit in self._units if unit.kind != "code")
        return said / max(1, self._room)

    def _units_of(self, group: Group) -> list[Unit]:
        by_part = self._weighed.by_part
        return [unit for number in group.parts for unit in by_part.get(number, ())]

    # -- the best ------------------------------------------------------------------------------

    def _best(
        self,
        groups: Sequence[Group],
        free: float,
        *,
        least: float = 0.12,
        first: bool = False,
    ) -> tuple[Group, _Closure] | None:
        free = min(free, self._room - self._spent)
        if len(self.kept) >= _MOST_KEPT:
            return None
        best: tuple[float, Group, _Closure] | None = None
        for group in groups:
            for unit in self._units_of(group):
                if unit.cost > free or unit.index in self.kept or self.dead[unit.index]:
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
        value = unit.score
        if len(closure.units) > 1:
            others = [self._units[i].score for i in closure.units if i != unit.index]
            value = (value + 0.6 * sum(others)) / (1 + 0.6 * len(others))
        alike = self._alike.get(unit.index, 0.0)
        if alike > _ALIKE:
            value -= 1.8 * (alike - _ALIKE)
        if unit.index - 1 in self.kept and not unit.first:
            value += 0.06
        value += 1.0 if first else 0.0
        return float(value / (closure.cost + 90) ** (0.30 if first else 0.42) * 8)

    def _keep(self, closure: _Closure, group: Group) -> None:
        self.kept.update(closure.units)
        for index in closure.units:
            self._remember(self._weighed.contents[index])
        self.open |= closure.parts
        self._links |= closure.links
        changed: list[int | str] = [*closure.units, *closure.links]
        changed += [-1 - part for part in closure.parts]
        for one in changed:
            for index in self._hanging.pop(one, ()):
                self._closures.pop(index, None)
        self._spent += closure.cost
        self._spent_on[group.number] += closure.cost

    def _remember(self, said: frozenset[str]) -> None:
        """Note for every unit how much of it was now said."""
        if said in self._seen or len(self._seen) > _MOST_REMEMBERED:
            return
        self._seen.add(said)
        saying, contents = self._weighed.saying, self._weighed.contents
        shared = Counter(chain.from_iterable(saying[word] for word in said))
        for index, words in shared.items():
            share = words / len(contents[index])
            if share > _ALIKE and share > self._alike.get(index, 0.0):
                self._alike[index] = share

    # -- closures ------------------------------------------------------------------------------

    def _closure(self, index: int) -> _Closure | None:
        """Everything that must be kept with a unit, and what it costs; None where it cannot.

        It is worked out anew only where something it hangs on was kept since.
        """
        if index not in self._closures:
            hangs_on: set[int | str] = {index}
            self._closures[index] = self._worked_out(index, hangs_on)
            for other in hangs_on:
                self._hanging[other].add(index)
        return self._closures[index]

    def _worked_out(self, index: int, hangs_on: set[int | str]) -> _Closure | None:
        """As `_closure`; *hangs_on* gets the units, links and (below zero) parts that it met."""
        units = self._needed(index, hangs_on)
        if units is None:
            return None
        cost = 0
        parts: set[int] = set()
        links: set[str] = set()
        for i in units:
            unit = self._units[i]
            cost += unit.cost
            for number in self._weighed.headings[unit.part]:
                if number not in self.open and number not in parts:
                    hangs_on.add(-1 - number)
                    parts.add(number)
                    cost += self._weighed.parts[number].cost
            for key, price in self._weighed.link_costs(unit):
                if key not in self._links and key not in links:
                    hangs_on.add(key)
                    links.add(key)
                    cost += price
        return _Closure(units, cost, frozenset(links), frozenset(parts))

    def _needed(self, index: int, hangs_on: set[int | str]) -> tuple[int, ...] | None:
        """Return a unit and all that it needs, in reading order; None where that is not there."""
        todo, found = [index], {index}
        while todo:
            unit = self._units[todo.pop()]
            needs = unit.needs
            if unit.soft:
                hangs_on.update(range(max(0, unit.index - 4), unit.index))
                if not self._has_company(unit, found):
                    needs = [*needs, unit.index - 1]
            hangs_on.update(needs)
            for need in needs:
                if need in found or need in self.kept:
                    continue
                if need < 0 or self.dead[need] or len(found) >= _MOST_NEEDED:
                    return None
                if unit.soft and self._units[need].part != unit.part:
                    return None
                found.add(need)
                todo.append(need)
        return tuple(sorted(found))

    def _has_company(self, unit: Unit, found: set[int]) -> bool:
        """Say whether something shortly before a unit is kept, so that "also" has a sense."""
        return any(
            i in self.kept or i in found
            for i in range(max(0, unit.index - 4), unit.index)
            if self._units[i].part == unit.part
        )
