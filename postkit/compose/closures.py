"""What must be kept together with a unit so that it can stand, and what that costs."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple, TypeAlias

from postkit.compose.units import Unit

# What a unit brings along and whoever comes after it need not pay again: the header of a part, or
# an entry of the reading list, by its name.
Extra: TypeAlias = str
Priced: TypeAlias = tuple[tuple[Extra, int], ...]

_MOST_NEEDED = 14  # units: what drags more along than this is no longer one thought
_COMPANY = 4  # units: as far back as "also" may refer


class Closure(NamedTuple):
    """A unit with all that it needs. It is another one where something it hangs on was kept."""

    units: tuple[int, ...]  # in reading order; empty where a need cannot be met
    cost: int  # of the units alone
    extras: Priced
    hangs_on: frozenset[int] = frozenset()


def closure_of(
    index: int,
    units: Sequence[Unit],
    extras: Sequence[Priced],
    *,
    kept: AbstractSet[int],
    dead: Sequence[bool],
) -> Closure:
    """Return what must be kept with a unit where *kept* are kept already."""
    if not units[index].needs and not units[index].soft:  # as most of them
        return Closure((index,), units[index].cost, extras[index])
    met: set[int] = set()
    needed = _needed(index, units, kept, dead, met)
    brought: dict[Extra, int] = {}
    for one in needed:
        for extra, price in extras[one]:
            brought.setdefault(extra, price)
    cost = sum(units[one].cost for one in needed)
    return Closure(needed, cost, tuple(brought.items()), frozenset(met - kept))


def _needed(
    index: int, units: Sequence[Unit], kept: AbstractSet[int], dead: Sequence[bool], met: set[int]
) -> tuple[int, ...]:
    """Return the units of a closure; *met* gets those that it hangs on."""
    todo, found = [index], {index}
    while todo:
        unit = units[todo.pop()]
        needs = unit.needs
        if unit.soft:
            before = range(max(0, unit.index - _COMPANY), unit.index)
            met.update(before)
            company = [one for one in before if units[one].part == unit.part]
            if not any(one in kept or one in found for one in company):
                needs = [*needs, unit.index - 1]
        met.update(needs)
        for need in needs:
            if need in found or need in kept:
                continue
            if need < 0 or dead[need] or len(found) >= _MOST_NEEDED:
                return ()
            if unit.soft and units[need].part != unit.part:
                return ()
            found.add(need)
            todo.append(need)
    return tuple(sorted(found))
