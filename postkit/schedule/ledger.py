"""The truth about every post: what was meant, what was tried, what became of it.

    scheduled ─▶ publishing ─▶ published | failed | unknown
        └─▶ cancelled    failed ─▶ publishing          unknown ─▶ publishing (one repeat)

Whatever could make a post public is committed here before the first byte of it is sent, and the
outcome is written whatever else fails. Attempts are rows that are never changed.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from types import MappingProxyType
from typing import Self

from postkit.errors import LedgerError
from postkit.publishers.base import Message
from postkit.schedule.entries import (
    ARRIVED,
    BEGUN,
    FAILED,
    LEFT,
    NO_COMMENT,
    PENDING,
    POSTING,
    PUBLISHED,
    PUBLISHING,
    SCHEDULED,
    SENDING,
    UPLOADING,
    USED,
    Attempt,
    Entry,
    Tried,
    Upload,
    digest_of,
    images_of,
    message_json,
    title_of,
)
from postkit.schedule.store import Row, Statement, Store

POST = ", ".join(Entry._fields)
_TRIED = f"SELECT {', '.join(Tried._fields)} FROM attempts WHERE post = ? ORDER BY rowid"
_UPLOAD = ", ".join(Upload._fields)
_LATEST = f"""
SELECT {POST} FROM posts WHERE account = ? AND {{}} AND state != 'cancelled' AND deleted_at IS NULL
ORDER BY state IN ('publishing', 'unknown') DESC, state = 'published' DESC,
    created_at DESC, rowid DESC
