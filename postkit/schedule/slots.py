"""Weekly slots that posts may take, and the quiet hours in which none goes out.

Both are wall clocks of the account's zone. Slots are expanded with the zone's own data: where the
clocks go forward over a slot it is the next minute that exists, and where they go back it comes
once, the first time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta
from itertools import islice
from typing import NamedTuple, NoReturn

from postkit.errors import ConfigError, did_you_mean
from postkit.schedule.when import DAYS, WEEKDAYS, Moment, at_of, moment_at, moment_of, read_clock

SLOT_EXAMPLES = "`mon,wed 09:00`, `fri 17:30`, `daily 08:15`, `weekdays 12:00`"
QUIET_EXAMPLES = "`22:00-07:00`, `sat,sun 00:00-24:00`"

_EVERY = tuple(range(7))
_DAY_SETS = {
    **dict.fromkeys(("daily", "everyday"), _EVERY),
    **dict.fromkeys(("weekdays", "workdays"), _EVERY[:5]),
    **dict.fromkeys(("weekend", "weekends"), _EVERY[5:]),
}
_MINUTES = 24 * 60


class Slot(NamedTuple):
    """A time of the week; a text with several times makes several."""

    days: tuple[int, ...]  # 0 is Monday
    at: time

    def __str__(self) -> str:
        return f"{_days_text(self.days)} {self.at:%H:%M}"


class Quiet(NamedTuple):
    """Hours in which nothing goes out. They belong to the day on which they begin."""

    days: tuple[int, ...]
    begin: int  # minutes after midnight
    end: int  # the same, above `begin`: 31 hours are seven in the morning of the day after

    def until(self, wall: datetime) -> datetime | None:
        """Return when these hours are over, None where *wall* is outside of them."""
        for back in (0, 1):
            midnight = datetime.combine(wall.date() - timedelta(days=back), time())
            if midnight.weekday() in self.days:
                begin = midnight + timedelta(minutes=self.begin)
                end = midnight + timedelta(minutes=self.end)
                if begin <= wall < end:
                    return end
        return None


# ---------------------------------------------------------------------------------------------
# Slots


def read_slots(texts: Sequence[str]) -> tuple[Slot, ...]:
    """Return the slots of `slots = […]`: days, then one or more times of day.

    Raises `ConfigError`, which names the entry, for one that cannot be read, and for a list that
    never matches because it is empty.

    >>> [str(slot) for slot in read_slots(["mon,wed 9:00", "weekdays 12:00, 5:30pm"])]
    ['Mon,Wed 09:00', 'Mon-Fri 12:00', 'Mon-Fri 17:30']
    """
    if not texts:
        raise ConfigError("`slots` is empty: it can never match", hint=f"write {SLOT_EXAMPLES}")
    found: dict[Slot, None] = {}
    for number, text in enumerate(texts, 1):
        entry = _Text("slots", number, text, SLOT_EXAMPLES)
        days, rest = entry.days()
        if not days:
            daily = f"write `daily {text.strip()}`" if read_clock(rest) else None
            entry.refuse("it does not begin with days", daily)
        if not rest:
            entry.refuse("it has no time of day")
        for clock in re.split(r" ?, ?", rest):
            found[Slot(days, entry.clock(clock))] = None
    return tuple(found)


def next_slots(slots: Sequence[Slot], zone: str, after: float, count: int) -> list[Moment]:
    """Return the first *count* moments of the slots later than *after*, each but once.

    >>> after = at_of(datetime(2027, 3, 27, 12), "Europe/Berlin")
    >>> slots = read_slots(["daily 02:30"])  # clocks go from 02:00 to 03:00 on the 28th
    >>> [moment_at(m.at, m.zone).wall.hour for m in next_slots(slots, "Europe/Berlin", after, 2)]
    [3, 2]
    """
    return list(islice(_moments(slots, zone, after), count))


def next_free(slots: Sequence[Slot], zone: str, after: float, taken: Collection[float]) -> Moment:
    """Return the first slot later than *after* at which nothing in *taken* is due."""
    return next(moment for moment in _moments(slots, zone, after) if moment.at not in taken)


def outside_quiet(slots: Sequence[Slot], quiet: Sequence[Quiet]) -> tuple[Slot, ...]:
    """Return the slots without the days on which they lie in quiet hours.

    Raises `ConfigError` where that leaves none: such a list never matches.
    """
    left = []
    for slot in slots:
        days = tuple(day for day in slot.days if not _until(_in_a_week(day, slot.at), quiet))
        if days:
            left.append(slot._replace(days=days))
    if not left:
        raise ConfigError(
            "every one of the `slots` lies in `quiet_hours`: none can ever match",
            hint="move the slots or shorten the quiet hours",
        )
    return tuple(left)


def _moments(slots: Sequence[Slot], zone: str, after: float) -> Iterator[Moment]:
    if not any(slot.days for slot in slots):
        raise ConfigError("there are no `slots`", hint=f"write some: {SLOT_EXAMPLES}")
    week = [sorted({slot.at for slot in slots if day in slot.days}) for day in _EVERY]
    # A day that was skipped ends in the day after: begin one day early.
    day = moment_at(after, zone).wall.date() - timedelta(days=1)
    last = after
    while True:
        for clock in week[day.weekday()]:
            moment = moment_of(datetime.combine(day, clock), zone)
            if moment.at > last:
                last = moment.at
                yield moment
        day += timedelta(days=1)


# ---------------------------------------------------------------------------------------------
# Quiet hours


def read_quiet(value: str | Sequence[str]) -> tuple[Quiet, ...]:
    """Return the hours of `quiet_hours`: a text or a list of them, each with days or for every day.

    Raises `ConfigError`, which names the entry, for one that cannot be read, and where all of the
    week would be quiet.

    >>> read_quiet("22:00-07:00")
    (Quiet(days=(0, 1, 2, 3, 4, 5, 6), begin=1320, end=1860),)
    """
    texts = [value] if isinstance(value, str) else value
    quiet = tuple(
        _read_hours(_Text("quiet_hours", number, text, QUIET_EXAMPLES))
        for number, text in enumerate(texts, 1)
    )
    if _is_all_week(quiet):
        hint = "leave some time, or use `postkit schedule pause`"
        raise ConfigError("`quiet_hours` cover the whole week: nothing could go out", hint=hint)
    return quiet


def leaves_quiet(at: float, quiet: Sequence[Quiet], zone: str) -> float:
    """Return when what is due at *at* may go out: then, or where the quiet hours end.

    >>> quiet = read_quiet(["22:00-07:00", "sat,sun 00:00-24:00"])
    >>> friday = at_of(datetime(2026, 11, 27, 23), "Europe/Berlin")
    >>> moment_at(leaves_quiet(friday, quiet, "Europe/Berlin"), "Europe/Berlin").wall
    datetime.datetime(2026, 11, 30, 7, 0)
    """
    while end := _until(moment_at(at, zone).wall, quiet):
        first = at_of(end, zone)
        # Clocks that go back in the quiet hours may have shown their end once before.
        at = first if first > at else at_of(end, zone, 1)
    return at


def _until(wall: datetime, quiet: Iterable[Quiet]) -> datetime | None:
    return max(filter(None, (hours.until(wall) for hours in quiet)), default=None)


def _read_hours(entry: _Text) -> Quiet:
    days, rest = entry.days()
    parts = re.split(r" ?[-–] ?", rest)
    if len(parts) != 2:
        entry.refuse("it is no span of two times")
    begin, end = entry.clock(parts[0]), parts[1]
    start = begin.hour * 60 + begin.minute
    if end == "24:00":
        return Quiet(days or _EVERY, start, _MINUTES)
    stop = entry.clock(end)
    minutes = stop.hour * 60 + stop.minute
    if minutes == start:
        entry.refuse("it begins when it ends", "a whole day is `00:00-24:00`")
    return Quiet(days or _EVERY, start, minutes + _MINUTES * (minutes < start))


def _is_all_week(quiet: Sequence[Quiet]) -> bool:
    """Tell whether there is no minute of the week outside: hours can only end where some do."""
    ends = {(hours, day) for hours in quiet for day in hours.days}
    return bool(ends) and all(
        _until(_in_a_week(day, time()) + timedelta(minutes=hours.end), quiet) for hours, day in ends
    )


# ---------------------------------------------------------------------------------------------
# Reading an entry


class _Text(NamedTuple):
    """One entry of a list in the configuration, and how to complain about it."""

    key: str
    number: int
    text: str
    examples: str

    def refuse(self, why: str, hint: str | None = None) -> NoReturn:
        raise ConfigError(
            f"`{self.key}`, entry {self.number}, `{self.text}`: {why}",
            hint=hint or f"write it like {self.examples}",
        )

    def days(self) -> tuple[tuple[int, ...], str]:
        """Return the days that the text begins with, and what follows them in small letters.

        >>> _Text("slots", 1, "Mon - Wed, sun  9:00", "").days()
        ((0, 1, 2, 6), '9:00')
        """
        low = re.sub(r" ?([,–-]) ?", r"\1", " ".join(self.text.lower().split()))
        match = re.match(r"([a-z][a-z,–-]*)(?: |$)", low)
        if not match or match[1] == "noon":
            return (), low
        found: set[int] = set()
        for part in filter(None, match[1].split(",")):
            first, _, last = re.sub("–", "-", part).partition("-")
            if part in _DAY_SETS:
                found.update(_DAY_SETS[part])
            elif last:
                start, end = self._day(first), self._day(last)
                found.update((start + n) % 7 for n in range((end - start) % 7 + 1))
            else:
                found.add(self._day(first))
        return tuple(sorted(found)), low[match.end() :]

    def clock(self, text: str) -> time:
        if not text:
            self.refuse("a time of day is missing")
        clock = read_clock(text)
        if clock is None or clock.second:
            why = f"`{text}` is no time of day" + (" in minutes" if clock else "")
            hint = "midnight is `00:00`" if text in {"midnight", "24:00"} else None
            self.refuse(why, hint)
        return clock

    def _day(self, name: str) -> int:
        if name not in WEEKDAYS:
            known = () if name in _DAY_SETS else (*WEEKDAYS, *_DAY_SETS)  # `mon-daily`
            self.refuse(f"`{name}` is no day of the week", did_you_mean(name, known))
        return WEEKDAYS[name]


def _in_a_week(day: int, clock: time) -> datetime:
    """Return a wall time in some week: 1 January 2024 was a Monday."""
    return datetime.combine(datetime(2024, 1, 1 + day).date(), clock)


def _days_text(days: tuple[int, ...]) -> str:
    if days == _EVERY:
        return "daily"
    names = [DAYS[day][:3] for day in days]
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{names[0]}-{names[-1]}"
    return ",".join(names)
