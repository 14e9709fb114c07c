"""The simulator's own time: it runs with ours, and can be moved."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

from postkit.errors import UsageError


class Clock:
    """Real time and an offset, so that ten minutes or a year pass when a test says so."""

    def __init__(self, start: str = "") -> None:
        self._start = start
        self.offset = 0.0  # seconds
        self.reset()

    def now(self) -> float:
        """Return the seconds since 1970."""
        return time.time() + self.offset

    def now_ms(self) -> int:
        return int(self.now() * 1000)

    def today(self) -> date:
        """Return the day in UTC, which is LinkedIn's."""
        return datetime.fromtimestamp(self.now(), UTC).date()

    def advance(self, seconds: float) -> None:
        self.offset += seconds

    def set(self, moment: str) -> None:
        """Go to an ISO date or time; UTC where it names no zone."""
        try:
            when = datetime.fromisoformat(moment)
        except ValueError as error:
            raise UsageError(
                f"`{moment}` is no date", hint="write it like 2026-11-23 or 2026-11-23T08:00:00Z"
            ) from error
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        self.offset = when.timestamp() - time.time()

    def reset(self) -> None:
        self.offset = 0.0
        if self._start:
            self.set(self._start)
