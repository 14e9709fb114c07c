"""Which items of a list stand together, and with what announced them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from postkit.compose.units import Unit

_SHORT_LIST = 6
_SHORT_LIST_COST = 260  # units: a list this small is kept whole or not at all


class ListGroup(NamedTuple):
    """A list by the first unit of each of its items. `intro` is the unit that announced it."""

    intro: int | None
    heads: list[int]
    numbered: bool
    counted: bool  # it was announced with their number
    first: int = 0

    def settle(self, units: Sequence[Unit]) -> None:
        """After scoring: let an announced list stand only with its best items."""
        heads = [h for h in self.heads if not units[h].dead]
        if self.numbered and len(heads) < len(self.heads):
            first = next(h for h in self.heads if units[h].dead)
            for head in self.heads:
                units[head].dead = units[head].dead or head > first
            heads = [h for h in heads if h < first]
        if self.numbered:
            for before, after in pairwise(heads):
                units[after].needs.append(before)
        if self.intro is None:
            self._settle_unannounced(heads, units)
            return
        intro = units[self.intro]
        if not heads:
            intro.dead = True
            return
        wanted = self._wanted(heads, units)
        if intro.dead:  # it names a picture: the list hangs on the sentence before
            led = units[self.intro - 1] if self.intro else intro
            if led.dead or led.part != intro.part:
                return
            for head in heads:
                units[head].needs.extend([led.index, *wanted])
            return
        intro.needs.extend(wanted)
        for head in heads:
            units[head].needs.append(self.intro)

    def _settle_unannounced(self, heads: list[int], units: Sequence[Unit]) -> None:
        if self.numbered and 1 < len(heads) <= _SHORT_LIST:
            units[heads[0]].needs.append(heads[-1])
        elif not self.numbered and len(heads) > 1:
            top, second = sorted(heads, key=lambda h: (-units[h].score, h))[:2]
            for head in heads:
                units[head].needs.append(second if head == top else top)

    def _wanted(self, heads: list[int], units: Sequence[Unit]) -> list[int]:
        """Return the items without which the announcement cannot stand."""
        short = sum(units[h].cost for h in heads) <= _SHORT_LIST_COST
        few = len(heads) <= _SHORT_LIST
        if self.counted or (few and (self.numbered or short)):
            return heads
        if self.numbered:
            return heads[:2]
        return sorted(sorted(heads, key=lambda h: -units[h].score)[:2])
