"""Addresses of databases, and what of them may be seen."""

from __future__ import annotations

import re
from urllib.parse import unquote

from postkit.errors import UsageError

_HOST = r"(?:\[[^]@/?#]*\]|[^]\[:@/?#,]*)(?::\d*)?"
# What is not clearly one, such as a password with a bare `/` in it, would be shown in part.
_ADDRESS = re.compile(
    r"postgres(?:ql)?://"
    r"(?:(?P<user>[^:@/?#]*)(?::[^@/?#]*)?@)?"
    rf"(?P<hosts>{_HOST}(?:,{_HOST})*)"
    r"(?P<database>/[^/?#@]+)"
    r"(?:\?(?P<more>[^#@]*))?"
)
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SECRET = re.compile(r"password|secret|scram", re.IGNORECASE)


def address_of(url: str) -> str:
    """Return the address of a database as anybody may see it: without passwords.

    Raises `UsageError` where it is none, or where nobody could tell what of it is the password.

    >>> address_of("postgres://me:secret@db.example:5432/posts?sslmode=require&password=secret")
    'postgresql://me@db.example:5432/posts?sslmode=require'
    """
    found = _ADDRESS.fullmatch(url)
    if found is None or _BARE_PERCENT.search(url):
        raise UsageError(
            "that is no address of a PostgreSQL database",
            hint="write it like `postgresql://user@host:5432/database`, and in a password, if there"
            " has to be one, `%2F` for `/`, `%40` for `@`, and so on",
        )
    user = "" if found["user"] is None else f"{found['user']}@"
    settings = [
        setting
        for setting in (found["more"] or "").split("&")
        if setting and not _SECRET.search(unquote(setting.partition("=")[0]))
    ]
    more = f"?{'&'.join(settings)}" if settings else ""
    return f"postgresql://{user}{found['hosts']}{found['database']}{more}"
