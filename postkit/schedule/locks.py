"""Locks beside a ledger that is a file. The system forgets a lock when its holder dies."""

from __future__ import annotations

import os
import platform
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from postkit.errors import LedgerError

if TYPE_CHECKING:
    from filelock import BaseFileLock

FIRST_LOOK = 0.2  # seconds, after which a person is told what is waited for


def account_lock(
    folder: Path, account: str, *, waiting: Callable[[], None], patience: float
) -> AbstractContextManager[None]:
    """Hold the lock of *account* in *folder*; call *waiting* once where somebody else has it.

    Raises `LedgerError` where it cannot be had within *patience* seconds.
    """
    name = "".join(c if c.isalnum() or c in "-_" else f"%{ord(c):x}" for c in account)
    return _held(
        folder / f"account-{name}.lock", account_busy(account, patience), waiting, patience
    )


class Busy(LedgerError):
    """Somebody else is at it."""


def account_busy(account: str, patience: float) -> Busy:
    """Return what is told of an account on which somebody else publishes for too long."""
    return Busy(
        f"another postkit has been publishing as `{account}` for {patience:.0f} seconds",
        hint="wait for it, or end it",
    )


def only_worker(folder: Path) -> AbstractContextManager[None]:
    """Be the one worker of a ledger that is a file; raises `LedgerError` where there is one."""
    busy = Busy(
        "another worker is at this ledger",
        hint="one is enough for a file: it sends several posts at a time",
    )
    return _held(folder / "worker.lock", busy, lambda: None, 0.0)


class Presence:
    """That this process lives, for whoever finds what it began."""

    def __init__(self, folder: Path) -> None:
        self.name = f"{platform.node()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._lock = _locked(_presence(folder, self.name), Busy("cannot be"), 0.0)

    def end(self) -> None:
        self._lock.release()
        with suppress(OSError):
            Path(self._lock.lock_file).unlink()


def alive(folder: Path, name: str) -> bool | None:
    """Tell whether a process with that presence lives; None where it runs on another machine."""
    if name.partition(":")[0] != platform.node():
        return None
    path = _presence(folder, name)
    if not path.exists():
        return False
    try:
        _locked(path, Busy("it lives"), 0.0).release()
    except Busy:
        return True
    with suppress(OSError):
        path.unlink()
    return False


def _presence(folder: Path, name: str) -> Path:
    return folder / f"process-{name.rpartition(':')[2]}.lock"


@contextmanager
def _held(path: Path, busy: Busy, waiting: Callable[[], None], patience: float) -> Iterator[None]:
    try:
        lock = _locked(path, busy, min(FIRST_LOOK, patience))
    except Busy:
        if patience <= FIRST_LOOK:
            raise
        waiting()
        lock = _locked(path, busy, patience)
    try:
        yield
    finally:
        lock.release()


def _locked(path: Path, busy: Busy, patience: float) -> BaseFileLock:
    """Return the lock, held; raise *busy* where somebody else holds it for longer."""
    from filelock import FileLock, Timeout

    lock = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=patience)
    except Timeout:
        busy.path = str(path)
        raise busy from None
    except OSError as error:
        raise LedgerError(
            f"cannot make a lock: {(error.strerror or str(error)).lower()}",
            hint="postkit must be able to write into this folder",
            path=str(path.parent),
        ) from None
    return lock
