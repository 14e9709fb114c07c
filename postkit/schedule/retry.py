"""When something may be sent once more. Everything else waits for a person.

What certainly did not happen may be repeated. What may have happened may be repeated once, where
the network answers a duplicate with the name of the original: a second attempt then tells what
became of the first. It has to begin while the network is sure to remember. A repeat whose process
was killed told nothing, and does not count.
"""

from __future__ import annotations

from postkit.publishers.base import Refused
from postkit.schedule.entries import Entry

PASSING_WAIT = 5.0  # seconds, where the network refuses what it will take in a moment
SHORT_WAIT = 20.0  # seconds of a `Retry-After` that a person at a terminal waits for
MOST_WAITS = 2
COMMENT_WAITS = (1.0, 2.0, 4.0, 8.0, 15.0)  # seconds, while the network does not find the post yet
REPEAT_WAIT = 2.0  # seconds before a repeat: what is slow may still arrive
GHOSTS = 48 * 3600.0  # seconds in which a deleted post is still taken for a duplicate


def may_repeat(entry: Entry, *, window: int, now: float) -> bool:
    """Tell whether a post of which nobody knows what became may be sent once more."""
    if entry.repeats or not window or entry.sent_at is None or entry.request is None:
        return False
    return 0 <= now - entry.sent_at <= window / 2


def wait_before_next(refused: Refused, tries: int) -> float | None:
    """Return how long to wait before the next try of what was refused; None for no other try."""
    if refused.passing:
        return PASSING_WAIT if tries == 1 else None
    if refused.retry_after is not None and refused.retry_after <= SHORT_WAIT:
        return refused.retry_after if tries <= MOST_WAITS else None
    return None
