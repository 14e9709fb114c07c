"""The ledger moves from its file to a PostgreSQL: all of it or nothing, and never open at both.

    shut the server ─▶ copy, compare ─▶ shut the file ─▶ open the server with all of it
       (commit)                           (commit)          (commit)

An end is shut while its table `posts` has another name: there, even a process that has had it open
for long claims nothing. Whoever is killed on the way leaves one end open at most, and the same
command again finishes what it began.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from postkit.errors import FileMissing, LedgerAway, LedgerError
from postkit.schedule.address import address_of
from postkit.schedule.home import open_server
from postkit.schedule.locks import Busy
from postkit.schedule.plan import NEVER, PAGE
from postkit.schedule.schema import TABLES
from postkit.schedule.sqlite import MOVED, SqliteStore
from postkit.schedule.store import Due, Row, Statement, Store

if TYPE_CHECKING:
    from postkit.schedule.postgres import PostgresStore

FEW = 4  # images that are read in one go; some have megabytes
COUNTED = ("rowid", "id")  # what counts up by itself, and must go on behind what was moved

# In `meta`. The server's says what the move is called that is on its way there, and which arrived.
MOVE, ARRIVED = "move", "move_arrived"
SHUT_FILE, SHUT_SERVER = "moved_", "awaited_"  # what a table's name begins with

_WAITING = "FROM {}posts WHERE state = 'scheduled' AND held = ''"

Watch = Callable[[Sequence[int], Iterable[str]], Iterator[int]]  # yields the first; shows how far


class Part(NamedTuple):
    """What a table holds: equal at both ends."""

    rows: int
    digest: str  # SHA-256


class Moved(NamedTuple):
    """What was moved."""

    address: str  # where to; no password is in it
    tables: dict[str, Part]
    queued: int  # posts that wait for their time
    before: bool  # whether that was done already


def migrate(path: Path, url: str, *, watch: Watch = lambda items, _: iter(items)) -> Moved:
    """Move the ledger of *path* to the PostgreSQL at *url*; finish it where that was begun.

    Raises `UsageError` for an address that is none, `FileMissing` where there is no ledger, and
    `LedgerError` where one of both cannot be used, somebody is publishing, or the server's is not
    empty.
    """
    address = address_of(url)
    if not path.exists():
        raise FileMissing(
            "there is no ledger to move",
            hint="an empty one is made on PostgreSQL by the first command: name it, `[queue] url`",
            path=str(path),
        )
    with ExitStack() as held:
        file = held.enter_context(closing(SqliteStore(path, moved=True)))
        try:
            held.enter_context(file.only_worker())
        except Busy as error:
            error.hint = "stop the worker first"
            raise
        there = _mark(file, MOVED)
        if there is not None and _place(there) != _place(address):
            raise LedgerError(
                f"this ledger has moved to {there}, or was on its way there",
                hint=f"whatever is left to do, this does: `postkit queue migrate '{there}'`",
                path=file.name,
            )
        server = held.enter_context(closing(_server(url)))
        return _Move(file, server, there or address, watch).done()


def _place(address: str) -> str:
    """Return what of an address says which database it is."""
    return address.partition("?")[0]


def _server(url: str) -> PostgresStore:
    store = open_server(url)
    from postkit.schedule.postgres import PostgresStore

    assert isinstance(store, PostgresStore)
    return store


class _Move:
    """A move between two open stores."""

    def __init__(
        self, file: SqliteStore, server: PostgresStore, address: str, watch: Watch
    ) -> None:
        self._file = file
        self._server = server
        self._address = address
        self._watch = watch
        self._resumed = _mark(file, MOVED) is not None
        self._prefix = SHUT_FILE if self._resumed else ""
        self._name = self._named()

    def _named(self) -> str:
        """Return what the move is called: the same in every attempt."""
        query = "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING"
        self._file.write(Statement(query, (MOVE, secrets.token_hex(8))))
        return _mark(self._file, MOVE) or ""

    def done(self) -> Moved:
        if self._resumed and _mark(self._server, ARRIVED) == self._name:
            tables = {
                table: _read(self._of_file(table, order, self._columns(table, order)))
                for table, order in TABLES.items()
            }
            return Moved(self._address, tables, self._waiting(), before=True)
        self._shut_server()
        try:
            return self._move()
        except BaseException as error:
            self._give_up(error)
            raise

    def _move(self) -> Moved:
        # The file is committed first: it is the inner one.
        with self._server.transaction(), self._file.transaction():
            self._refuse_living()
            self._open_server()
            self._server.write(Statement(f"LOCK TABLE {', '.join(TABLES)} IN EXCLUSIVE MODE"))
            tables = {table: self._moved(table, order) for table, order in TABLES.items()}
            queued = self._queue()
            # Without it the queue is searched as if it were empty still.
            self._server.write(Statement(f"ANALYZE {', '.join(TABLES)}, pgqueuer"))
            self._server.write(_marked(ARRIVED, self._name))
            if not self._resumed:
                self._shut_file()
        return Moved(self._address, tables, queued, before=False)

    # --- who may go on

    def _refuse_living(self) -> None:
        """Raise `LedgerError` where a process waits for an answer, and would not find its post."""
        query = (
            "SELECT title, worker, CASE state WHEN 'publishing' THEN deadline_at END"
            f" FROM {self._prefix}posts WHERE state = 'publishing' OR comment_state = 'sending'"
        )
        for title, worker, deadline in self._file.rows(query):
            alive = self._file.alive(worker)
            if alive is None:  # on another machine
                alive = self._file.clock.now() < (deadline or 0.0)
            if alive:
                raise LedgerAway(
                    f"`{title}` is being published at this moment, by {worker}",
                    hint="wait for it, and run this again",
                    path=self._file.name,
                )

    def _shut_server(self) -> None:
        """Shut the server's ledger for all but this move; raise `LedgerError` if it is not free."""
        with self._server.transaction():
            coming = _mark(self._server, MOVE)
            if coming == self._name:
                return
            if self._resumed:
                raise LedgerError(
                    "this is not the database to which the ledger has moved, or it was emptied",
                    hint=f"{self._file.name} may be older than what was there: restore a backup of"
                    " the database",
                    path=self._server.name,
                )
            if coming is not None:
                raise LedgerError(
                    "another ledger is on its way there, or was",
                    hint="finish that, or name another database",
                    path=self._server.name,
                )
            full = [
                table
                for table in TABLES
                if self._server.rows(f"SELECT EXISTS (SELECT FROM {table})")[0][0]
            ]
            if full:
                raise LedgerError(
                    f"there is a ledger already: `{full[0]}` is not empty",
                    hint="name another database: two ledgers cannot become one",
                    path=self._server.name,
                )
            self._server.write(Statement(f"ALTER TABLE posts RENAME TO {SHUT_SERVER}posts"))
            self._server.write(_marked(MOVE, self._name))

    def _open_server(self) -> None:
        self._server.write(Statement(f"ALTER TABLE {SHUT_SERVER}posts RENAME TO posts"))
        self._server.write(Statement("DELETE FROM meta WHERE name = ?", (MOVE,)))

    def _shut_file(self) -> None:
        for table in TABLES:
            self._file.write(Statement(f"ALTER TABLE {table} RENAME TO {SHUT_FILE}{table}"))
        self._file.write(_marked(MOVED, self._address))

    def _give_up(self, error: BaseException) -> None:
        """Leave the ledger where it was, if it is there still; else say that it has to arrive."""
        with suppress(LedgerError):
            if _mark(self._file, MOVED) is None:
                with self._server.transaction():
                    self._open_server()
            elif isinstance(error, LedgerError):
                error.hint = "nothing is published until it has arrived: run this again"

    # --- what is moved

    def _moved(self, table: str, order: str) -> Part:
        """Copy a table, and read it back; raise `LedgerError` where that is not the same."""
        columns = self._columns(table, order)
        sent = _Sum()
        rows = sent.of(self._of_file(table, order, columns))
        number = order if order in COUNTED else ""
        self._server.copy(table, columns, rows, number=number)
        found = _read(self._of_server(table, order, columns))
        if found != sent.part:
            counted = f"{found.rows:,} rows of {sent.rows:,}"
            raise LedgerError(
                f"`{table}` did not arrive as it was: {counted}, and other values",
                hint="nothing was moved; the ledger is where it was",
                path=self._server.name,
            )
        return found

    def _columns(self, table: str, order: str) -> list[str]:
        query = "SELECT name FROM pragma_table_info(?)"
        columns = [str(row[0]) for row in self._file.rows(query, f"{self._prefix}{table}")]
        return columns if order in columns else [order, *columns]

    def _of_file(self, table: str, order: str, columns: Sequence[str]) -> Iterator[Row]:
        """Yield the rows of a table in order, a page at a time."""
        source = f"{self._prefix}{table}"
        query = f"SELECT {', '.join(columns)} FROM {source}{{}} ORDER BY {order} LIMIT ?"
        last: list[object] = []
        for size in self._pages(self._file, table, source, "read"):
            page = self._file.rows(query.format(f" WHERE {order} > ?" * len(last)), *last, size)
            yield from page
            last = [page[-1][columns.index(order)]]

    def _of_server(self, table: str, order: str, columns: Sequence[str]) -> Iterator[Row]:
        """Yield the same of the server."""
        by_bytes = "" if order in COUNTED else ' COLLATE "C"'  # as the file has them
        self._server.write(
            Statement(
                f"DECLARE moved NO SCROLL CURSOR FOR SELECT {', '.join(columns)} FROM {table}"
                f" ORDER BY {order}{by_bytes}"
            )
        )
        for size in self._pages(self._server, table, table, "compared"):
            yield from self._server.rows(f"FETCH {size} FROM moved")
        self._server.write(Statement("CLOSE moved"))

    def _pages(self, store: Store, table: str, source: str, doing: str) -> Iterator[int]:
        """Yield the size of each page, and show how far it is."""
        size = FEW if table == "blobs" else PAGE
        (count,) = store.rows(f"SELECT count(*) FROM {source}")[0]
        starts = range(0, count, size)
        what = "images" if table == "blobs" else table
        for _ in self._watch(starts, repeat(f"pages of {what} {doing}", len(starts))):
            yield size

    def _waiting(self) -> int:
        return int(self._file.rows(f"SELECT count(*) {_WAITING.format(self._prefix)}")[0][0])

    def _queue(self) -> int:
        """Tell the server's queue of every post that waits for its time; return how many."""
        query = (
            f"SELECT id, rev, next_at {_WAITING.format(self._prefix)} AND id > ?"
            " ORDER BY id LIMIT ?"
        )
        waiting = self._waiting()
        starts = range(0, waiting, PAGE)
        last = ""
        for _ in self._watch(starts, repeat("pages of posts queued", len(starts))):
            due = [Due(*row) for row in self._file.rows(query, last, PAGE)]
            last = due[-1].post
            # Those of a paused account are told of when it is not any more.
            self._server.enqueue([one for one in due if one.at < NEVER])
        return waiting


class _Sum:
    """Sums up rows that go by."""

    def __init__(self) -> None:
        self.rows = 0
        self._digest = hashlib.sha256()

    def of(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            self.rows += 1
            self._digest.update(ascii(row).encode())  # one form for one value, of whatever type
            yield row

    @property
    def part(self) -> Part:
        return Part(self.rows, self._digest.hexdigest())


def _read(rows: Iterable[Row]) -> Part:
    total = _Sum()
    for _ in total.of(rows):
        pass
    return total.part


def _mark(store: Store, name: str) -> str | None:
    found = store.rows("SELECT value FROM meta WHERE name = ?", name)
    return str(found[0][0]) if found else None


def _marked(name: str, value: str) -> Statement:
    query = (
        "INSERT INTO meta (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    )
    return Statement(query, (name, value))
