"""How the ledger stands, as Prometheus reads it."""

from __future__ import annotations

from postkit.schedule.plan import Waiting

STATES = ("scheduled", "publishing", "published", "failed", "unknown", "cancelled")


def prometheus(waiting: Waiting) -> str:
    """Return the text format of Prometheus, every series of it, also where it is 0."""
    lines = [
        "# HELP postkit_posts Posts in the ledger, by state.",
        "# TYPE postkit_posts gauge",
        *(f'postkit_posts{{state="{state}"}} {waiting.states.get(state, 0)}' for state in STATES),
        "# HELP postkit_posts_held Scheduled posts that wait for a person.",
        "# TYPE postkit_posts_held gauge",
        f"postkit_posts_held {waiting.held}",
        "# HELP postkit_lateness_seconds How late the first post is that is due.",
        "# TYPE postkit_lateness_seconds gauge",
        f"postkit_lateness_seconds {waiting.late:.3f}",
    ]
    return "".join(f"{line}\n" for line in lines)
