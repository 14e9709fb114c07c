"""When a post goes out: what people write, the moment that it means, and how that is shown.

What counts is the clock on the wall of a place: `Moment` keeps the wall clock and the zone as they
were meant, and `at_of` works out the UTC of it again, so that a government that moves its clocks
moves the posts. A wall time that a change of clocks leaves out counts as the next that exists; one
that comes twice counts the first time, unless its offset says otherwise. Nothing else is guessed:
what can be read in two ways is refused.
"""

from __future__ import annotations

import math
import os
import re
import zoneinfo
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from postkit.errors import UnknownName, UsageError

TOLERANCE = 60.0  # seconds that a time may be past: it takes as long to type it
FAR = 5 * 366 * 86_400.0  # seconds; what lies further ahead may be a slip of the keyboard
TOO_FAR = 100 * 366 * 86_400.0  # seconds
UTC = "UTC"

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAYS = (
    {  # every way to write a day of the week, and its number
        short: number
        for number, name in enumerate(DAYS)
        for short in (name.lower(), name[:3].lower())
    }
    | {"tues": 1, "thur": 3, "thurs": 3}
)

EXAMPLES = "`2026-12-01 09:00`, `tomorrow 9:00`, `monday 9am`, `in 2 hours`, `now`"

_EPOCH = datetime(1970, 1, 1)
_OFFSET = re.compile(r"([+-])(\d\d)(?::?(\d\d))?")
_SHORT_NAMES = {  # they mean several zones, or one without its summer time: a place says more
    **dict.fromkeys(("est", "edt", "et"), "America/New_York"),
    **dict.fromkeys(("cst", "cdt", "ct"), "America/Chicago"),
    **dict.fromkeys(("mst", "mdt", "mt"), "America/Denver"),
    **dict.fromkeys(("pst", "pdt", "pt"), "America/Los_Angeles"),
    **dict.fromkeys(("cet", "cest", "met", "mest", "mez", "mesz"), "Europe/Berlin"),
    **dict.fromkeys(("eet", "eest"), "Europe/Helsinki"),
    **dict.fromkeys(("wet", "west"), "Europe/Lisbon"),
    **dict.fromkeys(("bst",), "Europe/London"),
    **dict.fromkeys(("ist",), "Asia/Kolkata"),
    **dict.fromkeys(("jst",), "Asia/Tokyo"),
    **dict.fromkeys(("aest", "aedt"), "Australia/Sydney"),
    **dict.fromkeys(("hst",), "Pacific/Honolulu"),
}
_NO_ZONES = {"localtime", "Factory"}  # files among the zones that name no place


class Moment(NamedTuple):
    """A wall clock somewhere, and the instant at which it shows that."""

    wall: datetime  # as it was meant, to the second and without a zone, also where it is left out
    zone: str  # a name of IANA's, or an offset like `+02:00`
    fold: int  # 1 for the second of two equal wall times
    at: float  # seconds since 1970
    decided: str = ""  # what reading it had to decide, in one sentence


# ---------------------------------------------------------------------------------------------
# Zones


def tz_of(zone: str) -> tzinfo:
    """Return the zone of a name or offset as it is stored; `UnknownName` for one nobody knows.

    >>> tz_of("+05:30").utcoffset(None)
    datetime.timedelta(seconds=19800)
    """
    if match := _OFFSET.fullmatch(zone):
        hours, minutes = int(match[2]), int(match[3] or 0)
        if minutes < 60 and hours * 60 + minutes <= 14 * 60:  # no place is further from Greenwich
            size = timedelta(hours=hours, minutes=minutes)
            return timezone(-size if match[1] == "-" else size)
        raise UsageError(f"`{zone}` is no offset", hint="they go from -14:00 to +14:00")
    try:
        return zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise _unknown(zone) from None


