"""Weekly slots and quiet hours: never twice, never in between, in every zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postkit.errors import ConfigError
from postkit.schedule.slots import (
    Quiet,
    Slot,
    leaves_quiet,
    next_free,
    next_slots,
    outside_quiet,
    read_quiet,
    read_slots,
)
from postkit.schedule.when import at_of, explain, moment_at, read_when, shown

CASES = Path(__file__).parents[1] / "cases" / "slots"


def rows(name: str, count: int) -> list[tuple[str, ...]]:
    """Return the fields of each case; what is left out at the end is empty."""
    return [
        tuple([*(field.strip() for field in line.split(" | ")), "", ""][:count])
        for line in (CASES / name).read_text(encoding="utf-8").splitlines()
        if " | " in line and not line.startswith("#")
    ]


def entries(text: str) -> list[str]:
    return [entry for entry in text.split(";") if entry.strip()]


def seen(at: float, zone: str) -> str:
    return shown(at, zone).removesuffix(f" ({zone})")


# ---------------------------------------------------------------------------------------------
# Tables


@pytest.mark.parametrize(("texts", "expected"), rows("read.txt", 2))
def test_what_slots_mean(texts: str, expected: str) -> None:
    slots = read_slots(entries(texts))
    assert "; ".join(map(str, slots)) == expected
    assert read_slots([str(slot) for slot in slots]) == slots


@pytest.mark.parametrize(("texts", "zone", "after", "count", "expected"), rows("next.txt", 5))
def test_the_next_slots(texts: str, zone: str, after: str, count: str, expected: str) -> None:
    begin = read_when(after, now=0, zone=zone).at
    found = next_slots(read_slots(entries(texts)), zone, begin, int(count))
    assert "; ".join(seen(moment.at, zone) for moment in found) == expected


@pytest.mark.parametrize(("texts", "zone", "due", "expected"), rows("quiet.txt", 4))
def test_when_quiet_hours_end(texts: str, zone: str, due: str, expected: str) -> None:
    at = read_when(due, now=0, zone=zone).at
    assert seen(leaves_quiet(at, read_quiet(entries(texts)), zone), zone) == expected


@pytest.mark.parametrize(
    ("read", "texts", "message", "hint"),
    [(read_slots, *fields) for fields in rows("refused.txt", 3)]
    + [(read_quiet, *fields) for fields in rows("quiet-refused.txt", 3)],
)
def test_what_is_refused(
    read: Callable[[list[str]], object], texts: str, message: str, hint: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        read([entry.strip() for entry in entries(texts)])
    assert (refused.value.message, refused.value.hint or "") == (message, hint)


# ---------------------------------------------------------------------------------------------
# Together


def test_the_next_free_slot_is_taken_by_nothing() -> None:
    slots = read_slots(["daily 09:00"])
    first, second, third = next_slots(slots, "Europe/Berlin", 0, 3)
    assert next_free(slots, "Europe/Berlin", 0, set()) == first
    assert next_free(slots, "Europe/Berlin", 0, {first.at, second.at}) == third


def test_an_account_without_slots_has_no_next_one() -> None:
    with pytest.raises(ConfigError, match="there are no `slots`"):
        next_free((), "UTC", 0, set())


def test_slots_in_quiet_hours_are_left_out_and_never_all() -> None:
    quiet = read_quiet(["22:00-07:00", "sun 00:00-24:00"])
    slots = read_slots(["daily 06:59", "daily 07:00", "sat,sun 12:00", "mon 22:00"])
    left = outside_quiet(slots, quiet)
    assert [str(slot) for slot in left] == ["Mon-Sat 07:00", "Sat 12:00"]
    with pytest.raises(ConfigError, match="none can ever match"):
        outside_quiet(read_slots(["sun 09:00", "mon 03:00"]), quiet)


def test_one_text_is_a_list_of_one() -> None:
    assert read_quiet("22:00-07:00") == read_quiet(["22:00-07:00"])
    assert read_quiet([]) == ()
    assert leaves_quiet(5.5, (), "UTC") == 5.5


# ---------------------------------------------------------------------------------------------
# Properties

ZONES = st.sampled_from(
    [
        *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"),
        *("Africa/Casablanca", "America/Santiago", "Asia/Beirut", "Africa/Cairo", "+05:30"),
        *("America/Havana", "Antarctica/Troll", "America/Nuuk", "Asia/Kathmandu"),
    ]
)
# Around changes of clocks, and anywhere.
STARTS = st.one_of(
    st.sampled_from(["2027-03-28", "2027-10-31", "2011-12-30", "2026-10-04", "2027-04-04"])
    .map(datetime.fromisoformat)
    .flatmap(lambda day: st.integers(-48 * 60, 48 * 60).map(lambda m: day + timedelta(minutes=m))),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(
        lambda d: d.replace(microsecond=0)
    ),
)
DAYS = st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days)))
CLOCKS = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
SLOTS = st.lists(st.builds(Slot, DAYS, CLOCKS), min_size=1, max_size=6)


@settings(max_examples=300, deadline=None)
@given(SLOTS, ZONES, STARTS)
def test_slots_come_in_order_once_and_at_their_time(
    slots: list[Slot], zone: str, start: datetime
) -> None:
    after = at_of(start, zone)
    found = next_slots(slots, zone, after, 25)
    moments = [moment.at for moment in found]
    assert len(found) == 25
    assert all(early < late for early, late in zip([after, *moments], moments, strict=False))
    for moment in found:
        assert any(
            moment.wall.weekday() in slot.days and moment.wall.time() == slot.at for slot in slots
        )
        there = moment_at(moment.at, zone).wall
        shifted = "does not exist" in (explain(moment) or "")
        assert (there == moment.wall) != shifted
        assert moment.fold == 0


@settings(max_examples=60, deadline=None)
@given(SLOTS, ZONES, STARTS)
def test_no_slot_is_left_out(slots: list[Slot], zone: str, start: datetime) -> None:
    """Every minute of the clock that is in a slot, the first time it is shown, is among them."""
    after = at_of(start, zone)
    until = after + 3 * 86_400
    found = {m.at for m in next_slots(slots, zone, after, 40) if m.at <= until}
    minute = (after // 60 + 1) * 60
    while minute <= until:
        wall = moment_at(minute, zone).wall
        if any(wall.weekday() in slot.days and wall.time() == slot.at for slot in slots):
            first = at_of(wall, zone)
            assert first in found or first <= after
        minute += 60


def quiet_hours(days: tuple[int, ...], begin: int, length: int) -> Quiet:
    return Quiet(days, begin, begin + length)


HOURS = st.lists(
    st.builds(quiet_hours, DAYS, st.integers(0, 1439), st.integers(1, 1440)), max_size=4
)


def is_quiet(at: float, quiet: list[Quiet], zone: str) -> bool:
    """Say it another way than the code does: by the minute of the week."""
    wall = moment_at(at, zone).wall
    minute = wall.weekday() * 1440 + wall.hour * 60 + wall.minute
    return any(
        0 <= (minute - day * 1440 - hours.begin) % (7 * 1440) < hours.end - hours.begin
        for hours in quiet
        for day in hours.days
    )


@settings(max_examples=300, deadline=None)
@given(HOURS, ZONES, STARTS)
def test_quiet_hours_are_left_as_soon_as_they_end(
    quiet: list[Quiet], zone: str, start: datetime
) -> None:
    week = at_of(datetime(2024, 1, 1), "UTC")
    if all(is_quiet(week + 60 * minute, quiet, "UTC") for minute in range(7 * 1440)):
        return
    at = at_of(start, zone)
    end = leaves_quiet(at, quiet, zone)
    assert end >= at
    assert not is_quiet(end, quiet, zone)
    assert end == at or is_quiet(at, quiet, zone)
    for step in range(200):
        between = at + (end - at) * step / 200
        assert between == end or is_quiet(between, quiet, zone)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(1, 1440)), max_size=12)
)
def test_a_week_that_is_all_quiet_is_found(spans: list[tuple[int, int, int]]) -> None:
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    texts, quiet = [], []
    for day, begin, length in spans:
        end = begin + length
        if end % 1440 == begin:
            continue
        last = "24:00" if end == 1440 else f"{end // 60 % 24:02}:{end % 60:02}"
        texts.append(f"{names[day]} {begin // 60:02}:{begin % 60:02}-{last}")
        quiet.append(Quiet((day,), begin, end))
    week = at_of(datetime(2024, 1, 1), "UTC")
    full = all(is_quiet(week + 60 * minute, quiet, "UTC") for minute in range(7 * 1440))
    if full:
        with pytest.raises(ConfigError, match="cover the whole week"):
            read_quiet(texts)
    else:
        assert list(read_quiet(texts)) == quiet
