"""What is due goes out: one look at the ledger, or looks until somebody says stop.

    due ─▶ late? paused? blocked? quiet? rate? ─▶ Desk.deliver ─▶ Done

The same posts, rules and path as `postkit publish`; what a process left behind that was killed is
found out about first. Each thread has a connection of its own, and each account one lock, so that
several posts are on their way at a time, and never two of one account.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from postkit.article.config import Config
from postkit.errors import OutcomeUnknown, PostkitError
from postkit.publishers.base import Account, Publisher, Refused
from postkit.schedule import entries as states
from postkit.schedule.clock import Clock
from postkit.schedule.entries import Entry
from postkit.schedule.ledger import Ledger
from postkit.schedule.limits import decide_late
from postkit.schedule.plan import Plan
from postkit.schedule.publishing import Desk, Result
from postkit.schedule.retry import may_repeat
from postkit.schedule.rules import Rules, retry_at, rules_of
from postkit.schedule.when import at_of

AT_A_TIME = 4  # posts on their way
BATCH = 100  # posts that are looked at in one go
LOOK_AGAIN = 300.0  # seconds after something at this end failed, such as a missing token
NEVER = 1e11  # seconds since 1970; a pause ends when a person says so


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

    ledger_path: Path
    config: Config
    account_of: Callable[[str], Account]  # raises `PostkitError`
    publisher_of: Callable[[Account], Publisher]  # the same, where there is no token
    published_at: Callable[[Entry], str]  # where an article says that it was published since
    clock: Clock
    tell: Callable[[Done], None]
    say: Callable[[str], None]


class Worker:
    """Publishes what is due in one ledger."""

    def __init__(self, office: Office, *, at_a_time: int = AT_A_TIME) -> None:
        self._office = office
        self._stop = threading.Event()
        self._at_a_time = at_a_time
        self._local = threading.local()
        self._ledgers: list[Ledger] = []
        self._rules: dict[str, Rules] = {}

    def stop(self) -> None:
        """Take nothing more; what is on its way comes to its end."""
        self._stop.set()

    def run_due(self) -> list[Done]:
        """Publish all that is due now, and return what became of it."""
        done: list[Done] = []
        with self._threads() as pool:
            done += self._finish(
                pool.submit(self._all_left_behind, of_account)
                for of_account in _by_account(self._open())
            )
            while not self._stop.is_set():
                batch = self._plan().due(self._office.clock.now(), BATCH)
                if not batch:
                    break
                done += self._finish(
                    pool.submit(self._all_due, of_account) for of_account in _by_account(batch)
                )
        return done

    def run(self, *, every: float, beat: Callable[[Plan], None]) -> list[Done]:
        """Publish what is due until `stop`; look every so many seconds, and *beat* with each look.

        What failed or is unknown in the end is returned.
        """
        bad: list[Done] = []
        while not self._stop.is_set():
            bad += [done for done in self.run_due() if done.event in ("failed", "unknown")]
            with Ledger(self._office.ledger_path) as ledger:
                beat(Plan(ledger))
                coming = Plan(ledger).next_at()
            wait = every if coming is None else coming - self._office.clock.now()
            self._stop.wait(min(max(wait, 0.05), every))
        return bad

    def retime(self) -> int:
        """Correct the posts whose zone has other rules than when they were planned."""
        with Ledger(self._office.ledger_path) as ledger:
            plan = Plan(ledger)
            changed = 0
            for entry in plan.listed(open_only=True):
                if entry.state == states.SCHEDULED and (moment := entry.moment()) is not None:
                    at = at_of(moment, entry.zone, entry.fold)
                    changed += at != entry.due_at and plan.retimed(entry, at)
            return changed

    # --- threads

    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._at_a_time, thread_name_prefix="post")

    def _finish(self, futures: Iterable[Future[list[Done]]]) -> list[Done]:
        return [done for future in list(futures) for done in future.result()]

    def _one_by_one(
        self, treat: Callable[[Entry], Done | None], entries: Iterable[Entry]
    ) -> list[Done]:
        """Treat the posts of one account, which is what its rate and its lock ask for."""
        found = []
        for entry in entries:
            if self._stop.is_set():
                break
            done = treat(entry)
            if done is not None:
                self._office.tell(done)
                found.append(done)
        return found

    def _ledger(self) -> Ledger:
        """Return this thread's connection."""
        if not hasattr(self._local, "ledger"):
            self._local.ledger = Ledger(self._office.ledger_path)
        ledger: Ledger = self._local.ledger
        return ledger

    def _plan(self) -> Plan:
        return Plan(self._ledger())

    # --- what was left behind

    def _open(self) -> list[Entry]:
        """Return the posts that a process was at when it ended, and those that may be repeated."""
        ledger = self._ledger()
        found = ledger.in_state(states.PUBLISHING)
        now = self._office.clock.now()
        for entry in ledger.in_state(states.UNKNOWN):
            table = self._office.config.accounts.get(entry.account, {})
            window = table.get("duplicate_window", 600)
            if may_repeat(entry, window=window, now=now):
                found.append(entry)
        untried = ledger.with_open_comment(states.PENDING, states.SENDING)
        return found + [entry for entry in untried if not entry.comment_error]

    def _all_left_behind(self, entries: list[Entry]) -> list[Done]:
        return self._one_by_one(self._left_behind, entries)

    def _left_behind(self, entry: Entry) -> Done | None:
        try:
            desk = self._desk(entry)
            result = desk.settle(entry.id)
        except PostkitError as error:
            return self._trouble(entry, error)
        now = result.entry
        if (now.state, now.comment_state) in (
            (states.SCHEDULED, entry.comment_state),  # it is due as it was
            (states.PUBLISHED, entry.comment_state),  # somebody else was at it
        ):
            return None
        return self._told(result)

    # --- what is due

    def _all_due(self, entries: list[Entry]) -> list[Done]:
        return self._one_by_one(self._due, entries)

    def _due(self, entry: Entry) -> Done | None:
        now = self._office.clock.now()
        plan = self._plan()
        try:
            rules = self._rules_of(entry.account)
            action = decide_late(entry.due_at, now, rules.late)
            if action == "skip":
                why = "it was too late to publish it"
                return Done(plan.cancel(entry, why, now=now), "skipped", now - entry.due_at, why)
            if action == "ask":
                plan.hold(entry, "it is late: a person has to say whether it still goes out")
                return self._now(entry, "held")
            elsewhere = self._office.published_at(entry)
            if elsewhere:
                why = f"the article says that it is published: {elsewhere}"
                return Done(plan.cancel(entry, why, now=now), "skipped", now - entry.due_at, why)
            if entry.account in plan.paused():
                plan.postpone(entry, NEVER, "the account is paused")
                return self._now(entry, "postponed")
            until, reason = self._ledger().blocked_until(entry.account)
            if until > now:
                plan.postpone(entry, until, reason)
                return self._now(entry, "postponed")
            wait = rules.not_before(entry, plan, now)
            if wait is not None:
                plan.postpone(entry, wait, "the account's quiet hours or rate")
                return self._now(entry, "postponed")
            desk = self._desk(entry)
            return self._told(desk.deliver(entry, plan.message(entry)))
        except PostkitError as error:
            return self._trouble(entry, error)

    def _rules_of(self, account: str) -> Rules:
        if account not in self._rules:
            self._rules[account] = rules_of(self._office.config, account)
        return self._rules[account]

    def _desk(self, entry: Entry) -> Desk:
        account = self._office.account_of(entry.account)
        clock = self._office.clock

        def again(entry: Entry, refused: Refused) -> float | None:
            return retry_at(entry, refused, clock.now())

        return Desk(
            self._ledger(),
            self._office.publisher_of(account),
            account,
            clock,
            self._office.say,
            again,
        )

    def _trouble(self, entry: Entry, error: PostkitError) -> Done:
        """Look again later: something at this end has to be mended."""
        now = self._office.clock.now()
        self._plan().postpone(entry, now + LOOK_AGAIN, error.message)
        event = "unknown" if isinstance(error, OutcomeUnknown) else "failed"
        return self._now(entry, event, error.message, error.hint or "")

    def _now(self, entry: Entry, event: str, error: str = "", hint: str = "") -> Done:
        entry = self._ledger().known(entry.id)
        late = max(self._office.clock.now() - entry.due_at, 0.0)
        return Done(entry, event, late, error or entry.error, hint)

    def _told(self, result: Result) -> Done | None:
        entry = result.entry
        late = max((entry.finished_at or self._office.clock.now()) - entry.due_at, 0.0)
        hint = result.refused.hint if result.refused else ""
        if entry.state == states.SCHEDULED:
            if result.refused is None:
                return None  # somebody changed it at this moment
            return Done(entry, "retry", late, entry.error, hint, result)
        event = entry.state if result.sent or entry.state != states.PUBLISHED else "comment"
        return Done(entry, event, late, entry.error, hint, result)


def _by_account(entries: Iterable[Entry]) -> list[list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.account, []).append(entry)
    return list(found.values())