def read_zone(text: str) -> str:
    """Return a zone that somebody wrote as it is stored, whatever its case.

    Raises `UnknownName` for one nobody knows, and for short names such as EST, which has no summer
    time where New York has.

    >>> read_zone("europe/berlin"), read_zone("z"), read_zone("+0530")
    ('Europe/Berlin', 'UTC', '+05:30')
    """
    name = "_".join(text.split())
    if name.lower() in {"z", "utc"}:
        return UTC
    if _OFFSET.fullmatch(name):
        return _offset_text(tz_of(name).utcoffset(None) or timedelta())
    known = _zones().get(name.lower())
    if known is None or name.lower() in _SHORT_NAMES:
        raise _unknown(name)
    return known


def zone_of(*names: str | None, system: Callable[[], str] | None = None) -> str:
    """Return the first zone that is given (flag, front matter, account …), else the machine's.

    >>> zone_of(None, "", "asia/tokyo", "Europe/Berlin")
    'Asia/Tokyo'
    """
    for name in names:
        if name:
            return read_zone(name)
    return (system or system_zone)()


def system_zone(environ: Mapping[str, str] = os.environ, root: Path = Path("/")) -> str:
    """Return the zone of this machine, as `TZ` or `/etc/localtime` names it; else UTC.

    Windows calls its zones otherwise, and has neither: there it is UTC, unless `TZ` is set.
    """
    named = [environ.get("TZ", "").removeprefix(":")]
    if not named[0]:
        localtime = root / "etc" / "localtime"
        # Its own link comes first: a zone may be a link in turn, Amsterdam to Brussels.
        links = [localtime.readlink()] if localtime.is_symlink() else []
        paths = [
            link.as_posix().partition("zoneinfo/")[2] for link in (*links, localtime.resolve())
        ]
        named = [re.sub(r"^(posix|right)/", "", path) for path in paths]
        debian = root / "etc" / "timezone"  # where localtime is a copy
        if debian.is_file():
            named.append(debian.read_text(encoding="utf-8", errors="replace").strip())
    found = next((_zones()[name.lower()] for name in named if name.lower() in _zones()), UTC)
    return UTC if found == "Etc/UTC" else found


@cache
def _zones() -> dict[str, str]:
    """Return every zone by its name in small letters. It takes a walk over 600 files."""
    return {name.lower(): name for name in zoneinfo.available_timezones() - _NO_ZONES}


@cache
def zones_version() -> str:
    """Return the release of this machine's time zones, such as 2025b; empty if none says."""
    for folder in zoneinfo.TZPATH:
        with suppress(OSError), (Path(folder) / "tzdata.zi").open(encoding="utf-8") as file:
            return file.readline().rpartition(" ")[2].strip()
    with suppress(ImportError):
        return str(import_module("tzdata").IANA_VERSION)
    return ""


def _unknown(name: str, *words: str) -> UnknownName:
    """Return the error for a zone nobody knows, or for one of *words* that is misspelt."""
    low = name.lower()
    place = _SHORT_NAMES.get(low)
    if place:
        hint = f"name a place instead, like `{place}`"
        return UnknownName(f"`{name}` is a short name, and not one of a single zone", hint=hint)
    if not _zones():
        hint = "install them: `pip install tzdata`"
        return UnknownName(f"`{name}`: this machine has no time zones", hint=hint)
    if re.fullmatch(r"(utc|gmt)[+-]\d.*", low):
        hint = "an offset is written like +02:00"
    else:
        hint = _near(low, words) or "zones are named like Europe/Berlin"
    return UnknownName(f"`{name}` is no {'day and no ' if words else ''}time zone", hint=hint)


def _near(name: str, words: tuple[str, ...]) -> str | None:
    """Return a hint that names the zone, or word, that is meant; a city is enough."""
    import difflib  # only when something went wrong: it costs start-up time

    known = {low.rpartition("/")[2]: full for low, full in sorted(_zones().items(), reverse=True)}
    known |= _zones() | {word: word for word in words}
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
    return f"did you mean `{known[near[0]]}`?" if near else None


