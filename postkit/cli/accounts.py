"""`postkit accounts`: who could publish, and for how long."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from postkit.cli import console
from postkit.errors import CredentialsError

if TYPE_CHECKING:
    from postkit.article.config import Config

HEADS = ("ACCOUNT", "NETWORK", "AUTHOR", "TOKEN", "DAYS LEFT")


class Row(NamedTuple):
    """One account. `where` is that of its token: empty for none, `unreadable` for trouble."""

    name: str
    network: str
    author: str
    configured: bool
    where: str
    expires_at: float | None
    days_left: int | None


@click.command(short_help="List the accounts, and how long their tokens are good.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def accounts(as_json: bool) -> int:
    """List the accounts of postkit.toml, and those that only have a token.

    Shows where each token lies and how many days it is good for; never the token.
    """
    from postkit.library import configure

    config = configure(Path.cwd())
    troubles: list[CredentialsError] = []
    rows = list(_rows(config, troubles))
    if as_json:
        from postkit import shapes

        console.write(shapes.dumps(_shape(rows)))
    elif rows:
        console.write(_table(rows))
    else:
        console.say("there are no accounts yet: `postkit login linkedin --account me`")
    for trouble in troubles:
        console.report(trouble)
    return max((trouble.exit_code for trouble in troubles), default=0)


def _rows(config: Config, troubles: list[CredentialsError]) -> Iterator[Row]:
    from postkit.publishers import secrets
    from postkit.schedule.clock import SystemClock

    now = SystemClock().now()
    for name in _names(config, troubles):
        table = config.accounts.get(name, {})
        where, token = "", None
        try:
            token = secrets.look_up(name, environ=os.environ)
            where = token.where if token else ""
        except CredentialsError as trouble:
            where = "unreadable"
            if str(trouble) not in {str(known) for known in troubles}:
                troubles.append(trouble)
        yield Row(
            name,
            str(table.get("network", "")),
            str(table.get("author", "")),
            name in config.accounts,
            where,
            token.expires_at if token else None,
            secrets.days_left(token, now) if token else None,
        )


def _names(config: Config, troubles: list[CredentialsError]) -> list[str]:
    from postkit.publishers import secrets

    try:
        return secrets.known_names(config.accounts, environ=os.environ)
    except CredentialsError as trouble:
        troubles.append(trouble)
        return list(config.accounts)


def _shape(rows: Sequence[Row]) -> dict[str, object]:
    from postkit import shapes
    from postkit.schedule.clock import iso

    return {
        "schema": shapes.SCHEMA,
        "accounts": [
            {
                "name": row.name,
                "network": row.network or None,
                "author": row.author or None,
                "configured": row.configured,
                "token": row.where or None,
                "expires_at": iso(row.expires_at),
                "days_left": row.days_left,
            }
            for row in rows
        ],
    }


def _table(rows: Sequence[Row]) -> str:
    cells = [
        HEADS,
        *(
            (
                console.one_line(row.name),
                row.network or "not in postkit.toml",
                row.author or "–",
                row.where or "none",
                _days(row),
            )
            for row in rows
        ),
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADS))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    )
    return "".join(f"{line}\n" for line in lines)


def _days(row: Row) -> str:
    if row.days_left is None:
        return "unknown" if row.where in {"environment", "keyring", "file"} else "–"
    return "expired" if row.days_left < 0 else str(row.days_left)
