"""A month in a terminal, and the iCalendar file."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postkit.schedule.calendar import ASCII_MARKS, MARKS, Event, _width, ics, month
from postkit.schedule.when import at_of

ZONE = "Europe/Berlin"


def event(day: int, hour: int = 9, state: str = "scheduled", account: str = "me") -> Event:
    at = at_of(datetime(2026, 12, day, hour), ZONE)
    return Event(f"{day:02x}{hour:02x}", account, "Title", state, at)


BUSY = [
    event(1),
    event(2, 8, "published"),
    event(2, 12, "failed"),
    *(event(3, hour, "published") for hour in (6, 7, 8)),
    *(event(4, hour, "cancelled", "a-long-name") for hour in range(11)),
    event(4, 23, "unknown"),
    event(31, 23, "publishing"),
]


def test_a_month_at_80_columns() -> None:
    assert month(BUSY, 2026, 12, ZONE, width=80, today=date(2026, 12, 10)) == [
        "December 2026 · Europe/Berlin",
        " Mon        Tue        Wed        Thu        Fri        Sat        Sun",
        "            1          2          3          4          5          6",
        "           ○09:00 me  ●08:00 me  ●06:00 me  –00:00 a-…",
        "                      ✗12:00 me  ●07:00 me  –01:00 a-…",
        "                                 ●08:00 me  ?10 more",
        " 7          8          9         [10]        11         12         13",
        " 14         15         16         17         18         19         20",
        " 21         22         23         24         25         26         27",
        " 28         29         30         31",
        "                                 ◐23:00 me",
        "? unknown 1  ✗ failed 1  ◐ publishing 1  ○ scheduled 1  ● published 4",
        "– cancelled 11",
    ]


def test_a_month_at_40_columns() -> None:
    assert month(BUSY, 2026, 12, ZONE, width=40, today=date(2026, 12, 10)) == [
        "December 2026 · Europe/Berlin",
        "  Mo   Tu   We   Th   Fr   Sa   Su",
        "       1○   2✗2  3●3  4?+  5    6",
        "  7    8    9  >10   11   12   13",
        " 14   15   16   17   18   19   20",
        " 21   22   23   24   25   26   27",
        " 28   29   30   31◐",
        "? unknown 1  ✗ failed 1  ◐ publishing 1",
        "○ scheduled 1  ● published 4",
        "– cancelled 11",
    ]


def test_an_empty_month_says_so() -> None:
    assert month([], 2027, 2, "UTC")[-1] == "no posts"
    assert month([event(1)], 2027, 2, ZONE)[-1] == "no posts"
    assert len(month([], 2027, 2, "UTC")) == 2 + 4 + 1  # from Monday the 1st, four weeks


def test_a_post_is_on_the_day_of_its_zone() -> None:
    late = Event("1", "me", "", "scheduled", at_of(datetime(2026, 11, 30, 23, 30), "UTC"))
    assert "1○" in "\n".join(month([late], 2026, 12, ZONE, width=40))
    assert "30○" in "\n".join(month([late], 2026, 11, "UTC", width=40))


def test_states_differ_by_shape_and_colour_only_helps() -> None:
    for marks in (MARKS, ASCII_MARKS):
        assert len({mark.shape for mark in marks.values()}) == len(marks)
        assert {_width(mark.shape) for mark in marks.values()} == {1}
    assert all(mark.shape.isascii() for mark in ASCII_MARKS.values())

    def paint(text: str, colour: str) -> str:
        return f"<{colour}>{text}</>"

    painted = month(BUSY, 2026, 12, ZONE, width=80, paint=paint)
    assert "           <cyan>○09:00 me</>  <green>●08:00 me</>" in painted[3]
    bare = [re.sub(r"<[^>]*>", "", line) for line in painted]
    assert bare == month(BUSY, 2026, 12, ZONE, width=80)


EVENTS = st.lists(
    st.builds(
        Event,
        id=st.text(max_size=12),
        account=st.text(max_size=20),
        title=st.text(max_size=200),
        state=st.sampled_from(list(MARKS)),
        at=st.floats(1_795_000_000, 1_800_000_000),
        rev=st.integers(1, 99),
        url=st.one_of(st.just(""), st.text(max_size=120)),
    ),
    max_size=30,
)


@settings(deadline=None)
@given(EVENTS, st.integers(35, 200), st.sampled_from([(2026, 11), (2026, 12), (2027, 1)]))
def test_a_month_fits_the_terminal(events: list[Event], width: int, when: tuple[int, int]) -> None:
    lines = month(events, *when, ZONE, width=width, today=date(2026, 12, 24))
    for line in lines:
        assert _width(line) <= width, line
        assert line.isprintable()


# ---------------------------------------------------------------------------------------------
# iCalendar


def parsed(text: str) -> list[list[tuple[str, str]]]:
    """Read an iCalendar file by its grammar: unfold, then one name and value a line."""
    lines = text.replace("\r\n ", "").split("\r\n")
    assert lines.pop() == ""
    assert "\n" not in "".join(lines)
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    found: list[list[tuple[str, str]]] = [[]]
    for line in lines[1:-1]:
        name, colon, value = line.partition(":")
        assert colon
        assert re.fullmatch(r"[A-Z-]+", name)
        if (name, value) == ("BEGIN", "VEVENT"):
            found.append([])
        elif name != "END":
            found[-1].append((name, value))
    return found


def unescaped(value: str) -> str:
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", value)
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], value)


def test_a_calendar_file() -> None:
    published = Event("0f3a", "me", "Hello; world", "published", 1796112000, 3, "https://e.org/1,2")
    unknown = Event("0f3b", "company", "Where\nis it", "unknown", 1796115600)
    assert ics([unknown, published], now=0, name="Posts, mine") == (
        "BEGIN:VCALENDAR\r\n"
        "VERSION:2.0\r\n"
        "PRODID:-//postkit//schedule//EN\r\n"
        "CALSCALE:GREGORIAN\r\n"
        "X-WR-CALNAME:Posts\\, mine\r\n"
        "BEGIN:VEVENT\r\n"
        "UID:0f3a@postkit\r\n"
        "DTSTAMP:19700101T000000Z\r\n"
        "DTSTART:20261201T080000Z\r\n"
        "SEQUENCE:3\r\n"
        "STATUS:CONFIRMED\r\n"
        "SUMMARY:Hello\\; world (me)\r\n"
        "CATEGORIES:me\r\n"
        "URL:https://e.org/1,2\r\n"
        "TRANSP:TRANSPARENT\r\n"
        "END:VEVENT\r\n"
        "BEGIN:VEVENT\r\n"
        "UID:0f3b@postkit\r\n"
        "DTSTAMP:19700101T000000Z\r\n"
        "DTSTART:20261201T090000Z\r\n"
        "SEQUENCE:1\r\n"
        "STATUS:TENTATIVE\r\n"
        "SUMMARY:unknown: Where\\nis it (company)\r\n"
        "CATEGORIES:company\r\n"
        "TRANSP:TRANSPARENT\r\n"
        "END:VEVENT\r\n"
        "END:VCALENDAR\r\n"
    )


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("scheduled", "CONFIRMED"),
        ("published", "CONFIRMED"),
        ("publishing", "TENTATIVE"),
        ("unknown", "TENTATIVE"),
        ("failed", "TENTATIVE"),
        ("cancelled", "CANCELLED"),
    ],
)
def test_the_status_is_the_state(state: str, status: str) -> None:
    assert f"STATUS:{status}\r\n" in ics([event(1, 9, state)], now=0, name="Posts")


@given(EVENTS, st.text())
def test_whatever_a_title_holds_is_read_back(events: list[Event], name: str) -> None:
    text = ics(events, now=1_796_000_000, name=name)
    for line in text.split("\r\n"):
        assert len(line.encode()) <= 75
    _, *found = parsed(text)
    assert len(found) == len(events)
    for entry, fields in zip(sorted(events, key=lambda e: (e.at, e.id)), found, strict=True):
        values = dict(fields)
        assert len(values) == len(fields)
        summary = unescaped(values["SUMMARY"])
        kept = re.sub(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]", "", summary)
        assert kept == summary
        assert summary.endswith(")")
        if entry.title.isprintable() and entry.account.isprintable():
            trouble = f"{entry.state}: " * (values["STATUS"] == "TENTATIVE")
            assert summary == f"{trouble}{entry.title} ({entry.account})"
