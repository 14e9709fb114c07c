"""The posts of a month in a terminal, and all of them as an iCalendar file (RFC 5545)."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from postkit.schedule.when import DAYS, moment_at

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class Event(NamedTuple):
    """What a calendar shows of a post."""

    id: str
    account: str
    title: str
    state: str
    at: float  # seconds since 1970
    rev: int = 1
    url: str = ""


class Mark(NamedTuple):
    """How a state looks: its shape says all, the colour only helps."""

    shape: str  # one column wide
    colour: str  # as `click.style` calls it


# The most urgent first: where there is room for one state of a day, it is that.
MARKS: Mapping[str, Mark] = {
    "unknown": Mark("?", "magenta"),
    "failed": Mark("✗", "red"),
    "publishing": Mark("◐", "blue"),
    "scheduled": Mark("○", "cyan"),
    "published": Mark("●", "green"),
    "cancelled": Mark("–", "white"),
}
ASCII_MARKS: Mapping[str, Mark] = {  # for terminals that have no such characters
    state: mark._replace(shape=shape)
    for (state, mark), shape in zip(MARKS.items(), "?x>o*-", strict=True)
}

Paint = Callable[[str, str], str]  # a text and a colour → the text in that colour

_WIDE = 10  # columns of a day in which `○09:00 me` fits
_MOST = 3  # lines of posts in a day


# ---------------------------------------------------------------------------------------------
# A month in a terminal


def month(
    events: Iterable[Event],
    year: int,
    month: int,
    zone: str,
    *,
    width: int = 80,
    today: date | None = None,
    marks: Mapping[str, Mark] = MARKS,
    paint: Paint = lambda text, _: text,
) -> list[str]:
    """Return the lines of a month: weeks from Monday, days as the clocks of *zone* have them.

    From 70 columns on each post has a line, up to three a day; below, a day has the shape of its
    most urgent state and the number of its posts.

    >>> event = Event("1a", "me", "Hello", "scheduled", 1796112000)
    >>> for line in month([event, event], 2026, 12, "UTC", width=40)[:4]:
    ...     print(line)
    December 2026 · UTC
      Mo   Tu   We   Th   Fr   Sa   Su
           1○2  2    3    4    5    6
      7    8    9   10   11   12   13
    """
    cell = width // 7
    wide = cell >= _WIDE
    days: dict[date, list[tuple[datetime, Event]]] = {}
    for event in sorted(events, key=lambda event: (event.at, event.account, event.id)):
        wall = moment_at(event.at, zone).wall
        if (wall.year, wall.month) == (year, month):
            days.setdefault(wall.date(), []).append((wall, event))
    names = "".join(f" {day[:3]}".ljust(cell) if wide else f"  {day[:2]}".ljust(5) for day in DAYS)
    lines = [_cut(f"{MONTHS[month - 1]} {year} · {zone}", width), names.rstrip()]
    first = date(year, month, 1)
    monday = first - timedelta(days=first.weekday())
    while monday <= first or monday.month == month:
        week = [monday + timedelta(days=n) for n in range(7)]
        shown = [
            _column(day, days.get(day, []), cell, wide=wide, now=day == today, marks=marks)
            if day.month == month
            else []
            for day in week
        ]
        lines += _side_by_side(shown, cell if wide else 5, paint)
        monday += timedelta(days=7)
    states = Counter(event.state for found in days.values() for _, event in found)
    return [*lines, *_legend(states, width, marks, paint)]


class _Piece(NamedTuple):
    text: str
    colour: str = ""


def _column(
    day: date,
    found: Sequence[tuple[datetime, Event]],
    cell: int,
    *,
    wide: bool,
    now: bool,
    marks: Mapping[str, Mark],
) -> list[_Piece]:
    """Return the lines of one day: its number, in brackets today, and its posts."""
    order = list(marks)
    if not wide:
        number = f"{'>' if now else ' '}{day.day:2}"
        if not found:
            return [_Piece(number)]
        mark = marks[min((event.state for _, event in found), key=order.index)]
        count = "" if len(found) == 1 else str(len(found)) if len(found) < 10 else "+"
        return [_Piece(number + mark.shape + count, mark.colour)]
    lines = [_Piece(f"[{day.day}]" if now else f" {day.day}")]
    most = _MOST if len(found) <= _MOST else _MOST - 1
    for wall, event in found[:most]:
        mark = marks[event.state]
        text = f"{mark.shape}{wall:%H:%M} {event.account}"
        lines.append(_Piece(_cut(text, cell - 1), mark.colour))
    left = [event.state for _, event in found[most:]]
    if left:
        urgent = marks[min(left, key=order.index)]
        lines.append(_Piece(_cut(f"{urgent.shape}{len(left)} more", cell - 1), urgent.colour))
    return lines


def _side_by_side(days: Sequence[Sequence[_Piece]], cell: int, paint: Paint) -> Iterator[str]:
    for row in range(max(map(len, days))):
        pieces = [day[row] if row < len(day) else _Piece("") for day in days]
        line = ""
        gap = 0  # spaces stay unpainted, and none ends a line
        for piece in pieces:
            if piece.text:
                text = paint(piece.text, piece.colour) if piece.colour else piece.text
                line += " " * gap + text
                gap = 0
            gap += cell - _width(piece.text)
        yield line


def _legend(
    states: Mapping[str, int], width: int, marks: Mapping[str, Mark], paint: Paint
) -> Iterator[str]:
    """Yield what the shapes mean and how many there are of each, in as many lines as it takes."""
    line, used = "", 0
    for state, mark in marks.items():
        if not states.get(state):
            continue
        text = f"{mark.shape} {state} {states[state]}"
        if used and used + 2 + _width(text) > width:
            yield line
            line, used = "", 0
        line += ("  " if used else "") + paint(text, mark.colour)
        used += (2 if used else 0) + _width(text)
    yield line or "no posts"


def _width(text: str) -> int:
    """Return how many columns a terminal takes for a text.

    >>> _width("me"), _width("日本"), _width("e\u0301")
    (2, 4, 1)
    """
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _cut(text: str, width: int) -> str:
    """Return as much of a text as fits in *width* columns, and nothing that steers a terminal."""
    text = "".join(char if char.isprintable() else " " for char in text)
    if _width(text) <= width:
        return text
    while text and _width(text) > width - 1:
        text = text[:-1]
    return f"{text}…"


# ---------------------------------------------------------------------------------------------
# iCalendar

_STATUS = {"scheduled": "CONFIRMED", "published": "CONFIRMED", "cancelled": "CANCELLED"}


def ics(events: Iterable[Event], *, now: float, name: str) -> str:
    r"""Return the posts as an iCalendar file, in order; importing it again moves them.

    Times are UTC. What failed, is unknown or on its way is TENTATIVE, and its summary says which:
    a calendar that hid it would hide what needs a person. Posts take no time, and make nobody busy.

    >>> event = Event("1a2b", "me", "Hello, world", "scheduled", 1796112000, rev=2)
    >>> [line for line in ics([event], now=0, name="Posts").split() if line.startswith("S")]
    ['SEQUENCE:2', 'STATUS:CONFIRMED', 'SUMMARY:Hello\\,']
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//postkit//schedule//EN",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{_text(name)}",
    ]
    for event in sorted(events, key=lambda event: (event.at, event.id)):
        status = _STATUS.get(event.state, "TENTATIVE")
        trouble = f"{event.state}: " if status == "TENTATIVE" else ""
        url = "".join(char for char in event.url if char.isprintable() and char != " ")
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_text(event.id)}@postkit",
            f"DTSTAMP:{_utc(now)}",
            f"DTSTART:{_utc(event.at)}",
            f"SEQUENCE:{event.rev}",
            f"STATUS:{status}",
            f"SUMMARY:{_text(f'{trouble}{event.title} ({event.account})')}",
            f"CATEGORIES:{_text(event.account)}",
            *([f"URL:{url}"] if url else []),
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _utc(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    r"""Escape a TEXT value; characters that a file of text may not hold are left out.

    >>> _text("a;b,c\\d\r\ne\x07")
    'a\\;b\\,c\\\\d\\ne'
    """
    lines = "\n".join(text.splitlines())
    kept = "".join(char for char in lines if char in "\n\t" or unicodedata.category(char) != "Cc")
    for char in "\\;,":
        kept = kept.replace(char, f"\\{char}")
    return kept.replace("\n", "\\n")


def _folded(line: str) -> str:
    """Break a line before it is longer than 75 octets, never inside of a character."""
    parts, size = [""], 0
    for char in line:
        octets = len(char.encode("utf-8", "replace"))
        if size + octets > 75:
            parts.append(" ")
            size = 1
        parts[-1] += char
        size += octets
    return "\r\n".join(parts)
