"""What people write as a time, in every zone and around every change of clocks."""

from __future__ import annotations

import re
import tomllib
import zoneinfo
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postkit.errors import UnknownName, UsageError
from postkit.schedule import when
from postkit.schedule.clock import iso
from postkit.schedule.limits import read_rate
from postkit.schedule.slots import read_quiet, read_slots
from postkit.schedule.when import (
    Moment,
    at_of,
    explain,
    far_ahead,
    moment_at,
    moment_of,
    read_when,
    read_zone,
    shown,
    system_zone,
    tz_of,
    written,
    zone_of,
)

CASES = Path(__file__).parents[1] / "cases" / "when"
ZONES = sorted(zoneinfo.available_timezones() - {"localtime", "Factory"})
YEAR = 366 * 86_400


def lines(name: str) -> list[str]:
    """Return the lines of a table, and those that begin a block."""
    found = (CASES / name).read_text(encoding="utf-8").splitlines()
    return [line for line in found if " | " in line or line.startswith("## ")]


def fields(line: str, count: int) -> list[str]:
    """Return the fields of a case; what is left out at the end is empty."""
    return [*(field.strip() for field in line.split(" | ")), ""][:count]


def start(text: str) -> Moment:
    return read_when(text, now=0, zone="UTC")


# ---------------------------------------------------------------------------------------------
# Tables


def readings() -> list[list[str]]:
    found, now = [], ""
    for line in lines("read.txt"):
        if line.startswith("## "):
            now = line.removeprefix("## ")
        elif not line.startswith("#"):
            found.append([now, *fields(line, 4)])
    return found


@pytest.mark.parametrize(("now", "text", "expected", "utc", "told"), readings())
def test_what_is_read(now: str, text: str, expected: str, utc: str, told: str) -> None:
    moment = read_when(text, now=start(now).at, zone=start(now).zone)
    assert (written(moment), iso(moment.at)) == (expected, utc)
    assert (explain(moment) or "") == told


REFUSED = [fields(line, 3) for line in lines("refused.txt") if not line.startswith("#")]


@pytest.mark.parametrize(("text", "message", "hint"), REFUSED)
def test_what_is_refused(text: str, message: str, hint: str) -> None:
    now = start("2026-11-23T10:00[Europe/Berlin]")
    with pytest.raises(UsageError) as refused:
        read_when(text, now=now.at, zone=now.zone)
    assert (refused.value.message, refused.value.hint or "") == (message, hint)


DOCS = (Path(__file__).parents[2] / "docs" / "schedule-times.md").read_text(encoding="utf-8")


def test_the_docs_show_times_that_are_read() -> None:
    table = DOCS.partition("| written | meant |")[2].partition("\n\n")[0]
    shown_there = [
        text
        for line in table.splitlines()
        for text in re.findall(r"`([^`]+)`", line.split(" | ")[0])
    ]
    assert len(shown_there) > 20
    now = start("2026-11-23T08:00Z").at
    for text in shown_there:
        assert read_when(text, now=now, zone="Europe/Berlin").at >= now


