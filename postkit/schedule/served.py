"""What a queue hands over, on its way to a worker and back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from postkit.errors import LedgerAway
from postkit.schedule.clock import Clock
from postkit.schedule.entries import SCHEDULED, Entry
from postkit.schedule.lanes import Lanes
from postkit.schedule.plan import NEVER, Plan, Standing
from postkit.schedule.store import Due

if TYPE_CHECKING:
    from postkit.schedule.worker import Worker

EARLY = 0.05  # seconds that a job may come before its post is due: clocks are not that alike
FORGOTTEN = 30.0  # seconds after which a post that is due is told to the queue once more
MOST = 1000  # of those in one go

Then = Callable[[Due, float | None], None]


class Served:
    """Takes posts from a queue and gives them to the worker, several at a time; see `Taker`."""

    def __init__(self, worker: Worker, plan: Plan, clock: Clock, at_a_time: int) -> None:
        self.stopping = threading.Event()
        self._worker = worker
        self._plan = plan
        self._clock = clock
        self._lanes = Lanes(at_a_time)
        self._error: BaseException | None = None

    def take(self, due: Sequence[Due], then: Then) -> None:
        entries = self._plan.named(one.post for one in due)
        standing = self._plan.standing({entry.account for entry in entries.values()})
        now = self._clock.now()
        for one in due:
            entry = entries.get(one.post)
            if entry is None or (entry.state, entry.rev, entry.held) != (SCHEDULED, one.rev, ""):
                then(one, None)  # it was published, moved or taken back
            elif entry.next_at > now + EARLY:
                then(one, entry.next_at - now if entry.next_at < NEVER else None)
            else:
                how = standing.get(entry.account, Standing())
                task = partial(self._deliver, standing=how, one=one, then=then)
                if not self._lanes.put(entry, task):
                    then(one, None)  # another job of the same post is being treated

    def _deliver(self, entry: Entry, *, standing: Standing, one: Due, then: Then) -> None:
        wait: float | None = 0.0  # for another worker, unless something comes of it here
        try:
            if not self.stopping.is_set():
                done = self._worker.deliver(entry, standing=standing)
                wait = None if done is None else self._wait(done.entry)
        except BaseException as error:  # noqa: BLE001  it is raised where the queue is served
            self.fail(error)
        then(one, wait)

    def _wait(self, entry: Entry) -> float | None:
        """Return when a post is due again that was treated."""
        if entry.state != SCHEDULED or entry.held or entry.next_at >= NEVER:
            return None
        return entry.next_at - self._clock.now()

    def look_after(self, left_behind: Iterable[Entry]) -> None:
        """Settle what other workers left behind, and tell the queue of what it has forgotten."""
        for entry in left_behind:
            self._lanes.put(entry, self._settle)
        forgotten = self._plan.overdue(self._clock.now() - FORGOTTEN, MOST)
        if forgotten:
            self._plan.ledger.store.enqueue(forgotten)

    def _settle(self, entry: Entry) -> None:
        if self.stopping.is_set():
            return
        try:
            self._worker.settle(entry)
        except BaseException as error:  # noqa: BLE001  it is raised where the queue is served
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """Take nothing more, because of *error*; what is not of the moment counts most."""
        if self._error is None or isinstance(self._error, LedgerAway):
            self._error = error
        self.stopping.set()

    def close(self) -> None:
        """Wait for all that was taken; raise what went wrong."""
        self._lanes.close()
        if self._error is not None:
            raise self._error