def _offset_text(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


# ---------------------------------------------------------------------------------------------
# Walls and instants


def at_of(wall: datetime, zone: str, fold: int = 0) -> float:
    """Return when the clocks of *zone* show *wall*, in seconds since 1970.

    Where they never do, because they are put forward over it, that is the moment at which they
    are: the next minute that exists. Python's own rule would go on counting by the old clock, and
    publish at 03:30 what was meant for 02:30.

    >>> from datetime import datetime
    >>> at_of(datetime(2027, 3, 28, 2, 30), "Europe/Berlin")  # clocks go from 02:00 to 03:00
    1806195600.0
    >>> at_of(datetime(2027, 3, 28, 3, 0), "Europe/Berlin")
    1806195600.0
    """
    tz = tz_of(zone)
    first, second = _offsets(wall, tz)
    seconds = (wall - _EPOCH).total_seconds()
    if first < second:
        return _change(tz, first, seconds - second, seconds - first)
    return seconds - (second if fold else first)


def moment_of(wall: datetime, zone: str, fold: int = 0) -> Moment:
    """Return the moment at which the clocks of *zone* show *wall*; *fold* where it comes twice."""
    first, second = _offsets(wall, tz_of(zone))
    return Moment(wall, zone, fold if first > second else 0, at_of(wall, zone, fold))


def moment_at(at: float, zone: str) -> Moment:
    """Return an instant as the clocks of *zone* show it, without parts of a second.

    >>> moment_at(0, "Asia/Tokyo").wall.hour
    9
    """
    there = datetime.fromtimestamp(math.floor(at), tz_of(zone))
    return Moment(there.replace(tzinfo=None, fold=0), zone, there.fold, float(math.floor(at)))


def _offsets(wall: datetime, tz: tzinfo) -> tuple[float, float]:
    """Return the seconds from UTC at a wall time, the first and the second time it comes.

    The first is less where clocks are put forward over it, and more where they are put back.
    """
    both = (wall.replace(tzinfo=tz, fold=fold).utcoffset() for fold in (0, 1))
    first, second = ((offset or timedelta()).total_seconds() for offset in both)
    return first, second


def _change(tz: tzinfo, old: float, low: float, high: float) -> float:
    """Return the first second after *low*, and not after *high*, that has another offset."""
    while high - low > 1:
        middle = (low + high) // 2
        offset = datetime.fromtimestamp(middle, tz).utcoffset() or timedelta()
        low, high = (middle, high) if offset.total_seconds() == old else (low, middle)
    return high


# ---------------------------------------------------------------------------------------------
# What is shown


def shown(at: float, zone: str) -> str:
    """Return an instant as people read it.

    >>> shown(1796112000, "Europe/Berlin")
    'Tue 2026-12-01 09:00 CET (Europe/Berlin)'
    >>> shown(1796112000, "UTC"), shown(1796112030, "+02:00")
    ('Tue 2026-12-01 08:00 UTC', 'Tue 2026-12-01 10:00:30 +02:00')
    """
    there = datetime.fromtimestamp(math.floor(at), tz_of(zone))
    clock = there.strftime("%H:%M:%S" if there.second else "%H:%M")
    name = there.tzname()
    place = zone if name == zone or _OFFSET.fullmatch(zone) else f"{name} ({zone})"
    return f"{DAYS[there.weekday()][:3]} {there.date()} {clock} {place}"


def written(moment: Moment) -> str:
    """Return a moment as `read_when` reads it again, and many other programs do (RFC 9557).

    >>> written(moment_at(1796112000, "Europe/Berlin"))
    '2026-12-01T09:00:00[Europe/Berlin]'
    """
    text = moment.wall.isoformat(timespec="seconds")
    if moment.zone == UTC:
        return f"{text}Z"
    if _OFFSET.fullmatch(moment.zone):
        return text + moment.zone
    if moment.fold:  # the first needs no offset, and an offset could be wrong one day
        text += _offset_text(timedelta(seconds=_offsets(moment.wall, tz_of(moment.zone))[1]))
    return f"{text}[{moment.zone}]"


def explain(moment: Moment) -> str | None:
    """Return what has to be known before a moment is saved, None where it is what was written.

    >>> explain(moment_of(datetime(2027, 3, 28, 2, 30), "Europe/Berlin"))
    '02:30 does not exist on 2027-03-28 in Europe/Berlin, as clocks go forward: 03:00 is taken'
    """
    told = (moment.decided, _explained_change(moment))
    return "; ".join(part for part in told if part) or None


def _explained_change(moment: Moment) -> str:
    wall, zone = moment.wall, moment.zone
    first, second = _offsets(wall, tz_of(zone))
    clock = wall.strftime("%H:%M:%S" if wall.second else "%H:%M")
    if first < second:
        taken = moment_at(moment.at, zone).wall
        day = "" if taken.date() == wall.date() else f"{taken.date()} "
        return (
            f"{clock} does not exist on {wall.date()} in {zone}, as clocks go forward:"
            f" {day}{taken:%H:%M} is taken"
        )
    if first == second:
        return ""
    place, other, offset = (
        ("second", "first", first) if moment.fold else ("first", "second", second)
    )
    way = f"{wall.isoformat(timespec='seconds')}{_offset_text(timedelta(seconds=offset))}[{zone}]"
    return (
        f"{clock} comes twice on {wall.date()} in {zone}, as clocks go back:"
        f" the {place} is taken; the {other} is written {way}"
    )


def far_ahead(moment: Moment, *, now: float) -> str | None:
    """Return what to ask about a moment more than five years ahead, None for any other.

    >>> far_ahead(moment_at(0, "UTC"), now=0) is None
    True
    """
    if moment.at - now <= FAR:
        return None
    return f"{shown(moment.at, moment.zone)} is {_span(moment.at - now)} ahead"


def _span(seconds: float) -> str:
    """Return how long that is, in its largest unit.

    >>> _span(7300), _span(86_400)
    ('2 hours', '1 day')
    """
    units = (("year", 365.25 * 86_400), ("day", 86_400), ("hour", 3600), ("minute", 60))
    for name, size in units:
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'s' * (count != 1)}"
    return "less than a minute"


