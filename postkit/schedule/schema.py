"""The ledger's tables, in words that SQLite and PostgreSQL share.

{moment} is a number of seconds since 1970, {number} one that counts up by itself, {bytes} a blob;
{rowid} the order of rows, which SQLite keeps anyway. What a row says is the same in both.
"""

from __future__ import annotations

from typing import NamedTuple

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
    due_at {moment} NOT NULL,
    wall TEXT NOT NULL DEFAULT '',
    zone TEXT NOT NULL,
    fold INTEGER NOT NULL DEFAULT 0,
    next_at {moment} NOT NULL,
    held TEXT NOT NULL DEFAULT '',
    settings TEXT NOT NULL DEFAULT '{{}}',
    source_digest TEXT NOT NULL DEFAULT '',
    rev INTEGER NOT NULL DEFAULT 1,
    state TEXT NOT NULL
        CHECK (state IN
            ('scheduled', 'publishing', 'published', 'failed', 'unknown', 'cancelled')),
    step TEXT NOT NULL DEFAULT '',
    attempt INTEGER NOT NULL DEFAULT 0,
    request TEXT,
    sent_at {moment},
    repeats INTEGER NOT NULL DEFAULT 0,
    worker TEXT NOT NULL DEFAULT '',
    started_at {moment},
    deadline_at {moment},
    remote_id TEXT NOT NULL DEFAULT '',
    url TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '',
    comment_state TEXT NOT NULL
        CHECK (comment_state IN ('none', 'pending', 'sending', 'published', 'unknown')),
    comment_id TEXT NOT NULL DEFAULT '',
    comment_error TEXT NOT NULL DEFAULT '',
    created_at {moment} NOT NULL,
    finished_at {moment},
    deleted_at {moment}{rowid}
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
    started_at {moment},
    finished_at {moment} NOT NULL,
    outcome TEXT NOT NULL,
    http_status INTEGER,
    remote_id TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT ''{rowid}
);
CREATE INDEX attempts_post ON attempts (post);
CREATE TABLE uploads (
    id {number},
    post TEXT NOT NULL REFERENCES posts (id),
    digest TEXT NOT NULL,
    author TEXT NOT NULL,
    urn TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL CHECK (state IN ('begun', 'open', 'arrived', 'used', 'left')),
    at {moment} NOT NULL
);
CREATE INDEX uploads_post ON uploads (post);
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    blocked_until {moment} NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    paused INTEGER NOT NULL DEFAULT 0,
    tat {moment} NOT NULL DEFAULT 0
);
CREATE TABLE blobs (
    digest TEXT PRIMARY KEY,
    data {bytes} NOT NULL
);
"""

# What a worker looks for with each look, and what is counted, must not be looked for in every post.
_SECOND = """
CREATE INDEX posts_comments ON posts (account)
    WHERE state = 'published' AND comment_state IN ('pending', 'sending', 'unknown');
CREATE INDEX posts_over ON posts (state) WHERE state IN ('failed', 'cancelled');
CREATE INDEX posts_held ON posts (account) WHERE state = 'scheduled' AND held != '';
CREATE INDEX posts_remote ON posts (remote_id) WHERE remote_id != '';
CREATE INDEX posts_published ON posts (account, finished_at) WHERE state = 'published';
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
)
"""

# A calendar looks at a month each second, or at all that is open. Comments are looked for by their
# state: SQLite took another index for it, which holds all posts that are out.
_THIRD = """
CREATE INDEX posts_calendar ON posts (due_at);
CREATE INDEX posts_ahead ON posts (due_at)
    WHERE state IN ('scheduled', 'publishing', 'unknown');
DROP INDEX posts_comments;
CREATE INDEX posts_comments ON posts (comment_state)
    WHERE state = 'published' AND comment_state IN ('pending', 'sending', 'unknown')
"""

MIGRATIONS = (_FIRST, _SECOND, _THIRD)  # one after the other; what was released is never changed
VERSION = len(MIGRATIONS)

# What `queue migrate` moves, parents first, and what puts their rows in order.
TABLES = {
    "posts": "rowid",
    "attempts": "rowid",
    "uploads": "id",
    "accounts": "name",
    "blobs": "digest",
}


class Types(NamedTuple):
    """What a dialect calls the types of the tables."""

    moment: str
    number: str
    bytes: str
    rowid: str = ""


def statements(version: int, types: Types) -> list[str]:
    """Return what brings a ledger of *version* up to date."""
    scripts = [script.format(**types._asdict()) for script in MIGRATIONS[version:]]
    return [part for script in scripts for part in script.split(";") if part.strip()]
