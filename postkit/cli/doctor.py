"""`postkit doctor`: what would keep a post from being published, found out before it does.

Each check yields what it finds; nothing is changed, made or published, and no token is shown.
"""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from postkit import __version__
from postkit.cli import console
from postkit.errors import ConfigError, CredentialsError, NetworkError, PostkitError

if TYPE_CHECKING:
    from postkit.article.config import Config
    from postkit.publishers.base import Account
    from postkit.publishers.probe import Verdict
    from postkit.publishers.secrets import Token

OK, WARN, BAD = "ok", "warn", "bad"
COLOURS = {OK: "green", WARN: "yellow", BAD: "red"}

OLD_VERSION = 9  # months; LinkedIn keeps a version for about twelve
DEAD_VERSION = 12
FEW_DAYS = 14  # of a token
LATE = 15 * 60.0  # seconds after which a post that is due shows that no worker runs
SKEW_WARN, SKEW_BAD = 60.0, 300.0  # seconds
BUILT = 1_793_491_200.0  # 2026-11-01: no clock can be before that


class Check(NamedTuple):
    """What one check found: `hint` is what to do; `fault` is `network` where nobody here can."""

    status: str
    name: str
    message: str
    hint: str = ""
    account: str = ""
    fault: str = ""


@click.command(short_help="Tell what would keep a post from being published.")
@click.option("--online", is_flag=True, help="Ask the networks as well. Publishes nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(online: bool, as_json: bool) -> int:
    """Check the configuration, the accounts and their tokens, the ledger and the clock.

    Each line is `ok`, `warn` or `bad`, with what to do. Exits with 4 if something is bad, with 5 if
    that is only a network that was not reached or has trouble.
    """
    found: list[Check] = []
    for check in _checks(online):
        found.append(check)
        if not as_json:  # one by one: networks take their time
            console.write(_line(check), painted=True)
    if as_json:
        from postkit import shapes

        console.write(shapes.dumps(_shape(found)))
    bad = [check for check in found if check.status == BAD]
    if not bad:
        return 0
    at_home = any(check.fault != "network" for check in bad)
    return ConfigError.exit_code if at_home else NetworkError.exit_code


def _checks(online: bool) -> Iterator[Check]:
    from postkit.article.config import Config
    from postkit.library import configure
    from postkit.schedule.clock import SystemClock

    now = SystemClock().now()
    yield Check(OK, "postkit", f"{__version__} on Python {platform.python_version()}")
    try:
        config = configure(Path.cwd())
    except ConfigError as error:
        yield _from_error("configuration", error)
        config = Config()
    else:
        yield _configuration(config)
    yield from _clock(now)
    yield from _keyring()
    yield _ledger(config)
    yield from _tools()
    reached: set[str] = set()
    for name in config.accounts:
        yield from _account(config, name, now, reached if online else None)
    yield from _shared_variables(config.accounts)


# ---------------------------------------------------------------------------------------------
# This machine


def _configuration(config: Config) -> Check:
    if config.path is None:
        return Check(
            WARN,
            "configuration",
            "there is no postkit.toml in this folder or above it",
            "rendering needs none; to publish, `postkit login linkedin --account me` prints one",
        )
    accounts = console.count(len(config.accounts), "account")
    return Check(OK, "configuration", f"{config.path}, {accounts}")


def _clock(now: float) -> Iterator[Check]:
    shown = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M UTC")
    if now < BUILT:
        yield Check(BAD, "clock", f"it says {shown}, which is past", "set the clock")
    else:
        yield Check(OK, "clock", shown)


def _keyring() -> Iterator[Check]:
    from postkit.publishers import secret_file, secrets

    path = secrets.file_path()
    if name := secrets.keyring_name():
        yield Check(OK, "keyring", name)
    else:
        yield Check(
            OK, "keyring", f"there is none to use; tokens go to {path}, for you alone to read"
        )
    try:
        kept = secret_file.read(path)
    except CredentialsError as error:
        yield _from_error("secrets", error)
        return
    if any(entry.keys() - {"keyring"} for entry in kept.values()):
        yield Check(OK, "secrets", f"{path} is for you alone")


def _ledger(config: Config) -> Check:
    """Tell whether the ledger could be written; a file is not made."""
    from postkit.schedule.home import ledger_path

    try:
        path = ledger_path(config)
    except ConfigError as error:
        return _from_error("ledger", error)
    if path is None or path.exists():
        if path is None or (
            path.is_file() and os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
        ):
            return _posts(config)
    else:
        above = next(folder for folder in path.parents if folder.exists())
        if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
            return Check(OK, "ledger", f"{path}, which does not exist yet")
    return Check(
        BAD, "ledger", f"{path} cannot be written", "allow it, or name another file: `[queue] url`"
    )


def _posts(config: Config) -> Check:
    """Tell whether any post in the ledger waits for a person."""
    from postkit.schedule.home import open_ledger
    from postkit.schedule.plan import Plan

    try:
        with Plan(open_ledger(config, create=False)) as plan:
            store = plan.ledger.store
            waiting = plan.waiting(store.clock.now())
    except PostkitError as error:
        return _from_error("ledger", error)
    stuck = waiting.held + waiting.states.get("unknown", 0)
    if stuck:
        what = f"{console.count(stuck, 'post')} in {store.name} wait for a person"
        return Check(BAD, "ledger", what, "`postkit schedule list --open` names them")
    if waiting.late > LATE:
        what = f"a post is due since {waiting.late / 60:.0f} minutes in {store.name}"
        return Check(WARN, "ledger", what, "does `postkit worker` run? see docs/worker.md")
    return Check(OK, "ledger", store.name)


def _tools() -> Iterator[Check]:
    from postkit.clipboard import TOOLS

    clipboard = [tool.command[0] for tool in TOOLS if shutil.which(tool.command[0])]
    if clipboard:
        yield Check(OK, "clipboard", clipboard[0])
    else:
        yield Check(OK, "clipboard", "no tool for `--copy`; some terminals do it themselves")
    if find_spec("authlib"):
        yield Check(OK, "simulator", "logs in as well: Authlib is installed")
    else:
        yield Check(OK, "simulator", "works; a login without `--paste` needs Authlib as well")


def _shared_variables(names: Iterable[str]) -> Iterator[Check]:
    from postkit.publishers.secrets import variable_of

    owners: dict[str, str] = {}
    for name in names:
        variable = variable_of(name)
        if variable in owners:
            yield Check(
                WARN,
                "token",
                f"it shares the variable {variable} with `{owners[variable]}`",
                "rename one of them",
                name,
            )
        owners[variable] = name


# ---------------------------------------------------------------------------------------------
# An account


def _account(config: Config, name: str, now: float, reached: set[str] | None) -> Iterator[Check]:
    """Check an account; online if *reached*, the clocks that were compared already, is given."""
    from postkit.publishers import secrets
    from postkit.publishers.accounts import find_account
    from postkit.schedule.rules import rules_of

    try:
        account = find_account(config, name)
        rules_of(config, name)
    except PostkitError as error:
        yield _from_error("account", error, name)
        return
    yield _author(account)
    yield _version(account, now)
    try:
        token = secrets.find_token(name, environ=os.environ)
    except CredentialsError as error:
        yield _from_error("token", error, name)
        return
    yield _token(token, name, now)
    if reached is not None:
        yield from _online(account, token, reached)


def _author(account: Account) -> Check:
    if account.author:
        return Check(OK, "author", account.author, "", account.name)
    return Check(
        BAD,
        "author",
        "it is not set",
        f"`postkit login {account.network} --account {account.name}` prints the line",
        account.name,
    )


def _version(account: Account, now: float) -> Check:
    version = account.api_version
    today = datetime.fromtimestamp(now, UTC)
    age = (today.year - int(version[:4])) * 12 + today.month - int(version[4:6])
    months = f"{version}, {console.count(age, 'month')} old"
    hint = f"set a newer `api_version` in [accounts.{account.name}], and try it in a dry run"
    if age < 0:
        return Check(BAD, "api_version", f"{version} is of the future", hint, account.name)
    if age >= DEAD_VERSION:
        message = f"{months}: LinkedIn takes none of {DEAD_VERSION} months"
        return Check(BAD, "api_version", message, hint, account.name)
    if age > OLD_VERSION:
        message = f"{months}; LinkedIn drops it at {DEAD_VERSION}"
        return Check(WARN, "api_version", message, hint, account.name)
    return Check(OK, "api_version", months, "", account.name)


def _token(token: Token, name: str, now: float) -> Check:
    from postkit.publishers.secrets import days_left

    left = days_left(token, now)
    where = f"in the {token.where}"
    again = f"log in again: `postkit login linkedin --account {name}`"
    if left is None:
        return Check(OK, "token", f"{where}; nobody knows when it expires", "", name)
    if left < 0:
        return Check(BAD, "token", f"{where}, expired", again, name)
    message = f"{where}, {console.count(left, 'day')} left"
    return (
        Check(WARN, "token", message, again, name)
        if left <= FEW_DAYS
        else Check(OK, "token", message, "", name)
    )


# ---------------------------------------------------------------------------------------------
# What the network says


def _online(account: Account, token: Token, reached: set[str]) -> Iterator[Check]:
    from postkit.publishers import probe
    from postkit.schedule.clock import SystemClock

    verdict = probe.probe(account, token)
    skew = probe.clock_skew(verdict, SystemClock().now())
    if skew is not None and account.api_base not in reached:
        reached.add(account.api_base)
        yield _skew(skew)
    yield _verdict(verdict, account)
    if verdict.kind not in {probe.NETWORK, probe.TOKEN}:
        yield _person(account, token)


def _skew(seconds: float) -> Check:
    ahead = "ahead of" if seconds > 0 else "behind"
    message = f"{abs(seconds):,.0f} s {ahead} the network's"
    if abs(seconds) > SKEW_BAD:
        return Check(BAD, "clock", message, "set the clock")
    if abs(seconds) > SKEW_WARN:
        return Check(WARN, "clock", message, "set the clock")
    return Check(OK, "clock", "as the network's")


def _verdict(verdict: Verdict, account: Account) -> Check:
    from postkit.publishers import probe

    name = account.name
    hints = {
        probe.TOKEN: f"log in again: `postkit login linkedin --account {name}`",
        probe.SCOPE: "add the product “Share on LinkedIn” to the app (for an organization "
        "“Community Management API”), and log in again",
        probe.VERSION: f"set a newer `api_version` in [accounts.{name}]",
        probe.LIMIT: "wait",
        probe.NETWORK: "check the connection, and try again",
        probe.ODD: "look at the account; is `api_base` really LinkedIn's?",
    }
    if verdict.kind == probe.FINE:
        return Check(OK, "online", verdict.message, "", name)
    fault = "network" if verdict.kind in {probe.LIMIT, probe.NETWORK} else ""
    return Check(BAD, "online", verdict.message, hints[verdict.kind], name, fault)


def _person(account: Account, token: Token) -> Check:
    from postkit.publishers import oauth

    try:
        person = oauth.who(account, token)
    except oauth.ScopeMissing as error:
        return Check(WARN, "person", error.message, error.hint or "", account.name)
    except PostkitError as error:
        return _from_error("person", error, account.name)
    who = f"{person.name or 'somebody'} ({person.urn})"
    if account.author.startswith("urn:li:organization:"):
        return Check(OK, "person", f"{who}, for {account.author}", "", account.name)
    if account.author == person.urn:
        return Check(OK, "person", who, "", account.name)
    return Check(
        BAD,
        "person",
        f"the token is that of {who}, not of `author`",
        f'write `author = "{person.urn}"`, or log in as the other one',
        account.name,
    )


# ---------------------------------------------------------------------------------------------
# Showing it


def _from_error(name: str, error: PostkitError, account: str = "") -> Check:
    place = f"{error.where}: " if error.where else ""
    fault = "network" if isinstance(error, NetworkError) else ""
    return Check(BAD, name, place + error.message, error.hint or "", account, fault)


def _line(check: Check) -> str:
    status = check.status.ljust(4)
    if console.coloured_output():
        status = click.style(status, fg=COLOURS[check.status], bold=True)
    who = f"{console.one_line(check.account)}: " if check.account else ""
    what = f"{who}{check.name}: {console.one_line(check.message)}"
    return f"{status}  {what}{f' → {console.one_line(check.hint)}' if check.hint else ''}\n"


def _shape(found: Sequence[Check]) -> dict[str, object]:
    from postkit import shapes

    return {
        "schema": shapes.SCHEMA,
        "checks": [
            {
                "status": check.status,
                "name": check.name,
                "account": check.account or None,
                "message": check.message,
                "hint": check.hint or None,
                "fault": check.fault or None,
            }
            for check in found
        ],
    }