# ---------------------------------------------------------------------------------------------
# What is written

_CLOCK = r"(?P<clock>noon|\d{1,2}(?::\d\d){1,2}(?:\.\d+)?(?: ?[ap]\.?m\.?)?|\d{1,2} ?[ap]\.?m\.?)"
_DATE = r"(?P<date>\d{4}-\d\d-\d\d)"
_DAY = rf"(?:on )?(?P<day>today|tomorrow|(?:next )?(?:{'|'.join(sorted(WEEKDAYS, reverse=True))}))"
_AT = r"(?:,? (?:at )?)"
_COUNT = r"in (?P<count>\d{1,5}|an?|one) "
_UNITS = {
    **dict.fromkeys(("second", "seconds", "sec", "secs", "s"), 1),
    **dict.fromkeys(("minute", "minutes", "min", "mins"), 60),
    **dict.fromkeys(("hour", "hours", "h"), 3600),
    **dict.fromkeys(("day", "days"), 86_400),
    **dict.fromkeys(("week", "weeks"), 7 * 86_400),
}
_NUMERIC = r"(?P<said>(?P<one>\d{1,2})[/.-](?P<two>\d{1,2})[/.-](?P<year>\d{4}|\d\d))"
_YEAR_FIRST = (
    r"(?P<said>(?!\d{4}-\d\d-\d\d(?!\d))"
    r"(?P<year>\d{4})[/.-](?P<month>\d{1,2})[/.-](?P<day>\d{1,2}))"
)
_UNIT = rf"(?P<unit>{'|'.join(sorted(_UNITS, reverse=True))})"