LIMIT 1
"""


class Outrun(LedgerError):
    """A post is not as it was read: somebody else was faster."""


class Ledger:
    """The posts of a ledger, as publishing reads and writes them.

    Every method raises `LedgerError` where the store does. Threads may share one.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()

    # --- reading

    def entry(self, query: str, *values: object) -> Entry | None:
        """Return the first post that *query* finds."""
        found = self.store.rows(query, *values)
        return Entry(*found[0]) if found else None

    def entries(self, query: str, *values: object) -> list[Entry]:
        """Return the posts that *query* finds."""
        return [Entry(*row) for row in self.store.rows(query, *values)]

    def find(self, post: str) -> Entry | None:
        """Return the post of that id."""
        return self.entry(f"SELECT {POST} FROM posts WHERE id = ?", post)

    def latest(self, account: str, article: str | None, text: str) -> Entry | None:
        """Return the post that counts for *article* on *account*, else for that very *text*.

        One that may be public counts before one that is, that before all others, and the last
        before those before it. Neither what was cancelled counts nor what was deleted since.
        """
        if article is not None:
            found = self.entry(_LATEST.format("article = ?"), account, article)
            if found:
                return found
        return self.entry(_LATEST.format("text_digest = ?"), account, digest_of(text))

    def of_article(self, article: str) -> list[Entry]:
        """Return the posts of *article* that are public, may be, or will be, the oldest first."""
        return self.entries(
            f"SELECT {POST} FROM posts WHERE article = ? AND deleted_at IS NULL"
            " AND state NOT IN ('failed', 'cancelled') ORDER BY created_at, rowid",
            article,
        )

    def open(self, account: str | None = None) -> list[Entry]:
        """Return the posts that may be public without anybody knowing, the oldest first."""
        query = f"SELECT {POST} FROM posts WHERE state IN ('publishing', 'unknown')"
        given = [] if account is None else [account]
        query += " AND account = ?" * len(given)
        return self.entries(f"{query} ORDER BY created_at, rowid", *given)

    def with_open_comment(self, *states: str, account: str | None = None) -> list[Entry]:
        """Return published posts whose comment is in one of these states, not published."""
        query = (
            f"SELECT {POST} FROM posts WHERE state = 'published'"
            " AND comment_state IN ('pending', 'sending', 'unknown')"
        )
        given = [] if account is None else [account]
        query += " AND account = ?" * len(given)
        found = self.entries(f"{query} ORDER BY created_at, rowid", *given)
        return [entry for entry in found if entry.comment_state in states]

    def known_as(self, remote_id: str, *, besides: str) -> Entry | None:
        """Return another post than *besides* that the network calls *remote_id*."""
        query = f"SELECT {POST} FROM posts WHERE remote_id = ? AND id != ?"
        return self.entry(query, remote_id, besides)

    def deleted_since(self, account: str, text_digest: str, moment: float) -> bool:
        """Tell whether a post of that text was deleted on the network after *moment*."""
        query = f"SELECT {POST} FROM posts WHERE account = ? AND text_digest = ? AND deleted_at > ?"
        return self.entry(query, account, text_digest, moment) is not None

    def attempts(self, post: str) -> list[Tried]:
        """Return every attempt of a post, in order."""
        return [Tried(*row) for row in self.store.rows(_TRIED, post)]

    def uploads(self, post: str, *states: str) -> list[Upload]:
        """Return the images of a post that are in one of these states."""
        marks = ", ".join("?" * len(states))
        query = f"SELECT {_UPLOAD} FROM uploads WHERE post = ? AND state IN ({marks}) ORDER BY id"
        return [Upload(*row) for row in self.store.rows(query, post, *states)]

    def left(self, entry: Entry) -> tuple[str, ...]:
        """Return the images that were sent for an article, and that none of its posts has.

        They are URNs, empty where the network did not say.
        """
        query = (
            "SELECT uploads.urn FROM uploads JOIN posts ON posts.id = uploads.post"
            " WHERE uploads.state = 'left' AND posts.account = ?"
            " AND (posts.id = ? OR posts.article = ?) ORDER BY uploads.id"
        )
        return tuple(
            row[0] for row in self.store.rows(query, entry.account, entry.id, entry.article)
        )

    def blocked_until(self, account: str) -> tuple[float, str]:
        """Return until when the network wants nothing from *account*, and why; 0 for never."""
        found = self.store.rows(
            "SELECT blocked_until, reason FROM accounts WHERE name = ?", account
        )
        return (float(found[0][0]), str(found[0][1])) if found else (0.0, "")

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
        planned: Mapping[str, object] = MappingProxyType({}),
    ) -> Entry:
        """Add a post that is due now, or as *planned* says: columns of its own."""
        written = message_json(message)
        columns = {
            "id": secrets.token_hex(6),
            "account": account,
            "network": network,
            "author": author,
            "article": article,
            "title": title_of(message),
            "message": written,
            "digest": digest_of(written),
            "text_digest": digest_of(message.text),
            "due_at": now,
            "next_at": now,
            "zone": "UTC",
            "state": SCHEDULED,
            "comment_state": _comment(message),
            "created_at": now,
            **planned,
        }
        return Entry(*self.store.write(inserted("posts", columns, returning=POST))[0])

    def renew(self, entry: Entry, message: Message, *, author: str, now: float) -> Entry:
        """Give a post that certainly is not public the message that is wanted now."""
        written = message_json(message)
        return self.changed(
            "UPDATE posts SET message = ?, digest = ?, text_digest = ?, title = ?, author = ?,"
            " due_at = ?, next_at = ?, held = '', comment_state = ?, state = 'scheduled',"
            " rev = rev + 1, error = '', request = NULL, sent_at = NULL, repeats = 0"
            " WHERE id = ? AND rev = ? AND state IN ('scheduled', 'failed')",
            *(written, digest_of(written), digest_of(message.text), title_of(message), author),
            *(now, now, _comment(message), entry.id, entry.rev),
        )

    def claim(
        self, entry: Entry, *, now: float, deadline: float, request: str | None = None
    ) -> Entry:
        """Take a scheduled post for publishing, as it was read: a moved or cancelled one is not.

        With *request* it is about to be sent, and may be public from here on.
        """
        claimed = entry._replace(
            state=PUBLISHING,
            step=UPLOADING if request is None else POSTING,
            worker=self.store.worker,
            started_at=now,
            deadline_at=deadline,
            request=entry.request if request is None else request,
            sent_at=None if request is None else now,
        )
        (attempt,) = self._one(
            Statement(
                "UPDATE posts SET state = 'publishing', step = ?, attempt = attempt + 1,"
                " worker = ?, started_at = ?, deadline_at = ?, request = ?, sent_at = ?"
                " WHERE id = ? AND rev = ? AND state = 'scheduled' RETURNING attempt",
                (
                    *(claimed.step, claimed.worker, now, deadline, claimed.request),
                    *(claimed.sent_at, entry.id, entry.rev),
                ),
            )
        )
        return claimed._replace(attempt=attempt)  # the rest is as it was: it would have another rev

    def sending(self, entry: Entry, request: str, *, now: float, deadline: float) -> Entry:
        """Note that the post is about to be sent, and as what. From here on it may be public."""
        return self.changed(
            "UPDATE posts SET step = 'posting', request = ?, sent_at = coalesce(sent_at, ?),"
            " deadline_at = ? WHERE id = ? AND attempt = ? AND state = 'publishing'",
            *(request, now, deadline, entry.id, entry.attempt),
        )

    def waiting(self, entry: Entry) -> Entry:
        """Note that what was sent was refused, and is not on its way until it is sent again."""
        return self.changed(
            "UPDATE posts SET step = 'uploading', sent_at = NULL"
            " WHERE id = ? AND attempt = ? AND state = 'publishing'",
            *(entry.id, entry.attempt),
        )

    def sending_again(self, entry: Entry, *, now: float, deadline: float, repeats: int) -> Entry:
        """Note that the same request is about to be sent once more.

        *repeats* counts those that follow an attempt of which nobody knows what became.
        """
        return self.changed(
            "UPDATE posts SET state = 'publishing', step = 'posting', attempt = attempt + 1,"
            " repeats = ?, worker = ?, started_at = ?, deadline_at = ?,"
            " sent_at = coalesce(sent_at, ?)"
            " WHERE id = ? AND attempt = ? AND state IN ('publishing', 'unknown')",
            *(repeats, self.store.worker, now, deadline, now, entry.id, entry.attempt),
        )

    def finish(
        self,
        entry: Entry,
        attempt: Attempt,
        *,
        state: str,
        now: float,
        url: str = "",
        repeats: int | None = None,
        next_at: float | None = None,
    ) -> Entry:
        """Write what became of an attempt, and of the post. Late answers are taken, too.

        One that certainly is not public may be scheduled again, for *next_at*.
        """
        over = state in (PUBLISHED, FAILED)
        finished = entry._replace(
            state=state,
            step="" if over else entry.step,
            remote_id=attempt.remote_id,
            url=url,
            error="" if state == PUBLISHED else attempt.detail,
            finished_at=now if over else None,
            repeats=entry.repeats if repeats is None else repeats,
            next_at=entry.next_at if next_at is None else next_at,
            sent_at=None if state == SCHEDULED else entry.sent_at,
        )
        found = self.store.write(
            Statement(
                "UPDATE posts SET state = ?, step = ?, remote_id = ?, url = ?, error = ?,"
                " finished_at = ?, repeats = ?, next_at = ?, sent_at = ?"
                " WHERE id = ? AND state IN ('publishing', 'unknown') RETURNING id",
                (
                    *(finished.state, finished.step, finished.remote_id, finished.url),
                    *(finished.error, finished.finished_at, finished.repeats, finished.next_at),
                    *(finished.sent_at, entry.id),
                ),
            ),
            _noted(entry, attempt, now=now),
            *(self._used(entry) if state == PUBLISHED and images_of(entry) else ()),
        )
        return finished if found else self.known(entry.id)

    def _used(self, entry: Entry) -> list[Statement]:
        """Note which of the images that arrived are part of the post, and which of none."""
        return [
            _uploaded(upload.id, USED if upload.urn in (entry.request or "") else LEFT)
            for upload in self.uploads(entry.id, ARRIVED)
        ]

    def reconcile(
        self, entry: Entry, attempt: Attempt, *, state: str, now: float, url: str = ""
    ) -> Entry:
        """Write what a person says about a post whose outcome is unknown, or that was refused."""
        with self.store.transaction():
            changed = self.changed(
                "UPDATE posts SET state = ?, step = '', remote_id = ?, url = ?, error = ?,"
                " finished_at = ? WHERE id = ? AND state = ? AND attempt = ?",
                *(state, attempt.remote_id, url),
                "" if state == PUBLISHED else attempt.detail,
                *(now, entry.id, entry.state, entry.attempt),
            )
            self.note(entry, attempt, now=now)
        return changed

    def note(self, entry: Entry, attempt: Attempt, *, now: float) -> None:
        """Write what became of an attempt that changes nothing about the post."""
        self.store.write(_noted(entry, attempt, now=now))

    def comment(
        self, entry: Entry, state: str, *, attempt: Attempt | None = None, now: float
    ) -> Entry:
        """Write the state of the first comment, and the attempt that led to it."""
        found = self.store.write(
            Statement(
                "UPDATE posts SET comment_state = ?, comment_id = ?, comment_error = ?,"
                f" worker = coalesce(?, worker) WHERE id = ? RETURNING {POST}",
                (
                    *(state, attempt.remote_id if attempt else ""),
                    attempt.detail if attempt is not None and state != PUBLISHED else "",
                    *(self.store.worker if state == SENDING else None, entry.id),
                ),
            ),
            *([] if attempt is None else [_noted(entry, attempt, now=now)]),
        )
        return Entry(*found[0])

    def begin_upload(self, entry: Entry, digest: str, *, now: float) -> int:
        """Note that an image is about to be sent; return the number of the note."""
        found = self.store.write(
            Statement(
                "INSERT INTO uploads (post, digest, author, state, at) VALUES (?, ?, ?, ?, ?)"
                " RETURNING id",
                (entry.id, digest, entry.author, BEGUN, now),
            )
        )
        return int(found[0][0])

    def upload(self, number: int, state: str, *, urn: str | None = None) -> None:
        """Note how far an image is."""
        self.store.write(_uploaded(number, state, urn))

    def forget_upload(self, number: int) -> None:
        """Remove the note of an image for which no place was made."""
        self.store.write(Statement("DELETE FROM uploads WHERE id = ?", (number,)))

    def block(self, account: str, until: float, reason: str) -> None:
        """Note that the network wants nothing from *account* before *until*."""
        self.store.write(
            Statement(
                "INSERT INTO accounts (name, blocked_until, reason) VALUES (?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE"
                " SET blocked_until = excluded.blocked_until, reason = excluded.reason",
                (account, until, reason),
            )
        )

    def changed(self, query: str, *values: object) -> Entry:
        """Do what *query* says to one post; raise `Outrun` where it is not as it was read."""
        return Entry(*self._one(Statement(f"{query} RETURNING {POST}", values)))

    def _one(self, statement: Statement) -> Row:
        found = self.store.write(statement)
        if len(found) != 1:
            raise Outrun(
                "somebody else changed this post in the meantime",
                hint="run the command again to see how it stands",
                path=self.store.name,
            )
        return found[0]

    def known(self, post: str) -> Entry:
        """Return a post that is certainly there."""
        found = self.find(post)
        assert found is not None
        return found


def inserted(table: str, columns: Mapping[str, object], *, returning: str = "") -> Statement:
    """Return what adds a row."""
    marks = ", ".join("?" * len(columns))
    query = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
    return Statement(f"{query} RETURNING {returning}" if returning else query, (*columns.values(),))


def _noted(entry: Entry, attempt: Attempt, *, now: float) -> Statement:
    """Return what adds an attempt; attempts are never changed."""
    tried = Tried(
        *(entry.id, entry.attempt, attempt.what, entry.worker, entry.started_at, now),
        *(attempt.outcome, attempt.http_status, attempt.remote_id, attempt.detail),
    )
    return inserted("attempts", tried._asdict())


def _uploaded(number: int, state: str, urn: str | None = None) -> Statement:
    query = "UPDATE uploads SET state = ?, urn = coalesce(?, urn) WHERE id = ?"
    return Statement(query, (state, urn, number))


def _comment(message: Message) -> str:
    return NO_COMMENT if message.comment is None else PENDING
