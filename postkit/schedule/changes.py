"""What a person changes about a post: which may be, and what a new time means."""

from __future__ import annotations

from postkit.errors import UsageError
from postkit.schedule.entries import FAILED, SCHEDULED, Entry
from postkit.schedule.plan import Plan
from postkit.schedule.when import Moment, explain, far_ahead, read_when, zone_of

CHANGEABLE = (SCHEDULED, FAILED)  # nothing of it is public, nor on its way
_BY_A_PERSON = "cancelled by a person"


def post_called(plan: Plan, post: str, *wanted: str) -> Entry:
    """Return the post of that id, in one of the states *wanted* where any are.

    Raises `UsageError` where there is none.
    """
    entry = plan.ledger.find(post)
    if entry is None:
        raise UsageError(f"no post is called `{post}`", hint="`postkit schedule list` names them")
    if wanted and entry.state not in wanted:
        raise UsageError(f"{post} is {entry.state}: that cannot be changed any more")
    return entry


def new_time(entry: Entry, when: str, *, now: float, zone: str | None = None) -> Moment:
    """Return what *when* means for a post: in *zone*, else in the one that it has."""
    return read_when(when, now=now, zone=zone_of(zone, entry.zone))


def remarks(moment: Moment, *, now: float) -> list[str]:
    """Return what a person has to know before a post is planned for a moment."""
    return [told for told in (explain(moment), far_ahead(moment, now=now)) if told]


def take_back(plan: Plan, entry: Entry, *, now: float) -> Entry:
    """Cancel a post because a person wants it."""
    return plan.cancel(entry, _BY_A_PERSON, now=now)
