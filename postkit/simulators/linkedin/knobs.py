"""What can be set about the simulator, in one table, and how it is read from `KEY=VALUE`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from postkit.errors import UnknownName, UsageError, did_you_mean

_FLAGS = {"true": True, "yes": True, "on": True, "1": True} | {
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


class Knobs(NamedTuple):
    """The settings, and LinkedIn's own values as far as they are known. Times are seconds."""

    # posts
    limit: int = 3000  # UTF-16 units of a post; 4,000 has been seen
    count_escaped: bool = False  # whether the limit counts backslashes too
    duplicate_window: float = 600
    ghost_urn: bool = False  # a text that was deleted is a duplicate of a post nobody has
    ghost_window: float = 86400
    kind: str = ""  # share or ugcPost; empty: one after the other
    poll_weeks: bool = False  # ONE_WEEK and TWO_WEEKS as well
    # images and documents
    processing: float = 2
    upload_url_seconds: float = 3600
    # comments
    comment_delay: float = 5  # a post cannot be commented on before
    comment_limit: int = 1250  # UTF-16 units
    comments_restricted: bool = False  # 403, as for some applications
    # who is who
    member: str = "AbC_d-9"
    name: str = "Ada Example"
    organizations: str = "urn:li:organization:2414183"  # which the member may post as
    scopes: str = "openid profile email w_member_social"  # what the application may ask for
    # limits
    member_quota: int = 150  # requests in a UTC day
    app_quota: int = 100_000
    throttle: int = 0  # requests in `throttle_seconds`; 0: no such limit
    throttle_seconds: float = 60
    throttle_retry_after: bool = False  # whether that 429 says when to come back
    # OAuth
    client_id: str = "postkit-sim"
    client_secret: str = "not-a-secret"  # noqa: S105
    redirect_uris: str = "http://127.0.0.1:18920/callback http://localhost:18920/callback"
    partner: bool = False  # whether refresh tokens are given out
    fresh_revoked: float = 0  # new tokens are "revoked" for so long
    # time
    now: str = ""  # where the clock starts; empty: the real time

    def words(self, name: str) -> tuple[str, ...]:
        """Return a setting that is a list, parted by spaces or commas."""
        return tuple(str(getattr(self, name)).replace(",", " ").split())


_DEFAULTS: dict[str, Any] = Knobs()._asdict()


def read(settings: Iterable[str]) -> dict[str, Any]:
    """Return `KEY=VALUE` settings as arguments of `Knobs`.

    >>> read(["limit=4000", "ghost_urn=yes"])
    {'limit': 4000, 'ghost_urn': True}
    """
    found: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        key = key.strip().replace("-", "_")
        if not equals:
            raise UsageError(f"`{setting}` sets nothing", hint="write it like `limit=4000`")
        check_names([key])
        found[key] = _value(key, value.strip(), _DEFAULTS[key])
    return found


def check_names(names: Iterable[str]) -> None:
    """Raise `UnknownName` for a setting that does not exist."""
    for name in names:
        if name not in _DEFAULTS:
            hint = did_you_mean(name, _DEFAULTS) or f"known: {', '.join(sorted(_DEFAULTS))}"
            raise UnknownName(f"the simulator has no setting `{name}`", hint=hint)


def _value(key: str, value: str, default: Any) -> Any:
    if isinstance(default, str):
        return value
    if isinstance(default, bool):
        if value.lower() in _FLAGS:
            return _FLAGS[value.lower()]
        raise UsageError(f"`{key}` is true or false, not `{value}`")
    try:
        number = float(value)
    except ValueError as error:
        raise UsageError(f"`{key}` is a number, not `{value}`") from error
    return int(number) if number.is_integer() else number
