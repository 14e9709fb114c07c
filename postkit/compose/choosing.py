"""Choose the units that a post keeps: the best ones, each with all that it needs to stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from postkit.compose.anatomy import CALLS
from postkit.compose.closures import Closure, Extra, closure_of
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
_NEVER = 1 << 60  # units
_MOST_KEPT = 150  # pieces: a post of more is a heap, whatever their size
_MOST_REMEMBERED = 200


class _Pick(NamedTuple):
    """What a group would spend on a unit with all that it needs."""

    group: Group
    closure: Closure
    cost: int


class Chooser:
    """Fills one room with the units of an article."""

    def __init__(self, weighed: Weighed, room: int, *, summary: bool, closing: bool) -> None:
        self.kept: set[int] = set()
        self.extras: set[Extra] = set()  # what the kept units brought along
        self.dead = list(weighed.dead)  # but for the last question or call
        self._weighed = weighed
        self._units = weighed.units
        self._room = room
        self._spent = 0
        self._spent_on = dict.fromkeys((group.number for group in weighed.groups), 0)
        self._shares = dict.fromkeys(self._spent_on, 0.0)
        self._closures = list(weighed.closures)
        self._alike: dict[int, float] = {}  # how much of a unit has been said already, at most
        self._seen: set[tuple[str, ...]] = set()
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
        for pick in firsts:
            self._keep(pick)
        for group in bodies:
            while (best := self._best([group], self._free(group))) is not None:
                self._keep(best)
        least = _WORTH_ADDING * min(1.0, max(-1.0, self._pressure() - 1.6))
        while (best := self._best(bodies, self._room, least=least)) is not None:
            self._keep(best)

    def _take_summary(self, group: Group) -> None:
        """Keep the TL;DR, before anything else; of one that eats the post, its best."""
        units = self._units_of(group)
        whole = sum(unit.cost for unit in units)
        if whole <= max(self._room * _TLDR_SHARE, min(self._room, _SHORT_TLDR)):
            for unit in units:
                closure = self._closure(unit.index)
                if unit.index not in self.kept and closure.units:
                    self._keep(_Pick(group, closure, self._cost(closure)))
            return
        most = self._room * _TLDR_SHARE
        while True:
            best = self._best([group], most - self._spent_on[group.number], first=True)
            if best is None:
                return
            self._keep(best)

    def _take_last(self, group: Group, most: int) -> None:
        """Keep the question or call that ends the article."""
        units = self._units_of(group)
        asking = [u for u in units if u.text.rstrip(" \"'”’)").endswith(("?", "？", "؟"))]
        calling = [u for u in units if CALLS.search(u.text)]
        for unit in [*reversed(asking), *calling] or units[:1]:
            self.dead[unit.index] = False
            closure = self._worked_out(unit.index)
            free = min(most - self._spent_on[group.number], self._room - self._spent)
            if (cost := self._cost(closure)) <= free:
                self._keep(_Pick(group, closure, cost))

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
            if self.dead[unit.index] or unit.leans or unit.score < 0:
                continue
            closure = self._closure(unit.index)
            if (cost := self._cost(closure)) <= most:
                self._keep(_Pick(lead, closure, cost))
                return

    def _firsts(self, groups: Iterable[Group]) -> list[_Pick]:
        """The best unit of every group, as many groups as there is room for, best groups first."""
        picks: list[_Pick] = []
        free = self._room - self._spent
        for group in groups:
            most = max(self._shares[group.number] * 1.35, min(_FIRST_TAKES, free))
            best = self._best([group], most, first=True)
            if best is not None:
                picks.append(best)
        while picks and sum(pick.cost for pick in picks) > free:
            picks.remove(min(picks, key=lambda pick: pick.group.weight / pick.cost))
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
    ) -> _Pick | None:
        free = min(free, self._room - self._spent)
        if len(self.kept) >= _MOST_KEPT:
            return None
        best: _Pick | None = None
        most = 0.0
        for group in groups:
            for unit in self._units_of(group):
                if unit.cost > free or unit.index in self.kept or self.dead[unit.index]:
                    continue
                if unit.kind == "code":
                    continue  # it comes with what announces it, or not at all
                if unit.score < least and not first:
                    continue
                closure = self._closure(unit.index)
                cost = self._cost(closure)
                if cost > free:
                    continue
                value = self._value(unit, closure, cost, first=first)
                if not first and value < least * 0.5:
                    continue
                if best is None or value > most:
                    best, most = _Pick(group, closure, cost), value
        return best

    def _value(self, unit: Unit, closure: Closure, cost: int, *, first: bool) -> float:
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
        return float(value / (cost + 90) ** (0.30 if first else 0.42) * 8)

    def _keep(self, pick: _Pick) -> None:
        self._spent += pick.cost
        self._spent_on[pick.group.number] += pick.cost
        self.kept.update(pick.closure.units)
        self.extras.update(extra for extra, _ in pick.closure.extras)
        for index in pick.closure.units:
            self._remember(self._weighed.contents[index])

    def _remember(self, said: tuple[str, ...]) -> None:
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

    def _closure(self, index: int) -> Closure:
        """Return what must be kept with a unit, as things are."""
        closure = self._closures[index]
        if not self.kept.isdisjoint(closure.hangs_on):
            closure = self._closures[index] = self._worked_out(index)
        return closure

    def _worked_out(self, index: int) -> Closure:
        extras = self._weighed.extras
        return closure_of(index, self._units, extras, kept=self.kept, dead=self.dead)

    def _cost(self, closure: Closure) -> int:
        """Return what a closure costs, as things are; more than any room where it cannot be."""
        if not closure.units:
            return _NEVER
        cost = closure.cost
        for extra, price in closure.extras:
            if extra not in self.extras:
                cost += price
        return cost
