"""Whether an account could publish, asked without publishing: a post that cannot become one.

LinkedIn looks at the token, the version, the scope and only then at the post itself, so its
complaint about an empty one says that everything else is fine.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import NamedTuple

from postkit.publishers import oauth, wire
from postkit.publishers.base import Account
from postkit.publishers.secrets import Token, mask

FINE = "fine"
TOKEN, SCOPE, VERSION = "token", "scope", "version"  # what is wrong
LIMIT, NETWORK = "limit", "network"  # nothing of ours
ODD = "odd"


class Verdict(NamedTuple):
    """What the answer to an empty post says; `kind` is one of the words above."""

    kind: str
    message: str
    server_time: float | None = None  # seconds since the epoch, where the answer told


def probe(account: Account, token: Token) -> Verdict:
    """Return whether LinkedIn would take a post of this account."""
    request = wire.Request(
        "POST",
        f"{account.api_base}/rest/posts",
        {
            "LinkedIn-Version": account.api_version,
            "X-Restli-Protocol-Version": "2.0.0",
            "Content-Type": "application/json",
        },
        b"{}",
    )
    try:
        answer = wire.send(request, token=token.access_token, timeout=account.timeout)
    except (wire.NotSent, wire.NoAnswer) as error:
        return Verdict(NETWORK, str(error))
    kind, message = _meaning(answer, account)
    return Verdict(kind, mask(message, [token.access_token]), _date(answer))


def clock_skew(verdict: Verdict, now: float) -> float | None:
    """Return by how many seconds the clock of this machine is ahead; None where nobody knows."""
    return None if verdict.server_time is None else now - verdict.server_time


def _meaning(answer: wire.Answer, account: Account) -> tuple[str, str]:
    status, code = answer.status, str(answer.data.get("code", ""))
    if status == 401:
        return TOKEN, oauth.token_refused(answer, account.name).message
    if status == 403:
        return (
            SCOPE,
            f"the token may not publish: it lacks the scope `{oauth.scopes_for(account)[-1]}`",
        )
    if status == 426 or code in {"VERSION_MISSING", "NONEXISTENT_VERSION"}:
        return VERSION, f"LinkedIn does not take version {account.api_version} of its interface"
    if status == 429:
        return LIMIT, "LinkedIn takes no more requests for now; daily limits end at 00:00 UTC"
    if status in {400, 422}:
        return FINE, "LinkedIn takes the token, its scope and the version"
    if answer.ok:
        return ODD, f"LinkedIn took an empty post (HTTP {status}), which it never should"
    return NETWORK, f"LinkedIn has trouble of its own (HTTP {status})"


def _date(answer: wire.Answer) -> float | None:
    try:
        return parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
