"""Tokens and client secrets: where they are found, and where they are put.

    environment  POSTKIT_TOKEN_<ACCOUNT>, POSTKIT_CLIENT_SECRET_<ACCOUNT>; never written
    keyring      that of the system: Secret Service, KWallet, Keychain, Credential Manager
    file         credentials.json in the user's configuration folder, for its owner alone

The first that has one wins. Only where keyring and file both do, as after a day on which the
keyring was locked, the token obtained later wins.

A keyring is trusted if it comes with the library `keyring`, or if the person named it to that
library. Those that keep nothing, keep it in plain sight, or ask for a password on the terminal are
not used, and one that does not answer is given up.
"""

from __future__ import annotations

import json
import math
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import quote, quote_plus

from postkit.errors import CredentialsError, PostkitError
from postkit.publishers import secret_file

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

ENVIRONMENT, KEYRING, FILE = "environment", "keyring", "file"  # where a secret may lie

TOKEN_VARIABLE = "POSTKIT_TOKEN_"  # noqa: S105  the name, not the token
CLIENT_SECRET_VARIABLE = "POSTKIT_CLIENT_SECRET_"  # noqa: S105

KEYRING_PATIENCE = 30.0  # seconds; a person may have to unlock it in a window of the desktop
DAY = 86_400  # seconds

_SERVICES = {"token": "postkit", "client_secret": "postkit client secret"}  # as keyrings list them
_SHIPPED = "keyring.backends."
_REFUSED = (
    "keyring.backends.fail",
    "keyring.backends.null",
    "keyring.backends.chainer",
    "keyrings.",  # keyrings.alt keeps plain text, keyrings.cryptfile asks on the terminal
)
_PASTED = re.compile(r"(?:authorization:\s*)?bearer\s+", re.IGNORECASE)
_MASK = "***"

_T = TypeVar("_T")


class Token(NamedTuple):
    """An access token, and what is known of it. Shown, it never shows a secret."""

    access_token: str
    expires_at: float | None = None  # seconds since the epoch, as the next
    obtained_at: float | None = None
    scopes: tuple[str, ...] = ()
    refresh_token: str = ""
    where: str = ""  # environment, keyring or file

    def __repr__(self) -> str:
        return f"Token({_MASK}, expires_at={self.expires_at}, where={self.where!r})"


class Kept(NamedTuple):
    """Where a secret was put, and why it is not the keyring."""

    where: str
    why: str = ""


# ---------------------------------------------------------------------------------------------
# Finding


def find_token(account_name: str, *, environ: Mapping[str, str]) -> Token:
    """Return the token of an account.

    Raises `CredentialsError` where there is none, or where what is there cannot be used.
    """
    token = look_up(account_name, environ=environ)
    if token is None:
        raise CredentialsError(
            f"there is no token of the account `{account_name}`",
            hint=f"log in: `postkit login linkedin --account {account_name}`; "
            f"in CI, set {variable_of(account_name)}",
        )
    return token


def look_up(account_name: str, *, environ: Mapping[str, str]) -> Token | None:
    """Return the token of an account, None where there is none. Raises as `find_token`."""
    variable = variable_of(account_name)
    if environ.get(variable, "").strip():  # CI systems set what they do not have to nothing
        return Token(clean(environ[variable], what=variable), where=ENVIRONMENT)
    kept = [
        _token(value, where, account_name)
        for where, value in (
            (KEYRING, _in_keyring("token", account_name)),
            (FILE, secret_file.read(file_path()).get(account_name, {}).get("token")),
        )
        if value is not None
    ]
    return max(kept, key=lambda token: token.obtained_at or 0, default=None)


def find_client_secret(account_name: str, *, environ: Mapping[str, str]) -> str | None:
    """Return the secret of the app that an account logs in with, None where there is none."""
    variable = variable_of(account_name, CLIENT_SECRET_VARIABLE)
    if environ.get(variable, "").strip():
        return clean(environ[variable], what=variable)
    kept = _in_keyring("client_secret", account_name)
    if kept is None:
        kept = secret_file.read(file_path()).get(account_name, {}).get("client_secret")
    return clean(str(kept), what="the client secret that was kept") if kept else None


