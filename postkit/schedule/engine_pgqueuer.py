"""The queue of a ledger on PostgreSQL: PGQueuer, which hands each worker what is due.

A job names a post and its revision, nothing else: the ledger says what becomes of it, so that a job
which comes twice, late or for a post that was moved does no harm.

    enqueue (in the ledger's transaction) ─▶ PGQueuer ─▶ Taker.take ─▶ done, or again later
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from postkit.errors import LedgerAway
from postkit.schedule.store import Due, Taker

if TYPE_CHECKING:
    from pgqueuer.models import Job

ENTRYPOINT = "postkit"
TOGETHER = 50  # jobs that are taken in one go, at most
GATHER = 0.002  # seconds in which jobs are gathered, to be looked up together
LOOK_AGAIN = 5.0  # seconds after which the queue is looked at without having been told to

HEARTBEAT = 30.0  # seconds after which a job of a worker that is gone is handed to another
CHANGED = "table_changed_event"  # what PGQueuer's trigger says when the queue has changed
MOMENT = 0.05  # seconds
STOP_WITHIN = 0.1  # seconds, to notice that it is wanted

_LOADING = threading.Lock()
Answer: TypeAlias = "asyncio.Future[float | None]"  # in how many seconds again; None for never


def _load() -> None:
    """Import PGQueuer, which takes half a second, and two threads at once not at all."""
    with _LOADING:
        import pgqueuer  # noqa: F401  its parts are imported where they are used


def install(connection: Any) -> None:
    """Make the queue's tables, where they are not there yet, in the transaction around it."""
    _load()
    from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment

    found = connection.execute("SELECT to_regclass('postkit.pgqueuer')").fetchone()
    if found[0] is None:
        for statement in (
            QueryBuilderEnvironment().build_install_query(create_schema=False),
            QueryBuilderEnvironment().build_optimize_autovacuum_query(),
        ):
            connection.execute(statement)


def enqueue(connection: Any, due: Sequence[Due]) -> None:
    """Add jobs in the transaction around it; one that waits already for that revision stays."""
    _load()
    # Jobs wait for a time that is counted from the beginning of the transaction.
    (now,) = connection.execute("SELECT extract(epoch FROM now())::float8").fetchone()
    from pgqueuer.db import SyncPsycopgDriver
    from pgqueuer.queries import SyncQueries

    SyncQueries(SyncPsycopgDriver(connection)).enqueue(
        [ENTRYPOINT] * len(due),
        [f"{post}:{rev}".encode() for post, rev, _ in due],
        [0] * len(due),
        [timedelta(seconds=max(at - now, 0.0)) for _, _, at in due],
        [f"{post}:{rev}" for post, rev, _ in due],
        on_conflict="skip",
    )


def serve(connect: Callable[[], Awaitable[Any]], taker: Taker, *, at_a_time: int) -> None:
    """Hand jobs to *taker* until it stops; raises what the connection raises."""
    _load()
    from pgqueuer.errors import PgqException

    try:
        asyncio.run(_Service(taker, at_a_time).run(connect))
    except PgqException as error:
        raise LedgerAway(f"the queue on PostgreSQL fell silent: {type(error).__name__}") from error


