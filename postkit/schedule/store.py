"""What keeps a ledger, whether a file or a server: statements, transactions, and who is there.

Statements have `?` for values and run on both. Whoever claims a post is known to the store by
name, and the store knows whether that process still lives: a claim of a dead one is up for taking.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from postkit.schedule.clock import Clock

PATIENCE = 900.0  # seconds to wait for whoever publishes on an account; longer than any publish

TOGETHER = 100  # writes that go to the disk together, at most

Row = tuple[Any, ...]


class Statement(NamedTuple):
    """A statement with `?` for each of its values."""

    query: str
    values: Sequence[object] = ()


class _Write:
    """Statements on their way to the disk."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.statements = statements
        self.rows: list[Row] = []
        self.error: BaseException | None = None
        self.done = False


class Together:
    """Lets whoever comes first write for all who came meanwhile.

    *write* does the statements of several as one transaction, and returns the rows that the first
    statement of each returns.
    """

    def __init__(
        self, write: Callable[[Sequence[Sequence[Statement]]], Sequence[list[Row]]]
    ) -> None:
        self._write = write
        self._waiting: deque[_Write] = deque()
        self._leading = threading.Lock()

    def __call__(self, statements: Sequence[Statement]) -> list[Row]:
        mine = _Write(statements)
        self._waiting.append(mine)
        with self._leading:
            while not mine.done:
                self._lead()
        if mine.error is not None:
            raise mine.error
        return mine.rows

    def _lead(self) -> None:
        group: list[_Write] = []
        while self._waiting and len(group) < TOGETHER:
            group.append(self._waiting.popleft())
        try:
            found = self._write([one.statements for one in group])
            for one, rows in zip(group, found, strict=True):
                one.rows = rows
        except BaseException as error:  # noqa: BLE001  it is for each of them to raise
            for one in group:
                one.error = error
        for one in group:
            one.done = True


class Due(NamedTuple):
    """A post as a queue knows it: by its revision, so that an older one means nothing."""

    post: str
    rev: int
    at: float


class Taker(Protocol):
    """Who treats what a queue hands over."""

    @property
    def stopping(self) -> threading.Event:
        """What is set when nothing more is wanted."""

    def take(self, due: Sequence[Due], then: Callable[[Due, float | None], None]) -> None:
        """Treat posts; call *then* for each, from any thread.

        It is told in how many seconds the post is to be handed over again; None for never.
        """


class Store(Protocol):
    """A ledger's file or server. Threads may share one.

    Every method raises `LedgerError`; its kind `LedgerAway` where the same may work in a moment.
    """

    @property
    def name(self) -> str:
        """What people call it; no password is in it."""

    @property
    def clock(self) -> Clock:
        """What time it is for all who share the ledger."""

    @property
    def certain(self) -> bool:
        """Whether a process that is not there has nothing under way either."""

    def rows(self, query: str, *values: object) -> list[Row]:
        """Return what *query* finds."""

    def write(self, *statements: Statement) -> list[Row]:
        """Do what *statements* say, all or nothing, and return what the first of them returns.

        Those of several threads that come at the same time go to the disk together.
        """

    def transaction(self) -> AbstractContextManager[None]:
        """Commit what this thread does inside, or nothing of it."""

    def enqueue(self, due: Sequence[Due]) -> None:
        """Tell the queue of posts, in the transaction that makes them due."""

    def serve(self, taker: Taker, *, at_a_time: int) -> bool:
        """Hand over what is due until *taker* stops; False where the ledger is the queue."""

    @property
    def worker(self) -> str:
        """What this process is called while it lives."""

    def alive(self, worker: str) -> bool | None:
        """Tell whether a process lives; None where that cannot be known from here."""

    def alone(
        self, account: str, *, waiting: Callable[[], None], patience: float = PATIENCE
    ) -> AbstractContextManager[None]:
        """Be the only one who decides what is published on an account; *waiting* is called once."""

    def only_worker(self) -> AbstractContextManager[None]:
        """Be the only worker, where the store bears no more than one."""

    def outdated(self) -> bool:
        """Tell whether a newer postkit has taken the ledger over since it was opened."""

    def close(self) -> None:
        """Let go of it all."""
