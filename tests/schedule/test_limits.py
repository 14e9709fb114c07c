"""How often an account may post, and what becomes of what is late."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postkit.errors import ConfigError
from postkit.schedule.limits import (
    Gcra,
    Late,
    Limits,
    admit_capped,
    decide_late,
    local_day,
    local_week,
    read_late,
    read_rate,
)
from postkit.schedule.when import at_of, moment_at
from tests.schedule.test_slots import ZONES, rows

# ---------------------------------------------------------------------------------------------
# Tables


@pytest.mark.parametrize(("text", "seconds", "day", "week"), rows("rate.txt", 4))
def test_what_a_rate_allows(text: str, seconds: str, day: str, week: str) -> None:
    limits = read_rate(text)
    spacing = limits.spacing.interval if limits.spacing else "-"
    told = (str(spacing), str(limits.per_day or "-"), str(limits.per_week or "-"))
    assert told == (seconds, day, week)


@pytest.mark.parametrize(("text", "seconds", "action"), rows("late.txt", 3))
def test_what_late_says(text: str, seconds: str, action: str) -> None:
    late = read_late(text)
    assert (f"{late.within_seconds:g}", late.action) == (seconds, action)


@pytest.mark.parametrize(
    ("read", "text", "message", "hint"),
    [(read_rate, *fields) for fields in rows("rate-refused.txt", 3)]
    + [(read_late, *fields) for fields in rows("late-refused.txt", 3)],
)
def test_what_is_refused(read: Callable[[str], object], text: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(text)
    assert (refused.value.message, refused.value.hint or "") == (message, hint)


def test_numbers_are_posts_a_day_and_seconds() -> None:
    assert read_rate(3) == Limits(per_day=3)
    assert read_late(3600) == Late("ask", 3600.0)
    for wrong in (0, -1):
        with pytest.raises(ConfigError):
            read_rate(wrong)
        with pytest.raises(ConfigError):
            read_late(wrong)


@pytest.mark.parametrize(
    ("rule", "seconds", "action"),
    [
        (None, 0, "publish"),
        (None, 6 * 3600, "publish"),
        (None, 6 * 3600 + 1, "ask"),
        ("publish", 10**9, "publish"),
        ("skip", 60, "publish"),  # a worker is never to the second
        ("skip", 901, "skip"),
        ("ask", 901, "ask"),
        ("skip 2h", 7200, "publish"),
        ("skip 2h", 7201, "skip"),
        ("6h", -5, "publish"),
    ],
)
def test_what_becomes_of_a_late_post(rule: str | None, seconds: int, action: str) -> None:
    assert decide_late(1000, 1000 + seconds, read_late(rule)) == action


# ---------------------------------------------------------------------------------------------
# Spacing


@settings(max_examples=300)
@given(
    st.integers(1, 600),
    st.integers(0, 3000),
    st.lists(st.integers(0, 400), min_size=1, max_size=80),
    st.integers(0, 5000),
)
def test_no_stretch_of_time_has_more_than_allowed(
    interval: int, burst: int, waits: list[int], stretch: int
) -> None:
    gcra = Gcra(interval, burst)
    now, tat, sent = 1_796_112_000, 0.0, []
    for wait in waits:
        now += wait
        answer = gcra.admit(tat, now)
        assert answer.allowed or answer.retry_at > now
        if answer.allowed:
            sent.append(now)
        tat = answer.tat
    most = 1 + (stretch + burst) // interval
    for first in sent:
        assert sum(first <= at <= first + stretch for at in sent) <= most


@settings(max_examples=200)
@given(
    st.integers(1, 120),
    st.sampled_from([("minute", 60), ("hour", 3600)]),
    st.lists(st.floats(0, 500, allow_nan=False), min_size=1, max_size=300),
)
def test_a_rate_is_never_exceeded(count: int, unit: tuple[str, int], waits: list[float]) -> None:
    spacing = read_rate(f"{count}/{unit[0]}").spacing
    assert spacing
    now, tat, sent = 1_796_112_000.25, 0.0, []
    for wait in waits:
        now += wait
        answer = spacing.admit(tat, now)
        tat = answer.tat
        if answer.allowed:
            sent.append(now)
        else:  # asking at the moment it names is enough
            assert spacing.admit(tat, answer.retry_at).allowed
    for first in sent:
        assert sum(first <= at < first + unit[1] for at in sent) <= count


def test_patience_gets_the_whole_rate() -> None:
    spacing = read_rate("10/hour").spacing
    assert spacing
    tat, sent = 0.0, 0
    for second in range(3600):
        answer = spacing.admit(tat, 1e9 + second)
        tat, sent = answer.tat, sent + answer.allowed
    assert sent == 10


def test_a_refusal_changes_nothing() -> None:
    gcra = Gcra(60, 30)
    tat = gcra.admit(0, 1000).tat
    refused = gcra.admit(tat, 1010)
    assert (refused.allowed, refused.tat, refused.retry_at) == (False, tat, 1030)
    assert gcra.admit(tat, 1030) == (True, 1120, 1030)


# ---------------------------------------------------------------------------------------------
# Days and weeks


@pytest.mark.parametrize(
    ("zone", "wall", "hours"),
    [
        ("Europe/Berlin", datetime(2027, 3, 28, 12), 23),
        ("Europe/Berlin", datetime(2027, 10, 31, 12), 25),
        ("Europe/Berlin", datetime(2027, 10, 30, 23, 59, 59), 24),
        ("Australia/Lord_Howe", datetime(2026, 10, 4, 12), 23.5),
        ("Pacific/Apia", datetime(2011, 12, 29, 12), 24),
        ("Pacific/Apia", datetime(2011, 12, 31, 12), 24),
        ("America/Santiago", datetime(2024, 9, 8, 12), 23),
        ("UTC", datetime(2026, 1, 1), 24),
    ],
)
def test_a_day_is_that_of_the_place(zone: str, wall: datetime, hours: float) -> None:
    now = at_of(wall, zone)
    begin, end = local_day(now, zone)
    assert begin <= now < end
    assert (end - begin) / 3600 == hours


def test_a_week_begins_on_monday() -> None:
    begin, end = local_week(at_of(datetime(2027, 10, 31, 12), "Europe/Berlin"), "Europe/Berlin")
    assert moment_at(begin, "Europe/Berlin").wall == datetime(2027, 10, 25)
    assert moment_at(end, "Europe/Berlin").wall == datetime(2027, 11, 1)
    assert (end - begin) / 3600 == 7 * 24 + 1


@settings(deadline=None)
@given(st.integers(10**9, 4 * 10**9), ZONES)
def test_days_follow_each_other_without_a_gap(now: int, zone: str) -> None:
    begin, end = local_day(now, zone)
    assert begin <= now < end
    assert local_day(end, zone)[0] == end
    assert local_day(begin - 1, zone)[1] == begin
    first, last = local_week(now, zone)
    assert first <= begin
    assert end <= last


def test_a_full_day_lets_nothing_out_before_it_ends() -> None:
    assert admit_capped(2, 3, 86_400, 1000).allowed
    answer = admit_capped(3, 3, 86_400, 1000)
    assert (answer.allowed, answer.retry_at) == (False, 86_400)
    assert math.isfinite(answer.tat)
