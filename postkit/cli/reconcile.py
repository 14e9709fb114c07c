"""`postkit reconcile`: what a person saw on the network about posts of which nobody knows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from postkit.cli import console
from postkit.errors import UsageError

if TYPE_CHECKING:
    from postkit.schedule.entries import Entry
    from postkit.schedule.ledger import Ledger

# The address that people copy from the feed ends with the activity's number.
_ACTIVITY = re.compile(r"-activity-(\d{10,})")

_ANSWERS = "`--published URL`, `--not-published`, `--comment-published`, `--comment-not-published`"


@click.command(short_help="Say what became of posts whose outcome is unknown.")
@click.argument("post", metavar="[ID]", required=False)
@click.option("--published", metavar="URL", help="It is there: its address on the network.")
@click.option("--not-published", is_flag=True, help="It is not there, and may be published.")
@click.option("--comment-published", is_flag=True, help="Its first comment is there.")
@click.option(
    "--comment-not-published", is_flag=True, help="Its first comment is not there, and may be sent."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def reconcile(
    post: str | None,
    published: str | None,
    not_published: bool,
    comment_published: bool,
    comment_not_published: bool,
    as_json: bool,
) -> int:
    """List the posts whose outcome is unknown, or say what became of the one called ID.

    Sends nothing. After `--not-published`, `postkit publish` publishes the article.
    """
    from postkit.library import configure
    from postkit.schedule.home import open_ledger

    said = [bool(published), not_published, comment_published, comment_not_published]
    config = configure(Path.cwd())
    if post is None:
        if any(said):
            raise UsageError("which post?", hint="`postkit reconcile` lists them with their IDs")
        with open_ledger(config, create=False) as ledger:
            return _list(ledger, as_json=as_json)
    if sum(said) != 1:
        raise UsageError(
            "what did you see?",
            hint=f"say one of {_ANSWERS}",
        )
    with open_ledger(config) as ledger:
        entry = _found(ledger, post)
        if comment_published or comment_not_published:
            entry = _comment(ledger, entry, there=comment_published)
        else:
            entry = _post(ledger, entry, published)
        if as_json:
            _print([entry])
        else:
            console.say(f"{entry.id}: {_stands(entry)}")
            for line in _goes_on(entry):
                console.say(line)
    return 0


def _found(ledger: Ledger, post: str) -> Entry:
    entry = ledger.find(post)
    if entry is None:
        raise UsageError(f"no post is called `{post}`", hint="`postkit reconcile` lists them")
    return entry


def _post(ledger: Ledger, entry: Entry, url: str | None) -> Entry:
    from postkit.publishers.linkedin import permalink, urn_in
    from postkit.schedule import entries as states
    from postkit.schedule.entries import Attempt

    # A refused duplicate is `failed`: the person may know that it is this very article.
    if entry.state not in (states.UNKNOWN, states.FAILED):
        raise UsageError(f"it is known what became of {entry.id}: {_stands(entry)}")
    now = ledger.store.clock.now()
    if url is None:
        told = Attempt("reconcile", "not published", "a person looked: it is not there")
        return ledger.reconcile(entry, told, state=states.FAILED, now=now)
    urn = urn_in(url)
    if not urn and (found := _ACTIVITY.search(url)):
        urn = f"urn:li:activity:{found[1]}"
    if not urn:
        raise UsageError(
            "that is no address of a post on LinkedIn",
            hint="in the menu “…” of the post, take “Copy link to post”",
        )
    known = ledger.known_as(urn, besides=entry.id)
    if known is not None:
        raise UsageError(f"that post belongs to {known.id}, `{known.title}`")
    told = Attempt("reconcile", "published", "a person saw it", remote_id=urn)
    return ledger.reconcile(entry, told, state=states.PUBLISHED, now=now, url=permalink(urn))


def _comment(ledger: Ledger, entry: Entry, *, there: bool) -> Entry:
    from postkit.schedule import entries as states
    from postkit.schedule.entries import Attempt

    if entry.comment_state != states.UNKNOWN:
        raise UsageError(f"nothing is unknown about the first comment of {entry.id}")
    seen = "a person saw it" if there else "a person looked: it is not there"
    state = states.PUBLISHED if there else states.PENDING
    told = Attempt("comment", "reconciled", seen)
    return ledger.comment(entry, state, attempt=told, now=ledger.store.clock.now())


def _list(ledger: Ledger, *, as_json: bool) -> int:
    from postkit.schedule import entries as states

    entries = [
        *ledger.open(),
        *ledger.with_open_comment(states.UNKNOWN, states.SENDING),
    ]
    if as_json:
        _print(entries)
        return 0
    for entry in entries:
        line = f"{entry.id}  {entry.account}  {entry.article or '-'}  {_stands(entry)}"
        console.write(f"{console.one_line(line)}\n")
    if entries:
        console.say("say what you see: `postkit reconcile ID` with one of these options:")
        console.say(f"  {_ANSWERS}")
    else:
        console.say("nothing is unknown")
    return 0


def _stands(entry: Entry) -> str:
    text = entry.state + (f", {entry.url}" if entry.url else "")
    if entry.error:
        text += f": {entry.error}"
    if entry.comment_state == "unknown":
        text += f"; first comment unknown: {entry.comment_error}"
    return text


def _goes_on(entry: Entry) -> list[str]:
    """Return what `postkit publish` has left to do."""
    from postkit.schedule import entries as states

    if entry.state == states.FAILED:
        return ["`postkit publish` publishes it"]
    if entry.state == states.PUBLISHED and entry.comment_state == states.PENDING:
        return ["its first comment is missing: `postkit publish` writes it"]
    return []


def _print(entries: list[Entry]) -> None:
    from postkit import shapes
    from postkit.schedule.clock import iso

    posts: list[object] = [
        {
            "id": entry.id,
            "account": entry.account,
            "network": entry.network,
            "article": entry.article,
            "title": entry.title,
            "state": entry.state,
            "attempt": entry.attempt,
            "sent_at": iso(entry.sent_at),
            "urn": entry.remote_id or None,
            "url": entry.url or None,
            "error": entry.error or None,
            "comment": entry.comment_state,
        }
        for entry in entries
    ]
    console.write(shapes.dumps({"schema": shapes.SCHEMA, "posts": posts}))
