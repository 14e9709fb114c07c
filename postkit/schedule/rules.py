"""When an account lets posts out: its zone, slots, quiet hours and rate, and the rule when late."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from postkit.article.config import Config
from postkit.errors import ConfigError, UsageError
from postkit.publishers.base import Refused
from postkit.schedule.clock import next_midnight
from postkit.schedule.entries import Entry
from postkit.schedule.limits import (
    Late,
    Limits,
    admit_capped,
    local_day,
    local_week,
    read_late,
    read_rate,
)
from postkit.schedule.plan import Plan
from postkit.schedule.slots import (
    Quiet,
    Slot,
    leaves_quiet,
    outside_quiet,
    read_quiet,
    read_slots,
)
from postkit.schedule.when import system_zone, zone_of

BACKOFF = (60.0, 300.0, 900.0, 3600.0)  # seconds after each time the network was not reached


class Rules(NamedTuple):
    """What `[accounts.NAME]` says about time."""

    zone: str
    slots: tuple[Slot, ...]
    quiet: tuple[Quiet, ...]
    limits: Limits
    late: Late

    @property
    def limited(self) -> bool:
        """Whether `not_before` has anything to say."""
        return bool(self.quiet) or self.limits != Limits()

    def not_before(self, entry: Entry, plan: Plan, now: float) -> float | None:
        """Return until when a post that is due has to wait; None where it may go out now.

        Where it may, it takes its place in the account's rate.
        """
        until = leaves_quiet(now, self.quiet, self.zone) if self.quiet else now
        if until > now:
            return until
        caps = ((self.limits.per_day, local_day), (self.limits.per_week, local_week))
        for most, span in caps:
            if most is not None:
                begin, end = span(now, self.zone)
                answer = admit_capped(plan.published_since(entry.account, begin), most, end, now)
                if not answer.allowed:
                    return answer.retry_at
        if self.limits.spacing is not None:
            return plan.admit(entry.account, self.limits.spacing, now)
        return None


def rules_of(config: Config, account: str) -> Rules:
    """Return the rules of an account; raises `ConfigError` for one that cannot be read."""
    table = config.accounts.get(account, {})
    try:
        quiet = read_quiet(table["quiet_hours"]) if "quiet_hours" in table else ()
        slots = read_slots(table["slots"]) if "slots" in table else ()
        return Rules(
            zone_of(table.get("timezone"), system=here),
            outside_quiet(slots, quiet) if slots and quiet else slots,
            quiet,
            read_rate(table["rate"]) if "rate" in table else Limits(),
            read_late(table.get("late")),
        )
    except (ConfigError, UsageError) as error:
        raise ConfigError(
            f"{error.message} (account `{account}`)",
            hint=error.hint,
            path=str(config.path) if config.path else None,
        ) from None


@cache
def here() -> str:
    """Return the machine's zone; finding it takes a dozen looks at files."""
    return system_zone()


def retry_at(entry: Entry, refused: Refused, now: float) -> float | None:
    """Return when what certainly did not happen is tried again by itself; None for never.

    Only what lies at the network passes by itself. Everything else needs a person.
    """
    if refused.fault != "network":
        return None
    if refused.until_midnight:
        return next_midnight(now)
    if refused.retry_after is not None:
        return now + refused.retry_after
    if refused.status is not None and refused.status != 429:
        return None
    return now + BACKOFF[min(entry.attempt - 1, len(BACKOFF) - 1)]
