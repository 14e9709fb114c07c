"""`postkit login`: a token for an account, by consent in the browser or by pasting one."""

from __future__ import annotations

import json
import os
import re
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from postkit.cli import console
from postkit.cli.options import Choice
from postkit.errors import CredentialsError, NetworkError, UsageError

if TYPE_CHECKING:
    from postkit.article.config import Config
    from postkit.publishers.base import Account
    from postkit.publishers.oauth import Consent, Person
    from postkit.publishers.secrets import Token

NETWORKS = ("linkedin",)
GENERATOR = "https://www.linkedin.com/developers/tools/oauth/token-generator"

CONSENT_PATIENCE = 300.0  # seconds to agree in the browser
NEW_TOKEN_WAIT = 5.0  # seconds; LinkedIn calls new tokens revoked for a moment
PASTED_DAYS = 60  # what LinkedIn's tokens are good for
LONGEST_PASTE = 64 * 1024  # bytes; tokens have some 500


@click.command(short_help="Log in: get a token for an account, and keep it.")
@click.argument("network", metavar="NETWORK", type=Choice("network", NETWORKS))
@click.option(
    "--account", "name", metavar="NAME", help="The account in postkit.toml, or a new one."
)
@click.option("--paste", is_flag=True, help="Read a token from standard input; no browser.")
@click.option("--no-browser", is_flag=True, help="Only print the address to open.")
@click.option(
    "--client-id", metavar="ID", help="The id of your app. [default: the account's `client_id`]"
)
@click.option(
    "--expires-in",
    "days",
    metavar="DAYS",
    type=click.IntRange(1, 3650),
    help=f"With --paste: how long the token is good. [default: {PASTED_DAYS}]",
)
def login(
    network: str,
    name: str | None,
    paste: bool,
    no_browser: bool,
    client_id: str | None,
    days: int | None,
) -> int:
    """Log in to NETWORK: get a token for an account, and keep it where no one else reads it.

    The browser opens LinkedIn's page of consent, and its answer comes back to this command. With
    --paste, a token made on LinkedIn's own page is read instead. Either way the token goes to the
    system keyring, else to a file for you alone. The block for postkit.toml is printed.
    """
    from postkit.library import configure

    config = configure(Path.cwd())
    account = _account(config, network, name)
    if days is not None and not paste:
        raise UsageError("`--expires-in` goes with `--paste`", hint="LinkedIn says it otherwise")
    if paste:
        token = _pasted(account, days or PASTED_DAYS)
    else:
        token, account = _consented(account, client_id or account.client_id, no_browser)
    person = _person(account, token, pasted=paste)
    _keep(account, token)
    _tell(account, person)
    console.write(_block(account, person))
    return 0


def _account(config: Config, network: str, name: str | None) -> Account:
    from postkit.publishers.accounts import new_account

    if not name or not name.strip():
        known = ", ".join(sorted(config.accounts))
        hint = f"known: {known}" if known else f"for example: postkit login {network} --account me"
        raise UsageError("`--account NAME` is missing", hint=hint)
    account = new_account(config, name, network)
    if account.network != network:
        raise UsageError(
            f"the account `{name}` is one of {account.network}", hint="take another name"
        )
    return account


# ---------------------------------------------------------------------------------------------
# A token


def _pasted(account: Account, days: int) -> Token:
    from postkit.publishers import secrets
    from postkit.schedule.clock import SystemClock

    if sys.stdin is not None and sys.stdin.isatty():
        console.say(f"make a token at {GENERATOR}")
        text = _hidden(f"the token of `{account.name}` (not shown): ")
    elif sys.stdin is None:
        raise UsageError("standard input is closed", hint="the token is read from there")
    else:
        text = sys.stdin.buffer.read(LONGEST_PASTE).decode("utf-8", "replace")
    now = SystemClock().now()
    return secrets.Token(secrets.clean(text), expires_at=now + days * secrets.DAY, obtained_at=now)


def _consented(account: Account, client_id: str, no_browser: bool) -> tuple[Token, Account]:
    """Return a token by consent, and the account with the client id that it was for."""
    from postkit.publishers import oauth, secrets
    from postkit.schedule.clock import SystemClock

    if not client_id:
        raise CredentialsError(
            f"the client id of your app is missing for the account `{account.name}`",
            hint=f"`--client-id ID`, or `client_id` in [accounts.{account.name}]; docs/login.md "
            "shows how to get one. Without an app of your own: `--paste`",
        )
    account = account._replace(client_id=client_id)
    secret = secrets.find_client_secret(account.name, environ=os.environ)
    typed = None
    if secret is None and sys.stdin is not None and sys.stdin.isatty():
        typed = _hidden("the client secret of your app (not shown; empty if it has PKCE): ").strip()
        secret = secrets.clean(typed, what="the client secret") if typed else None
    consent = oauth.ask(account, client_id, pkce=secret is None)
    answer = _answer(consent, no_browser)
    now = SystemClock().now()
    token = oauth.redeem(account, consent, answer, client_secret=secret, now=now)
    if typed and secret:
        secrets.store_client_secret(account.name, secret)  # proven good; asked for once
    missing = set(oauth.scopes_for(account)) - set(token.scopes)
    if missing:
        console.say(f"{_warning()}: the token lacks {', '.join(sorted(missing))}")
    return token, account


