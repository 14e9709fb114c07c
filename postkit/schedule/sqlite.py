"""A ledger that is a file: opening it, bringing it up to date, and what its failures mean.

Every write is one transaction, on the disk when it is over. A person never sees SQLite's own words.
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
from postkit.schedule.store import PATIENCE, Due, Row, Statement, Taker, Together

BUSY = 15.0  # seconds to wait for another process
APPLICATION = 0x504B4954  # "PKIT", as `file` shows it
_TYPES = Types(moment="REAL", number="INTEGER PRIMARY KEY", bytes="BLOB")
MOVED = "moved_to"  # in `meta`: where `queue migrate` took the posts


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
        self._lock = threading.RLock()  # who has it has the connection
        self._together = Together(self._written)
        self._inside = 0  # the thread that is in a transaction
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
            if not moved:
                self._refuse_moved()
            self._migrate()

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
        folder.mkdir(0o700, parents=True)  # what is planned is for nobody else to read
        if folder.name == ".postkit":  # ours alone, and nothing for a repository
            (folder / ".gitignore").write_text("*\n", encoding="utf-8")

    # --- its version

    def _migrate(self) -> None:
        if self._is_current():
            return
        with self.transaction():
            if not self._is_current():  # otherwise another process was here since
                for statement in statements(self._version(), _TYPES):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA application_id = {APPLICATION}")
                self._db.execute(f"PRAGMA user_version = {VERSION}")
        with suppress(sqlite3.OperationalError):  # somebody else is doing it at this moment
            self._db.execute("PRAGMA journal_mode = WAL")

    def _is_current(self) -> bool:
        version = self._version()
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
        return version == VERSION

    def _refuse_moved(self) -> None:
        if not self.rows("SELECT 1 FROM sqlite_master WHERE name = 'meta'"):
            return
        for (address,) in self.rows("SELECT value FROM meta WHERE name = ?", MOVED):
            raise LedgerError(
                f"this ledger has moved to {address}",
                hint="name that: `[queue] url`, or POSTKIT_QUEUE_URL with the password",
                path=self.name,
            )

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def outdated(self) -> bool:
        with self._told(), self._lock:
            return self._version() > VERSION

    # --- statements

    def rows(self, query: str, *values: object) -> list[Row]:
        with self._told(), self._lock:
            return self._db.execute(query, values).fetchall()

    def write(self, *statements: Statement) -> list[Row]:
        if self._owned():
            return self._written([statements])[0]
        return self._together(statements)

    def _written(self, group: Sequence[Sequence[Statement]]) -> list[list[Row]]:
        found = []
        with self.transaction():
            for first, *others in group:
                found.append(self._db.execute(*first).fetchall())
                for statement in others:
                    self._db.execute(*statement)
        return found

    def _owned(self) -> bool:
        """Tell whether this thread is inside of a transaction."""
        return self._inside == threading.get_ident()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self._owned():  # part of the one around it
            yield
            return
        with self._told(), self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            self._inside = threading.get_ident()
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # the error may have undone all of it already
                    self._db.execute("ROLLBACK")
                raise
            finally:
                self._inside = 0

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
            with self._lock:
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