class _Here(NamedTuple):
    """What a relative time counts from."""

    now: float
    zone: str

    @property
    def wall(self) -> datetime:
        return moment_at(self.now, self.zone).wall

    def on(self, day: date, clock: time) -> Moment:
        return moment_of(datetime.combine(day, clock), self.zone)

    def next(self, day: date, clock: time, step: int) -> tuple[Moment, bool]:
        """Return *clock* on *day*, or *step* days later where that is past; and whether it is."""
        moment = self.on(day, clock)
        past = moment.at < self.now
        return (self.on(day + timedelta(days=step), clock) if past else moment), past


def read_clock(text: str) -> time | None:
    """Return the time of day that *text* is, None for anything else.

    >>> read_clock("9am"), read_clock("21:05"), read_clock("noon"), read_clock("25:00")
    (datetime.time(9, 0), datetime.time(21, 5), datetime.time(12, 0), None)
    """
    low = text.lower().replace(" ", "").replace("a.m.", "am").replace("p.m.", "pm")
    if low == "noon":
        return time(12)
    match = re.fullmatch(r"(\d{1,2})(?::(\d\d))?(?::(\d\d)(?:\.\d+)?)?([ap]m)?", low)
    if not match or (match[2] is None and match[4] is None):
        return None
    hour = int(match[1])
    if match[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[4] == "pm" else 0)
    try:
        return time(hour, int(match[2] or 0), int(match[3] or 0))
    except ValueError:
        return None


def read_when(text: str, *, now: float, zone: str) -> Moment:
    """Return the moment that *text* means at *now*, in *zone* where it names none itself.

    Raises `UsageError` for what cannot be read or can be in two ways, and for a time in the past.

    >>> read_when("2026-12-01 9am", now=0, zone="Europe/Berlin").at
    1796112000.0
    >>> read_when("in 2 hours", now=1796112000, zone="UTC").wall
    datetime.datetime(2026, 12, 1, 10, 0)
    """
    said = " ".join(text.split())
    body, offset, named = _parted(said)
    form = _form_of(body)
    if form is None:
        raise _unreadable(said, body)
    make, match = form
    utc_first = named is not None and offset == UTC  # RFC 9557: Z says when, the brackets where
    if utc_first:
        moment = make(match, _Here(now, UTC))
        moment = moment_at(moment.at, named or UTC)._replace(decided=moment.decided)
    else:
        moment = make(match, _Here(now, named or offset or zone))
        if named and offset:
            moment = _with_offset(moment, offset)
    if moment.at < now - TOLERANCE:
        raise UsageError(
            f"{shown(moment.at, moment.zone)} is past: {_span(now - moment.at)} ago",
            hint="`now` publishes at once",
        )
    if moment.at - now > TOO_FAR:
        raise UsageError(f"`{said}` is more than 100 years ahead", hint="correct the year")
    return moment


_Make = Callable[[re.Match[str], _Here], Moment]
_Form = tuple[_Make, re.Match[str]]


def _parted(said: str) -> tuple[str, str | None, str | None]:
    """Return what remains of *said* in small letters, its offset, and the zone that it names."""
    body, named = said, None
    if match := re.fullmatch(r"(.*?) ?\[([^\[\]]*)\]", said):
        # Brackets are the notation of programs: there a short name is the zone of that name.
        body, named = match[1], _zones().get(match[2].lower()) or read_zone(match[2])
    elif match := re.fullmatch(r"(.+) ([A-Za-z]\S+)", said):
        rest = match[1].lower()
        if not _form_of(said.lower()) and _form_of(_without_offset(rest)[0]):
            body, named = match[1], _zone_or_day(match[2])
    rest, offset = _without_offset(body.lower())
    return rest, offset, named


