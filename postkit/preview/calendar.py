"""The calendar: what is planned and what became of it, followed live; moving and cancelling.

GET changes nothing. What a person does is asked for by POST, as it was seen: by its revision.

    calendar?view=month&day=2026-12-01    the page
    calendar/data?…                       the same as pieces of HTML
    calendar/meant?post=…&when=…          what a time means for a post
    calendar/move, calendar/cancel        by POST
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2s
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from postkit.article.config import Config
from postkit.errors import LedgerError, PostkitError, UsageError
from postkit.networks import NETWORKS
from postkit.networks.layout import fill_page
from postkit.preview.server import Answer, html, told
from postkit.schedule.calendar import MONTHS
from postkit.schedule.changes import CHANGEABLE, new_time, post_called, remarks, take_back
from postkit.schedule.entries import SCHEDULED, UNKNOWN, Entry, Tried, images_of
from postkit.schedule.home import ledger_path, open_ledger
from postkit.schedule.ledger import Outrun
from postkit.schedule.plan import NEVER, Plan, Standing
from postkit.schedule.when import DAYS, moment_at, system_zone, written

PAGE = 200  # posts of a list; there may be a million in a ledger
MOST_OF_A_MONTH = 1000
MOST_NEEDING = 5  # that are named above the calendar
_WIDE = 200  # characters of a first line, where there are many of them
_CHIPS = 3  # posts in a day of the month
_LATE = 60.0  # seconds after which it is told that a post waits
_WIDEST = 14 * 3600.0  # seconds; no clock is further from UTC
_FIRST, _LAST = date(1970, 2, 1), date(2200, 12, 31)

HELD = "held"
# The most urgent first: where there is room for one state of a day, it is that.
STATES = (UNKNOWN, "failed", HELD, "publishing", SCHEDULED, "published", "cancelled")


class Query(NamedTuple):
    """What a page shows: what its address says after the question mark."""

    view: str  # month or list
    day: date  # its month is what is shown
    account: str  # empty for all
    open_only: bool
    post: str  # the one that is open; empty for none
    most: int  # of a list

    def link(self, **changed: Any) -> str:
        """Return the address of the page with that changed, no post open."""
        to = self._replace(post="", **changed)
        said = {"view": to.view, "day": to.day.isoformat()}
        more = {"account": to.account, "state": "open" if to.open_only else ""}
        if to.most != PAGE:
            more["most"] = str(to.most)
        return "calendar?" + urlencode(said | {name: word for name, word in more.items() if word})


class Shown(NamedTuple):
    """A post as the calendar shows it."""

    id: str
    state: str
    wall: datetime  # by the clocks of its own zone
    zone: str  # where that is; empty where it is the machine's
    account: str
    network: str
    title: str
    notes: tuple[str, ...]  # what else has to be known at a glance

    @property
    def clock(self) -> str:
        return f"{self.wall:%H:%M}"

    @property
    def place(self) -> str:
        """The zone in one word."""
        return self.zone.rpartition("/")[2].replace("_", " ")


class Day(NamedTuple):
    """A day with its posts."""

    date: date
    posts: Sequence[Shown]

    @property
    def name(self) -> str:
        return day_name(self.date)

    @property
    def chips(self) -> Sequence[Shown]:
        """The posts that a day of the month has room for."""
        return self.posts[: _CHIPS if len(self.posts) <= _CHIPS else _CHIPS - 1]

    @property
    def states(self) -> list[tuple[str, int]]:
        """How many posts are in which state, the most urgent first."""
        counted = Counter(post.state for post in self.posts)
        return [(state, counted[state]) for state in STATES if counted[state]]

    @property
    def said(self) -> str:
        """The day in words: `Tuesday, 1 December 2026: 2 scheduled`."""
        states = ", ".join(f"{number} {state}" for state, number in self.states)
        return f"{self.name} {self.date.year}: {states or 'no posts'}"


class Calendar:
    """The page of one ledger. One that does not exist yet is as an empty one, until it does."""

    def __init__(self, config: Config, *, article: str | None = None) -> None:
        """Show the ledger of *config*; *article* is what the page before this one shows."""
        self._config = config
        self._article = article
        self._lock = threading.Lock()  # one person asks, once a second
        self._plan: Plan | None = None
        self._lies: tuple[int, int] | None = None  # which file was opened

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        if self._plan is not None:
            self._plan.ledger.store.close()
        self._plan = None

    @contextmanager
    def _opened(self) -> Iterator[Plan]:
        with self._lock:
            lies = _identity(ledger_path(self._config))
            if lies != self._lies:  # another file lies there now, from a backup for example
                self._close()
            if self._plan is None:
                self._lies = lies
                self._plan = Plan(open_ledger(self._config, create=False))
            try:
                yield self._plan
            except Outrun:
                raise
            except LedgerError:  # perhaps another one lies there by the next look
                self._close()
                raise

    # --- what is asked

    def answer(self, method: str, path: str, values: Mapping[str, Any]) -> Answer | None:
        """Answer for the server; see `Page`."""
        if method == "POST":
            post, rev = values.get("post"), values.get("rev")
            if not isinstance(post, str) or not isinstance(rev, int):
                return None
            if path == "move" and isinstance(values.get("when"), str):
                return self._move(post, values["when"], rev)
            return self._cancel(post, rev) if path == "cancel" else None
        if path == "meant":
            return self._meant(str(values.get("post", "")), str(values.get("when", "")))
        if path == "":
            return html(fill_page("calendar", self._seen(values)))
        return self._data(values) if path == "data" else None

    def _data(self, values: Mapping[str, str]) -> Answer:
        """Return the pieces of the page; nothing where the browser has them already."""
        seen = self._seen(values)
        parts = {
            "main": fill_page("calendar_main", seen),
            "about": fill_page("calendar_post", seen) if seen["about"] else "",
        }
        digest = blake2s("\0".join(parts.values()).encode("utf-8", "replace"), digest_size=12)
        version = digest.hexdigest()
        if values.get("known") == version:
            return Answer(HTTPStatus.NO_CONTENT)
        return told({"version": version, "parts": parts, "said": seen["said"]})

    def _meant(self, post: str, when: str) -> Answer:
        """Return what a time means; while it is typed, that is often nothing, and no failure."""
        with self._opened() as plan:
            now = plan.ledger.store.clock.now()
            try:
                entry = post_called(plan, post, *CHANGEABLE)
                moment = new_time(entry, when, now=now)
            except UsageError as error:
                return told({"error": error.message, "hint": error.hint})
        return told(
            {
                # read again later, "in 2 hours" would be another time than the one that was shown
                "when": "now" if when.strip().lower() == "now" else written(moment),
                "shown": long_time(moment_at(moment.at, moment.zone).wall, moment.zone),
                "remarks": remarks(moment, now=now),
                "pick": f"{moment.wall:%Y-%m-%dT%H:%M}" if moment.zone == entry.zone else "",
            }
        )

    def _move(self, post: str, when: str, rev: int) -> Answer:
        with self._opened() as plan:
            entry = post_called(plan, post, *CHANGEABLE)
            moment = new_time(entry, when, now=plan.ledger.store.clock.now())
            with _outrun_told():
                moved = plan.move(entry._replace(rev=rev), moment)
        return told({"rev": moved.rev})

    def _cancel(self, post: str, rev: int) -> Answer:
        with self._opened() as plan:
            entry = post_called(plan, post, *CHANGEABLE)
            with _outrun_told():
                done = take_back(plan, entry._replace(rev=rev), now=plan.ledger.store.clock.now())
        return told({"rev": done.rev})

    # --- what is seen

    def _seen(self, values: Mapping[str, str]) -> dict[str, Any]:
        """Return what the templates need; where the ledger cannot be read, why."""
        here = system_zone()
        seen: dict[str, Any] = {
            "article": self._article,
            "states": STATES,
            "here": here,
            "trouble": None,
            "about": None,
        }
        try:
            with self._opened() as plan:
                now = plan.ledger.store.clock.now()
                query = read_query(values, today=moment_at(now, here).wall.date())
                return seen | self._filled(plan, query, now, here)
        except PostkitError as error:
            return seen | {"trouble": error, "said": error.message}

    def _filled(self, plan: Plan, query: Query, now: float, here: str) -> dict[str, Any]:
        today = moment_at(now, here).wall.date()
        month = query.view == "month"
        whole = query.open_only and not month  # all that is open, of whichever month
        first = _monday(query.day) if month else query.day.replace(day=1)
        following = _months_on(query.day, 1)
        most = MOST_OF_A_MONTH if month else query.most
        entries = plan.listed(
            account=query.account or None,
            open_only=query.open_only,
            since=None if whole else _midnight(first) - _WIDEST,
            before=_midnight(_week_after(following)) + _WIDEST if month else None,
            most=most + 1,
        )
        named = {*self._config.accounts, query.account, *(entry.account for entry in entries)}
        accounts = sorted(named - {""})
        standing = plan.standing(accounts)

        def shown(entry: Entry) -> Shown:
            return shown_post(entry, standing, now=now, here=here)

        by_day: dict[date, list[Shown]] = {}
        posts = sorted(map(shown, entries[:most]), key=lambda post: (post.wall, post.account))
        for post in posts:
            if whole or post.wall.date() >= first:  # by its own clocks
                by_day.setdefault(post.wall.date(), []).append(post)
        needing = _needing(plan)
        seen: dict[str, Any] = {
            "query": query,
            "today": today,
            "weekdays": DAYS,
            "weeks": _weeks(query.day, by_day) if month else [],
            "days": [Day(day, found) for day, found in by_day.items()],
            "chosen": Day(query.day, by_day.get(query.day, ())),
            "whole": whole,
            "period": f"{MONTHS[query.day.month - 1]} {query.day.year}",
            "before": _months_on(query.day, -1),
            "following": following,
            "first": _FIRST,
            "latest": _LAST,
            "most": most,
            "more": len(entries) > most,
            "page": PAGE,
            "accounts": accounts,
            "standing": [
                (name, how, long_time(moment_at(how.blocked_until, here).wall, here))
                for name, how in standing.items()
                if how.paused or how.blocked_until > now
            ],
            "needing": [(shown(entry), why) for entry, why in needing[:MOST_NEEDING]],
            "needing_more": max(len(needing) - MOST_NEEDING, 0),
            "about": _about(plan, query.post, standing, now=now, here=here),
        }
        seen["said"] = _said(seen)
        return seen


def _identity(path: Path | None) -> tuple[int, int] | None:
    """Return which file lies at *path*; None where there is none, or a server instead."""
    try:
        state = path.stat() if path is not None else None
    except OSError:
        return None
    return (state.st_dev, state.st_ino) if state is not None else None


@contextmanager
def _outrun_told() -> Iterator[None]:
    """Say to a person at a page what commands say to one at a terminal."""
    try:
        yield
    except Outrun as error:
        hint = "look how it stands now, and try again"
        raise Outrun(error.message, hint=hint, path=error.path) from None


def read_query(values: Mapping[str, str], *, today: date) -> Query:
    """Return what an address asks for; what cannot be read in it counts as not said.

    >>> read_query({"day": "2026-02-31", "view": "list"}, today=date(2026, 12, 1))[:2]
    ('list', datetime.date(2026, 12, 1))
    """
    try:
        day = date.fromisoformat(values.get("day", ""))
    except ValueError:
        day = today
    most = values.get("most", "")
    return Query(
        "list" if values.get("view") == "list" else "month",
        min(max(day, _FIRST), _LAST),
        values.get("account", ""),
        values.get("state") == "open",
        values.get("post", ""),
        int(most) if most.isascii() and most.isdigit() and len(most) < 6 else PAGE,
    )


# ---------------------------------------------------------------------------------------------
# Days and times


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def _monday(day: date) -> date:
    """Return the Monday with which the month of *day* begins on a sheet."""
    first = day.replace(day=1)
    return first - timedelta(days=first.weekday())


def _months_on(day: date, count: int) -> date:
    """Return the first day of a month before or after that of *day*.

    >>> _months_on(date(2026, 12, 24), 1), _months_on(date(2026, 1, 31), -1)
    (datetime.date(2027, 1, 1), datetime.date(2025, 12, 1))
    """
    months = day.year * 12 + day.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def _week_after(first: date) -> date:
    """Return the Monday after the last week of the month before *first*."""
    return first + timedelta(days=-first.weekday() % 7)


def _weeks(day: date, by_day: Mapping[date, Sequence[Shown]]) -> list[list[Day]]:
    monday, end = _monday(day), _week_after(_months_on(day, 1))
    days = [monday + timedelta(days=n) for n in range((end - monday).days)]
    found = [Day(one, by_day.get(one, ())) for one in days]
    return [found[n : n + 7] for n in range(0, len(found), 7)]


def day_name(day: date) -> str:
    """Return a day as people say it.

    >>> day_name(date(2026, 12, 1))
    'Tuesday, 1 December'
    """
    return f"{DAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]}"


def long_time(wall: datetime, zone: str) -> str:
    """Return a wall clock as people read it.

    >>> long_time(datetime(2026, 12, 1, 9), "Europe/Berlin")
    'Tue, 1 Dec 2026 09:00 Europe/Berlin'
    """
    clock = wall.strftime("%H:%M:%S" if wall.second else "%H:%M")
    month = MONTHS[wall.month - 1][:3]
    return f"{DAYS[wall.weekday()][:3]}, {wall.day} {month} {wall.year} {clock} {zone}"


# ---------------------------------------------------------------------------------------------
# Posts


def _zone_of(entry: Entry, here: str) -> str:
    """Return the zone that a post is shown in: its own, unless it was published there and then."""
    return entry.zone if entry.wall else here


def shown_post(entry: Entry, standing: Mapping[str, Standing], *, now: float, here: str) -> Shown:
    """Return a post as the calendar shows it."""
    zone = _zone_of(entry, here)
    return Shown(
        entry.id,
        HELD if entry.held and entry.state == SCHEDULED else entry.state,
        moment_at(entry.due_at, zone).wall,
        "" if zone == here else zone,
        entry.account,
        _network(entry),
        entry.title if len(entry.title) <= _WIDE else f"{entry.title[: _WIDE - 1]}…",
        tuple(_notes(entry, standing, now=now, here=here)),
    )


def _network(entry: Entry) -> str:
    network = NETWORKS.get(entry.network)
    return network.title if network else entry.network


def _notes(
    entry: Entry, standing: Mapping[str, Standing], *, now: float, here: str
) -> Iterator[str]:
    if entry.state == SCHEDULED and not entry.held:
        if standing.get(entry.account, Standing()).paused:
            yield "account paused"
        elif now < entry.next_at < NEVER and entry.next_at > entry.due_at:
            yield f"waits until {moment_at(entry.next_at, here).wall:%H:%M}"
        elif entry.due_at < now - _LATE:
            yield "due: no worker took it yet"
    if entry.deleted_at is not None:
        yield "deleted since"
    if entry.state == "published" and entry.comment_state not in ("none", "published"):
        yield f"first comment {entry.comment_state}"


def _needing(plan: Plan) -> list[tuple[Entry, str]]:
    """Return the posts that wait for a person, and why."""
    return [
        *(
            (entry, "nobody knows whether it is public")
            for entry in plan.ledger.open()
            if entry.state == UNKNOWN
        ),
        *(
            (entry, "nobody knows whether its first comment is there")
            for entry in plan.ledger.with_open_comment(UNKNOWN)
        ),
        *((entry, entry.held) for entry in plan.held()),
    ]


class Attempted(NamedTuple):
    """An attempt in words."""

    when: str
    what: str
    outcome: str
    status: int | None
    detail: str


class About(NamedTuple):
    """All there is to tell of one post."""

    shown: Shown
    entry: Entry
    changeable: bool
    due: str
    due_here: str  # by the machine's clocks; empty where those are the post's
    finished: str
    next_try: str
    url: str
    visibility: str
    images: tuple[tuple[str, str], ...]  # name and description
    tried: tuple[Attempted, ...]


def _about(
    plan: Plan, post: str, standing: Mapping[str, Standing], *, now: float, here: str
) -> About | None:
    entry = plan.ledger.find(post) if post else None
    if entry is None:
        return None
    zone = _zone_of(entry, here)

    def by_us(at: float) -> str:
        return long_time(moment_at(at, here).wall, here)

    waits = entry.state == SCHEDULED and entry.due_at < entry.next_at < NEVER
    return About(
        shown_post(entry, {**plan.standing([entry.account]), **standing}, now=now, here=here),
        entry,
        entry.state in CHANGEABLE,
        long_time(moment_at(entry.due_at, zone).wall, zone),
        "" if zone == here else by_us(entry.due_at),
        "" if entry.finished_at is None else by_us(entry.finished_at),
        by_us(entry.next_at) if waits else "",
        entry.url if entry.url.startswith(("https://", "http://")) else "",
        entry.stored_message(()).visibility,
        tuple((image.path, image.alt) for image in images_of(entry)),
        tuple(_attempted(one, here) for one in plan.ledger.attempts(entry.id)),
    )


def _attempted(one: Tried, here: str) -> Attempted:
    what = {"comment": "first comment"}.get(one.what, one.what)
    when = long_time(moment_at(one.finished_at, here).wall, here).removesuffix(f" {here}")
    return Attempted(when, what, one.outcome, one.http_status, one.detail)


def _said(seen: Mapping[str, Any]) -> str:
    """Return what a screen reader is told once something else is shown."""
    if seen["query"].view == "month":
        return str(seen["chosen"].said)
    number = sum(len(day.posts) for day in seen["days"])
    begin = "All open posts" if seen["whole"] else f"From {seen['period']}"
    return f"{begin}: {number}{' and more' if seen['more'] else ''}"
