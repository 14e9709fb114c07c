"""The truth about every post, in SQLite: what was meant, what was tried, what became of it.

    scheduled ─▶ publishing ─▶ published | failed | unknown
        └─▶ cancelled    failed ─▶ publishing          unknown ─▶ publishing (one repeat)

Whatever could make a post public is committed here before the first byte of it is sent, and the
outcome is written whatever else fails. Attempts are rows that are never changed.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from postkit.errors import LedgerError
from postkit.model import Mention
from postkit.publishers.base import Message

VERSION = 1
BUSY = 15.0  # seconds to wait for another process
APPLICATION = 0x504B4954  # "PKIT", as `file` shows it

SCHEDULED, PUBLISHING = "scheduled", "publishing"
PUBLISHED, FAILED, UNKNOWN, CANCELLED = "published", "failed", "unknown", "cancelled"

UPLOADING, POSTING = "uploading", "posting"  # steps of publishing; nothing is public before POSTING

NO_COMMENT, PENDING, SENDING = "none", "pending", "sending"  # of the first comment, besides
# PUBLISHED and UNKNOWN

# Uploads: asked for, known by name, arrived, part of a post, part of none
BEGUN, OPEN, ARRIVED, USED, LEFT = "begun", "open", "arrived", "used", "left"

_SCHEMA = """
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
    zone TEXT NOT NULL,
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
CREATE INDEX posts_due ON posts (due_at) WHERE state = 'scheduled';
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
    blocked_until REAL NOT NULL,
    reason TEXT NOT NULL
);
"""

_LATEST = """
SELECT * FROM posts WHERE account = ? AND {} AND state != 'cancelled' AND deleted_at IS NULL
ORDER BY state IN ('publishing', 'unknown') DESC, state = 'published' DESC,
    created_at DESC, rowid DESC