class _Service:
    """PGQueuer at work in a thread of its own."""

    def __init__(self, taker: Taker, at_a_time: int) -> None:
        self._taker = taker
        self._together = max(2, min(TOGETHER, at_a_time))
        self._gathered: list[tuple[Due, Answer]] = []
        self._answers: list[tuple[Answer, float | None]] = []
        self._guard = threading.Lock()  # of the answers, which come from many threads
        self._error: BaseException | None = None

    async def run(self, connect: Callable[[], Awaitable[Any]]) -> None:
        from pgqueuer import PgQueuer

        logging.getLogger("pgqueuer").setLevel(logging.CRITICAL)  # the ledger tells, and better
        queries, notices = await connect(), await connect()
        try:
            self._queuer = queuer = PgQueuer(_driver(queries, notices))
            # Before PGQueuer does: its first look at whether it hears comes earlier than that.
            await notices.execute(f'LISTEN "{queuer.channel}"')
            queuer.entrypoint(ENTRYPOINT, on_failure="hold")(self._publish)
            stopping = asyncio.create_task(self._stop_when_wanted())
            try:
                await queuer.qm.run(
                    batch_size=self._together,
                    max_concurrent_tasks=4 * self._together,
                    dequeue_timeout=timedelta(seconds=LOOK_AGAIN),
                    heartbeat_timeout=timedelta(seconds=HEARTBEAT),
                    shutdown_on_listener_failure=True,
                )
            finally:
                stopping.cancel()
        finally:
            for connection in (queries, notices):
                with suppress(Exception):
                    await connection.close()
        if self._error is not None:
            raise self._error

    async def _stop_when_wanted(self) -> None:
        while not self._taker.stopping.is_set() and self._error is None:  # noqa: ASYNC110  no asyncio's
            await asyncio.sleep(STOP_WITHIN)
        self._queuer.shutdown.set()

    async def _publish(self, job: Job) -> None:
        from pgqueuer.errors import RetryRequested

        post, _, rev = (job.payload or b"").decode().rpartition(":")
        loop = asyncio.get_running_loop()
        answer: Answer = loop.create_future()
        if not self._gathered:
            loop.call_later(GATHER, self._take)
        self._gathered.append((Due(post, int(rev), 0.0), answer))
        wait = await answer
        if wait is not None:
            raise RetryRequested(delay=timedelta(seconds=max(wait, 0.0)), reason="later")

    def _take(self) -> None:
        """Hand over what was gathered."""
        loop = asyncio.get_running_loop()
        gathered, self._gathered = self._gathered, []
        answers: dict[Due, list[Answer]] = {}
        for due, answer in gathered:
            answers.setdefault(due, []).append(answer)

        def then(due: Due, wait: float | None) -> None:
            with self._guard:
                first = not self._answers
                self._answers.extend((answer, wait) for answer in answers[due])
            if first:  # to wake the loop for each of them is most of the work
                loop.call_soon_threadsafe(self._answer_all)

        taking = loop.run_in_executor(None, self._taker.take, list(answers), then)
        taking.add_done_callback(lambda done: self._failed(done.exception(), gathered))

    def _answer_all(self) -> None:
        with self._guard:
            answers, self._answers = self._answers, []
        for answer, wait in answers:
            _answer(answer, wait)

    def _failed(self, error: BaseException | None, gathered: Sequence[tuple[Due, Answer]]) -> None:
        """Hand the jobs back that could not be looked up, and end: the ledger is away."""
        if error is None:
            return
        self._error = self._error or error
        for _, answer in gathered:
            _answer(answer, 0.0)


def _answer(future: Answer, wait: float | None) -> None:
    if not future.done():
        future.set_result(wait)


def _driver(queries: Any, notices: Any) -> Any:
    """Return a driver that listens on a connection of its own, which is busy with nothing else.

    Every change of the queue is told to every worker, and each makes it look once: under load they
    would do little else. What comes within a moment is told once.
    """
    from pgqueuer.db import PsycopgDriver

    asking = PsycopgDriver(queries)

    class Driver(PsycopgDriver):
        _coming = False

        async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
            return await asking.fetch(query, *args)

        async def execute(self, query: str, *args: object) -> str:
            return await asking.execute(query, *args)

        async def watch_notifies(self) -> None:
            loop = asyncio.get_running_loop()
            while not self.shutdown.is_set():
                async for note in notices.notifies(timeout=STOP_WITHIN):
                    if CHANGED not in note.payload:
                        self._told(note.channel, note.payload)
                    elif not self._coming:
                        self._coming = True
                        loop.call_later(MOMENT, self._changed, note.channel, note.payload)

        def _changed(self, channel: str, payload: str) -> None:
            self._coming = False
            self._told(channel, payload)

        def _told(self, channel: str, payload: str) -> None:
            for callback in self._listeners.get(channel, []):
                callback(payload)

    return Driver(notices)
