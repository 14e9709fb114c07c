"""One process at a time publishes on an account. The system forgets a lock when its holder dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from postkit.errors import LedgerError

PATIENCE = 900.0  # seconds; longer than any publish takes
FIRST_LOOK = 0.2  # seconds, after which a person is told what is waited for


@contextmanager
def account_lock(
    folder: Path, account: str, *, waiting: Callable[[], None], patience: float = PATIENCE
) -> Iterator[None]:
    """Hold the lock of *account* in *folder*; call *waiting* once where somebody else has it.

    Raises `LedgerError` where it cannot be had within *patience* seconds.
    """
    from filelock import FileLock, Timeout

    name = "".join(c if c.isalnum() or c in "-_" else f"%{ord(c):x}" for c in account)
    lock = FileLock(folder / f"{name}.lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=FIRST_LOOK)
        except Timeout:
            waiting()
            lock.acquire(timeout=patience)
    except Timeout:
        raise LedgerError(
            f"another postkit has been publishing as `{account}` for {patience:.0f} seconds",
            hint="wait for it, or end it",
            path=str(lock.lock_file),
        ) from None
    except OSError as error:
        raise LedgerError(
            f"cannot lock the account `{account}`: {(error.strerror or str(error)).lower()}",
            hint="postkit must be able to write into this folder",
            path=str(folder),
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def only_worker(folder: Path) -> Iterator[None]:
    """Be the one worker of a ledger that is a file; raises `LedgerError` where there is one."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / "worker.lock", timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise LedgerError(
            "another worker is at this ledger",
            hint="one is enough for a file: it sends several posts at a time",
            path=str(lock.lock_file),
        ) from None
    except OSError as error:
        raise LedgerError(
            f"cannot lock the ledger: {(error.strerror or str(error)).lower()}",
            hint="postkit must be able to write into this folder",
            path=str(folder),
        ) from None
    try:
        yield
    finally:
        lock.release()
