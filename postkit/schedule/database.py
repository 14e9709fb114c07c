"""The ledger's file: opening it, bringing it up to date, and what its failures mean.

Every write is one transaction, on the disk when it is over. A person never sees SQLite's own words.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from postkit.errors import LedgerError
from postkit.schedule.entries import Entry

BUSY = 15.0  # seconds to wait for another process
APPLICATION = 0x504B4954  # "PKIT", as `file` shows it

_FIRST = """
CREATE TABLE posts (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    network TEXT NOT NULL,
    author TEXT NOT NULL,
    article TEXT,
    title TEXT NOT NULL,
    message TEXT NOT NULL,
    digest TEXT NOT NULL,
    text_digest TEXT NOT NULL,
    due_at REAL NOT NULL,
    wall TEXT NOT NULL DEFAULT '',
    zone TEXT NOT NULL,
    fold INTEGER NOT NULL DEFAULT 0,
    next_at REAL NOT NULL,
    held TEXT NOT NULL DEFAULT '',
    settings TEXT NOT NULL DEFAULT '{}',
    source_digest TEXT NOT NULL DEFAULT '',
    rev INTEGER NOT NULL DEFAULT 1,
    state TEXT NOT NULL
        CHECK (state IN
            ('scheduled', 'publishing', 'published', 'failed', 'unknown', 'cancelled')),
    step TEXT NOT NULL DEFAULT '',
    attempt INTEGER NOT NULL DEFAULT 0,
    request TEXT,
    sent_at REAL,
    repeats INTEGER NOT NULL DEFAULT 0,
    worker TEXT NOT NULL DEFAULT '',
    started_at REAL,
    deadline_at REAL,
    remote_id TEXT NOT NULL DEFAULT '',
    url TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '',
    comment_state TEXT NOT NULL
        CHECK (comment_state IN ('none', 'pending', 'sending', 'published', 'unknown')),
    comment_id TEXT NOT NULL DEFAULT '',
    comment_error TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL,
    finished_at REAL,
    deleted_at REAL
);
CREATE INDEX posts_due ON posts (next_at) WHERE state = 'scheduled' AND held = '';
CREATE INDEX posts_open ON posts (account) WHERE state IN ('publishing', 'unknown');
CREATE INDEX posts_article ON posts (account, article);
CREATE INDEX posts_text ON posts (account, text_digest);
CREATE TABLE attempts (
    post TEXT NOT NULL REFERENCES posts (id),
    attempt INTEGER NOT NULL,
    what TEXT NOT NULL,
    worker TEXT NOT NULL,
    started_at REAL,
    finished_at REAL NOT NULL,
    outcome TEXT NOT NULL,
    http_status INTEGER,
    remote_id TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX attempts_post ON attempts (post);
CREATE TABLE uploads (
    id INTEGER PRIMARY KEY,
    post TEXT NOT NULL REFERENCES posts (id),
    digest TEXT NOT NULL,
    author TEXT NOT NULL,
    urn TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL CHECK (state IN ('begun', 'open', 'arrived', 'used', 'left')),
    at REAL NOT NULL
);
CREATE INDEX uploads_post ON uploads (post);
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    blocked_until REAL NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    paused INTEGER NOT NULL DEFAULT 0,
    tat REAL NOT NULL DEFAULT 0
);
CREATE TABLE blobs (
    digest TEXT PRIMARY KEY,
    data BLOB NOT NULL
) WITHOUT ROWID;
"""

MIGRATIONS = (_FIRST,)  # one after the other; what was released is never changed
VERSION = len(MIGRATIONS)


class Database:
    """The file, open. Every method is one transaction, committed when it returns.

    Raises `LedgerError` where the file is locked for long, read-only, damaged, or newer than this
    postkit.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self._path = path
        if not create and not path.exists():
            self._db = sqlite3.connect(":memory:", isolation_level=None)
            self._db.executescript(";".join(MIGRATIONS))
            return
        with self._told():
            if create:
                self._make_folder()
            self._db = sqlite3.connect(path, timeout=BUSY, isolation_level=None)
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.execute("PRAGMA synchronous = FULL")
            self._migrate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self._db.close()

    @property
    def folder(self) -> Path:
        """Where the ledger lies, and what belongs to it."""
        return self._path.parent

    def _make_folder(self) -> None:
        folder = self._path.parent
        if folder.is_dir():
            return
        folder.mkdir(parents=True)
        if folder.name == ".postkit":  # ours alone, and nothing for a repository
            (folder / ".gitignore").write_text("*\n", encoding="utf-8")

    def _migrate(self) -> None:
        version = self._version()
        if version == VERSION:
            return
        if version > VERSION:
            raise LedgerError(
                "a newer postkit wrote this ledger",
                hint="use that one, or a ledger of its own: `[queue] url`",
                path=str(self._path),
            )
        if not version and self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise LedgerError(
                "this is a database, but no ledger of postkit",
                hint="name another file: `[queue] url`",
                path=str(self._path),
            )
        with self.transaction():
            for script in MIGRATIONS[self._version() :]:  # another process may have been here since
                for statement in script.split(";"):
                    self._db.execute(statement)
            self._db.execute(f"PRAGMA application_id = {APPLICATION}")
            self._db.execute(f"PRAGMA user_version = {VERSION}")
        with suppress(sqlite3.OperationalError):  # somebody else is doing it at this moment
            self._db.execute("PRAGMA journal_mode = WAL")

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    # --- what the ledger is read and written with

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what *query* finds."""
        with self._told():
            return self._db.execute(query, values).fetchall()

    def entry(self, query: str, *values: object) -> Entry | None:
        """Return the first post that *query* finds."""
        found = self.rows(query, *values)
        return Entry(*found[0]) if found else None

    def entries(self, query: str, *values: object) -> list[Entry]:
        """Return the posts that *query* finds."""
        return [Entry(*row) for row in self.rows(query, *values)]

    def write(self, query: str, *values: object) -> int:
        """Do what *query* says, inside of a transaction or as one; return how many rows it met."""
        if self._db.in_transaction:
            return self._db.execute(query, values).rowcount
        with self.transaction():
            return self._db.execute(query, values).rowcount

    def change(self, query: str, *values: object) -> None:
        """Do what *query* says to one row; raise `LedgerError` where it is not as it was read."""
        if self.write(query, *values) != 1:
            raise LedgerError(
                "somebody else changed this post in the meantime",
                hint="run the command again to see how it stands",
                path=str(self._path),
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is done inside, or nothing of it."""
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what SQLite and the system complain about into what a person can act upon."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            message, hint = _in_plain_words(error)
            raise LedgerError(message, hint=hint, path=str(self._path)) from error


def _in_plain_words(error: sqlite3.Error | OSError) -> tuple[str, str]:
    text = str(error).lower()
    if "locked" in text or "busy" in text:
        return "another process holds the ledger", "wait for it, and try again"
    if "readonly" in text or "read-only" in text or isinstance(error, PermissionError):
        return "the ledger cannot be written", "allow it, or name another file: `[queue] url`"
    if "unable to open" in text or isinstance(error, OSError):
        return (
            "the ledger cannot be opened",
            "its folder must exist and be writable; or name another file: `[queue] url`",
        )
    if "full" in text or "disk i/o" in text:
        return "the disk did not take what belongs into the ledger", "make room, and try again"
    if "not a database" in text or "malformed" in text or "corrupt" in text:
        return (
            "the ledger is damaged",
            "restore a copy of it; without one, look on the network before you delete it",
        )
    return f"the ledger cannot be used: {error}", "see docs/publish.md"
