"""What is to be published later: adding it, moving it, taking it back, and what is due.

Whatever changes a plan raises the post's revision, and a claim names the revision that was read: a
post that was moved, updated or cancelled in the meantime can never go out as it was.
"""

from __future__ import annotations

import secrets
from typing import NamedTuple, Self

from postkit.publishers.base import Image, Message
from postkit.schedule.entries import (
    NO_COMMENT,
    PENDING,
    Entry,
    digest_of,
    images_of,
    message_json,
    title_of,
)
from postkit.schedule.ledger import Ledger
from postkit.schedule.limits import Gcra
from postkit.schedule.when import Moment


class Snapshot(NamedTuple):
    """What will be published, and from what it was made."""

    message: Message
    settings: str  # JSON: the options it was rendered with
    source_digest: str  # of the article's file


class Waiting(NamedTuple):
    """How many posts are in each state, and how late the first of those that are due is."""

    states: dict[str, int]
    held: int
    late: float  # seconds


class Plan:
    """The posts of a ledger that wait."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.ledger.close()

    # --- reading

    def due(self, now: float, most: int) -> list[Entry]:
        """Return the posts that are due, the earliest first."""
        return self.ledger.entries(
            "SELECT * FROM posts WHERE state = 'scheduled' AND held = '' AND next_at <= ?"
            " ORDER BY next_at LIMIT ?",
            *(now, most),
        )

    def next_at(self) -> float | None:
        """Return when the next post is due."""
        found = self.ledger.rows(
            "SELECT min(next_at) FROM posts WHERE state = 'scheduled' AND held = ''"
        )
        return None if found[0][0] is None else float(found[0][0])

    def listed(self, *, account: str | None = None, open_only: bool = False) -> list[Entry]:
        """Return the posts in the order in which they are due, of one account or of all."""
        where = ["1"]
        given: list[object] = []
        if account is not None:
            where.append("account = ?")
            given.append(account)
        if open_only:
            where.append("state IN ('scheduled', 'publishing', 'unknown')")
        query = f"SELECT * FROM posts WHERE {' AND '.join(where)} ORDER BY due_at, created_at"  # noqa: S608
        return self.ledger.entries(query, *given)

    def taken(self, account: str, after: float) -> set[float]:
        """Return the times after *after* for which *account* has a post."""
        found = self.ledger.rows(
            "SELECT due_at FROM posts WHERE account = ? AND due_at >= ?"
            " AND state IN ('scheduled', 'publishing')",
            *(account, after),
        )
        return {float(row[0]) for row in found}

    def published_since(self, account: str, moment: float) -> int:
        """Return how many posts of *account* went out since *moment*."""
        found = self.ledger.rows(
            "SELECT count(*) FROM posts WHERE account = ? AND state = 'published'"
            " AND finished_at >= ?",
            *(account, moment),
        )
        return int(found[0][0])

    def message(self, entry: Entry) -> Message:
        """Return what a post publishes, its images as they were when it was planned."""
        return entry.stored_message(
            tuple(image._replace(data=self._blob(image.digest)) for image in images_of(entry))
        )

    def _blob(self, digest: str) -> bytes:
        found = self.ledger.rows("SELECT data FROM blobs WHERE digest = ?", digest)
        return bytes(found[0][0]) if found else b""

    def waiting(self, now: float) -> Waiting:
        """Return what is to be seen from outside."""
        counted = self.ledger.rows("SELECT state, count(*) FROM posts GROUP BY state")
        held = self.ledger.rows(
            "SELECT count(*) FROM posts WHERE state = 'scheduled' AND held != ''"
        )
        first = self.next_at()
        late = max(now - first, 0.0) if first is not None else 0.0
        return Waiting({str(state): int(n) for state, n in counted}, int(held[0][0]), late)

    def paused(self) -> set[str]:
        """Return the accounts that a person has paused."""
        return {str(row[0]) for row in self.ledger.rows("SELECT name FROM accounts WHERE paused")}

    # --- writing

    def add(
        self,
        snapshot: Snapshot,
        moment: Moment,
        *,
        account: str,
        network: str,
        author: str,
        article: str | None,
        now: float,
    ) -> Entry:
        """Plan a post; its images are kept with it."""
        post = secrets.token_hex(4)
        message = snapshot.message
        written = message_json(message)
        with self.ledger.transaction():
            self._keep(message.images)
            self.ledger.write(
                "INSERT INTO posts (id, account, network, author, article, title, message, digest,"
                " text_digest, due_at, wall, zone, fold, next_at, settings, source_digest, state,"
                " comment_state, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'scheduled', ?, ?)",
                *(post, account, network, author, article, title_of(message), written),
                *(digest_of(written), digest_of(message.text)),
                *(moment.at, moment.wall.isoformat(" "), moment.zone, moment.fold, moment.at),
                *(snapshot.settings, snapshot.source_digest),
                *(NO_COMMENT if message.comment is None else PENDING, now),
            )
        return self.ledger.known(post)

    def _keep(self, images: tuple[Image, ...]) -> None:
        for image in images:
            self.ledger.write(
                "INSERT INTO blobs VALUES (?, ?) ON CONFLICT DO NOTHING", image.digest, image.data
            )

    def move(self, entry: Entry, moment: Moment) -> Entry:
        """Give a post another time; one that waits for a person waits no longer."""
        self.ledger.change(
            "UPDATE posts SET due_at = ?, wall = ?, zone = ?, fold = ?, next_at = ?, held = '',"
            " error = '', state = 'scheduled', rev = rev + 1, finished_at = NULL, request = NULL,"
            " sent_at = NULL, repeats = 0"
            " WHERE id = ? AND rev = ? AND state IN ('scheduled', 'failed')",
            *(moment.at, moment.wall.isoformat(" "), moment.zone, moment.fold, moment.at),
            *(entry.id, entry.rev),
        )
        return self.ledger.known(entry.id)

    def update(self, entry: Entry, snapshot: Snapshot) -> Entry:
        """Take the article as it is now."""
        message = snapshot.message
        written = message_json(message)
        with self.ledger.transaction():
            self._keep(message.images)
            self.ledger.change(
                "UPDATE posts SET message = ?, digest = ?, text_digest = ?, title = ?,"
                " settings = ?, source_digest = ?, comment_state = ?, rev = rev + 1"
                " WHERE id = ? AND rev = ? AND state = 'scheduled'",
                *(written, digest_of(written), digest_of(message.text), title_of(message)),
                *(snapshot.settings, snapshot.source_digest),
                NO_COMMENT if message.comment is None else PENDING,
                *(entry.id, entry.rev),
            )
        return self.ledger.known(entry.id)

    def cancel(self, entry: Entry, why: str, *, now: float) -> Entry:
        """Take a post back that has not gone out."""
        self.ledger.change(
            "UPDATE posts SET state = 'cancelled', error = ?, rev = rev + 1, finished_at = ?"
            " WHERE id = ? AND rev = ? AND state IN ('scheduled', 'failed')",
            *(why, now, entry.id, entry.rev),
        )
        return self.ledger.known(entry.id)

    def postpone(self, entry: Entry, until: float, why: str = "") -> bool:
        """Look at a post again at *until*; it stays due. Return whether it was as it was read."""
        return bool(
            self.ledger.write(
                "UPDATE posts SET next_at = ?, error = ? WHERE id = ? AND rev = ?"
                " AND state = 'scheduled'",
                *(until, why, entry.id, entry.rev),
            )
        )

    def hold(self, entry: Entry, why: str) -> bool:
        """Let a post wait for a person."""
        return bool(
            self.ledger.write(
                "UPDATE posts SET held = ?, error = ? WHERE id = ? AND rev = ?"
                " AND state = 'scheduled'",
                *(why, why, entry.id, entry.rev),
            )
        )

    def pause(self, account: str, *, paused: bool) -> None:
        """Let nothing of an account go out, or let it again."""
        self.ledger.write(
            "INSERT INTO accounts (name, paused) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET paused = excluded.paused",
            *(account, int(paused)),
        )
        if not paused:
            self.ledger.write(
                "UPDATE posts SET next_at = due_at WHERE account = ? AND state = 'scheduled'",
                account,
            )

    def retimed(self, entry: Entry, at: float) -> bool:
        """Correct when a post is due: the rules of its zone have changed since it was planned."""
        return bool(
            self.ledger.write(
                "UPDATE posts SET due_at = ?, next_at = ? WHERE id = ? AND rev = ?"
                " AND state = 'scheduled'",
                *(at, at, entry.id, entry.rev),
            )
        )

    def admit(self, account: str, gcra: Gcra, now: float) -> float | None:
        """Take a place in the account's rate; return when there is one where there is none now."""
        with self.ledger.transaction():
            found = self.ledger.rows("SELECT tat FROM accounts WHERE name = ?", account)
            allowed, tat, retry_at = gcra.admit(float(found[0][0]) if found else 0.0, now)
            if not allowed:
                return retry_at
            self.ledger.write(
                "INSERT INTO accounts (name, tat) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET tat = excluded.tat",
                *(account, tat),
            )
        return None