def _zone_or_day(word: str) -> str:
    if word.lower() in _zones() or word.lower() in _SHORT_NAMES:
        return read_zone(word)
    raise _unknown(word, "today", "tomorrow", *WEEKDAYS)


def _without_offset(body: str) -> tuple[str, str | None]:
    """Take the offset from behind a time of day.

    >>> _without_offset("2026-12-01t09:00-05:00"), _without_offset("2026-12-01")
    (('2026-12-01t09:00', '-05:00'), ('2026-12-01', None))
    """
    ends = r"(?::\d\d(?:\.\d+)?|[ap]\.?m\.?|noon)"
    match = re.fullmatch(rf"(.*{ends})(?: ?([+-]\d\d(?::?\d\d)?)| ?(z))", body)
    return (match[1], read_zone(match[2] or match[3])) if match else (body, None)


def _form_of(body: str) -> _Form | None:
    for pattern, make in _FORMS:  # compiled when first used: most commands read no time
        if match := re.fullmatch(pattern, body, re.ASCII):
            return make, match
    return None


def _with_offset(moment: Moment, offset: str) -> Moment:
    """Return that of two equal wall times which has the offset; refuse what is not the zone's."""
    wanted = (tz_of(offset).utcoffset(None) or timedelta()).total_seconds()
    offsets = _offsets(moment.wall, tz_of(moment.zone))
    if wanted not in offsets or offsets[0] < offsets[1]:
        raise UsageError(
            f"`{offset}` is not the offset of {moment.zone} at {moment.wall:%Y-%m-%d %H:%M}",
            hint="leave out the offset, or the zone",
        )
    fold = offsets.index(wanted)
    return moment_of(moment.wall, moment.zone, fold)._replace(decided=moment.decided)


# --- one function for each form


def _now(_: re.Match[str], here: _Here) -> Moment:
    return moment_at(here.now, here.zone)


def _after(match: re.Match[str], here: _Here) -> Moment:
    """Count hours as time passes, and days as calendars do: the wall clock stays."""
    seconds = _counted(match)
    if not match["unit"].startswith(("day", "week")):
        return moment_at(here.now + seconds, here.zone)
    wall = here.wall
    return here.on(wall.date() + timedelta(seconds=seconds), wall.time())


def _days_after(match: re.Match[str], here: _Here) -> Moment:
    return here.on(here.wall.date() + timedelta(seconds=_counted(match)), _clock(match))


def _on_date(match: re.Match[str], here: _Here) -> Moment:
    try:
        day = date.fromisoformat(match["date"])
    except ValueError:
        raise UsageError(f"there is no day `{match['date']}`") from None
    return here.on(day, _clock(match))


def _on_day(match: re.Match[str], here: _Here) -> Moment:
    clock, today = _clock(match), here.wall.date()
    said = match["day"]
    if said in {"today", "tomorrow"}:
        return here.on(today + timedelta(days=said == "tomorrow"), clock)
    number = WEEKDAYS[said.removeprefix("next ")]
    name, ahead = DAYS[number], (number - today.weekday()) % 7
    if said.startswith("next "):
        day = today + timedelta(days=ahead or 7)
        decided = f"next {name} is the first {name} after today, {day}"
        return here.on(day, clock)._replace(decided=decided)
    moment, past = here.next(today + timedelta(days=ahead), clock, 7)
    if ahead:
        return moment
    decided = f"{clock:%H:%M} is past today: {name} in a week is taken"
    return moment._replace(decided=decided if past else f"today is {name}: today is taken")


def _at_clock(match: re.Match[str], here: _Here) -> Moment:
    clock = _clock(match)
    moment, past = here.next(here.wall.date(), clock, 1)
    return moment._replace(
        decided=f"{clock:%H:%M} is past today: tomorrow is taken" if past else ""
    )


