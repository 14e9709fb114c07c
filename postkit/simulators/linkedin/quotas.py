"""How much is too much: requests in a UTC day, and in a short while."""

from __future__ import annotations

from collections import Counter, deque
from datetime import date
from typing import NamedTuple

from postkit.simulators.linkedin import errors


class Limits(NamedTuple):
    """How many requests are allowed."""

    member: int  # in a day
    app: int  # in a day
    throttle: int  # in `throttle_seconds`; 0: any number
    throttle_seconds: float
    retry_after: bool


class Quotas:
    """Counts requests, and refuses those beyond a limit; what is refused is not counted."""

    def __init__(self) -> None:
        self._counted: Counter[tuple[date, str]] = Counter()
        self._recent: deque[float] = deque()

    def take(self, app: str, member: str, limits: Limits, now: float, today: date) -> None:
        whole, one = (today, app), (today, f"{app} {member}")
        if self._counted[one] >= limits.member:
            raise errors.daily_limit("APPLICATION_AND_MEMBER")
        if self._counted[whole] >= limits.app:
            raise errors.daily_limit("APPLICATION")
        while self._recent and self._recent[0] <= now - limits.throttle_seconds:
            self._recent.popleft()
        if limits.throttle and len(self._recent) >= limits.throttle:
            wait = max(1, round(self._recent[0] + limits.throttle_seconds - now))
            raise errors.Refused(errors.throttled(wait if limits.retry_after else None))
        self._recent.append(now)
        self._counted.update([whole, one])
