"""A ledger with a post in each state, for pages that show it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from postkit.article.config import Config, load
from postkit.publishers.base import Message
from postkit.schedule.entries import Attempt, Entry
from postkit.schedule.home import open_ledger
from postkit.schedule.plan import Plan, Snapshot
from postkit.schedule.when import moment_of

SETTINGS = """\
[accounts.me]
network = "linkedin"
author = "urn:li:person:abc"
timezone = "Europe/Berlin"

[accounts.tokyo]
network = "linkedin"
author = "urn:li:organization:1"
timezone = "Asia/Tokyo"
"""
SECRET = "what creates the post, as it was sent"
URL = "https://www.linkedin.com/feed/update/urn:li:share:7/"


class Row(NamedTuple):
    """A post: `state` is what it is brought to."""

    state: str
    wall: str
    text: str
    account: str = "me"
    zone: str = "Europe/Berlin"
    comment: str | None = None


ROWS = (
    Row("scheduled", "2099-12-01 09:00", "What we learned\n\nAll of it. 🦙", comment="The links"),
    Row("scheduled", "2099-12-01 00:30", "From Tokyo", "tokyo", "Asia/Tokyo"),
    Row("scheduled", "2099-12-24 18:00", "מה שלמדנו מארבעים תקלות\n\nטקסט בעברית."),
    Row("published", "2099-12-02 09:00", "It went out", comment="More"),
    Row("failed", "2099-12-03 09:00", "It was refused"),
    Row("unknown", "2099-12-04 09:00", "Nobody knows"),
    Row("held", "2099-12-05 09:00", "Too late"),
    Row("publishing", "2099-12-06 09:00", "On its way"),
    Row("cancelled", "2099-12-07 09:00", "Taken back"),
)


def config_in(folder: Path) -> Config:
    """Return the configuration of a folder, with two accounts."""
    (folder / "postkit.toml").write_text(SETTINGS, encoding="utf-8")
    return load(folder, environ={})


def plan_in(config: Config) -> Plan:
    """Open the ledger of *config* as a command does."""
    return Plan(open_ledger(config))


def add(plan: Plan, row: Row) -> Entry:
    """Plan a post and bring it to its state; return it as it is then."""
    entry = plan.add(
        Snapshot(Message(row.text, comment=row.comment), "{}", ""),
        moment_of(datetime.fromisoformat(row.wall), row.zone),
        account=row.account,
        network="linkedin",
        author="urn:li:person:abc",
        article="a.md",
        now=0.0,
    )
    ledger, then = plan.ledger, entry.due_at
    if row.state == "held":
        plan.hold(entry, "it is late: `postkit worker` did not run")
    elif row.state == "cancelled":
        plan.cancel(entry, "cancelled by a person", now=then)
    elif row.state != "scheduled":
        claimed = ledger.claim(entry, now=then, deadline=then + 60, request=SECRET)
        if row.state == "published":
            told = Attempt("post", "published", http_status=201, remote_id="urn:li:share:7")
            ledger.finish(claimed, told, state="published", now=then + 2, url=URL)
        elif row.state in ("failed", "unknown"):
            told = Attempt("post", row.state, "the answer was lost", 504)
            ledger.finish(claimed, told, state=row.state, now=then + 2)
    return ledger.known(entry.id)


def filled(config: Config) -> dict[str, Entry]:
    """Fill a ledger with ROWS; return the posts by their first lines."""
    with plan_in(config) as plan:
        return {entry.title: entry for entry in (add(plan, row) for row in ROWS)}