def _at_midnight(_: re.Match[str], here: _Here) -> Moment:
    moment, _past = here.next(here.wall.date(), time(), 1)
    return moment._replace(decided="the next midnight is taken")


def _no_clock(match: re.Match[str], _: _Here) -> Moment:
    said = match[0]
    raise UsageError(f"`{said}` has no time of day", hint=f"write it like `{said} 09:00`")


def _which_midnight(match: re.Match[str], _: _Here) -> Moment:
    raise UsageError(
        f"`{match[0]}` may be where that day begins or where it ends",
        hint="write the date and 00:00, as in `2026-12-01 00:00`",
    )


def _no_months(_: re.Match[str], __: _Here) -> Moment:
    raise UsageError("months and years are of different lengths", hint="write days, or the date")


def _numeric(match: re.Match[str], _: _Here) -> Moment:
    """Refuse `01/02/2026`: it is February in Europe and January in America."""
    one, two, year = int(match["one"]), int(match["two"]), match["year"]
    year = year if len(year) == 4 else f"20{year}"
    days = [f"{year}-{month:02}-{day:02}" for day, month in ((one, two), (two, one)) if month <= 12]
    raise UsageError(
        f"`{match['said']}` is read differently in different countries",
        hint=f"write {' or '.join(dict.fromkeys(days)) or 'it like 2026-02-01'}",
    )


def _year_first(match: re.Match[str], _: _Here) -> Moment:
    day = f"{match['year']}-{int(match['month']):02}-{int(match['day']):02}"
    raise UsageError(f"`{match['said']}` is no ISO date", hint=f"write {day}")


def _counted(match: re.Match[str]) -> int:
    count = int(match["count"]) if match["count"].isdecimal() else 1
    if not count:
        raise UsageError("that is no time to wait", hint="`now` publishes at once")
    return count * _UNITS[match["unit"]]


def _clock(match: re.Match[str]) -> time:
    clock = read_clock(match["clock"])
    if clock is None:
        hint = "write 00:00 of the day after" if match["clock"].startswith("24:00") else None
        raise UsageError(f"there is no time of day `{match['clock']}`", hint=hint)
    return clock


def _unreadable(said: str, body: str) -> UsageError:
    if not said:
        return UsageError("the time is empty", hint=f"write it like {EXAMPLES}")
    if re.fullmatch(r"(?:.* )?\d{1,2}", body):
        hour = body.rpartition(" ")[2]
        halves = f", {hour}am or {hour}pm" if 1 <= int(hour) <= 12 else ""
        return UsageError(f"`{said}` has no minutes", hint=f"write {hour}:00{halves}")
    said = said if len(said) <= 60 else f"{said[:59]}…"
    return UsageError(f"`{said}` is no time that can be read", hint=f"write it like {EXAMPLES}")


_FORMS: tuple[tuple[str, _Make], ...] = (
    (r"now", _now),
    (rf"{_DATE}(?:t|{_AT}){_CLOCK}", _on_date),
    (rf"{_COUNT}{_UNIT}", _after),
    (rf"{_COUNT}(?P<unit>days?|weeks?){_AT}{_CLOCK}", _days_after),
    (rf"{_DAY}{_AT}{_CLOCK}", _on_day),
    (rf"(?:at )?{_CLOCK},? {_DAY}", _on_day),
    (rf"(?:at )?{_CLOCK}", _at_clock),
    (r"(?:at )?midnight", _at_midnight),
    # What is refused with a reason of its own:
    (rf"(?:{_DATE}|{_DAY}){_AT}midnight", _which_midnight),
    (rf"midnight,? {_DAY}", _which_midnight),
    (rf"{_DATE}|{_DAY}", _no_clock),
    (rf"{_COUNT}(?:months?|years?).*", _no_months),
    (rf"(?:.* )?{_NUMERIC}(?: .*)?", _numeric),
    (rf"(?:.* )?{_YEAR_FIRST}(?:[ t].*)?", _year_first),
)