def _answer(consent: Consent, no_browser: bool) -> str:
    from postkit.publishers import callback

    if not callback.can_listen(consent.redirect_uri):
        _show(consent.url, no_browser)
        console.say(f"it ends at {consent.redirect_uri}, which is not on this machine")
        return _hidden("paste the whole address the browser ended at (not shown): ")
    with callback.waiting(consent.redirect_uri, consent.state) as waiting:
        _show(consent.url, no_browser)
        console.say(f"waiting for the answer at {consent.redirect_uri} … (Ctrl-C gives up)")
        return waiting.answer(CONSENT_PATIENCE)


def _show(url: str, no_browser: bool) -> None:
    """Say where to agree, and open it where there is a desktop to open it on."""
    console.say(f"agree in your browser:\n{url}")
    if no_browser or not _has_desktop(os.environ):
        return
    import subprocess

    # A process of its own: a browser may write to standard output, which is for data, and some
    # keep whoever opens them waiting until they are closed.
    subprocess.Popen(  # noqa: S603  our own interpreter; the address is no command
        [sys.executable, "-m", "webbrowser", url],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _has_desktop(environ: Mapping[str, str]) -> bool:
    if environ.get("BROWSER"):
        return True
    if environ.get("SSH_CONNECTION"):
        return False  # the browser would open on the wrong machine
    on_desktop = bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
    return on_desktop or sys.platform in {"win32", "darwin"}


def _hidden(question: str) -> str:
    """Ask on the terminal without showing what is typed; from a pipe, read one line."""
    import getpass

    if sys.stdin is None:
        raise UsageError("standard input is closed", hint="the answer is read from there")
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(question, stream=sys.stderr)
    except EOFError:
        raise click.Abort from None
    except getpass.GetPassWarning:
        raise UsageError(
            "this terminal would show what you type", hint="pipe it in: `--paste < FILE`"
        ) from None


# ---------------------------------------------------------------------------------------------
# What is done with it


def _person(account: Account, token: Token, *, pasted: bool) -> Person | None:
    """Return whose token it is; None, with a word about it, where that is not to be learnt."""
    from postkit.publishers import oauth
    from postkit.schedule.clock import SystemClock

    try:
        try:
            return oauth.who(account, token)
        except oauth.TokenRefused as refused:
            if not refused.passing:
                raise
            SystemClock().sleep(NEW_TOKEN_WAIT)
            return oauth.who(account, token)
    except oauth.TokenRefused as refused:
        if pasted:
            refused.hint = f"nothing was stored; make another token at {GENERATOR}"
            raise
        console.say(f"{_warning()}: {refused.message}; `postkit doctor --online` asks again")
    except (oauth.ScopeMissing, NetworkError) as error:
        console.say(f"{_warning()}: {error.message}")
    return None


def _keep(account: Account, token: Token) -> None:
    from postkit.publishers import secrets
    from postkit.schedule.clock import SystemClock, local

    kept = secrets.store(account.name, token)
    if kept.where == secrets.KEYRING:
        console.say("the token is in the system keyring")
    else:
        console.say(f"the token is in {secrets.file_path()}, for you alone")
        console.say(f"  no keyring: {console.one_line(kept.why)}")
    left = secrets.days_left(token, token.obtained_at or SystemClock().now())
    if token.expires_at is not None and left is not None:
        when = local(token.expires_at).partition(" ")[0]
        console.say(f"it expires on {when}, in {console.count(left, 'day')}")
    variable = secrets.variable_of(account.name)
    if os.environ.get(variable, "").strip():
        console.say(f"{_warning()}: {variable} is set, and wins over it")


def _tell(account: Account, person: Person | None) -> None:
    if person is None:
        return
    console.say(f"it is that of {console.one_line(person.name or 'somebody')} ({person.urn})")
    if account.author.startswith("urn:li:person:") and account.author != person.urn:
        console.say(
            f"{_warning()}: the `author` of the account is {account.author}, somebody else: "
            "LinkedIn will refuse its posts"
        )


def _block(account: Account, person: Person | None) -> str:
    """Return `[accounts.NAME]` as it should stand in postkit.toml."""
    from postkit.publishers import accounts

    is_bare = re.fullmatch(r"[A-Za-z0-9_-]+", account.name)
    lines = [f"[accounts.{account.name if is_bare else _quoted(account.name)}]"]
    lines.append(f"network = {_quoted(account.network)}")
    is_organization = account.author.startswith("urn:li:organization:")
    author = account.author if person is None or is_organization else person.urn
    if author:
        lines.append(f"author = {_quoted(author)}")
    else:
        lines.append('# author = "urn:li:person:…"  # LinkedIn did not say whose token it is')
    for key, value, default in (
        ("client_id", account.client_id, ""),
        ("redirect_uri", account.redirect_uri, accounts.REDIRECT_URI),
        ("api_base", account.api_base, accounts.API_BASE),
        ("api_version", account.api_version, accounts.API_VERSION),
        ("write_back_key", account.write_back_key, accounts.WRITE_BACK_KEY),
    ):
        if value != default:
            lines.append(f"{key} = {_quoted(value)}")
    return "".join(f"{line}\n" for line in lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a TOML string is written like a JSON one


def _warning() -> str:
    return console.paint("warning", "yellow")