def test_the_docs_show_settings_that_are_read() -> None:
    readers = {
        "timezone": read_zone,
        "slots": read_slots,
        "quiet_hours": read_quiet,
        "rate": read_rate,
    }
    seen = set()
    for block in re.findall(r"^```toml\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL):
        for part in block.split("# or\n"):
            tables = tomllib.loads(part)
            for key, value in tables.get("accounts", {"me": tables}).get("me").items():
                seen.add(key)
                assert readers[key](value)
    assert seen == set(readers)


def test_the_facts_about_berlin() -> None:
    """What croniter does otherwise: it moves the gap and fires twice in the fold."""
    gap, fold = datetime(2027, 3, 28, 2, 30), datetime(2027, 10, 31, 2, 30)
    assert iso(at_of(gap, "Europe/Berlin")) == "2027-03-28T01:00:00Z"
    assert iso(at_of(fold, "Europe/Berlin")) == "2027-10-31T00:30:00Z"
    assert iso(at_of(fold, "Europe/Berlin", 1)) == "2027-10-31T01:30:00Z"


def test_a_moment_far_ahead_is_asked_about() -> None:
    now = start("2026-11-23T10:00Z").at
    far = read_when("2032-01-01 09:00", now=now, zone="Europe/Berlin")
    told = far_ahead(far, now=now)
    assert told == "Thu 2032-01-01 09:00 CET (Europe/Berlin) is 5 years ahead"
    near = read_when("2031-11-01 09:00", now=now, zone="Europe/Berlin")
    assert far_ahead(near, now=now) is None


def test_seconds_of_the_clock_are_dropped_and_a_minute_is_no_past() -> None:
    assert read_when("now", now=1000.9, zone="UTC").at == 1000
    assert read_when("1970-01-01 00:16", now=1019.9, zone="UTC").at == 960
    with pytest.raises(UsageError, match="is past: 1 minute ago"):
        read_when("1970-01-01 00:16", now=1020.5, zone="UTC")


# ---------------------------------------------------------------------------------------------
# Which zone


def test_the_first_zone_that_is_given_counts() -> None:
    assert zone_of(None, "asia/tokyo", "Mars", system=lambda: "UTC") == "Asia/Tokyo"
    assert zone_of(None, "", system=lambda: "Europe/Berlin") == "Europe/Berlin"
    with pytest.raises(UnknownName, match="`Mars` is no time zone"):
        zone_of("Mars", "Asia/Tokyo")


@pytest.mark.parametrize(
    ("tz", "link", "file", "zone"),
    [
        ("", "/usr/share/zoneinfo/Europe/Berlin", "", "Europe/Berlin"),
        ("", "/var/db/timezone/zoneinfo/America/New_York", "", "America/New_York"),
        ("", "/usr/share/zoneinfo/posix/Asia/Tokyo", "", "Asia/Tokyo"),
        ("", "../usr/share/zoneinfo/Etc/UTC", "", "UTC"),
        ("", "/somewhere/else", "Europe/Paris\n", "Europe/Paris"),
        ("", "", "", "UTC"),
        ("Asia/Tokyo", "/usr/share/zoneinfo/Europe/Berlin", "", "Asia/Tokyo"),
        (":Asia/Tokyo", "", "", "Asia/Tokyo"),
        ("CET", "", "", "CET"),
        ("CET-1CEST,M3.5.0", "/usr/share/zoneinfo/Europe/Berlin", "", "UTC"),
    ],
)
def test_the_zone_of_the_machine(tz: str, link: str, file: str, zone: str, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    if link:
        (tmp_path / "etc" / "localtime").symlink_to(link)
    if file:
        (tmp_path / "etc" / "timezone").write_text(file, encoding="utf-8")
    assert system_zone({"TZ": tz} if tz else {}, tmp_path) == zone


@pytest.mark.parametrize("name", ["", "../etc/passwd", "Europe", "localtime", "est", "Nowhere/Now"])
def test_what_is_no_zone(name: str) -> None:
    with pytest.raises(UsageError):
        read_zone(name)


def test_a_machine_without_zones_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(when, "_zones", dict)
    with pytest.raises(UnknownName) as refused:
        tz_of("Europe/Berlinn")
    assert refused.value.hint == "install them: `pip install tzdata`"


def test_every_place_is_read_in_any_case() -> None:
    for zone in ZONES:
        if "/" in zone:
            assert read_zone(zone.upper()) == zone


@pytest.mark.parametrize("zone", ["EST", "est", "MST", "CET", "EET", "WET", "HST", "BST", "IST"])
def test_a_short_name_is_answered_with_a_place(zone: str) -> None:
    with pytest.raises(UnknownName) as refused:
        read_zone(zone)
    assert "name a place instead, like `" in (refused.value.hint or "")


# ---------------------------------------------------------------------------------------------
# Every change of clocks


def local(at: float, zone: str) -> datetime:
    return datetime.fromtimestamp(at, zoneinfo.ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def changes(zone: str, first: int, last: int) -> Iterator[int]:
    """Yield the instants at which a zone changes its offset: day by day, then by halves."""
    tz = zoneinfo.ZoneInfo(zone)

    def offset(at: int) -> timedelta | None:
        return datetime.fromtimestamp(at, tz).utcoffset()

    for day in range(first, last, 86_400):
        low, high = day, day + 86_400
        if offset(low) == offset(high):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
        yield high


@cache
def all_changes() -> list[tuple[str, int]]:
    spans = [(2011, 2012), (2024, 2028)]
    return [
        (zone, at)
        for zone in ZONES
        for first, last in spans
        for at in changes(zone, int(start_of(first)), int(start_of(last)))
    ]


def start_of(year: int) -> float:
    return (datetime(year, 1, 1) - datetime(1970, 1, 1)).total_seconds()


def test_every_wall_time_around_every_change() -> None:
    assert len(all_changes()) > 1500
    for zone, at in all_changes():
        before, after = local(at - 1, zone) + timedelta(seconds=1), local(at, zone)
        for edge in (before, after, before + (after - before) / 2):
            for aside in (-1, 0, 1):
                wall = edge.replace(microsecond=0) + timedelta(seconds=aside)
                # Whatever instants show that wall time, found by trying both offsets.
                seconds = (wall - datetime(1970, 1, 1)).total_seconds()
                tried = {seconds - (w - datetime(1970, 1, 1)).total_seconds() + at
                         for w in (before, after)}  # fmt: skip
                real = sorted(u for u in tried if local(u, zone) == wall)
                moment = moment_of(wall, zone)
                if real:
                    assert (moment.at, at_of(wall, zone, 1)) == (real[0], real[-1]), (zone, wall)
                    assert (explain(moment) is not None) == (len(real) > 1), (zone, wall)
                else:
                    assert moment.at == at_of(wall, zone, 1) == at, (zone, wall)
                    assert local(at - 1, zone) < wall < local(at, zone), (zone, wall)
                    assert "does not exist" in (explain(moment) or "")


def test_a_later_wall_time_is_never_an_earlier_moment() -> None:
    for zone, at in all_changes()[::7]:
        middle = local(at, zone)
        walls = [middle + timedelta(minutes=15 * step) for step in range(-200, 200)]
        moments = [at_of(wall, zone) for wall in walls]
        assert moments == sorted(moments), zone


@settings(deadline=None)
@given(
    st.sampled_from(ZONES),
    st.integers(min_value=30 * YEAR, max_value=130 * YEAR),
    st.integers(0, 1),
)
def test_a_moment_is_read_as_it_was_written(zone: str, at: int, fold: int) -> None:
    there = moment_at(at, zone)
    assert at_of(there.wall, zone, there.fold) == at
    for moment in (there, moment_of(there.wall, zone, fold)):
        assert read_when(written(moment), now=moment.at, zone="UTC") == moment
    assert shown(at, zone)[4:20] == f"{there.wall:%Y-%m-%d %H:%M}"


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(-3 * 3600, 3 * 3600), st.integers(0, 1))
def test_so_is_one_around_a_change(which: int, aside: int, fold: int) -> None:
    zone, at = all_changes()[which % len(all_changes())]
    for wall in (local(at, zone), local(at - 1, zone)):
        moment = moment_of(wall + timedelta(seconds=aside), zone, fold)
        assert read_when(written(moment), now=moment.at, zone="UTC") == moment


@given(st.integers(-14 * 60, 14 * 60), st.integers(0, 100 * YEAR))
def test_and_one_with_an_offset(minutes: int, at: int) -> None:
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    moment = moment_at(at, zone)
    assert explain(moment) is None
    assert read_when(written(moment), now=at, zone="Asia/Tokyo") == moment


WORDS = st.sampled_from(
    [
        *("now", "in", "3", "99999", "days", "hours", "weeks", "today", "tomorrow", "monday"),
        *("next", "at", "on", "9:00", "9am", "24:00", "noon", "midnight", "T09:00", "T", "Z"),
        *("2026-12-01", "2027-03-28", "01/02/2026", "+02:00", "[Europe/Berlin]", "[", "]"),
        *("Asia/Tokyo", "EST", "Mars", ",", "-", ":"),
    ]
)


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(st.lists(WORDS, max_size=6).map(" ".join), st.lists(WORDS).map("".join), st.text())
)
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    now = 1_796_112_000.0
    with suppress(UsageError):
        moment = read_when(text, now=now, zone="Europe/Berlin")
        assert moment.at >= now - when.TOLERANCE
        assert moment_of(moment.wall, moment.zone, moment.fold).at == moment.at
        assert text.strip()
