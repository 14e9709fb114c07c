"""`postkit logout`: what was kept for an account is removed."""

from __future__ import annotations

import os

import click

from postkit.cli import console
from postkit.errors import CredentialsError, UsageError


@click.command(short_help="Remove the token of an account from this machine.")
@click.option("--account", "name", metavar="NAME", help="Whose token.")
def logout(name: str | None) -> int:
    """Remove the token of an account, and its client secret, from keyring and file.

    LinkedIn is not told: the token itself stays good until it expires, or until you remove the app
    under “Permitted services” in LinkedIn's settings.
    """
    from postkit.publishers import secrets

    if not name:
        known = ", ".join(secrets.known_names(environ=os.environ))
        raise UsageError("`--account NAME` is missing", hint=f"known: {known}" if known else None)
    places = secrets.forget(name)
    variable = secrets.variable_of(name)
    in_environment = bool(os.environ.get(variable, "").strip())
    if in_environment:
        console.say(
            f"{console.paint('warning', 'yellow')}: {variable} is set, and only you can unset it"
        )
    if not places and not in_environment:
        raise CredentialsError(
            f"there is no token of the account `{name}`", hint="`postkit accounts` lists them"
        )
    if places:
        console.say(f"removed from the {' and the '.join(places)}")
    return 0
