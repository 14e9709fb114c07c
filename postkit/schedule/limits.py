"""How often an account may post, and what becomes of a post that is late. Nothing here acts.

Rates by the hour or minute are spaced by GCRA, whose whole state is one number: the theoretical
arrival time, or *tat*, before which the account is as it would be after posting evenly. Rates by
the day or week count what went out since the account's own midnight.
"""

from __future__ import annotations

import math
import re
from datetime import datetime, time, timedelta
from typing import Literal, NamedTuple

from postkit.errors import ConfigError, did_you_mean
from postkit.schedule.when import at_of, moment_at

RATE_EXAMPLES = "`3/day`, `10/hour`, `2/day, 1/hour`"
LATE_EXAMPLES = "`publish`, `skip`, `ask`, `6h`, `skip 30m`"

PUNCTUAL = 15 * 60.0  # seconds; cron that looks every quarter of an hour is not late
Action = Literal["publish", "skip", "ask"]
_ACTIONS: dict[str, tuple[Action, float]] = {  # and how late it may be without a time of its own
    "publish": ("publish", math.inf),
    "skip": ("skip", PUNCTUAL),
    "ask": ("ask", PUNCTUAL),
}


class Answer(NamedTuple):
    """Whether one more may go out now, the *tat* from now on, and when to ask again if not."""

    allowed: bool
    tat: float
    retry_at: float


class Gcra(NamedTuple):
    """Posts evenly spaced, `burst` seconds of them in advance.

    In any stretch of *s* seconds at most `1 + (s + burst) // interval` go out.
    """

    interval: float  # seconds
    burst: float = 0.0  # seconds

    def admit(self, tat: float, now: float) -> Answer:
        """Return whether one more may go out, for an account whose state is *tat*; 0 for a new one.

        >>> every_minute = Gcra(60)
        >>> every_minute.admit(0, 1000)
        Answer(allowed=True, tat=1060, retry_at=1000)
        >>> every_minute.admit(1060, 1010)
        Answer(allowed=False, tat=1060, retry_at=1060.0)
        """
        if tat > now + self.burst:
            return Answer(allowed=False, tat=tat, retry_at=tat - self.burst)
        return Answer(allowed=True, tat=max(tat, now) + self.interval, retry_at=now)


class Limits(NamedTuple):
    """What `rate` says; None where it says nothing."""

    spacing: Gcra | None = None
    per_day: int | None = None
    per_week: int | None = None


def read_rate(value: str | int) -> Limits:
    """Return what `rate` allows: `3/day`, `10/hour`, several of them, or a number of posts a day.

    Posts are spread over an hour or minute, as one every six minutes for `10/hour`: so there are
    never more than ten in any hour, also not around the full one.

    >>> read_rate("2/day, 10/hour")
    Limits(spacing=Gcra(interval=360.0, burst=0.0), per_day=2, per_week=None)
    >>> read_rate(3).per_day
    3
    """
    counts: dict[str, int] = {}
    parts = [f"{value}/day"] if isinstance(value, int) else value.split(",")
    for part in parts:
        words = " ".join(part.lower().split())
        match = re.fullmatch(r"(-?\d+) ?(?:/|per|a|an) ?([a-z]+)", words, re.ASCII)
        if not match:
            what = f"`{words}` is no rate" if words else "a rate is missing"
            raise ConfigError(f"`rate`: {what}", hint=f"write it like {RATE_EXAMPLES}")
        count, unit = int(match[1]), match[2]
        if unit not in {"minute", "hour", "day", "week"}:
            hint = did_you_mean(unit, ("minute", "hour", "day", "week"))
            raise ConfigError(
                f"`rate`: `{unit}` is no unit: it is minute, hour, day or week", hint=hint
            )
        if count < 1:
            hint = "leave `rate` out for no limit; `postkit schedule pause` stops an account"
            raise ConfigError(f"`rate`: `{words}` would let nothing out", hint=hint)
        if unit in counts:
            raise ConfigError(f"`rate` names the {unit} twice", hint="leave one of them")
        counts[unit] = count
    spaced = [(60, counts.get("minute")), (3600, counts.get("hour"))]
    # The wider of two spacings keeps both. Rounded up, so that rounding lets none slip through.
    intervals = [math.ceil(period * 1000 / count) / 1000 for period, count in spaced if count]
    return Limits(
        Gcra(max(intervals)) if intervals else None, counts.get("day"), counts.get("week")
    )


