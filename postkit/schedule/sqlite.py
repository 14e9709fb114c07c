"""A ledger that is a file: opening it, bringing it up to date, and what its failures mean.

Every write is one transaction, on the disk when it is over. Transactions of several threads that
come at the same time go onto the disk together: the last of them commits for all. A person never
sees SQLite's own words.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from postkit.errors import LedgerAway, LedgerError
from postkit.schedule import locks
from postkit.schedule.clock import SystemClock
from postkit.schedule.schema import VERSION, Types, statements
from postkit.schedule.store import PATIENCE, Due, Row, Taker

BUSY = 15.0  # seconds to wait for another process
APPLICATION = 0x504B4954  # "PKIT", as `file` shows it
TOGETHER = 64  # transactions that go onto the disk together, at most
STALL = 0.1  # seconds, after which one commits that waits for somebody else to

_TYPES = Types(moment="REAL", number="INTEGER PRIMARY KEY", bytes="BLOB")
MOVED = "moved_to"  # in `meta`: where `queue migrate` took the posts


class _Group:
    """Transactions that are committed together."""

    def __init__(self) -> None:
        self.size = 0
        self.done = threading.Event()
        self.error: BaseException | None = None


class SqliteStore:
    """The file, open; see `Store`.

    Raises `LedgerError` where the file is locked for long, read-only, damaged, newer than this
    postkit, or has moved to a server.
    """

    certain = True

    def __init__(self, path: Path, *, create: bool = True, moved: bool = False) -> None:
        self.name = str(path)
        self.clock = SystemClock()
        self._path = path
        self._lock = threading.RLock()
        self._owner = 0  # the thread that is inside of a transaction
        self._arriving = 0  # threads that want to be
        self._counting = threading.Lock()
        self._group: _Group | None = None
        self._presence: locks.Presence | None = None
        if not create and not path.exists():
            self._db = _connection(Path(":memory:"))
            self._migrate()
            return
        with self._told():
            if create:
                self._make_folder()
            self._db = _connection(path)
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.execute("PRAGMA synchronous = FULL")
            self._migrate()
        where = self.rows("SELECT value FROM meta WHERE name = ?", MOVED)
        if where and not moved:
            raise LedgerError(
                f"this ledger has moved to {where[0][0]}",
                hint="name that: `[queue] url`, or POSTKIT_QUEUE_URL with the password",
                path=self.name,
            )

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self._db.close()
        if self._presence is not None:
            self._presence.end()
            self._presence = None

    def _make_folder(self) -> None:
        folder = self._path.parent
        if folder.is_dir():
            return
        folder.mkdir(parents=True)
        if folder.name == ".postkit":  # ours alone, and nothing for a repository
            (folder / ".gitignore").write_text("*\n", encoding="utf-8")

    # --- its version

    def _migrate(self) -> None:
        version = self._version()
        if version == VERSION:
            return
        if version > VERSION:
            raise LedgerError(
                "a newer postkit wrote this ledger",
                hint="use that one, or a ledger of its own: `[queue] url`",
                path=self.name,
            )
        if not version and self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise LedgerError(
                "this is a database, but no ledger of postkit",
                hint="name another file: `[queue] url`",
                path=self.name,
            )
        with self.transaction():
            for statement in statements(self._version(), _TYPES):  # another may have been here
                self._db.execute(statement)
            self._db.execute(f"PRAGMA application_id = {APPLICATION}")
            self._db.execute(f"PRAGMA user_version = {VERSION}")
        with suppress(sqlite3.OperationalError):  # somebody else is doing it at this moment
            self._db.execute("PRAGMA journal_mode = WAL")

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def outdated(self) -> bool:
        with self._told(), self._lock:
            return self._version() > VERSION

    # --- statements

    def rows(self, query: str, *values: object) -> list[Row]:
        with self._told(), self._lock:
            return self._db.execute(query, values).fetchall()

    def write(self, query: str, *values: object) -> int:
        with self.transaction():
            return self._db.execute(query, values).rowcount

    def returned(self, query: str, *values: object) -> list[Row]:
        with self.transaction():
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self._owner == threading.get_ident():  # part of the one around it
            yield
            return
        with self._told():
            with self._inside() as group:
                self._db.execute("SAVEPOINT mine")
                try:
                    yield
                except BaseException:
                    with suppress(sqlite3.Error):  # the error may have undone all of it already
                        self._db.execute("ROLLBACK TO mine")
                    raise
                self._db.execute("RELEASE mine")
            while not group.done.wait(STALL):  # pragma: no branch
                with self._lock:
                    self._commit(group)
            if group.error is not None:
                raise group.error

    @contextmanager
    def _inside(self) -> Iterator[_Group]:
        """Have the connection to oneself; the last of those who wait for it commits for all."""
        with self._counting:
            self._arriving += 1
        try:
            self._lock.acquire()
        finally:
            with self._counting:
                self._arriving -= 1
        try:
            group = self._group
            if group is None:
                self._db.execute("BEGIN IMMEDIATE")
                group = self._group = _Group()
            group.size += 1
            self._owner = threading.get_ident()
            try:
                yield group
            finally:
                self._owner = 0
                if not self._arriving or group.size >= TOGETHER:
                    self._commit(group)
        finally:
            self._lock.release()

    def _commit(self, group: _Group) -> None:
        if group.done.is_set():
            return
        self._group = None
        try:
            self._db.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001  it is for each of them to raise
            group.error = error
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
        group.done.set()

    # The index of what is due is the queue.

    def enqueue(self, due: Sequence[Due]) -> None: ...

    def serve(self, taker: Taker, *, at_a_time: int) -> bool:  # noqa: ARG002  it has no queue
        return False

    # --- who is there

    @property
    def _locks(self) -> Path:
        return self._path.parent / "locks"

    @property
    def worker(self) -> str:
        presence = self._presence
        if presence is None:
            with self._counting:
                presence = self._presence = self._presence or locks.Presence(self._locks)
        return presence.name

    def alive(self, worker: str) -> bool | None:
        if self._presence is not None and worker == self._presence.name:
            return True
        return locks.alive(self._locks, worker)

    def alone(
        self, account: str, *, waiting: Callable[[], None], patience: float = PATIENCE
    ) -> AbstractContextManager[None]:
        return locks.account_lock(self._locks, account, waiting=waiting, patience=patience)

    def only_worker(self) -> AbstractContextManager[None]:
        return locks.only_worker(self._locks)

    # --- its failures

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what SQLite and the system complain about into what a person can act upon."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            kind, message, hint = _in_plain_words(error)
            raise kind(message, hint=hint, path=self.name) from error


def _connection(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        path, timeout=BUSY, isolation_level=None, check_same_thread=False, cached_statements=256
    )


def _in_plain_words(error: sqlite3.Error | OSError) -> tuple[type[LedgerError], str, str]:
    text = str(error).lower()
    if "locked" in text or "busy" in text:
        return LedgerAway, "another process holds the ledger", "wait for it, and try again"
    if "readonly" in text or "read-only" in text or isinstance(error, PermissionError):
        hint = "allow it, or name another file: `[queue] url`"
        return LedgerError, "the ledger cannot be written", hint
    if "unable to open" in text or isinstance(error, OSError):
        hint = "its folder must exist and be writable; or name another file: `[queue] url`"
        return LedgerError, "the ledger cannot be opened", hint
    if "full" in text or "disk i/o" in text:
        message = "the disk did not take what belongs into the ledger"
        return LedgerAway, message, "make room, and try again"
    if "not a database" in text or "malformed" in text or "corrupt" in text:
        hint = "restore a copy of it; without one, look on the network before you delete it"
        return LedgerError, "the ledger is damaged", hint
    if "no such table" in text:
        hint = "run the command again to see where to"
        return LedgerError, "the ledger has moved in the meantime", hint
    return LedgerError, f"the ledger cannot be used: {error}", "see docs/publish.md"
