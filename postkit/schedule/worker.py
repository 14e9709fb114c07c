"""What is due goes out: one look at the ledger, or looks until somebody says stop.

    due ─▶ late? paused? blocked? quiet? rate? ─▶ Desk.deliver ─▶ Done

The same posts, rules and path as `postkit publish`; what a process left behind that was killed is
found out about meanwhile. Several posts are on their way at a time, and never two of one account.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import NamedTuple

from postkit.article.config import Config
from postkit.errors import LedgerAway, LedgerError, OutcomeUnknown, PostkitError
from postkit.publishers.base import Account, Publisher, Refused
from postkit.schedule import entries as states
from postkit.schedule.clock import Clock
from postkit.schedule.entries import Entry
from postkit.schedule.lanes import Lanes
from postkit.schedule.ledger import Ledger, Outrun
from postkit.schedule.limits import decide_late
from postkit.schedule.locks import Busy
from postkit.schedule.plan import NEVER, Plan, Standing
from postkit.schedule.publishing import Desk, Result
from postkit.schedule.retry import may_repeat
from postkit.schedule.rules import Rules, here, retry_at, rules_of
from postkit.schedule.served import Served
from postkit.schedule.when import at_of, zones_version

AT_A_TIME = 4  # posts on their way
BATCH = 100  # posts that are looked at in one go
LOOK_EVERY = 5.0  # seconds between two looks, where nothing is due before
LOOK_AGAIN = 300.0  # seconds after something at this end failed, such as a missing token
BUSY_WAIT = 5.0  # seconds to wait for whoever else publishes on an account that has a rate
AWAY = 2.0  # seconds between two looks at a ledger that is away
DESK_KEPT = 60.0  # seconds in which a token that was read is taken for the same
MOST_DESKS = 10_000


class Done(NamedTuple):
    """What became of a post in this look."""

    entry: Entry
    event: str  # published, failed, unknown, retry, skipped, held, postponed, comment
    late: float  # seconds after it was due
    error: str = ""
    hint: str = ""
    result: Result | None = None


class Office(NamedTuple):
    """Where posts of all accounts go out, and who is told."""

    ledger: Ledger
    config: Config
    account_of: Callable[[str], Account]  # raises `PostkitError`
    publisher_of: Callable[[Account], Publisher]  # the same, where there is no token
    published_at: Callable[[Entry], str]  # where an article says that it was published since
    tell: Callable[[Done], None]
    say: Callable[[str], None]
    clock: Clock


class Worker:
    """Publishes what is due in one ledger."""

    def __init__(self, office: Office, *, at_a_time: int = AT_A_TIME) -> None:
        self._office = office
        self._ledger = office.ledger
        self._plan = Plan(office.ledger)
        self._at_a_time = at_a_time
        self._stop = threading.Event()
        here()  # now, and not in every thread at once
        self._rules: dict[str, Rules] = {}
        self._desks: dict[str, tuple[float, Desk]] = {}

    def stop(self) -> None:
        """Take nothing more; what is on its way comes to its end."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        return self._stop.is_set()

    def run_due(self) -> Counter[str]:
        """Publish all that is due now, and return how often what became of it: see `Done.event`."""
        found: Counter[str] = Counter()
        lanes = Lanes(self._at_a_time)
        most = max(BATCH, 8 * self._at_a_time)

        def task(treat: Callable[[Entry], Done | None]) -> Callable[[Entry], None]:
            def treated(entry: Entry) -> None:
                if not self._stop.is_set() and (done := treat(entry)) is not None:
                    found[done.event] += 1

            return treated

        try:
            for entry in self.left_behind():
                lanes.put(entry, task(self.settle))
            while not self._stop.is_set():
                batch = self._plan.due(self._office.clock.now(), most)
                standing = self._plan.standing({entry.account for entry in batch})
                for entry in batch:
                    how = standing.get(entry.account, Standing())
                    lanes.put(entry, task(partial(self.deliver, standing=how)))
                if not len(lanes):
                    break
                few = most // 4 if len(batch) == most else 1
                lanes.wait(few, timeout=self._until_next())
        finally:
            lanes.close()
        lanes.wait(1)
        return found

    def run(self, *, beat: Callable[[], None], retimed: Callable[[int], None]) -> None:
        """Publish what is due until `stop`; *beat* with each look, tell how many were *retimed*.

        A ledger that is away for a moment is waited for; one that a newer postkit has taken over
        ends the worker with `LedgerError`.
        """
        threading.Thread(target=self._retime_aside, args=(retimed,), daemon=True).start()
        while not self._stop.is_set():
            try:
                if not self._served(beat):
                    self.run_due()
                    self._look_around(beat)
                    self._stop.wait(self._until_next())
            except LedgerAway as error:
                self._office.say(f"{error.message}; trying again in {AWAY:.0f} seconds")
                self._stop.wait(AWAY)

    def _look_around(self, beat: Callable[[], None]) -> None:
        beat()
        if self._ledger.store.outdated():
            raise LedgerError(
                "a newer postkit has taken this ledger over",
                hint="start a worker of that one",
                path=self._ledger.store.name,
            )

    def _served(self, beat: Callable[[], None]) -> bool:
        """Publish what the store's queue hands over; False where it has none."""
        served = Served(self, self._plan, self._office.clock, self._at_a_time)

        def watch() -> None:
            try:
                while not (self._stop.is_set() or served.stopping.is_set()):
                    self._look_around(beat)
                    served.look_after(self.left_behind())
                    self._stop.wait(LOOK_EVERY)
                served.stopping.set()
            except BaseException as error:  # noqa: BLE001  it is raised where the queue is served
                served.fail(error)

        watching = threading.Thread(target=watch, name="watch")
        watching.start()
        try:
            return self._ledger.store.serve(served, at_a_time=self._at_a_time)
        finally:
            served.stopping.set()
            watching.join()
            served.close()

    def _until_next(self) -> float:
        """Return how many seconds to wait before the next look."""
        coming = self._plan.next_at()
        wait = LOOK_EVERY if coming is None else coming - self._office.clock.now()
        return min(max(wait, 0.05), LOOK_EVERY)

    def retime(self) -> int:
        """Correct the posts whose zone has other rules than when they were planned.

        Only where this machine's zones are of another release than what all were compared with.
        """
        version = zones_version()
        if version and self._plan.compared_with() == version:
            return 0
        changed = 0
        for timed in self._plan.timed():
            if self._stop.is_set():
                return changed
            at = at_of(datetime.fromisoformat(timed.wall), timed.zone, timed.fold)
            changed += at != timed.due_at and self._plan.retimed(timed, at)
        self._plan.compared(version)
        return changed

    def _retime_aside(self, retimed: Callable[[int], None]) -> None:
        """Do that while posts go out already: a million of them take a while."""
        try:
            retimed(self.retime())
        except PostkitError as error:
            self._office.say(f"the times of posts were not compared: {error.message}")

    # --- what was left behind

    def left_behind(self) -> list[Entry]:
        """Return the posts that a process was at when it ended, and those that may be repeated."""
        store = self._ledger.store
        now = self._office.clock.now()
        found = []
        for entry in self._ledger.open():
            if entry.state == states.PUBLISHING:
                if not store.alive(entry.worker):
                    found.append(entry)
                continue
            table = self._office.config.accounts.get(entry.account, {})
            window = table.get("duplicate_window", 600)
            if may_repeat(entry, window=window, now=now):
                found.append(entry)
        for entry in self._ledger.with_open_comment(states.PENDING, states.SENDING):
            dead = entry.comment_state == states.PENDING or not store.alive(entry.worker)
            if dead and not entry.comment_error:
                found.append(entry)
        return found

    def settle(self, entry: Entry) -> Done | None:
        """Find out what became of a post that was left behind."""
        try:
            if entry.state == states.PUBLISHING:
                entry = self._desk(entry.account).taken_over(entry)
                if entry.state == states.PUBLISHING:
                    return None  # its request may still be on its way
            if entry.state == states.SCHEDULED:
                return None  # it is due as it was
            result = self._desk(entry.account).settle(entry.id, patience=0.0)
        except Busy:
            return None  # somebody else finds out
        except PostkitError as error:
            return self._trouble(entry, error)
        now = result.entry
        if (now.state, now.comment_state) == (states.PUBLISHED, entry.comment_state):
            return None  # somebody else was at it
        return self._told(result)

    # --- what is due

    def deliver(self, entry: Entry, *, standing: Standing) -> Done | None:
        """Publish a post that is due, or say why not now."""
        now = self._office.clock.now()
        plan = self._plan
        try:
            rules = self._rules_of(entry.account)
            action = decide_late(entry.due_at, now, rules.late)
            if action == "skip":
                why = "it was too late to publish it"
                return self._skipped(entry, why, now)
            if action == "ask":
                plan.hold(entry, "it is late: a person has to say whether it still goes out")
                return self._now(entry, "held")
            elsewhere = self._office.published_at(entry)
            if elsewhere:
                why = f"the article says that it is published: {elsewhere}"
                return self._skipped(entry, why, now)
            if standing.paused:
                plan.postpone(entry, NEVER, "the account is paused")
                return self._now(entry, "postponed")
            if standing.blocked_until > now:
                plan.postpone(entry, standing.blocked_until, standing.reason)
                return self._now(entry, "postponed")
            desk = self._desk(entry.account)
            if not rules.limited:
                return self._told(desk.deliver(entry, plan.message(entry)))
            alone = self._ledger.store.alone(
                entry.account, waiting=lambda: None, patience=BUSY_WAIT
            )
            with alone:
                wait = rules.not_before(entry, plan, now)
                if wait is None:
                    return self._told(desk.deliver(entry, plan.message(entry)))
            plan.postpone(entry, wait, "the account's quiet hours or rate")
            return self._now(entry, "postponed")
        except Busy:
            plan.postpone(entry, now + 2 * BUSY_WAIT, "somebody else publishes on the account")
            return self._now(entry, "postponed")
        except PostkitError as error:
            return self._trouble(entry, error)

    def _skipped(self, entry: Entry, why: str, now: float) -> Done | None:
        try:
            entry = self._plan.cancel(entry, why, now=now)
        except Outrun:
            return None
        return self._tell(Done(entry, "skipped", now - entry.due_at, why))

    def _rules_of(self, account: str) -> Rules:
        if account not in self._rules:
            self._rules[account] = rules_of(self._office.config, account)
        return self._rules[account]

    def _desk(self, account: str) -> Desk:
        """Return where an account's posts are sent from; its token holds for a while."""
        now = time.monotonic()
        kept = self._desks.get(account)
        if kept is not None and now < kept[0]:
            return kept[1]
        found = self._office.account_of(account)
        clock = self._office.clock

        def again(entry: Entry, refused: Refused) -> float | None:
            return retry_at(entry, refused, clock.now())

        publisher = self._office.publisher_of(found)
        desk = Desk(self._ledger, publisher, found, clock, self._office.say, again)
        if len(self._desks) >= MOST_DESKS:
            self._desks.clear()
        self._desks[account] = (now + DESK_KEPT, desk)
        return desk

    def _trouble(self, entry: Entry, error: PostkitError) -> Done | None:
        """Look again later: something at this end has to be mended."""
        self._desks.pop(entry.account, None)
        if isinstance(error, LedgerAway):
            raise error
        now = self._office.clock.now()
        event = "unknown" if isinstance(error, OutcomeUnknown) else "failed"
        self._plan.postpone(entry, now + LOOK_AGAIN, error.message)
        return self._now(entry, event, error.message, error.hint or "")

    def _now(self, entry: Entry, event: str, error: str = "", hint: str = "") -> Done:
        entry = self._ledger.known(entry.id)
        late = max(self._office.clock.now() - entry.due_at, 0.0)
        return self._tell(Done(entry, event, late, error or entry.error, hint))

    def _told(self, result: Result) -> Done | None:
        entry = result.entry
        if result.refused is not None and result.refused.status == 401:
            self._desks.pop(entry.account, None)  # the token may have been renewed
        late = max((entry.finished_at or self._office.clock.now()) - entry.due_at, 0.0)
        hint = result.refused.hint if result.refused else ""
        if entry.state in (states.SCHEDULED, states.PUBLISHING, states.CANCELLED):
            if result.refused is None:
                return None  # somebody changed it at this moment
            return self._tell(Done(entry, "retry", late, entry.error, hint, result))
        if entry.state == states.PUBLISHED and not result.sent and entry.comment_state == "none":
            return None  # somebody else was at it
        event = entry.state if result.sent or entry.state != states.PUBLISHED else "comment"
        return self._tell(Done(entry, event, late, entry.error, hint, result))

    def _tell(self, done: Done) -> Done:
        self._office.tell(done)
        return done