def local_day(now: float, zone: str) -> tuple[float, float]:
    """Return when the day of *now* begins in *zone* and when it ends: 23 to 25 hours, usually.

    >>> begin, end = local_day(at_of(datetime(2027, 10, 31, 12), "Europe/Berlin"), "Europe/Berlin")
    >>> (end - begin) / 3600
    25.0
    """
    return _days(now, zone, back=0, length=1)


def local_week(now: float, zone: str) -> tuple[float, float]:
    """Return when the week of *now* begins in *zone*, on a Monday, and when it ends."""
    return _days(now, zone, back=moment_at(now, zone).wall.weekday(), length=7)


def admit_capped(sent: int, most: int, end: float, now: float) -> Answer:
    """Return whether one more may go out in a day or week that ends at *end* and had *sent*.

    >>> admit_capped(sent=3, most=3, end=86_400, now=1000)
    Answer(allowed=False, tat=0.0, retry_at=86400)
    """
    allowed = sent < most
    return Answer(allowed=allowed, tat=0.0, retry_at=now if allowed else end)


def _days(now: float, zone: str, *, back: int, length: int) -> tuple[float, float]:
    first = datetime.combine(moment_at(now, zone).wall.date(), time()) - timedelta(days=back)
    return at_of(first, zone), at_of(first + timedelta(days=length), zone)


# ---------------------------------------------------------------------------------------------
# Late posts


class Late(NamedTuple):
    """What becomes of a post that is later than `within_seconds`; until then it is published."""

    action: Action = "ask"
    within_seconds: float = 6 * 3600.0


def read_late(value: str | int | None) -> Late:
    """Return the rule that `late` states; a number is one of seconds, None is the default.

    `publish` publishes however late; `skip` and `ask` do that with all that is not punctual; a time
    puts off `ask`, or what stands before it.

    >>> read_late(None) == read_late("6h") == read_late("publish 6h")
    True
    >>> read_late("skip 30m")
    Late(action='skip', within_seconds=1800.0)
    """
    if value is None:
        return Late()
    words = f"{value}s" if isinstance(value, int) else " ".join(value.lower().split())
    match = re.fullmatch(r"([a-z]+)?(?: ?(-?\d+) ?([a-z]+))?", words, re.ASCII)
    if not match or not words:
        raise ConfigError(f"`late`: `{value}` is no rule", hint=f"write it like {LATE_EXAMPLES}")
    action, least = _ACTIONS.get(match[1] or "ask", (None, 0.0))
    if action is None:
        hint = did_you_mean(match[1], _ACTIONS) or f"write {LATE_EXAMPLES}"
        raise ConfigError(f"`late`: `{match[1]}` is no rule", hint=hint)
    if match[2] is None:
        return Late(action, least)
    within = int(match[2]) * _unit(match[3], value)
    if within < 60:
        raise ConfigError(
            f"`late`: `{value}` is less than a minute", hint="a worker looks once a minute, or less"
        )
    return Late("ask" if action == "publish" else action, within)


def decide_late(due_at: float, now: float, late: Late) -> Action:
    """Return what to do with a post that was due at *due_at*, before *now*.

    >>> decide_late(0, 3600, Late()), decide_late(0, 7 * 3600, Late())
    ('publish', 'ask')
    """
    return "publish" if now - due_at <= late.within_seconds else late.action


def _unit(name: str, value: str | int) -> float:
    for unit, seconds in (
        ("seconds", 1.0),
        ("minutes", 60.0),
        ("hours", 3600.0),
        ("days", 86400.0),
    ):
        if name in {unit[0], unit[:3], unit, unit[:-1]}:
            return seconds
    raise ConfigError(f"`late`: `{value}` has no unit that is known", hint="it is s, m, h or d")