def known_names(configured: Iterable[str] = (), *, environ: Mapping[str, str]) -> list[str]:
    """Return the configured accounts in their order, then others that have a secret somewhere.

    A variable does not tell the name of its account, only what became of it: `me-too` is `me_too`.
    """
    names = list(configured)
    names += sorted(set(secret_file.read(file_path())).difference(names))
    spoken_for = {variable_of(name) for name in names}
    names += sorted(
        variable.removeprefix(TOKEN_VARIABLE).lower()
        for variable, value in environ.items()
        if variable.startswith(TOKEN_VARIABLE) and value.strip() and variable not in spoken_for
    )
    return names


def variable_of(account_name: str, prefix: str = TOKEN_VARIABLE) -> str:
    """Return the environment variable for an account.

    >>> variable_of("me-2"), variable_of("Ann's page", CLIENT_SECRET_VARIABLE)
    ('POSTKIT_TOKEN_ME_2', 'POSTKIT_CLIENT_SECRET_ANN_S_PAGE')
    """
    return prefix + re.sub(r"[^A-Z0-9]", "_", account_name.upper())


def file_path() -> Path:
    """Return the file of secrets, which need not exist."""
    from platformdirs import user_config_path

    return user_config_path("postkit", appauthor=False) / "credentials.json"


def days_left(token: Token, now: float) -> int | None:
    """Return how many whole days the token is good for; None where nobody knows.

    Less than a day is 0; a negative number says that it has expired.

    >>> days_left(Token("…", expires_at=200_000.0), 100_000.0)
    1
    """
    return None if token.expires_at is None else math.floor((token.expires_at - now) / DAY)


def _token(value: object, where: str, account_name: str) -> Token:
    """Return the token that was kept: an object as `store` writes it, or a bare token."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = None
    what = f"the token of `{account_name}` in the {where}"
    if isinstance(value, str):  # put there by other means
        return Token(clean(value, what=what), where=where)
    if isinstance(value, dict) and isinstance(value.get("access_token"), str):
        scopes = value.get("scopes")
        refresh = value.get("refresh_token")
        return Token(
            clean(value["access_token"], what=what),
            _time(value.get("expires_at")),
            _time(value.get("obtained_at")),
            tuple(map(str, scopes)) if isinstance(scopes, list) else (),
            refresh if isinstance(refresh, str) else "",
            where,
        )
    raise CredentialsError(
        f"{what} cannot be understood",
        hint=f"log in again: `postkit login linkedin --account {account_name}`",
    )


def _time(value: object) -> float | None:
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e11
    return float(value) if fits else None  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------------
# Putting and taking away


def clean(text: str, *, what: str = "the token") -> str:
    """Return a secret as it was pasted, without what came along with it.

    >>> clean(" Bearer abc" + chr(10))
    'abc'
    """
    secret = _PASTED.sub("", text.strip(), count=1).strip()
    if not secret or secret.lower() == "bearer":
        raise CredentialsError(f"{what} is empty", hint="paste the whole of it")
    if any(not "!" <= character <= "~" for character in secret):
        raise CredentialsError(
            f"{what} holds spaces, line breaks or characters that no token has",
            hint="copy it again, alone",
        )
    return secret


def store(account_name: str, token: Token) -> Kept:
    """Keep a token in the keyring, else in the file."""
    value = {
        "access_token": token.access_token,
        "expires_at": token.expires_at,
        "obtained_at": token.obtained_at,
        "scopes": list(token.scopes),
        "refresh_token": token.refresh_token,
    }
    return _keep("token", account_name, value, (token.access_token, token.refresh_token))


def store_client_secret(account_name: str, secret: str) -> Kept:
    """Keep the secret of an app in the keyring, else in the file."""
    return _keep("client_secret", account_name, secret, (secret,))


def forget(account_name: str) -> tuple[str, ...]:
    """Remove everything that was kept for an account; return where something was.

    Raises `CredentialsError` where the keyring has something and cannot be reached.
    """
    places = []
    entries = secret_file.read(file_path())
    entry = entries.pop(account_name, {})

    def remove(keyring: KeyringBackend) -> bool:
        found = False
        for service in _SERVICES.values():
            if keyring.get_password(service, account_name) is not None:
                keyring.delete_password(service, account_name)
                found = True
        return found

    try:
        if _ask(remove):
            places.append(KEYRING)
    except _NoKeyring as why:
        if entry.get("keyring"):
            raise CredentialsError(
                f"the token of `{account_name}` is in the system keyring, and that is not to be "
                f"had: {why}",
                hint="unlock it, and try again",
            ) from None
    if entry:
        secret_file.write(file_path(), entries)
        if entry.keys() & _SERVICES.keys():
            places.append(FILE)
    return tuple(places)


def _keep(field: str, account_name: str, value: Any, hidden: tuple[str, ...]) -> Kept:
    text = value if isinstance(value, str) else json.dumps(value)

    def put(keyring: KeyringBackend) -> None:
        keyring.set_password(_SERVICES[field], account_name, text)
        if keyring.get_password(_SERVICES[field], account_name) != text:
            raise _NoKeyring("it does not keep what it is given")

    path = file_path()
    try:
        _ask(put)
    except _NoKeyring as why:
        entries = secret_file.read(path)
        entries.setdefault(account_name, {})[field] = value
        secret_file.write(path, entries)
        return Kept(FILE, mask(str(why), hidden))
    with suppress(CredentialsError):  # only a note that there is something, and a stale copy
        entries = secret_file.read(path)
        entry = entries.setdefault(account_name, {})
        entry["keyring"] = True
        entry.pop(field, None)
        secret_file.write(path, entries)
    return Kept(KEYRING)


# ---------------------------------------------------------------------------------------------
# The system's keyring


class _NoKeyring(Exception):
    """There is no keyring that could be trusted, or it does not work; in words for people."""


def keyring_name() -> str:
    """Return what the system's keyring is called; empty where there is none to use."""
    try:
        return _ask(lambda keyring: str(keyring.name))
    except _NoKeyring:
        return ""


