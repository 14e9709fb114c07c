"""What LinkedIn's errors mean: which side is at fault, and what to do about it.

Every body has another shape, by which of LinkedIn's layers it comes from; any of them may be HTML,
cut, or empty. The catalogue with its sources: docs/facts.md.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import Any

from postkit.publishers.base import Account, Refused, Unknown
from postkit.publishers.wire import Answer

DUPLICATE = "DUPLICATE_POST"
REVOKED = "REVOKED_ACCESS_TOKEN"
DAY = 86_400  # seconds
LONGEST_MESSAGE = 300  # characters of what is passed on

# The server gave up, or something between: it may have done what was asked.
_AMBIGUOUS = (408, 425)

_TOO_LONG = re.compile(r"length \((\d+) characters\).*?\((\d+) characters\)")
_TOO_LONG_CODES = {"FIELD_ARRAY_SIZE_TOO_HIGH", "FIELD_LENGTH_TOO_LONG"}
_TOKENS = {  # by serviceErrorCode and by code
    65600: "LinkedIn does not know the token of the account `{}`",
    65601: "the token of the account `{}` was revoked",
    65602: "the token of the account `{}` has expired",
    65604: "the token of the account `{}` is empty",
    "INVALID_ACCESS_TOKEN": "LinkedIn does not know the token of the account `{}`",
    "REVOKED_ACCESS_TOKEN": "the token of the account `{}` was revoked",
    "EXPIRED_ACCESS_TOKEN": "the token of the account `{}` has expired",
}
_OF_CONTENT = {  # by the code of an input error: what is wrong, and who has to change something
    "INVALID_CONTENT_OWNERSHIP": ("an image belongs to somebody else than the author", "network"),
    "MEDIA_ASSET_WAITING_UPLOAD": ("an image has not arrived at LinkedIn", "network"),
    "MEDIA_ASSET_PROCESSING_FAILED": ("LinkedIn could not read an image", "article"),
    "EXPIRED_UPLOAD_URL": ("the time to send an image is over", "network"),
}


def refusal(answer: Answer, account: Account) -> Refused | Unknown:
    """Return what an answer that is no yes says; `Unknown` where it does not say no either."""
    status = answer.status
    if status >= 500 or status < 400 or status in _AMBIGUOUS:
        return Unknown(f"LinkedIn answered {status}", status)
    data = answer.data
    said = _said(data)
    code = str(data.get("code") or "")
    refused = Refused(said or f"LinkedIn answered {status}", status=status, code=code)
    if status == 429:
        return _too_many(answer, refused)
    if status == 401:
        return _bad_token(data, refused, account)
    if status == 426 or code == "VERSION_MISSING":
        return refused._replace(
            message=f"LinkedIn no longer takes version {account.api_version} of its API",
            hint=f"set a newer `api_version` of the account `{account.name}`, as YYYYMM",
            fault="configuration",
        )
    if status == 403:
        return _forbidden(refused, account)
    return _bad_content(data, refused)


def _said(data: Any) -> str:
    text = " ".join(str(data.get("message") or "").split())
    return text[:LONGEST_MESSAGE]


def _too_many(answer: Answer, refused: Refused) -> Refused:
    daily = " DAY limit" in refused.message
    wait = _wait(answer)
    hint = "try again in some minutes"
    if wait is not None:
        hint = f"LinkedIn says to wait {wait:.0f} seconds"
    elif daily:
        hint = "the limit is one of a day: it ends at 00:00 UTC"
    return refused._replace(
        message="LinkedIn takes no more requests for now",
        hint=hint,
        retry_after=wait,
        until_midnight=daily and wait is None,
    )


def _wait(answer: Answer) -> float | None:
    """Return a `Retry-After` in seconds: at most a day, as no limit of LinkedIn's is longer."""
    written = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,12}", written):
        return float(min(int(written), DAY))
    try:  # a moment, by the clock of the other side
        until = parsedate_to_datetime(written)
        wait = (until - parsedate_to_datetime(answer.headers["date"])).total_seconds()
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return float(min(max(wait, 0), DAY))


def _bad_token(data: Any, refused: Refused, account: Account) -> Refused:
    known = _TOKENS.get(data.get("serviceErrorCode")) or _TOKENS.get(refused.code)
    code = refused.code or (REVOKED if data.get("serviceErrorCode") == 65601 else "")
    return refused._replace(
        message=(known or "LinkedIn does not accept the token of the account `{}`").format(
            account.name
        ),
        hint=f"get a new one: `postkit login linkedin --account {account.name}`",
        code=code,
        fault="configuration",
        passing=code == REVOKED,  # said of tokens that are seconds old, too
    )


def _forbidden(refused: Refused, account: Account) -> Refused:
    if "/author" in refused.message:
        return refused._replace(
            message=f"the token may not post as {account.author or 'nobody'}",
            hint=f"`author` of the account `{account.name}` must be who logged in, as "
            "`urn:li:person:…`, or an organization that this person may post for",
            fault="configuration",
        )
    return refused._replace(
        message=f"the token of the account `{account.name}` lacks a permission: {refused.message}",
        hint="the LinkedIn app needs the product “Share on LinkedIn” (`w_member_social`), and "
        f"`author` must be who logged in; then `postkit login linkedin --account {account.name}`",
        fault="configuration",
    )


def _bad_content(data: Any, refused: Refused) -> Refused:
    details = data.get("errorDetails")
    errors = details.get("inputErrors") if isinstance(details, dict) else None
    codes = [
        str(error.get("code"))
        for error in (errors if isinstance(errors, list) else [])
        if isinstance(error, dict)
    ]
    if DUPLICATE in codes or "is a duplicate of" in refused.message:
        return refused._replace(code=DUPLICATE, fault="article")
    long = _TOO_LONG.search(refused.message)
    if long or _TOO_LONG_CODES.intersection(codes):
        size = f": {int(long[1]):,} of {int(long[2]):,} characters" if long else ""
        return refused._replace(
            message=f"LinkedIn finds the post too long{size}",
            hint="shorten the article, or `--fit condense`",
            code=codes[0] if codes else refused.code,
            fault="article",
        )
    for code in codes:
        if code in _OF_CONTENT:
            message, fault = _OF_CONTENT[code]
            return refused._replace(message=message, code=code, fault=fault)
    return refused._replace(code=codes[0] if codes else refused.code)
