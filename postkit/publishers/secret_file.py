"""The file where secrets lie if there is no system keyring: its owner's alone, never half written.

What it holds is one entry for each account, by name:

    {"schema": 1, "accounts": {"me": {"token": {…}, "client_secret": "…", "keyring": true}}}

`keyring` says that the system keyring has something of this account: a keyring cannot be asked
what it holds.
"""

from __future__ import annotations

import json
import os
import shlex
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

from postkit.errors import CredentialsError

Entries: TypeAlias = dict[str, dict[str, Any]]

SCHEMA = 1

_HAS_MODES = os.name != "nt"  # Windows keeps the folders of a user from others by itself
_FOR_OTHERS = 0o077


def read(path: Path) -> Entries:
    """Return the entries; none where there is no file.

    Raises `CredentialsError` for a file that others may read or that belongs to somebody else, and
    for one that cannot be understood.
    """
    try:
        if _HAS_MODES and path.is_symlink():
            _refuse_strangers(path, path.lstat())
        # A pipe in its place would block; O_NONBLOCK changes nothing for a file.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _trouble(path, "cannot be read", error) from None
    try:
        if _HAS_MODES:
            _refuse_others(path, os.fstat(descriptor))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            found = json.load(file)
    except OSError as error:
        raise _trouble(path, "cannot be read", error) from None
    except (ValueError, RecursionError):
        found = None
    finally:
        os.close(descriptor)
    accounts = found.get("accounts") if isinstance(found, dict) else None
    if not isinstance(accounts, dict) or not all(
        isinstance(one, dict) for one in accounts.values()
    ):
        raise CredentialsError(
            "the file of secrets is damaged",
            hint="delete it, and log in again",
            path=str(path),
        )
    return accounts


def write(path: Path, entries: Mapping[str, Mapping[str, Any]]) -> None:
    """Replace the file by one with these entries; without any, remove it."""
    path = path.resolve()  # a link of one's own stays one
    try:
        if not entries:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(OSError):  # it may be another's, as that of a test
            path.parent.chmod(0o700)
        _replace(path, json.dumps({"schema": SCHEMA, "accounts": entries}, indent=2) + "\n")
    except OSError as error:
        raise _trouble(path, "cannot be written", error) from None


def _replace(path: Path, text: str) -> None:
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _refuse_others(path: Path, info: os.stat_result) -> None:
    if not stat.S_ISREG(info.st_mode):
        raise CredentialsError("this should be a file of secrets, and is none", path=str(path))
    _refuse_strangers(path, info)
    if info.st_mode & _FOR_OTHERS:
        raise CredentialsError(
            "the file of secrets is open to other users of this machine",
            hint=f"close it: `chmod 600 {shlex.quote(str(path))}`; "
            "if somebody may have read it, log in again",
            path=str(path),
        )


def _refuse_strangers(path: Path, info: os.stat_result) -> None:
    if _HAS_MODES and info.st_uid not in {os.geteuid(), 0}:
        raise CredentialsError(
            "the file of secrets belongs to another user",
            hint="remove it, and log in again",
            path=str(path),
        )


def _trouble(path: Path, what: str, error: OSError) -> CredentialsError:
    reason = (error.strerror or type(error).__name__).lower()
    return CredentialsError(f"the file of secrets {what}: {reason}", path=str(path))