def _in_keyring(field: str, account_name: str) -> str | None:
    try:
        return _ask(lambda keyring: keyring.get_password(_SERVICES[field], account_name))
    except _NoKeyring:
        return None


def _ask(work: Callable[[KeyringBackend], _T]) -> _T:
    """Return what *work* makes of the keyring; it may raise anything, and may never return."""
    done: list[_T] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            done.append(work(_keyring()))
        except Exception as error:  # noqa: BLE001  backends raise whatever their system does
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(KEYRING_PATIENCE)
    if done:
        return done[0]
    error = failed[0] if failed else _NoKeyring("it does not answer; it may be locked")
    if isinstance(error, _NoKeyring):
        raise error
    words = " ".join(str(error).split())[:120]
    raise _NoKeyring(f"{type(error).__name__}: {words}" if words else type(error).__name__)


def _keyring() -> KeyringBackend:
    """Return the keyring to use. Not simply what the library picks: see the top of this file."""
    from keyring import core
    from keyring.backends.chainer import ChainerBackend

    named = core.load_env() or core.load_config()
    picked = named or core.get_keyring()
    candidates = picked.backends if isinstance(picked, ChainerBackend) else [picked]
    for keyring in candidates:
        home = type(keyring).__module__
        if not home.startswith(_REFUSED) and (keyring is named or home.startswith(_SHIPPED)):
            return keyring
    raise _NoKeyring("this system has none that postkit could use")


# ---------------------------------------------------------------------------------------------
# Keeping secrets out of what is shown


def mask(text: str, secrets: Iterable[str]) -> str:
    """Return *text* without the secrets, also where they were encoded for an address.

    >>> mask("code=a%2Fb&token=a/b", ["a/b", ""])
    'code=***&token=***'
    """
    ways = {
        form
        for secret in secrets
        if secret
        for form in (secret, quote(secret, safe=""), quote_plus(secret))
    }
    for form in sorted(ways, key=len, reverse=True):
        text = text.replace(form, _MASK)
    return text


@contextmanager
def kept_out(*secrets: str) -> Iterator[None]:
    """See to it that no error raised inside says one of the secrets, whoever made its words."""
    try:
        yield
    except PostkitError as error:
        error.message = mask(error.message, secrets)
        error.hint = mask(error.hint, secrets) if error.hint else error.hint
        error.args = (error.message,)
        raise
