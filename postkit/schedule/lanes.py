"""Threads for posts: many on their way at a time, and never two of one account."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from postkit.schedule.entries import Entry

Task = Callable[[Entry], None]


class Lanes:
    """A lane for each account, in which its posts wait for each other; one error ends all."""

    def __init__(self, at_a_time: int) -> None:
        self._pool = ThreadPoolExecutor(at_a_time, thread_name_prefix="post")
        self._lanes: dict[str, deque[tuple[Entry, Task]]] = {}
        self._taken: set[str] = set()
        self._changed = threading.Condition()
        self._broken: BaseException | None = None
        self._awaited = 0  # wakes whoever waits only when there is a reason

    def put(self, entry: Entry, task: Task) -> bool:
        """Let *task* treat a post once its account is free; False where the post is here."""
        with self._changed:
            if entry.id in self._taken:
                return False
            self._taken.add(entry.id)
            lane = self._lanes.get(entry.account)
            if lane is not None:
                lane.append((entry, task))
                return True
            self._lanes[entry.account] = deque([(entry, task)])
        self._pool.submit(self._run, entry.account)
        return True

    def __len__(self) -> int:
        return len(self._taken)

    def wait(self, fewer_than: int, timeout: float | None = None) -> None:
        """Wait until fewer posts than that are here; raise what a task could not deal with."""
        with self._changed:
            self._awaited = fewer_than
            self._changed.wait_for(lambda: len(self._taken) < fewer_than or self._broken, timeout)
            self._awaited = 0
            if self._broken is not None:
                raise self._broken

    def close(self) -> None:
        """Wait for all that is here."""
        self._pool.shutdown()

    def _run(self, account: str) -> None:
        """Treat the posts of an account until there are none left."""
        while True:
            with self._changed:
                lane = self._lanes[account]
                if not lane:
                    del self._lanes[account]
                    return
                entry, task = lane.popleft()
            try:
                if self._broken is None:
                    task(entry)
            except BaseException as error:  # noqa: BLE001  for whoever waits
                self._broken = error
            with self._changed:
                self._taken.discard(entry.id)
                if len(self._taken) < self._awaited or self._broken:
                    self._changed.notify_all()