LIMIT 1
"""


class Entry(NamedTuple):
    """One post: a row of `posts`. Moments are seconds since 1970."""

    id: str
    account: str
    network: str
    author: str
    article: str | None  # counted from the ledger's folder; None for standard input
    title: str  # its first line
    message: str  # JSON: all that is published, images by digest
    digest: str  # of `message`
    text_digest: str
    due_at: float
    zone: str
    rev: int
    state: str
    step: str
    attempt: int
    request: str | None  # what creates the post, as it was sent
    sent_at: float | None  # when it was first sent
    repeats: int
    worker: str
    started_at: float | None
    deadline_at: float | None
    remote_id: str
    url: str
    error: str
    comment_state: str
    comment_id: str
    comment_error: str
    created_at: float
    finished_at: float | None
    deleted_at: float | None

    @property
    def text(self) -> str:
        return str(json.loads(self.message)["text"])

    @property
    def comment(self) -> str | None:
        found = json.loads(self.message)["comment"]
        return None if found is None else str(found)


class Attempt(NamedTuple):
    """What one attempt led to: a row of `attempts`."""

    what: str  # post, comment, reconcile
    outcome: str
    detail: str = ""
    http_status: int | None = None
    remote_id: str = ""


class Upload(NamedTuple):
    """An image on its way, or there: a row of `uploads`."""

    id: int
    post: str
    digest: str
    author: str
    urn: str
    state: str
    at: float


def message_json(message: Message) -> str:
    """Return all of a message but the bytes of its images, in one form for one message."""
    shape = {
        "text": message.text,
        "mentions": [list(mention) for mention in message.mentions],
        "images": [[i.path, i.alt, i.media_type, i.digest] for i in message.images],
        "comment": message.comment,
        "visibility": message.visibility,
    }
    return json.dumps(shape, ensure_ascii=False, sort_keys=True)


def mentions_of(entry: Entry) -> tuple[Mention, ...]:
    """Return the mentions of a stored message."""
    return tuple(Mention(*found) for found in json.loads(entry.message)["mentions"])


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


class Ledger:
    """The file, open. Every method is one transaction, committed when it returns.

    Raises `LedgerError` where the file is locked for long, read-only, damaged, or newer than this
    postkit.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self._path = path
        if not create and not path.exists():
            self._db = sqlite3.connect(":memory:", isolation_level=None)
            self._db.executescript(_SCHEMA)
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
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version == VERSION:
            return
        if version > VERSION:
            raise LedgerError(
                "a newer postkit wrote this ledger",
                hint="use that one, or a ledger of its own: `[queue] url`",
                path=str(self._path),
            )
        if self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise LedgerError(
                "this is a database, but no ledger of postkit",
                hint="name another file: `[queue] url`",
                path=str(self._path),
            )
        with self._written():
            # Another process may have done it since.
            if self._db.execute("PRAGMA user_version").fetchone()[0] == VERSION:
                return
            for statement in _SCHEMA.split(";"):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA application_id = {APPLICATION}")
            self._db.execute(f"PRAGMA user_version = {VERSION}")
        with suppress(sqlite3.OperationalError):  # somebody else is doing it at this moment
            self._db.execute("PRAGMA journal_mode = WAL")

    # --- reading

    def find(self, post: str) -> Entry | None:
        """Return the post of that id."""
        return self._one("SELECT * FROM posts WHERE id = ?", post)

    def latest(self, account: str, article: str | None, text: str) -> Entry | None:
        """Return the post that counts for *article* on *account*, else for that very *text*.

        One that may be public counts before one that is, that before all others, and the last
        before those before it. Neither what was cancelled counts nor what was deleted since.
        """
        if article is not None:
            found = self._one(_LATEST.format("article = ?"), account, article)
            if found:
                return found
        return self._one(_LATEST.format("text_digest = ?"), account, digest_of(text))

    def in_state(self, *states: str, account: str | None = None) -> list[Entry]:
        """Return the posts in one of these states, the oldest first."""
        marks = ", ".join("?" * len(states))
        query = f"SELECT * FROM posts WHERE state IN ({marks})"  # noqa: S608  question marks
        given: list[str] = list(states)
        if account is not None:
            query += " AND account = ?"
            given.append(account)
        return self._all(f"{query} ORDER BY created_at, rowid", *given)

    def with_open_comment(self, *states: str) -> list[Entry]:
        """Return published posts whose comment is in one of these states."""
        marks = ", ".join("?" * len(states))
        query = f"SELECT * FROM posts WHERE state = 'published' AND comment_state IN ({marks})"  # noqa: S608
        return self._all(f"{query} ORDER BY created_at, rowid", *states)

    def known_as(self, remote_id: str, *, besides: str) -> Entry | None:
        """Return another post than *besides* that the network calls *remote_id*."""
        query = "SELECT * FROM posts WHERE remote_id = ? AND id != ?"
        return self._one(query, remote_id, besides)

    def deleted_since(self, account: str, text_digest: str, moment: float) -> bool:
        """Tell whether a post of that text was deleted on the network after *moment*."""
        query = "SELECT * FROM posts WHERE account = ? AND text_digest = ? AND deleted_at > ?"
        return self._one(query, account, text_digest, moment) is not None

    def attempts(self, post: str) -> list[dict[str, Any]]:
        """Return every attempt of a post, in order."""
        with self._told():
            rows = self._db.execute("SELECT * FROM attempts WHERE post = ? ORDER BY rowid", [post])
            names = [column[0] for column in rows.description]
            return [dict(zip(names, row, strict=True)) for row in rows]

    def uploads(self, post: str, *states: str) -> list[Upload]:
        """Return the images of a post that are in one of these states."""
        marks = ", ".join("?" * len(states))
        query = f"SELECT * FROM uploads WHERE post = ? AND state IN ({marks}) ORDER BY id"  # noqa: S608
        with self._told():
            return [Upload(*row) for row in self._db.execute(query, [post, *states])]

    def blocked_until(self, account: str) -> tuple[float, str]:
        """Return until when the network wants nothing from *account*, and why; 0 for never."""
        with self._told():
            row = self._db.execute(
                "SELECT blocked_until, reason FROM accounts WHERE name = ?", [account]
            ).fetchone()
        return (float(row[0]), str(row[1])) if row else (0.0, "")

    # --- writing

    def add(
        self,
        message: Message,
        *,
        account: str,
        network: str,
        author: str,
        article: str | None,
        now: float,
        zone: str = "UTC",
        due_at: float | None = None,
    ) -> Entry:
        """Add a post that is due at *due_at*, or now."""
        written = message_json(message)
        post = secrets.token_hex(4)
        comment = NO_COMMENT if message.comment is None else PENDING
        values = (
            *(post, account, network, author, article, message.text.partition("\n")[0], written),
            *(digest_of(written), digest_of(message.text)),
            *(now if due_at is None else due_at, zone, SCHEDULED, comment, now),
        )
        with self._told(), self._written():
            self._db.execute(
                "INSERT INTO posts (id, account, network, author, article, title, message, digest,"
                " text_digest, due_at, zone, state, comment_state, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
        return self._known(post)

    def renew(self, entry: Entry, message: Message, *, author: str, now: float) -> Entry:
        """Give a post that certainly is not public the message that is wanted now."""
        written = message_json(message)
        comment = NO_COMMENT if message.comment is None else PENDING
        with self._told(), self._written():
            done = self._db.execute(
                "UPDATE posts SET message = ?, digest = ?, text_digest = ?, title = ?, author = ?,"
                " due_at = ?, comment_state = ?, state = 'scheduled', rev = rev + 1, error = '',"
                " request = NULL, sent_at = NULL, repeats = 0"
                " WHERE id = ? AND rev = ? AND state IN ('scheduled', 'failed')",
                (
                    *(written, digest_of(written), digest_of(message.text)),
                    *(message.text.partition("\n")[0], author, now, comment, entry.id, entry.rev),
                ),
            )
            self._must_have_changed(done)
        return self._known(entry.id)

    def claim(self, entry: Entry, *, worker: str, now: float, deadline: float) -> Entry:
        """Take a scheduled post for publishing, as it was read: a moved or cancelled one is not."""
        with self._told(), self._written():
            done = self._db.execute(
                "UPDATE posts SET state = 'publishing', step = 'uploading', attempt = attempt + 1,"
                " worker = ?, started_at = ?, deadline_at = ?"
                " WHERE id = ? AND rev = ? AND state = 'scheduled'",
                [worker, now, deadline, entry.id, entry.rev],
            )
            self._must_have_changed(done)
        return self._known(entry.id)

    def sending(self, entry: Entry, request: str, *, now: float) -> Entry:
        """Note that the post is about to be sent, and as what. From here on it may be public."""
        with self._told(), self._written():
            done = self._db.execute(
                "UPDATE posts SET step = 'posting', request = ?, sent_at = coalesce(sent_at, ?)"
                " WHERE id = ? AND attempt = ? AND state = 'publishing'",
                [request, now, entry.id, entry.attempt],
            )
            self._must_have_changed(done)
        return self._known(entry.id)

    def sending_again(
        self, entry: Entry, *, worker: str, now: float, deadline: float, repeats: int
    ) -> Entry:
        """Note that the same request is about to be sent once more.

        *repeats* counts those that follow an attempt of which nobody knows what became.
        """
        with self._told(), self._written():
            done = self._db.execute(
                "UPDATE posts SET state = 'publishing', step = 'posting', attempt = attempt + 1,"
                " repeats = ?, worker = ?, started_at = ?, deadline_at = ?"
                " WHERE id = ? AND attempt = ? AND state IN ('publishing', 'unknown')",
                [repeats, worker, now, deadline, entry.id, entry.attempt],
            )
            self._must_have_changed(done)
        return self._known(entry.id)

    def finish(
        self,
        entry: Entry,
        attempt: Attempt,
        *,
        state: str,
        now: float,
        url: str = "",
        repeats: int | None = None,
    ) -> Entry:
        """Write what became of an attempt, and of the post. Late answers are taken, too."""
        over = state in (PUBLISHED, FAILED)
        with self._told(), self._written():
            self._note(entry, attempt, now=now)
            self._db.execute(
                "UPDATE posts SET state = ?, step = ?, remote_id = ?, url = ?, error = ?,"
                " finished_at = ?, repeats = coalesce(?, repeats)"
                " WHERE id = ? AND state IN ('publishing', 'unknown')",
                [
                    state,
                    "" if over else entry.step,
                    attempt.remote_id,
                    url,
                    "" if state == PUBLISHED else attempt.detail,
                    now if over else None,
                    repeats,
                    entry.id,
                ],
            )
            if state == PUBLISHED:
                self._db.execute(
                    "UPDATE uploads SET state = 'used' WHERE post = ? AND state = 'arrived'"
                    " AND instr((SELECT request FROM posts WHERE id = post), urn)",
                    [entry.id],
                )
        return self._known(entry.id)

    def reconcile(
        self, entry: Entry, attempt: Attempt, *, state: str, now: float, url: str = ""
    ) -> Entry:
        """Write what a person says about a post whose outcome is unknown, or that was refused."""
        with self._told(), self._written():
            self._note(entry, attempt, now=now)
            done = self._db.execute(
                "UPDATE posts SET state = ?, step = '', remote_id = ?, url = ?, error = ?,"
                " finished_at = ? WHERE id = ? AND state = ? AND attempt = ?",
                [
                    state,
                    attempt.remote_id,
                    url,
                    "" if state == PUBLISHED else attempt.detail,
                    now,
                    entry.id,
                    entry.state,
                    entry.attempt,
                ],
            )
            self._must_have_changed(done)
        return self._known(entry.id)

    def note(self, entry: Entry, attempt: Attempt, *, now: float) -> None:
        """Write what became of an attempt that changes nothing about the post."""
        with self._told(), self._written():
            self._note(entry, attempt, now=now)

    def _note(self, entry: Entry, attempt: Attempt, *, now: float) -> None:
        self._db.execute(
            "INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(entry.id, entry.attempt, attempt.what, entry.worker, entry.started_at, now),
                *(attempt.outcome, attempt.http_status, attempt.remote_id, attempt.detail),
            ),
        )

    def comment(
        self, entry: Entry, state: str, *, attempt: Attempt | None = None, now: float
    ) -> Entry:
        """Write the state of the first comment, and the attempt that led to it."""
        with self._told(), self._written():
            if attempt is not None:
                self._note(entry, attempt, now=now)
            detail = attempt.detail if attempt is not None and state != PUBLISHED else ""
            self._db.execute(
                "UPDATE posts SET comment_state = ?, comment_id = ?, comment_error = ?"
                " WHERE id = ?",
                [state, attempt.remote_id if attempt else "", detail, entry.id],
            )
        return self._known(entry.id)

    def begin_upload(self, entry: Entry, digest: str, *, now: float) -> int:
        """Note that an image is about to be sent; return the number of the note."""
        with self._told(), self._written():
            made = self._db.execute(
                "INSERT INTO uploads (post, digest, author, state, at) VALUES (?, ?, ?, ?, ?)",
                [entry.id, digest, entry.author, BEGUN, now],
            )
            assert made.lastrowid is not None
            return made.lastrowid

    def upload(self, number: int, state: str, *, urn: str | None = None) -> None:
        """Note how far an image is."""
        with self._told(), self._written():
            self._db.execute(
                "UPDATE uploads SET state = ?, urn = coalesce(?, urn) WHERE id = ?",
                [state, urn, number],
            )

    def forget_upload(self, number: int) -> None:
        """Remove the note of an image for which no place was made."""
        with self._told(), self._written():
            self._db.execute("DELETE FROM uploads WHERE id = ?", [number])

    def block(self, account: str, until: float, reason: str) -> None:
        """Note that the network wants nothing from *account* before *until*."""
        with self._told(), self._written():
            self._db.execute(
                "INSERT INTO accounts VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE"
                " SET blocked_until = excluded.blocked_until, reason = excluded.reason",
                [account, until, reason],
            )

    # --- the database

    def _one(self, query: str, *values: object) -> Entry | None:
        with self._told():
            row = self._db.execute(query, values).fetchone()
        return Entry(*row) if row else None

    def _all(self, query: str, *values: object) -> list[Entry]:
        with self._told():
            return [Entry(*row) for row in self._db.execute(query, values)]

    def _known(self, post: str) -> Entry:
        found = self.find(post)
        assert found is not None
        return found

    def _must_have_changed(self, done: sqlite3.Cursor) -> None:
        if done.rowcount != 1:
            raise LedgerError(
                "somebody else changed this post in the meantime",
                hint="run the command again to see how it stands",
                path=str(self._path),
            )

    @contextmanager
    def _written(self) -> Iterator[None]:
        """Commit what is done inside, or nothing of it."""
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
