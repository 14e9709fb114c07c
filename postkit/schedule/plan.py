"""What is to be published later: adding it, moving it, taking it back, and what is due.

Whatever changes a plan raises the post's revision, and a claim names the revision that was read: a
post that was moved, updated or cancelled in the meantime can never go out as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
from postkit.schedule.ledger import POST, Ledger, inserted
from postkit.schedule.limits import Gcra
from postkit.schedule.store import Due, Statement
from postkit.schedule.when import Moment, zones_version


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


class Standing(NamedTuple):
    """Whether an account may publish at all."""

    paused: bool = False
    blocked_until: float = 0.0  # 0 for never
    reason: str = ""


class Timed(NamedTuple):
    """A post and the time that was meant, as in `Entry`."""

    id: str
    rev: int
    wall: str
    zone: str
    fold: int
    due_at: float


_DUE, _HELD = "state = 'scheduled' AND held = ''", "state = 'scheduled' AND held != ''"
_COUNTED = (
    *(_DUE, _HELD, "state IN ('publishing', 'unknown')"),
    *("state = 'published'", "state IN ('failed', 'cancelled')"),
)
ZONES = "zones"  # in `meta`
NEVER = 1e11  # seconds since 1970; a pause ends when a person says so
PAGE = 5000  # rows that are read in one go


class Plan:
    """The posts of a ledger that wait."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._same_zones = False  # as those that the posts are timed by, as far as is known

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.ledger.store.close()

    # --- reading

    def due(self, now: float, most: int) -> list[Entry]:
        """Return the posts that are due, the earliest first."""
        return self.ledger.entries(
            f"SELECT {POST} FROM posts WHERE {_DUE} AND next_at <= ? ORDER BY next_at LIMIT ?",
            *(now, most),
        )

    def overdue(self, since: float, most: int) -> list[Due]:
        """Return posts that were due before *since*, as a queue knows them."""
        found = self.ledger.store.rows(
            "SELECT id, rev, next_at FROM posts"
            f" WHERE {_DUE} AND next_at < ? ORDER BY next_at LIMIT ?",
            *(since, most),
        )
        return [Due(*row) for row in found]

    def named(self, posts: Iterable[str]) -> dict[str, Entry]:
        """Return the posts of these ids."""
        ids = list(posts)
        query = f"SELECT {POST} FROM posts WHERE id IN ({_marks(ids)})"
        return {entry.id: entry for entry in self.ledger.entries(query, *ids)}

    def standing(self, accounts: Iterable[str]) -> dict[str, Standing]:
        """Return how these accounts stand; those that are missing may publish."""
        names = list(accounts)
        found = self.ledger.store.rows(
            "SELECT name, paused, blocked_until, reason FROM accounts"
            f" WHERE name IN ({_marks(names)})",
            *names,
        )
        return {row[0]: Standing(bool(row[1]), row[2], row[3]) for row in found}

    def timed(self) -> Iterator[Timed]:
        """Yield the posts that wait for a time on the clock, in no order."""
        last = ""
        while True:
            page = self.ledger.store.rows(
                f"SELECT {', '.join(Timed._fields)} FROM posts"
                " WHERE state = 'scheduled' AND wall != '' AND id > ? ORDER BY id LIMIT ?",
                *(last, PAGE),
            )
            yield from (Timed(*row) for row in page)
            if len(page) < PAGE:
                return
            last = page[-1][0]

    def next_at(self) -> float | None:
        """Return when the next post is due."""
        found = self.ledger.store.rows(f"SELECT min(next_at) FROM posts WHERE {_DUE}")
        return None if found[0][0] is None else float(found[0][0])

    def listed(
        self,
        *,
        account: str | None = None,
        open_only: bool = False,
        since: float | None = None,
        before: float | None = None,
        most: int | None = None,
    ) -> list[Entry]:
        """Return the posts in the order in which they are due, of one account or of all.

        Of those that are due in a span of time, and not more than *most*, where these are given.
        """
        where = ["1 = 1"]
        given: list[object] = []
        if account is not None:
            # of a few in a span, the index of times finds them sooner than that of accounts
            spanned = since is not None or before is not None or most is not None
            where.append("account || '' = ?" if spanned else "account = ?")
            given.append(account)
        if open_only:
            where.append("state IN ('scheduled', 'publishing', 'unknown')")
        if since is not None:
            where.append("due_at >= ?")
            given.append(since)
        if before is not None:
            where.append("due_at < ?")
            given.append(before)
        query = f"SELECT {POST} FROM posts WHERE {' AND '.join(where)} ORDER BY due_at, created_at"
        if most is not None:
            query += " LIMIT ?"
            given.append(most)
        return self.ledger.entries(query, *given)

    def held(self) -> list[Entry]:
        """Return the posts that wait for a person, in the order in which they are due."""
        found = self.ledger.entries(f"SELECT {POST} FROM posts WHERE {_HELD}")
        return sorted(found, key=lambda entry: (entry.due_at, entry.id))

    def taken(self, account: str, after: float) -> set[float]:
        """Return the times after *after* for which *account* has a post."""
        found = self.ledger.store.rows(
            "SELECT due_at FROM posts WHERE account = ? AND due_at >= ?"
            " AND state IN ('scheduled', 'publishing')",
            *(account, after),
        )
        return {float(row[0]) for row in found}

    def published_since(self, account: str, moment: float) -> int:
        """Return how many posts of *account* went out since *moment*."""
        found = self.ledger.store.rows(
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
        found = self.ledger.store.rows("SELECT data FROM blobs WHERE digest = ?", digest)
        return bytes(found[0][0]) if found else b""

    def waiting(self, now: float) -> Waiting:
        """Return what is to be seen from outside."""
        counts = "SELECT state, count(*) FROM posts WHERE {} GROUP BY state"
        states: dict[str, int] = {}
        for kind in _COUNTED:  # each has an index: there may be a million of them
            for state, number in self.ledger.store.rows(counts.format(kind)):
                states[state] = states.get(state, 0) + int(number)
        held = self.ledger.store.rows(f"SELECT count(*) FROM posts WHERE {_HELD}")
        first = self.next_at()
        late = max(now - first, 0.0) if first is not None else 0.0
        return Waiting(states, int(held[0][0]), late)

    # --- the zones by which the times were read

    def compared_with(self) -> str:
        """Return the release of the zones by which all posts that wait are timed, or nothing."""
        found = self.ledger.store.rows("SELECT value FROM meta WHERE name = ?", ZONES)
        return str(found[0][0]) if found else ""

    def compared(self, version: str) -> None:
        """Note that they are timed by that release; by none, if it is empty."""
        self.ledger.store.write(Statement("DELETE FROM meta WHERE name = ?", (ZONES,)))
        if version:
            self.ledger.store.write(inserted("meta", {"name": ZONES, "value": version}))

    def _read_by_this_machine(self) -> None:
        """Have all times compared again, where this machine's zones are of another release."""
        if not self._same_zones and self.compared_with() not in ("", zones_version()):
            self.compared("")
        self._same_zones = True

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
        planned = {
            "due_at": moment.at,
            "wall": moment.wall.isoformat(" "),
            "zone": moment.zone,
            "fold": moment.fold,
            "next_at": moment.at,
            "settings": snapshot.settings,
            "source_digest": snapshot.source_digest,
        }
        with self.ledger.store.transaction():
            self._read_by_this_machine()
            self._keep(snapshot.message.images)
            added = self.ledger.add(
                snapshot.message,
                account=account,
                network=network,
                author=author,
                article=article,
                now=now,
                planned=planned,
            )
            return self._queued(added)

    def _keep(self, images: tuple[Image, ...]) -> None:
        for image in images:
            query = "INSERT INTO blobs (digest, data) VALUES (?, ?) ON CONFLICT DO NOTHING"
            self.ledger.store.write(Statement(query, (image.digest, image.data)))

    def move(self, entry: Entry, moment: Moment) -> Entry:
        """Give a post another time; one that waits for a person waits no longer."""
        with self.ledger.store.transaction():
            self._read_by_this_machine()
            return self._queued(
                self.ledger.changed(
                    "UPDATE posts SET due_at = ?, wall = ?, zone = ?, fold = ?, next_at = ?,"
                    " held = '', error = '', state = 'scheduled', rev = rev + 1,"
                    " finished_at = NULL, request = NULL, sent_at = NULL, repeats = 0"
                    " WHERE id = ? AND rev = ? AND state IN ('scheduled', 'failed')",
                    *(moment.at, moment.wall.isoformat(" "), moment.zone, moment.fold, moment.at),
                    *(entry.id, entry.rev),
                )
            )

    def update(self, entry: Entry, snapshot: Snapshot) -> Entry:
        """Take the article as it is now."""
        message = snapshot.message
        written = message_json(message)
        with self.ledger.store.transaction():
            changed = self.ledger.changed(
                "UPDATE posts SET message = ?, digest = ?, text_digest = ?, title = ?,"
                " settings = ?, source_digest = ?, comment_state = ?, rev = rev + 1"
                " WHERE id = ? AND rev = ? AND state = 'scheduled'",
                *(written, digest_of(written), digest_of(message.text), title_of(message)),
                *(snapshot.settings, snapshot.source_digest),
                NO_COMMENT if message.comment is None else PENDING,
                *(entry.id, entry.rev),
            )
            self._keep(message.images)
            return self._queued(changed)

    def _queued(self, entry: Entry) -> Entry:
        self.ledger.store.enqueue([Due(entry.id, entry.rev, entry.next_at)])
        return entry

    def cancel(self, entry: Entry, why: str, *, now: float) -> Entry:
        """Take a post back that has not gone out."""
        return self.ledger.changed(
            "UPDATE posts SET state = 'cancelled', error = ?, rev = rev + 1, finished_at = ?"
            " WHERE id = ? AND rev = ? AND state IN ('scheduled', 'failed')",
            *(why, now, entry.id, entry.rev),
        )

    def postpone(self, entry: Entry, until: float, why: str = "") -> bool:
        """Look at a post again at *until*; it stays due. Return whether it was as it was read."""
        query = "UPDATE posts SET next_at = ?, error = ?"
        return self._still(entry, query, until, why)

    def hold(self, entry: Entry, why: str) -> bool:
        """Let a post wait for a person."""
        return self._still(entry, "UPDATE posts SET held = ?, error = ?", why, why)

    def _still(self, entry: Entry, query: str, *values: object) -> bool:
        """Do what *query* says to a scheduled post; return whether it was as it was read."""
        query += " WHERE id = ? AND rev = ? AND state = 'scheduled' RETURNING id"
        return bool(self.ledger.store.write(Statement(query, (*values, entry.id, entry.rev))))

    def pause(self, account: str, *, paused: bool) -> None:
        """Let nothing of an account go out, or let it again."""
        with self.ledger.store.transaction():
            query = (
                "INSERT INTO accounts (name, paused) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET paused = excluded.paused"
            )
            self.ledger.store.write(Statement(query, (account, int(paused))))
            if not paused:
                query = (
                    "UPDATE posts SET next_at = due_at"
                    " WHERE account = ? AND state = 'scheduled' AND next_at >= ?"
                    " RETURNING id, rev, next_at"
                )
                found = self.ledger.store.write(Statement(query, (account, NEVER)))
                self.ledger.store.enqueue([Due(*row) for row in found])

    def retimed(self, timed: Timed, at: float) -> bool:
        """Correct when a post is due: the rules of its zone have changed since it was planned."""
        with self.ledger.store.transaction():
            query = (
                "UPDATE posts SET due_at = ?, next_at = ?, rev = rev + 1"
                " WHERE id = ? AND rev = ? AND state = 'scheduled' RETURNING id, rev, next_at"
            )
            found = self.ledger.store.write(Statement(query, (at, at, timed.id, timed.rev)))
            self.ledger.store.enqueue([Due(*row) for row in found])
        return bool(found)

    def admit(self, account: str, gcra: Gcra, now: float) -> float | None:
        """Take a place in the account's rate; return when there is one where there is none now.

        The row is locked from its first statement on, so that two workers cannot take one place.
        """
        with self.ledger.store.transaction():
            query = (
                "INSERT INTO accounts (name) VALUES (?)"
                " ON CONFLICT (name) DO UPDATE SET tat = accounts.tat RETURNING tat"
            )
            found = self.ledger.store.write(Statement(query, (account,)))
            allowed, tat, retry_at = gcra.admit(float(found[0][0]), now)
            if not allowed:
                return retry_at
            query = "UPDATE accounts SET tat = ? WHERE name = ?"
            self.ledger.store.write(Statement(query, (tat, account)))
        return None


def _marks(values: list[str]) -> str:
    return ", ".join("?" * len(values)) or "NULL"
