"""One process at a time publishes on an account. The system forgets a lock when its holder dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from postkit.errors import LedgerError

PATIENCE = 900.0  # seconds; longer than any publish takes
FIRST_LOOK = 0.2  # seconds, after which a person is told what is waited for


def account_lock(
    folder: Path, account: str, *, waiting: Callable[[], None], patience: float = PATIENCE
) -> AbstractContextManager[None]:
    """Hold the lock of *account* in *folder*; call *waiting* once where somebody else has it.

    Raises `LedgerError` where it cannot be had within *patience* seconds.
    """
    name = "".join(c if c.isalnum() or c in "-_" else f"%{ord(c):x}" for c in account)
    busy = LedgerError(
        f"another postkit has been publishing as `{account}` for {patience:.0f} seconds",
        hint="wait for it, or end it",
    )
    return _held(folder / f"account-{name}.lock", busy, waiting=waiting, patience=patience)


def only_worker(folder: Path) -> AbstractContextManager[None]:
    """Be the one worker of a ledger that is a file; raises `LedgerError` where there is one."""
    busy = LedgerError(
        "another worker is at this ledger",
        hint="one is enough for a file: it sends several posts at a time",
    )
    return _held(folder / "worker.lock", busy, waiting=lambda: None, patience=0.0)


@contextmanager
def _held(
    path: Path, busy: LedgerError, *, waiting: Callable[[], None], patience: float
) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=min(FIRST_LOOK, patience))
        except Timeout:
            waiting()
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
    try:
        yield
    finally:
        lock.release()
